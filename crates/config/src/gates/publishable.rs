//! `[gates.publishable]`: what a package registry would refuse.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a package registry would refuse, told before anything is published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PublishableGate {
    /// Whether every packed crate is also built by itself, as `cargo publish` does. It takes as long as a build from nothing.
    pub verify: bool,

    /// The size in MiB above which a packed package is refused. The public registry of crates takes 10.
    #[schemars(range(min = 1))]
    pub max_mib: u64,

    /// Seconds after which a command is stopped and the gate is unknown.
    #[schemars(range(min = 1))]
    pub timeout_s: u64,
}

impl Default for PublishableGate {
    fn default() -> Self {
        Self {
            verify: false,
            max_mib: 10,
            timeout_s: 1800,
        }
    }
}
