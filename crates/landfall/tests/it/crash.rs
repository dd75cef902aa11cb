//! The real program killed at every place where it does something, then run again: one release, the same digests.
//!
//! The fuse is in the door (`crates/world/src/fuse.rs`), so the places are all of them, not the ones somebody thought
//! of: every command just before and just after, every file, every rename.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use testkit::Repo;

use crate::run::{
    Call, FAST, Published, TAG, VERSION, assert_nothing_left, assert_released, candidate, effects,
    forge, landfall, mine, published, ready,
};
use crate::signing::Key;

const RELEASE: &[&str] = &["release", VERSION, "--yes", "--jobs", "1"];
/// Killed at every effect; a failure takes the same ways back, and is tried at every third.
const MODES: [(&str, usize); 4] = [
    ("kill-before", 1),
    ("kill-after", 1),
    ("fail-before", 3),
    ("fail-after", 3),
];

/// A repository that needs neither cargo nor npm to be released, so that a case takes a moment.
fn small() -> Repo {
    let config = FAST.replace("skip = [", "skip = [\"tools\", ");
    ready(Repo::npm(), &config)
}

/// The same without a second build, which is half of the time and has effects of its own.
fn built_once() -> Repo {
    let config = FAST.replace("skip = [", "skip = [\"tools\", ");
    ready(
        Repo::npm(),
        &format!("{config}\n[release]\nbuild_twice = false\n"),
    )
}

/// Every effect of a run that nothing disturbs.
fn recorded(repo: &Repo, args: &[&str]) -> Vec<String> {
    let log = repo.outside().join("effects.jsonl");
    Call::new(repo, args).effects(&log).run().exits(0);
    effects(&log)
}

/// Runs `check(fuse, effect)` for every effect and every way to be stopped at it, on both cores; returns how many.
fn matrix(
    effects: &[String],
    wanted: fn(&str) -> bool,
    check: impl Fn(&str, &str) + Sync,
) -> usize {
    let cases: Vec<(String, &str)> = (1..=effects.len())
        .filter(|n| wanted(&effects[n - 1]))
        .flat_map(|n| MODES.map(|(mode, every)| (mode, every, n)))
        .filter(|(_, every, n)| n % every == 0)
        .map(|(mode, _, n)| (format!("{mode}:{n}"), effects[n - 1].as_str()))
        .collect();
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((fuse, what)) = cases.get(next.fetch_add(1, Ordering::SeqCst)) {
                    check(fuse, what);
                }
            });
        }
    });
    cases.len()
}

/// A run that the fuse ends: by a signal, or with a word of its own.
fn stopped(repo: &Repo, args: &[&str], fuse: &str, what: &str) {
    let run = Call::new(repo, args).fuse(fuse).run();
    if fuse.starts_with("kill") {
        run.killed();
    } else if run.code != Some(0) {
        // A failure may be survived within the run itself: looking again shows that the effect is there.
        assert!(run.stderr.contains("error:"), "{fuse} at `{what}`\n{run}");
    }
}

fn converged(repo: &Repo, reference: &Published, base: &str, fuse: &str, what: &str) {
    let again = landfall(repo, RELEASE);
    assert_eq!(again.code, Some(0), "after {fuse} at `{what}`\n{again}");
    assert_eq!(&published(repo), reference, "after {fuse} at `{what}`");
    assert_released(repo, base);
}

#[test]
fn a_release_stopped_at_any_effect_converges_on_the_same_release() {
    let whole = converges(built_once, |_| true);
    let again = converges(small, |what| what.contains("/again"));
    assert!(whole > 60 && again > 6, "{whole} and {again} cases");
}

/// Stops a release at every wanted effect; returns how many cases there were.
fn converges(make: fn() -> Repo, wanted: fn(&str) -> bool) -> usize {
    let calm = make();
    let effects = recorded(&calm, RELEASE);
    let reference = published(&calm);
    assert!(
        effects
            .iter()
            .any(|what| what.contains("push --quiet --atomic")),
        "{effects:#?}"
    );
    let cases = matrix(&effects, wanted, |fuse, what| {
        let repo = make();
        let (base, before) = (repo.git(&["rev-parse", "HEAD"]), mine(&repo));
        stopped(&repo, RELEASE, fuse, what);
        converged(&repo, &reference, &base, fuse, what);
        assert_eq!(
            mine(&repo),
            before,
            "the user's own, after {fuse} at `{what}`"
        );
    });
    println!("{cases} cases over {} effects converged", effects.len());
    cases
}

/// The matrix above leaves the slow gates out so that a case takes a moment; here is what they run.
#[test]
fn a_release_killed_beside_a_command_of_a_gate_converges_on_the_same_release() {
    let with_gates = || {
        // Build, test, clippy and fmt; what asks more tools than cargo is left out.
        let kept = ["build", "test", "clippy", "fmt"].map(|gate| format!("\"{gate}\", "));
        let config = kept
            .iter()
            .fold(FAST.to_owned(), |config, gate| config.replace(gate, ""));
        ready(Repo::cargo_single(), &config)
    };
    let calm = with_gates();
    let effects = recorded(&calm, RELEASE);
    let reference = published(&calm);
    let mut ran = 0;
    for (at, what) in effects
        .iter()
        .enumerate()
        .filter(|(_, what)| what.contains(" cargo "))
    {
        for mode in ["kill-before", "kill-after"] {
            let repo = with_gates();
            let base = repo.git(&["rev-parse", "HEAD"]);
            let fuse = format!("{mode}:{}", at + 1);
            stopped(&repo, RELEASE, &fuse, what);
            converged(&repo, &reference, &base, &fuse, what);
            ran += 1;
        }
    }
    assert!(ran >= 6, "build, test and clippy: {effects:#?}");
    println!("{ran} cases beside the commands of gates converged");
}

/// Signatures are the same bytes again, and no agent is left behind.
#[test]
fn real_ssh_a_release_killed_while_it_signs_converges_on_the_same_release() {
    let Some(key) = Key::new() else { return };
    let secret = key.secret();
    let call = |repo: &Repo| {
        let scratch = repo.outside().join("tmp");
        std::fs::create_dir_all(&scratch).unwrap();
        Call::new(repo, RELEASE)
            .env("RELEASE_KEY", &secret)
            .env("TMPDIR", scratch)
    };
    let signed = || key.repo("key_env = \"RELEASE_KEY\"\n");
    let calm = signed();
    let log = calm.outside().join("effects.jsonl");
    call(&calm).effects(&log).run().exits(0);
    let (effects, reference) = (effects(&log), published(&calm));
    let about = ["ssh-agent", "signature", ".sig", "mktag"];
    let signing: Vec<usize> = (1..=effects.len())
        .filter(|n| about.iter().any(|word| effects[n - 1].contains(word)))
        .collect();
    assert!(signing.len() >= 9, "{effects:#?}");
    for n in signing.iter().copied().step_by(3) {
        let repo = signed();
        let base = repo.git(&["rev-parse", "HEAD"]);
        let (mode, what) = (["kill-before", "kill-after"][n % 2], &effects[n - 1]);
        call(&repo).fuse(&format!("{mode}:{n}")).run().killed();
        call(&repo).run().exits(0);
        assert_eq!(published(&repo), reference, "after {mode}:{n} at `{what}`");
        assert_released(&repo, &base);
        let sockets: Vec<PathBuf> = std::fs::read_dir(repo.outside().join("tmp"))
            .unwrap()
            .map(|entry| entry.unwrap().path().join("agent"))
            .filter(|socket| std::os::unix::net::UnixStream::connect(socket).is_ok())
            .collect();
        assert!(
            sockets.is_empty(),
            "an agent lives after {mode}:{n} at `{what}`: {sockets:?}"
        );
    }
    println!("a third of {} effects of signing converged", signing.len());
}

#[test]
fn a_release_killed_at_any_moment_converges_on_the_same_release() {
    let reference = {
        let calm = small();
        landfall(&calm, RELEASE).exits(0);
        published(&calm)
    };
    for step_ms in 1..=12_u64 {
        let repo = small();
        let base = repo.git(&["rev-parse", "HEAD"]);
        let mut child = Call::new(&repo, RELEASE).spawn();
        std::thread::sleep(Duration::from_millis(step_ms * step_ms * 4));
        child.kill().expect("a running program can be killed");
        child.wait().expect("it ends");
        // A command that was on its way goes on by itself; what it does must be found, not repeated.
        converged(
            &repo,
            &reference,
            &base,
            "SIGKILL",
            &format!("{} ms", step_ms * step_ms * 4),
        );
    }
}

#[test]
fn an_abort_stopped_at_any_effect_can_be_repeated() {
    let staged = || {
        let repo = built_once();
        landfall(
            &repo,
            &["release", VERSION, "--until", "staged", "--jobs", "1"],
        )
        .exits(0);
        repo
    };
    let before = published(&built_once());
    let abort = &["abort", VERSION];
    let calm = staged();
    let effects = recorded(&calm, abort);
    assert!(
        effects.iter().any(|what| what.contains("git push")),
        "{effects:#?}"
    );
    let cases = matrix(
        &effects,
        |_| true,
        |fuse, what| {
            let repo = staged();
            stopped(&repo, abort, fuse, what);
            landfall(&repo, abort).exits(0);
            assert_eq!(
                published(&repo).refs,
                before.refs,
                "after {fuse} at `{what}`"
            );
            assert!(
                !forge(&repo).join(".drafts").join(TAG).exists(),
                "after {fuse} at `{what}`"
            );
            assert!(!candidate(&repo).exists(), "after {fuse} at `{what}`");
            assert_nothing_left(&repo);
        },
    );
    println!("{cases} cases over {} effects converged", effects.len());
}

#[test]
fn a_stopped_rehearsal_leaves_the_repository_as_it_was() {
    let args = &["release", VERSION, "--rehearse", "--jobs", "1"];
    let effects = recorded(&small(), args);
    // Every seventh effect: the executor is the one of a release, which has them all.
    for n in (1..=effects.len()).step_by(7) {
        let repo = small();
        let before = outside_target(&repo);
        let fuse = format!("kill-after:{n}");
        stopped(&repo, args, &fuse, &effects[n - 1]);
        assert_eq!(
            outside_target(&repo),
            before,
            "after {fuse} at `{}`",
            effects[n - 1]
        );
        landfall(&repo, args).exits(0);
        assert_eq!(
            outside_target(&repo),
            before,
            "after {fuse} and a second run"
        );
    }
}

/// Every byte of the repository, `.git` included, that is not below `target`.
pub(crate) fn outside_target(repo: &Repo) -> Vec<(String, Vec<u8>)> {
    let mut all = crate::run::files(repo.root());
    all.extend(git_files(&repo.root().join(".git")));
    all
}

fn git_files(dir: &Path) -> Vec<(String, Vec<u8>)> {
    crate::run::files(dir)
        .into_iter()
        .map(|(name, bytes)| (format!(".git/{name}"), bytes))
        .collect()
}
