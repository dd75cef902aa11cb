//! `[gates.links]`: the documents whose links are followed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Links inside of the repository. Nothing is asked over the network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LinksGate {
    /// Globs of the tracked Markdown documents whose links are followed.
    #[schemars(inner(length(min = 1)))]
    pub files: Vec<String>,

    /// Globs of documents whose links are not followed: templates, test data, what others wrote.
    #[schemars(inner(length(min = 1)))]
    pub exclude: Vec<String>,

    /// Globs of targets, as they are written, which are not followed: `/api/**`.
    #[schemars(inner(length(min = 1)))]
    pub ignore: Vec<String>,
}

impl Default for LinksGate {
    fn default() -> Self {
        Self {
            files: vec!["**/*.{md,markdown}".to_owned()],
            exclude: Vec::new(),
            ignore: Vec::new(),
        }
    }
}
