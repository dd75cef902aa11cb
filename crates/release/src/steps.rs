//! The steps of a release: one file each, one line in the table, in the order in which they are taken.

mod branch;
mod draft;
mod folder;
mod publish;
mod refs;

use std::fmt;

use anyhow::Result;
use serde::Serialize;
use world::Cmd;

use crate::{Candidate, Cx, Paths};

/// Sorted by stage (tested). The point of no return stands before the first `Public` step.
pub const STEPS: &[Step] = &[branch::STEP, draft::STEP, refs::STEP, publish::STEP];

/// One effect on the world, with the way to look whether it is there.
pub struct Step {
    pub name: &'static str,
    pub about: &'static str,
    pub stage: Stage,
    pub reversal: Reversal,
    /// All commands of the step, as if nothing of it were there yet. Looks at nothing outside of the candidate.
    pub plan: fn(&StepCx<'_>) -> Result<Vec<Cmd>>,
    /// Looks at its own effect only, and compares content. An error means that it could not look.
    pub forward: fn(&StepCx<'_>) -> Result<View>,
    /// The same for the way back; `None` where there is none.
    pub backward: Option<fn(&StepCx<'_>) -> Result<View>>,
}

pub struct StepCx<'a> {
    pub cx: &'a Cx,
    pub candidate: &'a Candidate,
    pub paths: &'a Paths,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum View {
    /// Exactly ours, by content.
    Done {
        evidence: String,
    },
    Todo(Vec<Cmd>),
    /// Somebody else's, or changed since: never overwritten.
    Conflict {
        found: String,
        help: String,
    },
}

/// How far a release has come. Between two stages stands a barrier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Private and erasable.
    Staged,
    /// Seen by others: only compensable.
    Public,
    /// Deployed.
    Live,
    /// Latest, announced.
    Promoted,
}

/// What can be done about a step once it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Reversal {
    Erasable,
    Compensable,
    Irreversible,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Stage::Staged => "staged",
            Stage::Public => "public",
            Stage::Live => "live",
            Stage::Promoted => "promoted",
        })
    }
}

impl fmt::Display for Reversal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Reversal::Erasable => "erasable",
            Reversal::Compensable => "compensable",
            Reversal::Irreversible => "irreversible",
        })
    }
}

impl View {
    /// The word of the JSON event.
    pub fn word(&self) -> &'static str {
        match self {
            View::Done { .. } => "done",
            View::Todo(_) => "todo",
            View::Conflict { .. } => "conflict",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::STEPS;

    #[test]
    fn the_table_is_sorted_by_stage_and_equals_the_folder() {
        assert!(STEPS.is_sorted_by_key(|step| step.stage));
        let mut named: Vec<String> = STEPS
            .iter()
            .map(|step| format!("{}.rs", step.name))
            .collect();
        named.push("folder.rs".to_owned()); // the folder forge, shared by draft and publish
        named.sort();
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/steps");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        assert_eq!(named, files);
    }
}
