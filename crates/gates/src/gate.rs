//! The shape of a gate, and what it is given.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;
use semver::Version;
use world::{Helpers, World};

use crate::{Findings, Inputs, Memory};

/// What gates look at.
#[derive(Clone)]
pub struct Cx {
    pub world: World,
    /// The top folder of the working tree.
    pub root: PathBuf,
    pub config: Arc<config::Config>,
    pub subject: Subject,
    /// Where cargo builds; `None` = the tree's own.
    pub target_dir: Option<PathBuf>,
    /// How programs of ours are found.
    pub helpers: Helpers,
    /// The gate that is asked; the scheduler fills it in.
    pub gate: String,
    /// Gates that the workspace brings in its own xtask, besides those of the table.
    pub own: &'static [Gate<'static>],
    /// What earlier runs left; `None`: nothing is remembered or reused.
    pub memory: Option<Memory>,
}

/// Whose tree it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A developer's working tree.
    Tree,
    /// The scratch worktree of a release: edited, not yet committed.
    Candidate {
        /// The commit that was edited.
        base: String,
        version: Version,
        tag: String,
        /// Paths, from the root, that we edited.
        planned: Vec<String>,
    },
}

/// One question.
#[derive(Clone, Copy)]
pub struct Gate<'a> {
    /// As it is typed: `cargo xtask preflight docs`; also the name of its file.
    pub name: &'a str,
    /// One line for help and docs.
    pub about: &'a str,
    pub cost: Cost,
    /// Gates that share a lane do not overlap.
    pub needs: &'a [Lane],
    /// What the answer depends on, and so whether a pass may be reused.
    pub inputs: fn(&Cx) -> Result<Inputs>,
    /// Whether the gate has anything to ask of this repository.
    pub applies: fn(&Cx) -> Result<Applies>,
    /// An error = could not look = unknown; what was found before it is kept.
    pub check: fn(&Cx, &mut Findings) -> Result<()>,
}

/// What a gate costs: `--quick` runs [`Cost::Instant`] alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cost {
    /// Well under a second.
    Instant,
    /// Builds or runs something.
    Slow,
    /// Waits for another machine.
    Network,
}

/// Something that only one gate at a time can use well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// The lock on the build folder, and the machine's cores.
    CargoBuild,
    Network,
}

/// Whether a gate has anything to ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Applies {
    Yes,
    /// It is skipped for this reason.
    No(String),
}

impl Cx {
    /// A developer's working tree.
    pub fn tree(world: World, root: PathBuf, config: Arc<config::Config>) -> Cx {
        Cx {
            world,
            root,
            config,
            subject: Subject::Tree,
            target_dir: None,
            helpers: Helpers::default(),
            gate: String::new(),
            own: &[],
            memory: None,
        }
    }

    /// An absolute path of the repository.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    pub(crate) fn git(&self) -> world::git::Git {
        world::git::Git::new(&self.world, &self.root)
    }
}
