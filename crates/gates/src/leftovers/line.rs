//! Whether a line says that a version is ours.

/// Names of the project and its packages, in lower case.
pub(super) struct Names(Vec<String>);

/// A shorter name is a word of every second line.
const SHORTEST: usize = 3;

impl Names {
    /// `@scope/name` also goes by `name`.
    pub(super) fn of<'n>(names: impl Iterator<Item = &'n str>) -> Names {
        let mut all: Vec<String> = names
            .flat_map(|name| [name, name.rsplit('/').next().unwrap_or(name)])
            .filter(|name| name.len() >= SHORTEST)
            .map(str::to_lowercase)
            .collect();
        all.sort_unstable();
        all.dedup();
        Names(all)
    }
}

/// Words before a version that tell when something happened.
const HISTORY: &[&str] = &[
    "since",
    "added",
    "introduced",
    "deprecated",
    "removed",
    "changed",
    "fixed",
    "until",
    "before",
    "after",
    "prior",
    "older",
    "earlier",
    "newer",
    "later",
    "from",
    "upgrading",
    "upgrade",
    "migrating",
    "compare",
];

/// What has a version of its own: `rust-version`, `apiVersion`, `node version`.
const OTHERS: &[&str] = &[
    "rust",
    "node",
    "python",
    "java",
    "go",
    "npm",
    "pnpm",
    "yarn",
    "git",
    "cargo",
    "api",
    "schema",
    "lockfile",
    "file",
    "format",
    "protocol",
    "compose",
    "spec",
    "min",
    "minimum",
    "minimal",
    "maximum",
    "tool",
    "toolchain",
    "compiler",
    "msrv",
    "http",
    "required",
    "terraform",
    "kube",
    "kubernetes",
    "docker",
    "os",
];

/// The column of the version, from 1, where the line claims it for the project.
pub(super) fn claims(text: &str, version: &str, names: &Names) -> Option<usize> {
    let lower = text.to_lowercase();
    let version = version.to_lowercase();
    // Lengths may change with the case; then the places do not fit, and the line is read as it is.
    let line = if lower.len() == text.len() {
        lower.as_str()
    } else {
        text
    };
    line.match_indices(version.as_str())
        .map(|(at, _)| {
            (
                at,
                line.get(..at).unwrap_or_default(),
                line.get(at + version.len()..).unwrap_or_default(),
            )
        })
        .filter(|(_, before, after)| begins(before) && ends(after) && !is_left(after))
        .find(|(_, before, _)| !is_history(before) && (is_named(line, names) || is_called(before)))
        .map(|(_, before, _)| before.chars().count() + 1)
}

/// Nothing before it belongs to it, but for a `v` and what joins a name to a version.
fn begins(before: &str) -> bool {
    let bare = before
        .strip_suffix('v')
        .filter(|rest| !rest.ends_with(|found: char| found.is_alphanumeric()))
        .unwrap_or(before);
    let mut back = bare.chars().rev();
    match back.next() {
        None => true,
        Some('.' | '+') => false,
        // `name-1.0.0`, but not `2-1.0.0`.
        Some('-') => back.next().is_none_or(|found| !found.is_ascii_digit()),
        // The end of a tag, `<version>1.0.0`.
        Some('>')
            if bare
                .rfind('<')
                .is_some_and(|open| !bare[open..bare.len() - 1].contains('>')) =>
        {
            true
        }
        // A requirement allows it, and is not it.
        Some('^' | '~' | '<' | '>') => false,
        Some('=') => !back
            .next()
            .is_some_and(|found| matches!(found, '<' | '>' | '~')),
        Some(found) => !found.is_alphanumeric(),
    }
}

/// `1.0.0 → 1.1.0` shows what an update does.
fn is_left(after: &str) -> bool {
    let after = after.trim_start_matches([' ', '`', '*', '"']);
    after.starts_with('→') || after.starts_with("->") || after.starts_with("=>")
}

/// Nothing after it belongs to it: `1.0.0-rc.1` and `1.0.0.4` are others.
fn ends(after: &str) -> bool {
    let mut chars = after.chars();
    let (first, second) = (chars.next(), chars.next());
    match first {
        None => true,
        Some('.') => !second.is_some_and(|found| found.is_ascii_digit()),
        // `name-1.0.0-linux.tar.gz` is of 1.0.0; `1.0.0-rc.1` is not, and both look alike.
        Some('-' | '+') => !second.is_some_and(char::is_alphanumeric),
        Some(found) => !found.is_alphanumeric() && found != '_',
    }
}

/// The last words before the version.
fn words(before: &str) -> impl Iterator<Item = &str> {
    before
        .rsplit(|found: char| !found.is_alphanumeric())
        .filter(|word| !word.is_empty() && *word != "v")
}

fn is_history(before: &str) -> bool {
    words(before).take(3).any(|word| HISTORY.contains(&word))
}

/// Whether the line names the project, as a word of its own.
fn is_named(line: &str, names: &Names) -> bool {
    let part = |found: char| found.is_alphanumeric() || found == '_';
    names.0.iter().any(|name| {
        line.match_indices(name.as_str()).any(|(at, _)| {
            let before = line.get(..at).unwrap_or_default();
            let after = line.get(at + name.len()..).unwrap_or_default();
            let begins = !before.ends_with(|found| part(found) || found == '-');
            // `name-1.0.0` is joined to its version, `name-other` is another name.
            let ends = !after.starts_with(part)
                && !after.strip_prefix('-').is_some_and(|rest| {
                    rest.starts_with(|found: char| found.is_alphabetic() && found != 'v')
                });
            begins && ends
        })
    })
}

/// `version = "1.0.0"`, `APP_VERSION: 1.0.0`, `the version is 1.0.0`; not `rust-version`.
fn is_called(before: &str) -> bool {
    let Some(at) = before.rfind("version") else {
        return false;
    };
    let between = before.get(at + "version".len()..).unwrap_or_default();
    // `versions 1 to …`, `versioned` are other words.
    if between.starts_with(|found: char| found.is_alphanumeric()) || words(between).count() > 1 {
        return false;
    }
    let owner = before.get(..at).unwrap_or_default();
    let attached = owner
        .ends_with(|found: char| found.is_alphanumeric() || matches!(found, '-' | '_' | ' ' | '.'));
    let owner = words(owner).next().unwrap_or_default();
    let is_other = OTHERS.iter().any(|other| {
        owner == *other || owner.len() > other.len() && other.len() > 2 && owner.ends_with(other)
    });
    !(attached && is_other)
}

#[cfg(test)]
mod tests {
    use super::{Names, claims};

    fn column(text: &str) -> Option<usize> {
        let names = ["parser", "@team/parser-core", "of"];
        claims(text, "1.0.0", &Names::of(names.into_iter()))
    }

    #[test]
    fn lines_that_claim_the_version_for_the_project() {
        for (text, at) in [
            ("cargo add parser@1.0.0", 18),
            ("npm install @team/parser-core@1.0.0", 31),
            ("parser = \"1.0.0\"", 11),
            ("FROM registry.example/team/parser:1.0.0", 35),
            ("curl -O https://site.example/parser-1.0.0.tar.gz", 37),
            ("curl -O https://site.example/parser/v1.0.0/x", 38),
            ("Version: 1.0.0", 10),
            ("ARG APP_VERSION=1.0.0", 17),
            ("appVersion: \"1.0.0\"", 14),
            ("<version>1.0.0</version>", 10),
            ("The current version is 1.0.0.", 24),
            ("__version__ = '1.0.0'", 16),
            ("ä version: 1.0.0", 12),
            ("Parser 1.0.0", 8),
        ] {
            assert_eq!(column(text), Some(at), "{text}");
        }
    }

    #[test]
    fn lines_that_do_not() {
        for text in [
            "serde = \"1.0.0\"",
            "1.0.0",
            "parser@11.0.0",
            "parser@1.0.0-rc.1",
            "parser@1.0.0.4",
            "parser@1.0.01",
            "parser = \"^1.0.0\"",
            "parser >=1.0.0",
            "parser-other 1.0.0",
            "my-parser 1.0.0",
            "parsers 1.0.0",
            "parser: since 1.0.0",
            "#[deprecated(since = \"1.0.0\")] fn parser() {}",
            "Added in parser 1.0.0",
            "Upgrading from version 1.0.0",
            "rust-version = \"1.0.0\"",
            "apiVersion: 1.0.0",
            "schemaVersion: 1.0.0",
            "The minimum version is 1.0.0",
            "versions and 1.0.0",
            "a version of the linter that is 1.0.0",
            "https://forge.example/team/parser/compare/v0.9.0...v1.0.0",
            "of 1.0.0",
            "Cargo.toml:1:1 parser version 1.0.0 → 1.1.0",
        ] {
            assert_eq!(column(text), None, "{text}");
        }
    }
}
