//! What cargo-nextest says: its JSON, one event a line, held against the summary that it shows to people.
//!
//! The JSON is experimental. Where the two disagree neither is believed.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use config::TestRunner;
use serde::Deserialize;
use world::Cmd;

use crate::Cx;
use crate::node::Counts;
use crate::test_cargo::panic_place;

/// Its configuration, which says that the repository means it to run the tests.
pub(crate) const CONFIG: &str = ".config/nextest.toml";

/// Whether cargo-nextest runs the tests of this repository.
pub(crate) fn runs_nextest(cx: &Cx) -> Result<bool> {
    Ok(match cx.config.gates.test.runner {
        TestRunner::Cargo => false,
        TestRunner::Nextest => true,
        TestRunner::Auto => cx.path(CONFIG).is_file() && is_here(cx)?,
    })
}

fn is_here(cx: &Cx) -> Result<bool> {
    let cmd = Cmd::new(&cx.root, "cargo").args(["nextest", "--version"]);
    let output = cx.world.ask(&cmd)?;
    Ok(output.ok() && output.text().starts_with("cargo-nextest "))
}

/// How a test ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// As nextest shows it: program and test.
    pub(crate) test: String,
    /// `failed`, `ran out of time`, `was ended by ABRT`
    pub(crate) how: String,
    pub(crate) place: Option<(String, usize, usize)>,
}

#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) counts: Counts,
    pub(crate) failed: Vec<Failure>,
    /// Tests that failed first and passed then.
    pub(crate) flaky: Vec<String>,
}

#[derive(Deserialize)]
struct Event {
    #[serde(rename = "type")]
    kind: String,
    event: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    stdout: String,
    reason: Option<String>,
}

/// The figures of the line `Summary [   4.306s] 7 tests run: 4 passed (1 flaky), 2 failed, 1 timed out, 1 skipped`.
#[derive(Debug, Default, PartialEq, Eq)]
struct Summary {
    run: u64,
    passed: u64,
    flaky: u64,
    skipped: u64,
}

/// Reads both streams of `cargo nextest run --message-format libtest-json`.
///
/// # Errors
/// When there is no summary, an event cannot be read, or the two disagree.
pub(crate) fn read(out: &str, errors: &str) -> Result<Seen> {
    // The rule before the summary is the last one: no test runs after it.
    let (_, end) = errors
        .rsplit_once("────────────\n")
        .context("it shows no summary")?;
    let summary = summary(end).context("its summary is not understood")?;
    // The last event of a test is that of its last try.
    let mut last: BTreeMap<(String, String), (Event, u64)> = BTreeMap::new();
    for (index, line) in out
        .lines()
        .enumerate()
        .filter(|(_, line)| line.starts_with('{'))
    {
        let event: Event = serde_json::from_str(line)
            .with_context(|| format!("line {} of its JSON is not understood", index + 1))?;
        if event.kind == "test" && event.event != "started" {
            let (program, test) = event.name.split_once('$').unwrap_or(("", &event.name));
            let (test, attempt) = attempt(test);
            last.insert((program.to_owned(), test.to_owned()), (event, attempt));
        }
    }
    let mut seen = Seen::default();
    for ((program, test), (event, attempt)) in &last {
        let name = format!("{program} {test}");
        match event.event.as_str() {
            "ok" => {
                seen.counts.passed += 1;
                // A harness of its own may name a test `x#2`.
                if *attempt > 1 && summary.flaky > 0 {
                    seen.flaky.push(name);
                }
            }
            "failed" => {
                seen.counts.failed += 1;
                seen.failed.push(Failure {
                    test: name,
                    how: how(event, test, end),
                    place: event.stdout.lines().find_map(panic_place),
                });
            }
            _ => {}
        }
    }
    seen.counts.ignored = summary.skipped;
    let both = seen.counts.passed + seen.counts.failed;
    ensure!(
        both == summary.run
            && seen.counts.passed == summary.passed
            && seen.flaky.len() as u64 == summary.flaky,
        "its JSON counts {} passed of {both}, {} of them flaky, and its summary {} of {}, {} of them flaky",
        seen.counts.passed,
        seen.flaky.len(),
        summary.passed,
        summary.run,
        summary.flaky
    );
    Ok(seen)
}

/// `name#2` is the second try of `name`.
fn attempt(test: &str) -> (&str, u64) {
    match test.rsplit_once('#') {
        Some((name, number)) => match number.parse() {
            Ok(number) => (name, number),
            Err(_) => (test, 1),
        },
        None => (test, 1),
    }
}

/// The list below the summary says it in one word: `TRY 2 ABRT [   0.123s] (3/7) a::x crash`.
fn how(event: &Event, test: &str, end: &str) -> String {
    if event.reason.as_deref() == Some("time limit exceeded") {
        return "ran out of time".to_owned();
    }
    let word = end
        .lines()
        .filter(|line| line.split(' ').next_back() == Some(test))
        .filter_map(|line| line.split('[').next()?.split_whitespace().next_back())
        .find(|word| !matches!(*word, "FAIL" | "PASS" | "TMT" | "LEAK" | "SLOW"));
    match word {
        Some(signal) => format!("was ended by the signal {signal}"),
        None => "failed".to_owned(),
    }
}

fn summary(end: &str) -> Option<Summary> {
    let line = end
        .lines()
        .find_map(|line| line.trim_start().strip_prefix("Summary ["))?;
    let (run, figures) = line.split_once("] ")?.1.split_once(": ")?;
    let mut summary = Summary {
        // `7 tests run`, and `3/7 tests run` where it was cut short.
        run: run.split([' ', '/']).next()?.parse().ok()?,
        ..Summary::default()
    };
    for part in figures.split(", ") {
        let mut words = part.split([' ', '(', ')']).filter(|word| !word.is_empty());
        let (number, kind) = (words.next()?.parse().ok()?, words.next()?);
        match kind {
            "passed" => {
                summary.passed = number;
                let rest: Vec<&str> = words.collect();
                let flaky = rest.windows(2).find(|pair| pair[1] == "flaky");
                summary.flaky = flaky.map_or(Some(0), |pair| pair[0].parse().ok())?;
            }
            "skipped" => summary.skipped = number,
            // `2 flaky` after `1 slow,` within the brackets of `passed`.
            "flaky" => summary.flaky = number,
            _ => {}
        }
    }
    Some(summary)
}

#[cfg(test)]
mod tests {
    use super::{Summary, attempt, read, summary};

    const OUT: &str = r#"{"type":"suite","event":"started","test_count":2}
{"type":"test","event":"started","name":"b::b$flaky"}
{"type":"test","event":"ok","name":"b::b$flaky#2","exec_time":0.01}
{"type":"test","event":"ignored","name":"b::b$later"}
{"type":"test","event":"ok","name":"b::b$t","exec_time":0.01}
{"type":"test","event":"failed","name":"a::x$crash#3","stdout":""}
{"type":"test","event":"failed","name":"a::x$bad","stdout":"thread 'bad' (1) panicked at a/x.rs:1:67:\nno"}
{"type":"test","event":"failed","name":"a::x$slow","reason":"time limit exceeded"}
"#;
    const ERRORS: &str = "────────────\n Nextest run ID\n        PASS [ 0.1s] (1/5) b t\n────────────\n     \
        Summary [   4.306s] 5 tests run: 2 passed (1 slow, 1 flaky), 2 failed, 1 timed out, 1 skipped\n   \
        FLAKY 2/2 [   0.074s] (5/7) b flaky\n  TRY 3 ABRT [   0.123s] (3/7) a::x crash\n  TRY 2 FAIL [   0.056s] (4/7) a::x bad\n";

    #[test]
    fn events_and_summary_are_read_together() {
        let seen = read(OUT, ERRORS).unwrap();
        assert_eq!(
            (seen.counts.passed, seen.counts.failed, seen.counts.ignored),
            (2, 3, 1)
        );
        assert_eq!(seen.flaky, ["b::b flaky"]);
        let failed: Vec<(&str, &str)> = seen
            .failed
            .iter()
            .map(|failure| (failure.test.as_str(), failure.how.as_str()))
            .collect();
        assert_eq!(
            failed,
            [
                ("a::x bad", "failed"),
                ("a::x crash", "was ended by the signal ABRT"),
                ("a::x slow", "ran out of time")
            ]
        );
        assert_eq!(seen.failed[0].place, Some(("a/x.rs".to_owned(), 1, 67)));
        for (out, errors, words) in [
            (
                OUT.replace("b$t\"", "b$u\""),
                ERRORS.replace("5 tests", "6 tests"),
                "counts 2 passed of 5",
            ),
            (
                OUT.replacen("\"ok\"", "\"failed\"", 1),
                ERRORS.to_owned(),
                "counts 1 passed of 5",
            ),
            (OUT.replace("#2", ""), ERRORS.to_owned(), "0 of them flaky"),
            (
                OUT.replace("\"test\",", "\"test\";"),
                ERRORS.to_owned(),
                "line 2 of its JSON",
            ),
            (
                OUT.to_owned(),
                "Segmentation fault".to_owned(),
                "no summary",
            ),
            (
                OUT.to_owned(),
                ERRORS.replace("Summary", "Sum"),
                "summary is not understood",
            ),
        ] {
            let error = format!("{:#}", read(&out, &errors).expect_err(words));
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn summaries_and_tries() {
        assert_eq!(
            summary("     Summary [ 0.1s] 3/7 tests run: 3 passed (2 flaky, 1 leaky), 4 skipped\n"),
            Some(Summary {
                run: 3,
                passed: 3,
                flaky: 2,
                skipped: 4
            })
        );
        assert_eq!(
            summary("Summary [   0.014s] 0 tests run: 0 passed, 0 skipped"),
            Some(Summary::default())
        );
        assert_eq!(summary("Summary [ 0.1s] all good"), None);
        assert_eq!(
            (attempt("a#2"), attempt("r#match"), attempt("a")),
            (("a", 2), ("r#match", 1), ("a", 1))
        );
    }
}
