//! `[gates.audit]`: from which severity on a known vulnerability stops a release, and where it is looked up.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Date;

/// Known vulnerabilities of the dependencies: RustSec for Cargo, the package manager's own audit for npm, pnpm and yarn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AuditGate {
    /// A vulnerability of this severity, or of a worse one, stops a release; one below is a warning.
    pub fail_on: Level,

    /// What an advisory without a score counts as. Most of those of RustSec carry none: that does not make them low.
    pub unscored: Level,

    /// What it means that nobody maintains a package any more.
    pub unmaintained: Policy,

    /// What it means that a package can break memory safety when it is used in a certain way.
    pub unsound: Policy,

    /// The RustSec advisory database: the URL of a git repository, which is cloned into the git directory and refreshed
    /// once a day, or a folder with its files. The environment variable `LANDFALL_ADVISORY_DB` names a folder instead.
    #[schemars(length(min = 1))]
    pub database: String,

    /// Days after which the database says too little: an older one which cannot be refreshed is no answer.
    #[schemars(range(min = 1))]
    pub max_age_days: u32,

    /// Seconds after which a fetch of the database, or an audit of a package manager, is stopped and the gate is unknown.
    #[schemars(range(min = 1))]
    pub timeout_s: u64,

    /// Advisories which are known and accepted, each for a time.
    pub ignore: Vec<AuditIgnore>,
}

impl Default for AuditGate {
    fn default() -> Self {
        Self {
            fail_on: Level::High,
            unscored: Level::High,
            unmaintained: Policy::Warn,
            unsound: Policy::Warn,
            database: "https://github.com/RustSec/advisory-db.git".to_owned(),
            max_age_days: 7,
            timeout_s: 120,
            ignore: Vec::new(),
        }
    }
}

/// An advisory which is known and accepted, for a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AuditIgnore {
    /// Its id, or another name of it: `RUSTSEC-2026-0001`, `GHSA-…`, `CVE-…`.
    #[schemars(length(min = 1))]
    pub id: String,

    /// Why it does no harm here.
    #[schemars(length(min = 1))]
    pub reason: String,

    /// The last day on which it is ignored, `YYYY-MM-DD`, in quotes or without.
    pub until: Date,
}

/// How bad a vulnerability is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// CVSS 0.1 to 3.9.
    Low,
    /// CVSS 4.0 to 6.9.
    Moderate,
    /// CVSS 7.0 to 8.9.
    High,
    /// CVSS 9.0 and more.
    Critical,
}

/// What something that is no vulnerability means for a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Policy {
    /// A failure.
    Deny,
    /// A warning.
    Warn,
    /// A note.
    Allow,
}
