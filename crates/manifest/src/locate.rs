//! Where a key stands in a manifest, so that what is wrong with its value can be shown in its line.

use toml_edit::Item;

use crate::edit::Locator;
use crate::{json, toml};

/// Line and column (from 1) of the deepest key of the path that the TOML text has; `None` where it has not even the first.
pub fn toml_key(text: &str, keys: &[&str]) -> Option<(usize, usize)> {
    let document = toml::parse(text).ok()?;
    let mut table = Some(document.as_item());
    let mut offset = None;
    for key in keys {
        let Some((key, item)) = table
            .and_then(Item::as_table_like)
            .and_then(|table| table.get_key_value(key))
        else {
            break;
        };
        // A table of a header has its place there, its key as part of a dotted one has none of its own.
        let span = key.span().or_else(|| item.span());
        offset = span.map(|span| span.start).or(offset);
        table = Some(item);
    }
    offset.map(|offset| Locator::new(text).at(offset))
}

/// The same in a JSON text.
pub fn json_key(text: &str, keys: &[&str]) -> Option<(usize, usize)> {
    let top = json::parse(text).ok()?;
    let mut object = Some(&top);
    let mut offset = None;
    for key in keys {
        let members = object.map_or(&[][..], |object| &object.members);
        let Some(member) = members.iter().find(|member| member.key == *key) else {
            break;
        };
        offset = Some(member.key_at);
        object = member.node.object();
    }
    offset.map(|offset| Locator::new(text).at(offset))
}

#[cfg(test)]
mod tests {
    use super::{json_key, toml_key};

    #[test]
    fn keys_of_toml_have_their_line_and_missing_ones_that_of_their_table() {
        let text = "# first\n[package]\nname = \"x\"\n  license.workspace = true\n\n[dependencies]\na = { version = \"1\" }\n\n[dependencies.b]\npath = \"b\"\n";
        for (keys, place) in [
            (&["package", "name"][..], Some((3, 1))),
            (&["package", "license"], Some((4, 3))),
            (&["package", "description"], Some((2, 2))),
            (&["dependencies", "a", "version"], Some((7, 7))),
            (&["dependencies", "b", "path"], Some((10, 1))),
            (&["dependencies", "c"], Some((6, 2))),
            (&["workspace"], None),
        ] {
            assert_eq!(toml_key(text, keys), place, "{keys:?}");
        }
        assert_eq!(toml_key("[package", &["package"]), None);
    }

    #[test]
    fn keys_of_json_have_their_line() {
        let text = "{\n  \"name\": \"x\",\n  \"dependencies\": {\n    \"name\": \"1\"\n  }\n}\n";
        for (keys, place) in [
            (&["name"][..], Some((2, 3))),
            (&["dependencies", "name"], Some((4, 5))),
            (&["dependencies", "other"], Some((3, 3))),
            (&["main"], None),
        ] {
            assert_eq!(json_key(text, keys), place, "{keys:?}");
        }
        assert_eq!(json_key("{", &["name"]), None);
    }
}
