//! `[changelog.milestone]` and `[[changelog.theme]]`: what stands in the section of a milestone.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The twelve parts of a milestone. Each is a template over data that has a source; a part without data is left out,
/// and that is said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Milestone {
    /// The parts, in their order; the header is always the first. Default: all twelve.
    #[schemars(length(min = 1))]
    pub parts: Vec<Part>,

    /// What kind of release it is: `MVP`. Default: `pre-release`, `major`, `minor` or `patch`, by the version and the
    /// release before.
    #[schemars(length(min = 1))]
    pub kind: Option<String>,

    /// The folder of the texts that people write: `description.md` and so on, by the name of their part. One in a folder
    /// named after the version, `1.0.0/description.md`, is taken before it.
    #[schemars(length(min = 1))]
    pub fragments: String,

    /// The folder of templates (Tera) that take the place of ours: `performance.md` and so on, by the name of their part.
    /// Default: none.
    #[schemars(length(min = 1))]
    pub templates: Option<String>,

    /// Documents that are linked to, with or without an anchor: `docs/guide.md#install`. One that is not there fails the
    /// generation.
    #[schemars(inner(length(min = 1)))]
    pub docs: Vec<String>,

    /// Gates whose verdicts stand under security; also those of `[[gate]]`.
    #[schemars(inner(length(min = 1)))]
    pub security: Vec<String>,
}

impl Default for Milestone {
    fn default() -> Self {
        let security = ["audit", "licenses", "secrets", "security", "workflows"];
        Self {
            parts: Part::ALL.to_vec(),
            kind: None,
            fragments: "docs/release".to_owned(),
            templates: None,
            docs: Vec::new(),
            security: security.map(str::to_owned).to_vec(),
        }
    }
}

/// A part of the section of a milestone.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// Version, date and kind of the release.
    Header,
    /// A text.
    Description,
    /// The commits by theme.
    Features,
    /// A text, with a diagram.
    Architecture,
    /// The figures of `[gates.benchmarks]`.
    Performance,
    /// What gates answered, and a text.
    Security,
    /// Artifacts and packages.
    Deliverables,
    /// A text.
    Deployment,
    /// Links to `docs`.
    Documentation,
    /// Breaking changes, and a text.
    Migration,
    /// A text.
    KnownIssues,
    /// Who wrote the commits, and a text.
    Acknowledgments,
}

impl Part {
    /// In their order.
    pub const ALL: [Part; 12] = [
        Part::Header,
        Part::Description,
        Part::Features,
        Part::Architecture,
        Part::Performance,
        Part::Security,
        Part::Deliverables,
        Part::Deployment,
        Part::Documentation,
        Part::Migration,
        Part::KnownIssues,
        Part::Acknowledgments,
    ];

    /// As it is typed; also the name of its fragment and of its template, without `.md`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Part::Header => "header",
            Part::Description => "description",
            Part::Features => "features",
            Part::Architecture => "architecture",
            Part::Performance => "performance",
            Part::Security => "security",
            Part::Deliverables => "deliverables",
            Part::Deployment => "deployment",
            Part::Documentation => "documentation",
            Part::Migration => "migration",
            Part::KnownIssues => "known-issues",
            Part::Acknowledgments => "acknowledgments",
        }
    }
}

/// A heading, and which commits stand under it: those of one of the scopes, and those which change one of the paths.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Theme {
    /// The heading.
    #[schemars(length(min = 1))]
    pub name: String,

    /// Scopes of conventional commits, without regard to case: `drift` takes `feat(drift): …`.
    #[serde(default)]
    #[schemars(inner(length(min = 1)))]
    pub scopes: Vec<String>,

    /// Globs of files, from the root of the repository. `**` is any number of folders.
    #[serde(default)]
    #[schemars(inner(length(min = 1)))]
    pub paths: Vec<String>,
}
