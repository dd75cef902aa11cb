//! What earlier runs left: how long a gate took, what it answered, and passes that still hold.
//!
//! A pass is reused when nothing of what its gate declared as [`Inputs`] has changed, and nothing but a pass is reused:
//! a failure may be mended by something that no input shows. Everything here may be lost at any time.

mod key;
mod snapshot;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use anyhow::Result;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use world::World;

use self::key::Key;
use self::snapshot::Snapshot;
use crate::{Cost, Cx, Finding, Gate, Inputs, Report, Subject, Verdict};

/// Where results are kept, and who made them.
#[derive(Debug, Clone)]
pub struct Memory {
    /// A folder that git does not see; made when it is first needed.
    pub folder: PathBuf,
    /// Tells one build of the program from another: what another one has seen is not reused.
    pub program: String,
}

/// What is known of a gate from an earlier run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Last {
    pub verdict: Verdict,
    /// Of the last time it really looked.
    pub took_ms: u64,
    /// Seconds since 1970.
    pub at_s: u64,
}

impl Last {
    pub fn took(&self) -> Duration {
        Duration::from_millis(self.took_ms)
    }
}

/// The record of one gate, as it is stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Record {
    last: Last,
    pass: Option<Pass>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Pass {
    key: Key,
    at_s: u64,
    examined: u64,
    evidence: Map<String, Value>,
    figures: Option<Vec<Value>>,
    /// Notes: anything worse is no pass.
    findings: Vec<Finding>,
    reason: Option<String>,
}

impl Memory {
    fn path(&self, cx: &Cx, gate: &str, ending: &str) -> PathBuf {
        // What is asked of a candidate depends on other inputs than what is asked of the tree.
        let of = match cx.subject {
            Subject::Tree => "",
            Subject::Candidate { .. } => "candidate-",
        };
        self.folder.join(format!("{of}{gate}.{ending}"))
    }

    fn record(&self, cx: &Cx, gate: &str) -> Option<Record> {
        // Unreadable is the same as never there.
        let bytes = cx.world.read(&self.path(cx, gate, "json")).ok()?;
        serde_json::from_slice(&bytes).ok()
    }
}

/// The last answer of a gate here, if one is remembered.
pub fn last(cx: &Cx, gate: &str) -> Option<Last> {
    Some(cx.memory.as_ref()?.record(cx, gate)?.last)
}

/// Whether a gate has to look, and why.
pub(crate) enum Plan {
    Reuse(Box<Report>),
    Look(Looking),
}

/// A gate that has to look: why, and what its pass will be kept for.
pub(crate) struct Looking {
    pub(crate) why: String,
    key: Option<Key>,
}

/// One run's view of the repository: its files are listed once, when the first gate wants to know.
#[derive(Default)]
pub(crate) struct Repository {
    files: OnceLock<Result<Snapshot, String>>,
    /// Programs that were looked up, and which ones they are.
    tools: Mutex<BTreeMap<String, String>>,
}

impl Repository {
    fn files(&self, cx: &Cx) -> Result<&Snapshot, &String> {
        self.files
            .get_or_init(|| {
                Snapshot::take(&cx.world, &cx.root).map_err(|error| format!("{error:#}"))
            })
            .as_ref()
    }

    /// Each program is looked up once.
    fn tool(&self, cx: &Cx, name: &str) -> String {
        let mut tools = self.tools.lock().unwrap_or_else(PoisonError::into_inner);
        tools
            .entry(name.to_owned())
            .or_insert_with(|| key::tool(cx, name))
            .clone()
    }

    /// Whether an earlier pass of this gate still holds. `reuse`: the user has not forbidden it.
    pub(crate) fn plan(&self, cx: &Cx, gate: &Gate<'_>, reuse: bool) -> Plan {
        let look = |why: &str, key| {
            Plan::Look(Looking {
                why: why.to_owned(),
                key,
            })
        };
        let Some(memory) = &cx.memory else {
            return look("nothing is remembered here", None);
        };
        if gate.cost == Cost::Instant {
            return look("asking takes no longer than remembering", None);
        }
        let inputs = match (gate.inputs)(cx) {
            Ok(Inputs::Same(same)) => same,
            Ok(Inputs::Live(why)) => return look(why, None),
            Err(error) => return look(&format!("its inputs cannot be told: {error:#}"), None),
        };
        let snapshot = match self.files(cx) {
            Ok(snapshot) => snapshot,
            Err(error) => return look(&format!("the files cannot be listed: {error}"), None),
        };
        let key = match Key::of(cx, memory, gate.name, &inputs, snapshot, &|name| {
            self.tool(cx, name)
        }) {
            Ok(key) => key,
            Err(why) => return look(&why, None),
        };
        if !reuse {
            return look("asked not to reuse an earlier pass", Some(key));
        }
        let record = memory.record(cx, gate.name);
        let Some(pass) = record.as_ref().and_then(|record| record.pass.as_ref()) else {
            let why = match record {
                Some(record) => format!("the last answer was {}", record.last.verdict.name()),
                None => "it has not passed here before".to_owned(),
            };
            return look(&why, Some(key));
        };
        if pass.key.digest != key.digest {
            let before = snapshot::read(&cx.world, &memory.path(cx, gate.name, "files"));
            let why = key.difference(&pass.key, before.as_ref());
            return look(&why, Some(key));
        }
        let mut report = Report::skipped(gate.name, String::new());
        report.verdict = Verdict::Pass;
        report.examined = pass.examined;
        report.evidence = pass.evidence.clone();
        report.figures = pass.figures.clone();
        report.findings = pass.findings.clone();
        report.reason = pass.reason.clone();
        report.cached = true;
        report.why = format!(
            "{} and everything else it looks at are as they were when it passed, {}",
            files(key.files.len()),
            ago(cx.world.now_s(), pass.at_s)
        );
        Plan::Reuse(Box::new(report))
    }

    /// Keeps what the gates answered. A pass whose files changed while its gate looked is not kept as one.
    pub(crate) fn remember(&self, cx: &Cx, answers: &[(Report, Option<Looking>)]) {
        let Some(memory) = &cx.memory else { return };
        let passed = |(report, looking): &(Report, Option<Looking>)| {
            report.verdict == Verdict::Pass
                && looking
                    .as_ref()
                    .is_some_and(|looking| looking.key.is_some())
        };
        let after = answers
            .iter()
            .any(passed)
            .then(|| Snapshot::take(&cx.world, &cx.root));
        for (report, looking) in answers {
            let Some(looking) = looking else { continue };
            let key = looking.key.as_ref().filter(|key| {
                report.verdict == Verdict::Pass
                    && matches!(&after, Some(Ok(after)) if key.still_holds(after))
            });
            keep(cx, memory, report, key);
        }
    }
}

fn keep(cx: &Cx, memory: &Memory, report: &Report, key: Option<&Key>) {
    let at_s = cx.world.now_s();
    let record = Record {
        last: Last {
            verdict: report.verdict,
            took_ms: u64::try_from(report.took.as_millis()).unwrap_or(u64::MAX),
            at_s,
        },
        pass: key.map(|key| Pass {
            key: key.clone(),
            at_s,
            examined: report.examined,
            evidence: report.evidence.clone(),
            figures: report.figures.clone(),
            findings: report.findings.clone(),
            reason: report.reason.clone(),
        }),
    };
    if let Ok(bytes) = serde_json::to_vec(&record) {
        // The list first: a record without its list would explain nothing.
        if let Some(key) = key {
            let list = snapshot::write(&key.files);
            cx.world
                .keep(&memory.path(cx, &report.name, "files"), &list);
        }
        cx.world
            .keep(&memory.path(cx, &report.name, "json"), &bytes);
    }
}

/// Paths that differ between a commit and the working tree, untracked ones included.
pub(crate) fn changed_since(world: &World, root: &Path, rev: &str) -> Result<Vec<String>> {
    snapshot::changed_since(world, root, rev)
}

/// Which of the paths one of the globs names.
pub(crate) fn matching<'a>(globs: &[String], paths: &'a [String]) -> Option<&'a String> {
    paths.iter().find(|path| snapshot::named(globs, path))
}

fn files(count: usize) -> String {
    match count {
        1 => "1 file".to_owned(),
        count => format!("{count} files"),
    }
}

fn ago(now_s: u64, then_s: u64) -> String {
    let (count, unit) = match now_s.saturating_sub(then_s) {
        s @ 0..=119 => (s, "s"),
        s @ 120..=7_199 => (s / 60, "min"),
        s @ 7_200..=172_799 => (s / 3_600, "h"),
        s => (s / 86_400, "days"),
    };
    format!("{count} {unit} ago")
}

type Files = BTreeMap<String, String>;
