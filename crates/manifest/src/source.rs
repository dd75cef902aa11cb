//! The words of source files in four languages, as far as finding a constant needs them: what is a comment, what is a
//! text, and what is neither. Compilers judge sources; here a text without an end is the only flaw.

mod lexer;

use std::ops::Range;

pub(crate) use lexer::tokens;

/// A language, told by the extension of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    Go,
    Python,
    Rust,
    /// JavaScript and TypeScript.
    Script,
}

impl Language {
    pub(crate) fn of(path: &str) -> Option<Language> {
        let name = path.rsplit('/').next().unwrap_or(path);
        let (_, extension) = name.rsplit_once('.')?;
        Some(match extension {
            "go" => Language::Go,
            "py" | "pyi" => Language::Python,
            "rs" => Language::Rust,
            "js" | "mjs" | "cjs" | "jsx" | "ts" | "mts" | "cts" | "tsx" => Language::Script,
            _ => return None,
        })
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    /// In bytes; of a text the part between the quotes.
    pub(crate) span: Range<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// A name or a number.
    Word,
    /// A text that says what is written.
    Text,
    /// A text that says something else: bytes, escapes, templates, several lines.
    Opaque,
    Sign(char),
    Line,
}
