//! `coverage`: every kind of report, the border, what is stale or rubbish.

use std::time::{Duration, SystemTime};

use gates::{Cx, Severity, Verdict};
use testkit::Repo;

use crate::fixture::{ask, cx, cx_where, cx_with, errors, expect, unknown, world};

const FAKE_RUSTC: (&str, &str) = (
    "rustc",
    "case $1 in -vV) echo 'LLVM version: 22.1.2';; *) echo /nowhere/lib;; esac",
);

/// A Cargo workspace, and a cargo that passes everything on to the real one but `llvm-cov`, which is this script.
/// The report's path is `$report`.
fn with_tool(repo: &Repo, config: &str, llvm_cov: &str) -> Cx {
    let real = testkit_cargo(repo);
    let script = format!(
        "if [ \"$1\" != llvm-cov ]; then exec {real} \"$@\"; fi\n\
         case \"$*\" in *--version*) echo 'cargo-llvm-cov 0.9.1'; exit;; *--profraw-only*) exit;; esac\n\
         while [ $# -gt 0 ]; do if [ \"$1\" = --output-path ]; then report=$2; fi; shift; done\n{llvm_cov}"
    );
    let fakes = [
        ("cargo", script.as_str()),
        FAKE_RUSTC,
        ("llvm-cov-22", "echo 'LLVM version 22.1.8'"),
        ("llvm-profdata-22", "echo 'LLVM version 22.1.8'"),
    ];
    Cx {
        world: world(repo.env_with(&["git", "cat", "sleep"], &fakes)),
        ..cx_with(repo, config)
    }
}

/// The cargo that the search path of the fixture finds.
fn testkit_cargo(repo: &Repo) -> String {
    let env = repo.env();
    let (_, path) = env.iter().find(|(name, _)| name == "PATH").unwrap();
    std::env::split_paths(path)
        .map(|folder| folder.join("cargo"))
        .find(|program| program.is_file())
        .unwrap()
        .display()
        .to_string()
}

/// A report of llvm-cov about files below the root.
fn llvm(repo: &Repo, files: Measured) -> String {
    let root = repo.root().display();
    let list: Vec<String> = files
        .iter()
        .map(|(path, covered, count)| {
            format!(
                r#"{{"filename":"{root}/{path}","summary":{{"lines":{{"count":{count},"covered":{covered},"percent":99}}}}}}"#
            )
        })
        .collect();
    let sum = |at: fn(&(&str, u64, u64)) -> u64| files.iter().map(at).sum::<u64>();
    format!(
        r#"{{"data":[{{"files":[{}],"totals":{{"lines":{{"count":{},"covered":{},"percent":99}}}}}}],"type":"llvm.coverage.json.export"}}"#,
        list.join(","),
        sum(|file| file.2),
        sum(|file| file.1)
    )
}

fn writes(report: &str) -> String {
    format!("cat > \"$report\" <<'EOF'\n{report}\nEOF")
}

/// Path, lines that were run, lines.
type Measured<'a> = &'a [(&'a str, u64, u64)];

pub(crate) const LIB: &str = "crates/core/src/lib.rs";
const MAIN: &str = "crates/app/src/main.rs";
const TOOL: &str = "crates/tool/src/lib.rs";

/// All that is asked of the fixture is met exactly.
const GOOD: Measured = &[(LIB, 8_000, 10_000), (MAIN, 4, 5), (TOOL, 0, 0)];

const PER_PACKAGE: &str = "[gates.coverage]\nper_package = true\nexclude = [\"crates/tool/**\"]\n";

/// What, the change, the configuration, the words of the first error.
type Mutation = (&'static str, Measured<'static>, &'static str, &'static str);

const MUTATIONS: &[Mutation] = &[
    (
        "one line of ten thousand",
        &[(LIB, 7_999, 10_000), (MAIN, 4, 5)],
        "",
        "the tests run 79.99 % of the lines (8003 of 10005), 80 % are required",
    ),
    ("nothing at all is run", &[(LIB, 0, 10_000)], "", "0.00 %"),
    (
        "one package of three",
        &[(LIB, 9_000, 10_000), (MAIN, 3, 5)],
        PER_PACKAGE,
        "app: the tests run 60.00 %",
    ),
    (
        "more is required",
        GOOD,
        "[gates.coverage]\nrequired = \"80.000001\"\n",
        "80.00 % of the lines (8004 of 10005), 80.000001 % are required",
    ),
    (
        "the good file does not count",
        &[(LIB, 8_000, 10_000), (MAIN, 3, 5)],
        "[gates.coverage]\nexclude = [\"crates/core/**\"]\n",
        "(3 of 5)",
    ),
];

/// See `mutations.rs`.
pub(crate) const MUTATED: crate::mutations::Table = ("coverage", || MUTATIONS.len());

#[test]
fn eighty_of_a_hundred_is_enough_and_a_hair_less_is_not() {
    let repo = Repo::cargo_workspace();
    let asked = |files: Measured, config: &str| {
        ask(
            &with_tool(&repo, config, &writes(&llvm(&repo, files))),
            "coverage",
        )
    };
    let report = asked(GOOD, "");
    expect(&report, Verdict::Pass);
    let evidence = serde_json::Value::Object(report.evidence.clone());
    assert_eq!(evidence["lines_pct"], 80.0);
    assert_eq!(evidence["required"], 80);
    assert_eq!(
        (&evidence["covered"], &evidence["total"]),
        (&8_004.into(), &10_005.into())
    );
    assert_eq!(evidence["packages"][0]["name"], "app");
    assert_eq!(report.examined, 3);

    expect(&asked(GOOD, PER_PACKAGE), Verdict::Pass);
    for (what, files, config, words) in MUTATIONS {
        let report = asked(files, config);
        expect(&report, Verdict::Fail);
        assert!(errors(&report)[0].contains(words), "{what}: {report:#?}");
        assert!(report.findings[0].help.is_some(), "{what}");
    }
    // What the help and the notes name: most to gain first, and only what has something to gain.
    let report = asked(&[(MAIN, 0, 5), (LIB, 1, 100), (TOOL, 3, 3)], "");
    let help = report.findings[0].help.as_deref().unwrap();
    let named = format!("are in {LIB} (99), {MAIN} (5): test them");
    assert!(help.contains(&named), "{help}");
    let notes: Vec<(&str, &str)> = report
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Note)
        .map(|finding| {
            (
                finding.at.as_ref().unwrap().path.as_str(),
                finding.message.as_str(),
            )
        })
        .collect();
    assert_eq!(
        notes,
        [
            (LIB, "99 of 100 lines are run by no test"),
            (MAIN, "5 of 5 lines are run by no test")
        ]
    );
    let quarter = asked(GOOD, "[gates.coverage]\nrequired = \"79.5\"\n");
    expect(&quarter, Verdict::Pass);
    assert_eq!(quarter.evidence["required"], 79.5);
    let whole = asked(&[(LIB, 9, 10)], "[gates.coverage]\nper_package = true\n");
    unknown(&whole, "no line of the package app was measured");
}

#[test]
fn what_could_not_be_measured_is_not_nought_percent() {
    let repo = Repo::cargo_workspace();
    let good = llvm(&repo, GOOD);
    let elsewhere = good.replace(&repo.root().display().to_string(), "/elsewhere");
    for (what, script, words) in [
        (
            "no report",
            "true".to_owned(),
            "ended well and wrote no report",
        ),
        ("an empty one", ": > \"$report\"".to_owned(), "it is empty"),
        ("rubbish", writes("TOTAL 93.1%"), "its format is not known"),
        ("cut off", writes(&good[..good.len() / 2]), "it is not JSON"),
        (
            "edited",
            writes(&good.replace("8000,", "9000,")),
            "contradicts itself",
        ),
        ("no line", writes(&llvm(&repo, &[])), "no line was measured"),
        ("another tree", writes(&elsewhere), "about another tree"),
        (
            "a failed test",
            "echo 'error: test failed, to rerun pass `--lib`' >&2; exit 101".to_owned(),
            "the tests failed under the coverage tool, so nothing was measured: see gate `test`",
        ),
        (
            "a report all the same",
            format!("{}\nexit 1", writes(&good)),
            "the coverage tool failed",
        ),
        (
            "it does not build",
            "echo 'error: could not compile `app`' >&2; exit 101".to_owned(),
            "does not build under the coverage tool",
        ),
        (
            "a crash",
            "kill -SEGV $$".to_owned(),
            "was ended by a signal",
        ),
        (
            "too slow",
            "sleep 60".to_owned(),
            "gave no answer within 1 s",
        ),
    ] {
        let config = match what {
            "too slow" => "[gates.coverage]\ntimeout_s = 1",
            _ => "",
        };
        let report = ask(&with_tool(&repo, config, &script), "coverage");
        assert!(errors(&report).is_empty(), "{what}: {report:#?}");
        assert!(!report.evidence.contains_key("lines_pct"), "{what}");
        unknown(&report, words);
    }
    let all = ask(
        &with_tool(
            &repo,
            "[gates.coverage]\nexclude = [\"**\"]",
            &writes(&good),
        ),
        "coverage",
    );
    unknown(
        &all,
        "no line was measured: 3 files in the report, 3 of them excluded",
    );
    assert_eq!(repo.git(&["status", "--porcelain"]), "");
}

#[test]
fn a_missing_tool_says_how_to_get_it() {
    let repo = Repo::cargo_workspace();
    let no_such = "echo 'error: no such command: `llvm-cov`' >&2; exit 101";
    for (cargo, words) in [
        (no_such, "run `cargo install --locked cargo-llvm-cov`"),
        ("echo hello", "`cargo llvm-cov --version` gives no version"),
        ("exit 1", "`cargo llvm-cov --version` gives no version"),
    ] {
        let fakes = [("cargo", cargo), FAKE_RUSTC];
        unknown(&ask(&cx_where(&repo, &["git"], &fakes), "coverage"), words);
    }
    unknown(
        &ask(&cx_where(&repo, &["git"], &[]), "coverage"),
        "program not found: `cargo",
    );
    // Its parts are of another LLVM than the compiler's: their answer would be an error about a profile.
    let cargo = ("cargo", "echo cargo-llvm-cov 0.9.1");
    for (cov, words) in [
        (
            "echo 'LLVM version 14.0.6'",
            "rustup component add llvm-tools",
        ),
        (
            "exit 1",
            "there is neither `llvm-cov-22` nor a fitting `llvm-cov`",
        ),
    ] {
        let fakes = [cargo, FAKE_RUSTC, ("llvm-cov", cov)];
        unknown(&ask(&cx_where(&repo, &["git"], &fakes), "coverage"), words);
    }
}

#[test]
fn the_second_run_builds_what_changed_and_counts_nothing_of_the_first() {
    let repo = Repo::cargo_workspace();
    let cx = with_tool(&repo, "", &writes(&llvm(&repo, GOOD)));
    let kept = || {
        let commands = cx.world.effects();
        let before = commands.len();
        expect(&ask(&cx, "coverage"), Verdict::Pass);
        let new: Vec<String> = cx.world.effects()[before..]
            .iter()
            .map(|effect| effect.what.clone())
            .collect();
        let cleaned = new.iter().any(|what| what.contains("--profraw-only"));
        let kept = new.iter().any(|what| what.contains("--no-clean"));
        assert_eq!(
            cleaned, kept,
            "old profiles go wherever old programs stay: {new:?}"
        );
        assert!(
            new.iter()
                .any(|what| what.contains("CARGO_LLVM_COV_SETUP=no"))
        );
        kept
    };
    assert!(!kept());
    assert!(kept());
    repo.write(LIB, repo.read(LIB) + "\n");
    assert!(kept(), "cargo sees what changed");
    // A target more or less: its program would be counted for ever.
    repo.write("crates/core/tests/more.rs", "");
    assert!(!kept());
    assert!(kept());
    repo.write(
        "crates/core/Cargo.toml",
        repo.read("crates/core/Cargo.toml") + "\n",
    );
    assert!(!kept());
}

#[test]
fn profiles_that_tests_drop_in_the_tree_are_swept_up() {
    let repo = Repo::cargo_workspace();
    repo.write("crates/core/default_old.profraw", "x");
    let script = format!(
        "{}\n: > crates/core/default_1_2.profraw",
        writes(&llvm(&repo, GOOD))
    );
    expect(
        &ask(&with_tool(&repo, "", &script), "coverage"),
        Verdict::Pass,
    );
    assert_eq!(
        repo.git(&["status", "--porcelain"]),
        "?? crates/core/default_old.profraw"
    );
}

/// `[gates.coverage]` for a repository of another kind.
fn commanded(script: &str, report: Option<&str>) -> String {
    let report = report.map_or(String::new(), |path| format!("report = \"{path}\"\n"));
    format!("[gates.coverage]\ntimeout_s = 5\n{report}command = [\"sh\", \"-c\", '''{script}''']\n")
}

const LCOV: &str = "TN:\nSF:src/a.js\nDA:1,1\nDA:2,1\nDA:3,1\nDA:4,1\nDA:5,0\nend_of_record\n";

fn plain_repo() -> Repo {
    let repo = Repo::empty();
    repo.write("src/a.js", "1;\n2;\n3;\n4;\n5;\n")
        .write(".gitignore", "/coverage/\n")
        .commit("feat: x");
    repo
}

#[test]
fn a_command_writes_a_report_or_prints_it() {
    let repo = plain_repo();
    let root = repo.root().display();
    let summary = format!(
        r#"{{"total":{{"lines":{{"total":5,"covered":4,"skipped":0,"pct":80}}}},"{root}/src/a.js":{{"lines":{{"total":5,"covered":4,"skipped":0,"pct":80}}}}}}"#
    );
    let to = |path: &str, text: &str| format!("mkdir -p coverage; printf '%s' '{text}' > {path}");
    for (what, config) in [
        (
            "printed lcov",
            commanded(&format!("echo made; printf '%s' '{LCOV}'"), None),
        ),
        (
            "printed JSON",
            commanded(&format!("printf '%s' '{summary}'"), None),
        ),
        (
            "the usual place",
            commanded(&to("coverage/lcov.info", LCOV), None),
        ),
        (
            "the other one",
            commanded(&to("coverage/coverage-summary.json", &summary), None),
        ),
        (
            "named",
            commanded(&to("coverage/my.txt", LCOV), Some("coverage/my.txt")),
        ),
        (
            "a glob",
            commanded(&to("coverage/b.info", LCOV), Some("**/*.info")),
        ),
    ] {
        let report = ask(&cx_with(&repo, &config), "coverage");
        assert_eq!(report.verdict, Verdict::Pass, "{what}: {report:#?}");
        assert_eq!(report.evidence["total"], 5, "{what}");
    }
    let less = LCOV.replace("DA:4,1", "DA:4,0");
    let report = ask(
        &cx_with(&repo, &commanded(&to("coverage/lcov.info", &less), None)),
        "coverage",
    );
    expect(&report, Verdict::Fail);
    assert!(errors(&report)[0].contains("60.00 % of the lines (3 of 5)"));
}

#[test]
fn a_command_that_leaves_no_new_report_is_unknown() {
    let repo = plain_repo();
    repo.write("coverage/lcov.info", LCOV);
    for (script, report, words) in [
        (
            "echo 'All files | 93.1 |'",
            None,
            "lcov.info is as old as it was before",
        ),
        (
            "true",
            Some("coverage/other.info"),
            "there is no coverage/other.info",
        ),
        ("echo nope >&2; exit 1", None, "nothing was measured"),
        (
            "printf x > coverage/lcov.info",
            None,
            "the report coverage/lcov.info cannot be used",
        ),
        ("sleep 60", None, "gave no answer within 5 s"),
    ] {
        let config = commanded(script, report);
        unknown(&ask(&cx_with(&repo, &config), "coverage"), words);
    }
    let missing = "[gates.coverage]\ncommand = [\"no-such-program\"]";
    unknown(
        &ask(&cx_with(&repo, missing), "coverage"),
        "program not found",
    );
}

#[test]
fn a_report_that_somebody_else_made_must_be_new() {
    let repo = plain_repo();
    let config = "[gates.coverage]\nreport = \"coverage/lcov.info\"";
    let asked = || ask(&cx_with(&repo, config), "coverage");
    unknown(&asked(), "there is no coverage/lcov.info");
    repo.write("coverage/lcov.info", LCOV);
    let set = |path: &str, ago_s: u64| {
        let file = std::fs::File::options()
            .write(true)
            .open(repo.root().join(path))
            .unwrap();
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000 - ago_s);
        file.set_modified(time).unwrap();
    };
    set("src/a.js", 20);
    set("coverage/lcov.info", 10);
    expect(&asked(), Verdict::Pass);
    // A source that the report does not know is a source all the same.
    repo.write("src/b.js", "1;\n");
    unknown(&asked(), "stale: src/b.js has changed since");
    set("src/b.js", 11);
    expect(&asked(), Verdict::Pass);
    set("src/a.js", 9);
    unknown(&asked(), "stale: src/a.js has changed since");
    repo.remove("src/a.js");
    unknown(&asked(), "it speaks of src/a.js, which is not here");
}

#[test]
fn scripts_of_package_json_are_run_and_their_absence_is_said() {
    let repo = Repo::npm();
    let skipped = ask(&cx(&repo), "coverage");
    expect(&skipped, Verdict::Skipped);
    assert!(skipped.reason.unwrap().contains("no script `coverage`"));
    for name in ["one", "two"] {
        repo.write(
            &format!("packages/{name}/package.json"),
            format!("{{\"name\": \"{name}\", \"version\": \"0.9.0\", \"scripts\": {{\"coverage\": \"x\"}}}}"),
        )
        .write(&format!("packages/{name}/index.js"), "1;\n");
    }
    repo.write("node_modules/.keep", "");
    // As tools do: relative to where each of them runs.
    let npm = "for name in one two; do mkdir -p packages/$name/coverage\n\
        printf 'SF:index.js\\nDA:1,1\\nend_of_record\\n' > packages/$name/coverage/lcov.info; done";
    let config = "[gates.coverage]\nper_package = true";
    let asked = |npm: &str| {
        let cx = cx_where(&repo, &["git", "mkdir"], &[("npm", npm)]);
        let world = cx.world;
        ask(
            &Cx {
                world,
                ..cx_with(&repo, config)
            },
            "coverage",
        )
    };
    let report = asked(npm);
    expect(&report, Verdict::Pass);
    assert_eq!(report.evidence["packages"][1]["name"], "two");
    let report = asked(&npm.replace("DA:1,1", "DA:1,1\\nDA:2,0"));
    expect(&report, Verdict::Fail);
    assert_eq!(errors(&report).len(), 3, "the whole and each: {report:#?}");
    let only_one = npm.replace("one two", "one");
    repo.remove("packages/two/coverage/lcov.info");
    unknown(&asked(&only_one), "no line of the package two was measured");
}
