//! Versions that stand behind a name which a person gives: a Terraform variable, a label of an image, a constant of a source.
//!
//! A format of this kind says where the names stand in its grammar and which span is the version; everything that they
//! have in common is here: how often there must be one, what follows, and what stays and is told.

use std::ops::Range;

use semver::Version;

use crate::edit::{Locator, Sighting, Spot, apply, found};
use crate::formats::DECLARED;
use crate::{Edited, Error, Found};

/// A kind of text that carries the version behind names.
#[derive(Debug)]
pub struct Declared {
    /// The name of its source file in `formats/`.
    pub name: &'static str,
    /// One line for help and docs.
    pub about: &'static str,
    /// What a name names, for messages: `variable or local value`.
    pub subject: &'static str,
    /// Every place that one of the names has, in any order.
    pub(crate) read: fn(&str, &Wanted) -> Result<Vec<Seen>, Error>,
}

/// What a person asked for in one file.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The path of the file: the languages of source constants are told apart by its extension.
    pub path: &'a str,
    /// The names that carry the version; none = the usual ones of the format.
    pub names: &'a [String],
    /// The least number of places that follow the version.
    pub min: usize,
    /// The greatest; `None` = no limit.
    pub max: Option<usize>,
}

/// What a text says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reading {
    /// The versions that are written in full, each as it is written (without a leading `v`).
    pub found: Vec<Found>,
    /// Those that are written with fewer numbers on purpose, such as the `1` of `owner/action@v1`: they follow too.
    pub short: Vec<Found>,
    /// What has one of the names and no version of its own: it stays.
    pub left: Vec<Left>,
}

/// A place that stays, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// The path of the value, as in [`Found::what`].
    pub what: String,
    /// What stands there, on one line.
    pub written: String,
    /// A reason that continues "it stays: ".
    pub why: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters; a byte order mark does not count.
    pub column: usize,
}

/// The format of a name in [`DECLARED`].
#[must_use]
pub fn declared(name: &str) -> Option<&'static Declared> {
    DECLARED.iter().find(|format| format.name == name)
}

/// What the names say in a text.
///
/// # Errors
/// When the text is not of this format, or the names are found less or more often than they should be.
pub fn find(text: &str, format: &Declared, wanted: &Wanted) -> Result<Reading, Error> {
    let seen = seen(text, format, wanted)?;
    let mut reading = Reading::default();
    let (mut full, mut short) = (Vec::new(), Vec::new());
    let mut locator = Locator::new(text);
    for Seen { span, what, kind } in seen {
        let sighting = |what| Sighting {
            offset: span.start,
            what,
            version: text[span.clone()].to_owned(),
        };
        match kind {
            Kind::Version => full.push(sighting(what)),
            Kind::Short(_) => short.push(sighting(what)),
            Kind::Left(why) => {
                let (line, column) = locator.at(span.start);
                reading.left.push(Left {
                    what,
                    written: one_line(&text[span]),
                    why,
                    line,
                    column,
                });
            }
        }
    }
    reading.found = found(text, full);
    reading.short = found(text, short);
    Ok(reading)
}

/// Sets them all.
///
/// # Errors
/// As [`find`], and when the new version would not be found again at the same places.
pub fn set(
    text: &str,
    format: &Declared,
    wanted: &Wanted,
    version: &Version,
) -> Result<Edited, Error> {
    let before = seen(text, format, wanted)?;
    let mut follows = 0;
    let mut spots = Vec::new();
    for Seen { span, what, kind } in before {
        let new = match kind {
            Kind::Version => version.to_string(),
            Kind::Short(numbers) => shortened(version, numbers),
            Kind::Left(_) => continue,
        };
        follows += 1;
        spots.push(Spot { span, what, new });
    }
    let edited = apply(text, spots);
    let after = find(&edited.text, format, wanted)?;
    let wrong = after
        .found
        .iter()
        .find(|found| found.version != version.to_string());
    if let Some(wrong) = wrong {
        let message = format!(
            "with {version} in its place, {} reads as `{}`",
            wrong.what, wrong.version
        );
        return Err(Error {
            line: Some(wrong.line),
            column: Some(wrong.column),
            ..Error::new(message)
        });
    }
    let again = after.found.len() + after.short.len();
    if again != follows {
        return Err(Error::new(format!(
            "with {version} in its place, the version is found {}, not {}",
            times(again),
            times(follows)
        )));
    }
    Ok(edited)
}

/// One place that a format saw.
#[derive(Debug)]
pub(crate) struct Seen {
    /// The bytes of the version, without quotes and a leading `v`; of what stays, all of the value.
    pub(crate) span: Range<usize>,
    pub(crate) what: String,
    pub(crate) kind: Kind,
}

#[derive(Debug)]
pub(crate) enum Kind {
    Version,
    /// So many numbers in front, as in `v1` and `v1.2`; a pre-release is written in full, for no number takes it.
    Short(usize),
    /// It stays, for this reason.
    Left(String),
}

impl Seen {
    /// A value that is a text without anything in it to be resolved. A leading `v` belongs to the text around the version.
    pub(crate) fn text(text: &str, span: Range<usize>, what: String) -> Seen {
        let value = &text[span.clone()];
        let bare = value.strip_prefix(['v', 'V']).unwrap_or(value);
        if !looks_like_version(bare) {
            let why = match value {
                "" => "it is empty".to_owned(),
                _ => format!("`{}` is no version", one_line(value)),
            };
            return Seen::left(span, what, why);
        }
        Seen {
            span: span.end - bare.len()..span.end,
            what,
            kind: Kind::Version,
        }
    }

    pub(crate) fn left(span: Range<usize>, what: String, why: impl Into<String>) -> Seen {
        Seen {
            span,
            what,
            kind: Kind::Left(why.into()),
        }
    }
}

/// Whether a person meant a version: `1.0.0`, and also `1.0`, `01.2.3` and `1.0.0.dev1`, which a check can then show.
fn looks_like_version(text: &str) -> bool {
    let part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'+' | b'_');
    text.starts_with(|first: char| first.is_ascii_digit()) && text.bytes().all(part)
}

/// The names that were asked for, or else the usual ones.
pub(crate) fn names<'a>(wanted: &Wanted<'a>, usual: &[&'a str]) -> Vec<&'a str> {
    if wanted.names.is_empty() {
        return usual.to_vec();
    }
    wanted.names.iter().map(String::as_str).collect()
}

fn seen(text: &str, format: &Declared, wanted: &Wanted) -> Result<Vec<Seen>, Error> {
    let mut seen = (format.read)(text, wanted)?;
    seen.sort_by_key(|seen| seen.span.start);
    // A name that is given twice, or a broken text, leads to one place twice.
    seen.dedup_by(|later, first| later.span.start < first.span.end || later.span == first.span);
    let is_left = |seen: &&Seen| matches!(seen.kind, Kind::Left(_));
    let count = seen.len() - seen.iter().filter(is_left).count();
    if count >= wanted.min && wanted.max.is_none_or(|max| count <= max) {
        return Ok(seen);
    }
    let limits = match wanted.max {
        Some(max) if max == wanted.min => format!("{max}"),
        Some(max) => format!("{} to {max}", wanted.min),
        None => format!("at least {}", wanted.min),
    };
    if count > 0 {
        let error = Error::new(format!(
            "the version is found {} and should be found {limits}",
            times(count)
        ));
        return Err(error.help("give other `names`, or change the counts"));
    }
    if let Some(Seen {
        span,
        what,
        kind: Kind::Left(why),
    }) = seen.iter().find(is_left)
    {
        let message = format!("{what} carries no version of its own: {why}");
        return Err(Error::at(text, span.start, message)
            .help("write the version there, or name another place with `names`"));
    }
    let names = match wanted.names {
        [] => "the usual names".to_owned(),
        names => format!("`{}`", names.join("`, `")),
    };
    let message = format!(
        "no {} of {names} carries a version here, and {limits} should",
        format.subject
    );
    Err(Error::new(message).help("look whether the line was rewritten, and mend it or `names`"))
}

fn shortened(version: &Version, numbers: usize) -> String {
    if !version.pre.is_empty() {
        return version.to_string();
    }
    let all = [version.major, version.minor, version.patch];
    let front: Vec<String> = all.iter().take(numbers).map(u64::to_string).collect();
    front.join(".")
}

/// So much of a value is shown.
const SHOWN: usize = 60;

/// A value for a message: its first line, cut where it is long.
pub(crate) fn one_line(text: &str) -> String {
    let line = text.trim().lines().next().unwrap_or_default();
    let short: String = line
        .chars()
        .filter(|character| !character.is_control())
        .take(SHOWN)
        .collect();
    if short.len() < text.trim().len() {
        format!("{short}…")
    } else {
        short
    }
}

fn times(count: usize) -> String {
    if count == 1 {
        "once".to_owned()
    } else {
        format!("{count} times")
    }
}
