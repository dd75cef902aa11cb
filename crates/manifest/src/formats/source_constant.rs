//! A constant of a source that holds the version: `const VERSION: &str = "1.0.0"` and its like in other languages.
//!
//! A constant in a comment or inside of a text is none, and one whose value is computed carries no version of its own.
//! Of two with one name the one that is less deep inside of blocks counts: the other is a test's, or somebody else's.

use std::collections::HashMap;
use std::ops::Range;

use crate::Error;
use crate::declared::{Declared, Kind, Seen, Wanted, names, one_line};
use crate::source::{Language, Token, TokenKind, tokens};

pub(super) const DECLARED: Declared = Declared {
    name: "source_constant",
    about: "Constants of Rust, TypeScript, JavaScript, Python and Go (names: `VERSION`, `version`, `__version__`, `Version`, as the language has it)",
    subject: "constant",
    read,
};

fn usual(language: Language) -> &'static [&'static str] {
    match language {
        Language::Go => &["Version", "version"],
        Language::Python => &["__version__", "VERSION"],
        Language::Rust => &["VERSION"],
        Language::Script => &["VERSION", "version"],
    }
}

fn read(text: &str, wanted: &Wanted) -> Result<Vec<Seen>, Error> {
    let Some(language) = Language::of(wanted.path) else {
        let name = wanted.path.rsplit('/').next().unwrap_or(wanted.path);
        let error = Error::new(format!("the language of `{name}` is not known"));
        return Err(error.help("known are .rs, .ts, .js (and their kin), .py and .go; find the version in others by a `pattern`"));
    };
    let source = Source {
        text,
        tokens: tokens(text, language)?,
        names: names(wanted, usual(language)),
    };
    let found = match language {
        Language::Go => source.go(),
        Language::Python => source.python(),
        Language::Rust => source.rust(),
        Language::Script => source.script(),
    };
    Ok(outermost(found))
}

/// A constant and how deep it stands inside of blocks.
struct Constant {
    depth: usize,
    seen: Seen,
}

/// Of those with one name only the least deep ones count.
fn outermost(found: Vec<Constant>) -> Vec<Seen> {
    let mut least: HashMap<String, usize> = HashMap::new();
    for Constant { depth, seen } in &found {
        let least = least.entry(seen.what.clone()).or_insert(*depth);
        *least = (*least).min(*depth);
    }
    let judge = |Constant { depth, mut seen }: Constant| {
        if least.get(&seen.what).is_some_and(|least| *least < depth) {
            seen.kind =
                Kind::Left("it stands inside of a block, and one outside has its name".to_owned());
        }
        seen
    };
    found.into_iter().map(judge).collect()
}

struct Source<'t> {
    text: &'t str,
    tokens: Vec<Token>,
    names: Vec<&'t str>,
}

impl<'t> Source<'t> {
    fn kind(&self, at: usize) -> Option<TokenKind> {
        self.tokens.get(at).map(|token| token.kind)
    }

    fn is(&self, at: usize, sign: char) -> bool {
        self.kind(at) == Some(TokenKind::Sign(sign))
    }

    /// The word at a place, and nothing where something else stands there.
    fn word(&self, at: usize) -> &'t str {
        match self.tokens.get(at) {
            Some(token) if token.kind == TokenKind::Word => &self.text[token.span.clone()],
            _ => "",
        }
    }

    /// Whether one of these words stands before a place.
    fn behind(&self, at: usize, words: &[&str]) -> bool {
        at.checked_sub(1)
            .is_some_and(|at| words.contains(&self.word(at)))
    }

    fn depths(&self) -> Vec<usize> {
        let mut depth = 0_usize;
        let one = |token: &Token| {
            match token.kind {
                TokenKind::Sign('{') => depth += 1,
                TokenKind::Sign('}') => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth
        };
        self.tokens.iter().map(one).collect()
    }

    /// The first place from `at` on, outside of brackets, where `stop` holds; the end of the tokens without one.
    fn until(&self, mut at: usize, stop: impl Fn(TokenKind) -> bool) -> usize {
        let mut open = 0_usize;
        while let Some(kind) = self.kind(at) {
            if open == 0 && stop(kind) {
                break;
            }
            match kind {
                TokenKind::Sign('(' | '[' | '{') => open += 1,
                TokenKind::Sign(')' | ']' | '}') if open == 0 => break,
                TokenKind::Sign(')' | ']' | '}') => open -= 1,
                _ => {}
            }
            at += 1;
        }
        at
    }

    /// The span of a range of tokens, without line ends at its ends.
    fn span(&self, range: Range<usize>) -> Range<usize> {
        let words = self.tokens.get(range).unwrap_or_default();
        let mut words = words.iter().filter(|token| token.kind != TokenKind::Line);
        let Some(first) = words.next() else {
            return 0..0;
        };
        let last = words.next_back().unwrap_or(first);
        // With their quotes, which are no part of a text.
        let (mut start, mut end) = (first.span.start, last.span.end);
        let quotes = ['"', '\'', '`'];
        if first.kind == TokenKind::Text && self.text[..start].ends_with(quotes) {
            start -= 1;
        }
        if last.kind == TokenKind::Text && self.text[end..].starts_with(quotes) {
            end += 1;
        }
        start..end
    }

    /// What a value says that stands in a range of tokens.
    fn judge(&self, name: usize, value: Range<usize>) -> Seen {
        let what = self.word(name).to_owned();
        let is_word = |token: &&Token| token.kind != TokenKind::Line;
        let tokens = self.tokens.get(value.clone()).unwrap_or_default();
        let mut words = tokens.iter().filter(is_word);
        let (first, second) = (words.next(), words.next());
        match (first, second) {
            (None, _) => Seen::left(self.tokens[name].span.clone(), what, "it has no value here"),
            (Some(only), None) if only.kind == TokenKind::Text => {
                Seen::text(self.text, only.span.clone(), what)
            }
            (Some(only), None) if only.kind == TokenKind::Opaque => Seen::left(
                only.span.clone(),
                what,
                "its text is of bytes, or has escapes, templates or several lines",
            ),
            _ => {
                let span = self.span(value);
                let why = format!("it is `{}`", one_line(&self.text[span.clone()]));
                Seen::left(span, what, why)
            }
        }
    }

    /// `const NAME: &str = "…";` and `static`, anywhere.
    fn rust(&self) -> Vec<Constant> {
        let mut found = Vec::new();
        for (at, depth) in self.depths().into_iter().enumerate() {
            let first = self.behind(at, &["const", "static"])
                || self.behind(at, &["mut"]) && at > 1 && self.behind(at - 1, &["static"]);
            if !first || !self.names.contains(&self.word(at)) || !self.is(at + 1, ':') {
                continue;
            }
            let sign = self.until(at + 2, |kind| matches!(kind, TokenKind::Sign('=' | ';')));
            let end = self.until(sign + 1, |kind| kind == TokenKind::Sign(';'));
            let value = if self.is(sign, '=') {
                sign + 1..end
            } else {
                sign..sign
            };
            found.push(Constant {
                depth,
                seen: self.judge(at, value),
            });
        }
        found
    }

    /// `const NAME = '…'`, also `let`, `var`, `static`, `readonly`, `exports.NAME`, and further names behind a comma.
    fn script(&self) -> Vec<Constant> {
        let mut found = Vec::new();
        let mut further = None;
        for (at, depth) in self.depths().into_iter().enumerate() {
            let listed = self.behind(at, &["const", "let", "var"]) || further == Some(at);
            let field = self.behind(at, &["static", "readonly"]);
            let exported = at > 1 && self.is(at - 1, '.') && self.behind(at - 1, &["exports"]);
            if !(listed || field || exported) || self.word(at).is_empty() {
                continue;
            }
            let sign = self.script_sign(at);
            let value = match sign {
                Some(sign) => self.script_value(sign + 1),
                None => at + 1..at + 1,
            };
            if listed {
                further = self.further(at, sign);
            }
            // `for (const version of …)`, and the parts of a type behind a comma, declare nothing.
            let declares = sign.is_some() || listed && self.ends_script(at + 1) || field;
            if declares && self.names.contains(&self.word(at)) {
                let seen = self.judge(at, value);
                found.push(Constant { depth, seen });
            }
        }
        found
    }

    /// The sign of equality behind a name and its type, where there is one.
    fn script_sign(&self, name: usize) -> Option<usize> {
        let mut sign = name + 1;
        if self.is(sign, '!') || self.is(sign, '?') {
            sign += 1;
        }
        if self.is(sign, ':') {
            let stop = |kind| matches!(kind, TokenKind::Sign('=' | ';' | ',') | TokenKind::Line);
            sign = self.until(sign + 1, stop);
            // The arrow of a function's type.
            while self.is(sign, '=') && self.is(sign + 1, '>') {
                sign = self.until(sign + 2, stop);
            }
        }
        let other = self.is(sign + 1, '=') || self.is(sign + 1, '>');
        (self.is(sign, '=') && !other).then_some(sign)
    }

    /// Whether a declaration without a value ends here, or goes on with a type.
    fn ends_script(&self, at: usize) -> bool {
        matches!(
            self.kind(at),
            None | Some(TokenKind::Line | TokenKind::Sign(';' | ',' | ':'))
        )
    }

    /// The name behind the comma at the end of a value.
    fn further(&self, name: usize, sign: Option<usize>) -> Option<usize> {
        let skip = |mut at: usize| {
            while self.kind(at) == Some(TokenKind::Line) {
                at += 1;
            }
            at
        };
        let start = sign.map_or(name + 1, |sign| skip(sign + 1));
        let comma = self.until(start, |kind| {
            matches!(kind, TokenKind::Sign(';' | ',') | TokenKind::Line)
        });
        self.is(comma, ',').then(|| skip(comma + 1))
    }

    /// From behind the sign of equality, without `as const` and `satisfies string`.
    fn script_value(&self, start: usize) -> Range<usize> {
        let mut first = start;
        while self.kind(first) == Some(TokenKind::Line) {
            first += 1;
        }
        let mut end = first;
        loop {
            end = self.until(end, |kind| {
                matches!(kind, TokenKind::Sign(';' | ',') | TokenKind::Line)
            });
            // A line that begins with an operator goes on with the one before.
            let mut next = end;
            while self.kind(next) == Some(TokenKind::Line) {
                next += 1;
            }
            let goes_on = matches!(
                self.kind(next),
                Some(TokenKind::Sign('+' | '.' | '?' | '[' | '|' | '&'))
            );
            if next == end || !goes_on {
                break;
            }
            end = next;
        }
        let typed = matches!(self.word(first + 1), "as" | "satisfies");
        if typed && self.kind(first) == Some(TokenKind::Text) {
            return first..first + 1;
        }
        first..end
    }

    /// `NAME = "…"` at the beginning of a line, also with a type and in a chain (`NAME = version = "…"`).
    fn python(&self) -> Vec<Constant> {
        let mut found = Vec::new();
        let mut open = 0_usize;
        let mut begins = true;
        for at in 0..self.tokens.len() {
            let was_first = std::mem::take(&mut begins);
            match self.tokens[at].kind {
                TokenKind::Sign('(' | '[' | '{') => open += 1,
                TokenKind::Sign(')' | ']' | '}') => open = open.saturating_sub(1),
                TokenKind::Line | TokenKind::Sign(';') => begins = open == 0,
                TokenKind::Word if was_first => self.python_line(at, &mut found),
                _ => {}
            }
        }
        found
    }

    fn python_line(&self, start: usize, found: &mut Vec<Constant>) {
        let ends = |kind| matches!(kind, TokenKind::Line | TokenKind::Sign(';'));
        let mut targets = Vec::new();
        let mut at = start;
        while !self.word(at).is_empty() {
            let mut sign = at + 1;
            if self.is(sign, ':') && at == start {
                sign = self.until(sign + 1, |kind| ends(kind) || kind == TokenKind::Sign('='));
                if !self.is(sign, '=') && self.names.contains(&self.word(at)) {
                    targets.push(at);
                    at = sign;
                    break;
                }
            }
            if !self.is(sign, '=') || self.is(sign + 1, '=') {
                break;
            }
            targets.push(at);
            at = sign + 1;
        }
        let value = at..self.until(at, ends);
        let named = targets
            .into_iter()
            .find(|at| self.names.contains(&self.word(*at)));
        if let Some(name) = named {
            found.push(Constant {
                depth: self.indent(self.tokens[start].span.start),
                seen: self.judge(name, value),
            });
        }
    }

    /// How far a line is indented, in characters.
    fn indent(&self, at: usize) -> usize {
        let before = &self.text[..at];
        let line = before.rsplit('\n').next().unwrap_or_default();
        line.trim_start_matches('\u{feff}').chars().count()
    }

    /// `const Name = "…"`, `var name string = "…"`, and lines of `const ( … )`.
    fn go(&self) -> Vec<Constant> {
        let depths = self.depths();
        let mut found = Vec::new();
        let mut at = 0;
        while at < self.tokens.len() {
            let word = self.word(at);
            at += 1;
            if !matches!(word, "const" | "var") {
                continue;
            }
            let depth = depths.get(at).copied().unwrap_or_default();
            if !self.is(at, '(') {
                at = self.go_line(at, depth, &mut found);
                continue;
            }
            at += 1;
            while at < self.tokens.len() && !self.is(at, ')') {
                if matches!(self.kind(at), Some(TokenKind::Line | TokenKind::Sign(';'))) {
                    at += 1;
                } else {
                    at = self.go_line(at, depth, &mut found).max(at + 1);
                }
            }
        }
        found
    }

    /// `A, B string = "…", "…"`; gives where it ends.
    fn go_line(&self, start: usize, depth: usize, found: &mut Vec<Constant>) -> usize {
        let ends = |kind| matches!(kind, TokenKind::Line | TokenKind::Sign(';'));
        let mut listed = vec![start];
        let mut at = start + 1;
        while self.is(at, ',') {
            listed.push(at + 1);
            at += 2;
        }
        let sign = self.until(at, |kind| ends(kind) || kind == TokenKind::Sign('='));
        let end = self.until(sign, ends);
        let mut value = sign;
        for name in listed {
            let first = (value + 1).min(end);
            value = self.until(first, |kind| ends(kind) || kind == TokenKind::Sign(','));
            if self.names.contains(&self.word(name)) {
                let seen = self.judge(name, first..value.max(first));
                found.push(Constant { depth, seen });
            }
        }
        end
    }
}
