//! SHA-256 (FIPS 180-4), of slices and of streams, written as lower-case hex.

use std::io::{self, Read, Write};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

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

    pub(crate) fn get_mut(&mut self) -> &mut W {
        &mut self.out
    }

    /// The inner writer, and the digest of what it was given.
    pub(crate) fn into_parts(self) -> (W, String) {
        let digest = hex(&self.sha.finalize());
        (self.out, digest)
    }

    fn hex(self) -> String {
        self.into_parts().1
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

pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|nibble| char::from(DIGITS[usize::from(nibble)]))
        .collect()
}
