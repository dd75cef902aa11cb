//! Cargo's graph: normal and build dependencies, for all targets, with default features, as `cargo metadata` resolves it.
//!
//! Cargo resolves a workspace at once, so a feature that one member asks for is on for all of them: a package may stand in a
//! document because another member's features bring it, and none is missing.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use archive::sbom::{Author, Component, Hash, License, Need, Purl};
use cargo_metadata::{DependencyKind, Metadata, Package, PackageId, Source};
use manifest::cargo_lock::{self, Locked};
use world::{Cmd, Output};

use super::{Build, Known, source};

/// Resolving, and downloading where the person's settings let cargo do so.
const PATIENCE: Duration = Duration::from_secs(600);

/// Large workspaces answer with tens of megabytes.
const ANSWER_BYTES: usize = 512 << 20;

const HELP: &str = "or write `per = \"none\"` in [sbom] of release.toml";

pub(super) fn read(build: &Build<'_>, known: &mut Known) -> Result<()> {
    let lock = build.tree.join("Cargo.lock");
    let Some(lock) = build.cx.world.read_if_exists(&lock)? else {
        known.unread.push(
            "Cargo.lock is not part of the repository, so nobody knows what the crates are built with"
                .to_owned(),
        );
        return Ok(());
    };
    let checksums = cargo_lock::checksums(&lock)
        .map_err(|error| anyhow::anyhow!("Cargo.lock, {error}"))
        .context("read the checksums of the crates")?;
    let metadata = metadata(build)?;
    let resolve = metadata
        .resolve
        .as_ref()
        .context("cargo metadata gave no graph")?;
    let root = metadata.workspace_root.as_std_path();
    let mut references: BTreeMap<&PackageId, String> = BTreeMap::new();
    for package in &metadata.packages {
        let member = metadata.workspace_members.contains(&package.id);
        let mut component = component(package, &checksums);
        let manifest = package.manifest_path.as_std_path();
        let inside = manifest
            .strip_prefix(root)
            .ok()
            .and_then(|path| path.to_str());
        if !member && package.source.is_none() {
            // A path outside of the repository is one of this machine.
            let place = inside.map_or("outside of the repository", |path| {
                path.trim_end_matches("Cargo.toml").trim_end_matches('/')
            });
            component
                .properties
                .insert("landfall:path".to_owned(), place.to_owned());
        }
        let version = component.version.clone();
        let reference = known.graph.add(component);
        if let (true, Some(path)) = (member, inside) {
            known
                .own
                .insert(path.to_owned(), (reference.clone(), version));
        }
        references.insert(&package.id, reference);
    }
    for node in &resolve.nodes {
        for edge in &node.deps {
            let needs = edge.dep_kinds.iter().filter_map(|kind| match kind.kind {
                DependencyKind::Development => None,
                DependencyKind::Build => Some(Need::Build),
                _ => Some(Need::Required),
            });
            let (Some(from), Some(to)) = (references.get(&node.id), references.get(&edge.pkg))
            else {
                bail!("cargo metadata names {} and says no more of it", edge.pkg);
            };
            if let Some(need) = needs.min() {
                known.graph.need(from, to, need);
            }
        }
    }
    Ok(())
}

/// What is downloaded already is enough as a rule; else cargo may download, and the lock file decides what.
fn metadata(build: &Build<'_>) -> Result<Metadata> {
    let ask = |more: &[&str]| -> Result<Output> {
        let cmd = Cmd::new(&build.tree, "cargo")
            .args(["metadata", "--format-version=1", "--locked"])
            .args(more)
            .timeout(PATIENCE)
            .keep(ANSWER_BYTES);
        let asked = build.cx.world.ask(&cmd);
        asked.with_context(|| {
            format!("the graph of the crates is cargo's to tell: install it, {HELP}")
        })
    };
    let mut output = ask(&["--offline"])?;
    if !output.ok() {
        output = ask(&[])?;
    }
    if !output.ok() {
        let said = output.errors();
        if said.contains("--locked") {
            bail!(
                "Cargo.lock is not in step with the manifests; run `cargo update --workspace` and commit it\n{said}"
            );
        }
        bail!(
            "{}\n`cargo fetch --locked` downloads what is missing; {HELP}",
            output.error()
        );
    }
    serde_json::from_slice(&output.stdout)
        .with_context(|| format!("read the answer of `{}`", output.command))
}

fn component(package: &Package, checksums: &BTreeMap<Locked, String>) -> Component {
    let (name, version) = (package.name.to_string(), package.version.to_string());
    let source = package.source.as_ref();
    let hashes = source.and_then(|source| {
        let locked = (name.clone(), version.clone(), source.repr.clone());
        let hex = checksums.get(&locked)?.to_ascii_lowercase();
        let sound = hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
        sound.then_some(Hash {
            algorithm: "SHA-256",
            hex,
        })
    });
    let is = |kind: &str| {
        let mut targets = package.targets.iter();
        targets.any(|target| target.kind.iter().any(|one| one.to_string() == kind))
    };
    let libraries = ["lib", "rlib", "dylib", "cdylib", "staticlib", "proc-macro"];
    let licensed = package.license.as_deref().map(source::license);
    let in_file = || {
        let file = package.license_file.as_ref()?;
        Some(License::Named(format!("see {}", file.file_name()?)))
    };
    let links = [
        ("vcs", &package.repository),
        ("website", &package.homepage),
        ("documentation", &package.documentation),
    ];
    Component {
        application: is("bin") && !libraries.into_iter().any(is),
        purl: purl(package, &name, &version),
        name,
        version,
        hashes: hashes.into_iter().collect(),
        license: licensed.or_else(in_file),
        authors: package.authors.iter().map(|text| author(text)).collect(),
        links: links
            .into_iter()
            .filter_map(|(kind, url)| source::link(kind, url.as_deref()?))
            .collect(),
        properties: BTreeMap::new(),
    }
}

fn purl(package: &Package, name: &str, version: &str) -> Purl {
    let Some(source) = &package.source else {
        // What nobody may publish is in no registry.
        let private = package.publish.as_ref().is_some_and(Vec::is_empty);
        let kind = if private { "generic" } else { "cargo" };
        return Purl::new(kind, name, version);
    };
    let Source { repr, .. } = source;
    if source.is_crates_io() {
        return Purl::new("cargo", name, version);
    }
    if let Some(git) = repr.strip_prefix("git+") {
        let (address, commit) = git.split_once('#').unwrap_or((git, ""));
        // Branch, tag or revision: the commit says more.
        let address = address.split('?').next().unwrap_or(address);
        return source::of_git("cargo", name, version, address, commit);
    }
    let index = ["registry+", "sparse+"]
        .iter()
        .find_map(|kind| repr.strip_prefix(kind));
    match index.and_then(source::remote) {
        Some(index) => Purl::new("cargo", name, version).with("repository_url", &index),
        None => Purl::new("generic", name, version),
    }
}

/// `NAME <EMAIL>`, as Cargo.toml and package.json write it.
pub(super) fn author(text: &str) -> Author {
    let text = text.split(" (http").next().unwrap_or(text);
    let (name, email) = match text.split_once('<') {
        Some((name, email)) => (name.trim(), email.trim_end().trim_end_matches('>')),
        None => (text.trim(), ""),
    };
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Author {
        name: some(name),
        email: some(email).filter(|email| email.contains('@')),
    }
}
