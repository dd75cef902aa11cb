//! The commits since the release before.

use anyhow::{Result, bail};
use gates::tags::Tags;
use serde::Serialize;
use world::git::Git;

use crate::{Cx, Event, Kind, Refusal};

/// One commit, as the notes program reads it.
#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
pub struct Commit {
    pub id: String,
    pub message: String,
    pub author: Author,
}

#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
pub struct Author {
    pub name: String,
    pub email: String,
    /// Seconds since the epoch.
    pub time: i64,
}

/// The tag of the release before `base`. `except` is the tag being made.
pub fn previous_tag(
    cx: &Cx,
    git: &Git,
    base: &str,
    except: Option<&str>,
) -> Result<Option<String>> {
    let tags = Tags::of(&cx.world, &cx.root, &cx.config)?;
    match tags.nearest(git, base, except)? {
        Some((tag, _)) => Ok(Some(tag)),
        None => none_before(cx, git, &tags, except),
    }
}

/// There is no release before, or none in sight: in a clone whose history is cut the remote is asked which.
fn none_before(cx: &Cx, git: &Git, tags: &Tags, except: Option<&str>) -> Result<Option<String>> {
    if git.text(&["rev-parse", "--is-shallow-repository"])? != "true" {
        return Ok(None);
    }
    let refs = git.remote_refs(
        &cx.config.release.remote,
        &[&format!("refs/tags/{}", tags.glob())],
    )?;
    let released = refs
        .iter()
        .filter_map(|(_, name)| name.strip_prefix("refs/tags/"))
        .find(|tag| Some(*tag) != except && tags.version(tag).is_some());
    let Some(tag) = released else {
        cx.tell(&Event::Note(
            "the clone is shallow: the notes of this first release begin with the oldest commit that is here".to_owned(),
        ));
        return Ok(None);
    };
    Err(Refusal::new(
        Kind::Findings,
        format!("the clone is shallow and no earlier release is in sight, though the remote has {tag}: the notes would be wrong; nothing was published"),
        "run `git fetch --unshallow --tags`, then the same command again",
    )
    .into())
}

/// The commits of `previous..base`, newest first, without merges; all of the history when there is no tag before.
pub fn commits(git: &Git, previous: Option<&str>, base: &str) -> Result<Vec<Commit>> {
    let range = match previous {
        Some(tag) => format!("refs/tags/{tag}..{base}"),
        None => base.to_owned(),
    };
    let format = "--format=%H%x1f%aN%x1f%aE%x1f%at%x1f%B";
    let records = git.list(&[
        "log",
        "-z",
        "--no-merges",
        "--no-show-signature",
        "--encoding=UTF-8",
        format,
        &range,
        "--",
    ])?;
    records.iter().map(|record| parse(record)).collect()
}

fn parse(record: &str) -> Result<Commit> {
    let mut fields = record.splitn(5, '\x1f');
    let mut next = || fields.next().map(str::to_owned);
    match (next(), next(), next(), next(), next()) {
        (Some(id), Some(name), Some(email), Some(time), Some(message)) => Ok(Commit {
            id,
            message,
            author: Author {
                name,
                email,
                time: time.parse().unwrap_or_default(),
            },
        }),
        _ => bail!("git log answered a record of another shape: {record:?}"),
    }
}
