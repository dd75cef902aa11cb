//! Markdown as GitHub reads it: the one set of options, and where an offset is.

use pulldown_cmark::{Options, Parser};

/// CommonMark with what GitHub adds to it. Front matter is no heading with a line below it.
pub(crate) fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_GFM
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS
}

/// A parser of a text without its byte order mark, see [`body`].
pub(crate) fn parser(text: &str) -> Parser<'_> {
    Parser::new_ext(text, options())
}

/// The text without the mark that some editors put before it, which would hide a heading on the first line.
pub(crate) fn body(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// Where the lines of a text begin.
pub(crate) struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    pub(crate) fn of(text: &'t str) -> Lines<'t> {
        // Not byte by byte, which a debug build would be slow at.
        let ends = text.match_indices('\n');
        let starts = std::iter::once(0)
            .chain(ends.map(|(at, _)| at + 1))
            .collect();
        Lines { text, starts }
    }

    /// The line of an offset, from 1.
    pub(crate) fn line(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset)
    }

    /// Line and column of an offset, from 1, in characters.
    pub(crate) fn place(&self, offset: usize) -> (usize, usize) {
        let line = self.line(offset);
        let start = self.starts[line - 1];
        let before = self.text.get(start..offset).unwrap_or_default();
        (line, before.chars().count() + 1)
    }
}
