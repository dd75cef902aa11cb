//! Bad states of the checkout: each is said in its own words, and nothing is released.

use testkit::Repo;

use crate::run::{Call, FAST, VERSION, candidate, forge, landfall, mine, published, ready, single};

/// Releases in a state that must not be released.
#[track_caller]
fn refused(repo: &Repo, exit: i32, says: &str) {
    let before = (mine(repo), published(repo));
    let run = landfall(repo, &["release", VERSION, "--yes"]);
    run.exits(exit).says(says).says("nothing was published");
    assert_eq!((mine(repo), published(repo)), before);
    assert!(!candidate(repo).exists(), "no candidate");
}

#[test]
fn detached() {
    let repo = single();
    repo.git(&["checkout", "--quiet", "--detach"]);
    refused(
        &repo,
        1,
        "HEAD is detached, and releases are made from `main`",
    );
}

#[test]
fn another_branch() {
    let repo = single();
    repo.git(&["checkout", "--quiet", "-b", "side"]);
    refused(
        &repo,
        1,
        "on branch `side`, and releases are made from `main`",
    );
}

#[test]
fn no_upstream() {
    let repo = single();
    repo.git(&["branch", "--unset-upstream"]);
    refused(&repo, 1, "`main` has no upstream");
}

#[test]
fn no_such_branch_on_the_remote() {
    let repo = ready(
        Repo::cargo_single(),
        &format!("[release]\nbranch = \"stable\"\n\n{FAST}"),
    );
    repo.git(&["checkout", "--quiet", "-b", "stable"]);
    refused(&repo, 1, "the remote `origin` has no branch `stable`");
}

#[test]
fn no_remote_at_all() {
    let repo = Repo::cargo_single();
    repo.write("release.toml", FAST)
        .commit("chore: how it is released");
    std::fs::create_dir(forge(&repo)).unwrap();
    let before = mine(&repo);
    let run = landfall(&repo, &["release", VERSION, "--yes"]);
    run.exits(1)
        .says("there is no remote `origin`")
        .says("git remote add origin URL");
    assert_eq!(mine(&repo), before);
    assert!(!candidate(&repo).exists());
}

#[test]
fn ahead_behind_and_diverged() {
    let repo = single();
    repo.commit("fix: not pushed");
    refused(&repo, 1, "ahead of origin/main by 1 commit");
    repo.others_commit("fix: theirs");
    refused(
        &repo,
        1,
        "diverged from origin/main: 1 commit only here, 1 commit only there",
    );
    repo.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
    refused(&repo, 1, "behind origin/main by 1 commit");
}

#[test]
fn a_changed_file_and_a_staged_one() {
    let repo = single();
    repo.write("README.md", "# Changed\n");
    refused(&repo, 1, "README.md: changed and not committed");
    repo.git(&["add", "README.md"]);
    refused(&repo, 1, "README.md: changed, staged and not committed");
}

#[test]
fn an_untracked_file_whatever_the_current_folder() {
    let repo = single();
    repo.write("src/deep/new.rs", "//! New.\n");
    refused(&repo, 1, "src/deep/new.rs: untracked");
    repo.write("other/x", "");
    let call = Call::new(&repo, &["release", VERSION, "--yes"]).cwd(&repo.root().join("other"));
    call.run().exits(1).says("src/deep/new.rs: untracked");
}

#[test]
fn a_merge_in_progress() {
    let repo = single();
    repo.git(&["checkout", "--quiet", "-b", "side"]);
    repo.write("side.txt", "side\n").commit("feat: side");
    repo.git(&["checkout", "--quiet", "main"]);
    repo.git(&["merge", "--quiet", "--no-commit", "--no-ff", "side"]);
    refused(&repo, 1, "a merge is in progress");
}

/// A clone of the fixture's remote that knows only its last commits.
fn shallow(depth: &str, config: &str) -> (Repo, std::path::PathBuf) {
    let repo = ready(Repo::cargo_single(), config);
    repo.commit("fix: one more");
    repo.git(&["push", "--quiet"]);
    let at = repo.outside().join("shallow");
    let from = format!("file://{}", repo.remote().display());
    repo.git(&[
        "clone",
        "--quiet",
        "--depth",
        depth,
        &from,
        at.to_str().unwrap(),
    ]);
    (repo, at)
}

#[test]
fn a_shallow_clone_that_does_not_see_the_release_before() {
    let (repo, at) = shallow("1", FAST);
    let before = published(&repo);
    let call = Call::new(&repo, &["release", VERSION, "--yes"]).cwd(&at);
    call.run()
        .exits(1)
        .says("the clone is shallow")
        .says("git fetch --unshallow --tags");
    assert_eq!(published(&repo), before);
    assert!(!at.join("target/release-candidates/v1.0.0-mvp").exists());
    repo.git_in(&at, &["fetch", "--quiet", "--unshallow", "--tags"]);
    call.run().exits(0).says("after v0.9.0");
}

#[test]
fn a_shallow_clone_of_a_repository_that_was_never_released() {
    let (repo, at) = shallow("1", FAST);
    let delete = ["push", "--quiet", "origin", ":refs/tags/v0.9.0"];
    repo.git(&delete);
    let words = "the notes of this first release begin with the oldest commit that is here";
    let call = |args| Call::new(&repo, args).cwd(&at);
    call(&["release", VERSION, "--rehearse"])
        .run()
        .exits(0)
        .says(words);
    call(&["release", VERSION, "--yes"])
        .run()
        .exits(0)
        .says(words)
        .says("none: the first release");
}

#[test]
fn a_shallow_clone_that_sees_it() {
    let (repo, at) = shallow("3", FAST);
    let call = Call::new(&repo, &["release", VERSION, "--yes"]).cwd(&at);
    let gate = Call::new(&repo, &["preflight", "git", "--format", "json"])
        .cwd(&at)
        .run();
    gate.exits(0).says("the clone is shallow");
    call.run().exits(0).says("after v0.9.0");
}

#[test]
fn no_commit_yet() {
    let repo = Repo::empty();
    let run = landfall(&repo, &["release", VERSION, "--yes"]);
    run.exits(1).says("there is no commit yet");
}
