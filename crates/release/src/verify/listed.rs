//! What an archive among the files holds, whatever it was packed with.

use std::fs::File;

use anyhow::{Context as _, Result};
use archive::listing::{self, Format, Listing};
use world::Cmd;

use super::Subject;

/// How far an archive could be read.
pub(super) enum Listed {
    /// To its last byte.
    Whole(Listing),
    /// It is damaged, and how.
    Broken(String),
    /// There is no program here that opens it.
    Unread,
}

/// `None`: by its name it is no archive.
pub(super) fn listed(subject: &Subject<'_>, name: &str) -> Option<Listed> {
    let path = subject.dir.join(name);
    let whole = match Format::of(name) {
        Some(format) => File::open(&path)
            .with_context(|| format!("open {}", path.display()))
            .and_then(|file| listing::list(format, file)),
        None if name.ends_with(".tar.zst") => match zstd(subject, name) {
            Ok(None) => return Some(Listed::Unread),
            Ok(Some(listing)) => Ok(listing),
            Err(error) => Err(error),
        },
        None => return None,
    };
    Some(match whole {
        Ok(listing) => Listed::Whole(listing),
        Err(error) => Listed::Broken(format!("{error:#}")),
    })
}

/// Through the program of that name, where it is installed.
fn zstd(subject: &Subject<'_>, name: &str) -> Result<Option<Listing>> {
    if subject.world.which(&subject.dir, "zstd").is_none() {
        return Ok(None);
    }
    let scratch = subject.world.scratch("an unpacked archive")?;
    let tar = scratch.path().join("whole.tar");
    let cmd = Cmd::new(&subject.dir, "zstd")
        .args(["--decompress", "--quiet", "-o"])
        .arg(&tar)
        .arg("--")
        .arg(subject.dir.join(name));
    subject.world.ask(&cmd)?.success()?;
    let file = File::open(&tar).with_context(|| format!("open {}", tar.display()))?;
    listing::list(Format::Tar, file).map(Some)
}
