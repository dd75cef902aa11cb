//! `release.toml` ⇄ types: what a repository says about its own releases.
//!
//! Text goes in, [`Config`] or [`Errors`] comes out; nothing here reads a file, a clock or the environment.
//! The types in `types.rs` and `gates.rs` are the one description of the file. The JSON schema is made from them,
//! and the reader walks the text against that schema, so a key cannot be known to one and not to the other.
//!
//! ```text
//! text ─toml─▶ tree with spans ─walk─▶ what is well typed, and where it stands ─serde─▶ Config ─rules─▶ Config | Errors
//! ```
//!
//! The walk leaves out what it has complained about and goes on, so that one run names every problem.

mod artifacts;
mod attestations;
mod changelog;
mod date;
mod error;
mod gates;
mod groups;
mod names;
mod percent;
mod rules;
mod sbom;
mod schema;
mod signing;
mod template;
mod types;
mod units;
mod waive;
mod walk;

#[cfg(test)]
mod tests;

pub use artifacts::{Artifact, ArtifactKind, DocsTool, EXTENSIONS, extension, of_target};
pub use attestations::Attestations;
pub use changelog::*;
pub use date::Date;
pub use error::{Error, Errors};
pub use gates::*;
pub use groups::{Dependents, Extent, Group, View};
pub use names::asset as asset_flaw;
pub use percent::Percent;
pub use sbom::{Sbom, SbomPer};
pub use schema::schema;
pub use signing::{Signing, SigningMethod};
pub use template::expand;
pub use types::{
    Config, Forge, ForgeKind, Project, Release, TextFormat, TextPlace, VersionPlaces, Waiver,
};
pub use units::{Quantity, Unit, quantity, unit};
pub use waive::{Recorded, Refused, record};

use error::Problem;
use toml::de::DeTable;

/// Reads the text of a `release.toml` (TOML 1.1).
///
/// The empty text is valid and gives [`Config::default`].
///
/// # Errors
/// Every problem of the text, in the order of the text. Where the TOML itself is broken only the syntax errors are given:
/// what a broken text means cannot be told.
pub fn parse(text: &str) -> Result<Config, Errors> {
    parse_knowing(text, &[])
}

/// [`parse`] for a workspace that brings gates of its own, which may then be skipped and waived by name.
///
/// # Errors
/// As [`parse`].
pub fn parse_knowing(text: &str, gates: &[&str]) -> Result<Config, Errors> {
    let (tree, broken) = DeTable::parse_recoverable(text);
    if !broken.is_empty() {
        return Err(error::locate(
            text,
            broken.iter().map(Problem::syntax).collect(),
        ));
    }
    let walk::Walked {
        value,
        places,
        mut problems,
    } = walk::walk(schema::tree(), tree.get_ref(), gates);
    match serde_json::from_value::<Config>(value) {
        Ok(config) => {
            rules::check(&config, &places, &mut problems);
            if problems.is_empty() {
                return Ok(config);
            }
        }
        // Only when the schema lets something through which the types refuse: every such case is ours to mend.
        Err(error) => problems.push(
            Problem::new(
                0,
                format!("the schema and the types of landfall disagree: {error}"),
            )
            .help("this is a bug in landfall, please report it"),
        ),
    }
    Err(error::locate(text, problems))
}
