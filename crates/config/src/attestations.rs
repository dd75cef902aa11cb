//! `[attestations]`: what a release states about its own files.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The statements which are attached to a release, about every other file of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Attestations {
    /// Whether `provenance.intoto.jsonl` is attached: from which commit, how and by whom the files were made
    /// (SLSA provenance v1).
    pub provenance: bool,

    /// Whether `test-result.intoto.jsonl` is attached: which gates the commit passed, and which not
    /// (in-toto test result v0.1).
    pub test_result: bool,
}

impl Default for Attestations {
    fn default() -> Self {
        Self {
            provenance: true,
            test_result: true,
        }
    }
}
