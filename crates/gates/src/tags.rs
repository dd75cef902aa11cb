//! Release tags: their names, the versions they stand for, and the one before a commit.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use config::Config;
use semver::Version;
use world::World;
use world::git::Git;

use crate::{Cx, Subject, project};

/// So many tags that look like ours but carry no version are passed over.
const PASSED_OVER: usize = 200;

/// The template of `[release]` `tag`, with the project's name filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tags {
    before: String,
    after: String,
}

impl Tags {
    /// # Errors
    /// When the template cannot be filled.
    pub fn of(world: &World, root: &Path, config: &Config) -> Result<Tags> {
        let template = &config.release.tag;
        let name = project::name(world, root, config);
        // No version and no tag holds a line end.
        let filled = config::expand(template, &[("version", "\n"), ("project", &name)])
            .map_err(anyhow::Error::msg)
            .with_context(|| format!("fill the tag template `{template}`"))?;
        let (before, after) = filled
            .split_once('\n')
            .with_context(|| format!("the tag template `{template}` has no {{version}}"))?;
        Ok(Tags {
            before: before.to_owned(),
            after: after.to_owned(),
        })
    }

    /// The tag of a version.
    pub fn name(&self, version: &Version) -> String {
        format!("{}{version}{}", self.before, self.after)
    }

    /// The version that a tag stands for; `None`: it is not one of ours.
    pub fn version(&self, tag: &str) -> Option<Version> {
        let text = tag.strip_prefix(&self.before)?.strip_suffix(&self.after)?;
        Version::parse(text).ok()
    }

    /// What a tag of ours says where the version stands, be it one or not.
    pub(crate) fn stem<'t>(&self, tag: &'t str) -> Option<&'t str> {
        tag.strip_prefix(&self.before)?.strip_suffix(&self.after)
    }

    /// What git lists our tags by; it may list others too, see [`Tags::version`].
    pub fn glob(&self) -> String {
        format!("{}[0-9]*{}", self.before, self.after)
    }

    /// The nearest release reached from `base`: by ancestry, not by sorting. `except` is a tag that does not count.
    ///
    /// # Errors
    /// When git cannot tell.
    pub fn nearest(
        &self,
        git: &Git,
        base: &str,
        except: Option<&str>,
    ) -> Result<Option<(String, Version)>> {
        self.nearest_that(git, base, except, |_| true)
    }

    /// The nearest release of those that are `wanted`.
    ///
    /// # Errors
    /// When git cannot tell.
    pub fn nearest_that(
        &self,
        git: &Git,
        base: &str,
        except: Option<&str>,
        wanted: impl Fn(&Version) -> bool,
    ) -> Result<Option<(String, Version)>> {
        let glob = self.glob();
        let mut excluded: Vec<String> = except.map(str::to_owned).into_iter().collect();
        for _ in 0..PASSED_OVER {
            let mut args = vec!["describe", "--tags", "--abbrev=0", "--match", &glob];
            for tag in &excluded {
                args.extend(["--exclude", tag.as_str()]);
            }
            args.push(base);
            let output = git.ask(&args)?;
            if !output.ok() {
                let said = output.errors();
                if said.contains("No names found") || said.contains("No tags can describe") {
                    return Ok(None);
                }
                return Err(output.error()).context("look for the release before");
            }
            let tag = output.text();
            match self.version(&tag) {
                Some(version) if wanted(&version) => return Ok(Some((tag, version))),
                _ => excluded.push(tag),
            }
        }
        bail!(
            "the nearest {PASSED_OVER} tags like `{glob}` carry no version; set `tag` in [release] of release.toml"
        )
    }
}

/// The tag of the release before the one that is looked at; `None`: there is none, or no commit yet.
pub(crate) fn release_before(cx: &Cx) -> Result<Option<String>> {
    let git = cx.git();
    if git.resolve("HEAD^{commit}")?.is_none() {
        return Ok(None);
    }
    let tags = Tags::of(&cx.world, &cx.root, &cx.config)?;
    let nearest = match &cx.subject {
        Subject::Tree => tags.nearest(&git, "HEAD", None)?,
        Subject::Candidate { base, tag, .. } => tags.nearest(&git, base, Some(tag))?,
    };
    Ok(nearest.map(|(tag, _)| tag))
}
