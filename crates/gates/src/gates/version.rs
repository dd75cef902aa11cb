//! `version`: every place that declares the repository's version declares the same one.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::Result;
use config::Leftovers;
use manifest::pattern::Pattern;
use manifest::{Found, Version};
use world::git::Git;

use crate::leftovers;
use crate::places::{self, Flaw, How, Outcome, PlaceFile, Places};
use crate::tags::Tags;
use crate::{Applies, Cost, Cx, Findings, Gate, Inputs, Subject};

pub(crate) const GATE: Gate = Gate {
    name: "version",
    about: "does every declared place carry the same version",
    cost: Cost::Instant,
    needs: &[],
    inputs: |_| Ok(Inputs::Live("asks the tags of the repository")),
    applies: |_| Ok(Applies::Yes),
    check,
};

fn check(cx: &Cx, findings: &mut Findings) -> Result<()> {
    let survey = match places::survey(&cx.world, &cx.root, &cx.config) {
        Ok(survey) => survey,
        Err(error) => {
            // A place that was read and holds no version is a finding; a place that was not read is unknown.
            let Some(Flaw { path, error }) = error.downcast_ref::<Flaw>() else {
                return Err(error);
            };
            findings.examined(1);
            findings.broken(path, error);
            return Ok(());
        }
    };
    if let Some(view) = &cx.config.view {
        let places = survey.places(&view.group)?;
        return one(cx, &places, findings).map(drop);
    }
    if !cx.config.has_groups() {
        return one(cx, &survey.places("")?, findings).map(drop);
    }
    let mut versions = serde_json::Map::new();
    for part in survey.parts() {
        let places = survey.places(&part.name)?;
        let cx = Cx {
            config: Arc::new(part.config),
            ..cx.clone()
        };
        if let Some(version) = one(&cx, &places, findings)? {
            let name = match part.name.as_str() {
                "" => "(in no group)".to_owned(),
                name => name.to_owned(),
            };
            versions.insert(name, version.to_string().into());
        }
    }
    findings.evidence("groups", versions);
    Ok(())
}

/// The places of the repository, or of one group; gives the version that they should carry.
fn one(cx: &Cx, places: &Places, findings: &mut Findings) -> Result<Option<Version>> {
    let expected = match &cx.subject {
        Subject::Candidate { version, .. } => Some(version.clone()),
        Subject::Tree => places.current.clone(),
    };
    let Some(expected) = expected else {
        findings.unknown(
            "nothing in the repository declares a version; write one into a file VERSION, or name the places in [version]",
        );
        return Ok(None);
    };
    findings.evidence("version", expected.to_string());
    let mut count = 0;
    for file in &places.files {
        count += examine(cx, file, places, &expected, findings)?;
    }
    findings.examined(count);
    findings.evidence("places", count);
    if matches!(cx.subject, Subject::Candidate { .. }) {
        in_step(cx, places, &expected, findings);
        locked(cx, places, findings)?;
    }
    for (path, reason) in &places.left_alone {
        findings.note(format!("left alone: {reason}")).at(path);
    }
    let only_others = places.packages.is_empty()
        && places
            .left_alone
            .iter()
            .any(|(_, reason)| reason.starts_with("has its own"));
    if only_others {
        findings
            .error(format!(
                "no package carries the repository's version {expected}"
            ))
            .help("run `cargo xtask version set`, or correct the VERSION file");
    }
    left_behind(cx, places, &expected, findings)?;
    family(cx, &expected, findings);
    order(cx, &expected, findings)?;
    Ok(Some(expected))
}

/// The versions of one file; gives how many there are.
fn examine(
    cx: &Cx,
    file: &PlaceFile,
    places: &Places,
    expected: &Version,
    findings: &mut Findings,
) -> Result<usize> {
    let path = &file.path;
    let Some(text) = cx.world.read_if_exists(&cx.path(path))? else {
        if *path == cx.config.version.file && cx.subject == Subject::Tree {
            findings
                .note("is not there yet; the release makes it")
                .at(path);
            return Ok(0);
        }
        findings
            .error("is not there, and should carry the version")
            .at(path);
        return Ok(1);
    };
    let read = match &file.how {
        How::Format(format) => (format.read)(&text).map(|found| (format.name, found)),
        How::Requirements(_) => return Ok(0),
        How::Pattern { regex, min, max } => {
            let pattern = Pattern {
                regex,
                min: *min,
                max: *max,
            };
            manifest::pattern::find(&text, &pattern).map(|found| ("text", found))
        }
        How::Declared { .. } => return by_name(cx, file, &text, expected, findings),
    };
    let (format, found) = match read {
        Ok(found) => found,
        Err(error) => {
            findings.broken(path, &error);
            return Ok(1);
        }
    };
    if found.is_empty() && format == "text" {
        findings
            .note("the pattern matches nothing, which is allowed here")
            .at(path);
    }
    let ours: Vec<&Found> = found
        .iter()
        .filter(|found| format != "cargo_lock" || places.locked(found))
        .collect();
    for found in &ours {
        if found.version != expected.to_string() {
            findings
                .error(format!(
                    "{} is {}, not {expected}",
                    found.what, found.version
                ))
                .at(path)
                .line(Some(found.line), Some(found.column))
                .help(set_it(cx, expected));
        }
    }
    Ok(ours.len())
}

/// A text in which the version stands behind names: what setting it would change, and what has a name and stays.
fn by_name(
    cx: &Cx,
    file: &PlaceFile,
    text: &str,
    expected: &Version,
    findings: &mut Findings,
) -> Result<usize> {
    let (How::Declared { format, .. }, Some(wanted)) = (&file.how, file.wanted()) else {
        return Ok(0);
    };
    let format = places::declared(format)?;
    let read = manifest::declared::find(text, format, &wanted).and_then(|read| {
        Ok((
            read,
            manifest::declared::set(text, format, &wanted, expected)?,
        ))
    });
    let (read, edited) = match read {
        Ok(read) => read,
        Err(error) => {
            findings.broken(&file.path, &error);
            return Ok(1);
        }
    };
    for place in edited.places {
        findings
            .error(format!(
                "{} is {}, not {}",
                place.what, place.old, place.new
            ))
            .at(&file.path)
            .line(Some(place.line), Some(place.column))
            .help(set_it(cx, expected));
    }
    for left in &read.left {
        findings
            .note(format!("{} is left alone: {}", left.what, left.why))
            .at(&file.path)
            .line(Some(left.line), Some(left.column));
    }
    Ok(read.found.len() + read.short.len())
}

fn set_it(cx: &Cx, version: &Version) -> String {
    format!(
        "run `cargo xtask version set {version}{}`",
        cx.config.group_flag()
    )
}

/// Setting the version once more would change nothing: requirements and lock files are in step too.
fn in_step(cx: &Cx, places: &Places, expected: &Version, findings: &mut Findings) {
    match places::changes(&cx.world, &cx.root, &cx.config, places, expected) {
        Ok(changes) => {
            for change in changes {
                for place in &change.places {
                    if findings.has_error_at(&change.path, place.line) {
                        continue;
                    }
                    findings
                        .error(format!(
                            "{} is {}, not {}",
                            place.what, place.old, place.new
                        ))
                        .at(&change.path)
                        .line(Some(place.line), Some(place.column));
                }
            }
        }
        Err(error) => {
            findings.error(format!("{error:#}"));
        }
    }
}

/// The lock files are taken by their tools. One that cannot answer here is asked again by the gates that build.
fn locked(cx: &Cx, places: &Places, findings: &mut Findings) -> Result<()> {
    let mut proofs = serde_json::Map::new();
    for proof in places::locks(&cx.world, &cx.root, places)? {
        proofs.insert(proof.what.clone(), proof.outcome.name().into());
        match proof.outcome {
            Outcome::Held => {}
            Outcome::Broken(said) => {
                findings.error(format!("not so: {}\n{said}", proof.what));
            }
            Outcome::Unknown(why) => {
                findings.note(format!("not proved: {}: {why}", proof.what));
            }
        }
    }
    findings.evidence("proofs", proofs);
    Ok(())
}

/// So many leftovers are named; more would hide the rest of the report.
const NAMED: usize = 20;

/// Places that nobody declared: in a release they carry the old version still, in a tree the next release would leave
/// them behind.
fn left_behind(
    cx: &Cx,
    places: &Places,
    expected: &Version,
    findings: &mut Findings,
) -> Result<()> {
    let settings = cx.config.gates.version.leftovers;
    if settings == Leftovers::Off {
        return Ok(());
    }
    let in_release = matches!(cx.subject, Subject::Candidate { .. });
    let versions = match in_release {
        true => leftovers::before(cx, places, expected)?,
        false => BTreeSet::from([expected.to_string()]),
    };
    let mut count = 0;
    for version in versions {
        for found in leftovers::find(cx, places, &version)? {
            count += 1;
            if count > NAMED {
                continue;
            }
            let (message, help) = match in_release {
                true => (
                    format!("still carries {version}: `{}`", found.text),
                    "bring it to the new version and declare it in [[version.text]]",
                ),
                false => (
                    format!(
                        "carries {version} and is not declared, so a release would leave it behind: `{}`",
                        found.text
                    ),
                    "declare it in [[version.text]]",
                ),
            };
            let finding = match (settings, in_release) {
                (Leftovers::Error, _) => findings.error(message),
                (_, true) => findings.warning(message),
                (_, false) => findings.note(message),
            };
            finding
                .at(found.path)
                .line(Some(found.line), Some(found.column))
                .help(format!(
                    "{help}; where it is right, name the file in gates.version.allow"
                ));
        }
    }
    if count > NAMED {
        findings.note(format!("{} more places carry it", count - NAMED));
    }
    findings.evidence("leftovers", count);
    Ok(())
}

fn family(cx: &Cx, version: &Version, findings: &mut Findings) {
    let Some(family) = &cx.config.version.family else {
        return;
    };
    findings.evidence("family", family.as_str());
    let core = format!("{}.{}.{}", version.major, version.minor, version.patch);
    if core != *family {
        findings
            .error(format!("{version} is not of the family {family}"))
            .help(format!(
                "choose {family} or one of its pre-releases, or change version.family"
            ));
    }
}

/// How the version sorts against the last release that HEAD descends from.
fn order(cx: &Cx, version: &Version, findings: &mut Findings) -> Result<()> {
    let git = cx.git();
    let Some((tag, last)) = last_tag(cx, &git)? else {
        findings.note(format!(
            "there is no release before {version} in the history"
        ));
        return Ok(());
    };
    findings.evidence("last_tag", tag.as_str());
    let relation = match version.cmp_precedence(&last) {
        Ordering::Less => "sorts below",
        Ordering::Equal => "is the same as",
        Ordering::Greater => "sorts above",
    };
    findings.note(format!("{version} {relation} the last tag {tag}"));
    Ok(())
}

/// The nearest tag of ours by ancestry. No tag, and no commit, are answers.
fn last_tag(cx: &Cx, git: &Git) -> Result<Option<(String, Version)>> {
    if git.resolve("HEAD^{commit}")?.is_none() {
        return Ok(None);
    }
    Tags::of(&cx.world, &cx.root, &cx.config)?.nearest(git, "HEAD", None)
}
