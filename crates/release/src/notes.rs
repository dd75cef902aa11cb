//! The program that turns commits into Markdown, asked.
//!
//! git-cliff-core is a program of its own because it alone is twice the size of everything else.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use world::{Cmd, Helper};

use crate::changelog::Facts;
use crate::history::Commit;
use crate::{Cx, Event};

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
    pub(crate) rules: Rules<'a>,
    pub(crate) commits: &'a [Commit],
    /// Of a milestone: what its parts are made from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) milestone: Option<Facts>,
}

/// Commits alone, which are judged and not written about.
#[derive(Serialize)]
pub(crate) struct Rulings<'a> {
    pub(crate) schema: u32,
    pub(crate) rules: Rules<'a>,
    pub(crate) commits: &'a [Commit],
}

/// What the configuration says of commits.
#[derive(Serialize)]
pub(crate) struct Rules<'a> {
    bots: config::Bots,
    split_squashes: bool,
    types: &'a [config::CommitType],
}

impl<'a> From<&'a config::Changelog> for Rules<'a> {
    fn from(changelog: &'a config::Changelog) -> Self {
        Self {
            bots: changelog.bots,
            split_squashes: changelog.split_squashes,
            types: &changelog.types,
        }
    }
}

/// What the program answers.
#[derive(Debug, Clone, Deserialize)]
pub struct Answer {
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
    /// Parts of a milestone that are not in the section.
    #[serde(default)]
    pub left_out_parts: Vec<LeftOutPart>,
}

/// A part that is not in the section, and why.
#[derive(Debug, Clone, Deserialize)]
pub struct LeftOutPart {
    pub part: String,
    pub reason: String,
}

/// What one commit is.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Ruling {
    pub(crate) id: String,
    /// One line as typed, cut; no Markdown is escaped.
    pub(crate) subject: String,
    pub(crate) breaking: bool,
    /// Where it is listed, a heading of Keep a Changelog.
    pub(crate) group: Option<String>,
    /// It follows no convention that is known, so that nothing can be told of it but its subject.
    pub(crate) unknown: bool,
    /// Why it is not listed.
    pub(crate) reason: Option<String>,
}

impl Answer {
    /// A section that was made in another way.
    pub(crate) fn of(section: String) -> Answer {
        Answer {
            empty: section.trim().is_empty(),
            section,
            plain: false,
            left_out: Vec::new(),
            left_out_parts: Vec::new(),
        }
    }
}

/// A commit that is not in the section, and why.
#[derive(Debug, Clone, Deserialize)]
pub struct LeftOut {
    pub id: String,
    pub reason: String,
}

pub(crate) const SCHEMA: u32 = 2;

/// What each commit is, without a section.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Ruled {
    pub(crate) rulings: Vec<Ruling>,
}

/// Asks the program for one section.
pub(crate) fn ask(cx: &Cx, request: &Request<'_>) -> Result<Answer> {
    put(cx, &[], request)
}

/// Asks the program what commits are.
pub(crate) fn rulings(cx: &Cx, request: &Rulings<'_>) -> Result<Ruled> {
    put(cx, &["rulings"], request)
}

fn put<T: DeserializeOwned>(cx: &Cx, args: &[&str], request: &impl Serialize) -> Result<T> {
    let program = cx.helpers.ensure(&NOTES, &cx.world, &|text| {
        cx.tell(&Event::Note(text));
    })?;
    let cmd = Cmd::new(&cx.root, &program)
        .args(args)
        .stdin_bytes(serde_json::to_vec(request)?)
        .timeout(Duration::from_secs(300));
    let text = cx
        .world
        .answer(&cmd)
        .with_context(|| format!("ask {} about commits", program.display()))?;
    let envelope: Envelope = serde_json::from_str(&text)
        .with_context(|| format!("read the answer of {}", program.display()))?;
    if envelope.schema != SCHEMA {
        bail!(
            "{} speaks schema {}, this landfall {SCHEMA}; remove it, it is built again",
            program.display(),
            envelope.schema
        );
    }
    serde_json::from_str(&text).with_context(|| format!("read the answer of {}", program.display()))
}

/// Read first: an answer of another schema has other fields.
#[derive(Deserialize)]
struct Envelope {
    schema: u32,
}
