//! `msrv`: the packages build with the oldest Rust they promise (`rust-version`).
//!
//! What is declared is compared exactly and at once: packages with each other, with their dependencies and with the
//! toolchain file. Whether the code itself holds the promise only that compiler can tell, where it is installed.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Result;
use cargo_metadata::{Metadata, MetadataCommand, Package};
use config::MsrvBuild;
use semver::Version;
use serde_json::json;
use world::{Cmd, CmdError, Failure};

use crate::msrv_declared::short;
use crate::{
    Applies, Cost, Cx, Findings, Gate, Inputs, Severity, cargo, msrv_declared, project, runner,
};

pub(crate) const GATE: Gate = Gate {
    name: "msrv",
    about: "do the packages build with the oldest Rust they promise",
    cost: Cost::Slow,
    // It builds in a folder of its own.
    needs: &[],
    inputs,
    applies,
    check,
};

fn inputs(cx: &Cx) -> Result<Inputs> {
    let toolchains = match cx.config.gates.msrv.build {
        MsrvBuild::Never => Vec::new(),
        MsrvBuild::Auto | MsrvBuild::Required => installed(cx)?,
    };
    Ok(runner::build_inputs(cx, None).setting(toolchains))
}

fn applies(cx: &Cx) -> Result<Applies> {
    if !project::detect(&cx.root).cargo {
        return Ok(Applies::No("no Cargo.toml at the root".to_owned()));
    }
    for path in cx
        .git()
        .list(&["ls-files", "-z", "--", ":(glob)**/Cargo.toml"])?
    {
        let text = cx.world.read_if_exists(&cx.path(&path))?;
        if text.is_some_and(|text| msrv_declared::line(&text).is_some()) {
            return Ok(Applies::Yes);
        }
    }
    Ok(Applies::No(
        "no package declares a `rust-version`: none is promised".to_owned(),
    ))
}

fn check(cx: &Cx, findings: &mut Findings) -> Result<()> {
    let Some(metadata) = metadata(cx, findings)? else {
        return Ok(());
    };
    let members = metadata.workspace_packages();
    findings.examined(members.len());
    let promised: Vec<&Version> = members
        .iter()
        .filter_map(|package| package.rust_version.as_ref())
        .collect();
    let Some(highest) = promised.iter().max() else {
        findings
            .error("[workspace.package] has a `rust-version`, and no package takes it")
            .at("Cargo.toml")
            .help("write `rust-version.workspace = true` in the packages");
        return Ok(());
    };
    findings.evidence("rust_version", short(highest));
    msrv_declared::undeclared(cx, &members, findings);
    msrv_declared::dependencies(cx, &metadata, findings)?;
    msrv_declared::toolchain_file(cx, highest, findings)?;
    msrv_declared::workflows(cx, highest, findings)?;
    build(cx, &metadata, &members, findings)
}

/// All packages with their dependencies. `None`: cargo refuses the manifests, which is then said.
fn metadata(cx: &Cx, findings: &mut Findings) -> Result<Option<Metadata>> {
    let timeout = Duration::from_secs(cx.config.gates.msrv.timeout_s);
    // Features that are off by default are promised to build as well.
    let args = ["metadata", "--format-version=1", "--all-features"];
    let output = cx.world.run(&cargo::cmd(cx, timeout, &args)?)?;
    if !output.ok() {
        cargo::broke(findings, &output);
        return Ok(None);
    }
    Ok(Some(MetadataCommand::parse(output.text())?))
}

/// Names of rustup's toolchains; none where there is no rustup.
fn installed(cx: &Cx) -> Result<Vec<String>> {
    let cmd = Cmd::new(&cx.root, "rustup").args(["toolchain", "list"]);
    match cx.world.ask(&cmd) {
        Ok(output) if output.ok() => Ok(output
            .text()
            .lines()
            .filter_map(|line| Some(line.split_whitespace().next()?.to_owned()))
            .collect()),
        Ok(_) => Ok(Vec::new()),
        Err(error) => match error.downcast_ref::<CmdError>().map(|error| &error.failure) {
            Some(Failure::Missing | Failure::Spawn(_)) => Ok(Vec::new()),
            _ => Err(error),
        },
    }
}

/// The toolchain that is this version: `1.90.0-x86_64-unknown-linux-gnu`. Where the patch is not promised any will do.
fn toolchain<'t>(names: &'t [String], version: &Version) -> Option<&'t str> {
    names.iter().map(String::as_str).find(|name| {
        let numbers: Vec<u64> = name
            .split('-')
            .next()
            .unwrap_or_default()
            .split('.')
            .map_while(|part| part.parse().ok())
            .collect();
        match numbers.as_slice() {
            [major, minor] => (*major, *minor, 0) == (version.major, version.minor, version.patch),
            [major, minor, patch] => {
                (*major, *minor) == (version.major, version.minor)
                    && (version.patch == 0 || *patch == version.patch)
            }
            _ => false,
        }
    })
}

/// Builds the packages of each promised version with that version.
fn build(
    cx: &Cx,
    metadata: &Metadata,
    members: &[&Package],
    findings: &mut Findings,
) -> Result<()> {
    let settings = &cx.config.gates.msrv;
    if settings.build == MsrvBuild::Never {
        return Ok(());
    }
    let names = installed(cx)?;
    let mut promises: BTreeMap<&Version, Vec<&str>> = BTreeMap::new();
    for package in members {
        if let Some(version) = &package.rust_version {
            promises.entry(version).or_default().push(&package.name);
        }
    }
    let mut built = Vec::new();
    for (version, packages) in promises {
        let Some(toolchain) = toolchain(&names, version) else {
            let version = short(version);
            let what = format!("Rust {version} is not installed, so nothing was built with it");
            let help = format!("run `rustup toolchain install {version} --profile minimal`");
            match settings.build {
                MsrvBuild::Required => findings.unknown(format!("{what}; {help}")),
                MsrvBuild::Auto | MsrvBuild::Never => {
                    findings.note(what).help(help);
                }
            }
            continue;
        };
        build_with(cx, metadata, toolchain, &packages, findings)?;
        built.push(json!(short(version)));
    }
    findings.evidence("built_with", built);
    Ok(())
}

fn build_with(
    cx: &Cx,
    metadata: &Metadata,
    toolchain: &str,
    packages: &[&str],
    findings: &mut Findings,
) -> Result<()> {
    let target = match &cx.target_dir {
        Some(folder) => folder.clone(),
        None => metadata.target_directory.clone().into_std_path_buf(),
    };
    let folder = target.join("landfall-msrv");
    cx.world.private_dir(&folder)?;
    let mut cmd = Cmd::new(&cx.root, "rustup")
        .args(["run", toolchain, "cargo", "check", "--message-format=json"])
        .env("CARGO_TARGET_DIR", folder.to_string_lossy())
        // A toolchain that is not there is ours to report, not rustup's to install.
        .env("RUSTUP_AUTO_INSTALL", "0")
        .timeout(Duration::from_secs(cx.config.gates.msrv.timeout_s));
    if cx.path("Cargo.lock").is_file() {
        cmd = cmd.arg("--locked");
    }
    for package in packages {
        cmd = cmd.args(["--package", package]);
    }
    let mut built = Findings::default();
    cargo::compile(cx, &cmd, &mut built)?;
    // What an old compiler warns of a newer one may not.
    for mut finding in built.list {
        if finding.severity == Severity::Error {
            let version = toolchain.split('-').next().unwrap_or(toolchain);
            finding.message = format!("with Rust {version}: {}", finding.message);
            finding.help.get_or_insert_with(|| {
                "raise `rust-version`, or write it as that Rust understands it".to_owned()
            });
            findings.list.push(finding);
        }
    }
    findings.unknown.extend(built.unknown);
    if built.examined == 0
        && findings
            .list
            .iter()
            .all(|finding| finding.severity != Severity::Error)
    {
        findings.unknown(format!("`{cmd}` built no package of the repository"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::toolchain;

    #[test]
    fn toolchains_are_told_by_their_numbers() {
        let names: Vec<String> = [
            "stable-x86_64-unknown-linux-gnu",
            "1.9.0-x86_64-unknown-linux-gnu",
            "1.85-x86_64-unknown-linux-gnu",
            "1.90.2-x86_64-unknown-linux-gnu",
            "nightly-2026-01-02-x86_64-unknown-linux-gnu",
        ]
        .map(str::to_owned)
        .to_vec();
        for (version, found) in [
            ("1.90.0", Some("1.90.2")),
            ("1.90.2", Some("1.90.2")),
            ("1.90.1", None),
            ("1.9.0", Some("1.9.0")),
            ("1.85.0", Some("1.85")),
            ("1.85.1", None),
            ("1.8.0", None),
            ("2026.1.0", None),
        ] {
            let version = version.parse().unwrap();
            let name = toolchain(&names, &version).map(|name| name.split('-').next().unwrap());
            assert_eq!(name, found, "{version}");
        }
    }
}
