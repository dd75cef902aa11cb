//! A thousand packages with five dependencies each, also all on one line: an edit that looked back over the text for
//! each place would be felt here as minutes.

use std::collections::BTreeSet;

use landfall_manifest::{
    Change, Edited, Version, cargo_lock, cargo_toml, package_json, package_lock, pyproject, uv_lock,
};

const PACKAGES: usize = 1000;
const VERSION: &str = "1.0.0-rc.1";

/// The lines of all packages, each made of its number and its five dependencies' entries.
fn joined(separator: &str, entry: fn(&str) -> String, line: fn(usize, &str) -> String) -> String {
    let five = |index: usize| (1..=5).map(move |step| (index + step) % PACKAGES);
    let entries = |index| five(index).map(|other| entry(&format!("crate-{other}")));
    let line = |index| line(index, &entries(index).collect::<Vec<_>>().join(", "));
    (0..PACKAGES).map(line).collect::<Vec<_>>().join(separator)
}

fn check(edited: &Edited, places: usize) {
    assert_eq!(edited.places.len(), places);
    assert!(!edited.text.contains("0.9.0"), "every version followed");
    let new = edited.text.matches(VERSION);
    let normal = edited.text.matches("1.0.0rc1");
    assert_eq!(new.count() + normal.count(), places);
}

fn change<R>(run: impl FnOnce(&Change) -> R) -> R {
    let packages: BTreeSet<String> = (0..PACKAGES)
        .map(|index| format!("crate-{index}"))
        .collect();
    let version = Version::parse(VERSION).unwrap();
    run(&Change {
        version: &version,
        packages: &packages,
    })
}

#[test]
fn a_thousand_cargo_packages_are_set_in_one_pass() {
    let entry = |name: &str| format!("{name} = {{ path = \"p\", version = \"0.9.0\" }}");
    let manifest = joined("\n", entry, |index, entries| {
        format!("target.t{index}.dependencies = {{ {entries} }}")
    });
    let entry = |name: &str| format!("\"{name} 0.9.0\"");
    let lock = joined("\n", entry, |index, entries| {
        format!(
            "[[package]]\nname = \"crate-{index}\"\nversion = \"0.9.0\"\ndependencies = [{entries}]"
        )
    });
    check(
        &change(|change| cargo_toml::set(&manifest, change)).unwrap(),
        5 * PACKAGES,
    );
    check(
        &change(|change| cargo_lock::set(&lock, change)).unwrap(),
        6 * PACKAGES,
    );
    assert_eq!(
        cargo_toml::inspect(&manifest).unwrap().dependencies.len(),
        5 * PACKAGES
    );
}

#[test]
fn a_thousand_npm_packages_on_one_line_are_set_in_one_pass() {
    let entry = |name: &str| format!("\"{name}\":\"~0.9.0\"");
    let package = joined(
        ",",
        |_| String::new(),
        |index, _| format!("\"crate-{index}\":\"^0.9.0\""),
    );
    let package = format!("{{\"version\":\"0.9.0\",\"dependencies\":{{{package}}}}}");
    let lock = joined(",", entry, |index, entries| {
        format!("\"p/crate-{index}\":{{\"version\":\"0.9.0\",\"dependencies\":{{{entries}}}}}")
    });
    let lock = format!("{{\"packages\":{{{lock}}}}}");
    check(
        &change(|change| package_json::set(&package, change)).unwrap(),
        1 + PACKAGES,
    );
    check(
        &change(|change| package_lock::set(&lock, change)).unwrap(),
        6 * PACKAGES,
    );
}

#[test]
fn a_thousand_python_packages_are_set_in_one_pass() {
    let project = joined(
        ",",
        |name| format!("\"{name}>=0.9.0\""),
        |_, entries| entries.to_owned(),
    );
    let project = format!("project = {{ version = \"0.9.0\", dependencies = [{project}] }}");
    let entry = |name: &str| format!("{{ name = \"{name}\", specifier = \"==0.9.0\" }}");
    let lock = joined("\n", entry, |index, entries| {
        format!(
            "[[package]]\nname = \"crate-{index}\"\nversion = \"0.9.0\"\nsource = {{ virtual = \"{index}\" }}\nmetadata.requires-dist = [{entries}]"
        )
    });
    check(
        &change(|change| pyproject::set(&project, change)).unwrap(),
        1 + 5 * PACKAGES,
    );
    check(
        &change(|change| uv_lock::set(&lock, change)).unwrap(),
        6 * PACKAGES,
    );
    let dependencies = pyproject::inspect(&project).unwrap().dependencies;
    assert_eq!(dependencies.len(), 5 * PACKAGES);
}
