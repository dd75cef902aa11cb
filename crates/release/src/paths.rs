//! Where things are kept. One place for every name.

use std::path::{Path, PathBuf};

use anyhow::Result;
use world::World;
use world::git::Git;

/// The folder of one candidate: `target/release-candidates/TAG/`.
#[derive(Debug, Clone)]
pub struct Paths {
    root: PathBuf,
    tag: String,
}

impl Paths {
    pub fn new(root: &Path, tag: &str) -> Paths {
        // A tag may hold slashes; a folder name may not.
        Paths {
            root: root.to_owned(),
            tag: tag.replace('/', "-"),
        }
    }

    /// All candidates of a repository; ignored by git through a file of its own.
    pub fn candidates(root: &Path) -> PathBuf {
        root.join("target/release-candidates")
    }

    pub fn dir(&self) -> PathBuf {
        Paths::candidates(&self.root).join(&self.tag)
    }

    /// The scratch worktree, there only while a candidate is being prepared.
    pub fn tree(&self) -> PathBuf {
        self.dir().join("tree")
    }

    /// All of the second build, there only while a candidate is being prepared.
    pub fn again(&self) -> PathBuf {
        self.dir().join("again")
    }

    /// The checkout of the second build: deeper than the first, and of another name.
    pub fn again_tree(&self) -> PathBuf {
        self.again().join("checked-out-in-another-folder")
    }

    pub fn inputs(&self) -> PathBuf {
        self.dir().join("inputs.json")
    }

    pub fn candidate(&self) -> PathBuf {
        self.dir().join("candidate.json")
    }

    pub fn journal(&self) -> PathBuf {
        self.dir().join("journal.jsonl")
    }

    pub fn notes(&self) -> PathBuf {
        self.dir().join("notes.md")
    }

    pub fn commit_message(&self) -> PathBuf {
        self.dir().join("commit-message.txt")
    }

    pub fn tag_object(&self) -> PathBuf {
        self.dir().join("tag-object.txt")
    }

    /// What the forge is told of the release.
    pub fn release(&self) -> PathBuf {
        self.dir().join("release.json")
    }

    /// The bytes that are uploaded, never rebuilt once something is staged.
    pub fn artifacts(&self) -> PathBuf {
        self.dir().join("artifacts")
    }

    /// `path` as a person at the root of the repository would type it.
    pub fn shown(&self, path: &Path) -> PathBuf {
        path.strip_prefix(&self.root).unwrap_or(path).to_owned()
    }
}

/// Our folder inside the git directory: the lock, and an edit that a kill interrupted. Outside of any tree.
/// A folder that is no git repository has it in `target`.
pub fn state_dir(world: &World, root: &Path) -> Result<PathBuf> {
    match Git::new(world, root).common_dir() {
        Ok(dir) => Ok(dir.join("landfall")),
        Err(error) if error.to_string().contains("not a git repository") => {
            Ok(root.join("target/landfall"))
        }
        Err(error) => Err(error),
    }
}
