//! `[gates.tracker]`: the document which says how far the work has come.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How far the work has come: days of a plan, and checklists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TrackerGate {
    /// The Markdown document whose headings are days: `## Day 3-4: Storage`, with a status in the heading or on a
    /// line of its own below it, `Status: ✅ Complete`. Default: the one tracked document whose name says that it is a
    /// tracker (`TRACKER.md`, `completion-tracker.md`) and which has such headings.
    #[schemars(length(min = 1))]
    pub path: Option<String>,

    /// So many days have to be complete; a heading `Day 3-4` is two days.
    #[schemars(range(min = 1))]
    pub required: u64,

    /// Lists of `- [x]` and `- [ ]` of which a share has to be done.
    pub checklist: Vec<Checklist>,
}

impl Default for TrackerGate {
    fn default() -> Self {
        Self {
            path: None,
            required: 20,
            checklist: Vec::new(),
        }
    }
}

/// A list of `- [x]` and `- [ ]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Checklist {
    /// The Markdown document.
    #[schemars(length(min = 1))]
    pub path: String,

    /// The heading below which the items stand, as it reads, without its `#`. Default: all of the document.
    #[schemars(length(min = 1))]
    pub section: Option<String>,

    /// So many of a hundred items have to be done, 0 to 100.
    #[serde(default = "all")]
    #[schemars(range(min = 0))]
    pub required_pct: u64,
}

fn all() -> u64 {
    100
}
