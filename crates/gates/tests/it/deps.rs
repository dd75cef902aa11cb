//! `deps` with the real cargo and with fakes of npm and pnpm; the real npm and pnpm at the end.

use std::path::Path;

use gates::{Cx, Report, Verdict};
use testkit::{Repo, real_program};

use crate::fixture::{ask, cx, cx_where, cx_with, errors, expect, unknown, world};

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
            Some(7),
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
    let lax = cx_with(&repo, "[gates.deps]\nlockfile = false");
    expect(&ask(&lax, "deps"), Verdict::Pass);
    repo.remove("Cargo.lock");
    let report = ask(&cx(&repo), "deps");
    assert!(first(&report).0.contains("there is no Cargo.lock"));
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
    for (repo, name) in [(Repo::npm(), "npm"), (Repo::pnpm(), "pnpm")] {
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

/// A workflow with this step, the lock file's form, `packageManager`, and what is said on which line.
type Pin = (
    &'static str,
    &'static str,
    &'static str,
    Verdict,
    &'static str,
    usize,
);

const PINS: &[Pin] = &[
    (
        "pnpm/action-setup@v4\n        with:\n          version: 9.15.0",
        "9.0",
        "pnpm@9.15.0",
        Verdict::Pass,
        "",
        0,
    ),
    (
        "pnpm/action-setup@v4",
        "9.0",
        "pnpm@9.15.0",
        Verdict::Pass,
        "",
        0,
    ),
    (
        "pnpm/action-setup@v4\n        with:\n          version: 8",
        "9.0",
        "pnpm@9.15.0",
        Verdict::Fail,
        "pnpm 8 cannot read pnpm-lock.yaml, which is of form 9.0",
        9,
    ),
    (
        "pnpm/action-setup@v4\n        with:\n          version: 10",
        "6.0",
        "pnpm@9.15.0",
        Verdict::Fail,
        "pnpm 10 cannot read",
        9,
    ),
    (
        "pnpm/action-setup@v4\n        with:\n          version: 10",
        "9.0",
        "pnpm@9.15.0",
        Verdict::Fail,
        "pnpm 10 is pinned here, and 9.15.0 in package.json",
        9,
    ),
    (
        "pnpm/action-setup@v4\n        with:\n          version: 9",
        "9.0",
        "pnpm@9.15.0",
        Verdict::Warn,
        "refuse two that differ",
        9,
    ),
    (
        "pnpm/action-setup@v4",
        "9.0",
        "",
        Verdict::Fail,
        "is told no version",
        7,
    ),
    (
        "actions/setup-node@v4\n        with:\n          node-version: 20",
        "9.0",
        "pnpm@9.15.0",
        Verdict::Pass,
        "",
        0,
    ),
    (
        "actions/setup-node@v4\n        with:\n          node-version: 16",
        "9.0",
        "pnpm@9.15.0",
        Verdict::Fail,
        "pnpm 9 of package.json needs 18",
        9,
    ),
    (
        "actions/setup-node@v4\n        with:\n          node-version: ${{ matrix.node }}",
        "9.0",
        "pnpm@9.15.0",
        Verdict::Fail,
        "node 17 is pinned here",
        5,
    ),
    (
        "x@v1\n      - run: corepack prepare pnpm@8.15.9 --activate",
        "9.0",
        "pnpm@9.15.0",
        Verdict::Fail,
        "pnpm 8 cannot read",
        8,
    ),
    (
        "x@v1\n      - run: npx pnpm@10 install",
        "9.0",
        "pnpm@9.15.0",
        Verdict::Fail,
        "pnpm 10 is pinned here",
        8,
    ),
    (
        "x@v1\n      - run: corepack enable",
        "9.0",
        "",
        Verdict::Warn,
        "corepack gives whatever pnpm is the latest",
        8,
    ),
    (
        "x@v1\n      - run: corepack enable",
        "9.0",
        "pnpm@8.15.9",
        Verdict::Fail,
        "`packageManager` names pnpm 8.15.9",
        4,
    ),
];

#[test]
fn what_workflows_pin_has_to_read_the_lock_file() {
    for (step, form, declared, verdict, words, line) in PINS {
        let repo = Repo::pnpm();
        let manager = format!("\"packageManager\": \"{declared}\"");
        let manager = if declared.is_empty() {
            "\"x\": 1"
        } else {
            &manager
        };
        repo.write(
            "package.json",
            format!("{{\n  \"name\": \"root\",\n  \"private\": true,\n  {manager}\n}}\n"),
        );
        let lock = repo.read("pnpm-lock.yaml").replace("9.0", form);
        repo.write("pnpm-lock.yaml", lock).write(
            ".github/workflows/ci.yml",
            format!("on: push\njobs:\n  a:\n    runs-on: x\n    strategy: {{ matrix: {{ node: [17] }} }}\n    steps:\n      - uses: {step}\n"),
        );
        let report = ask(&faked(&repo), "deps");
        assert_eq!(report.verdict, *verdict, "{step}: {report:#?}");
        if !words.is_empty() {
            let finding = &report.findings[0];
            assert!(finding.message.contains(words), "{step}: {finding:?}");
            assert_eq!(finding.at.as_ref().unwrap().line, Some(*line), "{step}");
        }
        let off = Cx {
            config: config::parse("[gates.deps]\nworkflows = false")
                .unwrap()
                .into(),
            ..faked(&repo)
        };
        expect(&ask(&off, "deps"), Verdict::Pass);
    }
}

#[test]
fn overrides_of_package_json_are_not_read_by_pnpm_eleven() {
    let repo = Repo::pnpm();
    let manifest = |major| {
        format!(
            "{{\"name\": \"root\", \"packageManager\": \"pnpm@{major}.0.0\", \"pnpm\": {{\"overrides\": {{\"deep\": \"1.0.0\"}}}}}}"
        )
    };
    let lock = repo.read("pnpm-lock.yaml");
    repo.write(
        "pnpm-lock.yaml",
        lock.replace("importers:", "overrides:\n  deep: 1.0.0\n\nimporters:"),
    );
    for (major, verdict) in [(10, Verdict::Pass), (11, Verdict::Fail)] {
        repo.write("package.json", manifest(major));
        expect(&ask(&faked(&repo), "deps"), verdict);
    }
    let workspace = repo.read("pnpm-workspace.yaml");
    repo.write(
        "pnpm-workspace.yaml",
        workspace + "overrides:\n  deep: 1.0.0\n",
    );
    expect(&ask(&faked(&repo), "deps"), Verdict::Pass);
}

#[test]
fn an_old_node_brings_an_npm_that_cannot_read_the_lock_file() {
    let repo = Repo::npm();
    let workflow = |node: &str| {
        format!(
            "on: push\njobs:\n  a:\n    steps:\n      - uses: actions/setup-node@v4\n        with:\n          node-version: {node}\n"
        )
    };
    for (node, verdict) in [
        ("14.x", Verdict::Fail),
        ("15", Verdict::Pass),
        ("lts/*", Verdict::Pass),
    ] {
        repo.write(".github/workflows/ci.yml", workflow(node));
        expect(&ask(&faked(&repo), "deps"), verdict);
    }
    repo.write(".github/workflows/ci.yml", "jobs: [");
    unknown(
        &ask(&faked(&repo), "deps"),
        ".github/workflows/ci.yml: it is not YAML",
    );
}

/// With the folder of a real program first on the search path.
fn with_real(repo: &Repo, program: &Path) -> Cx {
    let mut env = repo.env();
    let path = env.iter_mut().find(|(key, _)| key == "PATH").unwrap();
    let folders = std::iter::once(program.parent().unwrap().to_owned())
        .chain(std::env::split_paths(&path.1).collect::<Vec<_>>());
    path.1 = std::env::join_paths(folders).unwrap();
    Cx {
        world: world(env),
        ..cx(repo)
    }
}

#[test]
fn real_npm_takes_a_lock_file_or_says_why_not() {
    let Some(npm) = real_program("npm") else {
        return;
    };
    let repo = Repo::npm();
    let before = repo.fingerprint();
    let report = ask(&with_real(&repo, &npm), "deps");
    expect(&report, Verdict::Pass);
    // Only our own lock stays, in the git directory.
    assert_eq!(
        before.difference(&repo.fingerprint()),
        ["new: .git/landfall", "new: .git/landfall/deps.lock"]
    );
    // In step by what both say, but what is locked is not what is asked for.
    repo.write("package.json", LEFTY)
        .write("package-lock.json", LEFTY_LOCK);
    let report = ask(&with_real(&repo, &npm), "deps");
    expect(&report, Verdict::Unknown);
    assert!(report.reason.unwrap().contains("ENOTCACHED"));
    let lock = LEFTY_LOCK.replace("0.1.0", "1.2.0");
    repo.write("package-lock.json", lock);
    expect(&ask(&with_real(&repo, &npm), "deps"), Verdict::Pass);
}

const LEFTY: &str =
    "{ \"name\": \"x\", \"version\": \"1.0.0\", \"dependencies\": { \"lefty\": \"^1.0.0\" } }";
const LEFTY_LOCK: &str = "{ \"name\": \"x\", \"version\": \"1.0.0\", \"lockfileVersion\": 3, \"packages\": { \"\": { \"dependencies\": { \"lefty\": \"^1.0.0\" } }, \"node_modules/lefty\": { \"version\": \"0.1.0\" } } }";

#[test]
fn real_pnpm_takes_a_lock_file_or_says_why_not() {
    let Some(pnpm) = real_program("pnpm") else {
        return;
    };
    let repo = Repo::pnpm();
    let report = ask(&with_real(&repo, &pnpm), "deps");
    expect(&report, Verdict::Pass);
    assert_eq!(repo.git(&["status", "--porcelain", "--ignored"]), "");
    let manifest = repo.read("packages/two/package.json");
    repo.write(
        "packages/two/package.json",
        manifest.replace("workspace:^", "workspace:*"),
    );
    let report = ask(&with_real(&repo, &pnpm), "deps");
    let (said, path, line) = first(&report);
    assert_eq!(
        said,
        "`one` is asked for as `workspace:*`, and pnpm-lock.yaml has `workspace:^`"
    );
    assert_eq!((path, line), ("packages/two/package.json", Some(5)));
    repo.write("packages/two/package.json", manifest);
    let lock = repo.read("pnpm-lock.yaml");
    repo.write("pnpm-lock.yaml", lock.replace("'9.0'", "5.4"));
    let report = ask(&with_real(&repo, &pnpm), "deps");
    let said = first(&report).0;
    assert!(
        said.contains("cannot read pnpm-lock.yaml, which is of form 5.4"),
        "{said}"
    );
    repo.write(
        "pnpm-lock.yaml",
        lock.replace("importers:", "overrides:\n  deep: 1.0.0\n\nimporters:"),
    );
    let report = ask(&with_real(&repo, &pnpm), "deps");
    assert!(first(&report).0.contains("overrides"), "{report:#?}");
}
