//! What detect-secrets says about the tree and gitleaks about the history, where the configuration names them.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::Result;
use serde_json::Value;
use world::{Cmd, CmdError, Failure, Output};

use crate::{Cx, Severity};

/// A secret that another program has seen.
pub(crate) struct Heard {
    pub(crate) severity: Severity,
    pub(crate) path: String,
    pub(crate) line: usize,
    pub(crate) message: String,
}

/// What a program said, or why it said nothing that can be used.
pub(crate) type Answer = std::result::Result<Vec<Heard>, String>;

fn ask(cx: &Cx, cmd: &Cmd) -> Result<std::result::Result<Output, String>> {
    match cx.world.ask(cmd) {
        Ok(output) => Ok(Ok(output)),
        Err(error) => match error.downcast_ref::<CmdError>().map(|error| &error.failure) {
            Some(Failure::Missing) => Ok(Err(format!(
                "`{}` is not on the search path; install it, or take it out of gates.secrets.tools",
                cmd.program()
            ))),
            Some(Failure::Interrupted) => Err(error),
            _ => Ok(Err(format!("{error:#}"))),
        },
    }
}

fn rubbish(program: &str, output: &Output) -> String {
    let said = match output.ok() {
        true => "answered something that is no report".to_owned(),
        false => output.error().to_string(),
    };
    format!(
        "`{program}` gave no report that can be read: {said}; run it by hand, or take it out of gates.secrets.tools"
    )
}

/// The tracked files, without asking anybody on the network whether a secret still works. What `.secrets.baseline`
/// lists is known.
pub(crate) fn detect_secrets(cx: &Cx, timeout: Duration) -> Result<Answer> {
    let cmd = Cmd::new(&cx.root, "detect-secrets")
        .args(["scan", "--no-verify"])
        .timeout(timeout);
    let output = match ask(cx, &cmd)? {
        Ok(output) => output,
        Err(reason) => return Ok(Err(reason)),
    };
    let known: BTreeSet<(String, String)> = match cx.world.read_if_exists(&cx.path(".secrets.baseline"))? {
        None => BTreeSet::new(),
        Some(text) => match serde_json::from_str::<Value>(&text).ok().and_then(|report| results(&report)) {
            Some(list) => list.into_iter().map(|result| (result.path, result.hash)).collect(),
            None => return Ok(Err(".secrets.baseline is no report of detect-secrets; write it again by `detect-secrets scan`".to_owned())),
        },
    };
    let report = serde_json::from_slice::<Value>(&output.stdout)
        .ok()
        .filter(|_| output.ok());
    let Some(list) = report.and_then(|report| results(&report)) else {
        return Ok(Err(rubbish("detect-secrets", &output)));
    };
    let list = list
        .into_iter()
        .filter(|result| !known.contains(&(result.path.clone(), result.hash.clone())));
    Ok(Ok(list
        .map(|result| Heard {
            // What is only mixed or only named so is often none.
            severity: match result.kind.contains("Entropy") || result.kind.contains("Keyword") {
                true => Severity::Warning,
                false => Severity::Error,
            },
            message: format!("{} (detect-secrets)", result.kind),
            path: result.path,
            line: result.line,
        })
        .collect()))
}

struct Detected {
    path: String,
    kind: String,
    hash: String,
    line: usize,
}

fn results(report: &Value) -> Option<Vec<Detected>> {
    let files = report["results"].as_object()?;
    files
        .iter()
        .flat_map(|(path, list)| {
            list.as_array()
                .into_iter()
                .flatten()
                .map(move |result| (path, result))
        })
        .map(|(path, result)| {
            Some(Detected {
                path: path.clone(),
                kind: result["type"].as_str()?.to_owned(),
                hash: result["hashed_secret"].as_str()?.to_owned(),
                line: usize::try_from(result["line_number"].as_u64()?).ok()?,
            })
        })
        .collect()
}

/// The history of a range.
pub(crate) fn gitleaks(cx: &Cx, range: &str, timeout: Duration) -> Result<Answer> {
    let options = format!("--log-opts={range}");
    let cmd = Cmd::new(&cx.root, "gitleaks")
        .args([
            "git",
            "--no-banner",
            "--redact",
            "--report-format",
            "json",
            "--report-path",
            "-",
            &options,
        ])
        .timeout(timeout);
    let output = match ask(cx, &cmd)? {
        Ok(output) => output,
        Err(reason) => return Ok(Err(reason)),
    };
    // 0: none, 1: some; an error is 1 too, and has no report.
    let list = serde_json::from_slice::<Vec<Value>>(&output.stdout)
        .ok()
        .and_then(|list| {
            let list: Option<Vec<Heard>> = list.iter().map(leak).collect();
            list.filter(|list| match output.code {
                Some(0) => list.is_empty(),
                Some(1) => !list.is_empty(),
                _ => false,
            })
        });
    Ok(list.ok_or_else(|| rubbish("gitleaks", &output)))
}

fn leak(finding: &Value) -> Option<Heard> {
    let commit = finding["Commit"].as_str()?;
    Some(Heard {
        severity: Severity::Error,
        path: finding["File"].as_str()?.to_owned(),
        line: usize::try_from(finding["StartLine"].as_u64()?).ok()?,
        message: format!(
            "{} in commit {} (gitleaks: {})",
            finding["Description"].as_str()?,
            commit.get(..12).unwrap_or(commit),
            finding["RuleID"].as_str()?
        ),
    })
}
