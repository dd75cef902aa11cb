//! One release at a time in one repository: an advisory lock on a file, released by the kernel even after a kill.

use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::World;

/// Held until dropped.
#[derive(Debug)]
pub struct Lock(
    #[expect(dead_code, reason = "kept open: closing the file releases the lock")] File,
);

/// Somebody else holds the lock.
#[derive(Debug)]
pub struct LockHeld {
    /// What the holder wrote: its process id and command.
    pub holder: String,
}

impl fmt::Display for LockHeld {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "another run holds the lock: {}", self.holder)
    }
}

impl std::error::Error for LockHeld {}

impl World {
    /// Takes the lock at `path` or fails at once with [`LockHeld`]. `holder` is what the other run is told.
    pub fn lock(&self, path: &Path, holder: &str) -> Result<Lock> {
        if let Some(parent) = path.parent() {
            self.create_dir_all(parent)?;
        }
        let mut file = OpenOptions::new()
            .create(true)
            .read(true)
            .write(true)
            .truncate(false)
            .open(path)
            .with_context(|| format!("open the lock file {}", path.display()))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                file.read_to_string(&mut holder).unwrap_or_default();
                return Err(LockHeld {
                    holder: holder.trim().to_owned(),
                }
                .into());
            }
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("lock {}", path.display()));
            }
        }
        file.set_len(0)
            .and_then(|()| file.rewind())
            .with_context(|| format!("write {}", path.display()))?;
        writeln!(file, "process {}, {holder}", std::process::id())
            .with_context(|| format!("write {}", path.display()))?;
        Ok(Lock(file))
    }
}

#[cfg(test)]
mod tests {
    use crate::{LockHeld, Setup, World};

    #[test]
    fn the_second_taker_is_told_who_holds_it() {
        let dir = tempfile::tempdir().unwrap();
        let world = World::new(Setup::default());
        let path = dir.path().join("a/lock");
        let first = world.lock(&path, "release 1.0.0").unwrap();
        let error = world.lock(&path, "release 2.0.0").unwrap_err();
        assert!(
            error
                .downcast_ref::<LockHeld>()
                .unwrap()
                .holder
                .contains("release 1.0.0")
        );
        drop(first);
        world.lock(&path, "release 2.0.0").unwrap();
    }
}
