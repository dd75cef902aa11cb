//! Which headings open a section: the forms seen in changelogs.

use semver::Version;

use super::date::{When, when};

/// A heading at the beginning of a line.
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
    /// The package, where one is named: `parser 1.0.0`, `@scope/parser@1.0.0`.
    pub(super) name: Option<&'a str>,
    /// None for `[Unreleased]`.
    pub(super) version: Option<&'a str>,
    /// What follows the version: ` - 2026-11-22`, ` (2026-11-22)`, a codename, nothing.
    rest: &'a str,
    /// Where an inline link leads: `[1.0.0](https://…)`.
    pub(super) link: Option<&'a str>,
    /// How much it takes to believe it.
    pub(super) doubt: Doubt,
}

/// What else a heading of this form may be, so that the file around it decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doubt {
    None,
    /// `parser 1.0.0` is a release where releases have names, or none of the file is without.
    Named,
    /// `dev` and `TBD` are `[Unreleased]` above the first release.
    OnTop,
}

/// The version without a leading `v`.
pub(super) fn bare(version: &str) -> &str {
    let rest = version.strip_prefix(['v', 'V']);
    rest.filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        .unwrap_or(version)
}

/// A heading of the form `## text`.
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
    Some(of(level, text))
}

/// The level that a line gives to the line of text above it: `=====` or `-----`.
pub(super) fn underline(line: &str) -> Option<usize> {
    let marks = line.trim_end();
    let all = |mark: char| !marks.is_empty() && marks.chars().all(|c| c == mark);
    if all('=') {
        Some(1)
    } else {
        all('-').then_some(2)
    }
}

pub(super) fn of(level: usize, text: &str) -> Heading<'_> {
    let release = title(text).filter(|title| match level {
        1 | 2 => true,
        // conventional-changelog gives patch releases level 3, where other texts have subheadings.
        3 => title.is_strict(),
        _ => false,
    });
    Heading {
        level,
        text,
        release,
    }
}

fn title(text: &str) -> Option<Title<'_>> {
    if let Some(doubt) = unreleased(text) {
        return Some(Title {
            name: None,
            version: None,
            rest: "",
            link: None,
            doubt,
        });
    }
    let text = without_word(text);
    if let Some((label, rest)) = text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        let (link, rest) = after_link(rest);
        if let Some(doubt) = unreleased(label) {
            return Some(Title {
                name: None,
                version: None,
                rest,
                link,
                doubt,
            });
        }
        let (name, version) = named(label.trim());
        let title = Title {
            name,
            version: Some(version),
            rest,
            link,
            doubt: Doubt::None,
        };
        let plausible = version.starts_with(|c: char| c.is_ascii_digit()) && !is_series(version);
        // Anything in brackets with a date is meant as a release, if with a slip in its version.
        let dated = matches!(title.when(), When::On(_)) && !version.contains(char::is_whitespace);
        return (plausible || dated).then_some(title);
    }
    let (token, rest) = split(text)?;
    if let Some(title) = plain(token, rest).or_else(|| dated(token, rest)) {
        return Some(title);
    }
    // `parser 1.0.0`, `parser v1.0.0`.
    let (second, rest) = split(rest.trim_start())?;
    let is_name = token.starts_with(|c: char| c.is_alphanumeric() || c == '@' || c == '`')
        && !is_preposition(token);
    let title = plain(second, rest).filter(|title| {
        is_name
            && title.name.is_none()
            && title
                .version
                .is_some_and(|version| Version::parse(version).is_ok())
    })?;
    let doubt = match title.when() {
        When::Unsaid => Doubt::Named,
        _ => Doubt::None,
    };
    Some(Title {
        name: Some(token.trim_matches('`')),
        doubt,
        ..title
    })
}

/// A version as the first word, and what may follow it.
fn plain<'a>(token: &'a str, rest: &'a str) -> Option<Title<'a>> {
    let word = token.trim_matches(['*', '`']);
    let bare_word = word.strip_suffix([':', ',', '/']).unwrap_or(word);
    let (name, version) = named(bare_word);
    let title = Title {
        name,
        version: Some(version),
        rest,
        link: None,
        doubt: Doubt::None,
    };
    let plausible = version.starts_with(|c: char| c.is_ascii_digit())
        && version.contains('.')
        && !is_series(version)
        && version
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || ".+-_".contains(c));
    let after = rest.trim_start();
    let goes_on = after.is_empty()
        || bare_word != word
        || after.starts_with([
            '-', '\u{2013}', '\u{2014}', '(', '[', '/', ':', '|', '"', '\u{201c}', '*', '_',
        ])
        || !matches!(title.when(), When::Unsaid);
    (plausible && goes_on).then_some(title)
}

/// `2026-11-22 Version 1.0.0, by somebody`: the day first.
fn dated<'a>(token: &'a str, rest: &'a str) -> Option<Title<'a>> {
    let When::On(_) = when(token) else {
        return None;
    };
    let rest =
        rest.trim_start_matches(|c: char| c.is_whitespace() || "-\u{2013}\u{2014}:,/".contains(c));
    let (version, _) = split(without_word(rest))?;
    let title = plain(version, "")?;
    Some(Title {
        rest: token,
        ..title
    })
}

/// `@scope/parser@1.0.0`, `parser-v1.0.0`, `parser/v1.0.0`: the name and the version.
fn named(text: &str) -> (Option<&str>, &str) {
    let at = text.rfind('@').filter(|at| *at > 0).map(|at| (at, at + 1));
    let v = || {
        ["-v", "/v"]
            .iter()
            .find_map(|mark| text.rfind(mark).map(|at| (at, at + 1)))
    };
    let is_version = |version: &str| bare(version).starts_with(|c: char| c.is_ascii_digit());
    let parts = at
        .or_else(v)
        .and_then(|(end, start)| Some((text.get(..end)?, text.get(start..)?)));
    match parts.filter(|(name, version)| is_version(version) && !is_version(name)) {
        Some((name, version)) => (Some(name), bare(version)),
        None => (None, bare(text)),
    }
}

fn split(text: &str) -> Option<(&str, &str)> {
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    text.split_at_checked(end)
        .filter(|(token, _)| !token.is_empty())
}

/// `1.x` is a row of releases and none itself.
fn is_series(version: &str) -> bool {
    version.ends_with(".x") || version.ends_with(".X") || version.ends_with(".*")
}

fn unreleased(text: &str) -> Option<Doubt> {
    let words = text
        .trim_matches(|c: char| !c.is_alphanumeric())
        .to_ascii_lowercase();
    match words.split_whitespace().collect::<Vec<_>>().as_slice() {
        ["unreleased"]
        | [
            "unreleased",
            "changes" | "version" | "release" | "code" | "features",
        ] => Some(Doubt::None),
        ["unreleased", mark, ..] if mark.starts_with(['-', '\u{2013}', '\u{2014}', '(', '/']) => {
            Some(Doubt::None)
        }
        ["tbd" | "tba" | "dev"] | ["next" | "upcoming", "release" | "version"] => {
            Some(Doubt::OnTop)
        }
        _ => None,
    }
}

/// `Upgrading 1.0.0` and `Since 1.0.0` are about releases.
fn is_preposition(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    let known = [
        "about",
        "after",
        "before",
        "changes",
        "from",
        "in",
        "migrate",
        "migrating",
        "migration",
        "notes",
        "pre",
        "since",
        "to",
        "until",
        "upgrade",
        "upgrading",
        "what's",
    ];
    known.contains(&word.as_str())
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

/// The destination of an inline link, `[1.0.0](https://…) - 2026-11-22`, and what follows; the label
/// of a reference is skipped.
fn after_link(rest: &str) -> (Option<&str>, &str) {
    let inline = rest.strip_prefix('(').and_then(|rest| rest.split_once(')'));
    let label = || rest.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    match inline {
        Some((link, rest)) => (Some(link.trim()), rest),
        None => (None, label().map_or(rest, |(_, rest)| rest)),
    }
}

impl<'a> Title<'a> {
    /// What the heading says about the day of the release.
    pub(super) fn when(&self) -> When<'a> {
        when(self.rest)
    }

    fn is_strict(&self) -> bool {
        let rest = self
            .rest
            .trim_matches(|c: char| c.is_whitespace() || "()-:".contains(c));
        let says_more = match self.when() {
            When::Unsaid => !(rest.is_empty() || rest.eq_ignore_ascii_case("[yanked]")),
            When::Wrong(_) => true,
            _ => false,
        };
        !says_more
            && self
                .version
                .is_some_and(|version| Version::parse(version).is_ok())
    }
}
