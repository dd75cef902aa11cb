//! Packages of npm, pnpm and yarn: the rules for package.json, and what the package manager would pack.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use manifest::{locate, parse_version};
use serde_json::Value;
use world::{Cmd, Output};

use super::{targets, weigh};
use crate::node::{self, Package};
use crate::project::NodeManager;
use crate::{Cx, Finding, Findings};

/// The packages that would be published. One with neither name nor version is a place for scripts.
pub(crate) fn publishable(cx: &Cx) -> Result<Vec<Package>> {
    let mut packages = node::packages(&cx.world, &cx.root)?;
    packages.retain(|package| {
        let private = package
            .json
            .get("private")
            .is_some_and(|value| value == true);
        let named = package.text("name").is_some() || package.text("version").is_some();
        !private && named
    });
    Ok(packages)
}

/// A package and its text, to say things about its lines.
pub(super) struct Ours<'a> {
    pub(super) package: &'a Package,
    text: String,
}

impl Ours<'_> {
    pub(super) fn name(&self) -> &str {
        self.package.text("name").unwrap_or(&self.package.path)
    }

    pub(super) fn error<'f>(
        &self,
        findings: &'f mut Findings,
        keys: &[&str],
        message: String,
    ) -> &'f mut Finding {
        self.place(findings.error(message), keys)
    }

    fn warning<'f>(
        &self,
        findings: &'f mut Findings,
        keys: &[&str],
        message: String,
    ) -> &'f mut Finding {
        self.place(findings.warning(message), keys)
    }

    fn place<'f>(&self, finding: &'f mut Finding, keys: &[&str]) -> &'f mut Finding {
        let place = locate::json_key(&self.text, keys);
        finding
            .at(&self.package.path)
            .line(place.map(|at| at.0), place.map(|at| at.1))
    }
}

pub(crate) fn check(cx: &Cx, manager: NodeManager, findings: &mut Findings) -> Result<()> {
    let packages = publishable(cx)?;
    if packages.is_empty() {
        return Ok(());
    }
    let all = node::packages(&cx.world, &cx.root)?;
    let private: Vec<&str> = all
        .iter()
        .filter(|package| {
            package
                .json
                .get("private")
                .is_some_and(|value| value == true)
        })
        .filter_map(|package| package.text("name"))
        .collect();
    findings.evidence("packages", packages.len());
    let mut good = Vec::new();
    for package in &packages {
        findings.examined(1);
        let text = cx.world.read_text(&cx.path(&package.path))?;
        let ours = Ours { package, text };
        // A package manager packs nothing that has no name or no version.
        if identity(&ours, findings) {
            good.push(package);
        }
        terms(&ours, findings);
        dependencies(&ours, manager, &private, findings);
    }
    let mut packed = pack(cx, manager, &good, findings)?;
    for package in good {
        let text = cx.world.read_text(&cx.path(&package.path))?;
        let ours = Ours { package, text };
        let Some(packed) = packed.remove(ours.name()) else {
            continue;
        };
        if let Some(size) = packed.size {
            weigh(cx, findings, &package.path, ours.name(), size);
        }
        targets::check(cx, &ours, manager, &packed.files, findings)?;
    }
    Ok(())
}

/// Name and version: whether there is something to pack.
fn identity(ours: &Ours<'_>, findings: &mut Findings) -> bool {
    let before = findings.list.len();
    match ours.package.text("name") {
        None => {
            ours.error(findings, &["name"], "the package has no name".to_owned())
                .help("write `name`, or `\"private\": true` where it is for nobody else");
        }
        Some(name) if !is_name(name) => {
            let message = format!("`{name}` is no name for a package of a registry");
            ours.error(findings, &["name"], message)
                .help("take at most 214 lower-case letters, digits, `-`, `_` and `.`, not beginning with `.` or `_`, with a `@scope/` before it or without");
        }
        Some(_) => {}
    }
    match ours.package.text("version") {
        None => {
            ours.error(
                findings,
                &["version"],
                format!("`{}` has no version", ours.name()),
            )
            .help("write `version`, or `\"private\": true` where it is for nobody else");
        }
        Some(version) => {
            if let Err(error) = parse_version(version) {
                let message = format!("the version of `{}`: {}", ours.name(), error.message);
                ours.error(findings, &["version"], message)
                    .help("write a SemVer version such as 1.0.0");
            }
        }
    }
    findings.list.len() == before
}

fn is_name(name: &str) -> bool {
    let part = |part: &str| {
        let inside =
            |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || "-_.".contains(char);
        !part.is_empty() && part.chars().all(inside)
    };
    let (scope, plain) = match name.strip_prefix('@') {
        Some(rest) => match rest.split_once('/') {
            Some((scope, plain)) => (scope, plain),
            None => return false,
        },
        None => ("scope", name),
    };
    name.len() <= 214
        && part(scope)
        && part(plain)
        && !plain.starts_with(['.', '_'])
        && !matches!(name, "node_modules" | "favicon.ico")
}

/// Who may have it: license, and access of a scoped name.
fn terms(ours: &Ours<'_>, findings: &mut Findings) {
    let config = |key: &str| ours.package.json.get("publishConfig")?.get(key)?.as_str();
    let name = ours.name();
    let restricted = config("access") == Some("restricted") || config("registry").is_some();
    match ours.package.text("license") {
        Some("UNLICENSED") if !restricted => {
            let message =
                format!("`{name}` grants no license (UNLICENSED), and would be published");
            ours.error(findings, &["license"], message)
                .help("write `\"private\": true`, or say who may have it in `publishConfig`");
        }
        None if ours.package.json.get("license").is_none() => {
            ours.warning(findings, &["license"], format!("`{name}` names no license"))
                .help("write `\"license\"`, an SPDX expression");
        }
        _ => {}
    }
    if name.starts_with('@') && config("access").is_none() && config("registry").is_none() {
        let message = format!(
            "`{name}` has a scope and does not say who may have it: npm takes the first version as restricted"
        );
        ours.warning(findings, &["publishConfig"], message)
            .help("write `\"publishConfig\": { \"access\": \"public\" }`");
    }
}

/// What users install with it.
fn dependencies(ours: &Ours<'_>, manager: NodeManager, private: &[&str], findings: &mut Findings) {
    for table in ["dependencies", "optionalDependencies", "peerDependencies"] {
        let entries = ours.package.json.get(table).and_then(Value::as_object);
        for (name, range) in entries.into_iter().flatten() {
            let keys = [table, name.as_str()];
            let range = range.as_str().unwrap_or_default();
            let protocol = range.split_once(':').map(|(protocol, _)| protocol);
            match protocol {
                Some(protocol @ ("workspace" | "catalog")) if manager == NodeManager::Npm => {
                    let message = format!(
                        "`{}` needs `{name}` as `{range}`, which npm publishes as it stands",
                        ours.name()
                    );
                    ours.error(findings, &keys, message).help(format!(
                        "write a range of versions; only pnpm and yarn put one for `{protocol}:`"
                    ));
                }
                Some(protocol @ ("file" | "link" | "portal")) => {
                    let message = format!(
                        "`{}` needs `{name}` from a folder of this machine: `{range}`",
                        ours.name()
                    );
                    ours.error(findings, &keys, message).help(format!(
                        "write a range of versions in place of `{protocol}:`"
                    ));
                }
                _ if private.contains(&name.as_str()) && table != "peerDependencies" => {
                    let message = format!("`{}` needs `{name}`, which is private", ours.name());
                    ours.error(findings, &keys, message)
                        .help("publish it too, or bundle it and name it in devDependencies");
                }
                _ => {}
            }
        }
    }
}

/// What a package manager would pack.
struct Packed {
    files: Vec<String>,
    size: Option<u64>,
}

fn pack(
    cx: &Cx,
    manager: NodeManager,
    packages: &[&Package],
    findings: &mut Findings,
) -> Result<BTreeMap<String, Packed>> {
    if packages.is_empty() {
        return Ok(BTreeMap::new());
    }
    let timeout = Duration::from_secs(cx.config.gates.publishable.timeout_s);
    if manager == NodeManager::Pnpm {
        return pnpm(cx, packages, timeout, findings);
    }
    // yarn packs by the rules of npm, which comes with node. Scripts build: that is for the gate `build`.
    let mut cmd = Cmd::new(&cx.root, "npm")
        .args(["pack", "--dry-run", "--json", "--ignore-scripts"])
        .timeout(timeout);
    for package in packages {
        cmd = cmd.arg(format!("./{}", package.folder()));
    }
    let output = cx.world.ask(&cmd)?;
    if !output.ok() {
        findings.unknown(output.error().to_string());
        return Ok(BTreeMap::new());
    }
    let answer = answer(&output)?;
    let packed = entries(&answer);
    let missing = packages
        .iter()
        .filter_map(|package| package.text("name"))
        .find(|name| !packed.contains_key(*name));
    if let Some(name) = missing {
        findings.unknown(format!(
            "`{}` ended well, and does not say what it would pack of `{name}`",
            output.command
        ));
    }
    Ok(packed)
}

/// pnpm packs for real, so into a folder of ours: it puts versions for `workspace:` while it does.
fn pnpm(
    cx: &Cx,
    packages: &[&Package],
    timeout: Duration,
    findings: &mut Findings,
) -> Result<BTreeMap<String, Packed>> {
    let inside = |range: &Value| {
        let range = range.as_str().unwrap_or_default();
        range.starts_with("workspace:") || range.starts_with("catalog:")
    };
    let linked = packages.iter().any(|package| {
        ["dependencies", "optionalDependencies", "peerDependencies"]
            .iter()
            .filter_map(|table| package.json.get(*table)?.as_object())
            .any(|table| table.values().any(inside))
    });
    // What it puts it reads from where they are installed.
    if linked && let Some(reason) = node::unprepared(cx, true, timeout)? {
        findings.unknown(reason);
        return Ok(BTreeMap::new());
    }
    let folder = format!("landfall-packed-{}", std::process::id());
    let scratch = cx.git().common_dir()?.join(folder);
    cx.world.create_dir_all(&scratch)?;
    let packed = pnpm_into(cx, &scratch, packages, timeout, findings);
    cx.world.undeterred().remove_dir_all(&scratch)?;
    packed
}

fn pnpm_into(
    cx: &Cx,
    scratch: &Path,
    packages: &[&Package],
    timeout: Duration,
    findings: &mut Findings,
) -> Result<BTreeMap<String, Packed>> {
    let mut packed = BTreeMap::new();
    for package in packages {
        let cmd = Cmd::new(cx.path(package.folder()), "pnpm")
            .args([
                "--config.ignore-scripts=true",
                "pack",
                "--json",
                "--pack-destination",
            ])
            .arg(scratch)
            .timeout(timeout);
        let output = cx.world.run(&cmd)?;
        if !output.ok() {
            findings.unknown(format!("{}: {}", package.path, output.error()));
            continue;
        }
        let answer = answer(&output)?;
        match entries(&answer).pop_first() {
            Some((name, found)) => {
                packed.insert(name, found);
            }
            None => findings.unknown(format!(
                "{}: `{}` ended well, and does not say what it has packed",
                package.path, output.command
            )),
        }
    }
    Ok(packed)
}

fn answer(output: &Output) -> Result<Value> {
    serde_json::from_slice(&output.stdout)
        .with_context(|| format!("`{}` did not answer with JSON", output.command))
}

/// npm answers with a list, pnpm with one object, and later ones of npm with an object by name.
fn entries(answer: &Value) -> BTreeMap<String, Packed> {
    let entry = |value: &Value| {
        let files = value.get("files")?.as_array()?;
        let files = files.iter().filter_map(|file| file.get("path")?.as_str());
        let size = value.get("size").and_then(Value::as_u64).or_else(|| {
            let file = Path::new(value.get("filename")?.as_str()?);
            Some(file.metadata().ok()?.len())
        });
        let packed = Packed {
            files: files.map(str::to_owned).collect(),
            size,
        };
        Some((value.get("name")?.as_str()?.to_owned(), packed))
    };
    match answer {
        Value::Array(list) => list.iter().filter_map(entry).collect(),
        Value::Object(object) if !object.contains_key("files") => {
            object.values().filter_map(entry).collect()
        }
        one => entry(one).into_iter().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::is_name;

    #[test]
    fn names_of_packages() {
        let long = "x".repeat(215);
        for good in ["a", "left-pad", "@scope/a.b_c", "0x", &long[1..]] {
            assert!(is_name(good), "{good}");
        }
        for bad in [
            "",
            "A",
            ".a",
            "_a",
            "@scope",
            "@/a",
            "@scope/",
            "@scope/_a",
            "a b",
            "a/b",
            "a~",
            "é",
            "node_modules",
            &long,
        ] {
            assert!(!is_name(bad), "{bad}");
        }
    }
}
