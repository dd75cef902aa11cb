//! Places that carry a version of the project and are not declared, so that a release would leave them behind.
//!
//! A version such as `1.0.0` stands everywhere, mostly for something else. So a line counts only where it says whose
//! version it is: it names the project or a package of it, or calls it a version; and not where it tells history.

mod line;

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, bail};
use manifest::Version;
use manifest::pattern::Pattern;

use crate::places::{self, How, PlaceFile, Places};
use crate::{Cx, Subject, project};
use line::Names;

/// A line longer than this was not written by a person.
const LONGEST: usize = 1000;

/// Files that hold old versions rightly, or versions of others.
const PASSED_OVER: &[&str] = &[
    "**/{CHANGELOG,CHANGES,HISTORY,NEWS,RELEASES,RELEASE-NOTES,RELEASE_NOTES,changelog,changes,history,news,releases}{,.*}",
    "**/{changelogs,changelog,changes,history,archive,release-notes,releases}/**",
    "**/{test,tests,__tests__,fixtures,testdata,snapshots,__snapshots__,vendor,third_party,node_modules}/**",
    // Manifests and lock files are found and judged by themselves.
    "**/{Cargo.toml,package.json,Cargo.lock,package-lock.json,npm-shrinkwrap.json,pnpm-lock.yaml,pnpm-workspace.yaml}",
    "**/{*.lock,*.lockb,go.sum,go.mod,requirements*.txt,*.svg,*.map,*.min.js,*.min.css}",
];

/// One place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Leftover {
    pub(crate) path: String,
    pub(crate) line: usize,
    pub(crate) column: usize,
    /// The line, without the spaces around it.
    pub(crate) text: String,
}

/// The places that carry `version`, in the order of git.
pub(crate) fn find(cx: &Cx, places: &Places, version: &str) -> Result<Vec<Leftover>> {
    let git = cx.git();
    let args = [
        "grep",
        "-z",
        "-n",
        "-I",
        "-F",
        "--no-color",
        "--no-column",
        "--full-name",
        "--no-recurse-submodules",
        "-e",
        version,
    ];
    let output = git.ask(&args)?;
    match output.code {
        Some(0) => {}
        // Nothing carries it.
        Some(1) if output.errors().is_empty() => return Ok(Vec::new()),
        _ => return Err(output.error()).context("look for the version in all files"),
    }
    let name = project::name(&cx.world, &cx.root, &cx.config);
    let names = Names::of(
        places
            .packages
            .iter()
            .map(String::as_str)
            .chain([name.as_str()]),
    );
    let declared = declared(cx, places);
    let said = String::from_utf8_lossy(&output.stdout);
    let mut found = Vec::new();
    for entry in said.lines() {
        let mut parts = entry.splitn(3, '\0');
        let (Some(path), Some(number), Some(text)) = (parts.next(), parts.next(), parts.next())
        else {
            bail!("git grep answered `{entry}`, which is no place");
        };
        let line: usize = number
            .parse()
            .with_context(|| format!("git grep answered the line `{number}` of {path}"))?;
        if text.len() > LONGEST || passed_over(cx, path) || declared.covers(cx, path, line)? {
            continue;
        }
        if let Some(column) = line::claims(text, version, &names) {
            found.push(Leftover {
                path: path.to_owned(),
                line,
                column,
                text: text.trim().to_owned(),
            });
        }
    }
    Ok(found)
}

fn passed_over(cx: &Cx, path: &str) -> bool {
    let config = &cx.config;
    let allowed = config
        .gates
        .version
        .allow
        .iter()
        .chain(&config.version.exclude);
    path == config.changelog.path
        || PASSED_OVER
            .iter()
            .any(|glob| fast_glob::glob_match(glob, path))
        || allowed
            .into_iter()
            .any(|glob| fast_glob::glob_match(glob, path))
}

/// What the version is set in already.
struct Declared<'p> {
    whole: BTreeSet<&'p str>,
    texts: Vec<&'p PlaceFile>,
}

fn declared<'p>(cx: &'p Cx, places: &'p Places) -> Declared<'p> {
    let mut declared = Declared {
        whole: BTreeSet::from([cx.config.version.file.as_str()]),
        texts: Vec::new(),
    };
    for file in places.of_all() {
        match &file.how {
            How::Pattern { .. } | How::Declared { .. } => declared.texts.push(file),
            How::Format(_) | How::Requirements(_) => {
                declared.whole.insert(&file.path);
            }
        }
    }
    declared
}

impl Declared<'_> {
    /// Of a text only the lines that are found are declared.
    fn covers(&self, cx: &Cx, path: &str, line: usize) -> Result<bool> {
        if self.whole.contains(path) {
            return Ok(true);
        }
        for file in self.texts.iter().filter(|file| file.path == path) {
            let text = cx.world.read_text(&cx.path(path))?;
            // A text that is wrong, or has too little, is reported where the places are examined.
            let lines = match &file.how {
                How::Pattern { regex, min, max } => {
                    let pattern = Pattern {
                        regex,
                        min: *min,
                        max: *max,
                    };
                    let found = manifest::pattern::find(&text, &pattern).unwrap_or_default();
                    found.iter().map(|found| found.line).collect()
                }
                _ => places::declared_lines(file, &text)?,
            };
            if lines.contains(&line) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// The versions that the places carried in the commit which the release edits, other than the new one.
pub(crate) fn before(cx: &Cx, places: &Places, now: &Version) -> Result<BTreeSet<String>> {
    let Subject::Candidate { base, .. } = &cx.subject else {
        return Ok(BTreeSet::new());
    };
    let git = cx.git();
    let mut versions = BTreeSet::new();
    for file in &places.files {
        let How::Format(format) = &file.how else {
            continue;
        };
        // Lock files hold the versions of others too.
        if format.name.ends_with("lock") {
            continue;
        }
        let object = format!("{base}:{}", file.path);
        if git.resolve(&object)?.is_none() {
            continue;
        }
        let text = git.text(&["show", "--no-textconv", &object])?;
        // Whatever was wrong with it then, it is not the question now.
        let found = (format.read)(&text).unwrap_or_default();
        versions.extend(found.into_iter().map(|found| found.version));
    }
    versions.remove(&now.to_string());
    Ok(versions)
}
