//! What the twelve parts of a milestone are made from: looked up here, printed by the notes program.
//!
//! No claim without evidence. A figure, a verdict or a text that is not there is left out, and whoever asked is told;
//! a broken link ends the generation, before anything is written.

mod evidence;
mod kind;
mod texts;
mod themes;

use std::collections::BTreeMap;

use anyhow::Result;
use config::Part;
use serde::Serialize;
use world::git::Git;

use crate::{Cx, Event, Inputs, Kind, Refusal};

/// As `landfall-notes` reads it: `crates/notes/src/milestone/facts.rs`.
#[derive(Debug, Serialize)]
pub(crate) struct Facts {
    parts: Vec<Part>,
    templates: BTreeMap<Part, Text>,
    kind: String,
    themes: Vec<Theme>,
    by_path: BTreeMap<String, usize>,
    fragments: BTreeMap<Part, Text>,
    figures: Vec<Figure>,
    checks: Vec<Check>,
    artifacts: Vec<Artifact>,
    packages: Vec<Package>,
    documents: Vec<Document>,
    missing: BTreeMap<Part, String>,
}

/// A text and the file it is from, from the root of the repository.
#[derive(Debug, Serialize)]
struct Text {
    path: String,
    text: String,
}

#[derive(Debug, Serialize)]
struct Theme {
    name: String,
    scopes: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Figure {
    name: String,
    value: String,
    rough: bool,
    target: String,
    met: bool,
    source: String,
    date: Option<String>,
    dated_by: Option<&'static str>,
    machine: Option<String>,
    commit: Option<String>,
}

#[derive(Debug, Serialize)]
struct Check {
    gate: String,
    about: String,
    verdict: String,
    examined: u64,
}

#[derive(Debug, Serialize)]
struct Artifact {
    name: String,
    contents: String,
}

#[derive(Debug, Serialize)]
struct Package {
    name: String,
    version: String,
}

#[derive(Debug, Serialize)]
struct Document {
    title: String,
    link: String,
}

/// What is looked at: the tree that `git` stands in, which is the repository or the scratch tree of a release.
struct Collect<'a> {
    cx: &'a Cx,
    git: &'a Git,
    inputs: &'a Inputs,
    /// The web address of the repository, where entries link.
    address: Option<&'a str>,
    gates: gates::Cx,
}

/// Looks all of it up; what is quick and may fail comes first.
///
/// # Errors
/// Every broken link and every text that cannot be printed, with file, line and column; a source that cannot be read.
pub(super) fn facts(cx: &Cx, git: &Git, inputs: &Inputs, address: Option<&str>) -> Result<Facts> {
    let collect = Collect {
        cx,
        git,
        inputs,
        address,
        gates: gates_of(cx, git),
    };
    let milestone = &cx.config.changelog.milestone;
    let mut parts = milestone.parts.clone();
    parts.retain(|part| *part != Part::Header);
    let mut facts = Facts {
        parts,
        templates: collect.templates()?,
        kind: collect.kind()?,
        themes: Vec::new(),
        by_path: BTreeMap::new(),
        fragments: BTreeMap::new(),
        figures: Vec::new(),
        checks: Vec::new(),
        artifacts: Vec::new(),
        packages: Vec::new(),
        documents: Vec::new(),
        missing: BTreeMap::new(),
    };
    collect.texts(&mut facts)?;
    for part in facts.parts.clone() {
        match part {
            Part::Features => collect.themes(&mut facts)?,
            Part::Performance => collect.figures(&mut facts)?,
            Part::Security => collect.checks(&mut facts)?,
            Part::Deliverables => collect.deliverables(&mut facts)?,
            _ => {}
        }
    }
    Ok(facts)
}

/// Of the tree that the section is of. What is built for a candidate is in a folder of its own: its section has the
/// figures that its gates see.
fn gates_of(cx: &Cx, git: &Git) -> gates::Cx {
    gates::Cx {
        root: git.dir.clone(),
        target_dir: (git.dir != cx.root).then(|| cx.build_dir.clone()),
        ..cx.gates()
    }
}

impl Collect<'_> {
    fn left_out(&self, what: &str, why: &str) {
        self.cx.tell(&Event::Note(format!(
            "left out of the section of {}: {what}: {why}",
            self.inputs.version
        )));
    }
}

/// Tells of the parts that the notes program did not print.
pub(super) fn tell_left_out(cx: &Cx, inputs: &Inputs, parts: &[crate::notes::LeftOutPart]) {
    for left in parts {
        cx.tell(&Event::Note(format!(
            "left out of the section of {}: the part {}: {}",
            inputs.version, left.part, left.reason
        )));
    }
}

fn refusal(message: String, help: &str) -> anyhow::Error {
    Refusal::new(Kind::Findings, message, help).into()
}
