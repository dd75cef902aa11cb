//! How a requirement follows a version: same operator, same precision, and in full for a pre-release.
//!
//! `0.9` becomes `0.10` for 0.10.0, but `1.0.0-mvp` for 1.0.0-mvp: a requirement takes a pre-release only when it names
//! one of the same three numbers (semver crate, `VersionReq::matches`; Cargo reference, "Pre-releases"), so `1.0` would
//! make the workspace unbuildable.

use semver::{Version, VersionReq};

/// What a Cargo requirement becomes, `None` where it stays.
///
/// One comparator with no operator, `^`, `~`, `=` or `>=` follows. `>`, `<`, `<=` and lists of comparators say on their own
/// what they take: they stay while they match and become the full version when they do not. `*` takes everything but
/// pre-releases.
///
/// # Errors
/// The reason, when the text is no requirement, or what came out does not take the version.
pub(crate) fn follow(old: &str, version: &Version) -> Result<Option<String>, String> {
    let before = VersionReq::parse(old).map_err(|error| error.to_string())?;
    let new = match single(old) {
        Some(single) if single.follows() => single.rewritten(version),
        _ if before.matches(version) => return Ok(None),
        _ => full(version),
    };
    let after =
        VersionReq::parse(&new).map_err(|error| format!("it would become `{new}`: {error}"))?;
    if !after.matches(version) {
        return Err(format!(
            "it would become `{new}`, which does not take {version}"
        ));
    }
    Ok((after != before).then_some(new))
}

/// The version as a requirement names it: without build metadata, which no requirement looks at.
pub(crate) fn full(version: &Version) -> String {
    Version {
        build: semver::BuildMetadata::EMPTY,
        ..version.clone()
    }
    .to_string()
}

/// A requirement of one comparator, cut in pieces: `lead` holds spaces, operator and the `v` that npm permits, as written.
pub(crate) struct Single<'a> {
    lead: &'a str,
    body: &'a str,
    tail: &'a str,
}

/// Cuts a requirement of one comparator; `None` for lists, ranges and everything with a wildcard alone.
pub(crate) fn single(text: &str) -> Option<Single<'_>> {
    let start =
        text.find(|character: char| !character.is_whitespace() && !"^~=<>vV".contains(character))?;
    let (lead, rest) = text.split_at(start);
    let body = rest.trim_end();
    let tail = &rest[body.len()..];
    let plain = body.starts_with(|character: char| character.is_ascii_digit());
    let one =
        !body.contains(|character: char| character.is_whitespace() || ",|".contains(character));
    (plain && one).then_some(Single { lead, body, tail })
}

impl Single<'_> {
    /// Whether the operator names the version itself, rather than a bound that may lie anywhere.
    pub(crate) fn follows(&self) -> bool {
        let operator = self.lead.trim_end_matches(['v', 'V']).trim();
        matches!(operator, "" | "^" | "~" | "=" | ">=" | "~>")
    }

    /// The same operator and precision for another version; wildcards stay wildcards.
    pub(crate) fn rewritten(&self, version: &Version) -> String {
        let body = if version.pre.is_empty() {
            let core = self.body.split(['-', '+']).next().unwrap_or_default();
            let numbers = [version.major, version.minor, version.patch];
            let part = |(old, new): (&str, u64)| {
                if is_wildcard(old) {
                    old.to_owned()
                } else {
                    new.to_string()
                }
            };
            core.split('.')
                .zip(numbers)
                .map(part)
                .collect::<Vec<_>>()
                .join(".")
        } else {
            full(version)
        };
        format!("{}{body}{}", self.lead, self.tail)
    }
}

pub(crate) fn is_wildcard(part: &str) -> bool {
    matches!(part, "*" | "x" | "X")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_requirement_keeps_operator_and_precision() {
        let cases = [
            ("0.9", "0.10.0", "0.10"),
            ("1", "2.0.0", "2"),
            ("=0.9.1", "0.10.0", "=0.10.0"),
            ("^0.9.0", "0.10.0", "^0.10.0"),
            ("~0.9", "0.10.0", "~0.10"),
            (">=0.9", "0.10.0", ">=0.10"),
            (" = 0.9.1 ", "0.10.0", " = 0.10.0 "),
            ("0.9.*", "0.10.3", "0.10.*"),
            ("1.x", "2.1.0", "2.x"),
            ("0.9", "1.0.0-mvp", "1.0.0-mvp"),
            ("^0.9", "1.0.0-mvp", "^1.0.0-mvp"),
            ("~0", "1.0.0-mvp", "~1.0.0-mvp"),
            ("0.9.*", "1.0.0-mvp", "1.0.0-mvp"),
            ("=0.9", "1.0.0-mvp+b", "=1.0.0-mvp"),
            ("1.0.0-mvp", "1.0.0", "1.0.0"),
            ("*", "1.0.0-mvp", "1.0.0-mvp"),
            (">=0.9, <2", "2.0.0", "2.0.0"),
            (">=0.9, <2", "1.0.0-mvp", "1.0.0-mvp"),
            ("<1", "1.0.0", "1.0.0"),
            (">0.9.0", "0.9.0", "0.9.0"),
        ];
        for (old, version, new) in cases {
            let version = Version::parse(version).unwrap();
            assert_eq!(
                follow(old, &version),
                Ok(Some(new.to_owned())),
                "{old} for {version}"
            );
            assert_eq!(
                follow(new, &version),
                Ok(None),
                "{new} for {version} is done"
            );
        }
    }

    #[test]
    fn a_requirement_that_takes_the_version_stays() {
        let cases = [
            ("0.9", "0.9.3"),
            ("*", "3.0.0"),
            (">=0.9, <2", "1.4.0"),
            ("<2", "1.9.0"),
            ("=1.0.0+a", "1.0.0+b"),
        ];
        for (old, version) in cases {
            assert_eq!(
                follow(old, &Version::parse(version).unwrap()),
                Ok(None),
                "{old} for {version}"
            );
        }
    }

    #[test]
    fn what_is_no_requirement_is_an_error() {
        for text in ["", "latest", "1.0.0.0", "^", "1 || 2"] {
            assert!(follow(text, &Version::new(1, 0, 0)).is_err(), "{text:?}");
        }
    }
}
