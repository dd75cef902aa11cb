//! Makes the draft the public release: one rename, after the set of files was found equal to ours.

use anyhow::Result;
use world::Cmd;

use super::folder::{self, Compared};
use super::{Reversal, Stage, Step, StepCx, View};

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
        Compared::Absent => Ok(match folder::compare(step, &at.draft)? {
            Compared::Equal => View::Todo(plan(step)?),
            Compared::Foreign(found) => conflict(found),
            Compared::Absent | Compared::Partial(_) => conflict(format!(
                "the draft {} is no longer complete",
                at.draft.display()
            )),
        }),
        Compared::Partial(missing) => Ok(conflict(format!(
            "{} was published but {} of its files are missing or changed",
            at.published.display(),
            missing.len()
        ))),
        Compared::Foreign(found) => Ok(conflict(found)),
    }
}

fn conflict(found: String) -> View {
    View::Conflict {
        found,
        help: "look at it; put the files back or move them away, then run again".to_owned(),
    }
}
