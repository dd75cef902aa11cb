//! What is asked: schema 2 of the request, checked while it is read, so that every complaint has
//! a line and a column.

use anyhow::{Result, anyhow};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::milestone::Facts;
use crate::rules::Rules;

/// The only schema that is understood.
pub(crate) const SCHEMA: u64 = 2;

/// The commits of one release and how it is called.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    #[serde(rename = "schema")]
    _schema: Schema,
    pub(crate) version: Version,
    pub(crate) tag: Tag,
    pub(crate) date: Date,
    pub(crate) previous: Option<Tag>,
    pub(crate) repository: Option<Repository>,
    #[serde(default)]
    pub(crate) rules: Rules,
    /// Newest first, none before its children, as `git log --date-order` prints them.
    pub(crate) commits: Vec<Commit>,
    /// What the twelve parts of a milestone are made from; without it the section is a plain one.
    #[serde(default)]
    pub(crate) milestone: Option<Facts>,
}

/// Commits alone, for `landfall-notes rulings`: what each of them is, without any section.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rulings {
    #[serde(rename = "schema")]
    _schema: Schema,
    #[serde(default)]
    pub(crate) rules: Rules,
    pub(crate) commits: Vec<Commit>,
}

/// One commit.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Commit {
    pub(crate) id: Id,
    /// Subject, body and footers.
    pub(crate) message: String,
    pub(crate) author: Author,
    /// Two and more: a merge. They need not be among the commits.
    #[serde(default)]
    pub(crate) parents: Vec<Id>,
    /// Names of others who wrote it.
    #[serde(default)]
    pub(crate) co_authors: Vec<String>,
}

/// Who wrote it, and when (seconds since 1970).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Author {
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) time: i64,
}

/// Read alone and first: a request of another schema has other fields.
#[derive(Debug, Deserialize)]
struct Envelope {
    #[serde(rename = "schema")]
    _schema: Schema,
}

/// A request from its JSON text.
///
/// # Errors
/// What was expected, what was found, at which line and column.
pub(crate) fn parse<T: DeserializeOwned>(text: &[u8]) -> Result<T> {
    from_json::<Envelope>(text)?;
    from_json(text)
}

fn from_json<T: DeserializeOwned>(text: &[u8]) -> Result<T> {
    serde_json::from_slice(text).map_err(|error| {
        anyhow!(
            "could not read the request: {error}; expected one JSON object of schema {SCHEMA} on stdin, see `landfall-notes --help`"
        )
    })
}

/// A value that is checked when it is read.
macro_rules! checked {
    ($(#[$about:meta])* $name:ident($inner:ty), $check:expr) => {
        $(#[$about])*
        #[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
        #[serde(try_from = "String")]
        pub(crate) struct $name(pub(crate) $inner);

        impl TryFrom<String> for $name {
            type Error = String;

            fn try_from(text: String) -> Result<Self, String> {
                let check: fn(String) -> Result<$inner, String> = $check;
                check(text).map(Self)
            }
        }
    };
}

checked!(
    /// As it stands in the heading.
    Version(String),
    |text| {
        let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || ".+-".contains(c));
        if plain && text.starts_with(|c: char| c.is_ascii_digit()) {
            Ok(text)
        } else {
            Err(format!("the version `{}` is not one such as 1.0.0-mvp", text.escape_debug()))
        }
    }
);
checked!(
    /// A tag name.
    Tag(String),
    |text| {
        if text.is_empty() || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            Err(format!("the tag `{}` is empty or holds white space", text.escape_debug()))
        } else {
            Ok(text)
        }
    }
);
checked!(
    /// ISO 8601, `2026-11-22`.
    Date(String),
    |text| {
        let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        let number = |range| text.get(range).and_then(|part: &str| part.parse::<u8>().ok());
        let (month, day) = (number(5..7), number(8..10));
        let valid = month.is_some_and(|month| (1..=12).contains(&month))
            && day.is_some_and(|day| (1..=31).contains(&day));
        if shape == "0000-00-00" && valid {
            Ok(text)
        } else {
            Err(format!("the date `{}` is not one such as 2026-11-22", text.escape_debug()))
        }
    }
);
checked!(
    /// SHA-1 or SHA-256 of a commit, lower-case hex.
    Id(String),
    |text| {
        let hex = text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        if hex && matches!(text.len(), 40 | 64) {
            Ok(text)
        } else {
            Err(format!("the commit id `{}` is not 40 or 64 lower-case hex digits", text.escape_debug()))
        }
    }
);
checked!(
    /// Web address of the repository, without `/` or `.git` at its end. The messages do not repeat
    /// it: it may hold a token.
    Repository(String),
    |text| {
        let Some((scheme, rest)) = text.split_once("://").filter(|(scheme, _)| matches!(*scheme, "https" | "http")) else {
            return Err("the repository is not an https:// or http:// address".to_owned());
        };
        let host = rest.split('/').next().unwrap_or_default();
        if host.contains('@') {
            return Err("the repository holds a user name or token, and the notes are public; leave it out".to_owned());
        }
        if host.is_empty() || rest.chars().any(|c| c.is_whitespace() || c.is_control() || "()<>[]\\\"'`{}?#".contains(c)) {
            return Err("the repository is not an address that a link can hold".to_owned());
        }
        let rest = rest.trim_end_matches('/');
        Ok(format!("{scheme}://{}", rest.strip_suffix(".git").unwrap_or(rest)))
    }
);

/// The version of the request's form.
#[derive(Debug, Deserialize)]
#[serde(try_from = "u64")]
struct Schema;

impl TryFrom<u64> for Schema {
    type Error = String;

    fn try_from(schema: u64) -> Result<Self, String> {
        if schema == SCHEMA {
            Ok(Self)
        } else {
            Err(format!(
                "schema {schema} is unknown, this program reads schema {SCHEMA}; use the landfall and landfall-notes of one version"
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Date, Id, Repository, Request, Tag, Version, parse};

    #[test]
    fn values_are_checked() {
        let ok = |text: &str| Repository::try_from(text.to_owned()).map(|repository| repository.0);
        assert_eq!(
            ok("https://git.example/a/b.git").unwrap(),
            "https://git.example/a/b"
        );
        assert_eq!(
            ok("http://git.example/a/b/").unwrap(),
            "http://git.example/a/b"
        );
        for bad in [
            "git@git.example:a/b",
            "https://",
            "https://git.example/a)b",
            "https://x/ y",
            "javascript:alert(1)",
            "",
        ] {
            ok(bad).expect_err(bad);
        }
        let secret = ok("https://me:s3cret@git.example/a").unwrap_err();
        assert!(
            secret.contains("token") && !secret.contains("s3cret"),
            "{secret}"
        );
        for (good, bad) in [
            ("1.0.0-mvp", "v1.0.0"),
            ("1.0.0+b.7", "1.0\n## x"),
            ("0", ""),
        ] {
            Version::try_from(good.to_owned()).expect(good);
            Version::try_from(bad.to_owned()).expect_err(bad);
        }
        for bad in [
            "2026-13-01",
            "2026-00-01",
            "2026-01-32",
            "26-01-01",
            "2026-1-1",
            "2026-01-01 ",
            "",
        ] {
            Date::try_from(bad.to_owned()).expect_err(bad);
        }
        Date::try_from("2026-11-22".to_owned()).expect("a date");
        for bad in ["", "a b", "a\nb"] {
            Tag::try_from(bad.to_owned()).expect_err(bad);
        }
        Id::try_from("0".repeat(64)).expect("sha-256");
        for bad in [
            "0".repeat(39),
            "G".repeat(40),
            "A".repeat(40),
            String::new(),
        ] {
            Id::try_from(bad).expect_err("not an id");
        }
    }

    #[test]
    fn complaints_have_a_place() {
        let table = [
            ("", "EOF while parsing a value at line 1 column 0"),
            (
                "{\n \"schema\": 3, \"new\": 1}",
                "schema 3 is unknown, this program reads schema 2",
            ),
            ("{\n \"schema\": 3}", "at line 2 column"),
            (
                "{\"version\":\"1.0.0\"}",
                "missing field `schema` at line 1 column 19",
            ),
            (
                "{\"schema\":2,\n\"versio\":\"1.0.0\"}",
                "unknown field `versio`, expected one of `schema`, `version`",
            ),
            (
                "{\"schema\":2,\n\"version\":\"x\"}",
                "the version `x` is not one such as 1.0.0-mvp at line 2 column",
            ),
            ("[]", "at line 1 column"),
            (
                "{\"schema\":2} x",
                "trailing characters at line 1 column 14",
            ),
        ];
        for (text, want) in table {
            let error = format!("{:#}", parse::<Request>(text.as_bytes()).unwrap_err());
            assert!(
                error.contains(want) && error.contains("expected one JSON object"),
                "{text}: {error}"
            );
        }
    }
}
