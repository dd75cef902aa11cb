//! What the request says of a milestone besides its commits.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Part;

/// All of it was looked up by the caller; nothing here is checked against anything.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Facts {
    /// In the order of the section.
    pub(crate) parts: Vec<Part>,
    /// Templates of the repository's own, in place of those built in.
    #[serde(default)]
    pub(crate) templates: BTreeMap<Part, Text>,
    /// What kind of release it is: `MVP`, `minor`.
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) themes: Vec<Theme>,
    /// Commits, and the first theme that takes one of the files they change.
    #[serde(default)]
    pub(crate) by_path: BTreeMap<String, usize>,
    /// Texts that a person wrote, as they are to be printed.
    #[serde(default)]
    pub(crate) fragments: BTreeMap<Part, Text>,
    #[serde(default)]
    pub(crate) figures: Vec<Figure>,
    #[serde(default)]
    pub(crate) checks: Vec<Check>,
    #[serde(default)]
    pub(crate) artifacts: Vec<Artifact>,
    #[serde(default)]
    pub(crate) packages: Vec<Package>,
    #[serde(default)]
    pub(crate) documents: Vec<Document>,
    /// Why there is no data for a part.
    #[serde(default)]
    pub(crate) missing: BTreeMap<Part, String>,
}

/// A text and the file it is from, from the root of the repository.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Text {
    pub(crate) path: String,
    pub(crate) text: String,
}

/// A heading for commits of some scopes; which paths it has is known to the caller.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Theme {
    pub(crate) name: String,
    pub(crate) scopes: Vec<String>,
}

/// A measured figure and what it has to be.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Figure {
    pub(crate) name: String,
    /// With its unit: `2.1 ms`.
    pub(crate) value: String,
    /// `~2 ms` in the source.
    pub(crate) rough: bool,
    /// `less than 5 ms`.
    pub(crate) target: String,
    pub(crate) met: bool,
    /// The file it was read from.
    pub(crate) source: String,
    /// The day it was measured, and by what that is known.
    pub(crate) date: Option<String>,
    pub(crate) dated_by: Option<String>,
    pub(crate) machine: Option<String>,
    pub(crate) commit: Option<String>,
}

/// What a gate answered.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Check {
    pub(crate) gate: String,
    /// Its question.
    pub(crate) about: String,
    /// `passed`, `failed`, with a waiver where there is one.
    pub(crate) verdict: String,
    pub(crate) examined: u64,
}

/// A file that is attached to the release.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Artifact {
    pub(crate) name: String,
    pub(crate) contents: String,
}

/// A package that carries the version.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
}

/// A document that is there.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Document {
    pub(crate) title: String,
    pub(crate) link: String,
}
