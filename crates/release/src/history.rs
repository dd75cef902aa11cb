//! The commits since the release before.

use anyhow::{Result, bail};
use semver::Version;
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

/// The version that a tag stands for under the template of this repository.
pub fn version_of_tag(cx: &Cx, tag: &str) -> Option<Version> {
    let project = gates::project::name(&cx.world, &cx.root, &cx.config);
    let template = cx.config.release.tag.replace("{project}", &project);
    let (before, after) = template.split_once("{version}")?;
    Version::parse(tag.strip_prefix(before)?.strip_suffix(after)?).ok()
}

/// The nearest release tag reached from `base`: by ancestry, not by sorting. `except` is the tag being made.
pub fn previous_tag(
    cx: &Cx,
    git: &Git,
    base: &str,
    except: Option<&str>,
) -> Result<Option<String>> {
    let project = gates::project::name(&cx.world, &cx.root, &cx.config);
    let glob = cx
        .config
        .release
        .tag
        .replace("{project}", &project)
        .replace("{version}", "[0-9]*");
    let mut excluded: Vec<String> = except.map(str::to_owned).into_iter().collect();
    // Tags that look like ours but carry no version are passed over one by one.
    for _ in 0..200 {
        let mut args = vec!["describe", "--tags", "--abbrev=0", "--match", &glob];
        for tag in &excluded {
            args.extend(["--exclude", tag.as_str()]);
        }
        args.push(base);
        let output = git.ask(&args)?;
        if !output.ok() {
            let said = output.errors();
            if said.contains("No names found") || said.contains("No tags can describe") {
                return none_before(cx, git, &glob, except);
            }
            return Err(output.error().into());
        }
        let tag = output.text();
        if version_of_tag(cx, &tag).is_some() {
            return Ok(Some(tag));
        }
        excluded.push(tag);
    }
    bail!(
        "the nearest 200 tags like `{glob}` carry no version; set `tag` in [release] of release.toml"
    )
}

/// There is no release before, or none in sight: in a clone whose history is cut the remote is asked which.
fn none_before(cx: &Cx, git: &Git, glob: &str, except: Option<&str>) -> Result<Option<String>> {
    if git.text(&["rev-parse", "--is-shallow-repository"])? != "true" {
        return Ok(None);
    }
    let refs = git.remote_refs(&cx.config.release.remote, &[&format!("refs/tags/{glob}")])?;
    let released = refs
        .iter()
        .filter_map(|(_, name)| name.strip_prefix("refs/tags/"))
        .find(|tag| Some(*tag) != except && version_of_tag(cx, tag).is_some());
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
