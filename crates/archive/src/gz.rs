//! The gzip side of an archive (RFC 1952): one header, one level, and the same bytes whatever
//! sizes the input arrives in.

use std::io::{self, Read, Write};

use anyhow::{Context, Result, bail};
use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};

use crate::Written;
use crate::digest::Hashed;

/// A compressor may cut its blocks where one `write` ends, so it is always fed this many bytes.
const CHUNK: usize = 64 * 1024;
/// "Unknown" of RFC 1952: the default differs between systems.
const OS_UNKNOWN: u8 = 255;
/// Written out: what a library calls its default may change.
const LEVEL: u32 = 6;
const BLOCK: u64 = 512;
/// Two zero blocks end a tar stream.
const END_OF_ARCHIVE: u64 = 2 * BLOCK;

/// Compresses a ready tar stream, such as `git archive --format=tar` prints, under the same rules
/// as [`tar_gz`](crate::tar_gz) and without holding it in memory.
///
/// # Errors
/// What `tar` or `out` refuse; a stream that is no tar, or that was cut off before its
/// end-of-archive blocks, as it is when the process that prints it dies.
pub fn gzip<R: Read, W: Write>(tar: R, out: W) -> Result<Written> {
    let mut tee = Tee {
        tar,
        gz: Gz::new(out),
        bytes: 0,
        zeros: 0,
    };
    let (entries, end) = walk(&mut tee)?;
    io::copy(&mut tee, &mut io::sink())
        .with_context(|| format!("could not read the tar stream on after {} bytes", tee.bytes))?;
    // Counted from the last entry, for the data of that entry may end in zeros too.
    let trailer = tee.bytes.saturating_sub(end);
    if trailer < END_OF_ARCHIVE || trailer % BLOCK != 0 || tee.zeros < trailer {
        bail!(
            "the tar stream of {} bytes lacks its end-of-archive blocks at byte {end}: it was cut off or something follows it; run the command that prints it again",
            tee.bytes
        );
    }
    tee.gz.finish(entries)
}

/// Reads the headers on the way, because a broken one must not be shipped: the number of entries,
/// and the byte where the last one ends.
fn walk<R: Read, W: Write>(tee: &mut Tee<R, W>) -> Result<(u64, u64)> {
    let (mut count, mut end) = (0, 0);
    let mut archive = tar::Archive::new(tee);
    for entry in archive.entries().context("could not read the tar stream")? {
        let entry = entry
            .with_context(|| format!("could not read the tar stream after {count} entries"))?;
        if !entry.header().entry_type().is_pax_global_extensions() {
            count += 1;
        }
        let size = entry.size().checked_next_multiple_of(BLOCK);
        end = size
            .and_then(|size| size.checked_add(entry.raw_file_position()))
            .context("an entry of the tar stream has an impossible size")?;
    }
    Ok((count, end))
}

/// Tar bytes in, gzip bytes out, both sides hashed.
pub(crate) struct Gz<W: Write> {
    tar: Hashed<GzEncoder<Hashed<W>>>,
    chunk: Vec<u8>,
}

impl<W: Write> Gz<W> {
    pub(crate) fn new(out: W) -> Self {
        let encoder = GzBuilder::new()
            .mtime(0)
            .operating_system(OS_UNKNOWN)
            .write(Hashed::new(out), Compression::new(LEVEL));
        Self {
            tar: Hashed::new(encoder),
            chunk: Vec::with_capacity(CHUNK),
        }
    }

    fn pass_on(&mut self) -> io::Result<()> {
        self.tar.write_all(&self.chunk)?;
        self.chunk.clear();
        Ok(())
    }

    /// Writes what is left and the gzip trailer, flushes `out`.
    pub(crate) fn finish(mut self, entries: u64) -> Result<Written> {
        const TRIED: &str = "could not write the end of the archive";
        self.pass_on().context(TRIED)?;
        self.tar.get_mut().try_finish().context(TRIED)?;
        let (encoder, tar_sha256) = self.tar.into_parts();
        let mut gz = encoder.finish().context(TRIED)?;
        gz.flush().context(TRIED)?;
        let size = gz.bytes;
        let (_, sha256) = gz.into_parts();
        Ok(Written {
            size,
            sha256,
            tar_sha256,
            entries,
        })
    }
}

impl<W: Write> Write for Gz<W> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        if self.chunk.len() == CHUNK {
            self.pass_on()?;
        }
        let taken = data.len().min(CHUNK - self.chunk.len());
        self.chunk.extend(data.iter().take(taken));
        Ok(taken)
    }

    /// Nothing: a flush in the middle would leave a mark in the compressed bytes.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A reader that hands on to the compressor what it gives.
struct Tee<R, W: Write> {
    tar: R,
    gz: Gz<W>,
    bytes: u64,
    /// Zero bytes seen last, in a row.
    zeros: u64,
}

impl<R: Read, W: Write> Read for Tee<R, W> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = self.tar.read(buffer)?;
        let seen = buffer.get(..got).unwrap_or_default();
        self.gz.write_all(seen)?;
        self.bytes += got as u64;
        let tail = seen.iter().rev().take_while(|byte| **byte == 0).count();
        self.zeros = if tail == got {
            self.zeros + tail as u64
        } else {
            tail as u64
        };
        Ok(got)
    }
}
