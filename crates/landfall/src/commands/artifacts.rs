//! `artifacts build|verify`.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;
use release::artifacts::attest;
use release::verify::{self, Asked, Looked, Subject, Verdict};
use release::{prepare, run};
use serde_json::json;
use world::{Interrupt, Secrets};

use super::session::{self, Session};
use crate::cli::{ArtifactsCommand, Cli, Verify};
use crate::exit::Exit;
use crate::render::{DIM, GREEN, RED, Ui, YELLOW, size};
use crate::surroundings::Surroundings;

pub(super) fn artifacts(session: &Session<'_>, command: &ArtifactsCommand) -> Result<Exit> {
    match command {
        ArtifactsCommand::Build { version, skip } => build(session, version, skip),
        ArtifactsCommand::Verify(asked) => verify(session, asked),
    }
}

fn build(session: &Session<'_>, version: &str, skip: &[String]) -> Result<Exit> {
    let (ui, version) = (session.ui, session.version(version)?);
    let cx = session.release_cx(skip, None);
    let _lock = run::lock(&cx, &format!("artifacts build {version}"))?;
    let (candidate, paths) = prepare::prepare(&cx, &version)?;
    ui.release(&release::Event::Candidate(&candidate));
    if !ui.json() {
        for artifact in &candidate.artifacts {
            let path = paths.shown(&paths.artifacts().join(&artifact.name));
            ui.out(&format!(
                "{}  {}  sha256 {}",
                path.display(),
                size(artifact.size),
                artifact.sha256
            ));
        }
    }
    Ok(Exit::Done)
}

/// A folder can be verified where there is no repository, and no git.
pub(super) fn outside(
    cli: &Cli,
    surroundings: &Surroundings,
    ui: &Arc<Ui>,
    asked: &Verify,
) -> Result<Option<Exit>> {
    let dir = folder(surroundings, asked);
    if !dir.is_dir() {
        return Ok(None);
    }
    let world = session::world(
        surroundings,
        ui,
        &Interrupt::install()?,
        Secrets::default(),
        session::of_several_lines(surroundings),
    )?;
    if session::in_repository(cli, surroundings, &world) {
        return Ok(None);
    }
    let subject = Subject::folder(&world, None, &dir, wanted(surroundings, asked))?;
    Ok(Some(check(ui, &subject)))
}

fn folder(surroundings: &Surroundings, asked: &Verify) -> PathBuf {
    let cwd = surroundings.cwd.clone().unwrap_or_default();
    cwd.join(&asked.what)
}

fn wanted(surroundings: &Surroundings, asked: &Verify) -> Asked {
    let cwd = surroundings.cwd.clone().unwrap_or_default();
    Asked {
        remote: asked.remote,
        rebuild: asked.rebuild,
        signers: asked.signers.as_ref().map(|signers| cwd.join(signers)),
        tag: asked.tag.clone(),
    }
}

fn verify(session: &Session<'_>, asked: &Verify) -> Result<Exit> {
    let (cx, dir) = (
        session.release_cx(&[], None),
        folder(session.surroundings, asked),
    );
    let subject = if dir.is_dir() {
        Subject::folder(
            &session.world,
            Some(&cx),
            &dir,
            wanted(session.surroundings, asked),
        )?
    } else {
        let version = session.version(&asked.what)?;
        Subject::version(
            &session.world,
            &cx,
            &version,
            wanted(session.surroundings, asked),
        )?
    };
    Ok(check(session.ui, &subject))
}

fn check(ui: &Ui, subject: &Subject<'_>) -> Exit {
    let report = verify::verify(subject, &|looked| tell(ui, looked));
    let (proved, unproved) = (report.proved(), report.unproved());
    let [failed, unknown] = [Verdict::Fail, Verdict::Unknown].map(|verdict| report.count(verdict));
    ui.event(json!({
        "event": "verified", "ok": failed + unknown == 0, "failed": failed, "unknown": unknown,
        "proved": proved, "unproved": unproved,
    }));
    if !ui.json() {
        ui.out("");
        for (word, list) in [
            ("proved", proved.into_iter().map(str::to_owned).collect()),
            ("not proved", unproved),
        ] {
            let list: Vec<String> = list;
            list.iter()
                .for_each(|what| ui.out(&format!("{word}: {what}")));
        }
    }
    match (failed, unknown) {
        (0, 0) => {
            if let Ok(Some(command)) = attest::ask_platform(subject.world(), subject.dir()) {
                ui.story(&format!(
                    "the provenance names a run in GitHub Actions; what GitHub itself attests: {command}"
                ));
            }
            ui.story("nothing is wrong with what was looked at");
            Exit::Done
        }
        (0, _) => {
            ui.story(&format!(
                "{unknown} could not be looked at: unknown is not good"
            ));
            Exit::CannotAct
        }
        _ => {
            ui.story(&format!("{failed} are not what they should be"));
            Exit::Findings
        }
    }
}

/// One line an item, and under it what to do.
fn tell(ui: &Ui, looked: &Looked) {
    let check = looked.check.name;
    for item in &looked.items {
        let way = item.way.map(|way| way.name);
        let help = item.way.map(|way| ui.hint(way.help));
        ui.event(json!({
            "event": "check", "check": check, "item": item.name, "verdict": item.verdict,
            "way": way, "message": item.message, "help": help,
        }));
        if ui.json() {
            continue;
        }
        let style = match item.verdict {
            Verdict::Pass => GREEN,
            Verdict::Warn => YELLOW,
            Verdict::Fail | Verdict::Unknown => RED,
            Verdict::Idle => DIM,
        };
        let word = ui.paint(style, &format!("{:<8}", item.verdict.word()));
        ui.out(&format!("{word}{check:<11}{}: {}", item.name, item.message));
        if let Some(help) = help {
            ui.out(&ui.paint(DIM, &format!("{:19}{help}", "")));
        }
    }
}
