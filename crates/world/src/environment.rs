//! The environment that children are given: that of the program, less what misleads them and what is not for them.

use std::ffi::{OsStr, OsString};

use crate::World;

/// Variables that describe the process we were started by, not the work of our children: a hook's `GIT_DIR` would
/// send every git command to another repository, and cargo's own would make every nested build a different one.
const MISLEADING: &[&str] = &[
    "CARGO_CRATE_NAME",
    "CARGO_BIN_NAME",
    "CARGO_PRIMARY_PACKAGE",
    "CARGO_TARGET_TMPDIR",
    "CARGO_MANIFEST_DIR",
    "CARGO_MANIFEST_PATH",
    "CARGO_MANIFEST_LINKS",
    "CARGO_MAKEFLAGS",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_CONFIG_PARAMETERS",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_QUARANTINE_PATH",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
    "LD_LIBRARY_PATH",
    "MAKEFLAGS",
    "MFLAGS",
    "RUST_RECURSION_COUNT",
];

/// The environment of children: the given one less what would mislead them.
pub(crate) fn inherited(env: Vec<(OsString, OsString)>) -> Vec<(OsString, OsString)> {
    let misleads = |key: &OsStr| {
        let key = key.to_string_lossy();
        MISLEADING.contains(&key.as_ref())
            || key.starts_with("CARGO_PKG_")
            || key.starts_with("CARGO_BIN_EXE_")
    };
    env.into_iter().filter(|(key, _)| !misleads(key)).collect()
}

impl World {
    /// The environment of children.
    pub(crate) fn handed_on(&self) -> impl Iterator<Item = (&OsString, &OsString)> {
        let withheld = |key: &OsString| self.0.withheld.iter().any(|name| key == name.as_str());
        self.0
            .env
            .iter()
            .filter(move |(key, _)| !withheld(key))
            .map(|(key, value)| (key, value))
    }
}
