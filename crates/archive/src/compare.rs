//! Where two builds of one asset differ: the entry, and what of it.
//!
//! ```text
//! bytes ─open─▶ tar, zip or plain ─list─▶ entries with digests ─▶ first differences
//! ```
//!
//! Memory follows the number of entries, never their size: content is hashed when it is listed, and read side by side
//! for the few entries that differ.

mod bytes;
mod list;
#[cfg(test)]
mod tests;
mod zip;

use std::collections::BTreeMap;
use std::fmt;
use std::io::{Read, Seek};

use anyhow::Result;

pub use bytes::Content;
use list::{Listing, Shape};

/// So many differences of one asset are told: who mends the first one looks again.
const MOST: usize = 8;

/// How two files compare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Compared {
    /// Every byte is the same.
    Same,
    /// What is compressed is the same, byte for byte; only the compressed bytes differ.
    Recompressed {
        /// What was compressed: `tar`, `content of every entry` of a zip, or `data`.
        what: &'static str,
    },
    /// The first differences, at most eight, in the order of the first archive.
    Differs {
        first: Vec<Difference>,
        /// How many more there are.
        more: usize,
    },
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Path of the entry in the archive; `None`: the file itself.
    pub entry: Option<String>,
    pub what: What,
}

/// What is different.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// The bytes.
    Content(Content),
    /// Something that the archive says of the entry: `kind`, `mode`, `time`, `owner`, `link target`, `header`.
    Field {
        name: &'static str,
        first: String,
        second: String,
    },
    /// The same entries in another order: which one stands at the first place that differs.
    Order { first: String, second: String },
    /// The entry is in one of the two.
    Only(Side),
}

/// One of the two that are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    First,
    Second,
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Side::First => "first",
            Side::Second => "second",
        })
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(entry) = &self.entry {
            write!(f, "{}: ", entry.escape_debug())?;
        }
        match &self.what {
            What::Content(content) => write!(f, "{content}"),
            What::Field {
                name,
                first,
                second,
            } => write!(f, "the {name} differs: {first} and {second}"),
            What::Order { first, second } => write!(
                f,
                "the order of the entries differs: {} stands where the second has {}",
                first.escape_debug(),
                second.escape_debug()
            ),
            What::Only(side) => write!(f, "only in the {side}"),
        }
    }
}

/// Compares two files by what they hold: `.tar.gz`, `.tgz`, `.crate` and `.tar` entry by entry, `.zip` too, anything else
/// (`.tar.zst` among it) byte by byte. The format is told from the bytes, not from a name.
///
/// # Errors
/// What the readers refuse. A file that begins as an archive and is a broken one is compared byte by byte.
pub fn compare<A: Read + Seek, B: Read + Seek>(mut first: A, mut second: B) -> Result<Compared> {
    first.rewind()?;
    second.rewind()?;
    let Some(raw) = bytes::compare(&mut first, &mut second)? else {
        return Ok(Compared::Same);
    };
    let (Ok(one), Ok(two)) = (list::list(&mut first), list::list(&mut second)) else {
        return Ok(whole(raw));
    };
    if one.shape != two.shape || one.shape == Shape::Plain {
        return Ok(whole(raw));
    }
    if one.sha256.is_some() && one.sha256 == two.sha256 {
        let what = match one.shape {
            Shape::Gzip => "data",
            _ => "tar",
        };
        return Ok(Compared::Recompressed { what });
    }
    let mut found = Found::default();
    entries(&mut first, &mut second, (&one, &two), &mut found)?;
    Ok(if !found.first.is_empty() {
        Compared::Differs {
            first: found.first,
            more: found.more,
        }
    } else if one.shape == Shape::Zip {
        Compared::Recompressed {
            what: "content of every entry",
        }
    } else {
        // Every entry is the same and the stream is not: the bytes between them, told by their place in it.
        let inner = list::inner(&mut first, &mut second, one.shape)?;
        whole(inner.unwrap_or(raw))
    })
}

fn whole(content: Content) -> Compared {
    Compared::Differs {
        first: vec![Difference {
            entry: None,
            what: What::Content(content),
        }],
        more: 0,
    }
}

/// What was found so far; beyond [`MOST`] it is only counted.
#[derive(Default)]
struct Found {
    first: Vec<Difference>,
    more: usize,
}

impl Found {
    fn push(&mut self, entry: Option<&str>, what: impl FnOnce() -> Result<What>) -> Result<()> {
        if self.first.len() == MOST {
            self.more += 1;
            return Ok(());
        }
        self.first.push(Difference {
            entry: entry.map(str::to_owned),
            what: what()?,
        });
        Ok(())
    }
}

/// All differences of two listings. Content is read for as many as are told.
fn entries<A: Read + Seek, B: Read + Seek>(
    first: &mut A,
    second: &mut B,
    (one, two): (&Listing, &Listing),
    found: &mut Found,
) -> Result<()> {
    let (ours, theirs) = (one.keyed(), two.keyed());
    let by_key: BTreeMap<_, _> = theirs.iter().copied().collect();
    let known: BTreeMap<_, _> = ours.iter().copied().collect();
    for (key, item) in &ours {
        let Some(other) = by_key.get(key) else {
            found.push(Some(&item.name), || Ok(What::Only(Side::First)))?;
            continue;
        };
        for (name, one, two) in item.fields(other) {
            found.push(Some(&item.name), || {
                Ok(What::Field {
                    name,
                    first: one.to_owned(),
                    second: two.to_owned(),
                })
            })?;
        }
        if item.sha256 != other.sha256 {
            found.push(Some(&item.name), || {
                list::content(first, second, one.shape, (item, other)).map(What::Content)
            })?;
        }
    }
    for (_, item) in theirs.iter().filter(|(key, _)| !known.contains_key(key)) {
        found.push(Some(&item.name), || Ok(What::Only(Side::Second)))?;
    }
    let shared = ours.iter().filter(|(key, _)| by_key.contains_key(key));
    let order = theirs.iter().filter(|(key, _)| known.contains_key(key));
    if let Some(((_, one), (_, two))) = shared.zip(order).find(|(one, two)| one.0 != two.0) {
        found.push(None, || {
            Ok(What::Order {
                first: one.name.clone(),
                second: two.name.clone(),
            })
        })?;
    }
    Ok(())
}
