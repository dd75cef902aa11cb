//! `deps` with the real cargo and with fakes of npm and pnpm.

mod pins;
mod real;

use gates::{Cx, Report, Verdict};
use testkit::Repo;

use crate::fixture::{ask, cx, cx_where, cx_with, errors, expect, unknown};

/// A pnpm that takes every lock file.
const PNPM: (&str, &str) = ("pnpm", "echo 9.15.9");
/// An npm that takes every lock file.
const NPM: (&str, &str) = ("npm", "echo 'add lefty 1.2.0'; echo '{\"added\": 0}'");

fn place(report: &Report, index: usize) -> (&str, Option<usize>) {
    let at = report.findings[index].at.as_ref().unwrap();
    (&at.path, at.line)
}

/// The first error of a report that has to have failed, with its place.
fn first(report: &Report) -> (&str, &str, Option<usize>) {
    expect(report, Verdict::Fail);
    assert!(report.findings[0].help.is_some(), "{report:#?}");
    let (path, line) = place(report, 0);
    (errors(report)[0], path, line)
}

fn faked(repo: &Repo) -> Cx {
    cx_where(repo, &["git"], &[PNPM, NPM])
}

/// A package with one dependency, and a lock file that says the same and has locked something else.
const LEFTY: &str =
    "{ \"name\": \"x\", \"version\": \"1.0.0\", \"dependencies\": { \"lefty\": \"^1.0.0\" } }";
const LEFTY_LOCK: &str = "{ \"name\": \"x\", \"version\": \"1.0.0\", \"lockfileVersion\": 3, \"packages\": { \"\": { \"dependencies\": { \"lefty\": \"^1.0.0\" } }, \"node_modules/lefty\": { \"version\": \"0.1.0\" } } }";

fn lefty() -> Repo {
    let repo = Repo::npm();
    repo.write("package.json", LEFTY)
        .write("package-lock.json", LEFTY_LOCK);
    repo
}

#[test]
fn trees_in_step_pass_and_stay_as_they_are() {
    for (repo, examined) in [
        (Repo::cargo_single(), 1),
        (Repo::cargo_workspace(), 3),
        (Repo::npm(), 4),
        (Repo::pnpm(), 4),
    ] {
        let before = repo.git(&["status", "--porcelain", "--ignored"]);
        let cx = match repo.root().join("Cargo.toml").is_file() {
            true => cx(&repo),
            false => faked(&repo),
        };
        let report = ask(&cx, "deps");
        expect(&report, Verdict::Pass);
        assert_eq!(report.examined, examined);
        let after = repo.git(&["status", "--porcelain", "--ignored"]);
        assert_eq!(before, after);
        assert!(!repo.root().join(".git/landfall/deps").exists());
    }
    let repo = Repo::empty();
    repo.write("README.md", "x").commit("feat: x");
    expect(&ask(&cx(&repo), "deps"), Verdict::Skipped);
}

/// One change to a passing tree: what it is, what is replaced by what in which file, and the error with its place.
type Mutation = (
    &'static str,
    fn() -> Repo,
    (&'static str, &'static str, &'static str),
    (&'static str, &'static str, Option<usize>),
);

const MUTATIONS: &[Mutation] = &[
    (
        "another version of the package",
        Repo::cargo_single,
        ("Cargo.toml", "0.9.0", "0.9.1"),
        (
            "`single` is 0.9.1 here, and 0.9.0 in Cargo.lock",
            "Cargo.toml",
            Some(3),
        ),
    ),
    (
        "a requirement that the lock file does not meet",
        Repo::cargo_workspace,
        (
            "crates/tool/Cargo.toml",
            "[dependencies]\n",
            "[dependencies]\nlefty = \"1.2\"\n",
        ),
        (
            "Cargo.lock does not know the dependency `lefty` (^1.2)",
            "crates/tool/Cargo.toml",
            Some(9),
        ),
    ),
    (
        "a package that the lock file does not know",
        Repo::cargo_workspace,
        (
            "crates/tool/Cargo.toml",
            "name = \"tool\"",
            "name = \"tools\"",
        ),
        (
            "Cargo.lock does not know the package `tools`",
            "crates/tool/Cargo.toml",
            Some(3),
        ),
    ),
    (
        "a manifest that is no TOML",
        Repo::cargo_single,
        ("Cargo.toml", "[package]", "[package"),
        ("`cargo metadata", "Cargo.toml", None),
    ),
    (
        "another requirement (npm)",
        Repo::npm,
        ("packages/two/package.json", "^0.9.0", "^0.8.0"),
        (
            "`@fixture/one` is asked for as `^0.8.0`, and package-lock.json has `^0.9.0`",
            "packages/two/package.json",
            Some(5),
        ),
    ),
    (
        "a new dependency (npm)",
        Repo::npm,
        (
            "packages/one/package.json",
            "\"main\"",
            "\"devDependencies\": { \"lefty\": \"1\" },\n  \"main\"",
        ),
        (
            "`lefty` is asked for as `1`, and package-lock.json does not know it",
            "packages/one/package.json",
            None,
        ),
    ),
    (
        "a dependency that is gone (npm)",
        Repo::npm,
        (
            "packages/two/package.json",
            "\"@fixture/one\": \"^0.9.0\"",
            "",
        ),
        (
            "package-lock.json has `@fixture/one` for packages/two/package.json, which does not ask for it",
            "package-lock.json",
            Some(30),
        ),
    ),
    (
        "a package that the lock file does not know (npm)",
        Repo::npm,
        (
            "package-lock.json",
            "\"packages/two\": {",
            "\"packages/2\": {",
        ),
        (
            "package-lock.json does not know this package",
            "packages/two/package.json",
            None,
        ),
    ),
    (
        "a merge conflict (npm)",
        Repo::npm,
        (
            "package-lock.json",
            "{\n  \"name\"",
            "{\n<<<<<<< HEAD\n  \"name\"",
        ),
        (
            "package-lock.json is not JSON",
            "package-lock.json",
            Some(2),
        ),
    ),
    (
        "a merge conflict (pnpm)",
        Repo::pnpm,
        ("pnpm-lock.yaml", "importers:", "<<<<<<< HEAD\nimporters:"),
        ("pnpm-lock.yaml cannot be read", "pnpm-lock.yaml", None),
    ),
];

/// See `mutations.rs`.
pub(crate) const MUTATED: crate::mutations::Table = ("deps", || MUTATIONS.len());

#[test]
fn every_change_is_named_with_its_place() {
    for (what, make, (path, old, new), (message, place, line)) in MUTATIONS {
        let repo = make();
        let text = repo.read(path);
        assert!(text.contains(old), "{what}");
        repo.write(path, text.replace(old, new));
        let cx = match repo.root().join("Cargo.toml").is_file() {
            true => cx(&repo),
            false => faked(&repo),
        };
        let report = ask(&cx, "deps");
        let (said, at, on) = first(&report);
        assert!(said.contains(message), "{what}: {report:#?}");
        assert_eq!(at, *place, "{what}");
        if line.is_some() {
            assert_eq!(on, *line, "{what}");
        }
    }
}

#[test]
fn lock_files_that_are_missing_ignored_left_over_or_one_too_many() {
    let repo = Repo::cargo_single();
    repo.git(&["rm", "--quiet", "--cached", "Cargo.lock"]);
    repo.write(".gitignore", "/target/\nCargo.lock\n");
    let report = ask(&cx(&repo), "deps");
    assert!(first(&report).0.contains("not part of the repository"));
    let help = |report: &Report| report.findings[0].help.clone().unwrap_or_default();
    assert!(help(&report).contains("lockfile = false"), "{report:#?}");
    let lax = cx_with(&repo, "[gates.deps]\nlockfile = false");
    expect(&ask(&lax, "deps"), Verdict::Pass);
    repo.remove("Cargo.lock");
    let report = ask(&cx(&repo), "deps");
    assert!(first(&report).0.contains("there is no Cargo.lock"));
    assert!(help(&report).contains("lockfile = false"), "{report:#?}");
    expect(&ask(&lax, "deps"), Verdict::Warn);

    let repo = Repo::npm();
    repo.write("pnpm-lock.yaml", "lockfileVersion: '9.0'\n")
        .git(&["add", "--all"]);
    // Two of them: pnpm's decides, so npm's is one too many.
    let report = ask(&faked(&repo), "deps");
    let (said, path, _) = first(&report);
    assert!(
        said.contains("package-lock.json is a lock file of npm"),
        "{said}"
    );
    assert_eq!(path, "package-lock.json");

    let repo = Repo::npm();
    repo.remove("package-lock.json");
    let report = ask(&faked(&repo), "deps");
    assert!(first(&report).0.contains("there is no package-lock.json"));
    repo.remove("package.json").write("yarn.lock", "");
    let report = ask(&faked(&repo), "deps");
    assert!(
        first(&report)
            .0
            .contains("its manifest package.json is not")
    );
}

#[test]
fn yarn_lock_files_are_compared_with_what_is_asked_for() {
    let repo = Repo::empty();
    let manifest =
        "{\n  \"name\": \"x\",\n  \"dependencies\": {\n    \"@s/lefty\": \"^1.0.0\"\n  }\n}\n";
    let classic =
        "# yarn lockfile v1\n\n\n\"@s/lefty@^1.0.0\", \"@s/lefty@^1.1.0\":\n  version \"1.2.0\"\n";
    let berry = "__metadata:\n  version: 8\n\n\"@s/lefty@npm:^1.0.0\":\n  version: 1.2.0\n";
    for lock in [classic, berry] {
        repo.write("package.json", manifest)
            .write("yarn.lock", lock)
            .git(&["add", "--all"]);
        expect(&ask(&faked(&repo), "deps"), Verdict::Pass);
        repo.write("package.json", manifest.replace("^1.0.0", "^2.0.0"));
        let report = ask(&faked(&repo), "deps");
        let (said, path, line) = first(&report);
        assert!(
            said.contains("`@s/lefty` is asked for as `^2.0.0`"),
            "{said}"
        );
        assert_eq!((path, line), ("package.json", Some(4)));
    }
}

#[test]
fn a_manager_that_is_missing_broken_slow_or_lies_is_unknown() {
    for (repo, name) in [(lefty(), "npm"), (Repo::pnpm(), "pnpm")] {
        let with = |script: &str| cx_where(&repo, &["git", "sleep"], &[(name, script)]);
        let missing = cx_where(&repo, &["git"], &[]);
        let report = ask(&missing, "deps");
        unknown(&report, "program not found: `");
        assert!(report.reason.unwrap().contains(&format!("{name} ")));
        for (script, reason) in [
            ("echo all is well", "all is well"),
            ("exit 0", ""),
            ("echo boom >&2; exit 70", "boom"),
            ("kill -9 $$", "ended by a signal"),
        ] {
            unknown(&ask(&with(script), "deps"), reason);
        }
        let mut slow = with("sleep 60");
        slow.config = config::parse("[gates.deps]\ntimeout_s = 1").unwrap().into();
        unknown(&ask(&slow, "deps"), "gave no answer within 1 s");
        assert!(!repo.root().join(".git/landfall/deps").exists());
    }
    let repo = Repo::cargo_single();
    for (script, reason) in [
        ("echo all is well", "read the answer of"),
        (
            "echo 'error: failed to download x' >&2; exit 101",
            "failed to download",
        ),
    ] {
        let fake = cx_where(&repo, &["git"], &[("cargo", script)]);
        unknown(&ask(&fake, "deps"), reason);
    }
}

#[test]
fn what_npm_refuses_is_a_finding_in_its_words() {
    let repo = lefty();
    let npm = (
        "npm",
        "echo 'npm error code EUSAGE' >&2; echo 'npm error Invalid: lefty' >&2; exit 1",
    );
    let report = ask(&cx_where(&repo, &["git"], &[npm]), "deps");
    let (said, path, _) = first(&report);
    assert!(said.contains("Invalid: lefty"), "{said}");
    assert_eq!(path, "package-lock.json");
    let npm = ("npm", "echo 'npm error code ENOTCACHED' >&2; exit 1");
    unknown(
        &ask(&cx_where(&repo, &["git"], &[npm]), "deps"),
        "ENOTCACHED",
    );
}

/// What a pnpm says of a lock file, with the exit status 1.
#[test]
fn what_pnpm_refuses_is_told_apart() {
    let repo = Repo::pnpm();
    let with = |said: &str| {
        let script =
            format!("case $1 in --version) echo 8.15.9;; *) echo ' {said}'; exit 1;; esac");
        ask(&cx_where(&repo, &["git"], &[("pnpm", &script)]), "deps")
    };
    let report = with("ERR_PNPM_LOCKFILE_BREAKING_CHANGE  Lockfile not compatible");
    let (said, path, line) = first(&report);
    assert_eq!(
        said,
        "pnpm 8.15.9 cannot read pnpm-lock.yaml, which is of form 9.0"
    );
    assert_eq!((path, line), ("pnpm-lock.yaml", Some(1)));
    let report = with("ERR_PNPM_LOCKFILE_CONFIG_MISMATCH  The current overrides differ");
    assert!(first(&report).0.contains("The current overrides differ"));
    unknown(
        &with("ERR_PNPM_NO_OFFLINE_TARBALL  not in the store"),
        "NO_OFFLINE_TARBALL",
    );
}
