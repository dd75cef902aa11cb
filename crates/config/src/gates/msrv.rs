//! `[gates.msrv]`: the oldest Rust that the packages promise to build with.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The oldest Rust that the packages promise to build with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MsrvGate {
    /// Whether the packages are built with the Rust they promise. What the manifests, the dependencies and the
    /// toolchain file say is compared in any case.
    pub build: MsrvBuild,

    /// Seconds after which the build is stopped and the gate is unknown.
    #[schemars(range(min = 1))]
    pub timeout_s: u64,
}

impl Default for MsrvGate {
    fn default() -> Self {
        Self {
            build: MsrvBuild::Auto,
            timeout_s: 1800,
        }
    }
}

/// Whether the packages are built with the Rust they promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum MsrvBuild {
    /// Where that toolchain is installed; else a note says that it was not tried.
    #[default]
    Auto,
    /// In any case: the gate is unknown where the toolchain is not installed.
    Required,
    /// Never.
    Never,
}
