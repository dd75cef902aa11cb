//! `tools`, `docs` and `changelog`.

use gates::{Severity, Verdict};
use testkit::Repo;

use crate::fixture::{ask, candidate, cx, cx_where, cx_with, errors, expect, said, unknown};

#[test]
fn tools_that_are_there_pass_with_their_versions() {
    let repo = Repo::cargo_single();
    let report = ask(
        &cx_with(&repo, "[gates.tools]\nrequire = [\"git\"]"),
        "tools",
    );
    expect(&report, Verdict::Pass);
    assert_eq!(report.examined, 2, "git is asked once");
    assert!(report.evidence["cargo"].as_str().unwrap().contains('.'));
}

#[test]
fn a_missing_tool_is_named_with_the_way_to_get_it() {
    let repo = Repo::pnpm();
    let fakes = [("git", "echo git version 2.47.0"), ("node", "echo v22.1.0")];
    let report = ask(&cx_where(&repo, &[], &fakes), "tools");
    expect(&report, Verdict::Fail);
    assert_eq!(errors(&report), ["`pnpm` is not on the search path"]);
    assert!(
        report.findings[0]
            .help
            .as_ref()
            .unwrap()
            .contains("corepack")
    );
    let report = ask(&cx_where(&Repo::cargo_single(), &[], &[]), "tools");
    assert_eq!(
        errors(&report),
        [
            "`git` is not on the search path",
            "`cargo` is not on the search path"
        ]
    );
}

#[test]
fn an_old_tool_fails_and_another_than_the_pinned_one_is_said() {
    let repo = Repo::pnpm();
    let fakes = [
        ("git", "echo git version 2.9.5"),
        ("node", "echo v22.1.0"),
        ("pnpm", "echo 8.0.0"),
    ];
    let report = ask(&cx_where(&repo, &[], &fakes), "tools");
    expect(&report, Verdict::Fail);
    assert_eq!(errors(&report), ["git 2.9.5 is older than 2.31"]);
    assert_eq!(
        said(&report, Severity::Warning),
        ["pnpm 8.0.0 is here, package.json asks for 9.15.0"]
    );
}

#[test]
fn a_tool_that_answers_rubbish_or_crashes_is_unknown() {
    let repo = Repo::cargo_single();
    let real = ["git"];
    let rubbish = [("cargo", "echo all is well")];
    unknown(
        &ask(&cx_where(&repo, &real, &rubbish), "tools"),
        "answered `all is well`",
    );
    let crash = [("cargo", "echo broken >&2; exit 70")];
    unknown(
        &ask(&cx_where(&repo, &real, &crash), "tools"),
        "exit status 70",
    );
}

#[test]
fn documents_must_be_there_and_hold_something() {
    let repo = Repo::cargo_single();
    expect(&ask(&cx(&repo), "docs"), Verdict::Pass);
    repo.write("blank.md", "\u{feff} \r\n\t\n")
        .write("folder/x", "x");
    std::os::unix::fs::symlink("nowhere.md", repo.root().join("link.md")).unwrap();
    let config = "[gates.docs]\nrequired = [\"README.md\", \"missing.md\", \"blank.md\", \"folder\", \"link.md\"]";
    let report = ask(&cx_with(&repo, config), "docs");
    expect(&report, Verdict::Fail);
    assert_eq!(report.examined, 5);
    assert_eq!(
        errors(&report),
        [
            "missing.md is missing",
            "blank.md is empty",
            "folder is a folder, not a document",
            "link.md is a link to something that is not there",
        ]
    );
    assert_eq!(report.evidence["present"], 1);
}

#[test]
fn documents_that_cannot_be_read_are_unknown_and_none_required_is_skipped() {
    let repo = Repo::cargo_single();
    std::os::unix::fs::symlink("circle.md", repo.root().join("circle.md")).unwrap();
    let report = ask(
        &cx_with(&repo, "[gates.docs]\nrequired = [\"circle.md\"]"),
        "docs",
    );
    unknown(&report, "look at circle.md");
    let report = ask(&cx_with(&repo, "[gates.docs]\nrequired = []"), "docs");
    expect(&report, Verdict::Skipped);
}

#[test]
fn a_changelog_is_checked_and_none_is_no_failure_before_the_first_release() {
    let repo = Repo::cargo_single();
    let report = ask(&cx(&repo), "changelog");
    expect(&report, Verdict::Pass);
    assert_eq!(report.examined, 2);
    let twice = "# Changelog\n\n## [1.0.0] - 2026-01-02\n\n- a\n\n## [1.0.0] - 2026-01-02\n\n- b\n";
    repo.write("CHANGELOG.md", twice);
    let report = ask(&cx(&repo), "changelog");
    expect(&report, Verdict::Fail);
    assert_eq!(report.findings[0].at.as_ref().unwrap().line, Some(7));
    repo.remove("CHANGELOG.md");
    let report = ask(&cx(&repo), "changelog");
    expect(&report, Verdict::Pass);
    assert!(said(&report, Severity::Note)[0].contains("there is no CHANGELOG.md yet"));
    repo.write("CHANGELOG.md", b"# Changelog\n\xff\n");
    unknown(&ask(&cx(&repo), "changelog"), "CHANGELOG.md:2: not UTF-8");
}

#[test]
fn a_release_needs_its_section_and_something_in_it() {
    let repo = Repo::cargo_single();
    let subject = candidate(cx(&repo), "1.0.0-mvp", &[]);
    let report = ask(&subject, "changelog");
    assert_eq!(errors(&report), ["there is no section for 1.0.0-mvp"]);
    let text = repo.read("CHANGELOG.md");
    let section = "## [1.0.0-mvp] - 2026-11-22\n\n### Added\n\n";
    repo.write(
        "CHANGELOG.md",
        text.replace("## [0.9.0]", &format!("{section}## [0.9.0]")),
    );
    let report = ask(&subject, "changelog");
    assert_eq!(errors(&report), ["the section for 1.0.0-mvp is empty"]);
    repo.write(
        "CHANGELOG.md",
        text.replace("## [0.9.0]", &format!("{section}- all of it\n\n## [0.9.0]")),
    );
    expect(&ask(&subject, "changelog"), Verdict::Pass);
    repo.remove("CHANGELOG.md");
    expect(&ask(&subject, "changelog"), Verdict::Fail);
}
