//! Where a release stands, and the one next command. Looks, changes nothing.

use anyhow::Result;
use semver::Version;

use crate::steps::{STEPS, StepCx};
use crate::{Candidate, Cx, Paths, Stage, Step, View};

pub struct Status {
    pub candidate: Option<Candidate>,
    /// Every step with what was seen; an error is "could not look".
    pub steps: Vec<(&'static Step, Result<View>)>,
    /// The tag on the remote when there is no candidate here.
    pub remote_tag: Option<String>,
    pub next: String,
}

impl Status {
    /// The last stage of which every step is done.
    pub fn stage(&self) -> Option<Stage> {
        let done = |stage: Stage| {
            self.steps
                .iter()
                .filter(|(step, _)| step.stage <= stage)
                .all(|(_, view)| matches!(view, Ok(View::Done { .. })))
        };
        let last = self
            .steps
            .iter()
            .map(|(step, _)| step.stage)
            .filter(|stage| done(*stage))
            .max();
        self.candidate.as_ref().and(last)
    }
}

pub fn status(cx: &Cx, version: &Version) -> Result<Status> {
    let tag = crate::inputs::tag_name(cx, version)?;
    let typed = format!("{version}{}", cx.config.group_flag());
    let paths = Paths::new(&cx.root, &tag);
    let Some(candidate) = Candidate::load(&cx.world, &paths)? else {
        let reference = format!("refs/tags/{tag}");
        let refs = cx
            .git()
            .remote_refs(&cx.config.release.remote, &[&reference])?;
        let remote_tag = refs.first().map(|(object, _)| object.clone());
        let next = match &remote_tag {
            Some(_) => format!("nothing to go on with here: {tag} was released from elsewhere"),
            None => format!("cargo xtask release {typed}"),
        };
        return Ok(Status {
            candidate: None,
            steps: Vec::new(),
            remote_tag,
            next,
        });
    };
    let step_cx = StepCx {
        cx,
        candidate: &candidate,
        paths: &paths,
    };
    let steps: Vec<_> = STEPS
        .iter()
        .map(|step| (step, (step.forward)(&step_cx)))
        .collect();
    let open = steps
        .iter()
        .find(|(_, view)| !matches!(view, Ok(View::Done { .. })));
    let next = match open {
        None => format!("nothing: {version} is released (git pull to have its commit here)"),
        Some((_, Ok(View::Conflict { help, .. }))) => help.clone(),
        Some((_, Err(_))) => format!("cargo xtask doctor, then cargo xtask status {typed}"),
        Some(_) => format!("cargo xtask release {typed}"),
    };
    Ok(Status {
        candidate: Some(candidate),
        steps,
        remote_tag: None,
        next,
    })
}
