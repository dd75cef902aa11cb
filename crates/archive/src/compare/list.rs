//! The entries of an archive, with all that is compared of them.

use std::collections::BTreeMap;
use std::io::{self, Read, Seek};

use anyhow::{Context as _, Result, bail};
use flate2::read::MultiGzDecoder;

use super::bytes::{self, Content};
use super::zip;
use crate::digest::Hashing;
use crate::sha256_of;

/// How a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// As it is.
    Plain,
    /// Compressed, and no tar inside.
    Gzip,
    Tar,
    TarGz,
    Zip,
}

#[derive(Debug)]
pub(super) struct Listing {
    pub(super) shape: Shape,
    pub(super) items: Vec<Item>,
    /// Of all that was compressed, where it is one stream.
    pub(super) sha256: Option<String>,
}

/// One entry. What a reader is told is kept as it is shown.
#[derive(Debug, Default)]
pub(super) struct Item {
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) mode: String,
    pub(super) time: String,
    pub(super) owner: String,
    pub(super) link: String,
    /// What else stands in the header.
    pub(super) header: String,
    /// Of the content.
    pub(super) sha256: String,
    /// Which entry it is, counted from 0.
    pub(super) at: usize,
    /// Of a zip: where the compressed bytes are.
    pub(super) stored: zip::Stored,
}

impl Item {
    /// What differs but the content.
    pub(super) fn fields<'a>(
        &'a self,
        other: &'a Item,
    ) -> impl Iterator<Item = (&'static str, &'a str, &'a str)> {
        [
            ("kind", &self.kind, &other.kind),
            ("mode", &self.mode, &other.mode),
            ("time", &self.time, &other.time),
            ("owner", &self.owner, &other.owner),
            ("link target", &self.link, &other.link),
            ("header", &self.header, &other.header),
        ]
        .into_iter()
        .filter(|(_, one, two)| one != two)
        .map(|(name, one, two)| (name, one.as_str(), two.as_str()))
    }
}

impl Listing {
    /// Entries in their order, each by its name and how often that came before.
    pub(super) fn keyed(&self) -> Vec<((&str, usize), &Item)> {
        let mut seen = BTreeMap::new();
        let mut keyed = Vec::with_capacity(self.items.len());
        for item in &self.items {
            let times = seen.entry(item.name.as_str()).or_insert(0);
            *times += 1;
            keyed.push(((item.name.as_str(), *times), item));
        }
        keyed
    }
}

/// Reads a whole file once.
pub(super) fn list<R: Read + Seek>(file: &mut R) -> Result<Listing> {
    let shape = shape(file)?;
    match shape {
        Shape::Zip => Ok(Listing {
            shape,
            items: zip::items(file)?,
            sha256: None,
        }),
        Shape::Plain => Ok(Listing {
            shape,
            items: Vec::new(),
            sha256: None,
        }),
        Shape::Gzip | Shape::Tar | Shape::TarGz => {
            let mut stream = Hashing::new(stream(file, shape)?);
            let items = match shape {
                Shape::Gzip => Vec::new(),
                _ => tar_items(&mut stream)?,
            };
            io::copy(&mut stream, &mut io::sink()).context("read the archive to its end")?;
            Ok(Listing {
                shape,
                items,
                sha256: Some(stream.hex()),
            })
        }
    }
}

fn shape<R: Read + Seek>(file: &mut R) -> Result<Shape> {
    let head = head(file, Shape::Plain)?;
    let is_tar = |head: &[u8]| head.get(257..262) == Some(b"ustar");
    Ok(match head.get(..4) {
        Some([0x1f, 0x8b, ..]) if is_tar(&self::head(file, Shape::Gzip)?) => Shape::TarGz,
        Some([0x1f, 0x8b, ..]) => Shape::Gzip,
        Some(b"PK\x03\x04") => Shape::Zip,
        _ if is_tar(&head) => Shape::Tar,
        _ => Shape::Plain,
    })
}

/// The first block.
fn head<R: Read + Seek>(file: &mut R, shape: Shape) -> Result<Vec<u8>> {
    let mut head = Vec::new();
    stream(file, shape)?.take(512).read_to_end(&mut head)?;
    Ok(head)
}

/// The file from its beginning, without its compression.
fn stream<'a, R: Read + Seek>(file: &'a mut R, shape: Shape) -> Result<Box<dyn Read + 'a>> {
    file.rewind()?;
    let file = io::BufReader::with_capacity(64 * 1024, file);
    Ok(match shape {
        Shape::Gzip | Shape::TarGz => Box::new(MultiGzDecoder::new(file)),
        Shape::Plain | Shape::Tar | Shape::Zip => Box::new(file),
    })
}

fn tar_items(stream: &mut impl Read) -> Result<Vec<Item>> {
    let mut items = Vec::new();
    let mut archive = tar::Archive::new(stream);
    for (at, entry) in archive.entries()?.enumerate() {
        let mut entry = entry.with_context(|| format!("read entry {at} of the tar"))?;
        let header = entry.header();
        let user = header.username_bytes().unwrap_or_default();
        let group = header.groupname_bytes().unwrap_or_default();
        let mut item = Item {
            kind: kind(header.entry_type()),
            mode: format!("{:04o}", header.mode()?),
            time: format!("{} s", header.mtime()?),
            owner: format!(
                "{}:{} ({}:{})",
                header.uid()?,
                header.gid()?,
                String::from_utf8_lossy(user),
                String::from_utf8_lossy(group)
            ),
            at,
            ..Item::default()
        };
        item.name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        item.link = entry.link_name_bytes().map_or_else(
            || "none".to_owned(),
            |link| format!("`{}`", link.escape_ascii()),
        );
        (_, item.sha256) = sha256_of(&mut entry)?;
        items.push(item);
    }
    Ok(items)
}

fn kind(kind: tar::EntryType) -> String {
    match kind {
        tar::EntryType::Regular => "file".to_owned(),
        tar::EntryType::Directory => "folder".to_owned(),
        tar::EntryType::Symlink => "symbolic link".to_owned(),
        tar::EntryType::Link => "hard link".to_owned(),
        other => format!("type `{}`", char::from(other.as_byte()).escape_debug()),
    }
}

/// The first difference of the content of an entry that is in both.
pub(super) fn content<A: Read + Seek, B: Read + Seek>(
    first: &mut A,
    second: &mut B,
    shape: Shape,
    (item, other): (&Item, &Item),
) -> Result<Content> {
    let found = if shape == Shape::Zip {
        bytes::compare(zip::open(first, item)?, zip::open(second, other)?)?
    } else {
        let mut one = tar::Archive::new(stream(first, shape)?);
        let mut two = tar::Archive::new(stream(second, shape)?);
        let ours = one.entries()?.nth(item.at);
        let theirs = two.entries()?.nth(other.at);
        match (ours, theirs) {
            (Some(ours), Some(theirs)) => bytes::compare(ours?, theirs?)?,
            _ => None,
        }
    };
    match found {
        Some(content) => Ok(content),
        None => bail!("`{}` changed while it was compared", item.name),
    }
}

/// The first difference of what is compressed.
pub(super) fn inner<A: Read + Seek, B: Read + Seek>(
    first: &mut A,
    second: &mut B,
    shape: Shape,
) -> Result<Option<Content>> {
    let found = bytes::compare(stream(first, shape)?, stream(second, shape)?)?;
    let of = match shape {
        Shape::Gzip => " of the uncompressed data",
        _ => " of the tar, outside of what its entries say",
    };
    Ok(found.map(|content| Content { of, ..content }))
}
