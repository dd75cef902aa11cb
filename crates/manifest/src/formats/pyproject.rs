//! `pyproject.toml` (PEP 621; Python packaging guide, "pyproject.toml specification"; Poetry, "The pyproject.toml file"):
//! `project.version` and `tool.poetry.version`, and the requirements on packages of this repository.
//!
//! A version is read as SemVer where Python says one (`1.0.0rc1` → `1.0.0-rc.1`), else as it is found (`1.0`, `1.0.0.post1`),
//! and written as [`crate::pep440`] spells it. What reads as the wanted version already is left in its spelling.
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

use std::collections::BTreeSet;

use semver::Version;
use toml_edit::{Array, Item, TableLike};

use super::{Format, is_named};
use crate::edit::{Sighting, Spot, apply, found};
use crate::pep440::{normal_name, semver, spelled};
use crate::specifier::{Dialect, follow as follow_specifier};
use crate::toml::{Text, of_value, parse, path, string};
use crate::{Change, Edited, Error, Found};

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
    Ok(PyProject {
        name: name.map(|name| name.text.to_owned()),
        version,
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
    let mut follower = Follower {
        text,
        version: change.version,
        names: normal_names(change),
        spots,
    };
    follower.standard(root)?;
    if let Some(poetry) = poetry(root) {
        follower.poetry(poetry)?;
    }
    Ok(apply(text, follower.spots))
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

/// Collects the requirements that follow.
struct Follower<'a> {
    text: &'a str,
    version: &'a Version,
    names: BTreeSet<String>,
    spots: Vec<Spot>,
}

impl Follower<'_> {
    /// The lists of strings.
    fn standard(&mut self, root: &dyn TableLike) -> Result<(), Error> {
        if let Some(project) = project(root) {
            self.list(project, &["project", "dependencies"])?;
            self.lists(project, &["project", "optional-dependencies"])?;
        }
        self.lists(root, &["dependency-groups"])?;
        if let Some(uv) = tool(root, "uv") {
            for name in [
                "dev-dependencies",
                "constraint-dependencies",
                "override-dependencies",
            ] {
                self.list(uv, &["tool", "uv", name])?;
            }
        }
        if let Some(pdm) = tool(root, "pdm") {
            self.lists(pdm, &["tool", "pdm", "dev-dependencies"])?;
        }
        Ok(())
    }

    /// Every list of a table; the last key is its name in the table above.
    fn lists(&mut self, above: &dyn TableLike, keys: &[&str]) -> Result<(), Error> {
        let Some(groups) = keys.last().and_then(|key| table(above, key)) else {
            return Ok(());
        };
        for (key, _) in groups.iter() {
            self.list(groups, &[keys, &[key]].concat())?;
        }
        Ok(())
    }

    fn list(&mut self, above: &dyn TableLike, keys: &[&str]) -> Result<(), Error> {
        let list = keys.last().and_then(|key| above.get(key));
        let none = Array::new();
        // What is no string is `{ include-group = "…" }`, or for the build backend to refuse.
        let values = list.and_then(Item::as_array).unwrap_or(&none).iter();
        for string in values.filter_map(|value| of_value(self.text, value)) {
            self.requirement(&string, keys)?;
        }
        Ok(())
    }

    /// `name[extras] (specifiers) ; markers`.
    fn requirement(&mut self, string: &Text, keys: &[&str]) -> Result<(), Error> {
        let Some((name, specifiers)) = cut(string.text) else {
            return Ok(());
        };
        if !self.names.contains(&normal_name(name)) {
            return Ok(());
        }
        let what = path(&[keys, &[name]].concat());
        let old = &string.text[specifiers.clone()];
        let Some(new) = self.followed(&what, old, Dialect::Standard, string.span.start)? else {
            return Ok(());
        };
        // An escape in front of the specifiers would move them in the text.
        let raw = &self.text[string.span.clone()];
        if raw.get(..specifiers.end) != Some(&string.text[..specifiers.end]) {
            let message = format!("{what}: escapes stand in the requirement `{old}`");
            return Err(Error::at(self.text, string.span.start, message).help(
                "write name and version without escapes, so that the version can be replaced",
            ));
        }
        let start = string.span.start;
        self.spots.push(Spot {
            span: start + specifiers.start..start + specifiers.end,
            what,
            new,
        });
        Ok(())
    }

    fn poetry(&mut self, poetry: &dyn TableLike) -> Result<(), Error> {
        let lead = ["tool", "poetry"];
        for name in ["dependencies", "dev-dependencies"] {
            self.constraints(poetry, &[&lead[..], &[name]].concat())?;
        }
        let Some(groups) = table(poetry, "group") else {
            return Ok(());
        };
        for (key, group) in groups.iter() {
            if let Some(group) = group.as_table_like() {
                self.constraints(
                    group,
                    &[&lead[..], &["group", key, "dependencies"]].concat(),
                )?;
            }
        }
        Ok(())
    }

    /// The entries of one table of Poetry.
    fn constraints(&mut self, above: &dyn TableLike, keys: &[&str]) -> Result<(), Error> {
        let Some(entries) = keys.last().and_then(|key| table(above, key)) else {
            return Ok(());
        };
        for (name, item) in entries.iter() {
            if !self.names.contains(&normal_name(name)) {
                continue;
            }
            let what = path(&[keys, &[name]].concat());
            if let Some(string) = crate::toml::string_of(self.text, item) {
                self.constraint(&what, string)?;
            } else if let Some(details) = item.as_table_like() {
                if let Some(version) = string(self.text, details, "version")? {
                    self.constraint(&what, version)?;
                }
            } else if let Some(list) = item.as_array() {
                for details in list.iter().filter_map(toml_edit::Value::as_inline_table) {
                    if let Some(version) = string(self.text, details, "version")? {
                        self.constraint(&what, version)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn constraint(&mut self, what: &str, old: Text) -> Result<(), Error> {
        if let Some(new) = self.followed(what, old.text, Dialect::Poetry, old.span.start)? {
            self.spots.push(Spot {
                span: old.span,
                what: what.to_owned(),
                new,
            });
        }
        Ok(())
    }

    fn followed(
        &self,
        what: &str,
        old: &str,
        dialect: Dialect,
        offset: usize,
    ) -> Result<Option<String>, Error> {
        follow_specifier(old, self.version, dialect).map_err(|reason| {
            let message = format!(
                "{what}: the requirement `{old}` cannot follow to {}: {reason}",
                self.version
            );
            Error::at(self.text, offset, message)
                .help("write the requirement by hand, such as `>=` and the version")
        })
    }
}

/// The name of a requirement and where its specifiers stand; `None` for an address, a bare name, or what is no requirement.
fn cut(text: &str) -> Option<(&str, std::ops::Range<usize>)> {
    let lead = text.len() - text.trim_start().len();
    let in_name = |character: char| character.is_ascii_alphanumeric() || "-_.".contains(character);
    let rest = &text[lead..];
    let end = lead + rest.find(|character| !in_name(character))?;
    let name = &text[lead..end];
    let mut at = skip_space(text, end);
    if text[at..].starts_with('[') {
        at = skip_space(text, at + text[at..].find(']')? + 1);
    }
    let mut stop = at + text[at..].find(';').unwrap_or(text.len() - at);
    if text[at..stop].starts_with('(') {
        stop = at + text[at..stop].find(')')?;
        at = skip_space(text, at + 1);
    }
    let specifiers = text[at..stop].trim_end();
    let stop = at + specifiers.len();
    let is_address = specifiers.starts_with('@');
    (!name.is_empty() && !is_address && at < stop).then_some((name, at..stop))
}

fn skip_space(text: &str, at: usize) -> usize {
    text.len() - text[at..].trim_start().len()
}
