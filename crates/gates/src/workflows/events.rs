//! `on`: which events start a workflow, with which filters, and when.

use crate::yaml::Node;

use super::{File, instead};

const EVENTS: &[&str] = &[
    "branch_protection_rule",
    "check_run",
    "check_suite",
    "create",
    "delete",
    "deployment",
    "deployment_status",
    "discussion",
    "discussion_comment",
    "fork",
    "gollum",
    "image_version",
    "issue_comment",
    "issues",
    "label",
    "merge_group",
    "milestone",
    "page_build",
    "project",
    "project_card",
    "project_column",
    "public",
    "pull_request",
    "pull_request_review",
    "pull_request_review_comment",
    "pull_request_target",
    "push",
    "registry_package",
    "release",
    "repository_dispatch",
    "schedule",
    "status",
    "watch",
    "workflow_call",
    "workflow_dispatch",
    "workflow_run",
];

/// The events whose filters we know in full.
const FILTERS: &[(&str, &[&str])] = &[
    (
        "push",
        &[
            "branches",
            "branches-ignore",
            "tags",
            "tags-ignore",
            "paths",
            "paths-ignore",
        ],
    ),
    (
        "pull_request",
        &[
            "types",
            "branches",
            "branches-ignore",
            "paths",
            "paths-ignore",
        ],
    ),
    (
        "pull_request_target",
        &[
            "types",
            "branches",
            "branches-ignore",
            "paths",
            "paths-ignore",
        ],
    ),
    (
        "workflow_run",
        &["types", "workflows", "branches", "branches-ignore"],
    ),
    ("workflow_call", &["inputs", "outputs", "secrets"]),
    ("workflow_dispatch", &["inputs"]),
];

/// The names of the events that start a workflow.
pub(super) fn names(root: &Node) -> Vec<&str> {
    let Some(on) = root.get("on").or_else(|| root.get("true")) else {
        return Vec::new();
    };
    on.text()
        .into_iter()
        .chain(
            on.sequence()
                .unwrap_or_default()
                .iter()
                .filter_map(Node::text),
        )
        .chain(
            on.mapping()
                .unwrap_or_default()
                .iter()
                .filter_map(|(key, _)| key.text()),
        )
        .collect()
}

/// The settings of one event.
pub(super) fn settings<'n>(root: &'n Node, event: &str) -> Option<&'n Node> {
    root.get("on").or_else(|| root.get("true"))?.get(event)
}

pub(super) fn check(file: &mut File, root: &Node) {
    let Some(entries) = root.mapping() else {
        return;
    };
    let on = match root.entry("on") {
        Some((_, on)) => on,
        None => match entries.iter().find(|(key, _)| key.is_bool()) {
            Some((key, on)) => {
                let message = format!(
                    "`{}` stands where `on` belongs: a tool for YAML 1.1 has written this file",
                    key.text().unwrap_or_default()
                );
                file.error(
                    "events",
                    key.at,
                    message,
                    "write `on:`, or `\"on\":` so that the tool leaves it alone",
                );
                on
            }
            None => {
                file.error(
                    "events",
                    root.at,
                    "no `on`: nothing ever starts this workflow",
                    "write for example `on: [push]`",
                );
                return;
            }
        },
    };
    if on.is_null()
        || on.sequence().is_some_and(<[Node]>::is_empty)
        || on.mapping().is_some_and(<[_]>::is_empty)
    {
        file.error(
            "events",
            on.at,
            "`on` names no event: nothing ever starts this workflow",
            "write for example `on: [push]`",
        );
    }
    if let Some(text) = on.text().filter(|text| !text.is_empty()) {
        event(file, on, text, None);
    }
    for item in on.sequence().unwrap_or_default() {
        match item.text() {
            Some(text) => event(file, item, text, None),
            None => file.error(
                "events",
                item.at,
                format!("an event is {}, expected its name", item.what()),
                "name the event",
            ),
        }
    }
    for (key, value) in on.mapping().unwrap_or_default() {
        event(file, key, key.text().unwrap_or_default(), Some(value));
    }
}

fn event(file: &mut File, at: &Node, name: &str, settings: Option<&Node>) {
    if !EVENTS.contains(&name) {
        let help = match super::nearest(name, EVENTS.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "see the events that start workflows in the documentation of GitHub Actions"
                .to_owned(),
        };
        file.error("events", at.at, format!("there is no event `{name}`"), help);
        return;
    }
    if name == "schedule" {
        schedule(file, at, settings);
        return;
    }
    let Some(settings) = settings.filter(|settings| !settings.is_null()) else {
        if name == "workflow_run" {
            file.error(
                "events",
                at.at,
                "`workflow_run` without `workflows`",
                "name the workflows it waits for",
            );
        }
        return;
    };
    let Some(entries) = settings.mapping() else {
        let message = format!(
            "`{name}` is {}, expected a mapping of filters",
            settings.what()
        );
        file.error(
            "events",
            settings.at,
            message,
            "write for example `branches: [main]` below it",
        );
        return;
    };
    filters(file, at, name, settings, entries);
}

fn filters(file: &mut File, at: &Node, name: &str, settings: &Node, entries: &[(Node, Node)]) {
    if let Some((_, known)) = FILTERS.iter().find(|(event, _)| *event == name) {
        for (key, _) in entries {
            let filter = key.text().unwrap_or_default();
            if !known.contains(&filter) {
                file.error(
                    "events",
                    key.at,
                    format!("`{name}` has no filter `{filter}`"),
                    instead(filter, known.iter().copied()),
                );
            }
        }
    }
    for filter in ["branches", "tags", "paths"] {
        let ignore = format!("{filter}-ignore");
        if settings.get(filter).is_some()
            && let Some((key, _)) = settings.entry(&ignore)
        {
            let message = format!("`{filter}` and `{ignore}` cannot stand together");
            file.error(
                "events",
                key.at,
                message,
                format!("put `'!…'` patterns into `{filter}`"),
            );
        }
    }
    if name == "workflow_run" && settings.get("workflows").is_none() {
        file.error(
            "events",
            at.at,
            "`workflow_run` without `workflows`",
            "name the workflows it waits for",
        );
    }
}

fn schedule(file: &mut File, at: &Node, settings: Option<&Node>) {
    let items = settings.and_then(Node::sequence).unwrap_or_default();
    if items.is_empty() {
        file.error(
            "events",
            at.at,
            "`schedule` is no list of times",
            "write for example `- cron: '0 4 * * 1'` below it",
        );
    }
    for item in items {
        match item.get("cron").and_then(|cron| Some((cron, cron.text()?))) {
            None => file.error(
                "events",
                item.at,
                "a time without `cron`",
                "write for example `cron: '0 4 * * 1'`",
            ),
            Some((cron, text)) => {
                if let Some(flaw) = cron_flaw(text) {
                    let help = "five fields: minute, hour, day, month, day of week, all in UTC";
                    file.error(
                        "events",
                        cron.at,
                        format!("`{text}` is no time: {flaw}"),
                        help,
                    );
                }
            }
        }
    }
}

const MONTHS: &[&str] = &[
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
];
const DAYS: &[&str] = &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// Name, lowest, highest, names from the lowest on.
const FIELDS: &[(&str, u32, u32, &[&str])] = &[
    ("minute", 0, 59, &[]),
    ("hour", 0, 23, &[]),
    ("day", 1, 31, &[]),
    ("month", 1, 12, MONTHS),
    ("day of week", 0, 7, DAYS),
];

fn cron_flaw(text: &str) -> Option<String> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    if fields.len() != FIELDS.len() {
        return Some(format!("it has {} fields", fields.len()));
    }
    fields.iter().zip(FIELDS).find_map(|(field, (name, low, high, words))| {
        let number = |text: &str| -> Option<u32> {
            let word = words.iter().zip(*low..).find(|(word, _)| word.eq_ignore_ascii_case(text));
            word.map(|(_, number)| number)
                .or_else(|| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?)
                .filter(|number| (low..=high).contains(&number))
        };
        let good = field.split(',').all(|part| {
            let (range, step) = part.split_once('/').map_or((part, None), |(range, step)| (range, Some(step)));
            let step_good = step.is_none_or(|step| step.parse::<u32>().is_ok_and(|step| (1..=*high).contains(&step)));
            let range_good = range == "*" || match range.split_once('-') {
                Some((from, to)) => matches!((number(from), number(to)), (Some(from), Some(to)) if from <= to),
                None => number(range).is_some(),
            };
            step_good && range_good
        });
        (!good).then(|| format!("`{field}` is no {name}"))
    })
}

#[cfg(test)]
mod tests {
    use super::cron_flaw;

    #[test]
    fn times_are_told_from_what_is_none() {
        for good in [
            "0 4 * * 1",
            "*/15 0-6,22 1,15 JAN-mar SUN",
            "30 5 * * 1-5",
            "0 0 31 12 7",
            "5/10 * * * *",
        ] {
            assert_eq!(cron_flaw(good), None, "{good}");
        }
        for (bad, flaw) in [
            ("0 4 * *", "it has 4 fields"),
            ("@daily", "it has 1 fields"),
            ("60 4 * * 1", "`60` is no minute"),
            ("0 24 * * 1", "`24` is no hour"),
            ("0 4 0 * 1", "`0` is no day"),
            ("0 4 * 13 1", "`13` is no month"),
            ("0 4 * * 8", "`8` is no day of week"),
            ("0 6-4 * * *", "`6-4` is no hour"),
            ("*/0 * * * *", "`*/0` is no minute"),
            ("+1 * * * *", "`+1` is no minute"),
        ] {
            assert_eq!(cron_flaw(bad).as_deref(), Some(flaw), "{bad}");
        }
    }
}
