//! How requirements of npm and pnpm follow a version, and the tables in which they stand.
//!
//! Ranges are read as node-semver documents them and translated to the semver crate, whose rule for pre-releases is the
//! same. What is no range (tags, `file:`, `link:`, `npm:`, URLs, `user/repository`) is another way of saying where a
//! package comes from, and stays.

use std::collections::BTreeSet;

use semver::{Version, VersionReq};

use crate::edit::Spot;
use crate::json::{Object, Text};
use crate::requirement::{full, is_wildcard, single};
use crate::{Change, Error};

/// The tables of a package that hold requirements.
pub(crate) const TABLES: [&str; 4] = [
    "dependencies",
    "devDependencies",
    "peerDependencies",
    "optionalDependencies",
];

/// Collects what changes in the dependency tables of one package; `prefix` is its path with a dot, or nothing.
pub(crate) fn tables(
    text: &str,
    package: &Object,
    prefix: &str,
    change: &Change,
    spots: &mut Vec<Spot>,
) -> Result<(), Error> {
    for table in TABLES {
        if let Some(object) = package.object(text, table)? {
            requirements(text, object, &format!("{prefix}{table}"), change, spots)?;
        }
    }
    Ok(())
}

/// Collects what changes in one table of requirements.
pub(crate) fn requirements(
    text: &str,
    table: &Object,
    path: &str,
    change: &Change,
    spots: &mut Vec<Spot>,
) -> Result<(), Error> {
    for member in &table.members {
        if let Some(old) = member.node.text() {
            let path = format!("{path}.{}", key(&member.key));
            one(text, old, &member.key, path, change, spots)?;
        }
    }
    Ok(())
}

/// Collects what becomes of one requirement on a package of that name.
pub(crate) fn one(
    text: &str,
    old: Text,
    name: &str,
    what: String,
    change: &Change,
    spots: &mut Vec<Spot>,
) -> Result<(), Error> {
    let new = follow(name, old.text, change.version, change.packages);
    let new = new.map_err(|reason| {
        let message = format!("{what}: `{}`: {reason}", old.text);
        Error::at(text, old.span.start, message)
            .help("write the requirement by hand, such as the version itself")
    })?;
    if let Some(new) = new {
        spots.push(Spot {
            span: old.span,
            what,
            new,
        });
    }
    Ok(())
}

/// A key as it is written in a path: in quotes when it is more than a word.
pub(crate) fn key(name: &str) -> String {
    let word =
        |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_');
    if !name.is_empty() && name.chars().all(word) {
        name.to_owned()
    } else {
        format!("{name:?}")
    }
}

/// What a requirement becomes, `None` where it stays.
fn follow(
    name: &str,
    old: &str,
    version: &Version,
    packages: &BTreeSet<String>,
) -> Result<Option<String>, String> {
    let Some(rest) = old.strip_prefix("workspace:") else {
        return if packages.contains(name) {
            range(old, version)
        } else {
            Ok(None)
        };
    };
    // pnpm: `workspace:real-name@range` is an alias.
    let (name, rest) = rest
        .rfind('@')
        .filter(|&at| at > 0)
        .map_or((name, rest), |at| (&rest[..at], &rest[at + 1..]));
    if !packages.contains(name) || matches!(rest, "*" | "^" | "~") {
        return Ok(None);
    }
    let lead = &old[..old.len() - rest.len()];
    Ok(range(rest, version)?.map(|new| format!("{lead}{new}")))
}

/// The same for the range alone. `*` stays: npm takes it as "whatever is there", pre-releases included.
pub(crate) fn range(old: &str, version: &Version) -> Result<Option<String>, String> {
    let Some(before) = alternatives(old) else {
        return Ok(None);
    };
    let matches = |range: &[VersionReq]| range.iter().any(|one| one.matches(version));
    let new = match single(old) {
        Some(single) if single.follows() => single.rewritten(version),
        _ if matches(&before) || before.contains(&VersionReq::STAR) => return Ok(None),
        // A list of bounds said "this one and compatible ones", as the caret does.
        _ => format!("^{}", full(version)),
    };
    match alternatives(&new) {
        Some(after) if matches(&after) => Ok((after != before).then_some(new)),
        _ => Err(format!(
            "it would become `{new}`, which does not take {version}"
        )),
    }
}

/// Whether a range takes a version; what is no range, and `*`, take everything.
pub(crate) fn takes(range: &str, version: &Version) -> bool {
    alternatives(range).is_none_or(|list| {
        list.iter()
            .any(|one| one.matches(version) || *one == VersionReq::STAR)
    })
}

/// The alternatives of a range (`^1 || >=2.5 <3`); `None` when the text is no range.
fn alternatives(text: &str) -> Option<Vec<VersionReq>> {
    text.split("||").map(comparators).collect()
}

/// One alternative: comparators beside each other, or `low - high`.
fn comparators(text: &str) -> Option<VersionReq> {
    let words: Vec<&str> = text.split_whitespace().collect();
    if let [low, "-", high] = words[..] {
        let list = [comparator(">=", low)?, comparator("<=", high)?];
        return requirement(&list);
    }
    let mut list = Vec::new();
    let mut lead = String::new();
    for word in words {
        let end = word
            .find(|character| !"<>=~^".contains(character))
            .unwrap_or(word.len());
        lead.push_str(&word[..end]);
        if end < word.len() {
            list.push(comparator(&lead, &word[end..])?);
            lead.clear();
        }
    }
    if lead.is_empty() {
        requirement(&list)
    } else {
        None
    }
}

fn requirement(list: &[String]) -> Option<VersionReq> {
    let bounds: Vec<&str> = list
        .iter()
        .map(String::as_str)
        .filter(|one| !one.is_empty())
        .collect();
    if bounds.is_empty() {
        Some(VersionReq::STAR)
    } else {
        VersionReq::parse(&bounds.join(", ")).ok()
    }
}

/// One comparator in the words of the semver crate; empty when it takes everything.
fn comparator(operator: &str, body: &str) -> Option<String> {
    // A bare `1.2.3` is exact and a bare `1.2` is all of 1.2: both are what `=` means to the semver crate.
    let operator = match operator {
        "" | "=" => "=",
        "~" | "~>" => "~",
        "^" | ">" | ">=" | "<" | "<=" => operator,
        _ => return None,
    };
    let body = body.trim_start_matches(['v', 'V', '=']);
    let core = body.split(['-', '+']).next().unwrap_or_default();
    let Some(wildcard) = core.split('.').position(is_wildcard) else {
        return Some(format!("{operator}{body}"));
    };
    let kept = core.split('.').take(wildcard).collect::<Vec<_>>().join(".");
    match (kept.as_str(), operator) {
        ("", "<" | ">") => None,
        ("", _) => Some(String::new()),
        _ => Some(format!("{operator}{kept}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn becomes(old: &str, version: &str) -> Option<String> {
        let packages = BTreeSet::from(["core".to_owned()]);
        follow("core", old, &Version::parse(version).unwrap(), &packages).unwrap()
    }

    #[test]
    fn ranges_follow_with_their_operator() {
        let cases = [
            ("^0.9.0", "0.10.0", "^0.10.0"),
            ("~0.9.0", "0.10.0", "~0.10.0"),
            ("0.9.0", "0.10.0", "0.10.0"),
            ("=0.9.0", "0.10.0", "=0.10.0"),
            (">=0.9.0", "0.10.0", ">=0.10.0"),
            ("^1", "2.0.0", "^2"),
            ("v0.9.0", "0.10.0", "v0.10.0"),
            ("^v0.9", "1.0.0-mvp", "^v1.0.0-mvp"),
            (">= v0.9.0", "0.10.0", ">= v0.10.0"),
            ("1.x", "2.1.0", "2.x"),
            ("^0.9", "1.0.0-mvp", "^1.0.0-mvp"),
            ("0.9", "1.0.0-mvp", "1.0.0-mvp"),
            ("workspace:^0.9.0", "1.0.0-mvp", "workspace:^1.0.0-mvp"),
            ("workspace:0.9.0", "1.0.0", "workspace:1.0.0"),
            ("workspace:core@~0.9.0", "1.0.0", "workspace:core@~1.0.0"),
            (">=0.9.0 <1.0.0", "1.0.0", "^1.0.0"),
            ("^0.8.0 || ^0.9.0", "1.0.0-mvp", "^1.0.0-mvp"),
            ("0.1.0 - 0.9.0", "1.0.0", "^1.0.0"),
            (">0.1 <=0.9", "1.0.0", "^1.0.0"),
        ];
        for (old, version, new) in cases {
            assert_eq!(
                becomes(old, version).as_deref(),
                Some(new),
                "{old} for {version}"
            );
            assert_eq!(becomes(new, version), None, "{new} for {version} is done");
        }
    }

    #[test]
    fn what_still_matches_or_is_no_range_stays() {
        let cases = [
            "*",
            "",
            "x",
            "latest",
            "workspace:*",
            "workspace:^",
            "workspace:~",
            "workspace:../core",
            "workspace:other@^0.9.0",
            "file:../core",
            "link:../core",
            "npm:core@^0.9.0",
            "catalog:",
            "someone/core",
            "git+ssh://git@example.com/core.git#v0.9.0",
            "^0.9.0 || ^1.0.0-a",
            ">= 0.9.0 <2 || *",
            "^1.0.0-mvp",
            "~> nonsense",
            "^",
            "v",
            "vendor",
            "^vnext",
        ];
        for old in cases {
            assert_eq!(becomes(old, "1.0.0-mvp"), None, "{old}");
        }
        assert_eq!(
            becomes("0.9.0 - 1.2", "1.2.9"),
            None,
            "a partial upper bound takes all of 1.2"
        );
        assert_eq!(becomes("^0.9 || 1.x", "1.2.9"), None);
    }
}
