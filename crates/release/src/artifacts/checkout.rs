//! What of the checkout may be taken: the files of the commit, and what a build has made.
//!
//! The gates have run in the same checkout. What they left there is in nobody else's, so that as long as no build command
//! has run, a file that is not of the commit is not taken; the proof by a second build finds the rest.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use walkdir::{DirEntry, WalkDir};
use world::git::Git;

use super::Job;
use super::kinds::refused;

pub(crate) struct Checkout {
    /// The root, without links in its path.
    root: PathBuf,
    /// Files and links of the commit, and whether they are executable there.
    tracked: BTreeMap<String, bool>,
    /// Submodules: what is checked out in them is of the commit as well.
    modules: Vec<String>,
    built: bool,
}

/// A file or link that is taken.
pub(crate) struct Found {
    /// Below the folder it was looked for in.
    pub(crate) path: String,
    pub(crate) disk: PathBuf,
    /// As the commit has it; `None`: as the disk has it.
    pub(crate) executable: Option<bool>,
}

impl Checkout {
    pub(crate) fn of(job: &Job<'_>) -> Result<Checkout> {
        let build = job.build;
        let git = Git::new(&build.cx.world, &build.tree);
        let mut tracked = BTreeMap::new();
        let mut modules = Vec::new();
        for record in git.list(&["ls-tree", "-r", "-z", build.commit])? {
            let Some((head, path)) = record.split_once('\t') else {
                continue;
            };
            match head.split(' ').next() {
                Some("160000") => modules.push(path.to_owned()),
                mode => drop(tracked.insert(path.to_owned(), mode == Some("100755"))),
            }
        }
        let root = build.tree.canonicalize();
        Ok(Checkout {
            root: root.with_context(|| format!("look at {}", build.tree.display()))?,
            tracked,
            modules,
            built: job.built,
        })
    }

    /// What can be taken, for messages.
    pub(crate) fn rule(&self) -> &'static str {
        match self.built {
            true => "taken are files of the commit and what a `build` has made",
            false => {
                "no `build` has run, so that only files of the commit are taken: name the command that makes it"
            }
        }
    }

    fn takes(&self, path: &str) -> bool {
        let below = |module: &String| {
            path.strip_prefix(module.as_str())
                .is_some_and(|rest| rest.starts_with('/'))
        };
        self.built || self.tracked.contains_key(path) || self.modules.iter().any(below)
    }

    /// A single file; through a link as long as that stays inside.
    pub(crate) fn file(&self, path: &str) -> Result<Option<PathBuf>> {
        if !self.takes(path) {
            return Ok(None);
        }
        let Ok(file) = self.root.join(path).canonicalize() else {
            return Ok(None);
        };
        self.inside(&file, path)?;
        Ok(file.is_file().then_some(file))
    }

    /// A folder of the checkout.
    pub(crate) fn folder(&self, path: Option<&str>) -> Result<PathBuf> {
        let Some(path) = path else {
            return Ok(self.root.clone());
        };
        let folder = self.root.join(path).canonicalize().ok();
        let Some(folder) = folder.filter(|folder| folder.is_dir()) else {
            return Err(refused(
                format!("the folder {path} is not there; {}", self.rule()),
                "mend `folder` of that [[artifact]] in release.toml",
            ));
        };
        self.inside(&folder, path)?;
        Ok(folder)
    }

    fn inside(&self, found: &Path, path: &str) -> Result<()> {
        if found.starts_with(&self.root) {
            return Ok(());
        }
        Err(refused(
            format!("{path} leads out of the repository, to {}", found.display()),
            "put the file itself into the repository",
        ))
    }

    /// What below a folder matches any of the globs, and none of those that leave out. Git's own folders are never looked
    /// at, and installed packages only where a glob names them.
    pub(crate) fn select(
        &self,
        folder: Option<&str>,
        globs: &[String],
        exclude: &[String],
    ) -> Result<Vec<Found>> {
        let top = self.folder(folder)?;
        let mut found = walk(&top, globs, exclude)?;
        let base = top.strip_prefix(&self.root).unwrap_or(Path::new(""));
        found.retain_mut(|found| {
            let path = base.join(&found.path);
            let path = path.to_string_lossy();
            found.executable = self.tracked.get(path.as_ref()).copied();
            self.takes(&path)
        });
        let unmatched = |glob: &&String| {
            !found
                .iter()
                .any(|found| fast_glob::glob_match(glob, &found.path))
        };
        if let Some(glob) = globs.iter().find(unmatched) {
            let below = folder.map(|folder| format!(" below {folder}"));
            return Err(refused(
                format!(
                    "`{glob}` matches no file{}; {}",
                    below.unwrap_or_default(),
                    self.rule()
                ),
                "build it first with `build` of that [[artifact]], or mend the list in release.toml",
            ));
        }
        Ok(found)
    }
}

/// Files and links below any folder, on the disk.
pub(crate) fn walk(top: &Path, globs: &[String], exclude: &[String]) -> Result<Vec<Found>> {
    let wants_modules = globs.iter().any(|glob| glob.contains("node_modules"));
    let looks_at = |entry: &DirEntry| {
        let name = entry.file_name();
        name != ".git" && (wants_modules || name != "node_modules")
    };
    let any = |globs: &[String], path: &str| {
        globs
            .iter()
            .any(|glob| fast_glob::glob_match(glob.as_str(), path))
    };
    let mut found = Vec::new();
    for entry in WalkDir::new(top).into_iter().filter_entry(looks_at) {
        let entry = entry.context("look for the files of an artifact")?;
        if entry.file_type().is_dir() {
            continue;
        }
        let Ok(path) = entry.path().strip_prefix(top) else {
            continue;
        };
        let lossy = path.to_string_lossy();
        if !any(globs, &lossy) || any(exclude, &lossy) {
            continue;
        }
        if path.to_str().is_none() {
            return Err(refused(
                format!("the name {lossy:?} is not UTF-8"),
                "rename it, or leave it out by `exclude`",
            ));
        }
        if !entry.file_type().is_file() && !entry.file_type().is_symlink() {
            return Err(refused(
                format!("{lossy} is a device, a socket or a pipe"),
                "leave it out by `exclude`",
            ));
        }
        found.push(Found {
            path: lossy.into_owned(),
            disk: entry.path().to_owned(),
            executable: None,
        });
    }
    Ok(found)
}
