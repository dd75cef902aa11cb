//! Dependents of a new version: a package whose requirement does not take it gets another requirement, and so a new version
//! itself, and so on.
//!
//! The rule: a requirement that takes the new version stays as it is. One that does not is rewritten; if users of the package
//! see it, the package is raised, with all of its group: by a patch, for what it offers is the same (`version.dependents`
//! can say otherwise), and as a breaking change where it is a peer dependency, which the user has to bring. A pre-release is
//! raised to the next one of its label. Development dependencies are rewritten and raise nothing.

use std::collections::BTreeMap;

use config::Dependents;
use manifest::{Version, takes};
use semver::Prerelease;

use super::members::{Member, Need, NeedKind};
use super::{Places, Raise};

/// A version that a unit gets.
#[derive(Debug, Clone)]
pub(super) struct New {
    pub(super) version: Version,
    how: Dependents,
    reason: String,
}

/// The new version of every unit that gets one: the chosen one, and those that have to follow.
pub(super) fn versions(places: &Places, version: &Version) -> BTreeMap<usize, New> {
    let first = New {
        version: version.clone(),
        how: Dependents::Patch,
        reason: String::new(),
    };
    let mut new = BTreeMap::from([(places.unit, first)]);
    if places.all.units.len() == 1 {
        return new;
    }
    let needed_by = needed_by(places);
    let mut open = vec![places.unit];
    while let Some(unit) = open.pop() {
        let (Some(raised), Some(from)) = (new.get(&unit).cloned(), places.all.units.get(unit))
        else {
            continue;
        };
        for package in &from.packages {
            for (member, need) in needed_by.get(package.as_str()).into_iter().flatten() {
                let Some(dependent) = raised_by(places, *member, need, unit, &raised) else {
                    continue;
                };
                let (of, candidate) = dependent;
                let known = new.get(&of);
                let higher = known.is_none_or(|known| known.version < candidate.version);
                // The chosen version is what was asked for, whatever follows from it.
                if of != places.unit && higher {
                    new.insert(of, candidate);
                    open.push(of);
                }
            }
        }
    }
    new
}

/// Package → who needs it.
fn needed_by(places: &Places) -> BTreeMap<&str, Vec<(usize, &Need)>> {
    let mut map: BTreeMap<&str, Vec<(usize, &Need)>> = BTreeMap::new();
    for (index, member) in places.all.members.iter().enumerate() {
        for need in &member.needs {
            map.entry(&need.package).or_default().push((index, need));
        }
    }
    map
}

/// The unit of a member that needs a raised package, with its new version; `None` where nothing follows from it.
fn raised_by(
    places: &Places,
    index: usize,
    need: &Need,
    unit: usize,
    raised: &New,
) -> Option<(usize, New)> {
    let member = places.all.members.get(index)?;
    let of = places.all.of_member.get(index).copied().flatten()?;
    if of == unit || need.kind == NeedKind::Dev || !places.all.carries(index) {
        return None;
    }
    let before = places.all.units.get(unit)?.version.as_ref();
    if takes_it(member, &need.requirement, before, &raised.version) {
        return None;
    }
    let current = places.all.units.get(of)?.version.as_ref()?;
    let how = match need.kind {
        NeedKind::Peer => Dependents::Breaking,
        NeedKind::Normal | NeedKind::Dev => places.dependents,
    };
    let reason = format!(
        "{} needs {} `{}`, which does not take {}",
        member.name, need.package, need.requirement, raised.version
    );
    let version = next(current, how);
    Some((
        of,
        New {
            version,
            how,
            reason,
        },
    ))
}

/// Whether a requirement of a member takes a version of another package.
pub(super) fn takes_it(
    member: &Member,
    requirement: &str,
    before: Option<&Version>,
    version: &Version,
) -> bool {
    if member.is_npm() {
        takes::npm(requirement, before, version)
    } else {
        takes::cargo(requirement, version)
    }
}

/// The list for people, by name.
pub(super) fn raises(places: &Places, version: &Version) -> Vec<Raise> {
    let mut raises: Vec<Raise> = versions(places, version)
        .into_iter()
        .filter(|(unit, _)| *unit != places.unit)
        .filter_map(|(unit, new)| {
            let unit = places.all.units.get(unit)?;
            Some(Raise {
                group: unit.name().to_owned(),
                rest: unit.group.is_none(),
                from: unit.version.clone()?,
                to: new.version,
                breaking: new.how == Dependents::Breaking,
                reason: new.reason,
            })
        })
        .collect();
    raises.sort_by(|one, other| one.group.cmp(&other.group));
    raises
}

/// The version after, for a package whose requirements changed.
fn next(current: &Version, how: Dependents) -> Version {
    if let Some(pre) = next_pre(&current.pre) {
        return Version {
            pre,
            build: semver::BuildMetadata::EMPTY,
            ..current.clone()
        };
    }
    let (major, minor, patch) = (current.major, current.minor, current.patch);
    match (how, major, minor) {
        (Dependents::Patch, ..) | (_, 0, 0) => Version::new(major, minor, patch + 1),
        (Dependents::Breaking, 0, _) => Version::new(0, minor + 1, 0),
        (Dependents::Breaking, ..) => Version::new(major + 1, 0, 0),
    }
}

/// `rc.1` → `rc.2`, `rc` → `rc.1`; `None` for a release.
fn next_pre(pre: &Prerelease) -> Option<Prerelease> {
    if pre.is_empty() {
        return None;
    }
    let (label, last) = pre.as_str().rsplit_once('.').unwrap_or(("", pre.as_str()));
    let text = match last.parse::<u64>() {
        Ok(number) if label.is_empty() => format!("{}", number.saturating_add(1)),
        Ok(number) => format!("{label}.{}", number.saturating_add(1)),
        Err(_) => format!("{pre}.1"),
    };
    Prerelease::new(&text).ok()
}

#[cfg(test)]
mod tests {
    use config::Dependents;
    use manifest::Version;

    use super::next;

    #[test]
    fn a_dependent_is_raised_as_far_as_it_has_to_be() {
        for (from, patch, breaking) in [
            ("1.2.3", "1.2.4", "2.0.0"),
            ("0.3.1", "0.3.2", "0.4.0"),
            ("0.0.4", "0.0.5", "0.0.5"),
            ("1.0.0-rc.1", "1.0.0-rc.2", "1.0.0-rc.2"),
            ("1.0.0-mvp+7", "1.0.0-mvp.1", "1.0.0-mvp.1"),
        ] {
            let from = Version::parse(from).unwrap();
            assert_eq!(next(&from, Dependents::Patch).to_string(), patch);
            assert_eq!(next(&from, Dependents::Breaking).to_string(), breaking);
            assert!(next(&from, Dependents::Patch) > from);
        }
    }
}
