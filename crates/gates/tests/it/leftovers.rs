//! `version`: places that nobody declared; `changelog`: sections against tags.

use gates::{Cx, Report, Severity, Verdict};
use testkit::Repo;

use crate::fixture::{ask, candidate, cx, cx_where, cx_with, errors, expect, said, unknown};

/// A release of 1.0.0-mvp whose declared places are all set.
fn release(repo: &Repo, config: &str) -> Report {
    let subject: Cx = candidate(cx_with(repo, config), "1.0.0-mvp", &[]);
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
    ask(&subject, "version")
}

/// A crate whose README has nothing of its version.
fn clean() -> Repo {
    let repo = Repo::cargo_single();
    repo.write(
        "README.md",
        "# Single\n\nIt needs version 2 of everything.\n",
    )
    .commit("docs: readme");
    repo
}

#[test]
fn a_release_that_leaves_nothing_behind_passes() {
    let report = release(&clean(), "");
    expect(&report, Verdict::Pass);
    assert_eq!(report.evidence["leftovers"], 0);
}

/// What it is, its file and text, line and column of the version.
const LEFT: &[(&str, &str, &str, usize, usize)] = &[
    (
        "an install line",
        "README.md",
        "# Single\n\n    cargo add single@0.9.0\n",
        3,
        22,
    ),
    (
        "an image",
        "Dockerfile",
        "FROM scratch\nARG SINGLE_VERSION=0.9.0\n",
        2,
        20,
    ),
    (
        "a workflow",
        ".github/workflows/x.yml",
        "on: push\nenv:\n  IMAGE: team/single:0.9.0\n",
        3,
        22,
    ),
    (
        "a chart",
        "chart/Chart.yaml",
        "name: x\nappVersion: \"0.9.0\"\n",
        2,
        14,
    ),
    (
        "a source",
        "src/main.rs",
        "const VERSION: &str = \"0.9.0\";\nfn main() { println!(\"{VERSION}\"); }\n",
        1,
        24,
    ),
    (
        "an archive",
        "install.sh",
        "tar xf single-0.9.0.tar.gz\n",
        1,
        15,
    ),
];

#[test]
fn what_still_carries_the_old_version_is_named_with_its_place() {
    for (what, path, text, line, column) in LEFT {
        let repo = clean();
        repo.write(path, text).commit("docs: more");
        let report = release(&repo, "");
        assert_eq!(report.verdict, Verdict::Warn, "{what}: {report:#?}");
        let finding = &report.findings[0];
        assert!(
            finding.message.starts_with("still carries 0.9.0: `"),
            "{what}: {}",
            finding.message
        );
        let at = finding.at.as_ref().unwrap();
        assert_eq!(
            (at.path.as_str(), at.line, at.column),
            (*path, Some(*line), Some(*column)),
            "{what}"
        );
        assert!(
            finding
                .help
                .as_ref()
                .unwrap()
                .contains("gates.version.allow")
        );
        let report = release(&repo, "[gates.version]\nleftovers = \"error\"");
        assert_eq!(report.verdict, Verdict::Fail, "{what}");
        let report = release(&repo, "[gates.version]\nleftovers = \"off\"");
        assert_eq!(report.verdict, Verdict::Pass, "{what}");
        let report = release(&repo, &format!("[gates.version]\nallow = [\"{path}\"]"));
        assert_eq!(report.verdict, Verdict::Pass, "{what}");
    }
}

#[test]
fn what_is_right_to_carry_it_is_passed_over() {
    for (what, path, text) in [
        ("another package", "requirements.in", "flask==0.9.0\n"),
        (
            "a longer version",
            "README.md",
            "single@10.9.0 single@0.9.0-rc.1 single@0.9.01\n",
        ),
        (
            "history",
            "docs/guide.md",
            "Since version 0.9.0 single can do it.\nDeprecated in single 0.9.0.\n",
        ),
        (
            "a changelog of a part",
            "part/CHANGELOG.md",
            "## single 0.9.0\n",
        ),
        (
            "an archive of documents",
            "docs/archive/x.md",
            "single 0.9.0\n",
        ),
        ("test data", "tests/data.txt", "single 0.9.0\n"),
        (
            "a lock file",
            "poetry.lock",
            "name = \"single\"\nversion = \"0.9.0\"\n",
        ),
        (
            "something else that has a version",
            "x.yaml",
            "apiVersion: 0.9.0\nrust-version: 0.9.0\n",
        ),
        ("a binary", "x.bin", "\0single 0.9.0\n"),
    ] {
        let repo = clean();
        repo.write(path, text).commit("docs: more");
        let report = release(&repo, "");
        assert_eq!(report.verdict, Verdict::Pass, "{what}: {report:#?}");
    }
    // Untracked: not part of the release.
    let repo = clean();
    repo.write("notes.txt", "single 0.9.0\n");
    expect(&release(&repo, ""), Verdict::Pass);
}

#[test]
fn a_declared_line_is_set_and_another_line_of_the_same_text_is_left_behind() {
    let repo = clean();
    repo.write("README.md", "# Single\n\nVersion: 0.9.0\n")
        .commit("docs: version");
    let config = "[[version.text]]\npath = \"README.md\"";
    expect(&release(&repo, config), Verdict::Pass);
    let repo = clean();
    repo.write(
        "README.md",
        "# Single\n\nVersion: 0.9.0\n\ncargo add single@0.9.0\n",
    )
    .commit("docs: version");
    let report = release(&repo, config);
    expect(&report, Verdict::Warn);
    assert_eq!(report.findings[0].at.as_ref().unwrap().line, Some(5));
}

#[test]
fn before_a_release_it_is_said_and_with_error_it_fails() {
    let repo = Repo::cargo_single();
    let report = ask(&cx(&repo), "version");
    expect(&report, Verdict::Pass);
    assert_eq!(
        said(&report, Severity::Note)[0],
        "carries 0.9.0 and is not declared, so a release would leave it behind: `Version: 0.9.0`"
    );
    let report = ask(
        &cx_with(&repo, "[gates.version]\nleftovers = \"error\""),
        "version",
    );
    expect(&report, Verdict::Fail);
    assert_eq!(report.findings[0].at.as_ref().unwrap().path, "README.md");
    let many = "single 0.9.0\n".repeat(25);
    repo.write("many.md", many).commit("docs: many");
    let report = ask(
        &cx_with(&repo, "[gates.version]\nleftovers = \"error\""),
        "version",
    );
    assert_eq!(errors(&report).len(), 20);
    assert_eq!(report.evidence["leftovers"], 26);
    assert!(said(&report, Severity::Note).contains(&"6 more places carry it"));
}

#[test]
fn a_search_that_fails_or_answers_rubbish_is_unknown() {
    let repo = clean();
    let Some(real) = testkit::real_program("git") else {
        return;
    };
    let real = real.display();
    for (what, answer, words) in [
        ("a crash", "exit 70", "look for the version in all files"),
        ("rubbish", "echo rubbish", "which is no place"),
        (
            "complaints",
            "echo oops >&2; exit 1",
            "look for the version in all files",
        ),
        (
            "no line",
            "printf 'a\\0b\\0single 0.9.0\\n'",
            "answered the line `b` of a",
        ),
    ] {
        let git = format!("case \"$1\" in grep) {answer};; *) exec {real} \"$@\";; esac");
        let report = ask(
            &cx_where(&repo, &["cargo", "rustc"], &[("git", &git)]),
            "version",
        );
        assert_eq!(report.verdict, Verdict::Unknown, "{what}: {report:#?}");
        unknown(&report, words);
    }
}

const LOG: &str = "# Changelog\n\n## [Unreleased]\n\n## [1.1.0] - 2026-03-01\n\n- c\n\n## [1.0.0] - 2026-02-01\n\n- b\n\n\
    ## [1.0.0-rc.1] - 2026-01-20\n\n- rc\n\n## [0.9.0] - 2026-01-02\n\n- a\n\n## [0.1.0] - 2025-01-01\n\n- before git\n";

/// Tags v0.9.0, v1.0.0-rc.1 and v1.0.0; 1.1.0 is being made.
fn tagged() -> Repo {
    let repo = Repo::cargo_single();
    for tag in ["v1.0.0-rc.1", "v1.0.0"] {
        repo.commit("feat: more").git(&["tag", tag]);
    }
    repo.write("CHANGELOG.md", LOG);
    repo
}

#[test]
fn sections_and_tags_that_fit_pass() {
    let report = ask(&cx(&tagged()), "changelog");
    expect(&report, Verdict::Pass);
    assert!(report.findings.is_empty(), "{report:#?}");
}

#[test]
fn sections_and_tags_that_do_not_fit_are_named() {
    let near = tagged();
    near.write("CHANGELOG.md", LOG.replace("1.0.0-rc.1", "1.0.0-rc1"));
    let report = ask(&cx(&near), "changelog");
    expect(&report, Verdict::Fail);
    assert_eq!(
        errors(&report),
        [
            "the section says 1.0.0-rc1 and the tag says v1.0.0-rc.1: one release, written in two ways"
        ]
    );
    let finding = &report.findings[0];
    assert_eq!(finding.at.as_ref().unwrap().line, Some(13));
    assert!(
        finding
            .help
            .as_ref()
            .unwrap()
            .contains("write 1.0.0-rc.1 in the heading")
    );
    // The first section too, where there is such a tag.
    near.write(
        "CHANGELOG.md",
        "# Changelog\n\n## [1.0.0-rc1] - 2026-01-20\n\n- rc\n\n## [0.9.0] - 2026-01-02\n\n- a\n",
    );
    expect(&ask(&cx(&near), "changelog"), Verdict::Fail);

    let warned = |repo: &Repo| {
        let report = ask(&cx(repo), "changelog");
        expect(&report, Verdict::Warn);
        said(&report, Severity::Warning)
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let repo = tagged();
    repo.git(&["tag", "--delete", "v1.0.0"]);
    assert_eq!(warned(&repo), ["1.0.0 has a section and no tag"]);
    let repo = tagged();
    repo.write(
        "CHANGELOG.md",
        LOG.replace("## [1.0.0] - 2026-02-01\n\n- b\n\n", ""),
    );
    assert_eq!(warned(&repo), ["the tag v1.0.0 has no section"]);
}

#[test]
fn other_branches_pre_releases_and_times_before_the_tags_are_let_be() {
    // A release of another branch is demanded of nobody here, and may be written of all the same.
    let repo = tagged();
    repo.git(&["stash", "--quiet"]);
    repo.git(&["switch", "--quiet", "--create", "side", "v0.9.0"]);
    repo.commit("fix: side").git(&["tag", "v0.9.1"]);
    repo.commit("fix: side").git(&["tag", "v0.9.2"]);
    repo.git(&["switch", "--quiet", "main"]);
    repo.write(
        "CHANGELOG.md",
        LOG.replace(
            "## [0.9.0]",
            "## [0.9.1] - 2026-01-10\n\n- side\n\n## [0.9.0]",
        ),
    );
    expect(&ask(&cx(&repo), "changelog"), Verdict::Pass);
    // The notes of a pre-release may stand in those of the release.
    let repo = tagged();
    repo.write(
        "CHANGELOG.md",
        LOG.replace("## [1.0.0-rc.1] - 2026-01-20\n\n- rc\n\n", ""),
    );
    expect(&ask(&cx(&repo), "changelog"), Verdict::Pass);
    // Without any tag there is nothing to compare with, and that is said.
    let repo = tagged();
    repo.git(&["tag", "--delete", "v0.9.0", "v1.0.0-rc.1", "v1.0.0"]);
    let report = ask(&cx(&repo), "changelog");
    expect(&report, Verdict::Pass);
    assert!(said(&report, Severity::Note)[0].contains("there is no release tag here"));
    unknown(
        &ask(&cx_where(&tagged(), &[], &[]), "changelog"),
        "program not found: `git",
    );
    unknown(
        &ask(
            &cx_where(&tagged(), &[], &[("git", "exit 70")]),
            "changelog",
        ),
        "ended with exit status 70",
    );
}
