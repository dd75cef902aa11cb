//! Gates: the questions that are answered before a release, and the places that carry its version.
//!
//! A gate looks and lists what it found as data. It does not print, it does not decide what happens next, and where it
//! could not look it says so: `unknown` is a verdict of its own, and examining nothing is not passing.
//! One file per gate in `gates/`, one line each in [`GATES`]; help, docs and JSON come from that table.

mod advisories;
mod benchmarks;
pub(crate) mod cargo;
mod command;
mod coverage_files;
mod coverage_report;
mod coverage_run;
pub mod deployment;
mod deps;
pub mod documents;
mod findings;
mod gate;
mod gates;
mod inputs;
mod leftovers;
pub mod licences;
mod links;
pub mod lockfile;
mod markdown;
mod memory;
mod msrv_declared;
mod near;
pub mod node;
pub mod packages;
pub mod places;
pub mod project;
mod publishable;
mod report;
pub mod reports;
pub(crate) mod requirements;
pub(crate) mod runner;
mod schedule;
pub(crate) mod secrets;
mod semver_checks;
pub(crate) mod side_by_side;
pub mod tags;
pub(crate) mod terraform;
mod test_cargo;
mod test_nextest;
mod tracker;
pub(crate) mod workflows;
pub(crate) mod yaml;

pub use crate::benchmarks::{Measured, measured};
pub use crate::command::gates as own_gates;
pub use crate::findings::{Finding, Findings, Location, Severity};
pub use crate::gate::{Applies, Cost, Cx, Gate, Lane, Subject};
pub use crate::gates::GATES;
pub use crate::inputs::{Inputs, Same};
pub use crate::memory::{Last, Memory, last};
pub use crate::node::dependencies;
pub use crate::report::{Counts, Part, Report, Summary, Verdict};
pub use crate::schedule::{
    Durations, Observe, Progress, Request, Shard, Skip, UnknownGate, check_names, part, run, table,
};
