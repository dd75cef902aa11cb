//! `uv.lock`: the versions of the projects of this repository, so that `uv lock --check` still holds after a release commit.
//!
//! An entry whose `source` is `editable`, `virtual` or `directory` lies in the repository; one with a dynamic version has none
//! here. `package.metadata` repeats what its pyproject.toml requires, with a `specifier` where uv has no other source for it.
//! uv compares versions and not their spelling, so both are written as in pyproject.toml.
//!
//! `poetry.lock` has no such format: it does not list the project itself, and its `content-hash` does not cover the version. It
//! does cover the requirements: where one of those follows, `poetry lock` has to write the hash anew.

use std::collections::BTreeSet;

use toml_edit::{ArrayOfTables, Item, Table, TableLike};

use super::pyproject::{as_semver, normal_names, rewritten};
use super::{Format, is_named};
use crate::edit::{Sighting, Spot, apply, found};
use crate::pep440::normal_name;
use crate::specifier::{Dialect, follow};
use crate::toml::{Text, parse, path, string};
use crate::{Change, Edited, Error, Found};

pub(super) const FORMAT: Format = Format {
    name: "uv_lock",
    about: "uv.lock: the versions of the projects of this repository",
    owns: |path| is_named(path, &["uv.lock"]),
    read,
    set,
};

/// The versions of all packages that lie in this repository, as `package.NAME.version`.
///
/// # Errors
/// When the text is not TOML, or a name or version is not a string.
pub fn read(text: &str) -> Result<Vec<Found>, Error> {
    let document = parse(text)?;
    let mut sightings = Vec::new();
    for table in tables(document.as_table()).filter(|table| is_local(*table)) {
        if let Some((name, version)) = identity(text, table)? {
            sightings.push(Sighting {
                offset: version.span.start,
                what: path(&["package", name, "version"]),
                version: as_semver(version.text),
            });
        }
    }
    Ok(found(text, sightings))
}

/// Sets the versions of the packages of the change that lie in this repository, and the recorded requirements on them.
///
/// # Errors
/// As [`read`], when PEP 440 has no spelling for the version, and for a requirement that cannot follow.
pub fn set(text: &str, change: &Change) -> Result<Edited, Error> {
    let document = parse(text)?;
    let names = normal_names(change);
    let mut spots = Vec::new();
    for table in tables(document.as_table()).filter(|table| is_local(*table)) {
        let Some(name) = string(text, table, "name")? else {
            continue;
        };
        if let Some((name, version)) = identity(text, table)?
            && names.contains(&normal_name(name))
        {
            own(text, name, version, change, &mut spots)?;
        }
        let mut lists = Vec::new();
        collect(table, &["package", name.text], &mut lists);
        for (keys, entry) in lists {
            dependency(text, &keys, entry, change, &names, &mut spots)?;
        }
    }
    Ok(apply(text, spots))
}

fn own(
    text: &str,
    name: &str,
    version: Text,
    change: &Change,
    spots: &mut Vec<Spot>,
) -> Result<(), Error> {
    let what = path(&["package", name, "version"]);
    if let Some(new) = rewritten(text, &what, &version, change.version)? {
        spots.push(Spot {
            span: version.span,
            what,
            new,
        });
    }
    Ok(())
}

/// An entry of a list of dependencies, with the path of the list.
type Entry<'a> = (Vec<&'a str>, &'a dyn TableLike);

/// All of `dependencies`, `optional-dependencies.*`, `dev-dependencies.*`, `metadata.requires-dist`, `metadata.requires-dev.*`.
fn collect<'a>(above: &'a dyn TableLike, keys: &[&'a str], entries: &mut Vec<Entry<'a>>) {
    for (key, item) in above.iter() {
        let keys = [keys, &[key]].concat();
        if let Some(list) = item.as_array() {
            for entry in list.iter().filter_map(toml_edit::Value::as_inline_table) {
                entries.push((keys.clone(), entry));
            }
        } else if let Some(table) = item.as_table_like().filter(|_| key != "source") {
            collect(table, &keys, entries);
        }
    }
}

/// `specifier` is a requirement; `version` says which of several packages of one name is meant.
fn dependency(
    text: &str,
    keys: &[&str],
    entry: &dyn TableLike,
    change: &Change,
    names: &BTreeSet<String>,
    spots: &mut Vec<Spot>,
) -> Result<(), Error> {
    let Some(name) = string(text, entry, "name")? else {
        return Ok(());
    };
    if !names.contains(&normal_name(name.text)) {
        return Ok(());
    }
    let what = path(&[keys, &[name.text]].concat());
    if let Some(version) = string(text, entry, "version")?
        && is_local(entry)
        && let Some(new) = rewritten(text, &what, &version, change.version)?
    {
        spots.push(Spot {
            span: version.span,
            what: what.clone(),
            new,
        });
    }
    if let Some(old) = string(text, entry, "specifier")? {
        let bad = |reason| {
            let message = format!("{what}: the requirement `{}`: {reason}", old.text);
            Error::at(text, old.span.start, message).help("run `uv lock` to write the file anew")
        };
        if let Some(new) = follow(old.text, change.version, Dialect::Standard).map_err(bad)? {
            spots.push(Spot {
                span: old.span,
                what,
                new,
            });
        }
    }
    Ok(())
}

fn tables(root: &Table) -> impl Iterator<Item = &Table> {
    root.get("package")
        .and_then(Item::as_array_of_tables)
        .into_iter()
        .flat_map(ArrayOfTables::iter)
}

fn is_local(table: &dyn TableLike) -> bool {
    table
        .get("source")
        .and_then(Item::as_table_like)
        .is_some_and(|source| {
            ["editable", "virtual", "directory"]
                .iter()
                .any(|kind| source.contains_key(kind))
        })
}

fn identity<'a>(text: &str, table: &'a Table) -> Result<Option<(&'a str, Text<'a>)>, Error> {
    Ok(string(text, table, "name")?
        .map(|name| name.text)
        .zip(string(text, table, "version")?))
}
