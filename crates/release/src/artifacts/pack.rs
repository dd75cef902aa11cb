//! Archives as assets: the format is the one that the name ends with.

use std::io::Read;
use std::path::Path;

use anyhow::{Context as _, Result};
use archive::{Format, How};

use super::Build;
use crate::Artifact;

/// Endings of names, and what the bytes of such an asset are.
const ENDINGS: &[(&str, Format)] = &[
    (".tar.gz", Format::TarGz),
    (".tgz", Format::TarGz),
    (".zip", Format::Zip),
];

/// The name without the ending that says how it is written.
pub(crate) fn stem(name: &str) -> &str {
    let stem = ENDINGS
        .iter()
        .find_map(|(ending, _)| name.strip_suffix(ending));
    stem.unwrap_or(name)
}

fn format(name: &str) -> Result<Format> {
    let known = ENDINGS.iter().find(|(ending, _)| name.ends_with(ending));
    let (_, format) = known.with_context(|| {
        let endings: Vec<&str> = ENDINGS.iter().map(|(ending, _)| *ending).collect();
        format!(
            "`{name}` does not say how it is to be packed; end it with one of {}",
            endings.join(" ")
        )
    })?;
    Ok(*format)
}

/// Writes files and links as the asset `name`, below the one folder `top`.
pub(crate) fn write(
    build: &Build<'_>,
    name: &str,
    path: &Path,
    top: &str,
    entries: Vec<archive::Entry<'_>>,
) -> Result<Artifact> {
    let format = format(name)?;
    let how = how(build);
    let written = build.cx.world.write_stream(path, |out| {
        archive::write(format, out, top, build.inputs.time_s, entries, &how)
    })?;
    Ok(Artifact::archive(name.to_owned(), written))
}

/// Writes the files and links of a tar stream as the asset `name`.
pub(crate) fn convert(
    build: &Build<'_>,
    name: &str,
    path: &Path,
    tar: impl Read,
) -> Result<Artifact> {
    let format = format(name)?;
    let how = how(build);
    let written = build
        .cx
        .world
        .write_stream(path, |out| archive::convert(format, tar, out, &how))?;
    Ok(Artifact::archive(name.to_owned(), written))
}

fn how(build: &Build<'_>) -> How<'static> {
    How {
        threads: build.cx.jobs,
        ..How::default()
    }
}

#[cfg(test)]
mod tests {
    use super::{format, stem};

    #[test]
    fn the_ending_of_a_name_is_its_format() {
        assert_eq!(stem("app-1.0.0-rc.1.tar.gz"), "app-1.0.0-rc.1");
        assert_eq!(stem("app.tgz.zip"), "app.tgz");
        assert_eq!(stem("app-1.0.0"), "app-1.0.0");
        let error = format("app-1.0.0").unwrap_err().to_string();
        assert!(
            error.contains("`app-1.0.0`") && error.contains(".zip"),
            "{error}"
        );
    }
}
