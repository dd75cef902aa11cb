//! `preflight`, `gates`, `doctor`.

use anyhow::Result;
use gates::{Applies, GATES, Request, Verdict};
use serde_json::json;

use super::session::{Session, default_jobs};
use crate::exit::Exit;

pub(super) fn preflight(
    session: &Session<'_>,
    names: &[String],
    skip: &[String],
    quick: bool,
    jobs: Option<usize>,
) -> Result<Exit> {
    let request = Request {
        names: names.to_vec(),
        skip: skip.to_vec(),
        quick,
        jobs: jobs.unwrap_or_else(default_jobs),
    };
    let ui = session.ui;
    let summary = gates::run(&session.gates(), &request, &|progress| {
        ui.gate(&progress, false);
    })?;
    let left_out = &session.config.gates.skip;
    let whole = names.is_empty() && skip.is_empty() && left_out.is_empty() && !quick;
    ui.preflight(&summary, whole);
    Ok(verdict(&summary))
}

/// One gate by its own command, without a verdict over all.
pub(super) fn one(session: &Session<'_>, name: &str) -> Result<Exit> {
    let request = Request {
        names: vec![name.to_owned()],
        skip: Vec::new(),
        quick: false,
        jobs: 1,
    };
    let ui = session.ui;
    let summary = gates::run(&session.gates(), &request, &|progress| {
        ui.gate(&progress, false);
    })?;
    Ok(verdict(&summary))
}

/// 1 when a gate failed, 2 when one could not look and none failed.
fn verdict(summary: &gates::Summary) -> Exit {
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
    for gate in GATES {
        let (configured, why) = match (gate.applies)(&cx)? {
            Applies::Yes => (true, String::new()),
            Applies::No(reason) => (false, reason),
        };
        let cost = format!("{:?}", gate.cost).to_lowercase();
        ui.event(json!({"event": "gate-info", "name": gate.name, "about": gate.about, "cost": cost, "configured": configured, "reason": why}));
        if !ui.json() {
            let tail = if configured {
                String::new()
            } else {
                format!("  (skipped here: {why})")
            };
            ui.out(&format!(
                "{:<10} {:<8} {}{tail}",
                gate.name, cost, gate.about
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
