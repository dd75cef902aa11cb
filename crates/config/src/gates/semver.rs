//! `[gates.semver]`: the new version says what the changes of the interface ask for.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whether the new version is as far from the last one as the changes of the public interface ask for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SemverGate {
    /// Whether `cargo-semver-checks` has to be installed. Otherwise the gate is skipped where it is not.
    pub require: bool,

    /// Seconds after which the check of one crate is stopped and the gate is unknown.
    #[schemars(range(min = 1))]
    pub timeout_s: u64,
}

impl Default for SemverGate {
    fn default() -> Self {
        Self {
            require: false,
            timeout_s: 1800,
        }
    }
}
