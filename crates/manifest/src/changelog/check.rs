//! What a reader or a tool would stumble over in a changelog.

mod links;

use std::collections::BTreeMap;

use semver::Version;

use super::blocks::{Block, Kind, blocks, without_draft};
use super::date::{self, Date, When};
use super::{Found, find, scan};

/// The groups of Keep a Changelog 1.1.0.
const GROUPS: [&str; 6] = [
    "added",
    "changed",
    "deprecated",
    "removed",
    "fixed",
    "security",
];
/// So many of one kind are listed one by one.
const LISTED: usize = 5;

/// Something that [`check`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// From 1.
    pub line: usize,
    pub severity: Severity,
    /// What is wrong and what would be right.
    pub message: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// A habit that a tool may not share.
    Note,
    /// Probably a slip.
    Warning,
    /// A slip, or something that hides text from a reader.
    Error,
}

/// All that is found, in the order of the lines. What most of the file does is a habit and no slip: it is
/// named once, as a note. `today` (ISO 8601) is the day after which no release can be dated, where it is
/// known.
///
/// - Errors: a section that stands there twice, a date that no calendar has, a version that is not
///   `SemVer` 2.0.0 in a file of such, an older release above a newer one (by version, or by date where
///   both have one), a code block or comment that never ends.
/// - Warnings: a date in another form than the others or to come, a group that is empty or stands in a
///   section twice, a reference without its definition, a definition that compares with the wrong version
///   or is of none, a draft line that cannot be read.
#[must_use]
pub fn check(text: &str, today: Option<&str>) -> Vec<Problem> {
    let found = find(text);
    let mut report = Report(Vec::new());
    twice(&found, &mut report);
    versions(&found, &mut report);
    dates(&found, today.and_then(date::iso), &mut report);
    order(&found, &mut report);
    groups(&found, &mut report);
    links::links(text, &found, &mut report);
    drafts(&found, &mut report);
    if let Some((line, what)) = scan::open_block(text) {
        report.say(
            line,
            Severity::Error,
            format!("the {what} opened here never ends, so what follows is not read; close it"),
        );
    }
    report.0.sort_by_key(|problem| problem.line);
    report.0
}

struct Report(Vec<Problem>);

impl Report {
    fn say(&mut self, line: usize, severity: Severity, message: String) {
        self.0.push(Problem {
            line,
            severity,
            message,
        });
    }

    /// The first few of one kind, and how many more there are.
    fn list(&mut self, severity: Severity, all: Vec<(usize, String)>) {
        let more = all.len().saturating_sub(LISTED);
        for (at, (line, mut message)) in all.into_iter().take(LISTED).enumerate() {
            if at + 1 == LISTED && more > 0 {
                message.push_str(&format!(" (and {more} more like it)"));
            }
            self.say(line, severity, message);
        }
    }
}

fn twice(found: &[Found<'_>], report: &mut Report) {
    let mut seen: BTreeMap<(Option<&str>, &str), usize> = BTreeMap::new();
    for Found { section, .. } in found {
        let name = section.version.unwrap_or("unreleased");
        let first = *seen.entry((section.name, name)).or_insert(section.line);
        if first != section.line {
            report.say(
                section.line,
                Severity::Error,
                format!("`{name}` has a section on line {first} already; merge the two"),
            );
        }
    }
}

/// `1.0`, `1.2.3.4`, `1.0.0rc1`: versions of another school. A zero too many is a slip anywhere.
fn is_of_another_school(version: &str) -> bool {
    let parts: Vec<&str> = version.split('.').collect();
    let digits =
        |part: &str| part.len() - part.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let is_numbered = parts.iter().all(|part| digits(part) > 0);
    let ends_in_letters = parts
        .iter()
        .rev()
        .skip(1)
        .all(|part| digits(part) == part.len());
    let has_leading_zero = parts
        .iter()
        .any(|part| part.starts_with('0') && digits(part) > 1);
    is_numbered && ends_in_letters && !has_leading_zero
}

fn versions(found: &[Found<'_>], report: &mut Report) {
    let all: Vec<(usize, &str)> = found
        .iter()
        .filter_map(|found| Some((found.section.line, found.section.version?)))
        .collect();
    let say = |text: &str| {
        Version::parse(text)
            .err()
            .map(|error| format!("`{text}` is not a SemVer version: {error}"))
    };
    let odd: Vec<(usize, &str, String)> = all
        .iter()
        .filter_map(|(line, text)| Some((*line, *text, say(text)?)))
        .collect();
    let is_schooled = odd.iter().all(|(_, text, _)| is_of_another_school(text));
    if odd.len() * 2 > all.len() && (is_schooled || odd.len() > 2) {
        // What most versions are is no slip: calendar versions, two numbers.
        if let Some((line, _, message)) = odd.first() {
            report.say(
                *line,
                Severity::Note,
                format!(
                    "{message}; {} of {} sections have such a version",
                    odd.len(),
                    all.len()
                ),
            );
        }
        return;
    }
    let (schooled, slips): (Vec<_>, Vec<_>) = odd
        .into_iter()
        .partition(|(_, text, _)| is_of_another_school(text));
    report.list(
        Severity::Warning,
        schooled
            .into_iter()
            .map(|(line, _, message)| (line, message))
            .collect(),
    );
    slips
        .into_iter()
        .for_each(|(line, _, message)| report.say(line, Severity::Error, message));
}

fn dates(found: &[Found<'_>], today: Option<Date>, report: &mut Report) {
    let all: Vec<(usize, When<'_>)> = found
        .iter()
        .map(|found| (found.section.line, found.title.when()))
        .collect();
    let loose: Vec<(usize, &str)> = all
        .iter()
        .filter_map(|(line, when)| match when {
            When::Loosely(_, shown) => Some((*line, *shown)),
            _ => None,
        })
        .collect();
    let strict = all
        .iter()
        .filter(|(_, when)| matches!(when, When::On(_)))
        .count();
    if loose.len() > strict {
        let (line, shown) = loose.first().copied().unwrap_or_default();
        let count = loose.len();
        report.say(
            line,
            Severity::Note,
            format!(
                "{count} dates have a form of their own, such as `{shown}`; ISO 8601 is 2026-11-22"
            ),
        );
    } else {
        let slips = loose.iter().map(|(line, shown)| {
            (
                *line,
                format!(
                    "`{shown}` is a date in another form than the others; write it as 2026-11-22"
                ),
            )
        });
        report.list(Severity::Warning, slips.collect());
    }
    for (line, when) in all {
        match when {
            When::Wrong(odd) => report.say(
                line,
                Severity::Error,
                format!("`{odd}` is not a date; write it as 2026-11-22"),
            ),
            When::On(date) | When::Loosely(Some(date), _)
                if today.is_some_and(|today| date > date::next(today)) =>
            {
                report.say(
                    line,
                    Severity::Warning,
                    "the date is still to come".to_owned(),
                );
            }
            _ => {}
        }
    }
}

fn day(when: When<'_>) -> Option<Date> {
    match when {
        When::On(date) | When::Loosely(Some(date), _) => Some(date),
        _ => None,
    }
}

/// Newest first, each package for itself.
fn order(found: &[Found<'_>], report: &mut Report) {
    let mut newest: BTreeMap<Option<&str>, (Version, Option<Date>)> = BTreeMap::new();
    let (mut falling, mut rising) = (0, Vec::new());
    for Found { section, title, .. } in found {
        let Some(version) = section
            .version
            .and_then(|version| Version::parse(version).ok())
        else {
            continue;
        };
        let date = day(title.when());
        if let Some((above, above_date)) = newest.get(&section.name) {
            let is_same_line = (version.major, version.minor) == (above.major, above.minor);
            let is_same_core = is_same_line && version.patch == above.patch;
            let by_date = above_date.zip(date);
            let is_older =
                by_date.is_some_and(|(above, date)| above > date || above == date && !is_same_line);
            // Without dates nobody can tell when the next major version had its first trials.
            let is_trial = by_date.is_none() && !version.pre.is_empty() && !is_same_core;
            if version > *above && !is_older && !is_trial {
                rising.push((
                    section.line,
                    format!("{version} stands below {above}; the newest release comes first"),
                ));
            } else {
                falling += 1;
            }
            if is_same_line && version < *above && by_date.is_some_and(|(above, date)| above < date)
            {
                let message = format!(
                    "{version} is dated later than {above}, which came after it; one of the two dates is wrong"
                );
                report.say(section.line, Severity::Warning, message);
            }
        }
        newest.insert(section.name, (version, date));
    }
    if let Some((line, message)) = rising
        .first()
        .filter(|_| rising.len() > 2 && rising.len() > falling)
    {
        report.say(
            *line,
            Severity::Warning,
            format!(
                "{message}; {} sections stand so, as if the oldest were meant to come first",
                rising.len()
            ),
        );
    } else {
        rising
            .into_iter()
            .for_each(|(line, message)| report.say(line, Severity::Error, message));
    }
}

fn groups(found: &[Found<'_>], report: &mut Report) {
    let (mut empty, mut double) = (Vec::new(), Vec::new());
    let mut names: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for Found { section, .. } in found {
        let all = blocks(section.text);
        let mut seen: Vec<(&[String], usize)> = Vec::new();
        for (at, block) in all.iter().enumerate().skip(1) {
            let Kind::Heading(level, path) = &block.kind else {
                continue;
            };
            let line = section.line + block.line;
            let shown = block
                .text
                .lines()
                .next()
                .unwrap_or_default()
                .trim_matches(['#', ' ']);
            let below = all.get(at + 1).map(Block::level);
            if !section.unreleased
                && below.is_none_or(|below| below.is_some_and(|below| below <= *level))
            {
                empty.push((line, format!("the group `{shown}` is empty")));
            }
            if let Some((_, first)) = seen.iter().find(|(other, _)| other == path) {
                double.push((
                    line,
                    format!(
                        "the group `{shown}` stands in this section twice, first on line {first}"
                    ),
                ));
            } else {
                seen.push((path, line));
            }
            if let [name] = path.as_slice() {
                let (count, _) = names.entry(name.clone()).or_insert((0, line));
                *count += 1;
            }
        }
    }
    report.list(Severity::Warning, empty);
    report.list(Severity::Warning, double);
    unknown(&names, report);
}

/// Only where the file has the groups of Keep a Changelog: others have names of their own.
fn unknown(names: &BTreeMap<String, (usize, usize)>, report: &mut Report) {
    let sum = |known: bool| -> usize {
        names
            .iter()
            .filter(|(name, _)| GROUPS.contains(&name.as_str()) == known)
            .map(|(_, (count, _))| count)
            .sum()
    };
    let mut others: Vec<(&String, &(usize, usize))> = names
        .iter()
        .filter(|(name, _)| !GROUPS.contains(&name.as_str()))
        .collect();
    if sum(true) <= sum(false) || others.is_empty() {
        return;
    }
    others.sort_by_key(|(_, (_, line))| *line);
    let shown: Vec<String> = others
        .iter()
        .take(LISTED)
        .map(|(name, _)| format!("`{name}`"))
        .collect();
    let more = others.len().saturating_sub(LISTED);
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    let line = others.first().map_or(1, |(_, (_, line))| *line);
    report.say(
        line,
        Severity::Note,
        format!(
            "Keep a Changelog does not know the groups {}{more}",
            shown.join(", ")
        ),
    );
}

fn drafts(found: &[Found<'_>], report: &mut Report) {
    for Found { section, .. } in found {
        let (_, notes) = without_draft(blocks(section.text));
        for note in notes {
            match note {
                Err(line) => report.say(
                    section.line + line,
                    Severity::Warning,
                    "this line names what was generated, and cannot be read any more, so the section is kept as it is; \
                     take the line out, or put it back as it was"
                        .to_owned(),
                ),
                Ok(_) => report.say(
                    section.line,
                    Severity::Note,
                    "a draft: what is generated in it is written again until the release".to_owned(),
                ),
            }
        }
    }
}
