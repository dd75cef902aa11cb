//! `coverage`: the tests run enough of the lines.
//!
//! The tool's own counts decide, never its table and never its percentages. What could not be measured is unknown, and
//! something else than 0 %.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, Result};
use config::{CoverageGate, Percent};
use serde_json::json;
use world::Cmd;

use crate::coverage_files::{self, Written};
use crate::coverage_report::{self, Files, Lines};
use crate::runner::{self, tail};
use crate::{Applies, Cost, Cx, Findings, Gate, Inputs, cargo, coverage_run, node, project};

pub(crate) const GATE: Gate = Gate {
    name: "coverage",
    about: "do the tests run enough of the lines",
    cost: Cost::Slow,
    // It builds in a folder of its own.
    needs: &[],
    inputs,
    applies,
    check,
};

/// The script of package.json that measures.
const SCRIPT: &str = "coverage";

/// So many of the files with most to gain are named.
const NAMED: usize = 5;

fn inputs(cx: &Cx) -> Result<Inputs> {
    let settings = &cx.config.gates.coverage;
    if settings.command.is_none() && settings.report.is_some() {
        return Ok(Inputs::Live("reads a report that somebody else makes"));
    }
    let mut inputs = runner::build_inputs(cx, settings.command.as_deref());
    if settings.command.is_none() && project::detect(&cx.root).cargo {
        inputs = inputs
            .tool("cargo-llvm-cov")
            .env(&["LLVM_COV", "LLVM_PROFDATA"]);
    }
    Ok(inputs)
}

fn applies(cx: &Cx) -> Result<Applies> {
    let settings = &cx.config.gates.coverage;
    let project = project::detect(&cx.root);
    if settings.command.is_some() || settings.report.is_some() || project.cargo {
        return Ok(Applies::Yes);
    }
    if project.node.is_none() {
        return Ok(Applies::No(
            "neither Cargo.toml nor package.json at the root, and nothing in [gates.coverage]"
                .to_owned(),
        ));
    }
    Ok(match node::scripts(cx, SCRIPT)?.is_empty() {
        false => Applies::Yes,
        true => Applies::No(format!(
            "package.json has no script `{SCRIPT}`; add one, or set gates.coverage.command"
        )),
    })
}

fn check(cx: &Cx, findings: &mut Findings) -> Result<()> {
    let settings = &cx.config.gates.coverage;
    let timeout = Duration::from_secs(settings.timeout_s);
    findings.evidence("required", figure(settings.required));
    if let Some(command) = &settings.command {
        if let Some(files) = commanded(cx, command, timeout, findings)? {
            judge(cx, "", files, findings)?;
        }
        return Ok(());
    }
    if settings.report.is_some() {
        if let Some(files) = found(cx, findings)? {
            judge(cx, "", files, findings)?;
        }
        return Ok(());
    }
    let project = project::detect(&cx.root);
    let scripted = project.node.is_some() && !node::scripts(cx, SCRIPT)?.is_empty();
    if project.cargo {
        let files = coverage_run::measure(cx, timeout)?;
        let files = coverage_files::relative(cx, files, "");
        judge(cx, if scripted { "Rust: " } else { "" }, files, findings)?;
    }
    // In a repository of both kinds each must be tested: the one cannot make up for the other.
    if scripted && let Some(files) = script(cx, timeout, findings)? {
        let of = if project.cargo { "package.json: " } else { "" };
        judge(cx, of, files, findings)?;
    }
    Ok(())
}

/// A whole number where it is one.
fn figure(percent: Percent) -> serde_json::Value {
    match percent.to_string().parse::<u8>() {
        Ok(whole) => json!(whole),
        Err(_) => json!(percent.as_f64()),
    }
}

/// The configured command, and the report it writes or prints.
fn commanded(
    cx: &Cx,
    command: &[String],
    timeout: Duration,
    findings: &mut Findings,
) -> Result<Option<Files>> {
    let (program, args) = command
        .split_first()
        .context("the configured command is empty; name a program")?;
    let cmd = Cmd::new(&cx.root, program).args(args).timeout(timeout);
    let before = coverage_files::written(cx)?;
    let output = cx.world.run(&cmd.stream())?;
    made(cx, &before, &output, findings)
}

/// The script of package.json, and the report it writes or prints.
fn script(cx: &Cx, timeout: Duration, findings: &mut Findings) -> Result<Option<Files>> {
    let before = coverage_files::written(cx)?;
    match node::run(cx, SCRIPT, timeout, findings)? {
        Some((output, _)) => made(cx, &before, &output, findings),
        None => Ok(None),
    }
}

/// What a command has just measured; an older report is no answer.
fn made(
    cx: &Cx,
    before: &Written,
    output: &world::Output,
    findings: &mut Findings,
) -> Result<Option<Files>> {
    findings.evidence("command", output.command.clone());
    if !output.ok() {
        findings.unknown(format!(
            "tests failed, or the tool did: nothing was measured; see gate `test`\n{}",
            output.error()
        ));
        return Ok(None);
    }
    let mut reports = coverage_files::written(cx)?;
    reports.retain(|path, written| before.get(path) != Some(written));
    if !reports.is_empty() {
        return coverage_files::read(cx, &reports).map(Some);
    }
    let printed = coverage_report::read_printed(&runner::plain(&output.text()));
    if let Some(files) = printed.filter(|_| !output.truncated) {
        let files = files.with_context(|| format!("what `{}` printed", output.command))?;
        return Ok(Some(coverage_files::relative(cx, files, "")));
    }
    let place = match (&cx.config.gates.coverage.report, before.keys().next()) {
        (_, Some(old)) => format!("{old} is as old as it was before"),
        (Some(report), None) => format!("there is no {report}"),
        (None, None) => {
            "neither coverage/coverage-summary.json nor coverage/lcov.info is there".to_owned()
        }
    };
    findings.unknown(format!(
        "`{}` ended well and left no report: {place}; let it write one, and say where in gates.coverage.report\n{}",
        output.command,
        tail(output)
    ));
    Ok(None)
}

/// A report that somebody else made. One that is older than the sources says nothing about them.
fn found(cx: &Cx, findings: &mut Findings) -> Result<Option<Files>> {
    let report = cx
        .config
        .gates
        .coverage
        .report
        .as_deref()
        .unwrap_or_default();
    let reports = coverage_files::written(cx)?;
    if reports.is_empty() {
        findings.unknown(format!(
            "there is no {report}; run the tool that writes it, or set gates.coverage.command"
        ));
        return Ok(None);
    }
    let files = coverage_files::read(cx, &reports)?;
    let gone = files.keys().find(|path| !cx.path(path).is_file());
    let stale = match coverage_files::newer(cx, &reports, &files)? {
        Some(path) => Some(format!("{path} has changed since")),
        None => gone.map(|path| format!("it speaks of {path}, which is not here")),
    };
    let Some(stale) = stale else {
        return Ok(Some(files));
    };
    findings.unknown(format!(
        "{report} is stale: {stale}; run the tool that writes it, or set gates.coverage.command"
    ));
    Ok(None)
}

/// Compares what was measured with what is required.
fn judge(cx: &Cx, of: &str, mut files: Files, findings: &mut Findings) -> Result<()> {
    let settings = &cx.config.gates.coverage;
    let excluded = |path: &str| {
        settings
            .exclude
            .iter()
            .any(|glob| fast_glob::glob_match(glob, path))
    };
    let measured = files.len();
    files.retain(|path, _| !excluded(path));
    let mut whole = Lines::default();
    files.values().for_each(|lines| whole.add(*lines));
    let Some(percent) = whole.percent() else {
        findings.unknown(format!(
            "{of}no line was measured: {measured} files in the report, {} of them excluded",
            measured - files.len()
        ));
        return Ok(());
    };
    if !files.keys().any(|path| cx.path(path).is_file()) {
        findings.unknown(format!(
            "{of}none of the {} files in the report is in the repository: it is about another tree",
            files.len()
        ));
        return Ok(());
    }
    findings.examined(files.len());
    let packages = by_package(cx, &files)?;
    record(findings, percent, whole, &packages);
    let mut below = !settings.required.is_met_by(whole.covered, whole.total);
    if below {
        findings
            .error(format!("{of}{}", short(percent, whole, settings)))
            .help(where_to_begin(&files));
    }
    if settings.per_package {
        below |= each_package(settings, &packages, &excluded, findings);
    }
    if below {
        name_least(&files, findings);
    }
    Ok(())
}

fn short(percent: f64, lines: Lines, settings: &CoverageGate) -> String {
    format!(
        "the tests run {percent:.2} % of the lines ({} of {}), {} % are required",
        lines.covered, lines.total, settings.required
    )
}

/// Name, manifest and lines of a package.
struct Package {
    name: String,
    manifest: String,
    lines: Lines,
}

fn by_package(cx: &Cx, files: &Files) -> Result<Vec<Package>> {
    let mut packages: BTreeMap<String, Package> = BTreeMap::new();
    let mut add = |manifest: &str, name: String| {
        let folder = manifest.rsplit_once('/').map_or("", |(folder, _)| folder);
        packages.insert(
            folder.to_owned(),
            Package {
                name,
                manifest: manifest.to_owned(),
                lines: Lines::default(),
            },
        );
    };
    let project = project::detect(&cx.root);
    let rust = files.keys().any(|path| path.ends_with(".rs"));
    if project.cargo && rust {
        let root = cx.root.canonicalize().unwrap_or_else(|_| cx.root.clone());
        for package in cargo::metadata(cx, &["--no-deps"])?.packages {
            let manifest = package.manifest_path.as_std_path();
            if let Ok(path) = manifest.strip_prefix(&root) {
                add(&path.to_string_lossy(), package.name.to_string());
            }
        }
    } else if project.node.is_some() {
        for package in node::packages(&cx.world, &cx.root)? {
            let name = package.text("name").unwrap_or("the root").to_owned();
            // The root of a workspace holds its packages, and no code.
            let holder = package.folder().is_empty()
                && (package.json.get("workspaces").is_some()
                    || cx.path("pnpm-workspace.yaml").is_file());
            if !holder {
                add(&package.path, name);
            }
        }
    }
    for (path, lines) in files {
        let inside = |folder: &str| {
            folder.is_empty()
                || path
                    .strip_prefix(folder)
                    .is_some_and(|rest| rest.starts_with('/'))
        };
        // The innermost one: a package may lie in another one's folder.
        let mut holders = packages.iter_mut().filter(|(folder, _)| inside(folder));
        if let Some((_, package)) = holders.by_ref().max_by_key(|(folder, _)| folder.len()) {
            package.lines.add(*lines);
        }
    }
    Ok(packages.into_values().collect())
}

/// Of two kinds of code the figures of the one that is tested less are shown.
fn record(findings: &mut Findings, percent: f64, whole: Lines, packages: &[Package]) {
    let list = packages.iter().map(|package| {
        json!({
            "name": package.name,
            "lines_pct": package.lines.percent(),
            "covered": package.lines.covered,
            "total": package.lines.total,
        })
    });
    let mut all: Vec<serde_json::Value> = match findings.evidence.remove("packages") {
        Some(serde_json::Value::Array(earlier)) => earlier,
        _ => Vec::new(),
    };
    all.extend(list);
    findings.evidence("packages", all);
    let earlier = findings
        .evidence
        .get("lines_pct")
        .and_then(serde_json::Value::as_f64);
    if earlier.is_none_or(|earlier| percent < earlier) {
        findings.evidence("lines_pct", percent);
        findings.evidence("covered", whole.covered);
        findings.evidence("total", whole.total);
    }
}

/// Whether one of them is below.
fn each_package(
    settings: &CoverageGate,
    packages: &[Package],
    excluded: &dyn Fn(&str) -> bool,
    findings: &mut Findings,
) -> bool {
    let mut below = false;
    for package in packages
        .iter()
        .filter(|package| !excluded(&package.manifest))
    {
        let (name, lines) = (&package.name, package.lines);
        let Some(percent) = lines.percent() else {
            findings.unknown(format!(
                "no line of the package {name} was measured; let the tool report files that no test loads, or leave \
                 {} out with gates.coverage.exclude",
                package.manifest
            ));
            continue;
        };
        if !settings.required.is_met_by(lines.covered, lines.total) {
            below = true;
            findings
                .error(format!("{name}: {}", short(percent, lines, settings)))
                .at(package.manifest.clone())
                .help("test the files that `-v` names, or set gates.coverage.required to what is asked of it");
        }
    }
    below
}

fn most_missed_first(files: &Files) -> Vec<(&String, &Lines)> {
    let mut list: Vec<(&String, &Lines)> = files.iter().collect();
    list.sort_by_key(|(_, lines)| std::cmp::Reverse(lines.missed()));
    list
}

/// What to do about it; in the help, for notes are shown to those who ask for them.
fn where_to_begin(files: &Files) -> String {
    let worst: Vec<String> = most_missed_first(files)
        .into_iter()
        .take(3)
        .filter(|(_, lines)| lines.missed() > 0)
        .map(|(path, lines)| format!("{path} ({})", lines.missed()))
        .collect();
    format!(
        "most of the lines that no test runs are in {}: test them, leave them out with gates.coverage.exclude, or set \
         gates.coverage.required to what is asked of it",
        worst.join(", ")
    )
}

/// Where most is to be gained.
fn name_least(files: &Files, findings: &mut Findings) {
    for (path, lines) in most_missed_first(files).into_iter().take(NAMED) {
        if lines.missed() > 0 {
            findings
                .note(format!(
                    "{} of {} lines are run by no test",
                    lines.missed(),
                    lines.total
                ))
                .at(path.clone());
        }
    }
}
