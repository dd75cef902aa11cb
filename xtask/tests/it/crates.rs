//! Rules over the manifests of the workspace: one lint table, the directions of docs/architecture.md, and a reason for
//! every dependency.

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

use crate::repository::{files, read};

/// Which of our crates a crate may use. A new crate is a line here.
const DIRECTIONS: &[(&str, &[&str])] = &[
    ("advisories", &[]),
    ("archive", &[]),
    ("config", &[]),
    ("gates", &["config", "manifest", "world"]),
    (
        "landfall",
        &["release", "gates", "config", "manifest", "world"],
    ),
    ("manifest", &[]),
    ("notes", &[]),
    (
        "release",
        &["archive", "gates", "config", "manifest", "world"],
    ),
    ("testkit", &[]),
    ("world", &[]),
    ("xtask", &["landfall"]),
    ("zst", &[]),
];

/// What tests may use besides. The rules of this repository look at tables of the crates below.
const FOR_TESTS: &[(&str, &[&str])] = &[("xtask", &["config", "gates", "release", "world"])];

struct Manifest {
    /// `crates/gates/Cargo.toml`.
    path: String,
    /// Name of the folder, which is the name in `[workspace.dependencies]`.
    name: String,
    text: String,
    table: Table,
}

impl Manifest {
    fn new(path: &str, text: &str) -> Manifest {
        let mut folders = path.rsplit('/');
        Manifest {
            name: folders.nth(1).unwrap_or_default().to_owned(),
            table: text
                .parse()
                .unwrap_or_else(|error| panic!("{path}: {error}")),
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    /// `dependencies`, `dev-dependencies` or `build-dependencies`, those of all targets included.
    fn dependencies(&self, kind: &str) -> BTreeMap<String, Value> {
        let mut tables = vec![&self.table];
        if let Some(Value::Table(targets)) = self.table.get("target") {
            tables.extend(targets.values().filter_map(Value::as_table));
        }
        tables
            .into_iter()
            .filter_map(|table| table.get(kind)?.as_table())
            .flat_map(|table| {
                table
                    .iter()
                    .map(|(name, value)| (name.clone(), value.clone()))
            })
            .collect()
    }

    /// The first line that begins with `start`, else the first one.
    fn line(&self, start: &str) -> usize {
        let found = self.text.lines().position(|line| line.starts_with(start));
        found.map_or(1, |index| index + 1)
    }
}

const KINDS: &[&str] = &["dependencies", "dev-dependencies", "build-dependencies"];

fn members() -> Vec<Manifest> {
    let is_member = |path: &&String| {
        let folders: Vec<&str> = path.split('/').collect();
        matches!(
            folders[..],
            ["xtask", "Cargo.toml"] | ["crates", _, "Cargo.toml"]
        )
    };
    files()
        .iter()
        .filter(is_member)
        .map(|path| Manifest::new(path, &read(path)))
        .collect()
}

fn lints(manifest: &Manifest) -> Option<String> {
    let inherited = manifest
        .table
        .get("lints")
        .and_then(|lints| lints.get("workspace"))
        .and_then(Value::as_bool);
    (inherited != Some(true)).then(|| {
        let line = manifest.line("[lints]");
        format!(
            "{}:{line}: does not take the lint table: `[lints] workspace = true`",
            manifest.path
        )
    })
}

fn directions(manifest: &Manifest, ours: &BTreeSet<&str>) -> Vec<String> {
    let of = |table: &'static [(&str, &[&'static str])]| {
        let row = table.iter().find(|(name, _)| *name == manifest.name);
        row.map(|(_, allowed)| *allowed)
    };
    let Some(allowed) = of(DIRECTIONS) else {
        return vec![format!(
            "{}:1: `{}` is not in the table of directions",
            manifest.path, manifest.name
        )];
    };
    let mut problems = Vec::new();
    for kind in KINDS {
        for used in manifest.dependencies(kind).keys() {
            let for_tests = *kind == "dev-dependencies"
                && (used == "testkit"
                    || of(FOR_TESTS).is_some_and(|more| more.contains(&used.as_str())));
            if ours.contains(used.as_str()) && !allowed.contains(&used.as_str()) && !for_tests {
                let line = manifest.line(&format!("{used}.workspace"));
                problems.push(format!(
                    "{}:{line}: `{}` must not use `{used}` ({kind})",
                    manifest.path, manifest.name
                ));
            }
        }
    }
    problems
}

/// Each line of `[workspace.dependencies]` says what it is there for, and somebody uses it.
fn reasons(root: &Manifest, used: &BTreeSet<String>) -> Vec<String> {
    let declared = root
        .table
        .get("workspace")
        .and_then(|workspace| workspace.get("dependencies"))
        .and_then(Value::as_table);
    let mut problems = Vec::new();
    for (name, value) in declared.into_iter().flatten() {
        let line = root.line(&format!("{name} ="));
        let text = root.text.lines().nth(line - 1).unwrap_or_default();
        let reason = text.rsplit_once("# ").map_or("", |(_, reason)| reason);
        if value.get("path").is_none() && reason.trim().is_empty() {
            problems.push(format!(
                "{}:{line}: `{name}` has no reason behind `#` on its line",
                root.path
            ));
        }
        if !used.contains(name) {
            problems.push(format!("{}:{line}: no member uses `{name}`", root.path));
        }
    }
    problems
}

/// The names that members take from the workspace.
fn inherited(members: &[Manifest]) -> BTreeSet<String> {
    members
        .iter()
        .flat_map(|member| KINDS.iter().flat_map(|kind| member.dependencies(kind)))
        .filter(|(_, value)| value.get("workspace").is_some())
        .map(|(name, _)| name)
        .collect()
}

fn ours(members: &[Manifest]) -> BTreeSet<&str> {
    members.iter().map(|member| member.name.as_str()).collect()
}

#[test]
fn every_manifest_follows_the_rules() {
    let members = members();
    assert_eq!(
        ours(&members),
        DIRECTIONS.iter().map(|(name, _)| *name).collect()
    );
    let mut problems: Vec<String> = members.iter().filter_map(lints).collect();
    for member in &members {
        problems.extend(directions(member, &ours(&members)));
    }
    let root = Manifest::new("Cargo.toml", &read("Cargo.toml"));
    problems.extend(reasons(&root, &inherited(&members)));
    assert!(
        problems.is_empty(),
        "{} problems:\n{}",
        problems.len(),
        problems.join("\n")
    );
}

#[test]
fn every_rule_can_fail() {
    let manifest = |path: &str, text: &str| Manifest::new(path, text);
    let bare = manifest(
        "crates/gates/Cargo.toml",
        "[package]\nname = \"x\"\n[lints]\n",
    );
    assert_eq!(
        lints(&bare).as_deref(),
        Some("crates/gates/Cargo.toml:3: does not take the lint table: `[lints] workspace = true`")
    );

    let ours: BTreeSet<&str> = DIRECTIONS.iter().map(|(name, _)| *name).collect();
    let upwards = manifest(
        "crates/gates/Cargo.toml",
        "[dependencies]\nconfig.workspace = true\nrelease.workspace = true\ntestkit.workspace = true\n\
         [dev-dependencies]\ntestkit.workspace = true\n[target.'cfg(unix)'.build-dependencies]\narchive.workspace = true\n",
    );
    assert_eq!(
        directions(&upwards, &ours),
        [
            "crates/gates/Cargo.toml:3: `gates` must not use `release` (dependencies)",
            "crates/gates/Cargo.toml:4: `gates` must not use `testkit` (dependencies)",
            "crates/gates/Cargo.toml:8: `gates` must not use `archive` (build-dependencies)",
        ]
    );
    let stranger = manifest("crates/new/Cargo.toml", "");
    assert_eq!(
        directions(&stranger, &ours),
        ["crates/new/Cargo.toml:1: `new` is not in the table of directions"]
    );

    let root = manifest(
        "Cargo.toml",
        "[workspace.dependencies]\nours = { path = \"crates/ours\" }\ngood = \"1\" # it is good\nmute = \"1\"\nidle = \"1\" # nobody came\n",
    );
    let member = manifest(
        "crates/a/Cargo.toml",
        "[dependencies]\ngood.workspace = true\nours = { workspace = true }\nmute.workspace = true\n",
    );
    assert_eq!(
        reasons(&root, &inherited(&[member])),
        [
            "Cargo.toml:5: no member uses `idle`",
            "Cargo.toml:4: `mute` has no reason behind `#` on its line",
        ]
    );
}
