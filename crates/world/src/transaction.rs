//! Several files changed as one: wholly old or wholly new.
//!
//! The plan is written down first (phase `stage`), then every new content beside its target, then the plan again
//! (phase `commit`), then the renames. A run killed in `stage` is undone by the next command, one killed in
//! `commit` is finished by it; either way no stray file stays. The plan lives in a folder of ours (inside the git
//! directory), not in the tree.

use std::collections::BTreeSet;
use std::fmt;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};

use crate::World;
use crate::files::{folder_of, make_dirs, remove, set_mode, side_by_side, sync_folder};

/// The new content of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileEdit {
    pub path: PathBuf,
    pub contents: Vec<u8>,
}

/// What is there before an edit, or shall be there after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Bytes(Vec<u8>),
}

impl Content {
    fn of(bytes: Vec<u8>) -> Content {
        match String::from_utf8(bytes) {
            Ok(text) => Content::Text(text),
            Err(error) => Content::Bytes(error.into_bytes()),
        }
    }

    fn bytes(&self) -> &[u8] {
        match self {
            Content::Text(text) => text.as_bytes(),
            Content::Bytes(bytes) => bytes,
        }
    }
}

/// What [`World::recover`] put right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recovered {
    /// Killed before the point of no return: the tree is wholly old.
    Undone(Vec<PathBuf>),
    /// Killed after it: the tree is wholly new.
    Finished(Vec<PathBuf>),
}

impl fmt::Display for Recovered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (did, files) = match self {
            Recovered::Undone(files) => ("undone: the files are as they were before", files),
            Recovered::Finished(files) => ("finished: the files are all new", files),
        };
        let names: Vec<String> = files
            .iter()
            .map(|file| file.display().to_string())
            .collect();
        write!(f, "an interrupted edit was {did}: {}", names.join(", "))
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Plan {
    phase: Phase,
    files: Vec<Planned>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Phase {
    Stage,
    Commit,
}

#[derive(Debug, Serialize, Deserialize)]
struct Planned {
    target: PathBuf,
    temp: PathBuf,
    /// Content before, to tell an edit by somebody else from ours; `None` for a new file.
    old: Option<Content>,
    mode: u32,
    /// There shall be no such file.
    #[serde(default)]
    remove: bool,
}

impl Planned {
    /// Its turn has not come yet.
    fn is_waiting(&self) -> bool {
        match self.remove {
            true => self.target.symlink_metadata().is_ok(),
            false => self.temp.exists(),
        }
    }
}

/// So many files are open at a time, within the limit that every system gives a process.
const OPEN: usize = 128;

const PLAN: &str = "edit.json";

impl World {
    /// Writes all of `edits` or none. `state` is a folder of ours that outlives a kill; call
    /// [`World::recover`] with the same one first.
    pub fn write_files(&self, state: &Path, edits: &[FileEdit]) -> Result<()> {
        self.change_files(state, edits, &[])
    }

    /// The same, and removes files: all of it or nothing.
    pub fn change_files(
        &self,
        state: &Path,
        edits: &[FileEdit],
        removals: &[PathBuf],
    ) -> Result<()> {
        if edits.is_empty() && removals.is_empty() {
            return Ok(());
        }
        let suffix = unguessable()?;
        let written = edits
            .iter()
            .map(|edit| plan_one(&edit.path, &suffix, false));
        let removed = removals.iter().map(|path| plan_one(path, &suffix, true));
        let files = written.chain(removed).collect::<Result<Vec<_>>>()?;
        make_dirs(state)?;
        let mut plan = Plan {
            phase: Phase::Stage,
            files,
        };
        self.effect("write down the edit", || save(state, &plan))?;
        if let Err(error) = self.stage_all(&plan, edits) {
            undo(state, &plan)?;
            return Err(error);
        }
        plan.phase = Phase::Commit;
        if let Err(error) = self.effect("commit the edit", || save(state, &plan)) {
            undo(state, &plan)?;
            return Err(error);
        }
        if let Err(error) = self.replace_all(&plan) {
            put_back(state, &plan).context("put the old content back")?;
            return Err(error);
        }
        self.effect("close the edit", || close(state))
    }

    /// Every new content is on the disk before the edit is committed.
    fn stage_all(&self, plan: &Plan, edits: &[FileEdit]) -> Result<()> {
        let files: Vec<(&Planned, &FileEdit)> = plan.files.iter().zip(edits).collect();
        for some in files.chunks(OPEN) {
            let mut open = Vec::with_capacity(some.len());
            for (file, edit) in some {
                self.effect(&format!("stage {}", file.target.display()), || {
                    open.push((*file, stage(file, &edit.contents)?));
                    Ok(())
                })?;
            }
            side_by_side(open, |(file, out)| {
                out.sync_all().with_context(|| unchanged(file))
            })?;
        }
        Ok(())
    }

    /// Every rename is on the disk before the plan of them is removed.
    fn replace_all(&self, plan: &Plan) -> Result<()> {
        for some in plan.files.chunks(OPEN) {
            // To free the blocks of an old content takes longer than the rename: it waits until the last of them.
            let mut old = Vec::with_capacity(some.len());
            for file in some {
                let what = match file.remove {
                    true => format!("remove {}", file.target.display()),
                    false => format!("replace {}", file.target.display()),
                };
                old.extend(File::open(&file.target).ok());
                self.effect(&what, || replace(file))?;
            }
            side_by_side(old, |file| {
                drop(file);
                Ok(())
            })?;
        }
        sync_folders(&plan.files)
    }

    /// Finishes or undoes an edit that a kill interrupted. `None`: there was none.
    pub fn recover(&self, state: &Path) -> Result<Option<Recovered>> {
        let path = state.join(PLAN);
        let Some(text) = self.read_if_exists(&path)? else {
            return Ok(None);
        };
        let plan: Plan = serde_json::from_str(&text).with_context(|| {
            format!(
                "read the interrupted edit in {}; look at it, then remove it by hand",
                path.display()
            )
        })?;
        let targets = plan.files.iter().map(|file| file.target.clone()).collect();
        if plan.phase == Phase::Stage {
            undo(state, &plan)?;
            return Ok(Some(Recovered::Undone(targets)));
        }
        let waiting: Vec<&Planned> = plan.files.iter().filter(|file| file.is_waiting()).collect();
        for file in &waiting {
            if current(&file.target)? != file.old {
                bail!(
                    "an interrupted edit of {} cannot be finished: the file was changed since; the new content is in {}: \
                     merge it, remove that file and {}",
                    file.target.display(),
                    file.temp.display(),
                    path.display()
                );
            }
        }
        for file in waiting {
            replace(file)?;
        }
        sync_folders(&plan.files)?;
        close(state)?;
        Ok(Some(Recovered::Finished(targets)))
    }
}

/// A part of a name that nobody else has.
fn unguessable() -> Result<String> {
    let drawn = tempfile::Builder::new()
        .prefix("")
        .tempfile()
        .context("draw a name for new files")?;
    let name = drawn.path().file_name().unwrap_or_default();
    Ok(name.to_string_lossy().into_owned())
}

fn plan_one(path: &Path, suffix: &str, remove: bool) -> Result<Planned> {
    use std::os::unix::fs::PermissionsExt as _;
    // A link stays a link: its target is edited.
    let target = match path.canonicalize() {
        Ok(path) => path,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => path.to_owned(),
        Err(error) => {
            return Err(error).with_context(|| format!("look at {}", path.display()));
        }
    };
    let mode = match target.metadata() {
        Ok(meta) if !meta.is_file() => bail!("{} is not a file", target.display()),
        Ok(meta) if meta.permissions().readonly() => {
            bail!(
                "{} is read-only; nothing was changed: make it writable (chmod u+w) and run again",
                target.display()
            )
        }
        Ok(meta) => meta.permissions().mode() & 0o7777,
        Err(_) => 0o644,
    };
    let name = target
        .file_name()
        .with_context(|| format!("{} has no file name", target.display()))?;
    let temp = folder_of(&target).join(format!(".{}.landfall-{suffix}", name.to_string_lossy()));
    Ok(Planned {
        old: current(&target)?,
        target,
        temp,
        mode,
        remove,
    })
}

fn current(path: &Path) -> Result<Option<Content>> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(Content::of(bytes))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("read {}", path.display())),
    }
}

fn save(state: &Path, plan: &Plan) -> Result<()> {
    let path = state.join(PLAN);
    let mut temp = tempfile::NamedTempFile::new_in(state)
        .with_context(|| format!("write {}", path.display()))?;
    temp.write_all(&serde_json::to_vec(plan)?)
        .with_context(|| format!("write {}", path.display()))?;
    temp.as_file()
        .sync_all()
        .with_context(|| format!("write {}", path.display()))?;
    temp.persist(&path)
        .with_context(|| format!("write {}", path.display()))?;
    sync_folder(state)
}

fn unchanged(file: &Planned) -> String {
    format!("write {}; nothing was changed", file.target.display())
}

/// Writes the new content beside the old one; it is not synced yet.
fn stage(file: &Planned, contents: &[u8]) -> Result<File> {
    let doing = || unchanged(file);
    make_dirs(&folder_of(&file.target)).with_context(doing)?;
    let mut out = File::create_new(&file.temp).with_context(doing)?;
    out.write_all(contents).with_context(doing)?;
    set_mode(&out, file.mode)?;
    Ok(out)
}

/// The folders are synced once all is replaced.
fn replace(file: &Planned) -> Result<()> {
    if file.remove {
        return remove(&file.target);
    }
    #[expect(clippy::disallowed_methods, reason = "this is the door")]
    std::fs::rename(&file.temp, &file.target)
        .with_context(|| format!("replace {}", file.target.display()))
}

fn sync_folders(files: &[Planned]) -> Result<()> {
    let folders: BTreeSet<PathBuf> = files.iter().map(|file| folder_of(&file.target)).collect();
    side_by_side(folders.into_iter().collect(), |folder| sync_folder(&folder))
}

fn undo(state: &Path, plan: &Plan) -> Result<()> {
    for file in plan
        .files
        .iter()
        .filter(|file| file.temp.symlink_metadata().is_ok())
    {
        remove(&file.temp)?;
    }
    close(state)
}

/// A rename failed: files already replaced (nothing waits beside them) get their old content back.
fn put_back(state: &Path, plan: &Plan) -> Result<()> {
    for file in plan.files.iter().filter(|file| !file.is_waiting()) {
        match &file.old {
            Some(old) => {
                let back = Planned {
                    remove: false,
                    target: file.target.clone(),
                    temp: file.temp.clone(),
                    old: None,
                    mode: file.mode,
                };
                stage(&back, old.bytes())?.sync_all()?;
                replace(&back)?;
            }
            None if file.remove => {}
            None => remove(&file.target)?,
        }
    }
    sync_folders(&plan.files)?;
    undo(state, plan)
}

fn close(state: &Path) -> Result<()> {
    let path = state.join(PLAN);
    if path.exists() {
        remove(&path)?;
        sync_folder(state)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
