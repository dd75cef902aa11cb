//! Makes the release public in git: branch and annotated tag in one atomic push, and the private branch gone.

use anyhow::Result;
use world::Cmd;

use super::{Reversal, Stage, Step, StepCx, View};

pub(super) const STEP: Step = Step {
    name: "refs",
    about: "push branch and annotated tag in one atomic push",
    stage: Stage::Public,
    reversal: Reversal::Compensable,
    plan,
    forward,
    backward: None,
};

/// What the remote has of ours.
struct Seen {
    branch: Option<String>,
    tag: Option<String>,
    staging: Option<String>,
}

fn look(step: &StepCx<'_>) -> Result<Seen> {
    let inputs = &step.candidate.inputs;
    let (branch, tag) = names(step);
    let staging = inputs.staging_ref(step.cx)?;
    let refs = step
        .cx
        .git()
        .remote_refs(&inputs.remote, &[&branch, &tag, &staging])?;
    let at = |name: &str| {
        refs.iter()
            .find(|(_, found)| found == name)
            .map(|(object, _)| object.clone())
    };
    Ok(Seen {
        branch: at(&branch),
        tag: at(&tag),
        staging: at(&staging),
    })
}

fn names(step: &StepCx<'_>) -> (String, String) {
    let inputs = &step.candidate.inputs;
    (
        format!("refs/heads/{}", inputs.branch),
        format!("refs/tags/{}", inputs.tag),
    )
}

fn push(step: &StepCx<'_>, with_staging: bool) -> Result<Cmd> {
    let candidate = step.candidate;
    let (branch, tag) = names(step);
    let mut cmd = step
        .cx
        .git()
        .cmd(["push", "--quiet", "--atomic"])
        .arg(&candidate.inputs.remote);
    if candidate.commit != candidate.inputs.base {
        cmd = cmd.arg(format!("{}:{branch}", candidate.commit));
    }
    cmd = cmd.arg(format!("{}:{tag}", candidate.tag_object));
    if with_staging {
        cmd = cmd.arg(format!(":{}", candidate.inputs.staging_ref(step.cx)?));
    }
    Ok(cmd)
}

fn plan(step: &StepCx<'_>) -> Result<Vec<Cmd>> {
    Ok(vec![push(
        step,
        step.candidate.commit != step.candidate.inputs.base,
    )?])
}

fn forward(step: &StepCx<'_>) -> Result<View> {
    let candidate = step.candidate;
    let inputs = &candidate.inputs;
    let seen = look(step)?;
    match &seen.tag {
        // The push is atomic: where our very tag object is, our commit went too. The branch may have moved on since.
        Some(found) if *found == candidate.tag_object => {
            return Ok(View::Done {
                evidence: format!("{} is {found} on {}", inputs.tag, inputs.remote),
            });
        }
        Some(found) => {
            return Ok(View::Conflict {
                found: format!(
                    "the tag {} on {} is {found}, not our {}",
                    inputs.tag, inputs.remote, candidate.tag_object
                ),
                help: format!(
                    "somebody else made it; nothing public was changed: abort {} and choose another version",
                    inputs.version
                ),
            });
        }
        None => {}
    }
    match &seen.branch {
        Some(found) if *found == inputs.base || *found == candidate.commit => {}
        Some(found) => {
            return Ok(View::Conflict {
                found: format!(
                    "{} on {} is {found}, the candidate was made from {}",
                    inputs.branch, inputs.remote, inputs.base
                ),
                help: format!(
                    "the branch moved meanwhile; nothing public was changed: cargo xtask abort {v}, update, then cargo xtask release {v}",
                    v = inputs.version
                ),
            });
        }
        None => {
            return Ok(View::Conflict {
                found: format!("{} has no branch {}", inputs.remote, inputs.branch),
                help: "set `branch` in [release] of release.toml to the branch that is released"
                    .to_owned(),
            });
        }
    }
    Ok(View::Todo(vec![push(
        step,
        seen.staging.as_ref() == Some(&candidate.commit),
    )?]))
}
