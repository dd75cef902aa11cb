//! The files of a folder, each read and hashed once, several side by side.

use std::ffi::OsString;
use std::fs::File;
use std::path::Path;
use std::sync::Mutex;

use anyhow::{Context as _, Result};

/// Less than so many bytes are hashed before another thread has begun.
const WORTH_A_THREAD: u64 = 4 << 20;

/// One entry of the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) name: String,
    pub(super) content: Content,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Content {
    File {
        /// In bytes.
        size: u64,
        /// Lower-case hex.
        sha256: String,
    },
    /// A folder, a pipe, a link that leads nowhere: in words.
    Odd(&'static str),
    /// Why not.
    Unreadable(String),
}

/// Everything in the folder, sorted by name.
pub(super) fn hash(folder: &Path) -> Result<Vec<Found>> {
    let mut names = Vec::new();
    for entry in folder
        .read_dir()
        .with_context(|| format!("look at {}", folder.display()))?
    {
        let entry = entry.with_context(|| format!("look at {}", folder.display()))?;
        names.push(entry.file_name());
    }
    names.sort();
    let found = |name: &OsString| Found {
        name: name.to_string_lossy().into_owned(),
        content: content(&folder.join(name)),
    };
    let size = |name: &OsString| folder.join(name).metadata().map_or(0, |meta| meta.len());
    if names.iter().map(size).sum::<u64>() < WORTH_A_THREAD {
        return Ok(names.iter().map(found).collect());
    }
    Ok(side_by_side(&names, found))
}

fn content(path: &Path) -> Content {
    // Looked at before it is opened: a pipe would wait for a writer.
    let meta = match path.metadata() {
        Ok(meta) => meta,
        Err(_) if path.is_symlink() => return Content::Odd("a link that leads nowhere"),
        Err(error) => return Content::Unreadable(error.to_string()),
    };
    if meta.is_dir() {
        return Content::Odd("a folder");
    }
    if !meta.is_file() {
        return Content::Odd("neither file nor folder");
    }
    let read = File::open(path)
        .context("it cannot be opened")
        .and_then(archive::sha256_of);
    match read {
        Ok((size, sha256)) => Content::File { size, sha256 },
        Err(error) => Content::Unreadable(format!("{error:#}")),
    }
}

/// `act` on each, as many at a time as there are processors; the answers in the order of the items.
pub(super) fn side_by_side<T: Sync, R: Send>(items: &[T], act: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let queue = Mutex::new(items.iter().enumerate());
    let work = || {
        let mut done = Vec::new();
        loop {
            let next = queue
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner)
                .next();
            match next {
                Some((at, item)) => done.push((at, act(item))),
                None => return done,
            }
        }
    };
    let mut answers: Vec<(usize, R)> = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads.min(items.len()))
            .map(|_| scope.spawn(work))
            .collect();
        let mut answers = work();
        for other in others {
            match other.join() {
                Ok(done) => answers.extend(done),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        answers
    });
    answers.sort_by_key(|(at, _)| *at);
    answers.into_iter().map(|(_, answer)| answer).collect()
}
