//! A rehearsal runs the executor of a release and changes nothing but `target/rehearsal`.

use testkit::{Repo, fingerprint};

use crate::crash::outside_target;
use crate::run::{Call, FAST, TAG, VERSION, forge, landfall, ready, remote_refs, single};

const REHEARSE: &[&str] = &["release", VERSION, "--rehearse"];

#[track_caller]
fn assert_harmless(repo: &Repo) {
    let before = (
        outside_target(repo),
        repo.remote_fingerprint(),
        fingerprint(&forge(repo)),
    );
    landfall(repo, REHEARSE).exits(0).says("REHEARSED");
    assert_eq!(outside_target(repo), before.0, "the repository");
    assert_eq!(repo.remote_fingerprint(), before.1, "the remote");
    assert_eq!(fingerprint(&forge(repo)), before.2, "the forge");
}

#[test]
fn repository_remote_and_forge_are_the_same_bytes_and_the_rehearsal_can_be_looked_at() {
    let repo = single();
    assert_harmless(&repo);
    let area = repo.root().join("target/rehearsal");
    let tag = repo.git_in(&area.join("remote.git"), &["cat-file", "-p", TAG]);
    assert!(tag.contains("\n### Added\n"), "{tag}");
    assert!(
        area.join("forge")
            .join(TAG)
            .join("assets/SHA256SUMS.txt")
            .is_file()
    );
    assert!(
        area.join("repository/target/release-candidates")
            .join(TAG)
            .join("candidate.json")
            .is_file()
    );
    assert_harmless(&repo);
}

#[test]
fn it_makes_the_very_release_that_is_then_made() {
    let repo = single();
    landfall(&repo, REHEARSE).exits(0);
    let rehearsed = repo.git_in(
        &repo.root().join("target/rehearsal/remote.git"),
        &["rev-parse", "main", TAG],
    );
    landfall(&repo, &["release", VERSION, "--yes"]).exits(0);
    assert_eq!(
        repo.git_in(&repo.remote(), &["rev-parse", "main", TAG]),
        rehearsed
    );
}

#[test]
fn uncommitted_work_is_left_alone_and_said_not_to_be_part_of_it() {
    let repo = single();
    repo.write("src/lib.rs", "broken");
    repo.write("new file.txt", "mine");
    repo.write("staged.txt", "mine");
    repo.git(&["add", "staged.txt"]);
    assert_harmless(&repo);
    landfall(&repo, REHEARSE)
        .exits(0)
        .says("3 uncommitted or untracked files are not part of the rehearsal");
}

#[test]
fn a_detached_head_a_dead_remote_and_no_remote_at_all_can_be_rehearsed() {
    let detached = single();
    detached.git(&["checkout", "--quiet", "--detach"]);
    assert_harmless(&detached);
    let dead = single();
    dead.git(&["remote", "set-url", "origin", "/no/such/place.git"]);
    assert_harmless(&dead);
    let alone = single();
    alone.git(&["remote", "remove", "origin"]);
    assert_harmless(&alone);
}

#[test]
fn somebody_whom_git_does_not_know_can_rehearse() {
    let repo = ready(Repo::cargo_workspace(), FAST);
    let before = outside_target(&repo);
    let nobody = repo.outside().join("nobody");
    std::fs::write(&nobody, "[user]\n\tuseConfigOnly = true\n").unwrap();
    Call::new(&repo, REHEARSE)
        .env("GIT_CONFIG_GLOBAL", &nobody)
        .run()
        .exits(0)
        .says("git does not know who you are");
    assert_eq!(outside_target(&repo), before);
}

#[test]
fn a_second_rehearsal_replaces_the_first() {
    let repo = single();
    landfall(&repo, REHEARSE).exits(0);
    landfall(&repo, &["release", "2.0.0", "--rehearse"]).exits(0);
    let tags = repo.git_in(
        &repo.root().join("target/rehearsal/remote.git"),
        &["tag", "--list"],
    );
    assert_eq!(tags, "v0.9.0\nv2.0.0");
    assert_eq!(
        remote_refs(&repo).len(),
        2,
        "nothing of it on the real remote"
    );
}
