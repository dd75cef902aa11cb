//! The tables of formats: a new one is a file in `formats/` and a line in one of them (a test compares the two).

mod action_refs;
pub mod cargo_lock;
pub mod cargo_toml;
mod dockerfile;
pub mod helm_chart;
pub mod package_json;
pub mod package_lock;
pub mod pnpm_lock;
pub mod pyproject;
mod source_constant;
mod terraform;
pub mod uv_lock;
pub mod version_file;

use std::path::Path;

use crate::declared::Declared;
use crate::{Change, Edited, Error, Found};

/// A kind of file that declares a version.
#[derive(Debug)]
pub struct Format {
    /// The name of its source file here.
    pub name: &'static str,
    /// One line for help and docs.
    pub about: &'static str,
    /// Whether a path is a file of this format: by its file name alone.
    pub owns: fn(&Path) -> bool,
    /// The versions that the file declares for itself.
    pub read: fn(&str) -> Result<Vec<Found>, Error>,
    /// Sets them, and the requirements of the file on the packages of the change.
    pub set: fn(&str, &Change) -> Result<Edited, Error>,
}

/// All of them, by name.
pub const FORMATS: &[Format] = &[
    cargo_lock::FORMAT,
    cargo_toml::FORMAT,
    helm_chart::FORMAT,
    package_json::FORMAT,
    package_lock::FORMAT,
    pnpm_lock::FORMAT,
    pyproject::FORMAT,
    uv_lock::FORMAT,
    version_file::FORMAT,
];

/// Those that need to be told a file and what to look for in it, by name.
pub const DECLARED: &[Declared] = &[
    action_refs::DECLARED,
    dockerfile::DECLARED,
    helm_chart::DECLARED,
    source_constant::DECLARED,
    terraform::DECLARED,
];

/// The format of a file, judged by its name; names are case sensitive, as they are to the tools that read them.
#[must_use]
pub fn format_of(path: &Path) -> Option<&'static Format> {
    FORMATS.iter().find(|format| (format.owns)(path))
}

/// Whether the last part of a path is one of these names.
fn is_named(path: &Path, names: &[&str]) -> bool {
    path.file_name()
        .and_then(|name| name.to_str())
        .is_some_and(|name| names.contains(&name))
}
