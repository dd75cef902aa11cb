//! Bills of materials: what every graph has to give, and one document in full.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::Value;

use crate::sbom::{Author, Component, Graph, Hash, License, Link, Need, Purl, root};

const TIME: &str = "2026-02-03T04:05:06Z";

fn component(name: &str) -> Component {
    Component {
        application: false,
        name: name.to_owned(),
        version: "1.0.0".to_owned(),
        purl: Purl::new("npm", name, "1.0.0"),
        hashes: Vec::new(),
        license: None,
        authors: Vec::new(),
        links: Vec::new(),
        properties: [].into(),
    }
}

fn texts(list: &Value) -> Vec<&str> {
    let list = list.as_array().unwrap();
    list.iter().map(|text| text.as_str().unwrap()).collect()
}

/// bom-refs below the root with their scopes.
fn scopes(document: &Value) -> Vec<(String, String)> {
    let components = document["components"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    components
        .iter()
        .map(|one| (text(&one["bom-ref"]), text(&one["scope"])))
        .collect()
}

#[test]
fn a_document_says_all_that_is_known_and_no_more() {
    let mut graph = Graph::default();
    let main = graph.add(Component {
        application: true,
        authors: vec![Author {
            name: Some("dev".to_owned()),
            email: Some("dev@example.com".to_owned()),
        }],
        license: Some(License::Expression("MIT OR Apache-2.0".to_owned())),
        ..component("@scope/main")
    });
    let known = Component {
        license: Some(License::Named("see LICENCE.txt".to_owned())),
        hashes: vec![
            Hash {
                algorithm: "SHA-512",
                hex: "ab".repeat(64),
            },
            Hash {
                algorithm: "SHA-1",
                hex: "cd".repeat(20),
            },
        ],
        links: vec![Link {
            kind: "vcs",
            url: "https://forge.example/known".to_owned(),
        }],
        ..component("known")
    };
    let unknown = graph.add(component("unknown"));
    // Installed twice: one package.
    let first = graph.add(component("known"));
    let second = graph.add(known);
    assert_eq!(first, second);
    graph.add(component("of-somebody-else"));
    graph.need(&main, &second, Need::Optional);
    graph.need(&main, &second, Need::Required);
    graph.need(&main, &unknown, Need::Build);
    graph.need(&unknown, &unknown, Need::Required);
    graph.incomplete(&unknown);
    let text = String::from_utf8(graph.document(&main, TIME).unwrap()).unwrap();
    assert_eq!(text, include_str!("sbom.golden.json"));
    // Beside the golden file, what it means.
    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        scopes(&document),
        [
            ("pkg:npm/known@1.0.0".to_owned(), "required".to_owned()),
            ("pkg:npm/unknown@1.0.0".to_owned(), "excluded".to_owned()),
        ]
    );
    assert!(document["components"][1].get("licenses").is_none());
    assert_eq!(document["metadata"]["properties"][0]["value"], "1");
    assert_eq!(document["compositions"][1]["aggregate"], "incomplete");
    assert_eq!(
        texts(&document["compositions"][1]["dependencies"]),
        ["pkg:npm/unknown@1.0.0"]
    );
    assert_eq!(
        root(text.as_bytes()).unwrap(),
        (
            "@scope/main".to_owned(),
            "1.0.0".to_owned(),
            "pkg:npm/%40scope/main@1.0.0".to_owned()
        )
    );
}

#[test]
fn what_is_required_over_any_way_is_required() {
    let mut graph = Graph::default();
    let all: Vec<String> = ["a", "b", "c", "d", "e"]
        .map(|name| graph.add(component(name)))
        .into();
    // a ⇢ b → c, a → d → c, d builds with e, and e needs b.
    graph.need(&all[0], &all[1], Need::Optional);
    graph.need(&all[1], &all[2], Need::Required);
    graph.need(&all[0], &all[3], Need::Required);
    graph.need(&all[3], &all[2], Need::Required);
    graph.need(&all[3], &all[4], Need::Build);
    graph.need(&all[4], &all[1], Need::Required);
    let document: Value = serde_json::from_slice(&graph.document(&all[0], TIME).unwrap()).unwrap();
    let found: Vec<String> = scopes(&document).into_iter().map(|one| one.1).collect();
    assert_eq!(found, ["optional", "required", "required", "excluded"]);
}

#[test]
fn a_graph_with_a_hole_is_no_document() {
    let mut graph = Graph::default();
    assert!(graph.document("pkg:npm/a@1.0.0", TIME).is_err());
    let a = graph.add(component("a"));
    graph.need(&a, "pkg:npm/b@1.0.0", Need::Required);
    let error = graph.document(&a, TIME).unwrap_err().to_string();
    assert!(error.contains("pkg:npm/b@1.0.0"), "{error}");
}

#[test]
fn what_is_no_document_says_so() {
    for (text, says) in [
        ("", "JSON"),
        ("{}", "bomFormat"),
        ("[]", "bomFormat"),
        (r#"{"bomFormat":"CycloneDX"}"#, "metadata.component.name"),
        (
            r#"{"bomFormat":"CycloneDX","metadata":{"component":{"name":"a","version":1}}}"#,
            "metadata.component.version",
        ),
    ] {
        let error = format!("{:#}", root(text.as_bytes()).unwrap_err());
        assert!(error.contains(says), "{text}: {error}");
    }
}

#[test]
fn ten_thousand_packages_are_no_work_for_minutes() {
    let mut graph = Graph::default();
    let all: Vec<String> = (0..10_000)
        .map(|number| graph.add(component(&format!("p{number:05}"))))
        .collect();
    for (index, from) in all.iter().enumerate() {
        for step in [1, 7, 1000] {
            graph.need(from, &all[(index + step) % all.len()], Need::Required);
        }
    }
    let document: Value = serde_json::from_slice(&graph.document(&all[0], TIME).unwrap()).unwrap();
    assert_eq!(document["components"].as_array().unwrap().len(), 9_999);
}

/// Packages, what they need of each other, and which of them are incomplete.
#[derive(Debug, Clone)]
struct Model {
    names: BTreeSet<String>,
    needs: Vec<(usize, usize, Need)>,
    incomplete: Vec<usize>,
}

fn model() -> impl Strategy<Value = Model> {
    let need = prop_oneof![
        Just(Need::Required),
        Just(Need::Optional),
        Just(Need::Build)
    ];
    (
        proptest::collection::btree_set("(@[a-c]/)?[a-zA-Z0-9 %&?#@é.~-]{1,6}", 1..20),
        proptest::collection::vec((0..20_usize, 0..20_usize, need), 0..60),
        proptest::collection::vec(0..20_usize, 0..4),
    )
        .prop_map(|(names, needs, incomplete)| Model {
            names,
            needs,
            incomplete,
        })
}

/// The same graph, put together from the front or from the back.
fn graph(model: &Model, backwards: bool) -> (Graph, String) {
    let mut graph = Graph::default();
    let names: Vec<&String> = model.names.iter().collect();
    let refs: Vec<String> = names
        .iter()
        .map(|name| component(name).purl.to_string())
        .collect();
    let mut order = names;
    let mut needs = model.needs.clone();
    if backwards {
        order.reverse();
        needs.reverse();
    }
    for name in order {
        graph.add(component(name));
    }
    let at = |index: usize| &refs[index % refs.len()];
    for (from, to, need) in needs {
        graph.need(at(from), at(to), need);
    }
    for index in &model.incomplete {
        graph.incomplete(at(*index));
    }
    (graph, refs[0].clone())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_graph_is_a_document_without_holes(model in model()) {
        let (one, main) = graph(&model, false);
        let bytes = one.document(&main, TIME).unwrap();
        prop_assert_eq!(&bytes, &graph(&model, true).0.document(&main, TIME).unwrap());
        let document: Value = serde_json::from_slice(&bytes).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let below: Vec<String> = scopes(&document).into_iter().map(|one| one.0).collect();
        prop_assert!(below.is_sorted_by(|a, b| a < b));
        let all: BTreeSet<String> = below.iter().cloned().chain([main.clone()]).collect();
        prop_assert_eq!(all.len(), below.len() + 1);
        let entries = document["dependencies"].as_array().unwrap();
        let refs: BTreeSet<String> = entries.iter().map(|one| text(&one["ref"])).collect();
        prop_assert_eq!(&refs, &all);
        prop_assert_eq!(refs.len(), entries.len());
        let mut needed = BTreeSet::from([main]);
        for entry in entries {
            let Some(on) = entry.get("dependsOn") else { continue };
            let on = texts(on);
            prop_assert!(!on.is_empty() && on.is_sorted_by(|a, b| a < b));
            prop_assert!(on.iter().all(|one| all.contains(*one)));
            needed.extend(on.into_iter().map(str::to_owned));
        }
        prop_assert_eq!(&needed, &all, "something stands there that nobody needs");
        let told: Vec<String> = document["compositions"]
            .as_array().unwrap().iter()
            .flat_map(|one| texts(&one["dependencies"]).into_iter().map(str::to_owned).collect::<Vec<_>>())
            .collect();
        prop_assert_eq!(told.len(), all.len());
        prop_assert_eq!(told.into_iter().collect::<BTreeSet<_>>(), all);
    }

    #[test]
    fn another_graph_has_another_serial_number(model in model(), at in 0..20_usize) {
        let (one, main) = graph(&model, false);
        let serial = |graph: &Graph| {
            let document: Value = serde_json::from_slice(&graph.document(&main, TIME).unwrap()).unwrap();
            document["serialNumber"].as_str().unwrap().to_owned()
        };
        let first = serial(&one);
        let (head, rest) = first.split_at(9);
        prop_assert_eq!(head, "urn:uuid:");
        let parts: Vec<usize> = rest.split('-').map(str::len).collect();
        prop_assert_eq!(parts, [8, 4, 4, 4, 12]);
        prop_assert_eq!(&rest[14..15], "8");
        prop_assert!("89ab".contains(&rest[19..20]));
        let mut other = one;
        let new = other.add(component("something-new"));
        let from = component(model.names.iter().nth(at % model.names.len()).unwrap()).purl.to_string();
        other.need(&main, &from, Need::Required);
        other.need(&from, &new, Need::Required);
        prop_assert_ne!(first, serial(&other));
    }

    #[test]
    fn no_bytes_are_a_reason_to_break_down(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(root(&bytes).is_err());
    }
}
