//! `package-lock.json` and `npm-shrinkwrap.json` of npm 7 and later: a table of folders, in which a package is found as node
//! finds it, in the `node_modules` beside it or above.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use archive::sbom::{Component, Graph, Need, Purl};
use serde_json::{Map, Value};

use super::node::{Lock, check_own, check_version, is_of_registry, names};
use super::{Known, source};

const HELP: &str = "`npm install` of npm 7 or later writes one that is";

pub(super) fn read(lock: &Lock<'_>, known: &mut Known) -> Result<()> {
    let json: Value =
        serde_json::from_str(lock.text.trim_start_matches('\u{feff}')).context("it is not JSON")?;
    let version = json.get("lockfileVersion").map(Value::to_string);
    check_version(version.as_deref(), &["2", "3"], HELP)?;
    let packages = json
        .get("packages")
        .and_then(Value::as_object)
        .context("it has no table `packages`")?;
    let folders: BTreeSet<&str> = packages.keys().map(String::as_str).collect();
    check_own(lock, &folders, "npm install")?;
    let mut references: BTreeMap<&str, String> = BTreeMap::new();
    for (folder, entry) in packages {
        if !flag(entry, "link") {
            let own = lock.own.get(folder);
            let reference = own.map_or_else(
                || known.graph.add(component(lock, folder, entry)),
                String::clone,
            );
            references.insert(folder, reference);
        }
    }
    let tree = Tree {
        packages,
        references,
    };
    for (folder, entry) in packages {
        if let Some(from) = tree.references.get(folder.as_str()) {
            tree.edges(folder, entry, from, &mut known.graph);
        }
    }
    Ok(())
}

fn flag(entry: &Value, key: &str) -> bool {
    entry.get(key).and_then(Value::as_bool) == Some(true)
}

struct Tree<'a> {
    packages: &'a Map<String, Value>,
    /// By folder; links have none.
    references: BTreeMap<&'a str, String>,
}

impl Tree<'_> {
    fn edges(&self, folder: &str, entry: &Value, from: &str, graph: &mut Graph) {
        let optional_peer = |name: &str| {
            let meta = entry
                .get("peerDependenciesMeta")
                .and_then(|meta| meta.get(name));
            meta.is_some_and(|meta| flag(meta, "optional"))
        };
        for (table, need) in [
            ("dependencies", Need::Required),
            ("optionalDependencies", Need::Optional),
            ("peerDependencies", Need::Required),
        ] {
            for (name, _) in names(entry, table) {
                let optional = need == Need::Optional
                    || table == "peerDependencies" && optional_peer(name)
                    // A manifest may name it in both tables, and then it may be missing.
                    || entry.get("optionalDependencies").is_some_and(|all| all.get(name).is_some());
                let need = if optional { Need::Optional } else { need };
                match self.find(folder, name) {
                    Some(to) => graph.need(from, to, need),
                    None if optional => {}
                    None => graph.incomplete(from),
                }
            }
        }
    }

    /// What `name` means to a file in `folder`.
    fn find(&self, folder: &str, name: &str) -> Option<&str> {
        let mut at = folder;
        loop {
            let place = match at {
                "" => format!("node_modules/{name}"),
                at => format!("{at}/node_modules/{name}"),
            };
            if let Some(entry) = self.packages.get(&place) {
                let place = match flag(entry, "link") {
                    true => entry.get("resolved")?.as_str()?,
                    false => &place,
                };
                return self.references.get(place).map(String::as_str);
            }
            if at.is_empty() {
                return None;
            }
            at = at.rsplit_once('/').map_or("", |(above, _)| above);
        }
    }
}

fn component(lock: &Lock<'_>, folder: &str, entry: &Value) -> Component {
    let text = |key: &str| entry.get(key).and_then(Value::as_str);
    let installed = folder.rsplit_once("node_modules/");
    let name = text("name").unwrap_or(match installed {
        Some((_, name)) => name,
        // A package of the repository that is in no workspace: `file:tools/x`.
        None => folder.rsplit('/').next().unwrap_or(folder),
    });
    let version = text("version").unwrap_or_default();
    let resolved = text("resolved");
    let mut properties = BTreeMap::new();
    if flag(entry, "inBundle") {
        properties.insert("cdx:npm:package:bundled".to_owned(), "true".to_owned());
    }
    Component {
        application: false,
        name: name.to_owned(),
        version: version.to_owned(),
        purl: match installed {
            Some(_) => purl(lock, name, version, resolved),
            None => Purl::new("generic", name, version),
        },
        hashes: text("integrity").map(source::hashes).unwrap_or_default(),
        license: entry
            .get("license")
            .and_then(gates::lockfile::license)
            .map(|text| source::license(&text)),
        authors: Vec::new(),
        links: resolved
            .filter(|url| !url.starts_with("git"))
            .and_then(|url| source::link("distribution", url))
            .into_iter()
            .collect(),
        properties,
    }
}

fn purl(lock: &Lock<'_>, name: &str, version: &str, resolved: Option<&str>) -> Purl {
    match resolved {
        // Bundled with another package, or left out by a setting of npm.
        None => lock.registries.purl(name, version, None),
        Some(url) if url.starts_with("git") => {
            let (address, commit) = url.split_once('#').unwrap_or((url, ""));
            source::of_git("npm", name, version, address, commit)
        }
        Some(url) if is_of_registry(url, name, version) => {
            lock.registries.purl(name, version, resolved)
        }
        Some(url) => source::of_archive("npm", name, version, url),
    }
}
