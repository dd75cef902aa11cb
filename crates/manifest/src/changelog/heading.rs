//! Which headings open a section: the forms seen in changelogs, and their dates.

use semver::Version;

/// An ATX heading at the beginning of a line.
#[derive(Debug, Clone)]
pub(super) struct Heading<'a> {
    /// 1 to 6.
    pub(super) level: usize,
    /// Without the marks.
    pub(super) text: &'a str,
    /// What it releases, if it opens a section.
    pub(super) release: Option<Title<'a>>,
}

/// The heading of a section, taken apart.
#[derive(Debug, Clone, Copy)]
pub(super) struct Title<'a> {
    /// None for `[Unreleased]`.
    pub(super) version: Option<&'a str>,
    /// What follows the version: ` - 2026-11-22`, ` (2026-11-22)`, nothing.
    rest: &'a str,
}

/// Year, month, day: compares as dates do.
pub(super) type Date = (u16, u8, u8);

/// The version without a leading `v`.
pub(super) fn bare(version: &str) -> &str {
    let rest = version.strip_prefix(['v', 'V']);
    rest.filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        .unwrap_or(version)
}

pub(super) fn parse(line: &str) -> Option<Heading<'_>> {
    let after = line.trim_start_matches('#');
    let level = line.len() - after.len();
    if !(1..=6).contains(&level) || !(after.is_empty() || after.starts_with([' ', '\t'])) {
        return None;
    }
    let text = after.trim();
    // A closing run of `#` needs a space before it.
    let open = text.trim_end_matches('#');
    let text = if open.is_empty() || open.ends_with([' ', '\t']) {
        open.trim_end()
    } else {
        text
    };
    let release = title(text).filter(|title| match level {
        1 | 2 => true,
        // conventional-changelog gives patch releases level 3, where other texts have subheadings.
        3 => title.is_strict(),
        _ => false,
    });
    Some(Heading {
        level,
        text,
        release,
    })
}

fn title(text: &str) -> Option<Title<'_>> {
    let text = without_word(text);
    if let Some((name, rest)) = text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        let rest = after_link(rest);
        let title = named(name.trim(), rest);
        let plausible = title
            .version
            .is_none_or(|version| version.starts_with(|c: char| c.is_ascii_digit()));
        // Anything in brackets with a date is meant as a release, if with a slip in its version.
        return (plausible || matches!(title.date(), Some(Ok(_)))).then_some(title);
    }
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let (name, rest) = text.split_at_checked(end)?;
    let bare_name = name.strip_suffix(':').unwrap_or(name);
    let title = named(bare_name, rest);
    let plausible = title.version.is_none_or(|version| {
        version.starts_with(|c: char| c.is_ascii_digit())
            && version.contains('.')
            && version
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || ".+-_".contains(c))
    });
    let rest = rest.trim_start();
    let goes_on = rest.is_empty()
        || bare_name != name
        || rest.starts_with(['-', '\u{2013}', '\u{2014}', '(', '[', '/', ':'])
        || matches!(title.date(), Some(Ok(_)));
    (plausible && goes_on).then_some(title)
}

fn named<'a>(name: &'a str, rest: &'a str) -> Title<'a> {
    let version = (!name.eq_ignore_ascii_case("unreleased")).then(|| bare(name));
    Title { version, rest }
}

/// `Version 1.0.0`, `Release 1.0.0`.
fn without_word(text: &str) -> &str {
    let is_word =
        |word: &str| word.eq_ignore_ascii_case("version") || word.eq_ignore_ascii_case("release");
    match text.split_once(' ') {
        Some((word, rest)) if is_word(word) => rest.trim_start(),
        _ => text,
    }
}

/// Skips the destination of an inline link: `[1.0.0](https://…) - 2026-11-22`.
fn after_link(rest: &str) -> &str {
    let inner = rest.strip_prefix('(').and_then(|rest| rest.split_once(')'));
    inner.map_or(rest, |(_, rest)| rest)
}

impl<'a> Title<'a> {
    /// The date of the heading; `Err` with what stands there instead; None where nothing stands.
    pub(super) fn date(&self) -> Option<Result<Date, &'a str>> {
        let rest = self.rest.trim();
        let rest = rest.strip_suffix("[YANKED]").unwrap_or(rest);
        let odd = |c: char| c.is_whitespace() || "-\u{2013}\u{2014}/():".contains(c);
        let rest = rest.trim_matches(odd);
        (!rest.is_empty()).then(|| date(rest).ok_or(rest))
    }

    fn is_strict(&self) -> bool {
        self.version
            .is_some_and(|version| Version::parse(version).is_ok())
            && !matches!(self.date(), Some(Err(_)))
    }
}

/// ISO 8601 calendar date, `2026-11-22`.
fn date(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let mut number = |len: usize| {
        let digits = parts.next().filter(|part| part.len() == len)?;
        digits
            .bytes()
            .all(|byte| byte.is_ascii_digit())
            .then(|| digits.parse::<u16>().ok())?
    };
    let (year, month, day) = (number(4)?, number(2)?, number(2)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return None,
    };
    let valid = parts.next().is_none() && (1..=days).contains(&day);
    valid.then_some((year, u8::try_from(month).ok()?, u8::try_from(day).ok()?))
}
