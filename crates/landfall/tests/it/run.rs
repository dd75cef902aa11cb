//! Runs the program under test, and says what a repository, a remote and a forge hold.
//!
//! The environment is the fixture's own: no user, no home, no network, a clock that stands still.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use testkit::{Fingerprint, Repo, fingerprint};

pub(crate) const VERSION: &str = "1.0.0-mvp";
pub(crate) const TAG: &str = "v1.0.0-mvp";

/// 2026-02-03T04:05:06Z, a month after the fixtures' commits.
pub(crate) const NOW_S: &str = "1770091506";

/// Everything slow is left out; the forge is a folder beside the repository.
pub(crate) const FAST: &str = "\
[gates]
skip = [\"build\", \"test\", \"clippy\", \"fmt\", \"deps\", \"audit\", \"coverage\", \"licenses\", \"doc\", \"semver\", \"publishable\", \"msrv\"]

[forge]
kind = \"folder\"
path = \"../forge\"
";

/// The repository with a `release.toml` and one commit after its tag, on its remote.
pub(crate) fn ready(repo: Repo, config: &str) -> Repo {
    repo.write("release.toml", config);
    repo.commit("feat: something new");
    let repo = repo.with_remote();
    std::fs::create_dir_all(forge(&repo)).unwrap();
    repo
}

/// The quickest repository that can be released.
pub(crate) fn single() -> Repo {
    ready(Repo::cargo_single(), FAST)
}

/// The folder that stands for the forge.
pub(crate) fn forge(repo: &Repo) -> PathBuf {
    repo.outside().join("forge")
}

/// The folder of the candidate of [`VERSION`].
pub(crate) fn candidate(repo: &Repo) -> PathBuf {
    repo.root().join("target/release-candidates").join(TAG)
}

/// A call of the program, with nothing on its standard input.
pub(crate) struct Call {
    cwd: PathBuf,
    args: Vec<OsString>,
    env: Vec<(OsString, OsString)>,
}

impl Call {
    /// In the root of the repository, with the fixture's environment.
    pub(crate) fn new(repo: &Repo, args: &[&str]) -> Call {
        assert!(
            program().with_file_name("landfall-notes").is_file(),
            "landfall-notes is not beside landfall: run `cargo build -p landfall-notes` first"
        );
        let mut env = repo.env();
        env.push(("SOURCE_DATE_EPOCH".into(), NOW_S.into()));
        Call {
            cwd: repo.root().to_owned(),
            args: args.iter().map(OsString::from).collect(),
            env,
        }
    }

    pub(crate) fn cwd(mut self, cwd: &Path) -> Call {
        self.cwd = cwd.to_owned();
        self
    }

    /// Sets a variable, in place of the fixture's.
    pub(crate) fn env(mut self, key: &str, value: impl Into<OsString>) -> Call {
        self.env.retain(|(known, _)| known != key);
        self.env.push((key.into(), value.into()));
        self
    }

    /// `kill-before:3` and so on, see `crates/world/src/fuse.rs`.
    pub(crate) fn fuse(self, fuse: &str) -> Call {
        self.env("LANDFALL_FUSE", fuse)
    }

    /// Every effect is appended to this file, see [`effects`].
    pub(crate) fn effects(self, log: &Path) -> Call {
        self.env("LANDFALL_EFFECTS", log.as_os_str())
    }

    /// To its end.
    pub(crate) fn run(&self) -> Run {
        let output = self.command().output().expect("the program starts");
        Run {
            args: self.args.clone(),
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("standard output is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("standard error is UTF-8"),
        }
    }

    /// Beside the test; see [`finish`].
    pub(crate) fn spawn(&self) -> Child {
        self.command()
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts")
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(program());
        command
            .args(&self.args)
            .current_dir(&self.cwd)
            .env_clear()
            .envs(self.env.iter().map(|(key, value)| (key, value)))
            .stdin(Stdio::null());
        command
    }
}

/// The program under test.
pub(crate) fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_landfall"))
}

/// `landfall ARGS` in the root of the repository.
pub(crate) fn landfall(repo: &Repo, args: &[&str]) -> Run {
    Call::new(repo, args).run()
}

/// The end of a spawned call.
pub(crate) fn finish(child: Child) -> Run {
    let output = child.wait_with_output().expect("the program ends");
    Run {
        args: Vec::new(),
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).expect("standard output is UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("standard error is UTF-8"),
    }
}

/// How a call ended and what it said.
pub(crate) struct Run {
    args: Vec<OsString>,
    /// `None` when a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// Asserts the exit code; the failure shows all that was said.
    #[track_caller]
    pub(crate) fn exits(&self, code: i32) -> &Run {
        assert_eq!(self.code, Some(code), "{self}");
        self
    }

    /// Asserts that a signal ended it, as a fuse of the `kill` kind does.
    #[track_caller]
    pub(crate) fn killed(&self) -> &Run {
        assert_eq!(self.code, None, "{self}");
        self
    }

    /// Asserts that a text is in what was said, on either stream.
    #[track_caller]
    pub(crate) fn says(&self, text: &str) -> &Run {
        let said = self.stdout.contains(text) || self.stderr.contains(text);
        assert!(said, "not said: {text}\n{self}");
        self
    }

    /// Standard output as events: every line is one JSON object with schema 1 and a name.
    #[track_caller]
    pub(crate) fn events(&self) -> Vec<Value> {
        let event = |line: &str| {
            let value: Value = serde_json::from_str(line)
                .unwrap_or_else(|error| panic!("no JSON ({error}): {line}\n{self}"));
            assert_eq!(value["schema"], 1, "{line}");
            assert!(value["event"].is_string(), "{line}");
            value
        };
        self.stdout.lines().map(event).collect()
    }

    /// The events of one name.
    #[track_caller]
    pub(crate) fn named(&self, name: &str) -> Vec<Value> {
        let events = self.events().into_iter();
        events.filter(|event| event["event"] == name).collect()
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (args, code) = (&self.args, self.code);
        let (out, err) = (&self.stdout, &self.stderr);
        write!(
            f,
            "{args:?} ended with {code:?}\n--- stdout\n{out}\n--- stderr\n{err}"
        )
    }
}

/// The commands and changes of a log written by [`Call::effects`], in order.
pub(crate) fn effects(log: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let what = |line: &str| {
        let effect: Value = serde_json::from_str(line).expect("an effect is JSON");
        effect["what"]
            .as_str()
            .expect("an effect has words")
            .to_owned()
    };
    text.lines().map(what).collect()
}

/// What is the user's own and must be the same after a release: files, index, HEAD, branches, tags, configuration,
/// status, worktrees. Git's objects, remote-tracking branches and `target/` are not among it.
pub(crate) fn mine(repo: &Repo) -> Vec<String> {
    let index = std::fs::read(repo.root().join(".git/index")).unwrap_or_default();
    let mut lines = vec![
        format!("index {}", String::from_utf8_lossy(&index)),
        std::fs::read_to_string(repo.root().join(".git/HEAD")).unwrap(),
        std::fs::read_to_string(repo.root().join(".git/config")).unwrap(),
        repo.git(&[
            "for-each-ref",
            "refs/heads",
            "refs/tags",
            "refs/landfall",
            "refs/stash",
        ]),
        repo.git(&["worktree", "list", "--porcelain"]),
        repo.git(&[
            "--no-optional-locks",
            "status",
            "--porcelain=v2",
            "--untracked-files=all",
        ]),
    ];
    lines.extend(
        files(repo.root())
            .into_iter()
            .map(|(path, bytes)| format!("{path} {}", String::from_utf8_lossy(&bytes))),
    );
    lines
}

/// Every file of the working tree with its bytes (links: where they lead), less `.git` and `target` at the top.
pub(crate) fn files(root: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path == root.join(".git") || path == root.join("target") {
                continue;
            }
            let name = path.strip_prefix(root).unwrap().display().to_string();
            if path.is_symlink() {
                let to = path.read_link().unwrap().display().to_string();
                found.push((name, to.into_bytes()));
            } else if path.is_dir() {
                folders.push(path);
            } else {
                found.push((name, std::fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

/// Refs of the remote, `ID NAME` a line.
pub(crate) fn remote_refs(repo: &Repo) -> Vec<String> {
    let args = ["for-each-ref", "--format=%(objectname) %(refname)"];
    let text = repo.git_in(&repo.remote(), &args);
    text.lines().map(str::to_owned).collect()
}

/// What others see: refs of the remote and all of the forge. Two releases that are the same have the same one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Published {
    pub(crate) refs: Vec<String>,
    pub(crate) forge: Fingerprint,
}

pub(crate) fn published(repo: &Repo) -> Published {
    Published {
        refs: remote_refs(repo),
        forge: fingerprint(&forge(repo)),
    }
}

/// Asserts a whole release of [`VERSION`]: one commit on the branch, our annotated tag on it, no private branch, no
/// draft, the published folder complete, nothing of ours left in the repository.
#[track_caller]
pub(crate) fn assert_released(repo: &Repo, base: &str) {
    let remote = repo.remote();
    let main = repo.git_in(&remote, &["rev-parse", "main"]);
    assert_eq!(repo.git_in(&remote, &["rev-parse", "main^"]), base);
    assert_eq!(
        repo.git_in(&remote, &["rev-parse", &format!("{TAG}^{{commit}}")]),
        main
    );
    assert_eq!(repo.git_in(&remote, &["cat-file", "-t", TAG]), "tag");
    let refs = remote_refs(repo);
    assert_eq!(refs.len(), 3, "main, v0.9.0 and {TAG} only: {refs:?}");
    let at = forge(repo).join(TAG);
    for file in [
        "release.json",
        "notes.md",
        "candidate.json",
        "assets/SHA256SUMS.txt",
    ] {
        assert!(
            at.join(file).is_file(),
            "{file} is missing in {}",
            at.display()
        );
    }
    assert!(!forge(repo).join(".drafts").join(TAG).exists());
    assert_nothing_left(repo);
}

/// Asserts that no ref and no worktree of ours is left.
#[track_caller]
pub(crate) fn assert_nothing_left(repo: &Repo) {
    assert_eq!(repo.git(&["for-each-ref", "refs/landfall"]), "");
    assert_eq!(repo.git(&["worktree", "list"]).lines().count(), 1);
    assert!(!candidate(repo).join("tree").exists());
}

/// A shell script in a folder, with the fixture's environment and the program's folder first on the search path.
pub(crate) fn shell(repo: &Repo, folder: &Path, script: &str) -> Run {
    let output = Command::new("sh")
        .args(["-c", script])
        .current_dir(folder)
        .env_clear()
        .envs(repo.env())
        .env("SOURCE_DATE_EPOCH", NOW_S)
        .env("PATH", path_with(repo, program().parent().unwrap()))
        .stdin(Stdio::null())
        .output()
        .expect("sh starts");
    Run {
        args: vec![script.into()],
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// The fixture's search path with a folder before all others.
pub(crate) fn path_with(repo: &Repo, folder: &Path) -> OsString {
    let mut path = folder.as_os_str().to_owned();
    for (_, known) in repo.env().iter().filter(|(key, _)| key == "PATH") {
        path.push(":");
        path.push(known);
    }
    path
}

/// Waits until something is so: another process is at a certain place. Fails after half a minute.
#[track_caller]
pub(crate) fn wait_for(what: &str, is_so: impl Fn() -> bool) {
    for _ in 0..3000 {
        if is_so() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("waited in vain: {what}");
}
