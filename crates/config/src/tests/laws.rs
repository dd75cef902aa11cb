//! What holds for every key of the schema, and for every text.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::{ArtifactKind, Config, Untracked, parse, schema};

const EVERY_KEY: &str = include_str!("every-key.toml");

fn tree() -> Value {
    serde_json::from_str(&schema()).expect("the schema is JSON")
}

/// Every schema of a key, with its path: `version.text[].min`.
fn keys<'s>(schema: &'s Value, path: &str, found: &mut Vec<(String, &'s Value)>) {
    for (key, schema) in schema["properties"].as_object().into_iter().flatten() {
        let path = if path.is_empty() {
            key.clone()
        } else {
            format!("{path}.{key}")
        };
        found.push((path.clone(), schema));
        keys(schema, &path, found);
        keys(&schema["items"], &format!("{path}[]"), found);
    }
}

/// The keys of a text: path as above, span of the key, value.
type Found<'t> = (String, std::ops::Range<usize>, &'t Spanned<DeValue<'t>>);

fn found<'t>(table: &'t DeTable<'t>, path: &str, keys: &mut Vec<Found<'t>>) {
    for (key, value) in table {
        let path = if path.is_empty() {
            key.get_ref().to_string()
        } else {
            format!("{path}.{}", key.get_ref())
        };
        keys.push((path.clone(), key.span(), value));
        match value.get_ref() {
            DeValue::Table(table) => found(table, &path, keys),
            DeValue::Array(array) => array
                .iter()
                .filter_map(|item| item.get_ref().as_table())
                .for_each(|table| found(table, &format!("{path}[]"), keys)),
            _ => {}
        }
    }
}

fn place(text: &str, offset: usize) -> (usize, usize) {
    let before = &text[..offset];
    (
        before.lines().count().max(1) + usize::from(before.ends_with('\n')),
        before
            .chars()
            .rev()
            .take_while(|found| *found != '\n')
            .count()
            + 1,
    )
}

#[test]
fn the_empty_text_is_the_default() {
    assert_eq!(parse(""), Ok(Config::default()));
    assert_eq!(parse("\u{feff}# nothing\r\n"), Ok(Config::default()));
    assert_eq!(
        parse(
            "[project]\n[release]\n[version]\n[changelog]\n[gates.git]\n[gates.docs]\n[gates.test]\n"
        ),
        Ok(Config::default())
    );
    let config = Config::default();
    assert_eq!(
        (
            config.release.tag.as_str(),
            config.release.latest,
            config.gates.git.untracked
        ),
        ("v{version}", true, Untracked::Deny)
    );
    assert_eq!(
        (config.gates.test.timeout_s, config.gates.docs.required),
        (1800, vec!["README.md".to_owned()])
    );
    assert_eq!(
        config.release.tag_message_or_default(),
        "{project} {version}\n\n{notes}"
    );
}

#[test]
fn every_key_is_read() {
    let config = parse(EVERY_KEY).expect("the example is valid");
    assert_eq!(
        config.release.tag_message_or_default(),
        "{project} {version} ({tag})\n\n{notes}\n"
    );
    assert_eq!(
        (config.version.text[1].min, config.version.text[1].max),
        (2, Some(3))
    );
    assert_eq!(
        (config.version.text[0].min, config.version.text[0].max),
        (0, None)
    );
    assert_eq!(config.gates.fmt.timeout_s, 30, "hexadecimal");
    assert_eq!(config.gates.git.untracked, Untracked::Warn);
    assert_eq!(
        config
            .artifacts
            .iter()
            .map(|artifact| artifact.kind)
            .collect::<Vec<_>>(),
        [
            ArtifactKind::Source,
            ArtifactKind::Files,
            ArtifactKind::File,
            ArtifactKind::Package,
            ArtifactKind::Binaries,
            ArtifactKind::Docs,
            ArtifactKind::Terraform,
        ]
    );
    assert_eq!(
        config.artifacts[5].top_or_default(),
        "parser-docs-{version}"
    );
    assert_eq!(config.artifacts[1].top_or_default(), "{project}-{version}");
    assert_eq!(config.artifacts_or_default(), config.artifacts);
    assert_eq!(
        config
            .waivers
            .iter()
            .map(|waiver| waiver.until.to_string())
            .collect::<Vec<_>>(),
        ["2026-12-31", "2028-02-29"]
    );

    // No value is that of the default, so nothing can have been overlooked.
    let (read, default) = (
        serde_json::to_value(&config).unwrap(),
        serde_json::to_value(Config::default()).unwrap(),
    );
    let (tree, mut all) = (tree(), Vec::new());
    keys(&tree, "", &mut all);
    for (path, _) in all.iter().filter(|(path, _)| !path.contains("[]")) {
        let pointer = format!("/{}", path.replace('.', "/"));
        assert!(read.pointer(&pointer).is_some(), "{path}");
        assert_ne!(read.pointer(&pointer), default.pointer(&pointer), "{path}");
    }
}

#[test]
fn the_example_has_every_key_of_the_schema_and_no_other() {
    let (tree, mut all, mut used) = (tree(), Vec::new(), Vec::new());
    keys(&tree, "", &mut all);
    let text = DeTable::parse(EVERY_KEY).unwrap();
    found(text.get_ref(), "", &mut used);
    let all: BTreeSet<String> = all.into_iter().map(|(path, _)| path).collect();
    let used: BTreeSet<String> = used.into_iter().map(|(path, ..)| path).collect();
    assert_eq!(used, all);
}

#[test]
fn what_is_written_is_read_again() {
    for config in [Config::default(), parse(EVERY_KEY).unwrap()] {
        let text = toml::to_string(&config).expect("it can be written");
        assert_eq!(parse(&text), Ok(config), "{text}");
    }
}

#[test]
fn every_key_refuses_another_type_and_another_name() {
    let text = DeTable::parse(EVERY_KEY).unwrap();
    let mut used = Vec::new();
    found(text.get_ref(), "", &mut used);
    for (path, key, value) in &used {
        let (line, column) = place(EVERY_KEY, key.start);
        let renamed = format!(
            "{}zzzzzzzz{}",
            &EVERY_KEY[..key.start],
            &EVERY_KEY[key.end..]
        );
        let errors = parse(&renamed).expect_err(path).0;
        let unknown = errors
            .iter()
            .find(|error| error.message.starts_with("unknown key `zzzzzzzz` "))
            .expect(path);
        // A table of its own may have been named by a header further up, or further down: `[gates]` and `[gates.git]`.
        if !value.get_ref().is_table() {
            assert_eq!((unknown.line, unknown.column), (line, column), "{path}");
        }
        let is_inline = !value.get_ref().is_table() && !EVERY_KEY[value.span()].starts_with("[[");
        if is_inline {
            // No key is a float.
            let span = value.span();
            let changed = format!("{}1.5{}", &EVERY_KEY[..span.start], &EVERY_KEY[span.end..]);
            let errors = parse(&changed).expect_err(path).0;
            assert_eq!(errors.len(), 1, "{path}: {errors:?}");
            assert!(
                errors[0].message.ends_with(", found a float"),
                "{path}: {}",
                errors[0]
            );
            assert_eq!(
                (errors[0].line, errors[0].column),
                place(EVERY_KEY, span.start),
                "{path}"
            );
        }
    }
}

#[test]
fn the_schema_says_nothing_the_reader_does_not_hold() {
    // What the walk enforces, and what is only said.
    let enforced = [
        "type",
        "properties",
        "required",
        "additionalProperties",
        "items",
        "minItems",
        "minLength",
        "minimum",
        "enum",
        "oneOf",
        "const",
        "format",
    ];
    let said = ["$schema", "title", "description", "default", "examples"];
    fn visit(schema: &Value, known: &[&str]) {
        for (keyword, value) in schema.as_object().expect("a schema is an object") {
            assert!(known.contains(&keyword.as_str()), "{keyword}");
            match keyword.as_str() {
                "properties" => value
                    .as_object()
                    .unwrap()
                    .values()
                    .for_each(|schema| visit(schema, known)),
                "items" => visit(value, known),
                "oneOf" => value
                    .as_array()
                    .unwrap()
                    .iter()
                    .for_each(|schema| visit(schema, known)),
                "format" => assert!(value == "date" || value == "percent", "{value}"),
                "additionalProperties" => assert_eq!(value, false),
                // What editors show; the walk has one kind for each.
                "type" if schema["format"] == "percent" => {
                    assert_eq!(value, &serde_json::json!(["string", "integer"]));
                }
                "type" => assert!(
                    ["object", "array", "string", "boolean", "integer"]
                        .contains(&value.as_str().unwrap()),
                    "{value}"
                ),
                _ => {}
            }
        }
        assert_eq!(
            schema["type"] == "object",
            schema["additionalProperties"] == false,
            "{schema}"
        );
    }
    visit(&tree(), &[&enforced[..], &said[..]].concat());
}

#[test]
fn every_key_is_described_and_every_default_is_its_own() {
    let (tree, mut all) = (tree(), Vec::new());
    keys(&tree, "", &mut all);
    let default = serde_json::to_value(Config::default()).unwrap();
    for (path, schema) in &all {
        assert!(
            schema["description"]
                .as_str()
                .is_some_and(|text| text.ends_with(['.', '`'])),
            "{path}"
        );
        if let (Some(said), false) = (schema.get("default"), path.contains("[]")) {
            assert_eq!(
                default.pointer(&format!("/{}", path.replace('.', "/"))),
                Some(said),
                "{path}"
            );
        }
    }
}

#[test]
fn the_examples_in_the_descriptions_are_valid() {
    let (tree, mut all) = (tree(), Vec::new());
    keys(&tree, "", &mut all);
    let mut examples = BTreeSet::new();
    for (path, schema) in all {
        let description = schema["description"].as_str().unwrap();
        for example in description.split("```toml\n").skip(1) {
            let example = example.split("```").next().unwrap();
            let config =
                parse(example).unwrap_or_else(|errors| panic!("{path}: {errors}\n{example}"));
            assert_ne!(config, Config::default(), "{path}");
            examples.insert(path.split('.').next().unwrap_or(&path).to_owned());
        }
    }
    let tables = tree["properties"].as_object().unwrap().keys().cloned();
    assert_eq!(examples, tables.collect(), "at least one for each table");
}

#[test]
fn the_schema_is_one_text() {
    let text = schema();
    assert!(text.ends_with("}\n") && !text.ends_with("\n\n"));
    // Sorted, so that no feature of `serde_json` can change the order.
    let mut tree = tree();
    tree.sort_all_objects();
    assert_eq!(format!("{tree:#}\n"), text);
}

#[test]
fn the_default_artifact_is_one_source_archive() {
    let artifacts = Config::default().artifacts_or_default();
    assert_eq!(artifacts.len(), 1);
    assert_eq!(
        (artifacts[0].name_or_default(), artifacts[0].kind),
        ("{project}-{version}-source.tar.gz", ArtifactKind::Source)
    );
    let config = Config {
        artifacts,
        ..Config::default()
    };
    assert_eq!(
        parse(&toml::to_string(&config).unwrap()),
        Ok(config),
        "it could have been written"
    );
}

/// One change to a text, at a place given as a share of its length.
#[derive(Debug, Clone)]
enum Change {
    Insert(f64, String),
    Delete(f64, usize),
    Double(f64),
    Truncate(f64),
}

fn change() -> impl Strategy<Value = Change> {
    let snippet = prop_oneof![
        "[\\[\\]{}=\"'.,#\n\r\t \\\\a-c0-9ä-]{1,4}",
        prop::sample::select(vec![
            "[release]\n",
            "[[artifact]]\n",
            "[[waiver]]\n",
            "\"\"\"",
            "'''",
            "\u{feff}",
            "\0",
            "-1",
            "2026-02-30",
            "{tag}",
            "{",
            "..",
            "true",
            "\r\n"
        ])
        .prop_map(str::to_owned),
    ];
    prop_oneof![
        4 => (0.0..=1.0, snippet).prop_map(|(at, text)| Change::Insert(at, text)),
        4 => (0.0..=1.0, 1_usize..30).prop_map(|(at, length)| Change::Delete(at, length)),
        2 => (0.0..=1.0).prop_map(Change::Double),
        1 => (0.0..=1.0).prop_map(Change::Truncate),
    ]
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a share of a short text"
)]
fn apply(text: &mut Vec<char>, change: &Change) {
    let at = |share: f64| (share * text.len() as f64) as usize;
    match change {
        Change::Insert(share, snippet) => {
            let at = at(*share);
            text.splice(at..at, snippet.chars());
        }
        Change::Delete(share, length) => {
            let at = at(*share);
            text.drain(at..(at + length).min(text.len()));
        }
        Change::Double(share) => {
            let at = at(*share);
            let start = text[..at]
                .iter()
                .rposition(|found| *found == '\n')
                .map_or(0, |newline| newline + 1);
            let line: Vec<char> = text[start..]
                .iter()
                .copied()
                .take_while(|found| *found != '\n')
                .chain(['\n'])
                .collect();
            text.splice(start..start, line);
        }
        Change::Truncate(share) => text.truncate(at(*share)),
    }
}

/// Every error of the text stands in it, is one line, and in order.
fn errors_are_sound(text: &str) -> Result<(), TestCaseError> {
    let Err(errors) = parse(text) else {
        return Ok(());
    };
    prop_assert!(!errors.0.is_empty());
    prop_assert!(
        errors
            .0
            .is_sorted_by_key(|error| (error.line, error.column)),
        "{errors}"
    );
    let lines: Vec<&str> = text
        .strip_prefix('\u{feff}')
        .unwrap_or(text)
        .lines()
        .collect();
    for error in &errors.0 {
        prop_assert!(
            error.line >= 1 && error.line <= lines.len().max(1),
            "{error}"
        );
        let width = lines
            .get(error.line - 1)
            .map_or(0, |line| line.chars().count());
        // The end of a line may be a `\r` which `lines` does not count.
        prop_assert!(error.column >= 1 && error.column <= width + 2, "{error}");
        prop_assert!(
            !error.message.is_empty()
                && !error.message.contains('\n')
                && !error.message.ends_with('.'),
            "{error}"
        );
        prop_assert!(!error.message.contains("landfall disagree"), "{error}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_mutated_file_never_panics(changes in prop::collection::vec(change(), 1..5)) {
        let mut text: Vec<char> = EVERY_KEY.chars().collect();
        changes.iter().for_each(|change| apply(&mut text, change));
        errors_are_sound(&text.into_iter().collect::<String>())?;
    }

    #[test]
    fn any_text_never_panics(text in "\\PC{0,40}|([a-c.\"'=\\[\\]{}\n\r#0-9]{0,60})") {
        errors_are_sound(&text)?;
    }
}
