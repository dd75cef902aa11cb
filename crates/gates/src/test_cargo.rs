//! What `cargo test` prints, read so that a test cannot speak for its harness.
//!
//! The harness has no stable machine format, and what tests print without being asked stands between its lines. So a
//! result counts only where its figures make the number of tests that the harness announced, and the last one does.

use std::collections::{BTreeMap, BTreeSet};

use crate::node::Counts;

#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) counts: Counts,
    pub(crate) failed: BTreeSet<String>,
    /// Of the panic, by test.
    pub(crate) places: BTreeMap<String, (String, usize, usize)>,
}

/// One test program: what it announced, and what it said last.
#[derive(Debug, Default)]
struct Program {
    announced: u64,
    result: Option<Counts>,
    failed: Vec<String>,
}

/// Reads the standard output of `cargo test`.
pub(crate) fn read(text: &str) -> Seen {
    let mut seen = Seen::default();
    let mut programs: Vec<Program> = Vec::new();
    let mut block = None;
    // The list of names below `failures:`, as far as it has been read.
    let mut list: Option<Vec<String>> = None;
    for line in text.lines() {
        if let Some(name) = list.as_ref().and_then(|_| line.strip_prefix("    ")) {
            list.get_or_insert_default().push(name.to_owned());
        } else if let Some(announced) = announced(line) {
            (block, list) = (None, None);
            programs.push(Program {
                announced,
                ..Program::default()
            });
        } else if let Some((counts, sum)) = line.strip_prefix("test result: ").and_then(result) {
            // An announcement that does not fit was a test's own words, and so was all since the one that does.
            let fits = programs
                .iter()
                .rposition(|program| program.announced == sum);
            if let Some(at) =
                fits.filter(|at| programs[*at..].iter().skip(1).all(|p| p.result.is_none()))
            {
                programs.truncate(at + 1);
                programs[at].result = Some(counts);
                programs[at].failed = list.take().unwrap_or_default();
            }
            (block, list) = (None, None);
        } else if line == "failures:" {
            (block, list) = (None, Some(Vec::new()));
        } else if let Some(name) = line
            .strip_prefix("---- ")
            .and_then(|line| line.strip_suffix(" stdout ----"))
        {
            block = Some(name.to_owned());
        } else if let (Some(name), Some(place)) = (&block, panic_place(line)) {
            seen.places.entry(name.clone()).or_insert(place);
        }
    }
    for program in programs {
        seen.counts.sum(&program.result.unwrap_or_default());
        seen.failed.extend(program.failed);
    }
    seen
}

/// `running 3 tests`
fn announced(line: &str) -> Option<u64> {
    let (number, kind) = line.strip_prefix("running ")?.split_once(' ')?;
    matches!(kind, "test" | "tests").then_some(())?;
    number.parse().ok()
}

/// `FAILED. 3 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s`, and how many were announced.
fn result(text: &str) -> Option<(Counts, u64)> {
    let (_, figures) = text.split_once(". ")?;
    let mut counts = Counts::default();
    let mut measured = 0;
    for (number, kind) in figures.split("; ").filter_map(|part| part.split_once(' ')) {
        let number = || number.parse::<u64>().ok();
        match kind {
            "passed" => counts.passed = number()?,
            "failed" => counts.failed = number()?,
            "ignored" => counts.ignored = number()?,
            "measured" => measured = number()?,
            _ => {}
        }
    }
    let sum = counts.passed.checked_add(counts.failed)?;
    let sum = sum.checked_add(counts.ignored)?.checked_add(measured)?;
    Some((counts, sum))
}

/// `thread 'a::b' (123) panicked at src/lib.rs:10:9:`
pub(crate) fn panic_place(line: &str) -> Option<(String, usize, usize)> {
    let (_, place) = line.strip_prefix("thread '")?.split_once(" panicked at ")?;
    let mut parts = place.trim_end_matches(':').rsplitn(3, ':');
    let (column, line) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    Some((parts.next()?.to_owned(), line, column))
}

/// Test programs that a signal ended, and which: cargo says so on standard error.
pub(crate) fn crashes(errors: &str) -> Vec<(String, String)> {
    const SAID: &str = "process didn't exit successfully: `";
    let said = errors.lines().filter_map(|line| {
        let (command, signal) = line.trim().strip_prefix(SAID)?.rsplit_once("` (signal: ")?;
        let program = command.split(' ').next()?.rsplit('/').next()?;
        // `name-27b4390c1dca5100`
        let name = match program.rsplit_once('-') {
            Some((name, hash)) if hash.len() == 16 => name,
            _ => program,
        };
        Some((name.to_owned(), signal.trim_end_matches(')').to_owned()))
    });
    said.collect()
}

#[cfg(test)]
mod tests {
    use super::{crashes, read};
    use crate::node::Counts;

    fn counts(passed: u64, failed: u64, ignored: u64) -> Counts {
        Counts {
            passed,
            failed,
            ignored,
        }
    }

    const RESULT: &str = "0 measured; 0 filtered out; finished in 0.00s";

    #[test]
    fn the_rust_harness_is_understood() {
        let text = format!(
            "\nrunning 3 tests\ntest tests::good ... ok\ntest tests::bad ... FAILED\ntest tests::later ... ignored\n\n\
            failures:\n\n---- tests::bad stdout ----\n\nthread 'tests::bad' (77) panicked at src/lib.rs:10:9:\nassertion failed\n\n\
            failures:\n    tests::bad\n\ntest result: FAILED. 1 passed; 1 failed; 1 ignored; {RESULT}\n\n\
            running 1 test\ntest src/lib.rs - twice (line 3) ... ok\n\n\
            test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.10s\n"
        );
        let seen = read(&text);
        assert_eq!(seen.counts, counts(2, 1, 1));
        assert_eq!(seen.failed.iter().collect::<Vec<_>>(), ["tests::bad"]);
        assert_eq!(seen.places["tests::bad"], ("src/lib.rs".to_owned(), 10, 9));
    }

    #[test]
    fn a_test_does_not_speak_for_the_harness() {
        let ok = |passed: u64| {
            format!("test result: ok. {passed} passed; 0 failed; 0 ignored; {RESULT}\n")
        };
        for (what, text, expected) in [
            (
                "a result that does not fit",
                format!(
                    "running 2 tests\n{}test a ... ok\ntest b ... ok\n\n{}",
                    ok(99),
                    ok(2)
                ),
                counts(2, 0, 0),
            ),
            (
                "one that fits",
                format!(
                    "running 2 tests\n{}\n\n{}\nrunning 1 test\n{}",
                    ok(2),
                    ok(2),
                    ok(1)
                ),
                counts(3, 0, 0),
            ),
            (
                "an announcement",
                format!("running 2 tests\nrunning 50 tests\n{}", ok(2)),
                counts(2, 0, 0),
            ),
            (
                "an announcement and its result",
                format!("running 0 tests\n\n{}\nrunning 1 test\n{}", ok(0), ok(7)),
                counts(0, 0, 0),
            ),
            (
                "a line cut in two",
                format!("running 1 test\nx{}", ok(1)),
                counts(0, 0, 0),
            ),
            ("no announcement at all", ok(3), counts(0, 0, 0)),
            (
                "a number too great",
                format!(
                    "running 1 test\n{}{}",
                    ok(u64::MAX).replace("0 failed", "1 failed"),
                    ok(1)
                ),
                counts(1, 0, 0),
            ),
        ] {
            assert_eq!(read(&text).counts, expected, "{what}:\n{text}");
        }
        // Named as failed by a line of its own, and not by the list of the harness.
        let text = format!(
            "running 1 test\ntest fake ... FAILED\ntest a ... ok\n\n{}",
            ok(1)
        );
        assert!(read(&text).failed.is_empty());
    }

    #[test]
    fn crashes_are_named() {
        let text = "error: test failed, to rerun pass `-p a --test x`\n\nCaused by:\n  process didn't exit successfully: \
            `/t/debug/deps/x_y-9c2365c166b4db7c --nocapture` (signal: 6, SIGABRT: process abort signal)\n  process didn't \
            exit successfully: `/t/debug/deps/z-9c2365c166b4db7c` (exit status: 101)\n";
        assert_eq!(
            crashes(text),
            [(
                "x_y".to_owned(),
                "6, SIGABRT: process abort signal".to_owned()
            )]
        );
    }
}
