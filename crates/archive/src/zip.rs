//! Zip archives (APPNOTE.TXT 6.3.10 of PKWARE): names in UTF-8, Unix modes and links, zip64 where a number needs it.
//!
//! The bytes hold nothing that varies: no extra fields but those of zip64, one time for all, the order of the entries as
//! they are given. An entry of one block has its sizes before its data, a larger one behind them (a data descriptor), so
//! that nothing is written twice and nothing large is held.

use std::io::{Cursor, Read, Write};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use flate2::Crc;

use crate::blocks::{Block, Cutter, Deflated, Pool, Sink};
use crate::digest::Hashed;
use crate::{How, Kind, Written, data};

const LOCAL: u32 = 0x0403_4b50;
const DESCRIPTOR: u32 = 0x0807_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
const END_64: u32 = 0x0606_4b50;
const LOCATOR_64: u32 = 0x0706_4b50;
/// Says in a field of 32 bits that the number stands in an extra field.
const ELSEWHERE: u32 = u32::MAX;
const ZIP64_EXTRA: u16 = 1;

const SIZES_BEHIND: u16 = 1 << 3;
const UTF8: u16 = 1 << 11;
const STORED: u16 = 0;
const DEFLATED: u16 = 8;
/// Of the standard that a reader must know: deflate, or zip64.
const NEEDS: u16 = 20;
const NEEDS_64: u16 = 45;
/// Made on Unix: the upper half of the external attributes is a mode.
const UNIX: u16 = 3 << 8;

/// What does not fit below these limits goes into zip64 fields.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) bytes: u64,
    pub(crate) entries: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: u64::from(ELSEWHERE),
            entries: u64::from(u16::MAX),
        }
    }
}

/// What is known of an entry before its data.
#[derive(Clone)]
struct Head {
    name: String,
    mode: u32,
    /// Two 16-bit fields: time below, date above.
    time: u32,
    /// Its sizes may not fit in 32 bits.
    large: bool,
}

/// An entry in the central directory.
struct Filed {
    head: Head,
    at: u64,
    flags: u16,
    method: u16,
    crc: u32,
    compressed: u64,
    size: u64,
}

/// What the sink is told of a block: the entry that it opens, and whether it closes one.
pub(crate) struct Ticket {
    opens: Option<Head>,
    closes: bool,
    /// Never compressed: a link is read before anything is unpacked.
    plain: bool,
}

/// Entries in, zip bytes out.
pub(crate) struct Zip<'a, W: Write> {
    how: &'a How<'a>,
    pool: Pool<Frame<W>>,
    limits: Limits,
    bytes: u64,
}

impl<'a, W: Write> Zip<'a, W> {
    pub(crate) fn new(out: W, how: &'a How<'a>, limits: Limits) -> Self {
        let frame = Frame {
            out: Hashed::new(out),
            limits,
            open: None,
            filed: Vec::new(),
        };
        Self {
            how,
            pool: Pool::new(how.threads, frame),
            limits,
            bytes: 0,
        }
    }

    /// Stores one entry; `path` is the whole of it, the top folder included.
    pub(crate) fn append(&mut self, path: &str, mtime: u64, kind: Kind<'_>) -> Result<()> {
        if path.len() > usize::from(u16::MAX) {
            bail!(
                "the path has {} bytes; {} is the most",
                path.len(),
                u16::MAX
            );
        }
        let (mode, len, plain, data) = match kind {
            Kind::File {
                executable,
                len,
                data,
            } => (
                if executable { 0o100_755 } else { 0o100_644 },
                len,
                false,
                data,
            ),
            Kind::Symlink { target } => {
                let len = target.len() as u64;
                let data = Cursor::new(target.into_bytes());
                (0o120_777, len, true, Box::new(data) as Box<dyn Read>)
            }
        };
        let head = Head {
            name: path.to_owned(),
            mode,
            time: dos_time(mtime)?,
            // Compressed data may be a little longer.
            large: len.saturating_add(len / 64).saturating_add(1024) >= self.limits.bytes,
        };
        self.store(head, len, plain, data)
    }

    fn store(&mut self, head: Head, len: u64, plain: bool, data: impl Read) -> Result<()> {
        let mut opens = Some(head);
        let mut cutter = Cutter::default();
        let bytes = self.bytes;
        data::pour(len, data, |mut chunk| {
            while !chunk.is_empty() {
                let taken = cutter.take(chunk);
                chunk = chunk.get(taken..).unwrap_or_default();
                if taken == 0 {
                    let ticket = Ticket {
                        opens: opens.take(),
                        closes: false,
                        plain,
                    };
                    let block = cutter.cut();
                    self.give(ticket, block)?;
                }
            }
            Ok(())
        })?;
        let ticket = Ticket {
            opens: opens.take(),
            closes: true,
            plain,
        };
        self.give(ticket, cutter.end())?;
        debug_assert_eq!(self.bytes, bytes + len);
        Ok(())
    }

    fn give(&mut self, ticket: Ticket, block: Block) -> Result<()> {
        self.bytes += block.data().len() as u64;
        self.pool.give(ticket, Arc::new(block))?;
        (self.how.progress)(self.bytes);
        Ok(())
    }

    /// Writes the central directory, flushes `out`.
    pub(crate) fn finish(mut self) -> Result<Written> {
        let frame = self.pool.finish()?;
        let tried = "could not write the end of the archive";
        frame.finish().context(tried)?;
        Ok(Written {
            size: frame.out.bytes,
            sha256: frame.out.hex(),
            tar_sha256: None,
            entries: frame.filed.len() as u64,
            read: self.bytes,
        })
    }
}

/// The zip frame around the blocks.
pub(crate) struct Frame<W> {
    out: Hashed<W>,
    limits: Limits,
    /// The entry whose data is being written.
    open: Option<(Filed, Crc)>,
    filed: Vec<Filed>,
}

impl<W: Write> Sink for Frame<W> {
    type Ticket = Ticket;

    fn put(&mut self, ticket: Ticket, block: &Block, deflated: Deflated) -> Result<()> {
        let size = block.data().len() as u64;
        match (ticket.opens, ticket.closes) {
            (Some(head), true) => {
                let smaller = deflated.bytes.len() < block.data().len() && !ticket.plain;
                let (method, bytes) = if smaller {
                    (DEFLATED, deflated.bytes.as_slice())
                } else {
                    (STORED, block.data())
                };
                let filed = Filed {
                    head,
                    at: self.out.bytes,
                    flags: UTF8,
                    method,
                    crc: deflated.crc.sum(),
                    compressed: bytes.len() as u64,
                    size,
                };
                self.out.write_all(&local(&filed))?;
                self.out.write_all(bytes)?;
                self.filed.push(filed);
                return Ok(());
            }
            (Some(head), false) => {
                let filed = Filed {
                    head,
                    at: self.out.bytes,
                    flags: UTF8 | SIZES_BEHIND,
                    method: DEFLATED,
                    crc: 0,
                    compressed: 0,
                    size: 0,
                };
                self.out.write_all(&local(&filed))?;
                self.open = Some((filed, Crc::new()));
            }
            (None, _) => {}
        }
        let Some((filed, crc)) = &mut self.open else {
            bail!("a block belongs to no entry; this is a bug");
        };
        crc.combine(&deflated.crc);
        filed.size += size;
        filed.compressed += deflated.bytes.len() as u64;
        self.out.write_all(&deflated.bytes)?;
        if ticket.closes
            && let Some((mut filed, crc)) = self.open.take()
        {
            filed.crc = crc.sum();
            self.out.write_all(&descriptor(&filed)?)?;
            self.filed.push(filed);
        }
        Ok(())
    }
}

impl<W: Write> Frame<W> {
    fn finish(&mut self) -> Result<()> {
        let at = self.out.bytes;
        for filed in &self.filed {
            let entry = central(filed, self.limits);
            self.out.write_all(&entry)?;
        }
        let size = self.out.bytes - at;
        let entries = self.filed.len() as u64;
        let large =
            entries >= self.limits.entries || at >= self.limits.bytes || size >= self.limits.bytes;
        let end = end(entries, at, size, self.out.bytes, large);
        self.out.write_all(&end)?;
        self.out.flush()?;
        Ok(())
    }
}

/// Little-endian fields, one behind the other.
#[derive(Default)]
struct Fields(Vec<u8>);

impl Fields {
    fn u16(mut self, value: u16) -> Self {
        self.0.extend_from_slice(&value.to_le_bytes());
        self
    }

    fn u32(mut self, value: u32) -> Self {
        self.0.extend_from_slice(&value.to_le_bytes());
        self
    }

    fn u64(mut self, value: u64) -> Self {
        self.0.extend_from_slice(&value.to_le_bytes());
        self
    }

    fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }
}

/// A number that is known to fit, or the mark that it stands elsewhere.
fn short(value: u64, large: bool) -> u32 {
    match u32::try_from(value) {
        Ok(value) if !large => value,
        _ => ELSEWHERE,
    }
}

fn zip64_extra(values: &[u64]) -> Vec<u8> {
    if values.is_empty() {
        return Vec::new();
    }
    let fields = Fields::default()
        .u16(ZIP64_EXTRA)
        .u16(8 * values.len() as u16);
    values
        .iter()
        .fold(fields, |fields, value| fields.u64(*value))
        .0
}

/// What local header and central directory have in common.
fn common(filed: &Filed, large: bool, fields: Fields) -> Fields {
    fields
        .u16(if large { NEEDS_64 } else { NEEDS })
        .u16(filed.flags)
        .u16(filed.method)
        .u32(filed.head.time)
}

fn local(filed: &Filed) -> Vec<u8> {
    let large = filed.head.large;
    let extra = if large {
        zip64_extra(&[filed.size, filed.compressed])
    } else {
        Vec::new()
    };
    common(filed, large, Fields::default().u32(LOCAL))
        .u32(filed.crc)
        .u32(short(filed.compressed, large))
        .u32(short(filed.size, large))
        .u16(filed.head.name.len() as u16)
        .u16(extra.len() as u16)
        .bytes(filed.head.name.as_bytes())
        .bytes(&extra)
        .0
}

fn descriptor(filed: &Filed) -> Result<Vec<u8>> {
    let fields = Fields::default().u32(DESCRIPTOR).u32(filed.crc);
    let fields = if filed.head.large {
        fields.u64(filed.compressed).u64(filed.size)
    } else {
        fields
            .u32(u32::try_from(filed.compressed)?)
            .u32(u32::try_from(filed.size)?)
    };
    Ok(fields.0)
}

fn central(filed: &Filed, limits: Limits) -> Vec<u8> {
    let far = filed.at >= limits.bytes;
    let mut values = Vec::new();
    if filed.head.large {
        values.extend([filed.size, filed.compressed]);
    }
    if far {
        values.push(filed.at);
    }
    let extra = zip64_extra(&values);
    let large = !extra.is_empty();
    let made_by = UNIX | if large { NEEDS_64 } else { NEEDS };
    common(filed, large, Fields::default().u32(CENTRAL).u16(made_by))
        .u32(filed.crc)
        .u32(short(filed.compressed, filed.head.large))
        .u32(short(filed.size, filed.head.large))
        .u16(filed.head.name.len() as u16)
        .u16(extra.len() as u16)
        // No comment, the first disk, no internal attributes.
        .u16(0)
        .u16(0)
        .u16(0)
        .u32(filed.head.mode << 16)
        .u32(short(filed.at, far))
        .bytes(filed.head.name.as_bytes())
        .bytes(&extra)
        .0
}

fn end(entries: u64, at: u64, size: u64, here: u64, large: bool) -> Vec<u8> {
    let mut fields = Fields::default();
    if large {
        fields = fields
            .u32(END_64)
            // Of what follows this field.
            .u64(44)
            .u16(UNIX | NEEDS_64)
            .u16(NEEDS_64)
            .u32(0)
            .u32(0)
            .u64(entries)
            .u64(entries)
            .u64(size)
            .u64(at)
            .u32(LOCATOR_64)
            .u32(0)
            .u64(here)
            .u32(1);
    }
    let count = u16::try_from(entries).ok().filter(|_| !large);
    fields
        .u32(END)
        .u16(0)
        .u16(0)
        .u16(count.unwrap_or(u16::MAX))
        .u16(count.unwrap_or(u16::MAX))
        .u32(short(size, large))
        .u32(short(at, large))
        .u16(0)
        .0
}

/// Seconds since 1970 as MS-DOS has them, in UTC: two seconds are one, nothing is before 1980.
pub(crate) fn dos_time(mtime: u64) -> Result<u32> {
    let time = time::OffsetDateTime::from_unix_timestamp(i64::try_from(mtime)?)?;
    if time.year() < 1980 {
        return Ok(1 << 21 | 1 << 16);
    }
    let year = u32::try_from(time.year() - 1980)?;
    if year > 127 {
        bail!(
            "the time {mtime} does not fit in a zip header; give seconds since 1970 of a year before 2108"
        );
    }
    let date = year << 9 | u32::from(u8::from(time.month())) << 5 | u32::from(time.day());
    let clock =
        u32::from(time.hour()) << 11 | u32::from(time.minute()) << 5 | u32::from(time.second() / 2);
    Ok(date << 16 | clock)
}
