//! `package.json`: the version at the top, and what the package requires of its siblings.
//!
//! A `version` inside of anything else (`config`, `engines`, a string) is somebody else's. `bundleDependencies` are names
//! alone, and `catalog:` points to a table of its own.

use super::{Format, is_named};
use crate::edit::{Sighting, Spot, apply, found};
use crate::{Change, Edited, Error, Found, json, npm, overrides};

pub(super) const FORMAT: Format = Format {
    name: "package_json",
    about: "package.json: its version, and its requirements on packages of this repository",
    owns: |path| is_named(path, &["package.json"]),
    read,
    set,
};

/// The version at the top; none where the package has none.
///
/// # Errors
/// When the text is not a JSON object, the version is not a string, or stands there twice.
pub fn read(text: &str) -> Result<Vec<Found>, Error> {
    let version = json::parse(text)?;
    let version = version.text(text, "version")?;
    let sighting = |version: json::Text| Sighting {
        offset: version.span.start,
        what: "version".to_owned(),
        version: version.text.to_owned(),
    };
    Ok(found(text, version.map(sighting).into_iter().collect()))
}

/// The name of the package, to be gathered for [`Change::packages`].
///
/// # Errors
/// As [`read`], for the name.
pub fn name(text: &str) -> Result<Option<String>, Error> {
    Ok(json::parse(text)?
        .text(text, "name")?
        .map(|name| name.text.to_owned()))
}

/// Sets the version, and the requirements on the packages of the change.
///
/// `workspace:*`, `workspace:^`, `workspace:~`, ranges that still match, tags and addresses stay;
/// `^1.0.0`, `~1.0.0`, `1.0.0` and the same behind `workspace:` follow with their operator. So they do where a package is
/// forced to one of them: in the `overrides` of npm, Bun and pnpm, in `resolutions`, and in the catalogs of Bun.
///
/// # Errors
/// As [`read`], also for a dependency table that stands there twice.
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

fn edit(text: &str, change: &Change, own: bool) -> Result<Edited, Error> {
    let package = json::parse(text)?;
    let mut spots = Vec::new();
    let new = change.version.to_string();
    if let Some(version) = package
        .text(text, "version")?
        .filter(|version| own && version.text != new)
    {
        spots.push(Spot {
            span: version.span,
            what: "version".to_owned(),
            new,
        });
    }
    npm::tables(text, &package, "", change, &mut spots)?;
    overrides::tables(text, &package, change, &mut spots)?;
    Ok(apply(text, spots))
}
