//! What is reused and what is not: gates of the test's own, with inputs that it changes one by one.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use config::Limit;
use gates::{Applies, Cost, Cx, Gate, Inputs, Memory, Report, Request, Verdict};
use testkit::Repo;
use world::Cmd;

use crate::fixture::{candidate, cx, cx_with, errors, expect};

const LOOKS: Gate = Gate {
    name: "looks",
    about: "what the file says",
    cost: Cost::Slow,
    needs: &[],
    inputs: |_| {
        Ok(Inputs::files(["src/**", "!src/skip.rs", "answer"])
            .tool("./tool")
            .env(&["LOOKS"]))
    },
    applies: |_| Ok(Applies::Yes),
    check: |cx, findings| {
        // Seen from outside as an effect: so it is known whether it looked.
        cx.world.run(&Cmd::new(&cx.root, "true"))?;
        findings.examined(3);
        findings.evidence("figure", 7);
        match cx.world.read_if_exists(&cx.root.join("answer"))?.as_deref() {
            Some("fail") => drop(findings.error("it is wrong")),
            Some("warn") => drop(findings.warning("it is odd")),
            Some("unknown") => findings.unknown("it is dark"),
            Some("touch") => cx.world.write_file(&cx.root.join("src/new.rs"), b"new")?,
            _ => {}
        }
        Ok(())
    },
};

const LIVE: Gate = Gate {
    name: "live",
    inputs: |_| Ok(Inputs::Live("asks the sky")),
    ..LOOKS
};

const BRIEF: Gate = Gate {
    name: "brief",
    cost: Cost::Instant,
    ..LOOKS
};

/// Fails whenever the count of its calls is even.
static CALLS: AtomicUsize = AtomicUsize::new(0);

const SHAKY: Gate = Gate {
    name: "shaky",
    check: |_, findings| {
        findings.examined(1);
        if CALLS.fetch_add(1, Ordering::SeqCst).is_multiple_of(2) {
            findings.error("now and then");
        }
        Ok(())
    },
    ..LIVE
};

const SLEEPY: Gate = Gate {
    name: "sleepy",
    check: |cx, findings| {
        findings.examined(1);
        cx.world.run(&Cmd::new(&cx.root, "sleep").arg("300"))?;
        Ok(())
    },
    ..LIVE
};

const OWN: &[Gate] = &[LOOKS, LIVE, BRIEF, SHAKY, SLEEPY];

fn remembering(cx: Cx, repo: &Repo) -> Cx {
    Cx {
        own: OWN,
        memory: Some(Memory {
            folder: repo.outside().join("memory"),
            program: "one".to_owned(),
        }),
        ..cx
    }
}

fn repo() -> Repo {
    let repo = Repo::cargo_single();
    repo.write("tool", "#!/bin/sh\n");
    repo.write(".gitignore", "src/ignored.rs\n");
    repo.git(&["add", "."]);
    repo.git(&["update-index", "--chmod=+x", "tool"]);
    repo.git(&["commit", "-qm", "ready"]);
    repo.git(&["checkout", "-q", "-f", "."]);
    repo
}

fn run(cx: &Cx, request: &Request) -> Report {
    let mut summary = gates::run(cx, request, &|_| {}).unwrap();
    assert_eq!(summary.reports.len(), 1);
    summary.reports.remove(0)
}

fn ask(cx: &Cx, gate: &str) -> Report {
    let names = vec![gate.to_owned()];
    let request = Request {
        names,
        ..Request::default()
    };
    run(cx, &request)
}

#[track_caller]
fn reused(report: &Report) {
    expect(report, Verdict::Pass);
    assert!(report.cached, "{report:#?}");
}

#[track_caller]
fn looked(report: &Report, why: &str) {
    assert!(!report.cached, "{report:#?}");
    assert!(report.why.contains(why), "{}", report.why);
}

#[test]
fn a_pass_is_reused_with_its_figures() {
    let repo = repo();
    let cx = remembering(cx(&repo), &repo);
    let first = ask(&cx, "looks");
    expect(&first, Verdict::Pass);
    looked(&first, "has not passed here before");
    let second = ask(&cx, "looks");
    reused(&second);
    assert_eq!(
        (second.examined, &second.evidence),
        (first.examined, &first.evidence)
    );
    assert!(second.why.contains("as they were when it passed, 0 s ago"));
    assert_eq!(second.event()["cached"], true);
    assert_eq!(cx.world.effects().len(), 1);
    let last = gates::last(&cx, "looks").unwrap();
    assert_eq!(last.verdict, Verdict::Pass);
}

/// What is done to the tree, and the input that is named.
type Change = (fn(&Repo), &'static str);

const CHANGES: &[Change] = &[
    (
        |repo| {
            repo.write("src/lib.rs", "// other\n");
        },
        "src/lib.rs changed",
    ),
    (
        |repo| {
            repo.write("src/more.rs", "");
        },
        "src/more.rs changed",
    ),
    (
        |repo| {
            repo.git(&["rm", "-q", "src/lib.rs"]);
        },
        "src/lib.rs changed",
    ),
    (
        |repo| {
            repo.git(&["update-index", "--skip-worktree", "src/lib.rs"]);
            repo.write("src/lib.rs", "// hidden from git\n");
        },
        "src/lib.rs changed",
    ),
    (
        |repo| {
            repo.git(&["update-index", "--assume-unchanged", "src/lib.rs"]);
            repo.write("src/lib.rs", "// hidden from git\n");
        },
        "src/lib.rs changed",
    ),
    (
        |repo| {
            repo.git(&["update-index", "--chmod=+x", "src/lib.rs"]);
            repo.git(&["commit", "-qm", "mode"]);
            repo.git(&["checkout", "-q", "-f", "."]);
        },
        "src/lib.rs changed",
    ),
    (
        |repo| {
            repo.write("src/a.rs", "");
            repo.write("src/b.rs", "");
        },
        "src/a.rs and 1 more changed",
    ),
    (
        |repo| {
            repo.write("tool", "#!/bin/sh\ntrue\n");
        },
        "the program ./tool is another one",
    ),
    (
        |repo| {
            repo.git(&["init", "-q", "src/inner"]);
            repo.write("src/inner/file", "");
        },
        "git cannot say what is in src/inner/",
    ),
];

#[test]
fn every_changed_input_makes_it_look_and_is_named() {
    for (change, why) in CHANGES {
        let repo = repo();
        let cx = remembering(cx(&repo), &repo);
        ask(&cx, "looks");
        reused(&ask(&cx, "looks"));
        change(&repo);
        let report = ask(&cx, "looks");
        assert!(!report.cached, "{why}");
        looked(&report, why);
    }
}

#[test]
fn what_is_no_input_changes_nothing() {
    let repo = repo();
    let cx = remembering(cx(&repo), &repo);
    ask(&cx, "looks");
    repo.write("README.md", "other");
    repo.write("src/skip.rs", "other");
    repo.write("src/ignored.rs", "other");
    // The same content with another time, and committed.
    repo.write("src/lib.rs", repo.read("src/lib.rs"));
    reused(&ask(&cx, "looks"));
    repo.git(&["add", "."]);
    repo.git(&["commit", "-qm", "all of it"]);
    reused(&ask(&cx, "looks"));
}

#[test]
fn settings_environment_and_another_build_count() {
    let repo = repo();
    let first = remembering(cx(&repo), &repo);
    ask(&first, "looks");
    let mut other = first.clone();
    other.memory.as_mut().unwrap().program = "two".to_owned();
    looked(&ask(&other, "looks"), "landfall itself is another build");
    ask(&first, "looks");
    let mut env = repo.env();
    env.push(("LOOKS".into(), "secret-value".into()));
    let with = Cx {
        world: crate::fixture::world(env),
        ..first
    };
    looked(
        &ask(&with, "looks"),
        "the environment variable LOOKS changed",
    );
    for file in std::fs::read_dir(repo.outside().join("memory")).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        assert!(!text.contains("secret-value"));
    }
}

#[test]
fn nothing_but_a_pass_is_reused() {
    for (answer, verdict) in [
        ("fail", Verdict::Fail),
        ("warn", Verdict::Warn),
        ("unknown", Verdict::Unknown),
    ] {
        let repo = repo();
        let cx = remembering(cx(&repo), &repo);
        repo.write("answer", answer);
        for _ in 0..2 {
            let report = ask(&cx, "looks");
            assert!(!report.cached);
            expect(&report, verdict);
        }
        let why = format!("the last answer was {}", verdict.name());
        looked(&ask(&cx, "looks"), &why);
    }
}

#[test]
fn what_changed_while_it_looked_is_not_vouched_for() {
    let repo = repo();
    repo.write("answer", "touch");
    let cx = remembering(cx(&repo), &repo);
    expect(&ask(&cx, "looks"), Verdict::Pass);
    looked(&ask(&cx, "looks"), "the last answer was pass");
}

#[test]
fn live_and_instant_gates_are_asked_each_time() {
    let repo = repo();
    let cx = remembering(cx(&repo), &repo);
    for _ in 0..2 {
        looked(&ask(&cx, "live"), "asks the sky");
        looked(&ask(&cx, "brief"), "no longer than remembering");
    }
    assert_eq!(cx.world.effects().len(), 4);
}

#[test]
fn who_does_not_want_it_and_who_lost_it_looks() {
    let repo = repo();
    let cx = remembering(cx(&repo), &repo);
    ask(&cx, "looks");
    let request = Request {
        names: vec!["looks".to_owned()],
        no_cache: true,
        ..Request::default()
    };
    looked(&run(&cx, &request), "asked not to reuse");
    reused(&ask(&cx, "looks"));
    let record = repo.outside().join("memory/looks.json");
    for rubbish in ["", "{\"last\":", "[]", "\u{0}"] {
        cx.world.write_file(&record, rubbish.as_bytes()).unwrap();
        looked(&ask(&cx, "looks"), "has not passed here before");
    }
    cx.world
        .remove_file(&repo.outside().join("memory/looks.files"))
        .unwrap();
    repo.write("src/lib.rs", "// other\n");
    looked(&ask(&cx, "looks"), "its files changed");
}

#[test]
fn a_folder_that_cannot_be_written_costs_nothing_but_time() {
    let repo = repo();
    let cx = remembering(cx(&repo), &repo);
    cx.world.keep(&repo.outside().join("memory"), b"a file");
    for _ in 0..2 {
        expect(&ask(&cx, "looks"), Verdict::Pass);
    }
    assert_eq!(cx.world.effects().len(), 2);
}

#[test]
fn a_candidate_is_trusted_for_the_very_same_tree() {
    let repo = repo();
    let tree = remembering(cx(&repo), &repo);
    ask(&tree, "looks");
    let cx = candidate(tree.clone(), "1.0.0-mvp", &[]);
    looked(&ask(&cx, "looks"), "has not passed here before");
    reused(&ask(&cx, "looks"));
    repo.write("README.md", "no input of the gate");
    looked(&ask(&cx, "looks"), "README.md changed");
    reused(&ask(&tree, "looks"));
    let next = candidate(tree, "1.0.0", &[]);
    looked(&ask(&next, "looks"), "its settings changed");
}

#[test]
fn only_gates_whose_files_differ_from_a_commit() {
    let repo = repo();
    let cx = remembering(cx(&repo), &repo);
    let since = |gate: &str, rev: &str| Request {
        names: vec![gate.to_owned()],
        base: Some(rev.to_owned()),
        ..Request::default()
    };
    let report = run(&cx, &since("looks", "HEAD"));
    expect(&report, Verdict::Skipped);
    assert!(report.reason.unwrap().contains("differs from HEAD"));
    expect(&run(&cx, &since("live", "HEAD")), Verdict::Pass);
    repo.write("src/untracked.rs", "");
    expect(&run(&cx, &since("looks", "HEAD")), Verdict::Pass);
    let error = gates::run(&cx, &since("looks", "nowhere"), &|_| {}).unwrap_err();
    assert!(error.to_string().contains("no commit `nowhere`"));
}

fn limit(gate: &str) -> Limit {
    Limit {
        gate: gate.to_owned(),
        slow_s: None,
        timeout_s: None,
        retries: 0,
    }
}

fn limited(repo: &Repo, config: &str, limit: Limit) -> Cx {
    let mut cx = remembering(cx_with(repo, config), repo);
    Arc::make_mut(&mut cx.config).gates.limits.push(limit);
    cx
}

#[test]
fn a_failure_that_goes_away_is_a_verdict_of_its_own() {
    let repo = repo();
    let cx = limited(
        &repo,
        "",
        Limit {
            retries: 2,
            ..limit("shaky")
        },
    );
    let report = ask(&cx, "shaky");
    expect(&report, Verdict::Flaky);
    assert_eq!(report.findings[0].message, "at first: now and then");
    assert!(!report.blocks());
    let deny = "[gates]\nflaky = \"deny\"\n";
    let cx = limited(
        &repo,
        deny,
        Limit {
            retries: 2,
            ..limit("shaky")
        },
    );
    let report = ask(&cx, "shaky");
    expect(&report, Verdict::Fail);
    assert_eq!(errors(&report), ["at first: now and then"]);
    assert!(report.blocks());
}

#[test]
fn a_gate_that_takes_too_long_is_ended_and_unknown() {
    let repo = repo();
    let short = Limit {
        timeout_s: Some(1),
        slow_s: Some(1),
        ..limit("sleepy")
    };
    let cx = limited(&repo, "", short);
    let slow = AtomicUsize::new(0);
    let request = Request {
        names: vec!["sleepy".to_owned()],
        ..Request::default()
    };
    let summary = gates::run(&cx, &request, &|progress| {
        if matches!(progress, gates::Progress::Slow(..)) {
            slow.fetch_add(1, Ordering::SeqCst);
        }
    })
    .unwrap();
    crate::fixture::unknown(&summary.reports[0], "stopped after its timeout_s = 1");
    assert!(slow.load(Ordering::SeqCst) <= 1);
    assert!(
        summary.reports[0]
            .findings
            .iter()
            .all(|finding| finding.message.contains("slow_s = 1"))
    );
}
