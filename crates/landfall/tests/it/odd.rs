//! Odd trees and histories: each is released, and the release commit changes the planned files and no other.

use std::os::unix::fs::symlink;

use testkit::Repo;

use crate::run::{
    Call, FAST, TAG, VERSION, assert_released, forge, landfall, mine, ready, shell, single,
};

const PLANNED: [&str; 4] = ["CHANGELOG.md", "Cargo.lock", "Cargo.toml", "VERSION"];

fn push(repo: &Repo, message: &str) -> String {
    repo.commit(message);
    repo.git(&["push", "--quiet"]);
    repo.git(&["rev-parse", "HEAD"])
}

/// Releases what is on the remote; the commit changes the planned files, and they alone.
fn release(repo: &Repo, base: &str) {
    let before = mine(repo);
    landfall(repo, &["release", VERSION, "--yes"]).exits(0);
    assert_released(repo, base);
    assert_eq!(mine(repo), before);
    assert_eq!(changed(repo, base), PLANNED);
}

fn changed(repo: &Repo, base: &str) -> Vec<String> {
    let args = ["diff-tree", "-r", "-z", "--name-only", base, "main"];
    let text = repo.git_in(&repo.remote(), &args);
    text.split_terminator('\0').map(str::to_owned).collect()
}

#[test]
fn odd_names_and_links() {
    let repo = single();
    for name in [
        "with space.txt",
        "two\nlines.txt",
        "\"quoted\" it's.txt",
        "em—dash/ü.txt",
        "-rf",
        "tab\t.txt",
        "$(x).txt",
    ] {
        repo.write(name, "content\n");
    }
    symlink("with space.txt", repo.root().join("link")).unwrap();
    symlink("nowhere", repo.root().join("dangling")).unwrap();
    symlink("src", repo.root().join("folder-link")).unwrap();
    let base = push(&repo, "feat: odd names");
    release(&repo, &base);
    let assets = forge(&repo).join(TAG).join("assets");
    let list = shell(&repo, &assets, "tar --quoting-style=literal -tf *.tar.gz");
    for name in [
        "with space.txt",
        "two\nlines.txt",
        "em—dash/ü.txt",
        "dangling",
        "folder-link",
    ] {
        assert!(
            list.stdout.contains(&format!("single-{VERSION}/{name}\n")),
            "{name}: {list}"
        );
    }
}

#[test]
fn a_checkout_in_a_folder_with_an_odd_name() {
    let repo = single();
    let at = repo.outside().join("it's — a \"folder\" $x");
    let (from, to) = (repo.remote(), at.to_str().unwrap().to_owned());
    repo.git(&["clone", "--quiet", from.to_str().unwrap(), &to]);
    let base = repo.git(&["rev-parse", "HEAD"]);
    Call::new(&repo, &["release", VERSION, "--yes"])
        .cwd(&at)
        .run()
        .exits(0);
    assert_released(&repo, &base);
    assert_eq!(changed(&repo, &base), PLANNED);
}

#[test]
fn a_linked_worktree_releases_like_any_other_checkout() {
    let repo = single();
    let base = repo.git(&["rev-parse", "HEAD"]);
    repo.git(&["checkout", "--quiet", "--detach"]);
    let at = repo.outside().join("linked");
    repo.git(&["worktree", "add", "--quiet", at.to_str().unwrap(), "main"]);
    Call::new(&repo, &["release", VERSION, "--yes"])
        .cwd(&at)
        .run()
        .exits(0);
    assert_eq!(changed(&repo, &base), PLANNED);
    assert_eq!(repo.git(&["worktree", "list"]).lines().count(), 2);
    assert_eq!(repo.git(&["for-each-ref", "refs/landfall"]), "");
}

#[test]
fn a_submodule() {
    let module = Repo::empty();
    module.write("part.txt", "part\n").commit("feat: a part");
    let repo = single();
    let from = module.root().to_str().unwrap();
    repo.git(&["submodule", "--quiet", "add", from, "vendor/part"]);
    let base = push(&repo, "feat: a submodule");
    release(&repo, &base);
    let tree = repo.git_in(&repo.remote(), &["ls-tree", "main", "vendor/part"]);
    assert!(tree.starts_with("160000 commit"), "{tree}");
}

#[test]
fn files_with_crlf_as_they_are() {
    let repo = single();
    repo.write("Cargo.toml", repo.read("Cargo.toml").replace('\n', "\r\n"));
    repo.write(
        "CHANGELOG.md",
        repo.read("CHANGELOG.md").replace('\n', "\r\n"),
    );
    repo.write("VERSION", "0.9.0\r\n");
    let base = push(&repo, "chore: line ends of another system");
    release(&repo, &base);
    for file in ["Cargo.toml", "CHANGELOG.md", "VERSION"] {
        let text = repo.git_in(&repo.remote(), &["show", &format!("main:{file}")]);
        let bare = text.lines().count() - text.matches("\r\n").count();
        assert!(bare <= 1, "{file} mixes line ends: {text:?}");
    }
}

#[test]
fn files_with_crlf_that_git_converts() {
    for attributes in ["* text=auto\n", "* text=auto eol=crlf\n"] {
        let repo = single();
        repo.write(".gitattributes", attributes);
        let base = push(&repo, "chore: text is text");
        repo.git(&["rm", "--quiet", "--cached", "-r", "."]);
        repo.git(&["reset", "--quiet", "--hard"]);
        release(&repo, &base);
        for file in PLANNED {
            let text = repo.git_in(&repo.remote(), &["show", &format!("main:{file}")]);
            assert!(!text.contains('\r'), "{file} in the repository: {text:?}");
        }
    }
}

#[test]
fn a_user_with_autocrlf() {
    let plain = single();
    landfall(&plain, &["release", VERSION, "--yes"]).exits(0);
    let repo = single();
    repo.git(&["config", "--file", "../gitconfig", "core.autocrlf", "true"]);
    repo.git(&["rm", "--quiet", "--cached", "-r", "."]);
    repo.git(&["reset", "--quiet", "--hard"]);
    assert!(
        repo.read("Cargo.toml").contains("\r\n"),
        "the checkout is converted"
    );
    let base = repo.git(&["rev-parse", "HEAD"]);
    release(&repo, &base);
    // The archive is the same as on a machine without that setting, and so is the commit.
    let main = |repo: &Repo| repo.git_in(&repo.remote(), &["rev-parse", "main^{tree}"]);
    assert_eq!(main(&repo), main(&plain));
    let assets = |repo: &Repo| testkit::fingerprint(&forge(repo).join(TAG).join("assets"));
    assert_eq!(
        assets(&plain).difference(&assets(&repo)),
        Vec::<String>::new()
    );
}

#[test]
fn hooks_signing_and_aliases_of_the_user_do_not_meddle() {
    let repo = single();
    let base = repo.git(&["rev-parse", "HEAD"]);
    for hook in [
        "pre-commit",
        "commit-msg",
        "post-checkout",
        "prepare-commit-msg",
    ] {
        testkit::programs(
            &repo.root().join(".git/hooks"),
            &[(hook, "touch ../../hook-ran ../hook-ran; exit 1")],
        );
    }
    for (key, value) in [
        ("commit.template", "/nonexistent"),
        ("core.commentChar", "v"),
        ("commit.verbose", "true"),
        ("color.ui", "always"),
        ("status.showUntrackedFiles", "no"),
        ("diff.noprefix", "true"),
        ("core.quotePath", "false"),
        ("push.followTags", "true"),
        ("log.showSignature", "true"),
    ] {
        repo.git(&["config", "--file", "../gitconfig", key, value]);
    }
    release(&repo, &base);
    assert!(!repo.outside().join("hook-ran").exists());
}

#[test]
fn no_tag_yet() {
    let repo = Repo::cargo_single();
    repo.git(&["tag", "--delete", "v0.9.0"]);
    let repo = ready(repo, FAST);
    let base = repo.git(&["rev-parse", "HEAD"]);
    let run = landfall(&repo, &["release", VERSION, "--yes"]);
    run.exits(0).says("none: the first release");
    assert_eq!(changed(&repo, &base), PLANNED);
    let notes = std::fs::read_to_string(forge(&repo).join(TAG).join("notes.md")).unwrap();
    assert!(
        notes.contains("he beginning") && notes.contains("omething new"),
        "all of the history: {notes}"
    );
}

#[test]
fn an_empty_range() {
    let repo = single();
    repo.git(&["tag", "-a", "v0.9.1", "-m", "v0.9.1"]);
    repo.git(&["push", "--quiet", "origin", "v0.9.1"]);
    let base = repo.git(&["rev-parse", "HEAD"]);
    let run = landfall(&repo, &["release", VERSION, "--yes"]);
    run.exits(0).says("after v0.9.1");
    assert_eq!(changed(&repo, &base), PLANNED);
    let notes = std::fs::read_to_string(forge(&repo).join(TAG).join("notes.md")).unwrap();
    assert!(
        !notes.trim().is_empty() && !notes.contains("omething new"),
        "{notes}"
    );
}

#[test]
fn a_section_written_by_hand_and_a_version_set_before_are_kept() {
    let repo = single();
    landfall(&repo, &["version", "set", VERSION]).exits(0);
    let section =
        format!("## [{VERSION}] - 2026-02-03\n\n### Added\n\n- by hand: `#` — ü\n\n## [0.9.0]");
    repo.write(
        "CHANGELOG.md",
        repo.read("CHANGELOG.md").replace("## [0.9.0]", &section),
    );
    let base = push(&repo, "chore: ready for the release");
    let run = landfall(&repo, &["release", VERSION, "--yes"]);
    run.exits(0).says("no file had to be changed");
    let remote = repo.remote();
    assert_eq!(repo.git_in(&remote, &["rev-parse", "main"]), base);
    assert_eq!(
        repo.git_in(&remote, &["rev-parse", &format!("{TAG}^{{commit}}")]),
        base
    );
    assert!(
        repo.git_in(&remote, &["cat-file", "tag", TAG])
            .contains("- by hand: `#` — ü")
    );
}
