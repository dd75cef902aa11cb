//! The document as CycloneDX 1.6 writes it. Everything that is a list is sorted, so that one graph gives one text.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use serde::Serialize;

use super::{Author, Component, Graph, License, Need};
use crate::sha256_hex;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    bom_format: &'static str,
    spec_version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    serial_number: Option<String>,
    version: u32,
    metadata: Metadata<'a>,
    components: Vec<Entry<'a>>,
    dependencies: Vec<Dependency<'a>>,
    compositions: Vec<Composition<'a>>,
}

#[derive(Serialize)]
struct Metadata<'a> {
    timestamp: &'a str,
    tools: Tools,
    component: Entry<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    properties: Vec<Property<'a>>,
}

#[derive(Serialize)]
struct Tools {
    components: [Tool; 1],
}

/// Without a version: the document is a matter of the commit, and whoever builds it again may have another one.
#[derive(Serialize)]
struct Tool {
    #[serde(rename = "type")]
    kind: &'static str,
    name: &'static str,
}

#[derive(Serialize)]
struct Entry<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(rename = "bom-ref")]
    bom_ref: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    authors: Vec<Contact<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<&'a str>,
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    version: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hashes: Vec<Digest<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    licenses: Vec<Choice<'a>>,
    purl: &'a str,
    #[serde(rename = "externalReferences", skip_serializing_if = "Vec::is_empty")]
    links: Vec<Reference<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    properties: Vec<Property<'a>>,
}

#[derive(Serialize)]
struct Contact<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
}

#[derive(Serialize, PartialEq, Eq, PartialOrd, Ord)]
struct Digest<'a> {
    alg: &'static str,
    content: &'a str,
}

/// What the package says, not what somebody has found out.
#[derive(Serialize)]
#[serde(untagged)]
enum Choice<'a> {
    Expression {
        expression: &'a str,
        acknowledgement: &'static str,
    },
    License {
        license: Named<'a>,
    },
}

#[derive(Serialize)]
struct Named<'a> {
    name: &'a str,
    acknowledgement: &'static str,
}

#[derive(Serialize, PartialEq, Eq, PartialOrd, Ord)]
struct Reference<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    url: &'a str,
}

#[derive(Serialize)]
struct Property<'a> {
    name: &'a str,
    value: String,
}

#[derive(Serialize)]
struct Dependency<'a> {
    #[serde(rename = "ref")]
    of: &'a str,
    #[serde(rename = "dependsOn", skip_serializing_if = "Vec::is_empty")]
    on: Vec<&'a str>,
}

#[derive(Serialize)]
struct Composition<'a> {
    aggregate: &'static str,
    dependencies: Vec<&'a str>,
}

pub(super) fn write(
    graph: &Graph,
    root: &str,
    scopes: &BTreeMap<&str, Need>,
    time: &str,
) -> Result<Vec<u8>> {
    let below = || scopes.iter().filter(|(reference, _)| **reference != root);
    let mut components = Vec::new();
    for (reference, need) in below() {
        components.push(entry(reference, graph.component(reference)?, Some(*need)));
    }
    let unlicensed = components
        .iter()
        .filter(|entry| entry.licenses.is_empty())
        .count();
    let of = graph.component(root)?;
    let mut subject = entry(root, of, None);
    subject.authors = of.authors.iter().map(contact).collect();
    let dependencies = scopes.keys().map(|reference| Dependency {
        of: reference,
        on: graph
            .needs
            .get(*reference)
            .into_iter()
            .flat_map(|needs| needs.keys().map(String::as_str))
            .collect(),
    });
    let mut document = Document {
        bom_format: "CycloneDX",
        spec_version: "1.6",
        serial_number: None,
        version: 1,
        metadata: Metadata {
            timestamp: time,
            tools: Tools {
                components: [Tool {
                    kind: "application",
                    name: "landfall",
                }],
            },
            component: subject,
            properties: vec![Property {
                name: "landfall:components-of-unknown-licence",
                value: unlicensed.to_string(),
            }],
        },
        components,
        dependencies: dependencies.collect(),
        compositions: compositions(graph, scopes),
    };
    document.serial_number = Some(serial(&text(&document)?));
    text(&document)
}

fn text(document: &Document<'_>) -> Result<Vec<u8>> {
    let mut text = serde_json::to_vec_pretty(document)?;
    text.push(b'\n');
    Ok(text)
}

/// `urn:uuid:` and a UUID of version 8 from the first 122 bits of the SHA-256 that are not version and variant.
fn serial(text: &[u8]) -> String {
    let digest = sha256_hex(text);
    // The two highest bits of the variant are `10`.
    let variant = match digest.as_bytes()[16] {
        b'0' | b'4' | b'8' | b'c' => '8',
        b'1' | b'5' | b'9' | b'd' => '9',
        b'2' | b'6' | b'a' | b'e' => 'a',
        _ => 'b',
    };
    format!(
        "urn:uuid:{}-{}-8{}-{variant}{}-{}",
        &digest[..8],
        &digest[8..12],
        &digest[13..16],
        &digest[17..20],
        &digest[20..32]
    )
}

fn entry<'a>(reference: &'a str, component: &'a Component, need: Option<Need>) -> Entry<'a> {
    let (group, name) = match component.name.rsplit_once('/') {
        Some((group, name)) => (Some(group), name),
        None => (None, component.name.as_str()),
    };
    let hashes = component.hashes.iter().map(|hash| Digest {
        alg: hash.algorithm,
        content: &hash.hex,
    });
    let links = component.links.iter().map(|link| Reference {
        kind: link.kind,
        url: &link.url,
    });
    Entry {
        kind: match component.application {
            true => "application",
            false => "library",
        },
        bom_ref: reference,
        authors: Vec::new(),
        group,
        name,
        version: &component.version,
        scope: need.map(|need| match need {
            Need::Required => "required",
            Need::Optional => "optional",
            Need::Build => "excluded",
        }),
        hashes: sorted(hashes),
        licenses: component.license.iter().map(choice).collect(),
        // The bom-ref is the purl.
        purl: reference,
        links: sorted(links),
        properties: component
            .properties
            .iter()
            .map(|(name, value)| Property {
                name,
                value: value.clone(),
            })
            .collect(),
    }
}

/// Each one once.
fn sorted<T: Ord>(all: impl Iterator<Item = T>) -> Vec<T> {
    all.collect::<BTreeSet<T>>().into_iter().collect()
}

fn contact(author: &Author) -> Contact<'_> {
    Contact {
        name: author.name.as_deref(),
        email: author.email.as_deref(),
    }
}

fn choice(license: &License) -> Choice<'_> {
    let acknowledgement = "declared";
    match license {
        License::Expression(expression) => Choice::Expression {
            expression,
            acknowledgement,
        },
        License::Named(name) => Choice::License {
            license: Named {
                name,
                acknowledgement,
            },
        },
    }
}

/// Of which packages all is listed that they need, and of which not.
fn compositions<'a>(graph: &Graph, scopes: &BTreeMap<&'a str, Need>) -> Vec<Composition<'a>> {
    let (incomplete, complete): (Vec<&str>, Vec<&str>) = scopes
        .keys()
        .copied()
        .partition(|reference| graph.incomplete.contains(*reference));
    [("complete", complete), ("incomplete", incomplete)]
        .into_iter()
        .filter(|(_, dependencies)| !dependencies.is_empty())
        .map(|(aggregate, dependencies)| Composition {
            aggregate,
            dependencies,
        })
        .collect()
}
