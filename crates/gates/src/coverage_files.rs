//! Reports in files: finding them, telling whether they are new, and what their paths mean in this repository.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::SystemTime;

use anyhow::{Context as _, Result, bail};

use crate::coverage_report::{self, Files};
use crate::{Cx, node, project};

/// Where jest, vitest, c8 and node put their report below a package, the more exact one first.
const USUAL: &[&str] = &[
    "coverage/coverage-summary.json",
    "coverage/lcov.info",
    "lcov.info",
];

/// So deep below the fixed part of a glob.
const DEPTH: usize = 12;

/// When each report was last written, by its path from the root.
pub(crate) type Written = BTreeMap<String, (SystemTime, u64)>;

/// The reports there are now, and when they were written.
pub(crate) fn written(cx: &Cx) -> Result<Written> {
    let settings = &cx.config.gates.coverage;
    let mut found = Written::new();
    let mut note = |path: String| -> Result<bool> {
        let meta = match cx.path(&path).metadata() {
            Ok(meta) if meta.is_file() => meta,
            Ok(_) => return Ok(false),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error).with_context(|| format!("look at {path}")),
        };
        let time = meta
            .modified()
            .with_context(|| format!("ask when {path} was written"))?;
        found.insert(path, (time, meta.len()));
        Ok(true)
    };
    match &settings.report {
        Some(path) if !path.contains(['*', '?', '[', '{']) => {
            note(path.clone())?;
        }
        Some(glob) => {
            for path in matching(cx, glob) {
                note(path)?;
            }
        }
        None => {
            for folder in package_folders(cx)? {
                for usual in USUAL {
                    let path = join(&folder, usual);
                    note(path)?;
                }
            }
        }
    }
    Ok(found)
}

fn join(folder: &str, path: &str) -> String {
    match folder {
        "" => path.to_owned(),
        _ => format!("{folder}/{path}"),
    }
}

fn package_folders(cx: &Cx) -> Result<Vec<String>> {
    if project::detect(&cx.root).node.is_none() {
        return Ok(vec![String::new()]);
    }
    let packages = node::packages(&cx.world, &cx.root)?;
    Ok(packages
        .iter()
        .map(|package| package.folder().to_owned())
        .collect())
}

/// Reports are ignored files, so git cannot list them. What others installed is not looked at.
fn matching(cx: &Cx, glob: &str) -> Vec<String> {
    let fixed: Vec<&str> = glob
        .split('/')
        .take_while(|part| !part.contains(['*', '?', '[', '{']))
        .collect();
    let mut found = Vec::new();
    let mut folders = vec![(fixed.join("/"), 0)];
    while let Some((folder, depth)) = folders.pop() {
        let Ok(entries) = cx.path(&folder).read_dir() else {
            continue;
        };
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = join(&folder, &name);
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_folder && depth < DEPTH && name != "node_modules" && name != ".git" {
                folders.push((path, depth + 1));
            } else if !is_folder && fast_glob::glob_match(glob, &path) {
                found.push(path);
            }
        }
    }
    found
}

/// Reads reports; of several of one folder the more exact one. Paths come out from the root of the repository.
pub(crate) fn read(cx: &Cx, reports: &Written) -> Result<Files> {
    let mut files = Files::new();
    let mut seen: Vec<&str> = Vec::new();
    for path in ordered(cx, reports) {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        if cx.config.gates.coverage.report.is_none() && seen.contains(&folder) {
            continue;
        }
        seen.push(folder);
        let text = cx.world.read_text(&cx.path(path))?;
        let read = coverage_report::read(&text)
            .with_context(|| format!("the report {path} cannot be used"))?;
        for (file, lines) in relative(cx, read, folder) {
            coverage_report::merge(&mut files, file, lines);
        }
    }
    Ok(files)
}

fn ordered<'w>(cx: &Cx, reports: &'w Written) -> Vec<&'w str> {
    let mut paths: Vec<&str> = reports.keys().map(String::as_str).collect();
    if cx.config.gates.coverage.report.is_none() {
        let rank = |path: &&str| USUAL.iter().position(|usual| path.ends_with(usual));
        paths.sort_by_key(rank);
    }
    paths
}

/// Paths from the root of the repository, as far as they lie in it. A relative one is relative to the folder of the
/// report or to one above it, for tools write them as seen from where they run.
pub(crate) fn relative(cx: &Cx, files: Files, folder: &str) -> Files {
    let real = cx.root.canonicalize().unwrap_or_else(|_| cx.root.clone());
    let mut named = Files::new();
    for (path, lines) in files {
        let inside = |path: &Path| {
            let rest = path
                .strip_prefix(&real)
                .or_else(|_| path.strip_prefix(&cx.root))
                .ok()?;
            Some(rest.to_string_lossy().into_owned())
        };
        let name = if Path::new(&path).is_absolute() {
            inside(Path::new(&path))
        } else {
            let plain = path.trim_start_matches("./");
            ancestors(folder)
                .map(|above| join(above, plain))
                .find(|candidate| cx.path(candidate).is_file())
        };
        coverage_report::merge(&mut named, name.unwrap_or(path), lines);
    }
    named
}

/// `a/b`, `a` and the root.
fn ancestors(folder: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(folder), |folder| match *folder {
        "" => None,
        folder => Some(folder.rsplit_once('/').map_or("", |(above, _)| above)),
    })
}

/// A source that is newer than a report: what the report says of it is of yesterday.
pub(crate) fn newer(cx: &Cx, reports: &Written, files: &Files) -> Result<Option<String>> {
    let Some((oldest, _)) = reports.values().min() else {
        bail!("there is no report");
    };
    let kinds: Vec<&str> = files.keys().filter_map(|path| kind(path)).collect();
    let list = [
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ];
    for path in cx.git().list(&list)? {
        let source = kind(&path).is_some_and(|kind| kinds.contains(&kind));
        let changed = cx.path(&path).metadata().and_then(|meta| meta.modified());
        if source && changed.is_ok_and(|time| time > *oldest) {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

fn kind(path: &str) -> Option<&str> {
    Path::new(path).extension()?.to_str()
}
