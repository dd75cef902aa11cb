//! SARIF 2.1.0: results with their places, what is suppressed, and whether the tool has run at all.

use serde_json::Value;

use super::{Answer, first_lines};
use crate::{Finding, Location, Severity};

pub(super) fn read(text: &str) -> Result<Answer, String> {
    let log: Value = serde_json::from_str(text).map_err(|error| format!("is not JSON: {error}"))?;
    match log.get("version").and_then(Value::as_str) {
        Some("2.1.0") => {}
        Some(version) => return Err(format!("is SARIF {version}, and 2.1.0 is read")),
        None => return Err("is JSON, and not SARIF: it has no `version`".to_owned()),
    }
    let runs = list(&log, "runs").ok_or("is not SARIF: it has no `runs`")?;
    let mut answer = Answer::default();
    let (mut results, mut suppressed) = (0_usize, 0_usize);
    for run in runs {
        invocations(run, &mut answer);
        // Empty: it has looked and found nothing. Absent: it has not looked, says the standard.
        let Some(found) = list(run, "results") else {
            answer
                .unknown
                .push(format!("{} gives no results", tool(run)));
            continue;
        };
        let looked_at = list(run, "artifacts").map_or(0, Vec::len);
        answer.examined += found.len().max(looked_at).max(1);
        for result in found {
            results += 1;
            if is_suppressed(result) {
                suppressed += 1;
            } else if let Some(severity) = level(run, result) {
                answer.findings.push(finding(run, result, severity)?);
            }
        }
    }
    answer
        .evidence
        .insert("results".to_owned(), Value::from(results));
    answer
        .evidence
        .insert("suppressed".to_owned(), Value::from(suppressed));
    Ok(answer)
}

fn list<'v>(value: &'v Value, key: &str) -> Option<&'v Vec<Value>> {
    value.get(key).and_then(Value::as_array)
}

fn at<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
    value.pointer(pointer).and_then(Value::as_str)
}

fn tool(run: &Value) -> &str {
    at(run, "/tool/driver/name").unwrap_or("the tool")
}

/// A tool that did not get to its end, or could not look at something.
fn invocations(run: &Value, answer: &mut Answer) {
    for invocation in list(run, "invocations").into_iter().flatten() {
        let told = [
            "toolExecutionNotifications",
            "toolConfigurationNotifications",
        ];
        let mut errors = 0;
        for told in told
            .iter()
            .filter_map(|key| list(invocation, key))
            .flatten()
        {
            if told.get("level").and_then(Value::as_str) == Some("error") {
                let text = at(told, "/message/text").unwrap_or("an error without words");
                answer
                    .unknown
                    .push(format!("{}: {}", tool(run), first_lines(text)));
                errors += 1;
            }
        }
        if invocation.get("executionSuccessful") == Some(&Value::Bool(false)) && errors == 0 {
            answer
                .unknown
                .push(format!("{} says that it did not run to its end", tool(run)));
        }
    }
}

/// Accepted by somebody; what is only asked for, or was refused, suppresses nothing. What is gone is no finding either.
fn is_suppressed(result: &Value) -> bool {
    let accepted = |one: &Value| one.get("status").is_none_or(|status| status == "accepted");
    list(result, "suppressions").is_some_and(|all| !all.is_empty() && all.iter().all(accepted))
        || result
            .get("baselineState")
            .is_some_and(|state| state == "absent")
}

/// `None`: it is no problem. By the result, else by its rule, else a warning.
fn level(run: &Value, result: &Value) -> Option<Severity> {
    match result.get("kind").and_then(Value::as_str).unwrap_or("fail") {
        "fail" => {}
        // For a person to decide.
        "open" | "review" => return Some(Severity::Warning),
        _ => return None,
    }
    let by_rule = || at(rule(run, result)?, "/defaultConfiguration/level");
    let level = result.get("level").and_then(Value::as_str).or_else(by_rule);
    match level.unwrap_or("warning") {
        "error" => Some(Severity::Error),
        "note" => Some(Severity::Note),
        "none" => None,
        _ => Some(Severity::Warning),
    }
}

fn rule<'v>(run: &'v Value, result: &Value) -> Option<&'v Value> {
    let component = match result
        .pointer("/rule/toolComponent/index")
        .and_then(Value::as_u64)
    {
        Some(index) => run.pointer(&format!("/tool/extensions/{index}"))?,
        None => run.pointer("/tool/driver")?,
    };
    let rules = list(component, "rules")?;
    let index = result
        .get("ruleIndex")
        .or_else(|| result.pointer("/rule/index"));
    if let Some(index) = index.and_then(Value::as_u64) {
        return rules.get(usize::try_from(index).ok()?);
    }
    let id = rule_id(result)?;
    rules
        .iter()
        .find(|rule| rule.get("id").is_some_and(|known| known == id))
}

fn rule_id(result: &Value) -> Option<&str> {
    at(result, "/ruleId").or_else(|| at(result, "/rule/id"))
}

fn finding(run: &Value, result: &Value, severity: Severity) -> Result<Finding, String> {
    let rule = rule(run, result);
    let id = rule_id(result).or_else(|| at(rule?, "/id"));
    let text = message(rule, result).ok_or_else(|| {
        format!(
            "holds a result of rule {} without a message",
            id.unwrap_or("?")
        )
    })?;
    let message = match id {
        Some(id) => format!("{id}: {}", first_lines(&text)),
        None => first_lines(&text),
    };
    let help = rule.and_then(|rule| at(rule, "/helpUri").or_else(|| at(rule, "/help/text")));
    Ok(Finding {
        severity,
        message,
        at: location(run, result),
        help: help.map(first_lines),
    })
}

/// The text itself, or that of the rule with its arguments.
fn message(rule: Option<&Value>, result: &Value) -> Option<String> {
    let message = result.get("message")?;
    let own = at(message, "/text").or_else(|| at(message, "/markdown"));
    let template = own.or_else(|| {
        let id = message.get("id")?.as_str()?;
        rule?.get("messageStrings")?.get(id)?.get("text")?.as_str()
    })?;
    let mut text = template.to_owned();
    for (index, argument) in list(message, "arguments").into_iter().flatten().enumerate() {
        text = text.replace(
            &format!("{{{index}}}"),
            argument.as_str().unwrap_or_default(),
        );
    }
    Some(text)
}

fn location(run: &Value, result: &Value) -> Option<Location> {
    let physical = result.pointer("/locations/0/physicalLocation")?;
    let artifact = physical.get("artifactLocation")?;
    // A place may be a number in the list of files.
    let listed = || {
        let index = artifact.get("index")?.as_u64()?;
        run.pointer(&format!("/artifacts/{index}/location"))
    };
    let artifact = match artifact.get("uri") {
        Some(_) => artifact,
        None => listed()?,
    };
    let uri = at(artifact, "/uri")?;
    let base = at(artifact, "/uriBaseId").map_or(String::new(), |id| base(run, id));
    let number = |key: &str| {
        let number = physical.pointer(&format!("/region/{key}"))?.as_u64()?;
        usize::try_from(number).ok().filter(|number| *number > 0)
    };
    Some(Location {
        path: path(&format!("{base}{uri}")),
        line: number("startLine"),
        column: number("startColumn"),
    })
}

/// What a relative address stands below, as far as the log says.
fn base(run: &Value, id: &str) -> String {
    let mut whole = String::new();
    let mut id = Some(id);
    // As many as can sensibly stand below each other: a log could lead in a circle.
    for _ in 0..8 {
        let Some(base) = id.and_then(|id| run.get("originalUriBaseIds")?.get(id)) else {
            break;
        };
        whole.insert_str(0, at(base, "/uri").unwrap_or_default());
        id = at(base, "/uriBaseId");
    }
    whole
}

/// The path of a `file:` address or of a relative one, without its percent signs.
fn path(uri: &str) -> String {
    let path = match uri.strip_prefix("file://") {
        // A host, mostly none, stands before the path.
        Some(rest) => rest.find('/').map_or(rest, |at| &rest[at..]),
        None => uri.strip_prefix("file:").unwrap_or(uri),
    };
    let bytes = path.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while index < bytes.len() {
        let hex = path.get(index + 1..index + 3);
        let byte = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (bytes[index], byte) {
            (b'%', Some(byte)) => {
                out.push(byte);
                index += 3;
            }
            (byte, _) => {
                out.push(byte);
                index += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
