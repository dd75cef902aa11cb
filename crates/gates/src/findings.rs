//! What a gate found: data, to be shown by somebody else.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// How bad a finding is. An error fails the gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Note,
    Warning,
    Error,
}

/// A place in the repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Location {
    /// From the root of the repository, as git names it.
    pub path: String,
    /// From 1.
    pub line: Option<usize>,
    /// From 1.
    pub column: Option<usize>,
}

/// One thing that a person should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub severity: Severity,
    pub message: String,
    pub at: Option<Location>,
    /// What to do next.
    pub help: Option<String>,
}

impl Finding {
    /// Names the file.
    pub fn at(&mut self, path: impl Into<String>) -> &mut Finding {
        self.at = Some(Location {
            path: path.into(),
            line: None,
            column: None,
        });
        self
    }

    /// Line and column (from 1) in the file named by [`Finding::at`].
    pub fn line(&mut self, line: Option<usize>, column: Option<usize>) -> &mut Finding {
        if let Some(at) = &mut self.at {
            (at.line, at.column) = (line, column);
        }
        self
    }

    pub fn help(&mut self, help: impl Into<String>) -> &mut Finding {
        self.help = Some(help.into());
        self
    }
}

/// What a gate collects while it looks.
#[derive(Debug, Default)]
pub struct Findings {
    pub(crate) list: Vec<Finding>,
    pub(crate) examined: u64,
    pub(crate) evidence: Map<String, Value>,
    /// Evidence that is a list, see [`Findings::figures`].
    pub(crate) figures: Option<Vec<Value>>,
    pub(crate) unknown: Vec<String>,
}

impl Findings {
    pub fn error(&mut self, message: impl Into<String>) -> &mut Finding {
        self.push(Severity::Error, message.into())
    }

    pub fn warning(&mut self, message: impl Into<String>) -> &mut Finding {
        self.push(Severity::Warning, message.into())
    }

    pub fn note(&mut self, message: impl Into<String>) -> &mut Finding {
        self.push(Severity::Note, message.into())
    }

    /// Something could not be looked at; the gate goes on with the rest, and cannot pass.
    pub fn unknown(&mut self, reason: impl Into<String>) {
        self.unknown.push(reason.into());
    }

    /// So many more things were looked at.
    pub fn examined(&mut self, count: usize) {
        self.examined += count as u64;
    }

    /// A figure under a plain name.
    pub fn evidence(&mut self, key: &str, value: impl Into<Value>) {
        self.evidence.insert(key.to_owned(), value.into());
    }

    /// The evidence is a list of figures and no table: `benchmarks` has as many as there are targets.
    pub fn figures(&mut self, list: Vec<Value>) {
        self.figures = Some(list);
    }

    /// Whether an error names this line already.
    pub(crate) fn has_error_at(&self, path: &str, line: usize) -> bool {
        self.list.iter().any(|finding| {
            finding.severity == Severity::Error
                && finding
                    .at
                    .as_ref()
                    .is_some_and(|at| at.path == path && at.line == Some(line))
        })
    }

    /// An error of the crate `manifest` about a file, with its place.
    pub(crate) fn broken(&mut self, path: &str, error: &manifest::Error) {
        let finding = self.error(error.message.clone());
        finding.at(path).line(error.line, error.column);
        if let Some(help) = &error.help {
            finding.help(help.clone());
        }
    }

    fn push(&mut self, severity: Severity, message: String) -> &mut Finding {
        let at = self.list.len();
        self.list.push(Finding {
            severity,
            message,
            at: None,
            help: None,
        });
        &mut self.list[at]
    }
}
