//! `build` and `test` of npm and pnpm repositories. npm itself is a fake where it need not be the real one.

use gates::Verdict;
use testkit::Repo;

use crate::fixture::{ask, candidate, cx, cx_where, errors, expect, unknown};

/// A pnpm that says what it was told.
const ECHO: (&str, &str) = ("pnpm", "echo \"$@\"");

fn with_script(name: &str, script: &str) -> Repo {
    let repo = Repo::npm();
    repo.write(
        "package.json",
        format!(
            "{{\"name\": \"x\", \"version\": \"0.9.0\", \"scripts\": {{\"{name}\": \"{script}\"}}}}"
        ),
    );
    repo
}

#[test]
fn scripts_run_and_what_the_runner_counts_is_read() {
    let repo = Repo::npm();
    let report = ask(
        &cx_where(
            &repo,
            &["git"],
            &[("npm", "echo; echo '# pass 3'; echo '# fail 0'")],
        ),
        "test",
    );
    expect(&report, Verdict::Pass);
    assert_eq!(
        (report.examined, &report.evidence["passed"]),
        (3, &serde_json::Value::from(3))
    );
    let none = [("npm", "echo '# tests 0'; echo '# pass 0'")];
    unknown(
        &ask(&cx_where(&repo, &["git"], &none), "test"),
        "no test was executed",
    );
    let lying = [("npm", "echo 'Tests: 1 failed, 2 passed, 3 total'")];
    let report = ask(&cx_where(&repo, &["git"], &lying), "test");
    expect(&report, Verdict::Fail);
    assert!(errors(&report)[0].contains("1 failed"));
}

#[test]
fn failures_and_what_cannot_run_are_told_apart() {
    let repo = Repo::npm();
    repo.write("node_modules/.keep", "");
    let failing = [("npm", "echo it is broken; exit 1")];
    for gate in ["build", "test"] {
        let report = ask(&cx_where(&repo, &["git"], &failing), gate);
        expect(&report, Verdict::Fail);
        assert!(errors(&report)[0].contains("it is broken"));
        unknown(
            &ask(&cx_where(&repo, &["git"], &[]), gate),
            "program not found: `npm",
        );
    }
}

#[test]
fn what_is_not_installed_is_unknown_with_the_command() {
    let repo = Repo::pnpm();
    repo.write(
        "package.json",
        "{\"packageManager\": \"pnpm@9.15.0\", \"scripts\": {\"build\": \"x\"}, \"devDependencies\": {\"left\": \"1\"}}",
    );
    unknown(
        &ask(&cx_where(&repo, &["git"], &[ECHO]), "build"),
        "run `pnpm install --frozen-lockfile` first",
    );
    // Packages of the repository itself are linked by an installation too: a failure without it says nothing.
    let repo = Repo::npm();
    let failing = [("npm", "exit 1")];
    unknown(
        &ask(&cx_where(&repo, &["git"], &failing), "test"),
        "run `npm ci` first",
    );
}

#[test]
fn no_script_is_skipped_and_npms_placeholder_is_no_pass() {
    let repo = Repo::pnpm();
    let report = ask(&cx(&repo), "build");
    expect(&report, Verdict::Skipped);
    assert_eq!(
        report.reason.as_deref(),
        Some("package.json has no script `build`")
    );
    for gate in ["fmt", "clippy"] {
        let report = ask(&cx(&repo), gate);
        expect(&report, Verdict::Skipped);
        assert!(report.reason.unwrap().contains("no script"));
    }
    let repo = with_script("test", "echo \\\"Error: no test specified\\\" && exit 1");
    unknown(&ask(&cx(&repo), "test"), "placeholder");
    repo.write("package.json", "{ not json");
    unknown(&ask(&cx(&repo), "test"), "package.json is not JSON");
}

#[test]
fn format_and_lint_are_scripts_too() {
    let good = [("npm", "echo \"$@\"")];
    let bad = [("npm", "echo src/a.js needs work; exit 1")];
    for (gate, script) in [
        ("fmt", "format:check"),
        ("fmt", "fmt:check"),
        ("fmt", "check:format"),
        ("clippy", "lint"),
    ] {
        let repo = with_script(script, "x");
        let cx = cx_where(&repo, &["git"], &good);
        let report = ask(&cx, gate);
        expect(&report, Verdict::Pass);
        assert_eq!(report.examined, 1);
        assert_eq!(cx.world.effects()[0].what, format!("npm run {script}"));
        repo.write("node_modules/.keep", "");
        let report = ask(&cx_where(&repo, &["git"], &bad), gate);
        expect(&report, Verdict::Fail);
        assert!(errors(&report)[0].contains("src/a.js needs work"));
        unknown(
            &ask(&cx_where(&repo, &["git"], &[]), gate),
            "program not found: `npm",
        );
        let killed = [("npm", "kill -KILL $$")];
        unknown(&ask(&cx_where(&repo, &["git"], &killed), gate), "signal");
    }
    // One that writes is not asked.
    for (gate, script) in [("fmt", "format"), ("clippy", "lint:fix")] {
        expect(&ask(&cx(&with_script(script, "x")), gate), Verdict::Skipped);
    }
    // In a repository of both kinds both must hold.
    let repo = Repo::cargo_single();
    let package =
        "{\"name\": \"x\", \"private\": true, \"scripts\": {\"format:check\": \"exit 1\"}}";
    repo.write("package.json", package);
    repo.write("node_modules/.keep", "");
    let fakes = [("npm", "exit 1"), ("cargo", "exit 0")];
    expect(
        &ask(&cx_where(&repo, &["git"], &fakes), "fmt"),
        Verdict::Fail,
    );
}

#[test]
fn scripts_of_the_packages_run_where_the_root_has_none() {
    let repo = Repo::pnpm();
    for name in ["one", "two", "example"] {
        repo.write(
            &format!("packages/{name}/package.json"),
            format!("{{\"name\": \"{name}\", \"version\": \"0.9.0\", \"scripts\": {{\"build\": \"x\"}}}}"),
        );
    }
    let cx = cx_where(&repo, &["git"], &[ECHO]);
    let report = ask(&cx, "build");
    expect(&report, Verdict::Pass);
    assert_eq!(
        report.examined, 2,
        "the example is no package of the workspace"
    );
    assert_eq!(
        cx.world.effects()[0].what,
        "pnpm --recursive --if-present run build"
    );
}

#[test]
fn the_scratch_worktree_of_a_release_is_installed_first() {
    let repo = Repo::npm();
    let npm =
        "case $1 in ci) mkdir node_modules;; *) test -d node_modules && echo '# pass 1';; esac";
    let cx = cx_where(&repo, &["git", "mkdir"], &[("npm", npm)]);
    let cx = candidate(cx, "1.0.0", &[]);
    expect(&ask(&cx, "test"), Verdict::Pass);
    expect(&ask(&cx, "build"), Verdict::Pass);
    let commands: Vec<String> = cx
        .world
        .effects()
        .into_iter()
        .map(|effect| effect.what)
        .collect();
    assert_eq!(
        commands,
        [
            "npm ci --prefer-offline --no-audit --no-fund",
            "npm run test",
            "npm run build"
        ]
    );
    let repo = Repo::npm();
    let offline = [("npm", "echo no network >&2; exit 1")];
    let cx = candidate(cx_where(&repo, &["git"], &offline), "1.0.0", &[]);
    unknown(&ask(&cx, "build"), "could not be installed");
}
