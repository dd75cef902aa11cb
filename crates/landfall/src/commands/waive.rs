//! `waive`: a waiver is recorded in the configuration, where a review sees it.

use std::path::Path;

use anyhow::Result;
use config::{Date, Recorded, Refused, Waiver};
use gates::places::{Change, ChangeKind};
use manifest::Place;
use release::{paths, run};
use world::FileEdit;

use super::session::{Session, usage};
use crate::cli::Waive;
use crate::diff;
use crate::exit::Exit;

/// `path`: the configuration, from the root.
pub(super) fn waive(session: &Session<'_>, path: &Path, asked: &Waive) -> Result<Exit> {
    let (ui, world) = (session.ui, &session.world);
    let cx = session.gates();
    gates::check_names(&cx, &[gates::Skip::asked(&asked.gate)])?;
    let today: Date = world.today()?.parse().map_err(anyhow::Error::msg)?;
    let waiver = Waiver::asked(
        &asked.gate,
        &asked.reason,
        &asked.owner,
        &asked.until,
        today,
    );
    let waiver = waiver.map_err(|why| refused(&why))?;
    // Held from the look to the rename: of two waivers at once one would be lost.
    let _lock = if asked.print {
        None
    } else {
        let cx = session.release_cx(&[], None);
        Some(run::lock(&cx, &format!("waive {}", asked.gate))?)
    };
    let full = session.root.join(path);
    let old = world.read_if_exists(&full)?;
    let own: Vec<&str> = cx.own.iter().map(|gate| gate.name).collect();
    let recorded = config::record(old.as_deref().unwrap_or_default(), &waiver, &own);
    let recorded = recorded.map_err(|why| refused(&why))?;
    let change = change(path, old.is_some(), &waiver, &recorded);
    if asked.print {
        if ui.json() {
            ui.edits(&[change], false);
        } else {
            ui.raw(&diff::unified(&change.path, old.as_deref(), &recorded.text));
        }
        return Ok(Exit::Done);
    }
    let edit = FileEdit {
        path: full,
        contents: change.contents.clone(),
    };
    // As every edit of ours: whole or not at all, with the mode it had, and through a link.
    world.write_files(&paths::state_dir(world, &session.root)?, &[edit])?;
    ui.edits(&[change], false);
    ui.story(&format!(
        "{} may fail until {} ({}): {}",
        waiver.gate, waiver.until, waiver.owner, waiver.reason
    ));
    ui.story(&format!(
        "commit {}: a waiver holds for those who have it",
        path.display()
    ));
    Ok(Exit::Done)
}

fn refused(why: &Refused) -> anyhow::Error {
    usage(&why.message, &why.help)
}

fn change(path: &Path, there: bool, waiver: &Waiver, recorded: &Recorded) -> Change {
    let before = recorded.before.map(|day| day.to_string());
    Change {
        path: path.display().to_string(),
        kind: match there {
            true => ChangeKind::Change,
            false => ChangeKind::Create,
        },
        places: vec![Place {
            line: recorded.line,
            column: recorded.column,
            what: format!("waiver of {}", waiver.gate),
            old: before.unwrap_or_else(|| "none".to_owned()),
            new: waiver.until.to_string(),
        }],
        contents: recorded.text.clone().into_bytes(),
    }
}
