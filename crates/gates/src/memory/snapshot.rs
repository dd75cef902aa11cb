//! The files of a repository with an identity each, taken from git's index where git vouches for it, so that nothing is
//! read that has not changed.

use std::path::Path;

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};
use world::World;
use world::git::Git;

use super::Files;

/// What an untracked folder with a repository of its own, or a changed submodule, is called: never the same twice.
const UNSURE: &str = "unsure";

/// All files that are not ignored.
pub(super) struct Snapshot {
    /// Path from the root → what it holds.
    pub(super) files: Files,
}

impl Snapshot {
    pub(super) fn take(world: &World, root: &Path) -> Result<Snapshot> {
        let git = Git::new(world, root);
        let mut files = Files::new();
        let mut look_at = Vec::new();
        for entry in git.list(&["ls-files", "--stage", "-v", "-z"])? {
            let (path, id, vouched) = entry_of(&entry)
                .with_context(|| format!("git ls-files said something else: {entry:?}"))?;
            if !vouched {
                look_at.push(path.to_owned());
            }
            files.insert(path.to_owned(), id.to_owned());
        }
        let status = git.list(&[
            "status",
            "--porcelain=v1",
            "-z",
            "--no-renames",
            "--ignore-submodules=none",
            "--untracked-files=all",
        ])?;
        for entry in status {
            let path = entry
                .get(3..)
                .with_context(|| format!("git status said something else: {entry:?}"))?;
            look_at.push(path.to_owned());
        }
        for path in look_at {
            match identity(root, &path) {
                Some(id) => files.insert(path, id),
                None => files.remove(&path),
            };
        }
        Ok(Snapshot { files })
    }
}

/// `H 100644 1f0c… 0\tpath`: the path, mode and object, and whether git looks for changes of the file at all
/// (it does not where it was told to skip it or to assume it unchanged).
fn entry_of(entry: &str) -> Option<(&str, &str, bool)> {
    let (front, path) = entry.split_once('\t')?;
    let (tag, id) = front.split_once(' ')?;
    Some((path, id, tag == "H"))
}

/// What a changed file holds: `None` when it is not there.
fn identity(root: &Path, path: &str) -> Option<String> {
    let full = root.join(path);
    let meta = full.symlink_metadata().ok()?;
    if meta.is_dir() {
        return Some(UNSURE.to_owned());
    }
    let mut hash = Sha256::new();
    let kind = if meta.is_symlink() {
        let target = std::fs::read_link(&full).ok()?;
        hash.update(target.as_os_str().as_encoded_bytes());
        "link"
    } else {
        let Ok(mut file) = std::fs::File::open(&full) else {
            return Some(UNSURE.to_owned());
        };
        let mut buffer = vec![0; 1 << 16];
        loop {
            match std::io::Read::read(&mut file, &mut buffer) {
                Ok(0) => break,
                Ok(count) => hash.update(&buffer[..count]),
                Err(_) => return Some(UNSURE.to_owned()),
            }
        }
        match std::os::unix::fs::PermissionsExt::mode(&meta.permissions()) & 0o111 {
            0 => "file",
            _ => "program",
        }
    };
    Some(format!("{kind} {}", hex(&hash.finalize())))
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The first file that nothing can be said about.
pub(super) fn unsure(files: &Files) -> Option<&String> {
    files
        .iter()
        .find(|(_, id)| *id == UNSURE)
        .map(|(path, _)| path)
}

/// Whether one of the globs names the path; those that begin with `!` take away.
pub(super) fn named(globs: &[String], path: &str) -> bool {
    let mut inside = false;
    for glob in globs {
        match glob.strip_prefix('!') {
            Some(glob) => inside &= !fast_glob::glob_match(glob, path),
            None => inside |= glob == "**" || fast_glob::glob_match(glob, path),
        }
    }
    inside
}

/// One file a line: `identity<TAB>path`. A path with a line end makes the list unreadable, which costs an explanation.
pub(super) fn write(files: &Files) -> Vec<u8> {
    let mut out = String::new();
    for (path, id) in files {
        out.push_str(id);
        out.push('\t');
        out.push_str(path);
        out.push('\n');
    }
    out.into_bytes()
}

pub(super) fn read(world: &World, path: &Path) -> Option<Files> {
    let text = world.read_if_exists(path).ok()??;
    text.lines()
        .map(|line| {
            let (id, path) = line.split_once('\t')?;
            Some((path.to_owned(), id.to_owned()))
        })
        .collect()
}

pub(super) fn changed_since(world: &World, root: &Path, rev: &str) -> Result<Vec<String>> {
    let git = Git::new(world, root);
    let commit = git
        .resolve(&format!("{rev}^{{commit}}"))?
        .with_context(|| format!("there is no commit `{rev}`; fetch it, or name another one"))?;
    let mut changed = git.list(&["diff", "--name-only", "--no-renames", "-z", &commit])?;
    changed.extend(git.list(&["ls-files", "--others", "--exclude-standard", "-z"])?);
    Ok(changed)
}
