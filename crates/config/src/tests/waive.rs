//! Laws of a recorded waiver: nothing else changes, what is refused is refused with a way out.

use proptest::prelude::*;

use crate::{Date, Waiver, parse, record};

const EVERY_KEY: &str = include_str!("every-key.toml");

/// Texts as they are found: none, without a last line end, of another system, with a mark, with waivers.
const TEXTS: &[&str] = &[
    "",
    "\n",
    "# nothing yet",
    "[gates]\nskip = [\"fmt\"]",
    "[gates]\r\nskip = [\"fmt\"]\r\n",
    "[gates.docs]\nrequired = []\n\n",
    "\u{feff}[gates]\n\n\n",
    "[[waiver]]\ngate = \"docs\"\nreason = \"x\"\nowner = \"y\"\nuntil = \"2026-12-01\" # soon\n\n[gates.test]\ntimeout_s = 9\n",
    EVERY_KEY,
];

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn asked(reason: &str, owner: &str, until: &str) -> Result<Waiver, crate::Refused> {
    Waiver::asked("docs", reason, owner, until, day("2026-11-22"))
}

#[test]
fn what_is_appended_reads_well() {
    let waiver = asked(" the \"old\" manual\\ ", "dev@example.com", "2027-01-31").unwrap();
    let expected = "[[waiver]]\ngate = \"docs\"\nreason = \"the \\\"old\\\" manual\\\\\"\nowner = \"dev@example.com\"\nuntil = 2027-01-31\n";
    assert_eq!(record("", &waiver, &[]).unwrap().text, expected);
    let windows = record("[gates]\r\nskip = [\"fmt\"]", &waiver, &[]).unwrap();
    let lines = expected.replace('\n', "\r\n");
    assert_eq!(
        windows.text,
        format!("[gates]\r\nskip = [\"fmt\"]\r\n\r\n{lines}")
    );
    assert_eq!((windows.line, windows.before), (4, None));
}

#[test]
fn a_later_day_replaces_the_day_alone_however_it_is_written() {
    for written in ["2026-12-01", "\"2026-12-01\"", "'2026-12-01'  # why"] {
        let text = format!(
            "waiver = [{{ gate = \"docs\", reason = \"x\", owner = \"y\", until = {}\n}}]\n# 2026-12-01\n",
            written
        );
        let recorded = record(&text, &asked("x", "y", "2026-12-02").unwrap(), &[]).unwrap();
        assert_eq!(recorded.text, text.replacen("12-01", "12-02", 1));
        assert_eq!(
            (recorded.line, recorded.before),
            (1, Some(day("2026-12-01")))
        );
    }
    // Of two equal ones the one that lasts.
    let one = "[[waiver]]\ngate = \"docs\"\nreason = \"x\"\nowner = \"y\"\nuntil = 2026-12-05\n";
    let text = format!("{one}{}", one.replace("12-05", "12-01"));
    let recorded = record(&text, &asked("x", "y", "2026-12-09").unwrap(), &[]).unwrap();
    assert_eq!(
        (recorded.text, recorded.line),
        (text.replace("12-05", "12-09"), 5)
    );
}

#[test]
fn what_the_text_holds_or_cannot_take_is_refused() {
    let waiver = asked("x", "y", "2026-12-01").unwrap();
    let held = record(TEXTS[7], &waiver, &[]).unwrap_err();
    assert_eq!(
        held.message,
        "line 5 holds this waiver already, until 2026-12-01"
    );
    assert!(held.help.contains("a day after 2026-12-01"), "{held:?}");
    let list = "waiver = [{ gate = \"fmt\", reason = \"x\", owner = \"y\", until = 2026-12-01 }]\n";
    let refused = record(list, &waiver, &[]).unwrap_err();
    assert!(refused.help.contains("[[waiver]] tables"), "{refused:?}");
    let unknown = Waiver {
        gate: "own".to_owned(),
        ..waiver
    };
    assert!(record("", &unknown, &[]).is_err());
    assert!(record("", &unknown, &["own"]).is_ok());
    assert!(record("[gates", &unknown, &["own"]).is_err());
}

#[test]
fn a_day_that_is_none_or_over_or_too_far_and_words_that_say_nothing_are_refused() {
    for (reason, owner, until, words) in [
        (
            "x",
            "y",
            "tomorrow",
            "expected a date of the form YYYY-MM-DD",
        ),
        (
            "x",
            "y",
            "2027-02-29",
            "month 02 of 2027 has 28 days, not 29",
        ),
        ("x", "y", "2026-11-21", "2026-11-21 is over"),
        ("x", "y", "2027-11-23", "more than a year away"),
        (" \u{3000}", "y", "2026-12-01", "the reason is empty"),
        ("x", "", "2026-12-01", "the owner is empty"),
        ("x\ny", "y", "2026-12-01", "\\u{a}"),
        (
            "x",
            "y\u{1b}[2J",
            "2026-12-01",
            "the owner holds the character \\u{1b}",
        ),
        ("x\u{202e}y", "y", "2026-12-01", "\\u{202e}"),
    ] {
        let refused = asked(reason, owner, until).unwrap_err();
        assert!(refused.message.contains(words), "{refused:?}");
        assert!(!refused.message.contains(char::is_control) && !refused.help.is_empty());
    }
    // The first and the last day that are taken.
    for until in ["2026-11-22", "2027-11-22"] {
        assert_eq!(asked("x", "y", until).unwrap().until, day(until));
    }
    let leap = |until| Waiver::asked("docs", "x", "y", until, day("2028-02-29"));
    assert!(leap("2029-02-28").is_ok() && leap("2029-03-01").is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_else_changes(index in 0..TEXTS.len(), reason in "\\PC{0,20}[!-~]", owner in "[!-~]\\PC{0,20}", first in 1..=28_u8, more in 1..=28_u8) {
        let text = TEXTS[index];
        let until = format!("2026-12-{first:02}");
        let Ok(waiver) = asked(&reason, &owner, &until) else {
            // Only what cannot be seen is refused.
            prop_assert!(reason.chars().chain(owner.chars()).any(super::super::waive::unseen));
            return Ok(());
        };
        let recorded = record(text, &waiver, &[]).unwrap();
        let added = recorded.text.strip_prefix(text).unwrap();
        prop_assert_eq!(added.contains("\r\n"), text.contains("\r\n"));
        let (old, new) = (parse(text).unwrap(), parse(&recorded.text).unwrap());
        prop_assert_eq!(new.waivers.split_last(), Some((&waiver, &old.waivers[..])));
        prop_assert!(recorded.text.split('\n').nth(recorded.line - 1).unwrap().starts_with("[[waiver]]"));
        // Once more changes nothing, a later day changes the day.
        prop_assert!(record(&recorded.text, &waiver, &[]).is_err());
        let later = Waiver { until: Date::new(2027, 1, more).unwrap(), ..waiver.clone() };
        let longer = record(&recorded.text, &later, &[]).unwrap();
        prop_assert_eq!(longer.before, Some(waiver.until));
        prop_assert_eq!(longer.text.len(), recorded.text.len());
        prop_assert!(longer.text.starts_with(&recorded.text[..recorded.text.rfind("until").unwrap()]));
        prop_assert_eq!(parse(&longer.text).unwrap().waivers.pop(), Some(later));
    }
}
