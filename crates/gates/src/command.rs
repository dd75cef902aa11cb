//! Gates that a repository brings itself: `[[gate]]`, a command and how its answer is read.
//!
//! Neither the exit status nor the report is believed alone. Where they disagree the gate fails and says so; a report
//! that is not there, is of an earlier run or cannot be read is unknown.

mod json;
mod junit;
mod sarif;

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use config::{Config, OwnGate, OwnGateCost, OwnGateResult};
use serde_json::{Map, Value};
use world::{Cmd, CmdError, Failure, Output};

use crate::{Applies, Cost, Cx, Finding, Findings, Gate, Inputs, Lane, Severity, Verdict, runner};

/// What a report may weigh; beyond it nobody reads it anyway.
const REPORT_BYTES: u64 = 64 << 20;

/// The gates of `[[gate]]`, in the order of the configuration.
pub fn gates(config: &Config) -> Vec<Gate<'_>> {
    config.own_gates.iter().map(gate).collect()
}

fn gate(own: &OwnGate) -> Gate<'_> {
    let program = own.command.first().map_or("", String::as_str);
    let is_cargo = Path::new(program)
        .file_name()
        .is_some_and(|name| name == "cargo");
    Gate {
        name: &own.name,
        about: &own.about,
        cost: match own.cost {
            OwnGateCost::Instant => Cost::Instant,
            OwnGateCost::Slow => Cost::Slow,
            OwnGateCost::Network => Cost::Network,
        },
        // It would wait for the lock of the build folder all the same, and hold a place meanwhile.
        needs: if is_cargo { &[Lane::CargoBuild] } else { &[] },
        inputs,
        applies: |_| Ok(Applies::Yes),
        check,
    }
}

/// The settings of the gate that is asked.
fn own(cx: &Cx) -> Result<&OwnGate> {
    let found = cx.config.own_gates.iter().find(|own| own.name == cx.gate);
    found.with_context(|| format!("there is no [[gate]] `{}` in the configuration", cx.gate))
}

fn inputs(cx: &Cx) -> Result<Inputs> {
    let own = own(cx)?;
    if own.inputs.is_empty() {
        return Ok(Inputs::Live("its [[gate]] names no inputs"));
    }
    let mut files = own.inputs.clone();
    let program = own.command.first().map_or("", String::as_str);
    let is_script = program.contains('/') && !program.starts_with('/');
    if is_script {
        files.push(from_root(own, program));
    }
    let env: Vec<&str> = own.env.iter().map(String::as_str).collect();
    let inputs = Inputs::files(files)
        .env(&env)
        .setting(serde_json::to_value(own)?);
    Ok(match is_script {
        true => inputs,
        false => inputs.tool(program),
    })
}

/// A path from the folder of the gate as one from the root.
fn from_root(own: &OwnGate, path: &str) -> String {
    let path = path.strip_prefix("./").unwrap_or(path);
    match &own.folder {
        Some(folder) => format!("{folder}/{path}"),
        None => path.to_owned(),
    }
}

/// What a report says, in whatever form.
#[derive(Debug, Default)]
struct Answer {
    findings: Vec<Finding>,
    /// Tests, results: how many things it is about.
    examined: usize,
    evidence: Map<String, Value>,
    unknown: Vec<String>,
    /// What it says of itself.
    verdict: Option<Verdict>,
}

fn check(cx: &Cx, findings: &mut Findings) -> Result<()> {
    let own = own(cx)?;
    let report = own.report.as_ref().map(|path| cx.path(path));
    let before = report.as_deref().and_then(Stamp::of);
    let output = match cx.world.run(&command(cx, own)?) {
        Ok(output) => output,
        Err(error) => return no_answer(error, findings),
    };
    findings.evidence("command", output.command.clone());
    findings.evidence("status", output.code.map_or(Value::Null, Value::from));
    if let Some(why) = never_ran(&output) {
        findings.unknown(format!("`{}` {why}{}", output.command, said(&output)));
        return Ok(());
    }
    if own.result == OwnGateResult::Status {
        findings.examined(1);
        if !output.ok() {
            runner::failed(findings, &output);
        }
        return Ok(());
    }
    let read = match (&own.report, &report) {
        (Some(name), Some(path)) => written(cx, path, before.as_ref())
            .map_err(|flaw| format!("the report {name} {flaw}"))
            .and_then(|text| {
                answer(own, &text).map_err(|flaw| format!("the report {name} {flaw}"))
            }),
        _ => printed(&output)
            .and_then(|text| answer(own, &text))
            .map_err(|flaw| format!("its output {flaw}")),
    };
    match read {
        Ok(answer) => judge(cx, own, answer, &output, findings),
        Err(flaw) => findings.unknown(format!(
            "`{}` {}, and {flaw}; run it by hand, or see `result` and `report` of [[gate]] {}{}",
            output.command,
            ended(&output),
            own.name,
            said(&output)
        )),
    }
    Ok(())
}

fn command(cx: &Cx, own: &OwnGate) -> Result<Cmd> {
    let (program, args) = own
        .command
        .split_first()
        .context("the configured command is empty; name a program")?;
    let folder = own
        .folder
        .as_ref()
        .map_or_else(|| cx.root.clone(), |folder| cx.path(folder));
    let mut cmd = Cmd::new(folder, program)
        .args(args)
        .timeout(Duration::from_secs(own.timeout_s));
    for given in &own.environment {
        if let Some((name, value)) = given.split_once('=') {
            cmd = cmd.env(name, value);
        }
    }
    if let Some(folder) = &cx.target_dir {
        cmd = cmd.env("CARGO_TARGET_DIR", folder.to_string_lossy());
    }
    // A report on its way to us is nothing to look at.
    let is_report = own.result != OwnGateResult::Status && own.report.is_none();
    Ok(if is_report { cmd } else { cmd.stream() })
}

/// There was no exit status at all: what to do about it.
fn no_answer(error: anyhow::Error, findings: &mut Findings) -> Result<()> {
    let help = match error.downcast_ref::<CmdError>().map(|error| &error.failure) {
        Some(Failure::Missing) => "install it, or leave the gate out by gates.skip",
        Some(Failure::TimedOut(_)) => "mend the command, or raise timeout_s of its [[gate]]",
        _ => return Err(error),
    };
    findings.unknown(format!("{error:#}; {help}"));
    Ok(())
}

/// Why an exit status is no answer of the command.
fn never_ran(output: &Output) -> Option<String> {
    Some(match output.code {
        None => "was ended by a signal; run it by hand".to_owned(),
        Some(126) => {
            "ended with exit status 126: something it calls is no program; make it executable"
                .to_owned()
        }
        Some(127) => {
            "ended with exit status 127: something it calls is not there; install it".to_owned()
        }
        // So a shell tells of what it has started.
        Some(code @ 129..=159) => format!(
            "ended with exit status {code}: signal {} ended something it calls",
            code - 128
        ),
        Some(_) => return None,
    })
}

fn ended(output: &Output) -> String {
    let code = output.code.unwrap_or_default();
    format!("ended with exit status {code}")
}

/// The last lines of what it said on stderr; stdout may be a report of any size.
fn said(output: &Output) -> String {
    match output.errors() {
        text if text.is_empty() => String::new(),
        text => {
            let lines: Vec<&str> = text.lines().collect();
            let last = &lines[lines.len().saturating_sub(10)..];
            format!("\n{}", runner::plain(&last.join("\n")))
        }
    }
}

/// Which writing of a file this is. A file that is written again has another time, also with the same content.
#[derive(Debug, PartialEq, Eq)]
struct Stamp([i64; 4], [u64; 3]);

impl Stamp {
    fn of(path: &Path) -> Option<Stamp> {
        let meta = path.metadata().ok()?;
        Some(Stamp(
            [
                meta.mtime(),
                meta.mtime_nsec(),
                meta.ctime(),
                meta.ctime_nsec(),
            ],
            [meta.dev(), meta.ino(), meta.len()],
        ))
    }
}

/// The report, if the command has written it just now.
fn written(cx: &Cx, path: &Path, before: Option<&Stamp>) -> Result<String, String> {
    let after = Stamp::of(path).ok_or("is not there: the command wrote none")?;
    if before == Some(&after) {
        return Err("is of an earlier run: the command wrote none".to_owned());
    }
    if after.1[2] > REPORT_BYTES {
        return Err(format!("is larger than {} MiB", REPORT_BYTES >> 20));
    }
    let bytes = cx
        .world
        .read(path)
        .map_err(|error| format!("cannot be read: {error:#}"))?;
    utf8(bytes)
}

fn printed(output: &Output) -> Result<String, String> {
    if output.truncated {
        return Err("is larger than what is kept of an output".to_owned());
    }
    utf8(output.stdout.clone())
}

fn utf8(bytes: Vec<u8>) -> Result<String, String> {
    let text = String::from_utf8(bytes).map_err(|_| "is not UTF-8".to_owned())?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text).trim();
    match text.is_empty() {
        true => Err("is empty".to_owned()),
        false => Ok(text.to_owned()),
    }
}

fn answer(own: &OwnGate, text: &str) -> Result<Answer, String> {
    match own.result {
        OwnGateResult::Json => json::read(text),
        OwnGateResult::Junit => junit::read(text),
        OwnGateResult::Sarif => sarif::read(text),
        OwnGateResult::Status => Err("is not read".to_owned()),
    }
}

/// What the report and the exit status say together.
fn judge(cx: &Cx, own: &OwnGate, answer: Answer, output: &Output, findings: &mut Findings) {
    let errors = answer
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .count();
    let warns = answer
        .findings
        .iter()
        .any(|finding| finding.severity == Severity::Warning);
    findings.examined(answer.examined);
    findings.evidence.extend(answer.evidence);
    let blind = !answer.unknown.is_empty();
    findings.unknown.extend(answer.unknown);
    for mut finding in answer.findings {
        if let Some(at) = &mut finding.at {
            at.path = place(cx, own, &at.path);
        }
        findings.list.push(finding);
    }
    let by_hand = "run the command by hand, and mend what it reports";
    match answer.verdict {
        Some(Verdict::Fail) if errors == 0 => {
            let message = format!("`{}` says `fail` and names no error", output.command);
            findings.error(message).help(by_hand);
            return;
        }
        Some(said @ (Verdict::Pass | Verdict::Warn)) if errors > 0 => {
            let message = format!(
                "`{}` says `{}` beside {errors} errors",
                output.command,
                said.name()
            );
            findings.error(message).help(by_hand);
        }
        Some(Verdict::Warn) if !warns => {
            let message = format!("`{}` says `warn` and names no warning", output.command);
            findings.warning(message).help(by_hand);
        }
        _ => {}
    }
    if !output.ok() && errors == 0 && !blind {
        let message = format!(
            "`{}` {}, and its report names no error{}",
            output.command,
            ended(output),
            said(output)
        );
        findings.error(message).help(by_hand);
    } else if output.ok() && errors > 0 {
        let message = format!(
            "`{}` ended with exit status 0 although its report names {errors} errors",
            output.command
        );
        findings.note(message);
    }
}

/// A path of a report as git names it: from the root, whatever the tool took for the beginning.
fn place(cx: &Cx, own: &OwnGate, path: &str) -> String {
    let given = Path::new(path);
    if given.is_absolute() {
        let real = cx.root.canonicalize().unwrap_or_else(|_| cx.root.clone());
        let inner = given
            .strip_prefix(&cx.root)
            .or_else(|_| given.strip_prefix(&real));
        return inner.unwrap_or(given).to_string_lossy().into_owned();
    }
    let plain = path.strip_prefix("./").unwrap_or(path);
    let inner = from_root(own, plain);
    match cx.path(&inner).exists() || !cx.path(plain).exists() {
        true => inner,
        false => plain.to_owned(),
    }
}

/// The first lines of a text, for a message.
fn first_lines(text: &str) -> String {
    const LINES: usize = 20;
    let text = runner::plain(text.trim());
    let mut lines: Vec<&str> = text.lines().collect();
    let more = lines.len().saturating_sub(LINES);
    lines.truncate(LINES);
    let rest = match more {
        0 => String::new(),
        more => format!("\n… and {more} more lines"),
    };
    format!("{}{rest}", lines.join("\n"))
}

#[cfg(test)]
mod tests;
