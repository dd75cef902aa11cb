//! Writes the section of a version: what is generated, merged with what a person wrote.

use std::collections::HashSet;

use anyhow::{Result, bail};

use super::blocks::{Block, Digest, blocks, without_draft};
use super::merge::{Lead, Merged, Tally, merge};
use super::unreleased::{self, Rotated, loose};
use super::{
    BOM, Found, checked, draft, find, is_of, line_end, put, references, scan, section, trimmed,
};

/// What to write.
#[derive(Debug, Clone, Copy)]
pub struct Writing<'a> {
    pub version: &'a str,
    /// The section as it is generated now, with its heading.
    pub fresh: &'a str,
    /// Whether it is not released yet, so that it will be written again: it gets a draft line.
    pub draft: bool,
    /// Whether what a person wrote in the section gives way.
    pub replace: bool,
}

/// A changelog after [`write()`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    pub text: String,
    /// What became of the blocks; None where the section was kept as it is.
    pub tally: Option<Tally>,
}

/// What stands in a changelog for a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Absent,
    /// Generated, with a draft line: it is merged.
    Draft,
    /// No draft line: a person's, or of a release that is done. It is kept.
    Kept,
    /// On this line (from 1) is a draft line that cannot be read. The section is kept.
    Mangled(usize),
}

/// What stands in `text` for `version`.
#[must_use]
pub fn standing(text: &str, version: &str) -> Standing {
    let Some(section) = section(text, version) else {
        return Standing::Absent;
    };
    let (_, notes) = without_draft(blocks(section.text));
    match notes.iter().find_map(|note| note.as_ref().err()) {
        Some(line) => Standing::Mangled(section.line + line),
        None if notes.is_empty() => Standing::Kept,
        None => Standing::Draft,
    }
}

/// `section` as its readers get it: without the draft line, and everything else as it stands.
#[must_use]
pub fn published(section: &str) -> String {
    let body = trimmed(section);
    let (kept, notes) = without_draft(blocks(body));
    if notes.is_empty() {
        return section.to_owned();
    }
    let kept: String = kept
        .iter()
        .flat_map(|block| [block.lead, block.text])
        .collect();
    format!("{kept}{}", section.get(body.len()..).unwrap_or_default())
}

/// How much stands in `[Unreleased]` and waits for a release, in blocks.
#[must_use]
pub fn waiting(text: &str) -> usize {
    let says = |rotated: Rotated<'_>| {
        rotated
            .blocks
            .iter()
            .filter(|block| block.says_something())
            .count()
    };
    unreleased::rotate(text).map_or(0, says)
}

/// The changelog with the section of a version written.
///
/// - Where there is none it is inserted as [`super::splice`] does. What stands in `[Unreleased]` moves
///   into it, ahead of what is generated; the heading of `[Unreleased]` stays where it is.
/// - A section with a draft line is merged block by block: what is generated follows the generation,
///   what a person wrote, changed, moved or took out stays so, byte for byte.
/// - A section without a draft line is kept as it is, unless `replace`.
/// - The headings take the level that the file gives its releases, and where the file defines links for
///   its versions this one gets a definition of the same shape.
///
/// Writing the same again changes nothing.
///
/// # Errors
/// Those of [`super::splice`]; `text` ends in an open code block or comment.
pub fn write(text: &str, writing: &Writing<'_>) -> Result<Written> {
    let version = writing.version;
    let standing = standing(text, version);
    if !writing.replace && matches!(standing, Standing::Kept | Standing::Mangled(_)) {
        return Ok(Written {
            text: kept(text, writing),
            tally: None,
        });
    }
    if let Some((line, what)) = scan::open_block(text) {
        bail!("the {what} opened on line {line} of the changelog never ends; close it");
    }
    let eol = line_end(&around(text, version));
    let rotated = unreleased::rotate(text);
    let (host, moved) = match &rotated {
        Some(Rotated { text, blocks }) => (text.as_str(), blocks.clone()),
        None => (text, Vec::new()),
    };
    let found = find(host);
    let old = found.iter().find(|found| is_of(&found.section, version));
    let level = old.map_or_else(|| level_of_releases(&found), |old| Some(old.level));
    let groups = level_of_groups(&found, version);
    let fresh = checked(&at_level(writing.fresh, level, groups), version)?.replace('\n', eol);
    let fresh = blocks(&fresh);
    let (mut mine, base) = match old.filter(|_| standing == Standing::Draft && !writing.replace) {
        Some(old) => {
            let (mine, notes) = without_draft(blocks(trimmed(old.section.text)));
            (mine, notes.into_iter().flatten().flatten().collect())
        }
        None => (fresh.iter().take(1).cloned().collect(), Vec::new()),
    };
    let count = moved.iter().filter(|block| block.says_something()).count();
    unreleased::graft(&mut mine, moved, eol);
    let mut merged = merge(&mine, &base, &fresh);
    merged.tally.rotated = count;
    merged.tally.yours = merged.tally.yours.saturating_sub(count);
    let body = body(&merged, writing.draft, eol);
    let text = put(host, version, &body)?;
    Ok(Written {
        text: references::advance(&text, version),
        tally: Some(merged.tally),
    })
}

fn body(merged: &Merged<'_>, is_draft: bool, eol: &str) -> String {
    let mut body = String::new();
    for block in &merged.blocks {
        body.push_str(match block.lead {
            Lead::AsIs(lead) => lead,
            Lead::Tight => eol,
            Lead::Loose => loose(eol),
        });
        body.push_str(block.text);
    }
    if is_draft {
        // Pieces that met may read as a block that was taken out; what stands there is not out.
        let there: HashSet<Digest> = blocks(&body).iter().map(|block| block.digest).collect();
        let out = merged.out.iter().filter(|digest| !there.contains(*digest));
        let names: Vec<Digest> = merged.names.iter().chain(out).copied().collect();
        body.push_str(loose(eol));
        body.push_str(&draft::line(&names));
    }
    body
}

/// The text without the section, whose line ends are a person's to change; all of it if nothing is left.
fn around(text: &str, version: &str) -> String {
    let Some(section) = section(text, version) else {
        return text.to_owned();
    };
    let start = section.text.as_ptr() as usize - text.as_ptr() as usize;
    let mut around = text.to_owned();
    around.replace_range(start..start + section.text.len(), "");
    if around.contains('\n') {
        around
    } else {
        text.to_owned()
    }
}

/// A section of a person stays; a released one carries no trace of us, not even a broken one.
fn kept(text: &str, writing: &Writing<'_>) -> String {
    let found = find(text);
    let old = found
        .iter()
        .find(|found| is_of(&found.section, writing.version));
    let mut text = text.to_owned();
    if let Some(old) = old.filter(|_| !writing.draft) {
        text.replace_range(
            old.start..old.start + old.section.text.len(),
            &published(old.section.text),
        );
    }
    text
}

/// The level of the headings of releases in this file, where they agree: that of `[Unreleased]`, or of
/// the newest one. Patch releases have level 3 in some files; that is no level for others.
fn level_of_releases(found: &[Found<'_>]) -> Option<usize> {
    let unreleased = found.iter().find(|found| found.section.unreleased);
    unreleased
        .or_else(|| found.first())
        .map(|found| found.level)
        .filter(|level| *level < 3)
}

/// The level of the groups in the newest other release that has some.
fn level_of_groups(found: &[Found<'_>], version: &str) -> Option<usize> {
    let released = found
        .iter()
        .filter(|found| !found.section.unreleased && !is_of(&found.section, version));
    let group = |found: &Found<'_>| {
        blocks(found.section.text)
            .iter()
            .skip(1)
            .find_map(Block::level)
    };
    released.take(3).find_map(group)
}

/// The section with its headings raised or lowered, so that its own has `level` and the first one below
/// it `groups`, if that is lower.
fn at_level(section: &str, level: Option<usize>, groups: Option<usize>) -> String {
    let section = section.trim_start_matches(BOM);
    let all = blocks(section);
    let mut levels = all.iter().filter_map(Block::level);
    let (Some(level), Some(own)) = (level, levels.next()) else {
        return section.to_owned();
    };
    let first = levels.next().unwrap_or(own + 1);
    let below = groups
        .filter(|groups| *groups > level)
        .unwrap_or_else(|| (first + level).saturating_sub(own));
    if level == own {
        return section.to_owned();
    }
    let mut text = String::new();
    for (at, block) in all.iter().enumerate() {
        text.push_str(block.lead);
        match block.level().filter(|_| block.text.starts_with('#')) {
            Some(old) => {
                let new = if at == 0 {
                    level
                } else {
                    (old + below).saturating_sub(first).clamp(level + 1, 6)
                };
                text.push_str(&"#".repeat(new));
                text.push_str(block.text.trim_start_matches('#'));
            }
            None => text.push_str(block.text),
        }
    }
    text.push('\n');
    text
}
