//! The program that turns commits into Markdown, asked.
//!
//! git-cliff-core is a program of its own because it alone is twice the size of everything else.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};
use world::{Cmd, Helper, World};

use crate::history::Commit;

/// The program.
pub const NOTES: Helper = Helper {
    name: "landfall-notes",
    folder: "crates/notes",
    weight: "git-cliff-core takes a minute or two",
};

#[derive(Serialize)]
pub(crate) struct Request<'a> {
    pub(crate) schema: u32,
    pub(crate) version: String,
    pub(crate) tag: &'a str,
    pub(crate) date: &'a str,
    pub(crate) previous: Option<&'a str>,
    pub(crate) repository: Option<&'a str>,
    pub(crate) commits: &'a [Commit],
}

/// What the program answers.
#[derive(Debug, Clone, Deserialize)]
pub struct Answer {
    schema: u32,
    /// The whole section, heading included.
    pub section: String,
    /// Most commits are in no conventional form: they are listed as they are.
    #[serde(default)]
    pub plain: bool,
    /// There was nothing to say.
    #[serde(default)]
    pub empty: bool,
    #[serde(default)]
    pub left_out: Vec<LeftOut>,
    /// One for each commit, newest first.
    pub rulings: Vec<Ruling>,
    /// Most commits first.
    pub contributors: Vec<Contributor>,
}

/// What one commit is.
#[derive(Debug, Clone, Deserialize)]
pub struct Ruling {
    pub id: String,
    /// One line as typed, cut; no Markdown is escaped.
    pub subject: String,
    /// In lower case; of a type that nothing is known of too.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub scope: Option<String>,
    pub breaking: bool,
    /// Where it is listed, a heading of Keep a Changelog.
    pub group: Option<String>,
    pub listed: bool,
    /// Whether its subject follows the convention, with a type that is known.
    pub conventional: bool,
    /// Why it is not listed.
    pub reason: Option<String>,
    /// Made by a program.
    pub bot: bool,
}

/// Somebody who wrote commits, alone or with others.
#[derive(Debug, Clone, Deserialize)]
pub struct Contributor {
    pub name: String,
    pub commits: usize,
    pub bot: bool,
}

/// A commit that is not in the section, and why.
#[derive(Debug, Clone, Deserialize)]
pub struct LeftOut {
    pub id: String,
    pub reason: String,
}

pub(crate) const SCHEMA: u32 = 2;

/// Asks the program for one section.
pub(crate) fn ask(
    world: &World,
    program: &Path,
    root: &Path,
    request: &Request<'_>,
) -> Result<Answer> {
    let cmd = Cmd::new(root, program)
        .stdin_bytes(serde_json::to_vec(request)?)
        .timeout(Duration::from_secs(300));
    let text = world
        .answer(&cmd)
        .with_context(|| format!("write notes with {}", program.display()))?;
    let answer: Answer = serde_json::from_str(&text)
        .with_context(|| format!("read the answer of {}", program.display()))?;
    if answer.schema != SCHEMA {
        bail!(
            "{} speaks schema {}, this landfall {SCHEMA}; remove it, it is built again",
            program.display(),
            answer.schema
        );
    }
    Ok(answer)
}
