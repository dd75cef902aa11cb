//! Runs gates side by side: slow ones first, gates of one lane one after another, all of them to the end.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use anyhow::Result;
use world::{CmdError, Failure};

use crate::{Applies, Cost, Cx, Findings, GATES, Gate, Lane, Report, Severity, Summary, Verdict};

/// Which gates to run, and how.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Empty = all of the table.
    pub names: Vec<String>,
    /// Left out on purpose: reported as skipped.
    pub skip: Vec<String>,
    /// Only gates of [`Cost::Instant`]; the others are reported as skipped.
    pub quick: bool,
    /// How many at a time; 0 = as many as there are cores.
    pub jobs: usize,
}

/// What happens while gates run; told from any thread.
pub enum Progress<'a> {
    Started(&'a Gate<'a>),
    Finished(&'a Report),
}

/// Runs the gates that were asked for. A gate that fails or cannot look never stops another one.
///
/// # Errors
/// For a name that is not in the table, before anything runs, and when Ctrl-C ended the run.
pub fn run(cx: &Cx, request: &Request, observe: &(dyn Fn(Progress<'_>) + Sync)) -> Result<Summary> {
    run_table(cx, GATES, request, observe)
}

pub(crate) fn run_table(
    cx: &Cx,
    table: &[Gate],
    request: &Request,
    observe: &(dyn Fn(Progress<'_>) + Sync),
) -> Result<Summary> {
    for name in request.names.iter().chain(&request.skip) {
        check_name(table, name)?;
    }
    let wanted = |gate: &Gate| {
        request.names.is_empty() || request.names.iter().any(|name| name == gate.name)
    };
    let today = cx.world.today()?;
    let board = Board::default();
    let mut waiting = Vec::new();
    for (index, gate) in table.iter().enumerate().filter(|(_, gate)| wanted(gate)) {
        match left_out(cx, gate, request) {
            Some(reason) => {
                let report = Report::skipped(gate.name, reason);
                observe(Progress::Finished(&report));
                board.lock().reports.insert(index, report);
            }
            None => waiting.push(index),
        }
    }
    waiting.sort_by_key(|index| match table[*index].cost {
        Cost::Slow => 0,
        Cost::Network => 1,
        Cost::Instant => 2,
    });
    let jobs = jobs(request.jobs).min(waiting.len());
    board.lock().waiting = waiting;
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                while let Some(index) = board.take(table) {
                    observe(Progress::Started(&table[index]));
                    let outcome = look(cx, &table[index], &today);
                    if let Ok(report) = &outcome {
                        observe(Progress::Finished(report));
                    }
                    board.finish(table, index, outcome);
                }
            });
        }
    });
    let mut held = board.lock();
    if let Some(error) = held.interrupted.take() {
        return Err(error);
    }
    let reports = std::mem::take(&mut held.reports).into_values().collect();
    Ok(Summary { reports })
}

fn jobs(asked: usize) -> usize {
    match asked {
        0 => std::thread::available_parallelism().map_or(1, NonZero::get),
        jobs => jobs,
    }
}

/// Errs with [`UnknownGate`] when a name is in no table: to be told before anything is done.
pub fn check_names(names: &[String]) -> Result<()> {
    names.iter().try_for_each(|name| check_name(GATES, name))
}

fn check_name(table: &[Gate], name: &str) -> Result<()> {
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

fn left_out(cx: &Cx, gate: &Gate, request: &Request) -> Option<String> {
    if request.skip.iter().any(|name| name == gate.name) {
        return Some("left out by --skip".to_owned());
    }
    if cx.config.gates.skip.iter().any(|name| name == gate.name) {
        return Some("left out by gates.skip in the configuration".to_owned());
    }
    (request.quick && gate.cost != Cost::Instant)
        .then(|| "left out by --quick: it takes longer than a moment".to_owned())
}

/// One gate. The only error is an interrupt: every other one is an answer, `unknown`.
fn look(cx: &Cx, gate: &Gate, today: &str) -> Result<Report> {
    let watch = cx.world.stopwatch();
    let mut findings = Findings::default();
    let cx = &Cx {
        gate: gate.name.to_owned(),
        ..cx.clone()
    };
    let result = match (gate.applies)(cx) {
        Ok(Applies::No(reason)) => return Ok(Report::skipped(gate.name, reason)),
        Ok(Applies::Yes) => (gate.check)(cx, &mut findings),
        Err(error) => Err(error),
    };
    if let Err(error) = result {
        if was_interrupted(&error) {
            return Err(error);
        }
        findings.unknown(format!("{error:#}"));
    }
    // A gate may have swallowed the news.
    cx.world.check_interrupt()?;
    redact(cx, &mut findings);
    let mut report = Report::judge(gate.name, findings, watch.elapsed());
    waive(cx, &mut report, today);
    Ok(report)
}

fn was_interrupted(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<CmdError>()
            .is_some_and(|error| error.failure == Failure::Interrupted)
    })
}

/// What a program said may hold a secret.
fn redact(cx: &Cx, findings: &mut Findings) {
    for finding in &mut findings.list {
        finding.message = cx.world.redact(&finding.message);
    }
    for reason in &mut findings.unknown {
        *reason = cx.world.redact(reason);
    }
}

/// A waiver lets a failure through until its date; afterwards it bites, and is said.
fn waive(cx: &Cx, report: &mut Report, today: &str) {
    let ours = |waiver: &&config::Waiver| waiver.gate == report.name;
    for waiver in cx.config.waivers.iter().filter(ours) {
        // Both are written YYYY-MM-DD, which sorts as time does.
        let until = waiver.until.to_string();
        let blocks = matches!(report.verdict, Verdict::Fail | Verdict::Unknown);
        if until.as_str() < today {
            let severity = if blocks {
                Severity::Warning
            } else {
                Severity::Note
            };
            report.findings.push(crate::Finding {
                severity,
                message: format!(
                    "the waiver of {} expired on {until}: {}",
                    waiver.owner, waiver.reason
                ),
                at: None,
                help: Some(
                    "mend what the gate found, or agree on a new date; then remove the waiver"
                        .to_owned(),
                ),
            });
        } else if blocks {
            report.waived = Some(format!(
                "{} ({}, until {until})",
                waiver.reason, waiver.owner
            ));
        }
    }
}

/// What the workers share.
#[derive(Default)]
struct Board {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// Places in the table, the next one first.
    waiting: Vec<usize>,
    busy: Vec<Lane>,
    reports: BTreeMap<usize, Report>,
    interrupted: Option<anyhow::Error>,
}

impl Board {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next gate whose lanes are free; waits for one. `None`: nothing is left.
    fn take(&self, table: &[Gate]) -> Option<usize> {
        let mut state = self.lock();
        loop {
            if state.waiting.is_empty() || state.interrupted.is_some() {
                return None;
            }
            let free = |index: &usize| {
                table[*index]
                    .needs
                    .iter()
                    .all(|lane| !state.busy.contains(lane))
            };
            if let Some(at) = state.waiting.iter().position(free) {
                let index = state.waiting.remove(at);
                state.busy.extend(table[index].needs);
                return Some(index);
            }
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn finish(&self, table: &[Gate], index: usize, outcome: Result<Report>) {
        let mut state = self.lock();
        state.busy.retain(|lane| !table[index].needs.contains(lane));
        match outcome {
            Ok(report) => {
                state.reports.insert(index, report);
            }
            Err(error) => state.interrupted = Some(error),
        }
        self.changed.notify_all();
    }
}

#[cfg(test)]
mod tests;
