//! `pnpm-lock.yaml` against the manifests and against the pnpm that is here.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Result;
use serde_json::Value;
use world::{Cmd, Output};

use super::node::{compare, without_peers};
use super::scratch::Scratch;
use crate::node::Package;
use crate::{Cx, Findings, lockfile, runner};

const LOCK: &str = "pnpm-lock.yaml";
const HELP: &str = "run `pnpm install` and commit pnpm-lock.yaml";

/// What pnpm says when the lock file is not what it would write.
const OUT_OF_STEP: &[&str] = &[
    "ERR_PNPM_OUTDATED_LOCKFILE",
    "ERR_PNPM_LOCKFILE_CONFIG_MISMATCH",
    "ERR_PNPM_LOCKFILE_MISSING_DEPENDENCY",
    "ERR_PNPM_BROKEN_LOCKFILE",
];

/// What it says when it cannot read it.
const UNREADABLE: &[&str] = &[
    "ERR_PNPM_LOCKFILE_BREAKING_CHANGE",
    "ERR_PNPM_FROZEN_LOCKFILE_WITH_OUTDATED_LOCKFILE",
];

pub(crate) fn check(
    cx: &Cx,
    text: &str,
    packages: &[Package],
    timeout: Duration,
    findings: &mut Findings,
) -> Result<()> {
    let lock = match lockfile::yaml(text) {
        Ok(lock) => lock,
        Err(error) => {
            findings
                .error(format!("{LOCK} cannot be read: {error:#}"))
                .at(LOCK)
                .help("was a merge conflict left in it? run `pnpm install`");
            return Ok(());
        }
    };
    let scratch = Scratch::new(cx)?;
    let args = [
        "install",
        "--frozen-lockfile",
        "--lockfile-only",
        "--offline",
        "--ignore-scripts",
    ];
    // The pnpm that is here shall answer, not one that it downloads first.
    let cmd = Cmd::new(&scratch.folder, "pnpm")
        .args(args)
        .env("npm_config_manage_package_manager_versions", "false")
        .env("pnpm_config_pm_on_fail", "ignore")
        .env("CI", "true")
        .timeout(timeout);
    let output = cx.world.run(&cmd)?;
    let said = format!("{}\n{}", output.text(), output.errors());
    let has = |codes: &[&str]| codes.iter().any(|code| said.contains(code));
    if output.ok() {
        answered(cx, &scratch, &output, findings)?;
    } else if has(OUT_OF_STEP) {
        let before = findings.list.len();
        for package in packages {
            let wanted = without_peers(package);
            let mut known = importer(&lock, package.folder());
            // pnpm may bring peers, or may not: a setting of its own.
            let peer = |name: &String| package.json["peerDependencies"].get(name).is_some();
            if let Some(known) = &mut known {
                known.retain(|name, _| wanted.contains_key(name) || !peer(name));
            }
            let lock = (LOCK, text);
            compare(cx, package, &wanted, lock, known.as_ref(), HELP, findings)?;
        }
        // Settings, overrides, patches: pnpm's own words.
        if findings.list.len() == before {
            findings
                .error(format!(
                    "pnpm does not take {LOCK}\n{}",
                    runner::tail(&output)
                ))
                .at(LOCK)
                .help(HELP);
        }
    } else if has(UNREADABLE) {
        let version = version(cx, &scratch)?;
        let form = lock["lockfileVersion"]
            .as_str()
            .unwrap_or("without version");
        findings
            .error(format!("pnpm {version} cannot read {LOCK}, which is of form {form}"))
            .at(LOCK)
            .line(lockfile::key_line(text, "lockfileVersion"), None)
            .help("use the pnpm that wrote it (`packageManager` in package.json, then `corepack enable`), or run `pnpm install` and commit what it writes");
    } else {
        findings.unknown(format!("{}\n{}", output.error(), runner::tail(&output)));
    }
    Ok(())
}

/// Silence and praise are no answer: what is asked has to be a pnpm.
fn answered(cx: &Cx, scratch: &Scratch, output: &Output, findings: &mut Findings) -> Result<()> {
    let version = version(cx, scratch)?;
    if version
        .split('.')
        .next()
        .is_none_or(|major| major.parse::<u32>().is_err())
    {
        findings.unknown(format!(
            "`{}` said nothing to rely on: `pnpm --version` answers `{version}`",
            output.command
        ));
    }
    findings.evidence("pnpm_version", version);
    Ok(())
}

fn version(cx: &Cx, scratch: &Scratch) -> Result<String> {
    let cmd = Cmd::new(&scratch.folder, "pnpm")
        .arg("--version")
        .env("npm_config_manage_package_manager_versions", "false")
        .env("pnpm_config_pm_on_fail", "ignore")
        .timeout(Duration::from_secs(20));
    Ok(cx.world.ask(&cmd)?.success()?.text())
}

/// What the lock file says a package asks for; in a repository of one package older forms have it at the top.
fn importer(lock: &Value, folder: &str) -> Option<BTreeMap<String, String>> {
    let key = if folder.is_empty() { "." } else { folder };
    let entry = match lock.get("importers") {
        Some(importers) => importers.get(key)?,
        None if folder.is_empty() => lock,
        None => return None,
    };
    let mut known = BTreeMap::new();
    for table in ["dependencies", "devDependencies", "optionalDependencies"] {
        for (name, about) in entry
            .get(table)
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            if let Some(spec) = about.get("specifier").and_then(Value::as_str) {
                known.insert(name.clone(), spec.to_owned());
            }
        }
    }
    Some(known)
}
