//! `semver` with the real cargo-semver-checks, and with ones that say what it says, or cannot tell.

use gates::{Cx, Severity, Verdict};
use testkit::{Repo, installed_by_hand};

use crate::fixture::{ask, candidate, cx, cx_where, errors, expect, said, unknown, world};

/// What the program says about one crate: lints that were run and held, and then one that did not.
const GOOD: &str = "\
echo '    Checking core-part v0.9.0 -> v0.9.0 (assume patch change)' >&2
echo '     Checked [   0.021s] 196 checks: 196 pass, 57 skip' >&2
echo '     Summary no semver update required' >&2";

fn bad(level: &str, exit: i32) -> String {
    format!(
        "cat <<'END'

--- failure function_missing: pub fn removed or renamed ---

Description:
A publicly-visible function cannot be imported by its prior path.
        ref: https://forge.example.com/rules

Failed in:
  function core_part::twice, previously in file /elsewhere/target/semver-checks/git-v0_9_0/{}/crates/core/src/lib.rs:2
END
echo '    Checking core-part v0.9.0 -> v0.9.0 (assume patch change)' >&2
echo '        PASS [   0.000s]       minor        other_lint' >&2
echo '        FAIL [   0.001s]       {level}        function_missing' >&2
echo '     Checked [   0.021s] 196 checks: 195 pass, 1 fail, 0 warn, 57 skip' >&2
exit {exit}",
        "0123456789".repeat(4)
    )
}

/// A cargo that is the real one but for `semver-checks`.
fn with(repo: &Repo, script: &str) -> Cx {
    let cargo = format!(
        "case $1:$2 in semver-checks:--version) echo cargo-semver-checks 0.51.0; exit;; semver-checks:*) {script}\nexit;; esac\nexec {} \"$@\"",
        env!("CARGO")
    );
    cx_where(
        repo,
        &["git", "rustc", "cat", "sleep"],
        &[("cargo", &cargo)],
    )
}

/// One library that is published, at the version of the last tag or a later one.
fn library(version: &str) -> Repo {
    let repo = Repo::cargo_workspace();
    let root = repo
        .read("Cargo.toml")
        .replace("0.9.0\"\nedition", &format!("{version}\"\nedition"));
    repo.write(
        "Cargo.toml",
        root.replace("version = \"0.9\"", &format!("version = \"{version}\"")),
    );
    for path in ["crates/app/Cargo.toml", "crates/tool/Cargo.toml"] {
        let text = repo
            .read(path)
            .replace("edition", "publish = false\nedition");
        repo.write(
            path,
            text.replace("version = \"0.9\"", &format!("version = \"{version}\"")),
        );
    }
    let lock = repo.read("Cargo.lock").replace("0.9.0", version);
    repo.write("Cargo.lock", lock);
    repo.commit("feat: later")
        .write("crates/core/src/lib.rs", "pub fn thrice() {}\n")
        .commit("feat: thrice");
    repo
}

#[test]
fn an_interface_that_holds_passes() {
    let repo = library("0.9.1");
    let cx = with(&repo, GOOD);
    let report = ask(&cx, "semver");
    expect(&report, Verdict::Pass);
    assert_eq!(
        (report.examined, &report.evidence["baseline"]),
        (1, &"v0.9.0".into())
    );
    let command = &cx.world.effects()[0].what;
    assert!(
        command.contains("--baseline-rev v0.9.0 --package core-part"),
        "{command}"
    );
}

/// The version, the level that the lint asks for, the verdict, and the version that is asked for.
type Mutation = (&'static str, &'static str, Verdict, &'static str);

const MUTATIONS: &[Mutation] = &[
    ("0.9.1", "major", Verdict::Fail, "0.10.0"),
    ("0.9.1", "minor", Verdict::Pass, ""),
    ("0.10.0", "major", Verdict::Pass, ""),
    ("1.0.0-mvp", "major", Verdict::Pass, ""),
    ("0.9.0", "major", Verdict::Warn, "0.10.0"),
    ("0.9.0", "minor", Verdict::Warn, "0.9.1"),
];

/// See `mutations.rs`.
pub(crate) const MUTATED: crate::mutations::Table = ("semver", || MUTATIONS.len());

#[test]
fn what_is_broken_is_held_against_the_step_of_the_version() {
    for (version, level, verdict, least) in MUTATIONS.iter().copied() {
        let repo = library(version);
        for exit in [1, 100] {
            let report = ask(&with(&repo, &bad(level, exit)), "semver");
            assert_eq!(report.verdict, verdict, "{version} {level}: {report:#?}");
            assert_eq!(report.evidence["required"], level);
            let finding = &report.findings[0];
            if least.is_empty() {
                assert_eq!(finding.severity, Severity::Note);
                continue;
            }
            let path = "function core_part::twice, previously in file crates/core/src/lib.rs:2";
            assert!(finding.message.contains(path), "{}", finding.message);
            let at = finding.at.as_ref().unwrap();
            assert_eq!(
                (at.path.as_str(), at.line),
                ("crates/core/src/lib.rs", Some(2))
            );
            let help = finding.help.as_ref().unwrap();
            assert!(help.contains(&format!("{least} or later")), "{help}");
        }
    }
    // A release whose crate keeps its version has nothing left to set.
    let repo = library("0.9.0");
    let cx = candidate(with(&repo, &bad("major", 100)), "0.9.1", &[]);
    expect(&ask(&cx, "semver"), Verdict::Fail);
}

#[test]
fn a_program_that_did_not_finish_is_unknown_whatever_it_ended_with() {
    let repo = library("0.9.1");
    let lying = bad("major", 0);
    let crashed = bad("major", 101);
    let silent = format!("{GOOD}; exit 100");
    for script in [
        "exit 0",
        "exit 1",
        "exit 100",
        "echo all is well",
        "kill -KILL $$",
        "echo 'error: unsupported rustdoc format v99' >&2; exit 1",
        "echo 'thread main panicked' >&2; exit 101",
        "echo '    Checking core-part v0.9.0 -> v0.9.1 (assume patch change)' >&2; exit 0",
        "echo '     Checked [   0.021s] 0 checks: 0 pass, 253 skip' >&2; exit 0",
        &lying,
        &crashed,
        &silent,
    ] {
        unknown(
            &ask(&with(&repo, script), "semver"),
            "could not compare `core-part` with v0.9.0",
        );
    }
    let slow = with(&repo, "sleep 60");
    let config = config::parse("[gates.semver]\ntimeout_s = 1\n").unwrap();
    let slow = Cx {
        config: config.into(),
        ..slow
    };
    unknown(&ask(&slow, "semver"), "no answer within 1 s");
}

#[test]
fn where_there_is_nothing_to_compare_it_is_skipped() {
    let skipped = |cx: &Cx, reason: &str| {
        let report = ask(cx, "semver");
        expect(&report, Verdict::Skipped);
        assert!(
            report.reason.as_ref().unwrap().contains(reason),
            "{report:?}"
        );
    };
    let repo = library("0.9.1");
    let without = format!(
        "case $1 in semver-checks) echo 'error: no such command: `semver-checks`' >&2; exit 101;; esac\nexec {} \"$@\"",
        env!("CARGO")
    );
    let cx_without = cx_where(&repo, &["git", "rustc"], &[("cargo", without.as_str())]);
    skipped(&cx_without, "cargo-semver-checks is not installed");
    let required = config::parse("[gates.semver]\nrequire = true\n").unwrap();
    let required = Cx {
        config: required.into(),
        ..cx_without
    };
    unknown(
        &ask(&required, "semver"),
        "run `cargo install cargo-semver-checks --locked`",
    );
    // A crate that is new promises nothing.
    repo.write(
        "crates/core/Cargo.toml",
        repo.read("crates/core/Cargo.toml")
            .replace("core-part", "newcomer"),
    );
    repo.write(
        "Cargo.toml",
        repo.read("Cargo.toml")
            .replace("core-part = {", "newcomer = {"),
    );
    for path in ["crates/app/Cargo.toml", "crates/tool/Cargo.toml"] {
        repo.write(path, repo.read(path).replace("core-part", "newcomer"));
    }
    let report = ask(&with(&repo, "exit 1"), "semver");
    expect(&report, Verdict::Pass);
    assert!(said(&report, Severity::Note)[0].contains("was not there in v0.9.0"));
    repo.git(&["tag", "--delete", "v0.9.0"]);
    // A repository with releases whose tags look otherwise has to learn what was looked for.
    repo.git(&["tag", "0.9.0"]);
    skipped(&with(&repo, GOOD), "no tag before it looks like `v[0-9]*`");
    let repo = library("0.9.1");
    let core = repo.read("crates/core/Cargo.toml");
    repo.write(
        "crates/core/Cargo.toml",
        core.replace("edition", "publish = false\nedition"),
    );
    skipped(&with(&repo, GOOD), "no library is published");
    skipped(&cx(&Repo::npm()), "no Cargo.toml");
}

#[test]
fn real_semver_checks() {
    let Some(program) = installed_by_hand("cargo-semver-checks") else {
        return;
    };
    let repo = library("0.9.1");
    let mut env = repo.env();
    let path = std::iter::once(program.parent().unwrap().to_owned())
        .chain(std::env::split_paths(&env[0].1));
    env[0].1 = std::env::join_paths(path).unwrap();
    let cx = Cx {
        world: world(env),
        ..cx(&repo)
    };
    let report = ask(&cx, "semver");
    expect(&report, Verdict::Fail);
    assert_eq!(errors(&report).len(), 1, "{report:#?}");
    assert!(
        errors(&report)[0].contains("function core_part::twice"),
        "{report:#?}"
    );
    let at = report.findings[0].at.as_ref().unwrap();
    assert_eq!(
        (at.path.as_str(), at.line),
        ("crates/core/src/lib.rs", Some(2))
    );
    let help = report.findings[0].help.as_ref().unwrap();
    assert!(help.contains("0.10.0 or later"), "{help}");
    assert_eq!(
        repo.git(&["status", "--porcelain", "--ignored"]),
        "!! target/"
    );
    // The function is back, beside the new one.
    let both = "pub fn twice(number: u32) -> u32 {\n    number * 2\n}\n\npub fn thrice() {}\n";
    repo.write("crates/core/src/lib.rs", both)
        .commit("fix: twice is back");
    let report = ask(&cx, "semver");
    expect(&report, Verdict::Pass);
    assert_eq!(
        (report.examined, &report.evidence["required"]),
        (1, &"no".into())
    );
    // What does not compile cannot be compared.
    repo.write(
        "crates/core/src/lib.rs",
        "pub fn twice(number: u32) -> u42 {}\n",
    );
    unknown(&ask(&cx, "semver"), "could not compare `core-part`");
}
