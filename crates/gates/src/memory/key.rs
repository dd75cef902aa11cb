//! The digest of everything an answer depends on, in parts, so that a difference can be named.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use world::Cmd;

use super::snapshot::{self, Snapshot, hex};
use super::{Files, Memory};
use crate::inputs::Same;
use crate::{Cx, Subject};

/// What a pass holds for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Key {
    /// Over all parts.
    pub(super) digest: String,
    program: String,
    settings: String,
    /// Program → which one it is.
    tools: BTreeMap<String, String>,
    /// Variable → digest of its value: values may be secret.
    env: BTreeMap<String, String>,
    /// Stored in a file of its own, which is read only to explain a difference.
    #[serde(skip)]
    pub(super) files: Files,
    #[serde(skip)]
    globs: Vec<String>,
}

impl Key {
    /// # Errors
    /// With the reason, when nothing can vouch for one of the files.
    pub(super) fn of(
        cx: &Cx,
        memory: &Memory,
        gate: &str,
        inputs: &Same,
        snapshot: &Snapshot,
        tool: &dyn Fn(&str) -> String,
    ) -> Result<Key, String> {
        let globs = match cx.subject {
            Subject::Tree => inputs.files.clone(),
            // In a release a pass holds for the very same tree and no other.
            Subject::Candidate { .. } => vec!["**".to_owned()],
        };
        let files = select(snapshot, &globs);
        if let Some(path) = snapshot::unsure(&files) {
            return Err(format!("git cannot say what is in {path}"));
        }
        let subject = match &cx.subject {
            Subject::Tree => Value::Null,
            Subject::Candidate { version, tag, .. } => format!("{tag} {version}").into(),
        };
        let own = serde_json::to_value(&cx.config.gates)
            .ok()
            .and_then(|gates| gates.get(gate).cloned());
        let settings = serde_json::json!([own, inputs.settings, subject]).to_string();
        let mut key = Key {
            digest: String::new(),
            program: memory.program.clone(),
            settings: digest(&settings),
            tools: inputs
                .tools
                .iter()
                .map(|name| (name.clone(), tool(name)))
                .collect(),
            env: inputs
                .env
                .iter()
                .filter_map(|name| {
                    let value = cx.world.env(name)?;
                    Some((name.clone(), digest(&value.to_string_lossy())))
                })
                .collect(),
            files,
            globs,
        };
        let list = digest(&String::from_utf8_lossy(&snapshot::write(&key.files)));
        key.digest = digest(
            &serde_json::json!([gate, key.program, key.settings, key.tools, key.env, list])
                .to_string(),
        );
        Ok(key)
    }

    /// Whether the files are still the ones that were looked at.
    pub(super) fn still_holds(&self, now: &Snapshot) -> bool {
        select(now, &self.globs) == self.files
    }

    /// Why this key is not that of the earlier pass, whose files are given where they are still known.
    pub(super) fn difference(&self, before: &Key, files: Option<&Files>) -> String {
        if self.program != before.program {
            return "landfall itself is another build".to_owned();
        }
        if self.settings != before.settings {
            return "its settings changed".to_owned();
        }
        if let Some(name) = first_difference(&self.tools, &before.tools) {
            return format!("the program {name} is another one");
        }
        if let Some(name) = first_difference(&self.env, &before.env) {
            return format!("the environment variable {name} changed");
        }
        let Some(files) = files else {
            return "its files changed".to_owned();
        };
        let changed: Vec<&String> = differences(&self.files, files);
        match changed.as_slice() {
            [] => "its files changed".to_owned(),
            [path] => format!("{path} changed"),
            [path, rest @ ..] => format!("{path} and {} more changed", rest.len()),
        }
    }
}

fn select(snapshot: &Snapshot, globs: &[String]) -> Files {
    snapshot
        .files
        .iter()
        .filter(|(path, _)| snapshot::named(globs, path))
        .map(|(path, id)| (path.clone(), id.clone()))
        .collect()
}

fn first_difference<'a>(
    one: &'a BTreeMap<String, String>,
    other: &'a BTreeMap<String, String>,
) -> Option<&'a String> {
    differences(one, other).into_iter().next()
}

/// Names that only one of the two has, or that mean something else in each.
fn differences<'a>(
    one: &'a BTreeMap<String, String>,
    other: &'a BTreeMap<String, String>,
) -> Vec<&'a String> {
    let mut names: Vec<&String> = one
        .iter()
        .filter(|(name, id)| other.get(*name) != Some(id))
        .map(|(name, _)| name)
        .chain(other.keys().filter(|name| !one.contains_key(*name)))
        .collect();
    names.sort();
    names
}

/// Which program a name stands for. `rustc` and `cargo` are asked: the file on the search path is often rustup's, which
/// is the same one for every toolchain.
pub(super) fn tool(cx: &Cx, name: &str) -> String {
    if matches!(name, "rustc" | "cargo") {
        return match cx.world.ask(&Cmd::new(&cx.root, name).arg("-vV")) {
            Ok(output) if output.ok() => output.text(),
            _ => "does not say its version".to_owned(),
        };
    }
    let Some(path) = cx.world.which(&cx.root, name) else {
        return "not there".to_owned();
    };
    let path = path.canonicalize().unwrap_or(path);
    let meta = path.metadata().ok();
    let changed = meta
        .as_ref()
        .and_then(|meta| meta.modified().ok())
        .and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
    format!(
        "{} {} {}",
        path.display(),
        meta.map_or(0, |meta| meta.len()),
        changed.map_or(0, |since| since.as_nanos())
    )
}

fn digest(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}
