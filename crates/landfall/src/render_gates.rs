//! How gates are shown: a line each when it is finished, and the verdict over all of them.

use gates::{Finding, Part, Report, Severity, Summary, Verdict};

use crate::render::{DIM, GREEN, RED, Ui, YELLOW, duration, paint, style_of};

/// So many findings of a gate are shown in full; a linter that finds hundreds must not bury the other gates.
const SHOWN: usize = 8;

impl Ui {
    pub(crate) fn report_lines(&self, report: &Report, colour: bool) -> Vec<String> {
        let word = format!("{:<8}", report.verdict.name());
        let word = paint(colour, style_of(report.verdict), &word);
        let waived = report
            .waived
            .as_ref()
            .map(|waiver| format!("  waived: {waiver}"));
        let said = match &report.reason {
            Some(reason) => reason.clone(),
            None => format!("{} examined", report.examined),
        };
        let mut said = said.lines();
        let first = said.next().unwrap_or_default();
        let took = if report.cached {
            "reused".to_owned()
        } else {
            duration(report.took)
        };
        let took = paint(colour, DIM, &took);
        let waived = waived.unwrap_or_default();
        let mut lines = vec![format!(
            " {word} {:<12} {first}  {took}{waived}",
            report.name
        )];
        lines.extend(said.map(|line| format!("            {line}")));
        if (self.explain || self.verbose) && !report.why.is_empty() {
            let verb = if report.cached { "reused" } else { "looked" };
            let why = format!("{verb}: {}", report.why);
            lines.push(format!("            {}", paint(colour, DIM, &why)));
        }
        let told = |finding: &&Finding| self.verbose || finding.severity != Severity::Note;
        let findings: Vec<&Finding> = report.findings.iter().filter(told).collect();
        let shown = if self.verbose { findings.len() } else { SHOWN };
        for finding in findings.iter().take(shown) {
            lines.extend(self.finding_lines(finding, colour));
        }
        if findings.len() > shown {
            lines.push(format!(
                "   and {} more: -v shows them all",
                findings.len() - shown
            ));
        }
        lines
    }

    fn finding_lines(&self, finding: &Finding, colour: bool) -> Vec<String> {
        let (word, style) = match finding.severity {
            Severity::Error => ("error", RED),
            Severity::Warning => ("warning", YELLOW),
            Severity::Note => ("note", DIM),
        };
        // Some messages begin with their file themselves.
        let place = finding.at.as_ref().map(place).unwrap_or_default();
        let place = if finding
            .message
            .starts_with(place.trim_end_matches([':', ' ']))
        {
            String::new()
        } else {
            place
        };
        let mut message = finding.message.lines();
        let first = message.next().unwrap_or_default();
        let mut lines = vec![format!(
            "   {} {place}{first}",
            paint(colour, style, &format!("{word}:"))
        )];
        lines.extend(message.map(|line| format!("     {line}")));
        lines.extend(
            finding
                .help
                .iter()
                .map(|help| format!("     help: {}", self.hint(help))),
        );
        lines
    }

    /// The verdict over all gates, in words for somebody tired. `of`: how many gates there are, where some were left out.
    pub(crate) fn preflight(&self, summary: &Summary, part: &Part, of: Option<usize>) {
        self.clear();
        self.event(summary.event_of(part));
        if self.json() {
            return;
        }
        self.out("");
        self.out(&tally(summary));
        let blockers = summary.blockers();
        if blockers.is_empty() {
            let ran = summary
                .reports
                .iter()
                .filter(|report| report.verdict != Verdict::Skipped)
                .count();
            let text = match of {
                None => "ALL VALIDATIONS PASSED — ready to proceed".to_owned(),
                Some(of) => format!("PASSED as far as asked — {ran} of {of} gates looked"),
            };
            self.out(&self.paint(GREEN, &text));
            return;
        }
        let names: Vec<&str> = blockers.iter().map(|report| report.name.as_str()).collect();
        let names = names.join(" ");
        self.out(&self.paint(RED, &format!("NOT READY — blocked by {names}")));
        self.out(&self.hint(&format!(
            "help: mend the findings above, then cargo xtask preflight {names}"
        )));
    }
}

/// One line: how many gates gave which verdict, and which, where it is not pass.
fn tally(summary: &Summary) -> String {
    let verdicts = [
        Verdict::Pass,
        Verdict::Warn,
        Verdict::Flaky,
        Verdict::Fail,
        Verdict::Unknown,
        Verdict::Skipped,
    ];
    let part = |verdict: Verdict| {
        let with = summary
            .reports
            .iter()
            .filter(|report| report.verdict == verdict);
        let waived = |report: &Report| {
            if report.waived.is_some() {
                " (waived)"
            } else {
                ""
            }
        };
        let names: Vec<String> = with
            .map(|report| format!("{}{}", report.name, waived(report)))
            .collect();
        match (names.len(), verdict) {
            (0, _) => None,
            (count, Verdict::Pass) => Some(format!("{count} pass")),
            (count, _) => Some(format!("{count} {}: {}", verdict.name(), names.join(", "))),
        }
    };
    verdicts
        .into_iter()
        .filter_map(part)
        .collect::<Vec<_>>()
        .join(" · ")
}

/// `path:line:column: `, as editors and terminals make a link of it.
fn place(at: &gates::Location) -> String {
    let number = |number: Option<usize>| {
        number
            .map(|number| format!(":{number}"))
            .unwrap_or_default()
    };
    format!(
        "{}{}{}: ",
        at.path.escape_debug(),
        number(at.line),
        number(at.column)
    )
}
