//! `kind = "files"`: files of the candidate's tree, built first when a command is declared.

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use config::ArtifactKind;

use super::Maker;
use crate::artifacts::{Build, Place, pack};
use crate::{Artifact, Kind, Refusal};

pub(super) const MAKER: Maker = Maker {
    kind: ArtifactKind::Files,
    make,
};

/// Files of the candidate's tree, built first when a command is declared. A missing required one leaves no archive.
fn make(build: &Build<'_>, declared: &config::Artifact) -> Result<Vec<Artifact>> {
    let Place { name, path, top } = build.place(declared)?;
    let tree = &build.tree;
    if let Some((program, args)) = declared.build.as_ref().and_then(|argv| argv.split_first()) {
        build.run(program, args)?;
    }
    for required in &declared.required {
        if !tree.join(required).exists() {
            return Err(missing(format!("{required} is required and is not there")));
        }
    }
    let found = select(tree, &declared.files)?;
    if let Some(glob) = declared
        .files
        .iter()
        .find(|glob| !found.iter().any(|file| fast_glob::glob_match(glob, file)))
    {
        return Err(missing(format!("`{glob}` matches no file")));
    }
    let entries = found
        .iter()
        .map(|file| entry(tree, file))
        .collect::<Result<Vec<_>>>()?;
    Ok(vec![pack::write(build, &name, &path, &top, entries)?])
}

fn missing(message: String) -> anyhow::Error {
    Refusal::new(
        Kind::Findings,
        message,
        "build it first with `build` of that [[artifact]], or mend the list in release.toml",
    )
    .into()
}

/// Paths below the tree that match any of the globs. Git's own folder is never looked at.
fn select(tree: &Path, globs: &[String]) -> Result<Vec<String>> {
    let wants_modules = globs.iter().any(|glob| glob.contains("node_modules"));
    let walk = walkdir::WalkDir::new(tree)
        .into_iter()
        .filter_entry(|entry| {
            let name = entry.file_name();
            name != ".git" && (wants_modules || name != "node_modules")
        });
    let mut found = Vec::new();
    for entry in walk {
        let entry = entry.context("look for the files of an artifact")?;
        if entry.file_type().is_dir() {
            continue;
        }
        let Some(path) = entry.path().strip_prefix(tree).ok().and_then(Path::to_str) else {
            continue;
        };
        if globs.iter().any(|glob| fast_glob::glob_match(glob, path)) {
            found.push(path.to_owned());
        }
    }
    Ok(found)
}

fn entry(tree: &Path, file: &str) -> Result<archive::Entry<'static>> {
    use std::os::unix::fs::PermissionsExt as _;
    let path: PathBuf = tree.join(file);
    let meta = path
        .symlink_metadata()
        .with_context(|| format!("look at {file}"))?;
    let kind = if meta.is_symlink() {
        let target = std::fs::read_link(&path).with_context(|| format!("read the link {file}"))?;
        archive::Kind::Symlink {
            target: target.to_string_lossy().into_owned(),
        }
    } else {
        let data = Box::new(File::open(&path).with_context(|| format!("open {file}"))?);
        archive::Kind::File {
            executable: meta.permissions().mode() & 0o111 != 0,
            len: meta.len(),
            data,
        }
    };
    Ok(archive::Entry {
        path: file.to_owned(),
        kind,
    })
}
