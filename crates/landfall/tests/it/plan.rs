//! The plan touches nothing, and is what the release runs.

use serde_json::Value;

use crate::run::{
    Call, VERSION, assert_released, candidate, effects, landfall, published, shell, single,
};

#[test]
fn planning_touches_nothing_and_needs_no_remote() {
    let repo = single();
    let (tree, remote) = (repo.fingerprint(), repo.remote_fingerprint());
    let plans: Vec<String> = ["human", "json", "sh"]
        .iter()
        .map(|format| {
            landfall(&repo, &["plan", VERSION, "--format", format])
                .exits(0)
                .stdout
                .clone()
        })
        .collect();
    assert_eq!(tree.difference(&repo.fingerprint()), Vec::<String>::new());
    assert_eq!(
        remote.difference(&repo.remote_fingerprint()),
        Vec::<String>::new()
    );
    assert!(
        plans[0].contains("point of no return: a person approves"),
        "{}",
        plans[0]
    );
    std::fs::rename(repo.remote(), repo.outside().join("away.git")).unwrap();
    for (format, plan) in ["human", "json", "sh"].iter().zip(&plans) {
        assert_eq!(
            landfall(&repo, &["plan", VERSION, "--format", format])
                .exits(0)
                .stdout,
            *plan
        );
    }
    assert_eq!(tree.difference(&repo.fingerprint()), Vec::<String>::new());
}

/// The commands of the steps in an answer of `plan`.
fn planned(text: &str) -> Vec<String> {
    let events = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let steps = events.filter(|event| event["event"] == "step");
    steps
        .flat_map(|step| step["commands"].as_array().unwrap().clone())
        .map(|command| command.as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn what_is_planned_is_what_is_run() {
    let repo = single();
    let plan = planned(&landfall(&repo, &["plan", VERSION, "--format", "json"]).stdout);
    let log = repo.outside().join("effects");
    Call::new(&repo, &["release", VERSION, "--yes"])
        .effects(&log)
        .run()
        .exits(0);
    let text = std::fs::read_to_string(candidate(&repo).join("candidate.json")).unwrap();
    let made: Value = serde_json::from_str(&text).unwrap();
    let named = |effect: String| {
        let effect = effect.replace(made["commit"].as_str().unwrap(), "${COMMIT}");
        effect.replace(made["tag_object"].as_str().unwrap(), "${TAG_OBJECT}")
    };
    let is_step = |effect: &String| {
        let starts = ["git push ", "mkdir -p -- ", "cp -- ", "mv -- "];
        starts.iter().any(|start| effect.starts_with(start))
    };
    let run: Vec<String> = effects(&log)
        .into_iter()
        .map(named)
        .filter(is_step)
        .collect();
    assert!(run.len() > 8, "{run:?}");
    assert_eq!(run, plan);
    // Once there is a candidate the plan names its real commits.
    let later = planned(&landfall(&repo, &["plan", VERSION, "--format", "json"]).stdout);
    assert!(
        later.iter().all(|command| !command.contains("${")),
        "{later:?}"
    );
    assert_eq!(later.into_iter().map(named).collect::<Vec<_>>(), plan);
}

#[test]
fn the_script_does_what_the_release_does() {
    let (ours, theirs) = (single(), single());
    landfall(&ours, &["release", VERSION, "--yes"]).exits(0);
    let base = theirs.git(&["rev-parse", "HEAD"]);
    let script = landfall(&theirs, &["plan", VERSION, "--format", "sh"]);
    let path = theirs.outside().join("release.sh");
    std::fs::write(&path, &script.exits(0).stdout).unwrap();
    shell(&theirs, theirs.root(), "sh -n ../release.sh").exits(0);
    shell(&theirs, theirs.root(), "sh ../release.sh").exits(0);
    assert_released(&theirs, &base);
    assert_eq!(published(&ours), published(&theirs));
    // A release by hand is a release: the program finds nothing left to do.
    landfall(&theirs, &["release", VERSION, "--yes"])
        .exits(0)
        .says("was released before");
}
