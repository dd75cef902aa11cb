//! Which commits are listed, in which group, and why the others are not.

mod rule;

use std::collections::HashMap;

use serde::Serialize;

use crate::markdown::{cut, escape, one_line};
use crate::message::{self, Head, Message};
use crate::people::{Contributor, contributors};
use crate::range::fates;
use crate::request::Commit;
use crate::rules::{Group, Rules, Table};

/// Characters of a subject that are listed; some are pasted logs.
const SUBJECT_MAX: usize = 200;
const SCOPE_MAX: usize = 60;
const CONSEQUENCE_MAX: usize = 400;

/// A commit that is not in the section.
#[derive(Debug, Serialize)]
pub(crate) struct LeftOut {
    pub(crate) id: String,
    pub(crate) reason: String,
}

/// What one commit is, as far as its message and its neighbours tell.
#[derive(Debug, Serialize)]
pub(crate) struct Ruling {
    pub(crate) id: String,
    /// The first line as typed, cut, without control characters; no Markdown is escaped.
    pub(crate) subject: String,
    /// In lower case; of a type in no table too.
    #[serde(rename = "type")]
    pub(crate) kind: Option<String>,
    pub(crate) scope: Option<String>,
    pub(crate) breaking: bool,
    /// Where it is listed.
    pub(crate) group: Option<Group>,
    pub(crate) listed: bool,
    /// Whether its subject follows the convention with a type that is known.
    pub(crate) conventional: bool,
    /// Whether it follows no convention that is known, so that nothing can be told of it but its
    /// subject; listed or not.
    pub(crate) unknown: bool,
    /// Why it is not listed.
    pub(crate) reason: Option<String>,
    pub(crate) bot: bool,
}

/// What goes into the section.
pub(crate) struct Selection {
    /// Breaking changes first, else in the order of the request.
    pub(crate) listed: Vec<Line>,
    /// One for each commit, in the order of the request.
    pub(crate) rulings: Vec<Ruling>,
    /// Whether the convention is not the habit here, so that what does not follow it is listed as it is.
    pub(crate) plain: bool,
    pub(crate) contributors: Vec<Contributor>,
}

impl Selection {
    /// What is not in the section, in the order of the request.
    pub(crate) fn left_out(&self) -> Vec<LeftOut> {
        let reasons = self.rulings.iter().filter_map(|ruling| {
            Some(LeftOut {
                id: ruling.id.clone(),
                reason: ruling.reason.clone()?,
            })
        });
        reasons.collect()
    }
}

/// A line of the section; texts are Markdown.
#[derive(Debug)]
pub(crate) struct Line {
    /// Of all commits that the line stands for, in the order of the request.
    pub(crate) ids: Vec<String>,
    pub(crate) group: Group,
    pub(crate) breaking: bool,
    pub(crate) scope: Option<String>,
    pub(crate) subject: String,
    /// What breaks.
    pub(crate) consequences: Vec<String>,
}

/// Judges commits, newest first, and gives the lines that they make.
pub(crate) fn select(commits: &[Commit], rules: &Rules) -> Selection {
    let table = Table::new(rules);
    let messages = read_all(commits, &table);
    let fates = fates(commits, &messages);
    let judge = rule::Judge::new(commits, &messages, &fates, &table, rules);
    let verdicts: Vec<rule::Verdict> = (0..commits.len()).map(|at| judge.verdict(at)).collect();
    let count =
        |what: fn(&rule::Verdict) -> bool| verdicts.iter().filter(|verdict| what(verdict)).count();
    let unknown = count(|verdict| matches!(verdict, rule::Verdict::Unknown { .. }));
    let listed = count(|verdict| matches!(verdict, rule::Verdict::Listed { .. }));
    // Where most say nothing of their type, they are all there is to tell.
    let plain = unknown > listed;

    let mut lines = Lines::default();
    let mut rulings = Vec::with_capacity(commits.len());
    for ((commit, message), verdict) in commits.iter().zip(&messages).zip(verdicts) {
        let mut ruling = ruling(commit, message, &table);
        match verdict {
            rule::Verdict::Listed { group, heads } => {
                ruling.group = Some(group);
                lines.add(commit, message, &ruling, &heads);
            }
            rule::Verdict::Unknown { group, reason } => {
                ruling.unknown = true;
                if plain {
                    ruling.group = Some(group);
                    lines.add(commit, message, &ruling, &[]);
                } else {
                    ruling.reason = Some(reason);
                }
            }
            rule::Verdict::LeftOut(reason) => ruling.reason = Some(reason),
        }
        ruling.listed = ruling.group.is_some();
        rulings.push(ruling);
    }
    let mut listed = lines.lines;
    listed.sort_by_key(|line| !line.breaking);
    Selection {
        listed,
        rulings,
        plain,
        contributors: contributors(commits),
    }
}

/// Reading is most of the work, and no message depends on another.
fn read_all(commits: &[Commit], table: &Table<'_>) -> Vec<Message> {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let share = commits.len().div_ceil(threads).max(1_000);
    std::thread::scope(|scope| {
        let read = |part: &[Commit]| -> Vec<Message> {
            let messages = part
                .iter()
                .map(|commit| message::read(&commit.message, table));
            messages.collect()
        };
        let parts: Vec<_> = commits
            .chunks(share)
            .map(|part| (part, scope.spawn(move || read(part))))
            .collect();
        // A thread cannot fail but by a mistake of ours; then the part is read here, where it shows.
        let parts = parts
            .into_iter()
            .map(|(part, thread)| thread.join().unwrap_or_else(|_| read(part)));
        parts.flatten().collect()
    })
}

fn ruling(commit: &Commit, message: &Message, table: &Table<'_>) -> Ruling {
    let head = message.head.as_ref();
    let subject = cut(&one_line(message.shown()), SUBJECT_MAX);
    Ruling {
        id: commit.id.0.clone(),
        subject: if subject.is_empty() {
            "(no subject)".to_owned()
        } else {
            subject
        },
        kind: head.map(|head| one_line(&head.kind)),
        scope: head
            .and_then(|head| head.scope.as_deref())
            .map(|scope| cut(&one_line(scope), SCOPE_MAX)),
        breaking: message.breaks(),
        group: None,
        listed: false,
        unknown: false,
        conventional: head.is_some_and(|head| table.of(&head.kind).is_some()),
        reason: None,
        bot: crate::people::is_bot(&commit.author.name, &commit.author.email),
    }
}

/// Lines in their order, and where each stands.
#[derive(Default)]
struct Lines {
    lines: Vec<Line>,
    places: HashMap<(Group, Option<String>, String), usize>,
}

impl Lines {
    /// The lines of a commit: one for each head, or its whole subject.
    fn add(
        &mut self,
        commit: &Commit,
        message: &Message,
        ruling: &Ruling,
        heads: &[(Group, &Head)],
    ) {
        let Some(group) = ruling.group else { return };
        if heads.is_empty() {
            self.push(commit, line(message, group, None, true));
        }
        for (at, (group, head)) in heads.iter().enumerate() {
            self.push(commit, line(message, *group, Some(head), at == 0));
        }
    }

    /// The same line twice is one line with both commits behind it.
    fn push(&mut self, commit: &Commit, line: Line) {
        let key = (line.group, line.scope.clone(), line.subject.clone());
        let place = *self.places.entry(key).or_insert(self.lines.len());
        match self.lines.get_mut(place) {
            Some(same) => {
                same.breaking |= line.breaking;
                for consequence in line.consequences {
                    if !same.consequences.contains(&consequence) {
                        same.consequences.push(consequence);
                    }
                }
                if same.ids.last() != Some(&commit.id.0) {
                    same.ids.push(commit.id.0.clone());
                }
            }
            None => self.lines.push(Line {
                ids: vec![commit.id.0.clone()],
                ..line
            }),
        }
    }
}

/// The line of a head; without one the subject whole, no type looked for in it. What the body
/// announces belongs to the first line of a commit.
fn line(message: &Message, group: Group, head: Option<&Head>, is_first: bool) -> Line {
    let subject = head.map_or(message.shown(), |head| head.description.as_str());
    let announced = message.breaking.iter().filter(|_| is_first);
    let consequences = announced.filter_map(|text| shown(text, CONSEQUENCE_MAX));
    let head_breaks = head
        .or(message.head.as_ref())
        .is_some_and(|head| head.breaking);
    Line {
        ids: Vec::new(),
        group,
        breaking: head_breaks || (is_first && !message.breaking.is_empty()),
        scope: head
            .and_then(|head| head.scope.as_deref())
            .and_then(|scope| shown(scope, SCOPE_MAX)),
        subject: shown(subject, SUBJECT_MAX).unwrap_or_else(|| "(no subject)".to_owned()),
        consequences: consequences.collect(),
    }
}

fn shown(text: &str, max: usize) -> Option<String> {
    let line = cut(&one_line(text), max);
    (!line.is_empty()).then(|| escape(&line))
}

/// As much of an id as people read.
pub(crate) fn short(id: &str) -> &str {
    id.get(..7).unwrap_or(id)
}

#[cfg(test)]
mod laws;
