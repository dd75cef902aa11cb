//! `landfall-advisories` asked about `Cargo.lock`, and its answer read.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;
use world::{Cmd, Helper};

use super::{Advisory, Kind, Severity};
use crate::Cx;

/// The program that knows RustSec's format.
const PROGRAM: Helper = Helper {
    name: "landfall-advisories",
    folder: "crates/advisories",
    weight: "rustsec takes a minute",
};

const SCHEMA: u32 = 1;

#[derive(Debug, Deserialize)]
pub(crate) struct Answer {
    schema: u32,
    pub(crate) packages: Packages,
    pub(crate) database: Database,
    vulnerabilities: Vec<Row>,
    warnings: Vec<Row>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Packages {
    pub(crate) total: usize,
    /// Of the registry that the database is about.
    pub(crate) examined: usize,
    /// From git or another registry.
    pub(crate) elsewhere: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Database {
    pub(crate) advisories: u64,
    /// The date of the newest advisory.
    pub(crate) newest: String,
}

#[derive(Debug, Deserialize)]
struct Row {
    package: String,
    version: String,
    id: String,
    title: String,
    kind: Option<String>,
    score: Option<f64>,
    severity: Option<String>,
    patched: Vec<String>,
    aliases: Vec<String>,
    url: Option<String>,
}

pub(crate) fn ask(cx: &Cx, lock: &Path, database: &Path, timeout: Duration) -> Result<Answer> {
    let program = cx.helpers.ensure(&PROGRAM, &cx.world, &|_| ())?;
    let cmd = Cmd::new(&cx.root, &program)
        .arg(lock)
        .arg(database)
        .timeout(timeout);
    let output = cx.world.ask(&cmd)?.success()?;
    let answer: Answer = serde_json::from_slice(&output.stdout)
        .with_context(|| format!("read the answer of {}", program.display()))?;
    if answer.schema != SCHEMA {
        bail!(
            "{} speaks schema {}, this landfall {SCHEMA}; remove it, it is built again",
            program.display(),
            answer.schema
        );
    }
    if answer.database.advisories == 0 {
        bail!("the database {} holds no advisory", database.display());
    }
    Ok(answer)
}

impl Answer {
    /// All of them, with the line of each package in the lock file.
    pub(crate) fn advisories(&self, lock: &str) -> Vec<Advisory> {
        self.vulnerabilities
            .iter()
            .chain(&self.warnings)
            .map(|row| row.advisory(lock))
            .collect()
    }
}

impl Row {
    fn advisory(&self, lock: &str) -> Advisory {
        Advisory {
            id: self.id.clone(),
            aliases: self.aliases.clone(),
            package: self.package.clone(),
            version: Some(self.version.clone()),
            title: self.title.clone(),
            kind: match self.kind.as_deref() {
                None => Kind::Vulnerability(
                    self.severity
                        .as_deref()
                        .map_or(Severity::Unscored, Severity::of),
                ),
                Some("unmaintained") => Kind::Unmaintained,
                Some("unsound") => Kind::Unsound,
                Some(_) => Kind::Notice,
            },
            score: self.score,
            url: self.url.clone(),
            help: self.help(),
            place: (
                "Cargo.lock".to_owned(),
                line(lock, &self.package, &self.version),
            ),
        }
    }

    fn help(&self) -> String {
        let (name, version) = (&self.package, &self.version);
        if self.patched.is_empty() {
            return "no version mends it: use another package, or accept it for a time in [[gates.audit.ignore]]"
                .to_owned();
        }
        format!(
            "mended in {}: run `cargo update -p {name}@{version}`, or raise the requirement of whoever asks for it (`cargo tree -i {name}@{version}`)",
            self.patched.join(" or ")
        )
    }
}

/// The line of `name = "…"` in the entry of a package.
pub(crate) fn line(lock: &str, name: &str, version: &str) -> Option<usize> {
    let wanted = [
        format!("name = \"{name}\""),
        format!("version = \"{version}\""),
    ];
    let lines: Vec<&str> = lock.lines().map(str::trim_end).collect();
    lines
        .windows(2)
        .position(|pair| pair == wanted)
        .map(|index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn a_package_is_found_by_name_and_version() {
        let lock = "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n\n[[package]]\r\nname = \"a\"\r\nversion = \"2.0.0\"\r\n";
        assert_eq!(line(lock, "a", "1.0.0"), Some(4));
        assert_eq!(line(lock, "a", "2.0.0"), Some(8));
        assert_eq!(line(lock, "a", "3.0.0"), None);
    }
}
