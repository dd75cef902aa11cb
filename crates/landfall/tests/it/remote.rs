//! Bad days of the remote and the forge: each has an answer of its own, and nothing of others is touched.

use std::path::Path;

use testkit::{Repo, fingerprint};

use crate::approval::stage;
use crate::run::{
    Call, Run, TAG, VERSION, assert_nothing_left, assert_released, candidate, finish, forge,
    landfall, mine, published, remote_refs, single, wait_for,
};

fn release(repo: &Repo) -> Run {
    landfall(repo, &["release", VERSION, "--yes"])
}

fn base(repo: &Repo) -> String {
    repo.git(&["rev-parse", "HEAD"])
}

/// The release commit of the candidate on disk.
fn commit(repo: &Repo) -> String {
    let text = std::fs::read_to_string(candidate(repo).join("candidate.json")).unwrap();
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    value["commit"].as_str().unwrap().to_owned()
}

#[test]
fn an_unreachable_remote_is_unknown_and_stops_everything() {
    let repo = single();
    let before = (mine(&repo), published(&repo));
    let away = repo.outside().join("away.git");
    std::fs::rename(repo.remote(), &away).unwrap();
    let run = release(&repo);
    run.exits(2)
        .says("unknown  git")
        .says("cannot be reached")
        .says("blocked by git; nothing was published");
    landfall(&repo, &["preflight", "git"])
        .exits(2)
        .says("1 unknown: git");
    landfall(&repo, &["status", VERSION])
        .exits(2)
        .says("look at the remote `origin`");
    assert!(!candidate(&repo).exists());
    std::fs::rename(&away, repo.remote()).unwrap();
    assert_eq!((mine(&repo), published(&repo)), before);
}

#[test]
fn a_remote_that_goes_away_after_staging_is_not_acted_on() {
    let repo = single();
    let base = base(&repo);
    stage(&repo);
    let before = published(&repo);
    let away = repo.outside().join("away.git");
    std::fs::rename(repo.remote(), &away).unwrap();
    release(&repo)
        .exits(2)
        .says("could not look; nothing was done on a guess");
    landfall(&repo, &["status", VERSION])
        .exits(2)
        .says("unknown")
        .says("landfall doctor");
    landfall(&repo, &["abort", VERSION]).exits(2);
    assert!(candidate(&repo).join("candidate.json").is_file());
    std::fs::rename(&away, repo.remote()).unwrap();
    assert_eq!(published(&repo), before);
    release(&repo).exits(0);
    assert_released(&repo, &base);
}

#[test]
fn a_push_that_a_hook_refuses_converges_later_to_the_same_commit() {
    let repo = single();
    let base = base(&repo);
    let before = mine(&repo);
    repo.remote_hook(
        "update",
        "case \"$1\" in refs/heads/main) echo 'main is frozen' >&2; exit 1;; esac",
    );
    let run = release(&repo);
    run.exits(2)
        .says("main is frozen")
        .says("looked again: not done")
        .says("abort 1.0.0-mvp");
    let refs = remote_refs(&repo);
    let commit = commit(&repo);
    assert!(
        refs.contains(&format!("{base} refs/heads/main")),
        "{refs:?}"
    );
    assert!(
        refs.contains(&format!("{commit} refs/heads/landfall/{TAG}")),
        "{refs:?}"
    );
    assert!(
        !refs.iter().any(|line| line.contains("refs/tags/v1")),
        "{refs:?}"
    );
    assert!(!forge(&repo).join(TAG).exists());
    repo.remote_hook("update", "exit 0");
    release(&repo).exits(0);
    assert_released(&repo, &base);
    assert_eq!(repo.git_in(&repo.remote(), &["rev-parse", "main"]), commit);
    // The ref that kept the tag object is gone: the user's own is as it was.
    assert_eq!(mine(&repo), before);
}

#[test]
fn a_refused_tag_takes_the_branch_with_it() {
    let repo = single();
    let base = base(&repo);
    let hook = "while read old new name; do case $name in refs/tags/*) echo 'no tags today' >&2; exit 1;; esac; done";
    repo.remote_hook("pre-receive", hook);
    release(&repo).exits(2).says("no tags today");
    let refs = remote_refs(&repo);
    assert!(
        refs.contains(&format!("{base} refs/heads/main")),
        "{refs:?}"
    );
    assert!(
        !refs.iter().any(|line| line.contains("refs/tags/v1")),
        "{refs:?}"
    );
    // Only the tag is refused, one ref at a time: atomic means that main does not move either.
    repo.remote_hook("pre-receive", "exit 0");
    repo.remote_hook("update", "case \"$1\" in refs/tags/*) exit 1;; esac");
    release(&repo).exits(2);
    assert_eq!(remote_refs(&repo), refs);
    repo.remote_hook("update", "exit 0");
    release(&repo).exits(0);
    assert_released(&repo, &base);
}

#[test]
fn a_hook_of_ours_may_refuse_the_public_push_and_no_other() {
    let repo = single();
    let base = base(&repo);
    let hooks = repo.root().join(".git/hooks");
    testkit::programs(
        &hooks,
        &[("pre-push", "echo 'not on a friday' >&2; exit 1")],
    );
    release(&repo).exits(2).says("not on a friday");
    assert!(remote_refs(&repo).contains(&format!("{base} refs/heads/main")));
    testkit::programs(&hooks, &[("pre-push", "exit 0")]);
    release(&repo).exits(0);
    assert_released(&repo, &base);
}

#[test]
fn a_refused_staging_branch_publishes_nothing() {
    let repo = single();
    let refs = remote_refs(&repo);
    repo.remote_hook("pre-receive", "echo 'read only' >&2; exit 1");
    release(&repo)
        .exits(2)
        .says("read only")
        .says("nothing public was changed");
    assert_eq!(remote_refs(&repo), refs);
    assert_eq!(fingerprint(&forge(&repo)).len(), 0);
    landfall(&repo, &["abort", VERSION]).exits(0);
    assert_nothing_left(&repo);
}

#[test]
fn somebody_elses_tag_is_seen_before_anything_is_made() {
    let repo = single();
    repo.others_commit("fix: theirs");
    let other = repo.outside().join("other");
    repo.git_in(&other, &["tag", TAG, "HEAD~1"]);
    repo.git_in(&other, &["push", "--quiet", "origin", TAG]);
    repo.git(&["pull", "--quiet", "--ff-only", "--no-tags"]);
    let before = (mine(&repo), published(&repo));
    release(&repo)
        .exits(4)
        .says("origin has the tag v1.0.0-mvp already")
        .says("choose another version");
    assert_eq!((mine(&repo), published(&repo)), before);
    assert!(!candidate(&repo).exists());
}

#[test]
fn somebody_elses_tag_between_staging_and_approval_stays() {
    let repo = single();
    let digest = stage(&repo);
    let remote = repo.remote();
    repo.git_in(&remote, &["tag", TAG, "main"]);
    let before = published(&repo);
    let run = landfall(&repo, &["release", VERSION, "--approve", &digest]);
    run.exits(4)
        .says("the tag v1.0.0-mvp on origin is")
        .says("somebody else made it");
    assert_eq!(published(&repo), before);
    landfall(&repo, &["status", VERSION])
        .exits(4)
        .says("conflict");
    landfall(&repo, &["abort", VERSION]).exits(0);
    assert_nothing_left(&repo);
    assert!(
        remote_refs(&repo)
            .iter()
            .any(|line| line.ends_with(&format!("refs/tags/{TAG}")))
    );
    assert!(
        !remote_refs(&repo)
            .iter()
            .any(|line| line.contains("refs/heads/landfall"))
    );
}

#[test]
fn a_branch_that_moved_meanwhile_is_not_overwritten() {
    let repo = single();
    let digest = stage(&repo);
    repo.others_commit("fix: theirs");
    let before = published(&repo);
    let run = landfall(&repo, &["release", VERSION, "--approve", &digest]);
    run.exits(4)
        .says("the branch moved meanwhile; nothing public was changed")
        .says("landfall abort 1.0.0-mvp");
    assert_eq!(published(&repo), before);
    // As the help says: abort, update, release.
    landfall(&repo, &["abort", VERSION]).exits(0);
    repo.git(&["pull", "--quiet", "--ff-only"]);
    let base = base(&repo);
    release(&repo).exits(0);
    assert_released(&repo, &base);
    let notes = std::fs::read_to_string(forge(&repo).join(TAG).join("notes.md")).unwrap();
    assert!(notes.contains("theirs"), "{notes}");
}

#[test]
fn a_push_that_loses_a_race_is_a_conflict() {
    let repo = single();
    let digest = stage(&repo);
    // Between our look and our push: the hook itself moves main, as somebody faster would.
    let hook = "while read old new name; do [ $name = refs/heads/main ] && [ ! -e moved ] && touch moved && \
                git update-ref refs/heads/main $(git commit-tree -p main -m theirs main^{tree}); done; exit 0";
    let hook = format!("unset GIT_QUARANTINE_PATH\n{hook}");
    repo.remote_hook("pre-receive", &hook);
    let run = landfall(&repo, &["release", VERSION, "--approve", &digest]);
    run.exits(4).says("the branch moved meanwhile");
    let refs = remote_refs(&repo);
    assert!(
        !refs.iter().any(|line| line.contains("refs/tags/v1")),
        "{refs:?}"
    );
    assert_eq!(
        repo.git_in(&repo.remote(), &["log", "-1", "--format=%s", "main"]),
        "theirs"
    );
}

/// Puts something of somebody else's on the forge, releases, and asserts that it is told and stays.
fn foreign(path: &str, at_staging: bool, says: &str) {
    let repo = single();
    if at_staging {
        stage(&repo);
    }
    let theirs = forge(&repo).join(path);
    std::fs::create_dir_all(theirs.parent().unwrap()).unwrap();
    std::fs::write(&theirs, "theirs\n").unwrap();
    let (before, refs) = (fingerprint(&forge(&repo)), remote_refs(&repo));
    release(&repo).exits(4).says(says);
    assert_eq!(
        before.difference(&fingerprint(&forge(&repo))),
        Vec::<String>::new()
    );
    // Whatever was staged: nothing public moved.
    let public = |line: &&String| !line.contains("refs/heads/landfall");
    let now = remote_refs(&repo);
    assert!(
        now.iter().filter(public).eq(refs.iter().filter(public)),
        "{now:?}"
    );
    landfall(&repo, &["abort", VERSION]).exits(0);
    assert_eq!(std::fs::read_to_string(&theirs).unwrap(), "theirs\n");
    assert_nothing_left(&repo);
}

#[test]
fn somebody_elses_draft_stays() {
    foreign(
        ".drafts/v1.0.0-mvp/release.json",
        false,
        "is another release: its release.json is not ours",
    );
}

#[test]
fn somebody_elses_draft_without_a_mark_stays() {
    foreign(
        ".drafts/v1.0.0-mvp/notes.md",
        false,
        "holds files but no release.json",
    );
}

#[test]
fn somebody_elses_release_stays() {
    foreign(
        "v1.0.0-mvp/release.json",
        false,
        "is another release: its release.json is not ours",
    );
}

#[test]
fn somebody_elses_file_in_our_draft_stays() {
    foreign(
        ".drafts/v1.0.0-mvp/assets/extra.bin",
        true,
        "extra.bin is not a file of this release",
    );
}

#[test]
fn a_file_in_the_place_of_the_release_stays() {
    foreign("v1.0.0-mvp", false, "is not a folder");
}

#[test]
fn a_draft_that_lost_a_file_is_made_whole_again() {
    let repo = single();
    let base = base(&repo);
    stage(&repo);
    let draft = forge(&repo).join(".drafts").join(TAG);
    std::fs::remove_file(draft.join("assets/SHA256SUMS.txt")).unwrap();
    std::fs::write(draft.join("notes.md"), "cut").unwrap();
    release(&repo).exits(0);
    assert_released(&repo, &base);
    let notes = std::fs::read(forge(&repo).join(TAG).join("notes.md")).unwrap();
    assert_eq!(
        notes,
        std::fs::read(candidate(&repo).join("notes.md")).unwrap()
    );
}

#[test]
fn a_published_release_that_was_changed_is_told_and_left() {
    let repo = single();
    release(&repo).exits(0);
    let notes = forge(&repo).join(TAG).join("notes.md");
    std::fs::write(&notes, "edited by hand\n").unwrap();
    let before = published(&repo);
    release(&repo)
        .exits(4)
        .says("was published but 1 of its files are missing or changed");
    landfall(&repo, &["status", VERSION]).exits(4);
    assert_eq!(published(&repo), before);
}

#[test]
fn a_forge_that_cannot_be_written_to_is_told() {
    let repo = single();
    std::fs::remove_dir(forge(&repo)).unwrap();
    std::fs::write(forge(&repo), "a file").unwrap();
    let refs = remote_refs(&repo);
    release(&repo).exits(2).says("forge");
    let public = |line: &&String| !line.contains("refs/heads/landfall");
    assert!(
        remote_refs(&repo).iter().filter(public).eq(refs.iter()),
        "nothing public"
    );
}

#[test]
fn a_second_run_at_the_same_time_is_told_who_holds_the_lock() {
    let repo = single();
    let base = base(&repo);
    let (there, go) = (repo.outside().join("there"), repo.outside().join("go"));
    let hook = |there: &Path, go: &Path| {
        format!(
            "touch {}\nwhile [ ! -e {} ]; do sleep 0.02; done",
            there.display(),
            go.display()
        )
    };
    repo.remote_hook("pre-receive", &hook(&there, &go));
    let first = Call::new(&repo, &["release", VERSION, "--yes"]).spawn();
    wait_for("the first run pushes", || there.exists());
    let holder = format!("process {}, release 1.0.0-mvp", first.id());
    for second in [
        &["release", VERSION, "--yes"][..],
        &["release", "2.0.0", "--yes"],
        &["abort", VERSION],
        &["artifacts", "build", VERSION],
        &["version", "set", VERSION],
        &["changelog", "write", VERSION],
    ] {
        let run = landfall(&repo, second);
        run.exits(6)
            .says(&holder)
            .says("wait for it to end, then run again");
    }
    // Looking takes no lock.
    landfall(&repo, &["version", "show"]).exits(0);
    landfall(&repo, &["status", VERSION]).exits(0);
    landfall(&repo, &["plan", VERSION]).exits(0);
    std::fs::write(&go, "").unwrap();
    finish(first).exits(0);
    assert_released(&repo, &base);
}
