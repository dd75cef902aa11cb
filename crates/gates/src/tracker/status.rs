//! Whether a line says how far something has come, and what it says.
//!
//! A word proves nothing: "complete" stands in prose, in legends and in titles. So a status is a sign, a word with
//! nothing but punctuation around it, or what follows `Status:`.

/// How far a day has come; the worse one is the lesser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Status {
    Open,
    Partial,
    Complete,
}

/// What a line says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Said {
    Nothing,
    /// It begins with `Status:`, and what follows is none, or is several.
    Unreadable,
    Status(Status),
}

const SIGNS: &[(&str, Status)] = &[
    ("✅✔☑✓🟢", Status::Complete),
    ("🟡🟠🔶🚧🔄⏳⚠◐", Status::Partial),
    ("❌✗✘⬜☐🔲🔴⭕⏸📋", Status::Open),
];

/// Longest first, for one may begin with another.
const WORDS: &[(&str, Status)] = &[
    ("partially complete", Status::Partial),
    ("partially done", Status::Partial),
    ("mostly complete", Status::Partial),
    ("nearly complete", Status::Partial),
    ("almost complete", Status::Partial),
    ("mostly done", Status::Partial),
    ("nearly done", Status::Partial),
    ("almost done", Status::Partial),
    ("in progress", Status::Partial),
    ("in-progress", Status::Partial),
    ("in review", Status::Partial),
    ("partially", Status::Partial),
    ("partial", Status::Partial),
    ("ongoing", Status::Partial),
    ("started", Status::Partial),
    ("wip", Status::Partial),
    ("not yet complete", Status::Open),
    ("not yet started", Status::Open),
    ("not yet done", Status::Open),
    ("not complete", Status::Open),
    ("not started", Status::Open),
    ("not done", Status::Open),
    ("incomplete", Status::Open),
    ("unfinished", Status::Open),
    ("pending", Status::Open),
    ("planned", Status::Open),
    ("blocked", Status::Open),
    ("skipped", Status::Open),
    ("failed", Status::Open),
    ("to do", Status::Open),
    ("to-do", Status::Open),
    ("todo", Status::Open),
    ("open", Status::Open),
    ("completed", Status::Complete),
    ("complete", Status::Complete),
    ("finished", Status::Complete),
    ("shipped", Status::Complete),
    ("done", Status::Complete),
];

/// What a line of a paragraph says. Without `Status:` it has to stand alone.
pub(crate) fn of_line(line: &str, alone: bool) -> Said {
    for part in line.split(['|', '·', '•']) {
        if let Some(rest) = after_label(part) {
            // A bar may also separate the entries of a legend.
            let whole = after_label(line).unwrap_or(rest);
            return match labelled(rest, whole) {
                Some(status) => Said::Status(status),
                None => Said::Unreadable,
            };
        }
    }
    if !alone {
        return Said::Nothing;
    }
    bare(line).map_or(Said::Nothing, Said::Status)
}

/// What the rest of a heading says, behind the days.
pub(crate) fn of_heading(title: &str) -> Option<Status> {
    match signs(title).as_slice() {
        [] => {}
        [one] => return worse(*one, parts(title).filter_map(bare)),
        _ => return None,
    }
    let mut said = parts(title).filter_map(bare);
    let first = said.next()?;
    said.all(|other| other == first).then_some(first)
}

/// The pieces of a heading, at its colons, dashes and brackets.
fn parts(title: &str) -> impl Iterator<Item = &str> {
    title
        .split([':', '–', '—', '|', '(', ')', '[', ']', '•', '·'])
        .flat_map(|part| part.split(" - "))
        .map(|part| part.trim().trim_start_matches('-'))
        .chain(boxes(title))
}

/// `[x]` and `[ ]`, which the split above takes apart.
fn boxes(title: &str) -> Option<&str> {
    ["[x]", "[X]", "[ ]", "[~]"]
        .into_iter()
        .find_map(|mark| title.find(mark))
        .and_then(|at| title.get(at..at + 3))
}

/// What follows `Status:`, `Status -`, in any case.
fn after_label(line: &str) -> Option<&str> {
    let line = line.trim_start_matches(|found: char| !found.is_alphanumeric());
    let rest = line
        .get(..6)
        .filter(|word| word.eq_ignore_ascii_case("status"))
        .and_then(|_| line.get(6..))?;
    let rest = rest.trim_start_matches(['*', '_', ' ']);
    rest.strip_prefix([':', '=', '–', '—', '-', '：'])
        .map(|rest| rest.trim_start_matches(['*', '_', ' ']))
}

/// Behind `Status:` the first word or sign counts; several that differ are a legend.
fn labelled(text: &str, whole: &str) -> Option<Status> {
    let found = signs(whole);
    if found.len() > 1 || legend(whole) {
        return None;
    }
    let rest = without_signs(text);
    let word = word(rest).map(|(status, _)| status);
    let share = share(rest);
    match found.first() {
        Some(sign) => worse(*sign, word.into_iter().chain(share)),
        None => boxed(text).or(word).or(share),
    }
}

/// Without a label: a sign, a box or a word, and nothing that goes on as a sentence.
fn bare(text: &str) -> Option<Status> {
    let text = text.trim();
    let found = signs(text);
    if found.len() > 1 || legend(text) {
        return None;
    }
    if let Some(status) = boxed(text) {
        return Some(status);
    }
    let begins = text
        .chars()
        .next()
        .is_some_and(|first| sign(first).is_some());
    let rest = without_signs(text);
    let word = word(rest)
        .filter(|(_, after)| closes(after))
        .map(|(status, _)| status);
    match found.first() {
        Some(sign) if word.is_some() || (begins && rest.is_empty()) => worse(*sign, word),
        Some(_) => None,
        None => word,
    }
}

/// The worse of what is said.
fn worse(first: Status, others: impl IntoIterator<Item = Status>) -> Option<Status> {
    others.into_iter().chain([first]).min()
}

fn sign(found: char) -> Option<Status> {
    SIGNS
        .iter()
        .find(|(signs, _)| signs.contains(found))
        .map(|(_, status)| *status)
}

/// The different statuses that the signs of a text stand for.
fn signs(text: &str) -> Vec<Status> {
    let mut found: Vec<Status> = text.chars().filter_map(sign).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// The text from its first letter or digit on, less what decorates its beginning.
fn without_signs(text: &str) -> &str {
    text.trim_start_matches(|found: char| !found.is_alphanumeric())
}

/// `[x] …`.
fn boxed(text: &str) -> Option<Status> {
    let mut chars = text.trim_start().chars();
    match (chars.next(), chars.next(), chars.next()) {
        (Some('['), Some('x' | 'X'), Some(']')) => Some(Status::Complete),
        (Some('['), Some(' '), Some(']')) => Some(Status::Open),
        (Some('['), Some('~' | '-' | '/'), Some(']')) => Some(Status::Partial),
        _ => None,
    }
}

/// The status word that a text begins with, and what follows it.
fn word(text: &str) -> Option<(Status, &str)> {
    WORDS.iter().find_map(|(word, status)| {
        let begins = text
            .get(..word.len())
            .is_some_and(|first| first.eq_ignore_ascii_case(word));
        let rest = text.get(word.len()..)?;
        let ends = !rest.starts_with(|next: char| next.is_alphanumeric() || next == '_');
        (begins && ends).then_some((*status, rest))
    })
}

/// Whether what follows a status word leaves it one: a date, a bracket, a dash, a sign; not the rest of a sentence.
fn closes(after: &str) -> bool {
    let rest = after.trim_start();
    let Some(first) = rest.chars().next() else {
        return true;
    };
    if first.is_ascii_digit() || sign(first).is_some() {
        return true;
    }
    let dash = |found| matches!(found, '-' | '–' | '—' | '(' | '[' | ':' | ',' | '/');
    if dash(first) {
        // `done-ness` is a word, `done - on Monday` is a remark.
        return after.starts_with(' ') || matches!(first, '(' | '[' | ':' | ',' | '–' | '—');
    }
    // Behind a full stop there may be a sign, and nothing else.
    matches!(first, '.' | '!' | '*' | '\u{fe0f}') && !rest.chars().any(char::is_alphanumeric)
}

/// `complete / partial / not started`.
fn legend(text: &str) -> bool {
    let lower = text.trim_start().to_ascii_lowercase();
    if lower.starts_with("legend") || lower.starts_with("key:") {
        return true;
    }
    let mut found: Vec<Status> = text
        .split(['/', '|', ',', ';'])
        .filter_map(|part| word(without_signs(part)).filter(|(_, after)| closes(after)))
        .map(|(status, _)| status)
        .collect();
    found.sort_unstable();
    found.dedup();
    found.len() > 1
}

/// `80 %`, `100% complete`.
fn share(text: &str) -> Option<Status> {
    let (number, _) = text.split_once('%')?;
    let number: f64 = number.trim().parse().ok()?;
    Some(match number {
        number if number >= 100.0 => Status::Complete,
        number if number > 0.0 => Status::Partial,
        _ => Status::Open,
    })
}
