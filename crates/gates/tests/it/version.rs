//! `version`: the same everywhere, and how it sorts.

use gates::{Severity, Verdict};
use testkit::Repo;

use crate::fixture::{ask, candidate, cx, cx_where, cx_with, errors, expect, said, unknown};

#[test]
fn the_same_version_everywhere_passes() {
    for (repo, places) in [
        // Cargo.toml, Cargo.lock, VERSION.
        (Repo::cargo_single(), 3),
        // The workspace, two packages in the lock file, VERSION.
        (Repo::cargo_workspace(), 4),
    ] {
        let report = ask(&cx(&repo), "version");
        expect(&report, Verdict::Pass);
        assert_eq!(
            (report.examined, errors(&report).len()),
            (places, 0),
            "{report:#?}"
        );
        assert!(
            said(&report, Severity::Note).contains(&"0.9.0 is the same as the last tag v0.9.0")
        );
    }
    for repo in [Repo::npm(), Repo::pnpm()] {
        let report = ask(&cx(&repo), "version");
        expect(&report, Verdict::Pass);
        assert!(report.examined >= 2);
    }
}

#[test]
fn every_place_that_differs_is_named() {
    let repo = Repo::cargo_workspace();
    repo.write("VERSION", "1.0.0\n");
    let config = "[[version.text]]\npath = \"README.md\"";
    let report = ask(&cx_with(&repo, config), "version");
    expect(&report, Verdict::Fail);
    let mut paths: Vec<&str> = report
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .map(|finding| finding.at.as_ref().unwrap().path.as_str())
        .collect();
    paths.dedup();
    assert_eq!(paths, ["Cargo.lock", "Cargo.toml", "README.md"]);
}

#[test]
fn a_text_that_lost_its_version_is_named_or_said() {
    let repo = Repo::cargo_single();
    repo.write("README.md", "# Single\n\nschemaVersion: 3\n");
    let config = |min: usize| format!("[[version.text]]\npath = \"README.md\"\nmin = {min}");
    let report = ask(&cx_with(&repo, &config(1)), "version");
    expect(&report, Verdict::Fail);
    assert!(errors(&report)[0].contains("matches nothing"));
    let report = ask(&cx_with(&repo, &config(0)), "version");
    expect(&report, Verdict::Pass);
    assert!(
        said(&report, Severity::Note)
            .iter()
            .any(|note| note.contains("matches nothing"))
    );
}

#[test]
fn what_is_no_version_is_named_with_its_place() {
    let repo = Repo::cargo_single();
    for rubbish in ["1.0.0junk", "1.0.00", "v1..0", "", "1.0.0 beta"] {
        repo.write("VERSION", format!("{rubbish}\n"));
        let report = ask(&cx(&repo), "version");
        expect(&report, Verdict::Fail);
        let at = report.findings[0].at.as_ref().unwrap();
        assert_eq!(
            (at.path.as_str(), at.line),
            ("VERSION", Some(1)),
            "{rubbish}"
        );
    }
}

#[test]
fn a_family_holds_its_versions() {
    let repo = Repo::cargo_single();
    let config = "[version]\nfamily = \"1.0.0\"";
    let report = ask(&cx_with(&repo, config), "version");
    assert_eq!(errors(&report), ["0.9.0 is not of the family 1.0.0"]);
    let report = ask(&cx_with(&repo, "[version]\nfamily = \"0.9.0\""), "version");
    expect(&report, Verdict::Pass);
}

#[test]
fn in_a_release_everything_must_carry_the_new_version() {
    let repo = Repo::cargo_workspace();
    repo.write("README.md", "# Workspace\n")
        .commit("docs: no version");
    let subject = candidate(cx(&repo), "1.0.0-mvp", &[]);
    let report = ask(&subject, "version");
    expect(&report, Verdict::Fail);
    let version = "1.0.0-mvp".parse().unwrap();
    let places = gates::places::discover(&subject.world, &subject.root, &subject.config).unwrap();
    let changes = gates::places::changes(
        &subject.world,
        &subject.root,
        &subject.config,
        &places,
        &version,
    )
    .unwrap();
    for change in &changes {
        repo.write(&change.path, &change.contents);
    }
    let report = ask(&subject, "version");
    expect(&report, Verdict::Pass);
    assert!(
        said(&report, Severity::Note).contains(&"1.0.0-mvp sorts above the last tag v0.9.0"),
        "{report:#?}"
    );
    // The lock file alone is left behind.
    repo.git(&["restore", "Cargo.lock"]);
    let report = ask(&subject, "version");
    expect(&report, Verdict::Fail);
    let at = report.findings[0].at.as_ref().unwrap();
    assert_eq!(at.path, "Cargo.lock");
}

#[test]
fn what_cannot_be_read_is_unknown() {
    let repo = Repo::cargo_single();
    unknown(
        &ask(&cx_where(&repo, &["git"], &[]), "version"),
        "program not found: `cargo",
    );
    let rubbish = [("cargo", "echo rubbish")];
    unknown(
        &ask(&cx_where(&repo, &["git"], &rubbish), "version"),
        "understand the answer of `cargo metadata",
    );
    let nothing = Repo::empty();
    nothing.write("README.md", "x").commit("docs: x");
    unknown(
        &ask(&cx(&nothing), "version"),
        "nothing in the repository declares a version",
    );
}

#[test]
fn a_nearer_tag_that_is_no_release_does_not_hide_the_release_before_it() {
    let repo = Repo::cargo_single();
    repo.commit("feat: later").git(&["tag", "v2-legacy"]);
    let report = ask(&cx(&repo), "version");
    expect(&report, Verdict::Pass);
    assert_eq!(report.evidence["last_tag"], "v0.9.0");
}
