//! `[gates.deps]`: the lock files, and the versions of the package managers that read them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Manifests and lock files are in step, and everybody's package manager can read them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DepsGate {
    /// Whether a repository without a lock file fails. A library for Cargo may do without one: then it is a warning.
    pub lockfile: bool,

    /// Whether the versions which CI workflows pin are compared with the lock file and with `package.json`.
    pub workflows: bool,

    /// Seconds after which a package manager is stopped and the gate is unknown.
    #[schemars(range(min = 1))]
    pub timeout_s: u64,
}

impl Default for DepsGate {
    fn default() -> Self {
        Self {
            lockfile: true,
            workflows: true,
            timeout_s: 120,
        }
    }
}
