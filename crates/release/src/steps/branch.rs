//! Keeps the candidate's commit on the remote under a private branch, so that CI and another machine can have it
//! before it is public. `refs` removes it in the same push that makes the release public.

use anyhow::Result;
use world::Cmd;

use super::{Reversal, Stage, Step, StepCx, View};

pub(super) const STEP: Step = Step {
    name: "branch",
    about: "push the release commit to a private branch of the remote",
    stage: Stage::Staged,
    reversal: Reversal::Erasable,
    plan,
    forward,
    backward: Some(backward),
};

fn push(step: &StepCx<'_>, refspec: &str, lease: Option<&str>) -> Cmd {
    let inputs = &step.candidate.inputs;
    let mut args = vec![
        "push".to_owned(),
        "--quiet".to_owned(),
        "--no-verify".to_owned(),
    ];
    args.extend(lease.map(|lease| format!("--force-with-lease={lease}")));
    args.extend([inputs.remote.clone(), refspec.to_owned()]);
    step.cx.git().cmd(args)
}

fn plan(step: &StepCx<'_>) -> Result<Vec<Cmd>> {
    let candidate = step.candidate;
    if candidate.commit == candidate.inputs.base {
        return Ok(Vec::new());
    }
    let staging = candidate.inputs.staging_ref(step.cx)?;
    Ok(vec![push(
        step,
        &format!("{}:{staging}", candidate.commit),
        None,
    )])
}

fn forward(step: &StepCx<'_>) -> Result<View> {
    let candidate = step.candidate;
    let inputs = &candidate.inputs;
    if candidate.commit == inputs.base {
        return Ok(View::Done {
            evidence: "the release commit is the base itself, which the remote has".to_owned(),
        });
    }
    let staging = inputs.staging_ref(step.cx)?;
    let tag = format!("refs/tags/{}", inputs.tag);
    let refs = step
        .cx
        .git()
        .remote_refs(&inputs.remote, &[&staging, &tag])?;
    let at = |name: &str| {
        refs.iter()
            .find(|(_, found)| found == name)
            .map(|(object, _)| object.as_str())
    };
    if at(&tag) == Some(&candidate.tag_object) {
        return Ok(View::Done {
            evidence: format!("{} holds the commit on {}", inputs.tag, inputs.remote),
        });
    }
    match at(&staging) {
        Some(found) if found == candidate.commit => Ok(View::Done {
            evidence: format!("{staging} is {found} on {}", inputs.remote),
        }),
        Some(found) => Ok(View::Conflict {
            found: format!(
                "{staging} on {} is {found}, not our {}",
                inputs.remote, candidate.commit
            ),
            help: format!(
                "another candidate of {} is staged: abort it where it was made, or delete that branch",
                inputs.version
            ),
        }),
        None => Ok(View::Todo(plan(step)?)),
    }
}

fn backward(step: &StepCx<'_>) -> Result<View> {
    let candidate = step.candidate;
    let inputs = &candidate.inputs;
    let staging = inputs.staging_ref(step.cx)?;
    let refs = step.cx.git().remote_refs(&inputs.remote, &[&staging])?;
    match refs.first() {
        Some((found, _)) if *found == candidate.commit => Ok(View::Todo(vec![push(
            step,
            &format!(":{staging}"),
            Some(&format!("{staging}:{found}")),
        )])),
        Some((found, _)) => Ok(View::Done {
            evidence: format!("{staging} is {found}, which is not ours"),
        }),
        None => Ok(View::Done {
            evidence: format!("no {staging} on {}", inputs.remote),
        }),
    }
}
