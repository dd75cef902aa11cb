//! Bills of materials: what the packages of a release are made of, as cargo and the lock files say.
//!
//! ```text
//! cargo metadata, Cargo.lock ─┐
//! package-lock.json ──────────┼─▶ one graph ─▶ a document for each public package, or one for the project
//! pnpm-lock.yaml ─────────────┘
//! ```
//!
//! All is read from the checkout of the release commit, so that it can be made again from the commit alone; what happens to
//! be installed beside it is not looked at.

mod cargo;
mod node;
mod npm;
mod pnpm;
mod source;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, bail};
use archive::sbom::{Component, Graph, Need, Purl};
use config::SbomPer;
use gates::project::{self, NodeManager};

use super::Build;
use crate::{Artifact, Event};

/// What lies in the repository, as far as it could be read.
#[derive(Default)]
struct Known {
    graph: Graph,
    /// bom-ref and version of each package of the repository, by its manifest, from the root.
    own: BTreeMap<String, (String, String)>,
    /// What could not be looked at, and why.
    unread: Vec<String>,
}

/// One document: its name among the assets, and what it is about.
struct Subject {
    name: String,
    reference: String,
}

pub(super) fn make(build: &Build<'_>) -> Result<Vec<Artifact>> {
    let per = build.cx.config.sbom.per;
    if per == SbomPer::None {
        return Ok(Vec::new());
    }
    let mut known = read(build).context("write the bill of materials")?;
    for reason in &known.unread {
        build.cx.tell(&Event::Note(format!("no SBOM: {reason}")));
    }
    if known.own.is_empty() {
        return Ok(Vec::new());
    }
    let mut subjects = Vec::new();
    if per == SbomPer::Package {
        subjects = of_packages(build, &known)?;
    }
    // Where nothing is public, or nothing of what is public could be read, it is about the whole.
    if subjects.is_empty() {
        subjects.push(of_project(build, &mut known));
    }
    let time = rfc_3339(build.inputs.time_s)?;
    subjects
        .into_iter()
        .map(|subject| {
            archive::check_asset_name(&subject.name)?;
            let bytes = known.graph.document(&subject.reference, &time)?;
            build.write(&subject.name, &bytes)
        })
        .collect()
}

/// The names of the documents, as far as the tree can say before it has the version that is released.
///
/// # Errors
/// As [`make`].
pub(super) fn names(build: &Build<'_>) -> Result<Vec<String>> {
    let per = build.cx.config.sbom.per;
    if per == SbomPer::None {
        return Ok(Vec::new());
    }
    let mut known = read(build)?;
    if known.own.is_empty() {
        return Ok(Vec::new());
    }
    let version = build.inputs.version.to_string();
    for (_, says) in known.own.values_mut() {
        says.clone_from(&version);
    }
    let mut subjects = Vec::new();
    if per == SbomPer::Package {
        subjects = of_packages(build, &known)?;
    }
    if subjects.is_empty() {
        subjects.push(of_project(build, &mut known));
    }
    Ok(subjects.into_iter().map(|subject| subject.name).collect())
}

fn read(build: &Build<'_>) -> Result<Known> {
    let mut known = Known::default();
    let found = project::detect(&build.tree);
    if found.cargo {
        cargo::read(build, &mut known)?;
    }
    match found.node {
        None => {}
        Some(NodeManager::Yarn) => known
            .unread
            .push("the lock file of yarn is not read".to_owned()),
        Some(manager) => node::read(build, manager, &mut known)?,
    }
    if !found.cargo && found.node.is_none() {
        known.unread.push(
            "there is neither a Cargo.toml nor a package.json at the root of the repository"
                .to_owned(),
        );
    }
    Ok(known)
}

/// The public packages that this release gives a version.
fn of_packages(build: &Build<'_>, known: &Known) -> Result<Vec<Subject>> {
    let places = gates::places::discover(&build.cx.world, &build.tree, &build.cx.config)?;
    let version = build.inputs.version.to_string();
    let mut found = Vec::new();
    for public in places.public() {
        let Some((reference, says)) = known.own.get(&public.manifest) else {
            continue;
        };
        if *says != version {
            bail!(
                "{} says {says}, and what is released is {version}; run `cargo xtask version check`",
                public.manifest
            );
        }
        found.push((file_name(&public.name), public, reference.clone()));
    }
    // A crate and an npm package of one name are told apart by their kind.
    let lower = |name: &str| name.to_lowercase();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for (name, ..) in &found {
        *counts.entry(lower(name)).or_default() += 1;
    }
    let mut taken = BTreeSet::new();
    let mut subjects = Vec::new();
    for (name, public, reference) in found {
        let kind = match public.manifest.ends_with("Cargo.toml") {
            true => "-cargo",
            false => "-npm",
        };
        let kind = if counts[&lower(&name)] > 1 { kind } else { "" };
        let name = format!("{name}{kind}-{version}.cdx.json");
        if !taken.insert(lower(&name)) {
            bail!(
                "the bills of materials of two packages would both be called {name}; write `per = \"project\"` in [sbom] of release.toml"
            );
        }
        subjects.push(Subject { name, reference });
    }
    Ok(subjects)
}

/// A component that stands for everything, and needs every package of the repository.
fn of_project(build: &Build<'_>, known: &mut Known) -> Subject {
    let (project, version) = (&build.inputs.project, build.inputs.version.to_string());
    let reference = known.graph.add(Component {
        application: true,
        purl: Purl::new("generic", project, &version),
        name: project.clone(),
        version: version.clone(),
        hashes: Vec::new(),
        license: None,
        authors: Vec::new(),
        links: Vec::new(),
        properties: BTreeMap::new(),
    });
    for (own, _) in known.own.values() {
        known.graph.need(&reference, own, Need::Required);
    }
    if !known.unread.is_empty() {
        known.graph.incomplete(&reference);
    }
    Subject {
        name: format!("{}-{version}.cdx.json", file_name(project)),
        reference,
    }
}

/// `@scope/name` is `scope-name`.
fn file_name(package: &str) -> String {
    package.trim_start_matches('@').replace('/', "-")
}

fn rfc_3339(unix_s: u64) -> Result<String> {
    let of_day = unix_s % 86_400;
    Ok(format!(
        "{}T{:02}:{:02}:{:02}Z",
        world::date_of(unix_s)?,
        of_day / 3600,
        of_day / 60 % 60,
        of_day % 60
    ))
}

#[cfg(test)]
mod tests;
