//! What templates can see of a release beside its own commits, so that the rest need not be carried along.
//!
//! git-cliff hands every release the whole of the one before, and header and footer all of them. Templates want names
//! and dates of these; a template that may want more, or of which it cannot be told, is given all.

use git_cliff_core::config::Config;

/// What is needed besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Needs {
    /// The commits of the release before.
    pub(crate) previous: bool,
    /// The releases, for header or footer.
    pub(crate) releases: bool,
    /// Their commits.
    pub(crate) commits: bool,
}

/// Ways to see a value without naming its fields.
const WHOLE: &[&str] = &["json_encode", "__tera_context", "get(", "::"];

impl Needs {
    pub(crate) fn of(config: &Config) -> Self {
        let changelog = &config.changelog;
        let around: Vec<&str> = [&changelog.header, &changelog.footer]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect();
        let everywhere = || around.iter().copied().chain([changelog.body.as_str()]);
        let whole = |text: &str| WHOLE.iter().any(|way| text.contains(way));
        let commits = around
            .iter()
            .any(|text| whole(text) || text.contains("commits"));
        Self {
            previous: everywhere().any(|text| whole(text) || shows_previous(text)),
            releases: commits || around.iter().any(|text| text.contains("releases")),
            commits,
        }
    }
}

/// Whether `previous` stands anywhere but before a field that is no list of commits, or in a condition.
fn shows_previous(text: &str) -> bool {
    const WORD: &str = "previous";
    text.match_indices(WORD).any(|(at, _)| {
        let (before, after) = text.split_at(at);
        let after = after.strip_prefix(WORD).unwrap_or(after);
        if let Some(field) = after.strip_prefix('.') {
            return field.starts_with("commits") || field.starts_with("previous");
        }
        if before.ends_with(|letter: char| letter.is_alphanumeric() || letter == '_')
            || after.starts_with(|letter: char| letter.is_alphanumeric() || letter == '_')
        {
            return false;
        }
        let tag = before.rfind("{%").max(before.rfind("{{"));
        let head = tag.and_then(|tag| before.get(tag + 2..)).unwrap_or("set");
        let head = head.trim_start_matches('-').trim_start();
        !(head.starts_with("if ") || head.starts_with("elif "))
            || !after.trim_start().starts_with(['%', '-', 'a', 'o'])
    })
}
