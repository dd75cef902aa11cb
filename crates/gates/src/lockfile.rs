//! Lock files of npm, pnpm and yarn: which one there is, the packages it names, and on which line.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, bail};
use saphyr_parser::{Event, Parser};
use serde_json::{Map, Value};

use crate::Cx;
use crate::project::NodeManager;

/// A package that somebody else made, as a lock file names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Locked {
    pub(crate) name: String,
    pub(crate) version: String,
    /// Where npm installs it, from the root: `node_modules/a/node_modules/b`. pnpm and yarn do not say.
    pub(crate) folder: Option<String>,
    /// npm alone writes it down.
    pub(crate) license: Option<String>,
    /// For some systems or processors alone: elsewhere it is not installed.
    pub(crate) restricted: bool,
    /// Only for development; `None`: the lock file does not say.
    pub(crate) dev: Option<bool>,
}

/// The names that a manager looks for, in this order.
pub fn names(manager: NodeManager) -> &'static [&'static str] {
    match manager {
        NodeManager::Npm => &["package-lock.json", "npm-shrinkwrap.json"],
        NodeManager::Pnpm => &["pnpm-lock.yaml"],
        NodeManager::Yarn => &["yarn.lock"],
    }
}

/// The lock file at the root.
pub(crate) fn of(cx: &Cx, manager: NodeManager) -> Option<&'static str> {
    names(manager)
        .iter()
        .find(|name| cx.path(name).is_file())
        .copied()
}

/// yarn 1, whose lock file is no YAML and whose commands are others.
pub(crate) fn is_yarn_classic(cx: &Cx) -> Result<bool> {
    let text = cx.world.read_if_exists(&cx.path("yarn.lock"))?;
    Ok(text.is_none_or(|text| text.contains("# yarn lockfile v1")))
}

/// The packages in a lock file; `None` where its form is not read here (yarn).
pub(crate) fn packages(lock: &str, text: &str) -> Result<Option<Vec<Locked>>> {
    Ok(match lock {
        "pnpm-lock.yaml" => Some(pnpm(&yaml(text)?)),
        "yarn.lock" => None,
        _ => {
            let json: Value = serde_json::from_str(text.trim_start_matches('\u{feff}'))
                .context("it is not JSON")?;
            Some(npm(&json)?)
        }
    })
}

fn npm(lock: &Value) -> Result<Vec<Locked>> {
    let Some(packages) = lock.get("packages").and_then(Value::as_object) else {
        let Some(tree) = lock.get("dependencies").and_then(Value::as_object) else {
            if lock.get("lockfileVersion").is_none() {
                bail!("it has no lockfileVersion");
            }
            return Ok(Vec::new());
        };
        let mut all = Vec::new();
        npm_tree(tree, "", &mut all);
        return Ok(all);
    };
    let mut all = Vec::new();
    for (folder, entry) in packages {
        // Folders outside of node_modules are packages of the repository, to which `link` points.
        let Some((_, name)) = folder.rsplit_once("node_modules/") else {
            continue;
        };
        let flag = |key: &str| entry.get(key).and_then(Value::as_bool) == Some(true);
        if flag("link") {
            continue;
        }
        let text = |key: &str| entry.get(key).and_then(Value::as_str);
        all.push(Locked {
            name: text("name").unwrap_or(name).to_owned(),
            version: text("version").unwrap_or_default().to_owned(),
            folder: Some(folder.clone()),
            license: entry.get("license").and_then(license),
            restricted: restricted(entry),
            dev: Some(flag("dev") || flag("devOptional")),
        });
    }
    Ok(all)
}

/// Version 1, of npm 6: a tree, without licences.
fn npm_tree(tree: &Map<String, Value>, folder: &str, all: &mut Vec<Locked>) {
    for (name, entry) in tree {
        let folder = format!("{folder}node_modules/{name}");
        all.push(Locked {
            name: name.clone(),
            version: entry["version"].as_str().unwrap_or_default().to_owned(),
            license: None,
            restricted: restricted(entry),
            dev: Some(entry["dev"].as_bool() == Some(true)),
            folder: Some(folder.clone()),
        });
        if let Some(deeper) = entry.get("dependencies").and_then(Value::as_object) {
            npm_tree(deeper, &format!("{folder}/"), all);
        }
    }
}

fn restricted(entry: &Value) -> bool {
    ["os", "cpu", "libc"]
        .iter()
        .any(|key| entry.get(key).is_some())
}

/// `"MIT"`, or as very old packages write it `{"type": "MIT"}` and `[{"type": "MIT"}, …]`: a choice of them.
pub fn license(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Object(table) => license(table.get("type")?),
        Value::Array(list) => {
            let all: Option<Vec<String>> = list.iter().map(license).collect();
            all.filter(|all| !all.is_empty())
                .map(|all| all.join(" OR "))
        }
        _ => None,
    }
}

/// Keys of `packages`: `name@1.0.0`, before version 9 `/name@1.0.0(peer@2.0.0)`, before version 6 `/name/1.0.0_peer@2.0.0`.
fn pnpm(lock: &Value) -> Vec<Locked> {
    let Some(packages) = lock.get("packages").and_then(Value::as_object) else {
        return Vec::new();
    };
    let shipped = shipped(lock);
    packages
        .iter()
        .map(|(key, entry)| {
            let (name, version) = pnpm_key(key);
            let text = |key: &str| entry.get(key).and_then(Value::as_str);
            Locked {
                name: text("name").unwrap_or(name).to_owned(),
                version: text("version").unwrap_or(version).to_owned(),
                folder: None,
                license: None,
                restricted: restricted(entry),
                dev: match &shipped {
                    Some(shipped) => Some(!shipped.contains(&(name, version))),
                    None => text("dev").map(|dev| dev == "true"),
                },
            }
        })
        .collect()
}

/// Name and version of the packages that the repository's own need when they are used. From version 9 on the lock file
/// does not say it of each: it follows from `importers` and `snapshots`.
fn shipped(lock: &Value) -> Option<BTreeSet<(&str, &str)>> {
    let snapshots = lock.get("snapshots")?.as_object()?;
    let needs = |entry: &'_ Value| -> Vec<String> {
        ["dependencies", "optionalDependencies"]
            .iter()
            .filter_map(|table| entry.get(table)?.as_object())
            .flatten()
            .filter_map(|(name, value)| {
                let version = value.get("version").unwrap_or(value).as_str()?;
                // Under another name than its own: the whole key stands there.
                let whole = snapshots.contains_key(version);
                Some(if whole {
                    version.to_owned()
                } else {
                    format!("{name}@{version}")
                })
            })
            .collect()
    };
    let importers = lock.get("importers").and_then(Value::as_object);
    let mut todo: Vec<String> = importers?.values().flat_map(needs).collect();
    let mut seen = BTreeSet::new();
    while let Some(key) = todo.pop() {
        // What is not among them is a package of the repository, and an importer itself.
        if let Some((key, entry)) = snapshots.get_key_value(&key)
            && seen.insert(key)
        {
            todo.extend(needs(entry));
        }
    }
    Some(seen.into_iter().map(|key| pnpm_key(key)).collect())
}

fn pnpm_key(key: &str) -> (&str, &str) {
    let key = key.split('(').next().unwrap_or(key);
    let old = key.strip_prefix('/');
    let key = old.unwrap_or(key);
    // The first character may be the @ of a scope.
    let at = key
        .get(1..)
        .and_then(|rest| rest.find('@'))
        .map(|at| at + 1);
    match at {
        Some(at) if !key[..at].contains('_') || old.is_none() => (&key[..at], &key[at + 1..]),
        _ => {
            let (name, version) = key.rsplit_once('/').unwrap_or((key, ""));
            (name, version.split('_').next().unwrap_or(version))
        }
    }
}

/// The line of a package in a lock file, from 1. Without a version: the first of its name.
pub(crate) fn line(lock: &str, text: &str, name: &str, version: Option<&str>) -> Option<usize> {
    let version = version.unwrap_or_default();
    let is_it = |line: &str| {
        let line = line.trim_end();
        match lock {
            "pnpm-lock.yaml" => {
                let key = line.trim_start_matches([' ', '\'', '"', '/']);
                key.strip_prefix(name)
                    .and_then(|rest| rest.strip_prefix(['@', '/']))
                    .is_some_and(|rest| rest.starts_with(version))
                    && line.starts_with("  ")
                    && line.trim_end_matches(" {}").ends_with(':')
            }
            "yarn.lock" => line
                .trim_start_matches('"')
                .starts_with(&format!("{name}@")),
            _ => line
                .trim_start()
                .ends_with(&format!("node_modules/{name}\": {{")),
        }
    };
    text.lines().position(is_it).map(|index| index + 1)
}

/// The line of a key at the top of a YAML mapping.
pub(crate) fn key_line(text: &str, key: &str) -> Option<usize> {
    text.lines()
        .position(|line| {
            line.strip_prefix(key)
                .is_some_and(|rest| rest.starts_with(':'))
        })
        .map(|index| index + 1)
}

/// A whole YAML document; every scalar is a text, which is all that lock files and workflows are asked for.
///
/// # Errors
/// With the line, where the text is no YAML, or has an alias, or a key that is no text.
pub fn yaml(text: &str) -> Result<Value> {
    enum Open {
        Map(Map<String, Value>, Option<String>),
        List(Vec<Value>),
    }
    let mut open: Vec<Open> = Vec::new();
    let mut documents = Vec::new();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.context("it is not YAML")?;
        let value = match event {
            Event::MappingStart(..) => {
                open.push(Open::Map(Map::new(), None));
                continue;
            }
            Event::SequenceStart(..) => {
                open.push(Open::List(Vec::new()));
                continue;
            }
            Event::MappingEnd | Event::SequenceEnd => match open.pop() {
                Some(Open::Map(map, _)) => Value::Object(map),
                Some(Open::List(list)) => Value::Array(list),
                None => continue,
            },
            Event::Scalar(text, ..) => Value::String(text.into_owned()),
            Event::Alias(_) => bail!(
                "line {}: an alias, which no lock file has",
                span.start.line()
            ),
            _ => continue,
        };
        match open.last_mut() {
            None => documents.push(value),
            Some(Open::List(list)) => list.push(value),
            Some(Open::Map(map, key)) => match (key.take(), value) {
                (Some(key), value) => {
                    map.insert(key, value);
                }
                (None, Value::String(text)) => *key = Some(text),
                (None, _) => bail!("line {}: a key that is no text", span.start.line()),
            },
        }
    }
    // pnpm 10 and later may put a document about itself before the lock file.
    Ok(documents.pop().unwrap_or(Value::Null))
}

#[cfg(test)]
mod tests {
    use super::{line, npm, packages, pnpm_key, yaml};
    use serde_json::json;

    #[test]
    fn keys_of_every_pnpm_are_understood() {
        for (key, name, version) in [
            ("lefty@1.2.0", "lefty", "1.2.0"),
            ("@scope/lefty@1.2.0", "@scope/lefty", "1.2.0"),
            ("/lefty@1.2.0(other@2.0.0)", "lefty", "1.2.0"),
            ("/@scope/lefty@1.2.0", "@scope/lefty", "1.2.0"),
            ("/lefty/1.2.0", "lefty", "1.2.0"),
            ("/@scope/lefty/1.2.0_other@2.0.0", "@scope/lefty", "1.2.0"),
            ("le_fty@1.2.0", "le_fty", "1.2.0"),
        ] {
            assert_eq!(pnpm_key(key), (name, version), "{key}");
        }
    }

    #[test]
    fn what_is_only_for_development_follows_from_who_needs_it() {
        let text = "lockfileVersion: '9.0'\nimporters:\n  .:\n    devDependencies:\n      tool: {specifier: ^1.0.0, version: 1.0.0}\n\
            \u{20} packages/one:\n    dependencies:\n      lefty: {specifier: ^1.0.0, version: 1.2.0(peer@2.0.0)}\n      other: {specifier: 'npm:real@3', version: real@3.0.0}\n\
            packages:\n  tool@1.0.0: {}\n  deep@1.0.0: {}\n  lefty@1.2.0: {}\n  peer@2.0.0: {}\n  real@3.0.0: {}\n  both@1.0.0: {}\n\
            snapshots:\n  tool@1.0.0:\n    dependencies: {deep: 1.0.0, both: 1.0.0}\n  deep@1.0.0: {}\n  lefty@1.2.0(peer@2.0.0):\n    dependencies: {both: 1.0.0}\n    optionalDependencies: {peer: 2.0.0}\n  peer@2.0.0: {}\n  real@3.0.0: {}\n  both@1.0.0: {}\n";
        let all = packages("pnpm-lock.yaml", text).unwrap().unwrap();
        let mut dev: Vec<(&str, Option<bool>)> =
            all.iter().map(|one| (&*one.name, one.dev)).collect();
        dev.sort_unstable();
        let expected = [
            ("both", Some(false)),
            ("deep", Some(true)),
            ("lefty", Some(false)),
            ("peer", Some(false)),
            ("real", Some(false)),
            ("tool", Some(true)),
        ];
        assert_eq!(dev, expected);
    }

    #[test]
    fn npm_names_what_others_made() {
        let lock = json!({ "lockfileVersion": 3, "packages": {
            "": { "name": "x" },
            "packages/one": { "version": "0.9.0" },
            "node_modules/one": { "link": true, "resolved": "packages/one" },
            "node_modules/lefty": { "version": "1.2.0", "license": "MIT" },
            "node_modules/lefty/node_modules/@s/deep": { "version": "2.0.0", "dev": true, "license": { "type": "ISC" } },
            "node_modules/alias": { "name": "real", "version": "3.0.0" },
        }});
        let all = npm(&lock).unwrap();
        let short: Vec<(&str, &str, Option<&str>, Option<bool>)> = all
            .iter()
            .map(|one| (&*one.name, &*one.version, one.license.as_deref(), one.dev))
            .collect();
        assert_eq!(
            short,
            [
                ("real", "3.0.0", None, Some(false)),
                ("lefty", "1.2.0", Some("MIT"), Some(false)),
                ("@s/deep", "2.0.0", Some("ISC"), Some(true)),
            ]
        );
        let old = json!({ "lockfileVersion": 1, "dependencies": { "a": { "version": "1.0.0", "dependencies": { "b": { "version": "2.0.0" } } } } });
        assert_eq!(
            npm(&old).unwrap()[1].folder.as_deref(),
            Some("node_modules/a/node_modules/b")
        );
        assert!(npm(&json!({})).is_err());
    }

    #[test]
    fn yaml_becomes_a_tree_of_texts() {
        let text = "a: 1\nb:\n  - x\n  - {c: 'd e'}\n? k\n: v\n";
        assert_eq!(
            yaml(text).unwrap(),
            json!({"a": "1", "b": ["x", {"c": "d e"}], "k": "v"})
        );
        for broken in ["a: [", "a: &x 1\nb: *x\n", "[a]: b\n"] {
            assert!(yaml(broken).is_err(), "{broken}");
        }
        assert_eq!(packages("pnpm-lock.yaml", "").unwrap(), Some(Vec::new()));
        assert_eq!(packages("yarn.lock", "").unwrap(), None);
    }

    #[test]
    fn packages_are_found_in_the_text() {
        let pnpm = "importers:\n  .:\n    dependencies:\n      lefty:\n        specifier: ^1.0.0\n        version: 1.2.0\n\npackages:\n\n  lefty@1.1.0:\n    resolution: {}\n\n  lefty@1.2.0:\n    resolution: {}\n\n  '@s/deep@2.0.0': {}\n";
        let find = |name, version| line("pnpm-lock.yaml", pnpm, name, version);
        assert_eq!(find("lefty", None), Some(10));
        assert_eq!(find("lefty", Some("1.2.0")), Some(13));
        assert_eq!(find("@s/deep", Some("2.0.0")), Some(16));
        assert_eq!(find("left", None), None);
        let npm = "{\n  \"packages\": {\n    \"node_modules/lefty\": {\n";
        assert_eq!(line("package-lock.json", npm, "lefty", None), Some(3));
        assert_eq!(
            line("yarn.lock", "# x\n\nlefty@^1.0.0:\n", "lefty", None),
            Some(3)
        );
    }
}
