//! The packages of a repository as their manifests say: name, version, and what they need of each other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use cargo_metadata::MetadataCommand;
use config::Config;
use manifest::cargo_toml::{CargoManifest, Declared, Dependency};
use manifest::{Format, Version, cargo_toml, package_json, parse_version};
use serde_json::Value;
use world::{Cmd, World};

use super::{Follow, flaw, format};
use crate::side_by_side::side_by_side;
use crate::{node, project};

/// A manifest of the repository.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    /// From the root.
    pub(crate) path: String,
    /// Empty where it names no package.
    pub(crate) name: String,
    pub(super) version: Carries,
    /// Left out by `version.exclude`.
    pub(super) excluded: bool,
    pub(super) private: bool,
    pub(super) format: &'static Format,
    pub(super) follow: Follow,
    /// What it needs of packages of this repository, or may need.
    pub(super) needs: Vec<Need>,
}

/// Where the version of a package comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Carries {
    Own(Version),
    /// From `[workspace.package]` at the root.
    Inherited,
    Nothing,
}

/// A requirement of one package on another.
#[derive(Debug, Clone)]
pub(super) struct Need {
    pub(super) package: String,
    pub(super) requirement: String,
    pub(super) kind: NeedKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NeedKind {
    Normal,
    /// Whoever uses the package has to bring it, so another requirement is another promise.
    Peer,
    /// Nobody who uses the package sees it.
    Dev,
}

impl Member {
    pub(super) fn at_root(&self) -> bool {
        !self.path.contains('/')
    }

    pub(super) fn folder(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    pub(super) fn own(&self) -> Option<&Version> {
        match &self.version {
            Carries::Own(version) => Some(version),
            Carries::Inherited | Carries::Nothing => None,
        }
    }

    pub(super) fn is_npm(&self) -> bool {
        self.format.name == "package_json"
    }

    /// Whether a glob names the package, its manifest, or the folder that holds it.
    pub(super) fn is_named_by(&self, glob: &str) -> bool {
        self.name == glob
            || fast_glob::glob_match(glob, &self.path)
            || fast_glob::glob_match(glob, self.folder())
    }
}

/// All packages, and the version of `[workspace.package]`.
pub(super) struct Members {
    pub(super) list: Vec<Member>,
    pub(super) workspace: Option<Version>,
}

/// Asks cargo and git once, and reads every manifest once.
pub(super) fn read(world: &World, root: &Path, config: &Config) -> Result<Members> {
    let project = project::detect(root);
    let mut members = Members {
        list: Vec::new(),
        workspace: None,
    };
    if project.cargo {
        cargo(world, root, config, &mut members)?;
    }
    if project.node.is_some() {
        npm(world, root, config, &mut members)?;
    }
    Ok(members)
}

/// So many manifests are read at once.
const AT_ONCE: usize = 8;

fn cargo(world: &World, root: &Path, config: &Config, members: &mut Members) -> Result<()> {
    let paths: Vec<String> = cargo_manifests(world, root)?.into_iter().collect();
    let read = side_by_side(&paths, AT_ONCE, |path| {
        let text = world.read_text(&root.join(path))?;
        cargo_toml::inspect(&text).map_err(|error| flaw(path, error))
    });
    let mut manifests = Vec::with_capacity(paths.len());
    for (path, read) in paths.into_iter().zip(read) {
        manifests.push((path, read?));
    }
    let root_manifest = manifests.iter().find(|(path, _)| path == "Cargo.toml");
    let mut shared: BTreeMap<&str, &Dependency> = BTreeMap::new();
    let mut private = false;
    if let Some((_, manifest)) = root_manifest {
        members.workspace.clone_from(&manifest.workspace_version);
        private = manifest.workspace_private;
        let of_workspace = manifest.dependencies.iter();
        shared.extend(
            of_workspace
                .filter(|one| one.table == "workspace.dependencies")
                .map(|one| (one.key.as_str(), one)),
        );
    }
    for (path, manifest) in &manifests {
        let (name, version, publish) = match &manifest.package {
            None => (String::new(), Carries::Nothing, None),
            Some(package) => {
                let version = match &package.version {
                    Declared::Own(version) => Carries::Own(version.clone()),
                    Declared::Inherited => Carries::Inherited,
                    Declared::Absent => Carries::Nothing,
                };
                (package.name.clone(), version, package.private)
            }
        };
        members.list.push(Member {
            name,
            version,
            excluded: excluded(config, path),
            private: publish.unwrap_or(private),
            format: format("cargo_toml")?,
            follow: cargo_toml::follow,
            needs: cargo_needs(manifest, &shared),
            path: path.clone(),
        });
    }
    Ok(())
}

fn cargo_needs(manifest: &CargoManifest, shared: &BTreeMap<&str, &Dependency>) -> Vec<Need> {
    let mut needs = Vec::new();
    for one in &manifest.dependencies {
        let source = if one.inherited {
            match shared.get(one.key.as_str()) {
                Some(source) => source,
                None => continue,
            }
        } else {
            one
        };
        // Without a path it is the package as it was published, not the one in this repository.
        let (Some(requirement), Some(_)) = (&source.requirement, &source.path) else {
            continue;
        };
        needs.push(Need {
            package: source.package.clone(),
            requirement: requirement.clone(),
            kind: match one.table.rsplit('.').next() {
                Some("dev-dependencies" | "dev_dependencies") => NeedKind::Dev,
                // Of the workspace: who inherits it needs it.
                _ if one.table == "workspace.dependencies" => NeedKind::Dev,
                _ => NeedKind::Normal,
            },
        });
    }
    needs
}

/// The manifests of the workspace, from the root of the repository; that of the root is one of them.
fn cargo_manifests(world: &World, root: &Path) -> Result<BTreeSet<String>> {
    let cmd =
        Cmd::new(root, "cargo").args(["metadata", "--no-deps", "--format-version=1", "--offline"]);
    let answer = world
        .answer(&cmd)
        .context("ask cargo for the members of the workspace")?;
    let metadata = MetadataCommand::parse(&answer)
        .with_context(|| format!("understand the answer of `{cmd}`"))?;
    let top = root
        .canonicalize()
        .with_context(|| format!("look at {}", root.display()))?;
    let mut paths = BTreeSet::from(["Cargo.toml".to_owned()]);
    for package in &metadata.packages {
        let absolute = package.manifest_path.as_std_path();
        let inside = absolute
            .strip_prefix(&top)
            .or_else(|_| absolute.strip_prefix(root));
        let Ok(path) = inside else {
            bail!(
                "the member {} lies in {}, outside of the repository; its version cannot be set from here: \
                 run in the repository that holds it, or take it out of the workspace",
                package.name,
                package.manifest_path
            );
        };
        paths.insert(path.to_string_lossy().into_owned());
    }
    Ok(paths)
}

fn npm(world: &World, root: &Path, config: &Config, members: &mut Members) -> Result<()> {
    for package in node::packages(world, root)? {
        let version = match package.text("version") {
            Some(text) => {
                Carries::Own(parse_version(text).map_err(|error| flaw(&package.path, error))?)
            }
            None => Carries::Nothing,
        };
        members.list.push(Member {
            name: package.text("name").unwrap_or_default().to_owned(),
            version,
            excluded: excluded(config, &package.path),
            private: package.json.get("private") == Some(&Value::Bool(true)),
            format: format("package_json")?,
            follow: package_json::follow,
            needs: npm_needs(&package),
            path: package.path,
        });
    }
    Ok(())
}

fn npm_needs(package: &node::Package) -> Vec<Need> {
    let mut needs = Vec::new();
    for (table, kind) in [
        ("dependencies", NeedKind::Normal),
        ("optionalDependencies", NeedKind::Normal),
        ("peerDependencies", NeedKind::Peer),
        ("devDependencies", NeedKind::Dev),
    ] {
        let entries = package.json.get(table).and_then(Value::as_object);
        for (name, requirement) in entries.into_iter().flatten() {
            let Some(requirement) = requirement.as_str() else {
                continue;
            };
            // `workspace:real-name@range` is an alias.
            let alias = requirement
                .strip_prefix("workspace:")
                .and_then(|rest| rest.rfind('@').filter(|&at| at > 0).map(|at| &rest[..at]));
            needs.push(Need {
                package: alias.unwrap_or(name).to_owned(),
                requirement: requirement.to_owned(),
                kind,
            });
        }
    }
    needs
}

/// The globs name manifests, or the folders that hold them.
pub(super) fn excluded(config: &Config, path: &str) -> bool {
    let folder = path.rsplit_once('/').map(|(folder, _)| folder);
    config.version.exclude.iter().any(|glob| {
        fast_glob::glob_match(glob, path)
            || folder.is_some_and(|folder| fast_glob::glob_match(glob, folder))
    })
}
