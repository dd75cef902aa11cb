//! GitHub Actions: annotations as workflow commands, and a step summary in Markdown.

use serde_json::Value;

use super::told;
use crate::{Finding, Report, Severity, Summary, Verdict};

/// GitHub shows so many annotations of one level of one step, and silently none of the rest.
const SHOWN: usize = 10;

/// So many findings of a gate stand in the step summary.
const LISTED: usize = 50;

/// GitHub refuses a step summary beyond 1 MiB as a whole.
const SUMMARY_BYTES: usize = 1_000_000;

/// Workflow commands, one a line: what blocks as errors, what is waived or a warning as warnings, notes as notices.
/// The worst come first, and where there are too many the last one says how many more there are.
pub fn annotations(summary: &Summary) -> Vec<String> {
    let mut lines = Vec::new();
    for (level, told) in [
        ("error", errors(summary)),
        ("warning", warnings(summary)),
        ("notice", notices(summary)),
    ] {
        let shown = match told.len() {
            0..=SHOWN => told.len(),
            _ => SHOWN - 1,
        };
        lines.extend(told[..shown].iter().map(|told| told.command(level)));
        if told.len() > shown {
            let more = told.len() - shown;
            let rest = Annotation {
                title: "preflight".to_owned(),
                text: format!("and {more} more of this level: see the summary of the step"),
                finding: None,
            };
            lines.push(rest.command(level));
        }
    }
    lines
}

struct Annotation<'a> {
    title: String,
    text: String,
    finding: Option<&'a Finding>,
}

impl Annotation<'_> {
    fn command(&self, level: &str) -> String {
        let mut properties = Vec::new();
        if let Some(at) = self.finding.and_then(|finding| finding.at.as_ref()) {
            properties.push(format!("file={}", property(&at.path)));
            properties.extend(at.line.map(|line| format!("line={line}")));
            properties.extend(at.column.map(|column| format!("col={column}")));
        }
        properties.push(format!("title={}", property(&self.title)));
        format!("::{level} {}::{}", properties.join(","), data(&self.text))
    }
}

fn of<'a>(report: &'a Report, finding: &'a Finding) -> Annotation<'a> {
    let help = finding
        .help
        .as_ref()
        .map_or(String::new(), |help| format!("\nhelp: {help}"));
    let title = match &report.waived {
        Some(waiver) => format!("{}, waived: {waiver}", report.name),
        None => report.name.clone(),
    };
    Annotation {
        title,
        text: format!("{}{help}", finding.message),
        finding: Some(finding),
    }
}

fn of_reason<'a>(report: &Report, reason: &str) -> Annotation<'a> {
    let waiver = report
        .waived
        .as_ref()
        .map_or(String::new(), |waiver| format!("\nwaived: {waiver}"));
    Annotation {
        title: format!("{}, {}", report.name, report.verdict.name()),
        text: format!("could not look: {reason}{waiver}"),
        finding: None,
    }
}

fn findings(report: &Report, severity: Severity) -> impl Iterator<Item = Annotation<'_>> {
    report
        .findings
        .iter()
        .filter(move |finding| finding.severity == severity)
        .map(|finding| of(report, finding))
}

/// Failures, then what could not be looked at.
fn errors(summary: &Summary) -> Vec<Annotation<'_>> {
    let blockers = summary.blockers();
    let failed = blockers
        .iter()
        .flat_map(|report| findings(report, Severity::Error));
    let blind = blockers
        .iter()
        .filter_map(|report| Some(of_reason(report, report.reason.as_ref()?)));
    failed.chain(blind).collect()
}

/// What a waiver lets through, then warnings.
fn warnings(summary: &Summary) -> Vec<Annotation<'_>> {
    let free = || summary.reports.iter().filter(|report| !report.blocks());
    let failed = free().flat_map(|report| findings(report, Severity::Error));
    let blind = free()
        .filter(|report| report.verdict != Verdict::Skipped)
        .filter_map(|report| Some(of_reason(report, report.reason.as_ref()?)));
    let rest = summary
        .reports
        .iter()
        .flat_map(|report| findings(report, Severity::Warning));
    failed.chain(blind).chain(rest).collect()
}

fn notices(summary: &Summary) -> Vec<Annotation<'_>> {
    let notes = summary
        .reports
        .iter()
        .flat_map(|report| findings(report, Severity::Note));
    notes.collect()
}

/// The text of a workflow command is one line.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// A property ends at `,`, and the properties at `::`.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// Markdown for `GITHUB_STEP_SUMMARY`: all gates, what blocks, waivers, figures.
pub fn step_summary(summary: &Summary) -> String {
    let counts = summary.counts();
    let flaky = match counts.flaky {
        0 => String::new(),
        count => format!("{count} flaky, "),
    };
    let mut out = format!(
        "## Preflight: {}\n\n{} pass, {} warn, {flaky}{} fail, {} unknown, {} skipped\n\n",
        summary.verdict().name(),
        counts.pass,
        counts.warn,
        counts.fail,
        counts.unknown,
        counts.skipped
    );
    out.push_str("| gate | verdict | examined | took | says |\n|---|---|--:|--:|---|\n");
    for report in &summary.reports {
        out.push_str(&format!(
            "| {} | {} | {} | {:.1} s | {} |\n",
            inline(&report.name),
            verdict(report),
            report.examined,
            report.took.as_secs_f64(),
            inline(&headline(report)),
        ));
    }
    let blockers = summary.blockers();
    if !blockers.is_empty() {
        out.push_str("\n### What blocks\n\n");
        blockers.iter().for_each(|report| listed(&mut out, report));
    }
    let waived = || {
        summary
            .reports
            .iter()
            .filter(|report| report.waived.is_some())
    };
    if waived().next().is_some() {
        out.push_str("\n### Waivers\n\n| gate | verdict | waiver |\n|---|---|---|\n");
        for report in waived() {
            out.push_str(&format!(
                "| {} | {} | {} |\n",
                inline(&report.name),
                report.verdict.name(),
                inline(report.waived.as_deref().unwrap_or_default()),
            ));
        }
    }
    figures(&mut out, summary);
    cut(out)
}

fn verdict(report: &Report) -> String {
    let word = report.verdict.name();
    match (report.blocks(), &report.waived) {
        (true, _) => format!("**{word}**"),
        (false, Some(_)) => format!("{word}, waived"),
        (false, None) => word.to_owned(),
    }
}

/// One line about a gate: its first finding, or why there is none.
fn headline(report: &Report) -> String {
    let first = match (&report.reason, report.findings.first()) {
        (Some(reason), _) if report.verdict != Verdict::Fail => reason.as_str(),
        (_, Some(finding)) => finding.message.as_str(),
        (Some(reason), None) => reason.as_str(),
        (None, None) => return String::new(),
    };
    let line = first.lines().next().unwrap_or_default();
    match report.findings.len() {
        0 | 1 => line.to_owned(),
        count => format!("{line} (of {count} findings)"),
    }
}

fn listed(out: &mut String, report: &Report) {
    out.push_str(&format!(
        "- **{}** {}\n",
        inline(&report.name),
        report.verdict.name()
    ));
    if let Some(reason) = &report.reason {
        out.push_str(&format!("  - could not look: {}\n", inline(reason)));
    }
    for finding in report.findings.iter().take(LISTED) {
        out.push_str(&format!("  - {}\n", inline(&told(finding))));
    }
    if report.findings.len() > LISTED {
        let more = report.findings.len() - LISTED;
        out.push_str(&format!("  - and {more} more\n"));
    }
}

fn figures(out: &mut String, summary: &Summary) {
    let mut rows = String::new();
    for report in &summary.reports {
        for (name, value) in &report.evidence {
            let value = match value {
                Value::String(text) => text.clone(),
                value => value.to_string(),
            };
            let short: String = value.chars().take(200).collect();
            let dots = if short.len() < value.len() { "…" } else { "" };
            rows.push_str(&format!(
                "| {} | {} | {}{dots} |\n",
                inline(&report.name),
                inline(name),
                inline(&short)
            ));
        }
    }
    if !rows.is_empty() {
        out.push_str("\n### Figures\n\n| gate | figure | value |\n|---|---|---|\n");
        out.push_str(&rows);
    }
}

/// Text that Markdown shows as it is, on one line: in a cell, or in an item of a list.
fn inline(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.trim().chars() {
        match char {
            '\n' => out.push_str("<br>"),
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            char if char.is_control() => {}
            char if char.is_ascii_punctuation() && !"\"'(),./:;=?%".contains(char) => {
                out.push('\\');
                out.push(char);
            }
            char => out.push(char),
        }
    }
    out
}

/// Whole lines, as many as GitHub takes.
fn cut(text: String) -> String {
    if text.len() <= SUMMARY_BYTES {
        return text;
    }
    let mut kept = String::with_capacity(SUMMARY_BYTES);
    for line in text.split_inclusive('\n') {
        if kept.len() + line.len() > SUMMARY_BYTES {
            break;
        }
        kept.push_str(line);
    }
    kept.push_str("\nThere is more than a step summary can hold.\n");
    kept
}
