//! `[gates.doc]`: the API documentation builds without warnings.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The documentation that is made from the sources.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DocGate {
    /// The command, program and arguments apart; no shell. Default: `cargo doc`, and the first script of package.json that is called `docs:build`, `docs` or `doc`.
    #[schemars(length(min = 1))]
    pub command: Option<Vec<String>>,

    /// Seconds after which the command is stopped and the gate is unknown.
    #[schemars(range(min = 1))]
    pub timeout_s: u64,

    /// What a warning of rustdoc is.
    pub warnings: DocWarnings,

    /// Whether private items are documented and checked too.
    pub private_items: bool,
}

impl Default for DocGate {
    fn default() -> Self {
        Self {
            command: None,
            timeout_s: 1800,
            warnings: DocWarnings::Error,
            private_items: false,
        }
    }
}

/// What a warning of rustdoc is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DocWarnings {
    /// A failure.
    #[default]
    Error,
    /// A warning.
    Warn,
}
