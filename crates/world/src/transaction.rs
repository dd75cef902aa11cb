//! Several files changed as one: wholly old or wholly new.
//!
//! The plan is written down first (phase `stage`), then every new content beside its target, then the plan again
//! (phase `commit`), then the renames. A run killed in `stage` is undone by the next command, one killed in
//! `commit` is finished by it; either way no stray file stays. The plan lives in a folder of ours (inside the git
//! directory), not in the tree.

use std::fmt;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};

use crate::World;
use crate::files::{folder_of, make_dirs, remove, set_mode, sync_folder};

/// The new content of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileEdit {
    pub path: PathBuf,
    pub contents: Vec<u8>,
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
    old: Option<Vec<u8>>,
    mode: u32,
}

const PLAN: &str = "edit.json";

impl World {
    /// Writes all of `edits` or none. `state` is a folder of ours that outlives a kill; call
    /// [`World::recover`] with the same one first.
    pub fn write_files(&self, state: &Path, edits: &[FileEdit]) -> Result<()> {
        if edits.is_empty() {
            return Ok(());
        }
        let files = edits.iter().map(plan_one).collect::<Result<Vec<_>>>()?;
        make_dirs(state)?;
        let mut plan = Plan {
            phase: Phase::Stage,
            files,
        };
        self.effect("write down the edit", || save(state, &plan))?;
        let staged = plan.files.iter().zip(edits).try_for_each(|(file, edit)| {
            self.effect(&format!("stage {}", file.target.display()), || {
                stage(file, &edit.contents)
            })
        });
        if let Err(error) = staged {
            undo(state, &plan)?;
            return Err(error);
        }
        plan.phase = Phase::Commit;
        if let Err(error) = self.effect("commit the edit", || save(state, &plan)) {
            undo(state, &plan)?;
            return Err(error);
        }
        for file in &plan.files {
            let what = format!("replace {}", file.target.display());
            if let Err(error) = self.effect(&what, || replace(file)) {
                put_back(state, &plan).context("put the old content back")?;
                return Err(error);
            }
        }
        self.effect("close the edit", || close(state))
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
        let waiting: Vec<&Planned> = plan
            .files
            .iter()
            .filter(|file| file.temp.exists())
            .collect();
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
        close(state)?;
        Ok(Some(Recovered::Finished(targets)))
    }
}

fn plan_one(edit: &FileEdit) -> Result<Planned> {
    use std::os::unix::fs::PermissionsExt as _;
    // A link stays a link: its target is edited.
    let target = match edit.path.canonicalize() {
        Ok(path) => path,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => edit.path.clone(),
        Err(error) => {
            return Err(error).with_context(|| format!("look at {}", edit.path.display()));
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
    let unguessable = tempfile::Builder::new()
        .prefix("")
        .tempfile()
        .context("draw a name for a new file")?;
    let suffix = unguessable
        .path()
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let temp = folder_of(&target).join(format!(".{}.landfall-{suffix}", name.to_string_lossy()));
    Ok(Planned {
        old: current(&target)?,
        target,
        temp,
        mode,
    })
}

fn current(path: &Path) -> Result<Option<Vec<u8>>> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("read {}", path.display())),
    }
}

fn save(state: &Path, plan: &Plan) -> Result<()> {
    let path = state.join(PLAN);
    let mut temp = tempfile::NamedTempFile::new_in(state)
        .with_context(|| format!("write {}", path.display()))?;
    serde_json::to_writer(temp.as_file_mut(), plan)?;
    temp.as_file()
        .sync_all()
        .with_context(|| format!("write {}", path.display()))?;
    temp.persist(&path)
        .with_context(|| format!("write {}", path.display()))?;
    sync_folder(state)
}

fn stage(file: &Planned, contents: &[u8]) -> Result<()> {
    let doing = || format!("write {}; nothing was changed", file.target.display());
    make_dirs(&folder_of(&file.target)).with_context(doing)?;
    let mut out = File::create_new(&file.temp).with_context(doing)?;
    out.write_all(contents).with_context(doing)?;
    set_mode(&out, file.mode)?;
    out.sync_all().with_context(doing)
}

fn replace(file: &Planned) -> Result<()> {
    #[expect(clippy::disallowed_methods, reason = "this is the door")]
    std::fs::rename(&file.temp, &file.target)
        .with_context(|| format!("replace {}", file.target.display()))?;
    sync_folder(&folder_of(&file.target))
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
    for file in plan.files.iter().filter(|file| !file.temp.exists()) {
        match &file.old {
            Some(old) => {
                stage(file, old)?;
                replace(file)?;
            }
            None => remove(&file.target)?,
        }
    }
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
mod tests {
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
            .map(|edit| super::plan_one(edit).unwrap())
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
}
