//! `msrv`: what is declared, compared; and the build, with a rustup that is a script and with the real one.

use gates::{Cx, Report, Severity, Verdict};
use testkit::Repo;

use crate::fixture::{ask, cx, cx_where, cx_with, errors, expect, said, unknown, world};

const NEVER: &str = "[gates.msrv]\nbuild = \"never\"";

/// Root and members promise Rust 1.70, and `core-part`, which the others need, 1.60.
fn promising() -> Repo {
    let repo = Repo::cargo_workspace();
    let root = repo.read("Cargo.toml");
    repo.write(
        "Cargo.toml",
        root.replace(
            "edition = \"2021\"\n",
            "edition = \"2021\"\nrust-version = \"1.70\"\n",
        ),
    );
    for (name, version) in [
        ("core", "rust-version = \"1.60\""),
        ("app", "rust-version.workspace = true"),
        ("tool", "rust-version.workspace = true"),
    ] {
        let path = format!("crates/{name}/Cargo.toml");
        let text = repo.read(&path);
        repo.write(
            &path,
            text.replacen("[package]\n", &format!("[package]\n{version}\n"), 1),
        );
    }
    repo.write("rust-toolchain.toml", "[toolchain]\nchannel = \"stable\"\n")
        .write(
            ".github/workflows/ci.yml",
            "jobs:\n  msrv:\n    steps:\n      - run: rustup toolchain install 1.70\n",
        )
        .commit("build: promise");
    repo
}

fn declared(repo: &Repo) -> Report {
    ask(&cx_with(repo, NEVER), "msrv")
}

/// A file, what in it becomes what, what is then said, and where.
type Mutation = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    Option<usize>,
);

const MUTATIONS: &[Mutation] = &[
    (
        "crates/core/Cargo.toml",
        "rust-version = \"1.60\"",
        "rust-version = \"1.71\"",
        "app promises Rust 1.70, and its dependency core-part 0.9.0 needs 1.71",
        "Cargo.toml",
        Some(8),
    ),
    (
        "crates/core/Cargo.toml",
        "rust-version = \"1.60\"",
        "rust-version = \"1.70.1\"",
        "app promises Rust 1.70, and its dependency core-part 0.9.0 needs 1.70.1",
        "Cargo.toml",
        Some(8),
    ),
    (
        "crates/tool/Cargo.toml",
        "rust-version.workspace = true",
        "rust-version = \"1.59\"",
        "tool promises Rust 1.59, and its dependency core-part 0.9.0 needs 1.60",
        "crates/tool/Cargo.toml",
        Some(2),
    ),
    (
        "crates/tool/Cargo.toml",
        "rust-version.workspace = true\n",
        "",
        "tool declares no `rust-version`, and other packages here do",
        "crates/tool/Cargo.toml",
        None,
    ),
    (
        "crates/core/Cargo.toml",
        "rust-version = \"1.60\"",
        "rust-version = \"1.50\"",
        "rust-version 1.50 is incompatible with the version (1.56.0) required by the specified edition (2021)",
        "Cargo.toml",
        None,
    ),
    (
        "rust-toolchain.toml",
        "stable",
        "1.69.0",
        "rust-toolchain.toml pins an older Rust than the packages promise to need: 1.70",
        "rust-toolchain.toml",
        Some(2),
    ),
];

/// See `mutations.rs`.
pub(crate) const MUTATED: crate::mutations::Table = ("msrv", || MUTATIONS.len());

#[test]
fn what_is_declared_is_compared() {
    let repo = promising();
    let report = declared(&repo);
    expect(&report, Verdict::Pass);
    assert_eq!(report.evidence["rust_version"], "1.70");
    assert_eq!(
        (report.examined, &report.evidence["dependencies"]),
        (4, &1.into()),
        "three packages, and one that others need"
    );
    assert!(report.findings.is_empty());
    for (path, from, to, words, at, line) in MUTATIONS {
        let text = repo.read(path);
        assert!(text.contains(from), "{path}: {from}");
        repo.write(path, text.replacen(from, to, 1));
        let report = declared(&repo);
        expect(&report, Verdict::Fail);
        assert!(errors(&report)[0].contains(words), "{words}: {report:#?}");
        let place = report.findings[0].at.as_ref().unwrap();
        assert_eq!((place.path.as_str(), place.line), (*at, *line), "{words}");
        assert!(report.findings[0].help.is_some(), "{words}");
        repo.write(path, text);
    }
    // What nobody else builds need promise nothing.
    let tool = repo.read("crates/tool/Cargo.toml");
    repo.write(
        "crates/tool/Cargo.toml",
        tool.replace("rust-version.workspace = true", "publish = false"),
    );
    expect(&declared(&repo), Verdict::Pass);
    // And what only tests need is built by nobody who uses the package.
    repo.write(
        "crates/tool/Cargo.toml",
        tool.replace("[dependencies]", "[dev-dependencies]")
            .replace("rust-version.workspace = true", "rust-version = \"1.59\""),
    );
    expect(&declared(&repo), Verdict::Pass);
}

#[test]
fn a_chain_of_dependencies_is_told() {
    let repo = promising();
    let app = repo.read("crates/app/Cargo.toml");
    repo.write(
        "crates/app/Cargo.toml",
        app.replace(
            "core-part.workspace = true",
            "tool = { path = \"../tool\", version = \"0.3\" }",
        ),
    );
    let core = repo.read("crates/core/Cargo.toml");
    repo.write("crates/core/Cargo.toml", core.replace("1.60", "1.72"));
    repo.write("crates/app/src/main.rs", "fn main() {}\n");
    let lock = repo.read("Cargo.lock");
    repo.write(
        "Cargo.lock",
        lock.replacen(
            "dependencies = [\n \"core-part\",\n]",
            "dependencies = [\n \"tool\",\n]",
            1,
        ),
    );
    let report = declared(&repo);
    expect(&report, Verdict::Fail);
    assert_eq!(errors(&report).len(), 1, "named once: {report:#?}");
    let help = report.findings[0].help.as_deref().unwrap();
    assert!(
        help.starts_with("it comes by app → tool → core-part: raise"),
        "{help}"
    );
}

#[test]
fn no_promise_is_skipped_and_one_that_nobody_takes_is_not() {
    let report = ask(&cx(&Repo::npm()), "msrv");
    expect(&report, Verdict::Skipped);
    let repo = Repo::cargo_workspace();
    let report = ask(&cx(&repo), "msrv");
    expect(&report, Verdict::Skipped);
    assert!(
        report
            .reason
            .unwrap()
            .contains("no package declares a `rust-version`")
    );
    let root = repo.read("Cargo.toml");
    repo.write(
        "Cargo.toml",
        root.replace(
            "edition = \"2021\"\n",
            "edition = \"2021\"\nrust-version = \"1.70\"\n",
        ),
    );
    let report = declared(&repo);
    expect(&report, Verdict::Fail);
    assert!(
        errors(&report)[0].contains("no package takes it"),
        "{report:#?}"
    );
    let repo = promising();
    repo.write(".github/workflows/ci.yml", "jobs: {}\n");
    let report = declared(&repo);
    expect(&report, Verdict::Pass);
    assert!(said(&report, Severity::Note)[0].starts_with("no workflow names Rust 1.70"));
}

/// The real cargo for what is declared; a rustup that has these toolchains and runs this script.
fn with_rustup(repo: &Repo, config: &str, list: &str, run: &str) -> Report {
    let script = format!("case $1 in toolchain) printf '%s\\n' {list};; run) {run};; esac");
    let env = repo.env_with(
        &["git", "cargo", "rustc", "sleep"],
        &[("rustup", script.as_str())],
    );
    ask(
        &Cx {
            world: world(env),
            ..cx_with(repo, config)
        },
        "msrv",
    )
}

fn message(repo: &Repo, reason: &str, rest: &str) -> String {
    format!(
        r#"{{"reason":"{reason}","package_id":"path+file:///x#core-part@0.9.0","manifest_path":"{root}/crates/core/Cargo.toml","target":{{"kind":["lib"],"crate_types":["lib"],"name":"core_part","src_path":"{root}/crates/core/src/lib.rs","edition":"2021","doc":true,"doctest":true,"test":true}},{rest}}}"#,
        root = repo.root().display()
    )
}

#[test]
fn the_promised_compiler_decides_where_it_is_here() {
    let repo = promising();
    // Not here: a note, or unknown where it is required.
    let report = with_rustup(&repo, "", "stable-x 1.69.0-x", "exit 9");
    expect(&report, Verdict::Pass);
    assert_eq!(
        said(&report, Severity::Note),
        [
            "Rust 1.60 is not installed, so nothing was built with it",
            "Rust 1.70 is not installed, so nothing was built with it"
        ]
    );
    assert_eq!(report.evidence["built_with"], serde_json::json!([]));
    let report = with_rustup(&repo, REQUIRED, "stable-x 1.69.0-x", "exit 9");
    unknown(
        &report,
        "Rust 1.60 is not installed, so nothing was built with it; run `rustup toolchain install 1.60",
    );
    let none = cx_where(&repo, &["git", "cargo", "rustc"], &[]);
    let none = Cx {
        world: none.world,
        ..cx_with(&repo, REQUIRED)
    };
    unknown(&ask(&none, "msrv"), "Rust 1.70 is not installed");
}

const REQUIRED: &str = "[gates.msrv]\nbuild = \"required\"";

/// Both promised versions are installed.
const BOTH: &str = "1.60.0-x 1.70.3-x";

/// A build that ends well.
fn good(repo: &Repo) -> String {
    let artifact = message(
        repo,
        "compiler-artifact",
        r#""profile":{"opt_level":"0","debuginfo":0,"debug_assertions":true,"overflow_checks":true,"test":false},"features":[],"filenames":[],"executable":null,"fresh":false"#,
    );
    format!("echo '{artifact}'")
}

#[test]
fn what_the_promised_compiler_says_is_listed() {
    let repo = promising();
    let good = good(&repo);
    let report = with_rustup(&repo, REQUIRED, BOTH, &good);
    expect(&report, Verdict::Pass);
    assert_eq!(
        report.evidence["built_with"],
        serde_json::json!(["1.60", "1.70"])
    );

    let diagnostic = |level: &str| {
        let rest = format!(
            r#""message":{{"message":"use of unstable library feature","code":null,"level":"{level}","children":[],"rendered":null,"spans":[{{"file_name":"crates/core/src/lib.rs","byte_start":0,"byte_end":1,"line_start":3,"line_end":3,"column_start":5,"column_end":6,"is_primary":true,"text":[],"label":null,"suggested_replacement":null,"suggestion_applicability":null,"expansion":null}}]}}"#
        );
        message(&repo, "compiler-message", &rest)
    };
    let report = with_rustup(
        &repo,
        "",
        BOTH,
        &format!("echo '{}'; exit 101", diagnostic("error")),
    );
    expect(&report, Verdict::Fail);
    assert_eq!(
        errors(&report),
        [
            "with Rust 1.60.0: use of unstable library feature",
            "with Rust 1.70.3: use of unstable library feature"
        ]
    );
    let at = report.findings[0].at.as_ref().unwrap();
    assert_eq!(
        (at.path.as_str(), at.line),
        ("crates/core/src/lib.rs", Some(3))
    );
    // The warnings of an old compiler are nobody's business.
    let warned = format!("echo '{}'; {good}", diagnostic("warning"));
    expect(&with_rustup(&repo, REQUIRED, BOTH, &warned), Verdict::Pass);
}

#[test]
fn a_toolchain_that_gives_no_answer_is_unknown() {
    let repo = promising();
    for (what, run, words) in [
        (
            "it says nothing",
            "exit 0",
            "built no package of the repository",
        ),
        (
            "rubbish",
            "echo all is well",
            "built no package of the repository",
        ),
        (
            "it vanished",
            "echo \"error: toolchain '1.60.0-x' is not installed\" >&2; exit 1",
            "error: toolchain '1.60.0-x'",
        ),
    ] {
        let report = with_rustup(&repo, "", BOTH, run);
        assert_eq!(report.verdict, Verdict::Unknown, "{what}: {report:#?}");
        unknown(&report, words);
    }
    let slow = "[gates.msrv]\ntimeout_s = 1";
    unknown(
        &with_rustup(&repo, slow, BOTH, "sleep 60"),
        "gave no answer within 1 s",
    );
    let crash = with_rustup(&repo, "", BOTH, "kill -SEGV $$");
    unknown(&crash, "was ended by a signal");
}

#[test]
fn a_missing_or_lying_cargo_is_unknown() {
    let repo = promising();
    let with = |fake: &[(&str, &str)]| ask(&cx_where(&repo, &["git"], fake), "msrv");
    unknown(&with(&[]), "program not found: `cargo");
    expect(&with(&[("cargo", "echo nonsense")]), Verdict::Unknown);
    unknown(
        &with(&[(
            "cargo",
            "echo 'error: failed to download `x`' >&2; exit 101",
        )]),
        "failed to download",
    );
}

/// The newest toolchain that rustup has under a number, and that is not a nightly.
fn numbered(repo: &Repo) -> Option<String> {
    let rustup = testkit::real_program("rustup")?;
    let cmd = world::Cmd::new(repo.root(), rustup).args(["toolchain", "list"]);
    let list = world(repo.env()).ask(&cmd).unwrap().text();
    let found = list
        .lines()
        .find(|line| line.starts_with("1."))
        .and_then(|line| line.split('-').next())
        .map(str::to_owned);
    if found.is_none() {
        testkit::not_covered("a numbered toolchain of rustup");
    }
    found
}

#[test]
fn real_rustup_builds_with_the_promised_version() {
    let repo = Repo::cargo_single();
    let Some(version) = numbered(&repo) else {
        return;
    };
    let manifest = repo.read("Cargo.toml");
    repo.write(
        "Cargo.toml",
        manifest.replace("edition", &format!("rust-version = \"{version}\"\nedition")),
    )
    .commit("build: promise");
    let report = ask(&cx_with(&repo, REQUIRED), "msrv");
    expect(&report, Verdict::Pass);
    assert_eq!(report.evidence["built_with"].as_array().unwrap().len(), 1);
    assert_eq!(repo.git(&["status", "--porcelain"]), "");
    repo.write("src/lib.rs", "#![feature(never_type)]\n");
    let report = ask(&cx_with(&repo, REQUIRED), "msrv");
    expect(&report, Verdict::Fail);
    assert!(errors(&report)[0].contains("may not be used on the stable release channel"));
    assert_eq!(report.findings[0].at.as_ref().unwrap().path, "src/lib.rs");
}
