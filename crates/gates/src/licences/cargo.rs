//! What the crates of the graph say, from `cargo metadata`.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use cargo_metadata::{DependencyKind, Metadata, PackageId};

use super::{Known, Package};
use crate::{Cx, cargo};

/// Resolving, and downloading where the person's settings let cargo do so.
const PATIENCE: Duration = Duration::from_secs(300);

pub(crate) fn packages(cx: &Cx, dev: bool) -> Result<Known> {
    let cmd = cargo::cmd(cx, PATIENCE, &["metadata", "--format-version=1"])?;
    let output = cx.world.ask(&cmd)?;
    if !output.ok() {
        bail!(
            "the licences of the crates cannot be seen: {}; `cargo fetch --locked` downloads what is missing",
            output.error()
        );
    }
    let metadata: Metadata = serde_json::from_slice(&output.stdout)
        .with_context(|| format!("read the answer of `{}`", output.command))?;
    let lock = cx
        .world
        .read_if_exists(&cx.path("Cargo.lock"))?
        .unwrap_or_default();
    let built = if dev {
        None
    } else {
        Some(without_dev(&metadata)?)
    };
    let packages = metadata
        .packages
        .iter()
        .filter(|package| !metadata.workspace_members.contains(&package.id))
        .filter(|package| {
            built
                .as_ref()
                .is_none_or(|built| built.contains(&package.id))
        })
        .map(|package| {
            let (name, version) = (package.name.to_string(), package.version.to_string());
            Package {
                place: (
                    "Cargo.lock".to_owned(),
                    crate::advisories::rustsec::line(&lock, &name, &version),
                ),
                why: format!("cargo tree --target all -i {name}@{version}"),
                license: package.license.clone(),
                file: package.license_file.as_ref().map(ToString::to_string),
                name,
                version,
            }
        })
        .collect();
    Ok(Known {
        packages,
        ..Known::default()
    })
}

/// What is reached from the members without dev-dependencies.
fn without_dev(metadata: &Metadata) -> Result<BTreeSet<PackageId>> {
    let resolve = metadata
        .resolve
        .as_ref()
        .context("cargo metadata gave no graph")?;
    let mut reached: BTreeSet<PackageId> = BTreeSet::new();
    let mut next: Vec<&PackageId> = metadata.workspace_members.iter().collect();
    while let Some(id) = next.pop() {
        if !reached.insert(id.clone()) {
            continue;
        }
        let node = resolve.nodes.iter().find(|node| node.id == *id);
        for edge in node.into_iter().flat_map(|node| &node.deps) {
            let used = edge
                .dep_kinds
                .iter()
                .any(|kind| kind.kind != DependencyKind::Development);
            if used || edge.dep_kinds.is_empty() {
                next.push(&edge.pkg);
            }
        }
    }
    Ok(reached)
}
