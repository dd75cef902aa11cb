//! Where a package.json forces requirements: `overrides` (npm, Bun, as a tree), `pnpm.overrides`, `resolutions` (Yarn, pnpm),
//! and where Bun keeps them for all packages (`workspaces.catalog`, `workspaces.catalogs`).
//!
//! A key names a package, perhaps behind those that ask for it (`app>core`, `app/**/core`); its value follows as a
//! requirement does, for a forced version that does not take the new one makes the repository uninstallable. A key that
//! names versions (`core@^0.8`) stays: it speaks of published packages, as `[patch]` of Cargo does.

use crate::edit::Spot;
use crate::json::Object;
use crate::{Change, Error, npm};

/// Collects what changes in the forced requirements of a package.
pub(crate) fn tables(
    text: &str,
    package: &Object,
    change: &Change,
    spots: &mut Vec<Spot>,
) -> Result<(), Error> {
    let inner = |key: &str, table: &str| -> Result<Option<&Object>, Error> {
        match package.object(text, key)? {
            Some(above) => above.object(text, table),
            None => Ok(None),
        }
    };
    for (path, table) in [
        ("overrides", package.object(text, "overrides")?),
        ("resolutions", package.object(text, "resolutions")?),
        ("pnpm.overrides", inner("pnpm", "overrides")?),
        ("workspaces.catalog", inner("workspaces", "catalog")?),
        ("workspaces.catalogs", inner("workspaces", "catalogs")?),
    ] {
        if let Some(table) = table {
            tree(text, table, path, None, change, spots)?;
        }
    }
    Ok(())
}

/// `.` in a table of npm means the package that the table is for.
fn tree(
    text: &str,
    table: &Object,
    path: &str,
    above: Option<&str>,
    change: &Change,
    spots: &mut Vec<Spot>,
) -> Result<(), Error> {
    for member in &table.members {
        let name = match member.key.as_str() {
            "." => above,
            key => forced(key),
        };
        let what = format!("{path}.{}", npm::key(&member.key));
        if let Some(inner) = member.node.object() {
            tree(text, inner, &what, name, change, spots)?;
        } else if let (Some(old), Some(name)) = (member.node.text(), name) {
            npm::one(text, old, name, what, change, spots)?;
        }
    }
    Ok(())
}

/// The package that a key is about; `None` where it names versions of it.
pub(crate) fn forced(key: &str) -> Option<&str> {
    // pnpm: `parent@1>child`. A `>` behind `@`, a space or a bar is an operator.
    let mut parts = key
        .match_indices('>')
        .filter(|(at, _)| !key[..*at].ends_with(['@', ' ', '|']) && *at > 0);
    let child = parts.next_back().map_or(key, |(at, _)| &key[at + 1..]);
    // Yarn: `parent/**/@scope/child`.
    let start = match child.rfind('/') {
        None => 0,
        Some(slash) => {
            let before = child[..slash].rfind('/').map_or(0, |at| at + 1);
            if child[before..].starts_with('@') {
                before
            } else {
                slash + 1
            }
        }
    };
    let name = &child[start..];
    let names_versions = child
        .char_indices()
        .any(|(at, one)| one == '@' && at > 0 && !child[..at].ends_with('/'));
    (!names_versions).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::forced;

    #[test]
    fn a_key_names_the_package_that_is_forced() {
        for (key, name) in [
            ("core", Some("core")),
            ("@acme/web", Some("@acme/web")),
            ("app>core", Some("core")),
            ("app@>=1>core", Some("core")),
            ("app@1 || >2>@acme/web", Some("@acme/web")),
            ("**/core", Some("core")),
            ("app/**/@acme/web", Some("@acme/web")),
            ("@acme/app/core", Some("core")),
            ("@acme/app/@acme/web", Some("@acme/web")),
            ("core@^0.8", None),
            ("core@>=0.8", None),
            ("@acme/web@0.8", None),
            ("core@npm:^0.8.0", None),
            ("app>core@0.8", None),
            ("core@patch:core@npm/x", None),
        ] {
            assert_eq!(forced(key), name, "{key}");
        }
    }
}
