//! `git`: every state has a finding of its own, and looking changes nothing.

use gates::{Severity, Verdict};
use serde_json::json;
use testkit::Repo;

use crate::fixture::{ask, candidate, cx, cx_where, cx_with, errors, expect, said, unknown};

fn repo() -> Repo {
    Repo::cargo_single().with_remote()
}

/// The errors of the gate on this repository.
#[track_caller]
fn fails(repo: &Repo, expected: &[&str]) {
    let report = ask(&cx(repo), "git");
    assert_eq!(errors(&report), expected, "{report:#?}");
    expect(&report, Verdict::Fail);
}

#[test]
fn a_clean_branch_in_step_passes() {
    let repo = repo();
    let report = ask(&cx(&repo), "git");
    expect(&report, Verdict::Pass);
    assert_eq!(report.examined, 7);
    assert_eq!(report.evidence["branch"], "main");
    assert_eq!(
        (&report.evidence["ahead"], &report.evidence["behind"]),
        (&json!(0), &json!(0))
    );
    assert_eq!(
        (&report.evidence["changed"], &report.evidence["untracked"]),
        (&json!([]), &json!([]))
    );
}

#[test]
fn a_touched_file_with_the_same_content_is_no_change_and_the_index_stays() {
    let repo = repo();
    let text = repo.read("README.md");
    // Another inode and another time, the same content.
    repo.remove("README.md").write("README.md", text);
    let cx = cx_with(&repo, "[gates.git]\nfetch = false");
    let before = repo.fingerprint();
    expect(&ask(&cx, "git"), Verdict::Pass);
    assert_eq!(before.difference(&repo.fingerprint()), Vec::<String>::new());
}

#[test]
fn changed_deleted_and_staged_files_are_told_apart() {
    let repo = repo();
    repo.write("README.md", "other").remove("VERSION");
    repo.write("new.txt", "new").git(&["add", "new.txt"]);
    fails(
        &repo,
        &[
            "README.md: changed and not committed",
            "VERSION: deleted and not committed",
            "new.txt: new, staged and not committed",
        ],
    );
}

#[test]
fn odd_names_are_right_and_untracked_files_are_found_anywhere() {
    let repo = repo();
    let names = [
        "a b.txt",
        "deep/er/quote\".txt",
        "em—dash.txt",
        "new\nline.txt",
        " leading.txt",
    ];
    for name in names {
        repo.write(name, "x");
    }
    let report = ask(&cx(&repo), "git");
    expect(&report, Verdict::Fail);
    let mut paths: Vec<&str> = report
        .findings
        .iter()
        .map(|finding| finding.at.as_ref().unwrap().path.as_str())
        .collect();
    paths.sort_unstable();
    let mut expected = names;
    expected.sort_unstable();
    assert_eq!(paths, expected);
    assert!(errors(&report).contains(&"new\\nline.txt: untracked"));
    // The same names, tracked and changed.
    repo.commit("feat: names").git(&["push", "--quiet"]);
    for name in names {
        repo.write(name, "y");
    }
    let report = ask(&cx(&repo), "git");
    let changed = report.evidence["changed"].as_array().unwrap();
    assert_eq!(changed.len(), names.len());
    assert!(
        changed.contains(&json!("deep/er/quote\".txt")),
        "{changed:?}"
    );
}

#[test]
fn untracked_files_may_be_a_warning() {
    let repo = repo();
    repo.write("notes.txt", "x");
    let report = ask(&cx_with(&repo, "[gates.git]\nuntracked = \"warn\""), "git");
    expect(&report, Verdict::Warn);
    assert_eq!(said(&report, Severity::Warning), ["notes.txt: untracked"]);
}

#[test]
fn ahead_behind_and_diverged_are_told_apart() {
    let repo = repo();
    repo.others_commit("fix: theirs");
    fails(&repo, &["behind origin/main by 1 commit"]);
    repo.write("mine", "x").commit("feat: mine");
    repo.write("mine", "y").commit("feat: mine too");
    fails(
        &repo,
        &["diverged from origin/main: 2 commits only here, 1 commit only there"],
    );
    repo.git(&["rebase", "--quiet", "origin/main"]);
    fails(&repo, &["ahead of origin/main by 2 commits"]);
}

#[test]
fn without_a_fetch_the_remote_as_last_seen_is_compared() {
    let repo = repo();
    repo.others_commit("fix: theirs");
    let cx = cx_with(&repo, "[gates.git]\nfetch = false");
    expect(&ask(&cx, "git"), Verdict::Pass);
    assert!(cx.world.effects().is_empty());
}

#[test]
fn no_remote_no_branch_there_and_no_upstream_are_told_apart() {
    let repo = Repo::cargo_single();
    fails(&repo, &["there is no remote `origin`"]);
    let repo = repo.with_remote();
    repo.git(&["branch", "--unset-upstream"]);
    let report = ask(&cx(&repo), "git");
    expect(&report, Verdict::Fail);
    assert_eq!(
        errors(&report),
        ["`main` has no upstream; compared with origin/main"]
    );
    repo.git(&["switch", "--quiet", "--create", "next"]);
    let report = ask(&cx_with(&repo, "[release]\nbranch = \"next\""), "git");
    expect(&report, Verdict::Fail);
    assert_eq!(
        errors(&report),
        ["the remote `origin` has no branch `next`"]
    );
}

#[test]
fn another_branch_and_a_detached_head_are_told_apart() {
    let repo = repo();
    repo.git(&["switch", "--quiet", "--create", "topic"]);
    fails(
        &repo,
        &["on branch `topic`, and releases are made from `main`"],
    );
    repo.git(&["switch", "--quiet", "--detach"]);
    fails(
        &repo,
        &["HEAD is detached, and releases are made from `main`"],
    );
}

#[test]
fn an_unreachable_remote_is_unknown_and_hides_nothing() {
    let repo = repo();
    repo.git(&["remote", "set-url", "origin", "/no/such/remote.git"]);
    unknown(&ask(&cx(&repo), "git"), "`origin` cannot be reached");
    repo.write("README.md", "other");
    let report = ask(&cx(&repo), "git");
    expect(&report, Verdict::Fail);
    assert_eq!(errors(&report), ["README.md: changed and not committed"]);
    assert!(report.reason.unwrap().contains("cannot be reached"));
}

#[test]
fn operations_in_progress_are_named() {
    let repo = repo();
    repo.git(&["switch", "--quiet", "--create", "side"]);
    repo.write("README.md", "side").commit("docs: side");
    repo.git(&["switch", "--quiet", "main"]);
    repo.write("README.md", "main").commit("docs: main");
    repo.git(&["push", "--quiet"]);
    let states = [
        ("merge", "a merge is in progress"),
        ("cherry-pick", "a cherry-pick is in progress"),
        ("rebase", "a rebase is in progress"),
    ];
    for (command, message) in states {
        let output = repo.try_git(repo.root(), &[command, "side"]);
        assert!(!output.status.success());
        let report = ask(&cx(&repo), "git");
        let errors = errors(&report);
        assert!(errors.contains(&message), "{errors:?}");
        assert!(errors.contains(&"README.md: in conflict"), "{errors:?}");
        repo.git(&[command, "--abort"]);
    }
    repo.git(&["bisect", "start"]);
    fails(&repo, &["a bisect is in progress"]);
    repo.git(&["bisect", "reset"]);
    expect(&ask(&cx(&repo), "git"), Verdict::Pass);
}

#[test]
fn a_shallow_clone_is_said() {
    let repo = repo();
    repo.write("more", "x").commit("feat: more");
    repo.git(&["push", "--quiet"]);
    let clone = repo.outside().join("shallow");
    let url = format!("file://{}", repo.remote().display());
    let path = clone.to_str().unwrap();
    repo.git(&["clone", "--quiet", "--depth=1", &url, path]);
    let mut cx = cx(&repo);
    cx.root = clone;
    let report = ask(&cx, "git");
    expect(&report, Verdict::Pass);
    assert!(said(&report, Severity::Note)[0].contains("shallow"));
}

#[test]
fn a_submodule_is_named_as_such() {
    let repo = repo();
    let url = repo.remote().display().to_string();
    repo.git(&["submodule", "--quiet", "add", &url, "lib/sub module"]);
    repo.commit("feat: a submodule").git(&["push", "--quiet"]);
    expect(&ask(&cx(&repo), "git"), Verdict::Pass);
    repo.write("lib/sub module/README.md", "other");
    fails(
        &repo,
        &["lib/sub module: submodule with changes inside of it"],
    );
    let inside = repo.root().join("lib/sub module");
    repo.git_in(&inside, &["commit", "--quiet", "--all", "--message=x"]);
    fails(
        &repo,
        &["lib/sub module: submodule at another commit than the one recorded"],
    );
}

#[test]
fn a_repository_without_a_commit_fails_with_words() {
    let repo = Repo::empty();
    repo.write("README.md", "x");
    let report = ask(&cx(&repo), "git");
    expect(&report, Verdict::Fail);
    assert_eq!(
        errors(&report),
        ["README.md: untracked", "there is no commit yet"]
    );
}

#[test]
fn no_git_broken_git_and_no_repository_are_unknown() {
    let repo = repo();
    unknown(&ask(&cx_where(&repo, &[], &[]), "git"), "program not found");
    let rubbish = [("git", "echo rubbish")];
    unknown(&ask(&cx_where(&repo, &[], &rubbish), "git"), "rubbish");
    let crash = [("git", "kill -SEGV $$")];
    unknown(&ask(&cx_where(&repo, &[], &crash), "git"), "signal");
    let mut elsewhere = cx(&repo);
    elsewhere.root = repo.outside();
    unknown(&ask(&elsewhere, "git"), "not a git repository");
}

#[test]
fn a_candidate_may_differ_from_its_base_in_the_planned_files_alone() {
    let repo = repo();
    let planned = ["VERSION", "CHANGELOG.md"];
    repo.git(&["switch", "--quiet", "--detach"]);
    repo.write("VERSION", "1.0.0\n")
        .write("CHANGELOG.md", "new");
    let subject = candidate(cx(&repo), "1.0.0", &planned);
    let report = ask(&subject, "git");
    expect(&report, Verdict::Pass);
    assert_eq!(report.examined, 3, "the commit and two files");
    assert!(subject.world.effects().is_empty(), "nothing is fetched");
    repo.write("generated.txt", "x").write("README.md", "x");
    repo.git(&["restore", "VERSION"]);
    let report = ask(&subject, "git");
    expect(&report, Verdict::Fail);
    assert_eq!(
        errors(&report),
        [
            "README.md: changed, and not by the release",
            "generated.txt: changed, and not by the release",
            "VERSION: edited by the release, and unchanged",
        ]
    );
    repo.git(&["restore", "README.md"]);
    repo.write("VERSION", "1.0.0\n").remove("generated.txt");
    repo.git(&["commit", "--quiet", "--allow-empty", "--message=x"]);
    let report = ask(&subject, "git");
    assert!(errors(&report)[0].contains("where the release began"));
}
