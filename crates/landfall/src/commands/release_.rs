//! `plan`, `release`, `status`, `abort`.

use std::io::Write as _;
use std::sync::mpsc;
use std::time::Duration;

use anyhow::Result;
use release::plan::Plan;
use release::run::{Approval, Options, Outcome};
use release::{Candidate, Cx, Event, Kind, Paths, Refusal, Stage, View, abort, rehearse, run};
use semver::Version;
use serde_json::json;

use super::session::Session;
use crate::cli::{Format, Until};
use crate::exit::Exit;
use crate::summary;

pub(super) struct Asked<'a> {
    pub(super) rehearse: bool,
    pub(super) yes: bool,
    pub(super) approve: Option<&'a str>,
    pub(super) until: Until,
    pub(super) skip: &'a [String],
    pub(super) jobs: Option<usize>,
}

impl From<Until> for Stage {
    fn from(until: Until) -> Stage {
        match until {
            Until::Staged => Stage::Staged,
            Until::Public => Stage::Public,
            Until::Live => Stage::Live,
            Until::Promoted => Stage::Promoted,
        }
    }
}

pub(super) fn release(session: &Session<'_>, version: &str, asked: &Asked<'_>) -> Result<Exit> {
    let version = session.version(version)?;
    let cx = session.release_cx(asked.skip, asked.jobs);
    let result = if asked.rehearse {
        rehearsal(session, &cx, &version, asked)
    } else {
        real(session, &cx, &version, asked)
    };
    if let Err(error) = &result {
        let outcome = match error.downcast_ref::<Refusal>().map(|refusal| refusal.kind) {
            Some(Kind::Conflict) => "conflict",
            Some(Kind::Awaiting) => "awaiting-approval",
            _ => "failed",
        };
        let next = error
            .downcast_ref::<Refusal>()
            .map(|refusal| session.ui.hint(&refusal.help));
        session
            .ui
            .event(json!({"event": "release", "outcome": outcome, "next": next}));
    }
    result
}

fn real(session: &Session<'_>, cx: &Cx, version: &Version, asked: &Asked<'_>) -> Result<Exit> {
    let ask = |candidate: &Candidate, digest: &str| ask(session, candidate, digest);
    let approval = match asked.approve {
        _ if asked.yes => Approval::Yes,
        Some(digest) => Approval::Digest(digest.to_owned()),
        // A program that reads events cannot answer a question between them.
        None if session.surroundings.stdin_terminal && !session.ui.json() => Approval::Ask(&ask),
        None => Approval::Nobody,
    };
    let outcome = run::release(
        cx,
        version,
        &Options {
            approval,
            until: asked.until.into(),
        },
    )?;
    let ui = session.ui;
    match outcome {
        Outcome::Released { candidate, before } => {
            let paths = Paths::new(&cx.root, &candidate.inputs.tag);
            let next = "git pull --ff-only";
            ui.event(json!({"event": "release", "outcome": "released", "stage": last_stage(asked.until.into()), "changed": !before, "next": next}));
            if !ui.json() {
                let forge = session
                    .config
                    .forge
                    .as_ref()
                    .map(|forge| forge.path.as_str());
                summary::released(ui, &candidate, &paths, forge, before);
            }
        }
        Outcome::Staged { candidate, digest } => {
            let paths = Paths::new(&cx.root, &candidate.inputs.tag);
            let next = ui.hint(&format!("cargo xtask release {version} --approve {digest}"));
            ui.event(json!({"event": "release", "outcome": "awaiting-approval", "stage": "staged", "next": next}));
            if !ui.json() {
                summary::staged(ui, &candidate, &paths, &digest);
                summary::staged_next(ui, &candidate, &digest);
            }
        }
    }
    Ok(Exit::Done)
}

/// The last stage that has steps, up to the asked one.
fn last_stage(until: Stage) -> Stage {
    release::steps::STEPS
        .iter()
        .map(|step| step.stage)
        .filter(|stage| *stage <= until)
        .max()
        .unwrap_or(Stage::Staged)
}

fn rehearsal(session: &Session<'_>, cx: &Cx, version: &Version, asked: &Asked<'_>) -> Result<Exit> {
    let (area, outcome) = rehearse::rehearse(cx, version, asked.until.into())?;
    let (Outcome::Released { candidate, .. } | Outcome::Staged { candidate, .. }) = outcome;
    let paths = Paths::new(&area.repository, &candidate.inputs.tag);
    let ui = session.ui;
    let next = ui.hint(&format!("cargo xtask release {version}"));
    ui.event(json!({"event": "release", "outcome": "rehearsed", "stage": last_stage(asked.until.into()), "next": next}));
    if !ui.json() {
        summary::rehearsed(ui, &candidate, &paths, &area, &session.root);
    }
    Ok(Exit::Done)
}

fn ask(session: &Session<'_>, candidate: &Candidate, digest: &str) -> Result<bool> {
    let ui = session.ui;
    let paths = Paths::new(&session.root, &candidate.inputs.tag);
    summary::staged(ui, candidate, &paths, digest);
    let short = &digest[..8];
    // Not a yes that a hurried hand types by itself: what is approved is this candidate.
    ui.raw(&format!(
        "\nbeyond this point others see it. Approve? type {short} or anything else to stop: "
    ));
    std::io::stdout().flush()?;
    let line = read_line(session)?;
    Ok(line.trim() == short || line.trim() == digest)
}

/// One line from the terminal, or the end by Ctrl-C: a read alone would go on after the signal.
fn read_line(session: &Session<'_>) -> Result<String> {
    let (sender, answer) = mpsc::channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        let read = std::io::stdin().read_line(&mut line).map(|_| line);
        // Nobody listens any more after an interrupt.
        sender.send(read).ok();
    });
    loop {
        session.world.check_interrupt()?;
        match answer.recv_timeout(Duration::from_millis(20)) {
            Ok(line) => return Ok(line?),
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            Err(mpsc::RecvTimeoutError::Disconnected) => return Ok(String::new()),
        }
    }
}

pub(super) fn plan(session: &Session<'_>, version: &str) -> Result<Exit> {
    let version = session.version(version)?;
    let cx = session.release_cx(&[], None);
    let plan = release::plan::plan(&cx, &version)?;
    match session.ui.format {
        Format::Sh => session.ui.raw(&session.ui.hint(&plan.script())),
        Format::Json => plan_events(session, &plan),
        Format::Human => plan_page(session, &plan),
    }
    Ok(Exit::Done)
}

fn plan_events(session: &Session<'_>, plan: &Plan) {
    session.ui.event(json!({"event": "plan", "inputs": plan.inputs, "files": plan.files, "prepare": plan.prepare, "prepared": plan.prepared}));
    for step in &plan.steps {
        session.ui.event(json!({
            "event": "step", "name": step.name, "stage": step.stage, "view": "todo", "reversal": step.reversal,
            "commands": step.commands, "evidence": "",
        }));
    }
}

fn plan_page(session: &Session<'_>, plan: &Plan) {
    let (ui, inputs) = (session.ui, &plan.inputs);
    let from = plan
        .current
        .as_ref()
        .map_or_else(|| "no version".to_owned(), ToString::to_string);
    ui.out(&ui.bold(&format!(
        "{} {from} → {}  ({} on {}, previous {})",
        inputs.project,
        inputs.version,
        inputs.tag,
        inputs.branch,
        inputs.previous.as_deref().unwrap_or("none")
    )));
    ui.out(&format!(
        "\n{}  in a scratch worktree; nothing is visible to others",
        ui.bold("prepare")
    ));
    plan.prepare
        .iter()
        .for_each(|line| ui.out(&format!("  $ {}", ui.hint(line))));
    ui.out(&format!(
        "  changes {}",
        plan.files
            .iter()
            .map(String::as_str)
            .chain([session.config.changelog.path.as_str()])
            .collect::<Vec<_>>()
            .join(", ")
    ));
    let mut stage = None;
    for step in &plan.steps {
        if stage != Some(step.stage) {
            if step.stage == Stage::Public {
                ui.out(&format!(
                    "\n{}",
                    ui.bold(
                        "════ point of no return: a person approves the candidate's digest ════"
                    )
                ));
            }
            ui.out(&format!("\n{}", ui.bold(&step.stage.to_string())));
            stage = Some(step.stage);
        }
        ui.out(&format!(
            "  {:<8} {} ({})",
            step.name, step.about, step.reversal
        ));
        if step.commands.is_empty() {
            ui.out("    nothing to do");
        }
        step.commands
            .iter()
            .for_each(|command| ui.out(&format!("    $ {command}")));
    }
}

pub(super) fn status(session: &Session<'_>, version: &str) -> Result<Exit> {
    let version = session.version(version)?;
    let ui = session.ui;
    let cx = session.release_cx(&[], None);
    let status = release::status::status(&cx, &version)?;
    let mut exit = Exit::Done;
    if !ui.json() {
        match (&status.candidate, &status.remote_tag) {
            (Some(candidate), _) => {
                ui.out(&format!(
                    "candidate  {} (commit {})",
                    candidate.digest()?,
                    candidate.commit
                ));
            }
            (None, Some(object)) => ui.out(&format!(
                "no candidate here; the remote has the tag, object {object}"
            )),
            (None, None) => ui.out(&format!(
                "no candidate of {version} here, and no tag on the remote"
            )),
        }
    }
    for (step, view) in &status.steps {
        match view {
            Ok(view) => {
                if ui.json() {
                    ui.release(&Event::Step { step, view });
                }
                if matches!(view, View::Conflict { .. }) {
                    exit = Exit::Conflict;
                }
            }
            Err(error) => {
                exit = Exit::CannotAct;
                ui.event(json!({"event": "step", "name": step.name, "stage": step.stage, "view": "unknown", "evidence": format!("{error:#}")}));
            }
        }
        if !ui.json() {
            let line = match view {
                Ok(View::Done { evidence }) => format!("done      {evidence}"),
                Ok(View::Todo(commands)) => format!("todo      {} commands", commands.len()),
                Ok(View::Conflict { found, .. }) => format!("conflict  {found}"),
                Err(error) => format!("unknown   {error:#}"),
            };
            ui.out(&format!("  {:<8} {:<8} {line}", step.stage, step.name));
        }
    }
    let stage = status.stage();
    let next = ui.hint(&status.next);
    ui.event(
        json!({"event": "status", "version": version.to_string(), "stage": stage, "next": next}),
    );
    if !ui.json() {
        ui.out(&format!("next: {next}"));
    }
    Ok(exit)
}

pub(super) fn abort(session: &Session<'_>, version: &str) -> Result<Exit> {
    let version = session.version(version)?;
    let cx = session.release_cx(&[], None);
    let aborted = abort::abort(&cx, &version)?;
    let text = match aborted {
        abort::Aborted::Erased => {
            format!("{version} is erased: nothing of it is left, here or on the remote")
        }
        abort::Aborted::Nothing => format!("nothing to erase: no candidate of {version} is here"),
    };
    session.ui.event(json!({"event": "abort", "version": version.to_string(), "erased": aborted == abort::Aborted::Erased}));
    if !session.ui.json() {
        session.ui.out(&text);
    }
    Ok(Exit::Done)
}
