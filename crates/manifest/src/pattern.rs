//! Versions in any other text (a README, a source file, a chart), found by a regular expression with a group `version`.
//!
//! A pattern that finds nothing is an error and never "updated": texts are rewritten by people, and the line that a pattern
//! looked for is gone before anybody notices.

use regex_lite::{Captures, Regex, RegexBuilder};
use semver::Version;

use crate::edit::{Sighting, Spot, apply, found};
use crate::{Edited, Error, Found};

/// A regular expression (regex-lite syntax; `^` and `$` match at lines, `\r\n` is one line end) with a named group
/// `version`, and how often it has to match.
///
/// The group should take a whole version, pre-release and build included: one that stops before `-mvp` would leave that
/// behind. [`set`] notices when the new version is not taken whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pattern<'a> {
    pub regex: &'a str,
    pub min: usize,
    pub max: Option<usize>,
}

impl<'a> Pattern<'a> {
    /// Once or more.
    #[must_use]
    pub fn new(regex: &'a str) -> Pattern<'a> {
        Pattern {
            regex,
            min: 1,
            max: None,
        }
    }
}

/// The line of a Markdown document that gives its version: `Version: 1.2.3`, `**Version**: 1.2.3`, `**Version:** 1.2.3`,
/// ``- Version: `1.2.3` ``. It takes all of a version (SemVer 2.0.0) or nothing: not `Version: 3`, not `1.2.3.4`,
/// and not `schemaVersion: 1.2.3`.
pub const VERSION_LINE: &str = concat!(
    r"^[ \t]*(?:[-*+>][ \t]+)?(?:\*\*|__|\*|_)?Version(?:\*\*|__|\*|_)?:(?:\*\*|__|\*|_)?[ \t]*`?v?",
    r"(?P<version>(?:0|[1-9][0-9]*)\.(?:0|[1-9][0-9]*)\.(?:0|[1-9][0-9]*)",
    r"(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?)",
    r"(?:\.?(?:[ \t]|$)|[^0-9A-Za-z.+_-])",
);

const GROUP: &str = "version";

/// All versions that the pattern finds, in the order of the text.
///
/// # Errors
/// When the expression is wrong or has no group `version`, or matches more or less often than it should.
pub fn find(text: &str, pattern: &Pattern) -> Result<Vec<Found>, Error> {
    Ok(found(text, sightings(text, pattern)?))
}

/// Sets them all.
///
/// # Errors
/// As [`find`], and when the pattern would not find the new version again, whole, at the same places:
/// then the next release would go wrong.
pub fn set(text: &str, pattern: &Pattern, version: &Version) -> Result<Edited, Error> {
    let before = sightings(text, pattern)?;
    let new = version.to_string();
    let count = before.len();
    let spot = |sighting: Sighting| {
        let span = sighting.offset..sighting.offset + sighting.version.len();
        Spot {
            span,
            what: sighting.what,
            new: new.clone(),
        }
    };
    let edited = apply(text, before.into_iter().map(spot).collect());
    let after = find(&edited.text, pattern)?;
    if let Some(wrong) = after.iter().find(|found| found.version != new) {
        let message = format!(
            "with {new} in its place, the pattern `{}` finds `{}`",
            pattern.regex, wrong.version
        );
        let error = Error {
            line: Some(wrong.line),
            column: Some(wrong.column),
            ..Error::new(message)
        };
        return Err(error
            .help("let the group `version` take a whole version, pre-release and build included"));
    }
    if after.len() != count {
        let message = format!(
            "with {new} in its place, the pattern `{}` matches {}, not {}",
            pattern.regex,
            times(after.len()),
            times(count)
        );
        return Err(Error::new(message)
            .help("let the pattern depend on the text around the version, not on the version"));
    }
    Ok(edited)
}

fn sightings(text: &str, pattern: &Pattern) -> Result<Vec<Sighting>, Error> {
    // A byte order mark is no character of the first line, so `^` matches behind it.
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let skipped = text.len() - body.len();
    let sightings: Vec<Sighting> = compile(pattern)?
        .captures_iter(body)
        .map(|captures| sighting(text, skipped, pattern, &captures))
        .collect::<Result<_, _>>()?;
    let count = sightings.len();
    let wanted = match pattern.max {
        Some(max) if max == pattern.min => format!("{max}"),
        Some(max) => format!("{} to {max}", pattern.min),
        None => format!("at least {}", pattern.min),
    };
    let error = |found: String| {
        Err(Error::new(format!(
            "the pattern `{}` {found} and should match {wanted}",
            pattern.regex
        )))
    };
    if count == 0 && pattern.min > 0 {
        return error("matches nothing".to_owned()).map_err(|error| {
            error.help("look whether the line was rewritten, and mend the line or the pattern")
        });
    }
    if count < pattern.min || pattern.max.is_some_and(|max| count > max) {
        return error(format!("matches {}", times(count)))
            .map_err(|error| error.help("narrow the pattern, or change its counts"));
    }
    Ok(sightings)
}

/// One match. `skipped`: the bytes before the searched part of the text.
fn sighting(
    text: &str,
    skipped: usize,
    pattern: &Pattern,
    captures: &Captures,
) -> Result<Sighting, Error> {
    let refuse = |offset: usize, what: &str, help: &str| {
        let message = format!("the pattern `{}` matches here {what}", pattern.regex);
        Err(Error::at(text, skipped + offset, message).help(help))
    };
    let Some(group) = captures.name(GROUP) else {
        let offset = captures.get(0).map_or(0, |all| all.start());
        return refuse(
            offset,
            "without its group `version`",
            "the group must take part in every match: it cannot be optional",
        );
    };
    if group.as_str().is_empty() {
        return refuse(
            group.start(),
            "with nothing in its group `version`",
            "let the group take one character or more: `+` in place of `*`",
        );
    }
    if group.as_str().contains(['\n', '\r']) {
        return refuse(
            group.start(),
            "with more than a line in its group `version`",
            "let the group end where the version does, at a blank or a quote",
        );
    }
    Ok(Sighting {
        offset: skipped + group.start(),
        what: format!("`{}`", pattern.regex),
        version: group.as_str().to_owned(),
    })
}

fn compile(pattern: &Pattern) -> Result<Regex, Error> {
    let regex = RegexBuilder::new(pattern.regex)
        .multi_line(true)
        .crlf(true)
        .build();
    let regex = regex.map_err(|error| {
        Error::new(format!(
            "the pattern `{}` is not a regular expression: {error}",
            pattern.regex
        ))
    })?;
    if !regex.capture_names().flatten().any(|name| name == GROUP) {
        let error = Error::new(format!(
            "the pattern `{}` has no group `version`",
            pattern.regex
        ));
        return Err(error.help("put `(?P<version>…)` around the part that is the version"));
    }
    Ok(regex)
}

fn times(count: usize) -> String {
    if count == 1 {
        "once".to_owned()
    } else {
        format!("{count} times")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_line_is_found_in_its_forms() {
        for version in ["1.2.3", "1.0.0-mvp", "1.0.0-rc.1+build.5", "0.0.0--"] {
            let lines = [
                format!("Version: {version}"),
                format!("# T\n\nVersion: {version}\r\nnext"),
                format!("**Version**: {version}"),
                format!("**Version:** {version} (draft)"),
                format!("  - Version: `{version}`, of today"),
                format!("Version: v{version}.\n"),
                format!("> __Version__: {version}\n"),
                format!("\u{feff}Version: {version}\r\n"),
            ];
            for line in lines {
                let found = find(&line, &Pattern::new(VERSION_LINE)).unwrap();
                assert_eq!(
                    found
                        .iter()
                        .map(|found| found.version.as_str())
                        .collect::<Vec<_>>(),
                    [version],
                    "{line:?}"
                );
                let set = set(
                    &line,
                    &Pattern::new(VERSION_LINE),
                    &Version::parse("2.0.0-a.1").unwrap(),
                )
                .unwrap();
                assert_eq!(set.text, line.replace(version, "2.0.0-a.1"));
                assert_eq!(set.places.len(), 1);
            }
        }
    }

    #[test]
    fn what_is_no_version_line_is_not_found() {
        let lines = [
            "schemaVersion: 3",
            "schemaVersion: 1.2.3",
            "Version: 3",
            "Version: 1.2",
            "Version: 1.2.3.4",
            "Version: 01.2.3",
            "Version: 1.2.3-",
            "Version: 1.2.3_4",
            "Version:\n1.2.3",
            "The Version: 1.2.3",
            "Versions: 1.2.3",
            "",
        ];
        for line in lines {
            let error = find(line, &Pattern::new(VERSION_LINE)).unwrap_err();
            assert!(
                error.message.contains("matches nothing") && error.message.contains("at least 1"),
                "{line:?}: {error}"
            );
            assert_eq!(
                find(
                    line,
                    &Pattern {
                        min: 0,
                        ..Pattern::new(VERSION_LINE)
                    }
                ),
                Ok(Vec::new())
            );
        }
    }

    #[test]
    fn a_pattern_that_cannot_work_is_an_error() {
        let cases = [
            ("(", 1, None, "is not a regular expression"),
            (r"v(\d+)", 1, None, "has no group `version`"),
            (r"v(?P<version>\d)?", 1, None, "without its group"),
            (r"v(?P<version>\d*)", 1, None, "with nothing in its group"),
            (
                r"v(?P<version>[^v]+)v",
                1,
                None,
                "with more than a line in its group",
            ),
            (
                r"^v(?P<version>\S+)$",
                3,
                None,
                "matches 2 times and should match at least 3",
            ),
            (
                r"^v(?P<version>\S+)$",
                1,
                Some(1),
                "matches 2 times and should match 1",
            ),
            (
                r"^v(?P<version>\S+)$",
                3,
                Some(4),
                "matches 2 times and should match 3 to 4",
            ),
            (
                r"^w(?P<version>\S+)$",
                2,
                Some(2),
                "matches nothing and should match 2",
            ),
            (
                r"^v(?P<version>\d+\.\d+\.\d+)",
                1,
                None,
                "with 2.0.0-mvp in its place, the pattern",
            ),
            (r"^v(?P<version>1.0.[01])$", 1, None, "matches nothing"),
        ];
        for (regex, min, max, message) in cases {
            let error = set(
                "v1.0.0\nv1.0.1\nv",
                &Pattern { regex, min, max },
                &Version::parse("2.0.0-mvp").unwrap(),
            )
            .unwrap_err();
            assert!(error.message.contains(message), "{regex}: {error}");
        }
    }
}
