//! `changelog`: it is well formed, its links lead somewhere, in a release it has the section of the version, and what it says was released has a
//! tag and the other way round.

use std::collections::{BTreeSet, HashMap};

use anyhow::Result;
use manifest::Version;
use manifest::changelog::{Problem, Section, Severity};

use crate::links::follow::{self, Flaw, Follower, Outcome};
use crate::links::page::Link;
use crate::links::tree::Tree;
use crate::tags::Tags;
use crate::{Applies, Cost, Cx, Findings, Gate, Inputs, Subject};

pub(crate) const GATE: Gate = Gate {
    name: "changelog",
    about: "is the changelog well formed",
    cost: Cost::Instant,
    needs: &[],
    inputs: |_| {
        Ok(Inputs::Live(
            "compares the sections with the tags of the repository",
        ))
    },
    applies: |_| Ok(Applies::Yes),
    check,
};

fn check(cx: &Cx, findings: &mut Findings) -> Result<()> {
    let path = &cx.config.changelog.path;
    let text = cx.world.read_if_exists(&cx.path(path))?;
    let released = match &cx.subject {
        Subject::Tree => None,
        Subject::Candidate { version, .. } => Some(version.to_string()),
    };
    let Some(text) = text else {
        findings.examined(1);
        findings.evidence("sections", 0);
        match released {
            Some(version) => findings
                .error(format!(
                    "there is no {path}, and {version} needs a section in it"
                ))
                .help(format!("run `cargo xtask changelog write {version}`")),
            None => findings.note(format!("there is no {path} yet; the release makes it")),
        };
        return Ok(());
    };
    let sections = manifest::changelog::sections(&text);
    findings.examined(sections.len().max(1));
    findings.evidence("sections", sections.len());
    let today = cx.world.today()?;
    for Problem {
        line,
        severity,
        message,
    } in manifest::changelog::check(&text, Some(&today))
    {
        let finding = match severity {
            Severity::Error => findings.error(message),
            Severity::Warning => findings.warning(message),
            Severity::Note => findings.note(message),
        };
        finding.at(path).line(Some(line), None);
    }
    relative_links(cx, path, findings)?;
    if let Some(version) = released {
        let help = format!("run `cargo xtask changelog write {version}`");
        match manifest::changelog::section(&text, &version) {
            None => {
                findings
                    .error(format!("there is no section for {version}"))
                    .at(path)
                    .help(help);
            }
            Some(section) if says_nothing(section.text) => {
                findings
                    .error(format!("the section for {version} is empty"))
                    .at(path)
                    .line(Some(section.line), None)
                    .help(help);
            }
            Some(section) if section.pending => {
                findings
                    .error(format!(
                        "the heading of {version} says that it is not released"
                    ))
                    .at(path)
                    .line(Some(section.line), None)
                    .help("write the date of the release there");
            }
            Some(_) => {}
        }
    }
    against_tags(cx, &sections, findings)
}

/// What the changelog links to inside of the repository is there, as the gate `links` has it for documents.
fn relative_links(cx: &Cx, path: &str, findings: &mut Findings) -> Result<()> {
    let tree = Tree::read(cx)?;
    let pages = HashMap::from([(path.to_owned(), follow::read(cx, path)?)]);
    let mut follower = Follower::new(cx, &tree, pages);
    let (links, undefined) = follower.links(path);
    for Link {
        line,
        column,
        target,
    } in undefined
    {
        findings
            .warning(format!(
                "the label `{target}` has no definition, so this is no link"
            ))
            .at(path)
            .line(Some(line), Some(column));
    }
    let ignored = &cx.config.gates.links.ignore;
    for link in links {
        if ignored
            .iter()
            .any(|glob| fast_glob::glob_match(glob, &link.target))
        {
            continue;
        }
        if let Outcome::Bad(Flaw {
            message,
            help,
            mild,
            ..
        }) = follower.follow(path, &link.target)?
        {
            let finding = match mild {
                true => findings.warning(message),
                false => findings.error(message),
            };
            finding
                .at(path)
                .line(Some(link.line), Some(link.column))
                .help(help);
        }
    }
    Ok(())
}

/// What was released and what the changelog says was released are the same, as far as this history goes.
fn against_tags(cx: &Cx, sections: &[Section<'_>], findings: &mut Findings) -> Result<()> {
    let git = cx.git();
    let released: Vec<(&Section<'_>, &str)> = sections
        .iter()
        .filter_map(|section| Some((section, section.version?)))
        .collect();
    if released.is_empty() || git.resolve("HEAD^{commit}")?.is_none() {
        return Ok(());
    }
    let tags = Tags::of(&cx.world, &cx.root, &cx.config)?;
    let list = |args: &[&str]| -> Result<Vec<String>> {
        let glob = tags.glob();
        let args: Vec<&str> = ["tag", "--list"]
            .iter()
            .chain(args)
            .copied()
            .chain([glob.as_str()])
            .collect();
        Ok(git.text(&args)?.lines().map(str::to_owned).collect())
    };
    // A tag of another branch is no release of this history, but it is one.
    let (all, ours) = (list(&[])?, list(&["--merged", "HEAD"])?);
    if all.is_empty() {
        findings.note("there is no release tag here, so the sections are not compared with tags");
        return Ok(());
    }
    let path = cx.config.changelog.path.as_str();
    let mut taken = BTreeSet::new();
    sections_without_tag(path, &tags, &all, &released, &mut taken, findings);
    tags_without_section(path, &tags, &ours, &released, &taken, findings);
    Ok(())
}

/// The first section may be of the release that is being made; what stands below the last one with a tag is older
/// than the tags.
fn sections_without_tag(
    path: &str,
    tags: &Tags,
    all: &[String],
    released: &[(&Section<'_>, &str)],
    taken: &mut BTreeSet<String>,
    findings: &mut Findings,
) {
    let tagged = |version: &str| all.iter().any(|tag| tags.stem(tag) == Some(version));
    let last = released.iter().rposition(|(_, version)| tagged(version));
    for (index, (section, version)) in released.iter().enumerate() {
        if tagged(version) || section.pending {
            continue;
        }
        let near = all.iter().find(|tag| {
            tags.stem(tag)
                .is_some_and(|stem| folded(stem) == folded(version))
        });
        if let Some(tag) = near {
            taken.insert(tag.clone());
            let stem = tags.stem(tag).unwrap_or_default();
            findings
                .error(format!("the section says {version} and the tag says {tag}: one release, written in two ways"))
                .at(path)
                .line(Some(section.line), None)
                .help(format!("write {stem} in the heading; a tag that was pushed stays as it is"));
        } else if index > 0 && last.is_some_and(|last| index < last) {
            findings
                .warning(format!("{version} has a section and no tag"))
                .at(path)
                .line(Some(section.line), None)
                .help("tag its commit, or take the section out");
        }
    }
}

/// A changelog may begin later than the tags, and the notes of pre-releases may stand in those of their release.
fn tags_without_section(
    path: &str,
    tags: &Tags,
    ours: &[String],
    released: &[(&Section<'_>, &str)],
    taken: &BTreeSet<String>,
    findings: &mut Findings,
) {
    let written: Vec<Version> = released
        .iter()
        .filter_map(|(_, version)| Version::parse(version).ok())
        .collect();
    let Some(oldest) = written.iter().min() else {
        return;
    };
    for tag in ours.iter().filter(|tag| !taken.contains(*tag)) {
        let Some(version) = tags.version(tag) else {
            continue;
        };
        let same_core = |other: &Version| {
            (other.major, other.minor, other.patch) == (version.major, version.minor, version.patch)
        };
        let covered = match version.pre.is_empty() {
            true => written.contains(&version),
            false => written.iter().any(same_core),
        };
        if !covered && version > *oldest {
            findings
                .warning(format!("the tag {tag} has no section"))
                .at(path)
                .help(format!(
                    "write one, or see what it would be: `cargo xtask changelog show {version}`"
                ));
        }
    }
}

/// Versions as people mix them up: `1.0.0-rc1`, `1.0.0-RC.1` and `1.0.0rc1` are one, `1.0.0` and `1.0.0-1` are not.
fn folded(version: &str) -> Vec<String> {
    let lower = bare(version).to_lowercase();
    let mut parts: Vec<String> = Vec::new();
    let mut kind = None;
    for found in lower.chars() {
        let now = match found {
            found if found.is_ascii_digit() => Some(true),
            found if found.is_alphanumeric() => Some(false),
            _ => None,
        };
        match (now, parts.last_mut()) {
            (None, _) => {}
            (Some(_), Some(part)) if now == kind => part.push(found),
            _ => parts.push(found.to_string()),
        }
        kind = now;
    }
    parts
}

fn bare(version: &str) -> &str {
    version.strip_prefix(['v', 'V']).unwrap_or(version)
}

/// Headings alone say nothing.
fn says_nothing(section: &str) -> bool {
    section
        .lines()
        .map(str::trim)
        .all(|line| line.is_empty() || line.starts_with('#'))
}

#[cfg(test)]
mod tests {
    use super::folded;

    #[test]
    fn versions_that_people_mix_up() {
        for (one, other) in [
            ("1.0.0-rc1", "1.0.0-rc.1"),
            ("1.0.0-RC.1", "1.0.0-rc.1"),
            ("v1.0.0rc1", "1.0.0-rc.1"),
            ("1.0.0-beta-2", "1.0.0-beta.2"),
            ("1.0.0-mvp", "1.0.0mvp"),
        ] {
            assert_eq!(folded(one), folded(other), "{one} {other}");
        }
        for (one, other) in [
            ("1.0.0-rc.1", "1.0.0-rc.2"),
            ("1.0.0-rc.1", "1.0.0-rc.11"),
            ("1.0.0", "1.0.0-rc.1"),
            ("1.0.0", "10.0"),
            ("1.1.0", "1.10"),
        ] {
            assert_ne!(folded(one), folded(other), "{one} {other}");
        }
    }
}
