//! `benchmarks`: figures against targets, their age, and the release before.

use gates::{Cx, Report, Severity, Verdict};
use serde_json::{Value, json};
use testkit::Repo;

use crate::fixture::{
    NOW_S, ask, candidate, cx, cx_where, cx_with, errors, expect, said, unknown, world,
};

const CONFIG: &str = r#"
[gates.benchmarks]
max_age_days = 30

[[gates.benchmarks.target]]
name = "redaction"
max = "5 ms"
source = "target/criterion/redaction/new/estimates.json"

[[gates.benchmarks.target]]
name = "datastore"
max = "100 ms"
source = "docs/figures.md"
select = "Storage"
max_regression_pct = 10

[[gates.benchmarks.target]]
name = "rate"
min = "20000 ops/s"
source = "bench/*.json"
max_regression_pct = 10
"#;

const TABLE: &str = "# Figures\n\nMeasured: 2026-11-02\n\n| What | Target | Measured |\n|---|---|---|\n| Storage | < 100 ms | 50,000 µs |\n";
const RATE: &str = r#"[{"name": "rate", "value": 25000, "unit": "ops/s", "date": "2026-11-20", "machine": "m1", "commit": "abc"}]"#;
const ESTIMATES: &str =
    r#"{"mean": {"point_estimate": 4200000.0}, "median": {"point_estimate": 4100000.0}}"#;

/// Figures of v0.9.0, committed; criterion's lie in the ignored folder target/.
fn tree() -> Repo {
    let repo = Repo::empty();
    repo.write(".gitignore", "/target/\n")
        .write("docs/figures.md", TABLE)
        .write("bench/rate.json", RATE)
        .write("VERSION", "0.9.0\n")
        .commit("perf: figures")
        .git(&["tag", "-a", "v0.9.0", "-m", "v0.9.0"]);
    repo.write("target/criterion/redaction/new/estimates.json", ESTIMATES);
    repo
}

/// Criterion's file is of today, by the clock of the test.
fn at_its_time(repo: &Repo, cx: Cx) -> Cx {
    let file = repo
        .root()
        .join("target/criterion/redaction/new/estimates.json");
    let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(NOW_S - 3 * 86_400);
    if let Ok(file) = std::fs::File::options().append(true).open(file) {
        file.set_modified(time).unwrap();
    }
    cx
}

fn asked(repo: &Repo, config: &str) -> Report {
    ask(&at_its_time(repo, cx_with(repo, config)), "benchmarks")
}

fn figure<'r>(report: &'r Report, name: &str) -> &'r Value {
    let figures = report.figures.as_deref().unwrap_or_default();
    figures
        .iter()
        .find(|figure| figure["name"] == name)
        .unwrap()
}

#[test]
fn figures_that_meet_their_targets_pass_with_age_and_provenance() {
    let report = asked(&tree(), CONFIG);
    expect(&report, Verdict::Pass);
    assert_eq!(report.examined, 3);
    assert_eq!(
        report.event()["evidence"],
        json!([
            {"name": "redaction", "value": 4.2, "unit": "ms", "target": "less than 5 ms", "source": "target/criterion/redaction/new/estimates.json",
             "age_days": 3, "dated_by": "its file, which is not committed"},
            {"name": "datastore", "value": 50.0, "unit": "ms", "target": "less than 100 ms", "source": "docs/figures.md",
             "age_days": 20, "dated_by": "its recorded date", "previous": 50.0, "previous_tag": "v0.9.0", "worse_pct": 0.0},
            {"name": "rate", "value": 25000.0, "unit": "ops/s", "target": "at least 20000 ops/s", "source": "bench/rate.json",
             "age_days": 2, "dated_by": "its recorded date", "machine": "m1", "commit": "abc",
             "previous": 25000.0, "previous_tag": "v0.9.0", "worse_pct": 0.0},
        ])
    );
    let notes = said(&report, Severity::Note);
    assert!(notes.contains(&"rate is 25000 ops/s, at least 20000 ops/s; 2 days old by its recorded date, measured on m1, measured at abc"), "{notes:?}");
}

const ESTIMATES_FILE: &str = "target/criterion/redaction/new/estimates.json";

/// What, the file, what is replaced in it, by what, and the words of the error.
type Mutation = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

const MUTATIONS: &[Mutation] = &[
    (
        "too slow",
        ESTIMATES_FILE,
        "4200000.0",
        "5100000.0",
        "redaction is 5.1 ms, and has to be less than 5 ms",
    ),
    (
        "just as slow as is not allowed",
        ESTIMATES_FILE,
        "4200000.0",
        "5000000.0",
        "redaction is 5 ms, and has to be less than 5 ms",
    ),
    (
        "too slow in a table, and much slower than before",
        "docs/figures.md",
        "50,000 µs",
        "100,000 µs",
        "datastore is 100 ms, and has to be less than 100 ms",
    ),
    (
        "slower than before",
        "docs/figures.md",
        "50,000 µs",
        "55.001 ms",
        "datastore is 10.002 % worse than at v0.9.0, at most 10 % are allowed: 55.001 ms, then 50 ms",
    ),
    (
        "too few",
        "bench/rate.json",
        "25000",
        "19999.99",
        "rate is 19999.99 ops/s, and has to be at least 20000 ops/s",
    ),
    (
        "fewer than before",
        "bench/rate.json",
        "25000",
        "22499",
        "rate is 10.004 % worse than at v0.9.0",
    ),
    (
        "too old",
        "docs/figures.md",
        "2026-11-02",
        "2026-10-22",
        "datastore was measured 31 days ago by its recorded date, at most 30 are allowed",
    ),
];

/// See `mutations.rs`.
pub(crate) const MUTATED: crate::mutations::Table = ("benchmarks", || MUTATIONS.len());

#[test]
fn every_change_of_the_rule_is_red() {
    for (what, path, before, after, words) in MUTATIONS.iter().copied() {
        let repo = tree();
        let text = repo.read(path);
        assert!(text.contains(before), "{what}");
        repo.write(path, text.replacen(before, after, 1));
        let report = asked(&repo, CONFIG);
        assert_eq!(report.verdict, Verdict::Fail, "{what}: {report:#?}");
        assert!(errors(&report)[0].contains(words), "{what}: {report:#?}");
        assert_eq!(report.findings[0].at.as_ref().unwrap().path, path, "{what}");
        assert!(report.findings[0].help.is_some(), "{what}");
    }
}

#[test]
fn the_borderline_is_on_the_right_side() {
    for (path, before, after) in [
        ("docs/figures.md", "50,000 µs", "55,000 µs"),
        ("bench/rate.json", "25000", "22500"),
        ("docs/figures.md", "2026-11-02", "2026-10-23"),
        (
            "target/criterion/redaction/new/estimates.json",
            "4200000.0",
            "4999999.9",
        ),
    ] {
        let repo = tree();
        repo.write(path, repo.read(path).replacen(before, after, 1));
        expect(&asked(&repo, CONFIG), Verdict::Pass);
    }
    let repo = tree();
    repo.write("bench/rate.json", RATE.replace("25000", "20000"));
    let report = asked(
        &repo,
        &CONFIG.replace("max_regression_pct = 10", "max_regression_pct = 25"),
    );
    expect(&report, Verdict::Pass);
}

#[test]
fn without_evidence_it_is_unknown_and_says_what_was_looked_for() {
    let repo = tree();
    for (what, path, text, words) in [
        (
            "no table",
            "docs/figures.md",
            "# Figures\n",
            "datastore: no figure in docs/figures.md: it has no row `Storage`",
        ),
        (
            "a number without a unit",
            "bench/rate.json",
            "[{\"name\": \"rate\", \"value\": 5}]",
            "its figure 5 has no unit",
        ),
        (
            "another kind",
            "bench/rate.json",
            "[{\"name\": \"rate\", \"value\": 5, \"unit\": \"ms\"}]",
            "is of another kind than 20000 ops/s",
        ),
        ("rubbish", "bench/rate.json", "rubbish", "it is not JSON"),
        (
            "a wish",
            "docs/figures.md",
            "| What | Measured |\n|--|--|\n| Storage | < 5 ms |\n",
            "is a target, and no measurement",
        ),
    ] {
        let old = repo.read(path);
        repo.write(path, text);
        let report = asked(&repo, CONFIG);
        assert_eq!(report.verdict, Verdict::Unknown, "{what}: {report:#?}");
        assert!(
            report.reason.as_ref().unwrap().contains(words),
            "{what}: {:?}",
            report.reason
        );
        repo.write(path, old);
    }
    repo.remove("target/criterion/redaction/new/estimates.json");
    unknown(
        &asked(&repo, CONFIG),
        "redaction: no figure: looked for target/criterion/redaction/new/estimates.json, which is not there",
    );
    repo.remove("bench/rate.json");
    unknown(
        &asked(&repo, CONFIG),
        "rate: no figure: looked for bench/*.json",
    );
    expect(&ask(&cx(&repo), "benchmarks"), Verdict::Skipped);
    let report = ask(&cx_with(&repo, CONFIG), "benchmarks");
    expect(&report, Verdict::Unknown);
}

#[test]
fn a_figure_that_git_cannot_date_or_compare_is_unknown() {
    let repo = tree();
    let with = |real: &[&str], fake: &[(&str, &str)]| {
        let config = cx_with(&repo, CONFIG).config;
        let cx = Cx {
            config,
            ..cx_where(&repo, real, fake)
        };
        ask(&at_its_time(&repo, cx), "benchmarks")
    };
    unknown(&with(&[], &[]), "program not found: `git");
    unknown(
        &with(&[], &[("git", "exit 70")]),
        "ask whether git knows the source",
    );
    // What is not committed can never be compared.
    let config = CONFIG.replacen(
        "estimates.json\"",
        "estimates.json\"\nmax_regression_pct = 5",
        1,
    );
    unknown(
        &asked(&repo, &config),
        "is not committed, so v0.9.0 has no record",
    );
}

#[test]
fn a_commit_dates_what_records_no_date_but_not_in_a_shallow_clone() {
    let repo = tree();
    repo.write(
        "docs/figures.md",
        TABLE.replace("Measured: 2026-11-02\n\n", ""),
    )
    .commit("docs: x");
    let report = asked(&repo, CONFIG);
    expect(&report, Verdict::Fail);
    // The fixture commits on 2026-01-02.
    assert_eq!(
        errors(&report),
        ["datastore was measured 323 days ago by its commit, at most 30 are allowed"]
    );
    assert_eq!(figure(&report, "datastore")["age_days"], 323);
    let url = format!("file://{}", repo.root().display());
    let clone = repo.outside().join("shallow");
    repo.git(&[
        "clone",
        "--quiet",
        "--depth=1",
        &url,
        clone.to_str().unwrap(),
    ]);
    let config = "[gates.benchmarks]\nmax_age_days = 30\n[[gates.benchmarks.target]]\nname = \"Storage\"\nmax = \"1 s\"\nsource = \"docs/figures.md\"";
    let config = std::sync::Arc::new(config::parse(config).unwrap());
    unknown(
        &ask(&Cx::tree(world(repo.env()), clone, config), "benchmarks"),
        "cut off in a shallow clone",
    );
}

#[test]
fn criterion_is_found_by_its_id_and_in_the_build_folder_of_a_release() {
    let repo = tree();
    let config = "[[gates.benchmarks.target]]\nname = \"json/large file\"\nmax = \"5 ms\"\nsource = \"target/criterion/**/new/estimates.json\"";
    repo.write(
        "target/criterion/json/large_file/new/estimates.json",
        ESTIMATES,
    )
    .write(
        "target/criterion/json/large_file/new/benchmark.json",
        r#"{"full_id": "json/large file"}"#,
    )
    .write(
        "target/criterion/json/large_file/base/estimates.json",
        "rubbish",
    );
    let report = ask(&cx_with(&repo, config), "benchmarks");
    expect(&report, Verdict::Pass);
    assert_eq!(
        figure(&report, "json/large file")["source"],
        "target/criterion/json/large_file/new/estimates.json"
    );
    unknown(
        &ask(
            &cx_with(&repo, &config.replace("json/large file", "other")),
            "benchmarks",
        ),
        "names no file of that benchmark",
    );
    let built = repo.outside().join("built");
    std::os::unix::fs::symlink(repo.root().join("target"), &built).unwrap();
    let elsewhere = Cx {
        target_dir: Some(built),
        ..cx_with(&repo, CONFIG)
    };
    let mut elsewhere = at_its_time(&repo, elsewhere);
    elsewhere = candidate(elsewhere, "1.0.0", &[]);
    expect(&ask(&elsewhere, "benchmarks"), Verdict::Pass);
}

#[test]
fn before_the_first_release_there_is_nothing_to_compare_with() {
    let repo = tree();
    repo.git(&["tag", "--delete", "v0.9.0"]);
    let report = asked(&repo, CONFIG);
    expect(&report, Verdict::Pass);
    assert!(
        said(&report, Severity::Note).contains(&"rate: there is no release before to compare with")
    );
    let repo = tree();
    repo.git(&["mv", "bench/rate.json", "bench/new.json"]);
    let report = asked(&repo, CONFIG);
    expect(&report, Verdict::Pass);
    assert!(
        said(&report, Severity::Note)
            .iter()
            .any(|note| note.contains("bench/new.json is newer than v0.9.0")),
        "{report:#?}"
    );
}
