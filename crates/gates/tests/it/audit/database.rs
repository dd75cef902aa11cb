//! The advisory database from a git repository: cloned, kept, refreshed, and what is said when that fails.

use std::path::Path;

use gates::{Cx, Severity, Verdict};
use testkit::Repo;
use world::{Setup, World};

use super::{GOOD, audited, helpers, own_database, with};
use crate::fixture::{NOW_S, ask, cx_with, expect, said, unknown};

const DAY_S: u64 = 86_400;

/// A git repository that holds our database.
fn upstream() -> Repo {
    let repo = Repo::empty();
    copy(&own_database(), repo.root());
    repo.commit("feat: advisories");
    repo
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            #[expect(clippy::disallowed_methods, reason = "a fixture")]
            std::fs::create_dir_all(&target).unwrap();
            copy(&entry.path(), &target);
        } else {
            #[expect(clippy::disallowed_methods, reason = "a fixture")]
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// So many days after the first run.
fn later(repo: &Repo, upstream: &Path, days: u64, settings: &str) -> Cx {
    let config = format!(
        "[gates.audit]\ndatabase = \"file://{}\"\n{settings}",
        upstream.display()
    );
    Cx {
        world: World::new(Setup {
            env: repo.env(),
            now_s: NOW_S + days * DAY_S,
            ..Setup::default()
        }),
        helpers: helpers(),
        ..cx_with(repo, &config)
    }
}

fn commands(cx: &Cx) -> Vec<String> {
    let effects = cx.world.effects();
    let all = effects.into_iter().map(|effect| effect.what);
    all.filter(|what| what.starts_with("git ")).collect()
}

#[test]
fn it_is_cloned_once_and_refreshed_after_a_day() {
    let (repo, upstream) = (with(GOOD), upstream());
    let first = later(&repo, upstream.root(), 0, "");
    let report = ask(&first, "audit");
    expect(&report, Verdict::Pass);
    let database = &report.evidence["cargo"]["database"];
    assert_eq!(database["age_days"], 0);
    assert_eq!(database["commit"], upstream.git(&["rev-parse", "HEAD"]));
    assert!(commands(&first)[0].starts_with("git clone --quiet --depth=1"));
    assert_eq!(
        repo.git(&["status", "--porcelain", "--ignored"]),
        " M Cargo.lock"
    );

    let again = later(&repo, upstream.root(), 0, "");
    expect(&ask(&again, "audit"), Verdict::Pass);
    assert_eq!(commands(&again), Vec::<String>::new(), "it is of today");

    // A new advisory is seen, once it is older than a day.
    let text = upstream.read("crates/lefty/RUSTSEC-2026-9001.md");
    upstream.write(
        "crates/innocent/RUSTSEC-2026-9010.md",
        text.replace("lefty", "innocent").replace("9001", "9010"),
    );
    upstream.commit("feat: another one");
    let text = repo
        .read("Cargo.lock")
        .replace("\"mistaken\"", "\"innocent\"");
    repo.write("Cargo.lock", text);
    expect(
        &ask(&later(&repo, upstream.root(), 1, ""), "audit"),
        Verdict::Pass,
    );
    let cx = later(&repo, upstream.root(), 2, "");
    let report = ask(&cx, "audit");
    expect(&report, Verdict::Fail);
    assert_eq!(report.evidence["cargo"]["database"]["age_days"], 0);
    assert!(commands(&cx)[0].contains("fetch --quiet --depth=1"));
}

#[test]
fn one_that_cannot_be_refreshed_is_used_for_a_while_and_said() {
    let (repo, upstream) = (with(GOOD), upstream());
    let folder = upstream.root().to_owned();
    expect(&ask(&later(&repo, &folder, 0, ""), "audit"), Verdict::Pass);
    drop(upstream);
    let report = ask(&later(&repo, &folder, 7, ""), "audit");
    expect(&report, Verdict::Warn);
    let warning = said(&report, Severity::Warning)[0];
    assert!(
        warning.contains("is 7 days old, and could not be refreshed: `git"),
        "{warning}"
    );
    assert_eq!(report.evidence["cargo"]["database"]["age_days"], 7);
    let report = ask(&later(&repo, &folder, 8, ""), "audit");
    unknown(&report, "is 8 days old, and could not be refreshed");
    assert!(report.reason.unwrap().contains("more than 7 days"));
    let report = ask(&later(&repo, &folder, 8, "max_age_days = 8"), "audit");
    expect(&report, Verdict::Warn);
}

#[test]
fn none_at_all_is_unknown_with_the_way_out() {
    let repo = with(GOOD);
    let nowhere = repo.outside().join("nowhere");
    let report = ask(&later(&repo, &nowhere, 0, ""), "audit");
    unknown(&report, "there is no advisory database yet");
    assert!(report.reason.unwrap().contains("LANDFALL_ADVISORY_DB"));
    // Something that is no advisory database.
    let other = Repo::cargo_single();
    let report = ask(&later(&repo, other.root(), 0, ""), "audit");
    unknown(&report, "is no advisory database");
}

#[test]
fn a_clone_that_was_cut_short_or_is_of_another_place_is_made_anew() {
    let (repo, upstream) = (with(GOOD), upstream());
    let folder = repo.root().join(".git/landfall/advisory-db");
    expect(
        &ask(&later(&repo, upstream.root(), 0, ""), "audit"),
        Verdict::Pass,
    );
    #[expect(clippy::disallowed_methods, reason = "a fixture")]
    std::fs::remove_file(folder.join(".git/HEAD")).unwrap();
    let cx = later(&repo, upstream.root(), 0, "");
    expect(&ask(&cx, "audit"), Verdict::Pass);
    assert!(commands(&cx)[0].starts_with("git clone"));
    let other = self::upstream();
    let cx = later(&repo, other.root(), 0, "");
    expect(&ask(&cx, "audit"), Verdict::Pass);
    assert!(commands(&cx)[0].starts_with("git clone"));
}

#[test]
fn a_folder_with_history_is_as_old_as_its_last_commit() {
    let (repo, upstream) = (with(GOOD), upstream());
    let config = format!(
        "[gates.audit]\nmax_age_days = 400\ndatabase = {:?}",
        upstream.root().display().to_string()
    );
    let cx = Cx {
        helpers: helpers(),
        ..cx_with(&repo, &config)
    };
    let report = ask(&cx, "audit");
    expect(&report, Verdict::Pass);
    // The commits of fixtures are of 2026-01-02.
    assert_eq!(report.evidence["cargo"]["database"]["age_days"], 323);
    let old = ask(&audited(&repo, "max_age_days = 1"), "audit");
    unknown(&old, "bring it up to date");
}
