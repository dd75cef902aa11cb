//! The links of versions: `[1.1.0]: https://git.example/compare/v1.0.0...v1.1.0` at the end of a file.
//!
//! Their shape is read off those that are there, prefix and form of the tag included: no forge is known
//! here. A file without them gets none.

use std::ops::Range;

use super::blocks::blocks;
use super::draft;
use super::heading::bare;
use super::scan::{self, Definition};
use super::unreleased::loose;
use super::{Found, Section, find, line_end, trimmed};

/// The definition of a version, or of what is not released.
pub(super) struct Reference<'a> {
    pub(super) definition: Definition<'a>,
    /// None for `[Unreleased]`.
    pub(super) version: Option<&'a str>,
}

/// `…/compare/v1.0.0...v1.1.0`, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Compare<'a> {
    before: &'a str,
    pub(super) from: &'a str,
    dots: &'a str,
    pub(super) to: &'a str,
    after: &'a str,
}

impl<'a> Compare<'a> {
    pub(super) fn parse(link: &'a str) -> Option<Self> {
        let (dots, at) = ["...", ".."]
            .iter()
            .find_map(|dots| Some((*dots, link.rfind(dots)?)))?;
        let (head, tail) = (link.get(..at)?, link.get(at + dots.len()..)?);
        // A tag may hold a slash, so the word before it counts where there is one.
        let start = head.rfind("/compare/").map_or_else(
            || head.rfind('/').map(|at| at + 1),
            |at| Some(at + "/compare/".len()),
        )?;
        let end = tail.find(['?', '#']).unwrap_or(tail.len());
        let compare = Self {
            before: head.get(..start)?,
            from: head.get(start..)?,
            dots,
            to: tail.get(..end)?,
            after: tail.get(end..)?,
        };
        (!compare.from.is_empty() && !compare.to.is_empty()).then_some(compare)
    }

    fn with(&self, from: &str, to: &str) -> String {
        let Self {
            before,
            dots,
            after,
            ..
        } = self;
        format!("{before}{from}{dots}{to}{after}")
    }
}

/// All definitions of versions that have a section, and of `[Unreleased]`.
pub(super) fn references<'a>(text: &'a str, found: &[Found<'a>]) -> Vec<Reference<'a>> {
    let lines = scan::lines(text);
    let definitions = lines.iter().filter_map(scan::Line::definition);
    let reference = |definition: Definition<'a>| {
        if definition.label.eq_ignore_ascii_case("unreleased") {
            return Some(Reference {
                definition,
                version: None,
            });
        }
        let version = found
            .iter()
            .filter_map(|found| found.section.version)
            .find(|version| *version == bare(definition.label));
        version.map(|version| Reference {
            definition,
            version: Some(version),
        })
    };
    definitions.filter_map(reference).collect()
}

/// The text with a definition for `version` like those of the others, and with that of `[Unreleased]`
/// beginning at it. A definition that is there already stays as it is.
pub(super) fn advance(text: &str, version: &str) -> String {
    let found = find(text);
    let version = bare(version);
    let Some(at) = found
        .iter()
        .position(|found| super::is_of(&found.section, version))
    else {
        return text.to_owned();
    };
    let Some(own) = found.get(at).map(|found| &found.section) else {
        return text.to_owned();
    };
    let earlier = found
        .iter()
        .skip(at + 1)
        .map(|found| &found.section)
        .find(|other| other.version.is_some() && !other.pending && other.name == own.name);
    let previous = earlier.and_then(|section| section.version);
    let references = references(text, &found);
    let shape = Shape {
        references: &references,
        version,
        previous,
        known: found
            .iter()
            .filter_map(|found| found.section.version)
            .collect(),
    };
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    if let Some((place, link)) = shape.unreleased() {
        edits.push((place, link));
    }
    if let Some(label) = label(own)
        && !references
            .iter()
            .any(|reference| reference.version == Some(version))
        && let Some(link) = shape.link()
        && let Some(edit) = shape.line(text, &found, own, label, &link)
    {
        edits.push(edit);
    }
    edits.sort_by_key(|(place, _)| std::cmp::Reverse(place.start));
    let mut text = text.to_owned();
    for (place, new) in edits {
        text.replace_range(place, &new);
    }
    text
}

/// The label of a heading such as `[1.0.0] - 2026-11-22`, which needs a definition to be a link.
pub(super) fn label<'a>(section: &Section<'a>) -> Option<&'a str> {
    let (label, rest) = section.heading.split_once('[')?.1.split_once(']')?;
    let is_version = section
        .version
        .is_some_and(|version| bare(label.trim()) == version)
        || section.unreleased;
    (is_version && !rest.starts_with(['(', '['])).then_some(label)
}

struct Shape<'s, 'a> {
    references: &'s [Reference<'a>],
    version: &'s str,
    previous: Option<&'s str>,
    /// All versions that have a section.
    known: Vec<&'s str>,
}

impl Shape<'_, '_> {
    /// What `[Unreleased]` links to from now on, and where it stands.
    fn unreleased(&self) -> Option<(Range<usize>, String)> {
        let (reference, compare) = self.open()?;
        let other = self.version_in(compare.from)?;
        let link = compare.with(&replaced(compare.from, other, self.version)?, compare.to);
        Some((reference.definition.link_place.clone(), link))
    }

    /// The definition of `[Unreleased]`, if it compares a version that is not ours yet with a branch.
    fn open(&self) -> Option<(&Reference<'_>, Compare<'_>)> {
        let reference = self
            .references
            .iter()
            .find(|reference| reference.version.is_none())?;
        let compare = Compare::parse(reference.definition.link)?;
        (place_of(compare.from, self.version).is_none()).then_some((reference, compare))
    }

    fn version_in(&self, tag: &str) -> Option<&str> {
        let known = self.known.iter().copied();
        known
            .filter(|version| place_of(tag, version).is_some())
            .max_by_key(|version| version.len())
    }

    /// The link of our version: a comparison where one is seen, else the page of a tag.
    fn link(&self) -> Option<String> {
        for reference in self.references {
            let Some(other) = reference.version else {
                continue;
            };
            let Some(compare) = Compare::parse(reference.definition.link) else {
                continue;
            };
            if let (Some(from), Some(to)) = (
                replaced(compare.to, other, self.previous?),
                replaced(compare.to, other, self.version),
            ) {
                return Some(compare.with(&from, &to));
            }
        }
        if let Some((_, compare)) = self.open()
            && let Some(other) = self.version_in(compare.from)
        {
            let from = replaced(compare.from, other, self.previous.unwrap_or(other))?;
            return Some(compare.with(&from, &replaced(compare.from, other, self.version)?));
        }
        let of_tag = |reference: &Reference<'_>| {
            replaced(reference.definition.link, reference.version?, self.version)
        };
        self.references.iter().find_map(of_tag)
    }

    /// The new line and where it goes: beside that of the release before. Where the definitions stand
    /// in the sections themselves, it goes into ours.
    fn line(
        &self,
        text: &str,
        found: &[Found<'_>],
        own: &Section<'_>,
        label: &str,
        link: &str,
    ) -> Option<(Range<usize>, String)> {
        let versions: Vec<&Reference<'_>> = self
            .references
            .iter()
            .filter(|reference| reference.version.is_some())
            .collect();
        let near = versions
            .iter()
            .position(|reference| reference.version == self.previous);
        let beside = near
            .or((!versions.is_empty()).then_some(0))
            .and_then(|at| versions.get(at));
        let eol = line_end(text);
        let model = beside.copied().or_else(|| self.references.first())?;
        let line = model.definition.line_with(label, link);
        let place = model.definition.start;
        let inside = |found: &&Found<'_>| {
            found.section.version.is_some()
                && (found.start..found.start + found.section.text.len()).contains(&place)
        };
        if found.iter().any(|found| inside(&found)) {
            let start = own.text.as_ptr() as usize - text.as_ptr() as usize;
            let end = end_without_draft(own.text);
            return Some((start + end..start + end, format!("{}{line}", loose(eol))));
        }
        // The oldest first, or the only one is that of `[Unreleased]`: ours goes below.
        let is_rising =
            near.is_some_and(|at| at > 0 && versions.get(at + 1).is_none() && versions.len() > 1);
        if is_rising || model.version.is_none() {
            let end = place + model.definition.text.len();
            return Some((end..end, format!("{eol}{line}")));
        }
        Some((place..place, format!("{line}{eol}")))
    }
}

fn end_without_draft(section: &str) -> usize {
    let mut end = trimmed(section).len();
    let all = blocks(trimmed(section));
    if let Some(last) = all.last().filter(|last| draft::read(last.text).is_some()) {
        end -= last.text.len() + last.lead.len();
    }
    end
}

/// Where a version stands in a tag or link, whole: `1.0.0` is not in `11.0.0`.
pub(super) fn place_of(text: &str, version: &str) -> Option<Range<usize>> {
    let places = text.match_indices(version).filter(|(at, found)| {
        let before = text
            .get(..*at)
            .and_then(|before| before.chars().next_back());
        let mut after = text.get(at + found.len()..).unwrap_or_default().chars();
        let (next, second) = (after.next(), after.next());
        let goes_on = next.is_some_and(|c| c.is_ascii_digit())
            || matches!(next, Some('.' | '-' | '+'))
                && second.is_some_and(|c| c.is_ascii_alphanumeric());
        !before.is_some_and(|c| c.is_ascii_digit() || c == '.') && !goes_on
    });
    places.last().map(|(at, found)| at..at + found.len())
}

fn replaced(text: &str, version: &str, by: &str) -> Option<String> {
    let place = place_of(text, version)?;
    let mut text = text.to_owned();
    text.replace_range(place, by);
    Some(text)
}
