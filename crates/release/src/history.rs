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
    pub parents: Vec<String>,
    /// Names in `Co-authored-by` lines.
    pub co_authors: Vec<String>,
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

/// The fields of a commit, each ended by NUL, which can stand in none of them.
const FORMAT: &str = "--format=%H%x00%P%x00%at%x00%aN%x00%aE%x00%B";
const FIELDS: usize = 6;

/// The commits of `previous..base`, newest first and none before its children; all of the history when there is no tag
/// before. Merges are among them.
///
/// What a person's configuration or a local replacement of objects would change is switched off: the same commits
/// give the same answer on every machine.
///
/// # Errors
/// When git cannot tell, or tells more than can be kept.
pub fn commits(git: &Git, previous: Option<&str>, base: &str) -> Result<Vec<Commit>> {
    let range = match previous {
        Some(tag) => format!("refs/tags/{tag}..{base}"),
        None => base.to_owned(),
    };
    let cmd = git
        .cmd([
            "--no-replace-objects",
            "-c",
            "mailmap.file=/dev/null",
            "-c",
            "log.follow=false",
            "log",
            "-z",
            "--date-order",
            "--no-patch",
            "--no-color",
            "--no-show-signature",
            "--encoding=UTF-8",
            FORMAT,
            &range,
            "--",
        ])
        .env("GIT_GRAFT_FILE", "/dev/null");
    let output = git.world.ask(&cmd)?.success()?;
    if output.truncated {
        bail!(
            "the commits of {range} are more text than fits in memory; release from a nearer tag"
        );
    }
    parse(&output.stdout)
}

fn parse(bytes: &[u8]) -> Result<Vec<Commit>> {
    let mut fields: Vec<&[u8]> = bytes.split(|byte| *byte == 0).collect();
    // Behind the last NUL.
    fields.pop();
    if !fields.len().is_multiple_of(FIELDS) {
        bail!(
            "git log answered {} fields, not a multiple of {FIELDS}",
            fields.len()
        );
    }
    fields
        .chunks_exact(FIELDS)
        .map(|record| match record {
            [id, parents, time, name, email, message] => Ok(commit(
                [id, parents, time, name, email, message].map(|field| text(field)),
            )),
            _ => bail!("git log answered a record of another shape"),
        })
        .collect()
}

fn commit([id, parents, time, name, email, message]: [String; FIELDS]) -> Commit {
    Commit {
        id,
        parents: parents.split_whitespace().map(str::to_owned).collect(),
        co_authors: co_authors(&message),
        message,
        author: Author {
            name,
            email,
            time: time.parse().unwrap_or_default(),
        },
    }
}

/// Git gives UTF-8 where a commit declares its encoding. Bytes that are none were written by a program that did not:
/// they are read as Latin-1, so that nothing is lost.
fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    }
}

/// The names in `Co-authored-by: NAME <ADDRESS>`, on any line: a squash leaves them in the middle.
fn co_authors(message: &str) -> Vec<String> {
    const MARK: &str = "co-authored-by:";
    let mut names = Vec::new();
    for line in message.lines().map(str::trim) {
        let Some((mark, rest)) = line.split_at_checked(MARK.len()) else {
            continue;
        };
        let name = rest.split('<').next().unwrap_or_default().trim().to_owned();
        if mark.eq_ignore_ascii_case(MARK) && !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}
