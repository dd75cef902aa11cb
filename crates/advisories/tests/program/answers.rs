//! The program against a database of our own making, and against what is no lock file and no database.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};

/// The registry that RustSec is about, by the name that lock files give it.
const SOURCE: &str = concat!("registry+https://github.com/rust-lang/crates", ".io-index");

fn run(arguments: &[&Path]) -> Output {
    #[expect(
        clippy::disallowed_methods,
        reason = "the test starts the program under test; there is no door in a leaf"
    )]
    let mut command = Command::new(env!("CARGO_BIN_EXE_landfall-advisories"));
    command.args(arguments).output().unwrap()
}

fn database() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/database")
}

/// A lock file with these packages: name, version, source.
fn lock(folder: &Path, packages: &[(&str, &str, Option<&str>)]) -> PathBuf {
    let mut text = "version = 4\n".to_owned();
    for (name, version, source) in packages {
        text.push_str(&format!(
            "\n[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n"
        ));
        if let Some(source) = source {
            text.push_str(&format!("source = \"{source}\"\n"));
        }
    }
    let path = folder.join("Cargo.lock");
    write(&path, &text);
    path
}

fn write(path: &Path, text: &str) {
    #[expect(
        clippy::disallowed_methods,
        reason = "a fixture; there is no door in a leaf"
    )]
    std::fs::write(path, text).unwrap();
}

fn answer(packages: &[(&str, &str, Option<&str>)]) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let output = run(&[&lock(folder.path(), packages), &database()]);
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{output:?}"
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Id, score and severity of every vulnerability.
fn vulnerabilities(answer: &Value) -> Vec<Value> {
    let rows = answer["vulnerabilities"].as_array().unwrap();
    rows.iter()
        .map(|row| json!([row["id"], row["score"], row["severity"]]))
        .collect()
}

#[test]
fn versions_that_are_mended_and_advisories_that_were_taken_back_are_none() {
    let good = [
        ("app", "0.1.0", None),
        ("lefty", "1.5.0", Some(SOURCE)),
        ("mistaken", "1.0.0", Some(SOURCE)),
        ("innocent", "1.0.0", Some(SOURCE)),
    ];
    let answer = answer(&good);
    assert_eq!(answer["schema"], 1);
    assert_eq!(
        answer["packages"],
        json!({ "total": 4, "examined": 3, "elsewhere": [] })
    );
    assert_eq!(
        answer["database"],
        json!({ "advisories": 8, "newest": "2026-11-20" })
    );
    assert_eq!(answer["vulnerabilities"], json!([]));
    assert_eq!(answer["warnings"], json!([]));
}

/// The scores of CVSS 3 are worked out by hand; the vector of CVSS 4 is the one that its examples give 9.3.
#[test]
fn scores_of_both_versions_of_cvss_and_none() {
    let names = ["lefty", "craggy", "plain", "tiny", "mild"];
    let answer = answer(&names.map(|name| (name, "1.0.0", Some(SOURCE))));
    assert_eq!(
        vulnerabilities(&answer),
        [
            json!(["RUSTSEC-2026-9001", 7.5, "high"]),
            json!(["RUSTSEC-2026-9002", 9.3, "critical"]),
            json!(["RUSTSEC-2026-9003", null, null]),
            json!(["RUSTSEC-2026-9006", 1.6, "low"]),
            json!(["RUSTSEC-2026-9007", 5.3, "medium"]),
        ]
    );
    let first = &answer["vulnerabilities"][0];
    assert_eq!(
        first,
        &json!({
            "package": "lefty", "version": "1.0.0", "id": "RUSTSEC-2026-9001", "date": "2026-11-20", "kind": null,
            "title": "reads behind the end of its buffer", "score": 7.5, "severity": "high",
            "cvss": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", "patched": [">=1.5.0"],
            "aliases": ["CVE-2026-90010"], "url": "https://advisories.example/lefty",
        })
    );
}

#[test]
fn informational_advisories_are_apart() {
    let answer = answer(&[
        ("dusty", "1.0.0", Some(SOURCE)),
        ("wobbly", "0.3.0", Some(SOURCE)),
    ]);
    assert_eq!(answer["vulnerabilities"], json!([]));
    let kinds: Vec<&Value> = answer["warnings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["kind"])
        .collect();
    assert_eq!(kinds, ["unmaintained", "unsound"]);
}

#[test]
fn packages_of_other_sources_are_named_for_nothing_is_known_of_them() {
    let answer = answer(&[
        ("lefty", "1.0.0", None),
        (
            "lefty",
            "1.1.0",
            Some("git+https://git.example/lefty#0000000000000000000000000000000000000000"),
        ),
        (
            "craggy",
            "1.0.0",
            Some("registry+https://registry.example/index"),
        ),
    ]);
    assert_eq!(
        answer["packages"],
        json!({ "total": 3, "examined": 0, "elsewhere": ["lefty 1.1.0", "craggy 1.0.0"] })
    );
    assert_eq!(answer["vulnerabilities"], json!([]));
}

#[test]
fn what_cannot_be_read_is_no_answer() {
    let folder = tempfile::tempdir().unwrap();
    let good = lock(folder.path(), &[("lefty", "1.0.0", Some(SOURCE))]);
    let rubbish = folder.path().join("rubbish.lock");
    write(&rubbish, "<html>");
    let empty = folder.path().join("empty");
    let broken = folder.path().join("broken");
    for database in [&empty, &broken] {
        #[expect(
            clippy::disallowed_methods,
            reason = "a fixture; there is no door in a leaf"
        )]
        std::fs::create_dir_all(database.join("crates/lefty")).unwrap();
    }
    write(
        &broken.join("crates/lefty/RUSTSEC-2026-9001.md"),
        "no advisory",
    );
    for (lock, database, why) in [
        (&folder.path().join("none.lock"), &database(), "none.lock"),
        (&rubbish, &database(), "could not read the lock file"),
        (
            &good,
            &folder.path().join("none"),
            "could not read the database",
        ),
        (&good, &empty, "there is no advisory in"),
        (&good, &broken, "could not read the database"),
    ] {
        let output = run(&[lock, database]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(output.stdout.is_empty() && said.contains(why), "{said}");
    }
}

#[test]
fn usage() {
    let help = run(&[Path::new("--help")]);
    assert!(help.status.success());
    assert!(String::from_utf8_lossy(&help.stdout).contains("usage: landfall-advisories"));
    let version = run(&[Path::new("--version")]);
    let expected = concat!("landfall-advisories ", env!("CARGO_PKG_VERSION"), "\n");
    assert_eq!(String::from_utf8_lossy(&version.stdout), expected);
    assert_eq!(run(&[]).status.code(), Some(64));
    assert_eq!(run(&[Path::new("only-one")]).status.code(), Some(64));
}
