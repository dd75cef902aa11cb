//! What the manifests, the toolchain file and the workflows say about the oldest Rust: compared without building.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use anyhow::Result;
use cargo_metadata::{DependencyKind, Metadata, Package, PackageId};
use semver::Version;

use crate::{Cx, Findings};

/// `1.90` of `1.90.0`, as it is written.
pub(crate) fn short(version: &Version) -> String {
    match version.patch {
        0 => format!("{}.{}", version.major, version.minor),
        _ => version.to_string(),
    }
}

/// The line (from 1) on which a manifest declares a `rust-version` of its own, or hands one on.
pub(crate) fn line(manifest: &str) -> Option<usize> {
    manifest
        .lines()
        .position(|line| {
            let rest = line.trim_start().strip_prefix("rust-version");
            rest.is_some_and(|rest| rest.trim_start().starts_with('='))
        })
        .map(|index| index + 1)
}

/// The manifest of a package, from the root of the repository.
fn manifest(cx: &Cx, package: &Package) -> String {
    let root = cx.root.canonicalize().unwrap_or_else(|_| cx.root.clone());
    let path = package.manifest_path.as_std_path();
    let inside = path.strip_prefix(&root).unwrap_or(path);
    inside.to_string_lossy().into_owned()
}

/// Where the `rust-version` of a package is written: in its manifest, or in that of the workspace.
fn place(cx: &Cx, package: &Package) -> Result<(String, Option<usize>)> {
    for path in [manifest(cx, package), "Cargo.toml".to_owned()] {
        let text = cx.world.read_if_exists(&cx.path(&path))?;
        if let Some(line) = text.as_deref().and_then(line) {
            return Ok((path, Some(line)));
        }
    }
    Ok((manifest(cx, package), None))
}

/// Packages that others use and that promise nothing, beside such that do.
pub(crate) fn undeclared(cx: &Cx, members: &[&Package], findings: &mut Findings) {
    for package in members {
        let publishable = package.publish.as_ref().is_none_or(|list| !list.is_empty());
        if publishable && package.rust_version.is_none() {
            findings
                .error(format!(
                    "{} declares no `rust-version`, and other packages here do",
                    package.name
                ))
                .at(manifest(cx, package))
                .help("write `rust-version.workspace = true` or a version of its own, or `publish = false`");
        }
    }
}

/// A dependency that needs a newer Rust than the package which needs it promises: it could not be built.
pub(crate) fn dependencies(cx: &Cx, metadata: &Metadata, findings: &mut Findings) -> Result<()> {
    let packages: BTreeMap<&PackageId, &Package> = metadata
        .packages
        .iter()
        .map(|package| (&package.id, package))
        .collect();
    let mut members = metadata.workspace_packages();
    // The lowest promise first: a dependency is named once.
    members.sort_by_key(|package| &package.rust_version);
    let (mut seen, mut told) = (BTreeSet::new(), BTreeSet::new());
    for member in members {
        let Some(promised) = &member.rust_version else {
            continue;
        };
        for (id, above) in reachable(metadata, &member.id) {
            let Some(package) = packages.get(id) else {
                continue;
            };
            if id != &member.id {
                seen.insert(id);
            }
            let Some(needed) = package
                .rust_version
                .as_ref()
                .filter(|needed| *needed > promised)
            else {
                continue;
            };
            if !told.insert(id) {
                continue;
            }
            let chain: Vec<&str> = above
                .iter()
                .filter_map(|id| Some(packages.get(id)?.name.as_str()))
                .collect();
            let (path, line) = place(cx, member)?;
            findings
                .error(format!(
                    "{} promises Rust {}, and its dependency {} {} needs {}",
                    member.name,
                    short(promised),
                    package.name,
                    package.version,
                    short(needed)
                ))
                .at(path)
                .line(line, None)
                .help(format!(
                    "it comes by {}: raise `rust-version` to {}, or take an older {} with `cargo update {} --precise`",
                    chain.join(" → "),
                    short(needed),
                    package.name,
                    package.name
                ));
        }
    }
    findings.examined(seen.len());
    findings.evidence("dependencies", seen.len());
    Ok(())
}

/// All that a package is built from, each with the way to it; what only its tests need is not built by who uses it.
fn reachable<'m>(
    metadata: &'m Metadata,
    from: &'m PackageId,
) -> Vec<(&'m PackageId, Vec<&'m PackageId>)> {
    let nodes: BTreeMap<&PackageId, _> = metadata
        .resolve
        .iter()
        .flat_map(|resolve| &resolve.nodes)
        .map(|node| (&node.id, node))
        .collect();
    let mut found = Vec::new();
    let mut seen = BTreeSet::from([from]);
    let mut waiting = VecDeque::from([(from, vec![from])]);
    while let Some((id, way)) = waiting.pop_front() {
        for dependency in nodes.get(id).iter().flat_map(|node| &node.deps) {
            let built = dependency
                .dep_kinds
                .iter()
                .any(|kind| kind.kind != DependencyKind::Development);
            if built && seen.insert(&dependency.pkg) {
                let way: Vec<&PackageId> = way.iter().copied().chain([&dependency.pkg]).collect();
                waiting.push_back((&dependency.pkg, way));
            }
        }
        found.push((id, way));
    }
    found
}

/// The toolchain file pins what everybody builds with: an older one than is promised cannot build the packages.
pub(crate) fn toolchain_file(cx: &Cx, promised: &Version, findings: &mut Findings) -> Result<()> {
    for path in ["rust-toolchain.toml", "rust-toolchain"] {
        let Some(text) = cx.world.read_if_exists(&cx.path(path))? else {
            continue;
        };
        for (index, line) in text.lines().enumerate() {
            // The old form is the bare name.
            let value = match line.trim().strip_prefix("channel") {
                Some(rest) => rest.trim_start_matches([' ', '=']),
                None if !text.contains('[') => line.trim(),
                None => continue,
            };
            let pinned = numbers(value.trim_start_matches(['"', '\'']));
            if pinned.is_some_and(|pinned| pinned < (promised.major, promised.minor)) {
                findings
                    .error(format!(
                        "{path} pins an older Rust than the packages promise to need: {}",
                        short(promised)
                    ))
                    .at(path)
                    .line(Some(index + 1), None)
                    .help("pin the promised version or a later one");
            }
        }
    }
    Ok(())
}

/// `1.90` at the beginning of a text.
fn numbers(text: &str) -> Option<(u64, u64)> {
    let (major, rest) = text.split_once('.')?;
    let minor: String = rest.chars().take_while(char::is_ascii_digit).collect();
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// A note where there are workflows and none of them names the promised version.
pub(crate) fn workflows(cx: &Cx, promised: &Version, findings: &mut Findings) -> Result<()> {
    let list = cx.git().list(&[
        "ls-files",
        "-z",
        "--",
        ".github/workflows/*.yml",
        ".github/workflows/*.yaml",
    ])?;
    let version = short(promised);
    let mut looked = false;
    for path in &list {
        let Some(text) = cx.world.read_if_exists(&cx.path(path))? else {
            continue;
        };
        looked = true;
        if names(&text, &version) {
            return Ok(());
        }
    }
    if looked {
        findings
            .note(format!(
                "no workflow names Rust {version}: nothing there builds with the version that is promised"
            ))
            .at(".github/workflows")
            .help(format!("let one job install the toolchain {version} and run `cargo check`"));
    }
    Ok(())
}

/// Whether the version stands in a text, and not as a part of another number.
fn names(text: &str, version: &str) -> bool {
    text.match_indices(version).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + version.len()..].chars().next();
        let part = |char: Option<char>| char.is_some_and(|char| char.is_ascii_digit());
        !part(before) && before != Some('.') && !part(after)
    })
}

#[cfg(test)]
mod tests {
    use semver::Version;

    use super::{line, names, numbers, short};

    #[test]
    fn declarations_and_versions_are_found() {
        assert_eq!(
            line("[package]\nname = \"a\"\nrust-version = \"1.90\"\n"),
            Some(3)
        );
        assert_eq!(
            line("rust-version.workspace = true\n# rust-version = \"1\"\n"),
            None
        );
        assert_eq!(line("rust-versions = \"1\"\n"), None);
        assert_eq!(numbers("1.90.1\""), Some((1, 90)));
        assert_eq!(numbers("stable"), None);
        assert_eq!(short(&Version::new(1, 90, 0)), "1.90");
        assert_eq!(short(&Version::new(1, 90, 1)), "1.90.1");
        for (text, found) in [
            ("toolchain: \"1.90\"", true),
            ("toolchain: 1.90.0", true),
            ("toolchain@1.90\n", true),
            ("1.900 11.90 0.1.90 v1.9", false),
        ] {
            assert_eq!(names(text, "1.90"), found, "{text}");
        }
    }
}
