//! Which type of commit belongs in which group, and what the repository says otherwise.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

/// The groups of Keep a Changelog 1.1.0, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) enum Group {
    Added,
    Changed,
    Deprecated,
    Removed,
    Fixed,
    Security,
}

impl Group {
    pub(crate) const ALL: [Group; 6] = [
        Group::Added,
        Group::Changed,
        Group::Deprecated,
        Group::Removed,
        Group::Fixed,
        Group::Security,
    ];

    /// As in the heading.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Group::Added => "Added",
            Group::Changed => "Changed",
            Group::Deprecated => "Deprecated",
            Group::Removed => "Removed",
            Group::Fixed => "Fixed",
            Group::Security => "Security",
        }
    }
}

/// What the repository's configuration says of its commits.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Rules {
    pub(crate) bots: Bots,
    /// Whether the conventional lines pasted into the body of a squash are listed beside its subject.
    pub(crate) split_squashes: bool,
    /// Instead of the table here, or beyond it.
    pub(crate) types: Vec<TypeRule>,
}

/// What becomes of commits made by a program.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Bots {
    /// As anybody's: their type decides.
    #[default]
    List,
    LeaveOut,
}

/// The group of a type; none: it is left out.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TypeRule {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) group: Option<Group>,
}

/// What a type means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    Listed(Group),
    LeftOut,
}

/// Types in lower case; what stands in no row is unknown, and no conventional commit to us.
const TABLE: &[(Meaning, &[&str])] = &[
    (
        Meaning::Listed(Group::Added),
        &["feat", "feature", "features", "add", "added"],
    ),
    (
        Meaning::Listed(Group::Changed),
        &["perf", "refactor", "change", "changed", "breaking"],
    ),
    (
        Meaning::Listed(Group::Deprecated),
        &["deprecate", "deprecated"],
    ),
    (Meaning::Listed(Group::Removed), &["remove", "removed"]),
    (
        Meaning::Listed(Group::Fixed),
        &["fix", "fixed", "fixes", "bugfix", "hotfix"],
    ),
    (Meaning::Listed(Group::Security), &["security"]),
    (
        Meaning::LeftOut,
        &[
            "docs", "doc", "test", "tests", "chore", "ci", "build", "style", "merge", "release",
            "revert",
        ],
    ),
];

/// The table with the repository's own rows.
pub(crate) struct Table<'a>(HashMap<String, Meaning>, &'a Rules);

impl<'a> Table<'a> {
    pub(crate) fn new(rules: &'a Rules) -> Self {
        let mut table = HashMap::new();
        for (meaning, kinds) in TABLE {
            table.extend(kinds.iter().map(|kind| ((*kind).to_owned(), *meaning)));
        }
        for rule in &rules.types {
            let meaning = rule.group.map_or(Meaning::LeftOut, Meaning::Listed);
            table.insert(rule.kind.to_lowercase(), meaning);
        }
        Self(table, rules)
    }

    /// What a type in lower case means; `None`: it is unknown.
    pub(crate) fn of(&self, kind: &str) -> Option<Meaning> {
        self.0.get(kind).copied()
    }

    /// With the scopes that say more than the type; a row of the repository's own has the last word.
    pub(crate) fn meaning(&self, kind: &str, scope: Option<&str>) -> Option<Meaning> {
        let meaning = self.of(kind)?;
        let is_own = self
            .1
            .types
            .iter()
            .any(|rule| rule.kind.to_lowercase() == kind);
        let scope = scope.map(str::to_lowercase);
        Some(match (meaning, scope.as_deref()) {
            _ if is_own => meaning,
            (Meaning::Listed(Group::Fixed), Some("security")) => Meaning::Listed(Group::Security),
            (_, Some("deprecated")) => Meaning::Listed(Group::Deprecated),
            _ => meaning,
        })
    }
}
