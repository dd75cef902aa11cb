//! From commits to releases: which commits each has, what it is called, and which was before it.

use std::collections::HashMap;

use git_cliff_core::config::Config;
use glob::Pattern;

use super::request::Request;
use super::stream::Commits;
use super::tags::{Tag, Tags, unsigned};
use super::{order, owners};

/// One release, not yet rendered: places of its commits, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Part {
    pub(crate) commits: Vec<u32>,
    pub(crate) version: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) timestamp: Option<i64>,
    /// Of its last commit.
    pub(crate) commit_id: Option<String>,
    pub(crate) previous: Previous,
}

/// The release before.
#[derive(Debug, Default)]
pub(crate) enum Previous {
    #[default]
    None,
    /// A release without anything: the one before the first.
    Nothing,
    /// The part with this number.
    Part(usize),
    /// A tag outside of the range.
    Tag(Tag),
}

/// All releases, oldest first; the last is what is not released.
pub(crate) fn parts(request: &Request, config: &Config, commits: &Commits) -> Vec<Part> {
    let git = &config.git;
    let mut tags = Tags::matching(request, git).counted(git);
    let walked = order::walk(commits, git.topo_order_commits);
    let kept = kept(request, config, commits, &walked);
    let mut first = Part::default();
    let mut announced = None;
    if let Some(tag) = &request.tag {
        match kept.first() {
            Some(newest) => {
                let id = commits.id(*newest);
                // There is a release on the newest commit already: it keeps its name.
                if tags.on(&id).is_some() {
                    announced = Some(commits.time(*newest));
                } else {
                    tags.put(resolved(request, tag, id));
                }
            }
            None => {
                first.version = Some(tag.clone());
                first.timestamp = Some(request.now);
            }
        }
    }
    let ordered = grouped(commits, &tags, &kept, &walked);
    let mut parts = cut(request, commits, &tags, &ordered, (first, announced));
    before_the_first(&mut parts, &tags);
    parts
}

/// The commits that the paths, the list of ignored ones and the limit leave, newest first.
fn kept(request: &Request, config: &Config, commits: &Commits, walked: &[u32]) -> Vec<u32> {
    let git = &config.git;
    let (include, exclude) = (patterns(&git.include_paths), patterns(&git.exclude_paths));
    let hit = |patterns: &[Pattern], path: &str| patterns.iter().any(|one| one.matches(path));
    let chosen = |at: u32| {
        if include.is_empty() && exclude.is_empty() {
            return true;
        }
        commits
            .files(at)
            .iter()
            .any(|path| (include.is_empty() || hit(&include, path)) && !hit(&exclude, path))
    };
    let ignored = |at: u32| {
        if request.ignore_revs.is_empty() {
            return false;
        }
        let id = commits.id(at);
        request
            .ignore_revs
            .iter()
            .any(|start| id.starts_with(start.as_str()))
            || commits.files(at) == [".git-blame-ignore-revs"]
    };
    let mut kept: Vec<u32> = walked
        .iter()
        .copied()
        .filter(|at| chosen(*at) && !ignored(*at))
        .collect();
    if let Some(limit) = git.limit_commits {
        kept.truncate(limit);
    }
    kept
}

/// A folder stands for all in it, and a leading `./` for nothing.
fn patterns(configured: &[Pattern]) -> Vec<Pattern> {
    configured
        .iter()
        .map(|pattern| {
            let text = pattern.as_str();
            let stars = if text.ends_with('/') { "**" } else { "" };
            let text = format!("{}{stars}", text.strip_prefix("./").unwrap_or(text));
            Pattern::new(&text).unwrap_or_else(|_| pattern.clone())
        })
        .collect()
}

/// A tag of that name that is there already gives its message, if it has one.
fn resolved(request: &Request, name: &str, commit: String) -> Tag {
    let known = request.tags.iter().find(|tag| tag.name == name);
    let annotation = known.and_then(|tag| tag.annotation.as_ref());
    Tag {
        commit,
        name: annotation.map_or_else(|| name.to_owned(), |tag| tag.name.clone()),
        message: annotation
            .and_then(|tag| tag.message.as_deref())
            .map(unsigned),
        time: request.now,
    }
}

/// Oldest first, release by release, each closed by its tagged commit; what no tag reaches comes last.
fn grouped(commits: &Commits, tags: &Tags, kept: &[u32], walked: &[u32]) -> Vec<u32> {
    let mut tagged = vec![owners::NONE; commits.len()];
    let mut in_walk = vec![false; commits.len()];
    for at in kept {
        if let Some(flag) = in_walk.get_mut(*at as usize) {
            *flag = true;
        }
    }
    for (number, tag) in tags.list().iter().enumerate() {
        if let Some(at) = commits.place(&tag.commit)
            && in_walk.get(at as usize) == Some(&true)
            && let Some(slot) = tagged.get_mut(at as usize)
            && let Ok(number) = u32::try_from(number)
        {
            *slot = number;
        }
    }
    let tips = tagged.clone();
    let owner = owners::of(commits, &order::children_first(commits, walked), tagged);
    let mut groups: Vec<Vec<u32>> = vec![Vec::new(); tags.list().len()];
    let mut unreleased = Vec::new();
    for at in kept.iter().rev() {
        let number = owner.get(*at as usize).copied().unwrap_or(owners::NONE);
        match groups.get_mut(number as usize) {
            Some(group) => group.push(*at),
            None => unreleased.push(*at),
        }
    }
    let mut ordered = Vec::with_capacity(kept.len());
    for (number, group) in groups.into_iter().enumerate() {
        let is_tip = |at: &u32| {
            tips.get(*at as usize)
                .is_some_and(|tip| *tip as usize == number)
        };
        ordered.extend(group.iter().copied().filter(|at| !is_tip(at)));
        ordered.extend(group.iter().copied().filter(is_tip));
    }
    ordered.extend(unreleased);
    ordered
}

/// Cuts the list after every tagged commit.
fn cut(
    request: &Request,
    commits: &Commits,
    tags: &Tags,
    ordered: &[u32],
    (first, announced): (Part, Option<i64>),
) -> Vec<Part> {
    let by_place: HashMap<u32, &Tag> = tags
        .list()
        .iter()
        .filter_map(|tag| Some((commits.place(&tag.commit)?, tag)))
        .collect();
    let mut parts = vec![first];
    for at in ordered {
        let number = parts.len();
        let Some(part) = parts.last_mut() else { break };
        part.commits.push(*at);
        let Some(tag) = by_place.get(at) else {
            continue;
        };
        part.version = Some(tag.name.clone());
        part.message.clone_from(&tag.message);
        part.timestamp = Some(if request.tag.as_deref() == Some(tag.name.as_str()) {
            announced.unwrap_or(request.now)
        } else {
            commits.time(*at)
        });
        part.previous = match number.checked_sub(2) {
            Some(before) => Previous::Part(before),
            None => Previous::Nothing,
        };
        parts.push(Part::default());
    }
    if let Some(before) = parts.len().checked_sub(2)
        && let Some(last) = parts.last_mut()
    {
        last.previous = Previous::Part(before);
    }
    for part in &mut parts {
        part.commit_id = part.commits.last().map(|at| commits.id(*at));
    }
    parts
}

/// The first release follows the tag before the first that was met; where none was, the newest of all.
fn before_the_first(parts: &mut [Part], tags: &Tags) {
    let met = match parts {
        [first, _, ..] => Some(first.version.clone()),
        _ => None,
    };
    let list = tags.list();
    let before = match met {
        Some(version) => list
            .iter()
            .position(|tag| Some(&tag.name) == version.as_ref())
            .and_then(|at| list.get(at.checked_sub(1)?)),
        None => list.last(),
    };
    if let (Some(before), Some(first)) = (before, parts.first_mut()) {
        first.previous = Previous::Tag(before.clone());
    }
}
