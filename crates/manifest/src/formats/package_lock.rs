//! `package-lock.json` and `npm-shrinkwrap.json`, lockfile versions 1 to 3 (npm documentation, "package-lock.json").
//!
//! The root stands at the top and, from version 2, under `packages[""]`; a workspace package under its folder, with its
//! name only where the folder does not say it; `node_modules/name` links to that folder. Version 1 (and 2, for old
//! clients) has a tree of `dependencies`, where a workspace package is `file:folder` and lists what it `requires`.

use std::collections::BTreeMap;

use super::{Format, is_named};
use crate::edit::{Sighting, Spot, apply, found};
use crate::json::{Object, Text};
use crate::{Change, Edited, Error, Found, json, npm};

pub(super) const FORMAT: Format = Format {
    name: "package_lock",
    about: "package-lock.json, npm-shrinkwrap.json: the versions of the root and of workspace packages",
    owns: |path| is_named(path, &["package-lock.json", "npm-shrinkwrap.json"]),
    read,
    set,
};

const ROOT: &str = "packages.\"\".version";

/// The version of the root, at the top and under `packages[""]`.
///
/// # Errors
/// When the text is not a JSON object, or a version in question is not a string or stands there twice.
pub fn read(text: &str) -> Result<Vec<Found>, Error> {
    let lock = json::parse(text)?;
    let mut sightings = Vec::new();
    let mut see = |what: &str, version: Option<Text>| {
        if let Some(version) = version {
            sightings.push(Sighting {
                offset: version.span.start,
                what: what.to_owned(),
                version: version.text.to_owned(),
            });
        }
    };
    see("version", lock.text(text, "version")?);
    if let Some(root) = packages(text, &lock)?
        .map(|packages| packages.object(text, ""))
        .transpose()?
        .flatten()
    {
        see(ROOT, root.text(text, "version")?);
    }
    Ok(found(text, sightings))
}

/// Sets the versions of the root and of the workspace packages of the change, and the requirements of both on them.
///
/// # Errors
/// As [`read`], and for a requirement that cannot follow.
pub fn set(text: &str, change: &Change) -> Result<Edited, Error> {
    edit(text, change, true)
}

/// The same for a root that keeps its own version: workspace packages and requirements alone.
///
/// # Errors
/// As [`set`].
pub fn follow(text: &str, change: &Change) -> Result<Edited, Error> {
    edit(text, change, false)
}

fn edit(text: &str, change: &Change, own: bool) -> Result<Edited, Error> {
    let lock = json::parse(text)?;
    let mut spots = Vec::new();
    let new = change.version.to_string();
    let set_version = |what: String, entry: &Object, spots: &mut Vec<Spot>| {
        if let Some(version) = entry
            .text(text, "version")?
            .filter(|version| version.text != new)
        {
            spots.push(Spot {
                span: version.span,
                what,
                new: new.clone(),
            });
        }
        Ok::<(), Error>(())
    };
    if own {
        set_version("version".to_owned(), &lock, &mut spots)?;
    }
    if let Some(packages) = packages(text, &lock)? {
        packages.unique(text)?;
        let names = linked_names(text, packages)?;
        for member in packages
            .members
            .iter()
            .filter(|member| !in_node_modules(&member.key))
        {
            let Some(entry) = member.node.object() else {
                continue;
            };
            let path = format!("packages.{:?}", member.key);
            let carries = if member.key.is_empty() {
                own
            } else {
                change
                    .packages
                    .contains(&name_of(text, &member.key, entry, &names)?)
            };
            if carries {
                set_version(format!("{path}.version"), entry, &mut spots)?;
            }
            npm::tables(text, entry, &format!("{path}."), change, &mut spots)?;
        }
    }
    if let Some(tree) = lock.object(text, "dependencies")? {
        old_tree(text, tree, change, &mut spots)?;
    }
    Ok(apply(text, spots))
}

fn packages<'a>(text: &str, lock: &'a Object) -> Result<Option<&'a Object>, Error> {
    lock.object(text, "packages")
}

fn in_node_modules(key: &str) -> bool {
    key.starts_with("node_modules/") || key.contains("/node_modules/")
}

/// Folder → name, from the links: `node_modules/@acme/core` is a link to `packages/core`.
fn linked_names<'a>(text: &str, packages: &'a Object) -> Result<BTreeMap<&'a str, &'a str>, Error> {
    let mut names = BTreeMap::new();
    for member in &packages.members {
        let name = member
            .key
            .rsplit_once("node_modules/")
            .map(|(_, name)| name);
        if let (Some(name), Some(entry)) = (name, member.node.object())
            && entry.get(text, "link")?.is_some()
            && let Some(folder) = entry.get(text, "resolved")?.and_then(|node| {
                if let json::Value::Text(folder) = &node.value {
                    Some(folder)
                } else {
                    None
                }
            })
        {
            names.insert(folder.as_str(), name);
        }
    }
    Ok(names)
}

/// The name of a workspace package: as written, as linked, or as its folder says (with the scope, where it is one).
fn name_of(
    text: &str,
    key: &str,
    entry: &Object,
    names: &BTreeMap<&str, &str>,
) -> Result<String, Error> {
    if let Some(name) = entry.text(text, "name")? {
        return Ok(name.text.to_owned());
    }
    if let Some(name) = names.get(key) {
        return Ok((*name).to_owned());
    }
    let mut parts = key.rsplit('/');
    let folder = parts.next().unwrap_or_default();
    let scope = parts.next().filter(|scope| scope.starts_with('@'));
    Ok(scope.map_or_else(|| folder.to_owned(), |scope| format!("{scope}/{folder}")))
}

/// The tree of lockfile version 1: there a workspace package has no version, only what it requires.
fn old_tree(
    text: &str,
    tree: &Object,
    change: &Change,
    spots: &mut Vec<Spot>,
) -> Result<(), Error> {
    for member in &tree.members {
        let Some(entry) = member.node.object() else {
            continue;
        };
        let local = entry
            .get(text, "version")?
            .and_then(json::Node::text)
            .is_some_and(|version| version.text.starts_with("file:"));
        if local && let Some(requires) = entry.object(text, "requires")? {
            npm::requirements(
                text,
                requires,
                &format!("dependencies.{}.requires", npm::key(&member.key)),
                change,
                spots,
            )?;
        }
    }
    Ok(())
}
