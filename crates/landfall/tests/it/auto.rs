//! `auto`: the version that the commits ask for, and why.

use serde_json::{Value, json};
use testkit::Repo;

use crate::run::{FAST, Run, landfall, ready};

/// One crate at 0.9.0, released.
fn released() -> Repo {
    Repo::cargo_single()
}

fn bump(repo: &Repo, more: &[&str]) -> Run {
    landfall(
        repo,
        &[&["version", "bump", "auto", "--print"], more].concat(),
    )
}

/// The version that comes out, as events tell it.
#[track_caller]
fn version(repo: &Repo, more: &[&str]) -> String {
    let run = landfall(
        repo,
        &[
            &["version", "bump", "auto", "--print", "--format", "json"],
            more,
        ]
        .concat(),
    );
    run.exits(0);
    let [auto] = run.named("auto").try_into().expect("one answer");
    auto["version"].as_str().expect("a version").to_owned()
}

#[test]
fn every_commit_is_explained() {
    let repo = released();
    repo.commit("feat(cli): print plans");
    repo.commit("fix: typo");
    repo.commit("docs: say why");
    repo.commit("feat!: gone again");
    repo.commit("Revert \"feat!: gone again\"");
    bump(&repo, &[])
        .exits(0)
        .says("minor")
        .says("feat(cli): print plans (Added)")
        .says("docs: say why (type `docs` is left out)")
        .says("feat!: gone again (reverted by ")
        .says("5 commits since v0.9.0, 2 of them notable → 0.9.1");
    let run = landfall(
        &repo,
        &["version", "bump", "auto", "--print", "--format", "json"],
    );
    let levels: Vec<Value> = run
        .named("reason")
        .iter()
        .map(|reason| reason["level"].clone())
        .collect();
    assert_eq!(
        levels,
        [
            json!("none"),
            json!("none"),
            json!("none"),
            json!("patch"),
            json!("minor")
        ]
    );
    for reason in run.named("reason") {
        assert!(
            reason["id"].as_str().is_some_and(|id| id.len() == 40) && reason["why"].is_string(),
            "{reason}"
        );
    }
    let [auto] = run.named("auto").try_into().expect("one answer");
    assert_eq!(
        (&auto["level"], &auto["since"], &auto["version"]),
        (&json!("minor"), &json!("v0.9.0"), &json!("0.9.1"))
    );
    assert_eq!(repo.read("VERSION"), "0.9.0\n");

    // Written, asked again, and asked with more.
    landfall(&repo, &["version", "bump", "auto"]).exits(0);
    assert_eq!(repo.read("VERSION"), "0.9.1\n");
    landfall(&repo, &["version", "bump", "auto"])
        .exits(0)
        .says("nothing to do");
    repo.commit("chore!: drop the old format");
    assert_eq!(version(&repo, &[]), "0.10.0");
}

#[test]
fn nothing_is_refused_with_a_reason() {
    let repo = released();
    let before = repo.fingerprint();
    for command in [
        &["version", "bump", "auto"][..],
        &["release", "auto", "--yes"],
        &["plan", "auto"],
    ] {
        landfall(&repo, command)
            .exits(1)
            .says("nothing to release since v0.9.0: 0 commits since v0.9.0, 0 of them notable")
            .says("version bump patch");
    }
    assert_eq!(before.difference(&repo.fingerprint()), Vec::<String>::new());
    repo.commit("docs: a").commit("chore: b");
    bump(&repo, &[])
        .exits(1)
        .says("nothing to release since v0.9.0: 2 commits")
        .says("docs: a");
    // That nobody can tell is another thing.
    repo.commit("rework all of it");
    bump(&repo, &[])
        .exits(1)
        .says("cannot tell the level: 3 commits since v0.9.0, of which 1 in no conventional form")
        .says("version bump patch (or minor, or major)");
    repo.commit("fix: c");
    assert_eq!(version(&repo, &[]), "0.9.1");
    bump(&repo, &[]).says("note: 1 in no conventional form");
    landfall(&repo, &["version", "bump", "patch", "--pre", "rc"])
        .exits(64)
        .says("bump auto");
}

#[test]
fn pre_releases_count_on_and_graduate() {
    let repo = released();
    repo.commit("feat!: new format");
    assert_eq!(version(&repo, &["--pre", "rc"]), "0.10.0-rc.1");
    landfall(&repo, &["version", "set", "1.0.0-rc.2"]).exits(0);
    repo.commit("chore: release v1.0.0-rc.2");
    assert_eq!(version(&repo, &[]), "1.0.0-rc.2");
    repo.git(&["tag", "-a", "v1.0.0-rc.2", "-m", "v1.0.0-rc.2"]);
    bump(&repo, &[])
        .exits(1)
        .says("nothing to release since v1.0.0-rc.2")
        .says("--release");
    assert_eq!(version(&repo, &["--release"]), "1.0.0");
    // What takes back a part of the last pre-release is worth another.
    repo.commit("Revert \"feat!: new format\"");
    bump(&repo, &[]).exits(0).says("1.0.0-rc.3");
    repo.commit("feat!: another format");
    assert_eq!(version(&repo, &[]), "1.0.0-rc.3");
    landfall(&repo, &["version", "bump", "auto", "--release"]).exits(0);
    assert_eq!(repo.read("VERSION"), "1.0.0\n");
    assert_eq!(version(&repo, &["--release"]), "1.0.0");
}

#[test]
fn only_commits_of_the_paths_ask() {
    let repo = released();
    repo.write(
        "release.toml",
        "[changelog]\ninclude = [\"src\"]\nexclude = [\"src/fixtures/**\"]\n",
    );
    repo.commit("feat: configuration");
    repo.write("src/fixtures/a", "1").commit("feat!: fixture");
    bump(&repo, &[]).exits(1).says("0 commits since v0.9.0");
    repo.write("src/new.rs", "").commit("fix: new");
    bump(&repo, &[])
        .exits(0)
        .says("1 commit since v0.9.0")
        .says("0.9.1");
}

#[test]
fn a_first_release_is_what_is_declared() {
    let repo = released();
    repo.git(&["tag", "--delete", "v0.9.0"]);
    bump(&repo, &[])
        .exits(0)
        .says("1 commit in all of the history, 1 of them notable → 0.9.0");
    bump(&repo, &["--pre", "rc"])
        .exits(1)
        .says("0.9.0-rc.1 would come next, but it sorts before 0.9.0");
}

#[test]
fn a_release_of_what_is_asked_for_converges() {
    let repo = ready(Repo::cargo_single(), FAST);
    landfall(&repo, &["plan", "auto"])
        .exits(0)
        .says("0.9.0 → 0.9.1");
    landfall(&repo, &["release", "auto", "--yes"])
        .exits(0)
        .says("0.9.1");
    landfall(&repo, &["release", "auto", "--yes"]).exits(0);
    let tags = repo.git_in(&repo.remote(), &["tag", "--list"]);
    assert_eq!(tags, "v0.9.0\nv0.9.1");
    repo.git(&["pull", "--quiet", "--ff-only", "--tags"]);
    landfall(&repo, &["release", "auto", "--yes"])
        .exits(1)
        .says("nothing to release since v0.9.1");
}
