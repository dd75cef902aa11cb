//! Which commits to ask git for.

use anyhow::Result;
use git_cliff_core::config::Config;

use super::request::{Plan, Request, What};
use super::tags::Tags;

/// The range that git-cliff would walk.
pub(crate) fn plan(request: &Request, config: &Config) -> Result<Plan> {
    let git = &config.git;
    let tags = Tags::matching(request, git);
    let list = tags.list();
    let range = match request.what {
        What::Unreleased => list.last().map(|last| format!("{}..HEAD", last.commit)),
        // Without a tag the whole history is the latest; with one, all up to it.
        What::Latest => match list {
            [] => None,
            [only] => Some(only.commit.clone()),
            [.., before, last] => Some(format!("{}..{}", before.commit, last.commit)),
        },
        What::All => git.limit_tags.filter(|limit| *limit > 0).and_then(|limit| {
            let first = list.get(list.len().saturating_sub(limit))?;
            let last = list.last()?;
            Some(if first.commit == last.commit {
                last.commit.clone()
            } else {
                format!("{}..{}", first.commit, last.commit)
            })
        }),
    };
    Ok(Plan {
        range: range.unwrap_or_else(|| "HEAD".to_owned()),
        raw: !git.include_paths.is_empty()
            || !git.exclude_paths.is_empty()
            || !request.ignore_revs.is_empty(),
        branch_tags: git.use_branch_tags && request.branch_tags.is_none(),
    })
}
