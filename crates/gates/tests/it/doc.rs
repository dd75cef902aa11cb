//! `doc` with the real rustdoc, with scripts of npm and pnpm, and with a cargo that is broken.

use gates::{Severity, Verdict};
use serde_json::json;
use testkit::Repo;

use crate::fixture::{ask, cx, cx_where, cx_with, errors, expect, said, unknown};

/// A documented library that rustdoc has nothing to say about.
const GOOD: &str = "\
//! Numbers, see [`twice`].

/// Twice as much: `twice(1)`.
pub fn twice(number: u32) -> u32 {
    number * half()
}

/// One half of four.
fn half() -> u32 {
    2
}
";

#[test]
fn documentation_without_warnings_passes_and_is_counted_by_its_pages() {
    let repo = Repo::cargo_workspace();
    let outside = repo.outside().join("built elsewhere");
    let mut cx = cx(&repo);
    cx.target_dir = Some(outside.clone());
    let report = ask(&cx, "doc");
    expect(&report, Verdict::Pass);
    assert_eq!(
        (report.examined, &report.evidence["crates"]),
        (3, &json!(3))
    );
    assert!(outside.join("doc/core_part/index.html").is_file());
    assert!(!repo.root().join("target").exists());
    let commands = cx.world.effects();
    assert!(commands[0].what.contains("--locked"), "{commands:?}");
    assert_eq!(repo.git(&["status", "--porcelain", "--ignored"]), "");
}

/// What is changed in [`GOOD`], what it becomes, what is then said, and the line.
const MUTATIONS: &[(&str, &str, &str, usize)] = &[
    ("[`twice`]", "[`thrice`]", "unresolved link to `thrice`", 1),
    ("One half", "A <b>half", "unclosed HTML tag `b`", 8),
    (
        "Twice as",
        "[half] twice as",
        "links to private item `half`",
        3,
    ),
    ("`twice(1)`", "http://docs.example", "not a hyperlink", 3),
    ("pub fn twice", "pub fn", "expected identifier", 4),
];

/// See `mutations.rs`.
pub(crate) const MUTATED: crate::mutations::Table = ("doc", || MUTATIONS.len());

#[test]
fn each_kind_of_flaw_is_an_error_with_its_line() {
    for (from, to, words, line) in MUTATIONS {
        let repo = Repo::cargo_single();
        repo.write("src/lib.rs", GOOD.replace(from, to));
        let private = cx_with(&repo, "[gates.doc]\nprivate_items = true\n");
        let public = ask(&cx(&repo), "doc");
        // What is private is looked at only for whoever asks for it, and is then no dead end to link to.
        let report = match *line {
            8 => {
                expect(&public, Verdict::Pass);
                ask(&private, "doc")
            }
            _ => public,
        };
        expect(&report, Verdict::Fail);
        let said = errors(&report);
        assert!(said[0].contains(words), "{words}: {said:?}");
        let at = report.findings[0].at.as_ref().unwrap();
        let place = (at.path.as_str(), at.line);
        assert_eq!(place, ("src/lib.rs", Some(*line)), "{words}");
    }
}

#[test]
fn a_lint_that_the_crate_turns_on_counts_too() {
    let repo = Repo::cargo_single();
    let text = format!("#![warn(missing_docs)] {GOOD}");
    repo.write("src/lib.rs", &text);
    expect(&ask(&cx(&repo), "doc"), Verdict::Pass);
    repo.write(
        "src/lib.rs",
        text.replace("/// Twice as much: `twice(1)`.\n", ""),
    );
    let report = ask(&cx(&repo), "doc");
    expect(&report, Verdict::Fail);
    assert_eq!(errors(&report), ["missing documentation for a function"]);
}

#[test]
fn a_second_run_with_nothing_changed_says_it_again() {
    let repo = Repo::cargo_single();
    repo.write("src/lib.rs", GOOD.replace("[`twice`]", "[`thrice`]"));
    for _ in 0..3 {
        let report = ask(&cx(&repo), "doc");
        expect(&report, Verdict::Fail);
        assert_eq!(errors(&report), ["unresolved link to `thrice`"]);
        assert!(report.findings[0].help.is_some());
        assert_eq!(report.evidence["errors"], 1);
    }
}

#[test]
fn warnings_stay_warnings_where_the_repository_says_so_and_errors_stay_errors() {
    let repo = Repo::cargo_single();
    let flawed = GOOD.replace("[`twice`]", "[`thrice`]");
    repo.write("src/lib.rs", &flawed);
    let warn = cx_with(&repo, "[gates.doc]\nwarnings = \"warn\"\n");
    let report = ask(&warn, "doc");
    expect(&report, Verdict::Warn);
    assert_eq!(
        said(&report, Severity::Warning),
        ["unresolved link to `thrice`"]
    );
    let denied = format!("#![deny(rustdoc::broken_intra_doc_links)] {flawed}");
    repo.write("src/lib.rs", denied);
    let report = ask(&warn, "doc");
    expect(&report, Verdict::Fail);
    assert_eq!(errors(&report), ["unresolved link to `thrice`"]);
}

#[test]
fn what_the_compiler_says_of_a_library_that_another_needs_is_for_other_gates() {
    let repo = Repo::cargo_workspace();
    let text =
        "/// Twice.\npub fn twice(number: u32) -> u32 {\n    let unused = 1;\n    number * 2\n}\n";
    repo.write("crates/core/src/lib.rs", text);
    expect(&ask(&cx(&repo), "doc"), Verdict::Pass);
    // But what it cannot compile has no page.
    repo.write(
        "crates/core/src/lib.rs",
        text.replace("number * 2", "numbers * 2"),
    );
    let report = ask(&cx(&repo), "doc");
    expect(&report, Verdict::Fail);
    assert!(
        errors(&report)[0].contains("cannot find value `numbers`"),
        "{report:?}"
    );
}

#[test]
fn a_cargo_that_cannot_tell_is_unknown() {
    let repo = Repo::cargo_single();
    unknown(
        &ask(&cx_where(&repo, &["git"], &[]), "doc"),
        "program not found: `cargo",
    );
    for (script, reason) in [
        ("echo all is well", "examined nothing"),
        ("kill -KILL $$", "signal"),
        (
            "echo 'error: --offline was specified' >&2; exit 101",
            "--offline",
        ),
        // A library was compiled, and no page was made.
        (
            r#"echo '{"reason":"compiler-artifact","package_id":"x","manifest_path":"'$PWD'/Cargo.toml","target":{"kind":["lib"],"crate_types":["lib"],"name":"x","src_path":"x"},"profile":{"opt_level":"0","debug_assertions":true,"overflow_checks":true,"test":false},"features":[],"filenames":["x.rmeta"],"fresh":true}'"#,
            "examined nothing",
        ),
    ] {
        let cx = cx_where(&repo, &["git"], &[("cargo", script)]);
        unknown(&ask(&cx, "doc"), reason);
    }
    let slow = "[gates.doc]\ntimeout_s = 1\ncommand = [\"sleep\", \"60\"]";
    unknown(
        &ask(&cx_with(&repo, slow), "doc"),
        "gave no answer within 1 s",
    );
}

#[test]
fn scripts_of_npm_and_pnpm_and_a_command_of_the_repositorys_own() {
    let repo = Repo::pnpm();
    repo.write("node_modules/.keep", "");
    let report = ask(&cx(&repo), "doc");
    expect(&report, Verdict::Skipped);
    let reason = "package.json has no script `docs:build`, `docs`, `doc`";
    assert_eq!(report.reason.as_deref(), Some(reason));
    let text = |scripts: &str| {
        format!("{{\"name\": \"x\", \"private\": true, \"scripts\": {{{scripts}}}}}")
    };
    for (scripts, script) in [
        (r#""doc": "x""#, "doc"),
        (r#""docs": "x", "doc": "x""#, "docs"),
        (r#""docs": "serve", "docs:build": "x""#, "docs:build"),
    ] {
        repo.write("package.json", text(scripts));
        let good = cx_where(&repo, &["git"], &[("pnpm", "echo done")]);
        expect(&ask(&good, "doc"), Verdict::Pass);
        assert_eq!(good.world.effects()[0].what, format!("pnpm run {script}"));
        let bad = cx_where(&repo, &["git"], &[("pnpm", "echo unknown tag; exit 2")]);
        let report = ask(&bad, "doc");
        expect(&report, Verdict::Fail);
        assert!(errors(&report)[0].contains("unknown tag"));
    }
    let own = |script: &str| format!("[gates.doc]\ncommand = [\"sh\", \"-c\", \"{script}\"]");
    expect(&ask(&cx_with(&repo, &own("exit 0")), "doc"), Verdict::Pass);
    expect(&ask(&cx_with(&repo, &own("exit 1")), "doc"), Verdict::Fail);
    let repo = Repo::empty();
    repo.write("README.md", "x").commit("feat: x");
    expect(&ask(&cx(&repo), "doc"), Verdict::Skipped);
}
