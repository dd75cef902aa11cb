//! A JSON answer: what the event `gate` holds, a list of findings, or one of either a line.

use serde_json::Value;

use super::Answer;
use crate::reports::read_finding;
use crate::{Finding, Verdict};

pub(super) fn read(text: &str) -> Result<Answer, String> {
    let whole = match serde_json::from_str::<Value>(text) {
        Ok(whole) => whole,
        Err(error) => return lines(text, &error),
    };
    let mut answer = Answer::default();
    add(&mut answer, &whole)?;
    finish(answer)
}

fn lines(text: &str, whole: &serde_json::Error) -> Result<Answer, String> {
    let mut answer = Answer::default();
    for (index, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        // The error about the whole says more where the first line is no value of its own.
        let value: Value = serde_json::from_str(line).map_err(|error| match index {
            0 => format!("is not JSON: {whole}"),
            _ => format!("is not JSON in line {}: {error}", index + 1),
        })?;
        add(&mut answer, &value).map_err(|flaw| format!("{flaw}, in line {}", index + 1))?;
    }
    finish(answer)
}

fn finish(mut answer: Answer) -> Result<Answer, String> {
    match answer.verdict {
        Some(Verdict::Unknown) if answer.unknown.is_empty() => {
            answer
                .unknown
                .push("it says `unknown` and no reason".to_owned());
        }
        // Whether there is anything to ask is for the repository to say, not for what it asks.
        Some(Verdict::Skipped) => {
            let said = match answer.unknown.pop() {
                Some(reason) => format!("it says `skipped`: {reason}"),
                None => "it says `skipped`, so nothing was looked at".to_owned(),
            };
            answer.unknown.push(said);
        }
        _ => {}
    }
    Ok(answer)
}

fn add(answer: &mut Answer, value: &Value) -> Result<(), String> {
    match value {
        Value::Array(list) => {
            let findings: Vec<Finding> = list
                .iter()
                .map(read_finding)
                .collect::<Result<_, _>>()
                .map_err(holds)?;
            // An empty list is an answer too: it was about one thing at least.
            answer.examined += findings.len().max(1);
            answer.findings.extend(findings);
            Ok(())
        }
        Value::Object(object)
            if object.contains_key("verdict") || object.contains_key("findings") =>
        {
            add_form(answer, value)
        }
        // Other events of a program that speaks as we do.
        Value::Object(object) if object.contains_key("event") => Ok(()),
        Value::Object(_) => {
            answer.findings.push(read_finding(value).map_err(holds)?);
            answer.examined += 1;
            Ok(())
        }
        _ => Err("is JSON, and neither an object nor a list".to_owned()),
    }
}

fn holds(flaw: impl std::fmt::Display) -> String {
    format!("is not what a gate answers: {flaw}")
}

/// `{"verdict": …, "findings": […], "examined": …, "evidence": {…}, "reason": …}`, of which one of the first two.
fn add_form(answer: &mut Answer, form: &Value) -> Result<(), String> {
    match form.get("schema") {
        None => {}
        Some(schema) if schema.as_u64() == Some(1) => {}
        Some(schema) => return Err(format!("is of schema {schema}, and schema 1 is read")),
    }
    let verdict = match form.get("verdict") {
        None => None,
        Some(name) => {
            let known = name.as_str().and_then(Verdict::of_name);
            Some(known.ok_or_else(|| holds(format!("the verdict {name}")))?)
        }
    };
    let findings: Vec<Finding> = match form.get("findings") {
        None => Vec::new(),
        Some(Value::Array(list)) => list
            .iter()
            .map(read_finding)
            .collect::<Result<_, _>>()
            .map_err(holds)?,
        Some(_) => return Err(holds("`findings` is no list".to_owned())),
    };
    answer.examined += match form.get("examined") {
        None => findings.len().max(1),
        Some(count) => count
            .as_u64()
            .and_then(|count| usize::try_from(count).ok())
            .ok_or_else(|| holds(format!("`examined` is {count}")))?,
    };
    match form.get("evidence") {
        None => {}
        Some(Value::Object(evidence)) => answer.evidence.extend(evidence.clone()),
        Some(_) => return Err(holds("`evidence` is no object".to_owned())),
    }
    let reason = form.get("reason").and_then(Value::as_str);
    if let Some(reason) =
        reason.filter(|_| matches!(verdict, Some(Verdict::Unknown | Verdict::Skipped)))
    {
        answer.unknown.push(reason.to_owned());
    }
    answer.findings.extend(findings);
    answer.verdict = worse(answer.verdict, verdict);
    Ok(())
}

fn worse(one: Option<Verdict>, other: Option<Verdict>) -> Option<Verdict> {
    const WORST_FIRST: [Verdict; 6] = [
        Verdict::Fail,
        Verdict::Unknown,
        Verdict::Skipped,
        Verdict::Flaky,
        Verdict::Warn,
        Verdict::Pass,
    ];
    WORST_FIRST
        .into_iter()
        .find(|verdict| one == Some(*verdict) || other == Some(*verdict))
        .or(one)
        .or(other)
}
