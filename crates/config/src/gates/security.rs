//! `[gates.security]`: what a repository asks of itself.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a repository asks of itself: requirements which every repository can be asked, its own as a list, and a script
/// of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SecurityGate {
    /// Requirements of every repository which are not asked of this one.
    pub skip: Vec<SecurityRule>,

    /// A script of the repository, program and arguments apart; no shell. Its lines `PASS: …`, `FAIL: …`, `WARN: …`,
    /// `[PASS] …`, `✓ …`, `✗ …` and the like are read; a script which says nothing of the kind goes by its exit status.
    #[schemars(length(min = 1))]
    pub script: Option<Vec<String>>,

    /// Seconds after which the script, or the command of one requirement, is stopped and is unknown.
    #[schemars(range(min = 1))]
    pub timeout_s: u64,

    /// Requirements of this repository.
    #[serde(rename = "check")]
    pub checks: Vec<SecurityCheck>,
}

impl Default for SecurityGate {
    fn default() -> Self {
        Self {
            skip: Vec::new(),
            script: None,
            timeout_s: 600,
            checks: Vec::new(),
        }
    }
}

/// A requirement which every repository can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SecurityRule {
    /// There is a `SECURITY.md`; a note where not.
    Policy,
    /// The lock file of `Cargo.toml` and of `package.json` at the root is committed.
    Lockfiles,
    /// No `.env` file is committed, other than examples.
    EnvFiles,
    /// No file of the last commit is world-writable, or takes the rights of its owner when run.
    Modes,
    /// Executable scripts say in their first line what runs them.
    Shebangs,
    /// No image of a `Dockerfile` is built on `latest`.
    Images,
}

/// A requirement: either about files, or about what a command says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SecurityCheck {
    /// What is required, in a few words.
    #[schemars(length(min = 1))]
    pub name: String,

    /// Glob of files, from the root of the repository, which git does not ignore. There has to be one.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub file: Option<String>,

    /// Regular expression (syntax of Rust's `regex`, `^` and `$` at each line) which has to be found in each of the files.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub contains: Option<String>,

    /// Regular expression which must not be found in any of the files.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub absent: Option<String>,

    /// A command, program and arguments apart; no shell.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub command: Option<Vec<String>>,

    /// The status the command has to end with. Default: 0.
    #[serde(default)]
    pub exit: Option<u64>,

    /// Regular expression which has to be found in what the command says.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub pattern: Option<String>,

    /// Why it is required.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub reason: Option<String>,

    /// What to do where it does not hold.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub help: Option<String>,

    /// What it is where it does not hold.
    #[serde(default)]
    pub severity: CheckSeverity,
}

/// What a requirement is where it does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CheckSeverity {
    /// A failure.
    #[default]
    Error,
    /// A warning.
    Warning,
    /// A note.
    Note,
}
