//! Reads and sets the version that a file declares: text in, text out, one file per format in `formats/`.
//!
//! Nothing here opens a file, so "all or nothing" and "print, do not write" are the caller's to give for free.
//! An edit replaces the spans of the values and nothing else: every other byte (indentation, comments, line ends,
//! byte order mark, final newline) stays, for a release commit shall show the version and not a reformatting.

pub mod changelog;
pub mod declared;
mod edit;
mod error;
pub mod formats;
pub mod hcl;
mod json;
pub mod locate;
mod npm;
mod overrides;
pub mod pattern;
mod pep440;
mod requirement;
mod source;
mod specifier;
pub mod takes;
mod toml;
mod version;
mod yaml;

use std::collections::BTreeSet;

pub use error::Error;
pub use formats::{
    DECLARED, FORMATS, Format, cargo_lock, cargo_toml, format_of, helm_chart, package_json,
    package_lock, pnpm_lock, pyproject, uv_lock, version_file,
};
pub use semver::Version;
pub use version::parse_version;

/// What to set: the new version, and the names of the packages of this repository that carry it.
/// Requirements on those packages, and only those, follow.
#[derive(Debug, Clone, Copy)]
pub struct Change<'a> {
    pub version: &'a Version,
    pub packages: &'a BTreeSet<String>,
}

/// The text after an edit and every place that was touched, in the order of the text.
/// No places = there was nothing to change, and the text is the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edited {
    pub text: String,
    pub places: Vec<Place>,
}

/// One replaced span. Replacing `new` by `old` at the places, first to last, gives the input back byte for byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// From 1, in the text before the edit.
    pub line: usize,
    /// From 1, in characters, in the text before the edit; a byte order mark does not count.
    pub column: usize,
    /// The path of the value: `package.version`, `target.'cfg(unix)'.dependencies.foo`.
    pub what: String,
    /// The replaced characters as they stood (without quotes, escapes not resolved).
    pub old: String,
    /// The characters that stand there now.
    pub new: String,
}

/// Where a version stands in a text. The version is what is written, valid or not, so that a check can show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The path of the value, as in [`Place::what`].
    pub what: String,
    pub version: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters; a byte order mark does not count.
    pub column: usize,
}
