//! The table of formats is the folder of formats, and every file finds its own.

use std::collections::BTreeSet;
use std::path::Path;

use landfall_manifest::{DECLARED, FORMATS, cargo_toml, format_of, package_json};

#[test]
fn folder_equals_table() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/formats");
    let files = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let files: BTreeSet<String> = files
        .map(|file| file.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    let names: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
    assert!(names.is_sorted(), "the table is sorted by name");
    let declared: Vec<&str> = DECLARED.iter().map(|format| format.name).collect();
    assert!(declared.is_sorted(), "the table is sorted by name");
    assert_eq!(
        names
            .into_iter()
            .chain(declared)
            .map(str::to_owned)
            .collect::<BTreeSet<_>>(),
        files
    );
}

#[test]
fn a_path_finds_its_format() {
    let cases = [
        ("Cargo.toml", Some("cargo_toml")),
        ("crates/a/Cargo.toml", Some("cargo_toml")),
        ("Cargo.lock", Some("cargo_lock")),
        ("web/package.json", Some("package_json")),
        ("charts/api/Chart.yaml", Some("helm_chart")),
        ("Chart.yml", None),
        ("Chart.lock", None),
        ("package-lock.json", Some("package_lock")),
        ("npm-shrinkwrap.json", Some("package_lock")),
        ("pnpm-lock.yaml", Some("pnpm_lock")),
        ("pnpm-workspace.yaml", None),
        ("pkg/pyproject.toml", Some("pyproject")),
        ("uv.lock", Some("uv_lock")),
        ("VERSION", Some("version_file")),
        ("version", None),
        ("VERSION.md", None),
        ("Cargo.toml.orig", None),
        ("Cargo.toml/x", None),
        ("..", None),
        ("", None),
    ];
    for (path, name) in cases {
        assert_eq!(
            format_of(Path::new(path)).map(|format| format.name),
            name,
            "{path}"
        );
        let owners = FORMATS
            .iter()
            .filter(|format| (format.owns)(Path::new(path)))
            .count();
        assert_eq!(
            owners,
            usize::from(name.is_some()),
            "{path} has one owner at most"
        );
    }
}

#[test]
fn a_merge_conflict_is_called_by_its_name() {
    let json = "{\n  \"a\": 1,\n<<<<<<< HEAD\n  \"b\": 1\n=======\n  \"b\": 2\n>>>>>>> x\n}\n";
    let toml = "a = 1\n<<<<<<< HEAD\nb = 1\n=======\nb = 2\n>>>>>>> x\n";
    for (error, line) in [
        (package_json::read(json).unwrap_err(), 3),
        (cargo_toml::read(toml).unwrap_err(), 2),
    ] {
        assert_eq!(error.line, Some(line), "{error}");
        assert!(error.help.unwrap().contains("merge conflict"));
    }
    assert_eq!(package_json::read("{\n=}").unwrap_err().help, None);
}
