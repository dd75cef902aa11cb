//! The event `gate` read back into the report that wrote it.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::{Finding, Location, Report, Severity, Verdict};

const VERDICTS: [Verdict; 6] = [
    Verdict::Pass,
    Verdict::Warn,
    Verdict::Flaky,
    Verdict::Fail,
    Verdict::Unknown,
    Verdict::Skipped,
];

impl Verdict {
    /// By its name in JSON.
    pub fn of_name(name: &str) -> Option<Verdict> {
        VERDICTS.into_iter().find(|verdict| verdict.name() == name)
    }
}

impl Report {
    /// What [`Report::event`] wrote. Unknown keys are left alone: they are of a newer landfall with the same schema.
    ///
    /// # Errors
    /// Says which key is missing, or holds something else.
    pub fn from_event(event: &Value) -> Result<Report, String> {
        let name = text(event, "name")?;
        let verdict = text(event, "verdict")?;
        let verdict = Verdict::of_name(verdict)
            .ok_or_else(|| format!("gate `{name}` has the unknown verdict `{verdict}`"))?;
        let in_gate = |flaw: String| format!("gate `{name}`: {flaw}");
        let findings = array(event, "findings").map_err(in_gate)?;
        let findings: Result<Vec<Finding>, String> = findings.iter().map(finding).collect();
        let mut report = Report::skipped(name, String::new());
        report.verdict = verdict;
        report.examined = number(event, "examined").map_err(in_gate)?;
        report.took = Duration::from_millis(number(event, "took_ms").map_err(in_gate)?);
        report.findings = findings.map_err(in_gate)?;
        report.evidence = match event.get("evidence") {
            None => Map::new(),
            Some(Value::Object(evidence)) => evidence.clone(),
            Some(Value::Array(figures)) => {
                report.figures = Some(figures.clone());
                Map::new()
            }
            Some(_) => return Err(in_gate("`evidence` is no object".to_owned())),
        };
        report.waived = optional(event, "waiver").map_err(in_gate)?;
        report.reason = optional(event, "reason").map_err(in_gate)?;
        report.cached = event.get("cached").and_then(Value::as_bool) == Some(true);
        report.why = optional(event, "why").map_err(in_gate)?.unwrap_or_default();
        // The flag and the text are one thing, and a cut line must not lose half of it.
        let waived = event.get("waived").and_then(Value::as_bool);
        if waived != Some(report.waived.is_some()) {
            return Err(in_gate("`waived` and `waiver` disagree".to_owned()));
        }
        Ok(report)
    }
}

/// A finding as it stands in events; also what the command of a `[[gate]]` may answer.
pub(crate) fn finding(value: &Value) -> Result<Finding, String> {
    let name = text(value, "severity")?;
    let severity = severity(name).ok_or_else(|| {
        format!("a finding has the unknown severity `{name}`; known are error, warning, note")
    })?;
    let at = match optional(value, "path")? {
        Some(path) => Some(Location {
            path,
            line: position(value, "line")?,
            column: position(value, "column")?,
        }),
        None => None,
    };
    Ok(Finding {
        severity,
        message: text(value, "message")?.to_owned(),
        at,
        help: optional(value, "help")?,
    })
}

pub(crate) fn severity(name: &str) -> Option<Severity> {
    match name {
        "error" => Some(Severity::Error),
        "warning" => Some(Severity::Warning),
        "note" => Some(Severity::Note),
        _ => None,
    }
}

fn text<'v>(value: &'v Value, key: &str) -> Result<&'v str, String> {
    value
        .get(key)
        .and_then(Value::as_str)
        .ok_or_else(|| format!("no text under `{key}`"))
}

fn optional(value: &Value, key: &str) -> Result<Option<String>, String> {
    match value.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(format!("no text under `{key}`")),
    }
}

fn number(value: &Value, key: &str) -> Result<u64, String> {
    value
        .get(key)
        .and_then(Value::as_u64)
        .ok_or_else(|| format!("no whole number under `{key}`"))
}

fn position(value: &Value, key: &str) -> Result<Option<usize>, String> {
    match value.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(_) => usize::try_from(number(value, key)?)
            .map(Some)
            .map_err(|_| format!("the number under `{key}` is too large")),
    }
}

fn array<'v>(value: &'v Value, key: &str) -> Result<&'v [Value], String> {
    value
        .get(key)
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .ok_or_else(|| format!("no list under `{key}`"))
}
