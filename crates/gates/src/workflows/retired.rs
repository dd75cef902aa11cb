//! What GitHub has taken away or will: versions of actions, runners, commands to the runner.

use crate::yaml::{Node, Place};

use super::File;
use super::expressions::is_one;

/// A major version, and its first minor version that works, where there is one.
type Refused = (u32, Option<u32>);

/// Versions which GitHub refuses: an action, and the first version that works of each major version.
/// A major version alone stands for its newest.
const REFUSED: &[(&str, &[Refused], &str)] = &[
    (
        "actions/upload-artifact",
        &[(0, None), (1, None), (2, None), (3, None)],
        "v4",
    ),
    (
        "actions/download-artifact",
        &[(0, None), (1, None), (2, None), (3, None)],
        "v4",
    ),
    (
        "actions/upload-pages-artifact",
        &[(0, None), (1, None), (2, None)],
        "v3",
    ),
    (
        "actions/cache",
        &[(0, None), (1, None), (2, None), (3, Some(4)), (4, Some(2))],
        "v4",
    ),
    ("actions/cache/restore", &[(3, Some(4)), (4, Some(2))], "v4"),
    ("actions/cache/save", &[(3, Some(4)), (4, Some(2))], "v4"),
];

/// Actions with the last major version that asks for a Node.js which runners no longer have.
const OLD_NODE: &[(&str, u32)] = &[
    ("actions/checkout", 3),
    ("actions/setup-node", 3),
    ("actions/setup-python", 4),
    ("actions/setup-java", 3),
    ("actions/setup-go", 4),
    ("actions/setup-dotnet", 3),
    ("actions/github-script", 6),
    ("actions/labeler", 4),
    ("actions/stale", 8),
    ("github/codeql-action/init", 2),
    ("github/codeql-action/analyze", 2),
    ("github/codeql-action/autobuild", 2),
    ("github/codeql-action/upload-sarif", 2),
];

/// Runners of GitHub that are gone: a job for one of them never starts.
const RUNNERS: &[(&str, &str)] = &[
    ("ubuntu-16.04", "ubuntu-22.04"),
    ("ubuntu-18.04", "ubuntu-22.04"),
    ("ubuntu-20.04", "ubuntu-22.04"),
    ("macos-10.15", "macos-15"),
    ("macos-11", "macos-15"),
    ("macos-12", "macos-15"),
    ("macos-13", "macos-15"),
    ("windows-2016", "windows-2022"),
    ("windows-2019", "windows-2022"),
];

/// `v4.1.2` and `4` as numbers; the second is missing where only the major version is named.
fn numbers(version: &str) -> Option<(u32, Option<u32>)> {
    let mut parts = version.trim_start_matches('v').split('.');
    let major = parts.next()?.parse().ok()?;
    Some((major, parts.next().and_then(|minor| minor.parse().ok())))
}

/// A version of an action.
pub(super) fn action(file: &mut File, uses: &Node, action: &str, version: &str) {
    let Some((major, minor)) = numbers(version) else {
        return;
    };
    if let Some((_, versions, instead)) = REFUSED.iter().find(|(name, ..)| *name == action) {
        let refused = versions
            .iter()
            .find(|(number, _)| *number == major)
            .is_some_and(|(_, first)| match first {
                None => true,
                Some(first) => minor.is_some_and(|minor| minor < *first),
            });
        if refused {
            file.error(
                "retired",
                uses.at,
                format!("GitHub refuses `{action}` in version {version}"),
                format!("use {instead} or later"),
            );
            return;
        }
    }
    if let Some((_, last)) = OLD_NODE
        .iter()
        .find(|(name, last)| *name == action && major <= *last)
    {
        let message = format!(
            "`{action}` in version {version} asks for a Node.js that runners no longer have"
        );
        file.warning(
            "retired",
            uses.at,
            message,
            format!("use v{} or later", last + 1),
        );
    }
}

/// The runner of a job, also where the matrix names it.
pub(super) fn runner(file: &mut File, job: &Node) {
    let Some(runs_on) = job.get("runs-on") else {
        return;
    };
    let labels = runs_on.get("labels").unwrap_or(runs_on);
    let labels: Vec<&Node> = match labels.sequence() {
        Some(items) => items.iter().collect(),
        None => vec![labels],
    };
    // Their labels are their owners' to choose.
    if labels
        .iter()
        .any(|label| label.text() == Some("self-hosted"))
        || runs_on.get("group").is_some()
    {
        return;
    }
    let mut named: Vec<&Node> = Vec::new();
    for label in labels {
        let text = label.text().unwrap_or_default().trim();
        let key = text
            .strip_prefix("${{")
            .and_then(|text| text.strip_suffix("}}"))
            .and_then(|text| text.trim().strip_prefix("matrix."));
        match key.filter(|_| is_one(text)) {
            Some(key) => named.extend(values(job, key)),
            None => named.push(label),
        }
    }
    for label in named {
        if let Some((name, instead)) = RUNNERS.iter().find(|(name, _)| label.text() == Some(name)) {
            file.error(
                "retired",
                label.at,
                format!("the runner `{name}` is gone: the job never starts"),
                format!("use `{instead}` or later"),
            );
        }
    }
}

/// What a key of the matrix may be, as far as it is written down.
fn values<'n>(job: &'n Node, key: &str) -> Vec<&'n Node> {
    let Some(matrix) = job
        .get("strategy")
        .and_then(|strategy| strategy.get("matrix"))
    else {
        return Vec::new();
    };
    let include = matrix
        .get("include")
        .and_then(Node::sequence)
        .unwrap_or_default();
    let list = matrix.get(key).and_then(Node::sequence).unwrap_or_default();
    list.iter()
        .chain(include.iter().filter_map(|item| item.get(key)))
        .collect()
}

/// Commands to the runner that it obeys no more, or soon will not.
pub(super) fn commands(file: &mut File, run: &Node) {
    const OLD: &[(&str, &str, bool)] = &[
        ("::set-env ", "GITHUB_ENV", true),
        ("::add-path::", "GITHUB_PATH", true),
        ("::set-output ", "GITHUB_OUTPUT", false),
        ("::save-state ", "GITHUB_STATE", false),
    ];
    let Some(text) = run.text() else { return };
    for (command, variable, refused) in OLD {
        let Some(line) = text.lines().position(|line| line.contains(command)) else {
            continue;
        };
        let at = Place {
            line: run.line(line),
            column: 1,
        };
        let name = command.trim_matches([':', ' ']);
        let help =
            format!("append to the file `${variable}`: `echo \"name=value\" >> \"${variable}\"`");
        if *refused {
            file.error(
                "retired",
                at,
                format!("the runner refuses the command `{name}`"),
                help,
            );
        } else {
            file.warning(
                "retired",
                at,
                format!("the command `{name}` is deprecated"),
                help,
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::numbers;

    #[test]
    fn versions_of_actions() {
        assert_eq!(numbers("v4"), Some((4, None)));
        assert_eq!(numbers("v4.1.2"), Some((4, Some(1))));
        assert_eq!(numbers("3"), Some((3, None)));
        assert_eq!(numbers("main"), None);
        assert_eq!(numbers(&"1a".repeat(20)), None);
    }
}
