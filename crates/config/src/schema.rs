//! The JSON schema of `release.toml`, from the types: for editors, and for the walk which reads the file against it.

use std::sync::LazyLock;

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

use crate::Config;

static TREE: LazyLock<Value> = LazyLock::new(|| {
    // Draft 7 without `$ref` is what every TOML editor understands, and what the walk can follow without looking up.
    let settings = SchemaSettings::draft07()
        .for_deserialize()
        .with(|settings| settings.inline_subschemas = true);
    let mut tree = settings
        .into_generator()
        .into_root_schema_for::<Config>()
        .to_value();
    tidy(&mut tree);
    if let Some(root) = tree.as_object_mut() {
        root.insert("title".to_owned(), "release.toml".into());
    }
    // Another crate of the build may turn on `serde_json/preserve_order`; the text must not depend on it.
    tree.sort_all_objects();
    tree
});

/// The JSON schema (draft 7) of `release.toml`, indented, with a final newline. The same text for every build.
#[must_use]
pub fn schema() -> String {
    format!("{:#}\n", *TREE)
}

/// The same schema, to walk along.
pub(crate) fn tree() -> &'static Value {
    &TREE
}

/// Turns the schema of the JSON which serde would read into one of the TOML which people write: there is no null,
/// and a default is worth saying for a single value only.
fn tidy(schema: &mut Value) {
    let Some(object) = schema.as_object_mut() else {
        return;
    };
    if let Some(Value::Array(branches)) = object.remove("anyOf") {
        // `Option<table>`: the table itself; what the field says about itself stays.
        for branch in branches {
            if let Value::Object(branch) = branch
                && branch.get("type").is_none_or(|kind| kind != "null")
            {
                merge(object, branch);
            }
        }
    }
    if let Some(Value::Array(kinds)) = object.get_mut("type") {
        kinds.retain(|kind| kind != "null");
        // A percentage stays two: a string or an integer.
        if let [kind] = kinds.as_slice() {
            let kind = kind.clone();
            object.insert("type".to_owned(), kind);
        }
    }
    if object
        .get("default")
        .is_some_and(|default| default.is_null() || default.is_object())
    {
        object.remove("default");
    }
    // `uint` and `uint64` are known to no validator; `minimum` says the same.
    if object
        .get("format")
        .and_then(Value::as_str)
        .is_some_and(|format| format.starts_with("uint"))
    {
        object.remove("format");
    }
    if let Some(Value::Object(properties)) = object.get_mut("properties") {
        properties.values_mut().for_each(tidy);
    }
    if let Some(items) = object.get_mut("items") {
        tidy(items);
    }
}

fn merge(into: &mut Map<String, Value>, from: Map<String, Value>) {
    for (key, value) in from {
        into.entry(key).or_insert(value);
    }
}
