//! A script of the repository: its own words are the results, where they can be read.

use std::time::Duration;

use anyhow::Result;
use world::Output;

use super::custom::{Ran, run};
use super::{Broken, Seen};
use crate::{Cx, Findings, Severity, runner};

/// What a line says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Pass,
    Warn,
    Fail,
}

/// The results in what a script says.
#[derive(Debug, Default, PartialEq, Eq)]
struct Results {
    passed: Vec<String>,
    warned: Vec<String>,
    failed: Vec<String>,
    /// `FAIL: 3`: a sum of failures, which counts where no line names them.
    sum: u64,
}

/// Runs the script; what it says is listed, and counted under `script`.
pub(crate) fn look(
    cx: &Cx,
    command: &[String],
    timeout: Duration,
    findings: &mut Findings,
) -> Result<Seen> {
    let output = match run(cx, command, timeout)? {
        Ran::Ended(output) => output,
        Ran::Unknown(why) => return Ok(Seen::Unknown(why)),
    };
    let results = read(&output);
    findings.evidence(
        "script",
        serde_json::json!({
            "command": output.command,
            "exit": output.code,
            "passed": results.passed.len(),
            "warned": results.warned.len(),
            "failed": results.failed.len(),
        }),
    );
    let said = runner::tail(&output);
    Ok(judge(
        &output.command,
        output.code.unwrap_or_default(),
        &said,
        &results,
        findings,
    ))
}

fn judge(command: &str, code: i32, said: &str, results: &Results, findings: &mut Findings) -> Seen {
    let broken = |severity, message: String| Broken {
        severity,
        message,
        path: None,
        line: None,
        help: format!("run `{command}` by hand to see all of it"),
    };
    let list = |severity, texts: &[String]| -> Vec<Broken> {
        texts
            .iter()
            .map(|text| broken(severity, text.clone()))
            .collect()
    };
    let shown = match said.is_empty() {
        true => " and said nothing".to_owned(),
        false => format!("\n{said}"),
    };
    let mut all = list(Severity::Error, &results.failed);
    if all.is_empty() && results.sum > 0 {
        all.push(broken(
            Severity::Error,
            format!("`{command}` counts {} failures{shown}", results.sum),
        ));
    }
    if all.is_empty() && code != 0 {
        all.push(broken(
            Severity::Error,
            format!("`{command}` ended with exit status {code}{shown}"),
        ));
    }
    if code == 0 && !all.is_empty() {
        findings.note(format!(
            "`{command}` says that something failed and ends with exit status 0: nobody else would notice"
        ));
    }
    all.extend(list(Severity::Warning, &results.warned));
    if !all.is_empty() {
        return Seen::Broken(all);
    }
    if results.passed.is_empty() {
        findings
            .note(format!(
                "`{command}` says nothing that can be read, so it goes by its exit status alone"
            ))
            .help("let it print a line `PASS: …` or `FAIL: …` for each thing it looks at");
        return Seen::Held("exit status 0".to_owned());
    }
    Seen::Held(format!("{} passed", results.passed.len()))
}

/// Both streams: what failed is often said on the second.
fn read(output: &Output) -> Results {
    let mut results = Results::default();
    for bytes in [&output.stdout, &output.stderr] {
        let text = runner::plain(&String::from_utf8_lossy(bytes));
        for line in text.lines() {
            let Some((kind, text)) = result(line) else {
                continue;
            };
            if let Some(number) = leading_number(&text) {
                // A sum, not a result.
                if kind == Kind::Fail {
                    results.sum = results.sum.max(number);
                }
                continue;
            }
            match kind {
                Kind::Pass => results.passed.push(text),
                Kind::Warn => results.warned.push(text),
                Kind::Fail => results.failed.push(text),
            }
        }
    }
    results
}

/// `FAIL: 0`, `✗ 2 failed`: how many; `3 keys are older than a year` is a result.
fn leading_number(text: &str) -> Option<u64> {
    let (number, rest) = text.split_once(' ').unwrap_or((text, ""));
    let number = number.trim_end_matches([',', '.', '/']).parse().ok()?;
    let words = [
        "", "fail", "pass", "warn", "error", "check", "problem", "issue", "of", "test", "ok",
    ];
    let first = rest
        .split_whitespace()
        .next()
        .unwrap_or_default()
        .to_lowercase();
    words
        .iter()
        .any(|word| match word.is_empty() {
            true => first.is_empty(),
            false => first.starts_with(word),
        })
        .then_some(number)
}

/// `PASS: text`, `[FAIL] text`, `✓ text`, also one mark after another: `✅ PASS: text`.
fn result(line: &str) -> Option<(Kind, String)> {
    let line = line.trim().trim_start_matches(['-', '*', '•']).trim_start();
    let (kind, rest) = sign(line).or_else(|| word(line))?;
    let rest = rest.trim();
    let text = match sign(rest).or_else(|| word(rest)) {
        // The mark in words says more than the one before it.
        Some((second, rest)) => return Some((kind.max_with(second), rest.trim().to_owned())),
        None => rest,
    };
    // A mark alone is no result.
    (!text.is_empty()).then(|| (kind, text.to_owned()))
}

impl Kind {
    /// The worse of both.
    fn max_with(self, other: Kind) -> Kind {
        match (self, other) {
            (Kind::Fail, _) | (_, Kind::Fail) => Kind::Fail,
            (Kind::Warn, _) | (_, Kind::Warn) => Kind::Warn,
            _ => Kind::Pass,
        }
    }
}

fn sign(line: &str) -> Option<(Kind, &str)> {
    let first = line.chars().next()?;
    let kind = match first {
        '✓' | '✔' | '✅' => Kind::Pass,
        '✗' | '✘' | '✖' | '❌' => Kind::Fail,
        '⚠' => Kind::Warn,
        _ => return None,
    };
    // An emoji may be followed by a selector of its look.
    Some((
        kind,
        line[first.len_utf8()..].trim_start_matches('\u{fe0f}'),
    ))
}

/// In capitals, and followed by a colon or in brackets: prose has neither.
fn word(line: &str) -> Option<(Kind, &str)> {
    const WORDS: &[(&str, Kind)] = &[
        ("PASSED", Kind::Pass),
        ("PASS", Kind::Pass),
        ("OK", Kind::Pass),
        ("FAILED", Kind::Fail),
        ("FAILURE", Kind::Fail),
        ("FAIL", Kind::Fail),
        ("ERROR", Kind::Fail),
        ("WARNING", Kind::Warn),
        ("WARN", Kind::Warn),
        ("✓", Kind::Pass),
        ("✗", Kind::Fail),
        ("!", Kind::Warn),
    ];
    if let Some(rest) = line.strip_prefix('[') {
        let (inner, rest) = rest.split_once(']')?;
        let (_, kind) = WORDS.iter().find(|(word, _)| *word == inner.trim())?;
        return Some((*kind, rest.trim_start_matches(':')));
    }
    let (head, rest) = line.split_once(':')?;
    let (_, kind) = WORDS
        .iter()
        .find(|(word, _)| word.is_ascii() && *word != "!" && *word == head)?;
    Some((*kind, rest))
}

#[cfg(test)]
mod tests {
    use super::{Kind, leading_number, result};

    #[test]
    fn lines_that_are_results() {
        for (line, kind, text) in [
            ("PASS: keys are rotated", Kind::Pass, "keys are rotated"),
            ("  [PASS] keys", Kind::Pass, "keys"),
            ("[ OK ] keys", Kind::Pass, "keys"),
            ("✓ keys", Kind::Pass, "keys"),
            ("✅ PASS: keys", Kind::Pass, "keys"),
            ("✅ FAIL: keys", Kind::Fail, "keys"),
            ("- ✗ a: b", Kind::Fail, "a: b"),
            ("[FAIL]: keys", Kind::Fail, "keys"),
            ("ERROR: no keys", Kind::Fail, "no keys"),
            ("⚠️ old", Kind::Warn, "old"),
            ("WARNING: old", Kind::Warn, "old"),
            ("[!] old", Kind::Warn, "old"),
        ] {
            assert_eq!(result(line), Some((kind, text.to_owned())), "{line}");
        }
    }

    #[test]
    fn lines_that_are_none() {
        for line in [
            "",
            "PASS",
            "✓",
            "pass: x",
            "the test did FAIL: x",
            "FAILS: x",
            "[INFO] x",
            "https://x",
            "[x] PASS",
            "!: x",
        ] {
            assert_eq!(result(line), None, "{line}");
        }
    }

    #[test]
    fn sums_are_no_results() {
        for (text, sum) in [
            ("0", Some(0)),
            ("3 failed", Some(3)),
            ("0 of 12", Some(0)),
            ("2, of 3", Some(2)),
            ("3 keys are old", None),
            ("keys", None),
        ] {
            assert_eq!(leading_number(text), sum, "{text}");
        }
    }
}
