//! Licences: in every archive of ours, at its top.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::contents::Contents;
use super::{Build, Job};
use crate::Event;

/// How the names of such files begin, in any case.
const BEGINNINGS: &[&str] = &[
    "licence",
    "license",
    "copying",
    "notice",
    "unlicense",
    "copyright",
];

/// Endings of files that are about licences and are none.
const OTHERS: &[&str] = &[
    "cfg", "go", "js", "json", "mjs", "py", "rs", "sh", "toml", "tmpl", "tpl", "ts", "yaml", "yml",
];

/// Puts the licences of these folders of the checkout at the top, the first folder first. What stands there is left.
pub(crate) fn add(build: &Build<'_>, contents: &mut Contents, folders: &[&str]) -> Result<()> {
    for folder in folders {
        for (name, disk) in of(&build.tree, &build.tree.join(folder))? {
            if !contents.has(&name) {
                contents.add(name, disk);
            }
        }
    }
    Ok(())
}

/// Says once that there is nothing to put in.
pub(crate) fn note(build: &Build<'_>, jobs: &[Job<'_>]) -> Result<()> {
    if jobs.iter().any(Job::is_archive) && of(&build.tree, &build.tree)?.is_empty() {
        build.cx.tell(&Event::Note(
            "the root of the repository holds no LICENSE, COPYING or NOTICE, so the archives come without".to_owned(),
        ));
    }
    Ok(())
}

/// The licences of a folder, and of its folder `LICENSES`: name in the archive and file.
fn of(tree: &Path, folder: &Path) -> Result<Vec<(String, PathBuf)>> {
    let tree = tree.canonicalize().context("look at the checkout")?;
    let mut found = Vec::new();
    for (folder, inside) in [
        (folder.to_owned(), None),
        (folder.join("LICENSES"), Some("LICENSES")),
    ] {
        if !folder.is_dir() {
            continue;
        }
        for entry in
            std::fs::read_dir(&folder).with_context(|| format!("look into {}", folder.display()))?
        {
            let entry = entry.with_context(|| format!("look into {}", folder.display()))?;
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            // A link to the licence of the root is usual.
            let Ok(disk) = entry.path().canonicalize() else {
                continue;
            };
            if disk.is_file() && disk.starts_with(&tree) && (inside.is_some() || is_licence(&name))
            {
                let name = inside.map_or(name.clone(), |inside| format!("{inside}/{name}"));
                found.push((name, disk));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// `LICENSE`, `LICENSE-MIT`, `license.md`, `COPYING.LESSER`; not `licenses.json`, `license_header.rs`.
fn is_licence(name: &str) -> bool {
    let name = name.to_lowercase();
    let begins = |beginning: &str| {
        name.strip_prefix(beginning)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-', '_']))
    };
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    BEGINNINGS.iter().any(|beginning| begins(beginning))
        && !ending.is_some_and(|ending| OTHERS.contains(&ending))
}

#[cfg(test)]
mod tests {
    use super::is_licence;

    #[test]
    fn licences_by_name() {
        for good in [
            "LICENSE",
            "LICENSE-MIT",
            "LICENSE-APACHE-2.0",
            "Licence.txt",
            "license.md",
            "COPYING.LESSER",
            "NOTICE",
            "UNLICENSE",
            "COPYRIGHT",
        ] {
            assert!(is_licence(good), "{good}");
        }
        for bad in [
            "licenses.json",
            "license.rs",
            "license_header.tmpl",
            "README.md",
            "LICENSES",
            "noticeboard.md",
        ] {
            assert!(!is_licence(bad), "{bad}");
        }
    }
}
