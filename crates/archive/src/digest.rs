//! SHA-256 (FIPS 180-4), of slices and of streams, written as lower-case hex.

use std::io::{self, Read, Write};
use std::sync::Arc;
use std::sync::mpsc::{self, SyncSender};
use std::thread::{self, JoinHandle};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::blocks::Block;

/// Blocks that wait to be hashed.
const ASIDE_QUEUE: usize = 16;

/// SHA-256 of `data`, 64 lower-case hex digits.
#[must_use]
pub fn sha256_hex(data: &[u8]) -> String {
    hex(&Sha256::digest(data))
}

/// Reads `r` to its end: number of bytes and their SHA-256 in lower-case hex.
///
/// # Errors
/// What `r` refuses, with the number of bytes that came before.
pub fn sha256_of<R: Read>(mut r: R) -> Result<(u64, String)> {
    let mut hashed = Hashed::new(io::sink());
    match io::copy(&mut r, &mut hashed) {
        Ok(_) => Ok((hashed.bytes, hashed.hex())),
        Err(error) => {
            Err(error).with_context(|| format!("could not read on after {} bytes", hashed.bytes))
        }
    }
}

/// Copies `r` to its end into `w` and flushes it: number of bytes and their SHA-256 in lower-case hex.
///
/// # Errors
/// What `r` or `w` refuse, with the number of bytes that went before.
pub fn sha256_copy<R: Read, W: Write>(mut r: R, w: W) -> Result<(u64, String)> {
    let mut hashed = Hashed::new(w);
    let copied = io::copy(&mut r, &mut hashed).and_then(|_| hashed.flush());
    copied.with_context(|| format!("could not copy on after {} bytes", hashed.bytes))?;
    Ok((hashed.bytes, hashed.hex()))
}

/// A writer that counts and hashes what passes through.
pub(crate) struct Hashed<W> {
    out: W,
    sha: Sha256,
    /// Bytes that `out` took.
    pub(crate) bytes: u64,
}

impl<W: Write> Hashed<W> {
    pub(crate) fn new(out: W) -> Self {
        Self {
            out,
            sha: Sha256::new(),
            bytes: 0,
        }
    }

    /// The digest of what was taken so far.
    pub(crate) fn hex(&self) -> String {
        hex(&self.sha.clone().finalize())
    }
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let taken = self.out.write(data)?;
        self.sha.update(data.get(..taken).unwrap_or(data));
        self.bytes += taken as u64;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// A reader that hashes what passes through.
pub(crate) struct Hashing<R> {
    from: R,
    sha: Sha256,
}

impl<R: Read> Hashing<R> {
    pub(crate) fn new(from: R) -> Self {
        Self {
            from,
            sha: Sha256::new(),
        }
    }

    pub(crate) fn hex(self) -> String {
        hex(&self.sha.finalize())
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = self.from.read(buffer)?;
        self.sha.update(buffer.get(..got).unwrap_or_default());
        Ok(got)
    }
}

/// A digest that a thread of its own works out, block by block, while the same blocks are compressed.
pub(crate) enum Aside {
    Here(Sha256),
    There(SyncSender<Arc<Block>>, JoinHandle<Sha256>),
}

impl Default for Aside {
    fn default() -> Self {
        Self::Here(Sha256::new())
    }
}

impl Aside {
    /// Moves the work to a thread, if the system has one to give.
    pub(crate) fn start(&mut self) {
        let Self::Here(sha) = self else { return };
        let mut sha = sha.clone();
        let (sender, blocks) = mpsc::sync_channel::<Arc<Block>>(ASIDE_QUEUE);
        let thread = thread::Builder::new().spawn(move || {
            for block in blocks {
                sha.update(block.data());
            }
            sha
        });
        if let Ok(thread) = thread {
            *self = Self::There(sender, thread);
        }
    }

    pub(crate) fn update(&mut self, block: &Arc<Block>) -> Result<()> {
        match self {
            Self::Here(sha) => sha.update(block.data()),
            Self::There(sender, _) => sender
                .send(Arc::clone(block))
                .ok()
                .context("the thread that hashes has ended; this is a bug")?,
        }
        Ok(())
    }

    /// The digest of all blocks.
    pub(crate) fn finish(self) -> Result<String> {
        let sha = match self {
            Self::Here(sha) => sha,
            Self::There(sender, thread) => {
                drop(sender);
                let ended = thread.join().ok();
                ended.context("the thread that hashes panicked; this is a bug")?
            }
        };
        Ok(hex(&sha.finalize()))
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|nibble| char::from(DIGITS[usize::from(nibble)]))
        .collect()
}
