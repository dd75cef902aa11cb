//! The corpus of the formats that are told what to look for, and of text patterns, held to every law in every dress.
//!
//! `expected.txt` says of a file what is asked for, and what is read then:
//! - `file | names | a, b`, `file | pattern | REGEX`, `file | counts | 1..2` (asked; usual names, the version line, `1..`);
//! - `file | path of the value | version | line`, and `file | short PATH | version | line` of one with fewer numbers;
//! - `file | left PATH | why | line`, what stays;
//! - `file | none`, and `file | error | message | line`.

use std::path::{Path, PathBuf};

use landfall_manifest::declared::{self, Declared, Reading, Wanted};
use landfall_manifest::pattern::{self, Pattern};
use landfall_manifest::{DECLARED, Edited, Error, FORMATS, Found, Version};

use crate::laws::check_edit;

const AT_LEAST: usize = 30;

/// What stands in the folder of patterns, which are no format.
const PATTERN: &str = "pattern";

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/corpus")
        .join(name)
}

fn files(name: &str) -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = std::fs::read_dir(folder(name))
        .unwrap_or_else(|error| panic!("{name} has no corpus: {error}"))
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read_to_string(&path).unwrap())
        })
        .filter(|(name, _)| name != "expected.txt")
        .collect();
    files.sort();
    files
}

fn expected(name: &str) -> String {
    std::fs::read_to_string(folder(name).join("expected.txt"))
        .unwrap_or_else(|error| panic!("{name} has no expected.txt: {error}"))
}

/// The formats with a corpus of this kind. A chart has one in the other corpus: it is found without being told.
fn all() -> Vec<(&'static str, Option<&'static Declared>)> {
    let mut all: Vec<(&str, Option<&Declared>)> = DECLARED
        .iter()
        .filter(|format| FORMATS.iter().all(|other| other.name != format.name))
        .map(|format| (format.name, Some(format)))
        .collect();
    all.push((PATTERN, None));
    all
}

/// What is asked for in one file.
struct Asked {
    format: Option<&'static Declared>,
    path: String,
    names: Vec<String>,
    regex: String,
    min: usize,
    max: Option<usize>,
    /// The lines of `expected.txt` that ask.
    lines: String,
}

impl Asked {
    fn new(format: Option<&'static Declared>, file: &str, expected: &str) -> Asked {
        let option = |key: &str| {
            let start = format!("{file} | {key} | ");
            expected.lines().find_map(|line| line.strip_prefix(&start))
        };
        let names = option("names").map(|names| names.split(", ").map(str::to_owned).collect());
        let (min, max) = option("counts").map_or((1, None), |counts| {
            let (min, max) = counts.split_once("..").unwrap();
            (min.parse().unwrap(), max.parse().ok())
        });
        let mut lines = String::new();
        for key in ["names", "pattern", "counts"] {
            if let Some(value) = option(key) {
                lines.push_str(&format!("{file} | {key} | {value}\n"));
            }
        }
        Asked {
            format,
            path: file.trim_end_matches(".txt").to_owned(),
            names: names.unwrap_or_default(),
            regex: option("pattern")
                .unwrap_or(pattern::VERSION_LINE)
                .to_owned(),
            min,
            max,
            lines,
        }
    }

    fn find(&self, text: &str) -> Result<Reading, Error> {
        match self.format {
            Some(format) => declared::find(text, format, &self.wanted()),
            None => pattern::find(text, &self.pattern()).map(|found| Reading {
                found,
                ..Reading::default()
            }),
        }
    }

    fn set(&self, text: &str, version: &Version) -> Result<Edited, Error> {
        match self.format {
            Some(format) => declared::set(text, format, &self.wanted(), version),
            None => pattern::set(text, &self.pattern(), version),
        }
    }

    fn wanted(&self) -> Wanted<'_> {
        Wanted {
            path: &self.path,
            names: &self.names,
            min: self.min,
            max: self.max,
        }
    }

    fn pattern(&self) -> Pattern<'_> {
        Pattern {
            regex: &self.regex,
            min: self.min,
            max: self.max,
        }
    }

    /// The path of a value; that of a pattern is the pattern, which is said once.
    fn what<'w>(&self, what: &'w str) -> &'w str {
        match self.format {
            Some(_) => what,
            None => "found",
        }
    }
}

/// What `expected.txt` should say of one file.
fn seen(asked: &Asked, file: &str, text: &str) -> String {
    let mut seen = asked.lines.clone();
    let reading = match asked.find(text) {
        Ok(reading) => reading,
        Err(error) => {
            let line = error
                .line
                .map_or_else(|| "-".to_owned(), |line| line.to_string());
            seen.push_str(&format!("{file} | error | {} | {line}\n", error.message));
            return seen;
        }
    };
    let mut tell = |lead: &str, found: &Found| {
        let (what, version, line) = (asked.what(&found.what), &found.version, found.line);
        seen.push_str(&format!("{file} | {lead}{what} | {version} | {line}\n"));
    };
    reading.found.iter().for_each(|found| tell("", found));
    reading.short.iter().for_each(|found| tell("short ", found));
    for left in &reading.left {
        let (what, why, line) = (&left.what, &left.why, left.line);
        seen.push_str(&format!("{file} | left {what} | {why} | {line}\n"));
    }
    if reading == Reading::default() {
        seen.push_str(&format!("{file} | none\n"));
    }
    seen
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "what is read is kept in the folder for scratch of the tests, to be compared"
)]
fn every_declared_format_reads_its_corpus_as_expected() {
    let mut wrong = Vec::new();
    for (name, format) in all() {
        let expected = expected(name);
        let files = files(name);
        assert!(files.len() >= AT_LEAST, "{name} has {} files", files.len());
        let sources = std::fs::read_to_string(folder("SOURCES-declared.md")).unwrap();
        let mut all = String::new();
        for (file, text) in files {
            let line = format!("`{name}/{file}`");
            assert!(
                sources.contains(&line),
                "SOURCES-declared.md says nothing of {line}"
            );
            all.push_str(&seen(&Asked::new(format, &file, &expected), &file, &text));
        }
        if expected != all {
            let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.txt"));
            std::fs::write(&path, &all).unwrap();
            let difference: Vec<&str> = all
                .lines()
                .filter(|line| !expected.contains(line))
                .collect();
            wrong.push(format!(
                "{name}: what is read stands in {}: {difference:#?}",
                path.display()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The whole file in another dress. The lines stay what they are.
fn dresses(text: &str) -> Vec<(&'static str, String)> {
    let windows = text.replace('\n', "\r\n");
    vec![
        ("plain", text.to_owned()),
        ("line ends of Windows", windows.clone()),
        ("byte order mark", format!("\u{feff}{text}")),
        (
            "mark and line ends of Windows",
            format!("\u{feff}{windows}"),
        ),
        (
            "no line end at the end",
            text.trim_end_matches('\n').to_owned(),
        ),
        ("more behind", format!("{text}\n\n")),
    ]
}

fn lines(reading: &Reading) -> Vec<(&str, &str, usize, usize)> {
    let all = reading.found.iter().chain(&reading.short);
    all.map(|one| {
        (
            one.what.as_str(),
            one.version.as_str(),
            one.line,
            one.column,
        )
    })
    .collect()
}

#[test]
fn the_laws_hold_over_the_declared_corpus_in_every_dress() {
    for (name, format) in all() {
        let expected = expected(name);
        for (file, text) in files(name) {
            let asked = Asked::new(format, &file, &expected);
            let plain = asked.find(&text);
            for (dress, text) in dresses(&text) {
                let case = format!("{name}/{file}, {dress}");
                let read = asked.find(&text);
                match (&plain, &read) {
                    (Ok(plain), Ok(read)) => {
                        assert_eq!(lines(read), lines(plain), "{case}");
                        assert_eq!(read.left.len(), plain.left.len(), "{case}");
                    }
                    (Err(plain), Err(read)) => {
                        assert_eq!(read.line, plain.line, "{case}: {read}");
                        let version = Version::new(1, 0, 0);
                        assert!(asked.set(&text, &version).is_err(), "{case}");
                    }
                    _ => panic!("{case}: {read:?}, not {plain:?}"),
                }
                if let Ok(read) = read {
                    check(&asked, &case, &text, &read);
                }
            }
        }
    }
}

fn check(asked: &Asked, case: &str, text: &str, read: &Reading) {
    for version in ["99.8.7", "0.0.1", "99.0.0-rc.1", "3.0.0+7"] {
        let version = Version::parse(version).unwrap();
        let edited = match asked.set(text, &version) {
            Ok(edited) => edited,
            // A pattern is a person's, and may be too narrow for the new version; it says so.
            Err(error) if asked.format.is_none() => {
                assert!(error.message.contains("pattern"), "{case}: {error}");
                continue;
            }
            Err(error) => panic!("{case}: {error}"),
        };
        check_edit(text, &edited, &asked.set(&edited.text, &version).unwrap());
        let after = asked.find(&edited.text).unwrap();
        assert_eq!(
            after.found.len() + after.short.len(),
            read.found.len() + read.short.len(),
            "{case}"
        );
        assert_eq!(after.left.len(), read.left.len(), "{case}");
        for found in &after.found {
            assert_eq!(found.version, version.to_string(), "{case}");
        }
    }
    let mut versions = read.found.iter().map(|found| &found.version);
    if let Some(Ok(version)) = versions.next().map(|version| Version::parse(version))
        && versions.all(|other| *other == version.to_string())
        && read.short.is_empty()
    {
        let edited = asked.set(text, &version).unwrap();
        assert_eq!(edited.text, text, "{case}: what is there is set");
    }
}
