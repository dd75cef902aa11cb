//! Who may make a release public, and taking back what is staged.

use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};

use testkit::{Repo, not_covered};

use crate::run::{
    Call, Run, TAG, VERSION, assert_nothing_left, assert_released, candidate, forge, landfall,
    mine, program, published, single,
};

/// Stages and answers with the digest.
pub(crate) fn stage(repo: &Repo) -> String {
    let run = landfall(
        repo,
        &["release", VERSION, "--until", "staged", "--format", "json"],
    );
    run.exits(0);
    let event = run.named("candidate").remove(0);
    event["digest"].as_str().unwrap().to_owned()
}

#[test]
fn nobody_to_ask_is_an_exit_of_its_own_and_nothing_is_done() {
    let repo = single();
    let before = (repo.fingerprint(), published(&repo));
    landfall(&repo, &["release", VERSION])
        .exits(3)
        .says("no terminal to ask for approval")
        .says("--until staged");
    assert_eq!(
        before.0.difference(&repo.fingerprint()),
        Vec::<String>::new()
    );
    assert_eq!(published(&repo), before.1);
}

/// The program on a terminal that `script` of util-linux makes, answered when it asks; `None` where there is none.
fn on_a_terminal(repo: &Repo, typed: &str) -> Option<Run> {
    let call = Call::new(repo, &[]).command();
    let command = format!("{} --color never release {VERSION}", program().display());
    let mut script = Command::new("script");
    script.args(["--quiet", "--return", "--command", &command, "/dev/null"]);
    script.current_dir(repo.root()).env_clear();
    for (key, value) in call.get_envs() {
        script.env(key, value.unwrap_or_default());
    }
    script.env("TERM", "dumb").env("SHELL", "/bin/sh");
    script
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = script.spawn().ok()?;
    let (mut keyboard, mut screen) = (child.stdin.take()?, child.stdout.take()?);
    let (mut seen, mut byte) = (Vec::new(), [0]);
    while !seen.ends_with(b"to stop: ") && screen.read(&mut byte).ok()? > 0 {
        seen.extend(byte);
    }
    keyboard.write_all(typed.as_bytes()).ok()?;
    screen.read_to_end(&mut seen).ok()?;
    let mut run = crate::run::finish(child);
    run.stdout = String::from_utf8(seen).expect("the screen is UTF-8");
    Some(run)
}

#[test]
fn a_person_at_a_terminal_types_the_digest() {
    let repo = single();
    let base = repo.git(&["rev-parse", "HEAD"]);
    let digest = stage(&repo);
    let staged = published(&repo);
    for wrong in ["yes\n", "\n", "y\n", &format!("{}\n", &digest[..7])] {
        let Some(run) = on_a_terminal(&repo, wrong) else {
            return not_covered("a terminal (script)");
        };
        run.exits(3)
            .says("not approved; the candidate is staged and nothing is public");
        assert_eq!(published(&repo), staged);
    }
    // Ctrl-C at the question is an answer at once.
    let run = on_a_terminal(&repo, "\u{3}").unwrap();
    run.exits(130).says("interrupted");
    assert_eq!(published(&repo), staged);
    let run = on_a_terminal(&repo, &format!("{}\n", &digest[..8])).unwrap();
    run.exits(0).says("RELEASED single");
    assert_released(&repo, &base);
}

#[test]
fn approval_is_for_one_digest_and_no_other() {
    let repo = single();
    let base = repo.git(&["rev-parse", "HEAD"]);
    let before = mine(&repo);
    let digest = stage(&repo);
    let staged = published(&repo);
    let main = format!("{base} refs/heads/main");
    assert!(
        staged.refs.contains(&main),
        "main has not moved: {:?}",
        staged.refs
    );
    let private = format!("refs/heads/landfall/{TAG}");
    assert!(
        staged.refs.iter().any(|line| line.ends_with(&private)),
        "{:?}",
        staged.refs
    );
    assert!(
        forge(&repo)
            .join(".drafts")
            .join(TAG)
            .join("release.json")
            .is_file()
    );
    // Staged twice is staged once; status says what comes next.
    assert_eq!(stage(&repo), digest);
    assert_eq!(published(&repo), staged);
    landfall(&repo, &["status", VERSION])
        .exits(0)
        .says("next: landfall release 1.0.0-mvp");
    let other = "0".repeat(64);
    for wrong in [other.as_str(), &digest[..11], "", &digest.to_uppercase()] {
        let run = landfall(&repo, &["release", VERSION, "--approve", wrong]);
        run.exits(3)
            .says("nothing is public")
            .says(&format!("--approve {digest}"));
        assert_eq!(published(&repo), staged);
    }
    landfall(&repo, &["release", VERSION]).exits(3);
    landfall(&repo, &["release", VERSION, "--approve", &digest]).exits(0);
    assert_released(&repo, &base);
    assert_eq!(mine(&repo), before);
    landfall(&repo, &["status", VERSION])
        .exits(0)
        .says("1.0.0-mvp is released");
}

#[test]
fn an_approval_holds_for_the_next_run() {
    let repo = single();
    let base = repo.git(&["rev-parse", "HEAD"]);
    let digest = stage(&repo);
    let hook = "case \"$1\" in refs/heads/main) exit 1;; esac";
    repo.remote_hook("update", hook);
    landfall(&repo, &["release", VERSION, "--approve", &digest]).exits(2);
    repo.remote_hook("update", "exit 0");
    // Approved before: nobody has to be asked again about the very same bytes.
    landfall(&repo, &["release", VERSION]).exits(0);
    assert_released(&repo, &base);
}

#[test]
fn abort_erases_all_that_is_staged() {
    let repo = single();
    let before = (mine(&repo), published(&repo).refs);
    stage(&repo);
    landfall(&repo, &["abort", VERSION])
        .exits(0)
        .says("1.0.0-mvp is erased");
    assert_eq!((mine(&repo), published(&repo).refs), before);
    assert!(!forge(&repo).join(".drafts").join(TAG).exists());
    assert!(!candidate(&repo).exists());
    assert_nothing_left(&repo);
    landfall(&repo, &["abort", VERSION])
        .exits(0)
        .says("nothing to erase");
    landfall(&repo, &["status", VERSION])
        .exits(0)
        .says("no candidate of 1.0.0-mvp here, and no tag on the remote");
    landfall(&repo, &["release", VERSION, "--yes"]).exits(0);
}

#[test]
fn abort_after_the_release_is_refused() {
    let repo = single();
    landfall(&repo, &["release", VERSION, "--yes"]).exits(0);
    let before = (mine(&repo), published(&repo));
    landfall(&repo, &["abort", VERSION])
        .exits(4)
        .says("1.0.0-mvp is public already");
    assert_eq!((mine(&repo), published(&repo)), before);
    assert!(candidate(&repo).join("candidate.json").is_file());
}
