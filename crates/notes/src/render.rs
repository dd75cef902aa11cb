//! The section and the answer around it: git-cliff's changelog of a single release.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use git_cliff_core::changelog::Changelog;
use git_cliff_core::commit::Commit;
use git_cliff_core::config::Config;
use git_cliff_core::release::Release;
use serde::Serialize;
use serde_json::json;

use crate::markdown::escape;
use crate::milestone::{self, LeftOutPart, Milestone, Part};
use crate::people::Contributor;
use crate::request::{Request, Rulings, SCHEMA};
use crate::rules::Group;
use crate::select::{LeftOut, Line, Ruling, Selection, select, short};

/// Schema 2 of the answer.
#[derive(Debug, Serialize)]
pub(crate) struct Answer {
    schema: u64,
    /// From the heading to the last line, with LF line ends.
    section: String,
    /// Lines in each group that is there.
    groups: BTreeMap<&'static str, usize>,
    /// Lines that are breaking changes.
    breaking: usize,
    /// In the order of the request.
    left_out: Vec<LeftOut>,
    /// One for each commit, in the order of the request.
    rulings: Vec<Ruling>,
    /// Most commits first.
    contributors: Vec<Contributor>,
    /// Whether the convention is not the habit here, so that what does not follow it is listed as it is.
    plain: bool,
    /// Whether nothing is listed.
    empty: bool,
    /// Of a milestone: what is printed, and what is not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parts: Vec<Part>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    left_out_parts: Vec<LeftOutPart>,
}

/// Schema 2 of the answer to `rulings`.
#[derive(Debug, Serialize)]
pub(crate) struct Ruled {
    schema: u64,
    rulings: Vec<Ruling>,
    contributors: Vec<Contributor>,
    plain: bool,
}

/// What each commit is, without a section.
pub(crate) fn rulings(request: &Rulings) -> Ruled {
    let selection = select(&request.commits, &request.rules);
    Ruled {
        schema: SCHEMA,
        rulings: selection.rulings,
        contributors: selection.contributors,
        plain: selection.plain,
    }
}

/// Answers a request.
///
/// # Errors
/// Those of git-cliff's template, which would be a mistake of this program, and those of templates
/// that the request brings.
pub(crate) fn answer(request: &Request) -> Result<Answer> {
    let config = config()?;
    let selection = select(&request.commits, &request.rules);
    let left_out = selection.left_out();
    let Selection {
        listed,
        rulings,
        plain,
        contributors,
    } = selection;
    let mut groups = BTreeMap::new();
    for line in &listed {
        *groups.entry(line.group.name()).or_default() += 1;
    }
    let breaking = listed.iter().filter(|line| line.breaking).count();
    let empty = listed.is_empty();
    let Milestone {
        section,
        parts,
        left_out: left_out_parts,
    } = match &request.milestone {
        Some(facts) => milestone::section(request, facts, listed, &contributors)?,
        None => {
            let sentence = empty.then(|| sentence(request));
            Milestone {
                section: section(request, config, listed, sentence)?,
                parts: Vec::new(),
                left_out: Vec::new(),
            }
        }
    };
    Ok(Answer {
        schema: SCHEMA,
        section,
        groups,
        breaking,
        left_out,
        rulings,
        contributors,
        plain,
        empty,
        parts,
        left_out_parts,
    })
}

/// The configuration built in. Not through `Config::from_str`, which lets variables of the
/// environment (`GIT_CLIFF__…`) change it.
fn config() -> Result<Config> {
    toml::from_str(include_str!("../cliff.toml"))
        .context("cliff.toml of landfall-notes is broken; this is a bug")
}

/// What stands in a section without a list. It must not claim that nothing happened.
fn sentence(request: &Request) -> String {
    let since = request
        .previous
        .as_ref()
        .map(|tag| format!(" since {}", escape(&tag.0)))
        .unwrap_or_default();
    match request.commits.len() {
        0 => format!("No changes{since}."),
        1 => format!("No notable changes{since} (1 commit left out)."),
        n => format!("No notable changes{since} ({n} commits left out)."),
    }
}

/// The line as git-cliff takes it, with the texts of the template in `extra`.
fn commit(line: Line) -> Commit<'static> {
    let ids: Vec<_> = line
        .ids
        .iter()
        .map(|id| json!({"id": id, "short": short(id)}))
        .collect();
    let extra = json!({
        "ids": ids,
        "breaking": line.breaking,
        "scope": line.scope,
        "subject": line.subject,
        "consequences": line.consequences,
    });
    Commit {
        id: line.ids.into_iter().next().unwrap_or_default(),
        group: Some(line.group.name().to_owned()),
        extra: Some(extra),
        ..Commit::default()
    }
}

fn section(
    request: &Request,
    config: Config,
    listed: Vec<Line>,
    sentence: Option<String>,
) -> Result<String> {
    const TRIED: &str = "git-cliff could not render the section";
    // git-cliff drops an empty release that has no previous one, whatever it is told.
    let previous = Release {
        version: request.previous.as_ref().map(|tag| tag.0.clone()),
        ..Release::default()
    };
    let release = Release {
        version: Some(request.version.0.clone()),
        message: Some(request.tag.0.clone()),
        commits: listed.into_iter().map(commit).collect(),
        previous: Some(Box::new(previous)),
        ..Release::default()
    };
    let mut changelog = Changelog::new(vec![release], config, None).context(TRIED)?;
    changelog
        .add_context("date", &request.date.0)
        .context(TRIED)?;
    changelog
        .add_context("order", Group::ALL.map(Group::name))
        .context(TRIED)?;
    changelog.add_context("sentence", sentence).context(TRIED)?;
    let repository = request.repository.as_ref().map(|repository| &repository.0);
    changelog
        .add_context("repository", repository)
        .context(TRIED)?;
    let mut section = Vec::new();
    changelog.generate(&mut section).context(TRIED)?;
    String::from_utf8(section).context(TRIED)
}
