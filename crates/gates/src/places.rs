//! The places of a repository that carry its version, and what a new version would change in them.
//!
//! Nothing here writes: [`changes`] gives the new contents of all files or an error, and the caller writes all or none.

mod find;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow};
use config::Config;
use manifest::pattern::Pattern;
use manifest::{Edited, Format, Place};
use semver::Version;
use world::World;

pub use find::discover;

/// Where the version stands.
#[derive(Debug, Clone)]
pub struct Places {
    /// What the repository says its version is; `None`: nothing in it has one.
    pub current: Option<Version>,
    /// Names of the packages that carry it: requirements on them follow.
    pub packages: BTreeSet<String>,
    /// Sorted by path; a file may be there more than once, as a manifest and as a text.
    pub files: Vec<PlaceFile>,
    /// Manifests whose version stays, each with the reason.
    pub left_alone: Vec<(String, String)>,
}

/// A file that carries the version.
#[derive(Debug, Clone)]
pub struct PlaceFile {
    /// From the root of the repository.
    pub path: String,
    pub how: How,
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
}

/// Sets requirements and leaves the version.
pub type Follow = fn(&str, &manifest::Change) -> Result<Edited, manifest::Error>;

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

/// The new contents of every file of `places`, in the order of the paths. Nothing is written.
///
/// # Errors
/// When any file cannot be read, understood or edited, or a text carries the version less or more often than it
/// should: then none may be written. The error names the file and, where there is one, the line.
pub fn changes(
    world: &World,
    root: &Path,
    config: &Config,
    places: &Places,
    version: &Version,
) -> Result<Vec<Change>> {
    let wanted = manifest::Change {
        version,
        packages: &places.packages,
    };
    let mut done: BTreeMap<&str, Edit> = BTreeMap::new();
    for file in &places.files {
        let edit = match done.remove(file.path.as_str()) {
            Some(edit) => edit,
            None => Edit::open(world, root, &file.path)?,
        };
        let path = file.path.as_str();
        let created = path == config.version.file && edit.old.is_none();
        let edit = if created {
            edit.create(version)
        } else {
            edit.apply(file, &wanted)?
        };
        done.insert(path, edit);
    }
    Ok(done
        .into_iter()
        .map(|(path, edit)| edit.close(path))
        .collect())
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

    fn apply(mut self, file: &PlaceFile, wanted: &manifest::Change) -> Result<Edit> {
        let path = &file.path;
        if self.old.is_none() {
            return Err(anyhow!(
                "there is no {path}, where the version should stand; make it, or mend the configuration"
            ));
        }
        let edited = match &file.how {
            How::Format(format) => (format.set)(&self.new, wanted),
            How::Requirements(follow) => follow(&self.new, wanted),
            How::Pattern { regex, min, max } => {
                let pattern = Pattern {
                    regex,
                    min: *min,
                    max: *max,
                };
                manifest::pattern::set(&self.new, &pattern, wanted.version)
            }
        };
        let edited = edited
            .map_err(|error| flaw(path, error))
            .with_context(|| format!("set the version to {}", wanted.version))?;
        self.new = edited.text;
        self.places.extend(edited.places);
        Ok(self)
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
