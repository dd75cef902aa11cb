//! Runs of several machines read back into one: what fits together, and everything that must be refused.

use gates::reports::{LEFT_TO_SHARD, merge};
use gates::{Report, Summary, Verdict};
use proptest::prelude::*;
use serde_json::{Value, json};

const TABLE: &[&str] = &["tools", "git", "build", "test", "docs"];

fn event(name: &str, verdict: &str) -> Value {
    json!({
        "schema": 1, "event": "gate", "name": name, "verdict": verdict, "examined": 3, "took_ms": 40,
        "cached": false, "waived": false, "findings": [], "evidence": {},
    })
}

fn failing(name: &str, message: &str) -> Value {
    let mut event = event(name, "fail");
    event["findings"] =
        json!([{"severity": "error", "message": message, "path": "a.txt", "line": 3}]);
    event
}

fn left(name: &str, shard: &str) -> Value {
    let mut event = event(name, "skipped");
    event["reason"] = json!(format!("{LEFT_TO_SHARD}{shard}"));
    event
}

/// The lines of a run, with its end; `extra` is what the end says of shard and commit.
fn run(gates: &[Value], extra: &Value) -> String {
    let reports = gates
        .iter()
        .map(|event| Report::from_event(event).unwrap())
        .collect();
    let mut end = Summary { reports }.event();
    for (key, value) in extra.as_object().unwrap() {
        end[key] = value.clone();
    }
    let lines = gates.iter().chain([&end]);
    lines.map(|line| format!("{line}\n")).collect()
}

fn part(index: u64, of: u64) -> Value {
    json!({"shard": {"index": index, "of": of}, "commit": "c0ffee"})
}

fn merged(texts: &[String]) -> Result<Summary, String> {
    let name = |index: usize| format!("{}.jsonl", ["a", "b", "c", "d"][index]);
    let files: Vec<(String, String)> = texts
        .iter()
        .enumerate()
        .map(|(index, text)| (name(index), text.clone()))
        .collect();
    merge(&files, TABLE).map_err(|refused| refused.to_string())
}

fn verdicts(summary: &Summary) -> Vec<(&str, &str)> {
    summary
        .reports
        .iter()
        .map(|report| (report.name.as_str(), report.verdict.name()))
        .collect()
}

#[test]
fn parts_are_one_run_in_the_order_of_the_table() {
    let one = run(
        &[
            event("docs", "pass"),
            event("own", "warn"),
            event("tools", "pass"),
        ],
        &part(1, 2),
    );
    let two = run(
        &[failing("test", "it is wrong"), event("git", "pass")],
        &part(2, 2),
    );
    let summary = merged(&[one.clone(), two.clone()]).unwrap();
    let expected = [
        ("tools", "pass"),
        ("git", "pass"),
        ("test", "fail"),
        ("docs", "pass"),
        ("own", "warn"),
    ];
    assert_eq!(verdicts(&summary), expected);
    assert_eq!(summary.verdict(), Verdict::Fail);
    assert_eq!(summary.reports[2].findings[0].message, "it is wrong");
    let swapped = merged(&[two.clone(), one.clone()]).unwrap();
    assert_eq!(verdicts(&swapped), expected);
    let joined = merged(&[one + "\n" + &two]).unwrap();
    assert_eq!(verdicts(&joined), expected, "two runs in one file");
}

#[test]
fn events_of_other_kinds_are_left_alone_and_so_are_new_keys() {
    let mut gate = event("docs", "pass");
    gate["since"] = json!("a later landfall");
    let text = format!(
        "{}\n\n{}",
        json!({"schema": 1, "event": "effect", "n": 1}),
        run(&[gate], &json!({}))
    );
    assert_eq!(verdicts(&merged(&[text]).unwrap()), [("docs", "pass")]);
}

#[test]
fn what_was_left_to_another_shard_is_answered_there() {
    let one = run(&[event("docs", "pass"), left("git", "2 of 2")], &part(1, 2));
    let two = run(
        &[left("docs", "1 of 2"), failing("git", "behind")],
        &part(2, 2),
    );
    for order in [[one.clone(), two.clone()], [two, one.clone()]] {
        assert_eq!(
            verdicts(&merged(&order).unwrap()),
            [("git", "fail"), ("docs", "pass")]
        );
    }
    let nobody = run(
        &[left("docs", "1 of 2"), left("git", "1 of 2")],
        &part(2, 2),
    );
    assert_eq!(
        merged(&[one, nobody]).unwrap_err(),
        "a.jsonl:2: gate `git` was left to another shard, and no shard has asked it"
    );
}

#[test]
fn the_same_verdict_twice_keeps_what_either_found() {
    let mut waived = failing("git", "behind");
    (waived["waived"], waived["waiver"]) = (json!(true), json!("known"));
    let mut other = failing("git", "ahead");
    other["findings"]
        .as_array_mut()
        .unwrap()
        .insert(0, json!({"severity": "note", "message": "x"}));
    other["took_ms"] = json!(90);
    let summary = merged(&[
        run(&[waived.clone()], &json!({})),
        run(&[other], &json!({})),
    ])
    .unwrap();
    let report = &summary.reports[0];
    let said: Vec<&str> = report
        .findings
        .iter()
        .map(|finding| finding.message.as_str())
        .collect();
    assert_eq!(said, ["behind", "ahead", "x"], "worst first");
    assert_eq!(
        (report.took.as_millis(), report.blocks()),
        (90, true),
        "waived on one machine alone"
    );
    let both = merged(&[
        run(&[waived.clone()], &json!({})),
        run(&[waived], &json!({})),
    ])
    .unwrap();
    assert_eq!(
        (both.reports[0].findings.len(), both.verdict()),
        (1, Verdict::Pass)
    );
}

/// A sound run of two gates.
fn sound() -> String {
    run(&[event("docs", "pass"), event("git", "pass")], &part(1, 1))
}

fn refused(texts: &[String], what: &str, expected: &str) {
    let said = merged(texts).expect_err(what);
    assert!(said.starts_with(expected), "{what}: {said}");
    assert_eq!(said.lines().count(), 1, "{what}: {said}");
}

/// One change to a sound run: what, from, to, and how the refusal begins.
type Change = (&'static str, &'static str, &'static str, &'static str);

const CHANGES: &[Change] = &[
    (
        "rubbish",
        "{",
        "rubbish {",
        "a.jsonl:1: is not JSON: expected value at line 1 column 1",
    ),
    (
        "another schema",
        "\"schema\":1",
        "\"schema\":2",
        "a.jsonl:1: is of schema 2",
    ),
    (
        "a schema in words",
        "\"schema\":1",
        "\"schema\":\"1\"",
        "a.jsonl:1: is of schema \"1\"",
    ),
    (
        "no schema",
        "\"schema\":1",
        "\"x\":1",
        "a.jsonl:1: is no event: it has no `schema`",
    ),
    (
        "no event",
        "\"event\":",
        "\"x\":",
        "a.jsonl:1: is no event: it has no `event`",
    ),
    (
        "a verdict of no name",
        "\"pass\"",
        "\"fine\"",
        "a.jsonl:1: gate `docs` has the unknown verdict `fine`",
    ),
    (
        "a figure that is none",
        "\"examined\":3",
        "\"examined\":-3",
        "a.jsonl:1: gate `docs`: no whole number under `examined`",
    ),
    (
        "a waiver without its text",
        "\"waived\":false",
        "\"waived\":true",
        "a.jsonl:1: gate `docs`: `waived` and `waiver` disagree",
    ),
    (
        "findings that are none",
        "\"findings\":[]",
        "\"findings\":[1]",
        "a.jsonl:1: gate `docs`: no text under `severity`",
    ),
    (
        "another severity",
        "\"findings\":[]",
        "\"findings\":[{\"severity\":\"bad\"}]",
        "a.jsonl:1: gate `docs`: a finding has the unknown severity `bad`",
    ),
    (
        "a changed verdict",
        "\"verdict\":\"pass\"",
        "\"verdict\":\"warn\"",
        "a.jsonl:3: the run counts {",
    ),
    (
        "a shard that is none",
        "\"index\":1",
        "\"index\":2",
        "a.jsonl:3: the shard {",
    ),
];

#[test]
fn a_changed_run_is_refused_with_its_line() {
    assert!(merged(&[sound()]).is_ok());
    for (what, from, to, expected) in CHANGES {
        let text = sound();
        assert!(text.contains(from), "{from}: {text}");
        refused(&[text.replacen(from, to, 1)], what, expected);
    }
    let text = sound();
    let lines = |range: std::ops::Range<usize>| {
        let lines: Vec<&str> = text.lines().collect();
        lines[range].join("\n")
    };
    refused(&[lines(0..2)], "no end", "a.jsonl:2: the run was cut off");
    refused(&[lines(1..3)], "a lost line", "a.jsonl:2: the run counts {");
    refused(
        &[sound()[..30].to_owned()],
        "half a line",
        "a.jsonl:1: is not JSON: EOF",
    );
    refused(
        &["[]".to_owned()],
        "a list",
        "a.jsonl:1: is no event: it has no `schema`",
    );
}

#[test]
fn runs_that_do_not_belong_together_are_refused() {
    let good = sound;
    let other_commit = run(&[event("test", "pass")], &json!({"commit": "bad"}));
    let cases: &[(&str, Vec<String>, &str)] = &[
        (
            "an empty file",
            vec![good(), " \n".to_owned()],
            "b.jsonl: is empty",
        ),
        ("no file", vec![], "nothing to merge"),
        (
            "no run",
            vec!["{\"schema\":1,\"event\":\"error\"}".to_owned()],
            "nothing to merge",
        ),
        (
            "another commit",
            vec![good(), other_commit],
            "b.jsonl:2: is of commit bad, and a.jsonl:3 is of c0ffee",
        ),
        (
            "two answers",
            vec![good(), run(&[failing("git", "behind")], &json!({}))],
            "b.jsonl:1: gate `git` is fail, and in a.jsonl:2 it is pass",
        ),
        (
            "left out by hand",
            vec![good(), run(&[event("git", "skipped")], &json!({}))],
            "b.jsonl:1: gate `git` is skipped, and in a.jsonl:2 it is pass",
        ),
        (
            "a missing part",
            vec![
                run(&[event("docs", "pass")], &part(1, 3)),
                run(&[event("git", "pass")], &part(3, 3)),
            ],
            "shard 2 of 3 is missing",
        ),
        (
            "two divisions",
            vec![good(), run(&[event("test", "pass")], &part(2, 2))],
            "the parts are of different divisions: of 1 and of 2",
        ),
    ];
    for (what, texts, expected) in cases {
        refused(texts, what, expected);
    }
}

#[test]
fn a_run_that_does_not_follow_from_its_gates_is_refused() {
    let mut end = Summary {
        reports: vec![Report::from_event(&failing("git", "x")).unwrap()],
    }
    .event();
    end["verdict"] = json!("pass");
    let said = merged(&[format!("{}\n{end}\n", failing("git", "x"))]).unwrap_err();
    assert_eq!(
        said,
        "a.jsonl:2: the run does not say `fail`, which follows from its gates"
    );
}

#[test]
fn all_problems_are_said_at_once() {
    let said = merged(&["x\ny\n".to_owned(), "z".to_owned()]).unwrap_err();
    let places: Vec<&str> = said.lines().map(|line| &line[..9]).collect();
    assert_eq!(places, ["a.jsonl:1", "a.jsonl:2", "b.jsonl:1"]);
}

fn finding() -> impl Strategy<Value = Value> {
    let place = proptest::option::of((
        "\\PC{1,8}",
        proptest::option::of(1..500_u64),
        proptest::option::of(1..90_u64),
    ));
    let severity = prop_oneof![Just("error"), Just("warning"), Just("note")];
    (
        severity,
        any::<String>(),
        place,
        proptest::option::of(any::<String>()),
    )
        .prop_map(|(severity, message, place, help)| {
            let mut finding = json!({"severity": severity, "message": message});
            if let Some((path, line, column)) = place {
                finding["path"] = json!(path);
                if let Some(line) = line {
                    finding["line"] = json!(line);
                }
                if let Some(column) = column {
                    finding["column"] = json!(column);
                }
            }
            if let Some(help) = help {
                finding["help"] = json!(help);
            }
            finding
        })
}

fn any_event() -> impl Strategy<Value = Value> {
    let verdict = prop_oneof![
        Just("pass"),
        Just("warn"),
        Just("flaky"),
        Just("fail"),
        Just("unknown"),
        Just("skipped")
    ];
    let evidence = proptest::collection::btree_map(
        any::<String>(),
        prop_oneof![
            any::<i64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            proptest::collection::vec(any::<u32>(), 0..3).prop_map(Value::from),
        ],
        0..3,
    );
    let texts = (
        any::<String>(),
        proptest::option::of(any::<String>()),
        proptest::option::of(any::<String>()),
    );
    let figures = (any::<u64>(), any::<u64>());
    (
        texts,
        verdict,
        figures,
        proptest::collection::vec(finding(), 0..4),
        evidence,
    )
        .prop_map(
            |((name, waiver, reason), verdict, (examined, took), findings, evidence)| {
                let mut event = event(&name, verdict);
                (event["examined"], event["took_ms"]) = (json!(examined), json!(took));
                (event["findings"], event["evidence"]) = (json!(findings), json!(evidence));
                event["waived"] = json!(waiver.is_some());
                if let Some(waiver) = waiver {
                    event["waiver"] = json!(waiver);
                }
                event["cached"] = json!(took % 2 == 0);
                event["why"] = json!("src/lib.rs changed");
                if let Some(reason) = reason {
                    event["reason"] = json!(reason);
                }
                event
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_a_report_tells_is_read_back(event in any_event()) {
        let report = Report::from_event(&event).unwrap();
        prop_assert_eq!(&report.event(), &event);
        let line: Value = serde_json::from_str(&event.to_string()).unwrap();
        let again = Report::from_event(&line).unwrap();
        prop_assert_eq!(format!("{again:?}"), format!("{report:?}"));
    }

    #[test]
    fn reports_hold_whatever_a_gate_says(event in any_event()) {
        let summary = Summary { reports: vec![Report::from_event(&event).unwrap()] };
        let xml = gates::reports::junit(&summary, 0);
        prop_assert!(roxmltree::Document::parse(&xml).is_ok(), "{}", xml);
        let sarif = gates::reports::sarif(&summary, &[], "release.toml");
        prop_assert!(serde_json::from_str::<Value>(&sarif).is_ok());
        for line in gates::reports::annotations(&summary) {
            prop_assert!(line.starts_with("::") && !line.contains(['\n', '\r']));
        }
    }

    #[test]
    fn no_text_makes_merge_panic(text in "\\PC{0,80}", cut in 0..400_usize) {
        let good = run(&[failing("git", "x"), event("docs", "pass")], &part(1, 1));
        let cut: String = good.chars().take(cut).collect();
        for text in [text, cut] {
            prop_assert!(merged(&[text]).is_err());
        }
    }
}
