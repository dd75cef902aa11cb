//! The words of HCL, the language of Terraform's files, each with its place (HCL native syntax specification, "Lexical elements").
//!
//! Broken texts are read on as far as they go and the first flaw is told beside them: an edit refuses them, while a look
//! at the outline can make do with what is there.

use std::ops::Range;

use crate::Error;

/// One word of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub kind: TokenKind,
    /// In bytes; of a text in quotes the part between them.
    pub span: Range<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// A name or a number.
    Word,
    /// A text in quotes: what it says is what is written.
    Text,
    /// A text that says something else than what is written: templates, escapes, heredocs.
    Template,
    Sign(char),
    /// The end of a line.
    Line,
}

/// A text in words.
#[derive(Debug, Default)]
pub struct Tokens {
    pub list: Vec<Token>,
    /// The first place where the text is not HCL.
    pub flaw: Option<Error>,
}

/// Deeper than anybody writes; beyond it the rest of the text is passed over.
pub const DEEPEST: usize = 64;

/// The words of a text. Comments and white space are none; a byte order mark is passed over.
#[must_use]
pub fn tokens(text: &str) -> Tokens {
    let mut reader = Reader {
        text,
        at: text.len() - text.trim_start_matches('\u{feff}').len(),
        flaw: None,
    };
    let mut list = Vec::new();
    while let Some(token) = reader.next() {
        list.push(token);
    }
    Tokens {
        list,
        flaw: reader.flaw,
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    flaw: Option<Error>,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    /// Passes over all up to the first of these characters, or to the end of the text.
    fn until(&mut self, stop: impl Fn(char) -> bool) {
        self.at += self.rest().find(stop).unwrap_or(self.rest().len());
    }

    fn wrong(&mut self, at: usize, message: &str) {
        if self.flaw.is_none() {
            self.flaw = Some(Error::at(self.text, at, message));
        }
    }

    fn next(&mut self) -> Option<Token> {
        loop {
            let first = self.rest().chars().next()?;
            let start = self.at;
            let kind = if first == '\n' {
                self.at += 1;
                TokenKind::Line
            } else if first.is_whitespace() {
                self.at += first.len_utf8();
                continue;
            } else if first == '#' || self.rest().starts_with("//") {
                self.until(|found| found == '\n');
                continue;
            } else if self.rest().starts_with("/*") {
                self.comment();
                continue;
            } else if first == '"' {
                return Some(self.quoted());
            } else if self.rest().starts_with("<<") {
                self.heredoc();
                TokenKind::Template
            } else if first.is_alphanumeric() || first == '_' {
                self.until(|found| !(found.is_alphanumeric() || found == '_' || found == '-'));
                TokenKind::Word
            } else {
                self.at += first.len_utf8();
                TokenKind::Sign(first)
            };
            return Some(Token {
                kind,
                span: start..self.at,
            });
        }
    }

    fn comment(&mut self) {
        let start = self.at;
        match self.rest()[2..].find("*/") {
            Some(end) => self.at += end + 4,
            None => {
                self.wrong(start, "this comment has no end");
                self.at = self.text.len();
            }
        }
    }

    fn quoted(&mut self) -> Token {
        let start = self.at;
        self.at += 1;
        let plain = self.string(start, 0);
        let kind = if plain {
            TokenKind::Text
        } else {
            TokenKind::Template
        };
        let closed = self.text[start + 1..self.at].ends_with('"');
        let end = if closed { self.at - 1 } else { self.at };
        Token {
            kind,
            span: start + 1..end,
        }
    }

    /// After the opening quote, up to and with the closing one. Says whether what is written is what it means.
    fn string(&mut self, start: usize, depth: usize) -> bool {
        let mut plain = true;
        while let Some(first) = self.rest().chars().next() {
            let rest = self.rest();
            if first == '"' {
                self.at += 1;
                return plain;
            }
            if rest.starts_with("$${") || rest.starts_with("%%{") {
                self.at += 3;
                plain = false;
            } else if rest.starts_with("${") || rest.starts_with("%{") {
                self.at += 2;
                plain = false;
                if !self.template(depth + 1) {
                    return false;
                }
            } else if first == '\\' {
                let next = rest.chars().nth(1).map_or(0, char::len_utf8);
                self.at += 1 + next;
                plain = false;
            } else {
                if first == '\n' {
                    self.wrong(start, "this text does not end on its line");
                }
                self.at += first.len_utf8();
            }
        }
        self.wrong(start, "this text has no end");
        false
    }

    /// After `${`, up to and with its `}`.
    fn template(&mut self, depth: usize) -> bool {
        let start = self.at - 2;
        if depth > DEEPEST {
            self.wrong(start, "templates are nested too deep here");
            self.at = self.text.len();
            return false;
        }
        let mut open = 1;
        while let Some(first) = self.rest().chars().next() {
            let at = self.at;
            if self.rest().starts_with("/*") {
                self.comment();
                continue;
            }
            self.at += first.len_utf8();
            match first {
                '"' => {
                    self.string(at, depth);
                }
                '{' => open += 1,
                '}' => {
                    open -= 1;
                    if open == 0 {
                        return true;
                    }
                }
                _ => {}
            }
        }
        self.wrong(start, "this template has no end");
        false
    }

    /// `<<EOT`, `<<-EOT` and the lines up to one that holds `EOT` alone; the end of that line is left.
    fn heredoc(&mut self) {
        let start = self.at;
        self.at += 2;
        let name_at = self.at;
        self.until(|found| found == '\n');
        let text = self.text;
        let name = text[name_at..self.at].trim_start_matches('-').trim();
        while !self.rest().is_empty() {
            self.at += 1;
            let line = self.at;
            self.until(|found| found == '\n');
            if text[line..self.at].trim() == name {
                return;
            }
        }
        self.wrong(
            start,
            "this heredoc has no end: no line holds its word alone",
        );
    }
}
