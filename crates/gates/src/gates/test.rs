//! `test`: the tests pass, and there are some.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::Result;

use crate::node::Counts;
use crate::runner::{Runner, failed, plain, tail};
use crate::{Cost, Cx, Findings, Gate, Lane, cargo, node};

pub(crate) const GATE: Gate = Gate {
    name: "test",
    about: "do all tests pass",
    cost: Cost::Slow,
    needs: &[Lane::CargoBuild],
    inputs: |cx| RUNNER.inputs(cx),
    applies: |cx| RUNNER.applies(cx),
    check: |cx, findings| RUNNER.check(cx, findings),
};

const RUNNER: Runner = Runner {
    script: Some("test"),
    settings: |gates| &gates.test,
    cargo: cargo_test,
    node: node_test,
};

fn cargo_test(cx: &Cx, timeout: Duration, findings: &mut Findings) -> Result<()> {
    let args = ["test", "--workspace", "--no-fail-fast", "--color=never"];
    let output = cx.world.run(&cargo::cmd(cx, timeout, &args)?.stream())?;
    let text = plain(&String::from_utf8_lossy(&output.stdout));
    let seen = read(&text);
    count(findings, &seen.counts);
    for name in &seen.failed {
        let finding = findings.error(format!("test `{name}` failed"));
        if let Some((path, line, column)) = seen.places.get(name) {
            finding.at(path).line(Some(*line), Some(*column));
        }
        finding.help(format!(
            "run `cargo test --workspace -- {}`",
            world::quote(name)
        ));
    }
    if output.ok() {
        if seen.counts.passed == 0 {
            findings.unknown(none_ran(&seen.counts));
        }
    } else if seen.failed.is_empty() {
        cargo::broke(findings, &output);
    } else {
        findings.note(tail(&output));
    }
    Ok(())
}

fn node_test(cx: &Cx, timeout: Duration, findings: &mut Findings) -> Result<()> {
    if node::only_placeholders(cx)? {
        findings.unknown("the script `test` of package.json is npm's placeholder: no test runs");
        return Ok(());
    }
    let Some((output, packages)) = node::run(cx, "test", timeout, findings)? else {
        return Ok(());
    };
    let text = plain(&String::from_utf8_lossy(
        &[&output.stdout[..], b"\n", &output.stderr[..]].concat(),
    ));
    match node::counts(&text) {
        Some(counts) => {
            count(findings, &counts);
            if output.ok() && counts.passed == 0 {
                findings.unknown(none_ran(&counts));
            }
            if output.ok() && counts.failed > 0 {
                findings
                    .error(format!(
                        "the runner counts {} failed, and ends with exit status 0",
                        counts.failed
                    ))
                    .help("let the script `test` end with the status of its runner");
            }
        }
        // A runner we do not know: all we have seen is that the scripts ran.
        None => findings.examined(packages),
    }
    findings.evidence("packages", packages);
    if !output.ok() {
        failed(findings, &output);
    }
    Ok(())
}

fn count(findings: &mut Findings, counts: &Counts) {
    findings.examined(usize::try_from(counts.passed + counts.failed).unwrap_or(usize::MAX));
    findings.evidence("passed", counts.passed);
    findings.evidence("failed", counts.failed);
    findings.evidence("ignored", counts.ignored);
}

fn none_ran(counts: &Counts) -> String {
    match counts.ignored {
        0 => "no test was executed: there is none".to_owned(),
        ignored => format!("no test was executed: {ignored} ignored"),
    }
}

#[derive(Default)]
struct Seen {
    counts: Counts,
    failed: BTreeSet<String>,
    /// Of the panic, by test.
    places: BTreeMap<String, (String, usize, usize)>,
}

/// Reads what the test harness of Rust prints.
fn read(text: &str) -> Seen {
    let mut seen = Seen::default();
    let mut block = None;
    for line in text.lines() {
        if let Some(result) = line.strip_prefix("test result: ") {
            add(&mut seen.counts, result);
            block = None;
        } else if let Some(name) = failed_name(line) {
            seen.failed.insert(name.to_owned());
        } else if let Some(name) = line
            .strip_prefix("---- ")
            .and_then(|line| line.strip_suffix(" stdout ----"))
        {
            block = Some(name.to_owned());
        } else if let (Some(name), Some(place)) = (&block, panic_place(line)) {
            seen.places.entry(name.clone()).or_insert(place);
        }
    }
    seen
}

/// `ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s`
fn add(counts: &mut Counts, result: &str) {
    let (_, figures) = result.split_once(". ").unwrap_or_default();
    for (number, kind) in figures.split("; ").filter_map(|part| part.split_once(' ')) {
        let number = number.parse::<u64>().unwrap_or(0);
        match kind {
            "passed" => counts.passed += number,
            "failed" => counts.failed += number,
            "ignored" => counts.ignored += number,
            _ => {}
        }
    }
}

fn failed_name(line: &str) -> Option<&str> {
    line.strip_prefix("test ")?.strip_suffix(" ... FAILED")
}

/// `thread 'a::b' (123) panicked at src/lib.rs:10:9:`
fn panic_place(line: &str) -> Option<(String, usize, usize)> {
    let (_, place) = line.strip_prefix("thread '")?.split_once(" panicked at ")?;
    let mut parts = place.trim_end_matches(':').rsplitn(3, ':');
    let (column, line) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    Some((parts.next()?.to_owned(), line, column))
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::node::Counts;

    #[test]
    fn the_rust_harness_is_understood() {
        let text = "\nrunning 3 tests\ntest tests::good ... ok\ntest tests::bad ... FAILED\ntest tests::later ... ignored\n\n\
            failures:\n\n---- tests::bad stdout ----\n\nthread 'tests::bad' (77) panicked at src/lib.rs:10:9:\nassertion failed\n\n\
            failures:\n    tests::bad\n\ntest result: FAILED. 1 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\n\
            running 1 test\ntest src/lib.rs - twice (line 3) ... ok\n\n\
            test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.10s\n";
        let seen = read(text);
        assert_eq!(
            seen.counts,
            Counts {
                passed: 2,
                failed: 1,
                ignored: 1
            }
        );
        assert_eq!(seen.failed.iter().collect::<Vec<_>>(), ["tests::bad"]);
        assert_eq!(seen.places["tests::bad"], ("src/lib.rs".to_owned(), 10, 9));
    }
}
