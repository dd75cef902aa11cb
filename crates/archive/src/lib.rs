//! Bytes of a release: deterministic `.tar.gz` archives, digests, `SHA256SUMS.txt`, and statements about all of them.
//! Bytes of a release: deterministic archives, digests and `SHA256SUMS.txt`.
//!
//! The same input gives the same bytes on every machine, with any number of threads and in every year, so that two people
//! can compare a digest. Nothing here knows a clock, an environment or a file system: bytes come in through `Read`, go out
//! through `Write`, and the time of the entries is an argument.

pub mod base64;
mod blocks;
pub mod compare;
mod data;
mod digest;
pub mod dsse;
mod gz;
pub mod listing;
mod one_form;
mod path;
mod plain;
mod ready;
pub mod sbom;
pub mod statement;
pub mod sums;
mod ustar;
mod zip;

use std::io::{Read, Write};

use anyhow::{Context, Result};

use gz::Gz;
use plain::Plain;
use zip::Zip;

pub use digest::{sha256_copy, sha256_hex, sha256_of};
pub use path::check_asset_name;

/// What the bytes of an archive are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// POSIX.1-1988 ustar, with PAX headers of POSIX.1-2001 for paths that do not fit.
    Tar,
    /// The same in gzip (RFC 1952): no time, no name, operating system 255, deflate of level 5.
    TarGz,
    /// APPNOTE.TXT 6.3.10: deflate of level 5, names in UTF-8, Unix modes and links, zip64 where it is needed.
    Zip,
}

/// How the work is done; none of it changes a byte.
#[derive(Clone, Copy)]
pub struct How<'a> {
    /// Threads that compress, at least one. An archive of less than 128 KiB starts none.
    pub threads: usize,
    /// Told again and again of the bytes that came in so far, before they are compressed.
    pub progress: &'a dyn Fn(u64),
}

impl Default for How<'_> {
    fn default() -> Self {
        Self {
            threads: 1,
            progress: &|_| {},
        }
    }
}

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
    /// Bytes of the archive.
    pub size: u64,
    /// SHA-256 of the archive, lower-case hex.
    pub sha256: String,
    /// SHA-256 of the uncompressed tar, lower-case hex: stays the same when a compressor changes. Zip has no such thing.
    pub tar_sha256: Option<String>,
    /// Files and links; of a ready tar stream also its folders, without extended headers.
    pub entries: u64,
    /// Bytes before they were compressed.
    pub read: u64,
}

/// Writes a deterministic archive of `entries` below the one folder `top`.
///
/// Entries are sorted by the raw bytes of their paths; owner and group are 0 without names; every time is `mtime` (seconds
/// since 1970; zip has no odd seconds and nothing before 1980). Memory does not grow with the data, only with the number
/// of entries.
///
/// # Errors
/// Each names the path: one that is absolute, leaves the tree, is not portable, stands there
/// twice (also when the two differ in case only), or is both a file and a folder; a link that
/// points out of the tree; data of another length than announced; and whatever `out` refuses.
/// All paths are checked before the first byte is written.
pub fn write<W: Write>(
    format: Format,
    out: W,
    top: &str,
    mtime: u64,
    mut entries: Vec<Entry<'_>>,
    how: &How<'_>,
) -> Result<Written> {
    path::check_top(top)?;
    ustar::check_mtime(mtime)?;
    entries.sort_by(|a, b| a.path.as_bytes().cmp(b.path.as_bytes()));
    path::check_tree(top, &entries)?;
    let count = entries.len() as u64;
    match format {
        Format::Tar => {
            let mut tar = Plain::new(out, how);
            ustar::write(&mut tar, top, mtime, entries)?;
            tar.finish(count)
        }
        Format::TarGz => {
            let mut tar = Gz::new(out, how);
            ustar::write(&mut tar, top, mtime, entries)?;
            tar.finish(count)
        }
        Format::Zip => {
            let mut zip = Zip::new(out, how, zip::Limits::default());
            for Entry { path, kind } in entries {
                zip.append(&format!("{top}/{path}"), mtime, kind)
                    .with_context(|| format!("could not store `{path}`"))?;
            }
            zip.finish()
        }
    }
}

/// Packs a ready tar stream, such as `git archive --format=tar` prints, without holding it in memory: its bytes as they
/// are in gzip, or its files and links in a zip archive, in their order.
///
/// # Errors
/// What `tar` or `out` refuse; a stream that is no tar, or that was cut off before its
/// end-of-archive blocks, as it is when the process that prints it dies; and the names and links that [`write()`] refuses,
/// as well as anything that is neither a file nor a folder nor a symbolic link.
pub fn convert<R: Read, W: Write>(
    format: Format,
    tar: R,
    out: W,
    how: &How<'_>,
) -> Result<Written> {
    match format {
        Format::Tar => {
            let mut plain = Plain::new(out, how);
            let entries = ready::copy(tar, &mut plain)?;
            plain.finish(entries)
        }
        Format::TarGz => {
            let mut gz = Gz::new(out, how);
            let entries = ready::copy(tar, &mut gz)?;
            gz.finish(entries)
        }
        Format::Zip => ready::zip(tar, Zip::new(out, how, zip::Limits::default())),
    }
}

#[cfg(test)]
mod tests;
