//! The date in the heading of a release, in the forms that people give it.

/// Year, month, day: compares as dates do.
pub(super) type Date = (u16, u8, u8);

/// What the heading of a release says about its day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When<'a> {
    /// Nothing; there may be a codename.
    Unsaid,
    /// An ISO 8601 calendar date, `2026-11-22`.
    On(Date),
    /// Another form, `November 22nd, 2026`, and the day where it can only be one.
    Loosely(Option<Date>, &'a str),
    /// It is not released yet.
    Pending,
    /// It has the form of a date and no calendar has the day.
    Wrong(&'a str),
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const PENDING: [&str; 9] = [
    "unreleased",
    "tbd",
    "tba",
    "releasedate",
    "yyyy-mm-dd",
    "xxxx-xx-xx",
    "20xx-xx-xx",
    "upcoming",
    "wip",
];

/// Reads what follows the version in a heading.
pub(super) fn when(rest: &str) -> When<'_> {
    let words = || {
        rest.split(|c: char| c.is_whitespace() || "()[]{}*_`,\"".contains(c))
            .filter(|word| !word.is_empty())
    };
    if words().any(|word| PENDING.contains(&word.to_ascii_lowercase().as_str())) {
        return When::Pending;
    }
    if let Some(found) = words().find_map(numeric) {
        return found;
    }
    named(rest).unwrap_or(When::Unsaid)
}

/// `2026-11-22`, `2026.11.22`, `22/11/2026`, a time behind it.
fn numeric(word: &str) -> Option<When<'_>> {
    let word = word.trim_matches(|c: char| !c.is_ascii_digit());
    let date = word.split(['T', 't']).next().unwrap_or(word);
    let mark = date
        .chars()
        .find(|c| !c.is_ascii_digit())
        .filter(|c| "-./\u{2010}\u{2011}".contains(*c))?;
    let parts: Vec<&str> = date.split(mark).collect();
    let [one, two, three] = parts.as_slice() else {
        return None;
    };
    let number = |part: &str| {
        part.bytes()
            .all(|byte| byte.is_ascii_digit())
            .then(|| part.parse::<u16>().ok())
            .flatten()
    };
    let (a, b, c) = (number(one)?, number(two)?, number(three)?);
    match (one.len(), two.len(), three.len()) {
        (4, 2, 2) if mark == '-' => Some(calendar(a, b, c).map_or(When::Wrong(date), When::On)),
        (4, 1 | 2, 1 | 2) => {
            Some(calendar(a, b, c).map_or(When::Wrong(date), |day| When::Loosely(Some(day), date)))
        }
        // Day or month first: known only where one of the two is no month.
        (1 | 2, 1 | 2, 4) => Some(match (calendar(c, b, a), calendar(c, a, b)) {
            (None, None) => When::Wrong(date),
            (Some(day), None) | (None, Some(day)) => When::Loosely(Some(day), date),
            (Some(_), Some(_)) => When::Loosely(None, date),
        }),
        _ => None,
    }
}

/// `November 22nd, 2026`, `22 Nov 2026`, `2026 November 22`, `November 2026`.
fn named(rest: &str) -> Option<When<'_>> {
    let shown = rest.trim_matches(|c: char| !c.is_alphanumeric());
    let (mut year, mut month, mut day) = (None, None, None);
    for word in rest
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
    {
        let lower = word.to_ascii_lowercase();
        let digits = lower.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let is_ordinal =
            ["", "st", "nd", "rd", "th"].contains(&lower.get(digits.len()..).unwrap_or_default());
        if let Some(at) = MONTHS.iter().position(|name| {
            *name == lower || lower.len() >= 3 && lower.len() <= 4 && name.starts_with(&lower)
        }) {
            month = u16::try_from(at + 1).ok();
        } else if digits.len() == 4 && digits == lower {
            year = digits.parse::<u16>().ok();
        } else if (1..=2).contains(&digits.len()) && is_ordinal {
            day = digits.parse::<u16>().ok();
        }
    }
    match (year?, month?, day) {
        (year, month, Some(day)) => Some(
            calendar(year, month, day)
                .map_or(When::Wrong(shown), |date| When::Loosely(Some(date), shown)),
        ),
        _ => Some(When::Loosely(None, shown)),
    }
}

fn calendar(year: u16, month: u16, day: u16) -> Option<Date> {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return None,
    };
    let valid = (1..=days).contains(&day);
    valid.then_some((year, u8::try_from(month).ok()?, u8::try_from(day).ok()?))
}

/// The day after, by which a date of another time zone may be ahead.
pub(super) fn next((year, month, day): Date) -> Date {
    let after = calendar(year, u16::from(month), u16::from(day) + 1);
    let month_after = || calendar(year, u16::from(month) + 1, 1);
    after.or_else(month_after).unwrap_or((year + 1, 1, 1))
}

/// An ISO 8601 calendar date and nothing else.
pub(super) fn iso(text: &str) -> Option<Date> {
    match numeric(text) {
        Some(When::On(date)) if text.len() == 10 => Some(date),
        _ => None,
    }
}
