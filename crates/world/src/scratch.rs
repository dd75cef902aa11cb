//! A folder that is there while somebody works in it and gone afterwards: for tools that write beside what they read.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::{World, files};

/// A folder outside of any repository; removed with all it holds when this is dropped.
pub struct Scratch {
    // Held for its drop.
    _folder: tempfile::TempDir,
    path: PathBuf,
}

impl Scratch {
    /// Absolute, without links.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl World {
    /// Makes an empty folder where temporary files are kept (`TMPDIR`).
    pub fn scratch(&self, purpose: &str) -> Result<Scratch> {
        let base = self.env("TMPDIR").map_or("/tmp".into(), PathBuf::from);
        self.effect(&format!("make a scratch folder for {purpose}"), || {
            let folder = tempfile::Builder::new()
                .prefix("landfall-")
                .tempdir_in(&base)
                .with_context(|| format!("make a folder in {}", base.display()))?;
            let path = folder
                .path()
                .canonicalize()
                .with_context(|| format!("look at {}", folder.path().display()))?;
            Ok(Scratch {
                _folder: folder,
                path,
            })
        })
    }

    /// Copies files into a scratch folder under the same names; links stay links, and what is no file (any more) is
    /// left out. One effect. Paths are relative and stay inside: anything else is an error before the first copy.
    pub fn copy_files(&self, from: &Path, paths: &[String], to: &Scratch) -> Result<()> {
        for path in paths {
            let plain = |part| matches!(part, std::path::Component::Normal(_));
            if !Path::new(path).components().all(plain) {
                bail!("`{path}` does not stay in its folder, and is not copied");
            }
        }
        let what = format!("copy {} files into a scratch folder", paths.len());
        self.effect(&what, || {
            for path in paths {
                copy(&from.join(path), &to.path.join(path))?;
            }
            Ok(())
        })
    }
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    let Ok(meta) = from.symlink_metadata() else {
        return Ok(());
    };
    files::make_dirs(&files::folder_of(to))?;
    if meta.is_symlink() {
        let target =
            std::fs::read_link(from).with_context(|| format!("read {}", from.display()))?;
        return symlink(target, to).with_context(|| format!("link {}", to.display()));
    }
    if meta.is_file() {
        #[expect(clippy::disallowed_methods, reason = "this is the door")]
        std::fs::copy(from, to).with_context(|| format!("copy {}", from.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::{Cmd, Setup, World};

    fn world() -> World {
        World::new(Setup {
            env: vec![("PATH".into(), "/usr/bin:/bin".into())],
            ..Setup::default()
        })
    }

    #[test]
    fn a_scratch_folder_holds_copies_and_goes_away() {
        let world = world();
        let from = tempfile::tempdir().unwrap();
        let make = "mkdir -p a/b; echo 1 > a/b/x; ln -s b/x a/link; ln -s /nowhere a/broken; mkdir a/folder";
        world
            .ask(&Cmd::new(from.path(), "sh").args(["-c", make]))
            .unwrap();
        let paths = ["a/b/x", "a/link", "a/broken", "a/folder", "a/gone"].map(str::to_owned);
        let scratch = world.scratch("a test").unwrap();
        let path = scratch.path().to_owned();
        world.copy_files(from.path(), &paths, &scratch).unwrap();
        assert_eq!(std::fs::read_to_string(path.join("a/link")).unwrap(), "1\n");
        assert!(path.join("a/link").is_symlink() && path.join("a/broken").is_symlink());
        assert!(!path.join("a/gone").exists() && !path.join("a/folder").exists());
        assert_eq!(world.effects().len(), 2);
        drop(scratch);
        assert!(!path.exists());
    }

    #[test]
    fn a_copy_never_leaves_its_folder() {
        let world = world();
        let from = tempfile::tempdir().unwrap();
        let scratch = world.scratch("a test").unwrap();
        for path in ["../x", "a/../../x", "/etc/hostname"] {
            let error = world
                .copy_files(from.path(), &[path.to_owned()], &scratch)
                .unwrap_err();
            assert!(error.to_string().contains("does not stay"), "{error}");
        }
        assert_eq!(std::fs::read_dir(scratch.path()).unwrap().count(), 0);
    }
}
