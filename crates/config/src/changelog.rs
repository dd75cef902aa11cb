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

    /// What a section looks like: `auto` is `cliff` for a repository with a configuration of git-cliff, otherwise
    /// `keep-a-changelog`, which groups the commits into Added, Changed, Deprecated, Removed, Fixed
    /// and Security; `milestone` has the twelve parts of a milestone release; `cliff` is what the configuration of
    /// git-cliff says.
    pub template: Template,

    /// Only commits that change something here count, for the notes and for `auto`: folders, or globs whose `*` stays
    /// within a folder and whose `**` does not. None given: the whole repository.
    #[schemars(inner(length(min = 1)))]
    pub include: Vec<String>,

    /// Commits that change nothing but what is here do not count; written as `include`.
    #[schemars(inner(length(min = 1)))]
    pub exclude: Vec<String>,

    /// Commits made by programs, known by their names: `list` treats them as anybody's, their type decides, and one
    /// without a type is left out; `leave-out` leaves out all of them but breaking ones.
    pub bots: Bots,

    /// Whether the conventional lines that a squash pasted into its body are listed beside its subject. Breaking ones
    /// always are, and all of them are where the subject is in no conventional form.
    pub split_squashes: bool,

    /// Types of commits and their groups, instead of ours or beyond them. Ours are: feat → Added; perf, refactor →
    /// Changed; deprecate → Deprecated; remove → Removed; fix → Fixed; security and fix(security) → Security; docs,
    /// test, chore, ci, build, style are left out unless they are breaking.
    #[serde(rename = "type")]
    pub types: Vec<CommitType>,

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

    /// Path of the configuration of git-cliff, from the root of the repository. Where none is named: `cliff.toml`,
    /// `.cliff.toml`, `.config/cliff.toml`, or its tables in Cargo.toml or pyproject.toml.
    #[schemars(length(min = 1))]
    pub cliff: Option<String>,
}

/// What becomes of commits made by programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Bots {
    /// As anybody's.
    List,
    /// Left out, unless they break something.
    LeaveOut,
}

/// A type of commits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CommitType {
    /// The word before the colon, in any case: `docs`.
    #[serde(rename = "type")]
    #[schemars(length(min = 1))]
    pub kind: String,

    /// Where its commits are listed. Not given: they are left out.
    #[serde(default)]
    pub group: Option<Group>,
}

/// The groups of Keep a Changelog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Group {
    /// New.
    Added,
    /// Different from before.
    Changed,
    /// Soon to go.
    Deprecated,
    /// Gone.
    Removed,
    /// Mended.
    Fixed,
    /// What users should know for their safety.
    Security,
}

impl Default for Changelog {
    fn default() -> Self {
        Self {
            path: "CHANGELOG.md".to_owned(),
            links: true,
            template: Template::Auto,
            include: Vec::new(),
            exclude: Vec::new(),
            themes: Vec::new(),
            milestone: Milestone::default(),
            bots: Bots::List,
            split_squashes: false,
            types: Vec::new(),
            cliff: None,
        }
    }
}

/// What the section of a release looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Template {
    /// `Cliff` where there is a configuration of git-cliff, else `KeepAChangelog`.
    Auto,
    /// The six groups of Keep a Changelog.
    KeepAChangelog,
    /// The twelve parts of a milestone release.
    Milestone,
    /// As the repository's configuration of git-cliff says.
    Cliff,
}
