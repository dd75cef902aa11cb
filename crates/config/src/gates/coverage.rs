//! `[gates.coverage]`: how much of the code the tests run.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Percent;

/// How much of the code the tests run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CoverageGate {
    /// The least share of lines which the tests have to run, in percent: an integer, or a decimal in quotes such as
    /// `"79.5"`. It is compared with the counted lines, so 79.99 is below 80.
    pub required: Percent,

    /// The command which measures, program and arguments apart; no shell. It writes `report`, or prints it.
    /// Default: `cargo llvm-cov` for a Cargo workspace, the script `coverage` of package.json.
    #[schemars(length(min = 1))]
    pub command: Option<Vec<String>>,

    /// Path of the report, from the root of the repository, or a glob where each package has one. Its content tells
    /// what it is: cargo-llvm-cov's JSON, `coverage-summary.json`, lcov. Without `command` it must not be older than
    /// the sources. Default: where the usual tools write it.
    #[schemars(length(min = 1))]
    pub report: Option<String>,

    /// Whether each package has to meet `required`, besides the whole.
    pub per_package: bool,

    /// Globs of source files which do not count, from the root of the repository. `**` is any number of folders.
    #[schemars(inner(length(min = 1)))]
    pub exclude: Vec<String>,

    /// Seconds after which the command is stopped and the gate is unknown.
    #[schemars(range(min = 1))]
    pub timeout_s: u64,
}

impl Default for CoverageGate {
    fn default() -> Self {
        Self {
            required: Percent::whole(80),
            command: None,
            report: None,
            per_package: false,
            exclude: Vec::new(),
            // Everything is built and run once more, with instruments.
            timeout_s: 3600,
        }
    }
}
