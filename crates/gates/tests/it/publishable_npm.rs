//! `publishable` of packages, with the real npm and pnpm and with ones that cannot tell.

use std::path::{Path, PathBuf};

use gates::{Cx, Severity, Verdict};
use testkit::{Repo, real_program};

use crate::fixture::{ask, candidate, cx_where, errors, expect, said, unknown, world};

const ONE: &str = r#"{
  "name": "@fixture/one",
  "version": "0.9.0",
  "license": "MIT",
  "publishConfig": { "access": "public" },
  "main": "lib",
  "types": "types.d.ts",
  "bin": { "one": "./bin/one.js" },
  "exports": {
    ".": { "import": "./lib/index.mjs", "default": ["./lib/index.js", "./other.js"] },
    "./parts/*": "./lib/parts/*.js",
    "./package.json": "./package.json"
  },
  "files": ["lib", "types.d.ts", "bin/", "!**/*.test.js"],
  "dependencies": { "two": "^0.9.0" }
}
"#;

const TWO: &str = r#"{
  "name": "two",
  "version": "0.9.0",
  "license": "MIT"
}
"#;

/// A workspace of two packages to be published, for either package manager.
fn workspace(pnpm: bool) -> Repo {
    let repo = Repo::empty();
    let mut files = vec![
        (".gitignore", "node_modules/\ndist/\n"),
        (
            "package.json",
            "{\"name\": \"root\", \"private\": true, \"workspaces\": [\"packages/*\"]}\n",
        ),
        ("packages/one/package.json", ONE),
        ("packages/one/lib/index.js", "exports.one = 1;\n"),
        ("packages/one/lib/index.mjs", "export const one = 1;\n"),
        ("packages/one/lib/parts/a.js", "exports.a = 1;\n"),
        ("packages/one/lib/parts/a.test.js", "1;\n"),
        ("packages/one/bin/one.js", "#!/usr/bin/env node\n"),
        ("packages/one/types.d.ts", "export const one: number;\n"),
        ("packages/one/other.txt", "not packed\n"),
        ("packages/two/package.json", TWO),
        ("packages/two/index.js", "exports.two = 2;\n"),
    ];
    if pnpm {
        files.push(("pnpm-workspace.yaml", "packages:\n  - 'packages/*'\n"));
    }
    for (path, text) in files {
        repo.write(path, text);
    }
    repo.commit("feat: the beginning");
    repo
}

/// With the package manager that is installed; `None`: there is none.
fn real(repo: &Repo, name: &str) -> Option<Cx> {
    let program = real_program(name)?;
    let folder = program.parent().unwrap();
    let node = real_program("node")?;
    let mut env = repo.env();
    let path: Vec<PathBuf> = [folder, node.parent().unwrap()]
        .map(Path::to_owned)
        .into_iter()
        .chain(std::env::split_paths(&env[0].1))
        .collect();
    env[0].1 = std::env::join_paths(path).unwrap();
    Some(Cx {
        world: world(env),
        ..crate::fixture::cx(repo)
    })
}

/// What is changed in the manifest of `one`, what is said, and the line; `""`: the file is taken away.
const MUTATIONS: &[(&str, &str, &str, usize)] = &[
    (
        "@fixture/one",
        "@fixture/One",
        "`@fixture/One` is no name",
        2,
    ),
    ("  \"version\": \"0.9.0\",\n", "", "has no version", 0),
    (
        "0.9.0\",\n  \"lic",
        "0.9\",\n  \"lic",
        "the version of `@fixture/one`",
        3,
    ),
    ("\"MIT\"", "\"UNLICENSED\"", "grants no license", 4),
    (
        "\"lib\",\n  \"types",
        "\"main.js\",\n  \"types",
        "`main` of `@fixture/one` is `main.js`, which is not there",
        6,
    ),
    (
        "types.d.ts\",\n  \"bin\"",
        "other.txt\",\n  \"bin\"",
        "is `other.txt`, which is left out",
        7,
    ),
    (
        "types.d.ts\",\n  \"bin\"",
        "index.d.ts\",\n  \"bin\"",
        "`types` of `@fixture/one` is `index.d.ts`",
        7,
    ),
    (
        "./bin/one.js",
        "./bin/two.js",
        "`bin.one` of `@fixture/one`",
        8,
    ),
    (
        "./lib/index.mjs",
        "./lib/index.esm.js",
        "`exports...import` of",
        10,
    ),
    (
        "[\"./lib/index.js\"",
        "[\"./lib/main.js\"",
        "`exports...default` of",
        10,
    ),
    (
        "./lib/parts/*.js",
        "./lib/parts/*.mjs",
        "is `lib/parts/*.mjs`",
        11,
    ),
    (
        "\"bin/\",",
        "\"bin/\", \"docs\",",
        "`files` of `@fixture/one` is `docs`",
        14,
    ),
    (
        "[\"lib\", \"types.d.ts\",",
        "[\"lib\",",
        "is `types.d.ts`, which is left out",
        7,
    ),
    (
        "\"^0.9.0\"",
        "\"file:../two\"",
        "from a folder of this machine",
        15,
    ),
];

fn rules_hold(pnpm: bool, name: &str) {
    let repo = workspace(pnpm);
    let Some(cx) = real(&repo, name) else { return };
    let before = repo.fingerprint();
    let report = ask(&cx, "publishable");
    expect(&report, Verdict::Pass);
    assert_eq!(
        (report.examined, &report.evidence["packages"]),
        (2, &2.into())
    );
    assert_eq!(before.difference(&repo.fingerprint()), Vec::<String>::new());
    // pnpm starts anew for each package: the rules are the same, so a few of them show that it is asked.
    let step = if pnpm { 5 } else { 1 };
    for (from, to, words, line) in MUTATIONS.iter().step_by(step) {
        assert!(ONE.contains(from), "{from}");
        repo.write("packages/one/package.json", ONE.replacen(from, to, 1));
        let report = ask(&cx, "publishable");
        assert_eq!(report.verdict, Verdict::Fail, "{words}: {report:#?}");
        assert!(errors(&report)[0].contains(words), "{words}: {report:#?}");
        let at = report.findings[0].at.as_ref().unwrap();
        let place = (at.path.as_str(), at.line.unwrap_or(0));
        assert_eq!(place, ("packages/one/package.json", *line), "{words}");
        assert!(report.findings[0].help.is_some(), "{words}");
    }
    repo.write(
        "packages/one/package.json",
        ONE.replace("  \"publishConfig\": { \"access\": \"public\" },\n", ""),
    );
    let report = ask(&cx, "publishable");
    expect(&report, Verdict::Warn);
    assert!(said(&report, Severity::Warning)[0].contains("does not say who may have it"));
    // A dependency that nobody can install.
    repo.write("packages/one/package.json", ONE);
    repo.write(
        "packages/two/package.json",
        TWO.replace("\"license\"", "\"private\": true, \"license\""),
    );
    let report = ask(&cx, "publishable");
    expect(&report, Verdict::Fail);
    assert_eq!(
        errors(&report),
        ["`@fixture/one` needs `two`, which is private"]
    );
    // What a build makes is not there before the build.
    repo.write(
        "packages/two/package.json",
        TWO.replace("\"license\"", "\"main\": \"dist/two.js\", \"license\""),
    );
    unknown(&ask(&cx, "publishable"), "run the build first");
    repo.write("packages/two/dist/two.js", "1;\n");
    repo.write("packages/two/.npmignore", "other\n");
    expect(&ask(&cx, "publishable"), Verdict::Pass);
}

#[test]
fn real_npm_pack() {
    rules_hold(false, "npm");
    let repo = workspace(false);
    let Some(cx) = real(&repo, "npm") else { return };
    repo.write(
        "packages/one/package.json",
        ONE.replace("^0.9.0", "workspace:^"),
    );
    let report = ask(&cx, "publishable");
    expect(&report, Verdict::Fail);
    assert!(errors(&report)[0].contains("which npm publishes as it stands"));
    // Scripts are for the gate `build`: here they would change the tree.
    repo.write(
        "packages/one/package.json",
        ONE.replacen(
            "\"main\"",
            "\"scripts\": { \"prepack\": \"exit 1\" }, \"main\"",
            1,
        ),
    );
    expect(&ask(&cx, "publishable"), Verdict::Pass);
}

#[test]
fn real_pnpm_pack() {
    rules_hold(true, "pnpm");
    let repo = workspace(true);
    let Some(cx) = real(&repo, "pnpm") else {
        return;
    };
    repo.write(
        "packages/one/package.json",
        ONE.replace("^0.9.0", "workspace:^"),
    );
    // pnpm reads the version it puts from where the package is installed.
    unknown(
        &ask(&cx, "publishable"),
        "run `pnpm install --frozen-lockfile` first",
    );
    let lock = "lockfileVersion: '9.0'\n\nsettings:\n  autoInstallPeers: true\n  excludeLinksFromLockfile: false\n\nimporters:\n\n  .: {}\n\n  packages/one:\n    dependencies:\n      two:\n        specifier: workspace:^\n        version: link:../two\n\n  packages/two: {}\n";
    repo.write("pnpm-lock.yaml", lock).commit("feat: lock");
    let report = ask(&candidate(cx, "1.0.0", &[]), "publishable");
    expect(&report, Verdict::Pass);
    assert!(repo.root().join("packages/one/node_modules/two").is_dir());
}

#[test]
fn a_package_manager_that_cannot_tell_is_unknown() {
    for (pnpm, name) in [(false, "npm"), (true, "pnpm")] {
        let repo = workspace(pnpm);
        let missing = format!("program not found: `{name}");
        unknown(
            &ask(&cx_where(&repo, &["git"], &[]), "publishable"),
            &missing,
        );
        for (script, reason) in [
            ("echo all is packed", "did not answer with JSON"),
            ("echo '{}'", "does not say what"),
            ("echo '[{\"name\": \"two\"}]'", "does not say what"),
            ("echo no >&2; exit 1", "exit status 1"),
            ("kill -KILL $$", "signal"),
        ] {
            let cx = cx_where(&repo, &["git"], &[(name, script)]);
            unknown(&ask(&cx, "publishable"), reason);
        }
        assert_eq!(repo.git(&["status", "--porcelain", "--ignored"]), "");
    }
}

#[test]
fn private_packages_are_skipped_and_both_kinds_are_asked_in_a_mixed_repository() {
    let repo = workspace(false);
    for (path, text) in [
        ("packages/one/package.json", ONE),
        ("packages/two/package.json", TWO),
    ] {
        repo.write(
            path,
            text.replace("\"license\"", "\"private\": true, \"license\""),
        );
    }
    let cx = cx_where(&repo, &["git"], &[]);
    let report = ask(&cx, "publishable");
    expect(&report, Verdict::Skipped);
    assert_eq!(
        report.reason.as_deref(),
        Some("every package.json is private")
    );
    let repo = Repo::cargo_single();
    let text = repo
        .read("Cargo.toml")
        .replace("description", "documentation");
    repo.write("Cargo.toml", text);
    repo.write("package.json", "{\"name\": \"x\", \"version\": \"0.9\"}")
        .commit("feat: x");
    let report = ask(&crate::fixture::cx(&repo), "publishable");
    expect(&report, Verdict::Fail);
    let said = errors(&report).join("\n");
    assert!(said.contains("`single` has no description"), "{said}");
    assert!(said.contains("the version of `x`"), "{said}");
}
