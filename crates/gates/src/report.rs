//! Verdicts: of one gate, and of all.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{Finding, Findings, Severity, Shard};

/// The answer of a gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    Pass,
    /// Something a person should see; does not block.
    Warn,
    /// It failed, and passed when it was asked again. Does not block unless the configuration says so.
    Flaky,
    Fail,
    /// It could not look. Blocks.
    Unknown,
    /// It had nothing to ask, or was left out on purpose.
    Skipped,
}

impl Verdict {
    /// As in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::Warn => "warn",
            Verdict::Flaky => "flaky",
            Verdict::Fail => "fail",
            Verdict::Unknown => "unknown",
            Verdict::Skipped => "skipped",
        }
    }
}

/// What one gate answered.
#[derive(Debug, Clone)]
pub struct Report {
    pub name: String,
    pub verdict: Verdict,
    /// How many things it looked at; what they are depends on the gate.
    pub examined: u64,
    /// Worst first, else in the order they were found.
    pub findings: Vec<Finding>,
    pub evidence: Map<String, Value>,
    /// Evidence that is a list and no table takes its place.
    pub figures: Option<Vec<Value>>,
    pub took: Duration,
    /// `reason (owner, until date)`: the verdict stands, but does not block.
    pub waived: Option<String>,
    /// Why skipped or unknown. A failed gate has one too where it could not see everything.
    pub reason: Option<String>,
    /// The answer of an earlier run, of which nothing that counts has changed.
    pub cached: bool,
    /// Why it ran, or did not.
    pub why: String,
}

impl Report {
    pub(crate) fn skipped(name: &str, reason: String) -> Report {
        Report {
            name: name.to_owned(),
            verdict: Verdict::Skipped,
            examined: 0,
            findings: Vec::new(),
            evidence: Map::new(),
            figures: None,
            took: Duration::ZERO,
            waived: None,
            reason: Some(reason),
            cached: false,
            why: String::new(),
        }
    }

    /// The verdict follows from what was found and from nothing else.
    pub(crate) fn judge(name: &str, findings: Findings, took: Duration) -> Report {
        let Findings {
            mut list,
            examined,
            evidence,
            figures,
            mut unknown,
        } = findings;
        let worst = list.iter().map(|finding| finding.severity).max();
        if examined == 0 && unknown.is_empty() && worst != Some(Severity::Error) {
            unknown.push("examined nothing".to_owned());
        }
        let verdict = match worst {
            Some(Severity::Error) => Verdict::Fail,
            _ if !unknown.is_empty() => Verdict::Unknown,
            Some(Severity::Warning) => Verdict::Warn,
            _ => Verdict::Pass,
        };
        list.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        Report {
            name: name.to_owned(),
            verdict,
            examined,
            findings: list,
            evidence,
            figures,
            took,
            waived: None,
            reason: (!unknown.is_empty()).then(|| unknown.join("; ")),
            cached: false,
            why: String::new(),
        }
    }

    /// Whether a release must wait for it.
    pub fn blocks(&self) -> bool {
        matches!(self.verdict, Verdict::Fail | Verdict::Unknown) && self.waived.is_none()
    }

    /// The event `gate`.
    pub fn event(&self) -> Value {
        let findings: Vec<Value> = self.findings.iter().map(finding_event).collect();
        let mut event = json!({
            "schema": 1,
            "event": "gate",
            "name": self.name,
            "verdict": self.verdict.name(),
            "examined": self.examined,
            "took_ms": u64::try_from(self.took.as_millis()).unwrap_or(u64::MAX),
            "cached": self.cached,
            "waived": self.waived.is_some(),
            "findings": findings,
            "evidence": self.evidence,
        });
        if let Some(figures) = &self.figures {
            event["evidence"] = json!(figures);
        }
        if let Some(waiver) = &self.waived {
            event["waiver"] = json!(waiver);
        }
        if !self.why.is_empty() {
            event["why"] = json!(self.why);
        }
        if let Some(reason) = &self.reason {
            event["reason"] = json!(reason);
        }
        event
    }
}

/// Keys without a value are left out.
fn finding_event(finding: &Finding) -> Value {
    let mut event = json!({ "severity": finding.severity, "message": finding.message });
    if let Some(at) = &finding.at {
        event["path"] = json!(at.path);
        if let Some(line) = at.line {
            event["line"] = json!(line);
        }
        if let Some(column) = at.column {
            event["column"] = json!(column);
        }
    }
    if let Some(help) = &finding.help {
        event["help"] = json!(help);
    }
    event
}

/// All reports of one run, in the order of the table.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    pub reports: Vec<Report>,
}

/// What is said of a run besides its gates.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Part {
    /// Where the gates were spread over several machines: which of them this is.
    pub shard: Option<Shard>,
    /// The commit that was looked at; `None` before the first one.
    pub commit: Option<String>,
}

/// How many gates gave which verdict; waived ones count as what they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    pub pass: usize,
    pub warn: usize,
    #[serde(skip_serializing_if = "none")]
    pub flaky: usize,
    pub fail: usize,
    pub unknown: usize,
    pub skipped: usize,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the shape serde asks for"
)]
fn none(count: &usize) -> bool {
    *count == 0
}

impl Summary {
    /// Fail if anything unwaived failed, else unknown if anything unwaived is unknown, else pass.
    pub fn verdict(&self) -> Verdict {
        let has = |verdict| {
            self.reports
                .iter()
                .any(|report| report.blocks() && report.verdict == verdict)
        };
        if has(Verdict::Fail) {
            Verdict::Fail
        } else if has(Verdict::Unknown) {
            Verdict::Unknown
        } else {
            Verdict::Pass
        }
    }

    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for report in &self.reports {
            match report.verdict {
                Verdict::Pass => counts.pass += 1,
                Verdict::Warn => counts.warn += 1,
                Verdict::Flaky => counts.flaky += 1,
                Verdict::Fail => counts.fail += 1,
                Verdict::Unknown => counts.unknown += 1,
                Verdict::Skipped => counts.skipped += 1,
            }
        }
        counts
    }

    /// What must be mended, or waived, before a release.
    pub fn blockers(&self) -> Vec<&Report> {
        self.reports
            .iter()
            .filter(|report| report.blocks())
            .collect()
    }

    /// The event `preflight`.
    pub fn event(&self) -> Value {
        json!({
            "schema": 1,
            "event": "preflight",
            "verdict": self.verdict().name(),
            "counts": self.counts(),
        })
    }

    /// The event `preflight` of one part of a run.
    pub fn event_of(&self, part: &Part) -> Value {
        let mut event = self.event();
        if let Some(shard) = &part.shard {
            event["shard"] = json!({ "index": shard.index, "of": shard.of });
        }
        if let Some(commit) = &part.commit {
            event["commit"] = json!(commit);
        }
        event
    }
}
