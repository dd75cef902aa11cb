//! Release tags: their names, the versions they stand for, and the one before a commit.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use config::Config;
use manifest::cargo_toml::Declared;
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
    earlier: Option<Earlier>,
}

/// Releases from before a group had a version of its own: those of the whole repository in which its packages had a part.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Earlier {
    before: String,
    after: String,
    /// The manifests of the group.
    manifests: Vec<String>,
}

impl Tags {
    /// # Errors
    /// When the template cannot be filled.
    pub fn of(world: &World, root: &Path, config: &Config) -> Result<Tags> {
        let name = project::name(world, root, config);
        let (before, after) = around(&config.release.tag, &name)?;
        let earlier = match &config.view {
            Some(view) if !view.rest => {
                let whole = Config {
                    project: view.project.clone(),
                    ..Config::default()
                };
                let name = project::name(world, root, &whole);
                let (before, after) = around(&view.tag_before, &name)?;
                Some(Earlier {
                    before,
                    after,
                    manifests: view.manifests.clone(),
                })
            }
            _ => None,
        };
        Ok(Tags {
            before,
            after,
            earlier,
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
    /// For a group that has no tag of its own yet this is the nearest release of the whole repository, if packages of the
    /// group carried its version then: it is the one that they were released with.
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
        let own = self.described(git, base, except, &wanted)?;
        let Some(earlier) = self.earlier.as_ref().filter(|_| own.is_none()) else {
            return Ok(own);
        };
        let whole = Tags {
            before: earlier.before.clone(),
            after: earlier.after.clone(),
            earlier: None,
        };
        let Some((tag, version)) = whole.described(git, base, except, &wanted)? else {
            return Ok(None);
        };
        let part = earlier.took_part(git, &tag, &version)?;
        Ok(part.then_some((tag, version)))
    }

    fn described(
        &self,
        git: &Git,
        base: &str,
        except: Option<&str>,
        wanted: &impl Fn(&Version) -> bool,
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

/// What stands before and after the version in the tags of a template.
fn around(template: &str, project: &str) -> Result<(String, String)> {
    // No version and no tag holds a line end.
    let filled = config::expand(template, &[("version", "\n"), ("project", project)])
        .map_err(anyhow::Error::msg)
        .with_context(|| format!("fill the tag template `{template}`"))?;
    let (before, after) = filled
        .split_once('\n')
        .with_context(|| format!("the tag template `{template}` has no {{version}}"))?;
    Ok((before.to_owned(), after.to_owned()))
}

impl Earlier {
    /// Whether a manifest of the group carried the version of a tag in its commit.
    fn took_part(&self, git: &Git, tag: &str, version: &Version) -> Result<bool> {
        let carried = |path: &str, what: &str| -> Result<bool> {
            let object = format!("refs/tags/{tag}:{path}");
            let Some(format) = manifest::format_of(Path::new(path)) else {
                return Ok(false);
            };
            if git.resolve(&object)?.is_none() {
                return Ok(false);
            }
            let text = git.text(&["show", "--no-textconv", &object])?;
            // One that could not be read then is no reason to take the release for its own.
            let found = (format.read)(&text).unwrap_or_default();
            let mut found = found.iter().filter(|found| found.what.starts_with(what));
            Ok(found.any(|found| found.version == version.to_string()))
        };
        for path in &self.manifests {
            if carried(path, "")? {
                return Ok(true);
            }
            // One that inherits says nothing itself.
            if path.ends_with("Cargo.toml")
                && carried("Cargo.toml", "workspace.package")?
                && self.inherited(git, tag, path)?
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn inherited(&self, git: &Git, tag: &str, path: &str) -> Result<bool> {
        let object = format!("refs/tags/{tag}:{path}");
        if git.resolve(&object)?.is_none() {
            return Ok(false);
        }
        let text = git.text(&["show", "--no-textconv", &object])?;
        let read = manifest::cargo_toml::inspect(&text).ok();
        let package = read.and_then(|read| read.package);
        Ok(package.is_some_and(|package| package.version == Declared::Inherited))
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
