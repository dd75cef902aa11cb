//! A new waiver as text: appended to a `release.toml`, or a later day in the waiver that is there already.
//!
//! Everything else stays byte for byte as it was, so that the diff is the waiver and nothing more.

use toml::de::{DeTable, DeValue};

use crate::error::{Problem, locate, visible};
use crate::{Config, Date, Waiver, parse_knowing};

/// Why a waiver is not recorded, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// What is wrong; lower case, one line, no full stop.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl Refused {
    fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: help.into(),
        }
    }
}

/// A text with a waiver recorded in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// All of the new text.
    pub text: String,
    /// Where the new waiver, or the changed day, stands in it; from 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// The day that a later one has replaced; `None` when the waiver was appended.
    pub before: Option<Date>,
}

impl Waiver {
    /// A waiver as a person asks for it on `today`.
    ///
    /// # Errors
    /// For a text that says nothing or cannot be shown on one line, and for a day that is none, is over, or is more than
    /// a year away.
    pub fn asked(
        gate: &str,
        reason: &str,
        owner: &str,
        until: &str,
        today: Date,
    ) -> Result<Self, Refused> {
        let reason = said(
            "reason",
            reason,
            "say why the release may go on without the gate",
        )?;
        let owner = said("owner", owner, "name who answers for it")?;
        let example = a_year_after(today);
        let until: Date = until.parse().map_err(|why| {
            let message = format!("`{}` is no day: {why}", visible(until));
            Refused::new(
                message,
                format!("write the last day of the waiver as YYYY-MM-DD, at most {example}"),
            )
        })?;
        if until < today {
            return Err(Refused::new(
                format!("{until} is over: today is {today}, and the waiver would never hold"),
                format!("name its last day, from {today} to {example}"),
            ));
        }
        if until > example {
            return Err(Refused::new(
                format!(
                    "{until} is more than a year away: a gate that is let through for so long is forgotten, not waived"
                ),
                format!(
                    "name a day up to {example} and extend it then; a gate that never has to pass stands in gates.skip"
                ),
            ));
        }
        Ok(Self {
            gate: gate.to_owned(),
            reason,
            owner,
            until,
        })
    }

    /// The same, but for the day.
    fn equals(&self, other: &Self) -> bool {
        (&self.gate, &self.reason, &self.owner) == (&other.gate, &other.reason, &other.owner)
    }
}

/// One line that says something, without white space around it.
fn said(what: &str, text: &str, help: &str) -> Result<String, Refused> {
    if let Some(found) = text.chars().find(|found| unseen(*found)) {
        let found = found.escape_unicode();
        return Err(Refused::new(
            format!("the {what} holds the character {found}, which cannot be seen"),
            format!("write the {what} as one line of plain text"),
        ));
    }
    match text.trim() {
        "" => Err(Refused::new(format!("the {what} is empty"), help)),
        text => Ok(text.to_owned()),
    }
}

/// Control characters, and those of Unicode that hide or reorder what is shown in a review of the diff.
pub(crate) fn unseen(found: char) -> bool {
    found.is_control()
        || matches!(found, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// The same day of the next year; the 29th of February has none and gives the day before.
fn a_year_after(day: Date) -> Date {
    let year = day.year().saturating_add(1);
    Date::new(year, day.month(), day.day())
        .or_else(|_| Date::new(year, day.month(), 28))
        .unwrap_or(day)
}

/// Records a waiver in the text of a `release.toml`; the empty text stands for no file. `gates` as in [`parse_knowing`].
///
/// # Errors
/// When the text holds an equal waiver that lasts as long, or cannot take one: the new text is read as a configuration
/// and must say what the old one says and the waiver, nothing else.
pub fn record(text: &str, waiver: &Waiver, gates: &[&str]) -> Result<Recorded, Refused> {
    let old = parse_knowing(text, gates).map_err(|errors| {
        Refused::new(
            format!("the configuration cannot be read as it is: {errors}"),
            "mend it first",
        )
    })?;
    let equal = old.waivers.iter().enumerate();
    let equal = equal
        .filter(|(_, other)| other.equals(waiver))
        .max_by_key(|(_, other)| other.until);
    let Some((index, other)) = equal else {
        let mut wanted = old.clone();
        wanted.waivers.push(waiver.clone());
        return append(text, waiver, &wanted, gates);
    };
    let span = until_of(text, index).ok_or_else(|| {
        Refused::new(
            format!("the place of waiver {} is not found in the text", index + 1),
            "change its `until` by hand",
        )
    })?;
    let (line, column) = place(text, span.start);
    if other.until >= waiver.until {
        return Err(Refused::new(
            format!(
                "line {line} holds this waiver already, until {}",
                other.until
            ),
            format!(
                "nothing is to be done, or name a day after {}; to end it sooner, edit line {line}",
                other.until
            ),
        ));
    }
    let (before, rest) = text.split_at(span.start);
    let (value, after) = rest.split_at(span.len());
    // With the quotes or without, as it is written.
    let (from, to) = (other.until.to_string(), waiver.until.to_string());
    let text = format!("{before}{}{after}", value.replacen(&from, &to, 1));
    let mut wanted = old.clone();
    if let Some(changed) = wanted.waivers.get_mut(index) {
        changed.until = waiver.until;
    }
    accept(
        &text,
        &wanted,
        gates,
        &format!("change `until` in line {line} by hand"),
    )?;
    Ok(Recorded {
        text,
        line,
        column,
        before: Some(other.until),
    })
}

fn append(
    text: &str,
    waiver: &Waiver,
    wanted: &Config,
    gates: &[&str],
) -> Result<Recorded, Refused> {
    let first = text.find('\n').map(|end| &text[..end]);
    let eol = match first.is_some_and(|line| line.ends_with('\r')) {
        true => "\r\n",
        false => "\n",
    };
    let mut new = text.to_owned();
    let bare = text.trim_start_matches('\u{feff}');
    if !bare.is_empty() && !bare.ends_with('\n') {
        new.push_str(eol);
    }
    // One empty line before it, whatever stands there.
    let last = bare
        .strip_suffix('\n')
        .map(|text| text.strip_suffix('\r').unwrap_or(text));
    if !bare.is_empty() && !last.is_some_and(|text| text.is_empty() || text.ends_with('\n')) {
        new.push_str(eol);
    }
    let (line, column) = (new.matches('\n').count() + 1, 1);
    for row in [
        "[[waiver]]".to_owned(),
        format!("gate = {}", quoted(&waiver.gate)),
        format!("reason = {}", quoted(&waiver.reason)),
        format!("owner = {}", quoted(&waiver.owner)),
        format!("until = {}", waiver.until),
    ] {
        new.push_str(&row);
        new.push_str(eol);
    }
    accept(
        &new,
        wanted,
        gates,
        "write the waivers that are there as [[waiver]] tables, not as a list in one line, and try again",
    )?;
    Ok(Recorded {
        text: new,
        line,
        column,
        before: None,
    })
}

/// The new text says what it should, or it is not written.
fn accept(text: &str, wanted: &Config, gates: &[&str], help: &str) -> Result<(), Refused> {
    match parse_knowing(text, gates) {
        Ok(config) if config == *wanted => Ok(()),
        Ok(_) => Err(Refused::new(
            "with the waiver the configuration would say something else besides",
            help,
        )),
        Err(errors) => Err(Refused::new(
            format!("with the waiver the configuration could not be read: {errors}"),
            help,
        )),
    }
}

/// A basic string; what must be escaped in one besides these two is refused before.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn until_of(text: &str, index: usize) -> Option<std::ops::Range<usize>> {
    let (tree, _) = DeTable::parse_recoverable(text);
    let DeValue::Array(waivers) = tree.get_ref().get("waiver")?.get_ref() else {
        return None;
    };
    let DeValue::Table(waiver) = waivers.get(index)?.get_ref() else {
        return None;
    };
    let span = waiver.get("until")?.span();
    text.get(span.clone()).map(|_| span)
}

fn place(text: &str, offset: usize) -> (usize, usize) {
    let errors = locate(text, vec![Problem::new(offset, "")]);
    errors
        .0
        .first()
        .map_or((1, 1), |error| (error.line, error.column))
}
