//! Rules for single names: paths, git references, asset names, variables. Each gives the flaw, or none.

use crate::error::visible;

/// What is wrong with a path (or glob) from the root of a repository, written with `/`.
pub(crate) fn path(path: &str) -> Option<String> {
    let drive = path.as_bytes().get(1) == Some(&b':') && path.as_bytes()[0].is_ascii_alphabetic();
    if path.starts_with(['/', '\\', '~']) || drive {
        return Some(format!(
            "`{}` is not a path from the root of the repository",
            visible(path)
        ));
    }
    if path.contains('\\') || path.contains(char::is_control) {
        return Some(format!(
            "`{}` holds a backslash or a control character; folders are separated by `/`",
            visible(path)
        ));
    }
    let mut parts = path.split('/');
    if parts.clone().any(|part| part == "..") {
        return Some(format!("`{path}` leaves its folder by `..`"));
    }
    if parts.clone().any(|part| part.is_empty() || part == ".") {
        // Paths are compared as text with those which git reports.
        let plain: Vec<&str> = parts
            .filter(|part| !part.is_empty() && *part != ".")
            .collect();
        return Some(format!(
            "`{path}` has an empty or `.` part; the plain form is `{}`",
            plain.join("/")
        ));
    }
    parts
        .next()
        .filter(|first| first.eq_ignore_ascii_case(".git"))
        .map(|_| format!("`{path}` is inside git's own folder"))
}

/// What is wrong with the name of a branch, tag or remote: the rules of `git check-ref-format`, of which the name
/// is everything after `refs/heads/`.
pub(crate) fn reference(name: &str) -> Option<String> {
    let shown = visible(name);
    let refused = |why: &str| Some(format!("git refuses the name `{shown}`: {why}"));
    if let Some(found) = name
        .chars()
        .find(|found| found.is_whitespace() || found.is_control() || "~^:?*[\\".contains(*found))
    {
        return refused(&format!("it holds `{}`", visible(&found.to_string())));
    }
    if name.starts_with('-') {
        return refused("it begins with `-`, as options do");
    }
    if let Some(found) = ["..", "@{", "//"]
        .into_iter()
        .find(|found| name.contains(found))
    {
        return refused(&format!("it holds `{found}`"));
    }
    if name.starts_with('/') || name.ends_with(['/', '.']) {
        return refused("it begins with `/`, or ends with `/` or `.`");
    }
    if let Some(part) = name
        .split('/')
        .find(|part| part.starts_with('.') || part.ends_with(".lock"))
    {
        return refused(&format!(
            "its part `{part}` begins with `.` or ends with `.lock`"
        ));
    }
    if name.is_empty() || name == "@" || name == "HEAD" {
        refused("it means something else")
    } else {
        None
    }
}

/// Files which stand beside the artifacts of every release.
const TAKEN: &[&str] = &[
    "SHA256SUMS.txt",
    "SHA256SUMS.txt.asc",
    "SHA256SUMS.txt.minisig",
    "SHA256SUMS.txt.sig",
    "candidate.json",
    "journal.jsonl",
];

/// Endings of the files that a release says about its other files.
const STATEMENTS: &[&str] = &[".cdx.json", ".intoto.jsonl"];

/// What is wrong with the name of a release's file. GitHub renames assets with other characters, silently.
#[must_use]
pub fn asset(name: &str) -> Option<String> {
    let allowed = |found: char| found.is_ascii_alphanumeric() || "._+-".contains(found);
    let shown = visible(name);
    if let Some(found) = name.chars().find(|found| !allowed(*found)) {
        return Some(format!(
            "the name `{shown}` holds `{}`; allowed are A-Z a-z 0-9 . _ + -",
            visible(&found.to_string())
        ));
    }
    if name.is_empty() || name.starts_with(['.', '-']) {
        return Some(format!(
            "the name `{shown}` is empty, or begins with `.` or `-`"
        ));
    }
    let lower = name.to_ascii_lowercase();
    if let Some(ending) = STATEMENTS.iter().find(|ending| lower.ends_with(*ending)) {
        return Some(format!(
            "the name `{shown}` ends with `{ending}`, as what a release says about its files"
        ));
    }
    // Some file systems know no case.
    let taken = TAKEN
        .iter()
        .find(|taken| taken.eq_ignore_ascii_case(name))?;
    Some(format!(
        "the name `{taken}` is taken: every release has a file of this name"
    ))
}

/// What is wrong with the one folder at the top of an archive.
pub(crate) fn top(name: &str) -> Option<String> {
    if let Some(found) = name
        .chars()
        .find(|found| matches!(found, '/' | '\\') || found.is_control())
    {
        return Some(format!(
            "`{}` is not one folder: it holds `{}`",
            visible(name),
            visible(&found.to_string())
        ));
    }
    matches!(name, "" | "." | "..").then(|| format!("`{name}` is no name of a folder"))
}

/// Beginnings of tokens which are themselves the shape of a variable's name.
const TOKENS: &[&str] = &["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"];

/// Whether this can be the name of an environment variable, and is not the secret itself.
pub(crate) fn is_variable(name: &str) -> bool {
    let word = name
        .chars()
        .all(|found| found.is_ascii_alphanumeric() || found == '_');
    word && !name.is_empty()
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && !TOKENS.iter().any(|token| name.starts_with(token))
}

/// What is wrong with a web address. The address itself is not repeated: it may hold a password.
pub(crate) fn web_address(address: &str) -> Option<&'static str> {
    let Some(rest) = address
        .strip_prefix("https://")
        .or_else(|| address.strip_prefix("http://"))
    else {
        return Some("expected a web address, `https://…`");
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    if host.contains('@') {
        return Some("the web address holds a user name or password, and is printed in the notes");
    }
    let odd = host.is_empty()
        || address.contains(|found: char| found.is_whitespace() || found.is_control());
    odd.then_some("the web address has no host, or holds a space or a control character")
}

#[cfg(test)]
mod tests {
    use super::{asset, is_variable, path, reference, top, web_address};

    #[test]
    fn paths_stay_in_the_repository() {
        for good in [
            "VERSION",
            "docs/a b.md",
            ".github/x.yml",
            "**/*.{md,txt}",
            "a..b/c",
            ".gitignore",
            "ä/ö",
        ] {
            assert_eq!(path(good), None, "{good}");
        }
        for bad in [
            "",
            "/etc/x",
            "~/x",
            "C:\\x",
            "c:x",
            "\\\\host\\x",
            "a\\b",
            "../x",
            "a/../b",
            "a/..",
            "./a",
            "a//b",
            "a/",
            ".",
            "a\nb",
            ".git/config",
            ".GIT",
        ] {
            assert!(path(bad).is_some(), "{bad}");
        }
        assert_eq!(
            path("./a//b/"),
            Some("`./a//b/` has an empty or `.` part; the plain form is `a/b`".to_owned())
        );
    }

    /// The rules of `git check-ref-format`'s manual page. Each name was tried with git 2; `@` it reads as `HEAD`.
    #[test]
    fn references_are_those_git_takes() {
        for good in [
            "main",
            "v1.0.0-mvp",
            "v1.0.0+5",
            "landfall/v1",
            "a@b",
            "a-",
            "ä",
            "@/x",
            "a{b",
            "locks/x.locks",
            "a'\"b",
        ] {
            assert_eq!(reference(good), None, "{good}");
        }
        let bad = [
            "", "@", "HEAD", "-x", "a b", "a\tb", "a\u{7f}b", "a..b", "a@{b", "a~1", "a^", "a:b",
            "a?", "a*", "a[b", "a\\b", "/a", "a/", "a//b", "a.", ".a", "a/.b", "a.lock",
            "a.lock/b",
        ];
        for bad in bad {
            assert!(
                reference(bad).is_some_and(|flaw| flaw.starts_with("git refuses the name `")),
                "{bad}"
            );
        }
    }

    #[test]
    fn assets_keep_their_names() {
        for good in ["source-v1.0.0-mvp.tar.gz", "a_b+1", "9"] {
            assert_eq!(asset(good), None, "{good}");
        }
        for bad in [
            "",
            "a b",
            "a/b",
            "ä",
            "a~",
            ".a",
            "-a",
            "SHA256SUMS.txt",
            "sha256sums.TXT",
            "Test-Result.intoto.jsonl",
            "SHA256SUMS.txt.sig",
            "sha256sums.txt.ASC",
            "Sha256Sums.txt.MiniSig",
            "candidate.json",
            "journal.jsonl",
            "parser-1.0.0.cdx.json",
            "provenance.INTOTO.jsonl",
        ] {
            assert!(asset(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn a_top_folder_is_one() {
        assert_eq!(top("Phase-Mirror-v1.0.0-mvp"), None);
        assert_eq!(top("with space"), None);
        for bad in ["", ".", "..", "a/b", "a\\b", "a\0"] {
            assert!(top(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn variables_are_not_tokens() {
        for good in ["TOKEN", "_x1", "npm_config__authToken"] {
            assert!(is_variable(good), "{good}");
        }
        for bad in [
            "",
            "1A",
            "A-B",
            "A B",
            "A=b",
            "ghp_0123456789",
            "github_pat_0",
            "Ä",
        ] {
            assert!(!is_variable(bad), "{bad}");
        }
    }

    #[test]
    fn web_addresses_hold_no_password() {
        for good in [
            "https://example.com",
            "http://example.com:80/a/b?c#d",
            "https://example.com/@scope",
        ] {
            assert_eq!(web_address(good), None, "{good}");
        }
        for bad in [
            "",
            "example.com",
            "git@example.com:a/b",
            "ssh://example.com",
            "https://",
            "https:///a",
            "https://a b",
            "https://me:word@example.com/a",
        ] {
            assert!(web_address(bad).is_some(), "{bad}");
        }
    }
}
