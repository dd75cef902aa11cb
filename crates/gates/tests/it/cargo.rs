//! `build`, `test`, `clippy` and `fmt` with the real cargo, and with a broken one.

use gates::{Report, Severity, Verdict};
use testkit::Repo;

use crate::fixture::{ask, cx, cx_where, cx_with, errors, expect, said, unknown, world};

fn place(report: &Report, index: usize) -> (&str, Option<usize>) {
    let at = report.findings[index].at.as_ref().unwrap();
    (&at.path, at.line)
}

#[test]
fn a_good_workspace_builds_and_passes_its_tests() {
    let repo = Repo::cargo_workspace();
    let outside = repo.outside().join("built elsewhere");
    let mut cx = cx(&repo);
    cx.target_dir = Some(outside.clone());
    let report = ask(&cx, "build");
    expect(&report, Verdict::Pass);
    assert_eq!(
        (report.examined, &report.evidence["crates"]),
        (3, &serde_json::Value::from(3))
    );
    let report = ask(&cx, "test");
    expect(&report, Verdict::Pass);
    assert_eq!(
        (report.examined, &report.evidence["passed"]),
        (1, &serde_json::Value::from(1))
    );
    assert!(outside.join("debug").is_dir() && !repo.root().join("target").exists());
    let commands = cx.world.effects();
    assert!(commands[0].what.contains("--locked"), "{commands:?}");
    assert_eq!(repo.git(&["status", "--porcelain"]), "");
}

#[test]
fn what_does_not_compile_is_named_with_its_place() {
    let repo = Repo::cargo_single();
    repo.write("src/lib.rs", "pub fn f() -> u32 {\n    missing()\n}\n");
    let report = ask(&cx(&repo), "build");
    expect(&report, Verdict::Fail);
    assert_eq!(
        errors(&report),
        ["cannot find function `missing` in this scope"]
    );
    assert_eq!(place(&report, 0), ("src/lib.rs", Some(2)));
    let report = ask(&cx(&repo), "test");
    expect(&report, Verdict::Fail);
    assert!(errors(&report)[0].contains("cannot find function `missing`"));
}

#[test]
fn a_broken_manifest_and_a_stale_lock_file_are_findings_in_cargos_words() {
    let repo = Repo::cargo_single();
    let text = repo.read("Cargo.toml");
    repo.write("Cargo.toml", text.replace("0.9.0", "0.9.1"));
    let report = ask(&cx(&repo), "build");
    expect(&report, Verdict::Fail);
    assert!(errors(&report)[0].contains("--locked"), "{report:?}");
    repo.write("Cargo.toml", "[package\n");
    let report = ask(&cx(&repo), "build");
    expect(&report, Verdict::Fail);
    assert_eq!(place(&report, 0), ("Cargo.toml", None));
}

#[test]
fn failing_tests_are_named_and_counted() {
    let repo = Repo::cargo_single();
    let text = repo.read("src/lib.rs");
    let more = concat!("    #[test]\n    #[ig", "nore]\n    fn later() {}\n}\n");
    let text = text.replace("twice(1), 2)", "twice(1), 3)");
    let text = text.trim_end().strip_suffix('}').unwrap().to_owned() + more;
    repo.write("src/lib.rs", text);
    let report = ask(&cx(&repo), "test");
    expect(&report, Verdict::Fail);
    assert_eq!(errors(&report), ["test `tests::two_is_twice_one` failed"]);
    assert_eq!(place(&report, 0), ("src/lib.rs", Some(10)));
    let figures = ["passed", "failed", "ignored"].map(|key| report.evidence[key].clone());
    assert_eq!(figures, [0, 1, 1].map(serde_json::Value::from));
}

#[test]
fn no_test_executed_is_no_pass() {
    let repo = Repo::cargo_single();
    repo.write("src/lib.rs", "//! Nothing here.\n");
    unknown(&ask(&cx(&repo), "test"), "no test was executed");
}

#[test]
fn clippy_has_nothing_to_say_or_says_where() {
    let repo = Repo::cargo_single();
    expect(&ask(&cx(&repo), "clippy"), Verdict::Pass);
    repo.write(
        "src/lib.rs",
        "/// Nothing?\npub fn none(list: &[u8]) -> bool {\n    list.len() == 0\n}\n",
    );
    let report = ask(&cx(&repo), "clippy");
    expect(&report, Verdict::Warn);
    assert_eq!(
        said(&report, Severity::Warning),
        ["length comparison to zero"]
    );
    assert_eq!(place(&report, 0), ("src/lib.rs", Some(3)));
    // The lint table of the repository decides what stops a release.
    let text = format!("#![deny(clippy::len_zero)]\n{}", repo.read("src/lib.rs"));
    repo.write("src/lib.rs", text);
    let report = ask(&cx(&repo), "clippy");
    expect(&report, Verdict::Fail);
    assert_eq!(errors(&report), ["length comparison to zero"]);
}

#[test]
fn unformatted_files_are_named_once_and_stay_as_they_are() {
    let repo = Repo::cargo_workspace();
    let report = ask(&cx(&repo), "fmt");
    expect(&report, Verdict::Pass);
    assert_eq!(report.examined, 3);
    repo.write(
        "crates/tool/src/lib.rs",
        "pub fn a( ) {}\n\n\npub fn b( ) {}\n",
    );
    repo.write("crates/app/src/main.rs", "fn main() {\n    }\n");
    let before = repo.fingerprint();
    let report = ask(&cx(&repo), "fmt");
    expect(&report, Verdict::Fail);
    let mut places = [place(&report, 0), place(&report, 1)];
    places.sort_unstable();
    assert_eq!(
        places.map(|(path, _)| path),
        ["crates/app/src/main.rs", "crates/tool/src/lib.rs"]
    );
    assert_eq!(report.findings.len(), 2);
    assert_eq!(before.difference(&repo.fingerprint()), Vec::<String>::new());
    repo.write("crates/app/src/main.rs", "fn main( {\n");
    expect(&ask(&cx(&repo), "fmt"), Verdict::Fail);
}

#[test]
fn a_missing_broken_or_lying_cargo_is_unknown() {
    let repo = Repo::cargo_single();
    for gate in ["build", "test", "clippy", "fmt"] {
        let missing = cx_where(&repo, &["git"], &[]);
        unknown(&ask(&missing, gate), "program not found: `cargo");
        let lying = cx_where(&repo, &["git"], &[("cargo", "echo all is well")]);
        let report = ask(&lying, gate);
        if gate == "fmt" {
            // Its silence is its answer; there is nothing to check it against.
            expect(&report, Verdict::Pass);
        } else {
            let reason = match gate {
                "test" => "no test was executed",
                _ => "examined nothing",
            };
            unknown(&report, reason);
        }
    }
    let script = "echo 'error: no such command: `clippy`' >&2; exit 101";
    let without = cx_where(&repo, &["git"], &[("cargo", script)]);
    unknown(&ask(&without, "clippy"), "no such command");
}

#[test]
fn a_command_of_the_repositorys_own_is_run_instead() {
    let repo = Repo::empty();
    repo.write("README.md", "x").commit("feat: x");
    for gate in ["build", "test", "clippy", "fmt"] {
        expect(&ask(&cx(&repo), gate), Verdict::Skipped);
        let config = |script: &str| {
            format!("[gates.{gate}]\ntimeout_s = 1\ncommand = [\"sh\", \"-c\", \"{script}\"]")
        };
        let report = ask(&cx_with(&repo, &config("exit 0")), gate);
        expect(&report, Verdict::Pass);
        let report = ask(
            &cx_with(&repo, &config("echo out; echo why >&2; exit 3")),
            gate,
        );
        expect(&report, Verdict::Fail);
        let message = errors(&report)[0];
        assert!(
            message.ends_with("ended with exit status 3\nout\nwhy"),
            "{message}"
        );
    }
    let slow = "[gates.build]\ntimeout_s = 1\ncommand = [\"sleep\", \"60\"]";
    unknown(
        &ask(&cx_with(&repo, slow), "build"),
        "gave no answer within 1 s",
    );
    let none = "[gates.build]\ncommand = [\"no-such-program\"]";
    unknown(&ask(&cx_with(&repo, none), "build"), "program not found");
}

#[test]
fn secrets_that_a_command_says_do_not_get_out() {
    let repo = Repo::empty();
    let mut cx = cx_with(
        &repo,
        "[gates.build]\ncommand = [\"sh\", \"-c\", \"echo hunter22; exit 1\"]",
    );
    cx.world = world::World::new(world::Setup {
        env: repo.env(),
        secrets: world::Secrets::new([("TOKEN".to_owned(), "hunter22".to_owned())]),
        ..world::Setup::default()
    });
    let event = ask(&cx, "build").event().to_string();
    assert!(
        event.contains("<TOKEN>") && !event.contains("hunter22"),
        "{event}"
    );
    let seen = said(&ask(&cx_with(&repo, ""), "tools"), Severity::Error).len();
    assert_eq!((seen, world(repo.env()).effects().len()), (0, 0));
}
