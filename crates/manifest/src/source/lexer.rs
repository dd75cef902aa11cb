//! One reader for the four languages: they share the forms of words, and differ in comments and texts.

use super::{Language, Token, TokenKind};
use crate::Error;

/// Texts in texts, deeper than anybody writes.
const DEEPEST: usize = 64;

/// The words of a source. Comments and white space are none; a byte order mark is passed over.
///
/// # Errors
/// Where a comment or a text has no end.
pub(crate) fn tokens(text: &str, language: Language) -> Result<Vec<Token>, Error> {
    let mut lexer = Lexer {
        text,
        at: text.len() - text.trim_start_matches('\u{feff}').len(),
        language,
        list: Vec::new(),
        depth: 0,
    };
    if lexer.rest().starts_with("#!") && language != Language::Rust {
        lexer.until_line_end();
    }
    while let Some(first) = lexer.rest().chars().next() {
        lexer.one(first)?;
    }
    Ok(lexer.list)
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    language: Language,
    list: Vec<Token>,
    /// How many texts with holes are open.
    depth: usize,
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn until_line_end(&mut self) {
        self.at += self.rest().find('\n').unwrap_or(self.rest().len());
    }

    fn push(&mut self, kind: TokenKind, start: usize, end: usize) {
        let span = start..end;
        self.list.push(Token { kind, span });
    }

    fn sign(&mut self, sign: char) {
        let start = self.at;
        self.at += sign.len_utf8();
        self.push(TokenKind::Sign(sign), start, self.at);
    }

    fn one(&mut self, first: char) -> Result<(), Error> {
        let rest = self.rest();
        let slashes = self.language != Language::Python;
        match first {
            '\n' => {
                self.at += 1;
                self.push(TokenKind::Line, self.at - 1, self.at);
            }
            // A backslash joins two lines of Python.
            '\\' if self.language == Language::Python => {
                let end = ["\\\r\n", "\\\n"]
                    .iter()
                    .find(|end| rest.starts_with(**end));
                match end {
                    Some(end) => self.at += end.len(),
                    None => self.sign(first),
                }
            }
            _ if first.is_whitespace() => self.at += first.len_utf8(),
            '#' if self.language == Language::Python => self.until_line_end(),
            '/' if slashes && rest.starts_with("//") => self.until_line_end(),
            '/' if slashes && rest.starts_with("/*") => self.comment()?,
            '/' if self.language == Language::Script && !self.after_value() => self.regex(),
            '"' | '\'' | '`' => self.quoted(first)?,
            _ if is_word(first) => self.word()?,
            _ => self.sign(first),
        }
        Ok(())
    }

    /// Comments of Rust are nested.
    fn comment(&mut self) -> Result<(), Error> {
        let start = self.at;
        let mut open = 0_usize;
        loop {
            let rest = self.rest();
            let nests = open == 0 || self.language == Language::Rust;
            if rest.starts_with("/*") && nests {
                open += 1;
                self.at += 2;
            } else if rest.starts_with("*/") {
                open -= 1;
                self.at += 2;
                if open == 0 {
                    return Ok(());
                }
            } else {
                let Some(first) = rest.chars().next() else {
                    return Err(Error::at(self.text, start, "this comment has no end"));
                };
                self.at += first.len_utf8();
            }
        }
    }

    /// A name or a number, or what stands before a quote and belongs to it: `r"…"`, `br#"…"#`, `rb'…'`.
    fn word(&mut self) -> Result<(), Error> {
        let start = self.at;
        let rest = self.rest();
        let end = rest
            .find(|found| !is_word(found))
            .unwrap_or(self.rest().len());
        let word = &rest[..end];
        let behind = &rest[end..];
        match self.language {
            Language::Rust if matches!(word, "r" | "b" | "br" | "c" | "cr") => {
                let hashes = behind.len() - behind.trim_start_matches('#').len();
                let raw = word.ends_with('r');
                if behind[hashes..].starts_with('"') && (raw || hashes == 0) {
                    self.at += end;
                    return match raw {
                        true => self.raw(word == "r", hashes),
                        false => self.escaped('"', false),
                    };
                }
                if word == "b" && behind.starts_with('\'') {
                    self.at += end;
                    return self.quoted('\'');
                }
            }
            Language::Python if behind.starts_with(['"', '\'']) && is_prefix(word) => {
                self.at += end;
                return self.python(&word.to_ascii_lowercase());
            }
            _ => {}
        }
        self.at += end;
        self.push(TokenKind::Word, start, self.at);
        Ok(())
    }

    fn quoted(&mut self, quote: char) -> Result<(), Error> {
        match (self.language, quote) {
            (Language::Rust, '\'') => {
                self.character_or_lifetime();
                Ok(())
            }
            (Language::Rust, '"') => self.escaped(quote, true),
            (Language::Python, '"' | '\'') => self.python(""),
            (Language::Go, '`') => self.raw_of_go(),
            (Language::Go, _) => self.escaped(quote, quote == '"'),
            (Language::Script, '`') => self.template(),
            (Language::Script, _) => self.escaped(quote, true),
            _ => {
                self.sign(quote);
                Ok(())
            }
        }
    }

    /// A text with backslashes, from its quote. `says`: whether it is a text at all, rather than bytes or one character.
    fn escaped(&mut self, quote: char, says: bool) -> Result<(), Error> {
        let open = self.at;
        self.at += 1;
        let mut plain = says;
        while let Some(first) = self.rest().chars().next() {
            if first == quote {
                let kind = if plain {
                    TokenKind::Text
                } else {
                    TokenKind::Opaque
                };
                self.push(kind, open + 1, self.at);
                self.at += 1;
                return Ok(());
            }
            if first == '\n' && self.language != Language::Rust {
                // An apostrophe in the text of an element (JSX) is no quote.
                if self.language == Language::Script {
                    self.at = open;
                    self.sign(quote);
                    return Ok(());
                }
                break;
            }
            plain &= first != '\\' && first != '\n';
            self.at += first.len_utf8();
            if first == '\\' {
                self.at += self.rest().chars().next().map_or(0, char::len_utf8);
            }
        }
        if self.language == Language::Script {
            self.at = open;
            self.sign(quote);
            return Ok(());
        }
        Err(self.endless(open))
    }

    fn endless(&self, open: usize) -> Error {
        Error::at(self.text, open, "this text has no end")
    }

    /// `r#"…"#`, from its hashes.
    fn raw(&mut self, says: bool, hashes: usize) -> Result<(), Error> {
        let open = self.at;
        self.at += hashes + 1;
        let end = format!("\"{}", "#".repeat(hashes));
        let Some(length) = self.rest().find(&end) else {
            return Err(self.endless(open));
        };
        self.inside(length, says);
        self.at += end.len();
        Ok(())
    }

    fn raw_of_go(&mut self) -> Result<(), Error> {
        let open = self.at;
        self.at += 1;
        let Some(length) = self.rest().find('`') else {
            return Err(self.endless(open));
        };
        self.inside(length, true);
        self.at += 1;
        Ok(())
    }

    /// The characters of a text without escapes; they are passed over.
    fn inside(&mut self, length: usize, says: bool) {
        let kind = if says && !self.rest()[..length].contains('\n') {
            TokenKind::Text
        } else {
            TokenKind::Opaque
        };
        let start = self.at;
        self.at += length;
        self.push(kind, start, self.at);
    }

    /// `'x'`, `'\n'`, or the `'a` of `&'a str`.
    fn character_or_lifetime(&mut self) {
        let mut rest = self.rest()[1..].chars();
        let (first, second) = (rest.next(), rest.next());
        self.at += 1;
        if first == Some('\\') {
            self.at += 1 + second.map_or(0, char::len_utf8);
            let end = self.rest().find(['\'', '\n']);
            self.at += end.map_or(0, |end| end + 1);
        } else if second == Some('\'') {
            self.at += first.map_or(0, char::len_utf8) + 1;
        } else {
            let end = self.rest().find(|found| !is_word(found));
            self.at += end.unwrap_or(self.rest().len());
        }
    }

    /// A text of Python, from its quotes.
    fn python(&mut self, prefix: &str) -> Result<(), Error> {
        let open = self.at;
        let rest = self.rest();
        let quote = rest.get(..1).unwrap_or("\"");
        let long = rest.starts_with(&quote.repeat(3));
        let marks = if long { 3 } else { 1 };
        let raw = prefix.contains('r');
        let formatted = prefix.contains(['f', 't']);
        let kept = self.list.len();
        let mut plain = !prefix.contains(['b', 'f', 't']);
        self.at += marks;
        let start = self.at;
        while let Some(first) = self.rest().chars().next() {
            if self.rest().starts_with(&quote.repeat(marks)) {
                let kind = if plain {
                    TokenKind::Text
                } else {
                    TokenKind::Opaque
                };
                self.list.truncate(kept);
                self.push(kind, start, self.at);
                self.at += marks;
                return Ok(());
            }
            if first == '\n' && !long {
                break;
            }
            if formatted && first == '{' {
                self.at += 1;
                if self.rest().starts_with('{') {
                    self.at += 1;
                } else {
                    self.hole_of_python(open)?;
                }
                continue;
            }
            plain &= first != '\n' && (raw || first != '\\');
            self.at += first.len_utf8();
            if first == '\\' {
                // The two characters of a line end are one.
                self.at += match self.rest() {
                    rest if rest.starts_with("\r\n") => 2,
                    // A brace is not escaped by it.
                    rest if formatted && rest.starts_with('{') => 0,
                    rest => rest.chars().next().map_or(0, char::len_utf8),
                };
            }
        }
        Err(self.endless(open))
    }

    /// After the `{` of a formatted text, up to and with its `}`: an expression, which may hold texts with the same quotes
    /// (PEP 701), and behind a colon how it is formatted, where a quote is only a character.
    fn hole_of_python(&mut self, text: usize) -> Result<(), Error> {
        self.deeper()?;
        let (mut open, mut format) = (0_usize, false);
        while let Some(first) = self.rest().chars().next() {
            match first {
                '}' if open == 0 => {
                    self.at += 1;
                    self.depth -= 1;
                    return Ok(());
                }
                '{' if format => {
                    self.at += 1;
                    self.hole_of_python(text)?;
                }
                _ if format => self.at += first.len_utf8(),
                ':' if open == 0 => {
                    format = true;
                    self.at += 1;
                }
                '(' | '[' | '{' | ')' | ']' | '}' => {
                    open = match first {
                        '(' | '[' | '{' => open + 1,
                        _ => open.saturating_sub(1),
                    };
                    self.at += 1;
                }
                _ => self.one(first)?,
            }
        }
        Err(self.endless(text))
    }

    fn deeper(&mut self) -> Result<(), Error> {
        self.depth += 1;
        if self.depth > DEEPEST {
            let message = "texts are nested too deep here";
            return Err(Error::at(self.text, self.at, message));
        }
        Ok(())
    }

    /// A template, from its back quote; what is between `${` and `}` is passed over.
    fn template(&mut self) -> Result<(), Error> {
        let open = self.at;
        let kept = self.list.len();
        self.at += 1;
        let mut plain = true;
        while let Some(first) = self.rest().chars().next() {
            if first == '`' {
                self.list.truncate(kept);
                let kind = if plain {
                    TokenKind::Text
                } else {
                    TokenKind::Opaque
                };
                self.push(kind, open + 1, self.at);
                self.at += 1;
                return Ok(());
            }
            if self.rest().starts_with("${") {
                plain = false;
                self.at += 2;
                self.hole(open)?;
                continue;
            }
            plain &= first != '\\' && first != '\n';
            self.at += first.len_utf8();
            if first == '\\' {
                self.at += self.rest().chars().next().map_or(0, char::len_utf8);
            }
        }
        Err(self.endless(open))
    }

    fn hole(&mut self, template: usize) -> Result<(), Error> {
        self.deeper()?;
        let mut open = 1_usize;
        while let Some(first) = self.rest().chars().next() {
            match first {
                '{' => open += 1,
                '}' => open -= 1,
                _ => {}
            }
            self.one(first)?;
            if open == 0 {
                self.depth -= 1;
                return Ok(());
            }
        }
        Err(self.endless(template))
    }

    /// Whether a slash divides: something with a value stands before it.
    fn after_value(&self) -> bool {
        let Some(before) = self
            .list
            .iter()
            .rev()
            .find(|token| token.kind != TokenKind::Line)
        else {
            return false;
        };
        match before.kind {
            TokenKind::Word => !matches!(
                &self.text[before.span.clone()],
                "return"
                    | "typeof"
                    | "case"
                    | "in"
                    | "of"
                    | "delete"
                    | "void"
                    | "throw"
                    | "new"
                    | "else"
                    | "do"
                    | "instanceof"
                    | "yield"
                    | "await"
            ),
            TokenKind::Text | TokenKind::Opaque => true,
            TokenKind::Sign(sign) => matches!(sign, ')' | ']' | '}'),
            TokenKind::Line => false,
        }
    }

    /// A regular expression, which ends on its line; otherwise it was a slash.
    fn regex(&mut self) {
        let start = self.at;
        let (mut escaped, mut class) = (false, false);
        for (index, character) in self.rest().char_indices().skip(1) {
            match character {
                '\n' => break,
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '[' => class = true,
                ']' => class = false,
                '/' if !class => {
                    self.at += index + 1;
                    self.push(TokenKind::Opaque, start, self.at);
                    return;
                }
                _ => {}
            }
        }
        self.sign('/');
    }
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '$')
}

fn is_prefix(word: &str) -> bool {
    word.len() <= 2 && word.bytes().all(|byte| b"rRbBuUfFtT".contains(&byte))
}
