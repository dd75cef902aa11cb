//! A git repository in a temporary folder, with a remote, a second person and an environment of its own.

use std::ffi::OsString;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use crate::fingerprint::{Fingerprint, fingerprint};
use crate::trees;

/// Configuration that all git commands of a fixture see, instead of the user's.
const GITCONFIG: &str = "\
[user]
\tname = Fixture
\temail = dev@example.com
[init]
\tdefaultBranch = main
[protocol \"file\"]
\tallow = always
[core]
\tautocrlf = false
[gc]
\tauto = 0
[maintenance]
\tauto = false
[advice]
\tdetachedHead = false
";

/// All commits of a fixture are of one time, so that their ids are the same in every run.
const DATE: &str = "2026-01-02T03:04:05Z";

/// A repository: `root()` is its working tree, on branch `main`. Everything is removed when it is dropped.
pub struct Repo {
    home: TempDir,
    root: PathBuf,
}

impl Repo {
    /// A repository without any commit.
    pub fn empty() -> Repo {
        let home = tempfile::Builder::new()
            .prefix("landfall-test-")
            .tempdir()
            .expect("make a temporary folder");
        // The real path: git and cargo answer with it.
        let base = home.path().canonicalize().unwrap();
        std::fs::write(base.join("gitconfig"), GITCONFIG).unwrap();
        let root = base.join("repo");
        std::fs::create_dir(&root).unwrap();
        let repo = Repo { home, root };
        repo.git(&["init", "--quiet", "--initial-branch=main"]);
        repo
    }

    /// One crate `single` 0.9.0 with a test, Cargo.lock, README.md, CHANGELOG.md, VERSION; committed, tagged `v0.9.0`.
    pub fn cargo_single() -> Repo {
        Repo::of(trees::CARGO_SINGLE)
    }

    /// Crates `core` and `app` (which needs `core`) with the inherited version 0.9.0, and `tool` with its own 0.3.1;
    /// Cargo.lock, README.md, CHANGELOG.md, VERSION; committed, tagged `v0.9.0`. No package from a registry.
    pub fn cargo_workspace() -> Repo {
        Repo::of(trees::CARGO_WORKSPACE)
    }

    /// An npm workspace: private root 0.9.0 and two packages, with scripts that need only node, and a
    /// package-lock.json; committed, tagged `v0.9.0`.
    pub fn npm() -> Repo {
        Repo::of(trees::NPM)
    }

    /// A pnpm workspace: root without a version, two packages 0.9.0; committed, tagged `v0.9.0`.
    pub fn pnpm() -> Repo {
        Repo::of(trees::PNPM)
    }

    fn of(files: &[(&str, &str)]) -> Repo {
        let repo = Repo::empty();
        for (path, text) in files {
            repo.write(path, text);
        }
        repo.commit("feat: the beginning");
        repo.git(&["tag", "-a", "v0.9.0", "-m", "v0.9.0"]);
        repo
    }

    /// The working tree.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder around it: remote, clones, home; also a place for a test's own files.
    pub fn outside(&self) -> PathBuf {
        self.home.path().canonicalize().unwrap()
    }

    /// The bare repository that is the remote `origin`, see [`Repo::with_remote`].
    pub fn remote(&self) -> PathBuf {
        self.outside().join("remote.git")
    }

    /// Writes a file and its folders; committed by the next [`Repo::commit`].
    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) -> &Repo {
        write(&self.root.join(path), text.as_ref());
        self
    }

    /// The text of a file.
    pub fn read(&self, path: &str) -> String {
        let path = self.root.join(path);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Removes a file.
    pub fn remove(&self, path: &str) -> &Repo {
        std::fs::remove_file(self.root.join(path)).expect("remove a file");
        self
    }

    /// Commits all there is, also when that is nothing.
    pub fn commit(&self, message: &str) -> &Repo {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
        self
    }

    /// Adds a bare remote `origin` that has `main` and all tags; `main` tracks it.
    #[must_use]
    pub fn with_remote(self) -> Repo {
        let remote = self.remote();
        let path = remote.to_str().unwrap();
        self.git(&["init", "--quiet", "--bare", "--initial-branch=main", path]);
        self.git(&["remote", "add", "origin", path]);
        self.git(&[
            "push",
            "--quiet",
            "--tags",
            "--set-upstream",
            "origin",
            "main",
        ]);
        self
    }

    /// Somebody else's commit on `main` of the remote: our repository does not know of it until it fetches.
    pub fn others_commit(&self, message: &str) -> &Repo {
        let clone = self.outside().join("other");
        if !clone.exists() {
            let (remote, clone) = (self.remote(), clone.display().to_string());
            self.git(&["clone", "--quiet", remote.to_str().unwrap(), &clone]);
        }
        self.git_in(&clone, &["pull", "--quiet", "--ff-only"]);
        let name = format!("other-{}.txt", message.len());
        write(&clone.join(name), message.as_bytes());
        self.git_in(&clone, &["add", "--all"]);
        self.git_in(&clone, &["commit", "--quiet", "--message", message]);
        self.git_in(&clone, &["push", "--quiet"]);
        self
    }

    /// A hook of the remote, `pre-receive` or `update`, as a shell script.
    pub fn remote_hook(&self, name: &str, script: &str) -> &Repo {
        program(&self.remote().join("hooks").join(name), script);
        self
    }

    /// Standard output of a git command that must succeed, without the final line end.
    pub fn git(&self, args: &[&str]) -> String {
        self.git_in(&self.root, args)
    }

    /// The same in another folder.
    pub fn git_in(&self, folder: &Path, args: &[&str]) -> String {
        let output = self.try_git(folder, args);
        assert!(
            output.status.success(),
            "git {}: {}",
            args.join(" "),
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout)
            .trim_end_matches('\n')
            .to_owned()
    }

    /// A git command that may fail.
    pub fn try_git(&self, folder: &Path, args: &[&str]) -> Output {
        Command::new("git")
            .args(args)
            .current_dir(folder)
            .env_clear()
            .envs(self.env())
            .env("GIT_AUTHOR_DATE", DATE)
            .env("GIT_COMMITTER_DATE", DATE)
            .output()
            .expect("git runs")
    }

    /// An environment for the program under test: no user's configuration, no home, no network, one time zone;
    /// the search path finds the cargo that runs the tests.
    pub fn env(&self) -> Vec<(OsString, OsString)> {
        let base = self.outside();
        let home = base.join("home");
        std::fs::create_dir_all(&home).unwrap();
        let mut env: Vec<(OsString, OsString)> = vec![
            ("PATH".into(), search_path()),
            ("HOME".into(), home.clone().into()),
            ("CARGO_HOME".into(), home.join("cargo").into()),
            ("GIT_CONFIG_GLOBAL".into(), base.join("gitconfig").into()),
            ("GIT_CONFIG_NOSYSTEM".into(), "1".into()),
            ("CARGO_NET_OFFLINE".into(), "true".into()),
            ("npm_config_offline".into(), "true".into()),
            ("npm_config_update_notifier".into(), "false".into()),
            ("TZ".into(), "UTC".into()),
            ("LC_ALL".into(), "C.UTF-8".into()),
        ];
        // Outside of cargo the search path may lead to rustup, which needs to know its own home.
        let rustup = std::env::var_os("RUSTUP_HOME").or_else(|| {
            let home = std::env::var_os("HOME").map(PathBuf::from)?;
            Some(home.join(".rustup"))
                .filter(|path| path.is_dir())
                .map(Into::into)
        });
        env.extend(rustup.map(|path| ("RUSTUP_HOME".into(), path)));
        // Where coverage is measured: a program that is not told writes its profile into the folder it stands in, and
        // that is a file more in a repository that a test looks at.
        env.extend(
            std::env::var_os("LLVM_PROFILE_FILE").map(|path| ("LLVM_PROFILE_FILE".into(), path)),
        );
        env
    }

    /// The same with a search path that holds only these real programs and these fakes (name and shell script).
    pub fn env_with(&self, real: &[&str], fake: &[(&str, &str)]) -> Vec<(OsString, OsString)> {
        let folder = tempfile::Builder::new()
            .prefix("bin-")
            .tempdir_in(self.outside())
            .expect("make a folder of programs")
            .keep();
        for name in real {
            let program = std::env::split_paths(&search_path())
                .map(|folder| folder.join(name))
                .find(|path| path.is_file())
                .unwrap_or_else(|| panic!("the tests need `{name}`"));
            std::os::unix::fs::symlink(program, folder.join(name)).expect("link a program");
        }
        programs(&folder, fake);
        let mut env = self.env();
        env[0].1 = folder.into();
        env
    }

    /// All of the working tree and of `.git`: index, refs, configuration, objects.
    pub fn fingerprint(&self) -> Fingerprint {
        fingerprint(&self.root)
    }

    /// All of the remote.
    pub fn remote_fingerprint(&self) -> Fingerprint {
        fingerprint(&self.remote())
    }
}

/// A folder of programs, each a shell script: for a test that needs a tool to be broken or slow.
pub fn programs(folder: &Path, scripts: &[(&str, &str)]) -> PathBuf {
    std::fs::create_dir_all(folder).expect("make a folder of programs");
    for (name, script) in scripts {
        program(&folder.join(name), script);
    }
    folder.to_owned()
}

/// Written by another process: a descriptor of ours, open for writing and inherited by a child that another test's
/// thread starts in this moment, would make the script "busy" when it is run.
fn program(path: &Path, script: &str) {
    std::fs::create_dir_all(path.parent().expect("a file has a folder")).expect("make a folder");
    let mut child = Command::new("sh")
        .args(["-c", "cat > \"$1\" && chmod 755 \"$1\"", "sh"])
        .arg(path)
        .stdin(Stdio::piped())
        .spawn()
        .expect("sh runs");
    let mut pipe = child.stdin.take().expect("a pipe was asked for");
    write!(pipe, "#!/bin/sh\n{script}\n").expect("write a program");
    drop(pipe);
    assert!(child.wait().expect("sh ends").success());
}

fn write(path: &Path, bytes: &[u8]) {
    std::fs::create_dir_all(path.parent().expect("a file has a folder")).expect("make a folder");
    std::fs::write(path, bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

/// The folder of the running cargo first: past rustup, whose shims need the user's home.
fn search_path() -> OsString {
    let inherited = std::env::var_os("PATH").unwrap_or_default();
    let toolchain = std::env::var_os("CARGO").map(PathBuf::from);
    let mut folders: Vec<PathBuf> = toolchain
        .and_then(|cargo| cargo.parent().map(Path::to_owned))
        .into_iter()
        .collect();
    folders.extend(std::env::split_paths(&inherited));
    std::env::join_paths(folders).unwrap_or(inherited)
}
