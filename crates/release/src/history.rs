//! The commits since the release before.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};
use config::Changelog;
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
    /// Names in `Co-authored-by` lines, as `.mailmap` has them.
    pub co_authors: Vec<String>,
    /// Its text is no UTF-8 and declares no encoding, so that it was read as Latin-1.
    #[serde(skip)]
    pub guessed: bool,
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
/// before. Merges are among them. With paths in `only`, those that change something there, on whatever branch, and the
/// merges that hold them together.
///
/// What a person's configuration or a local replacement of objects would change is switched off: the same commits
/// give the same answer on every machine.
///
/// # Errors
/// When git cannot tell, or tells more than can be kept.
pub fn commits(
    git: &Git,
    only: &Changelog,
    previous: Option<&str>,
    base: &str,
) -> Result<Vec<Commit>> {
    let range = range(previous, base);
    let paths = pathspecs(only);
    let mut cmd = git.cmd(FIXED).args([
        "log",
        "-z",
        "--date-order",
        "--no-patch",
        "--no-color",
        "--no-show-signature",
        "--encoding=UTF-8",
        FORMAT,
    ]);
    if !paths.is_empty() {
        // Without the first, what one branch did and another undid is hidden; the second keeps the merges.
        cmd = cmd.args(["--full-history", "--parents"]);
    }
    let cmd = cmd.args([range.as_str(), "--"]).args(&paths);
    let output = git
        .world
        .ask(&cmd.env("GIT_GRAFT_FILE", "/dev/null"))?
        .success()?;
    if output.truncated {
        bail!(
            "the commits of {range} are more text than fits in memory; release from a nearer tag"
        );
    }
    let mut commits = parse(&output.stdout)?;
    map_co_authors(git, &mut commits)?;
    Ok(commits)
}

/// Tells of commits whose text had to be guessed.
pub(crate) fn say_guessed(cx: &Cx, commits: &[Commit]) {
    let guessed: Vec<&str> = commits
        .iter()
        .filter(|commit| commit.guessed)
        .filter_map(|commit| commit.id.get(..7))
        .collect();
    if let Some(first) = guessed.first() {
        cx.tell(&Event::Note(format!(
            "{} without a declared encoding and not in UTF-8, read as Latin-1: {first}{}",
            if guessed.len() == 1 {
                "a commit".to_owned()
            } else {
                format!("{} commits", guessed.len())
            },
            if guessed.len() == 1 {
                ""
            } else {
                " and others"
            },
        )));
    }
}

/// Options that come before git's command.
const FIXED: [&str; 5] = [
    "--no-replace-objects",
    "-c",
    "mailmap.file=/dev/null",
    "-c",
    "log.follow=false",
];

fn pathspecs(only: &Changelog) -> Vec<String> {
    let mut paths: Vec<String> = only
        .include
        .iter()
        .map(|path| format!(":(top,glob){path}"))
        .collect();
    if paths.is_empty() && !only.exclude.is_empty() {
        paths.push(":(top)".to_owned());
    }
    paths.extend(
        only.exclude
            .iter()
            .map(|path| format!(":(top,exclude,glob){path}")),
    );
    paths
}

/// Git maps authors by itself, but not those in the text.
fn map_co_authors(git: &Git, commits: &mut [Commit]) -> Result<()> {
    let contacts: BTreeSet<String> = commits
        .iter()
        .flat_map(|commit| commit.co_authors.iter().cloned())
        .collect();
    if contacts.is_empty() {
        return Ok(());
    }
    let asked: String = contacts
        .iter()
        .fold(String::new(), |text, contact| text + contact + "\n");
    let cmd = git
        .cmd(FIXED)
        .args(["check-mailmap", "--stdin"])
        .stdin_bytes(asked.into_bytes());
    let output = git.world.ask(&cmd)?.success()?;
    let mapped = String::from_utf8_lossy(&output.stdout).into_owned();
    let names: BTreeMap<&str, &str> = contacts
        .iter()
        .map(String::as_str)
        .zip(
            mapped
                .lines()
                .map(|line| line.rsplit_once(" <").map_or(line, |(name, _)| name)),
        )
        .collect();
    for name in commits.iter_mut().flat_map(|commit| &mut commit.co_authors) {
        if let Some(mapped) = names.get(name.as_str()) {
            *name = (*mapped).to_owned();
        }
    }
    Ok(())
}

/// `previous..base`; all of the history when there is no tag before.
pub(crate) fn range(previous: Option<&str>, base: &str) -> String {
    match previous {
        Some(tag) => format!("refs/tags/{tag}..{base}"),
        None => base.to_owned(),
    }
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
            [id, parents, time, name, email, message] => {
                Ok(commit([id, parents, time, name, email, message]))
            }
            _ => bail!("git log answered a record of another shape"),
        })
        .collect()
}

fn commit(fields: [&[u8]; FIELDS]) -> Commit {
    let guessed = fields
        .iter()
        .any(|field| std::str::from_utf8(field).is_err());
    let [id, parents, time, name, email, message] = fields.map(text);
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
        guessed,
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

/// `NAME <ADDRESS>` behind `Co-authored-by:`, on any line: a squash leaves them in the middle.
fn co_authors(message: &str) -> Vec<String> {
    const MARK: &str = "co-authored-by:";
    let mut found = Vec::new();
    for line in message.lines().map(str::trim) {
        let Some((mark, rest)) = line.split_at_checked(MARK.len()) else {
            continue;
        };
        let Some((name, address)) = rest.split_once('<') else {
            continue;
        };
        let (name, address) = (
            name.trim(),
            address.split('>').next().unwrap_or_default().trim(),
        );
        let contact = format!("{name} <{address}>");
        if mark.eq_ignore_ascii_case(MARK) && !name.is_empty() && !found.contains(&contact) {
            found.push(contact);
        }
    }
    found
}

#[cfg(test)]
mod tests;
