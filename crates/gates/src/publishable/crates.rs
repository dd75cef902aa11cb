//! Crates: the rules for their metadata, what is packed, and `cargo package` of all of them at once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result};
use cargo_metadata::{Dependency, DependencyKind, Metadata, MetadataCommand, Package, TargetKind};
use manifest::cargo_toml::CargoManifest;
use manifest::{cargo_toml, locate};
use world::{Cmd, Output};

use super::rules::{self, Flaw};
use super::weigh;
use crate::{Cx, Findings, Subject, cargo, runner};

/// The crates of the repository that may be published.
pub(crate) fn publishable(cx: &Cx) -> Result<Vec<Package>> {
    Ok(of(metadata(cx)?).1)
}

pub(crate) fn metadata(cx: &Cx) -> Result<Metadata> {
    let args = ["metadata", "--no-deps", "--format-version=1", "--offline"];
    let cmd = Cmd::new(&cx.root, "cargo").args(args);
    let answer = cx
        .world
        .answer(&cmd)
        .context("ask cargo for the members of the workspace")?;
    MetadataCommand::parse(&answer).with_context(|| format!("understand the answer of `{cmd}`"))
}

/// The folder of builds, the crates that may be published, and the names of the others.
fn of(metadata: Metadata) -> (PathBuf, Vec<Package>, BTreeSet<String>) {
    let (ours, private): (Vec<Package>, Vec<Package>) = metadata
        .packages
        .into_iter()
        .partition(|package| package.publish.as_ref().is_none_or(|to| !to.is_empty()));
    let private = private.iter().map(|package| package.name.to_string());
    let private = private.collect();
    (metadata.target_directory.into_std_path_buf(), ours, private)
}

pub(crate) fn check(cx: &Cx, findings: &mut Findings) -> Result<()> {
    let (target, packages, private) = of(metadata(cx)?);
    if packages.is_empty() {
        return Ok(());
    }
    let top = cx.root.canonicalize().unwrap_or_else(|_| cx.root.clone());
    let private: Vec<&str> = private.iter().map(String::as_str).collect();
    let common = Manifest::read(cx, "Cargo.toml")?;
    let before = findings.list.len();
    findings.evidence("crates", packages.len());
    let mut lists = Vec::new();
    let uncommitted = uncommitted(cx)?;
    for package in &packages {
        findings.examined(1);
        let manifest = Manifest::read(cx, &relative(&top, package.manifest_path.as_std_path()))?;
        judge(&manifest, &common, package, &private, findings);
        lists.push(list(cx, package)?);
        if let Some(Ok(files)) = lists.last() {
            packed(&top, &manifest, package, files, &uncommitted, findings);
        }
    }
    let flawed = findings.list[before..]
        .iter()
        .any(|finding| finding.severity == crate::Severity::Error);
    let scratch = cx.target_dir.as_ref().unwrap_or(&target).join("landfall");
    cx.world.private_dir(&scratch)?;
    let scratch = scratch.join("publishable");
    let output = pack(cx, &packages, &scratch)?;
    if !output.ok() {
        refused(findings, &output, &packages, flawed);
        return Ok(());
    }
    for (package, list) in packages.iter().zip(lists) {
        if let Err(said) = list {
            findings.unknown(said);
        }
        let file = format!("package/{}-{}.crate", package.name, package.version);
        match scratch.join(&file).metadata() {
            Ok(file) => {
                let path = relative(&top, package.manifest_path.as_std_path());
                weigh(cx, findings, &path, &package.name, file.len());
                let mut sizes = findings.evidence.remove("bytes").unwrap_or_default();
                sizes[package.name.as_str()] = file.len().into();
                findings.evidence("bytes", sizes);
            }
            Err(error) => findings.unknown(format!(
                "`{}` ended well, and left no {file}: {error}",
                output.command
            )),
        }
    }
    Ok(())
}

fn relative(top: &Path, path: &Path) -> String {
    let path = path.strip_prefix(top).unwrap_or(path);
    path.to_string_lossy().into_owned()
}

/// A Cargo.toml: where it is, what it says, what it means.
struct Manifest {
    path: String,
    text: String,
    means: CargoManifest,
}

impl Manifest {
    fn read(cx: &Cx, path: &str) -> Result<Manifest> {
        let text = cx.world.read_text(&cx.path(path))?;
        let means = cargo_toml::inspect(&text).with_context(|| format!("read {path}"))?;
        Ok(Manifest {
            path: path.to_owned(),
            text,
            means,
        })
    }

    fn say(&self, flaw: Flaw, public: bool, findings: &mut Findings) {
        let keys: Vec<&str> = flaw.keys.iter().map(String::as_str).collect();
        let place = locate::toml_key(&self.text, &keys);
        let finding = match public {
            true => findings.error(flaw.message),
            false => findings.warning(flaw.message),
        };
        finding
            .at(&self.path)
            .line(place.map(|at| at.0), place.map(|at| at.1))
            .help(flaw.help);
    }
}

/// The metadata and the dependencies of one crate.
fn judge(
    manifest: &Manifest,
    common: &Manifest,
    package: &Package,
    private: &[&str],
    findings: &mut Findings,
) {
    // A registry of one's own makes its own rules for metadata; those for dependencies are cargo's.
    let public = package
        .publish
        .as_ref()
        .is_none_or(|to| to.iter().any(|name| name == "crates-io"));
    for flaw in rules::metadata(package) {
        manifest.say(flaw, public, findings);
    }
    for dependency in &package.dependencies {
        let (holder, entry) = written(manifest, common, dependency);
        let has_requirement = entry.is_none_or(|entry| entry.requirement.is_some());
        let Some(flaw) = rules::dependency(package, dependency, has_requirement, private) else {
            continue;
        };
        let place = entry.map(|entry| (entry.line, entry.column));
        findings
            .error(flaw.message)
            .at(&holder.path)
            .line(place.map(|at| at.0), place.map(|at| at.1))
            .help(flaw.help);
    }
}

/// The line of the manifest that a dependency is from; that of the workspace, where it is inherited.
fn written<'a>(
    manifest: &'a Manifest,
    common: &'a Manifest,
    dependency: &Dependency,
) -> (&'a Manifest, Option<&'a cargo_toml::Dependency>) {
    let key = dependency.rename.as_ref().unwrap_or(&dependency.name);
    let tables: &[&str] = match dependency.kind {
        DependencyKind::Development => &["dev-dependencies", "dev_dependencies"],
        DependencyKind::Build => &["build-dependencies", "build_dependencies"],
        _ => &["dependencies"],
    };
    let target = dependency.target.is_some();
    let ours = |entry: &&cargo_toml::Dependency| {
        let table = entry.table.rsplit('.').next().unwrap_or_default();
        entry.key == *key
            && tables.contains(&table)
            && entry.table.starts_with("target.") == target
            && !entry.table.starts_with("workspace.")
    };
    let entry = manifest.means.dependencies.iter().find(ours);
    if !entry.is_some_and(|entry| entry.inherited) {
        return (manifest, entry);
    }
    let shared = common
        .means
        .dependencies
        .iter()
        .find(|entry| entry.key == *key && entry.table == "workspace.dependencies");
    (common, shared)
}

/// The files that cargo will pack; what it said instead.
fn list(cx: &Cx, package: &Package) -> Result<Result<Vec<String>, String>> {
    let args = [
        "package",
        "--list",
        "--allow-dirty",
        "--offline",
        "--manifest-path",
    ];
    let cmd = Cmd::new(&cx.root, "cargo")
        .args(args)
        .arg(package.manifest_path.as_str());
    let output = cx.world.ask(&cmd)?;
    Ok(match output.ok() {
        true => Ok(output.text().lines().map(str::to_owned).collect()),
        false => Err(output.error().to_string()),
    })
}

/// Files that differ from the commit, from the root. The worktree of a release differs on purpose.
fn uncommitted(cx: &Cx) -> Result<BTreeSet<String>> {
    if matches!(cx.subject, Subject::Candidate { .. }) {
        return Ok(BTreeSet::new());
    }
    let git = cx.git();
    let mut files = git.list(&["diff", "--name-only", "-z", "HEAD"])?;
    files.extend(git.list(&["ls-files", "-z", "--others", "--exclude-standard"])?);
    Ok(files.into_iter().collect())
}

/// What is packed, and what is not.
fn packed(
    top: &Path,
    manifest: &Manifest,
    package: &Package,
    files: &[String],
    uncommitted: &BTreeSet<String>,
    findings: &mut Findings,
) {
    let (name, Some(folder)) = (&package.name, package.manifest_path.as_std_path().parent()) else {
        return;
    };
    let mut lower: BTreeMap<String, &String> = BTreeMap::new();
    for file in files {
        let path = relative(top, &folder.join(file));
        if let Some(other) = lower.insert(file.to_lowercase(), file) {
            findings
                .error(format!(
                    "`{name}` holds `{other}` and `{file}`, which are one file on some machines"
                ))
                .at(&path)
                .help("rename one of them");
        }
        if uncommitted.contains(&path) {
            findings
                .warning(format!(
                    "`{path}` is packed into `{name}` with a change that is not committed"
                ))
                .at(&path)
                .help("commit it: `cargo publish` refuses it so");
        }
    }
    for target in &package.targets {
        let needed = !target.kind.iter().any(|kind| {
            matches!(
                kind,
                TargetKind::Test | TargetKind::Bench | TargetKind::Example
            )
        });
        let source = relative(folder, target.src_path.as_std_path());
        if needed && !files.contains(&source) {
            manifest.say(
                Flaw {
                    message: format!("`{name}` is packed without `{source}`, the source of its target `{}`", target.name),
                    keys: ["package", left_out_by(&manifest.text)].map(str::to_owned).to_vec(),
                    help: "mend `include` or `exclude` under [package]; `cargo package --list` shows what is packed".to_owned(),
                },
                true,
                findings,
            );
        }
    }
}

/// The setting that a file is left out by.
fn left_out_by(text: &str) -> &'static str {
    match locate::toml_key(text, &["package", "include"]) {
        at if at == locate::toml_key(text, &["package"]) => "exclude",
        _ => "include",
    }
}

/// All of them at once: one that is not published yet is found beside those that need it.
fn pack(cx: &Cx, packages: &[Package], scratch: &Path) -> Result<Output> {
    let settings = &cx.config.gates.publishable;
    // What is not committed is told by file; the worktree of a release is edited and not yet committed.
    let mut args = vec!["package", "--allow-dirty", "--color=never"];
    for package in packages {
        args.extend(["--package", package.name.as_str()]);
    }
    if !settings.verify {
        args.push("--no-verify");
    }
    let timeout = Duration::from_secs(settings.timeout_s);
    let cmd = cargo::cmd(cx, timeout, &args)?
        .arg("--target-dir")
        .arg(scratch);
    cx.world.run(&cmd)
}

/// Cargo did not pack: could it not ask a registry, is it too old, or is it the repository?
fn refused(findings: &mut Findings, output: &Output, packages: &[Package], flawed: bool) {
    /// What cargo says where it cannot reach a registry.
    const SIGNS: &[&str] = &[
        "offline mode",
        "failed to query replaced source",
        "Unable to update registry",
        "unable to update registry",
        "network failure",
        "Connection refused",
        "Couldn't connect",
        "Could not connect",
        "timed out",
    ];
    let said = output.errors();
    let alone = |package: &&Package| {
        said.contains(&format!(
            "no matching package named `{}` found",
            package.name
        ))
    };
    // Errors that are listed already are why: cargo stops at the first, and it is one of them.
    if flawed {
        findings.note(format!(
            "`{}` says\n{}",
            output.command,
            runner::tail(output)
        ));
    } else if let Some(package) = packages.iter().find(alone) {
        findings.unknown(format!(
            "this cargo cannot pack crates that need each other before `{}` is published; use cargo 1.90 or later: {}",
            package.name,
            output.error()
        ));
    } else if SIGNS.iter().any(|sign| said.contains(sign)) {
        findings.unknown(format!(
            "cargo cannot ask the registry for what the crates need: {}",
            output.error()
        ));
    } else {
        cargo::broke(findings, output);
    }
}
