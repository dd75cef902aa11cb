//! The lock files of npm, pnpm and yarn against the manifests: first what both say, for it names the package and the file,
//! then the package manager itself, frozen and without the network.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use world::{Cmd, Output};

use super::scratch::Scratch;
use super::{line_of, node_locks, pnpm, tracked};
use crate::node::{self, Package};
use crate::project::NodeManager;
use crate::{Cx, Findings, lockfile, runner};

const TABLES: [&str; 4] = [
    "dependencies",
    "devDependencies",
    "optionalDependencies",
    "peerDependencies",
];

pub(crate) fn check(
    cx: &Cx,
    manager: NodeManager,
    timeout: Duration,
    findings: &mut Findings,
) -> Result<()> {
    findings.examined(1);
    let program = manager.program();
    others(cx, program, findings);
    let packages = node::packages(&cx.world, &cx.root)?;
    let Some(lock) = lockfile::of(cx, manager) else {
        if packages
            .iter()
            .all(|package| specs(&package.json).is_empty())
        {
            return Ok(());
        }
        let name = lockfile::names(manager)[0];
        let message = format!("there is no {name}: every installation may get other versions");
        let finding = match cx.config.gates.deps.lockfile {
            true => findings.error(message),
            false => findings.warning(message),
        };
        finding
            .at("package.json")
            .help(format!("run `{program} install` and commit {name}"));
        return Ok(());
    };
    if cx.config.gates.deps.lockfile && !tracked(cx, lock)? {
        findings
            .error(format!(
                "{lock} is not part of the repository: nobody else installs the same"
            ))
            .at(lock)
            .help(format!(
                "run `git add --force {lock}`, and take it out of .gitignore"
            ));
    }
    let text = cx.world.read_text(&cx.path(lock))?;
    findings.examined(packages.len());
    findings.evidence(program, json!({ "lock": lock, "packages": packages.len() }));
    match manager {
        NodeManager::Npm => npm(cx, lock, &text, &packages, timeout, findings),
        NodeManager::Pnpm => pnpm::check(cx, &text, &packages, timeout, findings),
        NodeManager::Yarn => yarn(cx, &text, &packages, findings),
    }
}

/// Lock files of other managers: the one who uses them installs something else.
fn others(cx: &Cx, program: &str, findings: &mut Findings) {
    for (name, manager) in node_locks(cx) {
        if manager != program {
            findings
                .error(format!(
                    "{name} is a lock file of {manager}, and this repository is installed with {program}"
                ))
                .at(name)
                .help(format!(
                    "remove {name}, or name the manager in `packageManager` of package.json"
                ));
        }
    }
}

/// What a manifest asks for, by name; the last table wins, as it does for npm.
pub(super) fn specs(json: &Value) -> BTreeMap<String, String> {
    TABLES
        .iter()
        .rev()
        .filter_map(|table| json.get(table)?.as_object())
        .flatten()
        .filter_map(|(name, spec)| Some((name.clone(), spec.as_str()?.to_owned())))
        .collect()
}

/// Peers are somebody else's to bring.
pub(super) fn without_peers(package: &Package) -> BTreeMap<String, String> {
    let mut json = package.json.clone();
    if let Some(table) = json.as_object_mut() {
        table.remove("peerDependencies");
    }
    specs(&json)
}

/// Lists what a manifest asks for and a lock file does not know as such.
pub(super) fn compare(
    cx: &Cx,
    package: &Package,
    wanted: &BTreeMap<String, String>,
    lock: (&str, &str),
    known: Option<&BTreeMap<String, String>>,
    help: &str,
    findings: &mut Findings,
) -> Result<usize> {
    let path = &package.path;
    let text = cx.world.read_text(&cx.path(path))?;
    let (lock, lock_text) = lock;
    let Some(known) = known else {
        findings
            .error(format!("{lock} does not know this package"))
            .at(path.clone())
            .help(help);
        return Ok(1);
    };
    let mut count = 0;
    for (name, spec) in wanted {
        let message = match known.get(name) {
            Some(other) if other == spec => continue,
            Some(other) => format!("`{name}` is asked for as `{spec}`, and {lock} has `{other}`"),
            None => format!("`{name}` is asked for as `{spec}`, and {lock} does not know it"),
        };
        count += 1;
        findings
            .error(message)
            .at(path.clone())
            .line(line_of(&text, name), None)
            .help(help);
    }
    for name in known.keys().filter(|name| !wanted.contains_key(*name)) {
        count += 1;
        findings
            .error(format!(
                "{lock} has `{name}` for {path}, which does not ask for it"
            ))
            .at(lock)
            .line(line_of(lock_text, name), None)
            .help(help);
    }
    Ok(count)
}

fn npm(
    cx: &Cx,
    lock: &str,
    text: &str,
    packages: &[Package],
    timeout: Duration,
    findings: &mut Findings,
) -> Result<()> {
    const HELP: &str = "run `npm install` and commit the lock file";
    let json: Value = match serde_json::from_str(text.trim_start_matches('\u{feff}')) {
        Ok(json) => json,
        Err(error) => {
            findings
                .error(format!("{lock} is not JSON: {error}"))
                .at(lock)
                .line(Some(error.line()), Some(error.column()))
                .help("was a merge conflict left in it? run `npm install`");
            return Ok(());
        }
    };
    // Version 1 has no copy of what the manifests asked for.
    if let Some(entries) = json.get("packages").and_then(Value::as_object) {
        let mut count = 0;
        for package in packages {
            let known = entries.get(package.folder()).map(specs);
            let wanted = specs(&package.json);
            count += compare(
                cx,
                package,
                &wanted,
                (lock, text),
                known.as_ref(),
                HELP,
                findings,
            )?;
        }
        // npm would ask the registry about the rest; where nothing is somebody else's, both have said all there is.
        if count > 0 || lockfile::packages(lock, text)?.is_some_and(|all| all.is_empty()) {
            return Ok(());
        }
    }
    let scratch = Scratch::new(cx)?;
    let args = [
        "ci",
        "--dry-run",
        "--json",
        "--offline",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--include=dev",
    ];
    let cmd = Cmd::new(&scratch.folder, "npm").args(args).timeout(timeout);
    let output = cx.world.run(&cmd)?;
    judge_npm(lock, &output, findings);
    Ok(())
}

fn judge_npm(lock: &str, output: &Output, findings: &mut Findings) {
    let said = format!("{}\n{}", output.text(), output.errors());
    if output.ok() {
        // A line for each package, then one object.
        let report = output.text();
        let json = report
            .find('{')
            .map(|at| serde_json::from_str::<Value>(&report[at..]));
        if !matches!(&json, Some(Ok(json)) if json.get("added").is_some()) {
            findings.unknown(format!(
                "`{}` gave no report: {}",
                output.command,
                runner::tail(output)
            ));
        }
    } else if said.contains("EUSAGE") || said.contains("can only install") {
        findings
            .error(format!(
                "npm does not take {lock}\n{}",
                runner::tail(output)
            ))
            .at(lock)
            .help("run `npm install` and commit the lock file");
    } else {
        findings.unknown(output.error().to_string());
    }
}

/// Every entry of yarn's lock file begins with what was asked for: `lefty@^1.0.0, lefty@^1.2.0:`.
fn yarn(cx: &Cx, text: &str, packages: &[Package], findings: &mut Findings) -> Result<()> {
    let classic = lockfile::is_yarn_classic(cx)?;
    let keys: Vec<&str> = text
        .lines()
        .filter(|line| !line.starts_with([' ', '#']) && line.trim_end().ends_with(':'))
        .flat_map(|line| line.trim_end().trim_end_matches(':').split(','))
        .map(|key| key.trim_matches([' ', '"']))
        .collect();
    if keys.is_empty() && !text.contains("# yarn lockfile v1") && !text.contains("__metadata") {
        findings
            .error("yarn.lock is no lock file of yarn")
            .at("yarn.lock")
            .help("run `yarn install`");
        return Ok(());
    }
    let siblings: Vec<&str> = packages
        .iter()
        .filter_map(|package| package.text("name"))
        .collect();
    for package in packages {
        let manifest = cx
            .world
            .read_text(&cx.path(&package.path))
            .context("read a manifest")?;
        for (name, spec) in without_peers(package) {
            let wanted = [format!("{name}@{spec}"), format!("{name}@npm:{spec}")];
            let known = keys
                .iter()
                .any(|key| wanted.iter().any(|wanted| wanted == key));
            let sibling = classic && siblings.contains(&name.as_str());
            if !known && !sibling {
                findings
                    .error(format!(
                        "`{name}` is asked for as `{spec}`, and yarn.lock does not know it"
                    ))
                    .at(package.path.clone())
                    .line(line_of(&manifest, &name), None)
                    .help("run `yarn install` and commit yarn.lock");
            }
        }
    }
    Ok(())
}
