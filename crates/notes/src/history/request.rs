//! What is asked: the configuration, the tags, and everything else that git-cliff looks up by itself.

use anyhow::{Result, anyhow};
use serde::{Deserialize, Serialize};

/// A question about a history.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    /// Name of the configuration, for messages.
    pub(crate) name: String,
    /// Its text, TOML.
    pub(crate) config: String,
    pub(crate) what: What,
    /// The release that the commits after the last tag are about to become.
    pub(crate) tag: Option<String>,
    /// Only the sections: no header, no footer.
    #[serde(default)]
    pub(crate) strip: bool,
    /// Seconds since 1970: the time of `tag`, and of a statistic about what is not released.
    pub(crate) now: i64,
    /// Folder of the repository, as templates may name it.
    pub(crate) root: String,
    /// Address of the remote of the current branch.
    pub(crate) remote: Option<String>,
    /// Commit ids in `.cliffignore`.
    #[serde(default)]
    pub(crate) skip_commits: Vec<String>,
    /// Commit ids in `.git-blame-ignore-revs`, also abbreviated.
    #[serde(default)]
    pub(crate) ignore_revs: Vec<String>,
    /// Every tag that leads to a commit, in the order of libgit2: loose refs first.
    pub(crate) tags: Vec<Tag>,
    /// The tags that the current branch contains, where the plan asked for them.
    #[serde(default)]
    pub(crate) branch_tags: Option<Vec<String>>,
}

/// Which part of the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum What {
    All,
    Unreleased,
    Latest,
}

/// A tag and the commit it leads to.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tag {
    /// After `refs/tags/`.
    pub(crate) name: String,
    pub(crate) commit: String,
    /// Seconds since 1970, of the commit.
    pub(crate) time: i64,
    /// Name and message in the tag object, of an annotated one.
    pub(crate) annotation: Option<Annotation>,
}

/// What an annotated tag says.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Annotation {
    pub(crate) name: String,
    /// None when it is not UTF-8.
    pub(crate) message: Option<String>,
}

/// What to ask of git.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Plan {
    /// A revision or a range.
    pub(crate) range: String,
    /// Whether the files of each commit are needed (`--raw`).
    pub(crate) raw: bool,
    /// Whether the request has to be made again, with the tags of the branch.
    pub(crate) branch_tags: bool,
}

/// A request from its JSON text.
///
/// # Errors
/// What was expected, what was found, at which line and column.
pub(crate) fn parse(text: &[u8]) -> Result<Request> {
    serde_json::from_slice(text).map_err(|error| {
        anyhow!("could not read the request: {error}; use the landfall and landfall-notes of one version")
    })
}
