//! The scalars of a workflow file with their path and line, gathered by step: all that is needed to see which versions it
//! pins. Whether the workflow is a good one is another gate's question.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use saphyr_parser::{Event, Parser};

/// One step of one job.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) job: String,
    /// `uses`, `run`, `with.version` … with its text and line.
    pub(crate) keys: BTreeMap<String, (String, usize)>,
}

impl Step {
    pub(crate) fn get(&self, key: &str) -> Option<(&str, usize)> {
        self.keys
            .get(key)
            .map(|(text, line)| (text.as_str(), *line))
    }
}

/// The steps of a workflow, and the values of its matrices: job, key, value, line.
#[derive(Debug, Default)]
pub(crate) struct Workflow {
    pub(crate) steps: Vec<Step>,
    pub(crate) matrix: Vec<(String, String, String, usize)>,
}

pub(crate) fn read(text: &str) -> Result<Workflow> {
    let mut workflow = Workflow::default();
    let mut steps: BTreeMap<(String, usize), Step> = BTreeMap::new();
    for (path, text, line) in scalars(text)? {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        match path.as_slice() {
            ["jobs", job, "steps", index, rest @ ..] if !rest.is_empty() => {
                let index = index.parse().unwrap_or(usize::MAX);
                let step = steps.entry(((*job).to_owned(), index)).or_default();
                step.job = (*job).to_owned();
                step.keys.insert(rest.join("."), (text, line));
            }
            ["jobs", job, "strategy", "matrix", key, _]
            | ["jobs", job, "strategy", "matrix", "include", _, key] => {
                workflow
                    .matrix
                    .push(((*job).to_owned(), (*key).to_owned(), text, line));
            }
            _ => {}
        }
    }
    workflow.steps = steps.into_values().collect();
    Ok(workflow)
}

enum Open {
    /// The key whose value comes next.
    Map(Option<String>),
    /// The index that comes next.
    List(usize),
}

type Scalar = (Vec<String>, String, usize);

/// Every scalar that is a value, with the keys and indices that lead to it.
fn scalars(text: &str) -> Result<Vec<Scalar>> {
    let mut open: Vec<Open> = Vec::new();
    let mut found = Vec::new();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.context("it is not YAML")?;
        match event {
            Event::MappingStart(..) => open.push(Open::Map(None)),
            Event::SequenceStart(..) => open.push(Open::List(0)),
            Event::MappingEnd | Event::SequenceEnd => {
                open.pop();
                next(&mut open);
            }
            // What it stands for is looked at where it is defined.
            Event::Alias(_) => next(&mut open),
            Event::Scalar(value, ..) => {
                if let Some(Open::Map(key @ None)) = open.last_mut() {
                    *key = Some(value.into_owned());
                    continue;
                }
                let path = open
                    .iter()
                    .map(|open| match open {
                        Open::Map(key) => key.clone().unwrap_or_default(),
                        Open::List(index) => index.to_string(),
                    })
                    .collect();
                found.push((path, value.into_owned(), span.start.line()));
                next(&mut open);
            }
            _ => {}
        }
    }
    Ok(found)
}

/// A value has ended: the next scalar of a mapping is a key again.
fn next(open: &mut [Open]) {
    match open.last_mut() {
        Some(Open::Map(key)) => *key = None,
        Some(Open::List(index)) => *index += 1,
        None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn steps_and_matrices_are_found_with_their_lines() {
        let text = "on: push\njobs:\n  build:\n    strategy:\n      matrix:\n        node: [18, '20']\n        include:\n          - node: 22\n    steps:\n      - uses: actions/checkout@v4\n      - uses: pnpm/action-setup@v4\n        with:\n          version: 9\n      - run: |\n          corepack enable\n          pnpm test\n";
        let workflow = read(text).unwrap();
        assert_eq!(workflow.steps.len(), 3);
        let step = &workflow.steps[1];
        assert_eq!(step.get("uses"), Some(("pnpm/action-setup@v4", 11)));
        assert_eq!(step.get("with.version"), Some(("9", 13)));
        let (run, _) = workflow.steps[2].get("run").unwrap();
        assert!(run.starts_with("corepack enable\n"));
        let values: Vec<(&str, usize)> = workflow
            .matrix
            .iter()
            .map(|(_, _, value, line)| (value.as_str(), *line))
            .collect();
        assert_eq!(values, [("18", 6), ("20", 6), ("22", 8)]);
        assert!(read("jobs: [").is_err());
    }
}
