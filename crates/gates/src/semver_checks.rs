//! What `cargo semver-checks` says of one crate, and what a version allows.
//!
//! The program ends with 0, with 100 where a lint is broken (1 before 0.48) and with 101 where it could not finish. No
//! number is believed by itself: only a sum of lints that were run says that it has looked.

use std::collections::BTreeMap;

use semver::Version;

use crate::runner::plain;

/// How far two versions are from each other, by the rules of Cargo for versions before 1.0 too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    None,
    Patch,
    Minor,
    Major,
}

impl Level {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Level::None => "no",
            Level::Patch => "patch",
            Level::Minor => "minor",
            Level::Major => "major",
        }
    }

    /// What a step from one version to another allows. Cargo holds the left-most number that is not 0 for the major one,
    /// and a pre-release may change everything.
    pub(crate) fn of(old: &Version, new: &Version) -> Level {
        let place = [
            old.major != new.major,
            old.minor != new.minor,
            old.patch != new.patch,
        ]
        .iter()
        .position(|differs| *differs);
        let Some(place) = place else {
            return match old.pre == new.pre {
                true => Level::None,
                false => Level::Major,
            };
        };
        let leading = match (new.major, new.minor) {
            (0, 0) => 2,
            (0, _) => 1,
            _ => 0,
        };
        match place.saturating_sub(leading) {
            0 => Level::Major,
            1 => Level::Minor,
            _ => Level::Patch,
        }
    }

    /// The least version after `old` that allows it.
    pub(crate) fn after(self, old: &Version) -> Version {
        let (major, minor, patch) = (old.major, old.minor, old.patch);
        match (self, major, minor) {
            (Level::Major, 0, 0) | (Level::Minor, 0, 0) | (Level::Patch | Level::None, ..) => {
                Version::new(major, minor, patch + 1)
            }
            (Level::Major, 0, _) => Version::new(0, minor + 1, 0),
            (Level::Minor, 0, _) => Version::new(0, minor, patch + 1),
            (Level::Major, ..) => Version::new(major + 1, 0, 0),
            (Level::Minor, ..) => Version::new(major, minor + 1, 0),
        }
    }
}

/// A lint that does not hold.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    pub(crate) id: String,
    /// What the lint is called.
    pub(crate) title: String,
    /// Whether it stops a release; otherwise it is advice.
    pub(crate) denied: bool,
    pub(crate) requires: Level,
    /// What it is about: `function parser::parse, previously in file src/lib.rs:3`.
    pub(crate) items: Vec<String>,
}

/// What was said of one crate.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Said {
    /// The version that was compared with.
    pub(crate) old: Version,
    /// So many lints were run.
    pub(crate) lints: usize,
    pub(crate) broken: Vec<Broken>,
}

/// Reads both streams. `None`: it did not finish looking.
pub(crate) fn read(stdout: &str, stderr: &str) -> Option<Said> {
    let stderr = plain(stderr);
    let (mut old, mut lints, mut failed) = (None, None, 0);
    let mut levels = BTreeMap::new();
    for line in stderr.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["Checking", _, from, "->", _, ..] => {
                old = Version::parse(from.trim_start_matches('v')).ok();
            }
            ["Checked", rest @ ..] => {
                let count = |kind: &str| {
                    let at = rest
                        .iter()
                        .position(|word| word.trim_end_matches([':', ',']) == kind)?;
                    rest.get(at.checked_sub(1)?)?.parse::<usize>().ok()
                };
                lints = count("checks");
                failed = count("fail").unwrap_or(0) + count("warn").unwrap_or(0);
            }
            ["FAIL" | "WARN", .., level @ ("major" | "minor"), id] => {
                let level = match *level {
                    "minor" => Level::Minor,
                    _ => Level::Major,
                };
                levels.insert((*id).to_owned(), level);
            }
            _ => {}
        }
    }
    let broken = blocks(&plain(stdout), &levels);
    // What it has counted it has to show.
    (broken.len() == failed).then_some(Said {
        old: old?,
        lints: lints?,
        broken,
    })
}

/// `--- failure ID: TITLE ---`, then a text, then `Failed in:` and one line an item.
fn blocks(stdout: &str, levels: &BTreeMap<String, Level>) -> Vec<Broken> {
    let mut broken: Vec<Broken> = Vec::new();
    let mut listing = false;
    for line in stdout.lines() {
        let head = line
            .strip_prefix("--- ")
            .and_then(|line| line.strip_suffix(" ---"))
            .and_then(|line| {
                let (kind, line) = line.split_once(' ')?;
                let (id, title) = line.split_once(": ")?;
                matches!(kind, "failure" | "warning").then_some((kind == "failure", id, title))
            });
        if let Some((denied, id, title)) = head {
            listing = false;
            broken.push(Broken {
                id: id.to_owned(),
                title: title.to_owned(),
                denied,
                // One that says nothing of its level counts as the worst.
                requires: levels.get(id).copied().unwrap_or(Level::Major),
                items: Vec::new(),
            });
        } else if line.trim() == "Failed in:" {
            listing = true;
        } else if listing
            && let Some(item) = line.strip_prefix("  ")
            && !item.starts_with([' ', '\t'])
            && let Some(last) = broken.last_mut()
        {
            last.items.push(item.to_owned());
        }
    }
    broken
}

/// The place at the end of an item: `… in file src/lib.rs:3`.
pub(crate) fn place(item: &str) -> Option<(&str, usize)> {
    let (_, place) = item
        .rsplit_once(" in file ")
        .or_else(|| item.rsplit_once(" in "))
        .or_else(|| item.rsplit_once(" at "))?;
    let (path, line) = place.rsplit_once(':')?;
    Some((path, line.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::{Level, place, read};

    #[test]
    fn what_a_version_allows() {
        for (old, new, level) in [
            ("1.2.3", "1.2.3", Level::None),
            ("1.2.3", "1.2.4", Level::Patch),
            ("1.2.3", "1.3.0", Level::Minor),
            ("1.2.3", "2.0.0", Level::Major),
            ("0.9.0", "0.9.1", Level::Minor),
            ("0.9.0", "0.10.0", Level::Major),
            ("0.9.0", "1.0.0-mvp", Level::Major),
            ("0.0.1", "0.0.2", Level::Major),
            ("0.0.9", "0.1.0", Level::Major),
            ("1.0.0-rc.1", "1.0.0", Level::Major),
            ("1.2.3", "1.2.3+build", Level::None),
        ] {
            let (old, new) = (old.parse().unwrap(), new.parse().unwrap());
            assert_eq!(Level::of(&old, &new), level, "{old} {new}");
        }
    }

    #[test]
    fn the_least_version_that_allows_it_does() {
        for (old, level, least) in [
            ("1.2.3", Level::Major, "2.0.0"),
            ("1.2.3", Level::Minor, "1.3.0"),
            ("0.9.2", Level::Major, "0.10.0"),
            ("0.9.2", Level::Minor, "0.9.3"),
            ("0.0.2", Level::Major, "0.0.3"),
            ("0.0.2", Level::Minor, "0.0.3"),
        ] {
            let old = old.parse().unwrap();
            let version = level.after(&old);
            assert_eq!(version.to_string(), least);
            assert!(Level::of(&old, &version) >= level, "{old} {version}");
        }
    }

    #[test]
    fn places_at_the_end_of_items() {
        let good = Some(("a b/lib.rs", 3));
        assert_eq!(
            place("function a::b, previously in file a b/lib.rs:3"),
            good
        );
        assert_eq!(place("variant A:B in a b/lib.rs:3"), good);
        assert_eq!(place("a::B, previously at a b/lib.rs:3"), good);
        assert_eq!(place("feature x in the package's Cargo.toml"), None);
    }

    #[test]
    fn half_an_answer_is_none() {
        let checking = "    Checking a v0.1.0 -> v0.1.0 (assume patch change)\n";
        let checked = "     Checked [   0.01s] 9 checks: 9 pass, 2 skip\n";
        assert!(read("", &format!("{checking}{checked}")).is_some());
        assert!(read("", checking).is_none());
        assert!(read("", checked).is_none());
        let failed = "     Checked [   0.01s] 9 checks: 8 pass, 1 fail, 0 warn, 2 skip\n";
        assert!(read("", &format!("{checking}{failed}")).is_none());
        let block = "\n--- failure x_y: it went ---\n\nDescription:\nlong\n\nFailed in:\n  item in a.rs:1\n";
        let said = read(block, &format!("{checking}{failed}")).unwrap();
        assert_eq!((said.lints, said.broken[0].items.len()), (9, 1));
    }
}
