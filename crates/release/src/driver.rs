//! Carries the steps out: look, run, look again. Names no step.

use anyhow::{Context as _, Result};

use crate::journal::{Entry, Journal};
use crate::steps::{STEPS, Step, StepCx, View};
use crate::{Event, Kind, Refusal, Stage};

/// Looks and runs until every step of `stage` is done. True: something had to be run.
pub(crate) fn forward(step_cx: &StepCx<'_>, stage: Stage) -> Result<bool> {
    // Half a stage is worse than none of it: a conflict of any of its steps is seen before the first command.
    for step in STEPS.iter().filter(|step| step.stage == stage) {
        let view = (step.forward)(step_cx).with_context(|| blind(step))?;
        if matches!(view, View::Conflict { .. }) {
            step_cx.cx.tell(&Event::Step { step, view: &view });
        }
        settled(step, view)?;
    }
    let mut ran = false;
    for step in STEPS.iter().filter(|step| step.stage == stage) {
        ran |= converge(step_cx, step, step.forward)?;
    }
    Ok(ran)
}

/// Undoes every step of `stage`, last first.
pub(crate) fn backward(step_cx: &StepCx<'_>, stage: Stage) -> Result<()> {
    for step in STEPS.iter().rev().filter(|step| step.stage == stage) {
        if let Some(backward) = step.backward {
            converge(step_cx, step, backward)?;
        }
    }
    Ok(())
}

/// True: commands were run.
fn converge(
    step_cx: &StepCx<'_>,
    step: &Step,
    look: fn(&StepCx<'_>) -> Result<View>,
) -> Result<bool> {
    let view = looked(step_cx, step, look)?;
    let View::Todo(commands) = view else {
        return settled(step, view).map(|()| false);
    };
    let journal = Journal::open(&step_cx.cx.world, step_cx.paths);
    let world = &step_cx.cx.world;
    for cmd in commands {
        let command = world.redact(&cmd.to_string());
        let (name, time_s) = (step.name.to_owned(), world.now_s());
        step_cx.cx.tell(&Event::Command {
            step,
            command: command.clone(),
        });
        journal.append(&Entry::Intent {
            step: name.clone(),
            command: command.clone(),
            time_s,
        })?;
        let result = world.run(&cmd).and_then(|output| Ok(output.success()?));
        journal.append(&Entry::Receipt {
            step: name,
            command,
            ok: result.is_ok(),
            time_s,
        })?;
        if let Err(error) = result {
            world.check_interrupt()?;
            return refused(step_cx, step, look, error).map(|()| true);
        }
    }
    let view = looked(step_cx, step, look)?;
    match view {
        View::Todo(rest) => Err(Refusal::new(
            Kind::CannotAct,
            format!(
                "step {}: every command ended well, yet looking again shows {} still to do",
                step.name,
                rest.len()
            ),
            "run the same command again; if it stays so, try the first command by hand and compare",
        )
        .into()),
        settled_view => settled(step, settled_view).map(|()| true),
    }
}

fn blind(step: &Step) -> String {
    let name = step.name;
    format!("step {name}: could not look; nothing was done on a guess")
}

fn looked(
    step_cx: &StepCx<'_>,
    step: &Step,
    look: fn(&StepCx<'_>) -> Result<View>,
) -> Result<View> {
    let view = look(step_cx).with_context(|| blind(step))?;
    step_cx.cx.tell(&Event::Step { step, view: &view });
    Ok(view)
}

fn settled(step: &Step, view: View) -> Result<()> {
    match view {
        View::Conflict { found, help } => {
            Err(Refusal::new(Kind::Conflict, format!("step {}: {found}", step.name), help).into())
        }
        View::Done { .. } | View::Todo(_) => Ok(()),
    }
}

/// A command failed. It may have acted all the same, or somebody else may have: only looking tells.
fn refused(
    step_cx: &StepCx<'_>,
    step: &Step,
    look: fn(&StepCx<'_>) -> Result<View>,
    error: anyhow::Error,
) -> Result<()> {
    match looked(step_cx, step, look) {
        Ok(View::Done { .. }) => Ok(()),
        Ok(View::Conflict { found, help }) => Err(Refusal::new(
            Kind::Conflict,
            format!("step {}: {found}\n{error}", step.name),
            help,
        )
        .into()),
        Ok(View::Todo(_)) => {
            let version = &step_cx.candidate.inputs.version;
            let before = if step.stage == Stage::Staged {
                "nothing public was changed"
            } else {
                "see `status` for what is public"
            };
            Err(Refusal::new(
                Kind::CannotAct,
                format!(
                    "step {}: {error}\nlooked again: not done; {before}",
                    step.name
                ),
                format!(
                    "mend the cause and run the same command again, or cargo xtask abort {version}"
                ),
            )
            .into())
        }
        Err(look_error) => Err(error.context(format!("{look_error:#}"))),
    }
}
