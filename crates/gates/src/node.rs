//! npm, pnpm and yarn: the packages of a workspace, their scripts, and what test runners say they have run.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};
use serde_json::Value;
use world::git::Git;
use world::{Cmd, Output, World};

use crate::project::NodeManager;
use crate::yaml::Node;
use crate::{Cx, Findings, Subject, project, runner, yaml};

/// A `package.json` of the repository.
pub struct Package {
    /// From the root of the repository.
    pub path: String,
    pub json: Value,
}

impl Package {
    /// The text under a key at the top.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.json.get(key)?.as_str()
    }

    fn script(&self, name: &str) -> Option<&str> {
        self.json.get("scripts")?.get(name)?.as_str()
    }

    /// The folder; empty for the root.
    pub fn folder(&self) -> &str {
        self.path
            .strip_suffix("package.json")
            .unwrap_or(&self.path)
            .trim_end_matches('/')
    }

    pub fn has_dependencies(&self) -> bool {
        self.dependencies().next().is_some()
    }

    fn dependencies(&self) -> impl Iterator<Item = &String> {
        ["dependencies", "devDependencies", "optionalDependencies"]
            .into_iter()
            .filter_map(|table| self.json.get(table)?.as_object())
            .flat_map(|table| table.keys())
    }
}

/// The package at the root and those of the workspace, as far as git knows them.
///
/// # Errors
/// When git cannot be asked, or a manifest cannot be read.
pub fn packages(world: &World, root: &Path) -> Result<Vec<Package>> {
    let first = read(world, root, "package.json")?;
    let globs = globs(world, root, &first)?;
    let mut packages = vec![first];
    if globs.is_empty() {
        return Ok(packages);
    }
    let tracked =
        Git::new(world, root).list(&["ls-files", "-z", "--", ":(glob)*/**/package.json"])?;
    for path in tracked {
        let folder = path.strip_suffix("/package.json").unwrap_or_default();
        // A file that git tracks and somebody removed is the git gate's to tell.
        if belongs(folder, &globs) && root.join(&path).is_file() {
            packages.push(read(world, root, &path)?);
        }
    }
    Ok(packages)
}

fn read(world: &World, root: &Path, path: &str) -> Result<Package> {
    let text = world.read_text(&root.join(path))?;
    let json = serde_json::from_str(text.trim_start_matches('\u{feff}'))
        .with_context(|| format!("{path} is not JSON"))?;
    Ok(Package {
        path: path.to_owned(),
        json,
    })
}

/// Globs of the folders of packages; those that begin with `!` take away.
fn globs(world: &World, root: &Path, first: &Package) -> Result<Vec<String>> {
    if let Some(text) = world.read_if_exists(&root.join("pnpm-workspace.yaml"))? {
        return pnpm_globs(&text).context("read pnpm-workspace.yaml");
    }
    let workspaces = first.json.get("workspaces");
    let list = workspaces.and_then(|value| match value {
        Value::Object(table) => table.get("packages")?.as_array(),
        other => other.as_array(),
    });
    Ok(list
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect())
}

fn belongs(folder: &str, globs: &[String]) -> bool {
    let matches = |glob: &str| {
        let glob = glob.trim_start_matches("./").trim_end_matches('/');
        fast_glob::glob_match(glob, folder)
    };
    let (without, with): (Vec<&String>, Vec<&String>) =
        globs.iter().partition(|glob| glob.starts_with('!'));
    with.iter().any(|glob| matches(glob))
        && !without.iter().any(|glob| matches(&glob[1..]))
        && !folder.split('/').any(|part| part == "node_modules")
}

/// The sequence `packages` at the top of a YAML mapping.
fn pnpm_globs(text: &str) -> Result<Vec<String>> {
    let root = yaml::parse(text)
        .map_err(|flaw| anyhow!("line {}: not YAML: {}", flaw.at.line, flaw.message))?;
    let packages = root.as_ref().and_then(|root| root.get("packages"));
    Ok(packages
        .and_then(Node::sequence)
        .unwrap_or_default()
        .iter()
        .filter_map(Node::text)
        .map(str::to_owned)
        .collect())
}

/// Packages that have a script of this name: the root alone where it has one, for its script speaks for all.
pub(crate) fn scripts(cx: &Cx, name: &str) -> Result<Vec<Package>> {
    let mut with: Vec<Package> = packages(&cx.world, &cx.root)?
        .into_iter()
        .filter(|package| package.script(name).is_some())
        .collect();
    if with
        .first()
        .is_some_and(|package| package.folder().is_empty())
    {
        with.truncate(1);
    }
    Ok(with)
}

/// The command that runs a script where it is defined, and how many packages define it.
fn command(cx: &Cx, name: &str, timeout: Duration) -> Result<(Cmd, usize)> {
    let manager = manager(cx);
    let with = scripts(cx, name)?;
    let at_root = with
        .first()
        .is_some_and(|package| package.folder().is_empty());
    let args: &[&str] = match (manager, at_root) {
        (_, true) => &["run", name],
        (NodeManager::Npm, false) => &["run", name, "--workspaces", "--if-present"],
        (NodeManager::Pnpm, false) => &["--recursive", "--if-present", "run", name],
        (NodeManager::Yarn, false) => bail!(
            "the root package.json has no script `{name}`, and yarn has no one way to run those of the packages; \
             set gates.{name}.command in the configuration"
        ),
    };
    let cmd = Cmd::new(&cx.root, manager.program())
        .args(args)
        .timeout(timeout);
    Ok((cmd, with.len()))
}

fn manager(cx: &Cx) -> NodeManager {
    project::detect(&cx.root).node.unwrap_or(NodeManager::Npm)
}

/// What has to be installed and is not.
fn not_installed(cx: &Cx, siblings_too: bool) -> Result<Option<String>> {
    if cx.path("node_modules").is_dir() || cx.path(".pnp.cjs").is_file() {
        return Ok(None);
    }
    let packages = packages(&cx.world, &cx.root)?;
    let sibling = |name: &String| {
        packages
            .iter()
            .any(|other| other.text("name") == Some(name))
    };
    let needed = packages
        .iter()
        .flat_map(Package::dependencies)
        .find(|name| siblings_too || !sibling(name));
    Ok(needed.map(|name| {
        format!(
            "`{name}` and the other dependencies are not installed: there is no node_modules; run `{}` first",
            manager(cx).install()
        )
    }))
}

/// Installs exactly what the lock file says; gives the reason why it could not.
fn install(cx: &Cx, timeout: Duration) -> Result<Option<String>> {
    let manager = manager(cx);
    let args: &[&str] = match manager {
        NodeManager::Npm => &["ci", "--prefer-offline", "--no-audit", "--no-fund"],
        NodeManager::Pnpm => &["install", "--frozen-lockfile", "--prefer-offline"],
        NodeManager::Yarn => &["install", "--immutable"],
    };
    let cmd = Cmd::new(&cx.root, manager.program())
        .args(args)
        .timeout(timeout);
    let output = cx.world.run(&cmd)?;
    let failed = (!output.ok()).then(|| {
        format!(
            "the dependencies could not be installed: {}",
            output.error()
        )
    });
    Ok(failed)
}

/// Why the dependencies are not there. A developer's tree is installed by the developer; the scratch worktree of a
/// release has nobody else.
pub(crate) fn unprepared(cx: &Cx, siblings_too: bool, timeout: Duration) -> Result<Option<String>> {
    match not_installed(cx, siblings_too)? {
        Some(_) if matches!(cx.subject, Subject::Candidate { .. }) => install(cx, timeout),
        reason => Ok(reason),
    }
}

/// Installs the Node dependencies of a scratch worktree that has none yet, as the gates do it; the reason why they could
/// not be. Nothing is done where there is no `package.json`.
///
/// # Errors
/// When the packages cannot be read, or the package manager cannot be started.
pub fn dependencies(cx: &Cx, timeout: Duration) -> Result<Option<String>> {
    match project::detect(&cx.root).node {
        Some(_) => unprepared(cx, true, timeout),
        None => Ok(None),
    }
}

/// Runs a script; `None` when it could not be judged, which is then said.
pub(crate) fn run(
    cx: &Cx,
    name: &str,
    timeout: Duration,
    findings: &mut Findings,
) -> Result<Option<(Output, usize)>> {
    let siblings = matches!(cx.subject, Subject::Candidate { .. });
    if let Some(reason) = unprepared(cx, siblings, timeout)? {
        findings.unknown(reason);
        return Ok(None);
    }
    let (cmd, packages) = command(cx, name, timeout)?;
    let output = cx.world.run(&cmd)?;
    if !output.ok()
        && let Some(reason) = not_installed(cx, true)?
    {
        findings.unknown(format!("{reason}\n{}", runner::tail(&output)));
        return Ok(None);
    }
    Ok(Some((output, packages)))
}

/// Whether every test script is the one that `npm init` writes.
pub(crate) fn only_placeholders(cx: &Cx) -> Result<bool> {
    Ok(scripts(cx, "test")?.iter().all(|package| {
        package
            .script("test")
            .is_some_and(|script| script.contains("no test specified"))
    }))
}

/// What test runners say in their last lines.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) ignored: u64,
}

/// Sums the summaries of node:test and other TAP, jest, vitest and mocha. `None`: no runner was recognised.
///
/// A line that only looks like one is kept out where the runner says a total that its parts have to make.
pub(crate) fn counts(text: &str) -> Option<Counts> {
    // pnpm puts the folder and the script before each line of a recursive run, and mixes the lines of several.
    let mut streams: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for line in text.lines() {
        let (prefix, line) = line.split_once(" test: ").unwrap_or(("", line));
        streams.entry(prefix).or_default().push(line.trim());
    }
    let mut sum = None;
    for lines in streams.values() {
        if let Some(counts) = stream(lines) {
            sum.get_or_insert_with(Counts::default).sum(&counts);
        }
    }
    sum
}

/// One runner after another.
fn stream(lines: &[&str]) -> Option<Counts> {
    let (mut whole, mut loose) = (None, None);
    // The block of node:test as far as it has come: its total, and its parts.
    let mut block: Option<(u64, Counts)> = None;
    for line in lines {
        let words: Vec<&str> = line
            .split([' ', ',', '|', '\t', '(', ')'])
            .filter(|word| !word.is_empty())
            .collect();
        match words.as_slice() {
            ["#" | "ℹ", "tests", number] => {
                block = number.parse().ok().map(|total| (total, Counts::default()));
            }
            ["#" | "ℹ", kind, number] => match &mut block {
                Some((_, parts)) => {
                    parts.add(kind, number);
                }
                None => add_loose(&mut loose, kind, number),
            },
            ["Tests:" | "Tests", rest @ ..] => {
                let mut parts = Counts::default();
                for pair in rest.windows(2) {
                    parts.add(pair[1], pair[0]);
                }
                // `33 total` of jest, `(14)` of vitest.
                let total = match rest {
                    [.., number, "total"] => number.parse().ok(),
                    [.., number] if line.ends_with(')') => number.parse().ok(),
                    _ => None,
                };
                if total == Some(parts.all()) {
                    whole.get_or_insert_with(Counts::default).sum(&parts);
                }
            }
            [number, kind @ ("passing" | "failing" | "pending"), ..] => {
                add_loose(&mut loose, kind, number);
            }
            _ => {}
        }
        if let Some((total, parts)) = &block
            && parts.all() == *total
            && (*total > 0 || words.get(1) == Some(&"pass"))
        {
            whole.get_or_insert_with(Counts::default).sum(parts);
            block = None;
        }
    }
    whole.or(loose).or(block.map(|(_, parts)| parts))
}

fn add_loose(loose: &mut Option<Counts>, kind: &str, number: &str) {
    let mut parts = Counts::default();
    if parts.add(kind, number) {
        loose.get_or_insert_with(Counts::default).sum(&parts);
    }
}

impl Counts {
    pub(crate) fn sum(&mut self, other: &Counts) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.ignored += other.ignored;
    }

    fn all(&self) -> u64 {
        self.passed + self.failed + self.ignored
    }

    fn add(&mut self, kind: &str, number: &str) -> bool {
        // As a 32-bit number, so that no sum of them overflows.
        let Ok(number) = number.parse::<u32>() else {
            return false;
        };
        let sum = match kind {
            "pass" | "passed" | "passing" => &mut self.passed,
            "fail" | "failed" | "failing" | "cancelled" => &mut self.failed,
            "skipped" | "skip" | "todo" | "pending" => &mut self.ignored,
            _ => return false,
        };
        *sum += u64::from(number);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::{Counts, belongs, counts, pnpm_globs};

    fn sums(passed: u64, failed: u64, ignored: u64) -> Option<Counts> {
        Some(Counts {
            passed,
            failed,
            ignored,
        })
    }

    #[test]
    fn runners_are_understood() {
        let tap = "TAP version 13\nok 1 - x\n1..1\n# tests 4\n# suites 0\n# pass 3\n# fail 1\n# cancelled 0\n# skipped 0\n# todo 0\n";
        assert_eq!(counts(tap), sums(3, 1, 0));
        assert_eq!(counts("ℹ tests 2\nℹ pass 1\nℹ skipped 1\n"), sums(1, 0, 1));
        let jest = "Test Suites: 1 failed, 3 passed, 4 total\nTests:       1 failed, 2 skipped, 30 passed, 33 total\n";
        assert_eq!(counts(jest), sums(30, 1, 2));
        let vitest =
            " Test Files  2 passed (2)\n      Tests  1 failed | 12 passed | 1 skipped (14)\n";
        assert_eq!(counts(vitest), sums(12, 1, 1));
        assert_eq!(
            counts("  12 passing (30ms)\n  2 pending\n  1 failing\n"),
            sums(12, 1, 2)
        );
        let pnpm = "packages/one test: # pass 3\npackages/two test: # pass 4\n";
        assert_eq!(counts(pnpm), sums(7, 0, 0));
        assert_eq!(counts("# tests 0\n# pass 0\n"), sums(0, 0, 0));
        assert_eq!(counts("all good\n# pass by\n12 monkeys passing\n"), None);
    }

    #[test]
    fn a_test_does_not_speak_for_its_runner() {
        let node = "# pass 99\n# fail 3\nℹ tests 4\nℹ suites 0\nℹ pass 1\nℹ fail 1\nℹ cancelled 1\nℹ skipped 0\nℹ todo 1\n";
        assert_eq!(counts(node), sums(1, 2, 1));
        let jest =
            "Tests: 5 passed\nTests: 5 passed, 6 total\nTests:       1 failed, 1 passed, 2 total\n";
        assert_eq!(counts(jest), sums(1, 1, 0));
        let mixed = "a test: ℹ tests 2\nb test: ℹ tests 1\na test: ℹ pass 2\nb test: ℹ pass 0\nb test: ℹ fail 1\n";
        assert_eq!(counts(mixed), sums(2, 1, 0));
        assert_eq!(
            counts("# tests 0\n# suites 0\n# pass 0\n# fail 0\n"),
            sums(0, 0, 0)
        );
        // A total that its parts do not make is better than nothing where there is no other.
        assert_eq!(counts("# tests 9\n# pass 3\n"), sums(3, 0, 0));
    }

    #[test]
    fn pnpm_workspaces_are_read_with_their_negations() {
        let text = "# comment\ncatalog:\n  packages: 9\nonlyBuiltDependencies: [a]\npackages:\n  - 'packages/*'\n  - \"apps/**\" # all\n  - '!**/test/**'\n";
        let globs = pnpm_globs(text).unwrap();
        assert_eq!(globs, ["packages/*", "apps/**", "!**/test/**"]);
        for (folder, expected) in [
            ("packages/one", true),
            ("packages/one/deep", false),
            ("apps/a/b", true),
            ("apps/test/b", false),
            ("apps/a/node_modules/x", false),
            ("other", false),
        ] {
            assert_eq!(belongs(folder, &globs), expected, "{folder}");
        }
        assert!(pnpm_globs("packages: [a").is_err());
        assert_eq!(pnpm_globs("").unwrap(), Vec::<String>::new());
    }
}
