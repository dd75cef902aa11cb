//! `[[gate]]`: gates that a repository brings itself, each a command and how its answer is read.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A gate of the repository's own: a command, and how its answer is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnGate {
    /// Name of the gate, as it is typed: lower-case letters, digits and `-`. No name of a gate there is already.
    #[schemars(length(min = 1))]
    pub name: String,

    /// What it asks, in one line for lists and reports.
    #[schemars(length(min = 1))]
    pub about: String,

    /// The command, program and arguments apart; no shell.
    #[schemars(length(min = 1))]
    pub command: Vec<String>,

    /// The folder it runs in, from the root of the repository. Default: the root.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub folder: Option<String>,

    /// Variables which the command is given besides those of the environment, each `NAME=value`.
    #[serde(default)]
    #[schemars(inner(length(min = 1)))]
    pub environment: Vec<String>,

    /// Globs of the files which the answer depends on, from the root of the repository: a pass is reused until one of
    /// them changes. `**` is any number of folders. None: the command is asked anew each time.
    #[serde(default)]
    #[schemars(inner(length(min = 1)))]
    pub inputs: Vec<String>,

    /// Names of environment variables which the answer depends on, besides the files of `inputs`.
    #[serde(default)]
    #[schemars(inner(length(min = 1)))]
    pub env: Vec<String>,

    /// What it costs: `--quick` runs instant gates alone.
    #[serde(default)]
    pub cost: OwnGateCost,

    /// Seconds after which the command is stopped and the gate is unknown.
    #[serde(default = "ten_minutes")]
    #[schemars(range(min = 1))]
    pub timeout_s: u64,

    /// How the answer is read. The exit status counts beside every report: where the two disagree the gate fails.
    #[serde(default)]
    pub result: OwnGateResult,

    /// Path of the report which the command writes, from the root of the repository. Default: its standard output.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub report: Option<String>,
}

fn ten_minutes() -> u64 {
    600
}

/// What a gate costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OwnGateCost {
    /// Well under a second.
    Instant,
    /// Builds or runs something.
    #[default]
    Slow,
    /// Waits for another machine.
    Network,
}

/// How the answer of a command is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OwnGateResult {
    /// By its exit status: 0 is a pass.
    #[default]
    Status,
    /// JSON: `{"verdict": …, "findings": […], "examined": …}`, or a list of findings, or one finding a line.
    Json,
    /// JUnit XML.
    Junit,
    /// SARIF 2.1.0.
    Sarif,
}
