//! `Cargo.toml` (Cargo reference, "The Manifest Format"): the version of the package and of `[workspace.package]`, and the
//! requirements on packages of the same repository, in every table and every form TOML has for them.
//!
//! Left alone, each for its reason:
//! - `version.workspace = true`: the version stands in the workspace's manifest, and a literal here would end the inheritance;
//! - a requirement without a `path`: it names the package as it was published, not the one in this repository;
//! - `foo.workspace = true`: its requirement stands in `[workspace.dependencies]`;
//! - `[patch.*]` and `[replace]`: their version says which published package is replaced, for whoever asks for that one.

use std::ops::Range;

use semver::{Version, VersionReq};
use toml_edit::{Item, TableLike};

use super::{Format, is_named};
use crate::edit::{Locator, Sighting, Spot, apply, found};
use crate::toml::{Text, not, parse, path, string, string_of};
use crate::{Change, Edited, Error, Found, parse_version, requirement};

pub(super) const FORMAT: Format = Format {
    name: "cargo_toml",
    about: "Cargo.toml: versions of the package and the workspace, requirements on packages of this repository",
    owns: |path| is_named(path, &["Cargo.toml"]),
    read,
    set,
};

/// What a manifest says about itself and what it depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CargoManifest {
    /// `[package]`; none in a virtual workspace.
    pub package: Option<Package>,
    /// `workspace.package.version`.
    pub workspace_version: Option<Version>,
    /// `workspace.package.publish` is `false` or names no registry.
    pub workspace_private: bool,
    /// Whether there is a `[workspace]`.
    pub is_workspace: bool,
    /// Every entry of every dependency table, in the order of the text. Not those of `[patch]` and `[replace]`.
    pub dependencies: Vec<Dependency>,
}

/// `[package]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    pub name: String,
    pub version: Declared,
    /// Whether `publish` is `false` or names no registry; `None`: as the workspace says.
    pub private: Option<bool>,
}

/// Where the version of a package comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Declared {
    /// `version = "1.0.0"`.
    Own(Version),
    /// `version.workspace = true`.
    Inherited,
    /// No version: Cargo takes 0.0.0 and does not publish.
    Absent,
}

/// One entry of a dependency table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// `dependencies`, `target.'cfg(unix)'.dev-dependencies`, `workspace.dependencies`.
    pub table: String,
    /// The name in the table, which is also its name in the code.
    pub key: String,
    /// The name of the package, seen through `package = "real-name"`.
    pub package: String,
    pub requirement: Option<String>,
    pub path: Option<String>,
    /// `workspace = true`: requirement, path and real name stand in `[workspace.dependencies]`.
    pub inherited: bool,
    /// Of the requirement, else of the key. From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
}

/// The literal versions: of the package, and of the workspace. An inherited version is none of its own.
///
/// # Errors
/// When the text is not TOML, or a version is not a string.
pub fn read(text: &str) -> Result<Vec<Found>, Error> {
    let document = parse(text)?;
    let sighting = |(what, version): (&str, Text)| Sighting {
        offset: version.span.start,
        what: what.to_owned(),
        version: version.text.to_owned(),
    };
    Ok(found(
        text,
        own_versions(text, document.as_table())?
            .into_iter()
            .map(sighting)
            .collect(),
    ))
}

/// Sets the literal versions, and the requirements on packages of the change that lie in this repository.
///
/// A requirement keeps operator and precision (`0.9` → `0.10`), is written in full for a pre-release (`0.9` → `1.0.0-mvp`),
/// and takes the new version afterwards.
///
/// # Errors
/// As [`read`], and for a requirement that cannot be read.
pub fn set(text: &str, change: &Change) -> Result<Edited, Error> {
    edit(text, change, true)
}

/// Sets the requirements alone: for a package that depends on the change and keeps its own version.
///
/// # Errors
/// As [`set`].
pub fn follow(text: &str, change: &Change) -> Result<Edited, Error> {
    edit(text, change, false)
}

/// Reads what a release wants to know of a manifest.
///
/// # Errors
/// When the text is not TOML, a value is of the wrong type, or a version or a requirement cannot be read.
pub fn inspect(text: &str) -> Result<CargoManifest, Error> {
    let document = parse(text)?;
    let root = document.as_table();
    let mut versions = Vec::new();
    for (what, version) in own_versions(text, root)? {
        let bad = |error: Error| Error {
            help: error.help,
            ..Error::at(
                text,
                version.span.start,
                format!("{what}: {}", error.message),
            )
        };
        versions.push((what, parse_version(version.text).map_err(bad)?));
    }
    let mut take = |what: &str| {
        versions
            .iter()
            .position(|(name, _)| *name == what)
            .map(|index| versions.remove(index).1)
    };
    let own = take(PACKAGE_VERSION);
    let workspace_version = take(WORKSPACE_VERSION);
    let package = match package_table(root) {
        None => None,
        Some(table) => {
            let name = string(text, table, "name")?.ok_or_else(|| {
                Error::new("the package has no name").help("write `name = \"…\"` under [package]")
            })?;
            let version = match own {
                Some(version) => Declared::Own(version),
                None if table.contains_key("version") => Declared::Inherited,
                None => Declared::Absent,
            };
            Some(Package {
                name: name.text.to_owned(),
                version,
                private: match table.get("publish") {
                    Some(item) if item.as_table_like().is_some() => None,
                    publish => Some(is_private(publish)),
                },
            })
        }
    };
    let workspace = root.get("workspace").and_then(Item::as_table_like);
    let shared = workspace
        .and_then(|workspace| workspace.get("package"))
        .and_then(Item::as_table_like);
    let dependencies = inspect_dependencies(text, root)?;
    Ok(CargoManifest {
        package,
        workspace_version,
        workspace_private: is_private(shared.and_then(|shared| shared.get("publish"))),
        is_workspace: root.contains_key("workspace"),
        dependencies,
    })
}

fn is_private(publish: Option<&Item>) -> bool {
    publish.is_some_and(|item| {
        item.as_bool() == Some(false) || item.as_array().is_some_and(toml_edit::Array::is_empty)
    })
}

const PACKAGE_VERSION: &str = "package.version";
const WORKSPACE_VERSION: &str = "workspace.package.version";
/// The spellings with `_` are of old and still read by Cargo up to edition 2021.
const TABLES: [&str; 5] = [
    "dependencies",
    "dev-dependencies",
    "build-dependencies",
    "dev_dependencies",
    "build_dependencies",
];

fn edit(text: &str, change: &Change, own: bool) -> Result<Edited, Error> {
    let document = parse(text)?;
    let mut spots = Vec::new();
    let new = change.version.to_string();
    if own {
        for (what, version) in own_versions(text, document.as_table())?
            .into_iter()
            .filter(|(_, version)| version.text != new)
        {
            spots.push(Spot {
                span: version.span,
                what: what.to_owned(),
                new: new.clone(),
            });
        }
    }
    for entry in entries(text, document.as_table())? {
        let Some(old) = entry.requirement else {
            continue;
        };
        if entry.path.is_none() || !change.packages.contains(entry.package) {
            continue;
        }
        let what = path(&entry.keys);
        let bad = |reason: String| {
            let message = format!(
                "{what}: the requirement `{}` cannot follow to {}: {reason}",
                old.text, change.version
            );
            Error::at(text, old.span.start, message)
                .help("write the requirement by hand, such as the version itself")
        };
        if let Some(new) = requirement::follow(old.text, change.version).map_err(bad)? {
            spots.push(Spot {
                span: old.span,
                what,
                new,
            });
        }
    }
    Ok(apply(text, spots))
}

/// `[package]`, or `[project]` as it was called before.
fn package_table(root: &dyn TableLike) -> Option<&dyn TableLike> {
    root.get("package")
        .or_else(|| root.get("project"))?
        .as_table_like()
}

fn own_versions<'a>(
    text: &str,
    root: &'a dyn TableLike,
) -> Result<Vec<(&'static str, Text<'a>)>, Error> {
    let mut versions = Vec::new();
    if let Some(package) = package_table(root)
        && !inherits(text, package, "version")?
        && let Some(version) = string(text, package, "version")?
    {
        versions.push((PACKAGE_VERSION, version));
    }
    let workspace = root.get("workspace").and_then(Item::as_table_like);
    if let Some(package) = workspace
        .and_then(|workspace| workspace.get("package"))
        .and_then(Item::as_table_like)
        && let Some(version) = string(text, package, "version")?
    {
        versions.push((WORKSPACE_VERSION, version));
    }
    Ok(versions)
}

/// Whether the value of a key is `{ workspace = true }`, in any form.
fn inherits(text: &str, table: &dyn TableLike, key: &str) -> Result<bool, Error> {
    let Some(value) = table.get(key).and_then(Item::as_table_like) else {
        return Ok(false);
    };
    match value.get("workspace").and_then(Item::as_bool) {
        Some(true) => Ok(true),
        _ => Err(not(text, table, key, "a string or `{ workspace = true }`")),
    }
}

/// An entry of a dependency table, with its place.
struct Entry<'a> {
    /// The path of the entry; the last is its key.
    keys: Vec<&'a str>,
    package: &'a str,
    requirement: Option<Text<'a>>,
    path: Option<&'a str>,
    inherited: bool,
    key_span: Option<Range<usize>>,
}

impl Entry<'_> {
    fn offset(&self) -> usize {
        let span = self
            .requirement
            .as_ref()
            .map(|requirement| &requirement.span);
        span.or(self.key_span.as_ref()).map_or(0, |span| span.start)
    }
}

/// All entries of all dependency tables, in the order of the text.
fn entries<'a>(text: &str, root: &'a dyn TableLike) -> Result<Vec<Entry<'a>>, Error> {
    let mut entries = Vec::new();
    for table in TABLES {
        collect(text, root, &[], table, &mut entries)?;
    }
    if let Some(targets) = root.get("target").and_then(Item::as_table_like) {
        for (target, item) in targets.iter() {
            let Some(of_target) = item.as_table_like() else {
                continue;
            };
            for table in TABLES {
                collect(text, of_target, &["target", target], table, &mut entries)?;
            }
        }
    }
    if let Some(workspace) = root.get("workspace").and_then(Item::as_table_like) {
        collect(
            text,
            workspace,
            &["workspace"],
            "dependencies",
            &mut entries,
        )?;
    }
    entries.sort_by_key(Entry::offset);
    Ok(entries)
}

fn collect<'a>(
    text: &str,
    above: &'a dyn TableLike,
    lead: &[&'a str],
    name: &'static str,
    entries: &mut Vec<Entry<'a>>,
) -> Result<(), Error> {
    let Some(table) = above.get(name).and_then(Item::as_table_like) else {
        return Ok(());
    };
    for (key, item) in table.iter() {
        let keys = lead.iter().copied().chain([name, key]).collect();
        let key_span = table.key(key).and_then(toml_edit::Key::span);
        let mut entry = Entry {
            keys,
            package: key,
            requirement: None,
            path: None,
            inherited: false,
            key_span,
        };
        if let Some(requirement) = string_of(text, item) {
            entry.requirement = Some(requirement);
        } else if let Some(details) = item.as_table_like() {
            entry.requirement = string(text, details, "version")?;
            entry.path = string(text, details, "path")?.map(|path| path.text);
            entry.package = string(text, details, "package")?.map_or(key, |package| package.text);
            entry.inherited = details
                .get("workspace")
                .and_then(Item::as_bool)
                .unwrap_or_default();
        } else {
            return Err(not(text, table, key, "a requirement or a table"));
        }
        entries.push(entry);
    }
    Ok(())
}

fn inspect_dependencies(text: &str, root: &dyn TableLike) -> Result<Vec<Dependency>, Error> {
    let mut locator = Locator::new(text);
    let mut dependencies = Vec::new();
    for entry in entries(text, root)? {
        let (line, column) = locator.at(entry.offset());
        let Some((key, table)) = entry.keys.split_last() else {
            continue;
        };
        if let Some(bad) = &entry.requirement
            && let Err(error) = VersionReq::parse(bad.text)
        {
            return Err(Error::at(
                text,
                bad.span.start,
                format!(
                    "{}: `{}` is not a requirement: {error}",
                    path(&entry.keys),
                    bad.text
                ),
            ));
        }
        dependencies.push(Dependency {
            table: path(table),
            key: (*key).to_owned(),
            package: entry.package.to_owned(),
            requirement: entry
                .requirement
                .map(|requirement| requirement.text.to_owned()),
            path: entry.path.map(str::to_owned),
            inherited: entry.inherited,
            line,
            column,
        });
    }
    Ok(dependencies)
}
