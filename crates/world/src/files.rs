//! Changes to files outside of a [`transaction`](crate::transaction): folders, single files, logs.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::World;

impl World {
    /// The bytes of a file; the error names it.
    pub fn read(&self, path: &Path) -> Result<Vec<u8>> {
        std::fs::read(path).with_context(|| format!("read {}", path.display()))
    }

    /// The text of a file; bytes that are not UTF-8 are an error with their place.
    pub fn read_text(&self, path: &Path) -> Result<String> {
        let bytes = self.read(path)?;
        String::from_utf8(bytes).map_err(|error| {
            let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let line = good.split(|byte| *byte == b'\n').count();
            anyhow::anyhow!(
                "{}:{line}: not UTF-8; convert the file, or leave it out of the configuration",
                path.display()
            )
        })
    }

    /// The text of a file, or `None` when there is no such file.
    pub fn read_if_exists(&self, path: &Path) -> Result<Option<String>> {
        if path
            .symlink_metadata()
            .is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound)
        {
            return Ok(None);
        }
        self.read_text(path).map(Some)
    }

    /// Writes one file: wholly the old or wholly the new content, on disk when this returns.
    pub fn write_file(&self, path: &Path, contents: &[u8]) -> Result<()> {
        self.write_stream(path, |out| out.write_all(contents).map_err(Into::into))
    }

    /// Like [`World::write_file`], from a stream.
    pub fn write_stream<T>(
        &self,
        path: &Path,
        fill: impl FnOnce(&mut (dyn Write + Send)) -> Result<T>,
    ) -> Result<T> {
        self.effect(&format!("write {}", path.display()), || {
            let folder = folder_of(path);
            make_dirs(&folder)?;
            let mut temp = tempfile::Builder::new()
                .prefix(".landfall-")
                .tempfile_in(&folder)
                .with_context(|| format!("create a file in {}", folder.display()))?;
            let value = {
                let mut out = BufWriter::with_capacity(256 << 10, temp.as_file_mut());
                let value = fill(&mut out).with_context(|| format!("write {}", path.display()))?;
                out.flush()
                    .with_context(|| format!("write {}", path.display()))?;
                value
            };
            set_mode(temp.as_file(), 0o644)?;
            temp.as_file()
                .sync_all()
                .with_context(|| format!("write {}", path.display()))?;
            temp.persist(path)
                .with_context(|| format!("write {}", path.display()))?;
            sync_folder(&folder)?;
            Ok(value)
        })
    }

    /// Appends one line to a log and waits until it is on disk. Not counted as an effect: it is our own record.
    pub fn append_line(&self, path: &Path, line: &str) -> Result<()> {
        append_raw(path, &self.redact(line))
            .with_context(|| format!("append to {}", path.display()))
    }

    /// Keeps something that may be lost at any time and is only worth having: not an effect, and no error when it cannot
    /// be written. A reader sees the old content or the new one.
    pub fn keep(&self, path: &Path, contents: &[u8]) {
        let folder = folder_of(path);
        let written = make_dirs(&folder).and_then(|()| {
            let mut temp = tempfile::Builder::new()
                .prefix(".landfall-")
                .tempfile_in(&folder)?;
            temp.write_all(contents)?;
            temp.persist(path)?;
            Ok(())
        });
        drop(written);
    }

    /// Makes a folder and its parents; nothing is recorded when it is there.
    pub fn create_dir_all(&self, path: &Path) -> Result<()> {
        if path.is_dir() {
            return Ok(());
        }
        self.effect(&format!("mkdir -p {}", path.display()), || make_dirs(path))
    }

    /// Removes a folder with all it holds; a missing one is no error.
    pub fn remove_dir_all(&self, path: &Path) -> Result<()> {
        if path.symlink_metadata().is_err() {
            return Ok(());
        }
        self.effect(&format!("rm -rf {}", path.display()), || {
            #[expect(clippy::disallowed_methods, reason = "this is the door")]
            std::fs::remove_dir_all(path).with_context(|| format!("remove {}", path.display()))
        })
    }

    /// Removes a file; a missing one is no error.
    pub fn remove_file(&self, path: &Path) -> Result<()> {
        if path.symlink_metadata().is_err() {
            return Ok(());
        }
        self.effect(&format!("rm {}", path.display()), || remove(path))
    }

    /// A folder for what we build, ignored by git whatever the repository ignores.
    pub fn private_dir(&self, path: &Path) -> Result<()> {
        const EVERYTHING: &[u8] = b"*\n";
        self.create_dir_all(path)?;
        let ignore = path.join(".gitignore");
        if std::fs::read(&ignore).is_ok_and(|text| text == EVERYTHING) {
            return Ok(());
        }
        // In place: a file beside it would be the one thing that nothing ignores yet, if a kill left it there. A cut
        // one is written again by the next call.
        self.effect(&format!("write {}", ignore.display()), || {
            let mut file = File::create_new(&ignore)
                .or_else(|_| OpenOptions::new().write(true).truncate(true).open(&ignore))
                .with_context(|| format!("write {}", ignore.display()))?;
            file.write_all(EVERYTHING)
                .with_context(|| format!("write {}", ignore.display()))
        })
    }
}

pub(crate) fn append_raw(path: &Path, line: &str) -> Result<()> {
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    file.write_all(format!("{line}\n").as_bytes())?;
    file.sync_data()?;
    Ok(())
}

pub(crate) fn make_dirs(path: &Path) -> Result<()> {
    #[expect(clippy::disallowed_methods, reason = "this is the door")]
    std::fs::create_dir_all(path).with_context(|| format!("make the folder {}", path.display()))
}

pub(crate) fn remove(path: &Path) -> Result<()> {
    #[expect(clippy::disallowed_methods, reason = "this is the door")]
    std::fs::remove_file(path).with_context(|| format!("remove {}", path.display()))
}

pub(crate) fn set_mode(file: &File, mode: u32) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(std::fs::Permissions::from_mode(mode))
        .context("set the mode of a new file")
}

/// A rename is on disk only when its folder is.
pub(crate) fn sync_folder(folder: &Path) -> Result<()> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .with_context(|| format!("sync {}", folder.display()))
}

pub(crate) fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

impl World {
    /// The file that a program's name stands for on the search path; a name with a slash is a path from `cwd`.
    pub fn which(&self, cwd: &Path, program: &str) -> Option<PathBuf> {
        let runs = |path: &PathBuf| {
            path.is_file() && rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok()
        };
        if program.contains('/') {
            return Some(cwd.join(program)).filter(runs);
        }
        std::env::split_paths(self.env("PATH")?)
            .map(|folder| cwd.join(folder).join(program))
            .find(runs)
    }

    /// Whether this process may write in a folder or to a file.
    pub fn writable(&self, path: &Path) -> bool {
        rustix::fs::access(path, rustix::fs::Access::WRITE_OK).is_ok()
    }
}

/// So many files are synced or freed at a time. The file system does what is asked of it at once in one go, so that a
/// thousand files take little longer than one.
const AT_ONCE: usize = 16;

/// `act` on each, several at a time; the first error of any.
pub(crate) fn side_by_side<T: Send>(
    items: Vec<T>,
    act: impl Fn(T) -> Result<()> + Sync,
) -> Result<()> {
    let threads = AT_ONCE.min(items.len());
    let queue = std::sync::Mutex::new(items.into_iter());
    let work = || {
        loop {
            let next = queue
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner)
                .next();
            match next {
                Some(item) => act(item)?,
                None => return Ok(()),
            }
        }
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .try_for_each(|worker| match worker.join() {
                Ok(done) => done,
                Err(panic) => std::panic::resume_unwind(panic),
            })
    })
}
