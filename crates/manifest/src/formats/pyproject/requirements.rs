//! Where a pyproject.toml requires versions of other packages: one entry for each requirement that names any.

use std::ops::Range;

use toml_edit::{Item, TableLike, Value};

use super::{poetry, project, table, tool};
use crate::Error;
use crate::specifier::Dialect;
use crate::toml::{Text, of_value, string, string_of};

/// A requirement as it stands.
pub(super) struct Requirement<'a> {
    /// The path of the table or list that it stands in.
    pub(super) keys: Vec<&'a str>,
    /// As written.
    pub(super) name: &'a str,
    /// The specifiers or the constraint alone, without name, extras and markers.
    pub(super) versions: &'a str,
    pub(super) dialect: Dialect,
    /// Where the versions stand, `None` where escapes in front of them hide that.
    pub(super) span: Option<Range<usize>>,
    /// Where the string begins.
    pub(super) at: usize,
}

/// All of them: the strings of PEP 508, then the constraints of Poetry.
///
/// # Errors
/// When `version` of a constraint is not a string.
pub(super) fn all<'a>(
    text: &'a str,
    root: &'a dyn TableLike,
) -> Result<Vec<Requirement<'a>>, Error> {
    let mut found = Found {
        text,
        list: Vec::new(),
    };
    if let Some(project) = project(root) {
        found.strings(project, &["project", "dependencies"]);
        found.lists(project, &["project", "optional-dependencies"]);
    }
    found.lists(root, &["dependency-groups"]);
    if let Some(uv) = tool(root, "uv") {
        for name in [
            "dev-dependencies",
            "constraint-dependencies",
            "override-dependencies",
        ] {
            found.strings(uv, &["tool", "uv", name]);
        }
    }
    if let Some(pdm) = tool(root, "pdm") {
        found.lists(pdm, &["tool", "pdm", "dev-dependencies"]);
    }
    if let Some(poetry) = poetry(root) {
        found.poetry(poetry)?;
    }
    Ok(found.list)
}

struct Found<'a> {
    text: &'a str,
    list: Vec<Requirement<'a>>,
}

impl<'a> Found<'a> {
    /// Every list of a table; the last key is its name in the table above.
    fn lists(&mut self, above: &'a dyn TableLike, keys: &[&'a str]) {
        let groups = keys.last().and_then(|key| table(above, key));
        for (key, item) in groups.into_iter().flat_map(TableLike::iter) {
            self.list(item, &[keys, &[key]].concat());
        }
    }

    fn strings(&mut self, above: &'a dyn TableLike, keys: &[&'a str]) {
        if let Some(item) = keys.last().and_then(|key| above.get(key)) {
            self.list(item, keys);
        }
    }

    /// What is no string is `{ include-group = "…" }`, or for the build backend to refuse.
    fn list(&mut self, item: &'a Item, keys: &[&'a str]) {
        let values = item.as_array().into_iter().flat_map(toml_edit::Array::iter);
        for string in values.filter_map(|value| of_value(self.text, value)) {
            let Some((name, versions)) = cut(string.text) else {
                continue;
            };
            let raw = &self.text[string.span.clone()];
            let plain = raw.get(..versions.end) == Some(&string.text[..versions.end]);
            let start = string.span.start;
            self.list.push(Requirement {
                keys: keys.to_vec(),
                name,
                versions: &string.text[versions.clone()],
                dialect: Dialect::Standard,
                span: plain.then(|| start + versions.start..start + versions.end),
                at: start,
            });
        }
    }

    fn poetry(&mut self, poetry: &'a dyn TableLike) -> Result<(), Error> {
        for name in ["dependencies", "dev-dependencies"] {
            self.constraints(poetry, &["tool", "poetry", name])?;
        }
        let groups = table(poetry, "group");
        for (key, group) in groups.into_iter().flat_map(TableLike::iter) {
            if let Some(group) = group.as_table_like() {
                self.constraints(group, &["tool", "poetry", "group", key, "dependencies"])?;
            }
        }
        Ok(())
    }

    /// A string, a table with `version`, or several tables by Python version.
    fn constraints(&mut self, above: &'a dyn TableLike, keys: &[&'a str]) -> Result<(), Error> {
        let entries = keys.last().and_then(|key| table(above, key));
        for (name, item) in entries.into_iter().flat_map(TableLike::iter) {
            if let Some(text) = string_of(self.text, item) {
                self.constraint(keys, name, text);
            }
            let several = item.as_array().into_iter().flat_map(toml_edit::Array::iter);
            let several = several.filter_map(Value::as_inline_table);
            let tables = several.map(|table| table as &dyn TableLike);
            for details in item.as_table_like().into_iter().chain(tables) {
                if let Some(text) = string(self.text, details, "version")? {
                    self.constraint(keys, name, text);
                }
            }
        }
        Ok(())
    }

    fn constraint(&mut self, keys: &[&'a str], name: &'a str, text: Text<'a>) {
        self.list.push(Requirement {
            keys: keys.to_vec(),
            name,
            versions: text.text,
            dialect: Dialect::Poetry,
            at: text.span.start,
            span: Some(text.span),
        });
    }
}

/// The name of a requirement and where its specifiers stand; `None` for an address, a bare name, or what is no requirement.
fn cut(text: &str) -> Option<(&str, Range<usize>)> {
    let lead = skip_space(text, 0);
    let in_name = |character: char| character.is_ascii_alphanumeric() || "-_.".contains(character);
    let end = lead + text[lead..].find(|character| !in_name(character))?;
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
    let versions = text[at..stop].trim_end();
    let stop = at + versions.len();
    let is_address = versions.starts_with('@');
    (!name.is_empty() && !is_address && at < stop).then_some((name, at..stop))
}

fn skip_space(text: &str, at: usize) -> usize {
    text.len() - text[at..].trim_start().len()
}
