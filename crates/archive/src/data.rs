//! The data of an entry: exactly as long as it was announced.

use std::io::{ErrorKind, Read};

use anyhow::{Context, Result, bail};

/// Large enough that system calls do not count, small enough for a cache.
const CHUNK: usize = 64 << 10;

/// Reads exactly `len` bytes, and that there are no more; `put` gets them piece by piece.
pub(crate) fn pour(
    len: u64,
    mut data: impl Read,
    mut put: impl FnMut(&[u8]) -> Result<()>,
) -> Result<()> {
    // One byte more than announced is asked for, so that one read tells of a small file that it ends.
    let most = usize::try_from(len.saturating_add(1)).unwrap_or(CHUNK);
    let mut chunk = vec![0; most.min(CHUNK)];
    let mut copied = 0;
    loop {
        let got = read(&mut data, &mut chunk)?;
        copied += got as u64;
        if copied > len {
            bail!("{len} bytes were announced and more came: {CHANGED}");
        }
        if got == 0 {
            break;
        }
        put(chunk.get(..got).unwrap_or_default())?;
    }
    if copied < len {
        bail!("{len} bytes were announced and {copied} came: {CHANGED}");
    }
    Ok(())
}

const CHANGED: &str = "the file changed meanwhile; run again";

fn read(data: &mut impl Read, chunk: &mut [u8]) -> Result<usize> {
    loop {
        match data.read(chunk) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            other => return other.context("could not read the data"),
        }
    }
}

/// All of a short text, such as the target of a link.
pub(crate) fn text(mut data: impl Read, most: u64) -> Result<String> {
    let mut text = String::new();
    data.by_ref()
        .take(most)
        .read_to_string(&mut text)
        .context("could not read the data")?;
    Ok(text)
}
