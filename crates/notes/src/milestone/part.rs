//! The twelve parts, in their order.

use serde::{Deserialize, Serialize};

/// A part, by the name that configuration, fragments and templates use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Part {
    Header,
    Description,
    Features,
    Architecture,
    Performance,
    Security,
    Deliverables,
    Deployment,
    Documentation,
    Migration,
    KnownIssues,
    Acknowledgments,
}

impl Part {
    /// The template built in.
    pub(crate) fn template(self) -> &'static str {
        match self {
            Part::Header => include_str!("../../parts/01-header.md"),
            Part::Description => include_str!("../../parts/02-description.md"),
            Part::Features => include_str!("../../parts/03-features.md"),
            Part::Architecture => include_str!("../../parts/04-architecture.md"),
            Part::Performance => include_str!("../../parts/05-performance.md"),
            Part::Security => include_str!("../../parts/06-security.md"),
            Part::Deliverables => include_str!("../../parts/07-deliverables.md"),
            Part::Deployment => include_str!("../../parts/08-deployment.md"),
            Part::Documentation => include_str!("../../parts/09-documentation.md"),
            Part::Migration => include_str!("../../parts/10-migration.md"),
            Part::KnownIssues => include_str!("../../parts/11-known-issues.md"),
            Part::Acknowledgments => include_str!("../../parts/12-acknowledgments.md"),
        }
    }

    /// Why it is empty, where the request does not say it better.
    pub(crate) fn no_data(self) -> &'static str {
        match self {
            Part::Header => "it is always there",
            Part::Features => "no commit is listed",
            Part::Performance => "no figure has evidence",
            Part::Security => "no gate has answered",
            Part::Deliverables => "nothing is built",
            Part::Documentation => "no document is named",
            Part::Migration => "no commit announces a breaking change",
            Part::Acknowledgments => "no commit has an author",
            Part::Description | Part::Architecture | Part::Deployment | Part::KnownIssues => {
                "nobody has written it"
            }
        }
    }
}
