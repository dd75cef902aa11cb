//! JUnit XML as many tools write it: what is common to all of them, and nothing that only one schema has.

use roxmltree::{Document, Node};
use serde_json::Value;

use super::{Answer, first_lines};
use crate::{Finding, Location, Severity};

pub(super) fn read(text: &str) -> Result<Answer, String> {
    // A document type is refused by the parser: no entity of somebody else's is ever expanded.
    let xml = Document::parse(text).map_err(|error| format!("is not XML: {error}"))?;
    let root = xml.root_element().tag_name().name();
    if !matches!(root, "testsuites" | "testsuite") {
        return Err(format!("is XML, and not JUnit: its root is `{root}`"));
    }
    let mut answer = Answer::default();
    let (mut failed, mut skipped) = (0_usize, 0_usize);
    for node in xml.descendants().filter(Node::is_element) {
        match node.tag_name().name() {
            "testcase" if is_skipped(node) => skipped += 1,
            "testcase" => {
                answer.examined += 1;
                failed += usize::from(case(node, &mut answer));
            }
            // What went wrong beside the tests, as before the first of them.
            "failure" | "error" if !is_in_case(node) => {
                answer.findings.push(finding(node, node, Severity::Error));
            }
            _ => {}
        }
    }
    answer
        .evidence
        .insert("tests".to_owned(), Value::from(answer.examined));
    answer
        .evidence
        .insert("failed".to_owned(), Value::from(failed));
    answer
        .evidence
        .insert("skipped".to_owned(), Value::from(skipped));
    // Counts without cases: a report that was cut, or of a tool that keeps its failures to itself.
    let counted = declared(xml.root_element(), "failures") + declared(xml.root_element(), "errors");
    if counted > 0
        && !answer
            .findings
            .iter()
            .any(|finding| finding.severity == Severity::Error)
    {
        answer.findings.push(Finding {
            severity: Severity::Error,
            message: format!("the report counts {counted} failures and errors, and shows none"),
            at: None,
            help: None,
        });
    }
    Ok(answer)
}

/// Whether the test failed; what it says is added.
fn case(case: Node<'_, '_>, answer: &mut Answer) -> bool {
    let mut failed = false;
    for child in case.children().filter(Node::is_element) {
        match child.tag_name().name() {
            "failure" | "error" => {
                failed = true;
                answer.findings.push(finding(case, child, Severity::Error));
            }
            // Failed, and passed when it was repeated.
            "flakyFailure" | "flakyError" => {
                answer
                    .findings
                    .push(finding(case, child, Severity::Warning));
            }
            _ => {}
        }
    }
    failed
}

fn is_skipped(case: Node<'_, '_>) -> bool {
    case.children()
        .any(|child| child.tag_name().name() == "skipped")
        || matches!(
            case.attribute("status"),
            Some("notrun" | "skipped" | "disabled")
        )
}

fn is_in_case(node: Node<'_, '_>) -> bool {
    node.ancestors()
        .skip(1)
        .any(|node| node.tag_name().name() == "testcase")
}

fn finding(of: Node<'_, '_>, what: Node<'_, '_>, severity: Severity) -> Finding {
    let mut parts: Vec<&str> = Vec::new();
    if what != of {
        let names = [of.attribute("classname"), of.attribute("name")];
        parts.extend(names.into_iter().flatten().filter(|name| !name.is_empty()));
    }
    let name = parts.join(" ");
    let how = match what.tag_name().name() {
        "flakyFailure" | "flakyError" => " passed only when it was repeated",
        _ if name.is_empty() => "failed outside of a test",
        _ => " failed",
    };
    let text: String = what
        .descendants()
        .filter(Node::is_text)
        .filter_map(|node| node.text())
        .collect();
    let message = what.attribute("message").unwrap_or_default();
    let said = match (message.trim(), text.trim()) {
        ("", "") => what.attribute("type").unwrap_or_default().to_owned(),
        ("", text) => first_lines(text),
        // Most tools begin the text with the message.
        (message, text) if text.contains(message) => first_lines(text),
        (message, text) => first_lines(&format!("{message}\n{text}")),
    };
    let said = if said.is_empty() {
        said
    } else {
        format!(": {said}")
    };
    Finding {
        severity,
        message: format!("{name}{how}{said}"),
        at: location(of),
        help: None,
    }
}

/// Some tools say the file of a test or of its suite.
fn location(case: Node<'_, '_>) -> Option<Location> {
    let path = case.ancestors().find_map(|node| node.attribute("file"))?;
    let line = case.attribute("file").and(case.attribute("line"));
    Some(Location {
        path: path.to_owned(),
        line: line
            .and_then(|line| line.parse().ok())
            .filter(|line| *line > 0),
        column: None,
    })
}

/// A count of the root, or of the suites below it.
fn declared(root: Node<'_, '_>, key: &str) -> u64 {
    let count = |node: Node<'_, '_>| node.attribute(key)?.trim().parse::<u64>().ok();
    let below = || root.children().filter_map(count).sum();
    count(root).unwrap_or_else(below)
}
