//! `test`: the tests pass, and there are some.

use std::time::Duration;

use anyhow::{Context as _, Result};
use config::TestRunner;
use world::Output;

use crate::node::Counts;
use crate::runner::{Runner, Settings, failed, plain, tail};
use crate::{Cost, Cx, Findings, Gate, Lane, cargo, node, test_cargo, test_nextest};

pub(crate) const GATE: Gate = Gate {
    name: "test",
    about: "do all tests pass",
    cost: Cost::Slow,
    needs: &[Lane::CargoBuild],
    inputs: |cx| {
        let inputs = RUNNER.inputs(cx)?;
        Ok(inputs
            .tool("cargo-nextest")
            .env(&["NEXTEST_PROFILE", "NEXTEST_RETRIES"]))
    },
    applies: |cx| RUNNER.applies(cx),
    check: |cx, findings| RUNNER.check(cx, findings),
};

const RUNNER: Runner = Runner {
    scripts: &["test"],
    settings: |gates| Settings {
        command: gates.test.command.as_deref(),
        timeout_s: gates.test.timeout_s,
    },
    cargo: |cx, timeout, findings| match wants_nextest(cx, findings)? {
        true => nextest(cx, timeout, findings),
        false => cargo_test(cx, timeout, &["--workspace"], findings).map(|counts| {
            count(findings, &counts);
            none_ran(findings, &counts);
        }),
    },
    node: node_test,
};

/// Whether cargo-nextest runs the tests; says where it is meant to and is not here.
fn wants_nextest(cx: &Cx, findings: &mut Findings) -> Result<bool> {
    let wants = test_nextest::runs_nextest(cx)?;
    let auto = cx.config.gates.test.runner == TestRunner::Auto;
    if !wants && auto && cx.path(test_nextest::CONFIG).is_file() {
        findings
            .note("cargo-nextest is not here: `cargo test` runs the tests")
            .at(test_nextest::CONFIG)
            .help("run `cargo install --locked cargo-nextest`");
    }
    Ok(wants)
}

fn nextest(cx: &Cx, timeout: Duration, findings: &mut Findings) -> Result<()> {
    let args = [
        "nextest",
        "run",
        "--workspace",
        "--no-fail-fast",
        "--color=never",
        "--no-tests=pass",
        "--message-format=libtest-json-plus",
        "--message-format-version=0.1",
    ];
    let cmd = cargo::cmd(cx, timeout, &args)?.env("NEXTEST_EXPERIMENTAL_LIBTEST_JSON", "1");
    let output = cx.world.run(&cmd.stream())?;
    let errors = plain(&output.errors());
    if errors.contains("no such command: `nextest`") {
        findings.unknown(
            "there is no cargo-nextest; run `cargo install --locked cargo-nextest`, or set gates.test.runner",
        );
        return Ok(());
    }
    let seen = match test_nextest::read(&plain(&output.text()), &errors) {
        Ok(seen) => seen,
        // It did not come as far as running tests.
        Err(_) if !output.ok() => {
            cargo::broke(findings, &output);
            return Ok(());
        }
        Err(error) => {
            let what = "what cargo-nextest says cannot be read; set gates.test.runner to \"cargo\"";
            return Err(error.context(what));
        }
    };
    for failure in &seen.failed {
        let finding = findings.error(format!("test `{}` {}", failure.test, failure.how));
        if let Some((path, line, column)) = &failure.place {
            finding.at(path).line(Some(*line), Some(*column));
        }
        let test = failure.test.rsplit(' ').next().unwrap_or(&failure.test);
        finding.help(format!("run `cargo nextest run {}`", world::quote(test)));
    }
    for name in &seen.flaky {
        findings
            .warning(format!("test `{name}` is flaky: it failed, and passed when it was tried again"))
            .help("find what it depends on; a test that fails at times hides the day on which it is right");
    }
    findings.evidence("flaky", seen.flaky.len());
    let mut counts = seen.counts;
    if output.ok() {
        lying(findings, &counts);
    } else if seen.failed.is_empty() {
        cargo::broke(findings, &output);
    } else {
        findings.note(tail(&output));
    }
    // Nextest leaves the tests in the documentation out.
    if has_doctests(cx)? {
        counts.sum(&cargo_test(
            cx,
            timeout,
            &["--workspace", "--doc"],
            findings,
        )?);
    }
    count(findings, &counts);
    none_ran(findings, &counts);
    Ok(())
}

/// Cargo takes `--doc` for an error where there is no library.
fn has_doctests(cx: &Cx) -> Result<bool> {
    let metadata = cargo::metadata(cx, &["--no-deps"]).context("look for documentation tests")?;
    let mut targets = metadata
        .packages
        .iter()
        .flat_map(|package| &package.targets);
    Ok(targets.any(|target| target.doctest))
}

fn cargo_test(
    cx: &Cx,
    timeout: Duration,
    what: &[&str],
    findings: &mut Findings,
) -> Result<Counts> {
    let args = [&["test"], what, &["--no-fail-fast", "--color=never"]].concat();
    let output = cx.world.run(&cargo::cmd(cx, timeout, &args)?.stream())?;
    let seen = test_cargo::read(&plain(&String::from_utf8_lossy(&output.stdout)));
    let crashes = test_cargo::crashes(&plain(&output.errors()));
    if output.truncated {
        findings
            .note("there was so much output that its beginning is lost: the counts are too low");
    }
    if output.ok() {
        lying(findings, &seen.counts);
        return Ok(seen.counts);
    }
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
    for (program, signal) in &crashes {
        findings
            .error(format!("the test program `{program}` was ended by signal {signal}"))
            .help("run it with `--test-threads=1 --nocapture`: the test that it names last has ended it");
    }
    if seen.failed.is_empty() && crashes.is_empty() {
        cargo::broke(findings, &output);
    } else {
        findings.note(tail(&output));
    }
    Ok(seen.counts)
}

fn node_test(cx: &Cx, script: &str, timeout: Duration, findings: &mut Findings) -> Result<()> {
    if node::only_placeholders(cx)? {
        findings.unknown("the script `test` of package.json is npm's placeholder: no test runs");
        return Ok(());
    }
    let Some((output, packages)) = node::run(cx, script, timeout, findings)? else {
        return Ok(());
    };
    match node::counts(&both_streams(&output)) {
        Some(counts) => {
            count(findings, &counts);
            if output.ok() {
                none_ran(findings, &counts);
                lying(findings, &counts);
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

fn both_streams(output: &Output) -> String {
    plain(&String::from_utf8_lossy(
        &[&output.stdout[..], b"\n", &output.stderr[..]].concat(),
    ))
}

/// The exit status alone is never trusted.
fn lying(findings: &mut Findings, counts: &Counts) {
    if counts.failed > 0 {
        findings
            .error(format!(
                "the runner counts {} failed, and ends with exit status 0",
                counts.failed
            ))
            .help("let the tests end with the status of their runner");
    }
}

/// In a repository of both kinds the tests of both.
fn count(findings: &mut Findings, counts: &Counts) {
    findings.examined(usize::try_from(counts.passed + counts.failed).unwrap_or(usize::MAX));
    for (key, number) in [
        ("passed", counts.passed),
        ("failed", counts.failed),
        ("ignored", counts.ignored),
    ] {
        let earlier = findings
            .evidence
            .get(key)
            .and_then(serde_json::Value::as_u64);
        findings.evidence(key, earlier.unwrap_or(0) + number);
    }
}

fn none_ran(findings: &mut Findings, counts: &Counts) {
    if counts.passed + counts.failed > 0 {
        return;
    }
    findings.unknown(match counts.ignored {
        0 => "no test was executed: there is none".to_owned(),
        ignored => format!("no test was executed: {ignored} ignored"),
    });
}
