//! Manifests as they are written in the wild, a folder per format below `tests/corpus/`, held to every law.
//!
//! A file bears the name its format goes by behind a number and the habit it shows (`07-dotted-keys.Cargo.toml`), or stands
//! under that name in a folder that bears number and habit. `expected.txt` beside them says what is read, in lines of
//! - `file | path of the value | version | line`, one for every version that the file declares for itself;
//! - `file | none`, where it declares none;
//! - `file | error | message | line`, where it is refused;
//! - `file | packages | a, b`, the packages of the repository, whose requirements follow; and what then follows when they
//!   become [`FOLLOWED`]: `file | follows PATH | old → new | line`.
//!
//! `SOURCES.md` and `SOURCES-declared.md` say of every file what it shows and where it is from.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use landfall_manifest::{Change, FORMATS, Format, Version};

use crate::laws;

/// The version of the lines with `follows`: every number differs from those in the corpus, so precision shows.
const FOLLOWED: &str = "99.8.7";
const AT_LEAST: usize = 30;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus")
}

/// The files of a format by their name in its folder, sorted.
fn files(format: &Format) -> BTreeMap<String, String> {
    let top = folder().join(format.name);
    let mut files = BTreeMap::new();
    let mut open = vec![top.clone()];
    while let Some(folder) = open.pop() {
        let entries = std::fs::read_dir(&folder)
            .unwrap_or_else(|error| panic!("{} has no corpus: {error}", format.name));
        for entry in entries {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(&top).unwrap().to_str().unwrap();
            if path.is_dir() {
                open.push(path);
            } else if name != "expected.txt" {
                files.insert(name.to_owned(), std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    files
}

/// The name that the tools know a file by: without number and habit.
fn real_name(name: &str) -> &str {
    match name.split_once('/') {
        Some((_, name)) => name,
        None => name.split_once('.').map_or(name, |(_, name)| name),
    }
}

fn lines(expected: &str) -> Vec<&str> {
    let line = |line: &&str| !line.trim().is_empty() && !line.starts_with('#');
    expected.lines().filter(line).collect()
}

/// The packages that `expected.txt` names for a file.
fn packages(expected: &str, file: &str) -> Option<BTreeSet<String>> {
    lines(expected).iter().find_map(|line| {
        let names = line.strip_prefix(&format!("{file} | packages | "))?;
        Some(names.split(", ").map(str::to_owned).collect())
    })
}

/// What `expected.txt` should say of one file.
fn seen(format: &Format, file: &str, text: &str, packages: Option<&BTreeSet<String>>) -> String {
    let found = match (format.read)(text) {
        Ok(found) => found,
        Err(error) => {
            let line = error
                .line
                .map_or_else(|| "-".to_owned(), |line| line.to_string());
            return format!("{file} | error | {} | {line}\n", error.message);
        }
    };
    let mut seen: String = found
        .iter()
        .map(|one| format!("{file} | {} | {} | {}\n", one.what, one.version, one.line))
        .collect();
    if found.is_empty() {
        seen = format!("{file} | none\n");
    }
    let Some(packages) = packages else {
        return seen;
    };
    let names: Vec<&str> = packages.iter().map(String::as_str).collect();
    seen.push_str(&format!("{file} | packages | {}\n", names.join(", ")));
    let version = Version::parse(FOLLOWED).unwrap();
    let change = Change {
        version: &version,
        packages,
    };
    let edited = (format.set)(text, &change).unwrap();
    let own: BTreeSet<(&str, usize)> = found
        .iter()
        .map(|one| (one.what.as_str(), one.line))
        .collect();
    for place in edited.places {
        if !own.contains(&(place.what.as_str(), place.line)) {
            let (what, old, new) = (&place.what, &place.old, &place.new);
            seen.push_str(&format!(
                "{file} | follows {what} | {old} → {new} | {}\n",
                place.line
            ));
        }
    }
    seen
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "what is read is kept in the folder for scratch of the tests, to be compared"
)]
fn every_format_reads_its_corpus_as_expected() {
    let mut wrong = Vec::new();
    for format in FORMATS {
        let expected = std::fs::read_to_string(folder().join(format.name).join("expected.txt"))
            .unwrap_or_else(|error| panic!("{} has no expected.txt: {error}", format.name));
        let mut all = String::new();
        for (file, text) in files(format) {
            let packages = packages(&expected, &file);
            all.push_str(&seen(format, &file, &text, packages.as_ref()));
        }
        if lines(&expected) != lines(&all) {
            let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}.txt", format.name));
            std::fs::write(&path, &all).unwrap();
            let missing: Vec<&str> = lines(&all)
                .into_iter()
                .filter(|line| !lines(&expected).contains(line))
                .collect();
            let stale: Vec<&str> = lines(&expected)
                .into_iter()
                .filter(|line| !lines(&all).contains(line))
                .collect();
            let name = format.name;
            wrong.push(format!(
                "{name}: what is read stands in {}\nread, not expected: {missing:#?}\nexpected, not read: {stale:#?}",
                path.display()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_laws_hold_over_the_corpus() {
    for format in FORMATS {
        let expected =
            std::fs::read_to_string(folder().join(format.name).join("expected.txt")).unwrap();
        for (file, text) in files(format) {
            let Ok(found) = (format.read)(&text) else {
                let version = Version::new(1, 0, 0);
                let change = Change {
                    version: &version,
                    packages: &BTreeSet::new(),
                };
                assert!(
                    (format.set)(&text, &change).is_err(),
                    "{file} is read not, and set"
                );
                continue;
            };
            let packages = packages(&expected, &file).unwrap_or_default();
            for version in [
                "99.8.7",
                "0.0.1",
                "99.0.0-rc.1",
                "1.0.0-mvp.2+b.5",
                "3.0.0+7",
            ] {
                let version = Version::parse(version).unwrap();
                laws::check_format(format, &text, &version, &packages);
            }
            let versions: BTreeSet<&str> = found.iter().map(|one| one.version.as_str()).collect();
            if let Some(Ok(version)) = versions.first().map(|version| Version::parse(version))
                && versions.len() == 1
            {
                let none = BTreeSet::new();
                let change = Change {
                    version: &version,
                    packages: &none,
                };
                let edited = (format.set)(&text, &change).unwrap();
                assert_eq!(
                    edited.text, text,
                    "{}/{file}: what is there is set",
                    format.name
                );
            }
        }
    }
}

#[test]
fn every_file_of_the_corpus_is_owned_and_has_its_source() {
    let sources = ["SOURCES.md", "SOURCES-declared.md"]
        .map(|name| std::fs::read_to_string(folder().join(name)).unwrap())
        .concat();
    for format in FORMATS {
        let files = files(format);
        assert!(
            files.len() >= AT_LEAST,
            "{} has {} files",
            format.name,
            files.len()
        );
        for (file, text) in files {
            let name = real_name(&file);
            assert!(
                (format.owns)(Path::new(name)),
                "{} does not own {name}",
                format.name
            );
            let line = format!("`{}/{file}`", format.name);
            assert!(
                sources.contains(&line),
                "SOURCES.md and SOURCES-declared.md say nothing of {line}"
            );
            // A path beside the file has no host.
            for stranger in text.replace("file://", "").split("://").skip(1) {
                let host: String = stranger
                    .chars()
                    .take_while(|one| !"/\"'<>),: \n".contains(*one))
                    .collect();
                let ours = host == "registry.example" || host.ends_with("example.com");
                assert!(ours, "{line} names the host {host}");
            }
        }
    }
}
