//! An edit of several files under every fault: the tree is wholly old or wholly new.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::{FileEdit, Recovered};
use crate::{Fuse, Setup, World};

fn world(fuse: Option<&str>) -> World {
    World::new(Setup {
        fuse: fuse.map(|text| Fuse::parse(text).unwrap()),
        ..Setup::default()
    })
}

fn edits(dir: &Path) -> Vec<FileEdit> {
    ["a", "b", "sub/c"]
        .map(|name| FileEdit {
            path: dir.join("tree").join(name),
            contents: b"new".to_vec(),
        })
        .into()
}

#[expect(clippy::disallowed_methods, reason = "sets up the test")]
fn tree(dir: &Path) {
    fs::create_dir_all(dir.join("tree")).unwrap();
    fs::write(dir.join("tree/a"), "old").unwrap();
    fs::write(dir.join("tree/b"), "old").unwrap();
    fs::set_permissions(dir.join("tree/b"), fs::Permissions::from_mode(0o755)).unwrap();
}

/// Names and contents of the tree; folders do not count.
fn seen(dir: &Path) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let mut folders = vec![dir.join("tree")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path
                    .strip_prefix(dir.join("tree"))
                    .unwrap()
                    .display()
                    .to_string();
                out.push((name, fs::read_to_string(path).unwrap()));
            }
        }
    }
    out.sort();
    out
}

fn all(text: &str, names: &[&str]) -> Vec<(String, String)> {
    names
        .iter()
        .map(|name| ((*name).to_owned(), text.to_owned()))
        .collect()
}

#[test]
fn writes_all_and_keeps_modes_and_links() {
    let dir = tempfile::tempdir().unwrap();
    tree(dir.path());
    std::os::unix::fs::symlink("a", dir.path().join("tree/link")).unwrap();
    let mut edits = edits(dir.path());
    edits[0].path = dir.path().join("tree/link");
    world(None)
        .write_files(&dir.path().join("state"), &edits)
        .unwrap();
    assert_eq!(seen(dir.path()), all("new", &["a", "b", "link", "sub/c"]));
    assert!(dir.path().join("tree/link").is_symlink());
    assert_eq!(
        fs::metadata(dir.path().join("tree/b"))
            .unwrap()
            .permissions()
            .mode()
            & 0o777,
        0o755
    );
    assert!(!dir.path().join("state/edit.json").exists());
}

#[test]
fn a_failure_at_any_effect_leaves_the_tree_wholly_old_or_wholly_new() {
    for n in 1..=9 {
        for mode in ["fail-before", "fail-after"] {
            let dir = tempfile::tempdir().unwrap();
            tree(dir.path());
            let state = dir.path().join("state");
            world(Some(&format!("{mode}:{n}")))
                .write_files(&state, &edits(dir.path()))
                .unwrap_err();
            world(None).recover(&state).unwrap();
            let seen = seen(dir.path());
            let (old, new) = (all("old", &["a", "b"]), all("new", &["a", "b", "sub/c"]));
            assert!(seen == old || seen == new, "{mode}:{n}: {seen:?}");
        }
    }
}

#[test]
fn a_removal_is_part_of_the_whole() {
    for n in 0..=10 {
        let dir = tempfile::tempdir().unwrap();
        tree(dir.path());
        let state = dir.path().join("state");
        let removal = [dir.path().join("tree/b")];
        let edits = [edits(dir.path()).remove(0), edits(dir.path()).remove(2)];
        let fuse = format!("fail-after:{n}");
        let result = world(Some(&fuse).filter(|_| n > 0).map(String::as_str))
            .change_files(&state, &edits, &removal);
        assert!(n > 0 || result.is_ok());
        world(None).recover(&state).unwrap();
        let seen = seen(dir.path());
        let (old, new) = (all("old", &["a", "b"]), all("new", &["a", "sub/c"]));
        assert!(seen == new || n > 0 && seen == old, "{n}: {seen:?}");
    }
}

#[test]
fn bytes_that_are_no_text_come_back_as_they_were() {
    let dir = tempfile::tempdir().unwrap();
    tree(dir.path());
    let path = dir.path().join("tree/a");
    #[expect(clippy::disallowed_methods, reason = "sets up the test")]
    fs::write(&path, b"\xff\x00old").unwrap();
    world(Some("fail-before:7"))
        .write_files(&dir.path().join("state"), &edits(dir.path()))
        .unwrap_err();
    assert_eq!(fs::read(&path).unwrap(), b"\xff\x00old");
}

#[test]
fn a_read_only_file_is_refused_before_anything_is_written() {
    let dir = tempfile::tempdir().unwrap();
    tree(dir.path());
    #[expect(clippy::disallowed_methods, reason = "sets up the test")]
    fs::set_permissions(dir.path().join("tree/b"), fs::Permissions::from_mode(0o444)).unwrap();
    let error = world(None)
        .write_files(&dir.path().join("state"), &edits(dir.path()))
        .unwrap_err();
    assert!(error.to_string().contains("read-only"), "{error}");
    assert_eq!(seen(dir.path()), all("old", &["a", "b"]));
}

#[test]
fn somebody_elses_change_after_a_kill_is_never_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    tree(dir.path());
    let state = dir.path().join("state");
    // As a kill between the two phases would leave it.
    let plan: Vec<_> = edits(dir.path())
        .iter()
        .map(|edit| super::plan_one(&edit.path, "x", false).unwrap())
        .collect();
    for file in &plan {
        super::stage(file, b"new").unwrap();
    }
    super::make_dirs(&state).unwrap();
    super::save(
        &state,
        &super::Plan {
            phase: super::Phase::Commit,
            files: plan,
        },
    )
    .unwrap();
    #[expect(clippy::disallowed_methods, reason = "sets up the test")]
    fs::write(dir.path().join("tree/b"), "theirs").unwrap();
    let error = world(None).recover(&state).unwrap_err().to_string();
    assert!(
        error.contains("tree/b") && error.contains("changed since"),
        "{error}"
    );
    assert_eq!(
        fs::read_to_string(dir.path().join("tree/a")).unwrap(),
        "old"
    );
}

#[test]
fn nothing_to_recover_is_said() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(world(None).recover(dir.path()).unwrap(), None::<Recovered>);
}
