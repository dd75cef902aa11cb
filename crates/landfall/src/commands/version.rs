//! `version show|check|set|bump`.

use std::cmp::Ordering;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use gates::places::{self, Change, ChangeKind, Outcome, Places, Raise};
use release::bump::{self, Ask};
use release::{Kind, Refusal, paths, run};
use semver::Version;
use serde_json::json;
use world::FileEdit;

use super::preflight;
use super::session::{Session, usage};
use crate::cli::{Level, VersionCommand};
use crate::diff;
use crate::exit::Exit;

pub(super) fn version(session: &Session<'_>, command: &VersionCommand) -> Result<Exit> {
    match command {
        VersionCommand::Show => show(session),
        VersionCommand::Check => preflight::one(session, "version"),
        VersionCommand::Set { version, print } => {
            let version = session.version(version)?;
            set(session, &version, *print)
        }
        VersionCommand::Bump {
            level,
            pre,
            release,
            print,
        } => {
            let version = bumped(session, *level, pre.as_deref(), *release)?;
            set(session, &version, *print)
        }
    }
}

fn bumped(
    session: &Session<'_>,
    level: Level,
    pre: Option<&str>,
    release: bool,
) -> Result<Version> {
    let level = match level {
        Level::Auto => {
            let ask = match pre {
                Some(label) => Ask::Pre(label.to_owned()),
                None if release => Ask::Release,
                None => Ask::Next,
            };
            return session.auto(&ask);
        }
        _ if pre.is_some() || release => {
            return Err(usage(
                "--pre and --release go with `bump auto`",
                "run: cargo xtask version bump auto --pre rc",
            ));
        }
        Level::Major => bump::Level::Major,
        Level::Minor => bump::Level::Minor,
        Level::Patch => bump::Level::Patch,
        Level::Pre => bump::Level::Pre,
        Level::Release => bump::Level::Release,
    };
    session.bumped(level)
}

fn show(session: &Session<'_>) -> Result<Exit> {
    let survey = places::survey(&session.world, &session.root, &session.config)?;
    match &session.config.view {
        Some(view) => show_one(session, &view.group, &survey.places(&view.group)?)?,
        None if !session.config.has_groups() => show_one(session, "", &survey.places("")?)?,
        None => {
            let parts = survey.parts();
            for part in &parts {
                show_one(session, &part.name, &survey.places(&part.name)?)?;
            }
            // Where no package is left for it, what nobody releases has no other place to be told.
            if parts.iter().all(|part| !part.name.is_empty()) {
                say_left_alone(session, &survey.places("")?);
            }
        }
    }
    Ok(Exit::Done)
}

fn show_one(session: &Session<'_>, group: &str, places: &Places) -> Result<()> {
    let ui = session.ui;
    let files: Vec<&str> = places.files.iter().map(|file| file.path.as_str()).collect();
    let found = places::found(&session.world, &session.root, places)?;
    let mut event = json!({"event": "version", "current": places.current.as_ref().map(ToString::to_string), "places": files, "found": found, "left_alone": places.left_alone});
    if let (false, Some(object)) = (group.is_empty(), event.as_object_mut()) {
        object.insert("group".to_owned(), group.into());
    }
    ui.event(event);
    if ui.json() {
        return Ok(());
    }
    let current = places
        .current
        .as_ref()
        .map_or_else(|| "no version is declared".to_owned(), ToString::to_string);
    match group {
        "" => ui.out(&current),
        group => ui.out(&format!("{group} {current}")),
    }
    for file in files {
        let mut lines = found.iter().filter(|found| found.path == file).peekable();
        if lines.peek().is_none() {
            ui.story(&format!("  {file}"));
        }
        for found in lines {
            let (line, column) = (found.line, found.column);
            ui.story(&format!(
                "  {file}:{line}:{column} {} {}",
                found.what, found.version
            ));
        }
    }
    say_left_alone(session, places);
    Ok(())
}

fn say_left_alone(session: &Session<'_>, places: &Places) {
    for (path, reason) in &places.left_alone {
        session.ui.story(&format!("  {path}: left alone, {reason}"));
    }
}

fn set(session: &Session<'_>, version: &Version, print: bool) -> Result<Exit> {
    let ui = session.ui;
    let cx = session.release_cx(&[], None);
    // Held from the look to the last rename: two edits at once would each see the other's half.
    let _lock = if print {
        None
    } else {
        Some(run::lock(&cx, &format!("version set {version}"))?)
    };
    let places = session.places()?;
    release::prepare::refuse_downgrade(&cx, &places, version)?;
    let changes = places::changes(
        &session.world,
        &session.root,
        &session.config,
        &places,
        version,
    )?;
    say_order(session, &places, version);
    let raises = places.raises(version);
    say_raises(session, &raises);
    if print {
        print_diff(session, &changes)?;
        return Ok(Exit::Done);
    }
    ui.edits(&changes, false);
    let edits: Vec<FileEdit> = changes
        .iter()
        .filter(|change| change.kind != ChangeKind::Same)
        .map(|change| FileEdit {
            path: session.root.join(&change.path),
            contents: change.contents.clone(),
        })
        .collect();
    let undo = Undo::of(session, &edits)?;
    let state = paths::state_dir(&session.world, &session.root)?;
    session.world.write_files(&state, &edits)?;
    proved(session, &places, version, &state, &undo)?;
    say_left_alone(session, &places);
    match edits.len() {
        0 => ui.story(&format!(
            "nothing to do: every place carries {version} already"
        )),
        1 => ui.story("1 file changed"),
        count => ui.story(&format!("{count} files changed")),
    }
    Ok(Exit::Done)
}

fn say_order(session: &Session<'_>, places: &Places, version: &Version) {
    let Some(current) = &places.current else {
        return;
    };
    let order = match version.cmp_precedence(current) {
        Ordering::Less => "downgrade",
        Ordering::Equal => "same",
        Ordering::Greater => "upgrade",
    };
    session.ui.event(json!({"event": "version", "old": current.to_string(), "new": version.to_string(), "order": order}));
    session
        .ui
        .story(&format!("{current} → {version} ({order})"));
}

/// What puts the tree back as it was before an edit.
struct Undo {
    edits: Vec<FileEdit>,
    removals: Vec<PathBuf>,
}

impl Undo {
    fn of(session: &Session<'_>, edits: &[FileEdit]) -> Result<Undo> {
        let mut undo = Undo {
            edits: Vec::new(),
            removals: Vec::new(),
        };
        for edit in edits {
            match session.world.read_if_exists(&edit.path)? {
                Some(old) => undo.edits.push(FileEdit {
                    path: edit.path.clone(),
                    contents: old.into_bytes(),
                }),
                None => undo.removals.push(edit.path.clone()),
            }
        }
        Ok(undo)
    }
}

/// Looks whether the edit holds. If one thing does not, the tree is put back as a whole.
fn proved(
    session: &Session<'_>,
    places: &Places,
    version: &Version,
    state: &Path,
    undo: &Undo,
) -> Result<()> {
    let (ui, world) = (session.ui, &session.world);
    let proofs = places::prove(world, &session.root, &session.config, places, version)?;
    let mut broken = None;
    for proof in proofs {
        let (why, shown) = match &proof.outcome {
            Outcome::Held => (None, format!("proved: {}", proof.what)),
            Outcome::Unknown(why) => (Some(why), format!("not proved: {}: {why}", proof.what)),
            Outcome::Broken(said) => (Some(said), format!("not so: {}", proof.what)),
        };
        ui.event(json!({"event": "proof", "what": proof.what, "outcome": proof.outcome.name(), "said": why}));
        ui.story(&shown);
        if let Outcome::Broken(said) = proof.outcome {
            broken.get_or_insert((proof.what, said));
        }
    }
    let Some((what, said)) = broken else {
        return Ok(());
    };
    world
        .change_files(state, &undo.edits, &undo.removals)
        .context("put the old version back")?;
    let kept = match undo.edits.is_empty() && undo.removals.is_empty() {
        true => "nothing was changed",
        false => "every file is as it was before",
    };
    Err(Refusal::new(
        Kind::Findings,
        format!("with {version} it does not hold that {what}; {kept}\n{said}"),
        "mend what it says, then run the same command again",
    )
    .into())
}

/// The groups that follow, each with its reason and how it is released.
fn say_raises(session: &Session<'_>, raises: &[Raise]) {
    let ui = session.ui;
    for raise in raises {
        ui.event(json!({
            "event": "raise",
            "group": if raise.rest { None } else { Some(&raise.group) },
            "old": raise.from.to_string(),
            "new": raise.to.to_string(),
            "breaking": raise.breaking,
            "reason": raise.reason,
        }));
        ui.story(&raise.to_string());
    }
}

/// As a patch, which `git apply` takes.
fn print_diff(session: &Session<'_>, changes: &[Change]) -> Result<()> {
    let ui = session.ui;
    if ui.json() {
        ui.edits(changes, false);
        return Ok(());
    }
    for change in changes
        .iter()
        .filter(|change| change.kind != ChangeKind::Same)
    {
        let old = session
            .world
            .read_if_exists(&session.root.join(&change.path))?;
        let new = String::from_utf8_lossy(&change.contents);
        ui.raw(&diff::unified(&change.path, old.as_deref(), &new));
    }
    Ok(())
}
