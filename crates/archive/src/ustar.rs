//! The tar side of an archive: ustar headers (POSIX.1-1988), and PAX records (POSIX.1-2001) where
//! a path or a link target does not fit in them.
//!
//! The headers are filled in by hand because the convenience calls of the `tar` crate fall back to
//! GNU extensions for long names; the layout of the block itself is the crate's.

use std::io::{Read, Write};

use anyhow::{Context, Result, bail};
use tar::{EntryType, Header};

use crate::{Entry, Kind, data, sha256_hex};

const BLOCK: u64 = 512;
const NAME: usize = 100;
const PREFIX: usize = 155;
/// Eleven octal digits, the room of a size or a time in a ustar header.
const FIELD_MAX: u64 = 0o777_7777_7777;

/// Refuses a time that does not fit (after the year 2242).
pub(crate) fn check_mtime(mtime: u64) -> Result<()> {
    if mtime > FIELD_MAX {
        bail!(
            "the time {mtime} does not fit in a tar header; give seconds since 1970, at most {FIELD_MAX}"
        );
    }
    Ok(())
}

/// Writes all entries and the end of the stream.
pub(crate) fn write(
    tar: &mut impl Write,
    top: &str,
    mtime: u64,
    entries: Vec<Entry<'_>>,
) -> Result<()> {
    for entry in entries {
        let place = entry.path.clone();
        append(tar, top, mtime, entry).with_context(|| format!("could not store `{place}`"))?;
    }
    // No padding to 10 KiB: that is for tapes.
    tar.write_all(&[0; 2 * BLOCK as usize])
        .context("could not write the end of the archive")
}

/// Writes one entry: its PAX header if it needs one, its header, its data, the padding.
fn append(tar: &mut impl Write, top: &str, mtime: u64, entry: Entry<'_>) -> Result<()> {
    let path = format!("{top}/{}", entry.path);
    match entry.kind {
        Kind::Symlink { target } => {
            let header = header(tar, top, mtime, EntryType::Symlink, &path, &target)?;
            write_block(tar, header, 0o777, 0)
        }
        Kind::File {
            executable,
            len,
            data,
        } => {
            if len > FIELD_MAX {
                bail!(
                    "{len} bytes are more than the {FIELD_MAX} that a tar header can say; ship it as an asset of its own"
                );
            }
            let header = header(tar, top, mtime, EntryType::Regular, &path, "")?;
            write_block(tar, header, if executable { 0o755 } else { 0o644 }, len)?;
            write_data(tar, len, data)
        }
    }
}

/// A header with everything but mode and size; what does not fit goes ahead as PAX records.
fn header(
    tar: &mut impl Write,
    top: &str,
    mtime: u64,
    kind: EntryType,
    path: &str,
    target: &str,
) -> Result<Header> {
    let mut records = Vec::new();
    let (prefix, name) = split(path).unwrap_or_else(|| {
        records.extend(record("path", path));
        ("", cut(path))
    });
    if target.len() > NAME {
        records.extend(record("linkpath", target));
    }
    if !records.is_empty() {
        // Readers before 2001 unpack this as a file: a name of its own, the same in every run.
        let digest = sha256_hex(path.as_bytes());
        let name = format!("PaxHeaders/{}", digest.get(..16).unwrap_or(&digest));
        let header = filled(mtime, EntryType::XHeader, cut(top), &name, "")?;
        let len = records.len() as u64;
        write_block(tar, header, 0o644, len)?;
        write_data(tar, len, records.as_slice())?;
    }
    filled(mtime, kind, prefix, name, cut(target))
}

fn filled(mtime: u64, kind: EntryType, prefix: &str, name: &str, target: &str) -> Result<Header> {
    let mut header = Header::new_ustar();
    header.set_entry_type(kind);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(mtime);
    header.set_device_major(0)?;
    header.set_device_minor(0)?;
    let Some(ustar) = header.as_ustar_mut() else {
        bail!("a ustar header lost its mark; this is a bug");
    };
    fill(&mut ustar.name, name);
    fill(&mut ustar.prefix, prefix);
    fill(&mut ustar.linkname, target);
    Ok(header)
}

fn write_block(tar: &mut impl Write, mut header: Header, mode: u32, size: u64) -> Result<()> {
    header.set_mode(mode);
    header.set_size(size);
    header.set_cksum();
    tar.write_all(header.as_bytes())
        .context("could not write the header")
}

/// Exactly `len` bytes, then zeros up to the next block.
fn write_data(tar: &mut impl Write, len: u64, data: impl Read) -> Result<()> {
    data::pour(len, data, |chunk| {
        tar.write_all(chunk).context("could not write the data")
    })?;
    let padding = usize::try_from(len.next_multiple_of(BLOCK) - len)?;
    let zeros = [0; BLOCK as usize];
    tar.write_all(zeros.get(..padding).unwrap_or_default())
        .context("could not write the padding")
}

/// The path as prefix and name of a ustar header, cut at the last `/` that lets the prefix fit.
fn split(path: &str) -> Option<(&str, &str)> {
    if path.len() <= NAME {
        return Some(("", path));
    }
    let (at, _) = path
        .match_indices('/')
        .take_while(|(at, _)| *at <= PREFIX)
        .last()?;
    let (prefix, name) = (path.get(..at)?, path.get(at + 1..)?);
    (name.len() <= NAME).then_some((prefix, name))
}

/// As much as fits in a name field, for readers without PAX; a `/` at the end would make it a folder.
fn cut(text: &str) -> &str {
    let end = text
        .char_indices()
        .map(|(at, c)| at + c.len_utf8())
        .take_while(|end| *end <= NAME);
    text.get(..end.last().unwrap_or(0))
        .unwrap_or(text)
        .trim_end_matches('/')
}

fn fill(field: &mut [u8], text: &str) {
    field
        .iter_mut()
        .zip(text.bytes())
        .for_each(|(slot, byte)| *slot = byte);
}

/// `"<length> <key>=<value>\n"`, where the length counts its own digits.
fn record(key: &str, value: &str) -> Vec<u8> {
    let rest = key.len() + value.len() + 3;
    let mut len = rest;
    while len != rest + len.to_string().len() {
        len = rest + len.to_string().len();
    }
    format!("{len} {key}={value}\n").into_bytes()
}
