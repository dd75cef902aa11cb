//! The entries of a tar.

use std::io::{self, Read};

use anyhow::{Context as _, Result, bail};
use sha2::{Digest as _, Sha256};
use tar::EntryType;

use super::{Listing, Member, Stored};
use crate::digest;

/// Two blocks of zeros end a tar.
const END: u64 = 1024;

pub(super) fn list<R: Read>(tar: R) -> Result<Listing> {
    let mut archive = tar::Archive::new(Watched {
        inner: tar,
        sha: Sha256::new(),
        zeros: 0,
        bytes: 0,
    });
    let mut members = Vec::new();
    let mut commit = None;
    let entries = archive.entries().context("the tar cannot be read")?;
    for entry in entries {
        let after = || match members.last() {
            None => "the tar cannot be read at its beginning".to_owned(),
            Some(Member { path, .. }) => {
                format!("the tar cannot be read after `{}`", path.escape_debug())
            }
        };
        let mut entry = entry.with_context(after)?;
        if entry.header().entry_type() == EntryType::XGlobalHeader {
            let mut text = String::new();
            // Anything that is no text is no note of git's.
            if entry.read_to_string(&mut text).is_ok() {
                commit = comment(&text).or(commit);
            }
            continue;
        }
        members.push(member(&mut entry)?);
    }
    let mut end = archive.into_inner();
    let (before, zeros) = (end.bytes, end.zeros);
    io::copy(&mut end, &mut io::sink()).context("the tar cannot be read to its end")?;
    if end.zeros != zeros + (end.bytes - before) {
        bail!("something stands behind the end of the tar");
    }
    if end.zeros < END {
        bail!("the tar does not end with two blocks of zeros: it is cut");
    }
    Ok(Listing {
        members,
        tar_sha256: Some(digest::hex(&end.sha.finalize())),
        commit,
    })
}

fn member<R: Read>(entry: &mut tar::Entry<'_, R>) -> Result<Member> {
    let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
    let target = || -> Result<String> {
        let name = entry.link_name_bytes();
        let name =
            name.with_context(|| format!("the link `{}` leads nowhere", path.escape_debug()))?;
        Ok(String::from_utf8_lossy(&name).into_owned())
    };
    let mode = entry.header().mode().unwrap_or(0);
    let stored = match entry.header().entry_type() {
        EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse => {
            let announced = entry.size();
            let (len, sha256) = digest::sha256_of(&mut *entry)
                .with_context(|| format!("`{}` is cut", path.escape_debug()))?;
            if len < announced {
                bail!("`{}` is cut", path.escape_debug());
            }
            Stored::File {
                len,
                sha256,
                executable: mode & 0o111 != 0,
            }
        }
        EntryType::Directory => Stored::Folder,
        EntryType::Symlink => Stored::Symlink(target()?),
        EntryType::Link => Stored::Hardlink(target()?),
        EntryType::Char | EntryType::Block => Stored::Other("a device".to_owned()),
        EntryType::Fifo => Stored::Other("a pipe".to_owned()),
        other => Stored::Other(format!(
            "an entry of kind {:?}",
            char::from(other.as_byte())
        )),
    };
    let path = path.strip_suffix('/').map_or(path.clone(), str::to_owned);
    Ok(Member { path, stored })
}

/// `52 comment=ID`, as `git get-tar-commit-id` reads it.
fn comment(records: &str) -> Option<String> {
    let mut records = records.lines().filter_map(|line| line.split_once(' '));
    let value = records.find_map(|(_, record)| record.strip_prefix("comment="))?;
    Some(value.to_owned())
}

/// Hashes what is read, and counts the zeros since the last other byte.
struct Watched<R> {
    inner: R,
    sha: Sha256,
    zeros: u64,
    bytes: u64,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let read = buffer.get(..count).unwrap_or_default();
        self.sha.update(read);
        self.bytes += count as u64;
        let zeros = read.iter().rev().take_while(|byte| **byte == 0).count();
        let before = if zeros == count { self.zeros } else { 0 };
        self.zeros = before + zeros as u64;
        Ok(count)
    }
}
