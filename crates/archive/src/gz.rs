//! The gzip side of an archive (RFC 1952): one header, blocks of deflate, both sides hashed.

use std::io::{self, Write};
use std::sync::Arc;

use anyhow::{Context, Result};
use flate2::Crc;

use crate::blocks::{Block, Cutter, Deflated, Pool, Sink};
use crate::digest::{Aside, Hashed};
use crate::{How, Written};

/// Deflate; no name, no time, no extra speed or size; operating system unknown, for the default differs between systems.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];

/// Tar bytes in, gzip bytes out.
pub(crate) struct Gz<'a, W: Write> {
    how: &'a How<'a>,
    cutter: Cutter,
    pool: Pool<Frame<W>>,
    tar: Aside,
    /// Bytes that came in.
    bytes: u64,
}

impl<'a, W: Write> Gz<'a, W> {
    pub(crate) fn new(out: W, how: &'a How<'a>) -> Self {
        let frame = Frame {
            out: Hashed::new(out),
            crc: Crc::new(),
        };
        Self {
            how,
            cutter: Cutter::default(),
            pool: Pool::new(how.threads, frame),
            tar: Aside::default(),
            bytes: 0,
        }
    }

    fn give(&mut self, block: Block) -> Result<()> {
        if self.pool.parallel() {
            self.tar.start();
        }
        let block = Arc::new(block);
        self.bytes += block.data().len() as u64;
        self.tar.update(&block)?;
        self.pool.give((), block)?;
        (self.how.progress)(self.bytes);
        Ok(())
    }

    /// Writes what is left and the gzip trailer, flushes `out`.
    pub(crate) fn finish(mut self, entries: u64) -> Result<Written> {
        const TRIED: &str = "could not write the end of the archive";
        let block = self.cutter.end();
        self.give(block).context(TRIED)?;
        let frame = self.pool.finish().context(TRIED)?;
        let mut trailer = [0; 8];
        // Of the length the standard keeps what is left of 2^32.
        let length = self.bytes as u32;
        trailer[..4].copy_from_slice(&frame.crc.sum().to_le_bytes());
        trailer[4..].copy_from_slice(&length.to_le_bytes());
        frame.out.write_all(&trailer).context(TRIED)?;
        frame.out.flush().context(TRIED)?;
        Ok(Written {
            size: frame.out.bytes,
            sha256: frame.out.hex(),
            tar_sha256: Some(self.tar.finish()?),
            entries,
            read: self.bytes,
        })
    }
}

impl<W: Write> Write for Gz<'_, W> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let taken = self.cutter.take(data);
        if taken > 0 || data.is_empty() {
            return Ok(taken);
        }
        let block = self.cutter.cut();
        self.give(block).map_err(as_io)?;
        Ok(self.cutter.take(data))
    }

    /// Nothing: a flush in the middle would leave a mark in the compressed bytes.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An error that passes through a `Write`: one of the system stays what it was.
fn as_io(error: anyhow::Error) -> io::Error {
    error.downcast().unwrap_or_else(io::Error::other)
}

/// The gzip frame around the blocks.
struct Frame<W> {
    out: Hashed<W>,
    crc: Crc,
}

impl<W: Write> Sink for Frame<W> {
    type Ticket = ();

    fn put(&mut self, (): (), _: &Block, deflated: Deflated) -> Result<()> {
        if self.out.bytes == 0 {
            self.out.write_all(&HEADER)?;
        }
        self.crc.combine(&deflated.crc);
        self.out.write_all(&deflated.bytes)?;
        Ok(())
    }
}
