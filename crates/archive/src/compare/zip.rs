//! The central directory of a zip (APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12, 4.3.14 to 4.3.16) as far as a comparison
//! needs it: entries that are stored or deflated, with Zip64 records.

use std::io::{self, Read, Seek, SeekFrom, Take};

use anyhow::{Context as _, Result, bail};
use flate2::read::DeflateDecoder;

use super::list::Item;
use crate::sha256_of;

/// End record and the longest comment behind it.
const TAIL: u64 = 22 + 65_535;
const IN_ZIP64: u32 = u32::MAX;

/// Where the bytes of an entry are.
#[derive(Debug, Default, Clone)]
pub(super) struct Stored {
    method: u16,
    /// Of the local header.
    header: u64,
    compressed: u64,
}

pub(super) fn items<R: Read + Seek>(file: &mut R) -> Result<Vec<Item>> {
    let (entries, at, size) = directory(file)?;
    file.seek(SeekFrom::Start(at))?;
    let mut records = Vec::new();
    file.by_ref().take(size).read_to_end(&mut records)?;
    let mut rest = records.as_slice();
    let mut items = Vec::new();
    for at in 0..entries {
        let (item, after) = record(rest).with_context(|| format!("read entry {at} of the zip"))?;
        rest = after;
        items.push(item);
    }
    for (at, item) in items.iter_mut().enumerate() {
        item.at = at;
        let (_, sha256) = sha256_of(open(file, item)?)?;
        item.sha256 = sha256;
        let local = local_extra(file, &item.stored)?;
        item.header = format!("{}, local extra field {}", item.header, hex(&local));
        if item.kind == "symbolic link" {
            let mut target = Vec::new();
            open(file, item)?.take(4096).read_to_end(&mut target)?;
            item.link = format!("`{}`", target.escape_ascii());
        }
    }
    Ok(items)
}

/// The content of an entry.
pub(super) fn open<'a, R: Read + Seek>(file: &'a mut R, item: &Item) -> Result<Box<dyn Read + 'a>> {
    let Stored {
        method,
        header,
        compressed,
    } = item.stored;
    let (name, extra) = local(file, header)?;
    file.seek(SeekFrom::Start(header + 30 + name + extra))?;
    let bytes: Take<&mut R> = file.take(compressed);
    Ok(match method {
        0 => Box::new(bytes),
        8 => Box::new(DeflateDecoder::new(io::BufReader::new(bytes))),
        other => bail!("the method {other} of a zip entry is not known here"),
    })
}

/// Lengths of the name and the extra field of a local header.
fn local<R: Read + Seek>(file: &mut R, header: u64) -> Result<(u64, u64)> {
    file.seek(SeekFrom::Start(header))?;
    let mut fixed = [0; 30];
    file.read_exact(&mut fixed)?;
    if !fixed.starts_with(b"PK\x03\x04") {
        bail!("no local header at byte {header} of the zip");
    }
    Ok((
        u64::from(u16_at(&fixed, 26)?),
        u64::from(u16_at(&fixed, 28)?),
    ))
}

fn local_extra<R: Read + Seek>(file: &mut R, stored: &Stored) -> Result<Vec<u8>> {
    let (name, extra) = local(file, stored.header)?;
    file.seek(SeekFrom::Start(stored.header + 30 + name))?;
    let mut bytes = Vec::new();
    file.by_ref().take(extra).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Number of entries, place and size of the central directory.
fn directory<R: Read + Seek>(file: &mut R) -> Result<(u64, u64, u64)> {
    let len = file.seek(SeekFrom::End(0))?;
    let from = len.saturating_sub(TAIL);
    file.seek(SeekFrom::Start(from))?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail)?;
    let end = tail
        .windows(4)
        .rposition(|four| four == b"PK\x05\x06")
        .context("the zip has no end record")?;
    let record = tail.get(end..).unwrap_or_default();
    let (entries, size, at) = (
        u16_at(record, 10)?,
        u32_at(record, 12)?,
        u32_at(record, 16)?,
    );
    if entries != u16::MAX && size != IN_ZIP64 && at != IN_ZIP64 {
        return Ok((entries.into(), at.into(), size.into()));
    }
    let locator = end
        .checked_sub(20)
        .and_then(|at| tail.get(at..end))
        .filter(|locator| locator.starts_with(b"PK\x06\x07"))
        .context("the zip has no Zip64 locator")?;
    file.seek(SeekFrom::Start(u64_at(locator, 8)?))?;
    let mut wide = [0; 56];
    file.read_exact(&mut wide)?;
    Ok((u64_at(&wide, 32)?, u64_at(&wide, 48)?, u64_at(&wide, 40)?))
}

/// One record of the central directory, and what follows it.
fn record(bytes: &[u8]) -> Result<(Item, &[u8])> {
    if !bytes.starts_with(b"PK\x01\x02") {
        bail!("no record of the central directory where one has to be");
    }
    let (name_len, extra_len) = (u16_at(bytes, 28)?.into(), u16_at(bytes, 30)?.into());
    let comment_len: usize = u16_at(bytes, 32)?.into();
    let cut = |from: usize, len: usize| {
        bytes
            .get(from..from + len)
            .context("a record of the zip is cut off")
    };
    let name = cut(46, name_len)?;
    let extra = cut(46 + name_len, extra_len)?;
    let mode = u32_at(bytes, 38)? >> 16;
    let (compressed, header) = wide(bytes, extra)?;
    let item = Item {
        name: String::from_utf8_lossy(name).into_owned(),
        kind: match mode & 0o170_000 {
            0o120_000 => "symbolic link".to_owned(),
            _ if name.ends_with(b"/") => "folder".to_owned(),
            _ => "file".to_owned(),
        },
        mode: format!("{:04o}", mode & 0o7777),
        time: dos_time(u16_at(bytes, 14)?, u16_at(bytes, 12)?),
        link: "none".to_owned(),
        header: format!(
            "made by {:#06x}, flags {:#06x}, method {}, extra field {}",
            u16_at(bytes, 4)?,
            u16_at(bytes, 8)?,
            u16_at(bytes, 10)?,
            hex(extra)
        ),
        stored: Stored {
            method: u16_at(bytes, 10)?,
            header,
            compressed,
        },
        ..Item::default()
    };
    let rest = 46 + name_len + extra_len + comment_len;
    Ok((item, bytes.get(rest..).unwrap_or_default()))
}

/// Compressed size and place of the local header; from the Zip64 field where they do not fit.
fn wide(record: &[u8], extra: &[u8]) -> Result<(u64, u64)> {
    let (compressed, size, header) = (
        u32_at(record, 20)?,
        u32_at(record, 24)?,
        u32_at(record, 42)?,
    );
    let mut field = extra;
    let mut wide: &[u8] = &[];
    while let (Ok(id), Ok(len)) = (u16_at(field, 0), u16_at(field, 2)) {
        let end = 4 + usize::from(len);
        if id == 1 {
            wide = field.get(4..end).unwrap_or_default();
        }
        field = field.get(end..).unwrap_or_default();
    }
    let mut next = |narrow: u32| -> Result<u64> {
        if narrow != IN_ZIP64 {
            return Ok(narrow.into());
        }
        let value = u64_at(wide, 0)?;
        wide = wide.get(8..).unwrap_or_default();
        Ok(value)
    };
    // In the order of the field: uncompressed size first.
    next(size)?;
    Ok((next(compressed)?, next(header)?))
}

/// `2026-02-03 04:05:06`, as the zip has it: local time without a zone.
fn dos_time(date: u16, time: u16) -> String {
    format!(
        "{:04}-{:02}-{:02} {:02}:{:02}:{:02}",
        1980 + (date >> 9),
        (date >> 5) & 15,
        date & 31,
        time >> 11,
        (time >> 5) & 63,
        (time & 31) * 2
    )
}

fn hex(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return "none".to_owned();
    }
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Result<[u8; N]> {
    let slice = bytes.get(at..at + N).context("the zip is cut off")?;
    Ok(slice.try_into()?)
}

fn u16_at(bytes: &[u8], at: usize) -> Result<u16> {
    Ok(u16::from_le_bytes(array(bytes, at)?))
}

fn u32_at(bytes: &[u8], at: usize) -> Result<u32> {
    Ok(u32::from_le_bytes(array(bytes, at)?))
}

fn u64_at(bytes: &[u8], at: usize) -> Result<u64> {
    Ok(u64::from_le_bytes(array(bytes, at)?))
}
