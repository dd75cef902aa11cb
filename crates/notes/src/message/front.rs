//! The subject line.

use crate::message::Head;
use crate::rules::Table;

/// The head of a subject. One of a known type is looked for behind emoji and issue keys too; else
/// the line is taken at its word, whose type is then unknown.
pub(crate) fn head(line: &str, table: &Table<'_>) -> Option<Head> {
    let is_known = |head: &Head| table.of(&head.kind).is_some();
    let strict = strict(line);
    if strict.as_ref().is_some_and(is_known) {
        return strict;
    }
    let (keys, rest) = without_decoration(line);
    let found = lenient(rest, table).map(|head| head.with_keys(&keys));
    found.or(strict)
}

fn strict(line: &str) -> Option<Head> {
    let parsed = git_conventional::Commit::parse(line).ok()?;
    let kind = parsed.type_().as_str().to_lowercase();
    Some(Head {
        scope: parsed.scope().map(|scope| scope.as_str().to_owned()),
        breaking: parsed.breaking() || kind == "breaking",
        kind,
        description: parsed.description().to_owned(),
    })
}

impl Head {
    /// An issue key in front of the type is kept behind the text.
    pub(super) fn with_keys(mut self, keys: &[&str]) -> Self {
        for key in keys {
            if !self.description.contains(key) {
                self.description = format!("{} ({key})", self.description);
            }
        }
        self
    }
}

/// `feat (scope) !: x`, `FIX : x`, `feat!(scope): x`, `[fix] x`, with colons and brackets of any width.
fn lenient(line: &str, table: &Table<'_>) -> Option<Head> {
    let (bracketed, rest) = match line.strip_prefix(['[', '\u{3010}']) {
        Some(rest) => (true, rest),
        None => (false, line),
    };
    let end = rest
        .find(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_'))
        .unwrap_or(rest.len());
    let (kind, mut rest) = rest.split_at_checked(end)?;
    let kind = kind.to_lowercase();
    table.of(&kind)?;
    if bracketed {
        rest = rest.strip_prefix([']', '\u{3011}'])?;
    }
    let mut breaking = false;
    let mut scope = None;
    loop {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix(['!', '\u{ff01}']).filter(|_| !breaking) {
            breaking = true;
            rest = after;
        } else if let Some(after) = rest
            .strip_prefix(['(', '\u{ff08}'])
            .filter(|_| scope.is_none())
        {
            let (inside, after) = after.split_once([')', '\u{ff09}'])?;
            scope = Some(inside.trim());
            rest = after;
        } else {
            break;
        }
    }
    let description = match rest.strip_prefix([':', '\u{ff1a}']) {
        Some(rest) => rest.trim(),
        None if bracketed => rest.trim(),
        None => return None,
    };
    (!description.is_empty() && scope != Some("")).then(|| Head {
        kind,
        scope: scope.map(str::to_owned),
        breaking,
        description: description.to_owned(),
    })
}

/// What stands in front of the type: emoji, their names, issue keys, the number of a pull request.
fn without_decoration(line: &str) -> (Vec<&str>, &str) {
    let mut keys = Vec::new();
    let mut rest = line;
    loop {
        rest = rest.trim_start();
        if let Some(after) = emoji(rest) {
            rest = after;
        } else if let Some((key, after)) = issue_key(rest) {
            keys.push(key);
            rest = after.trim_start_matches([':', '-', '|', ' ']);
        } else {
            return (keys, rest);
        }
    }
}

fn emoji(text: &str) -> Option<&str> {
    let is_picture =
        |c: char| c > '\u{2010}' && !c.is_alphanumeric() && !"\u{3010}\u{ff08}".contains(c);
    let after = text.trim_start_matches(is_picture);
    if after.len() < text.len() {
        return Some(after);
    }
    let (name, after) = text.strip_prefix(':')?.split_once(':')?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || "_+-".contains(c);
    (!name.is_empty() && name.chars().all(is_name)).then_some(after)
}

/// `ABC-123`, `#123`, in brackets or not, and `Merged PR 123`.
fn issue_key(text: &str) -> Option<(&str, &str)> {
    if let Some(rest) = text.strip_prefix("Merged ") {
        let (key, after) = rest.split_once(':')?;
        let number = key.strip_prefix("PR ")?;
        return number
            .bytes()
            .all(|byte| byte.is_ascii_digit())
            .then_some((key, after));
    }
    for (open, close) in [('[', ']'), ('(', ')')] {
        if let Some((key, after)) = text
            .strip_prefix(open)
            .and_then(|text| text.split_once(close))
        {
            return is_key(key).then_some((key, after));
        }
    }
    let end = text
        .find(|c: char| c.is_whitespace() || c == ':')
        .unwrap_or(text.len());
    let (key, after) = text.split_at_checked(end)?;
    is_key(key).then_some((key, after))
}

fn is_key(text: &str) -> bool {
    let number = match text.strip_prefix(['#', '!']) {
        Some(number) => number,
        None => {
            let Some((project, number)) = text.rsplit_once('-') else {
                return false;
            };
            let is_project = project.starts_with(|c: char| c.is_ascii_uppercase())
                && project
                    .bytes()
                    .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
            if !is_project {
                return false;
            }
            number
        }
    };
    !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// A subject that is itself the announcement.
pub(super) fn bare_breaking(subject: &str) -> Option<&str> {
    [
        "BREAKING CHANGE:",
        "BREAKING-CHANGE:",
        "BREAKING CHANGES:",
        "BREAKING:",
    ]
    .iter()
    .find_map(|mark| subject.strip_prefix(mark))
    .map(str::trim)
}

pub(super) fn is_merge(subject: &str) -> bool {
    const AFTER_MERGE: [&str; 6] = [
        "branch ",
        "branches ",
        "commit ",
        "pull request ",
        "remote-tracking branch ",
        "tag ",
    ];
    match subject.strip_prefix("Merge ") {
        Some(rest) => {
            AFTER_MERGE.iter().any(|what| rest.starts_with(what))
                || rest
                    .strip_prefix('#')
                    .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        }
        None => subject.starts_with("Auto merge of #") || subject.starts_with("Merged in "),
    }
}

/// The number of a pull request that this merges, where a forge says so; `None`: no forge made it.
pub(super) fn merged_number(subject: &str, body: &str) -> Option<Option<String>> {
    let digits = |text: &str| -> String { text.chars().take_while(char::is_ascii_digit).collect() };
    for mark in ["Merge pull request #", "Merge #", "Auto merge of #"] {
        if let Some(rest) = subject.strip_prefix(mark) {
            return Some(Some(format!("#{}", digits(rest))));
        }
    }
    if let Some((_, rest)) = subject
        .strip_prefix("Merged in ")
        .and_then(|rest| rest.split_once("(pull request #"))
    {
        return Some(Some(format!("#{}", digits(rest))));
    }
    let reference = body
        .lines()
        .find_map(|line| line.trim().strip_prefix("See merge request "))?;
    let number = reference
        .rsplit_once('!')
        .map(|(_, number)| format!("!{}", digits(number)));
    is_merge(subject).then_some(number)
}

/// `chore(release): …`, `release: …`, `chore: release v1.2.3`, `v1.2.3`, `Release 1.2.3`.
pub(super) fn is_release(subject: &str, head: Option<&Head>) -> bool {
    let text = match head {
        Some(head) if head.kind == "release" => return true,
        Some(head) if head.kind != "chore" => return false,
        Some(head) => {
            let scope = head.scope.as_deref().unwrap_or_default();
            if scope.eq_ignore_ascii_case("release") {
                return true;
            }
            head.description.as_str()
        }
        None => subject,
    };
    let words: Vec<&str> = super::plain_title(text).split_whitespace().collect();
    let (last, before) = match words.as_slice() {
        [before @ .., last] => (*last, before),
        [] => return false,
    };
    let is_filler = |word: &&str| {
        let word = word.to_ascii_lowercase();
        [
            "release",
            "releases",
            "releasing",
            "version",
            "bump",
            "to",
            "prepare",
            "prepare:",
            "for",
            "the",
        ]
        .contains(&word.as_str())
    };
    is_version(last) && before.iter().all(is_filler)
}

/// `1.2.3`, `v1.2.3-rc.1`, `name@1.2.3`.
fn is_version(word: &str) -> bool {
    let word = word.trim_end_matches('.');
    let word = word.rsplit_once('@').map_or(word, |(_, version)| version);
    let word = word.strip_prefix(['v', 'V']).unwrap_or(word);
    let mut parts = word.splitn(3, '.');
    let mut number = || {
        parts
            .next()
            .is_some_and(|part| part.starts_with(|c: char| c.is_ascii_digit()))
    };
    number() && number() && number()
}
