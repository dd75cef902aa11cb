//! SARIF 2.1.0: one run, one rule a gate, one result a finding. What GitHub's code scanning asks for beyond the format
//! is given too: each result has a place with a line, and a text.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::severity;
use crate::{Finding, Gate, Report, Severity, Summary, Verdict};

/// The standard's own copy of the schema.
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The root of the repository, of which nobody knows where it is on the reader's machine.
const ROOT: &str = "%SRCROOT%";

/// The SARIF log of a run over the gates of `table`. A finding without a place is shown at `home`, a file from the root
/// of the repository: viewers leave out what stands nowhere.
pub fn sarif(summary: &Summary, table: &[Gate<'_>], home: &str) -> String {
    let reports = &summary.reports;
    let rules: Vec<Value> = reports.iter().map(|report| rule(report, table)).collect();
    let mut seen = BTreeMap::new();
    let mut results = Vec::new();
    for (index, report) in reports.iter().enumerate() {
        for finding in &report.findings {
            results.push(result(index, report, finding, home, &mut seen));
        }
    }
    let notifications: Vec<Value> = reports
        .iter()
        .enumerate()
        .filter_map(|(index, report)| notification(index, report))
        .collect();
    let looked = !reports
        .iter()
        .any(|report| report.verdict == Verdict::Unknown && report.blocks());
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "landfall",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "automationDetails": { "id": "landfall/preflight/" },
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": { ROOT: {
                "description": { "text": "the root of the repository" },
            }},
            "invocations": [{
                "executionSuccessful": looked,
                "toolExecutionNotifications": notifications,
            }],
            "results": results,
        }],
    });
    format!("{log:#}\n")
}

fn rule(report: &Report, table: &[Gate<'_>]) -> Value {
    let about = table
        .iter()
        .find(|gate| gate.name == report.name)
        .map(|gate| gate.about);
    let about = match about {
        Some(about) => format!("Gate {}: {about}.", report.name),
        None => format!("Gate {}.", report.name),
    };
    json!({
        "id": report.name,
        "name": report.name,
        "shortDescription": { "text": about },
        "fullDescription": { "text": about },
        "help": { "text": format!("Ask it alone: cargo xtask preflight {}", report.name) },
        "properties": { "tags": ["preflight"] },
    })
}

/// `seen` counts the findings that are one to the reader: they are told apart by their number.
fn result(
    rule: usize,
    report: &Report,
    finding: &Finding,
    home: &str,
    seen: &mut BTreeMap<String, usize>,
) -> Value {
    let identity = identity(report, finding);
    let number = seen.entry(identity.clone()).or_insert(0);
    *number += 1;
    let help = finding
        .help
        .as_ref()
        .map_or(String::new(), |help| format!("\nhelp: {help}"));
    let mut result = json!({
        "ruleId": report.name,
        "ruleIndex": rule,
        "level": severity(finding.severity),
        "message": { "text": format!("{}{help}", finding.message) },
        "locations": [location(finding, home)],
        "partialFingerprints": { "landfallFinding/v1": format!("{identity}:{number}") },
    });
    // A waiver lets an error through; there was nothing to let through in a warning.
    if let (Some(waiver), Severity::Error) = (&report.waived, finding.severity) {
        result["suppressions"] = json!([{
            "kind": "external",
            "status": "accepted",
            "justification": waiver,
        }]);
    }
    result
}

fn location(finding: &Finding, home: &str) -> Value {
    let path = finding.at.as_ref().map_or(home, |at| at.path.as_str());
    let artifact = match path.strip_prefix('/') {
        Some(absolute) => json!({ "uri": format!("file:///{}", encode(absolute)) }),
        None => json!({ "uri": encode(path), "uriBaseId": ROOT }),
    };
    let at = finding.at.as_ref();
    // Code scanning shows nothing without a line: what is about a whole file stands at its beginning.
    let line = at.and_then(|at| at.line).unwrap_or(1).max(1);
    let mut region = json!({ "startLine": line });
    if let Some(column) = at.and_then(|at| at.column).filter(|column| *column > 0) {
        region["startColumn"] = json!(column);
    }
    let mut location = json!({
        "physicalLocation": { "artifactLocation": artifact, "region": region },
    });
    if at.is_none() {
        location["message"] = json!({ "text": "this is about no single place" });
    }
    location
}

/// What stays the same when lines move and figures change: the gate, the file and the words.
fn identity(report: &Report, finding: &Finding) -> String {
    let path = finding.at.as_ref().map_or("", |at| at.path.as_str());
    let mut words = String::with_capacity(finding.message.len());
    for char in finding.message.chars() {
        match char.is_ascii_digit() {
            true if words.ends_with('#') => {}
            true => words.push('#'),
            false => words.push(char),
        }
    }
    let digest = Sha256::digest(format!("{}\0{path}\0{words}", report.name));
    digest
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// What a gate could not look at, and why one did not run.
fn notification(rule: usize, report: &Report) -> Option<Value> {
    let reason = report.reason.as_ref()?;
    let (level, text) = match (report.verdict, &report.waived) {
        (Verdict::Skipped, _) => ("note", format!("skipped: {reason}")),
        (verdict, Some(waiver)) => (
            "warning",
            format!("{}: {reason}\nwaived: {waiver}", verdict.name()),
        ),
        (verdict, None) => ("error", format!("{}: {reason}", verdict.name())),
    };
    Some(json!({
        "level": level,
        "message": { "text": text },
        "associatedRule": { "id": report.name, "index": rule },
    }))
}

/// A path as the path of a URI (RFC 3986): everything but unreserved characters and `/` by its bytes.
fn encode(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
