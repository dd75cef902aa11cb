//! Manifests of other ecosystems, which no program of theirs is asked for: git knows the files, their names tell the format.
//!
//! One at the root says what the version of the repository is where nothing else does, and carries it in any case. One
//! further down carries the version if it has it already: a chart or a package with another version has its own.

use std::path::Path;

use anyhow::Result;
use config::Config;
use manifest::{Format, parse_version};
use world::World;
use world::git::Git;

use super::How;
use super::find::All;
use super::members::excluded;

/// Their file names, and the names of their formats.
const KNOWN: &[(&str, &str)] = &[
    ("Chart.yaml", "helm_chart"),
    ("pyproject.toml", "pyproject"),
];

/// Adds those that carry a version of the repository; what stays is told with the reason.
pub(super) fn find(world: &World, root: &Path, config: &Config, all: &mut All) -> Result<()> {
    for (path, format) in tracked(world, root)? {
        let Some(text) = world.read_if_exists(&root.join(&path))? else {
            // A file that git tracks and somebody removed is the git gate's to tell.
            continue;
        };
        let unit = all.unit_of_path(&path);
        let found = match (format.read)(&text) {
            Ok(found) => found,
            Err(error) => {
                // A template or a fixture, perhaps; whatever it is, its version cannot be set.
                let reason = format!("cannot be read: {error}");
                all.left_alone.push((unit, path, reason));
                continue;
            }
        };
        let Some(first) = found.first() else {
            continue;
        };
        if excluded(config, &path) {
            let reason = "left out by version.exclude".to_owned();
            all.left_alone.push((unit, path, reason));
            continue;
        }
        let at_root = !path.contains('/');
        let version = all.units.get_mut(unit).map(|unit| &mut unit.version);
        if let (true, Some(version @ None)) = (at_root, version) {
            *version = parse_version(&first.version).ok();
        }
        let current = all.units.get(unit).and_then(|unit| unit.version.as_ref());
        let same = current.is_some_and(|current| current.to_string() == first.version);
        if at_root || same {
            all.add(&path, How::Format(format), Some(unit), None);
        } else {
            let reason = format!("has its own version {}", first.version);
            all.left_alone.push((unit, path, reason));
        }
    }
    Ok(())
}

/// The files that git tracks, with their formats, the ones at the root first.
fn tracked(world: &World, root: &Path) -> Result<Vec<(String, &'static Format)>> {
    let formats: Vec<(&str, &'static Format)> = KNOWN
        .iter()
        .filter_map(|(file, name)| {
            let format = manifest::FORMATS
                .iter()
                .find(|format| format.name == *name)?;
            Some((*file, format))
        })
        .collect();
    if formats.is_empty() {
        return Ok(Vec::new());
    }
    let globs: Vec<String> = formats
        .iter()
        .map(|(file, _)| format!(":(glob)**/{file}"))
        .collect();
    let mut args = vec!["ls-files", "-z", "--"];
    args.extend(globs.iter().map(String::as_str));
    let mut files: Vec<(String, &'static Format)> = Git::new(world, root)
        .list(&args)?
        .into_iter()
        .filter_map(|path| {
            let name = path.rsplit('/').next().unwrap_or_default();
            let (_, format) = formats.iter().find(|(file, _)| *file == name)?;
            Some((path, *format))
        })
        .collect();
    files.sort_by_key(|(path, _)| (path.contains('/'), path.clone()));
    Ok(files)
}
