//! A release: pinned inputs → candidate → steps in stages → record.
//!
//! [`prepare`] works a candidate out for real in a scratch worktree and touches nothing else. [`steps::STEPS`] is the
//! ordered list of what becomes visible to others; [`driver`] carries it out and names no step. [`rehearse`] is the same
//! code against a clone, a bare remote and a folder.

pub mod abort;
pub mod artifacts;
pub mod auto;
pub mod bump;
pub mod candidate;
pub mod changelog;
pub mod doctor;
pub mod driver;
pub mod history;
pub mod inputs;
pub mod journal;
mod notes;
pub mod paths;
pub mod plan;
pub mod prepare;
pub mod refusal;
pub mod rehearse;
pub mod run;
pub mod signing;
pub mod status;
pub mod steps;
pub mod verify;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use config::Config;
use world::git::Git;
use world::{Helpers, World};

pub use candidate::{Artifact, Built, Candidate};
pub use inputs::Inputs;
pub use notes::NOTES;
pub use paths::Paths;
pub use refusal::{Kind, Refusal};
pub use steps::{Reversal, Stage, Step, View};

/// All that a release looks at. Made by the command line, or by [`rehearse`] for its scratch repository.
#[derive(Clone)]
pub struct Cx {
    pub world: World,
    /// The root of the repository, absolute.
    pub root: PathBuf,
    pub config: Arc<Config>,
    /// How programs of ours are found: the one that writes notes, those that gates ask.
    pub helpers: Helpers,
    /// Where candidates are built; kept from one release to the next, and shared with rehearsals.
    pub build_dir: PathBuf,
    /// Gates that the workspace brings in its own xtask.
    pub own_gates: &'static [gates::Gate<'static>],
    /// What gates remember from one run to the next.
    pub memory: Option<gates::Memory>,
    /// Gates that run side by side.
    pub jobs: usize,
    /// Gates left out of this run, with a record of it.
    pub skip: Vec<gates::Skip>,
    /// Told of everything as it happens.
    pub observe: Arc<dyn Fn(&Event<'_>) + Send + Sync>,
}

impl Cx {
    /// What gates are given to look at the working tree.
    pub(crate) fn gates(&self) -> gates::Cx {
        gates::Cx {
            own: self.own_gates,
            memory: self.memory.clone(),
            helpers: self.helpers.clone(),
            ..gates::Cx::tree(self.world.clone(), self.root.clone(), self.config.clone())
        }
    }
}

/// What a release tells while it runs.
pub enum Event<'a> {
    /// A part of the work begins.
    Phase(&'a str),
    /// Something a person should know.
    Note(String),
    Gate(gates::Progress<'a>),
    Gates(&'a gates::Summary),
    /// What a version edit changed.
    Edits(&'a [gates::places::Change]),
    /// An archive is being written: bytes that came in so far, of so many where that is known.
    Packing {
        name: &'a str,
        done: u64,
        total: Option<u64>,
    },
    /// An archive was written: bytes before and after compression.
    Packed {
        name: &'a str,
        read: u64,
        size: u64,
        took: Duration,
    },
    Candidate(&'a Candidate),
    Step {
        step: &'a Step,
        view: &'a View,
    },
    /// A command of a step is about to be run.
    Command {
        step: &'a Step,
        command: String,
    },
}

impl Cx {
    pub fn git(&self) -> Git {
        Git::new(&self.world, &self.root)
    }

    pub(crate) fn tell(&self, event: &Event<'_>) {
        (self.observe)(event);
    }
}
