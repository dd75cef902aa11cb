//! The table of gates, in the order in which they are shown. A new gate is a file in `gates/` and a line here.

mod audit;
mod benchmarks;
mod build;
mod changelog;
mod clippy;
mod coverage;
mod deps;
mod doc;
mod docs;
mod fmt;
mod git;
mod infra;
mod licenses;
mod links;
mod msrv;
mod publishable;
mod secrets;
mod security;
mod semver;
mod staging;
mod test;
mod tools;
mod tracker;
mod version;
mod workflows;

use crate::Gate;

/// All gates there are.
pub const GATES: &[Gate] = &[
    tools::GATE,
    git::GATE,
    deps::GATE,
    audit::GATE,
    build::GATE,
    test::GATE,
    coverage::GATE,
    security::GATE,
    secrets::GATE,
    licenses::GATE,
    docs::GATE,
    links::GATE,
    infra::GATE,
    workflows::GATE,
    version::GATE,
    changelog::GATE,
    tracker::GATE,
    benchmarks::GATE,
    staging::GATE,
    fmt::GATE,
    clippy::GATE,
    doc::GATE,
    semver::GATE,
    publishable::GATE,
    msrv::GATE,
];

#[cfg(test)]
mod tests {
    use super::GATES;

    #[test]
    fn the_folder_equals_the_table() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/gates");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
            .collect();
        let mut names: Vec<&str> = GATES.iter().map(|gate| gate.name).collect();
        files.sort();
        names.sort_unstable();
        assert_eq!(files, names);
    }

    #[test]
    fn the_configuration_knows_every_gate_and_every_gate_says_what_it_asks() {
        for gate in GATES {
            assert!(config::GATES.contains(&gate.name), "{}", gate.name);
            assert!(
                !gate.about.is_empty() && !gate.about.ends_with('.'),
                "{}",
                gate.name
            );
        }
    }
}
