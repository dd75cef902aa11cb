//! The one value of each part, from commits and facts.

use serde::Serialize;
use serde_json::{Value, json};

use super::facts::Facts;
use super::part::Part;
use crate::people::Contributor;
use crate::request::Request;
use crate::rules::Group;
use crate::select::{Line, short};

/// Everything that templates can print.
pub(crate) struct Values<'a> {
    /// What every part may print.
    pub(crate) release: Value,
    facts: &'a Facts,
    compare: Option<String>,
    themes: Vec<Theme>,
    breaking: Vec<Entry>,
    contributors: &'a [Contributor],
}

/// A heading and the commits under it.
#[derive(Debug, Serialize)]
struct Theme {
    name: String,
    /// It is a group of Keep a Changelog, for what no theme took.
    is_group: bool,
    lines: Vec<Entry>,
}

/// What a line of the section says. The texts are Markdown already.
#[derive(Debug, Clone, Serialize)]
struct Entry {
    group: Group,
    breaking: bool,
    scope: Option<String>,
    subject: String,
    consequences: Vec<String>,
    /// The commits, linked where they can be seen: `[1a2b3c4](https://…)`.
    commits: String,
    #[serde(skip)]
    theme: Option<usize>,
}

impl<'a> Values<'a> {
    pub(crate) fn new(
        request: &Request,
        facts: &'a Facts,
        listed: Vec<Line>,
        contributors: &'a [Contributor],
    ) -> Values<'a> {
        let repository = request.repository.as_ref().map(|address| &address.0);
        let entries: Vec<Entry> = listed
            .into_iter()
            .map(|line| Entry::new(line, facts, repository.map(String::as_str)))
            .collect();
        let previous = request.previous.as_ref().map(|tag| &tag.0);
        let compare = repository.zip(previous).map(|(repository, previous)| {
            format!("{repository}/compare/{previous}...{}", request.tag.0)
        });
        Values {
            release: json!({
                "version": request.version.0,
                "tag": request.tag.0,
                "date": request.date.0,
                "previous": previous,
                "repository": repository,
            }),
            facts,
            compare,
            breaking: entries
                .iter()
                .filter(|entry| entry.breaking)
                .cloned()
                .collect(),
            themes: themes(facts, entries),
            contributors,
        }
    }

    /// Of people, or of programs; most commits first.
    fn names(&self, bot: bool) -> Vec<&str> {
        let of_kind = self.contributors.iter().filter(|one| one.bot == bot);
        of_kind.map(|one| one.name.as_str()).collect()
    }

    /// The value of a part; `None`: there is nothing to print.
    pub(crate) fn of(&self, part: Part) -> Option<Value> {
        let facts = self.facts;
        let text = facts
            .fragments
            .get(&part)
            .map(|fragment| fragment.text.trim_matches('\n'));
        let value = match part {
            Part::Header => {
                return Some(json!({ "kind": facts.kind, "compare": self.compare }));
            }
            Part::Description | Part::Architecture | Part::Deployment | Part::KnownIssues => {
                json!({})
            }
            Part::Features => json!({ "themes": self.themes }),
            Part::Performance => json!({ "figures": facts.figures }),
            Part::Security => json!({ "checks": facts.checks }),
            Part::Deliverables => {
                json!({ "artifacts": facts.artifacts, "packages": facts.packages })
            }
            Part::Documentation => json!({ "documents": facts.documents }),
            Part::Migration => json!({ "breaking": self.breaking }),
            Part::Acknowledgments => {
                json!({ "people": self.names(false), "bots": self.names(true) })
            }
        };
        let has_data = value.as_object().is_some_and(|lists| {
            let mut lists = lists.values();
            lists.any(|list| list.as_array().is_some_and(|list| !list.is_empty()))
        });
        let mut value = value;
        value["text"] = json!(text);
        (has_data || text.is_some()).then_some(value)
    }
}

/// The themes as configured, then what is left by its group. Every entry is in one of them.
fn themes(facts: &Facts, mut entries: Vec<Entry>) -> Vec<Theme> {
    entries.sort_by_key(|entry| (!entry.breaking, entry.group));
    let named = facts.themes.iter().map(|theme| (theme.name.clone(), false));
    let groups = Group::ALL.map(|group| (group.name().to_owned(), true));
    let mut all: Vec<Theme> = named
        .chain(groups)
        .map(|(name, is_group)| Theme {
            name,
            is_group,
            lines: Vec::new(),
        })
        .collect();
    let first_group = facts.themes.len();
    for entry in entries {
        let group = Group::ALL.iter().position(|group| *group == entry.group);
        let at = entry
            .theme
            .unwrap_or(first_group + group.unwrap_or_default());
        if let Some(theme) = all.get_mut(at) {
            theme.lines.push(entry);
        }
    }
    all.retain(|theme| !theme.lines.is_empty());
    all
}

impl Entry {
    fn new(line: Line, facts: &Facts, repository: Option<&str>) -> Entry {
        let by_scope = line
            .scope
            .as_deref()
            .and_then(|scope| theme_of(facts, scope));
        let by_path = line.ids.iter().filter_map(|id| facts.by_path.get(id));
        // The first theme in the order of the configuration, whatever it is by.
        let theme = by_scope.into_iter().chain(by_path.copied()).min();
        let commits = line.ids.iter().map(|id| match repository {
            Some(repository) => format!("[{}]({repository}/commit/{id})", short(id)),
            None => short(id).to_owned(),
        });
        Entry {
            commits: commits.collect::<Vec<_>>().join(", "),
            theme: theme.filter(|theme| *theme < facts.themes.len()),
            group: line.group,
            breaking: line.breaking,
            scope: line.scope,
            subject: line.subject,
            consequences: line.consequences,
        }
    }
}

/// `feat(ui,drift): …` has two scopes.
fn theme_of(facts: &Facts, scope: &str) -> Option<usize> {
    // It is Markdown: what is escaped in it is meant as it is.
    let scope = scope.replace('\\', "");
    let scopes: Vec<String> = scope
        .split([',', '/'])
        .map(|scope| scope.trim().to_lowercase())
        .chain([scope.trim().to_lowercase()])
        .collect();
    facts.themes.iter().position(|theme| {
        let mut wanted = theme.scopes.iter().map(|scope| scope.to_lowercase());
        wanted.any(|wanted| scopes.contains(&wanted))
    })
}
