//! Jobs and steps: that there are some, that each does one thing, and what waits for what.

use std::collections::BTreeMap;

use crate::yaml::{Node, Place};

use super::{File, Known, actions, danger, instead, retired, shape};

pub(super) fn check(file: &mut File, root: &Node, known: &Known<'_>) {
    let Some(entries) = root.mapping() else {
        return;
    };
    let jobs = root.get("jobs").and_then(Node::mapping).unwrap_or_default();
    if jobs.is_empty() {
        let at = root.entry("jobs").map_or_else(
            || entries.first().map_or(root.at, |(key, _)| key.at),
            |(key, _)| key.at,
        );
        file.error("keys", at, "there are no jobs", "write a job below `jobs:`");
        return;
    }
    for (key, job) in jobs {
        file.jobs += 1;
        identifier(file, key, "job");
        if job.mapping().is_none() {
            file.error(
                "types",
                job.at,
                format!("a job is {}, expected a mapping", job.what()),
                "write `runs-on:` and `steps:`",
            );
            continue;
        }
        shape::job(file, job);
        retired::runner(file, job);
        needs(file, key, job, jobs);
        match job.get("uses") {
            Some(uses) => {
                actions::reusable(file, job, uses, known);
                if let Some((steps, _)) = job.entry("steps") {
                    file.error(
                        "steps",
                        steps.at,
                        "a job with both `uses` and `steps`",
                        "move the steps into a job of their own",
                    );
                }
            }
            None => steps(file, key, job, root, known),
        }
    }
    cycles(file, jobs);
}

fn steps(file: &mut File, key: &Node, job: &Node, root: &Node, known: &Known<'_>) {
    let steps = job.get("steps");
    if steps.is_none_or(|steps| steps.is_null() || steps.sequence().is_some_and(<[Node]>::is_empty))
    {
        let at = job.entry("steps").map_or(key.at, |(key, _)| key.at);
        file.error(
            "steps",
            at,
            format!("the job `{}` has no steps", key.text().unwrap_or_default()),
            "write at least one step, or call a workflow by `uses`",
        );
        return;
    }
    let steps = steps.and_then(Node::sequence).unwrap_or_default();
    each_step(file, steps, &[root, job], known);
    let privileged = danger::privileged(root);
    for step in steps {
        danger::checkout(file, step, privileged);
    }
}

/// What holds for steps of a job and of a composite action alike. `outer` may give them an environment.
pub(super) fn each_step(file: &mut File, steps: &[Node], outer: &[&Node], known: &Known<'_>) {
    let mut ids: BTreeMap<String, Place> = BTreeMap::new();
    for step in steps {
        file.steps += 1;
        if step.mapping().is_none() {
            file.error(
                "types",
                step.at,
                format!("a step is {}, expected a mapping", step.what()),
                "write `run:` or `uses:`",
            );
            continue;
        }
        shape::step(file, step);
        what(file, step);
        if let Some(id) = step.get("id") {
            identifier(file, id, "step");
            let name = id.text().unwrap_or_default().to_ascii_lowercase();
            if let Some(first) = ids.get(&name) {
                let message = format!(
                    "the step id `{name}` is that of the step in line {} too",
                    first.line
                );
                file.error(
                    "steps",
                    id.at,
                    message,
                    "give each step of a job an id of its own",
                );
            } else {
                ids.insert(name, id.at);
            }
        }
        if let Some(uses) = step.get("uses") {
            actions::step(file, step, uses, steps, known);
        }
        if let Some((key, run)) = step.entry("run") {
            retired::commands(file, run);
            danger::injection(file, step, key, run, outer);
        }
        if let Some((key, script)) = danger::script(step) {
            danger::injection(file, step, key, script, outer);
        }
    }
}

/// A step does one thing.
fn what(file: &mut File, step: &Node) {
    match (step.entry("run"), step.entry("uses")) {
        (Some((run, _)), Some((uses, _))) => {
            let later = run.at.max(uses.at);
            file.error(
                "steps",
                later,
                "a step with both `uses` and `run`",
                "make two steps of it",
            );
        }
        (None, None) => file.error(
            "steps",
            step.at,
            "a step with neither `uses` nor `run`",
            "say what it does, or take it out",
        ),
        (Some(_), None) => {
            if let Some((with, _)) = step.entry("with") {
                file.error(
                    "steps",
                    with.at,
                    "`with` in a step that runs a command",
                    "give values by `env`, or name an action by `uses`",
                );
            }
        }
        (None, Some(_)) => {
            for key in ["shell", "working-directory"] {
                if let Some((key, _)) = step.entry(key) {
                    let name = key.text().unwrap_or_default();
                    file.error(
                        "steps",
                        key.at,
                        format!("`{name}` in a step that uses an action"),
                        format!("take `{name}` out; it belongs to `run`"),
                    );
                }
            }
        }
    }
    if let Some((key, run)) = step.entry("run")
        && run.text().is_some_and(|text| text.trim().is_empty())
    {
        file.error(
            "steps",
            key.at,
            "`run` is empty",
            "write the command, or take the step out",
        );
    }
}

fn identifier(file: &mut File, key: &Node, kind: &str) {
    let name = key.text().unwrap_or_default();
    let good = name.starts_with(|char: char| char.is_ascii_alphabetic() || char == '_')
        && name
            .chars()
            .all(|char| char.is_ascii_alphanumeric() || char == '_' || char == '-');
    if !good {
        let help = "letters, digits, `-` and `_`, and a letter or `_` first";
        file.error(
            "keys",
            key.at,
            format!("`{name}` cannot be the id of a {kind}"),
            help,
        );
    }
}

/// The jobs that a job waits for.
pub(super) fn needed(job: &Node) -> Vec<&Node> {
    let Some(needs) = job.get("needs") else {
        return Vec::new();
    };
    match needs.sequence() {
        Some(items) => items.iter().filter(|item| item.text().is_some()).collect(),
        None if needs.is_null() => Vec::new(),
        None => needs.text().map(|_| needs).into_iter().collect(),
    }
}

fn position(jobs: &[(Node, Node)], name: &str) -> Option<usize> {
    jobs.iter().position(|(key, _)| {
        key.text()
            .is_some_and(|text| text.eq_ignore_ascii_case(name))
    })
}

fn needs(file: &mut File, key: &Node, job: &Node, jobs: &[(Node, Node)]) {
    for needed in needed(job) {
        let name = needed.text().unwrap_or_default();
        if position(jobs, name).is_none() {
            let names = jobs
                .iter()
                .filter_map(|(key, _)| key.text())
                .filter(|other| Some(*other) != key.text());
            file.error(
                "needs",
                needed.at,
                format!("`needs` names `{name}`, and there is no such job"),
                instead(name, names),
            );
        }
    }
}

/// Circles of jobs that wait for each other, each told once.
fn cycles(file: &mut File, jobs: &[(Node, Node)]) {
    let edges: Vec<Vec<(usize, Place)>> = jobs
        .iter()
        .map(|(_, job)| {
            needed(job)
                .iter()
                .filter_map(|need| Some((position(jobs, need.text()?)?, need.at)))
                .collect()
        })
        .collect();
    // 0: not seen, 1: on the way, 2: done.
    let mut state = vec![0_u8; jobs.len()];
    for start in 0..jobs.len() {
        let mut way: Vec<(usize, usize)> = Vec::new();
        if state[start] == 0 {
            state[start] = 1;
            way.push((start, 0));
        }
        while let Some((job, next)) = way.last_mut() {
            let Some((to, at)) = edges[*job].get(*next).copied() else {
                state[*job] = 2;
                way.pop();
                continue;
            };
            *next += 1;
            match state[to] {
                0 => {
                    state[to] = 1;
                    way.push((to, 0));
                }
                1 => {
                    let circle = way
                        .iter()
                        .map(|(job, _)| *job)
                        .skip_while(|job| *job != to)
                        .chain([to]);
                    let names: Vec<String> = circle
                        .filter_map(|job| Some(format!("`{}`", jobs[job].0.text()?)))
                        .collect();
                    let message = format!("jobs wait for each other: {}", names.join(" needs "));
                    file.error("needs", at, message, "take one `needs` out of the circle");
                }
                _ => {}
            }
        }
    }
}
