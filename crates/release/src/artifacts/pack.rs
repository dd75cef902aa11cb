//! Archives as assets: the format is the one that the name ends with.

use std::io::{Read, Write};
use std::path::Path;

use anyhow::{Context as _, Result};
use archive::{Entry, Format, How, Kind, Written};
use world::{Cmd, Helper};

use super::{BUILD_TIMEOUT, Build};
use crate::{Artifact, Event};

/// The program that compresses a `.tar.zst`.
const ZST: Helper = Helper {
    name: "landfall-zst",
    folder: "crates/zst",
    weight: "a library in C, about a minute",
};

/// What a file with such an ending is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Packing {
    /// The bytes are ours.
    Own(Format),
    /// A tar stream through a program of its own.
    Zst,
}

const ENDINGS: &[(&str, Packing)] = &[
    (".tar.gz", Packing::Own(Format::TarGz)),
    (".tgz", Packing::Own(Format::TarGz)),
    (".tar.zst", Packing::Zst),
    (".zip", Packing::Own(Format::Zip)),
];

fn packing(name: &str) -> Result<Packing> {
    let known = ENDINGS.iter().find(|(ending, _)| name.ends_with(ending));
    let (_, packing) = known.with_context(|| {
        let endings: Vec<&str> = ENDINGS.iter().map(|(ending, _)| *ending).collect();
        format!(
            "`{name}` does not say how it is to be packed; end it with one of {}",
            endings.join(" ")
        )
    })?;
    Ok(*packing)
}

/// Writes files and links as the asset `name`, below the one folder `top`.
pub(crate) fn write(
    build: &Build<'_>,
    name: &str,
    path: &Path,
    top: &str,
    entries: Vec<Entry<'_>>,
) -> Result<Artifact> {
    let sizes = entries.iter().map(|entry| match &entry.kind {
        Kind::File { len, .. } => *len,
        Kind::Symlink { .. } => 0,
    });
    let total = sizes.sum();
    pack(build, name, path, Some(total), |format, out, how| {
        archive::write(format, out, top, build.inputs.time_s, entries, how)
    })
}

/// Writes the files and links of the tar stream that a command prints as the asset `name`. The stream is never on disk.
pub(crate) fn convert(build: &Build<'_>, name: &str, path: &Path, cmd: Cmd) -> Result<Artifact> {
    let cmd = cmd.timeout(BUILD_TIMEOUT);
    pack(build, name, path, None, |format, out, how| {
        build.cx.world.ask_stream(&cmd, |tar: &mut dyn Read| {
            archive::convert(format, tar, out, how)
        })
    })
}

fn pack(
    build: &Build<'_>,
    name: &str,
    path: &Path,
    total: Option<u64>,
    fill: impl FnOnce(Format, &mut dyn Write, &How<'_>) -> Result<Written>,
) -> Result<Artifact> {
    let (cx, packing) = (build.cx, packing(name)?);
    let watch = cx.world.stopwatch();
    let progress = |done| cx.tell(&Event::Packing { name, done, total });
    let how = How {
        threads: cx.jobs,
        progress: &progress,
    };
    let written = match packing {
        Packing::Own(format) => cx
            .world
            .write_stream(path, |mut out| fill(format, &mut out, &how))?,
        Packing::Zst => {
            let program = cx.helpers.ensure(&ZST, &cx.world, &|text| {
                cx.tell(&Event::Note(text));
            })?;
            let cmd = Cmd::new(&cx.root, &program)
                .arg(cx.jobs.to_string())
                .timeout(BUILD_TIMEOUT);
            cx.world.write_stream(path, |out| {
                let feed = |stdin: &mut dyn Write| fill(Format::Tar, stdin, &how);
                let take = |zst: &mut dyn Read| archive::sha256_copy(zst, out);
                let (tar, (size, sha256)) = cx.world.ask_through(&cmd, feed, take)?;
                Ok(Written {
                    size,
                    sha256,
                    ..tar
                })
            })?
        }
    };
    // Of a second build it is told how long all of it took.
    if build.variation.is_none() {
        cx.tell(&Event::Packed {
            name,
            read: written.read,
            size: written.size,
            took: watch.elapsed(),
        });
    }
    Ok(Artifact::archive(name.to_owned(), written))
}

#[cfg(test)]
mod tests {
    use super::{ENDINGS, packing};

    #[test]
    fn the_ending_of_a_name_is_its_format() {
        for known in config::EXTENSIONS {
            assert!(packing(&format!("app{known}")).is_ok(), "{known}");
        }
        for (ending, wanted) in ENDINGS {
            assert!(packing(&format!("app{ending}")).unwrap() == *wanted);
        }
        let error = packing("app-1.0.0").err().unwrap().to_string();
        assert!(
            error.contains("`app-1.0.0`") && error.contains(".zip"),
            "{error}"
        );
    }
}
