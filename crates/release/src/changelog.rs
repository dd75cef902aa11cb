//! The release section, and its place in the changelog.

mod repository;
mod section;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use semver::Version;

use crate::{Cx, Inputs, Kind, Refusal};

pub use section::generate;

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

#[cfg(test)]
mod tests {
    use super::body;

    #[test]
    fn a_body_has_no_heading() {
        assert_eq!(
            body("## [1.0.0] - 2026-11-22\n\n### Added\n\n- x\n\n"),
            "### Added\n\n- x"
        );
        assert_eq!(body("## only"), "");
    }
}
