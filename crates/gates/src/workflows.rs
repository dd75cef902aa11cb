//! Reading GitHub workflows: the rules of the gate `workflows`, one module a subject, over the trees of [`crate::yaml`].
//!
//! An error is said only where it is certain: what depends on an expression, on another repository or on a newer
//! GitHub is left alone, or is a warning.

mod actions;
mod contexts;
mod danger;
mod events;
pub(crate) mod expressions;
mod jobs;
pub(crate) mod outside;
mod references;
mod retired;
mod shape;

use std::collections::{BTreeMap, BTreeSet};

use crate::Severity;
use crate::yaml::{self, Node, Place};

/// What one file says and what was said about it.
pub(crate) struct File {
    pub(crate) path: String,
    lines: Vec<String>,
    pub(crate) root: Option<Node>,
    pub(crate) said: Vec<Said>,
    pub(crate) jobs: usize,
    pub(crate) steps: usize,
}

/// A finding, before it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) severity: Severity,
    pub(crate) rule: &'static str,
    pub(crate) at: Place,
    pub(crate) message: String,
    pub(crate) help: String,
}

/// All files that may refer to each other, by path, and the settings.
pub(crate) struct Known<'a> {
    pub(crate) roots: BTreeMap<&'a str, &'a Node>,
    pub(crate) settings: &'a config::WorkflowsGate,
}

/// Rules that a comment in the file may silence, as zizmor reads it: `# zizmor: ignore[unpinned-uses]`.
const SILENT: &str = "zizmor: ignore[";

impl File {
    pub(crate) fn read(path: String, text: &str) -> File {
        let mut file = File {
            path,
            lines: text.lines().map(str::to_owned).collect(),
            root: None,
            said: Vec::new(),
            jobs: 0,
            steps: 0,
        };
        match yaml::parse(text) {
            Ok(Some(root)) => file.root = Some(root),
            Ok(None) => file.error(
                "yaml",
                Place { line: 1, column: 1 },
                "the file is empty",
                "write the workflow, or remove the file",
            ),
            Err(flaw) => file.broken(&flaw),
        }
        file
    }

    fn broken(&mut self, flaw: &yaml::Flaw) {
        let tab = |line: &usize| {
            let text = self.lines.get(line - 1).map_or("", String::as_str);
            text.trim_start_matches(' ').starts_with('\t')
        };
        // The parser sometimes stumbles one line later.
        let line = flaw.at.line.max(1);
        match [line, line.saturating_sub(1).max(1)]
            .iter()
            .find(|line| tab(line))
        {
            Some(line) => {
                let at = Place {
                    line: *line,
                    column: 1,
                };
                self.error(
                    "yaml",
                    at,
                    "a tab in the indentation, where YAML wants spaces",
                    "indent with spaces",
                );
            }
            None => {
                let message = format!("not YAML: {}", flaw.message);
                self.error(
                    "yaml",
                    flaw.at,
                    message,
                    "mend the text; GitHub reads no workflow from it",
                );
            }
        }
    }

    pub(crate) fn is_workflow(&self) -> bool {
        self.path.starts_with(".github/workflows/")
    }

    fn error(
        &mut self,
        rule: &'static str,
        at: Place,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.say(Severity::Error, rule, at, message.into(), help.into());
    }

    fn warning(
        &mut self,
        rule: &'static str,
        at: Place,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.say(Severity::Warning, rule, at, message.into(), help.into());
    }

    fn say(
        &mut self,
        severity: Severity,
        rule: &'static str,
        at: Place,
        message: String,
        help: String,
    ) {
        self.said.push(Said {
            severity,
            rule,
            at,
            message,
            help,
        });
    }

    /// Whether a comment on one of these lines says that the rule is known to be broken there.
    fn silenced(&self, rule: &str, lines: &[usize]) -> bool {
        lines.iter().any(|line| {
            let text = self
                .lines
                .get(line.saturating_sub(1))
                .map_or("", String::as_str);
            let list = text
                .split_once('#')
                .and_then(|(_, comment)| comment.split_once(SILENT));
            list.and_then(|(_, rest)| rest.split_once(']'))
                .is_some_and(|(list, _)| list.split(',').any(|name| name.trim() == rule))
        })
    }

    /// Where the expression with this number (from 0) of a text stands: the text as it is read may have other lines
    /// than the text as it is written.
    fn expression(&self, from: Place, number: usize) -> Place {
        let mut seen = 0;
        for (index, line) in self
            .lines
            .iter()
            .enumerate()
            .skip(from.line.saturating_sub(1))
        {
            let first = index + 1 == from.line;
            let skip = if first { from.column - 1 } else { 0 };
            let start = line
                .char_indices()
                .nth(skip)
                .map_or(line.len(), |(at, _)| at);
            for (at, _) in line[start..].match_indices("${{") {
                if seen == number {
                    let column = line[..start + at].chars().count() + 1;
                    return Place {
                        line: index + 1,
                        column,
                    };
                }
                seen += 1;
            }
        }
        from
    }
}

/// Applies every rule to one file.
pub(crate) fn check(file: &mut File, known: &Known<'_>) {
    let Some(root) = file.root.take() else { return };
    for (key, first) in root.duplicates() {
        let name = key.text().unwrap_or_default();
        let message = format!(
            "the key `{name}` stands here a second time, first in line {}",
            first.line
        );
        file.error("duplicate", key.at, message, "keep one of the two");
    }
    if file.is_workflow() {
        shape::workflow(file, &root);
        events::check(file, &root);
        jobs::check(file, &root, known);
        contexts::workflow(file, &root);
        danger::workflow(file, &root);
    } else {
        actions::definition(file, &root, known);
    }
    file.root = Some(root);
    file.said.sort_by_key(|said| said.at);
}

/// `did you mean …` for a word that is not in the list.
fn nearest<'w>(word: &str, words: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let lower = word.to_ascii_lowercase();
    words
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&lower, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len() / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The help for a word that is not in the list.
fn instead<'w>(word: &str, words: impl IntoIterator<Item = &'w str> + Clone) -> String {
    match nearest(word, words.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            let words: BTreeSet<&str> = words.into_iter().collect();
            let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
            format!("there are {}", words.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{File, Place, nearest};

    #[test]
    fn expressions_are_placed_in_the_text_as_it_is_written() {
        let text = "a: x ${{ 1 }} ${{ 2 }}\nb: |\n  one\n  ü ${{ 3 }}\n";
        let file = File::read(".github/workflows/a.yml".to_owned(), text);
        let place = |line, column, number| file.expression(Place { line, column }, number);
        assert_eq!(
            place(1, 4, 1),
            Place {
                line: 1,
                column: 15
            }
        );
        assert_eq!(place(3, 3, 0), Place { line: 4, column: 5 });
    }

    #[test]
    fn a_comment_silences_the_rules_it_names() {
        let text = "a: 1 # zizmor: ignore[unpinned-uses, other] why\nb: 2\n";
        let file = File::read("a.yml".to_owned(), text);
        assert!(file.silenced("unpinned-uses", &[2, 1]));
        assert!(!file.silenced("unpinned", &[1]));
        assert!(!file.silenced("unpinned-uses", &[2]));
    }

    #[test]
    fn a_near_word_is_offered_and_a_far_one_is_not() {
        assert_eq!(nearest("run-on", ["runs-on", "needs"]), Some("runs-on"));
        assert_eq!(nearest("frobnicate", ["runs-on", "needs"]), None);
    }
}
