//! How old a figure is, and by what that is known.

use std::path::Path;
use std::time::UNIX_EPOCH;

use anyhow::{Context as _, Result};

use super::Figure;
use crate::Cx;

const DAY_S: u64 = 86_400;

/// An age and its witness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Age {
    Days(u64, &'static str),
    /// Why nothing tells.
    Unknown(String),
}

/// By the date that the source records; else by its commit; else, for what was never committed and so was made here,
/// by the file. The time of a file that came with a clone says when it was cloned.
pub(crate) fn age(cx: &Cx, figure: &Figure, path: &str, full: &Path) -> Result<Age> {
    if let Some(date) = &figure.date {
        return Ok(since_date(cx, date));
    }
    let git = cx.git();
    let known = git.ask(&["ls-files", "--error-unmatch", "--", path])?;
    let changed = || -> Result<bool> {
        let said = git.text(&["status", "--porcelain", "--untracked-files=no", "--", path])?;
        Ok(!said.is_empty())
    };
    match known.code {
        Some(0) if !changed()? => {}
        Some(0 | 1) => return since_file(cx, full),
        _ => return Err(known.error()).context("ask whether git knows the source"),
    }
    if git.text(&["rev-parse", "--is-shallow-repository"])? == "true" {
        return Ok(Age::Unknown(format!(
            "{path} records no date, and the commit it came with is cut off in a shallow clone"
        )));
    }
    let time = git.text(&["log", "-1", "--format=%ct", "--", path])?;
    let time: u64 = time
        .parse()
        .with_context(|| format!("read the time of the commit of {path}: `{time}`"))?;
    Ok(since(cx, time, "its commit"))
}

fn since_file(cx: &Cx, full: &Path) -> Result<Age> {
    let time = full
        .metadata()
        .and_then(|meta| meta.modified())
        .with_context(|| format!("look at {}", full.display()))?;
    let time = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    Ok(since(
        cx,
        time.as_secs(),
        "its file, which is not committed",
    ))
}

fn since(cx: &Cx, time: u64, witness: &'static str) -> Age {
    // A file may be some moments younger than this run.
    let age = cx.world.now_s().saturating_sub(time) / DAY_S;
    match time > cx.world.now_s() + DAY_S {
        true => Age::Unknown(format!("{witness} is dated in the future")),
        false => Age::Days(age, witness),
    }
}

fn since_date(cx: &Cx, date: &str) -> Age {
    let midnight = date.parse().ok().map(days_since_1970);
    match midnight.and_then(|days| u64::try_from(days).ok()) {
        Some(days) => since(cx, days * DAY_S, "its recorded date"),
        None => Age::Unknown(format!("its recorded date {date} is before 1970")),
    }
}

/// Days of the proleptic Gregorian calendar, counted from March so that the leap day comes last.
fn days_since_1970(date: config::Date) -> i64 {
    let (year, month, day) = (
        i64::from(date.year()),
        i64::from(date.month()),
        i64::from(date.day()),
    );
    let (year, month) = match month {
        1 | 2 => (year - 1, month + 9),
        _ => (year, month - 3),
    };
    let leaps = year / 4 - year / 100 + year / 400;
    365 * year + leaps + (153 * month + 2) / 5 + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use super::days_since_1970;

    #[test]
    fn days_are_those_of_the_clock() {
        for (unix_s, date) in [
            (0, "1970-01-01"),
            (951_782_400, "2000-02-29"),
            (1_795_305_600, "2026-11-22"),
        ] {
            assert_eq!(
                days_since_1970(date.parse().unwrap()) * 86_400,
                unix_s,
                "{date}"
            );
        }
        for day in (0..40_000_i64).step_by(13) {
            let text = world::date_of(u64::try_from(day).unwrap() * 86_400).unwrap();
            assert_eq!(days_since_1970(text.parse().unwrap()), day, "{text}");
        }
    }
}
