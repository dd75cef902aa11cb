//! What a candidate is made from. Pinned first, and never worked out again when a run is resumed.

use anyhow::{Context as _, Result};
use gates::project;
use gates::tags::Tags;
use semver::Version;
use serde::{Deserialize, Serialize};
use world::git::Git;

use crate::{Cx, Kind, Refusal, history};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inputs {
    pub version: Version,
    /// `v1.0.0-mvp`.
    pub tag: String,
    /// The name that artifacts and messages carry.
    pub project: String,
    /// The commit that is released, less our own.
    pub base: String,
    /// UTC, `YYYY-MM-DD`.
    pub date: String,
    /// Seconds since the epoch: the time of the commit, the tag and every archive entry.
    pub time_s: u64,
    /// The tag of the release before, by ancestry.
    pub previous: Option<String>,
    pub remote: String,
    pub branch: String,
}

impl Inputs {
    /// Reads repository and clock once.
    pub fn pin(cx: &Cx, version: &Version) -> Result<Inputs> {
        let git = cx.git();
        let release = &cx.config.release;
        let project = project::name(&cx.world, &cx.root, &cx.config);
        let tag = tag_name(cx, version)?;
        let base = git.head()?;
        Ok(Inputs {
            version: version.clone(),
            project,
            previous: history::previous_tag(cx, &git, &base, Some(&tag))?,
            tag,
            base,
            date: cx.world.today()?,
            time_s: cx.world.now_s(),
            remote: release.remote.clone(),
            branch: project::default_branch(&git, &cx.config)?,
        })
    }

    /// Fills `{version}`, `{tag}`, `{project}`.
    pub fn expand(&self, template: &str) -> Result<String> {
        self.expand_with(template, &[])
    }

    /// The same with further placeholders.
    pub(crate) fn expand_with(&self, template: &str, more: &[(&str, &str)]) -> Result<String> {
        let version = self.version.to_string();
        let mut values = vec![
            ("version", version.as_str()),
            ("tag", &self.tag),
            ("project", &self.project),
        ];
        values.extend(more);
        config::expand(template, &values)
            .map_err(anyhow::Error::msg)
            .with_context(|| format!("fill the template `{template}`"))
    }

    /// The date as git reads it from its environment.
    pub(crate) fn git_date(&self) -> String {
        format!("@{} +0000", self.time_s)
    }

    /// The private branch that keeps the candidate on the remote until it is released.
    pub(crate) fn staging_ref(&self, cx: &Cx) -> Result<String> {
        Ok(format!(
            "refs/heads/{}",
            self.expand(&cx.config.release.staging_branch)?
        ))
    }

    /// The ref that keeps candidate and tag object from being collected as garbage; seen by no clone.
    pub(crate) fn keep_ref(&self) -> String {
        format!("refs/landfall/{}", self.tag)
    }
}

/// The tag of a version, checked to be a name that git takes.
pub fn tag_name(cx: &Cx, version: &Version) -> Result<String> {
    let tag = Tags::of(&cx.world, &cx.root, &cx.config)?.name(version);
    let check =
        Git::new(&cx.world, &cx.root).ask(&["check-ref-format", &format!("refs/tags/{tag}")])?;
    if !check.ok() {
        return Err(Refusal::new(
            Kind::Findings,
            format!("git refuses the tag name `{tag}`"),
            "change `tag` in [release] of release.toml",
        )
        .into());
    }
    Ok(tag)
}
