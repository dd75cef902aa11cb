//! Ctrl-C and SIGTERM: the program ends with 130, so does all that it started, and the next run works.

use std::path::PathBuf;
use std::process::Command;

use testkit::Repo;

use crate::run::{
    Call, Run, TAG, VERSION, assert_nothing_left, assert_released, candidate, finish, forge,
    landfall, mine, published, ready, single, wait_for,
};

/// A shell script that says where it is and who it is, and then waits for the end of the world.
fn hang(repo: &Repo) -> (String, PathBuf) {
    let there = repo.outside().join("there");
    let at = there.display();
    (
        format!("sleep 300 & echo $$ $! > {at}.tmp; mv {at}.tmp {at}; wait"),
        there,
    )
}

/// Starts, waits until the script hangs, sends the signal, and asserts that program and children are gone.
fn interrupted(repo: &Repo, args: &[&str], there: &PathBuf, signal: &str) -> Run {
    let child = Call::new(repo, args).spawn();
    wait_for("the command hangs", || there.exists());
    let pid = child.id().to_string();
    let sent = Command::new("kill")
        .args(["-s", signal, &pid])
        .status()
        .unwrap();
    assert!(sent.success());
    let run = finish(child);
    run.exits(130).says("interrupted");
    for pid in std::fs::read_to_string(there).unwrap().split_whitespace() {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        assert!(
            stat.is_empty() || stat.contains(") Z "),
            "still runs: {stat}"
        );
    }
    std::fs::remove_file(there).unwrap();
    run
}

#[test]
fn while_a_gate_runs_for_a_candidate() {
    for (signal, args) in [
        ("INT", &["release", VERSION, "--yes"][..]),
        ("TERM", &["artifacts", "build", VERSION]),
        ("INT", &["release", VERSION, "--yes", "--format", "json"]),
    ] {
        let repo = Repo::cargo_single();
        let (script, there) = hang(&repo);
        let flag = repo.outside().join("flag").display().to_string();
        let config = format!(
            "[gates]\nskip = [\"build\", \"clippy\", \"fmt\", \"deps\", \"audit\", \"coverage\", \"licenses\", \"doc\", \"semver\", \"publishable\", \"msrv\"]\n\n[gates.test]\ncommand = [\"sh\", \"-c\", '[ -e {flag} ] || {{ {script}; }}']\n\n\
             [forge]\nkind = \"folder\"\npath = \"../forge\"\n"
        );
        let repo = ready(repo, &config);
        let base = repo.git(&["rev-parse", "HEAD"]);
        let before = (mine(&repo), published(&repo));
        let run = interrupted(&repo, args, &there, signal);
        if args.contains(&"json") {
            assert_eq!(run.named("release")[0]["outcome"], "failed");
        }
        assert_eq!((mine(&repo), published(&repo)), before);
        assert_nothing_left(&repo);
        assert!(!candidate(&repo).exists(), "no half-made candidate");
        std::fs::write(&flag, "").unwrap();
        landfall(&repo, &["release", VERSION, "--yes"]).exits(0);
        assert_released(&repo, &base);
    }
}

#[test]
fn while_something_is_pushed() {
    let repo = single();
    let base = repo.git(&["rev-parse", "HEAD"]);
    let (script, there) = hang(&repo);
    repo.remote_hook("pre-receive", &script);
    interrupted(&repo, &["release", VERSION, "--yes"], &there, "TERM");
    assert!(
        candidate(&repo).join("candidate.json").is_file(),
        "the candidate is whole"
    );
    assert!(!forge(&repo).join(TAG).exists());
    repo.remote_hook("pre-receive", "exit 0");
    landfall(&repo, &["release", VERSION, "--yes"]).exits(0);
    assert_released(&repo, &base);
}

#[test]
fn while_gates_run_for_a_person() {
    let repo = Repo::cargo_single();
    let (script, there) = hang(&repo);
    repo.write(
        "release.toml",
        format!("[gates.test]\ncommand = [\"sh\", \"-c\", '{script}']\n"),
    );
    interrupted(&repo, &["preflight", "test", "version"], &there, "INT");
}
