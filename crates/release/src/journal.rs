//! What was approved, begun and finished, one JSON object a line, on disk before the next thing happens.
//!
//! Needed only for what cannot be observed afterwards: approvals, and effects seen late. Everything else is looked up.

use std::path::PathBuf;

use anyhow::Result;
use serde::{Deserialize, Serialize};
use world::World;

use crate::Paths;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub enum Entry {
    /// A person approved this digest.
    Approval {
        digest: String,
        how: String,
        time_s: u64,
    },
    /// A command is about to be run.
    Intent {
        step: String,
        command: String,
        time_s: u64,
    },
    /// It ended; `ok` says how.
    Receipt {
        step: String,
        command: String,
        ok: bool,
        time_s: u64,
    },
}

pub struct Journal<'a> {
    world: &'a World,
    path: PathBuf,
}

impl<'a> Journal<'a> {
    pub fn open(world: &'a World, paths: &Paths) -> Journal<'a> {
        Journal {
            world,
            path: paths.journal(),
        }
    }

    pub fn append(&self, entry: &Entry) -> Result<()> {
        self.world
            .append_line(&self.path, &serde_json::to_string(entry)?)
    }

    /// All entries. A last line cut by a crash is left out: what it would have said did not happen.
    pub fn read(&self) -> Result<Vec<Entry>> {
        let text = self.world.read_if_exists(&self.path)?.unwrap_or_default();
        Ok(text
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect())
    }

    pub fn approved(&self, digest: &str) -> Result<bool> {
        Ok(self.read()?.iter().any(
            |entry| matches!(entry, Entry::Approval { digest: approved, .. } if approved == digest),
        ))
    }
}
