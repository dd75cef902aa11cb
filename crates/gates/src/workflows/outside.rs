//! What zizmor and check-jsonschema say about workflows, where they are installed: they see other things than we do.

use std::time::Duration;

use anyhow::Result;
use serde_json::Value;
use world::{Cmd, CmdError, Failure, Output};

use crate::yaml::{Node, Place};
use crate::{Cx, Severity};

use super::File;

/// What a program said about one place.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Heard {
    pub(crate) severity: Severity,
    /// Its name for the rule.
    pub(crate) rule: String,
    pub(crate) path: String,
    pub(crate) at: Place,
    /// The last line it speaks of.
    pub(crate) end: usize,
    pub(crate) message: String,
    pub(crate) help: String,
}

/// What came of asking a program.
pub(crate) enum Answer {
    /// It is not on the search path.
    Missing,
    /// It gave no answer that can be used, and why.
    Unknown(String),
    Heard {
        version: String,
        list: Vec<Heard>,
        /// Files it could not look at, and what it said about them.
        unseen: Vec<String>,
    },
}

/// The output of a program; an error that is not the program's own is passed on.
fn ask(cx: &Cx, cmd: &Cmd) -> Result<Result<Output, Answer>> {
    match cx.world.ask(cmd) {
        Ok(output) => Ok(Ok(output)),
        Err(error) => match error.downcast_ref::<CmdError>().map(|error| &error.failure) {
            Some(Failure::Missing) => Ok(Err(Answer::Missing)),
            Some(Failure::Interrupted) => Err(error),
            _ => Ok(Err(Answer::Unknown(format!("{error:#}")))),
        },
    }
}

fn version(cx: &Cx, program: &str, timeout: Duration) -> Result<Result<String, Answer>> {
    let cmd = Cmd::new(&cx.root, program)
        .arg("--version")
        .timeout(timeout);
    Ok(ask(cx, &cmd)?.and_then(|output| {
        let text = output.text();
        let last = text.split_whitespace().last().unwrap_or_default();
        match output.ok() && last.starts_with(|char: char| char.is_ascii_digit()) {
            true => Ok(last.to_owned()),
            false => Err(rubbish(program, "version", &output)),
        }
    }))
}

fn rubbish(program: &str, wanted: &str, output: &Output) -> Answer {
    let text = output.text();
    let said = match output.ok() {
        true => format!(
            "answered `{}`",
            shorten(text.lines().next().unwrap_or_default())
        ),
        false => output.error().to_string(),
    };
    Answer::Unknown(format!(
        "`{program}` gave no {wanted} that can be read: {said}; run it by hand, or take it off the search path"
    ))
}

fn shorten(text: &str) -> String {
    const LONGEST: usize = 300;
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// Asks zizmor about these files, without the network.
pub(crate) fn zizmor(cx: &Cx, files: &[File], timeout: Duration) -> Result<Answer> {
    let version = match version(cx, "zizmor", timeout)? {
        Ok(version) => version,
        Err(answer) => return Ok(answer),
    };
    let all: Vec<&File> = files.iter().collect();
    let answer = zizmor_about(cx, &all, &version, timeout)?;
    // One file that is no workflow can end it, and all that it would say of the others. We have said what is wrong
    // with that one.
    let sound: Vec<&File> = files.iter().filter(|file| !has_errors(file)).collect();
    match answer {
        Answer::Unknown(_) if sound.is_empty() => Ok(Answer::Heard {
            version,
            list: Vec::new(),
            unseen: Vec::new(),
        }),
        Answer::Unknown(_) if sound.len() < files.len() => {
            zizmor_about(cx, &sound, &version, timeout)
        }
        answer => Ok(answer),
    }
}

fn zizmor_about(cx: &Cx, files: &[&File], version: &str, timeout: Duration) -> Result<Answer> {
    let cmd = Cmd::new(&cx.root, "zizmor")
        .args(["--offline", "--no-progress", "--format", "json", "--"])
        .args(files.iter().map(|file| &file.path))
        // Which files it has seen stands in its log.
        .env("RUST_LOG", "info")
        .timeout(timeout);
    let output = match ask(cx, &cmd)? {
        Ok(output) => output,
        Err(answer) => return Ok(answer),
    };
    // 0: nothing, 10 to 14: something, by severity. What a comment silences is in the list, and does not count.
    let list = serde_json::from_slice::<Vec<Value>>(&output.stdout)
        .ok()
        .and_then(|list| {
            let loud = list.iter().filter(|finding| finding["ignored"] != true);
            loud.map(zizmor_finding).collect::<Option<Vec<Heard>>>()
        })
        .filter(|list| match output.code {
            Some(0) => list.is_empty(),
            Some(10..=14) => !list.is_empty(),
            _ => false,
        });
    let Some(list) = list else {
        return Ok(rubbish("zizmor", "list of findings", &output));
    };
    let log = output.errors();
    let seen = |file: &File| {
        log.lines()
            .any(|line| line.contains("completed") && line.ends_with(&file.path))
    };
    let why: Vec<&str> = log
        .lines()
        .filter(|line| line.contains("WARN") || line.contains("ERROR"))
        .map(str::trim)
        .collect();
    let unseen = files
        .iter()
        .filter(|file| !seen(file) && !has_errors(file))
        .map(|file| {
            let why = shorten(&why.join("; "));
            format!("zizmor did not look at {}: {why}", file.path)
        })
        .collect();
    Ok(Answer::Heard {
        version: version.to_owned(),
        list,
        unseen,
    })
}

fn has_errors(file: &File) -> bool {
    file.said
        .iter()
        .any(|said| said.severity == Severity::Error)
}

fn zizmor_finding(finding: &Value) -> Option<Heard> {
    let primary = finding["locations"]
        .as_array()?
        .iter()
        .find(|location| location["symbolic"]["kind"] == "Primary")?;
    let place = &primary["concrete"]["location"];
    // From 0.
    let number =
        |point: &str, key: &str| Some(usize::try_from(place[point][key].as_u64()?).ok()? + 1);
    let rule = finding["ident"].as_str()?.to_owned();
    let rated = |key: &str| finding["determinations"][key].as_str();
    let severity = match (rated("severity")?, rated("confidence")?) {
        (_, "Low") => Severity::Note,
        ("High", "High") => Severity::Error,
        ("High" | "Medium", _) => Severity::Warning,
        _ => Severity::Note,
    };
    let annotation = primary["symbolic"]["annotation"].as_str()?;
    Some(Heard {
        severity,
        path: primary["symbolic"]["key"]["Local"]["verbatim_path"]
            .as_str()?
            .to_owned(),
        at: Place {
            line: number("start_point", "row")?,
            column: number("start_point", "column")?,
        },
        end: number("end_point", "row")?,
        message: format!(
            "{}: {annotation} (zizmor: {rule})",
            finding["desc"].as_str()?
        ),
        help: format!("see {}", finding["url"].as_str()?),
        rule,
    })
}

/// Asks check-jsonschema whether the workflows fit the schema that it brings.
pub(crate) fn check_jsonschema(cx: &Cx, files: &[File], timeout: Duration) -> Result<Answer> {
    const PROGRAM: &str = "check-jsonschema";
    let workflows: Vec<&File> = files.iter().filter(|file| file.is_workflow()).collect();
    let cmd = Cmd::new(&cx.root, PROGRAM)
        .args([
            "--builtin-schema",
            "vendor.github-workflows",
            "--output-format",
            "json",
            "--",
        ])
        .args(workflows.iter().map(|file| &file.path))
        .timeout(timeout);
    // It takes a second to start: side by side.
    let (version, output) = std::thread::scope(|scope| {
        let version = scope.spawn(|| version(cx, PROGRAM, timeout));
        let output = ask(cx, &cmd);
        let version = version.join().unwrap_or_else(|_| {
            Err(anyhow::anyhow!(
                "the thread that asked for its version is gone"
            ))
        });
        (version, output)
    });
    let version = match version? {
        Ok(version) => version,
        Err(answer) => return Ok(answer),
    };
    let output = match output? {
        Ok(output) => output,
        Err(answer) => return Ok(answer),
    };
    let Some((list, unread)) = schema_findings(&output, &workflows) else {
        return Ok(rubbish(PROGRAM, "result", &output));
    };
    let unseen = workflows
        .iter()
        .filter(|file| unread.contains(&file.path) && !has_errors(file))
        .map(|file| format!("check-jsonschema cannot read {}", file.path))
        .collect();
    Ok(Answer::Heard {
        version,
        list,
        unseen,
    })
}

/// The findings, and the files it could not read; `None`: the answer contradicts itself, or is none.
fn schema_findings(output: &Output, files: &[&File]) -> Option<(Vec<Heard>, Vec<String>)> {
    let answer: Value = serde_json::from_slice(&output.stdout).ok()?;
    let errors = answer["errors"].as_array()?;
    let none = Vec::new();
    let unread = answer["parse_errors"].as_array().unwrap_or(&none);
    let nothing = errors.is_empty() && unread.is_empty();
    match (answer["status"].as_str()?, output.code) {
        ("ok", Some(0)) if nothing => {}
        ("fail", Some(1)) if !nothing => {}
        _ => return None,
    }
    let list = errors
        .iter()
        .map(|error| schema_finding(error, files))
        .collect::<Option<Vec<Heard>>>()?;
    let unread = unread
        .iter()
        .map(|error| Some(error["filename"].as_str()?.to_owned()))
        .collect::<Option<Vec<String>>>()?;
    Some((list, unread))
}

fn schema_finding(error: &Value, files: &[&File]) -> Option<Heard> {
    let path = error["filename"].as_str()?;
    let deep = error.get("best_deep_match").unwrap_or(error);
    let (place, message) = (deep["path"].as_str()?, deep["message"].as_str()?);
    let root = files.iter().find(|file| file.path == path)?.root.as_ref();
    let node = |place: &str| root.map(|root| resolve(root, place));
    let (at, end) = node(place).map_or((Place { line: 1, column: 1 }, 1), |node| {
        (node.at, node.end)
    });
    // What fits none of several forms is wrong anywhere in it.
    let outer = node(error["path"].as_str()?);
    let (severity, help) = match is_lone_filter(place, message) {
        true => (
            Severity::Warning,
            "GitHub takes one text here, and documents a list: write it in `[…]`",
        ),
        false => (Severity::Error, "see the workflow syntax of GitHub Actions"),
    };
    Some(Heard {
        severity,
        rule: "schema".to_owned(),
        path: path.to_owned(),
        at,
        end: outer.map_or(end, |outer| outer.end).max(end),
        message: format!("{}: {} (check-jsonschema)", place, shorten(message)),
        help: help.to_owned(),
    })
}

/// `branches: main`: the schema is stricter than GitHub, where such workflows run.
fn is_lone_filter(place: &str, message: &str) -> bool {
    const FILTERS: &[&str] = &["branches", "tags", "paths"];
    let filter = place
        .strip_prefix("$.on.")
        .and_then(|rest| rest.split_once('.'))
        .map(|(_, filter)| filter.strip_suffix("-ignore").unwrap_or(filter));
    filter.is_some_and(|filter| FILTERS.contains(&filter))
        && message.starts_with('\'')
        && message.ends_with("' is not of type 'array'")
}

/// The node that `$.jobs.a.steps[1]` names, or the nearest around it that can be found.
fn resolve<'n>(root: &'n Node, path: &str) -> &'n Node {
    let mut node = root;
    let mut rest = path.trim_start_matches('$');
    while !rest.is_empty() {
        let next = if let Some(key) = rest.strip_prefix('.') {
            // The longest key that fits, for one may hold a dot.
            let entries = node.mapping().unwrap_or_default();
            let fits = |name: &str| {
                key.strip_prefix(name)
                    .is_some_and(|after| after.is_empty() || after.starts_with(['.', '[']))
            };
            entries
                .iter()
                .filter_map(|(name, value)| Some((name.text()?, value)))
                .filter(|(name, _)| fits(name))
                .max_by_key(|(name, _)| name.len())
                .map(|(name, value)| (value, &key[name.len()..]))
        } else if let Some(quoted) = rest.strip_prefix("['") {
            quoted
                .split_once("']")
                .and_then(|(key, after)| Some((node.get(key)?, after)))
        } else {
            rest.strip_prefix('[').and_then(|index| {
                let (index, after) = index.split_once(']')?;
                Some((node.sequence()?.get(index.parse::<usize>().ok()?)?, after))
            })
        };
        let Some((found, after)) = next else { break };
        (node, rest) = (found, after);
    }
    node
}

/// Whether we have said it ourselves.
pub(crate) fn repeats(heard: &Heard, file: &File) -> bool {
    let said = |rule: &str, from: usize, to: usize| {
        file.said
            .iter()
            .any(|said| said.rule == rule && (from..=to).contains(&said.at.line))
    };
    let (from, to) = (heard.at.line, heard.end);
    match heard.rule.as_str() {
        // Whether it counts is a setting of ours.
        "unpinned-uses" => true,
        "excessive-permissions" => said("excessive-permissions", 0, usize::MAX),
        "schema" => file
            .said
            .iter()
            .any(|said| said.severity == Severity::Error && (from..=to).contains(&said.at.line)),
        rule => said(rule, from, to),
    }
}

#[cfg(test)]
mod tests {
    use super::resolve;

    #[test]
    fn paths_into_a_document_are_followed_as_far_as_they_go() {
        let root = crate::yaml::parse("jobs:\n  a:\n    steps:\n      - x: 1\n      - y.z: 2\n")
            .unwrap()
            .unwrap();
        for (path, line) in [
            ("$", 1),
            ("$.jobs.a.steps[1]", 5),
            ("$.jobs.a.steps[1].y.z", 5),
            ("$.jobs.a.steps[7].x", 4),
            ("$.jobs['a'].steps[0]", 4),
            ("$.jobs.b", 2),
        ] {
            assert_eq!(resolve(&root, path).at.line, line, "{path}");
        }
    }
}
