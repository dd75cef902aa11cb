//! Errors with a place a person can click on: byte offsets while reading, line and column when handed out.

use std::fmt;

/// One problem of a `release.toml`, and where it stands.
///
/// `Display` is `line L, column C: message`; the caller puts the file's name before it and `help` after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// What is wrong; lower case, one line, no full stop.
    pub message: String,
    /// Line, counted from 1. Never beyond the last line of the text.
    pub line: usize,
    /// Column in characters (Unicode scalar values), counted from 1. May stand one past the end of the line.
    pub column: usize,
    /// What to do about it.
    pub help: Option<String>,
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "line {}, column {}: {}",
            self.line, self.column, self.message
        )
    }
}

impl std::error::Error for Error {}

/// All problems of one text, sorted by place; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Errors(pub Vec<Error>);

impl fmt::Display for Errors {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            let newline = if index == 0 { "" } else { "\n" };
            write!(formatter, "{newline}{error}")?;
            if let Some(help) = &error.help {
                write!(formatter, "\n  help: {help}")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for Errors {}

/// A problem while the text is still being read: the place is a byte offset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) offset: usize,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

impl Problem {
    pub(crate) fn new(offset: usize, message: impl Into<String>) -> Self {
        Self {
            offset,
            message: message.into(),
            help: None,
        }
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// A syntax error as the TOML parser words it, on one line.
    pub(crate) fn syntax(error: &toml::de::Error) -> Self {
        let message = visible(&error.message().trim().replace('\n', ", "));
        Self::new(error.span().map_or(0, |span| span.start), message)
    }
}

/// `text` for a message, which is one line: control characters as escapes, all else as it is typed.
pub(crate) fn visible(text: &str) -> String {
    let shown = text.chars().map(|found| match found.is_control() {
        true => found.escape_default().to_string(),
        false => found.to_string(),
    });
    shown.collect()
}

/// Gives every problem its line and column.
pub(crate) fn locate(text: &str, mut problems: Vec<Problem>) -> Errors {
    problems.sort_by_key(|problem| problem.offset);
    problems.dedup();
    let errors = problems.into_iter().map(
        |Problem {
             offset,
             message,
             help,
         }| {
            let (line, column) = position(text, offset);
            Error {
                message,
                line,
                column,
                help,
            }
        },
    );
    Errors(errors.collect())
}

/// Line and column of a byte offset, both from 1.
fn position(text: &str, offset: usize) -> (usize, usize) {
    let (body, offset) = match text.strip_prefix('\u{feff}') {
        // No editor counts the byte order mark as a column.
        Some(body) => (body, offset.saturating_sub('\u{feff}'.len_utf8())),
        None => (text, offset),
    };
    // The end of the text belongs to the last line which exists, not to an empty one after the final newline.
    let trimmed = body
        .strip_suffix('\n')
        .map_or(body, |body| body.strip_suffix('\r').unwrap_or(body));
    let mut offset = offset.min(trimmed.len());
    while !trimmed.is_char_boundary(offset) {
        offset -= 1;
    }
    let before = &trimmed[..offset];
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (
        before.matches('\n').count() + 1,
        before[start..].chars().count() + 1,
    )
}

#[cfg(test)]
mod tests {
    use super::position;

    #[test]
    fn columns_are_characters() {
        let text = "a = 1\nä = \"ö\" x\r\nc";
        assert_eq!(position(text, 0), (1, 1));
        assert_eq!(position(text, text.find('x').unwrap()), (2, 9));
        assert_eq!(
            position(text, text.find('ö').unwrap() + 1),
            (2, 6),
            "inside a character: its start"
        );
        assert_eq!(position(text, text.find('c').unwrap()), (3, 1));
    }

    #[test]
    fn the_end_of_the_text_is_on_its_last_line() {
        assert_eq!(position("", 0), (1, 1));
        assert_eq!(position("", 9), (1, 1));
        assert_eq!(position("a\n", 2), (1, 2));
        assert_eq!(position("a\r\n", 3), (1, 2));
        assert_eq!(position("a\nbc", 4), (2, 3));
    }

    #[test]
    fn a_byte_order_mark_is_no_column() {
        assert_eq!(position("\u{feff}ab", 4), (1, 2));
        assert_eq!(position("\u{feff}ab", 0), (1, 1));
    }
}
