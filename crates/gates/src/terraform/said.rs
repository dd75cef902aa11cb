//! What Terraform says, as data: differences of `fmt`, diagnostics of `validate -json`, errors of `init` in words.

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

/// A file that is not formatted, and the line of its first difference, from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unformatted {
    pub(crate) path: String,
    pub(crate) line: Option<usize>,
}

/// Standard output of `fmt -check -diff`: a name, then a unified diff, file after file.
pub(crate) fn differences(text: &str) -> Vec<Unformatted> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some(path) = line.strip_prefix("--- old/") else {
            continue;
        };
        // A removed line may look like the head of a diff; a head has its partner.
        let partner = lines
            .get(at + 1)
            .and_then(|next| next.strip_prefix("+++ new/"));
        if partner == Some(path) {
            found.push(Unformatted {
                path: path.to_owned(),
                line: first_change(&lines[at + 2..]),
            });
        }
    }
    found
}

/// `@@ -12,7 +12,7 @@`, then lines that stay the same up to the first that does not.
fn first_change(hunk: &[&str]) -> Option<usize> {
    let (head, body) = hunk.split_first()?;
    let start: usize = head
        .strip_prefix("@@ -")?
        .split([',', ' '])
        .next()?
        .parse()
        .ok()?;
    Some(start + body.iter().take_while(|line| line.starts_with(' ')).count())
}

/// One diagnostic of `validate -json`.
#[derive(Debug, Clone, Deserialize, PartialEq, Eq)]
pub(crate) struct Diagnostic {
    pub(crate) severity: Severity,
    pub(crate) summary: String,
    #[serde(default)]
    pub(crate) detail: String,
    pub(crate) range: Option<Range>,
}

#[derive(Debug, Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Severity {
    Error,
    Warning,
}

/// Where it stands; the file is named from the folder that was validated.
#[derive(Debug, Clone, Deserialize, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) filename: String,
    pub(crate) start: Start,
}

#[derive(Debug, Clone, Copy, Deserialize, PartialEq, Eq)]
pub(crate) struct Start {
    pub(crate) line: usize,
    pub(crate) column: Option<usize>,
}

#[derive(Deserialize)]
struct Validation {
    valid: bool,
    error_count: usize,
    diagnostics: Vec<Diagnostic>,
}

/// Standard output of `validate -json`. An answer that contradicts itself is none.
pub(crate) fn validation(bytes: &[u8]) -> Result<Vec<Diagnostic>> {
    let said: Validation =
        serde_json::from_slice(bytes).context("read the answer of `validate -json`")?;
    let errors = said
        .diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Error)
        .count();
    if errors != said.error_count || said.valid != (errors == 0) {
        bail!(
            "`validate -json` contradicts itself: valid {}, {} errors counted, {errors} listed",
            said.valid,
            said.error_count
        );
    }
    Ok(said.diagnostics)
}

/// The errors in what `init` and `fmt` say with `-no-color`: `Error: …`, then perhaps `  on main.tf line 3, in …:`.
pub(crate) fn errors(text: &str) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> = Vec::new();
    for block in text.split("\nError: ").skip(1) {
        let (summary, rest) = block.split_once('\n').unwrap_or((block, ""));
        let range = rest.lines().take(3).find_map(|line| {
            let (file, after) = line.strip_prefix("  on ")?.rsplit_once(" line ")?;
            let digits = after.split(|char: char| !char.is_ascii_digit()).next()?;
            Some(Range {
                filename: file.to_owned(),
                start: Start {
                    line: digits.parse().ok()?,
                    column: None,
                },
            })
        });
        // The words behind the quoted line of the file; wrapped for a terminal.
        let detail = rest
            .lines()
            .skip_while(|line| line.is_empty() || line.starts_with("  "))
            .collect::<Vec<_>>()
            .join(" ");
        found.push(Diagnostic {
            severity: Severity::Error,
            summary: summary.trim_end_matches('\r').to_owned(),
            detail: detail.trim().to_owned(),
            range,
        });
    }
    found
}

/// Whether a diagnostic says that something could not be had, and nothing about the configuration: a provider that
/// could not be installed or does not run, a module that could not be fetched, another version of the program.
pub(crate) fn could_not_look(diagnostic: &Diagnostic) -> bool {
    const BEGINNINGS: &[&str] = &[
        "Failed to ",
        "Could not ",
        "Error accessing ",
        "Module not installed",
        "Missing required provider",
        "Required plugins are not installed",
        "Inconsistent dependency lock file",
        "Unsupported Terraform Core version",
        "Unsupported OpenTofu Core version",
        "Plugin did not respond",
        "Plugin error",
        "Request cancelled",
        "Incompatible provider version",
        "Unresolvable provider",
        "Unreadable module directory",
        "Terraform encountered problems during initialisation",
        "OpenTofu encountered problems during initialisation",
    ];
    BEGINNINGS
        .iter()
        .any(|beginning| diagnostic.summary.starts_with(beginning))
}

/// The file that a function such as `file("lambda.zip")` misses, from the folder that was validated.
pub(crate) fn missing_file(diagnostic: &Diagnostic) -> Option<&str> {
    let (_, rest) = diagnostic.detail.split_once("no file exists at \"")?;
    Some(rest.split_once('"')?.0)
}

#[cfg(test)]
mod tests {
    use super::{Unformatted, could_not_look, differences, errors, missing_file, validation};

    #[test]
    fn differences_are_named_with_their_first_line() {
        let text = "a b/x.tf\n--- old/a b/x.tf\n+++ new/a b/x.tf\n@@ -11,4 +11,4 @@\n one\n two\n--- old/three\n+  three\ny.tf\n--- old/y.tf\n+++ new/y.tf\n@@ -1 +1 @@\n-a=1\n+a = 1\n";
        let found = |path: &str, line| Unformatted {
            path: path.to_owned(),
            line: Some(line),
        };
        assert_eq!(differences(text), [found("a b/x.tf", 13), found("y.tf", 1)]);
        assert_eq!(differences("main.tf\n"), []);
    }

    #[test]
    fn errors_in_words_have_their_place() {
        let text = "Initializing\n\nError: Unclosed configuration block\n\n  on ../my mod/z.tf line 2, in resource \"q\":\n   2: resource \"q\" {\n\nThere is no closing brace\nfor this block.\n\nError: Failed to query available provider packages\n\nCould not connect\n";
        let found = errors(text);
        assert_eq!(found.len(), 2);
        let range = found[0].range.as_ref().unwrap();
        assert_eq!(
            (range.filename.as_str(), range.start.line),
            ("../my mod/z.tf", 2)
        );
        assert_eq!(found[0].detail, "There is no closing brace for this block.");
        assert!(!could_not_look(&found[0]));
        assert!(found[1].range.is_none() && could_not_look(&found[1]));
    }

    #[test]
    fn an_answer_that_contradicts_itself_is_none() {
        let good = r#"{"format_version":"1.0","valid":true,"error_count":0,"warning_count":0,"diagnostics":[]}"#;
        assert_eq!(validation(good.as_bytes()).unwrap(), []);
        for (from, to) in [
            ("true", "false"),
            ("\"error_count\":0", "\"error_count\":1"),
        ] {
            assert!(validation(good.replace(from, to).as_bytes()).is_err());
        }
        assert!(validation(b"{}").is_err() && validation(b"").is_err());
    }

    #[test]
    fn a_file_that_a_function_misses() {
        let mut said = errors("\nError: Invalid function argument\n\nInvalid value for \"path\" parameter: no file exists at \"./x.zip\"; this\n").remove(0);
        assert_eq!(missing_file(&said), Some("./x.zip"));
        said.detail.clear();
        assert_eq!(missing_file(&said), None);
    }
}
