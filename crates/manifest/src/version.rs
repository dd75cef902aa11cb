//! Versions as people type them: strict SemVer 2.0.0, and when it is not one, the reason a person can act on.
//!
//! The semver crate's own messages name the grammar ("unexpected end of input while parsing minor version number");
//! these name the mistake.

use semver::Version;

use crate::Error;

/// Reads a version by the letter of SemVer 2.0.0 (semver.org, section 2 and 9 to 10): three numbers, then a pre-release, then
/// build metadata. Nothing is trimmed and nothing is guessed: the text ends up in a tag name and in URLs.
///
/// # Errors
/// When the text is not a version; the message says which rule it breaks and the help how to write it.
pub fn parse_version(text: &str) -> Result<Version, Error> {
    if let Some(error) = mistake(text) {
        return Err(error);
    }
    Version::parse(text)
        .map_err(|error| Error::new(format!("`{text}` is not a version: {error}")).help(EXAMPLE))
}

const EXAMPLE: &str = "a version looks like `1.0.0`, `1.0.0-rc.1` or `1.0.0+build.5`";

/// The mistakes that are common enough for words of their own.
fn mistake(text: &str) -> Option<Error> {
    let shown = text.escape_debug();
    if text.is_empty() {
        return Some(Error::new("the version is empty").help(EXAMPLE));
    }
    if let Some(space) = text.chars().find(|character| character.is_whitespace()) {
        let name = if matches!(space, '\n' | '\r') {
            "a line end"
        } else {
            "white space"
        };
        let error = Error::new(format!("`{shown}` is not a version: there is {name} in it"));
        return Some(match Version::parse(text.trim()) {
            Ok(version) => error.help(format!("write `{version}`")),
            Err(_) => error.help(EXAMPLE),
        });
    }
    if let Some(rest) = text
        .strip_prefix(['v', 'V'])
        .filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    {
        let error = Error::new(format!(
            "`{shown}` is not a version: the leading `v` belongs to the tag, not to the version"
        ));
        return Some(match Version::parse(rest) {
            Ok(version) => error.help(format!("write `{version}`")),
            Err(_) => error.help(EXAMPLE),
        });
    }
    let stranger = |character: &char| {
        !character.is_ascii_alphanumeric() && !matches!(character, '.' | '-' | '+')
    };
    if let Some(character) = text.chars().find(stranger) {
        let message = format!(
            "`{shown}` is not a version: `{}` cannot stand in one",
            character.escape_debug()
        );
        return Some(Error::new(message).help(EXAMPLE));
    }
    numbers(text)
}

/// Looks at the three numbers in front.
fn numbers(text: &str) -> Option<Error> {
    let end = text.find(['-', '+']).unwrap_or(text.len());
    let (core, rest) = text.split_at(end);
    let parts: Vec<&str> = core.split('.').collect();
    if parts
        .iter()
        .any(|part| part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit()))
    {
        return None;
    }
    if parts
        .iter()
        .any(|part| part.len() > 1 && part.starts_with('0'))
    {
        let stripped = |part: &&str| match part.trim_start_matches('0') {
            "" => "0".to_owned(),
            digits => digits.to_owned(),
        };
        let plain = parts.iter().map(stripped).collect::<Vec<_>>().join(".");
        let error = Error::new(format!(
            "`{text}` is not a version: a number begins with a zero"
        ));
        return Some(error.help(format!("write `{plain}{rest}`")));
    }
    if parts.len() < 3 {
        let padded = format!("{core}{}{rest}", ".0".repeat(3 - parts.len()));
        return Some(
            Error::new(format!(
                "`{text}` is not a version: it needs three numbers: {padded}"
            ))
            .help(format!("write `{padded}`")),
        );
    }
    if parts.len() > 3 {
        return Some(
            Error::new(format!(
                "`{text}` is not a version: it has {} numbers, not three",
                parts.len()
            ))
            .help(EXAMPLE),
        );
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_by_the_letter() {
        for text in [
            "0.0.0",
            "1.0.0-mvp",
            "1.2.3-rc.1+build.5",
            "1.0.0--",
            "18446744073709551615.0.0",
        ] {
            assert_eq!(parse_version(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_mistake_is_named() {
        let cases = [
            ("", "the version is empty", EXAMPLE),
            ("1.0", "it needs three numbers: 1.0.0", "write `1.0.0`"),
            ("1", "it needs three numbers: 1.0.0", "write `1.0.0`"),
            (
                "1.0-mvp",
                "it needs three numbers: 1.0.0-mvp",
                "write `1.0.0-mvp`",
            ),
            ("1.0.0.0", "it has 4 numbers, not three", EXAMPLE),
            (
                "v1.0.0",
                "the leading `v` belongs to the tag",
                "write `1.0.0`",
            ),
            ("V1.0", "the leading `v` belongs to the tag", EXAMPLE),
            ("01.0.0", "a number begins with a zero", "write `1.0.0`"),
            (
                "1.00.0-rc",
                "a number begins with a zero",
                "write `1.0.0-rc`",
            ),
            ("1.0.0-01", "leading zero", EXAMPLE),
            ("a/b&c", "`/` cannot stand in one", EXAMPLE),
            ("1.0.0_1", "`_` cannot stand in one", EXAMPLE),
            (" 1.0.0", "white space", "write `1.0.0`"),
            ("1.0.0\n", "a line end", "write `1.0.0`"),
            ("1.0.0-", "empty identifier", EXAMPLE),
            ("1.0.0+", "empty identifier", EXAMPLE),
            ("1..0", "minor version", EXAMPLE),
            ("18446744073709551616.0.0", "exceeds u64::MAX", EXAMPLE),
            ("١.0.0", "cannot stand in one", EXAMPLE),
            ("latest", "is not a version", EXAMPLE),
        ];
        for (text, message, help) in cases {
            let error = parse_version(text).unwrap_err();
            assert!(
                error.message.contains(message),
                "{text:?}: {}",
                error.message
            );
            assert_eq!(error.help.as_deref(), Some(help), "{text:?}");
            assert!(
                !error.message.contains('\n'),
                "{text:?}: a message is one line"
            );
        }
    }
}
