//! The release section, and its place in the changelog.

mod cliff;
mod milestone;
mod repository;
mod section;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use manifest::changelog::{Standing, Tally, Writing};
use semver::Version;
use world::git::Git;

use crate::{Cx, Inputs, Kind, Refusal};

pub use cliff::template;
pub(crate) use milestone::Facts;
pub use section::generate;

/// The changelog before and after.
pub struct Changelog {
    pub path: PathBuf,
    /// Relative to the root, as configured.
    pub name: String,
    pub old: Option<String>,
    pub new: String,
    /// The section as it stands in `new`, as its readers get it.
    pub section: String,
    /// What became of the entries; None where the section was there already and was kept as it is.
    pub tally: Option<Tally>,
    /// What the writer should know besides.
    pub notes: Vec<String>,
}

impl Changelog {
    pub fn changed(&self) -> bool {
        self.old.as_deref() != Some(self.new.as_str())
    }
}

/// How a section is written.
#[derive(Debug, Clone, Copy)]
pub enum Mode {
    /// To be written again: it keeps in mind what was generated.
    Draft,
    /// As a release has it, without a trace of how it was made.
    Final,
}

/// The changelog of `tree` with the section of `inputs.version`; nothing is written. A draft is merged with what is
/// generated now; a section that is no draft is kept, since a person may have written it, unless `replace`.
pub fn with_section(
    cx: &Cx,
    tree: &Path,
    inputs: &Inputs,
    mode: Mode,
    replace: bool,
) -> Result<Changelog> {
    let name = cx.config.changelog.path.clone();
    let path = tree.join(&name);
    let old = cx.world.read_if_exists(&path)?;
    let text = old.clone().unwrap_or_default();
    let version = inputs.version.to_string();
    let standing = manifest::changelog::standing(&text, &version);
    let is_kept = matches!(standing, Standing::Kept | Standing::Mangled(_)) && !replace;
    let fresh = match is_kept {
        true => String::new(),
        false => generate(cx, &Git::new(&cx.world, tree), inputs)?.section,
    };
    let writing = Writing {
        version: &version,
        fresh: &fresh,
        draft: matches!(mode, Mode::Draft),
        replace,
    };
    let written = manifest::changelog::write(&text, &writing)
        .with_context(|| match template(cx) {
            Ok(config::Template::Cliff) => format!(
                "put the section of {version}, as the configuration of git-cliff makes it, into {name} (its changelog.body must begin with a heading of the version)"
            ),
            _ => format!("put the section of {version} into {name}"),
        })?;
    let notes = match is_kept {
        true => notes_on_kept(&text, &name, &version, standing),
        false => Vec::new(),
    };
    Ok(Changelog {
        section: section_of(&written.text, &inputs.version, &name)?,
        new: written.text,
        tally: written.tally,
        path,
        name,
        old,
        notes,
    })
}

fn notes_on_kept(text: &str, name: &str, version: &str, standing: Standing) -> Vec<String> {
    let broken = match standing {
        Standing::Mangled(line) => Some(format!(
            "{name}:{line}: this line names what was generated, and cannot be read any more, so the section is kept as it is"
        )),
        _ => None,
    };
    let waiting = match manifest::changelog::waiting(text) {
        0 => None,
        count => Some(format!(
            "{} of [Unreleased] in {name} stay there, for the section of {version} is no draft",
            entries(count)
        )),
    };
    broken.into_iter().chain(waiting).collect()
}

/// What became of the entries, in words: `3 entries added, 2 of yours kept`.
pub fn said(tally: &Tally) -> String {
    let parts = [
        (tally.rotated, "taken over from [Unreleased]"),
        (tally.added, "added"),
        (tally.dropped, "no longer there"),
        (tally.yours, "of yours kept"),
        (tally.stay_out, "deleted or reworded by you stay out"),
        (
            tally.twice,
            "left out, yours name the same commit or pull request",
        ),
    ];
    let said: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .enumerate()
        .map(|(index, (count, what))| match index {
            0 => format!("{} {what}", entries(*count)),
            _ => format!("{count} {what}"),
        })
        .collect();
    if said.is_empty() {
        "no entry added".to_owned()
    } else {
        said.join(", ")
    }
}

fn entries(count: usize) -> String {
    match count {
        1 => "1 entry".to_owned(),
        count => format!("{count} entries"),
    }
}

/// The whole changelog at the current commit, as the configuration of git-cliff makes it.
pub fn whole(cx: &Cx) -> Result<String> {
    if template(cx)? != config::Template::Cliff {
        return Err(Refusal::new(
            Kind::Usage,
            "the whole changelog is made from a configuration of git-cliff, and there is none",
            "cargo xtask changelog show X",
        )
        .into());
    }
    let git = cx.git();
    let base = git.head()?;
    cliff::text(cx, &git, &base, cliff::What::All, None)
}

/// Exactly one version's section, without the line that makes it a draft.
pub fn section_of(text: &str, version: &Version, name: &str) -> Result<String> {
    match manifest::changelog::section(text, &version.to_string()) {
        Some(section) => Ok(manifest::changelog::published(section.text)),
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
    let body = section.split_once('\n').map_or("", |(_, body)| body);
    // The heading may be a line of text with a line of `=` or `-` below it.
    let is_underlined = !section.starts_with(['#', '\n', '\r']);
    let below = body.split_once('\n').unwrap_or((body, ""));
    let mark = below.0.trim_end();
    let is_mark =
        !mark.is_empty() && (mark.chars().all(|c| c == '=') || mark.chars().all(|c| c == '-'));
    let body = if is_underlined && is_mark {
        below.1
    } else {
        body
    };
    body.trim_matches(['\n', '\r'])
}

#[cfg(test)]
mod tests {
    use manifest::changelog::Tally;

    use super::{body, said};

    #[test]
    fn what_became_of_the_entries_is_said() {
        let tally = Tally {
            added: 3,
            yours: 2,
            stay_out: 1,
            ..Tally::default()
        };
        assert_eq!(
            said(&tally),
            "3 entries added, 2 of yours kept, 1 deleted or reworded by you stay out"
        );
        assert_eq!(said(&Tally::default()), "no entry added");
        let one = Tally {
            rotated: 1,
            ..Tally::default()
        };
        assert_eq!(said(&one), "1 entry taken over from [Unreleased]");
    }

    #[test]
    fn a_body_has_no_heading() {
        assert_eq!(
            body("## [1.0.0] - 2026-11-22\n\n### Added\n\n- x\n\n"),
            "### Added\n\n- x"
        );
        assert_eq!(body("## only"), "");
        assert_eq!(body("1.0.0\r\n=====\r\n\r\n- x\r\n"), "- x");
        assert_eq!(body("\n---\n\ntext"), "---\n\ntext", "no heading at all");
    }
}
