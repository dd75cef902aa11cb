//! `waive`: what is written, what is refused, and that a preflight listens to it for as long as it should.

use serde_json::json;
use testkit::Repo;

use crate::run::{Call, Run, landfall};

/// A day after [`crate::run::NOW_S`], which is the 3rd.
const UNTIL: &str = "2026-02-04";
/// 2026-02-05T00:00:00Z.
const THE_DAY_AFTER: &str = "1770249600";

/// `docs` fails here.
fn repo(config: Option<&str>) -> Repo {
    let repo = Repo::cargo_single();
    repo.write("README.md", "");
    if let Some(config) = config {
        repo.write("release.toml", config);
    }
    repo.commit("docs: lose the words");
    repo
}

fn waive(repo: &Repo, gate: &str, reason: &str, owner: &str, until: &str, more: &[&str]) -> Run {
    let args = [
        "waive", gate, "--reason", reason, "--owner", owner, "--until", until,
    ];
    landfall(repo, &[&args, more].concat())
}

fn moved(repo: &Repo, until: &str, more: &[&str]) -> Run {
    waive(repo, "docs", "it moves", "dev@example.com", until, more)
}

#[test]
fn a_failing_gate_is_let_through_until_its_day_and_no_longer() {
    let repo = repo(None);
    landfall(&repo, &["preflight", "docs"]).exits(1);
    moved(&repo, UNTIL, &[])
        .exits(0)
        .says("docs may fail until 2026-02-04 (dev@example.com): it moves")
        .says("commit release.toml");
    assert_eq!(
        repo.read("release.toml"),
        "[[waiver]]\ngate = \"docs\"\nreason = \"it moves\"\nowner = \"dev@example.com\"\nuntil = 2026-02-04\n"
    );
    assert_eq!(
        repo.git(&["status", "--porcelain", "--ignored"]),
        "?? release.toml"
    );
    landfall(&repo, &["preflight", "docs"])
        .exits(0)
        .says("waived: it moves (dev@example.com, until 2026-02-04)");
    let at = |now: &str| {
        Call::new(&repo, &["preflight", "docs"])
            .env("SOURCE_DATE_EPOCH", now)
            .run()
    };
    // The last second of the last day, and the one after it.
    at("1770249599").exits(0);
    at(THE_DAY_AFTER)
        .exits(1)
        .says("the waiver of dev@example.com expired on 2026-02-04: it moves");
}

#[test]
fn everything_else_stays_and_a_later_day_is_written_in_place() {
    let text = "# Ours.\r\n[gates.docs] # these\r\nrequired = [\"README.md\"]";
    let repo = repo(Some(text));
    moved(&repo, UNTIL, &[]).exits(0);
    let first = repo.read("release.toml");
    let added = first
        .strip_prefix(text)
        .expect("the old text is its beginning");
    assert!(
        added.starts_with("\r\n\r\n[[waiver]]\r\ngate = \"docs\"\r\n"),
        "{added:?}"
    );
    for until in [UNTIL, "2026-02-03"] {
        moved(&repo, until, &[])
            .exits(64)
            .says("line 9 holds this waiver already, until 2026-02-04")
            .says("help:");
    }
    assert_eq!(repo.read("release.toml"), first);
    let longer = moved(&repo, "2027-02-03", &["--format", "json"]);
    longer.exits(0);
    assert_eq!(
        longer.named("edit"),
        [
            json!({"schema": 1, "event": "edit", "path": "release.toml", "kind": "change", "matches": 1})
        ]
    );
    assert_eq!(
        repo.read("release.toml"),
        first.replace(UNTIL, "2027-02-03")
    );
}

#[test]
fn print_is_a_patch_and_writes_nothing() {
    for config in [None, Some("[gates.docs]\nrequired = [\"README.md\"]")] {
        let repo = repo(config);
        let before = repo.fingerprint();
        let run = moved(&repo, UNTIL, &["--print"]);
        run.exits(0);
        moved(&repo, UNTIL, &["--print", "--format", "json"])
            .exits(0)
            .says(if config.is_some() {
                "\"change\""
            } else {
                "\"create\""
            });
        assert_eq!(before.difference(&repo.fingerprint()), Vec::<String>::new());
        let patch = repo.outside().join("waiver.patch");
        let patch = patch.to_str().unwrap();
        repo.write(patch, &run.stdout);
        repo.git(&["apply", patch]);
        let by_hand = repo.read("release.toml");
        match config {
            Some(text) => drop(repo.write("release.toml", text)),
            None => drop(repo.remove("release.toml")),
        }
        moved(&repo, UNTIL, &[]).exits(0);
        assert_eq!(repo.read("release.toml"), by_hand);
    }
}

#[test]
fn what_makes_no_waiver_is_refused_and_writes_nothing() {
    let own = "[[gate]]\nname = \"letter\"\nabout = \"is it signed\"\ncommand = [\"false\"]\n";
    let repo = repo(Some(own));
    let before = repo.fingerprint();
    for (gate, reason, owner, until, words) in [
        ("chagnelog", "x", "y", UNTIL, "did you mean `changelog`?"),
        ("leter", "x", "y", UNTIL, "did you mean `letter`?"),
        ("docs", " ", "y", UNTIL, "the reason is empty"),
        ("docs", "x", "", UNTIL, "the owner is empty"),
        ("docs", "x\ny", "y", UNTIL, "the reason holds the character"),
        (
            "docs",
            "x",
            "y\u{7}",
            UNTIL,
            "the owner holds the character",
        ),
        ("docs", "x", "y", "soon", "YYYY-MM-DD"),
        ("docs", "x", "y", "2026-02-30", "28 days, not 30"),
        (
            "docs",
            "x",
            "y",
            "2026-02-02",
            "is over: today is 2026-02-03",
        ),
        ("docs", "x", "y", "2027-02-04", "more than a year away"),
    ] {
        waive(&repo, gate, reason, owner, until, &["--print"])
            .exits(64)
            .says(words);
        waive(&repo, gate, reason, owner, until, &[])
            .exits(64)
            .says(words);
    }
    landfall(&repo, &["waive", "docs", "--reason", "x"])
        .exits(64)
        .says("--owner");
    assert_eq!(before.difference(&repo.fingerprint()), Vec::<String>::new());
    // A gate of the repository's own is as good as one of the table.
    landfall(&repo, &["preflight", "letter"]).exits(1);
    waive(&repo, "letter", "x", "y", UNTIL, &[]).exits(0);
    landfall(&repo, &["preflight", "letter"]).exits(0);
}
