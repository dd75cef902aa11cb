//! The tags that are releases, in git-cliff's order.

use std::collections::HashMap;
use std::sync::LazyLock;

use git_cliff_core::config::GitConfig;
use regex::Regex;

use super::request::Request;

/// What is cut out of the message of a signed tag.
static SIGNATURE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?s)-----BEGIN (PGP|SSH|SIGNED) (SIGNATURE|MESSAGE)-----(.*?)-----END (PGP|SSH|SIGNED) (SIGNATURE|MESSAGE)-----",
    )
    .ok()
});

/// A release in sight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tag {
    pub(crate) commit: String,
    pub(crate) name: String,
    pub(crate) message: Option<String>,
    pub(crate) time: i64,
}

/// Tags by their commit: one for each commit, in the place of the first and with the name of the last.
#[derive(Debug, Default)]
pub(crate) struct Tags {
    list: Vec<Tag>,
    places: HashMap<String, usize>,
}

impl Tags {
    /// All tags that the pattern selects, oldest commit first; with `topo_order` in the order of libgit2.
    pub(crate) fn matching(request: &Request, git: &GitConfig) -> Self {
        let pattern = git.tag_pattern.as_ref();
        let on_branch = request.branch_tags.as_ref().filter(|_| git.use_branch_tags);
        let on_branch: Option<std::collections::HashSet<&str>> =
            on_branch.map(|names| names.iter().map(String::as_str).collect());
        let mut found: Vec<Tag> = request
            .tags
            .iter()
            .filter(|tag| pattern.is_none_or(|pattern| pattern.is_match(&tag.name)))
            .filter(|tag| {
                on_branch
                    .as_ref()
                    .is_none_or(|names| names.contains(tag.name.as_str()))
            })
            .map(|tag| Tag {
                commit: tag.commit.clone(),
                name: tag
                    .annotation
                    .as_ref()
                    .map_or_else(|| tag.name.clone(), |annotation| annotation.name.clone()),
                message: tag
                    .annotation
                    .as_ref()
                    .and_then(|annotation| annotation.message.as_deref())
                    .map(unsigned),
                time: tag.time,
            })
            .collect();
        if !git.topo_order {
            found.sort_by_key(|tag| tag.time);
        }
        let mut tags = Self::default();
        for tag in found {
            tags.put(tag);
        }
        tags
    }

    /// Those that are counted and not ignored; a skipped one stays, its section is dropped later.
    pub(crate) fn counted(self, git: &GitConfig) -> Self {
        let matches = |pattern: &Option<Regex>, name: &str| {
            pattern.as_ref().map(|pattern| pattern.is_match(name))
        };
        let mut tags = Self::default();
        for tag in self.list {
            let skipped = git
                .skip_tags
                .as_ref()
                .is_some_and(|pattern| !pattern.as_str().is_empty() && pattern.is_match(&tag.name));
            let ignored = git.ignore_tags.as_ref().is_some_and(|pattern| {
                !pattern.as_str().trim().is_empty() && pattern.is_match(&tag.name)
            });
            if skipped || (matches(&git.count_tags, &tag.name).unwrap_or(true) && !ignored) {
                tags.put(tag);
            }
        }
        tags
    }

    /// Adds a tag at the end, or replaces the one on the same commit where that stands.
    pub(crate) fn put(&mut self, tag: Tag) {
        if let Some(held) = self
            .places
            .get(&tag.commit)
            .and_then(|at| self.list.get_mut(*at))
        {
            *held = tag;
            return;
        }
        self.places.insert(tag.commit.clone(), self.list.len());
        self.list.push(tag);
    }

    pub(crate) fn list(&self) -> &[Tag] {
        &self.list
    }

    /// The place in the list of the tag on a commit.
    pub(crate) fn on(&self, commit: &str) -> Option<usize> {
        self.places.get(commit).copied()
    }
}

/// The message of a tag without its signature.
pub(crate) fn unsigned(message: &str) -> String {
    match SIGNATURE.as_ref() {
        Some(signature) => signature.replace(message, "").trim().to_owned(),
        None => message.trim().to_owned(),
    }
}
