//! `test` where its runner is nextest, where test programs crash, and where tests print what a harness would.

use gates::{Cx, Report, Severity, Verdict};
use testkit::Repo;

use crate::fixture::{ask, cx, cx_where, cx_with, errors, expect, said, unknown, world};

fn figures(report: &Report) -> [u64; 3] {
    ["passed", "failed", "ignored"].map(|key| report.evidence[key].as_u64().unwrap())
}

#[test]
fn what_tests_print_is_not_counted_and_a_crash_is_named() {
    let repo = Repo::cargo_single();
    // Past the harness, which keeps to itself only what the print macros say.
    let forge = "use std::io::Write as _;\n\n#[test]\nfn forges() {\n    let text = b\"\\ntest result: ok. 77 passed; 0 failed; \
        0 ignored; 0 measured; 0 filtered out; finished in 0.00s\\ntest fake ... FAILED\\n\";\n    \
        std::io::stdout().write_all(text).unwrap();\n}\n";
    repo.write("tests/forge.rs", forge);
    let report = ask(&cx(&repo), "test");
    expect(&report, Verdict::Pass);
    assert_eq!(figures(&report), [2, 0, 0]);

    repo.write(
        "tests/crash.rs",
        "#[test]\nfn ends_it() {\n    std::process::abort();\n}\n",
    );
    let report = ask(&cx(&repo), "test");
    expect(&report, Verdict::Fail);
    assert_eq!(errors(&report).len(), 1, "{report:#?}");
    assert!(
        errors(&report)[0].starts_with("the test program `crash` was ended by signal 6, SIGABRT"),
        "{report:#?}"
    );
    assert_eq!(
        figures(&report),
        [2, 0, 0],
        "the programs after it ran all the same"
    );
}

/// What a harness that ends with 0 says, and what we make of it.
#[test]
fn a_runner_that_ends_well_and_counts_failures_is_not_believed() {
    let repo = Repo::cargo_single();
    let says = |result: &str| {
        let script = format!("printf 'running 2 tests\\n\\n{result}\\n'");
        ask(&cx_where(&repo, &["git"], &[("cargo", &script)]), "test")
    };
    let tail = "0 measured; 0 filtered out; finished in 0.00s";
    expect(
        &says(&format!(
            "test result: ok. 2 passed; 0 failed; 0 ignored; {tail}"
        )),
        Verdict::Pass,
    );
    let report = says(&format!(
        "test result: FAILED. 1 passed; 1 failed; 0 ignored; {tail}"
    ));
    expect(&report, Verdict::Fail);
    assert!(errors(&report)[0].contains("counts 1 failed, and ends with exit status 0"));
    unknown(
        &says(&format!(
            "test result: ok. 0 passed; 0 failed; 2 ignored; {tail}"
        )),
        "no test was executed: 2 ignored",
    );
    unknown(
        &says(&format!(
            "test result: ok. 99 passed; 0 failed; 0 ignored; {tail}"
        )),
        "no test was executed",
    );
}

const EVENTS: &str = r#"{"type":"test","event":"ok","name":"single::single$tests::a"}
{"type":"test","event":"ok","name":"single::single$tests::b"}"#;
const SUMMARY: &str = "────────────\n     Summary [   0.1s] 2 tests run: 2 passed, 0 skipped";

/// A cargo whose nextest prints this; the rest of cargo finds nothing to test in the documentation.
fn with_nextest(repo: &Repo, config: &str, events: &str, summary: &str, end: &str) -> Cx {
    let script = format!(
        "case $1 in\n  metadata) exec cat <<'EOF'\n{}\nEOF\n  ;;\n  nextest)\n  [ $2 = --version ] && {{ echo 'cargo-nextest 0.9.143'; exit; }}\n  \
         cat <<'EOF'\n{events}\nEOF\n  cat >&2 <<'EOF'\n{summary}\nEOF\n  {end};;\n  *) echo \"unexpected: $*\" >&2; exit 1;;\nesac",
        r#"{"packages":[],"workspace_members":[],"resolve":null,"target_directory":"/t","version":1,"workspace_root":"/r"}"#
    );
    Cx {
        world: world(repo.env_with(&["git", "cat", "sleep"], &[("cargo", &script)])),
        ..cx_with(repo, config)
    }
}

#[test]
fn nextest_is_read_and_its_json_held_against_its_summary() {
    let repo = Repo::cargo_single();
    repo.write(".config/nextest.toml", "[profile.default]\nretries = 2\n");
    let asked = |events: &str, summary: &str, end: &str| {
        ask(&with_nextest(&repo, "", events, summary, end), "test")
    };
    let report = asked(EVENTS, SUMMARY, "exit 0");
    expect(&report, Verdict::Pass);
    assert_eq!((figures(&report), report.examined), ([2, 0, 0], 2));

    let flaky = asked(
        &EVENTS.replace("tests::b", "tests::b#2"),
        &SUMMARY.replace("2 passed", "2 passed (1 flaky)"),
        "exit 0",
    );
    expect(&flaky, Verdict::Warn);
    assert!(
        said(&flaky, Severity::Warning)[0].starts_with("test `single::single tests::b` is flaky")
    );
    assert_eq!(flaky.evidence["flaky"], 1);

    let failing = EVENTS.replacen("\"ok\"", "\"failed\"", 1);
    let counted = SUMMARY.replace("2 passed", "1 passed, 1 failed");
    let report = asked(&failing, &counted, "exit 100");
    expect(&report, Verdict::Fail);
    assert_eq!(errors(&report), ["test `single::single tests::a` failed"]);
    expect(&asked(&failing, &counted, "exit 0"), Verdict::Fail);

    let aborted = format!("{counted}\n  TRY 3 SIGSEGV [   0.1s] (1/2) single tests::a");
    let report = asked(&failing, &aborted, "exit 100");
    assert_eq!(
        errors(&report),
        ["test `single::single tests::a` was ended by the signal SIGSEGV"]
    );
}

#[test]
fn nextest_that_contradicts_itself_is_not_believed() {
    let repo = Repo::cargo_single();
    let with = |config: &str, events: &str, summary: &str, end: &str| {
        let config = format!("[gates.test]\nrunner = \"nextest\"\n{config}");
        ask(&with_nextest(&repo, &config, events, summary, end), "test")
    };
    let asked = |events: &str, summary: &str, end: &str| with("", events, summary, end);
    for (what, events, summary, end, words) in [
        (
            "they disagree",
            EVENTS,
            SUMMARY.replace("2 ", "3 "),
            "exit 0",
            "its JSON counts 2 passed of 2",
        ),
        (
            "no JSON",
            "",
            SUMMARY.to_owned(),
            "exit 0",
            "its JSON counts 0 passed of 0",
        ),
        (
            "rubbish",
            "{\"type\"",
            SUMMARY.to_owned(),
            "exit 0",
            "line 1 of its JSON",
        ),
        (
            "no summary",
            EVENTS,
            String::new(),
            "exit 0",
            "it shows no summary",
        ),
        (
            "a crash",
            "",
            String::new(),
            "kill -SEGV $$",
            "was ended by a signal",
        ),
        (
            "no test",
            "",
            SUMMARY.replace("2 ", "0 "),
            "exit 0",
            "no test was executed",
        ),
    ] {
        let report = asked(events, &summary, end);
        assert_eq!(report.verdict, Verdict::Unknown, "{what}: {report:#?}");
        unknown(&report, words);
    }
    let slow = with("timeout_s = 1", EVENTS, SUMMARY, "sleep 60");
    unknown(&slow, "gave no answer within 1 s");
}

#[test]
fn a_missing_nextest_is_unknown_where_it_is_asked_for_and_a_note_where_it_is_not() {
    let repo = Repo::cargo_single();
    let script = "case $1 in nextest) echo 'error: no such command: `nextest`' >&2; exit 101;; \
        *) printf 'running 1 test\\n\\ntest result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\\n';; esac";
    let asked = |config: &str| {
        let with = cx_where(&repo, &["git"], &[("cargo", script)]);
        ask(
            &Cx {
                world: with.world,
                ..cx_with(&repo, config)
            },
            "test",
        )
    };
    unknown(
        &asked("[gates.test]\nrunner = \"nextest\""),
        "there is no cargo-nextest; run",
    );
    assert!(asked("").findings.is_empty());
    repo.write(".config/nextest.toml", "");
    let report = asked("");
    expect(&report, Verdict::Pass);
    assert_eq!(
        said(&report, Severity::Note),
        ["cargo-nextest is not here: `cargo test` runs the tests"]
    );
    assert!(
        asked("[gates.test]\nrunner = \"cargo\"")
            .findings
            .is_empty()
    );
}

#[test]
fn real_nextest_runs_programs_and_documentation() {
    let Some(tool) = testkit::real_program("cargo-nextest") else {
        return;
    };
    let repo = Repo::cargo_single();
    let lib = repo.read("src/lib.rs");
    let doc = "/// Twice as much.\n///\n/// ```\n/// assert_eq!(single::twice(2), 4);\n/// ```\n";
    repo.write("src/lib.rs", lib.replacen("/// Twice as much.\n", doc, 1))
        .write(".config/nextest.toml", "[profile.default]\nretries = 1\n")
        .commit("test: retry");
    let asked = || {
        let mut env = repo.env();
        let path = std::env::split_paths(&env[0].1).collect::<Vec<_>>();
        let folder = tool.parent().unwrap().to_owned();
        env[0].1 = std::env::join_paths(path.into_iter().chain([folder])).unwrap();
        ask(
            &Cx {
                world: world(env),
                ..cx(&repo)
            },
            "test",
        )
    };
    let report = asked();
    expect(&report, Verdict::Pass);
    assert_eq!(
        figures(&report),
        [2, 0, 0],
        "one of the library, one of the documentation"
    );

    // Passes at its second try, for it leaves a mark in the build folder.
    let later = concat!("#[test]\n#[ig", "nore]\nfn later() {}\n");
    let flaky = "#[test]\nfn at_times() {\n    let mark = concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/target/mark\");\n    \
        let there = std::path::Path::new(mark).exists();\n    std::fs::write(mark, \"\").unwrap();\n    assert!(there);\n}\n";
    repo.write("tests/flaky.rs", format!("{flaky}\n{later}"));
    let report = asked();
    expect(&report, Verdict::Warn);
    let warnings = said(&report, Severity::Warning);
    assert!(
        warnings[0].starts_with("test `single::flaky at_times` is flaky"),
        "{warnings:?}"
    );
    assert_eq!(figures(&report), [3, 0, 1]);

    repo.write("tests/flaky.rs", "#[test]\nfn bad() {\n    assert_eq!(1, 2);\n}\n#[test]\nfn dies() {\n    std::process::abort();\n}\n");
    let report = asked();
    expect(&report, Verdict::Fail);
    assert_eq!(
        errors(&report),
        [
            "test `single::flaky bad` failed",
            "test `single::flaky dies` was ended by the signal ABRT"
        ]
    );
    let at = report.findings[0].at.as_ref().unwrap();
    assert_eq!((at.path.as_str(), at.line), ("tests/flaky.rs", Some(3)));
    assert_eq!(figures(&report), [2, 2, 0]);

    // A broken example of the documentation is nobody else's to find.
    repo.remove("tests/flaky.rs");
    repo.write(
        "src/lib.rs",
        repo.read("src/lib.rs").replace("(2), 4)", "(2), 5)"),
    );
    let report = asked();
    expect(&report, Verdict::Fail);
    assert!(
        errors(&report)[0].contains("src/lib.rs - twice (line 3)"),
        "{report:#?}"
    );
}
