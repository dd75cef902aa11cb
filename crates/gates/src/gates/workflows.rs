//! `workflows`: the workflows of GitHub Actions start, do what they say, and do nothing for strangers.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Result;
use serde_json::{Map, Value};

use crate::workflows::outside::{self, Answer};
use crate::workflows::{self, File, Known};
use crate::{Applies, Cost, Cx, Finding, Findings, Gate, Inputs};

pub(crate) const GATE: Gate = Gate {
    name: "workflows",
    about: "are the workflows of GitHub Actions sound and safe",
    // Our own rules take a moment; check-jsonschema, where it is installed, takes more than a second.
    cost: Cost::Slow,
    needs: &[],
    inputs: |_| {
        Ok(Inputs::files([
            ".github/**",
            "**/action.yml",
            "**/action.yaml",
            "zizmor.yml",
            "zizmor.yaml",
        ])
        .tool("zizmor")
        .tool("check-jsonschema"))
    },
    applies: |cx| {
        Ok(match cx.git().list(&listing(&WORKFLOWS))?.is_empty() {
            true => Applies::No("there is no workflow in .github/workflows".to_owned()),
            false => Applies::Yes,
        })
    },
    check,
};

const WORKFLOWS: [&str; 2] = [
    ":(glob).github/workflows/*.yml",
    ":(glob).github/workflows/*.yaml",
];

const ALL: [&str; 4] = [
    WORKFLOWS[0],
    WORKFLOWS[1],
    ":(glob)**/action.yml",
    ":(glob)**/action.yaml",
];

fn listing<'a>(globs: &[&'a str]) -> Vec<&'a str> {
    let mut args = vec![
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
        "--",
    ];
    args.extend(globs);
    args
}

fn check(cx: &Cx, findings: &mut Findings) -> Result<()> {
    let mut files = files(cx, findings)?;
    let settings = &cx.config.gates.workflows;
    let copies: Vec<(String, crate::yaml::Node)> = files
        .iter()
        .filter_map(|file| Some((file.path.clone(), file.root.clone()?)))
        .collect();
    let known = Known {
        roots: copies
            .iter()
            .map(|(path, root)| (path.as_str(), root))
            .collect(),
        settings,
    };
    // Definitions elsewhere are known so that a step can name them, and may be fixtures of somebody's tests.
    files.retain(|file| file.path.starts_with(".github/") || !file.path.contains('/'));
    for file in &mut files {
        workflows::check(file, &known);
        show(file, findings);
    }
    findings.examined(files.len());
    findings.evidence("files", files.len());
    findings.evidence("jobs", files.iter().map(|file| file.jobs).sum::<usize>());
    findings.evidence("steps", files.iter().map(|file| file.steps).sum::<usize>());
    let timeout = Duration::from_secs(settings.timeout_s);
    let (zizmor, schema) = std::thread::scope(|scope| {
        let schema = scope.spawn(|| outside::check_jsonschema(cx, &files, timeout));
        let zizmor = outside::zizmor(cx, &files, timeout);
        let schema = schema.join().unwrap_or_else(|_| {
            Err(anyhow::anyhow!(
                "the thread that asked check-jsonschema is gone"
            ))
        });
        (zizmor, schema)
    });
    let answers = [("zizmor", zizmor?), ("check-jsonschema", schema?)];
    let mut tools = Map::new();
    for (tool, answer) in answers {
        take(tool, answer, settings, &files, &mut tools, findings);
    }
    findings.evidence("tools", tools);
    Ok(())
}

fn files(cx: &Cx, findings: &mut Findings) -> Result<Vec<File>> {
    // A path that is in conflict is listed more than once.
    let mut paths = cx.git().list(&listing(&ALL))?;
    paths.sort();
    paths.dedup();
    let mut files = Vec::new();
    for path in paths {
        // A file that git tracks and somebody removed is the git gate's to tell.
        match cx.world.read_if_exists(&cx.path(&path)) {
            Ok(None) => {}
            Ok(Some(text)) => files.push(File::read(path, &text)),
            Err(error) => findings.unknown(format!("{error:#}")),
        }
    }
    Ok(files)
}

fn show(file: &File, findings: &mut Findings) {
    for said in &file.said {
        findings.list.push(Finding {
            severity: said.severity,
            message: said.message.clone(),
            at: Some(crate::Location {
                path: file.path.clone(),
                line: Some(said.at.line),
                column: Some(said.at.column),
            }),
            help: Some(said.help.clone()),
        });
    }
}

/// Adds what a program said, less what we have said ourselves.
fn take(
    tool: &str,
    answer: Answer,
    settings: &config::WorkflowsGate,
    files: &[File],
    tools: &mut Map<String, Value>,
    findings: &mut Findings,
) {
    match answer {
        Answer::Missing if settings.tools.iter().any(|wanted| wanted == tool) => {
            findings.unknown(format!("`{tool}` is not on the search path; install it, or take it out of gates.workflows.tools"));
        }
        Answer::Missing => {
            findings
                .note(format!(
                    "`{tool}` is not on the search path and was not asked"
                ))
                .help(format!("install {tool}: it sees more than we do"));
        }
        Answer::Unknown(reason) => findings.unknown(reason),
        Answer::Heard {
            version,
            list,
            unseen,
        } => {
            tools.insert(tool.to_owned(), version.into());
            unseen
                .into_iter()
                .for_each(|reason| findings.unknown(reason));
            let by_path: BTreeMap<&str, &File> = files
                .iter()
                .map(|file| (file.path.as_str(), file))
                .collect();
            for heard in list {
                if by_path
                    .get(heard.path.as_str())
                    .is_some_and(|file| outside::repeats(&heard, file))
                {
                    continue;
                }
                findings.list.push(Finding {
                    severity: heard.severity,
                    message: heard.message,
                    at: Some(crate::Location {
                        path: heard.path,
                        line: Some(heard.at.line),
                        column: Some(heard.at.column),
                    }),
                    help: Some(heard.help),
                });
            }
        }
    }
}
