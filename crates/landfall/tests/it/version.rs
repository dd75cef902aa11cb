//! `version set` on bad input and bad days: the tree is wholly old or wholly new.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use testkit::{Repo, not_covered};

use crate::run::{Call, FAST, VERSION, effects, files, forge, landfall, shell};

fn repo() -> Repo {
    let repo = Repo::cargo_single();
    repo.write("release.toml", "[[version.text]]\npath = \"README.md\"\n");
    repo.commit("chore: say where the version is");
    repo
}

#[test]
fn what_is_no_version_is_refused_with_a_reason() {
    let repo = repo();
    let before = repo.fingerprint();
    for (text, reason) in [
        ("1.0", "1.0"),
        ("v1..0", "v1..0"),
        ("a/b&c", "`/` cannot stand in one"),
        ("01.0.0", "01"),
        ("", "the version is empty"),
        ("1.0.0 ", "white space"),
        ("1.0.0\n2", "line end"),
        ("1.0.0-", "1.0.0-"),
        ("1.0.0-rc.01", "01"),
        ("99999999999999999999.0.0", "99999999999999999999"),
    ] {
        for command in [
            &["version", "set", text][..],
            &["release", text, "--yes"],
            &["plan", text],
        ] {
            landfall(&repo, command)
                .exits(64)
                .says(reason)
                .says("help:");
        }
    }
    assert_eq!(before.difference(&repo.fingerprint()), Vec::<String>::new());
}

#[test]
fn a_downgrade_needs_a_reason() {
    let repo = repo();
    let before = repo.fingerprint();
    for command in [
        &["version", "set", "0.9.0-rc.1"][..],
        &["version", "set", "0.9.0-rc.1", "--print"],
    ] {
        landfall(&repo, command)
            .exits(1)
            .says("sorts before the current version 0.9.0");
        assert_eq!(files(repo.root()), files(repo.root()));
    }
    let lines = before.difference(&repo.fingerprint());
    assert!(
        lines.iter().all(|line| line.contains(".git/landfall")),
        "{lines:?}"
    );
    repo.write(
        "release.toml",
        "[version]\nallow_downgrade = \"a dress rehearsal\"\n",
    );
    let run = landfall(&repo, &["version", "set", "0.9.0-rc.1"]);
    run.exits(0).says("a dress rehearsal").says("(downgrade)");
    assert_eq!(repo.read("VERSION"), "0.9.0-rc.1\n");
}

#[test]
fn print_writes_nothing_and_is_a_patch() {
    let repo = repo();
    // Line ends of another system and a last line without any: a patch must carry both.
    repo.write("VERSION", "0.9.0");
    repo.write("README.md", "# Single\r\n\r\nVersion: 0.9.0\r\nlast");
    repo.commit("chore: odd line ends");
    let before = repo.fingerprint();
    let run = landfall(&repo, &["version", "set", VERSION, "--print"]);
    run.exits(0);
    assert_eq!(before.difference(&repo.fingerprint()), Vec::<String>::new());
    let patch = repo.outside().join("print.patch");
    std::fs::write(&patch, &run.stdout).unwrap();
    let by_hand = Repo::cargo_single();
    for (path, bytes) in files(repo.root()) {
        by_hand.write(&path, bytes);
    }
    by_hand.commit("chore: the same");
    by_hand.git(&["apply", "--unidiff-zero", patch.to_str().unwrap()]);
    landfall(&repo, &["version", "set", VERSION]).exits(0);
    assert_eq!(files(by_hand.root()), files(repo.root()));
    // With lines of context, as anybody would apply it.
    by_hand.git(&["checkout", "--quiet", "."]);
    by_hand.git(&["apply", patch.to_str().unwrap()]);
    assert_eq!(files(by_hand.root()), files(repo.root()));
}

#[test]
fn the_second_run_changes_nothing_and_says_so() {
    let repo = repo();
    landfall(&repo, &["version", "set", VERSION])
        .exits(0)
        .says("4 files changed");
    let after = repo.fingerprint();
    landfall(&repo, &["version", "set", VERSION])
        .exits(0)
        .says("nothing to do: every place carries 1.0.0-mvp already");
    let lines = after.difference(&repo.fingerprint());
    assert!(
        lines.iter().all(|line| line.contains(".git/landfall/lock")),
        "{lines:?}"
    );
}

#[test]
fn a_read_only_file_leaves_the_tree_as_it_was() {
    let repo = repo();
    let version = repo.root().join("VERSION");
    std::fs::set_permissions(version, std::fs::Permissions::from_mode(0o444)).unwrap();
    let before = files(repo.root());
    landfall(&repo, &["version", "set", VERSION])
        .exits(2)
        .says("VERSION is read-only; nothing was changed");
    assert_eq!(files(repo.root()), before);
}

/// Taken off again whatever happens.
struct Mount(PathBuf);

impl Drop for Mount {
    fn drop(&mut self) {
        Command::new("umount").arg(&self.0).status().ok();
    }
}

#[test]
fn a_full_disk_leaves_the_tree_wholly_old() {
    let repo = repo();
    let disk = repo.outside().join("disk");
    std::fs::create_dir(&disk).unwrap();
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=2m", "tmpfs"])
        .arg(&disk)
        .output();
    if !mounted.is_ok_and(|output| output.status.success()) {
        return not_covered("full disk (mount)");
    }
    let mount = Mount(disk.clone());
    let at = disk.join("repo");
    shell(&repo, &disk, "cp -a ../repo .").exits(0);
    let old = files(&at);
    // From no free page to enough of them: the disk fills up at every write there is.
    for pages in 0..40 {
        let filler = format!(
            "dd if=/dev/zero of=filler bs=4096 2>/dev/null; truncate --size=-$(({pages} * 4096)) filler; sync"
        );
        shell(&repo, &disk, &filler);
        let run = Call::new(&repo, &["version", "set", VERSION])
            .cwd(&at)
            .run();
        std::fs::remove_file(disk.join("filler")).unwrap();
        if run.code == Some(0) {
            assert_ne!(files(&at), old);
            assert!(pages > 4, "{pages} runs failed before there was room");
            drop(mount);
            return;
        }
        run.exits(2);
        assert_eq!(files(&at), old, "{pages} pages free: {run}");
    }
    panic!("never enough room");
}

/// Kills before or after every effect in turn, then looks what the next command makes of it.
fn killed_everywhere(mode: &str) {
    let repo = repo();
    let old = files(repo.root());
    let log = repo.outside().join("effects");
    Call::new(&repo, &["version", "set", VERSION])
        .effects(&log)
        .run()
        .exits(0);
    let new = files(repo.root());
    let count = effects(&log).len();
    assert!(
        count >= 11,
        "a plan, four files twice, and the end: {:?}",
        effects(&log)
    );
    let (mut were_old, mut were_new) = (0, 0);
    for n in 1..=count {
        repo.git(&["checkout", "--quiet", "."]);
        std::fs::remove_dir_all(repo.root().join(".git/landfall")).ok();
        let call = Call::new(&repo, &["version", "set", VERSION]);
        call.fuse(&format!("{mode}:{n}")).run().killed();
        let half = repo.root().join(".git/landfall/edit.json").exists();
        let show = landfall(&repo, &["version", "show"]);
        show.exits(0);
        assert_eq!(
            half,
            show.stderr.contains("an interrupted edit was"),
            "{mode}:{n} {show}"
        );
        let now = files(repo.root());
        assert!(now == old || now == new, "{mode}:{n}: {show}");
        were_old += usize::from(now == old);
        were_new += usize::from(now == new);
        assert_no_stray(&repo, now == new);
    }
    assert!(were_old >= 5 && were_new >= 4, "{were_old} {were_new}");
}

fn assert_no_stray(repo: &Repo, new: bool) {
    let status = repo.git(&["status", "--porcelain", "--ignored"]);
    let expected = " M Cargo.lock\n M Cargo.toml\n M README.md\n M VERSION";
    assert_eq!(status, if new { expected } else { "" });
}

#[test]
fn killed_before_any_write() {
    killed_everywhere("kill-before");
}

#[test]
fn killed_after_any_write() {
    killed_everywhere("kill-after");
}

#[test]
fn another_folder_of_the_repository_is_as_good_as_its_root() {
    let repo = repo();
    let inside: &Path = &repo.root().join("src");
    Call::new(&repo, &["version", "set", VERSION])
        .cwd(inside)
        .run()
        .exits(0);
    assert_eq!(repo.read("VERSION"), "1.0.0-mvp\n");
    let outside = repo.outside();
    Call::new(&repo, &["version", "show"])
        .cwd(&outside)
        .run()
        .exits(2)
        .says("is in no git repository");
    Call::new(&repo, &["-C", "repo/src", "version", "show"])
        .cwd(&outside)
        .run()
        .exits(0)
        .says(VERSION);
    Call::new(&repo, &["-C", "nowhere", "version", "show"])
        .cwd(&outside)
        .run()
        .exits(64)
        .says("nowhere");
}

const INDEPENDENT: &str = "[version]\nindependent = true\n";

/// `one` and `two`, which needs it as `1`; each with its own version.
fn two_crates() -> Repo {
    let repo = Repo::empty();
    repo.write(
        "Cargo.toml",
        "[workspace]\nresolver = \"3\"\nmembers = [\"crates/*\"]\n",
    );
    repo.write(".gitignore", "target\n");
    repo.write("README.md", "# Two\n");
    for (name, version, rest) in [
        ("one", "1.0.0", ""),
        (
            "two",
            "0.3.1",
            "\n[dependencies]\none = { path = \"../one\", version = \"1\" }\n",
        ),
    ] {
        let text = format!(
            "[package]\nname = \"{name}\"\nversion = \"{version}\"\nedition = \"2024\"\nlicense = \"MIT\"\ndescription = \"x\"\n{rest}"
        );
        repo.write(&format!("crates/{name}/Cargo.toml"), text);
        repo.write(&format!("crates/{name}/src/lib.rs"), "");
    }
    shell(
        &repo,
        repo.root(),
        "cargo generate-lockfile --offline --quiet",
    )
    .exits(0);
    repo.write(
        "release.toml",
        format!("{INDEPENDENT}{FAST}\n[gates.docs]\nrequired = [\"README.md\"]\n"),
    );
    repo.commit("feat: the beginning");
    repo
}

#[test]
fn where_there_are_groups_one_has_to_be_named() {
    let repo = two_crates();
    let before = repo.fingerprint();
    for command in [
        &["version", "set", "2.0.0"][..],
        &["version", "bump", "minor"],
        &["release", "2.0.0", "--yes"],
        &["changelog", "write", "2.0.0"],
        &["plan", "2.0.0"],
        &["status", "2.0.0"],
    ] {
        let help = format!(
            "name one: landfall {} --group one",
            command[..3.min(command.len())].join(" ")
        );
        let help = help.replace(" --yes", "");
        landfall(&repo, command)
            .exits(64)
            .says("groups are one 1.0.0, two 0.3.1")
            .says(&help);
    }
    landfall(&repo, &["version", "show", "--group", "three"])
        .exits(64)
        .says("there is no group three; groups are one 1.0.0, two 0.3.1");
    let run = landfall(&repo, &["version", "show", "--format", "json"]);
    run.exits(0);
    let shown: Vec<Value> = run
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let two = shown.iter().find(|event| event["group"] == "two").unwrap();
    assert_eq!(two["current"], "0.3.1");
    assert_eq!(
        two["found"][1],
        json!({"path": "crates/two/Cargo.toml", "line": 3, "column": 12, "what": "package.version", "version": "0.3.1"})
    );
    assert_eq!(before.difference(&repo.fingerprint()), Vec::<String>::new());
    landfall(&repo, &["version", "check"]).exits(0);
    // One version for all: there is nothing to choose from.
    let single = Repo::cargo_single();
    landfall(&single, &["version", "show", "--group", "one"])
        .exits(64)
        .says("one version for all of its packages");
}

#[test]
fn a_group_is_set_and_released_and_its_dependent_follows() {
    let repo = two_crates().with_remote();
    std::fs::create_dir_all(forge(&repo)).unwrap();
    let set = landfall(
        &repo,
        &["version", "set", "2.0.0", "--group", "one", "--print"],
    );
    set.exits(0)
        .says("two 0.3.1 → 0.3.2: two needs one `1`, which does not take 2.0.0");
    landfall(&repo, &["release", "2.0.0", "--group", "one", "--yes"])
        .exits(0)
        .says("RELEASED one 2.0.0");
    let remote = repo.remote();
    assert_eq!(repo.git_in(&remote, &["tag", "--list"]), "one-v2.0.0");
    let changed = repo.git_in(
        &remote,
        &["diff-tree", "-r", "--name-only", "main~1", "main"],
    );
    assert_eq!(
        changed.lines().collect::<Vec<_>>(),
        [
            "Cargo.lock",
            "crates/one/CHANGELOG.md",
            "crates/one/Cargo.toml",
            "crates/two/Cargo.toml"
        ]
    );
    let subject = repo.git_in(&remote, &["log", "-1", "--format=%s", "main"]);
    assert_eq!(subject, "chore(release): one 2.0.0");
    repo.git(&["pull", "--quiet", "--ff-only"]);
    landfall(&repo, &["version", "show", "--group", "two"])
        .exits(0)
        .says("two 0.3.2");
    landfall(&repo, &["release", "2.0.0", "--group", "one", "--yes"])
        .exits(0)
        .says("was released before");
}
