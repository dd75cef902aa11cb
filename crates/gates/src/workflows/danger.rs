//! What a stranger could do through a workflow: text of theirs run as a command, their code run with our rights.

use crate::yaml::{Node, Place};

use super::expressions::{self, Segment};
use super::{File, events};

/// What anybody may write who opens an issue or a pull request. `*` is any one name.
const UNTRUSTED: &[&str] = &[
    "github.head_ref",
    "github.event.issue.title",
    "github.event.issue.body",
    "github.event.pull_request.title",
    "github.event.pull_request.body",
    "github.event.pull_request.head.ref",
    "github.event.pull_request.head.label",
    "github.event.pull_request.head.repo.default_branch",
    "github.event.pull_request.head.repo.description",
    "github.event.pull_request.head.repo.homepage",
    "github.event.comment.body",
    "github.event.review.body",
    "github.event.review_comment.body",
    "github.event.discussion.title",
    "github.event.discussion.body",
    "github.event.pages.*.page_name",
    "github.event.commits.*.message",
    "github.event.commits.*.author.email",
    "github.event.commits.*.author.name",
    "github.event.head_commit.message",
    "github.event.head_commit.author.email",
    "github.event.head_commit.author.name",
    "github.event.workflow_run.head_branch",
    "github.event.workflow_run.display_title",
    "github.event.workflow_run.head_commit.message",
    "github.event.workflow_run.head_commit.author.email",
    "github.event.workflow_run.head_commit.author.name",
    "github.event.workflow_run.pull_requests.*.head.ref",
];

/// What names somebody else's code in a workflow that has the rights of this repository.
const HEAD: &[&str] = &[
    "github.head_ref",
    "github.event.pull_request.head.ref",
    "github.event.pull_request.head.sha",
    "github.event.pull_request.head.repo.full_name",
    "github.event.pull_request.merge_commit_sha",
    "github.event.workflow_run.head_branch",
    "github.event.workflow_run.head_sha",
    "github.event.workflow_run.head_commit.id",
    "github.event.workflow_run.head_repository.full_name",
];

/// Events that run with the rights of this repository for what a stranger did.
const PRIVILEGED: &[&str] = &["pull_request_target", "workflow_run"];

pub(super) fn privileged(root: &Node) -> Option<&'static str> {
    let names = events::names(root);
    PRIVILEGED
        .iter()
        .find(|event| names.contains(event))
        .copied()
}

/// The rights of a workflow.
pub(super) fn workflow(file: &mut File, root: &Node) {
    const HELP: &str =
        "write `permissions: contents: read` at the top, and more in the jobs that need it";
    let jobs = root.get("jobs").and_then(Node::mapping).unwrap_or_default();
    let everything = |node: &Node| {
        node.get("permissions")
            .filter(|value| value.text() == Some("write-all"))
            .map(|value| value.at)
    };
    for at in [root]
        .into_iter()
        .chain(jobs.iter().map(|(_, job)| job))
        .filter_map(everything)
    {
        if !file.silenced("excessive-permissions", &[at.line]) {
            file.warning(
                "excessive-permissions",
                at,
                "`write-all` gives every right there is",
                HELP,
            );
        }
    }
    if root.get("permissions").is_some() {
        return;
    }
    // The caller of a reusable workflow decides what it may do.
    if events::names(root) == ["workflow_call"] {
        return;
    }
    let without: Vec<&Node> = jobs
        .iter()
        .filter(|(_, job)| job.mapping().is_some() && job.get("permissions").is_none())
        .map(|(key, _)| key)
        .collect();
    if let Some(first) = without.first() {
        let names: Vec<String> = without
            .iter()
            .filter_map(|key| Some(format!("`{}`", key.text()?)))
            .collect();
        if !file.silenced("excessive-permissions", &[first.at.line]) {
            let message = format!(
                "no `permissions` for {}: the default of the repository, which may be to write",
                names.join(", ")
            );
            file.warning("excessive-permissions", first.at, message, HELP);
        }
    }
}

/// The script of an action that runs what it is given.
pub(super) fn script(step: &Node) -> Option<(&Node, &Node)> {
    let uses = step.get("uses")?.text()?;
    let action = uses.split('@').next()?;
    if action.eq_ignore_ascii_case("actions/github-script") {
        return step.get("with")?.entry("script");
    }
    None
}

/// Text of strangers that becomes part of a script.
pub(super) fn injection(file: &mut File, step: &Node, key: &Node, run: &Node, outer: &[&Node]) {
    let Some(text) = run.text() else { return };
    for (number, found) in expressions::embedded(text).iter().enumerate() {
        let Some(expr) = found
            .source
            .and_then(|source| expressions::parse(source).ok())
        else {
            continue;
        };
        let mut said: Option<String> = None;
        expr.flows(false, &mut |path, whole| {
            if let Some(pattern) = untrusted(path, whole, UNTRUSTED) {
                said = Some(format!("`{}` is put into a script as it is, and anybody may write it", pattern_or(path, pattern)));
            } else if let [Segment::Name(context), Segment::Name(name)] = path
                && context == "env"
                && let Some((name, pattern)) = from_env(name, step, outer)
            {
                said = Some(format!("`env.{name}` holds `{pattern}`, which anybody may write, and is put into a script as it is"));
            }
        });
        let Some(message) = said else { continue };
        let at = file.expression(run.at, number);
        if !file.silenced("template-injection", &[at.line, key.at.line]) {
            let help = match key.text() {
                Some("script") => {
                    "give it to the step by `env`, and read `process.env.NAME` in the script"
                }
                _ => "give it to the step by `env`, and write \"$NAME\" in the script",
            };
            file.error("template-injection", at, message, help);
        }
    }
}

/// A reference as it is written, where it is as long as what it stands for.
fn pattern_or(path: &[Segment], pattern: &str) -> String {
    let words: Option<Vec<&str>> = path
        .iter()
        .map(|segment| match segment {
            Segment::Name(name) => Some(name.as_str()),
            Segment::Star => Some("*"),
            Segment::Computed(_) => None,
        })
        .collect();
    words.map_or_else(|| pattern.to_owned(), |words| words.join("."))
}

/// The entry of the table that the reference is, or holds where `whole`.
fn untrusted<'t>(path: &[Segment], whole: bool, table: &[&'t str]) -> Option<&'t str> {
    table.iter().copied().find(|pattern| {
        let names: Vec<&str> = pattern.split('.').collect();
        let fits = path
            .iter()
            .zip(&names)
            .all(|(segment, name)| match segment {
                Segment::Name(found) => found == name || *name == "*",
                Segment::Star | Segment::Computed(_) => true,
            });
        fits && (path.len() == names.len() || whole && path.len() < names.len())
    })
}

/// A variable that holds untrusted text: the innermost one with the name counts.
fn from_env<'n>(name: &str, step: &'n Node, outer: &[&'n Node]) -> Option<(&'n str, &'static str)> {
    let (key, value) = [step]
        .into_iter()
        .chain(outer.iter().rev().copied())
        .find_map(|node| {
            let entries = node.get("env")?.mapping()?;
            entries
                .iter()
                .find(|(key, _)| key.text().is_some_and(|key| key.eq_ignore_ascii_case(name)))
        })?;
    let pattern = expressions::embedded(value.text()?)
        .iter()
        .find_map(|found| {
            let expr = expressions::parse(found.source?).ok()?;
            let mut seen = None;
            expr.flows(false, &mut |path, whole| {
                seen = seen.or(untrusted(path, whole, UNTRUSTED));
            });
            seen
        })?;
    Some((key.text()?, pattern))
}

/// A checkout of somebody else's code, with our rights.
pub(super) fn checkout(file: &mut File, step: &Node, privileged: Option<&str>) {
    let Some(event) = privileged else { return };
    let uses = step.get("uses").and_then(Node::text).unwrap_or_default();
    let mut found: Option<(Place, String)> = None;
    if uses
        .split('@')
        .next()
        .is_some_and(|action| action.eq_ignore_ascii_case("actions/checkout"))
    {
        for input in ["ref", "repository"] {
            let value = step.get("with").and_then(|with| with.get(input));
            if let Some((at, text)) = value.and_then(|value| Some((value.at, value.text()?)))
                && (head(text) || text.starts_with("refs/pull/"))
            {
                found = Some((
                    at,
                    format!(
                        "`{event}` checks out the code of a stranger, with the rights of this repository"
                    ),
                ));
            }
        }
    }
    if let Some(run) = step.get("run")
        && let Some(text) = run.text()
        && let Some(line) = text
            .lines()
            .position(|line| line.trim_start().starts_with("gh pr checkout"))
    {
        let at = Place {
            line: run.line(line),
            column: 1,
        };
        found = Some((
            at,
            format!("`{event}` checks out a pull request, with the rights of this repository"),
        ));
    }
    let Some((at, message)) = found else { return };
    if !file.silenced("dangerous-triggers", &[at.line, step.at.line]) {
        let help = "use the event `pull_request`, or do not run anything of what is checked out and say so in a comment `# zizmor: ignore[dangerous-triggers]`";
        match event {
            "pull_request_target" => file.error("dangerous-triggers", at, message, help),
            // It may run for pushes alone.
            _ => file.warning("dangerous-triggers", at, message, help),
        }
    }
}

fn head(text: &str) -> bool {
    expressions::embedded(text).iter().any(|found| {
        let expr = found
            .source
            .and_then(|source| expressions::parse(source).ok());
        let mut seen = false;
        if let Some(expr) = expr {
            expr.flows(false, &mut |path, whole| {
                seen |= untrusted(path, whole, HEAD).is_some();
            });
        }
        seen
    })
}
