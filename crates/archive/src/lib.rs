//! Bytes of a release: deterministic `.tar.gz` archives, digests, `SHA256SUMS.txt`, and statements about all of them.
//!
//! The same input gives the same bytes on every machine and in every year, so that two people
//! can compare a digest. Nothing here knows a clock, an environment or a file system: bytes come
//! in through `Read`, go out through `Write`, and the time of the entries is an argument.

pub mod base64;
pub mod compare;
mod digest;
pub mod dsse;
mod gz;
pub mod listing;
mod one_form;
mod path;
pub mod sbom;
pub mod statement;
pub mod sums;
mod ustar;

use std::io::{Read, Write};

use anyhow::{Context, Result};

pub use digest::{sha256_hex, sha256_of};
pub use gz::gzip;
pub use path::check_asset_name;

/// One file or symbolic link to be stored. Folders are not stored: they follow from the paths.
pub struct Entry<'a> {
    /// Place below the top folder: `/` between components, no leading `/`, no `.` or `..`.
    pub path: String,
    /// What stands there.
    pub kind: Kind<'a>,
}

/// What an [`Entry`] is.
pub enum Kind<'a> {
    /// A regular file: mode 0755 if executable, else 0644.
    File {
        /// Whether the executable bits are set.
        executable: bool,
        /// Bytes that `data` will give; any other number is an error, for the header comes first.
        len: u64,
        /// The content, read once.
        data: Box<dyn Read + 'a>,
    },
    /// A symbolic link, mode 0777 as every system shows it.
    Symlink {
        /// Relative to the folder of the link; `..` at the beginning only, never out of the tree.
        target: String,
    },
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Bytes of the `.tar.gz`.
    pub size: u64,
    /// SHA-256 of the `.tar.gz`, lower-case hex.
    pub sha256: String,
    /// SHA-256 of the uncompressed tar, lower-case hex: stays the same when a compressor changes.
    pub tar_sha256: String,
    /// Entries of the tar: files, links and (from `git archive`) folders, without extended headers.
    pub entries: u64,
}

/// Writes a deterministic `.tar.gz` (POSIX.1-1988 ustar, PAX headers of POSIX.1-2001 for paths
/// that do not fit; RFC 1952).
///
/// Entries are sorted by the raw bytes of their paths and stand below the one folder `top`; owner
/// and group are 0 without names, every time is `mtime` (seconds since 1970); the gzip header has
/// time 0, operating system 255, no name; the level is 6.
///
/// # Errors
/// Each names the path: one that is absolute, leaves the tree, is not portable, stands there
/// twice (also when the two differ in case only), or is both a file and a folder; a link that
/// points out of the tree; data of another length than announced; and whatever `out` refuses.
/// All paths are checked before the first byte is written.
pub fn tar_gz<W: Write>(
    out: W,
    top: &str,
    mtime: u64,
    mut entries: Vec<Entry<'_>>,
) -> Result<Written> {
    path::check_top(top)?;
    ustar::check_mtime(mtime)?;
    entries.sort_by(|a, b| a.path.as_bytes().cmp(b.path.as_bytes()));
    path::check_tree(top, &entries)?;
    let mut tar = gz::Gz::new(out);
    let count = entries.len() as u64;
    for entry in entries {
        let place = entry.path.clone();
        ustar::append(&mut tar, top, mtime, entry)
            .with_context(|| format!("could not store `{place}`"))?;
    }
    ustar::finish(&mut tar)?;
    tar.finish(count)
}

#[cfg(test)]
mod tests;
