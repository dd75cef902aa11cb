//! The reports before validators and readers of other people: sound ones are taken, broken ones are not.

use std::path::Path;

use gates::reports::{junit, sarif};
use gates::{GATES, Summary};
use world::Cmd;

use super::super::fixture::world;
use super::{NOW_S, every_kind};

/// Whether a program ended well, and all it said.
fn output(program: &Path, args: &[&str]) -> (bool, String) {
    let world = world(vec![
        ("PATH".into(), "/usr/bin:/bin".into()),
        ("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT".into(), "1".into()),
    ]);
    let output = world.ask(&Cmd::new("/", program).args(args)).unwrap();
    let said = [output.stdout.as_slice(), &output.stderr].concat();
    (output.ok(), String::from_utf8_lossy(&said).into_owned())
}

fn part(path: &str) -> Option<std::path::PathBuf> {
    let path = testkit::real_parts().join(path);
    if !path.is_file() {
        testkit::not_covered(&path.display().to_string());
        return None;
    }
    Some(path)
}

/// What must be refused: what it is, the text that is changed, and into what.
type Broken = (&'static str, &'static str, &'static str);

/// Asks a validator of the good reports and of all broken ones, in one go: it takes its time to start. `refused` knows
/// from its answer whether it takes the file of this name.
fn refuses(
    format: &str,
    good: &[String],
    broken: &[Broken],
    validate: impl Fn(&[&str]) -> String,
    refused: impl Fn(&str, &str) -> bool,
) {
    let repo = testkit::Repo::empty();
    let mut files = Vec::new();
    let mut add = |name: String, text: &str| {
        repo.write(&name, text);
        files.push((repo.root().join(&name).display().to_string(), name));
    };
    for (index, text) in good.iter().enumerate() {
        add(format!("good-{index}.{format}"), text);
    }
    for (index, (what, from, to)) in broken.iter().enumerate() {
        let text = good[0].replace(from, to);
        assert_ne!(text, good[0], "{what}");
        add(format!("broken-{index}.{format}"), &text);
    }
    let paths: Vec<&str> = files.iter().map(|(path, _)| path.as_str()).collect();
    let said = validate(&paths);
    for (index, (_, name)) in files.iter().enumerate() {
        let what = broken
            .get(index.wrapping_sub(good.len()))
            .map_or("a good one", |broken| broken.0);
        assert_eq!(refused(&said, name), index >= good.len(), "{what}: {said}");
    }
}

#[test]
fn real_junit_schema() {
    let Some(validator) = testkit::real_program("xmlschema-validate") else {
        return;
    };
    let Some(schema) = part("schemas/junit-10.xsd") else {
        return;
    };
    refuses(
        "xml",
        &[junit(&every_kind(), NOW_S), junit(&Summary::default(), 0)],
        &[
            ("an unescaped character", "&lt;b", "<b"),
            ("a count is missing", " failures=\"1\"", ""),
            ("a time that is none", "time=\"61.241\"", "time=\"1m\""),
            ("an element of another name", "failure", "broken"),
            (
                "a gate without its name",
                "<testcase name=\"git\"",
                "<testcase",
            ),
        ],
        |paths| {
            output(
                &validator,
                &[&["--schema", schema.to_str().unwrap()], paths].concat(),
            )
            .1
        },
        |said, name| !said.contains(&format!("{name} is valid\n")),
    );
}

#[test]
fn real_junit_reader() {
    if testkit::real_program("junitparser").is_none() {
        return;
    }
    let Some(python) = part("venv/bin/python") else {
        return;
    };
    let repo = testkit::Repo::empty();
    repo.write("junit.xml", junit(&every_kind(), NOW_S));
    let path = repo.root().join("junit.xml");
    let script = "import sys, junitparser as j\nfor s in j.JUnitXml.fromfile(sys.argv[1]):\n  for c in s:\n    print(c.name, *[type(r).__name__ for r in c.result])";
    let (ok, said) = output(&python, &["-c", script, path.to_str().unwrap()]);
    assert!(ok, "{said}");
    let expected = "tools\ngit\ndocs Failure\ntest Skipped\naudit Error\nlinks Skipped\ninfra Skipped\na-gate-of-its-own\n";
    assert_eq!(said, expected);
}

const MULTITOOL: &str = "node_modules/@microsoft/sarif-multitool-linux";

fn good_logs() -> [String; 2] {
    [every_kind(), Summary::default()].map(|summary| sarif(&summary, GATES, "release.toml"))
}

/// The schema of the standard, by a validator that knows nothing of SARIF.
#[test]
fn real_sarif_schema() {
    let Some(validator) = testkit::real_program("check-jsonschema") else {
        return;
    };
    let Some(schema) = part(&format!("{MULTITOOL}/sarif-2.1.0.json")) else {
        return;
    };
    refuses(
        "sarif",
        &good_logs(),
        &[
            (
                "another level",
                "\"level\": \"note\"",
                "\"level\": \"info\"",
            ),
            (
                "a result without a message",
                "\"text\": \"the first",
                "\"txt\": \"the first",
            ),
            (
                "a line before the first",
                "\"startLine\": 12",
                "\"startLine\": 0",
            ),
            ("a key of another name", "\"ruleIndex\"", "\"rule_index\""),
        ],
        |paths| {
            output(
                &validator,
                &[&["--schemafile", schema.to_str().unwrap()], paths].concat(),
            )
            .1
        },
        |said, name| said.contains(&format!("{name}::$")),
    );
}

/// The rules of the format that a schema cannot say, and those of what GitHub's code scanning takes.
#[test]
fn real_sarif_rules() {
    let Some(validator) = part(&format!("{MULTITOOL}/Sarif.Multitool")) else {
        return;
    };
    refuses(
        "sarif",
        &good_logs(),
        &[
            ("a result without a place", "\"locations\"", "\"places\""),
            (
                "a result without its rule",
                "\"ruleId\": \"git\"",
                "\"ruleName\": \"git\"",
            ),
            (
                "a rule that is not there",
                "\"ruleIndex\": 3",
                "\"ruleIndex\": 33",
            ),
            ("a path that is no URI", "docs/a%20b", "docs/a b"),
        ],
        |paths| {
            let said = output(
                &validator,
                &[&["validate"], paths, &["--rule-kind", "Sarif;Ghas"]].concat(),
            )
            .1;
            assert!(
                said.contains(&format!("{} files scanned", paths.len())),
                "{said}"
            );
            assert!(!said.contains("skipped"), "{said}");
            said
        },
        |said, name| {
            let of_it = |line: &&str| line.contains(name) && line.contains(": error ");
            said.lines().any(|line| of_it(&line))
        },
    );
}
