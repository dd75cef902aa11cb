//! Erases what is staged. Refused once anything is public.

use anyhow::Result;
use semver::Version;

use crate::steps::{STEPS, StepCx, View};
use crate::{Candidate, Cx, Event, Kind, Paths, Refusal, Stage, driver, prepare, run};

/// What there was to erase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aborted {
    Nothing,
    Erased,
}

pub fn abort(cx: &Cx, version: &Version) -> Result<Aborted> {
    let _lock = run::lock(cx, &format!("abort {version}"))?;
    let paths = Paths::new(&cx.root, &crate::inputs::tag_name(cx, version)?);
    let Some(candidate) = Candidate::load(&cx.world, &paths)? else {
        let there = paths.dir().exists();
        prepare::discard_tree(cx, &paths)?;
        cx.world.remove_dir_all(&paths.dir())?;
        return Ok(if there {
            Aborted::Erased
        } else {
            Aborted::Nothing
        });
    };
    let step_cx = StepCx {
        cx,
        candidate: &candidate,
        paths: &paths,
    };
    for step in STEPS.iter().filter(|step| step.stage >= Stage::Public) {
        if let View::Done { evidence } = (step.forward)(&step_cx)?
            && !(step.plan)(&step_cx)?.is_empty()
        {
            return Err(Refusal::new(
                Kind::Conflict,
                format!(
                    "{version} is public already ({}: {evidence}); it cannot be erased",
                    step.name
                ),
                format!(
                    "cargo xtask release {version}{} finishes it",
                    cx.config.group_flag()
                ),
            )
            .into());
        }
    }
    cx.tell(&Event::Phase("abort"));
    driver::backward(&step_cx, Stage::Staged)?;
    forget(&step_cx)?;
    Ok(Aborted::Erased)
}

/// Removes the candidate from this machine.
pub(crate) fn forget(step_cx: &StepCx<'_>) -> Result<()> {
    let (cx, keep) = (step_cx.cx, step_cx.candidate.inputs.keep_ref());
    let git = cx.git();
    if git.resolve(&keep)?.is_some() {
        cx.world
            .run(&git.cmd(["update-ref", "-d", &keep]))?
            .success()?;
    }
    prepare::discard_tree(cx, step_cx.paths)?;
    cx.world.remove_dir_all(&step_cx.paths.dir())
}
