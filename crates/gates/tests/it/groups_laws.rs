//! The law of groups over whatever graph of packages: afterwards every requirement takes its package, and what has nothing to
//! follow is the same, byte for byte.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use semver::{Version, VersionReq};
use testkit::Repo;

use crate::groups::{INDEPENDENT, apply, cargo_accepts, krate, lock, set, touched};

/// A package of a graph: its version, and what it needs of earlier ones (index, requirement, whether for development only).
#[derive(Debug, Clone)]
struct Node {
    version: &'static str,
    needs: Vec<(usize, &'static str, bool)>,
}

fn graph() -> impl Strategy<Value = (Vec<Node>, usize, &'static str)> {
    let requirement =
        prop::sample::select(vec!["1", "^1.0", "=1.0.0", ">=1, <3", "*", "~1.0", "1.0.0"]);
    let needs = prop::collection::vec((0_usize..8, requirement, prop::bool::weighted(0.2)), 0..4);
    let node = needs.prop_map(|needs| Node {
        version: "1.0.0",
        needs,
    });
    (
        prop::collection::vec(node, 2..8),
        0_usize..8,
        prop::sample::select(vec!["1.0.1", "1.1.0", "2.0.0", "3.0.0", "2.0.0-rc.1"]),
    )
        .prop_map(|(mut nodes, first, version)| {
            for (index, node) in nodes.iter_mut().enumerate() {
                for need in &mut node.needs {
                    need.0 %= index.max(1);
                }
                // The first needs nobody, and nobody needs another twice.
                let mut seen = BTreeSet::new();
                node.needs.retain(|need| index > 0 && seen.insert(need.0));
            }
            let first = first % nodes.len();
            (nodes, first, version)
        })
}

fn write_graph(repo: &Repo, nodes: &[Node]) {
    for (index, node) in nodes.iter().enumerate() {
        let mut text = String::new();
        for dev in [false, true] {
            let table = if dev {
                "dev-dependencies"
            } else {
                "dependencies"
            };
            text.push_str(&format!("\n[{table}] # told\n"));
            for (other, requirement, _) in node.needs.iter().filter(|need| need.2 == dev) {
                text.push_str(&format!(
                    "n{other} = {{ version = \"{requirement}\", path = \"../n{other}\" }}\n"
                ));
            }
        }
        krate(repo, &format!("n{index}"), node.version, &text);
    }
}

/// The rule told once more, by other means: who gets which version.
fn model(nodes: &[Node], first: usize, version: &Version) -> BTreeMap<usize, Version> {
    let mut new = BTreeMap::from([(first, version.clone())]);
    loop {
        let before = new.clone();
        for (index, node) in nodes.iter().enumerate() {
            let broken = node.needs.iter().any(|(other, requirement, dev)| {
                let requirement = VersionReq::parse(requirement).unwrap();
                !dev && before
                    .get(other)
                    .is_some_and(|new| !requirement.matches(new))
            });
            if broken && index != first {
                let own: Version = node.version.parse().unwrap();
                new.insert(index, Version::new(own.major, own.minor, own.patch + 1));
            }
        }
        if new == before {
            return new;
        }
    }
}

#[test]
fn whatever_the_graph_every_requirement_takes_its_package_and_the_rest_stays() {
    let mut runner = TestRunner::new(Config {
        cases: 10,
        failure_persistence: None,
        ..Config::default()
    });
    runner
        .run(&graph(), |(nodes, first, version)| {
            let repo = Repo::empty();
            repo.write(
                "Cargo.toml",
                "[workspace]\nresolver = \"3\"\nmembers = [\"crates/*\"]\n",
            );
            write_graph(&repo, &nodes);
            lock(&repo);
            repo.commit("feat: a graph");
            let group = format!("n{first}");
            let (changes, _) = set(&repo, INDEPENDENT, &group, version);
            let expected = model(&nodes, first, &version.parse().unwrap());
            let mut free = BTreeSet::new();
            for (index, node) in nodes.iter().enumerate() {
                let path = format!("crates/n{index}/Cargo.toml");
                let broken = node.needs.iter().any(|(other, requirement, _)| {
                    let requirement = VersionReq::parse(requirement).unwrap();
                    expected
                        .get(other)
                        .is_some_and(|new| !requirement.matches(new))
                });
                if !broken && !expected.contains_key(&index) {
                    free.insert(path);
                }
            }
            for path in touched(&changes) {
                prop_assert!(!free.contains(path), "{} has nothing to follow", path);
            }
            apply(&repo, &changes);
            for (index, node) in nodes.iter().enumerate() {
                let text = repo.read(&format!("crates/n{index}/Cargo.toml"));
                let read = manifest::cargo_toml::inspect(&text).unwrap();
                let own = expected
                    .get(&index)
                    .map_or(node.version.to_owned(), ToString::to_string);
                let line = format!("version = \"{own}\"\n");
                prop_assert!(text.contains(&line), "n{} is not {}: {}", index, own, text);
                for dependency in read.dependencies {
                    let other: usize = dependency.package[1..].parse().unwrap();
                    let has = expected
                        .get(&other)
                        .cloned()
                        .unwrap_or(nodes[other].version.parse().unwrap());
                    let requirement = dependency.requirement.unwrap();
                    let takes = VersionReq::parse(&requirement).unwrap().matches(&has);
                    prop_assert!(
                        takes,
                        "n{} needs {} {} and that is {}",
                        index,
                        dependency.package,
                        requirement,
                        has
                    );
                }
            }
            cargo_accepts(&repo);
            let (again, raises) = set(&repo, INDEPENDENT, &group, version);
            prop_assert_eq!((touched(&again), raises), (BTreeSet::new(), Vec::new()));
            Ok(())
        })
        .unwrap();
}
