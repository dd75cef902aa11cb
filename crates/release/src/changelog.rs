//! The release section: commits → notes program → spliced into the changelog.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use semver::Version;
use world::git::Git;

use crate::notes::{self, Answer, Request};
use crate::{Cx, Event, Inputs, Kind, Refusal, history};

/// The changelog before and after.
pub struct Changelog {
    pub path: PathBuf,
    /// Relative to the root, as configured.
    pub name: String,
    pub old: Option<String>,
    pub new: String,
    /// The section as it stands in `new`.
    pub section: String,
    /// The section was there already and was kept as it is.
    pub kept: bool,
}

impl Changelog {
    pub fn changed(&self) -> bool {
        self.old.as_deref() != Some(self.new.as_str())
    }
}

/// The section of a version over `previous..base`, as the notes program writes it.
pub fn generate(cx: &Cx, git: &Git, inputs: &Inputs) -> Result<Answer> {
    let program = cx.helpers.ensure(&notes::NOTES, &cx.world, &|text| {
        cx.tell(&Event::Note(text));
    })?;
    let commits = history::commits(git, inputs.previous.as_deref(), &inputs.base)?;
    let links = cx
        .config
        .changelog
        .links
        .then(|| repository_url(cx, git))
        .flatten();
    let request = Request {
        schema: notes::SCHEMA,
        version: inputs.version.to_string(),
        tag: &inputs.tag,
        date: &inputs.date,
        previous: inputs.previous.as_deref(),
        repository: links.as_deref(),
        commits: &commits,
    };
    let answer = notes::ask(&cx.world, &program, &cx.root, &request)?;
    if answer.plain && !commits.is_empty() {
        cx.tell(&Event::Note(
            "no commit since the last release is a conventional one: the notes are a plain list"
                .to_owned(),
        ));
    }
    Ok(answer)
}

/// The changelog of `tree` with the section of `inputs.version`; nothing is written. A section that is already there is
/// kept, since a person may have written it, unless `replace`.
pub fn with_section(cx: &Cx, tree: &Path, inputs: &Inputs, replace: bool) -> Result<Changelog> {
    let name = cx.config.changelog.path.clone();
    let path = tree.join(&name);
    let old = cx.world.read_if_exists(&path)?;
    let text = old.clone().unwrap_or_default();
    let version = inputs.version.to_string();
    let existing =
        manifest::changelog::section(&text, &version).map(|section| section.text.to_owned());
    if let Some(section) = existing.filter(|_| !replace) {
        return Ok(Changelog {
            path,
            name,
            new: text,
            old,
            section,
            kept: true,
        });
    }
    let answer = generate(cx, &cx.git(), inputs)?;
    let new = manifest::changelog::splice(&text, &version, &answer.section, replace)
        .with_context(|| format!("put the section of {version} into {name}"))?;
    let section = section_of(&new, &inputs.version, &name)?;
    Ok(Changelog {
        path,
        name,
        old,
        new,
        section,
        kept: false,
    })
}

/// Exactly one version's section.
pub fn section_of(text: &str, version: &Version, name: &str) -> Result<String> {
    match manifest::changelog::section(text, &version.to_string()) {
        Some(section) => Ok(section.text.to_owned()),
        None => {
            let known: Vec<&str> = manifest::changelog::sections(text)
                .iter()
                .filter_map(|section| section.version)
                .take(5)
                .collect();
            let seen = if known.is_empty() {
                "it has no release section".to_owned()
            } else {
                format!("it has {}", known.join(", "))
            };
            Err(Refusal::new(
                Kind::Findings,
                format!("{name} has no section for {version}; {seen}"),
                format!("cargo xtask changelog write {version}"),
            )
            .into())
        }
    }
}

/// The notes without their heading: title and date stand elsewhere on a forge and in a tag.
pub fn body(section: &str) -> &str {
    section
        .split_once('\n')
        .map_or("", |(_, body)| body)
        .trim_matches(['\n', '\r'])
}

/// Where commits can be seen: configured, else worked out from the remote when it is a web address or an ssh one.
fn repository_url(cx: &Cx, git: &Git) -> Option<String> {
    if let Some(url) = &cx.config.project.repository {
        return Some(url.trim_end_matches('/').to_owned());
    }
    let remote = git
        .text(&["remote", "get-url", &cx.config.release.remote])
        .ok()?;
    web_address(&remote)
}

fn web_address(remote: &str) -> Option<String> {
    let trimmed = remote.trim_end_matches('/').trim_end_matches(".git");
    let place = match trimmed.split_once("://") {
        Some(("https" | "http" | "ssh" | "git", rest)) => rest
            .rsplit_once('@')
            .map_or(rest, |(_, place)| place)
            .to_owned(),
        Some(_) => return None,
        // `git@host:owner/name`; a path has a slash before any colon.
        None => {
            let (host, path) = trimmed.split_once(':')?;
            if host.contains('/') || path.starts_with('/') {
                return None;
            }
            format!(
                "{}/{path}",
                host.rsplit_once('@').map_or(host, |(_, host)| host)
            )
        }
    };
    let host = place.split('/').next()?;
    // A loopback or unqualified host is not a place to link to.
    (host.contains('.') && !host.starts_with("127.") && place.contains('/'))
        .then(|| format!("https://{place}"))
}

#[cfg(test)]
mod tests {
    use super::{body, web_address};

    #[test]
    fn remotes_that_have_a_web_address() {
        for (remote, address) in [
            (
                "https://forge.example/o/n.git",
                Some("https://forge.example/o/n"),
            ),
            (
                "https://user:pw@forge.example/o/n",
                Some("https://forge.example/o/n"),
            ),
            (
                "git@forge.example:o/n.git",
                Some("https://forge.example/o/n"),
            ),
            (
                "ssh://git@forge.example/o/n.git",
                Some("https://forge.example/o/n"),
            ),
            ("/srv/git/n.git", None),
            ("../n.git", None),
            ("file:///srv/n.git", None),
            ("http://127.0.0.1:8080/n.git", None),
        ] {
            assert_eq!(web_address(remote).as_deref(), address, "{remote}");
        }
    }

    #[test]
    fn a_body_has_no_heading() {
        assert_eq!(
            body("## [1.0.0] - 2026-11-22\n\n### Added\n\n- x\n\n"),
            "### Added\n\n- x"
        );
        assert_eq!(body("## only"), "");
    }
}
