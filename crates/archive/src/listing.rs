//! What an archive holds, read to its last byte, and what in it would harm whoever unpacks it.
//!
//! This reads archives of strangers, so nothing is repaired or skipped: what is odd is told.

mod tar;
mod zip;

use std::collections::BTreeMap;
use std::io::{BufReader, Read, Seek};

use anyhow::{Context as _, Result};
use flate2::bufread::MultiGzDecoder;

use crate::path;

/// The formats that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Tar,
    TarGz,
    Zip,
}

impl Format {
    /// By the name of the file; `None`: it is no archive that is read here.
    #[must_use]
    pub fn of(name: &str) -> Option<Format> {
        let ends = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
        match () {
            () if ends(&[".tar.gz", ".tgz", ".crate"]) => Some(Format::TarGz),
            () if ends(&[".tar"]) => Some(Format::Tar),
            () if ends(&[".zip"]) => Some(Format::Zip),
            () => None,
        }
    }
}

/// An archive that was read to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// In the order of the archive.
    pub members: Vec<Member>,
    /// SHA-256 of the tar without its compression.
    pub tar_sha256: Option<String>,
    /// The commit that `git archive` notes in a tar.
    pub commit: Option<String>,
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// As it is stored, less a `/` at the end.
    pub path: String,
    pub stored: Stored,
}

/// What an entry is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stored {
    File {
        /// In bytes.
        len: u64,
        /// Lower-case hex.
        sha256: String,
        executable: bool,
    },
    Folder,
    Symlink(String),
    /// Another name for a file of the archive.
    Hardlink(String),
    /// A device, a pipe, a socket: in words.
    Other(String),
}

/// Reads an archive to its end, checksums included.
///
/// # Errors
/// What is broken or cut, and bytes behind the end.
pub fn list<R: Read + Seek>(format: Format, archive: R) -> Result<Listing> {
    match format {
        Format::Tar => tar::list(archive),
        Format::TarGz => tar::list(MultiGzDecoder::new(BufReader::with_capacity(
            256 << 10,
            archive,
        )))
        .context("the compressed archive cannot be read to its end"),
        Format::Zip => zip::list(archive),
    }
}

/// What is wrong with an archive that can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub what: What,
    /// Names the entry.
    pub text: String,
}

/// The kinds of [`Problem`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// It does not unpack into one folder.
    Top,
    /// A path that is absolute, leaves the folder, or cannot be unpacked everywhere.
    Path,
    /// A link that leads out, or on which another entry stands.
    Link,
    /// Neither file nor folder nor link.
    Kind,
    /// Two entries that are one where case is folded, or one twice.
    Twins,
}

impl Listing {
    /// The one folder that everything is in.
    #[must_use]
    pub fn top(&self) -> Option<&str> {
        let top = self.members.first()?.path.split('/').next()?;
        let below = |member: &Member| {
            let rest = member.path.strip_prefix(top);
            rest.is_some_and(|rest| {
                rest.starts_with('/') || (rest.is_empty() && member.stored == Stored::Folder)
            })
        };
        self.members.iter().all(below).then_some(top)
    }

    /// Everything that would harm or surprise, one for each entry and kind.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut tell = |what, text: String| problems.push(Problem { what, text });
        let top = self.top();
        if top.is_none() {
            let mut tops: Vec<&str> = self.members.iter().map(|member| &*member.path).collect();
            tops.iter_mut()
                .for_each(|path| *path = path.split('/').next().unwrap_or_default());
            tops.sort_unstable();
            tops.dedup();
            let shown = tops.get(..3).unwrap_or(&tops).join("`, `");
            tell(
                What::Top,
                format!("{} at the top: `{shown}`", count(tops.len())),
            );
        }
        let mut seen: BTreeMap<String, &Member> = BTreeMap::new();
        for member in &self.members {
            if let Err(error) = path::check_path(&member.path) {
                tell(What::Path, error.to_string());
            }
            if let Some(text) = bad_link(member, top, &seen) {
                tell(What::Link, text);
            }
            if let Stored::Other(kind) = &member.stored {
                let path = member.path.escape_debug();
                tell(What::Kind, format!("`{path}` is {kind}"));
            }
            if let Some(text) = twin(member, &mut seen) {
                tell(What::Twins, text);
            }
        }
        for member in &self.members {
            let folders = member.path.match_indices('/');
            for folder in folders.filter_map(|(at, _)| member.path.get(..at)) {
                if let Some(found) = seen.get(&folder.to_lowercase())
                    && found.stored != Stored::Folder
                {
                    let (found, path) = (found.path.escape_debug(), member.path.escape_debug());
                    tell(
                        What::Link,
                        format!("`{found}` is no folder, and `{path}` stands below it"),
                    );
                }
            }
        }
        problems
    }

    /// Files in the top folder that carry a licence by their names.
    pub fn licences(&self) -> impl Iterator<Item = &str> {
        let top = self.top().map_or(0, |top| top.len() + 1);
        self.members.iter().filter_map(move |member| {
            let name = member.path.get(top..)?;
            let begins = |begin: &&str| {
                name.get(..begin.len())
                    .is_some_and(|head| head.eq_ignore_ascii_case(begin))
            };
            let named = ["license", "licence", "copying", "unlicense"]
                .iter()
                .any(begins);
            (named && matches!(member.stored, Stored::File { .. })).then_some(name)
        })
    }
}

fn count(tops: usize) -> String {
    match tops {
        0 => "nothing".to_owned(),
        1 => "a file".to_owned(),
        n => format!("{n} entries"),
    }
}

fn bad_link(
    member: &Member,
    top: Option<&str>,
    seen: &BTreeMap<String, &Member>,
) -> Option<String> {
    match &member.stored {
        Stored::Symlink(target) => {
            // It has to stay in the top folder, where there is one.
            let below = top.and_then(|top| member.path.strip_prefix(top)?.strip_prefix('/'));
            let error = path::check_link(below.unwrap_or(&member.path), target, 0).err()?;
            Some(error.to_string())
        }
        Stored::Hardlink(target) => {
            let before = seen.get(&target.to_lowercase());
            let is_file = before.is_some_and(|before| {
                before.path == *target && matches!(before.stored, Stored::File { .. })
            });
            let (path, target) = (member.path.escape_debug(), target.escape_debug());
            (!is_file).then(|| {
                format!("`{path}` is a second name of `{target}`, which is no file before it")
            })
        }
        _ => None,
    }
}

fn twin<'a>(member: &'a Member, seen: &mut BTreeMap<String, &'a Member>) -> Option<String> {
    let other = seen.insert(member.path.to_lowercase(), member)?;
    let (other, path) = (other.path.escape_debug(), member.path.escape_debug());
    Some(if other.to_string() == path.to_string() {
        format!("`{path}` stands there twice")
    } else {
        format!("`{other}` and `{path}` differ in case only")
    })
}

#[cfg(test)]
mod tests;
