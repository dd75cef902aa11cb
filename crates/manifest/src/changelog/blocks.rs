//! A section as a row of blocks, the pieces that a merge keeps, drops or moves as a whole.
//!
//! A block is a heading, a list item with everything nested in it, a paragraph, a table, a code
//! block, an HTML block, a run of link definitions: the top level of `CommonMark` 0.31, lists opened up
//! by one level. Blocks are whole lines, and together with the white space before each they are
//! the text, byte for byte; so a block that is kept is kept as it was typed.

use std::collections::HashMap;
use std::fmt;

use pulldown_cmark::{Event, Options, Parser, Tag};
use sha2::{Digest as _, Sha256};

use super::draft;

/// One block of a section.
#[derive(Debug, Clone)]
pub(super) struct Block<'a> {
    /// White space before it: the line end of the block above, and blank lines.
    pub(super) lead: &'a str,
    /// Without the line end of its last line.
    pub(super) text: &'a str,
    pub(super) kind: Kind,
    pub(super) digest: Digest,
    /// Line of its beginning, from 0, in the text that was cut up.
    pub(super) line: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// Level 1 to 6, and the titles of the headings above it down to its own, in lower case; the
    /// heading of the section is not among them.
    Heading(usize, Vec<String>),
    /// With the character that marks it; a digit's place is taken by what follows the number.
    Item(char),
    /// An HTML comment, alone.
    Comment,
    /// Link definitions, which show nothing.
    Definitions,
    Other,
}

/// The beginning of the SHA-256 of a block's words, one space between them: a formatter that wraps
/// lines or changes line ends makes no other block of it.
///
/// 32 bits: a block of a person that is taken for one of ours may be dropped, and with the 24 bits of
/// a short commit id that is one case in two hundred where 300 meet 300; so it is one in 50,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Digest(pub(super) u32);

impl fmt::Display for Digest {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{:08x}", self.0)
    }
}

impl Digest {
    pub(super) fn of(text: &str) -> Digest {
        let mut hash = Sha256::new();
        for (index, word) in text.split_whitespace().enumerate() {
            if index > 0 {
                hash.update(b" ");
            }
            hash.update(word);
        }
        let start = hash
            .finalize()
            .iter()
            .take(4)
            .fold(0, |sum, byte| sum << 8 | u32::from(*byte));
        Digest(start)
    }
}

impl Block<'_> {
    pub(super) fn level(&self) -> Option<usize> {
        match &self.kind {
            Kind::Heading(level, _) => Some(*level),
            _ => None,
        }
    }

    /// Whether a reader sees something of it besides a heading.
    pub(super) fn says_something(&self) -> bool {
        matches!(self.kind, Kind::Item(_) | Kind::Other)
    }
}

/// The blocks of `text`; white space after the last one belongs to none.
pub(super) fn blocks(text: &str) -> Vec<Block<'_>> {
    let lines = lines(text);
    let starts = starts(text, &lines);
    let mut ranges: Vec<(usize, usize, usize, Raw)> = Vec::new();
    // Byte where the block that is being read ends, by the parser's word.
    let mut until = 0;
    for (number, (start, line)) in lines.iter().enumerate() {
        let end = start + line.len();
        if let Some((raw, stop)) = starts.get(&number) {
            ranges.push((*start, end, number, *raw));
            until = *stop;
        } else if line.trim().is_empty() {
            continue;
        } else if let Some(last) = ranges
            .last_mut()
            .filter(|last| *start < until || last.3 == Raw::Loose && joined(text, last.1, *start))
        {
            last.1 = end;
        } else {
            ranges.push((*start, end, number, Raw::Loose));
            until = 0;
        }
    }
    let mut above: Vec<(usize, String)> = Vec::new();
    let mut before = 0;
    let first = ranges.first().map_or(0, |range| range.0);
    ranges
        .into_iter()
        .map(|(start, end, line, raw)| {
            let lead = text.get(before..start).unwrap_or_default();
            before = end;
            let text = text.get(start..end).unwrap_or_default();
            let kind = kind(text, raw, start == first, &mut above);
            Block {
                lead,
                text,
                kind,
                digest: Digest::of(text),
                line,
            }
        })
        .collect()
}

/// Nothing but one line end stands between two lines.
fn joined(text: &str, end: usize, start: usize) -> bool {
    text.get(end..start)
        .is_some_and(|between| between.matches('\n').count() == 1)
}

/// What the parser says a block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Raw {
    Heading(usize),
    Item,
    Html,
    Other,
    /// No block of the parser: link definitions.
    Loose,
}

/// Begin and text of each line, without its line end.
fn lines(text: &str) -> Vec<(usize, &str)> {
    let mut start = 0;
    text.split_inclusive('\n')
        .map(|raw| {
            let line = raw.strip_suffix('\n').unwrap_or(raw);
            let line = (start, line.strip_suffix('\r').unwrap_or(line));
            start += raw.len();
            line
        })
        .collect()
}

/// The lines on which a block begins, what it is, and the byte where it ends.
fn starts(text: &str, lines: &[(usize, &str)]) -> HashMap<usize, (Raw, usize)> {
    let line_of = |byte: usize| {
        lines
            .partition_point(|(start, _)| *start <= byte)
            .saturating_sub(1)
    };
    let mut starts = HashMap::new();
    let (mut depth, mut is_list) = (0_usize, false);
    for (event, range) in Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter() {
        let raw = match &event {
            Event::Start(Tag::List(_)) if depth == 0 => {
                (depth, is_list) = (1, true);
                continue;
            }
            Event::Start(Tag::Item) if depth == 1 && is_list => Some(Raw::Item),
            Event::Start(Tag::Heading { level, .. }) if depth == 0 => {
                Some(Raw::Heading(*level as usize))
            }
            Event::Start(Tag::HtmlBlock) if depth == 0 => Some(Raw::Html),
            Event::Start(_) | Event::Rule if depth == 0 => Some(Raw::Other),
            _ => None,
        };
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        is_list &= depth > 0;
        if let Some(raw) = raw {
            let (_, end) = starts
                .entry(line_of(range.start))
                .or_insert((raw, range.end));
            *end = range.end.max(*end);
        }
    }
    starts
}

fn kind(text: &str, raw: Raw, is_first: bool, above: &mut Vec<(usize, String)>) -> Kind {
    match raw {
        Raw::Heading(level) => {
            above.retain(|(other, _)| *other < level);
            let path = above
                .iter()
                .map(|(_, title)| title.clone())
                .chain([title(text)])
                .collect();
            if !is_first {
                above.push((level, title(text)));
            }
            Kind::Heading(level, path)
        }
        Raw::Item => {
            let mark = text
                .trim_start()
                .trim_start_matches(|c: char| c.is_ascii_digit());
            Kind::Item(mark.chars().next().unwrap_or('-'))
        }
        Raw::Html if text.trim_start().starts_with("<!--") && text.trim_end().ends_with("-->") => {
            Kind::Comment
        }
        Raw::Loose => Kind::Definitions,
        Raw::Html | Raw::Other => Kind::Other,
    }
}

/// The words of a heading, in lower case, without its marks.
fn title(text: &str) -> String {
    let first = text.lines().next().unwrap_or_default();
    let words = first
        .trim()
        .trim_start_matches('#')
        .trim()
        .trim_end_matches('#');
    words
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .to_lowercase()
}

/// The blocks without the draft line, and what the line says.
pub(super) fn without_draft<'a>(
    blocks: Vec<Block<'a>>,
) -> (Vec<Block<'a>>, Vec<Result<Vec<Digest>, usize>>) {
    let mut notes = Vec::new();
    let mut kept: Vec<Block<'a>> = Vec::with_capacity(blocks.len());
    for block in blocks {
        match draft::read(block.text).filter(|_| block.kind == Kind::Comment) {
            Some(read) => notes.push(read.map_err(|draft::Mangled| block.line)),
            None => kept.push(block),
        }
    }
    (kept, notes)
}
