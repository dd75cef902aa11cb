//! The exit codes, documented for scripts.

use std::process::ExitCode;

use release::{Kind, Refusal};
use world::{CmdError, Failure, LockHeld};

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    Done = 0,
    /// A gate failed, a check is red.
    Findings = 1,
    /// Tool, network, credentials, unreadable input.
    CannotAct = 2,
    /// Awaiting approval, or no terminal and no `--yes`.
    Awaiting = 3,
    /// In the way of what somebody else made.
    Conflict = 4,
    /// Another run holds the lock.
    Locked = 6,
    /// The command line makes no sense.
    Usage = 64,
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

impl Exit {
    /// The code of an error: what it was made as, wherever in the chain that stands.
    pub(crate) fn of(error: &anyhow::Error) -> Exit {
        if let Some(refusal) = error.downcast_ref::<Refusal>() {
            return match refusal.kind {
                Kind::Findings => Exit::Findings,
                Kind::CannotAct => Exit::CannotAct,
                Kind::Awaiting => Exit::Awaiting,
                Kind::Conflict => Exit::Conflict,
                Kind::Usage => Exit::Usage,
            };
        }
        if error.downcast_ref::<LockHeld>().is_some() {
            return Exit::Locked;
        }
        if error.downcast_ref::<gates::UnknownGate>().is_some() {
            return Exit::Usage;
        }
        match error.downcast_ref::<CmdError>() {
            Some(CmdError {
                failure: Failure::Interrupted,
                ..
            }) => Exit::Interrupted,
            _ => Exit::CannotAct,
        }
    }
}

/// Clap's own message; `--help` and `--version` are no errors.
pub(crate) fn usage(error: &clap::Error, program: &str) -> ExitCode {
    // Printing fails only when nobody listens any more.
    drop(error.print());
    if error.use_stderr() {
        let hint = format!("see `{program} help`\n");
        drop(std::io::Write::write_all(
            &mut std::io::stderr(),
            hint.as_bytes(),
        ));
        Exit::Usage.into()
    } else {
        Exit::Done.into()
    }
}
