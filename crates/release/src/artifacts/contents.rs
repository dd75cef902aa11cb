//! The contents of one archive: what stands where in it, what has to be there, and how it is written.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};

use super::checkout::Found;
use super::kinds::{Place, refused};
use super::{Build, pack};
use crate::Artifact;

/// Paths below the top folder, and what is stored there.
#[derive(Default)]
pub(crate) struct Contents(BTreeMap<String, Stored>);

struct Stored {
    disk: PathBuf,
    /// As the commit has it; `None`: as the disk has it.
    executable: Option<bool>,
    /// The file that a link leads to is stored, and not the link.
    follow: bool,
}

impl Contents {
    pub(crate) fn extend(&mut self, found: Vec<Found>) {
        for Found {
            path,
            disk,
            executable,
        } in found
        {
            let stored = Stored {
                disk,
                executable,
                follow: false,
            };
            self.0.insert(path, stored);
        }
    }

    /// A file from anywhere.
    pub(crate) fn add(&mut self, path: String, disk: PathBuf) {
        let stored = Stored {
            disk,
            executable: None,
            follow: true,
        };
        self.0.insert(path, stored);
    }

    pub(crate) fn has(&self, path: &str) -> bool {
        self.0.contains_key(path)
    }

    /// Whether there is a file at the path, or any below it. A link that leads nowhere is none.
    fn holds(&self, path: &str) -> bool {
        let there = |stored: &Stored| stored.disk.exists();
        self.0.get(path).is_some_and(there)
            || self.0.iter().any(|(file, stored)| {
                file.strip_prefix(path)
                    .is_some_and(|rest| rest.starts_with('/'))
                    && there(stored)
            })
    }

    /// All missing ones at once.
    pub(crate) fn require(&self, required: &[String], rule: &str) -> Result<()> {
        let missing: Vec<&str> = required
            .iter()
            .map(String::as_str)
            .filter(|path| !self.holds(path))
            .collect();
        match missing.as_slice() {
            [] => Ok(()),
            [one] => Err(lacking(format!(
                "{one} is required and is not there; {rule}"
            ))),
            many => Err(lacking(format!(
                "{} are required and are not there; {rule}",
                many.join(", ")
            ))),
        }
    }

    /// Writes the archive in the format that its name says.
    pub(crate) fn pack(&self, build: &Build<'_>, place: Place) -> Result<Artifact> {
        let Place { name, path, top } = place;
        let entries: Result<Vec<_>> = self.0.iter().map(entry).collect();
        pack::write(build, &name, &path, &top, entries?)
    }
}

fn lacking(message: String) -> anyhow::Error {
    refused(
        message,
        "build it first with `build` of that [[artifact]], or mend `required` in release.toml",
    )
}

fn entry((path, stored): (&String, &Stored)) -> Result<archive::Entry<'static>> {
    use std::os::unix::fs::PermissionsExt as _;
    let disk = &stored.disk;
    let meta = match stored.follow {
        true => disk.metadata(),
        false => disk.symlink_metadata(),
    };
    let meta = meta.with_context(|| format!("look at {}", disk.display()))?;
    let kind = if meta.is_symlink() {
        let target = std::fs::read_link(disk)
            .with_context(|| format!("read the link {}", disk.display()))?;
        let Some(target) = target.to_str() else {
            bail!("the link {path} leads to {target:?}, which is not UTF-8");
        };
        archive::Kind::Symlink {
            target: target.to_owned(),
        }
    } else {
        let on_disk = meta.permissions().mode() & 0o100 != 0;
        archive::Kind::File {
            executable: stored.executable.unwrap_or(on_disk),
            len: meta.len(),
            data: Box::new(Later::Closed(disk.clone())),
        }
    };
    Ok(archive::Entry {
        path: path.clone(),
        kind,
    })
}

/// A file that is opened when it is read first: a process may not hold as many as a site of documentation has.
enum Later {
    Closed(PathBuf),
    Open(File),
    Read,
}

impl Read for Later {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        loop {
            match self {
                Later::Closed(path) => *self = Later::Open(File::open(path)?),
                Later::Open(file) => {
                    let count = file.read(buffer)?;
                    if count == 0 && !buffer.is_empty() {
                        *self = Later::Read;
                    }
                    return Ok(count);
                }
                Later::Read => return Ok(0),
            }
        }
    }
}
