//! The section of one release: its commits, given to the notes program.

use anyhow::Result;
use config::Template;
use world::git::Git;

use super::{cliff, milestone, repository};
use crate::notes::{self, Answer, Request};
use crate::{Cx, Event, Inputs, history};

/// The section of a version over `previous..base`, as the notes program writes it. `git` stands in the tree whose texts
/// and figures a milestone has.
pub fn generate(cx: &Cx, git: &Git, inputs: &Inputs) -> Result<Answer> {
    let template = cliff::template(cx)?;
    if template == Template::Cliff {
        let unreleased = cliff::What::Unreleased;
        let text = cliff::text(cx, git, &inputs.base, unreleased, Some(&inputs.tag))?;
        return Ok(Answer::of(text));
    }
    let changelog = &cx.config.changelog;
    let commits = history::commits(git, changelog, inputs.previous.as_deref(), &inputs.base)?;
    history::say_guessed(cx, &commits);
    let links = cx
        .config
        .changelog
        .links
        .then(|| repository::url(cx, git))
        .flatten();
    let milestone = match template {
        Template::Milestone => Some(milestone::facts(cx, git, inputs, links.as_deref())?),
        _ => None,
    };
    let request = Request {
        schema: notes::SCHEMA,
        version: inputs.version.to_string(),
        tag: &inputs.tag,
        date: &inputs.date,
        previous: inputs.previous.as_deref(),
        repository: links.as_deref(),
        rules: changelog.into(),
        commits: &commits,
        milestone,
    };
    let answer = notes::ask(cx, &request)?;
    milestone::tell_left_out(cx, inputs, &answer.left_out_parts);
    if answer.plain && !commits.is_empty() {
        cx.tell(&Event::Note(
            "most commits since the last release are no conventional ones: they are listed as they are"
                .to_owned(),
        ));
    }
    Ok(answer)
}
