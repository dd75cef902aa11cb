//! What the workers share: which gates wait, which run, which have answered.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Result;
use config::Limit;
use world::Stopwatch;

use super::{Observe, Progress, ask};
use crate::memory::{self, Last, Looking};
use crate::{Cost, Cx, Gate, Lane, Report};

/// A gate without a limit of its own is called slow after this long, or when it takes half as much again as before.
const SLOW: Duration = Duration::from_secs(60);

/// Cargo commands in the order in which each finds most of what it needs built: first what tests need too, last what only
/// reads. Those that are not named come after them, in the order of the table.
const BUILD_ORDER: &[&str] = &["deps", "build", "clippy", "test", "doc"];

/// A gate that has to look.
pub(super) struct Job {
    pub(super) index: usize,
    pub(super) looking: Looking,
    pub(super) limit: Limit,
    last: Option<Last>,
    rank: Rank,
    light: bool,
}

/// What is started first: gates that wait for the build folder, since they go one by one, then the longest.
#[derive(PartialEq, Eq, PartialOrd, Ord, Clone, Copy)]
enum Rank {
    Build(usize),
    Other(std::cmp::Reverse<Duration>),
}

impl Job {
    pub(super) fn new(cx: &Cx, index: usize, gate: &Gate<'_>, looking: Looking) -> Job {
        let last = memory::last(cx, gate.name);
        let took = last.as_ref().map_or_else(|| guess(gate.cost), Last::took);
        let rank = if gate.needs.contains(&Lane::CargoBuild) {
            let place = BUILD_ORDER.iter().position(|name| *name == gate.name);
            Rank::Build(place.unwrap_or(BUILD_ORDER.len() + index))
        } else {
            Rank::Other(std::cmp::Reverse(took))
        };
        Job {
            index,
            looking,
            limit: ask::limit(cx, gate.name),
            last,
            rank,
            light: gate.cost != Cost::Slow,
        }
    }

    fn estimate(&self) -> Option<Duration> {
        self.last.as_ref().map(Last::took)
    }

    fn slow_after(&self) -> Duration {
        match self.limit.slow_s {
            Some(slow_s) => Duration::from_secs(slow_s),
            None => self
                .estimate()
                .map_or(SLOW, |took| SLOW.max(took + took / 2)),
        }
    }
}

/// For a gate that has never run here.
pub(super) fn guess(cost: Cost) -> Duration {
    match cost {
        Cost::Slow => Duration::from_secs(60),
        Cost::Network => Duration::from_secs(5),
        Cost::Instant => Duration::ZERO,
    }
}

/// The report to show, and the answer to remember, from before any waiver.
type Answer = Result<(Report, Report)>;

#[derive(Default)]
pub(super) struct Board {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// The next one first.
    waiting: Vec<Job>,
    busy: Vec<Lane>,
    running: Vec<Running>,
    reports: BTreeMap<usize, Report>,
    answers: Vec<(Report, Option<Looking>)>,
    interrupted: Option<anyhow::Error>,
}

struct Running {
    index: usize,
    watch: Stopwatch,
    slow_after: Duration,
    told: bool,
}

impl Board {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A report that needs no work.
    pub(super) fn know(&self, index: usize, report: Report) {
        self.lock().reports.insert(index, report);
    }

    /// The reports in the order of the table, or the interrupt that ended the run.
    pub(super) fn reports(&self) -> Result<Vec<Report>> {
        let mut state = self.lock();
        match state.interrupted.take() {
            Some(error) => Err(error),
            None => Ok(std::mem::take(&mut state.reports).into_values().collect()),
        }
    }

    /// Works all jobs off with so many threads for any gate and so many for light ones; returns what they answered.
    pub(super) fn work(
        &self,
        cx: &Cx,
        table: &[Gate<'_>],
        mut jobs: Vec<Job>,
        (any, light): (usize, usize),
        look: &(dyn Fn(&Job) -> Answer + Sync),
        observe: Observe<'_>,
    ) -> Vec<(Report, Option<Looking>)> {
        jobs.sort_by_key(|job| job.rank);
        let any = any.min(jobs.len());
        let light = light.min(jobs.iter().filter(|job| job.light).count());
        self.lock().waiting = jobs;
        std::thread::scope(|scope| {
            for worker in 0..any + light {
                scope.spawn(move || {
                    while let Some(job) = self.take(cx, table, worker >= any) {
                        observe(Progress::Started(&table[job.index], job.estimate()));
                        let answer = look(&job);
                        self.finish(table, job, answer);
                    }
                });
            }
            self.watch(table, observe);
        });
        std::mem::take(&mut self.lock().answers)
    }

    /// The next gate whose lanes are free; waits for one. `None`: nothing is left.
    fn take(&self, cx: &Cx, table: &[Gate<'_>], light: bool) -> Option<Job> {
        let mut state = self.lock();
        loop {
            if let Err(interrupt) = cx.world.check_interrupt() {
                // Nothing new is begun while others are being ended.
                state.interrupted.get_or_insert(interrupt);
                self.changed.notify_all();
            }
            if state.waiting.is_empty() || state.interrupted.is_some() {
                return None;
            }
            if light && !state.waiting.iter().any(|job| job.light) {
                return None;
            }
            let free = |job: &Job| {
                let mut lanes = table[job.index].needs.iter();
                (job.light || !light) && lanes.all(|lane| !state.busy.contains(lane))
            };
            if let Some(at) = state.waiting.iter().position(free) {
                let job = state.waiting.remove(at);
                state.busy.extend(table[job.index].needs);
                state.running.push(Running {
                    index: job.index,
                    watch: cx.world.stopwatch(),
                    slow_after: job.slow_after(),
                    told: false,
                });
                self.changed.notify_all();
                return Some(job);
            }
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn finish(&self, table: &[Gate<'_>], job: Job, answer: Answer) {
        let mut state = self.lock();
        let lanes = table[job.index].needs;
        state.busy.retain(|lane| !lanes.contains(lane));
        state.running.retain(|running| running.index != job.index);
        match answer {
            Ok((report, answer)) => {
                state.reports.insert(job.index, report);
                state.answers.push((answer, Some(job.looking)));
            }
            Err(error) => state.interrupted = Some(error),
        }
        self.changed.notify_all();
    }

    /// Tells of gates that take too long, until all have answered.
    fn watch(&self, table: &[Gate<'_>], observe: Observe<'_>) {
        let mut state = self.lock();
        loop {
            let over = state.interrupted.is_some() || state.waiting.is_empty();
            if over && state.running.is_empty() {
                return;
            }
            let mut next = Duration::from_secs(3600);
            let mut late = None;
            for running in state.running.iter_mut().filter(|running| !running.told) {
                let elapsed = running.watch.elapsed();
                if elapsed >= running.slow_after {
                    running.told = true;
                    late = Some((running.index, elapsed));
                    break;
                }
                next = next.min(running.slow_after - elapsed);
            }
            if let Some((index, elapsed)) = late {
                drop(state);
                observe(Progress::Slow(&table[index], elapsed));
                state = self.lock();
                continue;
            }
            state = self
                .changed
                .wait_timeout(state, next)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }
}
