//! `[changelog]`: where it is, and how the section of a release is made.

mod milestone;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use milestone::{Milestone, Part, Theme};

/// The changelog.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Changelog {
    /// Path of the changelog (Markdown), from the root of the repository.
    #[schemars(length(min = 1))]
    pub path: String,

    /// Whether entries link to their commits and issues.
    pub links: bool,

    /// What a section looks like: `keep-a-changelog` groups the commits into Added, Changed, Deprecated, Removed, Fixed
    /// and Security; `milestone` has the twelve parts of a milestone release; `cliff` is what the configuration of
    /// git-cliff says.
    pub template: Template,

    /// Globs of the paths whose commits are told, from the root of the repository; `**` is any number of folders.
    /// Default: all, or those of the group.
    #[schemars(inner(length(min = 1)))]
    pub include: Vec<String>,

    /// Globs of the paths whose commits are left out, unless they touch others too.
    #[schemars(inner(length(min = 1)))]
    pub exclude: Vec<String>,

    /// Themes of a milestone: headings under which its commits stand. A commit stands under the first theme that takes
    /// it; what none takes stands under Added, Changed, Fixed and so on.
    ///
    /// ```text
    /// [[changelog.theme]]
    /// name = "Drift detection"
    /// scopes = ["drift"]
    /// paths = ["packages/*/src/drift/**"]
    /// ```.
    #[serde(rename = "theme")]
    pub themes: Vec<Theme>,

    /// What stands in the section of a milestone, for the template `milestone`.
    pub milestone: Milestone,
}

impl Default for Changelog {
    fn default() -> Self {
        Self {
            path: "CHANGELOG.md".to_owned(),
            links: true,
            template: Template::KeepAChangelog,
            include: Vec::new(),
            exclude: Vec::new(),
            themes: Vec::new(),
            milestone: Milestone::default(),
        }
    }
}

/// What the section of a release looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Template {
    /// The six groups of Keep a Changelog.
    KeepAChangelog,
    /// The twelve parts of a milestone release.
    Milestone,
    /// As the repository's configuration of git-cliff says.
    Cliff,
}
