//! `semver`: the new version is as far from the last one as the changes of the public interface ask for.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::Result;
use cargo_metadata::{Package, TargetKind};
use world::{Cmd, CmdError, Failure, Output};

use crate::publishable::crates::publishable;
use crate::semver_checks::{self, Level, Said};
use crate::tags::{self, Tags};
use crate::{Applies, Cost, Cx, Findings, Gate, Inputs, Lane, Subject, project};

pub(crate) const GATE: Gate = Gate {
    name: "semver",
    about: "does the version fit the changes of the libraries' interfaces",
    cost: Cost::Slow,
    needs: &[Lane::CargoBuild],
    inputs: |_| {
        Ok(Inputs::Live(
            "compares with the release before, which a tag names",
        ))
    },
    applies,
    check,
};

const HELP: &str = "run `cargo install cargo-semver-checks --locked`";

fn applies(cx: &Cx) -> Result<Applies> {
    let no = |reason: &str| Ok(Applies::No(reason.to_owned()));
    if !project::detect(&cx.root).cargo {
        return no("no Cargo.toml at the root");
    }
    if tags::release_before(cx)?.is_none() {
        let tags = Tags::of(&cx.world, &cx.root, &cx.config)?;
        return Ok(Applies::No(format!(
            "there is no release before this one to compare with: no tag before it looks like `{}` (release.tag in release.toml)",
            tags.glob()
        )));
    }
    if libraries(cx)?.is_empty() {
        return no("no library is published");
    }
    if !cx.config.gates.semver.require && program(cx)?.is_err() {
        return no(
            "cargo-semver-checks is not installed, and gates.semver.require is not set; it would compare the libraries with the release before",
        );
    }
    Ok(Applies::Yes)
}

/// The version of the program; why there is none.
fn program(cx: &Cx) -> Result<Result<String, String>> {
    let cmd = Cmd::new(&cx.root, "cargo").args(["semver-checks", "--version"]);
    let output = match cx.world.ask(&cmd) {
        Ok(output) => output,
        Err(error) => {
            let missing = error
                .downcast_ref::<CmdError>()
                .is_some_and(|error| error.failure == Failure::Missing);
            return match missing {
                true => Ok(Err(format!("{error:#}"))),
                false => Err(error),
            };
        }
    };
    Ok(match output.ok() {
        true => Ok(output.text()),
        false => Err(output.error().to_string()),
    })
}

/// Crates with an interface that somebody else may use.
fn libraries(cx: &Cx) -> Result<Vec<Package>> {
    let mut packages = publishable(cx)?;
    packages.retain(|package| {
        let kinds = package.targets.iter().flat_map(|target| &target.kind);
        let mut kinds = kinds.filter(|kind| !matches!(kind, TargetKind::ProcMacro));
        kinds.any(|kind| {
            matches!(
                kind,
                TargetKind::Lib | TargetKind::RLib | TargetKind::DyLib | TargetKind::CDyLib
            )
        })
    });
    Ok(packages)
}

fn check(cx: &Cx, findings: &mut Findings) -> Result<()> {
    let Some(tag) = tags::release_before(cx)? else {
        findings.unknown("the release before is gone");
        return Ok(());
    };
    findings.evidence("baseline", tag.as_str());
    match program(cx)? {
        Ok(version) => findings.evidence("program", version),
        Err(said) => {
            findings.unknown(format!("cargo-semver-checks does not run; {HELP}: {said}"));
            return Ok(());
        }
    }
    let before = names_at(cx, &tag)?;
    let mut worst = Level::None;
    for package in libraries(cx)? {
        let name = package.name.as_str();
        if !before.contains(name) {
            findings.examined(1);
            findings.note(format!(
                "`{name}` was not there in {tag}: nothing is promised yet"
            ));
            continue;
        }
        let output = run(cx, &tag, name)?;
        let Some(said) = answer(&output) else {
            findings.unknown(format!(
                "cargo-semver-checks could not compare `{name}` with {tag}: {}",
                output.error()
            ));
            continue;
        };
        findings.examined(1);
        worst = worst.max(judge(cx, &tag, &package, &said, findings));
    }
    findings.evidence("required", worst.name());
    Ok(())
}

/// Names in the manifests of the release before; one too many only makes the program say that it finds no such crate.
fn names_at(cx: &Cx, tag: &str) -> Result<BTreeSet<String>> {
    let tree = format!("refs/tags/{tag}");
    let args = [
        "grep",
        "-h",
        "-I",
        "-E",
        "^[[:space:]]*name[[:space:]]*=",
        &tree,
        "--",
    ];
    let manifests = ["Cargo.toml", ":(glob)**/Cargo.toml"];
    let output = cx.git().ask(&[&args[..], &manifests[..]].concat())?;
    let name = |line: &str| {
        let value = line.split_once('=')?.1;
        let quote = value.find(['"', '\''])?;
        let rest = &value[quote + 1..];
        Some(rest[..rest.find(['"', '\''])?].to_owned())
    };
    match output.code {
        Some(0 | 1) => Ok(output.text().lines().filter_map(name).collect()),
        _ => Err(output.error().into()),
    }
}

/// All lints for one crate, whatever its version is by now: what its version allows is judged afterwards.
fn run(cx: &Cx, tag: &str, name: &str) -> Result<Output> {
    let settings = &cx.config.gates.semver;
    let mut cmd = Cmd::new(&cx.root, "cargo")
        .args([
            "semver-checks",
            "check-release",
            "--verbose",
            "--color",
            "never",
        ])
        .args([
            "--release-type",
            "patch",
            "--baseline-rev",
            tag,
            "--package",
            name,
        ])
        .timeout(Duration::from_secs(settings.timeout_s));
    if let Some(folder) = &cx.target_dir {
        cmd = cmd.env("CARGO_TARGET_DIR", folder.to_string_lossy());
    }
    cx.world.run(&cmd)
}

/// What it says, where that agrees with how it ended.
fn answer(output: &Output) -> Option<Said> {
    let text = String::from_utf8_lossy(&output.stdout);
    let said = semver_checks::read(&text, &output.errors())?;
    let denied = said.broken.iter().any(|lint| lint.denied);
    match output.code? {
        0 => (!denied && said.lints > 0).then_some(said),
        1 | 100 => denied.then_some(said),
        _ => None,
    }
}

/// Lists what is broken and not allowed; gives the level that all of it requires.
fn judge(cx: &Cx, tag: &str, package: &Package, said: &Said, findings: &mut Findings) -> Level {
    let (name, old, new) = (&package.name, &said.old, &package.version);
    let bump = Level::of(old, new);
    let denied = said.broken.iter().filter(|lint| lint.denied);
    let required = denied
        .map(|lint| lint.requires)
        .max()
        .unwrap_or(Level::None);
    // Before its version is set a tree cannot have the right one: then it is told what that will have to be.
    let early = bump == Level::None && cx.subject == Subject::Tree;
    for lint in said.broken.iter().filter(|lint| lint.requires > bump) {
        for item in &lint.items {
            let item = tidy(cx, item);
            let message = format!(
                "`{name}`: {}: {item} ({}, since {tag})",
                lint.title, lint.id
            );
            let finding = match lint.denied && !early {
                true => findings.error(message),
                false => findings.warning(message),
            };
            if let Some((path, line)) = semver_checks::place(&item) {
                finding.at(path).line(Some(line), None);
            }
            finding.help(match lint.denied {
                true => format!(
                    "that asks for a {} step: {} or later instead of {new}; or take the change back",
                    lint.requires.name(),
                    lint.requires.after(old)
                ),
                false => "no step is asked for; see whether users will mind".to_owned(),
            });
        }
    }
    if required > Level::None && required <= bump {
        findings.note(format!(
            "`{name}` {old} → {new} is a {} step, and its changes ask for a {} one",
            bump.name(),
            required.name()
        ));
    }
    required
}

/// An item with the path of this repository in place of the one of the program's copy of the release before.
fn tidy(cx: &Cx, item: &str) -> String {
    let Some((path, _)) = semver_checks::place(item) else {
        return item.to_owned();
    };
    let is_tree =
        |part: &&str| part.len() >= 40 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let root = cx.root.canonicalize().unwrap_or_else(|_| cx.root.clone());
    let root = root.to_string_lossy();
    let inside = match path.split('/').find(is_tree) {
        Some(tree) => path.split_once(tree).map(|(_, rest)| rest),
        None => path.strip_prefix(&*root),
    };
    match inside {
        Some(inside) => item.replace(path, inside.trim_start_matches('/')),
        None => item.to_owned(),
    }
}
