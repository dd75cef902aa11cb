//! `Cargo.lock`: the versions of the workspace's own packages, so that `--locked` still holds after a release commit.
//!
//! An entry without a `source` lies in this repository. A dependency is written `name`, `name version` where the name stands
//! for several versions, and `name version (source)` where even the version does (cargo, `src/cargo/core/resolver/encode.rs`).
//! Where a repository also depends on a published release of its own package, the new version decides which of these it is.
//!
//! Only strings are replaced: two packages of one name whose order the new version turns around are left for cargo to sort.

use std::collections::{BTreeMap, BTreeSet};

use toml_edit::{ArrayOfTables, Item, Table};

use super::{Format, is_named};
use crate::edit::{Sighting, Spot, apply, found};
use crate::toml::{Text, of_value, parse, path, string};
use crate::{Change, Edited, Error, Found};

pub(super) const FORMAT: Format = Format {
    name: "cargo_lock",
    about: "Cargo.lock: the versions of the packages of the workspace",
    owns: |path| is_named(path, &["Cargo.lock"]),
    read,
    set,
};

/// The versions of all packages without a source, as `package.NAME.version`.
///
/// # Errors
/// When the text is not TOML, or a name or version is not a string.
pub fn read(text: &str) -> Result<Vec<Found>, Error> {
    let document = parse(text)?;
    let mut sightings = Vec::new();
    for table in tables(document.as_table()) {
        if let Some((name, version)) =
            identity(text, table)?.filter(|_| !table.contains_key("source"))
        {
            sightings.push(Sighting {
                offset: version.span.start,
                what: what(name, "version"),
                version: version.text.to_owned(),
            });
        }
    }
    Ok(found(text, sightings))
}

/// Sets the versions of the packages of the change that lie in this repository, and the dependencies that name one.
///
/// # Errors
/// As [`read`], and when two packages without a source bear the same name of the change.
pub fn set(text: &str, change: &Change) -> Result<Edited, Error> {
    let document = parse(text)?;
    let new = change.version.to_string();
    let known = known(text, document.as_table(), change)?;
    let mut spots = Vec::new();
    for table in tables(document.as_table()) {
        let Some((name, version)) = identity(text, table)? else {
            continue;
        };
        if change.packages.contains(name) && !table.contains_key("source") && version.text != new {
            spots.push(Spot {
                span: version.span,
                what: what(name, "version"),
                new: new.clone(),
            });
        }
        let Some(dependencies) = table.get("dependencies").and_then(Item::as_array) else {
            continue;
        };
        for dependency in dependencies
            .iter()
            .filter_map(|value| of_value(text, value))
        {
            let mut words = dependency.text.splitn(3, ' ');
            let (Some(other), Some(version), source) = (words.next(), words.next(), words.next())
            else {
                continue;
            };
            let Some(known) = known.get(other) else {
                continue;
            };
            if let Some(new) = known.renamed(other, version, source, &new) {
                spots.push(Spot {
                    span: dependency.span,
                    what: format!("{}.{}", what(name, "dependencies"), path(&[other])),
                    new,
                });
            }
        }
    }
    Ok(apply(text, spots))
}

/// A package as a lock file names it: name, version, source.
pub type Locked = (String, String, String);

/// SHA-256 of the archives of registries, by name, version and source of the package.
///
/// # Errors
/// As [`read`].
pub fn checksums(text: &str) -> Result<BTreeMap<Locked, String>, Error> {
    let document = parse(text)?;
    let mut all = BTreeMap::new();
    for table in tables(document.as_table()) {
        let source = string(text, table, "source")?;
        let checksum = string(text, table, "checksum")?;
        let (Some((name, version)), Some((source, checksum))) =
            (identity(text, table)?, source.zip(checksum))
        else {
            continue;
        };
        let locked = (
            name.to_owned(),
            version.text.to_owned(),
            source.text.to_owned(),
        );
        all.insert(locked, checksum.text.to_owned());
    }
    // Version 1 has them together at its end: `"checksum NAME VERSION (SOURCE)" = "…"`.
    let metadata = document.get("metadata").and_then(Item::as_table);
    for (key, value) in metadata.into_iter().flat_map(Table::iter) {
        let mut words = key.splitn(4, ' ');
        if let (Some("checksum"), Some(name), Some(version), Some(source), Some(checksum)) = (
            words.next(),
            words.next(),
            words.next(),
            words.next(),
            value.as_str().filter(|checksum| *checksum != "<none>"),
        ) {
            let source = source.trim_start_matches('(').trim_end_matches(')');
            let locked = (name.to_owned(), version.to_owned(), source.to_owned());
            all.insert(locked, checksum.to_owned());
        }
    }
    Ok(all)
}

/// What the lock knows of one name of the change.
#[derive(Default)]
struct Known<'a> {
    /// The version of the package of this repository, before.
    local: Option<&'a str>,
    /// The others: version → sources.
    sources: BTreeMap<&'a str, BTreeSet<&'a str>>,
    /// Lockfile versions 1 and 2 do not say their number; 1 writes every source out.
    numbered: bool,
}

impl Known<'_> {
    /// How a dependency that was written with a version is written once the local package has the new one; `None` = as before.
    fn renamed(
        &self,
        name: &str,
        version: &str,
        source: Option<&str>,
        new: &str,
    ) -> Option<String> {
        let local = self.local?;
        if source.is_none() && version == local {
            return (version != new).then(|| format!("{name} {new}"));
        }
        let sources = self.sources.get(version)?;
        match source {
            None if version == new && sources.len() == 1 => {
                Some(format!("{name} {version} ({})", sources.first()?))
            }
            Some(_)
                if self.numbered && version == local && version != new && sources.len() == 1 =>
            {
                Some(format!("{name} {version}"))
            }
            _ => None,
        }
    }
}

fn known<'a>(
    text: &str,
    root: &'a Table,
    change: &Change,
) -> Result<BTreeMap<&'a str, Known<'a>>, Error> {
    let numbered = root.contains_key("version");
    let mut all: BTreeMap<&str, Known> = BTreeMap::new();
    for table in tables(root) {
        let Some((name, version)) =
            identity(text, table)?.filter(|(name, _)| change.packages.contains(*name))
        else {
            continue;
        };
        let known = all.entry(name).or_default();
        known.numbered = numbered;
        if let Some(source) = string(text, table, "source")? {
            // A list names a source of git without the commit.
            let (named, _) = source.text.split_once('#').unwrap_or((source.text, ""));
            known.sources.entry(version.text).or_default().insert(named);
        } else if known.local.replace(version.text).is_some() {
            let error = Error::at(
                text,
                version.span.start,
                format!("`{name}` stands here twice without a source"),
            );
            return Err(
                error.help("two packages of this repository share a name: rename one of them")
            );
        }
    }
    Ok(all)
}

/// The packages; before 2017 the one of the folder stood apart under `[root]`, which cargo still reads.
fn tables(root: &Table) -> impl Iterator<Item = &Table> {
    let packages = root.get("package").and_then(Item::as_array_of_tables);
    let first = root.get("root").and_then(Item::as_table);
    first
        .into_iter()
        .chain(packages.into_iter().flat_map(ArrayOfTables::iter))
}

fn identity<'a>(text: &str, table: &'a Table) -> Result<Option<(&'a str, Text<'a>)>, Error> {
    Ok(string(text, table, "name")?
        .map(|name| name.text)
        .zip(string(text, table, "version")?))
}

fn what(name: &str, field: &str) -> String {
    path(&["package", name, field])
}
