//! Which commits are listed, in which group, and why the others are not.
//!
//! Parsing and grouping are git-cliff's (`cliff.toml`); here is what its rules cannot say: what a
//! later commit took back, what stands there twice, and what to do without any convention.

use std::collections::HashMap;

use git_cliff_core::commit::{Commit, Signature};
use git_cliff_core::config::GitConfig;
use serde::Serialize;
use serde_json::json;

use crate::markdown::{cut, escape, one_line};
use crate::request;

/// Characters of a subject that are listed; some are pasted logs.
const SUBJECT_MAX: usize = 200;
const SCOPE_MAX: usize = 60;
const CONSEQUENCE_MAX: usize = 400;
/// The group of what has no type but must be listed.
const CHANGED: &str = "Changed";

/// A commit that is not in the section.
#[derive(Debug, Serialize)]
pub(crate) struct LeftOut {
    pub(crate) id: String,
    pub(crate) reason: String,
}

/// What goes into the section.
pub(crate) struct Selection {
    /// Breaking changes first, else in the order of the request.
    pub(crate) listed: Vec<Line>,
    pub(crate) left_out: Vec<LeftOut>,
    /// Whether no commit followed the convention, so that all are listed as they are.
    pub(crate) plain: bool,
}

/// A listed commit and what the template says of it.
#[derive(Debug)]
pub(crate) struct Line {
    commit: Commit<'static>,
    pub(crate) group: String,
    pub(crate) breaking: bool,
    scope: Option<String>,
    subject: String,
    consequence: Option<String>,
}

impl Line {
    /// The commit for git-cliff, with the texts of the template in `extra`.
    pub(crate) fn into_commit(self) -> Commit<'static> {
        let extra = json!({
            "breaking": self.breaking,
            "scope": self.scope,
            "subject": self.subject,
            "consequence": self.consequence,
        });
        Commit {
            group: Some(self.group),
            extra: Some(extra),
            ..self.commit
        }
    }
}

/// What the rules say of one commit.
enum Ruling {
    Listed(Line),
    /// By a rule for its type, or as a merge.
    Skipped {
        conventional: bool,
        reason: String,
    },
    /// Fits no rule.
    Unknown(Line, String),
}

pub(crate) fn select(commits: &[request::Commit], rules: &GitConfig) -> Selection {
    let reverted = reverted(commits);
    let mut rulings = Vec::new();
    let mut left_out = Vec::new();
    for commit in commits {
        let id = &commit.id.0;
        match reverted.get(id.as_str()) {
            Some(by) => left_out.push(LeftOut {
                id: id.clone(),
                reason: format!("reverted by {}", short(by)),
            }),
            None => rulings.push((id, rule(commit, rules))),
        }
    }
    let follows = |ruling: &Ruling| {
        matches!(
            ruling,
            Ruling::Listed(_)
                | Ruling::Skipped {
                    conventional: true,
                    ..
                }
        )
    };
    let has_unknown = rulings
        .iter()
        .any(|(_, ruling)| matches!(ruling, Ruling::Unknown(..)));
    let plain = has_unknown && !rulings.iter().any(|(_, ruling)| follows(ruling));
    let mut listed: Vec<Line> = Vec::new();
    for (id, ruling) in rulings {
        let (line, reason) = match ruling {
            Ruling::Listed(line) => (Some(line), String::new()),
            Ruling::Unknown(line, _) if plain => (Some(line.untyped()), String::new()),
            Ruling::Unknown(line, _) if line.breaking => (Some(line), String::new()),
            Ruling::Unknown(_, reason) | Ruling::Skipped { reason, .. } => (None, reason),
        };
        let reason = match line {
            Some(line) => add(&mut listed, line),
            None => Some(reason),
        };
        left_out.extend(reason.map(|reason| LeftOut {
            id: id.clone(),
            reason,
        }));
    }
    listed.sort_by_key(|line| !line.breaking);
    let place: HashMap<&str, usize> = commits
        .iter()
        .enumerate()
        .map(|(at, commit)| (commit.id.0.as_str(), at))
        .collect();
    left_out.sort_by_key(|one| place.get(one.id.as_str()).copied());
    Selection {
        listed,
        left_out,
        plain,
    }
}

/// Adds a line, unless it stands there already: a rebase leaves the same commit under two ids.
/// Returns why it was not added.
fn add(listed: &mut Vec<Line>, line: Line) -> Option<String> {
    let is_twin = |other: &&mut Line| {
        other.group == line.group && other.scope == line.scope && other.subject == line.subject
    };
    if let Some(twin) = listed.iter_mut().find(is_twin) {
        twin.breaking |= line.breaking;
        twin.consequence = twin.consequence.take().or(line.consequence);
        return Some(format!("the same subject as {}", short(&twin.commit.id)));
    }
    listed.push(line);
    None
}

/// Commits that a later one of the range took back, and by which. A revert that was itself
/// reverted takes nothing back, so the newest decides.
fn reverted(commits: &[request::Commit]) -> HashMap<&str, &str> {
    const MARK: &str = "This reverts commit ";
    let mut reverted: HashMap<&str, &str> = HashMap::new();
    for commit in commits {
        let id = commit.id.0.as_str();
        if reverted.contains_key(id) {
            continue;
        }
        for line in commit
            .message
            .lines()
            .filter_map(|line| line.strip_prefix(MARK))
        {
            let target = line
                .split(|c: char| !c.is_ascii_hexdigit())
                .next()
                .unwrap_or_default();
            if target.len() >= 40 {
                reverted.insert(target, id);
            }
        }
    }
    let is_there = |target: &str| commits.iter().any(|commit| commit.id.0 == target);
    reverted.retain(|target, _| is_there(target));
    reverted
}

fn rule(commit: &request::Commit, rules: &GitConfig) -> Ruling {
    let message = normal(&commit.message);
    let raw = Commit {
        author: Signature {
            name: Some(commit.author.name.clone()),
            email: Some(commit.author.email.clone()),
            timestamp: commit.author.time,
        },
        ..Commit::new(commit.id.0.clone(), message.clone())
    };
    let conventional = raw
        .clone()
        .into_conventional()
        .ok()
        .and_then(|parsed| parsed.conv);
    let kind = conventional
        .as_ref()
        .map(|parsed| one_line(&parsed.type_().to_lowercase()));
    match raw.process(rules) {
        Ok(ruled) => match ruled.group.clone() {
            Some(group) => Ruling::Listed(Line::new(ruled, &group)),
            None => match kind {
                Some(kind) => Ruling::Unknown(
                    Line::new(ruled, CHANGED),
                    format!("type `{kind}` is in no group"),
                ),
                None => Ruling::Unknown(
                    without_type(&message, ruled),
                    "not a conventional commit".to_owned(),
                ),
            },
        },
        Err(_) => {
            let reason = match kind {
                Some(kind) => format!("type `{kind}` is left out"),
                None => "merge commit".to_owned(),
            };
            Ruling::Skipped {
                conventional: conventional.is_some(),
                reason,
            }
        }
    }
}

/// A breaking change may be announced in the footer of a commit without a type: the footers are
/// found by giving it one.
fn without_type(message: &str, commit: Commit<'static>) -> Line {
    let typed = Commit::new(commit.id.clone(), format!("change: {message}"));
    let conv = typed
        .into_conventional()
        .ok()
        .and_then(|parsed| parsed.conv);
    Line::new(Commit { conv, ..commit }, CHANGED).untyped()
}

/// LF line ends, no space around, and a blank line after the subject, which the convention asks for
/// and people forget.
fn normal(message: &str) -> String {
    let lf = message.replace("\r\n", "\n").replace('\r', "\n");
    let (subject, rest) = lf.trim().split_once('\n').unwrap_or((lf.trim(), ""));
    if rest.is_empty() {
        return subject.trim_end().to_owned();
    }
    format!(
        "{}\n\n{}",
        subject.trim_end(),
        rest.trim_start_matches('\n')
    )
}

impl Line {
    fn new(commit: Commit<'static>, group: &str) -> Self {
        let group = group.to_owned();
        let Some(conv) = &commit.conv else {
            let line = Self {
                commit,
                group,
                breaking: false,
                scope: None,
                subject: String::new(),
                consequence: None,
            };
            return line.untyped();
        };
        let description = conv.description();
        let consequence = conv
            .breaking_description()
            .filter(|text| *text != description);
        // A footer goes on until the next one: its first paragraph is the announcement.
        let consequence = consequence.and_then(|text| text.split("\n\n").next());
        Self {
            group,
            breaking: conv.breaking(),
            scope: conv.scope().and_then(|scope| shown(&scope, SCOPE_MAX)),
            subject: shown(description, SUBJECT_MAX).unwrap_or_else(|| "(no subject)".to_owned()),
            consequence: consequence.and_then(|text| shown(text, CONSEQUENCE_MAX)),
            commit,
        }
    }

    /// The subject line whole, without looking for a type in it.
    fn untyped(self) -> Self {
        let subject = self
            .commit
            .message
            .lines()
            .next()
            .and_then(|subject| shown(subject, SUBJECT_MAX));
        Self {
            scope: None,
            subject: subject.unwrap_or_else(|| "(no subject)".to_owned()),
            ..self
        }
    }
}

fn shown(text: &str, max: usize) -> Option<String> {
    let line = cut(&one_line(text), max);
    (!line.is_empty()).then(|| escape(&line))
}

fn short(id: &str) -> &str {
    id.get(..7).unwrap_or(id)
}
