//! A preflight told to other programs: JUnit, SARIF, GitHub's annotations and step summary; and several of them, each
//! from its own machine, read back into one. Text in, text out: nothing here touches a file or the clock.

mod github;
mod junit;
mod merge;
mod read;
mod sarif;

pub use self::github::{annotations, step_summary};
pub use self::junit::junit;
pub use self::merge::{LEFT_TO_SHARD, Refused, merge};
pub(crate) use self::read::finding as read_finding;
pub use self::sarif::sarif;

use crate::{Finding, Location, Severity};

/// `docs/x.md:3:7`, as far as it is known.
fn place(at: &Location) -> String {
    match (at.line, at.column) {
        (Some(line), Some(column)) => format!("{}:{line}:{column}", at.path),
        (Some(line), None) => format!("{}:{line}", at.path),
        _ => at.path.clone(),
    }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// A finding as compilers write it: `docs/x.md:3: error: the message`, and the help below it.
fn told(finding: &Finding) -> String {
    let place = finding
        .at
        .as_ref()
        .map_or(String::new(), |at| format!("{}: ", place(at)));
    let help = finding
        .help
        .as_ref()
        .map_or(String::new(), |help| format!("\n  help: {help}"));
    format!(
        "{place}{}: {}{help}",
        severity(finding.severity),
        finding.message
    )
}
