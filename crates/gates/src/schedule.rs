//! Runs gates side by side: the long ones first, gates of one lane one after another, all of them to the end.

mod ask;
mod board;
mod shard;

use std::collections::BTreeMap;
use std::num::NonZero;
use std::time::Duration;

use anyhow::Result;

use self::board::{Board, Job};
pub use self::shard::{Durations, Shard};
use crate::memory::{self, Plan, Repository};
use crate::report::Part;
use crate::{Cost, Cx, GATES, Gate, Inputs, Report, Summary};

/// Which gates to run, and how.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Empty = all of the table.
    pub names: Vec<String>,
    /// Left out on purpose: reported as skipped.
    pub skip: Vec<Skip>,
    /// Only gates of [`Cost::Instant`]; the others are reported as skipped.
    pub quick: bool,
    /// How many slow ones at a time; 0 = as many as there are cores.
    pub jobs: usize,
    /// Every gate looks, whatever has passed before.
    pub no_cache: bool,
    /// Only gates which look at a file that differs from this commit, and those whose files cannot be told.
    pub base: Option<String>,
    /// Only this part of the gates: the others are asked on other machines.
    pub shard: Option<Shard>,
}

/// A gate that is left out of one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skip {
    pub gate: String,
    pub why: String,
}

impl Skip {
    /// Because a person said so.
    pub fn asked(gate: &str) -> Skip {
        Skip {
            gate: gate.to_owned(),
            why: "left out by --skip".to_owned(),
        }
    }
}

/// What happens while gates run; told from any thread.
pub enum Progress<'a> {
    /// With how long it took the last time.
    Started(&'a Gate<'a>, Option<Duration>),
    /// It has been running for longer than it should.
    Slow(&'a Gate<'a>, Duration),
    Finished(&'a Report),
}

/// Told of [`Progress`].
pub type Observe<'a> = &'a (dyn Fn(Progress<'_>) + Sync);

/// All gates of this repository: those of the table and those it brings itself.
pub fn table(cx: &Cx) -> Vec<Gate<'_>> {
    let mut table = GATES.to_vec();
    table.extend_from_slice(cx.own);
    table.extend(crate::command::gates(&cx.config));
    table
}

/// Runs the gates that were asked for. A gate that fails or cannot look never stops another one.
///
/// # Errors
/// For a name that is not in the table, before anything runs, and when Ctrl-C ended the run.
pub fn run(cx: &Cx, request: &Request, observe: Observe<'_>) -> Result<Summary> {
    run_table(cx, &table(cx), request, observe)
}

pub(crate) fn run_table(
    cx: &Cx,
    table: &[Gate<'_>],
    request: &Request,
    observe: Observe<'_>,
) -> Result<Summary> {
    let skipped = request.skip.iter().map(|skip| &skip.gate);
    for name in request.names.iter().chain(skipped) {
        check_name(table, name)?;
    }
    let changed = match &request.base {
        Some(rev) => Some(memory::changed_since(&cx.world, &cx.root, rev)?),
        None => None,
    };
    let wanted = |gate: &Gate<'_>| {
        request.names.is_empty() || request.names.iter().any(|name| name == gate.name)
    };
    let asked: Vec<usize> = (0..table.len())
        .filter(|index| wanted(&table[*index]))
        .collect();
    let today = cx.world.today()?;
    let repository = Repository::default();
    let board = Board::default();
    let mut jobs = Vec::new();
    let elsewhere = match &request.shard {
        Some(shard) => shard.elsewhere(table, &asked),
        None => BTreeMap::new(),
    };
    for index in asked {
        let gate = &table[index];
        let left = match elsewhere.get(&index) {
            Some(part) => Some(part.clone()),
            None => left_out(cx, gate, request, changed.as_deref()),
        };
        let known = match left {
            Some(reason) => Plan::Reuse(Box::new(Report::skipped(gate.name, reason))),
            None => repository.plan(cx, gate, !request.no_cache),
        };
        match known {
            Plan::Reuse(mut report) => {
                ask::waive(cx, &mut report, &today);
                observe(Progress::Finished(&report));
                board.know(index, *report);
            }
            Plan::Look(looking) => jobs.push(Job::new(cx, index, gate, looking)),
        }
    }
    let look = |job: &Job| {
        let mut report = ask::look(cx, &table[job.index], &job.limit)?;
        report.why.clone_from(&job.looking.why);
        let answer = report.clone();
        ask::waive(cx, &mut report, &today);
        observe(Progress::Finished(&report));
        Ok((report, answer))
    };
    let answers = board.work(cx, table, jobs, workers(request.jobs), &look, observe);
    repository.remember(cx, &answers);
    let reports = board.reports()?;
    Ok(Summary { reports })
}

/// What is said of a run besides its gates.
///
/// # Errors
/// When git cannot be asked for the commit.
pub fn part(cx: &Cx, request: &Request) -> Result<Part> {
    Ok(Part {
        shard: request.shard.clone(),
        commit: cx.git().resolve("HEAD^{commit}")?,
    })
}

/// How many threads for slow gates, and how many more for the others, which mostly wait: none where a person asked for
/// one gate at a time.
fn workers(asked: usize) -> (usize, usize) {
    let slow = match asked {
        0 => std::thread::available_parallelism().map_or(1, NonZero::get),
        jobs => jobs,
    };
    (slow, if slow == 1 { 0 } else { 2 })
}

/// Errs with [`UnknownGate`] when a name is in no table: to be told before anything is done.
pub fn check_names(cx: &Cx, skip: &[Skip]) -> Result<()> {
    let table = table(cx);
    skip.iter()
        .try_for_each(|skip| check_name(&table, &skip.gate))
}

fn check_name(table: &[Gate<'_>], name: &str) -> Result<()> {
    if table.iter().any(|gate| gate.name == name) {
        return Ok(());
    }
    let known: Vec<&str> = table.iter().map(|gate| gate.name).collect();
    let near = known
        .iter()
        .map(|known| (strsim::damerau_levenshtein(known, name), known))
        .filter(|(distance, _)| *distance <= 2)
        .min();
    let hint = near.map_or(String::new(), |(_, near)| {
        format!("; did you mean `{near}`?")
    });
    let message = format!(
        "there is no gate `{name}`{hint}; the gates are {}",
        known.join(", ")
    );
    Err(UnknownGate(message).into())
}

/// A name that is in no table: a slip of whoever typed it, not something that could not be looked at.
#[derive(Debug)]
pub struct UnknownGate(String);

impl std::fmt::Display for UnknownGate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for UnknownGate {}

fn left_out(
    cx: &Cx,
    gate: &Gate<'_>,
    request: &Request,
    changed: Option<&[String]>,
) -> Option<String> {
    if let Some(skip) = request.skip.iter().find(|skip| skip.gate == gate.name) {
        return Some(skip.why.clone());
    }
    if cx.config.gates.skip.iter().any(|name| name == gate.name) {
        return Some("left out by gates.skip in the configuration".to_owned());
    }
    if request.quick && gate.cost != Cost::Instant {
        return Some("left out by --quick: it takes longer than a moment".to_owned());
    }
    let (Some(rev), Some(changed)) = (&request.base, changed) else {
        return None;
    };
    match (gate.inputs)(cx) {
        Ok(Inputs::Same(same)) if memory::matching(&same.files, changed).is_none() => Some(
            format!("left out by --base: nothing that it looks at differs from {rev}"),
        ),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
