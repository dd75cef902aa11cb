//! What scripts rely on: exit codes of slips, places of mistakes, and JSON events.

use serde_json::Value;
use testkit::Repo;

use crate::run::{Call, FAST, Run, TAG, VERSION, landfall, published, ready, shell, single};

#[test]
fn a_slip_on_the_command_line_is_64() {
    let repo = single();
    let before = repo.fingerprint();
    for (args, says) in [
        (
            &["relase", VERSION][..],
            "a similar subcommand exists: 'release'",
        ),
        (
            &["preflight", "vresion"],
            "there is no gate `vresion`; did you mean `version`?",
        ),
        (
            &["preflight", "--skip", "nosuch"],
            "there is no gate `nosuch`",
        ),
        (
            &["release", VERSION, "--yes", "--skip", "nosuch"],
            "there is no gate `nosuch`",
        ),
        (
            &["release", VERSION, "--until", "tomorrow"],
            "[possible values: staged, public, live, promoted]",
        ),
        (
            &["release", VERSION, "--yes", "--approve", "0"],
            "cannot be used with",
        ),
        (&["release"], "required"),
        (&["release", "pre", "--yes"], "0.9.0 is no pre-release"),
        (
            &["--format", "sh", "status", VERSION],
            "--format sh is for `plan` only",
        ),
        (
            &["--format", "yaml", "status", VERSION],
            "[possible values: human, json, sh]",
        ),
        (&["man", "nosuch"], "no command `nosuch`"),
        (&["completions", "nosuch"], "possible values"),
        (&["version", "bump", "huge"], "possible values"),
        (&[], "Usage: landfall"),
    ] {
        let run = landfall(&repo, args);
        run.exits(64).says(says);
        assert_eq!(run.stdout, "", "a mistake is no data");
    }
    let lines = before.difference(&repo.fingerprint());
    assert!(
        lines.iter().all(|line| line.contains(".git/landfall")),
        "{lines:?}"
    );
}

#[test]
fn help_and_version_are_data() {
    let repo = single();
    for args in [
        &["help"][..],
        &["--help"],
        &["release", "--help"],
        &["help", "version", "set"],
    ] {
        let run = landfall(&repo, args);
        run.exits(0).says("Usage: landfall");
        assert_eq!(run.stderr, "");
    }
    landfall(&repo, &["--help"]).says("Exit codes: 0 done");
    let version = concat!("landfall ", env!("CARGO_PKG_VERSION"), "\n");
    landfall(&repo, &["--version"]).exits(0).says(version);
}

#[test]
fn a_mistake_in_the_configuration_is_told_with_its_place() {
    let repo = single();
    for (text, place, says) in [
        ("[relase]\n", "release.toml:1:2: ", "did you mean `release`"),
        (
            "[gates]\nskip = [\"biuld\"]\n",
            "release.toml:2:9: ",
            "did you mean `build`",
        ),
        (
            "\n[release]\nlatest = \"yes\"\n",
            "release.toml:3:10: ",
            "expected a boolean",
        ),
        (
            "[release]\ntag = \"release\"\n",
            "release.toml:2:7: ",
            "{version}",
        ),
        ("[release\n", "release.toml:1:", ""),
    ] {
        repo.write("release.toml", text);
        for command in [
            &["version", "show"][..],
            &["release", VERSION, "--yes"],
            &["preflight"],
        ] {
            landfall(&repo, command).exits(2).says(place).says(says);
        }
        let events = landfall(&repo, &["version", "show", "--format", "json"]);
        events.exits(2);
        let event = events.named("error").remove(0);
        assert_eq!(event["path"], "release.toml", "{events}");
        let line = event["line"].as_u64().unwrap().to_string();
        assert!(
            place.starts_with(&format!("release.toml:{line}:")),
            "{events}"
        );
        assert!(event["message"].is_string());
    }
    // All at once, not one a run.
    repo.write("release.toml", "[relase]\n[gates]\nskip = [\"biuld\"]\n");
    let run = landfall(&repo, &["version", "show"]);
    run.exits(2)
        .says("release.toml:1:2: ")
        .says("release.toml:3:9: ");
    repo.write("release.toml", [b'#', 0xff, b'\n']);
    landfall(&repo, &["version", "show"])
        .exits(2)
        .says("release.toml:1: not UTF-8");
    landfall(&repo, &["--config", "none.toml", "version", "show"])
        .exits(2)
        .says("no file");
}

/// The keys that `INTERFACE.md` names are there, in every event of that name.
#[track_caller]
fn keys(run: &Run, name: &str, keys: &[&str]) -> Vec<Value> {
    let found = run.named(name);
    assert!(!found.is_empty(), "no event `{name}`\n{run}");
    for event in &found {
        for key in keys {
            assert!(event.get(key).is_some(), "no `{key}` in {event}");
        }
    }
    found
}

const STEP: [&str; 6] = ["name", "stage", "view", "reversal", "commands", "evidence"];
const GATE: [&str; 8] = [
    "name", "verdict", "examined", "took_ms", "cached", "waived", "findings", "evidence",
];

#[test]
fn preflight_speaks_json() {
    let repo = single();
    repo.write("README.md", "");
    let run = landfall(
        &repo,
        &["preflight", "docs", "git", "fmt", "--format", "json"],
    );
    run.exits(1);
    let gates = keys(&run, "gate", &GATE);
    assert_eq!(gates.len(), 3);
    for finding in gates
        .iter()
        .flat_map(|gate| gate["findings"].as_array().unwrap())
    {
        for key in ["severity", "message"] {
            assert!(finding[key].is_string(), "{finding}");
        }
    }
    let git = gates.iter().find(|gate| gate["name"] == "git").unwrap();
    assert_eq!(git["verdict"], "fail");
    assert_eq!(git["evidence"]["branch"], "main");
    assert_eq!(git["evidence"]["ahead"], 0);
    assert_eq!(git["evidence"]["behind"], 0);
    assert_eq!(git["evidence"]["changed"][0], "README.md");
    assert_eq!(git["evidence"]["untracked"], Value::Array(Vec::new()));
    let last = run.events().pop().unwrap();
    assert_eq!(
        (&last["event"], &last["verdict"]),
        (&"preflight".into(), &"fail".into())
    );
    for (verdict, count) in [
        ("pass", 0),
        ("warn", 0),
        ("fail", 2),
        ("unknown", 0),
        ("skipped", 1),
    ] {
        assert_eq!(last["counts"][verdict], count, "{last}");
    }
}

#[test]
fn version_speaks_json() {
    let repo = single();
    let run = landfall(&repo, &["version", "set", VERSION, "--format", "json"]);
    run.exits(0);
    let edits = keys(&run, "edit", &["path", "kind", "matches"]);
    assert!(
        edits.iter().any(|edit| edit["path"] == "VERSION"
            && edit["kind"] == "change"
            && edit["matches"] == 1)
    );
    let version = keys(&run, "version", &["old", "new", "order"]).remove(0);
    assert_eq!(version["order"], "upgrade");
    let again = landfall(&repo, &["version", "set", VERSION, "--format", "json"]);
    assert_eq!(
        keys(&again, "version", &["old", "new", "order"])[0]["order"],
        "same"
    );
    assert!(
        again
            .named("edit")
            .iter()
            .all(|edit| edit["kind"] == "same")
    );
    let bad = landfall(&repo, &["version", "set", "1.0", "--format", "json"]);
    bad.exits(64);
    keys(&bad, "error", &["message", "help"]);
}

#[test]
fn a_release_speaks_json() {
    let repo = single();
    let plan = landfall(&repo, &["plan", VERSION, "--format", "json"]);
    plan.exits(0);
    keys(&plan, "step", &STEP);
    let awaiting = landfall(&repo, &["release", VERSION, "--format", "json"]);
    awaiting.exits(3);
    assert_eq!(
        keys(&awaiting, "release", &["outcome"])[0]["outcome"],
        "awaiting-approval"
    );
    keys(&awaiting, "error", &["message", "help"]);
    let staged = landfall(
        &repo,
        &["release", VERSION, "--until", "staged", "--format", "json"],
    );
    staged.exits(0);
    let end = staged.events().pop().unwrap();
    assert_eq!(
        (&end["event"], &end["outcome"]),
        (&"release".into(), &"awaiting-approval".into())
    );
    assert_eq!(end["stage"], "staged");
    let status = landfall(&repo, &["status", VERSION, "--format", "json"]);
    status.exits(0);
    let views: Vec<Value> = keys(&status, "step", &STEP)
        .into_iter()
        .map(|step| step["view"].clone())
        .collect();
    assert_eq!(views, ["done", "done", "todo", "todo"]);
    assert_eq!(
        keys(&status, "status", &["version", "stage", "next"])[0]["stage"],
        "staged"
    );
    let run = landfall(&repo, &["release", VERSION, "--yes", "--format", "json"]);
    run.exits(0);
    let candidate = keys(&run, "candidate", &["digest", "commit", "tag", "artifacts"]).remove(0);
    assert_eq!(candidate["tag"], TAG);
    for artifact in candidate["artifacts"].as_array().unwrap() {
        assert!(artifact["size"].as_u64().unwrap() > 0);
        assert_eq!(artifact["sha256"].as_str().unwrap().len(), 64);
    }
    keys(&run, "step", &STEP);
    let end = run.events().pop().unwrap();
    assert_eq!(
        (&end["event"], &end["outcome"]),
        (&"release".into(), &"released".into())
    );
    assert_eq!(
        (&end["stage"], &end["changed"]),
        (&"public".into(), &true.into())
    );
    assert_eq!(run.stderr, "", "the story is in the events");
    let again = landfall(&repo, &["release", VERSION, "--yes", "--format", "json"]);
    assert_eq!(again.events().pop().unwrap()["changed"], false);
    let abort = landfall(&repo, &["abort", VERSION, "--format", "json"]);
    abort.exits(4);
    keys(&abort, "error", &["message", "help"]);
}

#[test]
fn every_command_that_looks_speaks_json() {
    let repo = single();
    for args in [
        &["doctor"][..],
        &["gates"],
        &["version", "show"],
        &["version", "check"],
        &["changelog", "check"],
        &["artifacts", "build", VERSION],
        &["artifacts", "verify", VERSION],
        &["abort", VERSION],
    ] {
        let mut args = args.to_vec();
        args.extend(["--format", "json"]);
        let run = landfall(&repo, &args);
        assert!(!run.exits(0).events().is_empty(), "{run}");
    }
}

#[test]
fn quiet_keeps_results_and_a_closed_pipe_is_no_crash() {
    let repo = single();
    let run = landfall(&repo, &["--quiet", "release", VERSION, "--yes"]);
    run.exits(0).says("RELEASED");
    assert_eq!(run.stderr, "");
    let run = shell(
        &repo,
        repo.root(),
        "landfall gates | head -n 1; landfall help | true",
    );
    run.exits(0);
    assert!(!run.stderr.contains("panicked"), "{run}");
    assert!(!published(&repo).refs.is_empty());
}

#[test]
fn completions_man_and_schema_are_what_their_readers_take() {
    let repo = Repo::empty();
    let outside = repo.outside();
    for (name, says) in [
        ("bash", "_landfall"),
        ("zsh", "#compdef landfall"),
        ("fish", "complete -c landfall"),
    ] {
        // Outside of any repository: a packager has none.
        let run = Call::new(&repo, &["completions", name]).cwd(&outside).run();
        run.exits(0).says(says).says("rehearse");
        std::fs::write(outside.join(name), run.stdout).unwrap();
        if shell(&repo, &outside, &format!("command -v {name}")).code == Some(0) {
            shell(&repo, &outside, &format!("{name} -n {name}")).exits(0);
        }
    }
    let man = Call::new(&repo, &["man"]).cwd(&outside).run();
    man.exits(0).says(".SH NAME\nlandfall \\- ");
    Call::new(&repo, &["man", "release"])
        .cwd(&outside)
        .run()
        .exits(0)
        .says("rehearse");
    let schema = Call::new(&repo, &["schema"]).cwd(&outside).run();
    assert_eq!(schema.exits(0).stdout, config::schema());
    let value: Value = serde_json::from_str(&schema.stdout).unwrap();
    assert!(value["properties"]["gates"].is_object());
}

#[test]
fn a_waiver_lets_a_failure_through_and_is_on_record() {
    let waiver = "[[waiver]]\ngate = \"docs\"\nreason = \"moved\"\nowner = \"dev@example.com\"\nuntil = 2026-02-03\n";
    let repo = Repo::cargo_single();
    repo.write("README.md", "");
    let repo = ready(repo, &format!("{FAST}\n{waiver}"));
    let run = landfall(&repo, &["release", VERSION, "--yes"]);
    run.exits(0).says("waived     docs — let through");
    let record =
        std::fs::read_to_string(crate::run::forge(&repo).join(TAG).join("candidate.json")).unwrap();
    assert!(
        record.contains("fail (waived: moved (dev@example.com, until 2026-02-03))"),
        "{record}"
    );
    let late = Call::new(&repo, &["preflight", "docs"]).env("SOURCE_DATE_EPOCH", "1770163200");
    late.run().exits(1).says("expired on 2026-02-03");
}
