//! What counts as a day and as a status, and above all what does not.

use super::days::{Heading, heading};
use super::status::{Said, Status, of_heading, of_line};
use super::{days, read};

fn named(text: &str) -> Vec<u32> {
    match heading(text) {
        Heading::Days { days, .. } => days,
        Heading::Odd(_) | Heading::Other => Vec::new(),
    }
}

#[test]
fn headings_of_days() {
    for (text, days) in [
        ("Day 3", vec![3]),
        ("Day 3-4", vec![3, 4]),
        ("Days 5–7", vec![5, 6, 7]),
        ("Days 5 — 7: Storage", vec![5, 6, 7]),
        ("Day 5 to 7", vec![5, 6, 7]),
        ("Day 12: Title", vec![12]),
        ("Day 1 & 2", vec![1, 2]),
        ("Days 1, 2 and 4", vec![1, 2, 4]),
        ("Days 1-3, 5", vec![1, 2, 3, 5]),
        ("✅ Day 7 — Redaction", vec![7]),
        ("[x] Day 7", vec![7]),
        ("DAY 09", vec![9]),
        ("Day #4", vec![4]),
        ("Day 3/28", vec![3]),
        ("Day 3 of 28", vec![3]),
        ("Day 3 - 2 modules", vec![3]),
        ("Day 3. Storage", vec![3]),
        ("Day 3-4 Storage", vec![3, 4]),
        ("Day 1 & Day 2", vec![1, 2]),
    ] {
        assert_eq!(named(text), days, "{text}");
    }
    for text in [
        "Day 3.1",
        "Day 3a",
        "Day 3.1: Part",
        "Daybreak 3",
        "Day one",
        "What we learned on Day 3",
        "Days",
        "Today 3",
        "3 Days",
        "Day",
        "",
        "✅",
    ] {
        assert_eq!(heading(text), Heading::Other, "{text}");
    }
    for text in [
        "Day 7-5",
        "Day 2026-01-05",
        "Day 1000",
        "Day 99999999999",
        "Day 1-4000",
        "Day 3-4a",
    ] {
        assert!(matches!(heading(text), Heading::Odd(_)), "{text}");
    }
}

#[test]
fn lines_of_a_status() {
    use Status::{Complete, Open, Partial};
    for (line, status) in [
        ("Status: ✅ Complete (2026-01-05)", Complete),
        ("Status: Complete", Complete),
        ("STATUS - done", Complete),
        ("📌 Status: shipped", Complete),
        ("Date: 2026-01-05 | Status: ✅", Complete),
        ("Status: 100%", Complete),
        ("Status: [x]", Complete),
        ("✅ COMPLETE", Complete),
        ("✅", Complete),
        ("COMPLETE ✅", Complete),
        ("Done — 2026-01-05", Complete),
        ("Complete (2026-01-05)", Complete),
        ("[x] Complete", Complete),
        ("🟡 PARTIAL", Partial),
        ("Status: in progress since Monday", Partial),
        ("Status: ✅ partially complete", Partial),
        ("Status: 80 % complete", Partial),
        ("Status: nearly done", Partial),
        ("⬜ Not started", Open),
        ("❌", Open),
        ("TODO", Open),
        ("Status: not complete", Open),
        ("Status: incomplete", Open),
        ("Status: [ ]", Open),
    ] {
        assert_eq!(of_line(line, true), Said::Status(status), "{line}");
    }
    for line in [
        "Complete the redaction module",
        "Done is better than perfect",
        "✅ All tests pass",
        "All of it is complete",
        "Legend: ✅ complete 🟡 partial ❌ not started",
        "Legend: ✅ complete",
        "✅ complete 🟡 partial",
        "✅ Complete | 🟡 Partial | ❌ Not started",
        "complete / partial / open",
        "Completeness",
        "The status: complete",
        "Open questions remain",
        "",
    ] {
        assert_eq!(of_line(line, true), Said::Nothing, "{line}");
    }
    for line in [
        "Status: ✅ complete 🟡 partial ❌ not started",
        "Status: ✅ / 🟡 / ❌",
        "Status: complete / partial / not started",
        "Status: see below",
        "Status:",
    ] {
        assert_eq!(of_line(line, true), Said::Unreadable, "{line}");
    }
    assert_eq!(
        of_line("Done.", false),
        Said::Nothing,
        "the end of a sentence"
    );
}

#[test]
fn statuses_in_headings() {
    use Status::{Complete, Open, Partial};
    for (title, status) in [
        (": Storage ✅", Some(Complete)),
        ("✅ : Storage", Some(Complete)),
        (": Storage (✅ COMPLETE)", Some(Complete)),
        (" — COMPLETE", Some(Complete)),
        (": Storage [x]", Some(Complete)),
        (": Storage - Done", Some(Complete)),
        (": Storage (partial)", Some(Partial)),
        (": Storage ✅ (partial)", Some(Partial)),
        (": TODO", Some(Open)),
        (": Storage [ ]", Some(Open)),
        (": Complete the parser", None),
        (": TODO list of the app", None),
        (": Storage", None),
        (": Storage ✅ ❌", None),
        ("", None),
    ] {
        assert_eq!(of_heading(title), status, "{title}");
    }
}

#[test]
fn only_the_structure_counts() {
    let text = "\u{feff}---\ntitle: x\n---\n# Tracker\n\nLegend: ✅ complete 🟡 partial\n\n| Sign | Means |\n|---|---|\n| ✅ | Day 9 complete |\n\n\
        ## Day 1\n\n**Status:** ✅ Complete\n\n- Day 8 ✅ complete\n\n```\n## Day 7\nStatus: ✅ Complete\n```\n\n> ## Day 6 ✅\n\n\
        Day 2\n-----\n\nAll is complete.\n\n### Day 2.1 ✅\n\nStatus: ✅ Complete\n\n### Morning\n\nStatus: ✅ Complete\n\n\
        ## Day 3\n\n- Status: ✅ Complete\n\n> Status: ✅ Complete\n\n~~Status: ✅ Complete~~\n\n<!-- Status: ✅ Complete -->\n\n\
        ## Day 4\n\nDate: today  \nStatus: 🟡 Partial\n";
    let days = days(&read(text));
    let statuses: Vec<_> = days
        .iter()
        .map(|(number, day)| (*number, day.status, day.line))
        .collect();
    assert_eq!(
        statuses,
        [
            (1, Some(Status::Complete), 12),
            (2, None, 25),
            (3, None, 38),
            (4, Some(Status::Partial), 48)
        ]
    );
}
