//! A tar stream as it is, counted and hashed: what a compressor that is a program of its own is fed with.

use std::io::{self, Write};

use anyhow::{Context, Result};

use crate::digest::Hashed;
use crate::{How, Written};

pub(crate) struct Plain<'a, W> {
    out: Hashed<W>,
    how: &'a How<'a>,
}

impl<'a, W: Write> Plain<'a, W> {
    pub(crate) fn new(out: W, how: &'a How<'a>) -> Self {
        Self {
            out: Hashed::new(out),
            how,
        }
    }

    pub(crate) fn finish(mut self, entries: u64) -> Result<Written> {
        self.flush()
            .context("could not write the end of the archive")?;
        let sha256 = self.out.hex();
        Ok(Written {
            size: self.out.bytes,
            tar_sha256: Some(sha256.clone()),
            sha256,
            entries,
            read: self.out.bytes,
        })
    }
}

impl<W: Write> Write for Plain<'_, W> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let taken = self.out.write(data)?;
        (self.how.progress)(self.out.bytes);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
