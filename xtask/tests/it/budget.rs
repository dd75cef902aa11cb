//! The graph of `cargo xtask` stays small: everybody who adopts landfall compiles it.

use std::collections::BTreeSet;

use crate::repository::cargo;

/// The limit of DESIGN.md. Raising it is a decision, not a repair.
const LIMIT: usize = 110;

/// Runtimes, TLS, git libraries and template engines: each brings a world of its own.
const BANNED: &[&str] = &[
    "tokio",
    "async-std",
    "smol",
    "hyper",
    "rustls",
    "openssl",
    "native-tls",
    "git2",
    "libgit2-sys",
    "gix",
    "tera",
    "handlebars",
    "minijinja",
    "askama",
];

/// `name v1.2.3` of every line of `cargo tree --prefix none`, less what stands behind it.
fn packages(tree: &str) -> BTreeSet<String> {
    tree.lines()
        .map(|line| line.split(" (").next().unwrap_or(line).trim().to_owned())
        .filter(|package| !package.is_empty())
        .collect()
}

fn problems(packages: &BTreeSet<String>, limit: usize) -> Vec<String> {
    let mut problems = Vec::new();
    if packages.len() > limit {
        problems.push(format!("{} packages, at most {limit}", packages.len()));
    }
    for package in packages {
        let name = package.split(' ').next().unwrap_or_default();
        if BANNED.contains(&name) {
            problems.push(format!("{package} is not wanted in the graph of xtask"));
        }
    }
    problems
}

#[test]
fn the_graph_of_xtask_is_small() {
    let tree = cargo(&["tree", "-p", "xtask", "--prefix", "none", "--no-dedupe"]).unwrap();
    let packages = packages(&tree);
    assert!(
        packages
            .iter()
            .any(|package| package.starts_with("landfall v")),
        "the tree is not the one of xtask:\n{tree}"
    );
    let problems = problems(&packages, LIMIT);
    let list: Vec<&str> = packages.iter().map(String::as_str).collect();
    assert!(
        problems.is_empty(),
        "{}\n\nall {} packages:\n{}",
        problems.join("\n"),
        list.len(),
        list.join("\n")
    );
}

#[test]
fn too_many_and_unwanted_packages_are_named() {
    let tree = "xtask v0.1.0 (/somewhere)\ntokio v1.0.0\ntokio v1.0.0\nserde v1.0.0 (proc-macro)\nserde v0.9.0\n\n";
    let packages = packages(tree);
    assert_eq!(packages.len(), 4);
    assert_eq!(
        problems(&packages, 3),
        [
            "4 packages, at most 3",
            "tokio v1.0.0 is not wanted in the graph of xtask"
        ]
    );
    assert_eq!(problems(&packages, 4).len(), 1);
}
