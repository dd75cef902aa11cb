//! `pack FOLDER OUT THREADS`: a folder as an archive, in the format that the ending of OUT asks for (`.tar`, `.tar.gz`,
//! `.zip`); for measuring, see `scripts/compare/archive.sh`.

use std::fs::File;
use std::io::{BufWriter, Read, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use landfall_archive::{Entry, Format, How, Kind, write};

fn main() -> Result<()> {
    let words: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [folder, out, threads] = words.as_slice() else {
        bail!("usage: pack FOLDER OUT THREADS");
    };
    let format = match out.extension().and_then(|ending| ending.to_str()) {
        Some("tar") => Format::Tar,
        Some("gz") => Format::TarGz,
        Some("zip") => Format::Zip,
        _ => bail!("{} ends with none of .tar, .tar.gz, .zip", out.display()),
    };
    let how = How {
        threads: threads.to_str().unwrap_or_default().parse()?,
        ..How::default()
    };
    let entries = entries(folder)?;
    #[expect(
        clippy::disallowed_methods,
        reason = "an example of a crate without a door"
    )]
    let file = File::create(out)?;
    let mut file = BufWriter::with_capacity(256 << 10, file);
    let written = write(format, &mut file, "tree", 1_795_305_600, entries, &how)?;
    file.flush()?;
    writeln!(
        std::io::stdout(),
        "{} {} {}",
        written.sha256,
        written.size,
        written.read
    )?;
    Ok(())
}

fn entries(folder: &Path) -> Result<Vec<Entry<'static>>> {
    let mut entries = Vec::new();
    for found in walkdir::WalkDir::new(folder) {
        let found = found?;
        if found.file_type().is_dir() {
            continue;
        }
        let path = found.path().strip_prefix(folder)?;
        let kind = if found.path_is_symlink() {
            let target = std::fs::read_link(found.path())?;
            Kind::Symlink {
                target: target.to_string_lossy().into_owned(),
            }
        } else {
            let meta = found.metadata()?;
            Kind::File {
                executable: meta.permissions().mode() & 0o111 != 0,
                len: meta.len(),
                data: Box::new(Opened::Not(found.path().to_owned())),
            }
        };
        entries.push(Entry {
            path: path.to_str().context("a path is not UTF-8")?.to_owned(),
            kind,
        });
    }
    Ok(entries)
}

/// A file that is opened when it is read first: a system lets nobody hold twenty thousand of them.
enum Opened {
    Not(PathBuf),
    Yes(File),
}

impl Read for Opened {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if let Self::Not(path) = self {
            *self = Self::Yes(File::open(path)?);
        }
        match self {
            Self::Yes(file) => file.read(buffer),
            Self::Not(_) => Ok(0),
        }
    }
}
