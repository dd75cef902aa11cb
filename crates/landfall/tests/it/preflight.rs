//! `preflight` as a person uses it again and again: what is reused, why a gate looked, parts of the gates.

use testkit::Repo;

use crate::run::{Call, Run, VERSION, landfall, mine, ready, single};

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
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let mut answers: Vec<_> = run
        .named("gate")
        .iter()
        .map(|gate| {
            (
                text(&gate["name"]),
                text(&gate["verdict"]),
                gate["cached"].as_bool().unwrap(),
            )
        })
        .collect();
    answers.sort();
    answers
}

fn names(run: &Run) -> Vec<String> {
    answers(run).into_iter().map(|(name, ..)| name).collect()
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

#[test]
fn parts_hold_every_gate_once_and_say_which_they_are() {
    let repo = repo();
    let all = names(&preflight(&repo, &["--format", "json"]));
    let mut seen = Vec::new();
    for part in ["1/2", "2/2"] {
        let run = preflight(&repo, &["--shard", part, "--format", "json"]);
        run.exits(0);
        let last = run.events().pop().unwrap();
        assert_eq!(last["shard"]["of"], 2);
        assert_eq!(last["gates"].as_array().unwrap().len(), GATES.len());
        assert_eq!(last["commit"], repo.git(&["rev-parse", "HEAD"]).trim());
        seen.extend(names(&run));
    }
    seen.sort();
    assert_eq!(seen, all);
    for wrong in ["3/2", "0/1", "one"] {
        preflight(&repo, &["--shard", wrong])
            .exits(64)
            .says("write for example 2/3");
    }
    preflight(&repo, &["--shard", "1/2", "--durations", "no-such"]).exits(2);
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
    let config = "[gates]\nskip = [\"clippy\", \"fmt\"]\n";
    let repo = ready(Repo::cargo_single(), config);
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
