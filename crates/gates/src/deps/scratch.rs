//! A copy of manifests and lock files alone, for package managers that write into the tree although they are told to look:
//! pnpm 9 rewrites an older lock file even when it is frozen, and old npms remove node_modules in a dry run.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result};
use world::{Lock, LockHeld};

use crate::{Cx, node};

/// What changes how a package manager reads the rest. `.npmrc` may hold a token, and stays inside of the git directory.
const BESIDE: &[&str] = &[
    ".npmrc",
    ".pnpmfile.cjs",
    "pnpm-workspace.yaml",
    "package-lock.json",
    "npm-shrinkwrap.json",
    "pnpm-lock.yaml",
];

/// So long a second preflight waits for the first.
const PATIENCE: Duration = Duration::from_secs(120);

/// Removed when it is dropped; what a kill leaves is removed by the next one.
pub(crate) struct Scratch {
    world: world::World,
    pub(crate) folder: PathBuf,
    _lock: Lock,
}

impl Scratch {
    pub(crate) fn new(cx: &Cx) -> Result<Scratch> {
        let state = cx.git().common_dir()?.join("landfall");
        let lock = wait_for(cx, &state.join("deps.lock"))?;
        let folder = state.join("deps");
        cx.world.remove_dir_all(&folder)?;
        cx.world.create_dir_all(&folder)?;
        let scratch = Scratch {
            world: cx.world.clone(),
            folder,
            _lock: lock,
        };
        let mut paths: Vec<String> = BESIDE.iter().map(|&name| name.to_owned()).collect();
        paths.extend(
            node::packages(&cx.world, &cx.root)?
                .into_iter()
                .map(|package| package.path),
        );
        // pnpm compares the digests of patches.
        paths.extend(cx.git().list(&["ls-files", "-z", "--", "*.patch"])?);
        for path in paths {
            let from = cx.path(&path);
            if from.is_file() {
                let bytes = cx.world.read(&from)?;
                cx.world.write_file(&scratch.folder.join(&path), &bytes)?;
            }
        }
        Ok(scratch)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Nothing can be told from here; the next one removes it.
        self.world.undeterred().remove_dir_all(&self.folder).ok();
    }
}

fn wait_for(cx: &Cx, path: &Path) -> Result<Lock> {
    let watch = cx.world.stopwatch();
    loop {
        match cx.world.lock(path, "deps: a copy of the manifests") {
            Err(error)
                if error.downcast_ref::<LockHeld>().is_some() && watch.elapsed() < PATIENCE =>
            {
                cx.world.check_interrupt()?;
                std::thread::sleep(Duration::from_millis(100));
            }
            done => return done.context("copy the manifests"),
        }
    }
}
