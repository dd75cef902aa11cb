//! Expected ends that are not success, each with its exit code and the next thing to do.

use std::fmt;

/// Which of the documented exit codes an end has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// 1: a gate failed, a check is red.
    Findings,
    /// 2: could not look or act.
    CannotAct,
    /// 3: a person has to approve.
    Awaiting,
    /// 4: somebody else made something that is in the way.
    Conflict,
    /// 64: the command line asks for something that makes no sense.
    Usage,
}

/// An end that was foreseen. Everything else that fails is a plain error, exit code 2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub kind: Kind,
    pub message: String,
    pub help: String,
}

impl Refusal {
    pub fn new(kind: Kind, message: impl Into<String>, help: impl Into<String>) -> Refusal {
        Refusal {
            kind,
            message: message.into(),
            help: help.into(),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Refusal {}
