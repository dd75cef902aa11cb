//! `[[gates.limit]]`: how long gates may take, and what a flaky one is.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::GATES;

/// How long one gate may take, and whether it is asked again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// Name of the gate.
    #[schemars(extend("title" = "gate", "examples" = GATES))]
    pub gate: String,

    /// Seconds after which it is said to be slow. Default: 60, or half as much again as it took the last time.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub slow_s: Option<u64>,

    /// Seconds after which everything that it started is ended and it is unknown. Default: no limit but those of its commands.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub timeout_s: Option<u64>,

    /// How often it is asked again when it fails. One that passes then is `flaky`.
    #[serde(default)]
    pub retries: u32,
}

/// What a flaky gate is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Flaky {
    /// Shown, and does not block.
    #[default]
    Warn,
    /// A failure.
    Deny,
}
