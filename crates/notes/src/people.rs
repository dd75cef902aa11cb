//! Who wrote the commits, and which of them are programs.

use std::collections::HashMap;

use serde::Serialize;

use crate::markdown::one_line;
use crate::request::Commit;

/// Somebody who wrote at least one commit of the range, alone or with others.
#[derive(Debug, Serialize, PartialEq, Eq)]
pub(crate) struct Contributor {
    /// As one line; no Markdown is escaped.
    pub(crate) name: String,
    pub(crate) commits: usize,
    pub(crate) bot: bool,
}

/// Most commits first, then by name. People are told apart by name: programs and people share
/// addresses, and `.mailmap` is where two spellings of one person are made one.
pub(crate) fn contributors(commits: &[Commit]) -> Vec<Contributor> {
    let mut found: HashMap<String, Contributor> = HashMap::new();
    for commit in commits {
        let author = &commit.author;
        let mut count = |name: &str, bot: bool| {
            let name = one_line(name);
            let entry = found
                .entry(name.to_lowercase())
                .or_insert_with(|| Contributor {
                    name,
                    commits: 0,
                    bot,
                });
            entry.commits += 1;
        };
        count(&author.name, is_bot(&author.name, &author.email));
        let mut names = vec![author.name.to_lowercase()];
        for name in &commit.co_authors {
            if !names.contains(&name.to_lowercase()) {
                names.push(name.to_lowercase());
                count(name, is_bot(name, ""));
            }
        }
    }
    let mut found: Vec<Contributor> = found
        .into_values()
        .filter(|one| !one.name.is_empty())
        .collect();
    found.sort_by(|a, b| (b.commits, &a.name).cmp(&(a.commits, &b.name)));
    found
}

/// Whether the author is a program. The name says so; the address alone does not, since people
/// commit with a program's address and programs with a person's.
pub(crate) fn is_bot(name: &str, email: &str) -> bool {
    const KNOWN: [&str; 13] = [
        "dependabot",
        "dependabot preview",
        "renovate",
        "renovate bot",
        "github actions",
        "github-actions",
        "github action",
        "greenkeeper",
        "release-plz",
        "bors",
        "mergify",
        "snyk bot",
        "semantic-release",
    ];
    let name = name.trim().to_lowercase();
    let local = email.split('@').next().unwrap_or_default().to_lowercase();
    name.ends_with("[bot]")
        || name.ends_with("-bot")
        || KNOWN.contains(&name.as_str())
        || (name.ends_with(" bot") && local.contains("bot"))
}

#[cfg(test)]
mod tests {
    use super::is_bot;

    #[test]
    fn programs_and_people() {
        for (name, email) in [
            (
                "dependabot[bot]",
                "49699333+dependabot[bot]@users.noreply.example",
            ),
            ("renovate[bot]", ""),
            ("Renovate Bot", "bot@renovate.example"),
            ("github-actions[bot]", "dev@example.com"),
            ("GitHub Actions", "actions@forge.example"),
            ("semantic-release-bot", ""),
            ("release-plz", "dev@example.com"),
        ] {
            assert!(is_bot(name, email), "{name}");
        }
        for (name, email) in [
            ("dev", "41898282+github-actions[bot]@users.noreply.example"),
            ("A. Talbot", "talbot@example.com"),
            ("J. Bot", "j@example.com"),
            ("Robotnik", ""),
            ("", ""),
        ] {
            assert!(!is_bot(name, email), "{name}");
        }
    }
}
