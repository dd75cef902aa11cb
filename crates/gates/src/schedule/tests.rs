//! The scheduler over tables of its own: order, lanes, verdicts, waivers, interrupts.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde_json::json;
use world::{Cmd, Interrupt, Setup, World};

use super::{Progress, Request, Skip, run_table};
use crate::{Applies, Cost, Cx, Findings, Gate, Inputs, Lane, Summary, Verdict};

/// 2026-11-22.
const NOW_S: u64 = 1_795_305_600;

const BASE: Gate = Gate {
    name: "base",
    about: "",
    cost: Cost::Instant,
    needs: &[],
    inputs: |_| Ok(Inputs::Live("a test")),
    applies: |_| Ok(Applies::Yes),
    check: |_, findings| {
        findings.examined(1);
        Ok(())
    },
};

fn cx(config: &str) -> Cx {
    cx_of(config, Interrupt::default())
}

fn cx_of(config: &str, interrupt: Interrupt) -> Cx {
    let world = World::new(Setup {
        env: vec![("PATH".into(), "/usr/bin:/bin".into())],
        now_s: NOW_S,
        interrupt,
        ..Setup::default()
    });
    Cx::tree(world, "/".into(), Arc::new(config::parse(config).unwrap()))
}

fn run(cx: &Cx, table: &[Gate], request: &Request) -> Summary {
    run_table(cx, table, request, &|_| {}).unwrap()
}

fn verdicts(summary: &Summary) -> Vec<(&str, Verdict)> {
    summary
        .reports
        .iter()
        .map(|report| (report.name.as_str(), report.verdict))
        .collect()
}

fn fails(_: &Cx, findings: &mut Findings) -> anyhow::Result<()> {
    findings.examined(2);
    findings.note("a note");
    findings
        .error("it is wrong")
        .at("a.txt")
        .line(Some(3), None)
        .help("mend it");
    findings.evidence("figure", 7);
    Ok(())
}

fn cannot_look(_: &Cx, _: &mut Findings) -> anyhow::Result<()> {
    Err(anyhow::anyhow!("the tool crashed")).context("measure it")
}

const TABLE: &[Gate] = &[
    BASE,
    Gate {
        name: "fail",
        check: fails,
        ..BASE
    },
    Gate {
        name: "blind",
        check: cannot_look,
        ..BASE
    },
    Gate {
        name: "idle",
        check: |_, _| Ok(()),
        ..BASE
    },
    Gate {
        name: "warn",
        check: |_, findings| {
            findings.examined(1);
            findings.warning("look here");
            Ok(())
        },
        ..BASE
    },
    Gate {
        name: "absent",
        applies: |_| Ok(Applies::No("nothing to ask".to_owned())),
        ..BASE
    },
];

#[test]
fn every_verdict_follows_from_what_was_found() {
    let summary = run(&cx(""), TABLE, &Request::default());
    let expected = [
        ("base", Verdict::Pass),
        ("fail", Verdict::Fail),
        ("blind", Verdict::Unknown),
        ("idle", Verdict::Unknown),
        ("warn", Verdict::Warn),
        ("absent", Verdict::Skipped),
    ];
    assert_eq!(verdicts(&summary), expected);
    let reason = |index: usize| summary.reports[index].reason.as_deref();
    assert_eq!(reason(2), Some("measure it: the tool crashed"));
    assert_eq!(reason(3), Some("examined nothing"));
    assert_eq!(reason(5), Some("nothing to ask"));
    let blockers: Vec<&str> = summary
        .blockers()
        .iter()
        .map(|report| report.name.as_str())
        .collect();
    assert_eq!(blockers, ["fail", "blind", "idle"]);
}

#[test]
fn events_are_as_the_interface_says() {
    let summary = run(&cx(""), TABLE, &Request::default());
    let mut event = summary.reports[1].event();
    event["took_ms"] = json!(0);
    assert_eq!(
        event,
        json!({
            "schema": 1, "event": "gate", "name": "fail", "verdict": "fail", "examined": 2, "took_ms": 0,
            "cached": false, "waived": false,
            "findings": [
                {"severity": "error", "message": "it is wrong", "path": "a.txt", "line": 3, "help": "mend it"},
                {"severity": "note", "message": "a note"},
            ],
            "evidence": {"figure": 7}, "why": "nothing is remembered here",
        })
    );
    assert_eq!(
        summary.event(),
        json!({
            "schema": 1, "event": "preflight", "verdict": "fail",
            "counts": {"pass": 1, "warn": 1, "fail": 1, "unknown": 2, "skipped": 1},
        })
    );
}

#[test]
fn the_worst_unwaived_verdict_is_that_of_all() {
    let only = |names: &[&str]| Request {
        names: names.iter().map(|name| (*name).to_owned()).collect(),
        ..Request::default()
    };
    let verdict = |names: &[&str]| run(&cx(""), TABLE, &only(names)).verdict();
    assert_eq!(verdict(&["base", "warn", "absent"]), Verdict::Pass);
    assert_eq!(verdict(&["base", "blind"]), Verdict::Unknown);
    assert_eq!(verdict(&["blind", "fail"]), Verdict::Fail);
}

#[test]
fn a_name_that_is_no_gate_is_an_error_with_a_suggestion() {
    for request in [
        Request {
            names: vec!["fial".to_owned()],
            ..Request::default()
        },
        Request {
            skip: vec![Skip::asked("fial")],
            ..Request::default()
        },
    ] {
        let error = run_table(&cx(""), TABLE, &request, &|_| {}).unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no gate `fial`; did you mean `fail`?; the gates are base, fail, blind, idle, warn, absent"
        );
    }
}

#[test]
fn what_is_left_out_is_said() {
    const TWO: &[Gate] = &[
        Gate {
            name: "docs",
            ..BASE
        },
        Gate {
            name: "build",
            cost: Cost::Slow,
            ..BASE
        },
        Gate {
            name: "git",
            cost: Cost::Network,
            ..BASE
        },
        Gate {
            name: "fmt",
            ..BASE
        },
    ];
    let request = Request {
        quick: true,
        skip: vec![Skip::asked("fmt")],
        ..Request::default()
    };
    let cx = cx("[gates]\nskip = [\"docs\"]");
    let seen = Mutex::new(Vec::new());
    let summary = run_table(&cx, TWO, &request, &|progress| {
        if let Progress::Finished(report) = progress {
            seen.lock().unwrap().push(report.name.clone());
        }
    })
    .unwrap();
    assert_eq!(summary.counts().skipped, 4);
    assert_eq!(*seen.lock().unwrap(), ["docs", "build", "git", "fmt"]);
    let reasons: Vec<&str> = summary
        .reports
        .iter()
        .filter_map(|report| report.reason.as_deref())
        .collect();
    assert!(
        reasons[0].contains("gates.skip") && reasons[3].contains("--skip"),
        "{reasons:?}"
    );
    assert!(
        reasons[1].contains("--quick") && reasons[2].contains("--quick"),
        "{reasons:?}"
    );
}

const FAILING: &[Gate] = &[
    Gate {
        name: "docs",
        check: fails,
        ..BASE
    },
    Gate {
        name: "test",
        check: cannot_look,
        ..BASE
    },
];

fn waiver(gate: &str, until: &str) -> String {
    format!(
        "[[waiver]]\ngate = \"{gate}\"\nreason = \"known\"\nowner = \"dev@example.com\"\nuntil = {until}\n"
    )
}

#[test]
fn a_waiver_lets_through_and_changes_no_verdict() {
    // Its last day is today.
    let config = waiver("docs", "2026-11-22") + &waiver("test", "2027-01-01");
    let summary = run(&cx(&config), FAILING, &Request::default());
    assert_eq!(
        verdicts(&summary),
        [("docs", Verdict::Fail), ("test", Verdict::Unknown)]
    );
    assert_eq!(summary.verdict(), Verdict::Pass);
    assert!(summary.blockers().is_empty());
    assert_eq!(
        summary.reports[0].waived.as_deref(),
        Some("known (dev@example.com, until 2026-11-22)")
    );
    assert_eq!(summary.reports[1].event()["waived"], json!(true));
}

#[test]
fn an_expired_waiver_bites_and_is_said() {
    let summary = run(
        &cx(&waiver("docs", "2026-11-21")),
        FAILING,
        &Request::default(),
    );
    let report = &summary.reports[0];
    assert_eq!((summary.verdict(), &report.waived), (Verdict::Fail, &None));
    let said = report
        .findings
        .iter()
        .any(|finding| finding.message.contains("expired on 2026-11-21"));
    assert!(said, "{report:?}");
}

#[test]
fn slow_gates_start_first_and_reports_keep_the_order_of_the_table() {
    const MIXED: &[Gate] = &[
        Gate {
            name: "one",
            ..BASE
        },
        Gate {
            name: "net",
            cost: Cost::Network,
            ..BASE
        },
        Gate {
            name: "slow",
            cost: Cost::Slow,
            ..BASE
        },
        Gate {
            name: "slower",
            cost: Cost::Slow,
            ..BASE
        },
    ];
    let started = Mutex::new(Vec::new());
    let request = Request {
        jobs: 1,
        ..Request::default()
    };
    let summary = run_table(&cx(""), MIXED, &request, &|progress| {
        if let Progress::Started(gate, _) = progress {
            started.lock().unwrap().push(gate.name.to_owned());
        }
    })
    .unwrap();
    assert_eq!(*started.lock().unwrap(), ["slow", "slower", "net", "one"]);
    let names: Vec<&str> = summary
        .reports
        .iter()
        .map(|report| report.name.as_str())
        .collect();
    assert_eq!(names, ["one", "net", "slow", "slower"]);
}

/// How many gates of the lane run now; more than one is an error.
static IN_LANE: AtomicUsize = AtomicUsize::new(0);

fn in_lane(_: &Cx, findings: &mut Findings) -> anyhow::Result<()> {
    if IN_LANE.fetch_add(1, Ordering::SeqCst) != 0 {
        findings.error("two at a time");
    }
    std::thread::sleep(Duration::from_millis(5));
    IN_LANE.fetch_sub(1, Ordering::SeqCst);
    findings.examined(1);
    Ok(())
}

#[test]
fn gates_of_one_lane_do_not_overlap_and_others_do() {
    const LANE: Gate = Gate {
        needs: &[Lane::CargoBuild],
        check: in_lane,
        ..BASE
    };
    const FREE: Gate = Gate {
        check: |_, findings| {
            // Ends only when both of its kind are there at the same time.
            static MET: std::sync::Barrier = std::sync::Barrier::new(2);
            MET.wait();
            findings.examined(1);
            Ok(())
        },
        ..BASE
    };
    const TABLE: &[Gate] = &[
        Gate { name: "a", ..LANE },
        Gate { name: "b", ..LANE },
        Gate { name: "c", ..FREE },
        Gate { name: "d", ..LANE },
        Gate { name: "e", ..FREE },
        Gate { name: "f", ..LANE },
    ];
    let request = Request {
        jobs: 4,
        ..Request::default()
    };
    let summary = run(&cx(""), TABLE, &request);
    assert_eq!(summary.counts().pass, TABLE.len(), "{summary:?}");
}

#[test]
fn an_interrupt_ends_the_run_and_the_children() {
    const TABLE: &[Gate] = &[
        Gate {
            name: "long",
            cost: Cost::Slow,
            check: |cx, findings| {
                findings.examined(1);
                cx.world
                    .run(&Cmd::new("/", "sleep").arg("300"))
                    .context("wait")?;
                Ok(())
            },
            ..BASE
        },
        Gate {
            name: "deaf",
            cost: Cost::Slow,
            // Swallows every error, as no gate should.
            check: |cx, findings| {
                findings.examined(1);
                cx.world.run(&Cmd::new("/", "sleep").arg("300")).ok();
                Ok(())
            },
            ..BASE
        },
        Gate {
            name: "never",
            cost: Cost::Slow,
            check: |_, _| bail!("must not run"),
            ..BASE
        },
    ];
    let interrupt = Interrupt::default();
    let cx = cx_of("", interrupt.clone());
    let started = AtomicUsize::new(0);
    let request = Request {
        jobs: 2,
        ..Request::default()
    };
    let error = run_table(&cx, TABLE, &request, &|progress| {
        if matches!(progress, Progress::Started(..)) && started.fetch_add(1, Ordering::SeqCst) == 1
        {
            interrupt.raise();
        }
    })
    .unwrap_err();
    assert!(super::ask::was_interrupted(&error), "{error:#}");
    assert_eq!(started.load(Ordering::SeqCst), 2);
}

#[test]
fn no_secret_leaves_in_a_report() {
    const TELLS: &[Gate] = &[Gate {
        name: "tells",
        check: |_, findings| {
            findings.examined(1);
            findings
                .error("it says hunter2-long")
                .help("ask hunter2-long");
            findings.evidence("said", json!({"deep": ["hunter2-long"]}));
            bail!("hunter2-long did not answer")
        },
        ..BASE
    }];
    let secrets = [("TOKEN".to_owned(), "hunter2-long".to_owned())];
    let world = World::new(Setup {
        now_s: NOW_S,
        secrets: world::Secrets::new(secrets),
        ..Setup::default()
    });
    let cx = Cx::tree(world, "/".into(), Arc::default());
    let event = run(&cx, TELLS, &Request::default()).reports[0].event();
    let text = event.to_string();
    assert!(
        text.contains("did not answer") && !text.contains("hunter2"),
        "{text}"
    );
}
