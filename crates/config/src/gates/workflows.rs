//! `[gates.workflows]`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The workflows of GitHub Actions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct WorkflowsGate {
    /// What an action is which is not pinned by its full commit.
    pub unpinned: Unpinned,

    /// Owners, or actions as `owner/name`, which need not be pinned.
    #[schemars(inner(length(min = 1)))]
    pub trusted: Vec<String>,

    /// Programs which have to be there. Without this each is asked where it is on the search path.
    #[schemars(extend("items" = json!({ "type": "string", "title": "program", "enum": WORKFLOW_TOOLS })))]
    pub tools: Vec<String>,

    /// Seconds after which such a program is stopped and the gate is unknown.
    #[schemars(range(min = 1))]
    pub timeout_s: u64,
}

/// The programs which the gate `workflows` can ask.
pub const WORKFLOW_TOOLS: &[&str] = &["zizmor", "check-jsonschema"];

impl Default for WorkflowsGate {
    fn default() -> Self {
        Self {
            unpinned: Unpinned::Warn,
            trusted: Vec::new(),
            tools: Vec::new(),
            timeout_s: 120,
        }
    }
}

/// What an action is which is not pinned by its full commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Unpinned {
    /// A failure.
    Error,
    /// A warning.
    #[default]
    Warn,
    /// Nothing to speak of.
    Allow,
}
