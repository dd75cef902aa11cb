//! The whole of a release, from the lock to the record.

use anyhow::Result;
use semver::Version;

use crate::journal::{Entry, Journal};
use crate::steps::{STEPS, StepCx, View};
use crate::{Candidate, Cx, Event, Kind, Paths, Refusal, Stage, driver, paths, prepare};

/// How the candidate is approved.
pub enum Approval<'a> {
    /// `--yes`: whatever it is.
    Yes,
    /// `--approve DIGEST`: this one and no other; a prefix of at least 12 digits will do.
    Digest(String),
    /// A person at a terminal is shown the candidate and asked.
    Ask(&'a dyn Fn(&Candidate, &str) -> Result<bool>),
    /// Nobody can be asked.
    Nobody,
}

pub struct Options<'a> {
    pub approval: Approval<'a>,
    /// Stop after this stage.
    pub until: Stage,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Everything up to the asked stage is done.
    Released {
        candidate: Candidate,
        /// Every step was found done: this run changed nothing.
        before: bool,
    },
    /// Staged, and asked to stop there.
    Staged {
        candidate: Candidate,
        digest: String,
    },
}

/// Releases `version`, or goes on with it. The lock is held until this returns.
pub fn release(cx: &Cx, version: &Version, options: &Options<'_>) -> Result<Outcome> {
    if matches!(options.approval, Approval::Nobody)
        && options.until > Stage::Staged
        && !approved_before(cx, version)?
    {
        return Err(Refusal::new(
            Kind::Awaiting,
            "no terminal to ask for approval, and neither --yes nor --approve was given; nothing was done",
            "stage it and see its digest with --until staged, then --approve DIGEST; or give --yes",
        )
        .into());
    }
    let _lock = lock(cx, &format!("release {version}"))?;
    discard_stale(cx, version)?;
    refuse_taken(cx, version)?;
    let (candidate, paths) = prepare::prepare(cx, version)?;
    let digest = candidate.digest()?;
    cx.tell(&Event::Candidate(&candidate));
    let step_cx = StepCx {
        cx,
        candidate: &candidate,
        paths: &paths,
    };
    cx.tell(&Event::Phase("staged"));
    let mut ran = driver::forward(&step_cx, Stage::Staged)?;
    if options.until == Stage::Staged {
        return Ok(Outcome::Staged { candidate, digest });
    }
    approve(&step_cx, options, &digest)?;
    cx.tell(&Event::Phase("public"));
    for stage in [Stage::Public, Stage::Live, Stage::Promoted] {
        if stage <= options.until {
            ran |= driver::forward(&step_cx, stage)?;
        }
    }
    finish(&step_cx)?;
    Ok(Outcome::Released {
        candidate,
        before: !ran,
    })
}

/// The candidate on disk was approved by an earlier run: nobody has to be asked again about the same bytes.
fn approved_before(cx: &Cx, version: &Version) -> Result<bool> {
    let paths = Paths::new(&cx.root, &crate::inputs::tag_name(cx, version)?);
    match Candidate::load(&cx.world, &paths)? {
        Some(candidate) => Journal::open(&cx.world, &paths).approved(&candidate.digest()?),
        None => Ok(false),
    }
}

/// A tag that is on the remote before there is a candidate is not ours: told now, not after everything was built.
/// Only a courtesy: the step that pushes the tag looks again.
fn refuse_taken(cx: &Cx, version: &Version) -> Result<()> {
    let tag = crate::inputs::tag_name(cx, version)?;
    let (remote, name) = (&cx.config.release.remote, format!("refs/tags/{tag}"));
    if Paths::new(&cx.root, &tag).candidate().exists() {
        return Ok(());
    }
    // A remote that cannot be seen is told by the gate `git`, with everything else that is wrong.
    let refs = cx.git().remote_refs(remote, &[&name]).unwrap_or_default();
    cx.world.check_interrupt()?;
    let Some((object, _)) = refs.first() else {
        return Ok(());
    };
    Err(Refusal::new(
        Kind::Conflict,
        format!("{remote} has the tag {tag} already ({object}), and no candidate of it is here"),
        format!("if it is the release that was wanted there is nothing to do; else choose another version, or cargo xtask status {version}{} where it was made", cx.config.group_flag()),
    )
    .into())
}

/// Takes the lock and puts right what a kill left.
pub fn lock(cx: &Cx, holder: &str) -> Result<world::Lock> {
    let state = paths::state_dir(&cx.world, &cx.root)?;
    let lock = cx.world.lock(&state.join("lock"), holder)?;
    if let Some(recovered) = cx.world.recover(&state)? {
        cx.tell(&Event::Note(recovered.to_string()));
    }
    Ok(lock)
}

/// A candidate of another commit is dropped when nothing of it was staged, else it is in the way.
fn discard_stale(cx: &Cx, version: &Version) -> Result<()> {
    let tag = crate::inputs::tag_name(cx, version)?;
    let paths = Paths::new(&cx.root, &tag);
    let Some(candidate) = Candidate::load(&cx.world, &paths)? else {
        return Ok(());
    };
    let head = cx.git().head()?;
    if candidate.inputs.base == head {
        return Ok(());
    }
    let step_cx = StepCx {
        cx,
        candidate: &candidate,
        paths: &paths,
    };
    let mut staged = Vec::new();
    for step in STEPS {
        match (step.forward)(&step_cx)? {
            // A step with nothing to do says nothing about how far this candidate came.
            View::Done { .. } if !(step.plan)(&step_cx)?.is_empty() => {
                staged.push((step.name, step.stage));
            }
            _ => {}
        }
    }
    if staged.iter().any(|(_, stage)| *stage >= Stage::Public) {
        return Ok(());
    }
    if staged.is_empty() {
        cx.tell(&Event::Note(format!(
            "the candidate made from {} is dropped: HEAD is {head} now and nothing of it was staged",
            candidate.inputs.base
        )));
        return crate::abort::forget(&step_cx);
    }
    let names: Vec<&str> = staged.iter().map(|(name, _)| *name).collect();
    Err(Refusal::new(
        Kind::Conflict,
        format!(
            "a candidate of {version} made from {} is staged ({}), but HEAD is {head}",
            candidate.inputs.base,
            names.join(", ")
        ),
        format!(
            "cargo xtask abort {version}{}, then release again; or check out {} to go on with it",
            cx.config.group_flag(),
            candidate.inputs.base
        ),
    )
    .into())
}

fn approve(step_cx: &StepCx<'_>, options: &Options<'_>, digest: &str) -> Result<()> {
    let (cx, candidate) = (step_cx.cx, step_cx.candidate);
    let journal = Journal::open(&cx.world, step_cx.paths);
    let version = format!("{}{}", candidate.inputs.version, cx.config.group_flag());
    if journal.approved(digest)? {
        return Ok(());
    }
    let how = match &options.approval {
        Approval::Yes => "--yes".to_owned(),
        Approval::Digest(given) if given.len() >= 12 && digest.starts_with(given.as_str()) => {
            "--approve".to_owned()
        }
        Approval::Digest(given) => {
            return Err(Refusal::new(
                Kind::Awaiting,
                format!("approved was {given}, the candidate is {digest}; it is staged and nothing is public"),
                format!("look at it with cargo xtask status {version}, then --approve {digest}"),
            )
            .into());
        }
        Approval::Ask(ask) if ask(candidate, digest)? => "at the terminal".to_owned(),
        Approval::Ask(_) | Approval::Nobody => {
            return Err(Refusal::new(
                Kind::Awaiting,
                "not approved; the candidate is staged and nothing is public",
                format!("cargo xtask release {version} goes on with it, cargo xtask abort {version} erases it"),
            )
            .into());
        }
    };
    journal.append(&Entry::Approval {
        digest: digest.to_owned(),
        how,
        time_s: cx.world.now_s(),
    })
}

/// The remote has the objects now; the ref that kept them here has done its work.
fn finish(step_cx: &StepCx<'_>) -> Result<()> {
    let keep = step_cx.candidate.inputs.keep_ref();
    let git = step_cx.cx.git();
    if git.resolve(&keep)?.is_some() {
        step_cx
            .cx
            .world
            .run(&git.cmd(["update-ref", "-d", &keep]))?
            .success()?;
    }
    Ok(())
}
