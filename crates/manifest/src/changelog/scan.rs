//! Which lines of a Markdown text are code or comment, and so no headings.
//!
//! Follows CommonMark 0.31, sections 4.5 (fenced code), 4.6 (HTML blocks, start condition 2) and
//! 5.2 (a list item, with the code block that its first line opened, ends at a line that is
//! indented less).

use std::ops::Range;

use super::draft;
use super::heading::{self, Heading};

/// One line and where it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'a> {
    /// From 1.
    pub(super) number: usize,
    /// Byte of its beginning (after a byte order mark).
    pub(super) start: usize,
    /// Without its line end.
    text: &'a str,
    inside: Inside,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inside {
    Text,
    Code,
    Comment,
}

impl<'a> Line<'a> {
    pub(super) fn heading(&self) -> Option<Heading<'a>> {
        if self.inside == Inside::Text {
            heading::parse(self.text)
        } else {
            None
        }
    }

    /// The heading that this line is with `below` as its underline, where `above` is the line before it.
    /// A heading of several lines names no release.
    pub(super) fn underlined(
        &self,
        above: Option<&Line<'_>>,
        below: &Line<'_>,
    ) -> Option<Heading<'a>> {
        let is_alone = above.is_none_or(|above| {
            above.text.trim().is_empty()
                || above.inside != Inside::Text
                || above.heading().is_some()
                || above.is_definition()
        });
        let is_text = self.inside == Inside::Text
            && below.inside == Inside::Text
            && self
                .text
                .starts_with(|c: char| !c.is_whitespace() && !"#>-*+|=<".contains(c))
            && !self.is_definition();
        let level = heading::underline(below.text).filter(|_| is_alone && is_text)?;
        Some(heading::of(level, self.text.trim()))
    }

    /// Whether it may stand among the link definitions that close a file. A draft line closes a
    /// section instead.
    pub(super) fn may_close(&self) -> bool {
        self.inside == Inside::Comment && draft::read(self.text).is_none()
            || self.text.trim().is_empty() && self.inside == Inside::Text
            || self.is_definition()
    }

    pub(super) fn is_definition(&self) -> bool {
        self.definition().is_some()
    }

    /// `[label]: destination`, but not a footnote.
    pub(super) fn definition(&self) -> Option<Definition<'a>> {
        let text = self.text.trim_start_matches(' ');
        let indent = self.text.len() - text.len();
        if self.inside != Inside::Text || indent > 3 {
            return None;
        }
        let (label, rest) = text.strip_prefix('[')?.split_once("]:")?;
        if label.trim().is_empty()
            || label.starts_with('^')
            || label.contains(['[', ']'])
            || rest.trim().is_empty()
        {
            return None;
        }
        let link = rest.trim_start();
        let at = self.text.len() - link.len();
        let (at, end) = match link.strip_prefix('<').and_then(|inner| inner.find('>')) {
            Some(end) => (at + 1, at + 1 + end),
            None => (
                at,
                at + link.find(char::is_whitespace).unwrap_or(link.len()),
            ),
        };
        Some(Definition {
            number: self.number,
            start: self.start,
            text: self.text,
            label,
            link: self.text.get(at..end)?,
            link_place: self.start + at..self.start + end,
        })
    }
}

/// A link definition on one line, `CommonMark` 0.31, section 4.7.
#[derive(Debug, Clone)]
pub(super) struct Definition<'a> {
    /// Line, from 1.
    pub(super) number: usize,
    /// Byte of its beginning.
    pub(super) start: usize,
    pub(super) text: &'a str,
    pub(super) label: &'a str,
    pub(super) link: &'a str,
    /// Bytes of the link.
    pub(super) link_place: Range<usize>,
}

impl Definition<'_> {
    /// The line with another label and link, its spaces and brackets as they are.
    pub(super) fn line_with(&self, label: &str, link: &str) -> String {
        let mut line = self.text.to_owned();
        line.replace_range(
            self.link_place.start - self.start..self.link_place.end - self.start,
            link,
        );
        if let Some(at) = line.find('[') {
            line.replace_range(at + 1..at + 1 + self.label.len(), label);
        }
        line
    }
}

/// A block that swallows headings.
#[derive(Debug, Clone, Copy)]
enum Block {
    Fence {
        mark: char,
        len: usize,
        quoted: bool,
        indent: usize,
    },
    Comment,
}

/// All lines of `text`; `\n` ends a line, a `\r` before it belongs to the line end.
pub(super) fn lines(text: &str) -> Vec<Line<'_>> {
    scan(text).0
}

/// Line and name of a code block or comment that is still open at the end of `text`.
pub(super) fn open_block(text: &str) -> Option<(usize, &'static str)> {
    scan(text).1.map(|(line, block)| match block {
        Block::Fence { .. } => (line, "code block"),
        Block::Comment => (line, "comment"),
    })
}

fn scan(text: &str) -> (Vec<Line<'_>>, Option<(usize, Block)>) {
    let mut lines = Vec::new();
    let mut open: Option<(usize, Block)> = None;
    let mut next = 0;
    for (index, raw) in text.split_inclusive('\n').enumerate() {
        let (number, mut start) = (index + 1, next);
        next += raw.len();
        let mut text = raw.strip_suffix('\n').unwrap_or(raw);
        text = text.strip_suffix('\r').unwrap_or(text);
        if let Some(rest) = text.strip_prefix(super::BOM).filter(|_| index == 0) {
            start += super::BOM.len();
            text = rest;
        }
        if let Some((_, block)) = open
            && left(block, text)
        {
            open = None;
        }
        let (inside, still) = match open {
            Some((since, block)) => (
                inside(block),
                (!closes(block, text)).then_some((since, block)),
            ),
            None => match opens(text) {
                Some(block @ Block::Comment) => (
                    Inside::Comment,
                    (!closes(block, text)).then_some((number, block)),
                ),
                Some(block) => (Inside::Code, Some((number, block))),
                None => (Inside::Text, None),
            },
        };
        open = still;
        lines.push(Line {
            number,
            start,
            text,
            inside,
        });
    }
    // At the top level a fence may stay open to the end; in a list or quote it ends with them.
    let open = open.filter(|(_, block)| !matches!(block, Block::Fence { quoted, indent, .. } if *quoted || *indent > 0));
    (lines, open)
}

fn inside(block: Block) -> Inside {
    match block {
        Block::Fence { .. } => Inside::Code,
        Block::Comment => Inside::Comment,
    }
}

/// The block that begins on this line.
fn opens(line: &str) -> Option<Block> {
    let (rest, quoted, indent) = contents(line);
    let spaces = rest.len() - rest.trim_start_matches(' ').len();
    let rest = rest.trim_start_matches(' ');
    if spaces > 3 {
        return None;
    }
    if rest.starts_with("<!--") && !quoted && indent == 0 {
        return Some(Block::Comment);
    }
    let mark = rest.chars().next().filter(|mark| "`~".contains(*mark))?;
    let info = rest.trim_start_matches(mark);
    let len = rest.len() - info.len();
    let is_fence = len >= 3 && !(mark == '`' && info.contains('`'));
    is_fence.then_some(Block::Fence {
        mark,
        len,
        quoted,
        indent,
    })
}

/// Whether the line ends the block.
fn closes(block: Block, line: &str) -> bool {
    match block {
        Block::Comment => line.contains("-->"),
        Block::Fence {
            mark,
            len,
            quoted,
            indent,
        } => {
            let line = if quoted || indent > 0 {
                line.trim_start_matches([' ', '>'])
            } else {
                line
            };
            let rest = line.trim_start_matches(' ');
            let info = rest.trim_start_matches(mark);
            line.len() - rest.len() < 4 && rest.len() - info.len() >= len && info.trim().is_empty()
        }
    }
}

/// Whether the quote or list item around the block is over before this line.
fn left(block: Block, line: &str) -> bool {
    let Block::Fence { quoted, indent, .. } = block else {
        return false;
    };
    let rest = line.trim_start_matches(' ');
    if quoted {
        return !rest.starts_with('>');
    }
    !rest.trim().is_empty() && line.len() - rest.len() < indent
}

/// What follows the quote and list marks of a line; whether it is quoted; the width of the marks,
/// 0 without list marks.
fn contents(line: &str) -> (&str, bool, usize) {
    let (mut rest, mut quoted, mut indent) = (line, false, 0);
    loop {
        let inner = rest.trim_start_matches(' ');
        if rest.len() - inner.len() > 3 {
            break;
        }
        let digits = inner.len() - inner.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let after = if let Some(after) = inner.strip_prefix('>') {
            quoted = true;
            rest = after.strip_prefix(' ').unwrap_or(after);
            continue;
        } else if (1..10).contains(&digits) {
            inner
                .get(digits..)
                .and_then(|after| after.strip_prefix(['.', ')']))
        } else {
            inner.strip_prefix(['-', '*', '+'])
        };
        let Some(after) = after.filter(|after| after.starts_with(' ')) else {
            break;
        };
        rest = after.trim_start_matches(' ');
        indent = line.len() - rest.len();
    }
    (rest, quoted, indent)
}
