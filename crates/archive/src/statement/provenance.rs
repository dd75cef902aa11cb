//! How the assets were made: SLSA provenance v1 for the build type that `docs/statements.md` describes.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};

use super::Resource;
use super::resource::hex;

/// The build type. A name and no address: nobody has to own a host for it.
pub const BUILD_TYPE: &str = "urn:landfall:build:release:v1";

/// The builder that is no known platform: the machine of whoever releases.
pub const LOCAL_BUILDER: &str = "urn:landfall:builder:local:v1";

/// All that a statement claims which the build itself has written, wherever it ran: the provenance exists. From the
/// second level on a hosted platform writes and signs it, out of reach of the build.
pub const LEVEL: &str = "SLSA_BUILD_LEVEL_1";

/// The predicate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Provenance {
    /// What went in.
    pub build_definition: BuildDefinition,
    /// This one run.
    pub run_details: RunDetails,
}

/// What went into a build.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct BuildDefinition {
    /// [`BUILD_TYPE`].
    pub build_type: String,
    /// What a verifier compares, and nothing else.
    pub external_parameters: External,
    /// What somebody who builds it again, or looks for a mistake, wants to know.
    pub internal_parameters: Internal,
    /// The source first, then lock files and submodules by path.
    pub resolved_dependencies: Vec<Resource>,
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct External {
    /// The release commit.
    pub commit: String,
    /// `git+https://forge.example/team/app@refs/tags/v1.0.0`; absent where the remote has no address that means
    /// anything elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The tag of the release.
    pub tag: String,
    /// The version, without what the tag adds.
    pub version: String,
}

/// What landfall chose or found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Internal {
    /// Whether everything was built a second time in another place, and compared.
    pub built_twice: bool,
    /// Of the run in GitHub Actions.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub github: BTreeMap<String, String>,
    /// The version of landfall.
    pub landfall: String,
    /// Versions of the programs that took part.
    pub tools: BTreeMap<String, String>,
}

/// One run of a build.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunDetails {
    /// Who ran it.
    pub builder: Builder,
    /// Which run it was.
    pub metadata: Metadata,
}

/// Who ran the build.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Builder {
    /// [`LOCAL_BUILDER`], or the workflow in GitHub Actions.
    pub id: String,
    /// An extension, named after landfall as the specification asks: how far `id` is to be believed.
    pub landfall_level: Level,
}

/// How much the statement claims, and what that rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// [`LEVEL`].
    pub claimed: String,
    /// Why not more, in words.
    pub reason: String,
    /// The environment that `id` was worked out from, by variable. Whoever starts the program can set each of them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub seen: BTreeMap<String, String>,
}

/// Which run it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Metadata {
    /// The address of the run, or `urn:landfall:invocation:sha256:` and the digest of the pinned inputs.
    pub invocation_id: String,
    /// The pinned time, RFC 3339 in UTC: `2026-02-03T04:05:06Z`.
    pub started_on: String,
}

impl Provenance {
    /// Where the platform itself attests the run, besides this statement: `OWNER/NAME` on GitHub.
    #[must_use]
    pub fn github_repository(&self) -> Option<&str> {
        let github = &self.build_definition.internal_parameters.github;
        github.get("repository").map(String::as_str)
    }

    pub(super) fn check(&self) -> Result<()> {
        let build = &self.build_definition;
        if build.build_type != BUILD_TYPE {
            bail!(
                "the build type is `{}`, expected `{BUILD_TYPE}`",
                build.build_type.escape_debug()
            );
        }
        let commit = &build.external_parameters.commit;
        hex(commit, &[40, 64]).context("the commit")?;
        for resource in &build.resolved_dependencies {
            resource.check()?;
        }
        let source = build.resolved_dependencies.first();
        if source.and_then(|source| source.digest.get("gitCommit")) != Some(commit) {
            bail!("the first dependency is not the source with the commit {commit}");
        }
        if source.and_then(|source| source.uri.as_ref())
            != build.external_parameters.source.as_ref()
        {
            bail!("the source that was asked for is not the one that was used");
        }
        let level = &self.run_details.builder.landfall_level;
        if level.claimed != LEVEL {
            bail!(
                "it claims `{}`, and such a statement never vouches for more than {LEVEL}",
                level.claimed.escape_debug()
            );
        }
        time(&self.run_details.metadata.started_on)
    }
}

/// `2026-02-03T04:05:06Z`
fn time(text: &str) -> Result<()> {
    let shape = |(at, byte): (usize, u8)| match at {
        4 | 7 => byte == b'-',
        10 => byte == b'T',
        13 | 16 => byte == b':',
        19 => byte == b'Z',
        _ => byte.is_ascii_digit(),
    };
    if text.len() != 20 || !text.bytes().enumerate().all(shape) {
        bail!(
            "the time `{}` is not like `2026-02-03T04:05:06Z`",
            text.escape_debug()
        );
    }
    Ok(())
}
