//! The section and the answer around it: git-cliff's changelog of a single release.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use git_cliff_core::changelog::Changelog;
use git_cliff_core::config::Config;
use git_cliff_core::release::Release;
use serde::Serialize;

use crate::markdown::escape;
use crate::request::{Request, SCHEMA};
use crate::select::{LeftOut, Line, Selection, select};

/// In the order of Keep a Changelog 1.1.0.
const ORDER: [&str; 6] = [
    "Added",
    "Changed",
    "Deprecated",
    "Removed",
    "Fixed",
    "Security",
];

/// Schema 1 of the answer.
#[derive(Debug, Serialize)]
pub(crate) struct Answer {
    schema: u64,
    /// From the heading to the last line, with LF line ends.
    section: String,
    /// Lines in each group that is there.
    groups: BTreeMap<String, usize>,
    /// Lines that are breaking changes.
    breaking: usize,
    /// In the order of the request.
    left_out: Vec<LeftOut>,
    /// Whether no commit followed the convention, so that all are listed as they are.
    plain: bool,
    /// Whether nothing is listed.
    empty: bool,
}

/// Answers a request.
///
/// # Errors
/// Only those of git-cliff's template, which would be a mistake of this program.
pub(crate) fn answer(request: &Request) -> Result<Answer> {
    let config = config()?;
    let Selection {
        listed,
        left_out,
        plain,
    } = select(&request.commits, &config.git);
    let mut groups = BTreeMap::new();
    for line in &listed {
        *groups.entry(line.group.clone()).or_default() += 1;
    }
    let breaking = listed.iter().filter(|line| line.breaking).count();
    let empty = listed.is_empty();
    let sentence = empty.then(|| sentence(request));
    let section = section(request, config, listed, sentence)?;
    Ok(Answer {
        schema: SCHEMA,
        section,
        groups,
        breaking,
        left_out,
        plain,
        empty,
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
        commits: listed.into_iter().map(Line::into_commit).collect(),
        previous: Some(Box::new(previous)),
        ..Release::default()
    };
    let mut changelog = Changelog::new(vec![release], config, None).context(TRIED)?;
    changelog
        .add_context("date", &request.date.0)
        .context(TRIED)?;
    changelog.add_context("order", ORDER).context(TRIED)?;
    changelog.add_context("sentence", sentence).context(TRIED)?;
    let repository = request.repository.as_ref().map(|repository| &repository.0);
    changelog
        .add_context("repository", repository)
        .context(TRIED)?;
    let mut section = Vec::new();
    changelog.generate(&mut section).context(TRIED)?;
    String::from_utf8(section).context(TRIED)
}
