//! `tracker`: days of a plan and checklists.

use gates::{Report, Severity, Verdict};
use serde_json::json;
use testkit::Repo;

use crate::fixture::{ask, cx, cx_where, cx_with, errors, expect, said, unknown};

const PLAN: &str = "\
# Tracker

Legend: ✅ complete 🟡 partial ❌ not started

## Day 1: Ground

Status: ✅ Complete (2026-01-05)

## Day 2-3: Storage ✅

- [x] tables

## Day 4

🟡 PARTIAL

## Day 5

Status: ❌ Not started
";

const CONFIG: &str = "[gates.tracker]\npath = \"docs/plan.md\"\nrequired = 3";

fn plan(text: &str) -> Repo {
    let repo = Repo::empty();
    repo.write("docs/plan.md", text).commit("docs: the plan");
    repo
}

fn asked(text: &str) -> Report {
    ask(&cx_with(&plan(text), CONFIG), "tracker")
}

#[test]
fn enough_days_pass_and_partial_ones_are_said() {
    let report = asked(PLAN);
    expect(&report, Verdict::Pass);
    assert_eq!(report.examined, 5);
    for (key, value) in [
        ("complete", json!(3)),
        ("total", json!(5)),
        ("required", json!(3)),
        ("partial", json!([4])),
        ("open", json!([5])),
    ] {
        assert_eq!(report.evidence[key], value, "{key}");
    }
    assert_eq!(said(&report, Severity::Note), ["day 4 is partial"]);
    assert_eq!(report.findings[0].at.as_ref().unwrap().line, Some(13));
}

/// What is changed, the text before and after, what is said then, and on which line of the plan.
const MUTATIONS: &[(&str, &str, &str, &str, Option<usize>)] = &[
    (
        "a day is only partial",
        "Status: ✅ Complete (2026-01-05)",
        "Status: 🟡 Partial",
        "2 of 5 days are complete, 3 are required",
        None,
    ),
    (
        "a range shrinks to one day",
        "## Day 2-3: Storage ✅",
        "## Day 2: Storage ✅",
        "2 of 4 days are complete",
        None,
    ),
    (
        "a sub-day takes the place of a day",
        "## Day 1: Ground",
        "## Day 1.1: Ground",
        "2 of 4 days are complete",
        None,
    ),
    (
        "the status becomes a bullet",
        "Status: ✅ Complete",
        "- Status: ✅ Complete",
        "2 of 5 days are complete",
        None,
    ),
    (
        "the status becomes prose",
        "Status: ✅ Complete (2026-01-05)",
        "The ground is complete.",
        "2 of 5 days are complete",
        None,
    ),
    (
        "the status moves into a code block",
        "Status: ✅ Complete (2026-01-05)",
        "```\nStatus: ✅ Complete\n```",
        "2 of 5 days are complete",
        None,
    ),
    (
        "the status lists all there are",
        "Status: ✅ Complete (2026-01-05)",
        "Status: ✅ complete 🟡 partial",
        "2 of 5 days are complete",
        None,
    ),
    (
        "a repeated heading disagrees",
        "## Day 5\n",
        "## Day 1\n\n❌\n\n## Day 5\n",
        "2 of 5 days are complete",
        None,
    ),
    (
        "a day sinks below another",
        "## Day 2-3: Storage ✅",
        "### Day 2-3: Storage ✅",
        "1 of 3 days are complete",
        None,
    ),
    (
        "the title says complete, not the status",
        "## Day 2-3: Storage ✅",
        "## Day 2-3: Complete the storage",
        "1 of 5 days are complete",
        None,
    ),
];

/// See `mutations.rs`.
pub(crate) const MUTATED: crate::mutations::Table = ("tracker", || MUTATIONS.len());

#[test]
fn every_change_of_the_rule_is_red() {
    for (what, before, after, words, line) in MUTATIONS {
        assert!(PLAN.contains(before), "{what}");
        let report = asked(&PLAN.replacen(before, after, 1));
        assert_eq!(report.verdict, Verdict::Fail, "{what}: {report:#?}");
        let finding = &report.findings[0];
        assert!(
            finding.message.contains(words),
            "{what}: {}",
            finding.message
        );
        let at = finding.at.as_ref().unwrap();
        assert_eq!(
            (at.path.as_str(), at.line),
            ("docs/plan.md", *line),
            "{what}"
        );
        assert!(
            finding
                .help
                .as_ref()
                .unwrap()
                .contains("more have to be complete")
        );
    }
}

#[test]
fn a_day_counts_once_and_disagreement_names_both_lines() {
    let again = format!("{PLAN}\n## Day 1\n\nStatus: ✅ Complete\n");
    let report = asked(&again);
    expect(&report, Verdict::Pass);
    assert_eq!(
        (&report.evidence["complete"], &report.evidence["total"]),
        (&json!(3), &json!(5))
    );
    let torn = format!("{PLAN}\n## Day 1\n\nStatus: 🟡 Partial\n");
    let report = asked(&torn);
    expect(&report, Verdict::Fail);
    assert_eq!(
        said(&report, Severity::Warning),
        ["lines 5 and 21 disagree on day 1; the worse one counts"]
    );
    let two = PLAN.replace("(2026-01-05)", "\n\nStatus: ❌");
    let report = asked(&two);
    expect(&report, Verdict::Fail);
    assert!(
        said(&report, Severity::Warning)[0].contains("is said on line 9"),
        "{report:#?}"
    );
}

#[test]
fn days_without_a_status_and_odd_headings_are_said_with_their_line() {
    let text = format!("{PLAN}\n## Day 9-8\n\n## Day 7\n\nStatus: soon\n\n### Day 8\n");
    let report = asked(&text);
    expect(&report, Verdict::Warn);
    let lines: Vec<_> = report
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Warning)
        .map(|finding| (finding.message.as_str(), finding.at.as_ref().unwrap().line))
        .collect();
    assert_eq!(
        lines,
        [
            ("day 7 has no status", Some(23)),
            ("`Status: soon` cannot be read as one status", Some(25)),
            (
                "day 8 stands below the heading of day 7 and is not counted",
                Some(27)
            ),
            ("`Day 9-8` counts backwards", Some(21)),
        ]
    );
    assert!(said(&report, Severity::Note).contains(&"no heading for day 6"));
}

#[test]
fn a_tracker_that_is_not_there_or_has_no_days_fails() {
    let report = ask(&cx_with(&Repo::cargo_single(), CONFIG), "tracker");
    expect(&report, Verdict::Fail);
    assert_eq!(errors(&report), ["there is no docs/plan.md"]);
    let report = asked("# Plan\n\nNothing yet.\n");
    expect(&report, Verdict::Fail);
    assert_eq!(
        errors(&report),
        ["0 of 0 days are complete, 3 are required"]
    );
    assert!(
        report.findings[0]
            .help
            .as_ref()
            .unwrap()
            .contains("## Day 3-4")
    );
}

#[test]
fn without_settings_one_document_that_says_so_is_taken() {
    let repo = Repo::cargo_single();
    let report = ask(&cx(&repo), "tracker");
    expect(&report, Verdict::Skipped);
    repo.write("docs/issue-tracker.md", "# How we use the tracker\n")
        .commit("docs: x");
    let report = ask(&cx(&repo), "tracker");
    expect(&report, Verdict::Skipped);
    assert!(
        report
            .reason
            .unwrap()
            .contains("docs/issue-tracker.md has no heading of a day")
    );
    repo.remove("docs/issue-tracker.md")
        .write("TRACKER.md", PLAN)
        .commit("docs: y");
    let report = ask(&cx(&repo), "tracker");
    expect(&report, Verdict::Fail);
    assert_eq!(
        errors(&report),
        ["3 of 5 days are complete, 20 are required"]
    );
    repo.write("COMPLETION.md", PLAN).commit("docs: z");
    let report = ask(&cx(&repo), "tracker");
    expect(&report, Verdict::Skipped);
    assert!(
        report
            .reason
            .unwrap()
            .contains("COMPLETION.md, TRACKER.md could each be")
    );
}

#[test]
fn what_cannot_be_read_is_unknown() {
    let repo = plan("x");
    repo.write("docs/plan.md", b"# Plan\n\n\xff\n");
    unknown(
        &ask(&cx_with(&repo, CONFIG), "tracker"),
        "plan.md:3: not UTF-8",
    );
    for git in ["exit 70", "kill -9 $$"] {
        let cx = cx_where(&repo, &[], &[("git", git)]);
        unknown(&ask(&cx, "tracker"), "git ls-files");
    }
    unknown(
        &ask(&cx_where(&repo, &[], &[]), "tracker"),
        "program not found: `git",
    );
}

const LIST: &str = "# Launch\n\n## Before\n\n- [x] a\n- [x] b\n  - [X] c\n1. [x] d\n\n### Later\n\n* [ ] e\n\n## After\n\n- [ ] f\n";

fn list(text: &str, section: &str, required: u64) -> Report {
    let section = match section {
        "" => String::new(),
        section => format!("section = \"{section}\"\n"),
    };
    let config = format!(
        "[[gates.tracker.checklist]]\npath = \"docs/plan.md\"\n{section}required_pct = {required}"
    );
    ask(&cx_with(&plan(text), &config), "tracker")
}

#[test]
fn checklists_are_counted_below_their_heading() {
    let report = list(LIST, "before", 80);
    expect(&report, Verdict::Pass);
    assert_eq!(
        report.evidence["checklists"],
        json!([{"path": "docs/plan.md", "section": "before", "done": 4, "total": 5, "required_pct": 80}])
    );
    let report = list(LIST, "", 66);
    expect(&report, Verdict::Pass);
    // 79.99 of a hundred is less than 80.
    let many = |done: usize| {
        format!(
            "# L\n\n{}{}",
            "- [x] a\n".repeat(done),
            "- [ ] b\n".repeat(10_000 - done)
        )
    };
    expect(&list(&many(8000), "", 80), Verdict::Pass);
    expect(&list(&many(7999), "", 80), Verdict::Fail);
    for (what, before, after, words) in [
        (
            "an item is open again",
            "- [x] b",
            "- [ ] b",
            "3 of 5 items of `before` are done, 80 % are required",
        ),
        ("an item is half done", "- [x] b", "- [~] b", "3 of 5 items"),
        ("an item is taken out", "- [x] a\n", "", "3 of 4 items"),
        (
            "an item moves into code",
            "- [x] a\n",
            "```\n- [x] a\n```\n",
            "3 of 4 items",
        ),
        (
            "the heading is renamed",
            "## Before",
            "## Befor",
            "there is no heading `before`",
        ),
        (
            "the heading is there twice",
            "## After",
            "## Before",
            "there are two headings `before`",
        ),
        (
            "the list is empty",
            "## Before\n",
            "## Before\n\n## Middle\n",
            "has no item of a checklist",
        ),
    ] {
        assert!(LIST.contains(before), "{what}");
        let report = list(&LIST.replacen(before, after, 1), "before", 80);
        assert_eq!(report.verdict, Verdict::Fail, "{what}: {report:#?}");
        assert!(errors(&report)[0].contains(words), "{what}: {report:#?}");
        assert!(report.findings[0].help.is_some(), "{what}");
    }
    let report = list(&LIST.replacen("- [x] b", "- [ ] b", 1), "before", 80);
    assert_eq!(report.findings[0].at.as_ref().unwrap().line, Some(6));
}
