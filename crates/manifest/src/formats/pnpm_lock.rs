//! `pnpm-lock.yaml`, of the lock file versions 5 to 9: it repeats what every package.json of the workspace requires, and
//! `pnpm install --frozen-lockfile` refuses where the two differ.
//!
//! A requirement stands as `specifier` beside the `version` that was chosen for it, below `importers.FOLDER`, or at the top
//! where there is one package alone; before version 6 in a table `specifiers`. `overrides` repeats those of package.json.
//! They follow by the rule for package.json, but only where the chosen version lies in the repository (`link:`, `file:`):
//! for a published one pnpm has to choose anew, and a lock file that says otherwise would install the old one without a word.
//!
//! There is no version of a package of the workspace in it. `catalogs` repeats pnpm-workspace.yaml, which is left alone.

use std::borrow::Cow;

use super::{Format, is_named};
use crate::edit::{Spot, apply};
use crate::json::Text;
use crate::npm::key;
use crate::yaml::{Node, parse};
use crate::{Change, Edited, Error, Found, npm, overrides};

pub(super) const FORMAT: Format = Format {
    name: "pnpm_lock",
    about: "pnpm-lock.yaml: the requirements that it repeats from package.json",
    owns: |path| is_named(path, &["pnpm-lock.yaml"]),
    read,
    set,
};

/// The tables of an importer; required peers stand among the first.
const TABLES: [&str; 3] = ["dependencies", "devDependencies", "optionalDependencies"];

/// Nothing: a lock file of pnpm declares no version of its own.
///
/// # Errors
/// When the text is not YAML.
pub fn read(text: &str) -> Result<Vec<Found>, Error> {
    parse(&last_document(text))?;
    Ok(Vec::new())
}

/// Sets the repeated requirements on the packages of the change.
///
/// # Errors
/// As [`read`], when a key in question stands there twice, and for a requirement that cannot follow.
pub fn set(text: &str, change: &Change) -> Result<Edited, Error> {
    let mut edit = Edit {
        text,
        change,
        spots: Vec::new(),
    };
    if let Some(lock) = parse(&last_document(text))? {
        edit.importer(&lock, "")?;
        for (folder, importer) in entries(text, &lock, "importers")? {
            if let Some(folder) = folder.text() {
                edit.importer(importer, &format!("importers.{folder:?}."))?;
            }
        }
        for (forced, value) in entries(text, &lock, "overrides")? {
            if let Some(forced) = forced.text()
                && let Some(name) = overrides::forced(forced)
            {
                edit.requirement(name, value, format!("overrides.{}", key(forced)))?;
            }
        }
    }
    Ok(apply(text, edit.spots))
}

struct Edit<'t> {
    text: &'t str,
    change: &'t Change<'t>,
    spots: Vec<Spot>,
}

impl Edit<'_> {
    /// What the packages of one folder require; `prefix` is its path with a dot, or nothing.
    fn importer(&mut self, importer: &Node, prefix: &str) -> Result<(), Error> {
        for table in TABLES {
            for (name, entry) in entries(self.text, importer, table)? {
                if let Some(name) = name.text()
                    && let Some(specifier) = entry.get(self.text, "specifier")?
                    && is_local(entry.get(self.text, "version")?)
                {
                    let what = format!("{prefix}{table}.{}.specifier", key(name));
                    self.requirement(name, specifier, what)?;
                }
            }
        }
        for (name, specifier) in entries(self.text, importer, "specifiers")? {
            let Some(name) = name.text() else { continue };
            let mut local = false;
            for table in TABLES {
                if let Some(table) = importer.get(self.text, table)? {
                    local |= is_local(table.get(self.text, name)?);
                }
            }
            if local {
                let what = format!("{prefix}specifiers.{}", key(name));
                self.requirement(name, specifier, what)?;
            }
        }
        Ok(())
    }

    fn requirement(&mut self, name: &str, node: &Node, what: String) -> Result<(), Error> {
        let Some(old) = node.text() else {
            return Ok(());
        };
        let (text, span) = (old, node.span.clone());
        let from = self.spots.len();
        let old = Text { text, span };
        npm::one(self.text, old, name, what, self.change, &mut self.spots)?;
        // An alias may name a package with an apostrophe, which is written twice between apostrophes.
        if self.text[..node.span.start].ends_with('\'') {
            for spot in self.spots.iter_mut().skip(from) {
                spot.new = spot.new.replace('\'', "''");
            }
        }
        Ok(())
    }
}

/// The entries of a mapping below a key; none where there is no such key, or it says something else.
fn entries<'n>(text: &str, above: &'n Node, key: &str) -> Result<&'n [(Node, Node)], Error> {
    Ok(above.get(text, key)?.map_or(&[], Node::mapping))
}

/// Whether a chosen version is a folder of this repository.
fn is_local(version: Option<&Node>) -> bool {
    version
        .and_then(Node::text)
        .is_some_and(|version| version.starts_with("link:") || version.starts_with("file:"))
}

/// The text with blanks for all but its last document, so that places stay: a newer pnpm puts what it needs for itself in a
/// document before the lock file.
fn last_document(text: &str) -> Cow<'_, str> {
    let mut start = 0;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if line.trim_end() == "---" {
            start = at;
        }
        at += line.len();
    }
    let (before, document) = text.split_at(start);
    if before.trim_start_matches('\u{feff}').trim().is_empty() {
        return Cow::Borrowed(text);
    }
    let blank = |byte| if byte == b'\n' { '\n' } else { ' ' };
    let mut masked: String = before.bytes().map(blank).collect();
    masked.push_str(document);
    Cow::Owned(masked)
}

#[cfg(test)]
mod tests {
    use super::{last_document, parse};
    use crate::yaml::Kind;

    #[test]
    fn the_last_document_keeps_its_places() {
        let text = "---\n# ü\na: 1\n---\r\nb: 22\n";
        let masked = last_document(text);
        assert_eq!(masked.len(), text.len());
        let root = parse(&masked).unwrap().unwrap();
        let [(key, value)] = root.mapping() else {
            panic!("{:?}", root.kind)
        };
        assert_eq!(key.text(), Some("b"));
        assert_eq!(&text[value.span.clone()], "22");
        assert!(matches!(value.kind, Kind::Scalar { plain: true, .. }));
        for one in ["", "---\na: 1\n", "\u{feff}---\na: 1", "a: 1\n"] {
            assert_eq!(last_document(one), one);
        }
    }
}
