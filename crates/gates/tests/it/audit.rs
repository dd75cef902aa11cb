//! `audit` over our own small database with the real `landfall-advisories`, and with one that is broken.

mod database;
mod endpoint;
mod node;
mod real;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use gates::{Cx, Report, Severity, Verdict};
use serde_json::{Value, json};
use testkit::Repo;
use world::Helpers;

use crate::fixture::{ask, cx, cx_with, errors, expect, said, unknown, world};

/// The registry that RustSec is about, by the name that lock files give it.
const SOURCE: &str = concat!("registry+https://github.com/rust-lang/crates", ".io-index");

/// Handwritten, about crates that do not exist; its newest advisory is of 2026-11-20.
fn own_database() -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../advisories/tests/database");
    path.canonicalize().unwrap()
}

/// The real program, built as it stands in this tree.
fn helpers() -> Helpers {
    static BESIDE: OnceLock<PathBuf> = OnceLock::new();
    let beside = BESIDE.get_or_init(|| {
        #[expect(
            clippy::disallowed_methods,
            reason = "the build of the tests, not a gate's"
        )]
        let status = Command::new(env!("CARGO"))
            .args([
                "build",
                "--quiet",
                "--locked",
                "--package",
                "landfall-advisories",
            ])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .status()
            .unwrap();
        assert!(status.success());
        #[expect(clippy::disallowed_methods, reason = "where cargo builds")]
        let test = std::env::current_exe().unwrap();
        // target/debug/deps/it-…
        test.ancestors().nth(2).unwrap().to_owned()
    });
    Helpers {
        beside: Some(beside.clone()),
        ..Helpers::default()
    }
}

/// A crate whose lock file names these packages of the registry.
fn with(packages: &[(&str, &str)]) -> Repo {
    let repo = Repo::cargo_single();
    let mut text = repo.read("Cargo.lock");
    for (name, version) in packages {
        text.push_str(&format!(
            "\n[[package]]\nname = \"{name}\"\nversion = \"{version}\"\nsource = \"{SOURCE}\"\n"
        ));
    }
    repo.write("Cargo.lock", text);
    repo
}

/// With our database named by the configuration.
fn audited(repo: &Repo, settings: &str) -> Cx {
    let database = own_database();
    let config = format!(
        "[gates.audit]\ndatabase = {:?}\n{settings}",
        database.display().to_string()
    );
    Cx {
        helpers: helpers(),
        ..cx_with(repo, &config)
    }
}

fn counts(report: &Report) -> [u64; 4] {
    ["critical", "high", "moderate", "low"]
        .map(|key| report.evidence[key].as_u64().unwrap_or(u64::MAX))
}

/// No advisory is about any of these.
const GOOD: &[(&str, &str)] = &[
    ("lefty", "1.5.0"),
    ("mistaken", "1.0.0"),
    ("plain", "2.0.0"),
    ("tiny", "1.0.1"),
];

#[test]
fn a_tree_without_known_vulnerabilities_passes_and_says_what_it_was_compared_with() {
    let repo = with(GOOD);
    let before = repo.fingerprint();
    let report = ask(&audited(&repo, ""), "audit");
    expect(&report, Verdict::Pass);
    assert_eq!((report.examined, counts(&report)), (5, [0; 4]));
    let cargo = &report.evidence["cargo"];
    assert_eq!(
        (&cargo["packages"], &cargo["from_registry"]),
        (&json!(5), &json!(4))
    );
    let database = &cargo["database"];
    assert_eq!(
        (
            &database["advisories"],
            &database["newest"],
            &database["age_days"]
        ),
        (&json!(8), &json!("2026-11-20"), &json!(2))
    );
    assert_eq!(before.difference(&repo.fingerprint()), Vec::<String>::new());
}

#[test]
fn a_vulnerability_is_named_with_its_line_and_the_way_out() {
    let repo = with(&[
        ("innocent", "1.0.0"),
        ("lefty", "1.2.0"),
        ("craggy", "0.1.0"),
    ]);
    let report = ask(&audited(&repo, ""), "audit");
    expect(&report, Verdict::Fail);
    assert_eq!(
        errors(&report),
        [
            "RUSTSEC-2026-9001 in lefty 1.2.0: reads behind the end of its buffer (high, CVSS 7.5)",
            "RUSTSEC-2026-9002 in craggy 0.1.0: runs what it is given (critical, CVSS 9.3)",
        ]
    );
    let lock = repo.read("Cargo.lock");
    let line = lock.lines().position(|line| line == "name = \"lefty\"");
    let at = report.findings[0].at.as_ref().unwrap();
    assert_eq!(
        (at.path.as_str(), at.line),
        ("Cargo.lock", line.map(|line| line + 1))
    );
    let help = report.findings[0].help.as_ref().unwrap();
    assert!(help.contains("cargo update -p lefty@1.2.0"), "{help}");
    assert!(help.contains("https://advisories.example/lefty"), "{help}");
    let help = report.findings[1].help.as_ref().unwrap();
    assert!(help.contains("no version mends it"), "{help}");
    assert_eq!(counts(&report), [1, 1, 0, 0]);
}

/// What is changed in the passing tree; packages, settings; the verdict, and what is said.
type Mutation = (
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static str,
    Verdict,
    &'static str,
);

const MUTATIONS: &[Mutation] = &[
    (
        "the last vulnerable version",
        &[("lefty", "1.4.99")],
        "",
        Verdict::Fail,
        "lefty 1.4.99",
    ),
    (
        "the first one that is mended",
        &[("lefty", "1.5.0")],
        "",
        Verdict::Pass,
        "",
    ),
    (
        "CVSS 4 alone",
        &[("craggy", "1.0.0")],
        "",
        Verdict::Fail,
        "critical, CVSS 9.3",
    ),
    (
        "no score",
        &[("plain", "1.9.9")],
        "",
        Verdict::Fail,
        "no score, counts as high",
    ),
    (
        "no score, by policy low",
        &[("plain", "1.9.9")],
        "unscored = \"low\"",
        Verdict::Warn,
        "counts as low",
    ),
    (
        "no score, by policy critical",
        &[("plain", "1.9.9")],
        "unscored = \"critical\"\nfail_on = \"critical\"",
        Verdict::Fail,
        "counts as critical",
    ),
    (
        "one low",
        &[("tiny", "1.0.0")],
        "",
        Verdict::Warn,
        "low, CVSS 1.6",
    ),
    (
        "one low, by policy",
        &[("tiny", "1.0.0")],
        "fail_on = \"low\"",
        Verdict::Fail,
        "low, CVSS 1.6",
    ),
    (
        "one moderate",
        &[("mild", "1.0.0")],
        "",
        Verdict::Warn,
        "moderate, CVSS 5.3",
    ),
    (
        "one moderate, by policy",
        &[("mild", "1.0.0")],
        "fail_on = \"moderate\"",
        Verdict::Fail,
        "moderate, CVSS 5.3",
    ),
    (
        "high where critical is asked for",
        &[("lefty", "1.0.0")],
        "fail_on = \"critical\"",
        Verdict::Warn,
        "high, CVSS 7.5",
    ),
    (
        "unmaintained",
        &[("dusty", "1.0.0")],
        "",
        Verdict::Warn,
        "(unmaintained)",
    ),
    (
        "unmaintained, by policy",
        &[("dusty", "1.0.0")],
        "unmaintained = \"deny\"",
        Verdict::Fail,
        "(unmaintained)",
    ),
    (
        "unmaintained, allowed",
        &[("dusty", "1.0.0")],
        "unmaintained = \"allow\"",
        Verdict::Pass,
        "(unmaintained)",
    ),
    (
        "unsound",
        &[("wobbly", "0.3.0")],
        "",
        Verdict::Warn,
        "(unsound)",
    ),
    (
        "unsound, by policy",
        &[("wobbly", "0.3.0")],
        "unsound = \"deny\"",
        Verdict::Fail,
        "(unsound)",
    ),
    (
        "ignored until today",
        &[("lefty", "1.0.0")],
        "[[gates.audit.ignore]]\nid = \"RUSTSEC-2026-9001\"\nreason = \"never called\"\nuntil = 2026-11-22",
        Verdict::Pass,
        "is ignored until 2026-11-22: never called",
    ),
    (
        "ignored by another name",
        &[("lefty", "1.0.0")],
        "[[gates.audit.ignore]]\nid = \"cve-2026-90010\"\nreason = \"never called\"\nuntil = 2026-12-31",
        Verdict::Pass,
        "never called",
    ),
    (
        "ignored until yesterday",
        &[("lefty", "1.0.0")],
        "[[gates.audit.ignore]]\nid = \"RUSTSEC-2026-9001\"\nreason = \"never called\"\nuntil = 2026-11-21",
        Verdict::Fail,
        "lefty 1.0.0",
    ),
    (
        "another one ignored",
        &[("lefty", "1.0.0")],
        "[[gates.audit.ignore]]\nid = \"RUSTSEC-2026-9002\"\nreason = \"x\"\nuntil = 2026-12-31",
        Verdict::Fail,
        "lefty 1.0.0",
    ),
    (
        "an entry that nothing needs",
        &[],
        "[[gates.audit.ignore]]\nid = \"RUSTSEC-2026-9002\"\nreason = \"x\"\nuntil = 2026-12-31",
        Verdict::Pass,
        "which is about no dependency",
    ),
    (
        "a database older than allowed",
        &[],
        "max_age_days = 1",
        Verdict::Unknown,
        "is 2 days old",
    ),
    (
        "one just as old as allowed",
        &[],
        "max_age_days = 2",
        Verdict::Pass,
        "",
    ),
];

/// See `mutations.rs`.
pub(crate) const MUTATED: crate::mutations::Table = ("audit", || MUTATIONS.len());

#[test]
fn every_rule_turns() {
    for (what, packages, settings, verdict, words) in MUTATIONS {
        let repo = with(&[GOOD, packages].concat());
        let report = ask(&audited(&repo, settings), "audit");
        assert_eq!(report.verdict, *verdict, "{what}: {report:#?}");
        let all = report.event().to_string();
        assert!(all.contains(words), "{what}: {all}");
    }
}

#[test]
fn an_ignored_one_is_counted_apart_and_an_expired_entry_is_said() {
    let repo = with(&[("lefty", "1.0.0")]);
    let entry = |until: &str| {
        format!(
            "[[gates.audit.ignore]]\nid = \"RUSTSEC-2026-9001\"\nreason = \"r\"\nuntil = {until}"
        )
    };
    let report = ask(&audited(&repo, &entry("2026-12-31")), "audit");
    assert_eq!(counts(&report), [0; 4]);
    assert_eq!(report.evidence["ignored"], json!(["RUSTSEC-2026-9001"]));
    let report = ask(&audited(&repo, &entry("2026-11-01")), "audit");
    assert_eq!(counts(&report), [0, 1, 0, 0]);
    let help = report.findings[0].help.as_ref().unwrap();
    assert!(help.contains("expired on 2026-11-01"), "{help}");
}

#[test]
fn without_foreign_packages_no_database_is_needed() {
    let repo = Repo::cargo_workspace();
    let report = ask(
        &cx_with(&repo, "[gates.audit]\ndatabase = \"nowhere\""),
        "audit",
    );
    expect(&report, Verdict::Pass);
    assert_eq!((report.examined, counts(&report)), (3, [0; 4]));
}

#[test]
fn what_no_advisory_can_be_about_is_said() {
    let repo = with(&[]);
    let git = "git+https://git.example/lefty#0000000000000000000000000000000000000000";
    let text = repo.read("Cargo.lock");
    repo.write(
        "Cargo.lock",
        format!("{text}\n[[package]]\nname = \"lefty\"\nversion = \"1.0.0\"\nsource = \"{git}\"\n"),
    );
    let report = ask(&audited(&repo, ""), "audit");
    expect(&report, Verdict::Warn);
    let warning = said(&report, Severity::Warning)[0];
    assert!(warning.contains("1 packages come from git") && warning.contains("lefty 1.0.0"));
}

#[test]
fn a_missing_lock_file_is_unknown_and_neither_manifest_is_skipped() {
    let repo = Repo::cargo_single();
    repo.remove("Cargo.lock");
    unknown(&ask(&audited(&repo, ""), "audit"), "there is no Cargo.lock");
    let repo = Repo::empty();
    repo.write("README.md", "x").commit("feat: x");
    expect(&ask(&audited(&repo, ""), "audit"), Verdict::Skipped);
}

#[test]
fn the_program_that_reads_the_database_may_be_missing_broken_or_slow() {
    let repo = with(GOOD);
    let good = audited(&repo, "");
    let without = Cx {
        helpers: Helpers::default(),
        ..good.clone()
    };
    unknown(&ask(&without, "audit"), "cargo install landfall-advisories");
    let answer = |packages: Value| {
        json!({ "schema": 1, "packages": { "total": 5, "examined": 4, "elsewhere": [] },
                "database": packages, "vulnerabilities": [], "warnings": [] })
        .to_string()
    };
    let whole = answer(json!({ "advisories": 8, "newest": "2026-11-20" }));
    for (script, reason) in [
        ("exit 0".to_owned(), "read the answer of"),
        ("echo all is well".to_owned(), "read the answer of"),
        ("echo boom >&2; exit 101".to_owned(), "boom"),
        ("kill -9 $$".to_owned(), "ended by a signal"),
        (
            format!("echo '{}'", whole.replace("\"schema\":1", "\"schema\":2")),
            "speaks schema 2",
        ),
        (format!("echo '{}'", &whole[..60]), "read the answer of"),
        (format!("echo '{whole}'; exit 1"), "exit status 1"),
        (
            format!(
                "echo '{}'",
                answer(json!({ "advisories": 0, "newest": "2026-11-20" }))
            ),
            "holds no advisory",
        ),
    ] {
        let folder = repo.outside().join(format!("fake-{}", script.len()));
        testkit::programs(&folder, &[("landfall-advisories", &script)]);
        let fake = Cx {
            helpers: Helpers {
                beside: Some(folder),
                ..Helpers::default()
            },
            ..good.clone()
        };
        unknown(&ask(&fake, "audit"), reason);
    }
}

#[test]
fn the_variable_names_a_folder_instead_and_a_wrong_folder_is_no_database() {
    let repo = with(&[("lefty", "1.0.0")]);
    let mut env = repo.env();
    env.push(("LANDFALL_ADVISORY_DB".into(), own_database().into()));
    let by_variable = Cx {
        world: world(env),
        helpers: helpers(),
        ..cx_with(&repo, "[gates.audit]\ndatabase = \"nowhere\"")
    };
    expect(&ask(&by_variable, "audit"), Verdict::Fail);
    let nowhere = Cx {
        world: world(repo.env()),
        ..by_variable
    };
    let report = ask(&nowhere, "audit");
    unknown(&report, "no advisory database in");
    assert!(report.reason.unwrap().contains("gates.audit.database"));
    assert!(
        cx(&repo)
            .config
            .gates
            .audit
            .database
            .starts_with("https://")
    );
}
