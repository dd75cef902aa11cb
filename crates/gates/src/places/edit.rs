//! The new contents of the files that carry a version.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context as _, Result, anyhow};
use config::Config;
use manifest::pattern::Pattern;
use manifest::{Edited, Place};
use semver::Version;
use world::World;

use super::members::Member;
use super::{Change, ChangeKind, How, Manifest, PlaceFile, Places, cascade, declared, flaw};
use crate::side_by_side::side_by_side;

/// So many files are edited at once.
const AT_ONCE: usize = 8;

/// The new contents of every file of `places`, in the order of the paths. Nothing is written.
///
/// With groups these are also the files of packages whose requirements do not take the new version, and of those that
/// then get a new version themselves: see [`Places::raises`].
///
/// # Errors
/// When any file cannot be read, understood or edited, or a text carries the version less or more often than it
/// should: then none may be written. The error names the file and, where there is one, the line.
pub fn changes(
    world: &World,
    root: &Path,
    _config: &Config,
    places: &Places,
    version: &Version,
) -> Result<Vec<Change>> {
    let news = News::of(places, version);
    let mut files: BTreeMap<&str, Vec<&PlaceFile>> = BTreeMap::new();
    let own = places.files.iter();
    let others = places
        .others
        .iter()
        .filter(|file| news.concern(places, file));
    for file in own.chain(others) {
        files.entry(&file.path).or_default().push(file);
    }
    let files: Vec<(&str, Vec<&PlaceFile>)> = files.into_iter().collect();
    let edited = side_by_side(&files, AT_ONCE, |(path, hows)| {
        let mut edit = Edit::open(world, root, path)?;
        for file in hows {
            edit = edit.apply(places, &news, file)?;
        }
        Ok(edit.close(path))
    });
    edited.into_iter().collect()
}

/// All new versions: of the chosen unit, and of those that follow.
struct News<'p> {
    of_unit: BTreeMap<usize, New<'p>>,
    /// By package, the unit whose new version it gets.
    of_package: BTreeMap<&'p str, usize>,
    /// Several packages of one version at once: a lock file is long.
    by_version: BTreeMap<Version, BTreeSet<String>>,
}

struct New<'p> {
    version: Version,
    packages: &'p BTreeSet<String>,
}

impl<'p> News<'p> {
    fn of(places: &'p Places, version: &Version) -> News<'p> {
        let mut news = News {
            of_unit: BTreeMap::new(),
            of_package: BTreeMap::new(),
            by_version: BTreeMap::new(),
        };
        for (unit, new) in cascade::versions(places, version) {
            let Some(packages) = places.all.units.get(unit).map(|unit| &unit.packages) else {
                continue;
            };
            news.of_package
                .extend(packages.iter().map(|name| (name.as_str(), unit)));
            news.by_version
                .entry(new.version.clone())
                .or_default()
                .extend(packages.iter().cloned());
            let version = new.version;
            news.of_unit.insert(unit, New { version, packages });
        }
        news
    }

    /// Whether a file of another group has anything to follow.
    fn concern(&self, places: &Places, file: &PlaceFile) -> bool {
        match (&file.manifest, file.unit) {
            (_, Some(unit)) => self.of_unit.contains_key(&unit),
            (Some(manifest), None) => !self.for_manifest(places, manifest).is_empty(),
            (None, None) => true,
        }
    }

    /// The units whose new versions a manifest has to do with.
    fn for_manifest(&self, places: &Places, manifest: &Manifest) -> Vec<usize> {
        let all = &places.all;
        let own = all.of_member.get(manifest.member).copied().flatten();
        if self.of_unit.len() == 1 && all.units.len() == 1 || !manifest.is_member {
            return self.of_unit.keys().copied().collect();
        }
        let mut units: BTreeSet<usize> = all
            .members
            .get(manifest.member)
            .into_iter()
            .flat_map(|member| &member.needs)
            .filter_map(|need| self.of_package.get(need.package.as_str()).copied())
            .collect();
        units.extend(own.filter(|own| self.of_unit.contains_key(own)));
        units.into_iter().collect()
    }
}

struct Edit {
    /// `None`: there is no such file.
    old: Option<String>,
    new: String,
    places: Vec<Place>,
}

impl Edit {
    fn open(world: &World, root: &Path, path: &str) -> Result<Edit> {
        let old = world.read_if_exists(&root.join(path))?;
        Ok(Edit {
            new: old.clone().unwrap_or_default(),
            old,
            places: Vec::new(),
        })
    }

    fn create(mut self, version: &Version) -> Edit {
        self.new = format!("{version}\n");
        self.places.push(Place {
            line: 1,
            column: 1,
            what: "version".to_owned(),
            old: String::new(),
            new: version.to_string(),
        });
        self
    }

    fn apply(mut self, places: &Places, news: &News<'_>, file: &PlaceFile) -> Result<Edit> {
        let path = &file.path;
        let of_file = file.unit.and_then(|unit| news.of_unit.get(&unit));
        if self.old.is_none() {
            return match (&file.how, of_file) {
                (How::Format(format), Some(new)) if format.name == "version_file" => {
                    Ok(self.create(&new.version))
                }
                _ => Err(anyhow!(
                    "there is no {path}, where the version should stand; make it, or mend the configuration"
                )),
            };
        }
        if let Some(manifest) = &file.manifest {
            for unit in news.for_manifest(places, manifest) {
                if let Some(new) = news.of_unit.get(&unit) {
                    let edited = of_manifest(&self.new, places, manifest, unit, new);
                    self.take(path, &new.version, edited)?;
                }
            }
            return Ok(self);
        }
        if file.unit.is_none() {
            for (version, packages) in &news.by_version {
                let How::Format(format) = &file.how else {
                    continue;
                };
                let edited = (format.set)(&self.new, &manifest::Change { version, packages });
                self.take(path, version, edited)?;
            }
            return Ok(self);
        }
        if let Some(new) = of_file {
            let edited = of_text(&self.new, file, new)?;
            self.take(path, &new.version, edited)?;
        }
        Ok(self)
    }

    fn take(
        &mut self,
        path: &str,
        version: &Version,
        edited: Result<Edited, manifest::Error>,
    ) -> Result<()> {
        let edited = edited
            .map_err(|error| flaw(path, error))
            .with_context(|| format!("set the version to {version}"))?;
        self.new = edited.text;
        self.places.extend(edited.places);
        Ok(())
    }

    fn close(self, path: &str) -> Change {
        let kind = match &self.old {
            None => ChangeKind::Create,
            Some(old) if *old == self.new => ChangeKind::Same,
            Some(_) => ChangeKind::Change,
        };
        Change {
            path: path.to_owned(),
            kind,
            places: self.places,
            contents: self.new.into_bytes(),
        }
    }
}

/// A manifest or a lock file with the new version of one unit. Requirements inside of the unit always follow, those of others
/// where they do not take it.
fn of_manifest(
    text: &str,
    places: &Places,
    file: &Manifest,
    unit: usize,
    new: &New<'_>,
) -> Result<Edited, manifest::Error> {
    let all = &places.all;
    let change = manifest::Change {
        version: &new.version,
        packages: new.packages,
    };
    let is_own = all.of_member.get(file.member) == Some(&Some(unit));
    let edited = if is_own && all.carries(file.member) {
        (file.format.set)(text, &change)?
    } else {
        (file.follow)(text, &change)?
    };
    if all.units.len() == 1 || is_own && file.is_member {
        return Ok(edited);
    }
    Ok(edited.keep(text, |place| {
        let (index, version) = speaker(places, file, place);
        let takes = |member: &Member| cascade::takes_it(member, &place.old, None, &new.version);
        version
            || index.is_none_or(|index| {
                all.of_member.get(index) == Some(&Some(unit))
                    || all.members.get(index).is_none_or(|member| !takes(member))
            })
    }))
}

/// The package that a place speaks for, and whether it is its version rather than a requirement.
fn speaker(places: &Places, file: &Manifest, place: &Place) -> (Option<usize>, bool) {
    let members = &places.all.members;
    if file.is_member {
        return (Some(file.member), false);
    }
    if place.what == "version" {
        return (None, true);
    }
    for (index, member) in members.iter().enumerate() {
        let prefix = format!("packages.{:?}.", member.folder());
        if member.is_npm()
            && let Some(rest) = place.what.strip_prefix(&prefix)
        {
            return (Some(index), rest == "version");
        }
    }
    if file.format.name == "pnpm_lock" {
        let speaks = |member: &Member| {
            let folder = Some(member.folder()).filter(|folder| !folder.is_empty());
            let prefix = format!("importers.{:?}.", folder.unwrap_or("."));
            member.is_npm() && place.what.starts_with(&prefix)
        };
        let index = members.iter().position(speaks);
        // What stands in no importer is of the root.
        return (Some(index.unwrap_or(file.member)), false);
    }
    // The tree of old lock files: `dependencies.NAME.requires.OTHER`.
    let index = members.iter().position(|member| {
        let quoted = [
            format!("dependencies.{}.", member.name),
            format!("dependencies.{:?}.", member.name),
        ];
        member.is_npm()
            && quoted
                .iter()
                .any(|lead| place.what.starts_with(lead.as_str()))
    });
    (index, false)
}

fn of_text(text: &str, file: &PlaceFile, new: &New<'_>) -> Result<Result<Edited, manifest::Error>> {
    let change = manifest::Change {
        version: &new.version,
        packages: new.packages,
    };
    Ok(match &file.how {
        How::Format(format) => (format.set)(text, &change),
        How::Requirements(follow) => follow(text, &change),
        How::Pattern { regex, min, max } => {
            let pattern = Pattern {
                regex,
                min: *min,
                max: *max,
            };
            manifest::pattern::set(text, &pattern, &new.version)
        }
        How::Declared { format, .. } => {
            let wanted = file.wanted().context("it has names")?;
            manifest::declared::set(text, declared(format)?, &wanted, &new.version)
        }
    })
}
