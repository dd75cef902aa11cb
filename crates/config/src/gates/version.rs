//! `[gates.version]`: what is said of places which nobody declared.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Places which carry the project's version and are not declared in `[version]`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct VersionGate {
    /// What a place is that carries the version and is not declared: an install line in a README, a Dockerfile, a chart.
    /// In a release it carries the old version; before, it carries the current one and would be left behind.
    pub leftovers: Leftovers,

    /// Globs of files in which an old version is right: archives of documents, fixtures.
    #[schemars(inner(length(min = 1)))]
    pub allow: Vec<String>,
}

/// What a leftover version is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Leftovers {
    /// A warning in a release, a note before.
    #[default]
    Warn,
    /// A failure.
    Error,
    /// Nothing: nobody looks.
    Off,
}
