//! `artifacts build|verify`.

use std::path::{Path, PathBuf};

use anyhow::Result;
use release::artifacts::attest;
use release::artifacts::rebuild::{self, Verdict};
use release::{Candidate, Paths, inputs, prepare, run, verify};
use serde_json::json;

use super::session::Session;
use crate::cli::ArtifactsCommand;
use crate::exit::Exit;
use crate::render::size;

pub(super) fn artifacts(session: &Session<'_>, command: &ArtifactsCommand) -> Result<Exit> {
    match command {
        ArtifactsCommand::Build { version, skip } => build(session, version, skip),
        ArtifactsCommand::Verify { what, rebuild, tag } => {
            let (exit, dir, known) = check(session, what)?;
            if !*rebuild || exit != Exit::Done {
                return Ok(exit);
            }
            again(session, &dir, tag.as_deref().or(known.as_deref()))
        }
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

/// A version prepared here is also compared with its candidate: sums that were rewritten would agree with themselves.
/// Also the folder that was looked at, and the tag where a version was named.
fn check(session: &Session<'_>, what: &str) -> Result<(Exit, PathBuf, Option<String>)> {
    let ui = session.ui;
    let given = session
        .surroundings
        .cwd
        .clone()
        .unwrap_or_default()
        .join(what);
    let mut dir = given.clone();
    let (mut candidate, mut tag) = (None, None);
    if !given.is_dir() {
        let cx = session.release_cx(&[], None);
        let named = inputs::tag_name(&cx, &session.version(what)?)?;
        let paths = Paths::new(&session.root, &named);
        tag = Some(named);
        candidate = Candidate::load(&session.world, &paths)?;
        dir = paths.artifacts();
    }
    let mut checked = verify::folder(&session.world, &dir)?;
    if let Some(candidate) = &candidate {
        checked.extend(verify::against(candidate, &dir)?);
    }
    let mut bad = 0;
    for file in &checked {
        let problem = file.problem.as_deref();
        bad += usize::from(problem.is_some());
        ui.event(json!({"event": "artifact", "name": file.name, "ok": problem.is_none(), "problem": problem}));
        if !ui.json() {
            ui.out(&format!("{}: {}", file.name, problem.unwrap_or("OK")));
        }
    }
    ui.story(&match bad {
        0 => format!("{} files are what SHA256SUMS.txt says", checked.len()),
        _ => format!(
            "{bad} of {} files are not what they should be",
            checked.len()
        ),
    });
    if bad == 0
        && let Some(command) = attest::ask_platform(&session.world, &dir)?
    {
        ui.story(&format!(
            "the provenance names a run in GitHub Actions; what GitHub itself attests: {command}"
        ));
    }
    let exit = if bad == 0 { Exit::Done } else { Exit::Findings };
    Ok((exit, dir, tag))
}

/// Builds all of it again from the tag. What could not be built here is not known, and that is no pass.
fn again(session: &Session<'_>, dir: &Path, tag: Option<&str>) -> Result<Exit> {
    let (ui, cx) = (session.ui, session.release_cx(&[], None));
    let tag = match tag {
        Some(tag) => tag.to_owned(),
        None => rebuild::tag_of(&cx, dir)?,
    };
    ui.story(&format!("building {tag} again from its tag"));
    let rebuilt = rebuild::rebuild(&cx, &tag, dir)?;
    for asset in &rebuilt {
        let said = asset.verdict.said();
        ui.event(json!({"event": "rebuilt", "name": asset.name, "verdict": asset.verdict.name(), "message": said}));
        if !ui.json() {
            ui.out(&format!("{}: {said}", asset.name));
        }
    }
    let count =
        |test: fn(&Verdict) -> bool| rebuilt.iter().filter(|asset| test(&asset.verdict)).count();
    let wrong = count(Verdict::is_wrong);
    let unknown = count(|verdict| matches!(verdict, Verdict::Unknown(_)));
    let same = count(|verdict| matches!(verdict, Verdict::Same | Verdict::Recompressed(_)));
    ui.story(&format!(
        "{same} rebuilt and the same, {wrong} not the same, {unknown} not known"
    ));
    Ok(if wrong > 0 {
        Exit::Findings
    } else if unknown > 0 || same == 0 {
        Exit::CannotAct
    } else {
        Exit::Done
    })
}
