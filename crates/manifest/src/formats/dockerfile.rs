//! Dockerfile: labels of the image, and `ARG` and `ENV` where they are named (Dockerfile reference, "Format").
//!
//! A value that the builder puts together (`${VERSION}`) is no version of its own: whoever sets the variable has it.

use std::ops::Range;

use crate::Error;
use crate::declared::{Declared, Seen, Wanted, names, one_line};

pub(super) const DECLARED: Declared = Declared {
    name: "dockerfile",
    about: "Dockerfile: labels, `ARG` and `ENV` (names: `org.opencontainers.image.version`, `org.label-schema.version`, `version`, as labels)",
    subject: "label, `ARG` or `ENV`",
    read,
};

const USUAL: [&str; 4] = [
    "org.opencontainers.image.version",
    "org.label-schema.version",
    "version",
    "Version",
];

fn read(text: &str, wanted: &Wanted) -> Result<Vec<Seen>, Error> {
    let names = names(wanted, &USUAL);
    let mut seen = Vec::new();
    for instruction in instructions(text)? {
        let labels_only = wanted.names.is_empty();
        let keyword = instruction.keyword(text).to_ascii_uppercase();
        if keyword == "LABEL" || !labels_only && matches!(keyword.as_str(), "ARG" | "ENV") {
            pairs(text, &instruction, &keyword, &names, &mut seen);
        }
    }
    Ok(seen)
}

/// An instruction: the parts of its lines, without what continues them and the comments between.
struct Instruction {
    parts: Vec<Range<usize>>,
    escape: char,
}

impl Instruction {
    fn keyword<'t>(&self, text: &'t str) -> &'t str {
        let first = self.parts.first().map_or("", |part| &text[part.clone()]);
        first.split_whitespace().next().unwrap_or_default()
    }

    /// All characters, each with its offset.
    fn characters(&self, text: &str) -> Vec<(usize, char)> {
        let part = |part: &Range<usize>| {
            let start = part.start;
            text[part.clone()]
                .char_indices()
                .map(move |(at, character)| (start + at, character))
                .collect::<Vec<_>>()
        };
        self.parts.iter().flat_map(part).collect()
    }
}

/// The lines of a text, each without its line end, and where the next begins.
fn lines(text: &str, start: usize) -> Vec<Range<usize>> {
    let mut at = start;
    let line = |line: &str| {
        let begin = at;
        at += line.len();
        begin..begin + line.trim_end_matches('\n').trim_end_matches('\r').len()
    };
    text[start..].split_inclusive('\n').map(line).collect()
}

fn instructions(text: &str) -> Result<Vec<Instruction>, Error> {
    let lines = lines(text, text.len() - text.trim_start_matches('\u{feff}').len());
    let escape = escape(text, &lines);
    let mut found = Vec::new();
    let mut rest = lines.into_iter();
    while let Some(line) = rest.next() {
        if is_nothing(&text[line.clone()]) {
            continue;
        }
        let mut parts = Vec::new();
        let mut next = Some(line);
        while let Some(line) = next.take() {
            if !parts.is_empty() && is_nothing(&text[line.clone()]) {
                next = rest.next();
                continue;
            }
            let written = &text[line.clone()];
            match written.trim_end_matches([' ', '\t']).strip_suffix(escape) {
                Some(before) => {
                    parts.push(line.start..line.start + before.len());
                    next = rest.next();
                }
                None => parts.push(line),
            }
        }
        let instruction = Instruction { parts, escape };
        for word in heredocs(text, &instruction) {
            let end = rest.find(|line| word.ends(&text[line.clone()]));
            if end.is_none() {
                let message = format!("the heredoc `{}` has no end", one_line(&word.name));
                return Err(Error::at(text, word.at, message)
                    .help("write its word alone on a line where it ends"));
            }
        }
        found.push(instruction);
    }
    Ok(found)
}

/// A comment or an empty line: it neither begins an instruction nor ends one that is continued.
fn is_nothing(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with('#')
}

/// The character that continues a line: `# escape=` in the directives, which stand before everything else.
fn escape(text: &str, lines: &[Range<usize>]) -> char {
    for line in lines {
        let directive = text[line.clone()].trim().strip_prefix('#');
        let Some((name, value)) = directive.and_then(|line| line.split_once('=')) else {
            break;
        };
        let name = name.trim();
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            break;
        }
        if name.eq_ignore_ascii_case("escape") && value.trim() == "`" {
            return '`';
        }
    }
    '\\'
}

struct Heredoc {
    name: String,
    tabs: bool,
    at: usize,
}

impl Heredoc {
    fn ends(&self, line: &str) -> bool {
        let line = if self.tabs {
            line.trim_start_matches('\t')
        } else {
            line
        };
        line == self.name
    }
}

/// The heredocs that an instruction opens: words `<<EOF`, `<<-"EOF"`, `3<<EOF`.
fn heredocs(text: &str, instruction: &Instruction) -> Vec<Heredoc> {
    let keyword = instruction.keyword(text).to_ascii_uppercase();
    if !matches!(keyword.as_str(), "RUN" | "COPY" | "ADD" | "ONBUILD") {
        return Vec::new();
    }
    let mut found = Vec::new();
    for word in words(&instruction.characters(text), instruction.escape) {
        let written: String = word.iter().map(|(_, character)| character).collect();
        let digits = written.trim_start_matches(|first: char| first.is_ascii_digit());
        let Some(name) = digits.strip_prefix("<<") else {
            continue;
        };
        let (tabs, name) = match name.strip_prefix('-') {
            Some(name) => (true, name),
            None => (false, name),
        };
        let name = name.replace(['"', '\''], "");
        if !name.is_empty() && !name.contains('<') {
            let at = word.first().map_or(0, |(at, _)| *at);
            found.push(Heredoc { name, tabs, at });
        }
    }
    found
}

/// Words as the builder parts them: at white space outside of quotes, none that is escaped.
fn words(characters: &[(usize, char)], escape: char) -> Vec<&[(usize, char)]> {
    let mut words = Vec::new();
    let (mut start, mut quote, mut escaped) = (None, None, false);
    for (index, &(_, character)) in characters.iter().enumerate() {
        if escaped {
            escaped = false;
            continue;
        }
        if quote.is_none() && character.is_whitespace() {
            if let Some(start) = start.take() {
                words.push(&characters[start..index]);
            }
            continue;
        }
        start = start.or(Some(index));
        if character == escape && quote != Some('\'') {
            escaped = true;
        } else if quote == Some(character) {
            quote = None;
        } else if quote.is_none() && matches!(character, '"' | '\'') {
            quote = Some(character);
        }
    }
    if let Some(start) = start {
        words.push(&characters[start..]);
    }
    words
}

/// The named pairs of one instruction. `LABEL key value` and `ENV key value` are the older form, of one pair.
fn pairs(
    text: &str,
    instruction: &Instruction,
    keyword: &str,
    names: &[&str],
    seen: &mut Vec<Seen>,
) {
    let characters = instruction.characters(text);
    let words = words(&characters, instruction.escape);
    let Some((_, words)) = words.split_first() else {
        return;
    };
    let has_sign = |word: &[(usize, char)]| word.iter().any(|&(_, character)| character == '=');
    if keyword != "ARG" && words.first().is_some_and(|word| !has_sign(word)) {
        if let [name, .., last] = words {
            let from = words[1].first().map_or(0, |(at, _)| *at);
            let value: Vec<(usize, char)> = characters
                .iter()
                .copied()
                .filter(|&(at, _)| at >= from && last.last().is_some_and(|end| at <= end.0))
                .collect();
            pair(text, instruction, keyword, name, &value, names, seen);
        }
        return;
    }
    for word in words {
        let sign = word.iter().position(|&(_, character)| character == '=');
        match sign {
            Some(sign) => {
                let (name, value) = (&word[..sign], &word[sign + 1..]);
                pair(text, instruction, keyword, name, value, names, seen);
            }
            None => {
                if let Some(what) = asked(keyword, word, names) {
                    let at = word.first().map_or(0, |(at, _)| *at);
                    seen.push(Seen::left(at..at, what, "it has no default"));
                }
            }
        }
    }
}

/// The path of a name that was asked for.
fn asked(keyword: &str, name: &[(usize, char)], names: &[&str]) -> Option<String> {
    let name: String = name.iter().map(|(_, character)| character).collect();
    let name = name.trim_matches(['"', '\'']);
    let asked = names.contains(&name);
    asked.then(|| format!("{keyword} {name}"))
}

fn pair(
    text: &str,
    instruction: &Instruction,
    keyword: &str,
    name: &[(usize, char)],
    value: &[(usize, char)],
    names: &[&str],
    seen: &mut Vec<Seen>,
) {
    let Some(what) = asked(keyword, name, names) else {
        return;
    };
    let (Some(&(start, first)), Some(&(last_at, last))) = (value.first(), value.last()) else {
        let at = name.last().map_or(0, |(at, _)| at + 1);
        seen.push(Seen::left(at..at, what, "it is empty"));
        return;
    };
    let span = start..last_at + last.len_utf8();
    let written = &text[span.clone()];
    let quoted = value.len() > 1 && first == last && matches!(first, '"' | '\'');
    let inner = if quoted {
        start + 1..last_at
    } else {
        span.clone()
    };
    let inside = &text[inner.clone()];
    let length: usize = value
        .iter()
        .map(|(_, character)| character.len_utf8())
        .sum();
    let why = if length != written.len() {
        "it is broken over several lines".to_owned()
    } else if inside.contains('$') {
        format!("it is `{}`", one_line(written))
    } else if inside.contains(['"', '\'', instruction.escape]) {
        "it is written in pieces, or with escapes".to_owned()
    } else {
        seen.push(Seen::text(text, inner, what));
        return;
    };
    seen.push(Seen::left(span, what, why));
}
