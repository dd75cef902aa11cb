//! `pyproject.toml` (PEP 621; Python packaging guide, "pyproject.toml specification"; Poetry, "The pyproject.toml file"):
//! `project.version` and `tool.poetry.version`, and the requirements on packages of this repository.
//!
//! A version is read as SemVer where Python says one (`1.0.0rc1` → `1.0.0-rc.1`), else as it is found (`1.0`, `1.0.0.post1`),
//! and written as `pep440` spells it. What reads as the wanted version already is left in its spelling.
//!
//! Requirements follow where the name, as PEP 503 compares it, is one of the change:
//! - strings of PEP 508 in `project.dependencies`, `project.optional-dependencies.*`, `dependency-groups.*`,
//!   `tool.uv.dev-dependencies`, `tool.uv.constraint-dependencies`, `tool.uv.override-dependencies`, `tool.pdm.dev-dependencies.*`;
//! - constraints of Poetry, as a string, as `version` of a table, or of several tables: `tool.poetry.dependencies`,
//!   `tool.poetry.dev-dependencies`, `tool.poetry.group.*.dependencies`.
//!
//! Left alone, each for its reason:
//! - `dynamic = ["version"]`, and `tool.poetry.version` where poetry-dynamic-versioning is on: the version stands elsewhere;
//! - a requirement with an address (`core @ file:…`, `path`, `git`, `url`) and no version, or a bare name: it takes any;
//! - `build-system.requires`: it is installed from the index before this repository is built;
//! - versions in the tables of other tools (commitizen, bumpversion, briefcase): a text pattern names those.

mod requirements;

use std::collections::BTreeSet;

use semver::Version;
use toml_edit::{Item, TableLike};

use super::{Format, is_named};
use crate::edit::{Locator, Sighting, Spot, apply, found};
use crate::pep440::{normal_name, semver, spelled};
use crate::specifier::{self, Dialect};
use crate::toml::{Text, parse, path, string};
use crate::{Change, Edited, Error, Found};
use requirements::Requirement;

pub(super) const FORMAT: Format = Format {
    name: "pyproject",
    about: "pyproject.toml: the version of the project or of Poetry, requirements on packages of this repository",
    owns: |path| is_named(path, &["pyproject.toml"]),
    read,
    set,
};

/// What a project says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PyProject {
    /// `project.name`, else `tool.poetry.name`, as written. A file that only configures tools has none.
    pub name: Option<String>,
    pub version: Declared,
    /// Every requirement that names versions: the strings of PEP 508, then the constraints of Poetry.
    pub dependencies: Vec<Dependency>,
}

/// One requirement that names versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// `project.dependencies`, `dependency-groups.dev`, `tool.poetry.group.dev.dependencies`.
    pub table: String,
    /// As PEP 503 compares it: small letters and single hyphens.
    pub package: String,
    /// The specifiers or the constraint, without extras and markers: `>=0.9,<1`.
    pub requirement: String,
    /// Of the string. From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    dialect: Dialect,
}

impl Dependency {
    /// Whether the requirement takes a version of SemVer; one that cannot be read takes nothing, and nothing takes a version
    /// that PEP 440 has no spelling for.
    #[must_use]
    pub fn takes(&self, version: &Version) -> bool {
        specifier::takes_version(&self.requirement, version, self.dialect)
    }
}

/// Where the version of a project comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Declared {
    /// `version = "1.0.0"`.
    Own(Version),
    /// `dynamic = ["version"]`: the build backend finds it, in a source file or a tag.
    Dynamic,
    /// Neither: no package, or one that Poetry does not build.
    Absent,
}

/// The literal versions. A dynamic one is none of its own.
///
/// # Errors
/// When the text is not TOML, or a version is not a string.
pub fn read(text: &str) -> Result<Vec<Found>, Error> {
    let document = parse(text)?;
    let versions = own_versions(text, document.as_table())?;
    let sighting = |(what, version): (&str, Text)| Sighting {
        offset: version.span.start,
        what: what.to_owned(),
        version: as_semver(version.text),
    };
    Ok(found(text, versions.into_iter().map(sighting).collect()))
}

/// Sets the literal versions, and the requirements on packages of the change.
///
/// # Errors
/// As [`read`], when PEP 440 has no spelling for the version, and for a requirement that cannot follow.
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

/// Reads what a release wants to know of a project.
///
/// # Errors
/// When the text is not TOML, a name or version is not a string, a version is not one of SemVer, or is given and
/// called dynamic at once.
pub fn inspect(text: &str) -> Result<PyProject, Error> {
    let document = parse(text)?;
    let root = document.as_table();
    let (project, poetry) = (project(root), poetry(root));
    let mut name = None;
    for table in [project, poetry].into_iter().flatten() {
        name = name.or(string(text, table, "name")?);
    }
    let version = match own_versions(text, root)?.into_iter().next() {
        Some((what, version)) => {
            if what == PROJECT_VERSION && is_dynamic(project) {
                let message = "the version stands here, and in `dynamic` as well";
                return Err(Error::at(text, version.span.start, message)
                    .help("remove one of the two: build backends refuse a project with both"));
            }
            let bad = || {
                let message = format!(
                    "{what}: `{}` is not a version of SemVer, which has three numbers and no epoch or post-release",
                    version.text
                );
                Error::at(text, version.span.start, message)
                    .help("write it such as `1.0.0`, `1.0.0rc1` or `1.0.0.dev1`")
            };
            Declared::Own(semver(version.text).ok_or_else(bad)?)
        }
        None if is_dynamic(project) || poetry_dynamic(root) => Declared::Dynamic,
        None => Declared::Absent,
    };
    let mut locator = Locator::new(text);
    let dependency = |one: Requirement| {
        let (line, column) = locator.at(one.at);
        Dependency {
            table: path(&one.keys),
            package: normal_name(one.name),
            requirement: one.versions.to_owned(),
            line,
            column,
            dialect: one.dialect,
        }
    };
    Ok(PyProject {
        name: name.map(|name| name.text.to_owned()),
        version,
        dependencies: requirements::all(text, root)?
            .into_iter()
            .map(dependency)
            .collect(),
    })
}

const PROJECT_VERSION: &str = "project.version";
const POETRY_VERSION: &str = "tool.poetry.version";

/// A Python version as SemVer says it, or as it is.
pub(super) fn as_semver(text: &str) -> String {
    semver(text).map_or_else(|| text.to_owned(), |version| version.to_string())
}

/// The new content of a version, `None` where it says that already.
///
/// # Errors
/// When PEP 440 has no spelling for it.
pub(super) fn rewritten(
    text: &str,
    what: &str,
    old: &Text,
    version: &Version,
) -> Result<Option<String>, Error> {
    if as_semver(old.text) == version.to_string() {
        return Ok(None);
    }
    let bad = |reason| {
        Error::at(text, old.span.start, format!("{what}: {reason}")).help(
            "choose a pre-release such as `-rc.1`, `-alpha.1`, `-beta.1` or `-dev.1`, or leave the file out with version.exclude",
        )
    };
    spelled(version).map(Some).map_err(bad)
}

/// The names of the change as PEP 503 compares them.
pub(super) fn normal_names(change: &Change) -> BTreeSet<String> {
    change
        .packages
        .iter()
        .map(|name| normal_name(name))
        .collect()
}

fn edit(text: &str, change: &Change, own: bool) -> Result<Edited, Error> {
    let document = parse(text)?;
    let root = document.as_table();
    let mut spots = Vec::new();
    if own {
        for (what, version) in own_versions(text, root)? {
            if let Some(new) = rewritten(text, what, &version, change.version)? {
                spots.push(Spot {
                    span: version.span,
                    what: what.to_owned(),
                    new,
                });
            }
        }
    }
    let names = normal_names(change);
    for one in requirements::all(text, root)? {
        if names.contains(&normal_name(one.name)) {
            spots.extend(followed(text, &one, change.version)?);
        }
    }
    Ok(apply(text, spots))
}

/// What becomes of one requirement on a package of the change.
fn followed(text: &str, one: &Requirement, version: &Version) -> Result<Option<Spot>, Error> {
    let what = path(&[&one.keys[..], &[one.name]].concat());
    let old = one.versions;
    let bad = |reason| {
        let message =
            format!("{what}: the requirement `{old}` cannot follow to {version}: {reason}");
        Error::at(text, one.at, message)
            .help("write the requirement by hand, such as `>=` and the version")
    };
    let Some(new) = specifier::follow(old, version, one.dialect).map_err(bad)? else {
        return Ok(None);
    };
    let Some(span) = one.span.clone() else {
        let message = format!("{what}: escapes stand in the requirement `{old}`");
        return Err(Error::at(text, one.at, message)
            .help("write name and version without escapes, so that the version can be replaced"));
    };
    Ok(Some(Spot { span, what, new }))
}

fn table<'a>(above: &'a dyn TableLike, key: &str) -> Option<&'a dyn TableLike> {
    above.get(key).and_then(Item::as_table_like)
}

fn tool<'a>(root: &'a dyn TableLike, name: &str) -> Option<&'a dyn TableLike> {
    table(table(root, "tool")?, name)
}

fn project(root: &dyn TableLike) -> Option<&dyn TableLike> {
    table(root, "project")
}

fn poetry(root: &dyn TableLike) -> Option<&dyn TableLike> {
    tool(root, "poetry")
}

fn is_dynamic(project: Option<&dyn TableLike>) -> bool {
    project
        .and_then(|project| project.get("dynamic"))
        .and_then(Item::as_array)
        .is_some_and(|fields| fields.iter().any(|field| field.as_str() == Some("version")))
}

/// Whether a plugin fills the version in, so that what stands under `tool.poetry` is a placeholder.
fn poetry_dynamic(root: &dyn TableLike) -> bool {
    tool(root, "poetry-dynamic-versioning")
        .and_then(|plugin| plugin.get("enable"))
        .and_then(Item::as_bool)
        .unwrap_or_default()
}

fn own_versions<'a>(
    text: &str,
    root: &'a dyn TableLike,
) -> Result<Vec<(&'static str, Text<'a>)>, Error> {
    let mut versions = Vec::new();
    if let Some(project) = project(root)
        && let Some(version) = string(text, project, "version")?
    {
        versions.push((PROJECT_VERSION, version));
    }
    if let Some(poetry) = poetry(root)
        && !poetry_dynamic(root)
        && let Some(version) = string(text, poetry, "version")?
    {
        versions.push((POETRY_VERSION, version));
    }
    Ok(versions)
}
