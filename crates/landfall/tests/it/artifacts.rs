//! Artifacts: building publishes nothing, and nothing that was changed since goes unseen.

use std::path::PathBuf;

use testkit::{Repo, fingerprint};

use crate::run::{
    FAST, VERSION, assert_released, candidate, landfall, mine, published, ready, single,
};

fn built() -> (Repo, PathBuf) {
    let repo = single();
    landfall(&repo, &["artifacts", "build", VERSION])
        .exits(0)
        .says("single-1.0.0-mvp-source.tar.gz");
    let dir = candidate(&repo).join("artifacts");
    (repo, dir)
}

#[test]
fn building_publishes_nothing_and_is_taken_up_by_the_release() {
    let repo = single();
    let (base, before) = (repo.git(&["rev-parse", "HEAD"]), published(&repo));
    landfall(&repo, &["artifacts", "build", VERSION]).exits(0);
    assert_eq!(published(&repo), before);
    let artifacts = fingerprint(&candidate(&repo).join("artifacts"));
    // A second build is the first one: nothing is made again.
    landfall(&repo, &["artifacts", "build", VERSION]).exits(0);
    assert_eq!(
        artifacts.difference(&fingerprint(&candidate(&repo).join("artifacts"))),
        Vec::<String>::new()
    );
    landfall(&repo, &["release", VERSION, "--yes"]).exits(0);
    assert_released(&repo, &base);
    assert_eq!(
        artifacts.difference(&fingerprint(&candidate(&repo).join("artifacts"))),
        Vec::<String>::new()
    );
}

#[test]
fn built_anywhere_they_are_the_same_bytes() {
    let (one, two) = (built(), built());
    assert_eq!(
        fingerprint(&one.1).difference(&fingerprint(&two.1)),
        Vec::<String>::new()
    );
}

#[test]
fn a_candidate_that_was_damaged_between_two_runs_is_not_released() {
    for file in [
        "artifacts/single-1.0.0-mvp-source.tar.gz",
        "artifacts/SHA256SUMS.txt",
        "notes.md",
        "release.json",
    ] {
        let (repo, _) = built();
        let before = (mine(&repo), published(&repo));
        let damaged = candidate(&repo).join(file);
        let mut bytes = std::fs::read(&damaged).unwrap();
        bytes.push(b'x');
        std::fs::write(&damaged, bytes).unwrap();
        for command in [
            &["release", VERSION, "--yes"][..],
            &["release", VERSION, "--until", "staged"],
        ] {
            landfall(&repo, command)
                .exits(4)
                .says("is not what the candidate was made of")
                .says("abort 1.0.0-mvp");
        }
        assert_eq!((mine(&repo), published(&repo)), before);
        landfall(&repo, &["abort", VERSION]).exits(0);
    }
}

#[test]
fn a_candidate_that_cannot_be_read_is_told_with_its_path() {
    let (repo, _) = built();
    let before = published(&repo);
    for text in ["{\"schema\": 99}", "{\"sche", ""] {
        std::fs::write(candidate(&repo).join("candidate.json"), text).unwrap();
        for command in [
            &["release", VERSION, "--yes"][..],
            &["status", VERSION],
            &["abort", VERSION],
            &["plan", VERSION],
        ] {
            landfall(&repo, command).exits(2).says("candidate.json");
        }
    }
    assert_eq!(published(&repo), before);
}

#[test]
fn a_candidate_of_another_commit_is_made_anew_when_nothing_was_staged() {
    let (repo, _) = built();
    repo.commit("fix: one more");
    repo.git(&["push", "--quiet"]);
    let base = repo.git(&["rev-parse", "HEAD"]);
    landfall(&repo, &["release", VERSION, "--yes"])
        .exits(0)
        .says("is dropped: HEAD is");
    assert_released(&repo, &base);
}

#[test]
fn files_that_are_declared_and_missing_leave_no_candidate() {
    let config = format!(
        "{FAST}\n[[artifact]]\nname = \"docs-{{version}}.tar.gz\"\nkind = \"files\"\nfiles = [\"dist/**\"]\nbuild = [\"sh\", \"-c\", \"[ ! -e $HOME/../build ] || {{ mkdir dist; echo x > dist/x; }}\"]\n"
    );
    let tree = Repo::cargo_single();
    tree.write(".gitignore", "/target/\n/dist/\n");
    let repo = ready(tree, &config);
    let before = (mine(&repo), published(&repo));
    let run = landfall(&repo, &["release", VERSION, "--yes"]);
    run.exits(1)
        .says("`dist/**` matches no file")
        .says("docs-1.0.0-mvp.tar.gz");
    assert_eq!((mine(&repo), published(&repo)), before);
    assert!(!candidate(&repo).exists());
    std::fs::write(repo.outside().join("build"), "").unwrap();
    let base = repo.git(&["rev-parse", "HEAD"]);
    landfall(&repo, &["release", VERSION, "--yes"])
        .exits(0)
        .says("docs-1.0.0-mvp.tar.gz");
    assert_released(&repo, &base);
}
