//! Looking for secrets in texts: what is one, what is allowed, and how it is told without telling it.

pub(crate) mod history;
pub(crate) mod outside;
pub(crate) mod shapes;
mod tokens;

use std::collections::BTreeSet;

use config::AllowedSecret;
use sha2::{Digest as _, Sha256};

use crate::Severity;

/// A secret at its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Secret {
    pub(crate) severity: Severity,
    pub(crate) what: &'static str,
    /// The first characters, where so many are no help to anybody.
    pub(crate) shown: String,
    pub(crate) fingerprint: String,
    pub(crate) path: String,
    pub(crate) line: usize,
}

/// Comments with which others mark a line as known; a mark for the next line holds for that one.
const MARKS: &[&str] = &[
    "pragma: allowlist secret",
    "pragma: whitelist secret",
    "gitleaks:allow",
];
const NEXT: &str = "pragma: allowlist nextline secret";

/// The secrets of a text that no comment marks as known. `first` is the number of its first line.
pub(crate) fn scan(path: &str, text: &str, first: usize) -> Vec<Secret> {
    let mut last: Option<(usize, usize)> = None;
    shapes::find(text)
        .into_iter()
        .filter_map(|hit| {
            // Counted on from the hit before.
            let (from, lines) = last.unwrap_or_default();
            let index = lines + text[from..hit.at].matches('\n').count();
            last = Some((hit.at, index));
            if marked(text, hit.at) {
                return None;
            }
            Some(Secret {
                severity: hit.severity,
                what: hit.what,
                shown: shown(hit.secret),
                fingerprint: fingerprint(hit.secret),
                path: path.to_owned(),
                line: first + index,
            })
        })
        .collect()
}

fn marked(text: &str, at: usize) -> bool {
    let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
    let line = &text[start..end];
    let before = text[..start]
        .trim_end_matches('\n')
        .rsplit('\n')
        .next()
        .unwrap_or_default();
    MARKS.iter().any(|mark| line.contains(mark)) || before.contains(NEXT)
}

/// Four characters of a long secret, none of a short one.
fn shown(secret: &str) -> String {
    const LONG: usize = 20;
    match secret.len() >= LONG {
        true => format!("`{}…`, ", secret.chars().take(4).collect::<String>()),
        false => String::new(),
    }
}

/// Names a secret without telling it.
fn fingerprint(secret: &str) -> String {
    let digest = Sha256::digest(secret.as_bytes());
    digest
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The allow-list of the configuration, and which of its entries were of use.
pub(crate) struct Allowed<'c> {
    list: &'c [AllowedSecret],
    used: BTreeSet<usize>,
}

impl<'c> Allowed<'c> {
    pub(crate) fn new(list: &'c [AllowedSecret]) -> Allowed<'c> {
        Allowed {
            list,
            used: BTreeSet::new(),
        }
    }

    /// Whether an entry names this path, this fingerprint, or both where it has both. A secret that only another
    /// program has seen has no fingerprint of ours.
    pub(crate) fn takes(&mut self, path: &str, fingerprint: Option<&str>) -> bool {
        let found = self.list.iter().position(|entry| {
            let path_fits = entry
                .path
                .as_ref()
                .is_none_or(|glob| fast_glob::glob_match(glob, path));
            let print_fits = entry
                .fingerprint
                .as_ref()
                .is_none_or(|print| Some(print.as_str()) == fingerprint);
            path_fits && print_fits && (entry.path.is_some() || entry.fingerprint.is_some())
        });
        self.used.extend(found);
        found.is_some()
    }

    /// Entries that allow nothing that is there.
    pub(crate) fn unused(&self) -> impl Iterator<Item = &'c AllowedSecret> {
        let list = self.list.iter().enumerate();
        list.filter(|(index, _)| !self.used.contains(index))
            .map(|(_, entry)| entry)
    }

    pub(crate) fn used(&self) -> usize {
        self.used.len()
    }
}

/// What a file is by its name alone, and whether that is certain.
pub(crate) fn by_name(path: &str) -> Option<(Severity, &'static str)> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let lower = name.to_ascii_lowercase();
    let sample = [
        "example", "sample", "template", "dist", "defaults", "schema",
    ];
    if lower == ".env" || lower.starts_with(".env.") {
        let sample = lower.split('.').any(|part| sample.contains(&part));
        return (!sample).then_some((
            Severity::Warning,
            "a file of environment variables, usually secret ones",
        ));
    }
    match lower.as_str() {
        "id_rsa" | "id_dsa" | "id_ecdsa" | "id_ed25519" => {
            Some((Severity::Error, "a private key of ssh"))
        }
        ".git-credentials" | ".netrc" | ".pgpass" => Some((Severity::Error, "a file of passwords")),
        "credentials" if path.ends_with(".aws/credentials") => {
            Some((Severity::Error, "a file of access keys of AWS"))
        }
        _ if [".p12", ".pfx", ".jks", ".keystore", ".kdbx"]
            .iter()
            .any(|end| lower.ends_with(end)) =>
        {
            Some((Severity::Warning, "a store of keys"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Allowed, by_name, scan, shown};
    use crate::Severity;
    use config::AllowedSecret;

    const TOKEN: &str = concat!("ghp", "_", "q7XzP2mK9vRt4Wb8Ls1Yd6Hn3Jc5Fg0QaZxE");

    #[test]
    fn a_secret_is_told_by_its_place_and_its_fingerprint_alone() {
        let text = format!("a\nb {TOKEN}\nc {TOKEN}\n");
        let found = scan("x.txt", &text, 10);
        let lines: Vec<usize> = found.iter().map(|secret| secret.line).collect();
        assert_eq!(lines, [11, 12]);
        assert_eq!(found[0].fingerprint, found[1].fingerprint);
        assert_eq!(found[0].fingerprint.len(), 16);
        assert_eq!(found[0].shown, "`ghp_…`, ");
        assert_eq!(shown("hunter2hunter2"), "");
    }

    #[test]
    fn marked_lines_are_known() {
        for text in [
            format!("x {TOKEN} # pragma: allowlist secret\n"),
            format!("# pragma: allowlist nextline secret\n{TOKEN}\n"),
            format!("{TOKEN} // gitleaks:allow"),
        ] {
            assert_eq!(scan("x", &text, 1), []);
        }
        let text = format!("# pragma: allowlist secret\n{TOKEN}\n");
        assert_eq!(scan("x", &text, 1).len(), 1);
    }

    #[test]
    fn entries_of_the_allow_list_hold_for_what_they_name() {
        let entry = |path: Option<&str>, fingerprint: Option<&str>| AllowedSecret {
            path: path.map(str::to_owned),
            fingerprint: fingerprint.map(str::to_owned),
            reason: "a fixture".to_owned(),
        };
        let list = [
            entry(Some("tests/**"), Some("aa")),
            entry(None, Some("bb")),
            entry(Some("docs/*"), None),
            entry(None, None),
        ];
        let mut allowed = Allowed::new(&list);
        assert!(allowed.takes("tests/a/b", Some("aa")));
        assert!(!allowed.takes("tests/a/b", Some("cc")));
        assert!(!allowed.takes("src/a", Some("aa")));
        assert!(allowed.takes("src/a", Some("bb")));
        assert!(!allowed.takes("docs/a/b", None));
        let unused: Vec<Option<&str>> = allowed
            .unused()
            .map(|entry| entry.path.as_deref())
            .collect();
        assert_eq!(unused, [Some("docs/*"), None]);
    }

    #[test]
    fn names_of_files() {
        assert_eq!(by_name("a/id_rsa").unwrap().0, Severity::Error);
        assert_eq!(by_name("a/.env.production").unwrap().0, Severity::Warning);
        for path in [
            "id_rsa.pub",
            ".env.example",
            ".envrc",
            "environment",
            "aws/credentials",
        ] {
            assert_eq!(by_name(path), None, "{path}");
        }
    }
}
