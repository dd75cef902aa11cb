//! `[[artifact]]`: what is attached to a release.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Config;

impl Config {
    /// The artifacts to build: those of the file, or where it names none the one source archive.
    #[must_use]
    pub fn artifacts_or_default(&self) -> Vec<Artifact> {
        if !self.artifacts.is_empty() {
            return self.artifacts.clone();
        }
        vec![Artifact {
            name: "{project}-{version}-source.tar.gz".to_owned(),
            kind: ArtifactKind::Source,
            top: Some("{project}-{version}".to_owned()),
            files: Vec::new(),
            required: Vec::new(),
            build: None,
        }]
    }
}

/// One file attached to a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Artifact {
    /// Template of the file's name: `{version}`, `{tag}`, `{project}`. Letters, digits, `.`, `_`, `+` and `-` only:
    /// forges rename everything else.
    #[schemars(length(min = 1))]
    pub name: String,

    /// What is in it.
    pub kind: ArtifactKind,

    /// Template of the one folder at the top of the archive: `{version}`, `{tag}`, `{project}`.
    /// Default: `name` without `.tar.gz`.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub top: Option<String>,

    /// Globs of the files, from the root of the repository, for kind `files`. `**` is any number of folders.
    #[serde(default)]
    #[schemars(inner(length(min = 1)))]
    pub files: Vec<String>,

    /// Paths which have to be in the archive, from the root of the repository.
    #[serde(default)]
    #[schemars(inner(length(min = 1)))]
    pub required: Vec<String>,

    /// Command run at the root of the repository before the files are collected, program and arguments apart;
    /// no shell. For kind `files`. Default: none.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub build: Option<Vec<String>>,
}

impl Artifact {
    /// The template of the one folder at the top of the archive.
    #[must_use]
    pub fn top_or_default(&self) -> &str {
        self.top
            .as_deref()
            .unwrap_or_else(|| self.name.strip_suffix(".tar.gz").unwrap_or(&self.name))
    }
}

/// What is in an artifact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ArtifactKind {
    /// All files of the tagged commit.
    Source,
    /// The files which `files` names.
    Files,
}
