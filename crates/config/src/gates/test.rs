//! `[gates.test]`: the tests pass.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The tests pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TestGate {
    /// The command, program and arguments apart; no shell. It passes when it exits with 0. Default: by the kind of
    /// repository.
    #[schemars(length(min = 1))]
    pub command: Option<Vec<String>>,

    /// Seconds after which the command is stopped and the gate is unknown.
    #[schemars(range(min = 1))]
    pub timeout_s: u64,

    /// What runs the tests of a Cargo workspace.
    pub runner: TestRunner,
}

impl Default for TestGate {
    fn default() -> Self {
        Self {
            command: None,
            timeout_s: 1800,
            runner: TestRunner::Auto,
        }
    }
}

/// What runs the tests of a Cargo workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TestRunner {
    /// cargo-nextest where `.config/nextest.toml` and the program are there, else `cargo test`.
    #[default]
    Auto,
    /// `cargo test`.
    Cargo,
    /// cargo-nextest, and `cargo test --doc` for the tests in the documentation.
    Nextest,
}
