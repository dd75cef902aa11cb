//! Where the source of a target is: a path, or the one file that a glob names.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use config::BenchmarkTarget;
use serde_json::Value;

use crate::Cx;

/// Folders that hold nothing of ours.
const PASSED_OVER: &[&str] = &[".git", "node_modules"];

/// What was found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A path from the root, and where it is: a release builds in a folder of its own.
    File(String, PathBuf),
    /// Why there is none.
    None(String),
}

pub(crate) fn place(cx: &Cx, target: &BenchmarkTarget) -> Result<Place> {
    let source = &target.source;
    if !source.contains(['*', '?', '[', '{']) {
        let full = full(cx, source);
        return Ok(match full.is_file() {
            true => Place::File(source.clone(), full),
            false => Place::None(format!("looked for {source}, which is not there")),
        });
    }
    let mut found = Vec::new();
    let start = source
        .split('/')
        .take_while(|part| !part.contains(['*', '?', '[', '{']));
    let start = start.collect::<Vec<_>>().join("/");
    walk(&full(cx, &start), &start, &mut |path| {
        if fast_glob::glob_match(source, path) {
            found.push(path.to_owned());
        }
    })?;
    found.sort_unstable();
    if found.len() > 1 {
        let select = target.select.as_deref().unwrap_or(&target.name);
        found.retain(|path| is_benchmark(&full(cx, path), path, select));
    }
    Ok(match found.as_slice() {
        [] => Place::None(format!(
            "looked for {source}, which names no file of that benchmark"
        )),
        [one] => Place::File(one.clone(), full(cx, one)),
        several => Place::None(format!(
            "{source} names several files: {}",
            several.join(", ")
        )),
    })
}

/// What cargo builds may stand elsewhere.
fn full(cx: &Cx, path: &str) -> PathBuf {
    match (&cx.target_dir, path.strip_prefix("target")) {
        (Some(folder), Some(rest)) if rest.is_empty() || rest.starts_with('/') => {
            folder.join(rest.trim_start_matches('/'))
        }
        _ => cx.path(path),
    }
}

fn walk(folder: &Path, path: &str, see: &mut dyn FnMut(&str)) -> Result<()> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error).with_context(|| format!("list {}", folder.display())),
    };
    for entry in entries {
        let entry = entry.with_context(|| format!("list {}", folder.display()))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = match path {
            "" => name.clone(),
            path => format!("{path}/{name}"),
        };
        // A symbolic link is not followed: it may lead in a circle.
        let kind = entry
            .file_type()
            .with_context(|| format!("look at {path}"))?;
        if kind.is_file() {
            see(&path);
        } else if kind.is_dir() && !PASSED_OVER.contains(&name.as_str()) {
            walk(&entry.path(), &path, see)?;
        }
    }
    Ok(())
}

/// Whether a file of criterion is of this benchmark: by the id it wrote beside it, else by the folder.
fn is_benchmark(full: &Path, path: &str, id: &str) -> bool {
    let beside = full.with_file_name("benchmark.json");
    let said = std::fs::read(beside).ok().and_then(|bytes| {
        let json: Value = serde_json::from_slice(&bytes).ok()?;
        Some(json.get("full_id")?.as_str()?.to_owned())
    });
    match said {
        Some(said) => said == id,
        None => path.contains(&format!("/{id}/new/")),
    }
}
