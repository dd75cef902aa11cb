//! `preflight` as a person uses it again and again: what is reused, why a gate looked, parts of the gates.

use serde_json::Value;
use testkit::Repo;

use crate::run::{Call, FAST, Run, VERSION, landfall, mine, ready, single};

const GATES: &[&str] = &["build", "test", "docs"];

fn repo() -> Repo {
    ready(Repo::cargo_single(), "")
}

fn preflight(repo: &Repo, more: &[&str]) -> Run {
    let args = [&["preflight"], GATES, more].concat();
    landfall(repo, &args)
}

/// Name, verdict and whether it was reused, of every gate.
fn answers(run: &Run) -> Vec<(String, String, bool)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut answers: Vec<_> = run
        .named("gate")
        .iter()
        .map(|gate| {
            let cached = gate["cached"] == true;
            (text(&gate["name"]), text(&gate["verdict"]), cached)
        })
        .collect();
    answers.sort();
    answers
}

#[test]
fn the_second_preflight_reuses_what_passed_and_says_so() {
    let repo = repo();
    let before = mine(&repo);
    preflight(&repo, &[]).exits(0);
    let second = preflight(&repo, &["--format", "json"]);
    second.exits(0);
    let expected = [("build", true), ("docs", false), ("test", true)]
        .map(|(name, cached)| (name.to_owned(), "pass".to_owned(), cached));
    assert_eq!(answers(&second), expected);
    let human = preflight(&repo, &[]);
    human.exits(0).says("reused");
    assert_eq!(mine(&repo), before);
    let list = landfall(&repo, &["gates"]);
    let test = list.stdout.lines().find(|line| line.starts_with("test "));
    assert!(test.unwrap().contains(" pass "), "{list}");
}

#[test]
fn explain_names_the_input_that_changed() {
    let repo = repo();
    preflight(&repo, &["--explain"])
        .exits(0)
        .says("looked: it has not passed here before");
    preflight(&repo, &["--explain"])
        .exits(0)
        .says("everything else it looks at are as they were when it passed");
    let text = repo.read("src/lib.rs");
    repo.write("src/lib.rs", text.replace("twice(1), 2", "twice(1), 3"));
    preflight(&repo, &["--explain"])
        .exits(1)
        .says("looked: src/lib.rs changed");
    repo.write("src/lib.rs", text);
    preflight(&repo, &["--explain"])
        .exits(0)
        .says("looked: the last answer was fail");
    let again = preflight(&repo, &["--no-cache", "--format", "json"]);
    assert!(answers(&again).iter().all(|(.., cached)| !cached));
}

#[test]
fn a_failure_is_never_reused() {
    let repo = repo();
    let text = repo.read("src/lib.rs");
    repo.write("src/lib.rs", text.replace("twice(1), 2", "twice(1), 3"));
    for _ in 0..2 {
        let run = preflight(&repo, &["--format", "json"]);
        run.exits(1);
        let test = &answers(&run)[2];
        assert_eq!((test.1.as_str(), test.2), ("fail", false));
    }
}

#[test]
fn only_what_differs_from_a_commit() {
    let repo = repo();
    let run = preflight(&repo, &["--base", "HEAD", "--format", "json"]);
    run.exits(0);
    assert!(
        answers(&run)
            .iter()
            .all(|(_, verdict, _)| verdict == "skipped")
    );
    repo.write("README.md", "# other\n");
    let run = preflight(&repo, &["--base", "HEAD"]);
    run.exits(0).says("PASSED as far as asked");
    preflight(&repo, &["--base", "no-such"])
        .exits(2)
        .says("there is no commit `no-such`");
}

/// The outputs of so many machines, as files beside the repository.
fn parts(repo: &Repo, of: usize, more: &[&str]) -> Vec<String> {
    let part = |index: usize| {
        let part = format!("{index}/{of}");
        let run = preflight(
            repo,
            &[&["--shard", &part, "--format", "json"], more].concat(),
        );
        let path = repo.outside().join(format!("part-{index}.jsonl"));
        repo.write(path.to_str().unwrap_or_default(), &run.stdout);
        path.display().to_string()
    };
    (1..=of).map(part).collect()
}

#[test]
fn parts_hold_every_gate_once_and_are_merged_into_the_whole() {
    let repo = repo();
    let whole = preflight(&repo, &["--no-cache", "--format", "json"]);
    let files = parts(&repo, 2, &["--no-cache"]);
    let merge = |files: &[String], more: &[&str]| {
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        landfall(&repo, &[&["merge"], &files[..], more].concat())
    };
    let merged = merge(&files, &["--format", "json"]);
    merged.exits(0);
    assert_eq!(answers(&merged), answers(&whole));
    let last = |run: &Run| run.events().pop().unwrap_or_default();
    assert_eq!(last(&merged)["counts"], last(&whole)["counts"]);
    // In each part the others' gates are said to be elsewhere.
    let asked = |file: &String| {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        text.matches("left to shard").count()
    };
    assert_eq!(files.iter().map(asked).sum::<usize>(), GATES.len());
    merge(&files[..1], &[])
        .exits(2)
        .says("shard 2 of 2 is missing");
    repo.commit("feat: another commit");
    let later = parts(&repo, 2, &[]);
    let older = std::fs::read_to_string(&files[0]).unwrap_or_default();
    assert!(!older.is_empty() && later == files);
    repo.write(
        repo.outside().join("rubbish").to_str().unwrap_or_default(),
        "rubbish\n",
    );
    let rubbish = repo.outside().join("rubbish").display().to_string();
    merge(&[rubbish], &[]).exits(2).says("rubbish:1");
    merge(&["no-such-file".to_owned()], &[]).exits(2);
    for wrong in ["3/2", "0/1", "one"] {
        preflight(&repo, &["--shard", wrong])
            .exits(64)
            .says("write for example 2/3");
    }
    preflight(&repo, &["--shard", "1/2", "--durations", "no-such"]).exits(2);
}

#[test]
fn other_programs_get_their_reports() {
    let repo = repo();
    repo.write("README.md", "");
    let summary = repo.outside().join("summary.md");
    let run = Call::new(
        &repo,
        &[
            "preflight",
            "docs",
            "--junit",
            "../junit.xml",
            "--sarif",
            "../log.sarif",
            "--format",
            "json",
        ],
    )
    .env("GITHUB_ACTIONS", "true")
    .env("GITHUB_STEP_SUMMARY", summary.as_os_str())
    .run();
    run.exits(1);
    let read = |name: &str| std::fs::read_to_string(repo.outside().join(name)).unwrap_or_default();
    assert!(
        read("junit.xml").contains("<failure"),
        "{}",
        read("junit.xml")
    );
    let sarif: Value = serde_json::from_str(&read("log.sarif")).unwrap_or_default();
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "docs", "{sarif}");
    assert!(read("summary.md").contains("docs"));
    assert!(run.stderr.contains("::error file=README.md"), "{run}");
    // Nobody asked for annotations.
    let plain = landfall(&repo, &["preflight", "docs"]);
    assert!(!plain.stderr.contains("::error"), "{plain}");
}

#[test]
fn what_is_remembered_is_in_nobodys_way() {
    let repo = single();
    preflight(&repo, &[]).exits(0);
    assert_eq!(repo.git(&["status", "--porcelain", "--ignored"]), "");
    // Rubbish in place of it costs nothing.
    for file in std::fs::read_dir(repo.root().join(".git/landfall/gates")).unwrap() {
        let path = file.unwrap().path();
        repo.write(path.to_str().unwrap(), "rubbish");
    }
    preflight(&repo, &[]).exits(0);
}

#[test]
fn a_release_reuses_the_answers_for_the_same_tree_alone() {
    let config = FAST.replace("\"test\", ", "");
    let repo = ready(Repo::cargo_single(), &config);
    let cached = |run: &Run| {
        let gates = answers(run);
        let tests = gates.iter().filter(|(name, ..)| name == "test");
        tests.map(|(.., cached)| *cached).collect::<Vec<bool>>()
    };
    let rehearse = ["release", VERSION, "--rehearse", "--format", "json"];
    let first = landfall(&repo, &rehearse);
    first.exits(0);
    assert_eq!(cached(&first), [false]);
    let second = landfall(&repo, &rehearse);
    second.exits(0);
    assert_eq!(cached(&second), [true], "{second}");
    repo.write("notes.md", "a file that no test reads\n");
    repo.commit("docs: add notes");
    let third = landfall(&repo, &rehearse);
    assert_eq!(cached(&third), [false], "{third}");
    let early = Call::new(&repo, &rehearse).env("SOURCE_DATE_EPOCH", "1770200000");
    early.run().exits(0);
}
