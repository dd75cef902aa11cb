//! A ready tar stream, such as `git archive` prints: read, checked, and packed on the way.

use std::io::{self, Read, Write};

use anyhow::{Context, Result, bail};
use tar::EntryType;

use crate::path::Names;
use crate::zip::Zip;
use crate::{Kind, Written, data};

const BLOCK: u64 = 512;
/// Two zero blocks end a tar stream.
const END_OF_ARCHIVE: u64 = 2 * BLOCK;

/// Longest target of a link that any system makes.
const TARGET_MAX: u64 = 64 << 10;

/// Passes a tar stream on as it is: the number of its entries.
pub(crate) fn copy<R: Read, W: Write>(tar: R, out: W) -> Result<u64> {
    let mut tee = Tee::new(tar, out);
    let (entries, end) = walk(&mut tee, |_, _, _| Ok(()))?;
    tee.finish(end)?;
    Ok(entries)
}

/// Stores the entries of a tar stream in a zip archive. Folders are not stored: they follow from the paths.
pub(crate) fn zip<R: Read, W: Write>(tar: R, mut zip: Zip<'_, W>) -> Result<Written> {
    let mut tee = Tee::new(tar, io::sink());
    let (_, end) = walk(&mut tee, |path, mtime, kind| zip.append(path, mtime, kind))?;
    tee.finish(end)?;
    zip.finish()
}

/// Reads all entries, because a broken or dangerous one must not be shipped: their number, and the byte where the last
/// one ends. `store` is given the files and links.
fn walk<R: Read>(
    tar: R,
    mut store: impl FnMut(&str, u64, Kind<'_>) -> Result<()>,
) -> Result<(u64, u64)> {
    let (mut count, mut end) = (0, 0);
    let mut names = Names::default();
    let mut archive = tar::Archive::new(tar);
    for entry in archive.entries().context("could not read the tar stream")? {
        let mut entry = entry
            .with_context(|| format!("could not read the tar stream after {count} entries"))?;
        let size = entry.size().checked_next_multiple_of(BLOCK);
        end = size
            .and_then(|size| size.checked_add(entry.raw_file_position()))
            .context("an entry of the tar stream has an impossible size")?;
        if entry.header().entry_type().is_pax_global_extensions() {
            continue;
        }
        count += 1;
        let path = String::from_utf8(entry.path_bytes().into_owned())
            .context("a path in the tar stream is not UTF-8; rename it")?;
        let mtime = entry.header().mtime()?;
        let executable = entry.header().mode()? & 0o111 != 0;
        let len = entry.size();
        match entry.header().entry_type() {
            EntryType::Directory => names.folder(path.trim_end_matches('/'))?,
            EntryType::Regular => {
                names.file(&path)?;
                let data = Box::new(&mut entry);
                let kind = Kind::File {
                    executable,
                    len,
                    data,
                };
                store(&path, mtime, kind).with_context(|| format!("could not store `{path}`"))?;
            }
            EntryType::Symlink => {
                let target = entry.link_name_bytes().unwrap_or_default();
                let target = data::text(&*target, TARGET_MAX)?;
                names.link(&path, &target, 1)?;
                store(&path, mtime, Kind::Symlink { target })?;
            }
            kind => bail!(
                "`{path}` is neither a file nor a folder nor a symbolic link ({kind:?}); leave it out"
            ),
        }
    }
    Ok((count, end))
}

/// A reader that hands on what it gives.
struct Tee<R, W> {
    tar: R,
    out: W,
    bytes: u64,
    /// Zero bytes seen last, in a row.
    zeros: u64,
}

impl<R: Read, W: Write> Tee<R, W> {
    fn new(tar: R, out: W) -> Self {
        Self {
            tar,
            out,
            bytes: 0,
            zeros: 0,
        }
    }

    /// Reads to the end, and that the stream has one: a process that dies leaves half of one.
    fn finish(mut self, end: u64) -> Result<()> {
        let copied = io::copy(&mut self, &mut io::sink());
        let bytes = self.bytes;
        copied.with_context(|| format!("could not read the tar stream on after {bytes} bytes"))?;
        // Counted from the last entry, for the data of that entry may end in zeros too.
        let trailer = bytes.saturating_sub(end);
        if trailer < END_OF_ARCHIVE || !trailer.is_multiple_of(BLOCK) || self.zeros < trailer {
            bail!(
                "the tar stream of {bytes} bytes lacks its end-of-archive blocks at byte {end}: it was cut off or something follows it; run the command that prints it again"
            );
        }
        Ok(())
    }
}

impl<R: Read, W: Write> Read for Tee<R, W> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = self.tar.read(buffer)?;
        let seen = buffer.get(..got).unwrap_or_default();
        self.out.write_all(seen)?;
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
