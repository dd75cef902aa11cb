//! Whether a folder of files is the release that it says it is: a table of checks, one file each, one line in the table.
//!
//! ```text
//! files ─hashed once─▶ Subject ─each check─▶ items: pass, warn, fail, unknown, not applicable ─▶ Report
//! ```
//!
//! Every way to be wrong is a [`Way`] of a check, with a text and an advice of its own; `docs/verifying.md` lists them,
//! and a test holds the page to this table. Unknown is never pass, and what was not proved is said at the end.

mod archives;
mod candidate;
mod files;
mod listed;
mod rebuild;
mod remote;
mod sbom;
mod signature;
mod source;
mod statements;
mod subject;
mod sums;
mod tag;

use anyhow::Result;
use serde::Serialize;

pub use subject::{Asked, Subject};

/// In the order in which they are told.
pub const CHECKS: &[Check] = &[
    sums::CHECK,
    candidate::CHECK,
    signature::CHECK,
    statements::CHECK,
    sbom::CHECK,
    archives::CHECK,
    source::CHECK,
    tag::CHECK,
    remote::CHECK,
    rebuild::CHECK,
];

/// One question about a release.
pub struct Check {
    pub name: &'static str,
    /// The question, in words.
    pub asks: &'static str,
    /// What is so when every item of it passed.
    pub proves: &'static str,
    /// How it can be wrong.
    pub ways: &'static [&'static Way],
    /// One item a thing that was looked at. An error means that it could not look at all.
    look: fn(&Subject<'_>) -> Result<Vec<Item>>,
}

/// One way to be wrong.
#[derive(Debug, PartialEq, Eq)]
pub struct Way {
    /// The same for ever: scripts read it.
    pub name: &'static str,
    pub verdict: Verdict,
    /// With `{places}` for what was seen.
    pub says: &'static str,
    /// What it means, and what to do.
    pub help: &'static str,
}

/// How an item was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    Pass,
    /// Nothing is wrong, and a person has to know.
    Warn,
    Fail,
    /// It could not be looked at, and should be.
    Unknown,
    /// There is nothing to look at, or nobody asked.
    #[serde(rename = "n/a")]
    Idle,
}

impl Verdict {
    /// The word of the table and of the event.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::Warn => "warn",
            Verdict::Fail => "fail",
            Verdict::Unknown => "unknown",
            Verdict::Idle => "n/a",
        }
    }
}

/// What one check says of one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// A file, a tag, a folder.
    pub name: String,
    pub verdict: Verdict,
    pub message: String,
    /// `None`: nothing is wrong.
    pub way: Option<&'static Way>,
}

impl Item {
    fn pass(name: impl Into<String>, message: impl Into<String>) -> Item {
        Item {
            name: name.into(),
            verdict: Verdict::Pass,
            message: message.into(),
            way: None,
        }
    }

    fn idle(name: impl Into<String>, reason: impl Into<String>) -> Item {
        Item {
            verdict: Verdict::Idle,
            ..Item::pass(name, reason)
        }
    }

    /// The text of the way, with its places filled.
    fn wrong(way: &'static Way, name: impl Into<String>, seen: &[(&str, &str)]) -> Item {
        let mut message = way.says.to_owned();
        for (place, value) in seen {
            message = message.replace(&format!("{{{place}}}"), value);
        }
        Item {
            name: name.into(),
            verdict: way.verdict,
            message,
            way: Some(way),
        }
    }
}

/// A whole check that could not look.
pub static NOT_LOOKED: Way = Way {
    name: "not-looked",
    verdict: Verdict::Unknown,
    says: "could not look: {error}",
    help: "mend what the message names and verify again; nothing was found out either way",
};

/// What one check found.
pub struct Looked {
    pub check: &'static Check,
    pub items: Vec<Item>,
}

impl Looked {
    fn proved(&self) -> bool {
        let fine = |item: &Item| matches!(item.verdict, Verdict::Pass | Verdict::Idle);
        let passed = |item: &Item| item.verdict == Verdict::Pass;
        self.items.iter().all(fine) && self.items.iter().any(passed)
    }

    /// Why it proves nothing: the worst item.
    fn reason(&self) -> Option<&Item> {
        let rank = |item: &&Item| match item.verdict {
            Verdict::Fail => 4,
            Verdict::Unknown => 3,
            Verdict::Warn => 2,
            Verdict::Idle => 1,
            Verdict::Pass => 0,
        };
        self.items.iter().rev().max_by_key(rank)
    }
}

/// What all checks found.
pub struct Report {
    pub looked: Vec<Looked>,
}

impl Report {
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        let items = self.looked.iter().flat_map(|looked| &looked.items);
        items.filter(|item| item.verdict == verdict).count()
    }

    /// What is certain now.
    #[must_use]
    pub fn proved(&self) -> Vec<&'static str> {
        let proved = self.looked.iter().filter(|looked| looked.proved());
        proved.map(|looked| looked.check.proves).collect()
    }

    /// What is not, each with the reason.
    #[must_use]
    pub fn unproved(&self) -> Vec<String> {
        let unproved = self.looked.iter().filter(|looked| !looked.proved());
        let words = |looked: &Looked| match looked.reason() {
            Some(item) => format!("{} ({})", looked.check.proves, item.message),
            None => looked.check.proves.to_owned(),
        };
        unproved.map(words).collect()
    }
}

/// Asks every check. `tell` hears of each as soon as it is done.
pub fn verify(subject: &Subject<'_>, tell: &dyn Fn(&Looked)) -> Report {
    let mut report = Report { looked: Vec::new() };
    for check in CHECKS {
        let items = (check.look)(subject).unwrap_or_else(|error| {
            let error = format!("{error:#}");
            vec![Item::wrong(&NOT_LOOKED, check.name, &[("error", &error)])]
        });
        let looked = Looked { check, items };
        tell(&looked);
        report.looked.push(looked);
    }
    report
}

#[cfg(test)]
mod tests;
