//! The one error of this crate: a message, the place in the text where there is one, and what to do next.

use std::fmt;

use crate::edit::Locator;

/// Why a text could not be read or edited. `Display` gives the place and the message;
/// the help stands apart because the caller renders it on a line of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    pub message: String,
    /// From 1.
    pub line: Option<usize>,
    /// From 1, in characters; a byte order mark does not count.
    pub column: Option<usize>,
    pub help: Option<String>,
}

impl Error {
    pub(crate) fn new(message: impl Into<String>) -> Error {
        Error {
            message: message.into(),
            line: None,
            column: None,
            help: None,
        }
    }

    /// An error at a byte offset of a text.
    pub(crate) fn at(text: &str, offset: usize, message: impl Into<String>) -> Error {
        let (line, column) = Locator::new(text).at(offset);
        Error {
            message: message.into(),
            line: Some(line),
            column: Some(column),
            help: None,
        }
    }

    /// Says what to do where a text cannot be read because a merge left its markers in it.
    pub(crate) fn conflict(self, text: &str, offset: usize) -> Error {
        let lines = text.split_inclusive('\n');
        let mut end = 0;
        let line = lines.into_iter().find(|line| {
            end += line.len();
            end > offset
        });
        let marks = ["<<<<<<<", "=======", ">>>>>>>"];
        if line.is_some_and(|line| marks.iter().any(|mark| line.starts_with(mark))) {
            self.help("these are the markers of a merge conflict: resolve it first")
        } else {
            self
        }
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Error {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, self.column) {
            (Some(line), Some(column)) => {
                write!(f, "line {line}, column {column}: {}", self.message)
            }
            _ => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for Error {}
