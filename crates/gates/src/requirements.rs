//! What a repository is asked about its own security: each requirement gives one line of evidence, and is either held,
//! broken with its places, or not seen, by its name.

pub(crate) mod builtin;
pub(crate) mod custom;
mod modes;
pub(crate) mod script;

use serde_json::{Value, json};

use crate::{Findings, Severity};

/// A file of the working tree that git does not ignore.
#[derive(Debug, Clone)]
pub(crate) struct File {
    pub(crate) path: String,
    /// As it is committed or staged: `100755`. `None` for an untracked one.
    pub(crate) mode: Option<String>,
}

impl File {
    /// The last part of its path.
    pub(crate) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    pub(crate) fn is_tracked(&self) -> bool {
        self.mode.is_some()
    }
}

/// All of them, from git: mode and path of the tracked ones, path of the others.
pub(crate) fn files(cx: &crate::Cx) -> anyhow::Result<Vec<File>> {
    let git = cx.git();
    let mut files: Vec<File> = git
        .list(&["ls-files", "-z", "--stage"])?
        .iter()
        .filter_map(|entry| {
            // `100644 OBJECT 0\tPATH`
            let (head, path) = entry.split_once('\t')?;
            let mode = head.split(' ').next()?;
            Some(File {
                path: path.to_owned(),
                mode: Some(mode.to_owned()),
            })
        })
        .collect();
    let others = git.list(&["ls-files", "-z", "--others", "--exclude-standard"])?;
    files.extend(others.into_iter().map(|path| File { path, mode: None }));
    // A conflict has three entries of one path.
    files.dedup_by(|a, b| a.path == b.path);
    Ok(files)
}

/// One requirement that was broken, at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Broken {
    pub(crate) severity: Severity,
    pub(crate) message: String,
    pub(crate) path: Option<String>,
    pub(crate) line: Option<usize>,
    pub(crate) help: String,
}

/// What was seen of one requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Seen {
    /// In words, for the evidence.
    Held(String),
    Broken(Vec<Broken>),
    /// Why it could not be seen.
    Unknown(String),
}

/// The table of the evidence while it grows.
#[derive(Default)]
pub(crate) struct Table(Vec<Value>);

impl Table {
    /// Lists what was seen of a requirement.
    pub(crate) fn add(&mut self, name: &str, seen: Seen, findings: &mut Findings) {
        let (verdict, text) = match seen {
            Seen::Held(text) => ("pass", text),
            Seen::Unknown(why) => {
                findings.unknown(format!("not seen: {name}: {why}"));
                ("unknown", why)
            }
            Seen::Broken(all) => {
                let worst = all.iter().map(|broken| broken.severity).max();
                let text = match all.as_slice() {
                    [one] => one.message.clone(),
                    all => format!("{} places", all.len()),
                };
                for broken in all {
                    report(broken, findings);
                }
                (
                    match worst {
                        Some(Severity::Error) => "fail",
                        Some(Severity::Warning) => "warn",
                        _ => "note",
                    },
                    text,
                )
            }
        };
        findings.examined(usize::from(verdict != "unknown"));
        self.0
            .push(json!({ "check": name, "verdict": verdict, "seen": text }));
    }

    pub(crate) fn into_value(self) -> Value {
        Value::Array(self.0)
    }
}

fn report(broken: Broken, findings: &mut Findings) {
    let finding = match broken.severity {
        Severity::Error => findings.error(broken.message),
        Severity::Warning => findings.warning(broken.message),
        Severity::Note => findings.note(broken.message),
    };
    if let Some(path) = broken.path {
        finding.at(path).line(broken.line, None);
    }
    finding.help(broken.help);
}
