//! Starts the program, and reads every section it gives with a second pair of eyes.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use pulldown_cmark::{Event, HeadingLevel, Parser, Tag};
use serde_json::{Value, json};

pub(crate) const REPOSITORY: &str = "https://git.example/acme/app";

pub(crate) fn run(arguments: &[&str], input: &[u8]) -> Output {
    #[expect(
        clippy::disallowed_methods,
        reason = "the test starts the program under test; there is no door in a leaf"
    )]
    let mut command = Command::new(env!("CARGO_BIN_EXE_landfall-notes"));
    // A variable that git-cliff's own configuration loader would obey.
    command
        .args(arguments)
        .env("GIT_CLIFF__CHANGELOG__BODY", "hijacked");
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A program that complains early may close its stdin first; its output is what counts.
    if let Err(error) = child.stdin.take().unwrap().write_all(input) {
        println!("stdin was closed: {error}");
    }
    child.wait_with_output().unwrap()
}

/// 40 hex digits that begin with the number of the commit, which is its place, oldest is 1.
pub(crate) fn id(number: usize) -> String {
    format!("{number:07x}{}", "0".repeat(33))
}

/// Messages newest first; the newest has the highest number.
pub(crate) fn request(messages: &[&str]) -> Value {
    let commits: Vec<Value> = messages
        .iter()
        .enumerate()
        .map(|(at, message)| {
            let author =
                json!({ "name": "dev", "email": "dev@example.com", "time": 1_700_000_000 });
            json!({ "id": id(messages.len() - at), "message": message, "author": author })
        })
        .collect();
    json!({
        "schema": 2, "version": "1.0.0-mvp", "tag": "v1.0.0-mvp", "date": "2026-11-22",
        "previous": null, "repository": null, "commits": commits,
    })
}

pub(crate) fn ask(request: &Value) -> Value {
    let output = run(&[], request.to_string().as_bytes());
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{output:?}"
    );
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    check_structure(&answer);
    answer
}

/// Second opinion on every section: a Markdown reader finds one heading of level 2, the groups
/// in their order, the lines the answer counts, and no HTML.
pub(crate) fn check_structure(answer: &Value) {
    let section = answer["section"].as_str().unwrap();
    assert!(
        section.ends_with('\n') && !section.ends_with("\n\n") && !section.contains("\n\n\n"),
        "{section:?}"
    );
    let (mut releases, mut names, mut counts, mut depth) = (0, Vec::new(), Vec::<u64>::new(), 0);
    let mut in_name = false;
    for event in Parser::new(section) {
        match event {
            Event::Start(Tag::Heading {
                level: HeadingLevel::H2,
                ..
            }) => releases += 1,
            Event::Start(Tag::Heading {
                level: HeadingLevel::H3,
                ..
            }) => in_name = true,
            Event::Start(Tag::Heading { level, .. }) => {
                panic!("a heading of level {level}: {section}")
            }
            Event::End(pulldown_cmark::TagEnd::Heading(_)) => in_name = false,
            Event::Text(text) if in_name => {
                names.push(text.to_string());
                counts.push(0);
            }
            Event::Start(Tag::List(first)) => {
                assert_eq!(first, None, "a numbered list: {section}");
                depth += 1;
            }
            Event::End(pulldown_cmark::TagEnd::List(_)) => depth -= 1,
            Event::Start(Tag::Item) if depth == 1 => *counts.last_mut().unwrap() += 1,
            Event::Html(_)
            | Event::InlineHtml(_)
            | Event::Start(Tag::HtmlBlock | Tag::CodeBlock(_) | Tag::BlockQuote(_)) => {
                panic!("{event:?}: {section}")
            }
            _ => {}
        }
    }
    assert_eq!(releases, 1, "{section}");
    let order = [
        "Added",
        "Changed",
        "Deprecated",
        "Removed",
        "Fixed",
        "Security",
    ];
    let places: Vec<usize> = names
        .iter()
        .map(|name| order.iter().position(|known| known == name).unwrap())
        .collect();
    assert!(places.is_sorted_by(|a, b| a < b), "{names:?}");
    let groups = answer["groups"].as_object().unwrap();
    assert_eq!(groups.len(), names.len());
    for (name, count) in names.iter().zip(&counts) {
        assert_eq!(groups[name], *count, "{name}: {section}");
    }
    assert_eq!(answer["empty"], names.is_empty());
}

/// What follows the heading.
pub(crate) fn body(messages: &[&str]) -> String {
    let answer = ask(&request(messages));
    let section = answer["section"].as_str().unwrap();
    section
        .strip_prefix("## [1.0.0-mvp] - 2026-11-22\n\n")
        .unwrap()
        .to_owned()
}

pub(crate) fn left_out(answer: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    answer["left_out"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (text(&one["id"]), text(&one["reason"])))
        .collect()
}
