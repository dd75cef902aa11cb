//! Whether what an expression refers to is there.

use super::contexts::Scope;
use super::expressions::Segment;
use super::instead;

const CONTEXTS: &[&str] = &[
    "github", "env", "vars", "job", "jobs", "steps", "runner", "secrets", "strategy", "matrix",
    "needs", "inputs",
];

/// What is wrong with a reference, and what to do.
pub(super) fn flaw(path: &[Segment], scope: &Scope<'_>) -> Option<(String, String)> {
    let Some(Segment::Name(context)) = path.first() else {
        return None;
    };
    if !CONTEXTS.contains(&context.as_str()) {
        let message = format!("there is no context `{context}`");
        return Some((message, instead(context, CONTEXTS.iter().copied())));
    }
    if let Some(contexts) = scope
        .contexts
        .filter(|contexts| !contexts.contains(&context.as_str()))
    {
        let message = format!("`{context}` cannot be used here");
        let help = match context.as_str() {
            "secrets" => "give it to an environment variable, and ask that one".to_owned(),
            _ => instead("", contexts.iter().copied()),
        };
        return Some((message, help));
    }
    let Some(Segment::Name(name)) = path.get(1) else {
        return None;
    };
    let rest = &path[2..];
    match context.as_str() {
        "steps" => step(name, rest, scope),
        "needs" => need(name, rest, scope),
        "matrix" => {
            let keys = scope.matrix.as_ref()?;
            missing(keys, name, || match keys.is_empty() {
                true => format!("`matrix.{name}`, and the job has no matrix"),
                false => format!("`matrix.{name}`, and the matrix has no `{name}`"),
            })
        }
        "inputs" => missing(scope.inputs.as_ref()?, name, || {
            format!("`inputs.{name}`, and there is no such input")
        }),
        "jobs" => {
            let names: Vec<String> = scope
                .jobs?
                .iter()
                .filter_map(|(key, _)| Some(key.text()?.to_ascii_lowercase()))
                .collect();
            missing(&names, name, || {
                format!("`jobs.{name}`, and there is no such job")
            })
        }
        _ => None,
    }
}

fn missing(
    names: &[String],
    name: &str,
    message: impl FnOnce() -> String,
) -> Option<(String, String)> {
    if names.iter().any(|known| known == name) {
        return None;
    }
    let help = match names.is_empty() {
        true => "take it out, or declare it; as it is, it is empty".to_owned(),
        false => instead(name, names.iter().map(String::as_str)),
    };
    Some((message(), help))
}

fn step(name: &str, rest: &[Segment], scope: &Scope<'_>) -> Option<(String, String)> {
    let steps = scope.steps.as_ref()?;
    if scope.later.iter().any(|later| later == name) {
        let message = format!("`steps.{name}`, and that step has not run yet");
        return Some((
            message,
            "move the step with this id before this one".to_owned(),
        ));
    }
    missing(steps, name, || {
        format!("`steps.{name}`, and no step of the job has this id")
    })
    .or_else(|| {
        property(
            rest,
            &format!("steps.{name}"),
            &["outputs", "outcome", "conclusion"],
        )
    })
}

fn need(name: &str, rest: &[Segment], scope: &Scope<'_>) -> Option<(String, String)> {
    let needs = scope.needs.as_ref()?;
    let Some((_, outputs)) = needs.iter().find(|(needed, _)| needed == name) else {
        let message = format!("`needs.{name}`, and the job does not need `{name}`");
        return Some((message, format!("add `{name}` to `needs`")));
    };
    if let [Segment::Name(property), Segment::Name(output), ..] = rest
        && property == "outputs"
        && let Some(outputs) = outputs
    {
        return missing(outputs, output, || {
            format!("`needs.{name}.outputs.{output}`, and the job `{name}` has no such output")
        });
    }
    property(rest, &format!("needs.{name}"), &["outputs", "result"])
}

fn property(rest: &[Segment], of: &str, known: &[&str]) -> Option<(String, String)> {
    match rest.first() {
        Some(Segment::Name(name)) if !known.contains(&name.as_str()) => {
            let message = format!("`{of}` has no `{name}`");
            Some((message, instead(name, known.iter().copied())))
        }
        _ => None,
    }
}
