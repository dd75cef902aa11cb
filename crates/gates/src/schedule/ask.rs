//! One gate asked: within its limits, again where it is known to be flaky, and its answer judged.

use std::time::Duration;

use anyhow::Result;
use config::{Flaky, Limit};
use serde_json::Value;
use world::{CmdError, Failure};

use crate::{Applies, Cx, Finding, Findings, Gate, Report, Severity, Verdict};

/// What the configuration says of how long a gate may take, and how often it is asked.
pub(super) fn limit(cx: &Cx, gate: &str) -> Limit {
    let ours = cx.config.gates.limits.iter();
    ours.rev()
        .find(|limit| limit.gate == gate)
        .cloned()
        .unwrap_or_else(|| Limit {
            gate: gate.to_owned(),
            slow_s: None,
            timeout_s: None,
            retries: 0,
        })
}

/// The only error is an interrupt: every other one is an answer, `unknown`.
pub(super) fn look(cx: &Cx, gate: &Gate<'_>, limit: &Limit) -> Result<Report> {
    let watch = cx.world.stopwatch();
    let mut report = once(cx, gate, limit)?;
    let mut failed: Option<Report> = None;
    for again in 1..=limit.retries {
        if report.verdict != Verdict::Fail {
            break;
        }
        failed.get_or_insert(report);
        report = once(cx, gate, limit)?;
        if let (Some(first), Verdict::Pass | Verdict::Warn) = (&failed, report.verdict) {
            flaky(cx, &mut report, first, again);
            break;
        }
    }
    report.took = watch.elapsed();
    if let Some(slow_s) = limit.slow_s
        && report.took > Duration::from_secs(slow_s)
    {
        report.findings.push(Finding {
            severity: Severity::Note,
            message: format!(
                "took {} s, more than its slow_s = {slow_s}",
                report.took.as_secs()
            ),
            at: None,
            help: None,
        });
    }
    Ok(report)
}

fn once(cx: &Cx, gate: &Gate<'_>, limit: &Limit) -> Result<Report> {
    let watch = cx.world.stopwatch();
    let mut findings = Findings::default();
    let mut cx = Cx {
        gate: gate.name.to_owned(),
        ..cx.clone()
    };
    let timeout = limit.timeout_s.map(Duration::from_secs);
    if let Some(timeout) = timeout {
        cx.world = cx.world.within(timeout);
    }
    let result = match (gate.applies)(&cx) {
        Ok(Applies::No(reason)) => return Ok(Report::skipped(gate.name, reason)),
        Ok(Applies::Yes) => (gate.check)(&cx, &mut findings),
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
    if let Some(timeout) = timeout.filter(|timeout| watch.elapsed() >= *timeout) {
        findings.unknown(format!(
            "it was stopped after its timeout_s = {} of [[gates.limit]]",
            timeout.as_secs()
        ));
    }
    redact(&cx, &mut findings);
    Ok(Report::judge(gate.name, findings, watch.elapsed()))
}

/// It failed and then it did not: what it said at first is kept, and the verdict is one of its own.
fn flaky(cx: &Cx, report: &mut Report, first: &Report, again: u32) {
    let (verdict, severity) = match cx.config.gates.flaky {
        Flaky::Warn => (Verdict::Flaky, Severity::Warning),
        Flaky::Deny => (Verdict::Fail, Severity::Error),
    };
    report.verdict = verdict;
    let errors = first
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error);
    let seen: Vec<Finding> = errors
        .map(|finding| Finding {
            severity,
            message: format!("at first: {}", finding.message),
            ..finding.clone()
        })
        .collect();
    report.findings.splice(0..0, seen);
    report.reason = Some(format!(
        "failed at first, passed when asked again ({again})"
    ));
}

pub(super) fn was_interrupted(error: &anyhow::Error) -> bool {
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
        finding.help = finding.help.as_ref().map(|help| cx.world.redact(help));
    }
    findings
        .evidence
        .values_mut()
        .for_each(|value| blot(cx, value));
    findings
        .figures
        .iter_mut()
        .flatten()
        .for_each(|value| blot(cx, value));
    for reason in &mut findings.unknown {
        *reason = cx.world.redact(reason);
    }
}

fn blot(cx: &Cx, value: &mut Value) {
    match value {
        Value::String(text) => *text = cx.world.redact(text),
        Value::Array(list) => list.iter_mut().for_each(|value| blot(cx, value)),
        Value::Object(table) => table.values_mut().for_each(|value| blot(cx, value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A waiver lets a failure through until its date; afterwards it bites, and is said.
pub(super) fn waive(cx: &Cx, report: &mut Report, today: &str) {
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
            report.findings.push(Finding {
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
        } else if report.verdict == Verdict::Pass {
            report.findings.push(Finding {
                severity: Severity::Note,
                message: format!("the waiver of {} is not needed: it passes", waiver.owner),
                at: None,
                help: Some("remove the waiver from the configuration".to_owned()),
            });
        } else if blocks {
            report.waived = Some(format!(
                "{} ({}, until {until})",
                waiver.reason, waiver.owner
            ));
        }
    }
}
