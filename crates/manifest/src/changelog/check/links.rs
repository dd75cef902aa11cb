//! Links of versions: defined where they are referred to, and comparing what the changelog says.

use semver::Version;

use super::super::references::{self, Compare, references};
use super::super::{Found, heading, scan};
use super::{Report, Severity};

pub(super) fn links(text: &str, found: &[Found<'_>], report: &mut Report) {
    let references = references(text, found);
    let versions: Vec<&str> = references
        .iter()
        .filter_map(|reference| reference.version)
        .collect();
    let is_defined = |found: &Found<'_>| match found.section.version {
        Some(version) => versions.contains(&version),
        None => references
            .iter()
            .any(|reference| reference.version.is_none()),
    };
    if !versions.is_empty() {
        let missing = found.iter().filter(|found| !is_defined(found)).filter_map(|found| {
            let label = references::label(&found.section)?;
            Some((found.section.line, format!("`[{label}]` has no link definition at the end of the file, as the others have")))
        });
        report.list(Severity::Warning, missing.collect());
        let lines = scan::lines(text);
        let known = |label: &str| {
            found
                .iter()
                .any(|found| found.section.version == Some(heading::bare(label)))
        };
        let orphans = lines
            .iter()
            .filter_map(scan::Line::definition)
            .filter(|definition| {
                Version::parse(heading::bare(definition.label)).is_ok() && !known(definition.label)
            });
        let orphans = orphans.map(|definition| {
            (
                definition.number,
                format!("`[{}]` is defined and has no section", definition.label),
            )
        });
        report.list(Severity::Warning, orphans.collect());
    }
    let defined = references.iter().map(|reference| {
        let (version, link) = (reference.version, reference.definition.link);
        (
            reference.definition.number,
            wrong_end(found, version, link).or_else(|| wrong_begin(found, version, link)),
        )
    });
    // The tools that write inline links have ideas of their own about what came before.
    let inline = found.iter().filter_map(|found_one| {
        let section = &found_one.section;
        Some((
            section.line,
            wrong_end(found, section.version, found_one.title.link?),
        ))
    });
    let wrong = defined
        .chain(inline)
        .filter_map(|(line, message)| Some((line, message?)));
    report.list(Severity::Warning, wrong.collect());
}

fn named_in<'f>(found: &'f [Found<'_>], tag: &str) -> Option<&'f str> {
    let known = found.iter().filter_map(|found| found.section.version);
    known
        .filter(|other| references::place_of(tag, other).is_some())
        .max_by_key(|other| other.len())
}

/// The comparison of a version ends at another one.
fn wrong_end(found: &[Found<'_>], version: Option<&str>, link: &str) -> Option<String> {
    let (compare, version) = (Compare::parse(link)?, version?);
    let is_other = references::place_of(compare.to, version).is_none()
        && named_in(found, compare.to).is_some();
    is_other.then(|| format!("the link of {version} compares up to `{}`", compare.to))
}

/// The comparison of a version passes over one.
fn wrong_begin(found: &[Found<'_>], version: Option<&str>, link: &str) -> Option<String> {
    let compare = Compare::parse(link)?;
    let from = named_in(found, compare.from)?;
    let at = found
        .iter()
        .position(|found| found.section.version == version)?;
    let name = found.get(at).and_then(|found| found.section.name);
    let versions = |found: &'_ [Found<'_>]| -> Vec<String> {
        let same = found.iter().filter(|other| other.section.name == name);
        same.filter_map(|other| other.section.version)
            .map(str::to_owned)
            .collect()
    };
    // [Unreleased] may stand at the bottom.
    let start = version.map_or(0, |_| at + 1);
    let below = versions(found.get(start..)?).into_iter().next()?;
    // A patch of an older line may stand above a newer release, and be compared with that of its line.
    let limit = version.and_then(|version| Version::parse(version).ok());
    let lower = |stable: bool| {
        let all = versions(found)
            .into_iter()
            .filter_map(|other| Version::parse(&other).ok());
        all.filter(|other| {
            (!stable || other.pre.is_empty()) && limit.as_ref().is_none_or(|limit| other < limit)
        })
        .max()
    };
    let fits = from == below
        || [true, false]
            .into_iter()
            .filter_map(lower)
            .any(|other| other.to_string() == from);
    let own = version.unwrap_or("what is unreleased");
    (!fits).then(|| format!("the link of {own} compares with {from}, and {below} lies between"))
}
