//! What a package.json promises (main, types, bin, exports, files) against the files that are packed.

use anyhow::Result;
use serde_json::Value;

use super::npm::Ours;
use crate::project::NodeManager;
use crate::{Cx, Findings};

/// A promise: the keys it stands under, the path, and how it may be met.
struct Promise {
    keys: Vec<String>,
    path: String,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// This very file.
    File,
    /// As node finds the main file: with an ending, or an index in the folder.
    Main,
    /// As TypeScript finds declarations.
    Types,
    /// Any file that a pattern with one `*` names.
    Pattern,
    /// A file, or anything in the folder.
    Entry,
}

pub(super) fn check(
    cx: &Cx,
    ours: &Ours<'_>,
    manager: NodeManager,
    files: &[String],
    findings: &mut Findings,
) -> Result<()> {
    if manager == NodeManager::Pnpm && published(&ours.package.json, "directory").is_some() {
        findings.note(format!(
            "`{}` is packed from its publishConfig.directory: what it promises is not held against what is packed",
            ours.name()
        ));
        return Ok(());
    }
    for promise in promises(&ours.package.json, manager) {
        if files.iter().any(|file| promise.met_by(file)) {
            continue;
        }
        let keys: Vec<&str> = promise.keys.iter().map(String::as_str).collect();
        let what = format!(
            "`{}` of `{}` is `{}`",
            keys.join("."),
            ours.name(),
            promise.path
        );
        let folder = ours.package.folder();
        let local = match folder {
            "" => promise.path.clone(),
            folder => format!("{folder}/{}", promise.path),
        };
        let wildcard = promise.path.contains('*');
        if !wildcard && cx.path(&local).exists() {
            ours.error(
                findings,
                &keys,
                format!("{what}, which is left out of the package"),
            )
            .help("add it to `files` in package.json, or take it out of .npmignore");
        } else if ignored(cx, local.split('*').next().unwrap_or_default())? {
            // A build makes it, and has not.
            findings.unknown(format!(
                "{what}, which git ignores and no build has made here; run the build first"
            ));
        } else {
            ours.error(findings, &keys, format!("{what}, which is not there"))
                .help("mend the path, or write the file");
        }
    }
    Ok(())
}

/// Whether git would ignore the path: then it is something that a build makes.
fn ignored(cx: &Cx, path: &str) -> Result<bool> {
    let output = cx
        .git()
        .ask(&["check-ignore", "--quiet", "--no-index", "--", path])?;
    match output.code {
        Some(0) => Ok(true),
        Some(1) => Ok(false),
        _ => Err(output.error().into()),
    }
}

fn published<'a>(json: &'a Value, key: &str) -> Option<&'a Value> {
    json.get("publishConfig")?.get(key)
}

fn promises(json: &Value, manager: NodeManager) -> Vec<Promise> {
    let mut promises = Vec::new();
    for (key, kind) in [
        ("main", Kind::Main),
        ("module", Kind::File),
        ("types", Kind::Types),
        ("typings", Kind::Types),
        ("bin", Kind::File),
        ("exports", Kind::File),
    ] {
        // pnpm puts those of publishConfig over the others when it packs.
        let over = published(json, key).filter(|_| manager == NodeManager::Pnpm);
        let (keys, value) = match over {
            Some(value) => (vec!["publishConfig".to_owned(), key.to_owned()], value),
            None => match json.get(key) {
                Some(value) => (vec![key.to_owned()], value),
                None => continue,
            },
        };
        collect(&keys, value, kind, &mut promises);
    }
    let entries = json.get("files").and_then(Value::as_array);
    for entry in entries.into_iter().flatten().filter_map(Value::as_str) {
        // What is a glob may be meant for files that are not always there.
        if !entry.starts_with('!') && !entry.contains(['*', '?', '[', '{']) {
            promises.push(Promise {
                keys: vec!["files".to_owned()],
                path: tidy(entry),
                kind: Kind::Entry,
            });
        }
    }
    promises
}

/// Paths of a value: a string, or those inside of objects and lists.
fn collect(keys: &[String], value: &Value, kind: Kind, promises: &mut Vec<Promise>) {
    match value {
        Value::String(path) => {
            let first = keys.iter().find(|key| *key != "publishConfig");
            let in_exports = first.is_some_and(|key| key == "exports");
            // `exports` may also lead to another package; that is no file of this one.
            if in_exports && !path.starts_with("./") {
                return;
            }
            promises.push(Promise {
                keys: keys.to_vec(),
                path: tidy(path),
                kind: if in_exports && path.contains('*') {
                    Kind::Pattern
                } else {
                    kind
                },
            });
        }
        Value::Object(object) => {
            for (key, value) in object {
                let keys = [keys, std::slice::from_ref(key)].concat();
                collect(&keys, value, kind, promises);
            }
        }
        Value::Array(list) => {
            // Alternatives: the first that works is taken, so the first is the promise.
            if let Some(value) = list.first() {
                collect(keys, value, kind, promises);
            }
        }
        _ => {}
    }
}

fn tidy(path: &str) -> String {
    path.trim_start_matches("./")
        .trim_start_matches('/')
        .trim_end_matches('/')
        .to_owned()
}

impl Promise {
    fn met_by(&self, file: &str) -> bool {
        let path = self.path.as_str();
        let with = |endings: &[&str]| {
            file.strip_prefix(path)
                .is_some_and(|rest| endings.contains(&rest))
        };
        let index = if path.is_empty() {
            "index.js"
        } else {
            "/index.js"
        };
        match self.kind {
            Kind::File => file == path,
            Kind::Main => with(&["", ".js", ".json", ".node", ".cjs", index]),
            Kind::Types => with(&["", ".d.ts", ".d.mts", ".d.cts", ".ts", "/index.d.ts"]),
            Kind::Entry => {
                path.is_empty()
                    || path == "."
                    || file == path
                    || file.starts_with(&format!("{path}/"))
            }
            Kind::Pattern => path.split_once('*').is_some_and(|(before, after)| {
                file.strip_prefix(before)
                    .is_some_and(|rest| rest.len() > after.len() && rest.ends_with(after))
            }),
        }
    }
}
