//! JUnit XML: one suite, one case a gate. The shape is that of Jenkins' `junit-10.xsd`, which all readers know.

use std::time::Duration;

use super::told;
use crate::{Report, Summary, Verdict};

/// The suite `preflight` as a JUnit XML file, for a run at `now_s` (seconds since 1970).
///
/// Fail is a failure, unknown an error, skipped is skipped. A gate that is waived does not block and is shown as
/// skipped, with the waiver as the reason and what it found as its output.
pub fn junit(summary: &Summary, now_s: u64) -> String {
    let reports = &summary.reports;
    let count = |wanted: Case| {
        reports
            .iter()
            .filter(|report| case(report) == wanted)
            .count()
    };
    let took: Duration = reports.iter().map(|report| report.took).sum();
    let timestamp = timestamp(now_s).map_or(String::new(), |at| format!(" timestamp=\"{at}\""));
    let mut out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n".to_owned();
    out.push_str(&format!(
        "  <testsuite name=\"preflight\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{}\"{timestamp}>\n",
        reports.len(),
        count(Case::Failure),
        count(Case::Error),
        count(Case::Skipped),
        seconds(took),
    ));
    for report in reports {
        push_case(&mut out, report);
    }
    out.push_str("  </testsuite>\n</testsuites>\n");
    out
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Case {
    Passed,
    Failure,
    Error,
    Skipped,
}

fn case(report: &Report) -> Case {
    match report.verdict {
        Verdict::Fail if report.blocks() => Case::Failure,
        Verdict::Unknown if report.blocks() => Case::Error,
        Verdict::Fail | Verdict::Unknown | Verdict::Skipped => Case::Skipped,
        _ => Case::Passed,
    }
}

fn push_case(out: &mut String, report: &Report) {
    let name = attribute(&report.name);
    let time = seconds(report.took);
    out.push_str(&format!(
        "    <testcase name=\"{name}\" classname=\"preflight\" time=\"{time}\">\n"
    ));
    let said = said(report);
    let (shown, output) = match case(report) {
        Case::Failure => (element("failure", "fail", &headline(report), &said), ""),
        Case::Error => (element("error", "unknown", &headline(report), &said), ""),
        Case::Skipped => {
            let why = match &report.waived {
                Some(waiver) => format!("{}, waived: {waiver}", report.verdict.name()),
                None => report.reason.clone().unwrap_or_default(),
            };
            (element("skipped", "skipped", &why, ""), said.as_str())
        }
        Case::Passed => (String::new(), said.as_str()),
    };
    out.push_str(&shown);
    if !output.is_empty() {
        out.push_str(&format!(
            "      <system-out>{}</system-out>\n",
            text(output)
        ));
    }
    out.push_str("    </testcase>\n");
}

fn element(name: &str, kind: &str, message: &str, body: &str) -> String {
    format!(
        "      <{name} type=\"{kind}\" message=\"{}\">{}</{name}>\n",
        attribute(message),
        text(body)
    )
}

/// One line: what failed first, and how much more there is.
fn headline(report: &Report) -> String {
    let blocks = |finding: &&crate::Finding| finding.severity == crate::Severity::Error;
    let mut errors = report.findings.iter().filter(blocks);
    let (Verdict::Fail, Some(first)) = (report.verdict, errors.next()) else {
        return report.reason.clone().unwrap_or_default();
    };
    let line = first.message.lines().next().unwrap_or_default();
    match errors.count() {
        0 => line.to_owned(),
        more => format!("{line} (and {more} more)"),
    }
}

/// All that the gate has to say.
fn said(report: &Report) -> String {
    let reason = report
        .reason
        .as_ref()
        .filter(|_| report.verdict != Verdict::Skipped)
        .map(|reason| format!("could not look: {reason}"));
    let findings = report.findings.iter().map(told);
    findings.chain(reason).collect::<Vec<_>>().join("\n")
}

/// `12.345`: seconds, as Surefire writes them.
fn seconds(took: Duration) -> String {
    format!("{}.{:03}", took.as_secs(), took.subsec_millis())
}

/// `2026-11-22T13:45:07`: UTC, without a zone, as the format has it.
fn timestamp(now_s: u64) -> Option<String> {
    let date = world::date_of(now_s).ok()?;
    let (hour, minute, second) = (now_s / 3600 % 24, now_s / 60 % 60, now_s % 60);
    Some(format!("{date}T{hour:02}:{minute:02}:{second:02}"))
}

/// XML 1.0 cannot hold these, not even as a reference.
fn is_legal(char: char) -> bool {
    matches!(char, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

fn text(value: &str) -> String {
    escape(value, |char| char == '\r')
}

/// In an attribute a line end would be read as a space.
fn attribute(value: &str) -> String {
    escape(value, |char| matches!(char, '\t' | '\n' | '\r'))
}

fn escape(value: &str, by_number: fn(char) -> bool) -> String {
    let mut out = String::with_capacity(value.len());
    for char in value.chars().filter(|char| is_legal(*char)) {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            char if by_number(char) => out.push_str(&format!("&#{};", u32::from(char))),
            char => out.push(char),
        }
    }
    out
}
