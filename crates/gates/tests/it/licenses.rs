//! `licenses` with the real cargo over crates that lie beside the workspace, and over lock files of npm and pnpm.

use gates::{Cx, Report, Severity, Verdict};
use serde_json::json;
use testkit::Repo;

use crate::fixture::{ask, cx, cx_where, cx_with, errors, expect, said, unknown};

/// A crate that depends on `lefty`, which is none of the workspace's own; and for its tests on `dusty`.
fn cargo(lefty: &str, dusty: &str) -> Repo {
    let repo = Repo::cargo_single();
    let manifest = repo.read("Cargo.toml");
    let lock = repo.read("Cargo.lock");
    let entry = |name: &str| format!("\n[[package]]\nname = \"{name}\"\nversion = \"1.2.0\"\n");
    repo.write(
        "Cargo.toml",
        format!("{manifest}\n[dependencies]\nlefty = {{ path = \"vendor/lefty\" }}\n\n[dev-dependencies]\ndusty = {{ path = \"vendor/dusty\" }}\n"),
    )
    .write(
        "Cargo.lock",
        lock.replace(
            "\n[[package]]",
            &format!("{}{}\n[[package]]", entry("dusty"), entry("lefty")),
        ) + "dependencies = [\n \"dusty\",\n \"lefty\",\n]\n",
    );
    for (name, says) in [("lefty", lefty), ("dusty", dusty)] {
        repo.write(
            &format!("vendor/{name}/Cargo.toml"),
            format!(
                "[package]\nname = \"{name}\"\nversion = \"1.2.0\"\nedition = \"2021\"\n{says}\n"
            ),
        )
        .write(&format!("vendor/{name}/src/lib.rs"), "");
    }
    repo
}

const MIT: &str = "license = \"MIT OR Apache-2.0\"";

#[test]
fn a_graph_of_allowed_licences_passes_and_is_counted() {
    let repo = cargo(MIT, "license = \"MIT/Apache-2.0\"");
    let before = repo.fingerprint();
    let report = ask(&cx(&repo), "licenses");
    expect(&report, Verdict::Pass);
    assert_eq!(report.examined, 3);
    assert_eq!(
        report.evidence["licenses"],
        json!({ "MIT OR Apache-2.0": 1, "MIT/Apache-2.0": 1 })
    );
    assert_eq!(before.difference(&repo.fingerprint()), Vec::<String>::new());
    // The workspace's own packages say no licence, and need not.
    expect(
        &ask(&cx(&Repo::cargo_workspace()), "licenses"),
        Verdict::Pass,
    );
    let repo = Repo::empty();
    repo.write("README.md", "x").commit("feat: x");
    expect(&ask(&cx(&repo), "licenses"), Verdict::Skipped);
}

/// What `lefty` says, the settings, the verdict, and what is said.
type Mutation = (&'static str, &'static str, Verdict, &'static str);

const MUTATIONS: &[Mutation] = &[
    (
        "license = \"GPL-3.0-only\"",
        "",
        Verdict::Fail,
        "lefty 1.2.0: `GPL-3.0-only` is not allowed",
    ),
    ("license = \"GPL-3.0-only OR MIT\"", "", Verdict::Pass, ""),
    (
        "license = \"GPL-3.0-only AND MIT\"",
        "",
        Verdict::Fail,
        "for want of GPL-3.0-only",
    ),
    ("license = \"MIT/GPL-2.0\"", "", Verdict::Pass, ""),
    (
        "license = \"Apache-2.0 WITH LLVM-exception\"",
        "",
        Verdict::Pass,
        "",
    ),
    (
        "license = \"Apache-2.0 WITH LLVM-exception\"",
        "allow = [\"Apache-2.0\", \"MIT\"]",
        Verdict::Fail,
        "Apache-2.0 WITH LLVM-exception` is not allowed",
    ),
    (
        "license = \"My own\"",
        "",
        Verdict::Fail,
        "is no SPDX expression",
    ),
    ("", "", Verdict::Fail, "lefty 1.2.0: says no licence"),
    (
        "license-file = \"TERMS\"",
        "",
        Verdict::Fail,
        "a file `TERMS`, which a person has to read",
    ),
    (MIT, "allow = [\"ISC\"]", Verdict::Fail, "for want of"),
    (
        MIT,
        "allow = [\"MIT\", \"Apache 2\"]",
        Verdict::Fail,
        "allows `Apache 2`, which is no SPDX identifier",
    ),
    (
        "",
        "[[gates.licenses.exceptions]]\npackage = \"lefty\"\nreason = \"asked its author\"",
        Verdict::Pass,
        "lefty 1.2.0 is excepted, asked its author",
    ),
    (
        "",
        "[[gates.licenses.exceptions]]\npackage = \"lefty\"\nversion = \"1.2.0\"\nreason = \"r\"",
        Verdict::Pass,
        "is excepted",
    ),
    (
        "",
        "[[gates.licenses.exceptions]]\npackage = \"lefty\"\nversion = \"1.2.1\"\nreason = \"r\"",
        Verdict::Fail,
        "says no licence",
    ),
    (
        "license = \"GPL-3.0-only\"",
        "[[gates.licenses.exceptions]]\npackage = \"lefty\"\nallow = [\"GPL-3.0-only\"]\nreason = \"r\"",
        Verdict::Pass,
        "is excepted",
    ),
    (
        "license = \"GPL-3.0-only\"",
        "[[gates.licenses.exceptions]]\npackage = \"lefty\"\nallow = [\"GPL-2.0-only\"]\nreason = \"r\"",
        Verdict::Fail,
        "`GPL-3.0-only` is not allowed",
    ),
    (
        MIT,
        "[[gates.licenses.exceptions]]\npackage = \"lefty\"\nreason = \"r\"",
        Verdict::Pass,
        "which no dependency needs",
    ),
];

/// See `mutations.rs`.
pub(crate) const MUTATED: crate::mutations::Table = ("licenses", || MUTATIONS.len());

#[test]
fn every_rule_turns() {
    for (says, settings, verdict, words) in MUTATIONS {
        let repo = cargo(says, MIT);
        let cx = cx_with(&repo, &format!("[gates.licenses]\n{settings}"));
        let report = ask(&cx, "licenses");
        assert_eq!(report.verdict, *verdict, "{says} {settings}: {report:#?}");
        let all = report
            .findings
            .iter()
            .any(|finding| finding.message.contains(words));
        assert!(all || words.is_empty(), "{says} {settings}: {report:#?}");
    }
}

#[test]
fn the_place_and_who_brings_it_are_said_and_dev_dependencies_can_be_left_out() {
    let repo = cargo(MIT, "license = \"GPL-3.0-only\"");
    let report = ask(&cx(&repo), "licenses");
    expect(&report, Verdict::Fail);
    let at = report.findings[0].at.as_ref().unwrap();
    let lock = repo.read("Cargo.lock");
    let line = lock.lines().position(|line| line == "name = \"dusty\"");
    assert_eq!(
        (at.path.as_str(), at.line),
        ("Cargo.lock", line.map(|line| line + 1))
    );
    let help = report.findings[0].help.as_ref().unwrap();
    assert!(
        help.contains("cargo tree --target all -i dusty@1.2.0"),
        "{help}"
    );
    let built = cx_with(&repo, "[gates.licenses]\ndev = false");
    let report = ask(&built, "licenses");
    expect(&report, Verdict::Pass);
    assert_eq!(report.examined, 2);
}

#[test]
fn a_cargo_that_is_missing_broken_or_lies_is_unknown() {
    let repo = cargo(MIT, MIT);
    let without = cx_where(&repo, &["git"], &[]);
    unknown(&ask(&without, "licenses"), "program not found: `cargo");
    for (script, reason) in [
        ("echo all is well", "read the answer of"),
        ("exit 0", "read the answer of"),
        (
            "echo 'error: failed to download x' >&2; exit 101",
            "cargo fetch --locked",
        ),
    ] {
        let fake = cx_where(&repo, &["git"], &[("cargo", script)]);
        unknown(&ask(&fake, "licenses"), reason);
    }
}

/// An npm package with one dependency; what the lock file says of its licence.
fn npm(license: &str) -> Repo {
    let repo = Repo::empty();
    repo.write("package.json", "{ \"name\": \"x\", \"dependencies\": { \"lefty\": \"^1.0.0\" } }")
        .write(".gitignore", "node_modules/\n")
        .write(
            "package-lock.json",
            format!("{{ \"lockfileVersion\": 3, \"packages\": {{ \"\": {{}},\n\"node_modules/lefty\": {{\n\"version\": \"1.2.0\", \"dev\": true{license} }} }} }}"),
        )
        .commit("feat: x");
    repo
}

fn answer(repo: &Repo, settings: &str) -> Report {
    let cx = Cx {
        config: config::parse(&format!("[gates.licenses]\n{settings}"))
            .unwrap()
            .into(),
        ..cx_where(repo, &["git"], &[])
    };
    ask(&cx, "licenses")
}

#[test]
fn npm_packages_say_it_in_the_lock_file_or_where_they_are_installed() {
    expect(&answer(&npm(", \"license\": \"MIT\""), ""), Verdict::Pass);
    let report = answer(&npm(", \"license\": \"UNLICENSED\""), "");
    expect(&report, Verdict::Fail);
    let at = report.findings[0].at.as_ref().unwrap();
    assert_eq!((at.path.as_str(), at.line), ("package-lock.json", Some(2)));
    assert!(
        report.findings[0]
            .help
            .as_ref()
            .unwrap()
            .contains("npm why lefty")
    );
    let without = npm("");
    let report = answer(&without, "");
    unknown(
        &report,
        "the licences of 1 packages of package-lock.json cannot be seen",
    );
    assert!(
        report
            .reason
            .unwrap()
            .contains("lefty 1.2.0; run `npm ci` first")
    );
    expect(&answer(&without, "dev = false"), Verdict::Pass);
    for (manifest, verdict) in [
        (
            "\"version\": \"1.2.0\", \"license\": \"ISC\"",
            Verdict::Pass,
        ),
        (
            "\"version\": \"1.2.0\", \"licenses\": [{ \"type\": \"GPL-2.0\" }, { \"type\": \"MIT\" }]",
            Verdict::Pass,
        ),
        (
            "\"version\": \"1.2.0\", \"license\": { \"type\": \"GPL-2.0\" }",
            Verdict::Fail,
        ),
        ("\"version\": \"1.2.0\"", Verdict::Fail),
        (
            "\"version\": \"1.2.0\", \"license\": \"SEE LICENSE IN X.md\"",
            Verdict::Fail,
        ),
        // What is installed is another version: it says nothing of the locked one.
        (
            "\"version\": \"1.1.0\", \"license\": \"MIT\"",
            Verdict::Unknown,
        ),
    ] {
        without.write(
            "node_modules/lefty/package.json",
            format!("{{ {manifest} }}"),
        );
        expect(&answer(&without, ""), verdict);
    }
    without.write("node_modules/lefty/package.json", "{");
    unknown(&answer(&without, ""), "is not JSON");
}

#[test]
fn pnpm_packages_are_looked_up_in_its_store() {
    let repo = Repo::pnpm();
    let lock = repo.read("pnpm-lock.yaml");
    repo.write(
        "pnpm-lock.yaml",
        lock + "\npackages:\n\n  '@s/lefty@1.2.0':\n    resolution: {integrity: x}\n\n  lefty@1.2.0:\n    resolution: {integrity: x}\n",
    );
    unknown(
        &answer(&repo, ""),
        "run `pnpm install --frozen-lockfile` first",
    );
    let manifest =
        |license: &str| format!("{{ \"version\": \"1.2.0\", \"license\": \"{license}\" }}");
    let scoped = "node_modules/.pnpm/@s+lefty@1.2.0_peer@2.0.0/node_modules/@s/lefty/package.json";
    let plain = "node_modules/.pnpm/lefty@1.2.0/node_modules/lefty/package.json";
    repo.write(scoped, manifest("MIT"));
    unknown(&answer(&repo, ""), "the licences of 1 packages");
    // A longer version is another package.
    repo.write(
        "node_modules/.pnpm/lefty@1.2.01/node_modules/lefty/package.json",
        manifest("MIT"),
    );
    unknown(&answer(&repo, ""), "the licences of 1 packages");
    repo.write(plain, manifest("ISC"));
    let report = answer(&repo, "");
    expect(&report, Verdict::Pass);
    assert_eq!(report.evidence["licenses"], json!({ "ISC": 1, "MIT": 1 }));
    repo.write(scoped, manifest("GPL-3.0-only"));
    let report = answer(&repo, "");
    expect(&report, Verdict::Fail);
    assert_eq!(
        errors(&report),
        ["@s/lefty 1.2.0: `GPL-3.0-only` is not allowed"]
    );
    let at = report.findings[0].at.as_ref().unwrap();
    assert!(at.line.is_some(), "{at:?}");
}

#[test]
fn packages_for_other_systems_are_said_and_can_be_excepted() {
    let repo = Repo::pnpm();
    let lock = repo.read("pnpm-lock.yaml");
    repo.write(
        "pnpm-lock.yaml",
        lock + "\npackages:\n\n  lefty-plan9@1.2.0:\n    resolution: {integrity: x}\n    os: [plan9]\n",
    );
    let report = answer(&repo, "");
    expect(&report, Verdict::Warn);
    let warning = said(&report, Severity::Warning)[0];
    assert!(warning.contains("not for this system") && warning.contains("lefty-plan9 1.2.0"));
    let except = "[[gates.licenses.exceptions]]\npackage = \"lefty-plan9\"\nreason = \"as lefty\"";
    expect(&answer(&repo, except), Verdict::Pass);
}

#[test]
fn a_missing_or_unread_lock_file_is_unknown_and_one_kind_does_not_hide_the_other() {
    let repo = npm("");
    repo.remove("package-lock.json");
    unknown(&answer(&repo, ""), "there is no package-lock.json");
    repo.write("package-lock.json", "<html>");
    unknown(&answer(&repo, ""), "read package-lock.json: it is not JSON");
    repo.remove("package-lock.json")
        .write("yarn.lock", "# yarn lockfile v1\n");
    unknown(&answer(&repo, ""), "in yarn.lock are not read");
    let both = cargo("license = \"GPL-3.0-only\"", MIT);
    both.write("package.json", "{ \"dependencies\": { \"lefty\": \"1\" } }");
    let report = ask(&cx(&both), "licenses");
    expect(&report, Verdict::Fail);
    assert_eq!(said(&report, Severity::Error).len(), 1);
    assert!(
        report
            .reason
            .unwrap()
            .contains("there is no package-lock.json")
    );
}
