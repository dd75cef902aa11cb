//! Finding the version places: members of the Cargo workspace as cargo names them, packages of the npm workspace, lock
//! files, the VERSION file, and the configured texts.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use cargo_metadata::MetadataCommand;
use config::Config;
use manifest::cargo_toml::Declared;
use manifest::{Format, Version, cargo_toml, package_json, package_lock, parse_version, pattern};
use world::git::Git;
use world::{Cmd, World};

use super::{Follow, How, PlaceFile, Places, flaw};
use crate::{node, project};

/// A manifest of the repository.
struct Member {
    /// From the root.
    path: String,
    /// Empty where it names no package.
    name: String,
    version: Carries,
    /// Left out by `version.exclude`.
    excluded: bool,
    format: &'static Format,
    follow: Follow,
}

/// Where the version of a package comes from.
#[derive(Clone, PartialEq, Eq)]
enum Carries {
    Own(Version),
    /// From `[workspace.package]` at the root.
    Inherited,
    Nothing,
}

impl Member {
    fn at_root(&self) -> bool {
        !self.path.contains('/')
    }

    fn own(&self) -> Option<&Version> {
        match &self.version {
            Carries::Own(version) => Some(version),
            Carries::Inherited | Carries::Nothing => None,
        }
    }
}

/// Looks for all places. Asks cargo once; reads every manifest once.
///
/// # Errors
/// When cargo or git cannot be asked, a manifest cannot be read, a member lies outside of the repository, or it cannot
/// be told which version is the repository's.
pub fn discover(world: &World, root: &Path, config: &Config) -> Result<Places> {
    let project = project::detect(root);
    let mut members = Vec::new();
    let mut workspace = None;
    if project.cargo {
        workspace = cargo(world, root, config, &mut members)?;
    }
    if project.node.is_some() {
        npm(world, root, config, &mut members)?;
    }
    let file = version_file(world, root, config)?;
    let mut places = Places {
        current: current(file.as_ref(), workspace.as_ref(), &members)?,
        packages: BTreeSet::new(),
        files: Vec::new(),
        left_alone: Vec::new(),
    };
    for member in &members {
        sort(member, workspace.is_some(), &mut places);
    }
    if file.is_some() || config.version.create_file {
        places.add(&config.version.file, How::Format(format("version_file")?));
    }
    locks(world, root, &members, &mut places)?;
    texts(root, config, &mut places);
    // Stable: a file that is manifest and text keeps this order.
    places.files.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(places)
}

impl Places {
    fn add(&mut self, path: &str, how: How) {
        self.files.push(PlaceFile {
            path: path.to_owned(),
            how,
        });
    }
}

fn format(name: &str) -> Result<&'static Format> {
    manifest::FORMATS
        .iter()
        .find(|format| format.name == name)
        .with_context(|| format!("the crate manifest has no format `{name}`: a bug in landfall"))
}

/// Adds the members of the Cargo workspace; gives the version of `[workspace.package]`.
fn cargo(
    world: &World,
    root: &Path,
    config: &Config,
    members: &mut Vec<Member>,
) -> Result<Option<Version>> {
    let mut workspace = None;
    for path in cargo_manifests(world, root)? {
        let text = world.read_text(&root.join(&path))?;
        let read = cargo_toml::inspect(&text).map_err(|error| flaw(&path, error))?;
        if path == "Cargo.toml" {
            workspace = read.workspace_version;
        }
        let (name, version) = match read.package {
            None => (String::new(), Carries::Nothing),
            Some(package) => {
                let version = match package.version {
                    Declared::Own(version) => Carries::Own(version),
                    Declared::Inherited => Carries::Inherited,
                    Declared::Absent => Carries::Nothing,
                };
                (package.name, version)
            }
        };
        members.push(Member {
            name,
            version,
            excluded: excluded(config, &path),
            format: format("cargo_toml")?,
            follow: cargo_toml::follow,
            path,
        });
    }
    Ok(workspace)
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

fn npm(world: &World, root: &Path, config: &Config, members: &mut Vec<Member>) -> Result<()> {
    for package in node::packages(world, root)? {
        let version = match package.text("version") {
            Some(text) => {
                Carries::Own(parse_version(text).map_err(|error| flaw(&package.path, error))?)
            }
            None => Carries::Nothing,
        };
        members.push(Member {
            name: package.text("name").unwrap_or_default().to_owned(),
            version,
            excluded: excluded(config, &package.path),
            format: format("package_json")?,
            follow: package_json::follow,
            path: package.path,
        });
    }
    Ok(())
}

/// The globs name manifests, or the folders that hold them.
fn excluded(config: &Config, path: &str) -> bool {
    let folder = path.rsplit_once('/').map(|(folder, _)| folder);
    config.version.exclude.iter().any(|glob| {
        fast_glob::glob_match(glob, path)
            || folder.is_some_and(|folder| fast_glob::glob_match(glob, folder))
    })
}

fn version_file(world: &World, root: &Path, config: &Config) -> Result<Option<Version>> {
    let path = &config.version.file;
    let Some(text) = world.read_if_exists(&root.join(path))? else {
        return Ok(None);
    };
    let found = manifest::version_file::read(&text).map_err(|error| flaw(path, error))?;
    let Some(found) = found.into_iter().next() else {
        return Ok(None);
    };
    let version = parse_version(&found.version).map_err(|error| {
        let (line, column) = (Some(found.line), Some(found.column));
        let error = manifest::Error {
            line,
            column,
            ..error
        };
        flaw(path, error)
    })?;
    Ok(Some(version))
}

/// The VERSION file, else the manifests at the root, else what the packages share, else what most of them share.
fn current(
    file: Option<&Version>,
    workspace: Option<&Version>,
    members: &[Member],
) -> Result<Option<Version>> {
    let root = members
        .iter()
        .filter(|member| member.at_root())
        .find_map(Member::own);
    if let Some(version) = file.or(workspace).or(root) {
        return Ok(Some(version.clone()));
    }
    let mut counts: BTreeMap<&Version, Vec<&str>> = BTreeMap::new();
    for member in members.iter().filter(|member| !member.excluded) {
        if let Some(version) = member.own() {
            counts.entry(version).or_default().push(&member.path);
        }
    }
    let all: usize = counts.values().map(Vec::len).sum();
    match counts.iter().max_by_key(|(_, paths)| paths.len()) {
        None => Ok(None),
        Some((version, paths)) if paths.len() * 2 > all => Ok(Some((*version).clone())),
        Some(_) => {
            let list: Vec<String> = counts
                .iter()
                .map(|(version, paths)| format!("{version} in {}", paths.join(", ")))
                .collect();
            bail!(
                "the packages have different versions and none is the repository's: {}; \
                 write the repository's version into a file VERSION, or leave packages out with version.exclude",
                list.join("; ")
            )
        }
    }
}

/// Whether a manifest carries the version, or only follows.
fn sort(member: &Member, inherits: bool, places: &mut Places) {
    // A version at the root is the repository's, also where the VERSION file says something else: that is a finding.
    let stranger = member
        .own()
        .filter(|own| !member.at_root() && places.current.as_ref() != Some(*own));
    let reason = match (&member.version, stranger) {
        (Carries::Nothing, _) => None,
        _ if member.excluded => Some("left out by version.exclude".to_owned()),
        (_, Some(version)) => Some(format!("has its own version {version}")),
        _ => None,
    };
    let carries = match member.version {
        _ if reason.is_some() => false,
        Carries::Own(_) | Carries::Inherited => true,
        Carries::Nothing => false,
    };
    if let Some(reason) = reason {
        places.left_alone.push((member.path.clone(), reason));
    }
    if carries {
        places.packages.insert(member.name.clone());
    }
    // The manifest of a workspace carries `[workspace.package]`, whatever its own package does.
    let of_workspace = inherits && member.path == "Cargo.toml";
    places.add(
        &member.path,
        match carries || of_workspace {
            true => How::Format(member.format),
            false => How::Requirements(member.follow),
        },
    );
}

/// Lock files, where they are part of the repository.
fn locks(world: &World, root: &Path, members: &[Member], places: &mut Places) -> Result<()> {
    let names = ["Cargo.lock", "package-lock.json"];
    if !names.iter().any(|name| root.join(name).is_file()) {
        return Ok(());
    }
    let mut args = vec!["ls-files", "-z", "--"];
    args.extend(names);
    for path in Git::new(world, root).list(&args)? {
        if !root.join(&path).is_file() {
            continue;
        }
        let root_carries = members.iter().any(|member| {
            member.path == "package.json" && member.own().is_some() && !member.excluded
        });
        let how = match (path.as_str(), root_carries) {
            ("Cargo.lock", _) => How::Format(format("cargo_lock")?),
            (_, true) => How::Format(format("package_lock")?),
            (_, false) => How::Requirements(package_lock::follow),
        };
        places.add(&path, how);
    }
    Ok(())
}

fn texts(root: &Path, config: &Config, places: &mut Places) {
    for text in &config.version.text {
        if text.min == 0 && !root.join(&text.path).exists() {
            let reason = "there is no such file".to_owned();
            places.left_alone.push((text.path.clone(), reason));
            continue;
        }
        let regex = text.pattern.as_deref().unwrap_or(pattern::VERSION_LINE);
        places.add(
            &text.path,
            How::Pattern {
                regex: regex.to_owned(),
                min: text.min,
                max: text.max,
            },
        );
    }
}
