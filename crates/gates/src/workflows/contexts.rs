//! What expressions refer to: contexts that exist at their place, steps, needs, matrix keys and inputs that are there.

use crate::yaml::{Node, Place};

use super::expressions::{self, Expr, Segment};
use super::{File, events, instead, jobs, references};

/// Name, fewest and most arguments.
const FUNCTIONS: &[(&str, usize, usize)] = &[
    ("contains", 2, 2),
    ("startswith", 2, 2),
    ("endswith", 2, 2),
    ("format", 1, usize::MAX),
    ("join", 1, 2),
    ("tojson", 1, 1),
    ("fromjson", 1, 1),
    ("hashfiles", 1, usize::MAX),
    ("case", 3, usize::MAX),
    ("success", 0, usize::MAX),
    ("always", 0, 0),
    ("cancelled", 0, 0),
    ("failure", 0, usize::MAX),
];

const GITHUB: &[&str] = &[
    "action",
    "action_path",
    "action_ref",
    "action_repository",
    "action_status",
    "actor",
    "actor_id",
    "api_url",
    "base_ref",
    "env",
    "event",
    "event_name",
    "event_path",
    "graphql_url",
    "head_ref",
    "job",
    "job_workflow_sha",
    "output",
    "path",
    "ref",
    "ref_name",
    "ref_protected",
    "ref_type",
    "repository",
    "repository_id",
    "repository_owner",
    "repository_owner_id",
    "repository_visibility",
    "repositoryurl",
    "retention_days",
    "run_attempt",
    "run_id",
    "run_number",
    "secret_source",
    "server_url",
    "sha",
    "state",
    "step_summary",
    "token",
    "triggering_actor",
    "workflow",
    "workflow_ref",
    "workflow_sha",
    "workspace",
    "artifact_cache_size_limit",
];

/// Contexts at the top of a workflow and in a job, by key; those of steps are all but `jobs`.
const AT_TOP: &[(&str, &[&str])] = &[
    ("run-name", &["github", "inputs", "vars"]),
    ("concurrency", &["github", "inputs", "vars"]),
    ("env", &["github", "secrets", "inputs", "vars"]),
];
const IN_JOB: &[(&str, &[&str])] = &[
    (
        "name",
        &["github", "needs", "strategy", "matrix", "vars", "inputs"],
    ),
    ("if", &["github", "needs", "vars", "inputs"]),
    (
        "runs-on",
        &["github", "needs", "strategy", "matrix", "vars", "inputs"],
    ),
    ("strategy", &["github", "needs", "vars", "inputs"]),
    (
        "concurrency",
        &["github", "needs", "strategy", "matrix", "inputs", "vars"],
    ),
    (
        "env",
        &[
            "github", "needs", "strategy", "matrix", "vars", "secrets", "inputs",
        ],
    ),
    (
        "timeout-minutes",
        &["github", "needs", "strategy", "matrix", "vars", "inputs"],
    ),
    (
        "continue-on-error",
        &["github", "needs", "strategy", "matrix", "vars", "inputs"],
    ),
    (
        "with",
        &["github", "needs", "strategy", "matrix", "inputs", "vars"],
    ),
    (
        "secrets",
        &[
            "github", "needs", "strategy", "matrix", "secrets", "inputs", "vars",
        ],
    ),
];
const IN_STEP: &[&str] = &[
    "github", "needs", "strategy", "matrix", "job", "runner", "env", "vars", "secrets", "steps",
    "inputs",
];
const IN_STEP_IF: &[&str] = &[
    "github", "needs", "strategy", "matrix", "job", "runner", "env", "vars", "steps", "inputs",
];

/// What an expression may refer to; `None` is not known, and so not judged.
#[derive(Clone, Default)]
pub(super) struct Scope<'n> {
    pub(super) contexts: Option<&'static [&'static str]>,
    pub(super) inputs: Option<Vec<String>>,
    /// Each job that is waited for, with its outputs where they are known.
    pub(super) needs: Option<Vec<(String, Option<Vec<String>>)>>,
    pub(super) steps: Option<Vec<String>>,
    /// Ids of steps that run later.
    pub(super) later: Vec<String>,
    pub(super) matrix: Option<Vec<String>>,
    pub(super) jobs: Option<&'n [(Node, Node)]>,
}

pub(super) fn workflow(file: &mut File, root: &Node) {
    let jobs = root.get("jobs").and_then(Node::mapping).unwrap_or_default();
    let base = Scope {
        inputs: Some(inputs(root)),
        jobs: Some(jobs),
        ..Scope::default()
    };
    for (key, value) in root.mapping().unwrap_or_default() {
        let name = key.text().unwrap_or_default();
        if name != "jobs" {
            let contexts = allowed(AT_TOP, name);
            texts(
                file,
                value,
                &Scope {
                    contexts,
                    ..base.clone()
                },
            );
        }
    }
    for (_, job) in jobs {
        in_job(file, job, &base, jobs);
    }
}

/// The steps and outputs of a composite action.
pub(super) fn composite(file: &mut File, root: &Node) {
    let steps = root
        .get("runs")
        .and_then(|runs| runs.get("steps"))
        .and_then(Node::sequence)
        .unwrap_or_default();
    let mut scope = Scope {
        inputs: Some(keys(root.get("inputs"))),
        contexts: Some(IN_STEP_IF),
        ..Scope::default()
    };
    in_steps(file, steps, &mut scope);
    if let Some(outputs) = root.get("outputs") {
        texts(
            file,
            outputs,
            &Scope {
                contexts: None,
                ..scope
            },
        );
    }
}

fn in_job(file: &mut File, job: &Node, base: &Scope<'_>, jobs: &[(Node, Node)]) {
    let mut scope = Scope {
        needs: Some(needed(job, jobs)),
        matrix: matrix(job),
        ..base.clone()
    };
    let steps = job
        .get("steps")
        .and_then(Node::sequence)
        .unwrap_or_default();
    for (key, value) in job.mapping().unwrap_or_default() {
        let name = key.text().unwrap_or_default();
        scope.contexts = allowed(IN_JOB, name);
        scope.steps = Some(steps.iter().filter_map(id).collect());
        match name {
            "steps" => {}
            "if" => condition(file, value, &scope),
            _ => texts(file, value, &scope),
        }
    }
    scope.contexts = Some(IN_STEP);
    in_steps(file, steps, &mut scope);
}

fn in_steps(file: &mut File, steps: &[Node], scope: &mut Scope<'_>) {
    let within = scope.contexts;
    scope.steps = Some(Vec::new());
    scope.later = steps.iter().filter_map(id).collect();
    for step in steps {
        for (key, value) in step.mapping().unwrap_or_default() {
            if key.text() == Some("if") {
                scope.contexts = Some(IN_STEP_IF);
                condition(file, value, scope);
                scope.contexts = within;
            } else {
                texts(file, value, scope);
            }
        }
        if let Some(id) = id(step) {
            scope.later.retain(|later| *later != id);
            scope.steps.get_or_insert_default().push(id);
        }
    }
}

fn id(step: &Node) -> Option<String> {
    Some(step.get("id")?.text()?.to_ascii_lowercase())
}

fn allowed(
    table: &[(&str, &'static [&'static str])],
    key: &str,
) -> Option<&'static [&'static str]> {
    table
        .iter()
        .find(|(name, _)| *name == key)
        .map(|(_, contexts)| *contexts)
}

fn keys(node: Option<&Node>) -> Vec<String> {
    let entries = node.and_then(Node::mapping).unwrap_or_default();
    entries
        .iter()
        .filter_map(|(key, _)| Some(key.text()?.to_ascii_lowercase()))
        .collect()
}

/// Of the form of a manual start and of a call together: which of them it is, is known only when it runs.
fn inputs(root: &Node) -> Vec<String> {
    ["workflow_dispatch", "workflow_call"]
        .iter()
        .flat_map(|event| keys(events::settings(root, event).and_then(|event| event.get("inputs"))))
        .collect()
}

fn needed(job: &Node, jobs: &[(Node, Node)]) -> Vec<(String, Option<Vec<String>>)> {
    let outputs = |name: &str| {
        let (_, job) = jobs
            .iter()
            .find(|(key, _)| key.text().is_some_and(|key| key.eq_ignore_ascii_case(name)))?;
        job.get("uses").is_none().then(|| keys(job.get("outputs")))
    };
    jobs::needed(job)
        .iter()
        .filter_map(|need| need.text())
        .map(|name| (name.to_ascii_lowercase(), outputs(name)))
        .collect()
}

/// The keys of the matrix; `None`: an expression makes it.
fn matrix(job: &Node) -> Option<Vec<String>> {
    let Some(strategy) = job.get("strategy") else {
        return Some(Vec::new());
    };
    strategy.mapping()?;
    let Some(matrix) = strategy.get("matrix") else {
        return Some(Vec::new());
    };
    let mut found = Vec::new();
    for (key, value) in matrix.mapping()? {
        match key.text()? {
            "exclude" => {}
            "include" => {
                for item in value.sequence()? {
                    item.mapping()?;
                    found.extend(keys(Some(item)));
                }
            }
            name => found.push(name.to_ascii_lowercase()),
        }
    }
    Some(found)
}

/// All texts of a value, keys included.
fn texts(file: &mut File, value: &Node, scope: &Scope<'_>) {
    value.walk(&mut |node| {
        if let Some(text) = node.text() {
            for (number, found) in expressions::embedded(text).iter().enumerate() {
                let at = file.expression(node.at, number);
                match found.source {
                    Some(source) => expression(file, source, at, scope),
                    None => file.error(
                        "expressions",
                        at,
                        "`${{` is not closed",
                        "write `}}` where the expression ends",
                    ),
                }
            }
        }
    });
}

/// An `if` is an expression, with braces or without.
fn condition(file: &mut File, value: &Node, scope: &Scope<'_>) {
    let Some(text) = value.text().filter(|text| !text.trim().is_empty()) else {
        return;
    };
    if !text.contains("${{") {
        expression(file, text, value.at, scope);
        return;
    }
    texts(file, value, scope);
    let closed = expressions::embedded(text)
        .iter()
        .all(|found| found.source.is_some());
    if closed && !expressions::is_one(text) && !file.silenced("unsound-condition", &[value.at.line])
    {
        let message =
            "always true: what stands beside `${{ … }}`, and be it a line end, makes a text of it";
        file.error(
            "unsound-condition",
            value.at,
            message,
            "leave the braces out: all of `if` is one expression",
        );
    }
}

fn expression(file: &mut File, source: &str, at: Place, scope: &Scope<'_>) {
    let expr: Expr = match expressions::parse(source) {
        Ok(expr) => expr,
        Err(why) => {
            let shown = source.trim();
            file.error(
                "expressions",
                at,
                format!("`{shown}` is no expression: {why}"),
                "see the syntax of expressions of GitHub Actions",
            );
            return;
        }
    };
    expr.calls(&mut |name, args| {
        let lower = name.to_ascii_lowercase();
        match FUNCTIONS.iter().find(|(function, ..)| *function == lower) {
            None => {
                let names = FUNCTIONS.iter().map(|(function, ..)| *function);
                file.error(
                    "expressions",
                    at,
                    format!("there is no function `{name}`"),
                    instead(name, names),
                );
            }
            Some((_, least, most)) if !(*least..=*most).contains(&args.len()) => {
                let message = format!("`{name}` with {} arguments", args.len());
                file.error("expressions", at, message, format!("it takes {least}"));
            }
            Some(_) => {}
        }
    });
    expr.references(&mut |path| {
        if let Some((message, help)) = references::flaw(path, scope) {
            file.error("contexts", at, message, help);
        } else if let [Segment::Name(context), Segment::Name(name), ..] = path
            && context == "github"
            && !GITHUB.contains(&name.as_str())
        {
            let message =
                format!("`github.{name}` is none that we know, and an unknown one is empty");
            file.warning(
                "contexts",
                at,
                message,
                instead(name, GITHUB.iter().copied()),
            );
        }
    });
}
