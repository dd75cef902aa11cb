//! `[Unreleased]`: what a person wrote down ahead of the release moves into its section, the heading
//! stays where it stands, at the top or at the bottom.

use super::blocks::{Block, Kind, blocks};
use super::heading::bare;
use super::{find, line_end, scan, trimmed};

/// A changelog without what stood in `[Unreleased]`.
pub(super) struct Rotated<'a> {
    pub(super) text: String,
    /// What stood there, without its heading.
    pub(super) blocks: Vec<Block<'a>>,
}

/// None where `[Unreleased]` is missing or says nothing: headings alone and comments are a form to
/// be filled in, and stay.
pub(super) fn rotate(text: &str) -> Option<Rotated<'_>> {
    let found = find(text)
        .into_iter()
        .find(|found| found.section.unreleased)?;
    let section = found.section.text;
    let all = blocks(trimmed(section));
    let moves = moving(&all);
    if !moves.iter().any(|moves| *moves) {
        return None;
    }
    let eol = line_end(text);
    let mut left = String::new();
    let mut alone = true;
    for (block, moves) in all.iter().zip(&moves) {
        if *moves {
            alone = false;
            continue;
        }
        let has_blank_line = block.lead.matches('\n').count() > 1;
        left.push_str(if alone || has_blank_line {
            block.lead
        } else {
            loose(eol)
        });
        left.push_str(block.text);
        alone = true;
    }
    let start = found.start;
    let end = start + trimmed(section).len();
    let (before, after) = (text.get(..start)?, text.get(end..)?);
    Some(Rotated {
        text: format!("{before}{left}{after}"),
        blocks: all
            .into_iter()
            .zip(moves)
            .filter(|(_, moves)| *moves)
            .map(|(block, _)| block)
            .collect(),
    })
}

/// Whether each block belongs to the release: what says something, the headings above it, and the
/// comments that stand after it, the link definitions that it uses.
fn moving(all: &[Block<'_>]) -> Vec<bool> {
    let mut moves = vec![false; all.len()];
    let mut is_filled = false;
    for (at, block) in all.iter().enumerate().skip(1) {
        let value = match (&block.kind, block.level()) {
            (Kind::Definitions, _) => false,
            (Kind::Comment, _) => is_filled,
            (_, Some(level)) => {
                is_filled = false;
                let inside = |other: &&Block<'_>| other.level().is_none_or(|found| found > level);
                all.iter()
                    .skip(at + 1)
                    .take_while(inside)
                    .any(Block::says_something)
            }
            _ => {
                is_filled = true;
                true
            }
        };
        if let Some(place) = moves.get_mut(at) {
            *place = value;
        }
    }
    let told: String = all
        .iter()
        .zip(&moves)
        .filter(|(_, moves)| **moves)
        .map(|(block, _)| block.text)
        .collect();
    for (block, moves) in all.iter().zip(&mut moves) {
        *moves |= block.kind == Kind::Definitions && is_used(block.text, &told);
    }
    moves
}

/// Whether one of the definitions is of a label in `text`, and none is of a version: those stay.
fn is_used(definitions: &str, text: &str) -> bool {
    let labels = || {
        scan::lines(definitions)
            .into_iter()
            .filter_map(|line| line.definition())
            .map(|definition| definition.label)
    };
    let is_version = |label: &str| {
        label.eq_ignore_ascii_case("unreleased") || semver::Version::parse(bare(label)).is_ok()
    };
    !labels().any(is_version) && labels().any(|label| text.contains(&format!("[{label}]")))
}

/// Puts what was written under `[Unreleased]` into the section `mine`: first in the group of the same
/// titles, or as a group of its own at the end.
pub(super) fn graft<'a>(mine: &mut Vec<Block<'a>>, moved: Vec<Block<'a>>, eol: &str) {
    let mut at = 1.min(mine.len());
    // Whether the block above is the one that stood above in `[Unreleased]`, or one like it.
    let mut as_typed = false;
    for mut block in moved {
        if let Kind::Heading(_, path) = &block.kind {
            let same =
                |other: &Block<'_>| matches!(&other.kind, Kind::Heading(_, found) if found == path);
            if let Some(place) = mine.iter().skip(1).position(same) {
                at = place + 2;
                as_typed = true;
                continue;
            }
            at = mine.len();
            as_typed = false;
        }
        if !as_typed && let Some(above) = mine.get(at.saturating_sub(1)) {
            block.lead = between(above, &block, eol);
        }
        if let Some(below) = mine.get(at) {
            let lead = between(&block, below, eol);
            if let Some(below) = mine.get_mut(at) {
                below.lead = lead;
            }
        }
        mine.insert(at, block);
        at += 1;
        as_typed = true;
    }
}

/// White space for two blocks that meet anew: a line end between items of one list, else a blank line.
fn between<'a>(above: &Block<'_>, below: &Block<'a>, eol: &str) -> &'a str {
    match (&above.kind, &below.kind) {
        (Kind::Item(one), Kind::Item(two)) if one == two => {
            if eol == "\r\n" {
                "\r\n"
            } else {
                "\n"
            }
        }
        _ if below.lead.matches('\n').count() > 1 => below.lead,
        _ => loose(eol),
    }
}

/// A blank line between two blocks.
pub(super) fn loose(eol: &str) -> &'static str {
    if eol == "\r\n" { "\r\n\r\n" } else { "\n\n" }
}
