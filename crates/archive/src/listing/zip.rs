//! The entries of a ZIP file (APPNOTE 6.3.10): stored or deflated, ZIP64 too, nothing encrypted, in one part.
//!
//! A ZIP file names its entries twice, and programs differ in which list they follow: both have to say the same.

use std::io::{self, Read, Seek, SeekFrom};

use anyhow::{Context as _, Result, bail};
use flate2::read::DeflateDecoder;

use super::{Listing, Member, Stored};
use crate::digest;

const END: &[u8] = b"PK\x05\x06";
const END_64: &[u8] = b"PK\x06\x06";
const LOCATOR_64: &[u8] = b"PK\x06\x07";
const CENTRAL: &[u8] = b"PK\x01\x02";
const LOCAL: &[u8] = b"PK\x03\x04";
const END_LEN: u64 = 22;
const LOCATOR_LEN: u64 = 20;
const CENTRAL_LEN: usize = 46;
const LOCAL_LEN: usize = 30;
/// A size or place that stands in the ZIP64 field.
const ELSEWHERE: u64 = 0xffff_ffff;
/// The host `Unix` of the field "version made by": the mode is in the external attributes.
const UNIX: u64 = 3;

/// Little-endian fields of a record.
#[derive(Clone, Copy)]
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn int(self, at: usize, len: usize) -> Result<u64> {
        let bytes = self.bytes(at, len)?;
        Ok(bytes
            .iter()
            .rev()
            .fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
    }

    fn size(self, at: usize, len: usize) -> Result<usize> {
        Ok(usize::try_from(self.int(at, len)?)?)
    }

    fn bytes(self, at: usize, len: usize) -> Result<&'a [u8]> {
        let end = at.checked_add(len);
        let bytes = end.and_then(|end| self.0.get(at..end));
        bytes.context("a record of the ZIP file is cut")
    }
}

/// One line of the central directory.
struct Central {
    name: Vec<u8>,
    mode: Option<u64>,
    encrypted: bool,
    method: u64,
    crc: u64,
    packed: u64,
    len: u64,
    at: u64,
}

pub(super) fn list<R: Read + Seek>(mut zip: R) -> Result<Listing> {
    let mut members = Vec::new();
    for entry in directory(&mut zip)? {
        let shown = String::from_utf8_lossy(&entry.name).into_owned();
        let member = member(&mut zip, &entry)
            .with_context(|| format!("`{}` cannot be read", shown.escape_debug()))?;
        members.push(member);
    }
    Ok(Listing {
        members,
        tar_sha256: None,
        commit: None,
    })
}

fn at<R: Read + Seek>(zip: &mut R, place: u64, len: usize) -> Result<Vec<u8>> {
    zip.seek(SeekFrom::Start(place))?;
    let mut bytes = Vec::new();
    zip.by_ref().take(len as u64).read_to_end(&mut bytes)?;
    if bytes.len() < len {
        bail!("the ZIP file is cut at byte {}", place + bytes.len() as u64);
    }
    Ok(bytes)
}

/// The central directory, found from the end of the file.
fn directory<R: Read + Seek>(zip: &mut R) -> Result<Vec<Central>> {
    let len = zip.seek(SeekFrom::End(0))?;
    let from = len.saturating_sub(END_LEN + 0xffff);
    let tail = at(zip, from, usize::try_from(len - from)?)?;
    let begins = |place: &usize| {
        let end = Fields(tail.get(*place..).unwrap_or_default());
        let comment = end.size(20, 2).unwrap_or(usize::MAX);
        end.0.starts_with(END) && comment.checked_add(22) == Some(end.0.len())
    };
    let Some(place) = (0..tail.len()).rev().find(begins) else {
        bail!("no end of a ZIP file: it is cut, or something stands behind it");
    };
    let end = Fields(tail.get(place..).unwrap_or_default());
    let (mut count, mut size, mut start) = (end.int(10, 2)?, end.int(12, 4)?, end.int(16, 4)?);
    let end_at = from + place as u64;
    if count == 0xffff || size == ELSEWHERE || start == ELSEWHERE {
        let locator = at(zip, end_at.saturating_sub(LOCATOR_LEN), 20)?;
        if !locator.starts_with(LOCATOR_64) {
            bail!("the ZIP64 record is not where it has to be");
        }
        let record = at(zip, Fields(&locator).int(8, 8)?, 56)?;
        let record = Fields(&record);
        if !record.0.starts_with(END_64) {
            bail!("the ZIP64 record is not where it has to be");
        }
        (count, size, start) = (record.int(32, 8)?, record.int(40, 8)?, record.int(48, 8)?);
    }
    if start.checked_add(size).is_none_or(|end| end > end_at) {
        bail!("the list of entries leads out of the ZIP file");
    }
    let bytes = at(zip, start, usize::try_from(size)?)?;
    let mut rest: &[u8] = &bytes;
    let mut entries = Vec::new();
    while !rest.is_empty() {
        let (entry, taken) = central(Fields(rest))?;
        entries.push(entry);
        rest = rest.get(taken..).context("the list of entries is cut")?;
    }
    if entries.len() as u64 != count {
        bail!(
            "{count} entries are announced and {} are listed",
            entries.len()
        );
    }
    Ok(entries)
}

fn central(fields: Fields<'_>) -> Result<(Central, usize)> {
    if !fields.0.starts_with(CENTRAL) {
        bail!("the list of entries is broken");
    }
    let (name, extra, comment) = (
        fields.size(28, 2)?,
        fields.size(30, 2)?,
        fields.size(32, 2)?,
    );
    let mut entry = Central {
        name: fields.bytes(CENTRAL_LEN, name)?.to_vec(),
        mode: (fields.int(5, 1)? == UNIX).then_some(fields.int(40, 2)?),
        encrypted: fields.int(8, 2)? & 1 != 0,
        method: fields.int(10, 2)?,
        crc: fields.int(16, 4)?,
        packed: fields.int(20, 4)?,
        len: fields.int(24, 4)?,
        at: fields.int(42, 4)?,
    };
    let mut extras = Fields(fields.bytes(CENTRAL_LEN + name, extra)?);
    while extras.0.len() >= 4 {
        let (id, size) = (extras.int(0, 2)?, extras.size(2, 2)?);
        if id == 1 {
            let mut values = extras.bytes(4, size)?.as_chunks::<8>().0.iter();
            for slot in [&mut entry.len, &mut entry.packed, &mut entry.at] {
                if *slot == ELSEWHERE {
                    let value = values
                        .next()
                        .context("the ZIP64 field of an entry is cut")?;
                    *slot = u64::from_le_bytes(*value);
                }
            }
        }
        extras = Fields(
            extras
                .0
                .get(4 + size..)
                .context("a field of an entry is cut")?,
        );
    }
    Ok((entry, CENTRAL_LEN + name + extra + comment))
}

fn member<R: Read + Seek>(zip: &mut R, entry: &Central) -> Result<Member> {
    let header = at(zip, entry.at, LOCAL_LEN)?;
    let header = Fields(&header);
    if !header.0.starts_with(LOCAL) {
        bail!("no entry begins at byte {}", entry.at);
    }
    let name = at(zip, entry.at + LOCAL_LEN as u64, header.size(26, 2)?)?;
    if name != entry.name || header.int(8, 2)? != entry.method {
        bail!(
            "the entry itself says `{}`",
            String::from_utf8_lossy(&name).escape_debug()
        );
    }
    if entry.encrypted {
        bail!("it is encrypted");
    }
    let data = entry.at + (LOCAL_LEN + name.len()) as u64 + header.int(28, 2)?;
    zip.seek(SeekFrom::Start(data))?;
    let packed = zip.by_ref().take(entry.packed);
    let mut content = Summed::default();
    let read = match entry.method {
        0 => content.fill(packed)?,
        8 => content.fill(DeflateDecoder::new(packed))?,
        other => bail!("its compression method {other} is not read here"),
    };
    if read != entry.len || u64::from(content.crc.sum()) != entry.crc {
        bail!("its content is not what its size and checksum say");
    }
    let path = String::from_utf8_lossy(&name).into_owned();
    let stored = stored(entry, &path, content)?;
    let path = path.strip_suffix('/').map_or(path.clone(), str::to_owned);
    Ok(Member { path, stored })
}

fn stored(entry: &Central, path: &str, content: Summed) -> Result<Stored> {
    let mode = entry.mode.unwrap_or(0);
    Ok(match mode & 0o170_000 {
        _ if path.ends_with('/') => Stored::Folder,
        0 | 0o100_000 => Stored::File {
            len: entry.len,
            sha256: content.sha256()?,
            executable: mode & 0o111 != 0,
        },
        0o040_000 => Stored::Folder,
        0o120_000 => Stored::Symlink(String::from_utf8_lossy(&content.head).into_owned()),
        _ => Stored::Other("a device or a pipe".to_owned()),
    })
}

/// The longest target of a link that is kept.
const HEAD: usize = 4096;

/// What content adds up to, and how it begins.
#[derive(Default)]
struct Summed {
    crc: flate2::Crc,
    sha: sha2::Sha256,
    head: Vec<u8>,
}

impl Summed {
    fn fill(&mut self, mut from: impl Read) -> Result<u64> {
        Ok(io::copy(&mut from, self)?)
    }

    fn sha256(self) -> Result<String> {
        Ok(digest::hex(&sha2::Digest::finalize(self.sha)))
    }
}

impl io::Write for Summed {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.crc.update(data);
        sha2::Digest::update(&mut self.sha, data);
        let room = HEAD.saturating_sub(self.head.len()).min(data.len());
        self.head
            .extend_from_slice(data.get(..room).unwrap_or_default());
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
