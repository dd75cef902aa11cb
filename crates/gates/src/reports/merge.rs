//! Several runs read back into one: the parts of a preflight that were asked on different machines.
//!
//! A part that is missing, cut off or of another commit must not look like a whole: everything that does not fit is
//! refused, with its file and line.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

use crate::{Report, Summary, Verdict};

/// How the reason of a gate begins which is skipped because another part of the same run asks it.
pub const LEFT_TO_SHARD: &str = "left to shard ";

/// Why runs cannot be merged: all there is to say, one problem a line, each with its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused(pub Vec<String>);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for Refused {}

/// The runs in `files` (name and JSON lines; one after another where a file holds several) as one, in the order of
/// `table`; gates which are not in it follow in the order in which they were told.
///
/// # Errors
/// For a line that is no event, another schema, a run without its end or with other counts than its gates, parts of
/// different commits, a missing part, and a gate with two different verdicts.
pub fn merge(files: &[(String, String)], table: &[&str]) -> Result<Summary, Refused> {
    let mut merge = Merge::default();
    for (name, text) in files {
        merge.file(name, text);
    }
    if merge.runs == 0 && merge.problems.is_empty() {
        let problem = "nothing to merge: no file holds the event `preflight`";
        merge.problems.push(problem.to_owned());
    }
    merge.shards_are_whole();
    merge.nothing_was_left_out();
    if !merge.problems.is_empty() {
        return Err(Refused(merge.problems));
    }
    let place = |name: &str| {
        let known = table.iter().position(|known| *known == name);
        known.unwrap_or(table.len())
    };
    let mut reports: Vec<Report> = merge.reports.into_iter().map(|told| told.report).collect();
    reports.sort_by_key(|report| place(&report.name));
    Ok(Summary { reports })
}

#[derive(Default)]
struct Merge {
    problems: Vec<String>,
    runs: usize,
    /// In the order in which they were told.
    reports: Vec<Told>,
    /// How many parts there are, and which of them are here.
    shards: BTreeMap<u64, BTreeSet<u64>>,
    /// The commit, and where it was told first.
    commit: Option<(String, String)>,
    /// A line of the file was refused: what it does not add up to has been said.
    flawed: bool,
}

struct Told {
    report: Report,
    /// File and line.
    at: String,
}

impl Merge {
    fn file(&mut self, name: &str, text: &str) {
        // The gates of the run that is being read; their run ends with the event `preflight`.
        let mut run: Vec<Told> = Vec::new();
        self.flawed = false;
        let mut last = 0;
        for (index, line) in text.lines().enumerate() {
            if line.trim().is_empty() {
                continue;
            }
            last = index + 1;
            let at = format!("{name}:{last}");
            if let Err(flaw) = self.line(line, &at, &mut run) {
                self.problems.push(format!("{at}: {flaw}"));
                self.flawed = true;
            }
        }
        if self.flawed {
            return;
        }
        if last == 0 {
            self.problems.push(format!("{name}: is empty"));
        } else if !run.is_empty() {
            let problem = "the run was cut off: no event `preflight` after its gates";
            self.problems.push(format!("{name}:{last}: {problem}"));
        }
    }

    fn line(&mut self, line: &str, at: &str, run: &mut Vec<Told>) -> Result<(), String> {
        let event: Value =
            serde_json::from_str(line).map_err(|error| format!("is not JSON: {error}"))?;
        match event.get("schema").map(|schema| (schema, schema.as_u64())) {
            Some((_, Some(1))) => {}
            Some((schema, _)) => {
                return Err(format!(
                    "is of schema {schema}, and this landfall reads schema 1; use the same version everywhere"
                ));
            }
            None => return Err("is no event: it has no `schema`".to_owned()),
        }
        match event.get("event").and_then(Value::as_str) {
            None => Err("is no event: it has no `event`".to_owned()),
            Some("gate") => {
                run.push(Told {
                    report: Report::from_event(&event)?,
                    at: at.to_owned(),
                });
                Ok(())
            }
            Some("preflight") => self.end(&event, at, std::mem::take(run)),
            Some(_) => Ok(()),
        }
    }

    /// The end of a run: it says itself how much there should be of it.
    fn end(&mut self, event: &Value, at: &str, run: Vec<Told>) -> Result<(), String> {
        self.runs += 1;
        if self.flawed {
            return Ok(());
        }
        let whole = Summary {
            reports: run.iter().map(|told| told.report.clone()).collect(),
        };
        let counts = serde_json::to_value(whole.counts()).unwrap_or_default();
        let told = event.get("counts").unwrap_or(&Value::Null);
        if !agree(told, &counts) {
            return Err(format!(
                "the run counts {told}, and the gates before it are {counts}: lines are missing"
            ));
        }
        let verdict = whole.verdict().name();
        if event.get("verdict").and_then(Value::as_str) != Some(verdict) {
            return Err(format!(
                "the run does not say `{verdict}`, which follows from its gates"
            ));
        }
        self.commit(event, at)?;
        self.shard(event)?;
        for told in run {
            self.report(told);
        }
        Ok(())
    }

    fn commit(&mut self, event: &Value, at: &str) -> Result<(), String> {
        let Some(commit) = event.get("commit").and_then(Value::as_str) else {
            return Ok(());
        };
        match &self.commit {
            Some((known, first)) if known != commit => Err(format!(
                "is of commit {commit}, and {first} is of {known}; run all parts on one commit"
            )),
            Some(_) => Ok(()),
            None => {
                self.commit = Some((commit.to_owned(), at.to_owned()));
                Ok(())
            }
        }
    }

    fn shard(&mut self, event: &Value) -> Result<(), String> {
        let Some(shard) = event.get("shard").filter(|shard| !shard.is_null()) else {
            return Ok(());
        };
        let number = |key: &str| shard.get(key).and_then(Value::as_u64);
        match (number("index"), number("of")) {
            (Some(index), Some(of)) if (1..=of).contains(&index) => {
                self.shards.entry(of).or_default().insert(index);
                Ok(())
            }
            _ => Err(format!("the shard {shard} is none: expected index and of")),
        }
    }

    fn report(&mut self, told: Told) {
        let known = self
            .reports
            .iter()
            .position(|known| known.report.name == told.report.name);
        let Some(index) = known else {
            self.reports.push(told);
            return;
        };
        let known = &mut self.reports[index];
        if is_left(&told.report) {
            return;
        }
        if is_left(&known.report) {
            *known = told;
        } else if known.report.verdict == told.report.verdict {
            join(&mut known.report, told.report);
        } else {
            let problem = format!(
                "{}: gate `{}` is {}, and in {} it is {}",
                told.at,
                told.report.name,
                told.report.verdict.name(),
                known.at,
                known.report.verdict.name()
            );
            self.problems.push(problem);
        }
    }

    fn shards_are_whole(&mut self) {
        let counts: Vec<String> = self.shards.keys().map(u64::to_string).collect();
        if counts.len() > 1 {
            let problem = format!(
                "the parts are of different divisions: of {}",
                counts.join(" and of ")
            );
            self.problems.push(problem);
            return;
        }
        for (of, here) in &self.shards {
            let missing = (1..=*of).filter(|index| !here.contains(index));
            self.problems
                .extend(missing.map(|index| format!("shard {index} of {of} is missing")));
        }
    }

    fn nothing_was_left_out(&mut self) {
        for told in self.reports.iter().filter(|told| is_left(&told.report)) {
            self.problems.push(format!(
                "{}: gate `{}` was left to another shard, and no shard has asked it",
                told.at, told.report.name
            ));
        }
    }
}

/// A count that one side does not know is 0.
fn agree(told: &Value, counted: &Value) -> bool {
    let (Value::Object(told), Value::Object(counted)) = (told, counted) else {
        return false;
    };
    let at = |counts: &serde_json::Map<String, Value>, key: &String| {
        counts.get(key).map_or(Some(0), Value::as_u64)
    };
    told.keys()
        .chain(counted.keys())
        .all(|key| at(told, key) == at(counted, key))
}

fn is_left(report: &Report) -> bool {
    let reason = report.reason.as_deref().unwrap_or_default();
    report.verdict == Verdict::Skipped && reason.starts_with(LEFT_TO_SHARD)
}

/// The same gate with the same verdict from two machines: nothing that either found is lost.
fn join(known: &mut Report, other: Report) {
    for finding in other.findings {
        if !known.findings.contains(&finding) {
            known.findings.push(finding);
        }
    }
    known
        .findings
        .sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    known.examined = known.examined.max(other.examined);
    known.took = known.took.max(other.took);
    // Blocks unless both are waived.
    known.waived = known.waived.take().and(other.waived);
    if known.reason.is_none() {
        known.reason = other.reason;
    }
    for (key, value) in other.evidence {
        known.evidence.entry(key).or_insert(value);
    }
}
