//! `changelog write|show|notes|check`.

use anyhow::Result;
use release::changelog::Mode;
use release::{Inputs, paths, run};
use serde_json::json;
use world::FileEdit;

use super::preflight;
use super::session::Session;
use crate::cli::ChangelogCommand;
use crate::exit::Exit;

pub(super) fn changelog(session: &Session<'_>, command: &ChangelogCommand) -> Result<Exit> {
    match command {
        ChangelogCommand::Write {
            version,
            is_final,
            replace,
        } => {
            let mode = if *is_final { Mode::Final } else { Mode::Draft };
            write(session, version, mode, *replace)
        }
        ChangelogCommand::Show { version, .. } => {
            let cx = session.release_cx(&[], None);
            let text = match version {
                Some(version) => {
                    let inputs = Inputs::pin(&cx, &session.version(version)?)?;
                    release::changelog::generate(&cx, &cx.git(), &inputs)?.section
                }
                None => release::changelog::whole(&cx)?,
            };
            session.ui.raw(&text);
            Ok(Exit::Done)
        }
        ChangelogCommand::Notes { version } => {
            let name = &session.config.changelog.path;
            let text = session
                .world
                .read_if_exists(&session.root.join(name))?
                .unwrap_or_default();
            session.ui.raw(&release::changelog::section_of(
                &text,
                &session.version(version)?,
                name,
            )?);
            Ok(Exit::Done)
        }
        ChangelogCommand::Check => preflight::one(session, "changelog"),
    }
}

fn write(session: &Session<'_>, version: &str, mode: Mode, replace: bool) -> Result<Exit> {
    let (ui, version) = (session.ui, session.version(version)?);
    let cx = session.release_cx(&[], None);
    let _lock = run::lock(&cx, &format!("changelog write {version}"))?;
    let inputs = Inputs::pin(&cx, &version)?;
    let log = release::changelog::with_section(&cx, &session.root, &inputs, mode, replace)?;
    for note in &log.notes {
        ui.story(note);
    }
    let kind = match (&log.old, log.changed()) {
        (None, _) => "create",
        (Some(_), true) => "change",
        (Some(_), false) => "same",
    };
    ui.event(json!({"event": "edit", "path": log.name, "kind": kind, "matches": 1}));
    if !log.changed() {
        ui.story(&match &log.tally {
            Some(tally) => format!(
                "nothing to do: {} has the section of {version} ({})",
                log.name,
                release::changelog::said(tally)
            ),
            None => format!(
                "nothing to do: {} has a section for {version} already (--replace writes it anew)",
                log.name
            ),
        });
        return Ok(Exit::Done);
    }
    let edit = FileEdit {
        path: log.path.clone(),
        contents: log.new.clone().into_bytes(),
    };
    session
        .world
        .write_files(&paths::state_dir(&session.world, &session.root)?, &[edit])?;
    let what = match mode {
        Mode::Draft => "draft of section",
        Mode::Final => "section",
    };
    let said = log.tally.as_ref().map(release::changelog::said);
    ui.story(&format!(
        "{}: {what} {version} written, {} lines{}",
        log.name,
        log.section.lines().count(),
        said.map_or_else(String::new, |said| format!(": {said}"))
    ));
    Ok(Exit::Done)
}
