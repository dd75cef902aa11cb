//! What a workflow uses, actions and reusable workflows: there, pinned, given what they require.

use std::collections::BTreeMap;

use config::Unpinned;

use crate::Severity;
use crate::yaml::{Node, Place};

use super::{File, Known, contexts, instead, jobs, retired};

/// Inputs without which an action ends in an error.
const REQUIRED: &[(&str, &[&str])] = &[
    ("actions/upload-artifact", &["path"]),
    ("actions/cache", &["path", "key"]),
    ("actions/cache/restore", &["path", "key"]),
    ("actions/cache/save", &["path", "key"]),
    ("actions/github-script", &["script"]),
    ("actions/create-github-app-token", &["private-key"]),
    ("actions/add-to-project", &["project-url", "github-token"]),
    ("aws-actions/configure-aws-credentials", &["aws-region"]),
    ("dorny/paths-filter", &["filters"]),
];

/// `uses` of a step.
pub(super) fn step(file: &mut File, step: &Node, uses: &Node, steps: &[Node], known: &Known<'_>) {
    let text = uses.text().unwrap_or_default();
    if !reference(file, uses, known) {
        return;
    }
    let given = given(step);
    if let Some(folder) = own(text) {
        match definition_of(folder, known) {
            Some((path, root)) => local(file, uses, &given, path, root),
            None => unlocated(file, uses, folder, steps),
        }
        return;
    }
    let Some((action, version)) = text.split_once('@') else {
        return;
    };
    let action = action.to_ascii_lowercase();
    retired::action(file, uses, &action, version);
    let required = REQUIRED.iter().find(|(name, _)| *name == action);
    for input in required.map(|(_, inputs)| *inputs).unwrap_or_default() {
        if !given.contains_key(*input) {
            file.error(
                "inputs",
                uses.at,
                format!("`{action}` needs the input `{input}`"),
                format!("give it: `with:` and `{input}:` below it"),
            );
        }
    }
}

/// The inputs that a step or a call gives, with their places; names have no case.
fn given(node: &Node) -> BTreeMap<String, Place> {
    let with = node.get("with").and_then(Node::mapping).unwrap_or_default();
    with.iter()
        .filter_map(|(key, _)| Some((key.text()?.to_ascii_lowercase(), key.at)))
        .collect()
}

/// A path of this repository: from the folder of the workspace, or from the root of the repository of the workflow.
fn own(uses: &str) -> Option<&str> {
    ["./", "$/"]
        .iter()
        .find_map(|prefix| uses.strip_prefix(prefix))
}

/// Whether `uses` can be followed; what is wrong with it, and whether it is pinned, is said.
fn reference(file: &mut File, uses: &Node, known: &Known<'_>) -> bool {
    let text = uses.text().unwrap_or_default();
    if own(text).is_some() {
        if text.contains('@') {
            file.error(
                "uses",
                uses.at,
                format!("`{text}` is a path of this repository, and has no version"),
                "take out what follows the `@`",
            );
        }
        return true;
    }
    if text.contains("${{") {
        file.error(
            "uses",
            uses.at,
            "an expression in `uses`",
            "GitHub wants to know it beforehand: write the name out",
        );
        return false;
    }
    if let Some(image) = text.strip_prefix("docker://") {
        if !image.contains("@sha256:") {
            unpinned(
                file,
                uses,
                image,
                "write the image as `name@sha256:…`",
                known,
            );
        }
        return false;
    }
    let (name, version) = text.split_once('@').unwrap_or((text, ""));
    let parts: Vec<&str> = name.split('/').collect();
    if parts.len() < 2 || parts.iter().any(|part| part.is_empty()) || version.is_empty() {
        let help = "write `owner/name@version`, or `./folder` for one of this repository";
        file.error("uses", uses.at, format!("`{text}` names no action"), help);
        return false;
    }
    let full =
        matches!(version.len(), 40 | 64) && version.bytes().all(|byte| byte.is_ascii_hexdigit());
    let trusted = known.settings.trusted.iter().any(|trusted| {
        trusted.eq_ignore_ascii_case(parts[0])
            || trusted.eq_ignore_ascii_case(&parts[..2].join("/"))
    });
    if !full && !trusted {
        let help = format!(
            "write the full commit, and the version in a comment: `{name}@<40 digits> # {version}`"
        );
        unpinned(file, uses, text, &help, known);
    }
    true
}

fn unpinned(file: &mut File, uses: &Node, what: &str, help: &str, known: &Known<'_>) {
    let severity = match known.settings.unpinned {
        Unpinned::Error => Severity::Error,
        Unpinned::Warn => Severity::Warning,
        Unpinned::Allow => return,
    };
    if !file.silenced("unpinned-uses", &[uses.at.line]) {
        let message =
            format!("`{what}` is not pinned: whoever may move the tag changes what runs here");
        file.say(severity, "unpinned-uses", uses.at, message, help.to_owned());
    }
}

/// The definition of an action of this repository.
fn definition_of<'k>(folder: &str, known: &Known<'k>) -> Option<(&'k str, &'k Node)> {
    let folder = folder.trim_matches('/').trim_start_matches("./");
    ["action.yml", "action.yaml"].iter().find_map(|name| {
        let path = match folder {
            "" | "." => (*name).to_owned(),
            _ => format!("{folder}/{name}"),
        };
        known
            .roots
            .get_key_value(path.as_str())
            .map(|(path, root)| (*path, *root))
    })
}

/// It may come from another repository that a step before has checked out, or be made by one.
fn unlocated(file: &mut File, uses: &Node, folder: &str, steps: &[Node]) {
    let brought = steps.iter().any(|step| {
        let uses = step.get("uses").and_then(Node::text).unwrap_or_default();
        let brings = ["actions/checkout@", "actions/download-artifact@"];
        let with = step.get("with");
        brings.iter().any(|action| uses.starts_with(action))
            && ["path", "repository", "ref"]
                .iter()
                .any(|input| with.is_some_and(|with| with.get(input).is_some()))
    });
    if !brought {
        file.warning(
            "uses",
            uses.at,
            format!(
                "there is no `action.yml` in `{}`",
                folder.trim_end_matches('/')
            ),
            "mend the path",
        );
    }
}

/// What the action of this repository declares, against what it is given.
fn local(file: &mut File, uses: &Node, given: &BTreeMap<String, Place>, path: &str, root: &Node) {
    let inputs = root
        .get("inputs")
        .and_then(Node::mapping)
        .unwrap_or_default();
    for (key, input) in inputs {
        let name = key.text().unwrap_or_default();
        if required(input) && !given.contains_key(&name.to_ascii_lowercase()) {
            let message = format!(
                "the action needs the input `{name}` ({path}, line {})",
                key.at.line
            );
            file.error(
                "inputs",
                uses.at,
                message,
                format!("give it: `with:` and `{name}:` below it"),
            );
        }
    }
    let names: Vec<&str> = inputs.iter().filter_map(|(key, _)| key.text()).collect();
    for (name, at) in given {
        // Those of a container action.
        let own = matches!(name.as_str(), "args" | "entrypoint");
        if !own && !names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            file.warning(
                "inputs",
                *at,
                format!("the action has no input `{name}` ({path})"),
                instead(name, names.iter().copied()),
            );
        }
    }
}

fn required(input: &Node) -> bool {
    input.get("required").and_then(Node::text) == Some("true") && input.get("default").is_none()
}

/// `uses` of a job: a reusable workflow.
pub(super) fn reusable(file: &mut File, job: &Node, uses: &Node, known: &Known<'_>) {
    let text = uses.text().unwrap_or_default();
    if !reference(file, uses, known) {
        return;
    }
    let Some(path) = own(text) else {
        if !text.contains("/.github/workflows/") {
            file.error(
                "uses",
                uses.at,
                format!("`{text}` is no workflow, and a job can use nothing else"),
                "use an action in a step",
            );
        }
        return;
    };
    let Some(called) = known.roots.get(path) else {
        file.error(
            "uses",
            uses.at,
            format!("there is no workflow `{path}`"),
            "mend the path; it begins with `./.github/workflows/`",
        );
        return;
    };
    let call = called.get("on").and_then(|on| match on.text() {
        Some(text) => (text == "workflow_call").then_some(on),
        None => on.get("workflow_call").or_else(|| {
            on.sequence()?
                .iter()
                .find(|item| item.text() == Some("workflow_call"))
        }),
    });
    let Some(call) = call else {
        file.error(
            "uses",
            uses.at,
            format!("`{path}` cannot be called"),
            "add `workflow_call` to its `on`",
        );
        return;
    };
    call_values(file, job, uses, path, call);
}

/// What a called workflow declares, against what the call gives.
fn call_values(file: &mut File, job: &Node, uses: &Node, path: &str, call: &Node) {
    let inherited = job
        .get("secrets")
        .is_some_and(|secrets| secrets.text() == Some("inherit"));
    for table in ["inputs", "secrets"] {
        let declared = call.get(table).and_then(Node::mapping).unwrap_or_default();
        let key = if table == "inputs" { "with" } else { "secrets" };
        let given = job.get(key).and_then(Node::mapping).unwrap_or_default();
        let kind = table.trim_end_matches('s');
        for (name, input) in declared {
            let name = name.text().unwrap_or_default();
            let has = given
                .iter()
                .any(|(key, _)| key.text().is_some_and(|key| key.eq_ignore_ascii_case(name)));
            if required(input) && !has && !(inherited && table == "secrets") {
                file.error(
                    "inputs",
                    uses.at,
                    format!("`{path}` needs the {kind} `{name}`"),
                    format!("give it: `{key}:` and `{name}:` below it"),
                );
            }
        }
        let names: Vec<&str> = declared.iter().filter_map(|(key, _)| key.text()).collect();
        for (key, _) in given {
            let name = key.text().unwrap_or_default();
            if !names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
                file.error(
                    "inputs",
                    key.at,
                    format!("`{path}` has no {kind} `{name}`"),
                    instead(name, names.iter().copied()),
                );
            }
        }
    }
}

/// An `action.yml`.
pub(super) fn definition(file: &mut File, root: &Node, known: &Known<'_>) {
    let Some(runs) = root.get("runs") else {
        file.error(
            "keys",
            root.at,
            "an action without `runs`",
            "say how it runs: `runs:` and `using:` below it",
        );
        return;
    };
    let using = runs.get("using").and_then(Node::text).unwrap_or_default();
    match using {
        "composite" => {}
        "node12" | "node16" => {
            let at = runs.get("using").map_or(runs.at, |using| using.at);
            file.warning(
                "retired",
                at,
                format!("runners no longer have `{using}`, and take a newer one"),
                "use `node24`",
            );
        }
        "" => file.error(
            "keys",
            runs.at,
            "an action without `runs.using`",
            "write `composite`, `docker` or `node24`",
        ),
        _ => {}
    }
    if using != "composite" {
        return;
    }
    let steps = runs
        .get("steps")
        .and_then(Node::sequence)
        .unwrap_or_default();
    if steps.is_empty() {
        file.error(
            "steps",
            runs.at,
            "a composite action without steps",
            "write at least one step",
        );
    }
    jobs::each_step(file, steps, &[], known);
    for step in steps {
        if let Some((run, _)) = step.entry("run")
            && step.get("shell").is_none()
        {
            file.error(
                "steps",
                run.at,
                "`run` in a composite action needs `shell`",
                "write for example `shell: bash`",
            );
        }
    }
    contexts::composite(file, root);
}
