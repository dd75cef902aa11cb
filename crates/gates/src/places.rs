//! The places of a repository that carry its version, and what a new version would change in them.
//!
//! Nothing here writes: [`changes`] gives the new contents of all files or an error, and the caller writes all or none.

mod by_format;
mod cascade;
mod edit;
mod find;
mod groups;
mod members;
mod proof;

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use config::Dependents;
use manifest::declared::{Declared, Wanted};
use manifest::pattern::Pattern;
use manifest::{Edited, Format, Place};
use semver::Version;
use serde::Serialize;
use world::World;

pub use edit::changes;
pub use find::{Part, Survey, discover, survey};
pub(crate) use proof::locks;
pub use proof::{Outcome, Proof, prove};

/// Where the version stands.
#[derive(Debug, Clone)]
pub struct Places {
    /// What the repository, or the group, says its version is; `None`: nothing in it has one.
    pub current: Option<Version>,
    /// Names of the packages that carry it: requirements on them follow.
    pub packages: BTreeSet<String>,
    /// Sorted by path; a file may be there more than once, as a manifest and as a text.
    pub files: Vec<PlaceFile>,
    /// Manifests whose version stays, each with the reason.
    pub left_alone: Vec<(String, String)>,
    /// The files of other groups, for what has to follow.
    others: Vec<PlaceFile>,
    /// Which part of the repository these places are.
    unit: usize,
    dependents: Dependents,
    all: Arc<find::All>,
}

impl Places {
    /// The groups that get a new version with `version`, because a requirement of theirs does not take it.
    pub fn raises(&self, version: &Version) -> Vec<Raise> {
        cascade::raises(self, version)
    }

    /// The public packages that carry the version.
    pub fn public(&self) -> Vec<Public> {
        let members = self.all.members.iter().enumerate();
        members
            .filter(|(index, member)| {
                self.all.of_member.get(*index) == Some(&Some(self.unit))
                    && self.all.carries(*index)
                    && self.packages.contains(&member.name)
                    && !member.private
                    && !member.name.is_empty()
            })
            .map(|(_, member)| Public {
                manifest: member.path.clone(),
                name: member.name.clone(),
            })
            .collect()
    }

    /// Whether an entry of Cargo.lock, `package.NAME.version`, is one of our packages.
    pub(crate) fn locked(&self, found: &manifest::Found) -> bool {
        let name = found
            .what
            .strip_prefix("package.")
            .and_then(|what| what.strip_suffix(".version"))
            .unwrap_or_default();
        self.packages.contains(name.trim_matches(['"', '\'']))
    }

    /// The files of all groups.
    pub(crate) fn of_all(&self) -> impl Iterator<Item = &PlaceFile> {
        self.files.iter().chain(&self.others)
    }
}

/// A package that a release offers to others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Public {
    /// From the root of the repository.
    pub manifest: String,
    pub name: String,
}

/// A group that gets a new version because of that of another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raise {
    pub group: String,
    /// The packages in no group.
    pub rest: bool,
    pub from: Version,
    pub to: Version,
    /// As a breaking change of its own.
    pub breaking: bool,
    pub reason: String,
}

/// `b 0.3.1 → 0.3.2: b needs a `^1`, which does not take 2.0.0`.
impl fmt::Display for Raise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {} → {}: {}",
            self.group, self.from, self.to, self.reason
        )
    }
}

/// A file that carries the version.
#[derive(Debug, Clone)]
pub struct PlaceFile {
    /// From the root of the repository.
    pub path: String,
    pub how: How,
    /// Whose version it carries; `None`: that of its package, or, of a lock file, those of all.
    unit: Option<usize>,
    manifest: Option<Manifest>,
}

/// A manifest or a lock file, which speaks of several packages.
#[derive(Debug, Clone, Copy)]
struct Manifest {
    /// The package that it is of.
    member: usize,
    /// Whether it is the manifest itself.
    is_member: bool,
    format: &'static Format,
    follow: Follow,
}

/// How the version is found in a file.
#[derive(Debug, Clone)]
pub enum How {
    /// It declares the version.
    Format(&'static Format),
    /// It has a version of its own, or none; only its requirements on our packages follow.
    Requirements(Follow),
    /// A text.
    Pattern {
        regex: String,
        min: usize,
        max: Option<usize>,
    },
    /// A text in whose grammar the version stands behind names.
    Declared {
        /// As in [`manifest::DECLARED`].
        format: &'static str,
        names: Vec<String>,
        min: usize,
        max: Option<usize>,
    },
}

impl PlaceFile {
    /// The names that are looked for, where they are looked for by name.
    pub(crate) fn wanted(&self) -> Option<Wanted<'_>> {
        let How::Declared {
            names, min, max, ..
        } = &self.how
        else {
            return None;
        };
        Some(Wanted {
            path: &self.path,
            names,
            min: *min,
            max: *max,
        })
    }
}

/// The lines of a text on which its names carry a version, or what stays in place of one.
pub(crate) fn declared_lines(file: &PlaceFile, text: &str) -> Result<Vec<usize>> {
    let (How::Declared { format, .. }, Some(wanted)) = (&file.how, file.wanted()) else {
        return Ok(Vec::new());
    };
    let reading = manifest::declared::find(text, declared(format)?, &wanted).unwrap_or_default();
    let found = reading.found.iter().chain(&reading.short);
    let left = reading.left.iter().map(|left| left.line);
    Ok(found.map(|found| found.line).chain(left).collect())
}

/// Sets requirements and leaves the version.
pub type Follow = fn(&str, &manifest::Change) -> Result<Edited, manifest::Error>;

/// A version that stands in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Found {
    /// From the root of the repository.
    pub path: String,
    /// From 1.
    pub line: usize,
    /// From 1.
    pub column: usize,
    /// The path of the value: `package.version`.
    pub what: String,
    pub version: String,
}

/// Where exactly the version stands, in the order of the paths; of a lock file what it says of our packages. A file that is
/// not there, or cannot be understood, has none: `version check` tells why.
///
/// # Errors
/// When a file cannot be read.
pub fn found(world: &World, root: &Path, places: &Places) -> Result<Vec<Found>> {
    let mut all = Vec::new();
    for file in &places.files {
        let Some(text) = world.read_if_exists(&root.join(&file.path))? else {
            continue;
        };
        let list = match &file.how {
            How::Format(format) => (format.read)(&text).unwrap_or_default(),
            How::Requirements(_) => Vec::new(),
            How::Pattern { regex, min, max } => {
                let pattern = Pattern {
                    regex,
                    min: *min,
                    max: *max,
                };
                manifest::pattern::find(&text, &pattern).unwrap_or_default()
            }
            How::Declared { format, .. } => match file.wanted() {
                Some(wanted) => {
                    let read = manifest::declared::find(&text, declared(format)?, &wanted);
                    let read = read.unwrap_or_default();
                    read.found.into_iter().chain(read.short).collect()
                }
                None => Vec::new(),
            },
        };
        let ours = list
            .into_iter()
            .filter(|found| file.path != "Cargo.lock" || places.locked(found));
        all.extend(ours.map(|found| Found {
            path: file.path.clone(),
            line: found.line,
            column: found.column,
            what: found.what,
            version: found.version,
        }));
    }
    Ok(all)
}

/// What becomes of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// From the root of the repository.
    pub path: String,
    pub kind: ChangeKind,
    /// In the text before the edit; of a file that is edited twice, in the text before each.
    pub places: Vec<Place>,
    /// All of the file, after.
    pub contents: Vec<u8>,
}

/// Whether there is anything to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    Create,
    Change,
    /// It says so already.
    Same,
}

impl ChangeKind {
    /// As in JSON.
    pub fn name(self) -> &'static str {
        match self {
            ChangeKind::Create => "create",
            ChangeKind::Change => "change",
            ChangeKind::Same => "same",
        }
    }
}

/// Something is wrong in a file, as opposed to: it could not be read.
#[derive(Debug)]
pub struct Flaw {
    /// From the root of the repository.
    pub path: String,
    pub error: manifest::Error,
}

/// `path:line:column: message; help`.
impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        for number in [self.error.line, self.error.column].into_iter().flatten() {
            write!(f, ":{number}")?;
        }
        write!(f, ": {}", self.error.message)?;
        match &self.error.help {
            Some(help) => write!(f, "; {help}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Flaw {}

pub(crate) fn flaw(path: &str, error: manifest::Error) -> anyhow::Error {
    let path = path.to_owned();
    Flaw { path, error }.into()
}

fn format(name: &str) -> Result<&'static Format> {
    manifest::FORMATS
        .iter()
        .find(|format| format.name == name)
        .with_context(|| format!("the crate manifest has no format `{name}`: a bug in landfall"))
}

/// The format of a text in which the version stands behind names.
pub(crate) fn declared(name: &str) -> Result<&'static Declared> {
    manifest::declared::declared(name).with_context(|| {
        format!("the crate manifest has no format `{name}` for [[version.text]]: a bug in landfall")
    })
}
