//! `preflight`, `gates`, `doctor`.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use gates::{Applies, Durations, Part, Progress, Request, Summary, Verdict, reports};
use release::{Kind, Refusal};
use serde_json::json;

use super::session::Session;
use crate::cli::ReportFiles;
use crate::exit::Exit;

pub(super) fn preflight(
    session: &Session<'_>,
    mut request: Request,
    durations: Option<&Path>,
    files: &ReportFiles,
) -> Result<Exit> {
    if let (Some(path), Some(shard)) = (durations, &mut request.shard) {
        let path = &session.beside(path);
        let text = session.world.read_text(path)?;
        shard.durations = Durations::parse(&text)
            .with_context(|| format!("read the durations in {}", path.display()))?;
    }
    let ui = session.ui;
    let cx = session.gates();
    let summary = gates::run(&cx, &request, &|progress| {
        ui.gate(&progress, false);
    })?;
    let whole = request.names.is_empty()
        && request.skip.is_empty()
        && session.config.gates.skip.is_empty()
        && !request.quick
        && request.base.is_none()
        && request.shard.is_none();
    let part = gates::part(&cx, &request)?;
    ui.preflight(&summary, &part, (!whole).then(|| gates::table(&cx).len()));
    tell_others(session, &summary, files)?;
    Ok(verdict(&summary))
}

/// What several machines said of their parts, as one.
pub(super) fn merge(session: &Session<'_>, files: &[PathBuf], to: &ReportFiles) -> Result<Exit> {
    let cx = session.gates();
    let table = gates::table(&cx);
    let names: Vec<&str> = table.iter().map(|gate| gate.name).collect();
    let mut texts = Vec::new();
    for path in files {
        let path = session.beside(path);
        texts.push((path.display().to_string(), session.world.read_text(&path)?));
    }
    let summary = reports::merge(&texts, &names).map_err(|refused| {
        Refusal::new(
            Kind::CannotAct,
            format!("these do not make one preflight:\n{refused}"),
            "give the whole output of `preflight --shard I/N --format json` of every machine, all of one commit",
        )
    })?;
    let ui = session.ui;
    for report in &summary.reports {
        ui.gate(&Progress::Finished(report), false);
    }
    ui.preflight(&summary, &Part::default(), None);
    tell_others(session, &summary, to)?;
    Ok(verdict(&summary))
}

/// Reports for other programs: the files that were asked for, and the page of the CI job that runs us.
fn tell_others(session: &Session<'_>, summary: &Summary, files: &ReportFiles) -> Result<()> {
    let (world, cx) = (&session.world, session.gates());
    if let Some(path) = &files.junit {
        let text = reports::junit(summary, world.now_s());
        world.write_file(&session.beside(path), text.as_bytes())?;
    }
    if let Some(path) = &files.sarif {
        let home = ["release.toml", "Cargo.toml", "package.json"];
        let home = home
            .into_iter()
            .find(|path| session.root.join(path).exists());
        let text = reports::sarif(summary, &gates::table(&cx), home.unwrap_or("release.toml"));
        world.write_file(&session.beside(path), text.as_bytes())?;
    }
    let var = |name: &str| {
        session
            .surroundings
            .var(name)
            .filter(|text| !text.is_empty())
    };
    if var("GITHUB_ACTIONS").as_deref() == Some("true") {
        for line in reports::annotations(summary) {
            session.ui.annotation(&line);
        }
    }
    if let Some(path) = var("GITHUB_STEP_SUMMARY") {
        world.append_line(Path::new(&path), &reports::step_summary(summary))?;
    }
    Ok(())
}

/// One gate by its own command, without a verdict over all.
pub(super) fn one(session: &Session<'_>, name: &str) -> Result<Exit> {
    let request = Request {
        names: vec![name.to_owned()],
        jobs: 1,
        ..Request::default()
    };
    let ui = session.ui;
    let summary = gates::run(&session.gates(), &request, &|progress| {
        ui.gate(&progress, false);
    })?;
    Ok(verdict(&summary))
}

/// 1 when a gate failed, 2 when one could not look and none failed.
fn verdict(summary: &Summary) -> Exit {
    let blockers = summary.blockers();
    match blockers
        .iter()
        .any(|report| report.verdict == Verdict::Fail)
    {
        true => Exit::Findings,
        false if blockers.is_empty() => Exit::Done,
        false => Exit::CannotAct,
    }
}

pub(super) fn gates(session: &Session<'_>) -> Result<Exit> {
    let (ui, cx) = (session.ui, session.gates());
    for gate in gates::table(&cx) {
        let (configured, why) = match (gate.applies)(&cx)? {
            Applies::Yes => (true, String::new()),
            Applies::No(reason) => (false, reason),
        };
        let cost = format!("{:?}", gate.cost).to_lowercase();
        let last = gates::last(&cx, gate.name);
        let verdict = last.as_ref().map(|last| last.verdict.name());
        ui.event(json!({
            "event": "gate-info", "name": gate.name, "about": gate.about, "cost": cost,
            "configured": configured, "reason": why, "last": last,
        }));
        if !ui.json() {
            let tail = if configured {
                String::new()
            } else {
                format!("  (skipped here: {why})")
            };
            ui.out(&format!(
                "{:<12} {:<8} {:<8} {}{tail}",
                gate.name,
                cost,
                verdict.unwrap_or("-"),
                gate.about
            ));
        }
    }
    Ok(Exit::Done)
}

pub(super) fn doctor(session: &Session<'_>, offline: bool) -> Result<Exit> {
    let ui = session.ui;
    let cx = session.release_cx(&[], None);
    let rows = release::doctor::doctor(&cx, offline)?;
    for row in &rows {
        ui.event(json!({"event": "doctor", "name": row.name, "verdict": row.verdict.name(), "detail": row.detail, "help": row.help}));
        if !ui.json() {
            let mut detail = row.detail.lines();
            ui.out(&format!(
                " {} {:<10} {}",
                ui.verdict(row.verdict),
                row.name,
                detail.next().unwrap_or_default()
            ));
            detail.for_each(|line| ui.out(&format!("            {line}")));
            if let Some(help) = &row.help {
                ui.out(&format!("     help: {}", ui.hint(help)));
            }
        }
    }
    let has = |verdict: Verdict| rows.iter().any(|row| row.verdict == verdict);
    let exit = if has(Verdict::Fail) {
        Exit::Findings
    } else if has(Verdict::Unknown) {
        Exit::CannotAct
    } else {
        Exit::Done
    };
    if !ui.json() {
        ui.out(&ui.bold(if exit == Exit::Done {
            "\neverything a release needs is there"
        } else {
            "\na release would stop: see above"
        }));
    }
    Ok(exit)
}
