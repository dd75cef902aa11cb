//! Finding the version places: members of the Cargo workspace as cargo names them, packages of the npm workspace, lock
//! files, the VERSION files, and the configured texts; and which version each of them carries.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Result, bail};
use config::{Config, TextPlace};
use manifest::{Version, package_lock, parse_version, pattern, pnpm_lock};
use world::World;
use world::git::Git;

use super::by_format;
use super::groups::{REST, Unit, assign, extent};
use super::members::{self, Carries, Member, Members};
use super::{How, Manifest, PlaceFile, Places, flaw, format};

/// A repository as its manifests describe it.
#[derive(Debug)]
pub(crate) struct All {
    pub(crate) members: Vec<Member>,
    pub(crate) units: Vec<Unit>,
    /// Of each member the unit that it belongs to; `None`: it has a version of its own and is released by nobody.
    pub(crate) of_member: Vec<Option<usize>>,
    /// Of each member, whether it carries the version of its unit.
    carriers: Vec<bool>,
    files: Vec<PlaceFile>,
    /// With the unit it is told with.
    pub(super) left_alone: Vec<(usize, String, String)>,
}

/// A part of the repository that has a version of its own.
#[derive(Debug, Clone)]
pub struct Part {
    /// What `--group` calls it; empty: the packages in no group.
    pub name: String,
    pub version: Option<Version>,
    /// The packages that carry it.
    pub packages: BTreeSet<String>,
    /// The configuration as it is for this part.
    pub config: Config,
}

/// A look at the whole repository, which serves for all of its groups.
#[derive(Debug, Clone)]
pub struct Survey {
    all: Arc<All>,
    config: Config,
}

/// Looks for all places of what `config` speaks of: a group, or the packages in none.
///
/// # Errors
/// When cargo or git cannot be asked, a manifest cannot be read, a member lies outside of the repository, there is no such
/// group, or it cannot be told which version is the repository's.
pub fn discover(world: &World, root: &Path, config: &Config) -> Result<Places> {
    let survey = survey(world, root, config)?;
    let unit = match &config.view {
        Some(view) if !view.rest => survey.unit(&view.group)?,
        _ => REST,
    };
    Ok(survey.places_of(unit))
}

/// Asks cargo once; reads every manifest once.
///
/// # Errors
/// As [`discover`].
pub fn survey(world: &World, root: &Path, config: &Config) -> Result<Survey> {
    let members = members::read(world, root, config)?;
    let (mut units, of_member) = assign(config, &members)?;
    let mut all = All {
        carriers: vec![false; members.list.len()],
        members: Vec::new(),
        units: Vec::new(),
        of_member,
        files: Vec::new(),
        left_alone: Vec::new(),
    };
    for index in 0..units.len() {
        let version = version_of(world, root, config, &members, &units, index)?;
        if let Some(unit) = units.get_mut(index) {
            unit.version = version;
        }
    }
    for (index, member) in members.list.iter().enumerate() {
        sort(
            index,
            member,
            members.workspace.is_some(),
            &mut units,
            &mut all,
        );
    }
    all.units = units;
    all.members = members.list;
    by_format::find(world, root, config, &mut all)?;
    version_files(world, root, config, &mut all)?;
    locks(world, root, &mut all)?;
    texts(root, &config.version_of_all().text, &mut all);
    // Stable: a file that is manifest and text keeps this order.
    all.files.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(Survey {
        all: Arc::new(all),
        config: config.clone(),
    })
}

impl All {
    /// Whether a member carries the version of its unit.
    pub(super) fn carries(&self, member: usize) -> bool {
        self.carriers.get(member).copied().unwrap_or_default()
    }

    pub(super) fn add(
        &mut self,
        path: &str,
        how: How,
        unit: Option<usize>,
        manifest: Option<Manifest>,
    ) {
        self.files.push(PlaceFile {
            path: path.to_owned(),
            how,
            unit,
            manifest,
        });
    }

    /// The group whose package holds a path; the rest where none does.
    pub(super) fn unit_of_path(&self, path: &str) -> usize {
        let mut best = ("", REST);
        for (member, unit) in self.members.iter().zip(&self.of_member) {
            let folder = member.folder();
            let inside = path
                .strip_prefix(folder)
                .is_some_and(|rest| rest.starts_with('/'));
            if let Some(unit) = unit
                && inside
                && folder.len() > best.0.len()
            {
                best = (folder, *unit);
            }
        }
        best.1
    }
}

impl Survey {
    /// The parts of the repository: the packages in no group first, where there are any, then the groups as they are named.
    pub fn parts(&self) -> Vec<Part> {
        let all = &self.all;
        let units = all.units.iter().enumerate();
        let mut parts: Vec<Part> = units
            .filter(|(index, unit)| *index != REST || self.has_rest(unit))
            .map(|(index, unit)| {
                let extent = extent(&all.units, &all.members, index);
                Part {
                    name: unit
                        .group
                        .as_ref()
                        .map_or_else(String::new, |group| group.name.clone()),
                    version: unit.version.clone(),
                    packages: unit.packages.clone(),
                    config: match &unit.group {
                        Some(group) => self.config.of_group(group, &extent),
                        None => self.config.of_rest(&extent),
                    },
                }
            })
            .collect();
        parts.sort_by(|one, other| one.name.cmp(&other.name));
        parts
    }

    /// Without groups it is everything; with groups there must be a package that is in none of them.
    fn has_rest(&self, rest: &Unit) -> bool {
        self.all.units.len() == 1 && !self.config.has_groups()
            || rest.packages.iter().any(|name| !name.is_empty())
    }

    /// The places of a part.
    ///
    /// # Errors
    /// When there is no such group.
    pub fn places(&self, part: &str) -> Result<Places> {
        let unit = if part.is_empty() {
            REST
        } else {
            self.unit(part)?
        };
        Ok(self.places_of(unit))
    }

    fn unit(&self, name: &str) -> Result<usize> {
        let named = |unit: &Unit| unit.group.as_ref().is_some_and(|group| group.name == name);
        let Some(unit) = self.all.units.iter().position(named) else {
            let known: Vec<&str> = self.all.units.iter().skip(1).map(Unit::name).collect();
            bail!("there is no group {name}; groups are {}", known.join(", "));
        };
        Ok(unit)
    }

    fn places_of(&self, unit: usize) -> Places {
        let all = &self.all;
        let chosen = all.units.get(unit);
        let is_own = |file: &&PlaceFile| match (&file.manifest, file.unit) {
            (Some(manifest), None) => {
                all.of_member.get(manifest.member) == Some(&Some(unit)) || !manifest.is_member
            }
            (_, Some(of)) => of == unit,
            (None, None) => true,
        };
        let (files, others): (Vec<&PlaceFile>, Vec<&PlaceFile>) =
            all.files.iter().partition(is_own);
        let seen = |file: &PlaceFile| match &file.manifest {
            // The lock file of a root that belongs to another group: only what it says of our packages is ours.
            Some(manifest)
                if !manifest.is_member
                    && all.of_member.get(manifest.member) != Some(&Some(unit)) =>
            {
                PlaceFile {
                    how: How::Requirements(manifest.follow),
                    ..file.clone()
                }
            }
            _ => file.clone(),
        };
        Places {
            current: chosen.and_then(|unit| unit.version.clone()),
            packages: chosen.map(|unit| unit.packages.clone()).unwrap_or_default(),
            files: files.into_iter().map(seen).collect(),
            left_alone: all
                .left_alone
                .iter()
                .filter(|(of, ..)| *of == unit)
                .map(|(_, path, reason)| (path.clone(), reason.clone()))
                .collect(),
            others: others.into_iter().cloned().collect(),
            unit,
            dependents: self.config.version.dependents,
            all: Arc::clone(all),
        }
    }
}

/// The version of a unit: of its VERSION file, else of the workspace, else of its manifests.
fn version_of(
    world: &World,
    root: &Path,
    config: &Config,
    members: &Members,
    units: &[Unit],
    index: usize,
) -> Result<Option<Version>> {
    let Some(unit) = units.get(index) else {
        return Ok(None);
    };
    let own: Vec<&Member> = unit
        .members
        .iter()
        .filter_map(|index| members.list.get(*index))
        .collect();
    let inherits = |own: &[&Member]| {
        own.iter()
            .any(|member| member.version == Carries::Inherited)
    };
    let Some(group) = &unit.group else {
        let file = version_file(world, root, &config.version_of_all().file)?;
        // Where the heirs are a group of their own, the version of the workspace is theirs.
        let elsewhere = units.iter().skip(1).any(|unit| {
            let list = unit.members.iter();
            inherits(
                &list
                    .filter_map(|at| members.list.get(*at))
                    .collect::<Vec<_>>(),
            )
        });
        let workspace = members.workspace.as_ref().filter(|_| !elsewhere);
        return current(file.as_ref(), workspace, &own);
    };
    if let Some(path) = &group.version_file
        && let Some(version) = version_file(world, root, path)?
    {
        return Ok(Some(version));
    }
    if inherits(&own) {
        return Ok(members.workspace.clone());
    }
    // Its packages are named, so they carry its version whatever they say now: the highest is where it is.
    let carried = own.iter().filter(|member| !member.excluded);
    Ok(carried.filter_map(|member| member.own()).max().cloned())
}

fn version_file(world: &World, root: &Path, path: &str) -> Result<Option<Version>> {
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
    members: &[&Member],
) -> Result<Option<Version>> {
    let root = members
        .iter()
        .filter(|member| member.at_root())
        .find_map(|member| member.own());
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
                 write the repository's version into a file VERSION, leave packages out with version.exclude, \
                 or give them versions of their own with [[group]] or version.independent",
                list.join("; ")
            )
        }
    }
}

/// Whether a manifest carries the version of its unit, or only follows.
fn sort(index: usize, member: &Member, inherits: bool, units: &mut [Unit], all: &mut All) {
    let of = all.of_member.get(index).copied().flatten();
    let unit = of.and_then(|of| units.get_mut(of));
    let in_group = unit.as_ref().is_some_and(|unit| unit.group.is_some());
    let current = unit.as_ref().and_then(|unit| unit.version.clone());
    // A version at the root is the repository's, also where the VERSION file says something else: that is a finding.
    let stranger = member
        .own()
        .filter(|own| !in_group && !member.at_root() && current.as_ref() != Some(*own));
    let reason = match (&member.version, stranger) {
        (Carries::Nothing, _) => None,
        _ if member.excluded => Some("left out by version.exclude".to_owned()),
        _ if of.is_none() => Some(match member.own() {
            Some(own) => format!("is private and keeps its own version {own}"),
            None => "is private".to_owned(),
        }),
        (_, Some(version)) => Some(format!("has its own version {version}")),
        _ => None,
    };
    let carries = reason.is_none() && member.version != Carries::Nothing;
    if let Some(reason) = reason {
        let told = of.unwrap_or(REST);
        all.left_alone.push((told, member.path.clone(), reason));
    }
    if let (true, Some(unit)) = (carries, unit) {
        unit.packages.insert(member.name.clone());
    }
    // The manifest of a workspace carries `[workspace.package]`, whatever its own package does.
    let carries = carries || inherits && member.path == "Cargo.toml";
    if let Some(slot) = all.carriers.get_mut(index) {
        *slot = carries;
    }
    let how = match carries {
        true => How::Format(member.format),
        false => How::Requirements(member.follow),
    };
    let manifest = Manifest {
        member: index,
        is_member: true,
        format: member.format,
        follow: member.follow,
    };
    all.add(&member.path, how, None, Some(manifest));
}

fn version_files(world: &World, root: &Path, config: &Config, all: &mut All) -> Result<()> {
    let settings = config.version_of_all();
    if settings.create_file || world.read_if_exists(&root.join(&settings.file))?.is_some() {
        let how = How::Format(format("version_file")?);
        all.add(&settings.file, how, Some(REST), None);
    }
    let of_groups: Vec<(usize, String)> = all
        .units
        .iter()
        .enumerate()
        .filter_map(|(index, unit)| Some((index, unit.group.as_ref()?.version_file.clone()?)))
        .collect();
    for (index, path) in of_groups {
        all.add(
            &path,
            How::Format(format("version_file")?),
            Some(index),
            None,
        );
    }
    Ok(())
}

const PNPM_LOCK: &str = "pnpm-lock.yaml";

/// Lock files, where they are part of the repository. They carry the versions of all packages.
fn locks(world: &World, root: &Path, all: &mut All) -> Result<()> {
    let names = [
        "Cargo.lock",
        "package-lock.json",
        "npm-shrinkwrap.json",
        PNPM_LOCK,
    ];
    if !names.iter().any(|name| root.join(name).is_file()) {
        return Ok(());
    }
    let mut args = vec!["ls-files", "-z", "--"];
    args.extend(names);
    for path in Git::new(world, root).list(&args)? {
        if !root.join(&path).is_file() {
            continue;
        }
        if path == "Cargo.lock" {
            all.add(&path, How::Format(format("cargo_lock")?), None, None);
            continue;
        }
        let mut packages = all.members.iter();
        let package = packages.position(|member| member.path == "package.json");
        let Some(package) = package else { continue };
        let is_pnpm = path == PNPM_LOCK;
        let follow = if is_pnpm {
            pnpm_lock::set
        } else {
            package_lock::follow
        };
        let manifest = Manifest {
            member: package,
            is_member: false,
            format: format(if is_pnpm { "pnpm_lock" } else { "package_lock" })?,
            follow,
        };
        // That of pnpm has requirements and no version.
        let how = match all.carries(package) && !is_pnpm {
            true => How::Format(manifest.format),
            false => How::Requirements(follow),
        };
        all.add(&path, how, None, Some(manifest));
    }
    Ok(())
}

fn texts(root: &Path, texts: &[TextPlace], all: &mut All) {
    for text in texts {
        let unit = all.unit_of_path(&text.path);
        if text.min == 0 && !root.join(&text.path).exists() {
            let reason = "there is no such file".to_owned();
            all.left_alone.push((unit, text.path.clone(), reason));
            continue;
        }
        let how = match text.format {
            Some(format) => How::Declared {
                format: format.name(),
                names: text.names.clone(),
                min: text.min,
                max: text.max,
            },
            None => How::Pattern {
                regex: text
                    .pattern
                    .clone()
                    .unwrap_or_else(|| pattern::VERSION_LINE.to_owned()),
                min: text.min,
                max: text.max,
            },
        };
        all.add(&text.path, how, Some(unit), None);
    }
}
