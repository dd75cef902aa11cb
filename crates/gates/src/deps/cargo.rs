//! `Cargo.lock` against the manifests: cargo is the judge, and where it says no more than "needs to be updated" the
//! package and the file are named from what both say.

use std::time::Duration;

use anyhow::{Context as _, Result};
use cargo_metadata::{Dependency, DependencyKind, Metadata, Package};
use semver::Version;
use serde_json::json;
use world::{Cmd, Output};

use super::{line_of, tracked};
use crate::{Cx, Findings, cargo};

pub(crate) fn check(cx: &Cx, timeout: Duration, findings: &mut Findings) -> Result<()> {
    let settings = &cx.config.gates.deps;
    if !cx.path("Cargo.lock").is_file() {
        let message = "there is no Cargo.lock: every build may get other versions";
        let finding = match settings.lockfile {
            true => findings.error(message),
            false => findings.warning(message),
        };
        finding
            .at("Cargo.toml")
            .help(
                "run `cargo generate-lockfile`, take Cargo.lock out of .gitignore if it is there, and commit it; a library \
                 that leaves it out on purpose says `lockfile = false` in [gates.deps]",
            );
        findings.examined(1);
        return Ok(());
    }
    if settings.lockfile && !tracked(cx, "Cargo.lock")? {
        findings
            .error("Cargo.lock is not part of the repository: a release would be built without it")
            .at("Cargo.lock")
            .help(
                "run `git add --force Cargo.lock`, and take it out of .gitignore; a library that leaves it out on purpose \
                 says `lockfile = false` in [gates.deps]",
            );
    }
    let output = cx.world.ask(&metadata(cx, timeout, &["--locked"]))?;
    if output.ok() {
        let metadata = parse(&output)?;
        findings.examined(metadata.packages.len());
        findings.evidence(
            "cargo",
            json!({ "packages": metadata.packages.len(), "members": metadata.workspace_members.len() }),
        );
        return Ok(());
    }
    findings.examined(1);
    if out_of_step(cx, timeout, findings)? {
        return Ok(());
    }
    let said = output.errors();
    if said.contains("--locked was passed") {
        findings
            .error(format!(
                "Cargo.lock is not in step with the manifests\n{said}"
            ))
            .at("Cargo.lock")
            .help(HELP);
    } else if said.contains("offline mode") {
        findings.unknown(output.error().to_string());
    } else {
        cargo::broke(findings, &output);
    }
    Ok(())
}

const HELP: &str = "run `cargo update --workspace` and commit Cargo.lock";

fn metadata(cx: &Cx, timeout: Duration, more: &[&str]) -> Cmd {
    Cmd::new(&cx.root, "cargo")
        .args(["metadata", "--format-version=1"])
        .args(more)
        .timeout(timeout)
}

fn parse(output: &Output) -> Result<Metadata> {
    serde_json::from_slice(&output.stdout)
        .with_context(|| format!("read the answer of `{}`", output.command))
}

/// Names what differs. Cargo itself says that something does, or asks the registry about what it does not know.
fn out_of_step(cx: &Cx, timeout: Duration, findings: &mut Findings) -> Result<bool> {
    let lock = cx.world.read_text(&cx.path("Cargo.lock"))?;
    let locked = locked(&lock);
    let known = cx.world.ask(&metadata(cx, timeout, &["--no-deps"]))?;
    let mut named = false;
    let packages = match known.ok() {
        true => parse(&known)?.packages,
        // The manifests are broken: cargo has said so.
        false => return Ok(false),
    };
    for package in &packages {
        let path = manifest_path(cx, package);
        let text = cx.world.read_text(&cx.path(&path))?;
        let mut tell = |key: &str, message: String| {
            named = true;
            findings
                .error(message)
                .at(path.clone())
                .line(line_of(&text, key), None)
                .help(HELP);
        };
        if let Some(message) = own(package, &locked) {
            tell("version", message);
        }
        for dependency in &package.dependencies {
            if let Some(message) = missing(dependency, &locked) {
                let key = dependency.rename.as_ref().unwrap_or(&dependency.name);
                tell(key, message);
            }
        }
    }
    Ok(named)
}

fn manifest_path(cx: &Cx, package: &Package) -> String {
    let root = cx.root.canonicalize().unwrap_or_else(|_| cx.root.clone());
    let path = package.manifest_path.as_std_path();
    path.strip_prefix(&root)
        .unwrap_or(path)
        .display()
        .to_string()
}

/// Name and version of every entry.
fn locked(lock: &str) -> Vec<(String, Version)> {
    let value = |line: &str, key: &str| {
        let rest = line.trim_end().strip_prefix(key)?.strip_prefix(" = \"")?;
        Some(rest.strip_suffix('"')?.to_owned())
    };
    let lines: Vec<&str> = lock.lines().collect();
    lines
        .windows(2)
        .filter_map(|pair| {
            let version = value(pair[1], "version")?.parse().ok()?;
            Some((value(pair[0], "name")?, version))
        })
        .collect()
}

fn own(package: &Package, locked: &[(String, Version)]) -> Option<String> {
    let of_name: Vec<&Version> = versions(locked, &package.name);
    if of_name.contains(&&package.version) {
        return None;
    }
    let (name, version) = (&package.name, &package.version);
    Some(match of_name.first() {
        Some(old) => format!("`{name}` is {version} here, and {old} in Cargo.lock"),
        None => format!("Cargo.lock does not know the package `{name}`"),
    })
}

fn missing(dependency: &Dependency, locked: &[(String, Version)]) -> Option<String> {
    let (name, wanted) = (&dependency.name, &dependency.req);
    let of_name = versions(locked, name);
    // A path needs no version, and what it leads to is judged as a package of its own.
    if of_name
        .iter()
        .any(|version| wanted.matches(version) || dependency.path.is_some())
    {
        return None;
    }
    let kind = match dependency.kind {
        DependencyKind::Development => "dev-dependency ",
        DependencyKind::Build => "build-dependency ",
        _ => "dependency ",
    };
    Some(if of_name.is_empty() {
        format!("Cargo.lock does not know the {kind}`{name}` ({wanted})")
    } else {
        let has: Vec<String> = of_name.iter().map(ToString::to_string).collect();
        format!(
            "the {kind}`{name}` is asked for as {wanted}, and Cargo.lock has {}",
            has.join(", ")
        )
    })
}

fn versions<'a>(locked: &'a [(String, Version)], name: &str) -> Vec<&'a Version> {
    locked
        .iter()
        .filter(|(other, _)| other == name)
        .map(|(_, version)| version)
        .collect()
}
