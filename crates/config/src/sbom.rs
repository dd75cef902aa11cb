//! `[sbom]`: bills of materials among the artifacts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Bills of materials: what a release is made of, as CycloneDX.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Sbom {
    /// How many of them: one for each public package of the release, one for the whole project, or none.
    pub per: SbomPer,
}

/// What one bill of materials is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SbomPer {
    /// Each public package: `{package}-{version}.cdx.json`. Where no package is public, the whole project.
    #[default]
    Package,
    /// The whole project: `{project}-{version}.cdx.json`.
    Project,
    /// There is none.
    None,
}
