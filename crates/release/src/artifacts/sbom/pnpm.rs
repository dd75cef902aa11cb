//! `pnpm-lock.yaml` of pnpm 8 (version 6) and of pnpm 9 and later (version 9): importers, which are the packages of the
//! repository, and packages by a key that each need names. pnpm writes no licences down.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use archive::sbom::{Component, Graph, Need, Purl};
use serde_json::{Map, Value};

use super::node::{Lock, check_own, check_version, is_of_registry, names};
use super::{Known, source};

const HELP: &str = "`pnpm install` of pnpm 8 or later writes one that is";

pub(super) fn read(lock: &Lock<'_>, known: &mut Known) -> Result<()> {
    let document = gates::lockfile::yaml(lock.text)?;
    let version = document.get("lockfileVersion").and_then(Value::as_str);
    check_version(version, &["6", "9"], HELP)?;
    let none = Map::new();
    let table = |name: &str| {
        let table = document.get(name).and_then(Value::as_object);
        table.unwrap_or(&none)
    };
    let packages = table("packages");
    // Version 9 tells what a package is apart from what it needs.
    let needs = match document.get("snapshots").and_then(Value::as_object) {
        Some(snapshots) => snapshots,
        None => packages,
    };
    // Before version 9 a repository of one package has no table of importers.
    let importers: BTreeMap<&str, &Value> = match document.get("importers") {
        Some(Value::Object(importers)) => importers
            .iter()
            .map(|(path, entry)| (if path == "." { "" } else { path }, entry))
            .collect(),
        _ => BTreeMap::from([("", &document)]),
    };
    check_own(lock, &importers.keys().copied().collect(), "pnpm install")?;
    let patched = table("patchedDependencies");
    let mut references: BTreeMap<&str, String> = BTreeMap::new();
    for key in needs.keys() {
        let entry = packages
            .get(without_peers(key))
            .or_else(|| packages.get(key));
        let entry = entry.with_context(|| format!("it needs `{key}` and says no more of it"))?;
        let component = component(lock, key, entry, patched);
        references.insert(key, known.graph.add(component));
    }
    let all = All { lock, references };
    for (folder, entry) in importers {
        // What is no package of the workspace by its manifest is none of the repository's.
        if let Some(from) = lock.own.get(folder) {
            all.edges(folder, entry, from, &mut known.graph);
        }
    }
    for (key, entry) in needs {
        if let Some(from) = all.references.get(key.as_str()) {
            all.edges("", entry, from, &mut known.graph);
        }
    }
    Ok(())
}

struct All<'a> {
    lock: &'a Lock<'a>,
    /// By key, peers and all.
    references: BTreeMap<&'a str, String>,
}

impl All<'_> {
    fn edges(&self, folder: &str, entry: &Value, from: &str, graph: &mut Graph) {
        for (table, need) in [
            ("dependencies", Need::Required),
            ("optionalDependencies", Need::Optional),
        ] {
            for (name, value) in names(entry, table) {
                // Importers say what is asked for, too.
                let Some(version) = value.get("version").unwrap_or(value).as_str() else {
                    graph.incomplete(from);
                    continue;
                };
                match self.find(folder, name, version) {
                    Some(to) => graph.need(from, to, need),
                    None => graph.incomplete(from),
                }
            }
        }
    }

    fn find(&self, folder: &str, name: &str, version: &str) -> Option<&str> {
        if let Some(path) = version.strip_prefix("link:") {
            return self
                .lock
                .own
                .get(&joined(folder, path)?)
                .map(String::as_str);
        }
        [
            format!("{name}@{version}"),
            format!("/{name}@{version}"),
            // Under another name than its own, or from no registry: the whole key stands there.
            version.to_owned(),
        ]
        .iter()
        .find_map(|key| self.references.get(key.as_str()))
        .map(String::as_str)
    }
}

/// `packages/one` and `../two` are `packages/two`; `None`: it leads out of the repository.
fn joined(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    if path.starts_with('/') {
        return None;
    }
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// A key without the peers that the package was resolved with: `a@1.0.0(b@2.0.0)` is `a@1.0.0`.
fn without_peers(key: &str) -> &str {
    // An address may hold a bracket too, but not right after a version.
    match key.find('(') {
        Some(at) if key.ends_with(')') => &key[..at],
        _ => key,
    }
}

/// Name and version of a key; the version may be an address.
fn identity(key: &str) -> (&str, &str) {
    let key = without_peers(key);
    let key = key.strip_prefix('/').unwrap_or(key);
    // The first character may be the @ of a scope.
    let at = key.get(1..).and_then(|rest| rest.find('@'));
    at.map_or((key, ""), |at| (&key[..at + 1], &key[at + 2..]))
}

fn component(lock: &Lock<'_>, key: &str, entry: &Value, patched: &Map<String, Value>) -> Component {
    let (name, version) = identity(key);
    let text = |key: &str| entry.get(key).and_then(Value::as_str);
    let name = text("name").unwrap_or(name);
    // An address in its place: the lock file does not say the version.
    let version = text("version").unwrap_or(version);
    let version = match version.starts_with(|char: char| char.is_ascii_digit()) {
        true => version,
        false => "",
    };
    let resolution = |key: &str| entry.get("resolution")?.get(key)?.as_str();
    let mut properties = BTreeMap::new();
    let patch = [name.to_owned(), format!("{name}@{version}")];
    if let Some(patch) = patch.iter().find_map(|key| patched.get(key)) {
        let path = patch.get("path").and_then(Value::as_str);
        properties.insert(
            "landfall:patched".to_owned(),
            path.unwrap_or("true").to_owned(),
        );
    }
    let archive = resolution("tarball");
    Component {
        application: false,
        purl: purl(lock, name, version, &resolution),
        name: name.to_owned(),
        version: version.to_owned(),
        hashes: resolution("integrity")
            .map(source::hashes)
            .unwrap_or_default(),
        license: None,
        authors: Vec::new(),
        links: archive
            .and_then(|url| source::link("distribution", url))
            .into_iter()
            .collect(),
        properties,
    }
}

fn purl<'a>(
    lock: &Lock<'_>,
    name: &str,
    version: &str,
    resolution: &impl Fn(&str) -> Option<&'a str>,
) -> Purl {
    if let (Some(repository), Some(commit)) = (resolution("repo"), resolution("commit")) {
        return source::of_git("npm", name, version, repository, commit);
    }
    match resolution("tarball") {
        Some(url) if is_of_registry(url, name, version) => {
            lock.registries.purl(name, version, Some(url))
        }
        Some(url) => source::of_archive("npm", name, version, url),
        None if resolution("directory").is_some() || version.is_empty() => {
            Purl::new("generic", name, version)
        }
        None => lock.registries.purl(name, version, None),
    }
}
