//! Which package belongs to which group, and the version of each group.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};
use config::{Config, Extent, Group};
use manifest::Version;

use super::members::{Carries, Member, Members};

/// Packages under one version: a group, or all that are in none.
#[derive(Debug, Clone)]
pub(crate) struct Unit {
    /// `None`: the packages in no group.
    pub(crate) group: Option<Group>,
    /// Indices of its members.
    pub(crate) members: Vec<usize>,
    /// Names of the packages that carry the version.
    pub(crate) packages: BTreeSet<String>,
    pub(crate) version: Option<Version>,
}

impl Unit {
    fn of(group: Option<Group>) -> Unit {
        Unit {
            group,
            members: Vec::new(),
            packages: BTreeSet::new(),
            version: None,
        }
    }

    /// For messages.
    pub(crate) fn name(&self) -> &str {
        self.group
            .as_ref()
            .map_or("the workspace", |group| &group.name)
    }
}

/// The packages in no group are the first unit, whether there are any or not.
pub(super) const REST: usize = 0;

/// The units, and for each member the one that it belongs to; `None`: to none.
pub(super) fn assign(
    config: &Config,
    members: &Members,
) -> Result<(Vec<Unit>, Vec<Option<usize>>)> {
    let mut units = vec![Unit::of(None)];
    units.extend(
        config
            .groups
            .iter()
            .cloned()
            .map(|group| Unit::of(Some(group))),
    );
    let mut of_member = Vec::with_capacity(members.list.len());
    for member in &members.list {
        of_member.push(unit_of(config, member, &mut units)?);
    }
    every_glob_names_a_package(config, &members.list)?;
    workspace_version(members, &units, &mut of_member)?;
    for (index, unit) in of_member.iter().enumerate() {
        if let Some(unit) = unit.and_then(|unit| units.get_mut(unit)) {
            unit.members.push(index);
        }
    }
    Ok((units, of_member))
}

fn unit_of(config: &Config, member: &Member, units: &mut Vec<Unit>) -> Result<Option<usize>> {
    let mut named = Vec::new();
    for (index, group) in config.groups.iter().enumerate() {
        if !member.name.is_empty() && group.packages.iter().any(|glob| member.is_named_by(glob)) {
            named.push((index + 1, &group.name));
        }
    }
    match named.as_slice() {
        [] => {}
        [(unit, _)] => return Ok(Some(*unit)),
        [(_, one), (_, other), ..] => bail!(
            "{} is in two groups, {one} and {other}: mend `packages` in [[group]] of release.toml",
            member.path
        ),
    }
    if !config.version.independent || member.own().is_none() || member.excluded {
        return Ok(Some(REST));
    }
    if member.private || member.name.is_empty() {
        return Ok(None);
    }
    let taken = |unit: &Unit| {
        unit.group
            .as_ref()
            .is_some_and(|group| group.name == member.name)
    };
    if units.iter().any(taken) {
        bail!(
            "{} would be a second group called {}: name its group in a [[group]] of release.toml",
            member.path,
            member.name
        );
    }
    units.push(Unit::of(Some(Group::of_package(&member.name))));
    Ok(Some(units.len() - 1))
}

/// A glob that names nothing is a slip of the pen, and its package would be released with the rest.
fn every_glob_names_a_package(config: &Config, members: &[Member]) -> Result<()> {
    for group in &config.groups {
        for glob in &group.packages {
            let named = |member: &Member| !member.name.is_empty() && member.is_named_by(glob);
            if !members.iter().any(named) {
                let known: Vec<&str> = members
                    .iter()
                    .map(|member| member.name.as_str())
                    .filter(|name| !name.is_empty())
                    .take(20)
                    .collect();
                bail!(
                    "`{glob}` of the group {} names no package and no folder of one; packages are {}",
                    group.name,
                    known.join(", ")
                );
            }
        }
    }
    Ok(())
}

/// Those that inherit the version of the workspace have one version, so they are in one unit; the manifest at the root,
/// which holds it, is in that unit too.
fn workspace_version(
    members: &Members,
    units: &[Unit],
    of_member: &mut [Option<usize>],
) -> Result<()> {
    let mut heirs: BTreeMap<usize, &str> = BTreeMap::new();
    for (member, unit) in members.list.iter().zip(of_member.iter()) {
        if let (Carries::Inherited, Some(unit)) = (&member.version, unit) {
            heirs.entry(*unit).or_insert(&member.path);
        }
    }
    let name = |unit: &usize| units.get(*unit).map_or("", Unit::name);
    let mut all = heirs.iter();
    if let (Some((one, path)), Some((other, second))) = (all.next(), all.next()) {
        bail!(
            "{path} of {} and {second} of {} inherit one version, that of [workspace.package]: put both in one group, or \
             give one a version of its own",
            name(one),
            name(other)
        );
    }
    let (Some(heir), Some(_)) = (heirs.keys().next(), &members.workspace) else {
        return Ok(());
    };
    let root = members
        .list
        .iter()
        .position(|member| member.path == "Cargo.toml");
    let Some((root, slot)) =
        root.and_then(|at| Some((members.list.get(at)?, of_member.get_mut(at)?)))
    else {
        return Ok(());
    };
    if root.own().is_some() && *slot != Some(*heir) {
        bail!(
            "Cargo.toml holds the versions of two groups: its own package is not in {}, whose packages inherit the version of \
             [workspace.package]; write `version.workspace = true` in [package], or put it in that group",
            name(heir)
        );
    }
    *slot = Some(*heir);
    Ok(())
}

/// Where the packages of a unit are; for the rest: everywhere but where the groups are.
pub(super) fn extent(units: &[Unit], members: &[Member], index: usize) -> Extent {
    let folders = |unit: &Unit| -> Vec<&str> {
        let members = unit.members.iter().filter_map(|index| members.get(*index));
        members.map(Member::folder).collect()
    };
    let mut extent = Extent::default();
    let Some(unit) = units.get(index) else {
        return extent;
    };
    let own = unit.members.iter().filter_map(|index| members.get(*index));
    extent.manifests = own.map(|member| member.path.clone()).collect();
    let own = folders(unit);
    if index != REST && !own.contains(&"") {
        extent.include = own.iter().map(|folder| format!("{folder}/**")).collect();
    }
    for (other, unit) in units.iter().enumerate() {
        if other == index || other == REST {
            continue;
        }
        // A group inside of the folder of another one.
        for folder in folders(unit) {
            let inside = |own: &&str| {
                own.is_empty()
                    || folder
                        .strip_prefix(*own)
                        .is_some_and(|rest| rest.starts_with('/'))
            };
            if !folder.is_empty() && (index == REST || own.iter().any(inside)) {
                extent.exclude.push(format!("{folder}/**"));
            }
        }
    }
    extent
}
