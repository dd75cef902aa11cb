//! Puts notes and artifacts on the forge, unseen by the public.

use std::path::{Path, PathBuf};

use anyhow::Result;
use world::Cmd;

use super::folder::{self, Compared, Folder};
use super::{Reversal, Stage, Step, StepCx, View};

pub(super) const STEP: Step = Step {
    name: "draft",
    about: "put notes and artifacts on the forge as a draft",
    stage: Stage::Staged,
    reversal: Reversal::Erasable,
    plan,
    forward,
    backward: Some(backward),
};

fn run(step: &StepCx<'_>, program: &str, args: &[&Path]) -> Cmd {
    Cmd::new(&step.cx.root, program).arg("--").args(args)
}

/// `release.json` comes by a rename, for it says whose the folder is: a cut copy of it would look like a stranger's.
pub(super) fn commands(step: &StepCx<'_>, at: &Folder, missing: &[(PathBuf, PathBuf)]) -> Vec<Cmd> {
    let mark = at.draft.join("release.json");
    let mut commands = vec![
        Cmd::new(&step.cx.root, "mkdir")
            .arg("-p")
            .arg("--")
            .arg(at.draft.join("assets")),
    ];
    for (from, to) in missing {
        let from = step.paths.shown(from);
        if *to == mark {
            let partial = at.draft.join(folder::PARTIAL);
            commands.push(run(step, "cp", &[&from, &partial]));
            commands.push(run(step, "mv", &[&partial, to]));
        } else {
            commands.push(run(step, "cp", &[&from, to]));
        }
    }
    commands
}

fn plan(step: &StepCx<'_>) -> Result<Vec<Cmd>> {
    let Some(at) = folder::of(step) else {
        return Ok(Vec::new());
    };
    all(step, &at)
}

/// Every file of the release, as if there were no draft.
pub(super) fn all(step: &StepCx<'_>, at: &Folder) -> Result<Vec<Cmd>> {
    let files: Vec<_> = folder::files(step)?
        .into_iter()
        .map(|(from, to, _)| (from, at.draft.join(to)))
        .collect();
    Ok(commands(step, at, &files))
}

fn forward(step: &StepCx<'_>) -> Result<View> {
    let Some(at) = folder::of(step) else {
        return Ok(View::Done {
            evidence: "nothing to do: no [forge] in release.toml".to_owned(),
        });
    };
    match folder::compare(step, &at.published)? {
        Compared::Equal => {
            return Ok(View::Done {
                evidence: format!("published in {}", at.published.display()),
            });
        }
        Compared::Absent => {}
        // What stands where the release goes is seen before the tag is public, not after.
        taken => return Ok(folder::taken(&at, taken)),
    }
    match folder::compare(step, &at.draft)? {
        Compared::Absent => Ok(View::Todo(plan(step)?)),
        Compared::Equal => Ok(View::Done {
            evidence: format!("{} holds our files, byte for byte", at.draft.display()),
        }),
        Compared::Partial(missing) => Ok(View::Todo(commands(step, &at, &missing))),
        Compared::Foreign(found) => Ok(View::Conflict {
            found,
            help: "look at it; move it away if it is not wanted, then run again".to_owned(),
        }),
    }
}

fn backward(step: &StepCx<'_>) -> Result<View> {
    let Some(at) = folder::of(step) else {
        return Ok(View::Done {
            evidence: "no forge".to_owned(),
        });
    };
    match folder::compare(step, &at.draft)? {
        Compared::Absent => Ok(View::Done {
            evidence: format!("no {}", at.draft.display()),
        }),
        Compared::Equal | Compared::Partial(_) => Ok(View::Todo(vec![
            Cmd::new(&step.cx.root, "rm")
                .arg("-r")
                .arg("--")
                .arg(&at.draft),
        ])),
        Compared::Foreign(found) => Ok(View::Done {
            evidence: format!("left alone: {found}"),
        }),
    }
}
