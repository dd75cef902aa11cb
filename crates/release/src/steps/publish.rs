//! Makes the draft the public release: one rename, after the set of files was found equal to ours.

use anyhow::Result;
use world::Cmd;

use super::folder::{self, Compared};
use super::{Reversal, Stage, Step, StepCx, View, draft};

pub(super) const STEP: Step = Step {
    name: "publish",
    about: "make the draft the public release",
    stage: Stage::Public,
    reversal: Reversal::Compensable,
    plan,
    forward,
    backward: None,
};

fn plan(step: &StepCx<'_>) -> Result<Vec<Cmd>> {
    Ok(folder::of(step)
        .map(|at| {
            Cmd::new(&step.cx.root, "mv")
                .arg("--")
                .arg(at.draft)
                .arg(at.published)
        })
        .into_iter()
        .collect())
}

fn forward(step: &StepCx<'_>) -> Result<View> {
    let Some(at) = folder::of(step) else {
        return Ok(View::Done {
            evidence: "nothing to do: no [forge] in release.toml".to_owned(),
        });
    };
    match folder::compare(step, &at.published)? {
        Compared::Equal => Ok(View::Done {
            evidence: format!("{} holds our files, byte for byte", at.published.display()),
        }),
        Compared::Absent => match folder::compare(step, &at.draft)? {
            Compared::Equal => Ok(View::Todo(plan(step)?)),
            // Not staged yet, or something of it went away since: what is missing comes first.
            Compared::Absent => todo(step, draft::all(step, &at)?),
            Compared::Partial(missing) => todo(step, draft::commands(step, &at, &missing)),
            Compared::Foreign(found) => Ok(folder::conflict(found)),
        },
        taken => Ok(folder::taken(&at, taken)),
    }
}

fn todo(step: &StepCx<'_>, mut commands: Vec<Cmd>) -> Result<View> {
    commands.extend(plan(step)?);
    Ok(View::Todo(commands))
}
