//! Which keys there are at each level of a workflow, and what their values are.

use crate::yaml::Node;

use super::expressions::is_one;
use super::{File, instead, nearest};

const WORKFLOW: &[&str] = &[
    "name",
    "run-name",
    "on",
    "permissions",
    "env",
    "defaults",
    "concurrency",
    "jobs",
];

const JOB: &[&str] = &[
    "name",
    "permissions",
    "needs",
    "if",
    "runs-on",
    "environment",
    "concurrency",
    "outputs",
    "env",
    "defaults",
    "steps",
    "timeout-minutes",
    "strategy",
    "continue-on-error",
    "container",
    "services",
    "uses",
    "with",
    "secrets",
    "snapshot",
];

/// What a job may hold that calls a reusable workflow.
const CALL: &[&str] = &[
    "name",
    "permissions",
    "needs",
    "if",
    "concurrency",
    "strategy",
    "uses",
    "with",
    "secrets",
];

const STEP: &[&str] = &[
    "id",
    "if",
    "name",
    "uses",
    "run",
    "working-directory",
    "shell",
    "with",
    "env",
    "continue-on-error",
    "timeout-minutes",
];

const SCOPES: &[&str] = &[
    "actions",
    "artifact-metadata",
    "attestations",
    "checks",
    "contents",
    "deployments",
    "discussions",
    "id-token",
    "issues",
    "models",
    "packages",
    "pages",
    "pull-requests",
    "repository-projects",
    "security-events",
    "statuses",
];

const SHELLS: &[&str] = &["bash", "pwsh", "python", "sh", "cmd", "powershell"];

/// What a value has to be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Type {
    Scalar,
    Bool,
    Number,
    Mapping,
    List,
    TextOrList,
    TextOrMapping,
}

const TYPES: &[(&str, Type)] = &[
    ("name", Type::Scalar),
    ("run-name", Type::Scalar),
    ("if", Type::Scalar),
    ("id", Type::Scalar),
    ("uses", Type::Scalar),
    ("run", Type::Scalar),
    ("shell", Type::Scalar),
    ("working-directory", Type::Scalar),
    ("env", Type::Mapping),
    ("with", Type::Mapping),
    ("outputs", Type::Mapping),
    ("defaults", Type::Mapping),
    ("strategy", Type::Mapping),
    ("services", Type::Mapping),
    ("steps", Type::List),
    ("needs", Type::TextOrList),
    ("concurrency", Type::TextOrMapping),
    ("environment", Type::TextOrMapping),
    ("container", Type::TextOrMapping),
    ("permissions", Type::TextOrMapping),
    ("secrets", Type::TextOrMapping),
    ("continue-on-error", Type::Bool),
    ("fail-fast", Type::Bool),
    ("timeout-minutes", Type::Number),
    ("max-parallel", Type::Number),
];

/// The top of a workflow.
pub(super) fn workflow(file: &mut File, root: &Node) {
    if root.mapping().is_none() {
        let message = format!("the workflow is {}, not a mapping", root.what());
        file.error("keys", root.at, message, "write `on:` and `jobs:`");
        return;
    }
    keys(file, root, "workflow", WORKFLOW);
    types(file, root);
    if let Some(value) = root.get("permissions") {
        permissions(file, value);
    }
    defaults(file, root);
}

/// The keys and values of a job.
pub(super) fn job(file: &mut File, job: &Node) {
    if let Some((uses, _)) = job.entry("uses") {
        for (key, _) in job.mapping().unwrap_or_default() {
            let name = key.text().unwrap_or_default();
            if JOB.contains(&name) && !CALL.contains(&name) {
                let message = format!(
                    "`{name}` in a job that calls a reusable workflow (line {})",
                    uses.at.line
                );
                let help =
                    format!("take `{name}` out, or give it to the called workflow as an input");
                file.error("keys", key.at, message, help);
            }
        }
    }
    keys(file, job, "job", JOB);
    types(file, job);
    if let Some(value) = job.get("permissions") {
        permissions(file, value);
    }
    if let Some(strategy) = job
        .get("strategy")
        .filter(|value| value.mapping().is_some())
    {
        keys(
            file,
            strategy,
            "strategy",
            &["matrix", "fail-fast", "max-parallel"],
        );
        types(file, strategy);
    }
    if let Some(container) = job
        .get("container")
        .filter(|value| value.mapping().is_some())
        && container.get("image").is_none()
    {
        file.error(
            "keys",
            container.at,
            "a container without `image`",
            "name the image",
        );
    }
    if job.get("uses").is_some() {
        return;
    }
    match job.get("runs-on") {
        None => file.error(
            "keys",
            job.at,
            "a job with neither `runs-on` nor `uses`",
            "say where it runs, for example `runs-on: ubuntu-latest`",
        ),
        Some(value) if value.is_null() || value.sequence().is_some_and(<[Node]>::is_empty) => {
            file.error(
                "types",
                value.at,
                "`runs-on` is empty",
                "name a runner, for example `ubuntu-latest`",
            );
        }
        Some(_) => {}
    }
    defaults(file, job);
}

/// The keys and values of a step.
pub(super) fn step(file: &mut File, step: &Node) {
    keys(file, step, "step", STEP);
    types(file, step);
    if let Some(value) = step.get("shell") {
        shell(file, value);
    }
}

fn defaults(file: &mut File, node: &Node) {
    let run = node
        .get("defaults")
        .and_then(|defaults| defaults.get("run"));
    if let Some(value) = run.and_then(|run| run.get("shell")) {
        shell(file, value);
    }
}

fn shell(file: &mut File, value: &Node) {
    let Some(text) = value.text() else { return };
    if !SHELLS.contains(&text) && !text.contains("{0}") && !text.contains("${{") {
        let message =
            format!("`{text}` is no shell the runner knows, and has no `{{0}}` for the script");
        file.error(
            "types",
            value.at,
            message,
            instead(text, SHELLS.iter().copied()),
        );
    }
}

/// Unknown keys of a mapping.
fn keys(file: &mut File, node: &Node, level: &str, known: &[&str]) {
    for (key, _) in node.mapping().unwrap_or_default() {
        let name = key.text().unwrap_or_default();
        if known.contains(&name) {
            continue;
        }
        // `true` is what tools for YAML 1.1 make of `on`.
        if level == "workflow" && (key.is_bool() || name == "on") {
            continue;
        }
        let help = match nearest(name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if STEP.contains(&name) => "it belongs to a step".to_owned(),
            None if JOB.contains(&name) => "it belongs to a job".to_owned(),
            None if WORKFLOW.contains(&name) => "it belongs to the top of the workflow".to_owned(),
            None => instead(name, known.iter().copied()),
        };
        file.error(
            "keys",
            key.at,
            format!("a {level} has no key `{name}`"),
            help,
        );
    }
}

fn types(file: &mut File, node: &Node) {
    for (key, value) in node.mapping().unwrap_or_default() {
        let name = key.text().unwrap_or_default();
        let Some((_, wanted)) = TYPES.iter().find(|(key, _)| *key == name) else {
            continue;
        };
        if !fits(value, *wanted) {
            let message = format!("`{name}` is {}, expected {}", value.what(), words(*wanted));
            let at = if value.is_null() { key.at } else { value.at };
            file.error(
                "types",
                at,
                message,
                "see the workflow syntax of GitHub Actions",
            );
        }
    }
}

fn fits(value: &Node, wanted: Type) -> bool {
    let scalar = value.text().is_some();
    // What an expression gives is known only when it runs.
    if value.text().is_some_and(|text| is_one(text.trim())) {
        return true;
    }
    match wanted {
        Type::Scalar => scalar,
        Type::Bool => value.is_bool(),
        Type::Number => value.is_number(),
        // `env:` with all lines commented out is accepted.
        Type::Mapping => value.mapping().is_some() || value.is_null(),
        Type::List => value.sequence().is_some(),
        Type::TextOrList => scalar && !value.is_null() || value.sequence().is_some(),
        Type::TextOrMapping => scalar && !value.is_null() || value.mapping().is_some(),
    }
}

fn words(wanted: Type) -> &'static str {
    match wanted {
        Type::Scalar => "a text",
        Type::Bool => "`true` or `false`",
        Type::Number => "a number",
        Type::Mapping => "a mapping",
        Type::List => "a list",
        Type::TextOrList => "a text or a list",
        Type::TextOrMapping => "a text or a mapping",
    }
}

fn permissions(file: &mut File, value: &Node) {
    if let Some(text) = value.text().filter(|text| !text.is_empty()) {
        if !matches!(text, "read-all" | "write-all") {
            let help = "write `read-all`, `{}`, or a mapping such as `contents: read`";
            file.error(
                "types",
                value.at,
                format!("`{text}` is no permission"),
                help,
            );
        }
        return;
    }
    for (key, value) in value.mapping().unwrap_or_default() {
        let (scope, level) = (
            key.text().unwrap_or_default(),
            value.text().unwrap_or_default(),
        );
        if !matches!(level, "read" | "write" | "none") {
            let message = format!("the permission `{scope}` is `{level}`");
            file.error(
                "types",
                value.at,
                message,
                "write `read`, `write` or `none`",
            );
        }
        // GitHub adds scopes now and then.
        if !SCOPES.contains(&scope) {
            let message = format!("`{scope}` is no permission that we know");
            file.warning(
                "keys",
                key.at,
                message,
                instead(scope, SCOPES.iter().copied()),
            );
        }
    }
}
