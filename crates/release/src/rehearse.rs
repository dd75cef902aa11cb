//! A release for real, where it harms nobody: the same executor against a clone, a bare remote and a folder as forge.
//!
//! Everything is below `target/rehearsal/` and stays there to be looked at. The repository itself is only read.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use config::{Forge, ForgeKind};
use semver::Version;
use world::Cmd;
use world::git::Git;

use crate::run::{self, Approval, Options, Outcome};
use crate::{Cx, Event, Paths, Stage, signing};

/// Where the rehearsal took place.
#[derive(Debug, Clone)]
pub struct Area {
    pub dir: PathBuf,
    /// A clone, with the candidate in its `target/release-candidates`.
    pub repository: PathBuf,
    /// The bare repository that stands for the remote.
    pub remote: PathBuf,
    /// The folder that stands for the forge.
    pub forge: PathBuf,
}

impl Area {
    fn new(cx: &Cx) -> Area {
        let dir = cx.root.join("target/rehearsal");
        Area {
            repository: dir.join("repository"),
            remote: dir.join("remote.git"),
            forge: dir.join("forge"),
            dir,
        }
    }
}

pub fn rehearse(cx: &Cx, version: &Version, until: Stage) -> Result<(Area, Outcome)> {
    let area = Area::new(cx);
    cx.world.private_dir(&area.dir)?;
    // The build folder is in there.
    cx.world.private_dir(&Paths::candidates(&cx.root))?;
    // Not the lock of releases: that one is inside the git directory, which a rehearsal does not touch.
    let _lock = cx
        .world
        .lock(&area.dir.join("lock"), &format!("rehearsal of {version}"))?;
    cx.tell(&Event::Phase("scratch clone and remote"));
    let branch = gates::project::default_branch(&cx.git(), &cx.config)?;
    clone(cx, &area, &branch)?;
    let mut scratch = scratch(cx, &area, branch);
    let mut config = (*scratch.config).clone();
    config.signing = signing::stand_in(cx, &area.dir)?;
    scratch.config = Arc::new(config);
    let outcome = run::release(
        &scratch,
        version,
        &Options {
            approval: Approval::Yes,
            until,
        },
    )?;
    Ok((area, outcome))
}

fn clone(cx: &Cx, area: &Area, branch: &str) -> Result<()> {
    let head = cx.git().head()?;
    let changed = cx
        .git()
        .list(&["status", "--porcelain=v1", "-z", "--untracked-files=normal"])?
        .len();
    if changed > 0 {
        cx.tell(&Event::Note(format!("{changed} uncommitted or untracked files are not part of the rehearsal: it takes the commit {head}")));
    }
    for path in [&area.repository, &area.remote, &area.forge] {
        cx.world.remove_dir_all(path)?;
    }
    cx.world.create_dir_all(&area.forge)?;
    let run = |cmd: Cmd| -> Result<()> {
        cx.world.run(&cmd)?.success()?;
        Ok(())
    };
    let at_root = |args: &[&str]| cx.git().cmd(args);
    run(at_root(&["clone", "--quiet", "--bare", "--no-local", "--"])
        .arg(&cx.root)
        .arg(&area.remote))
    .context("make the scratch remote")?;
    let bare = Git::new(&cx.world, &area.remote);
    run(bare.cmd(["update-ref", &format!("refs/heads/{branch}"), &head]))?;
    run(bare.cmd(["symbolic-ref", "HEAD", &format!("refs/heads/{branch}")]))?;
    run(bare.cmd(["config", "receive.shallowUpdate", "true"]))?;
    run(at_root(&[
        "clone",
        "--quiet",
        "--no-local",
        "--origin",
        &cx.config.release.remote,
        "--branch",
        branch,
        "--",
    ])
    .arg(&area.remote)
    .arg(&area.repository))
    .context("make the scratch clone")?;
    identify(cx, area)
}

/// The clone commits as the user would; somebody without a name can rehearse all the same.
fn identify(cx: &Cx, area: &Area) -> Result<()> {
    let known = cx.git().ask(&["var", "GIT_COMMITTER_IDENT"])?;
    let ident = if known.ok() {
        known.text()
    } else {
        String::new()
    };
    let (name, email) = match ident
        .split_once(" <")
        .and_then(|(name, rest)| Some((name, rest.split_once('>')?.0)))
    {
        Some((name, email)) => (name.to_owned(), email.to_owned()),
        None => {
            cx.tell(&Event::Note("git does not know who you are: the rehearsal signs as landfall; a release will need user.name and user.email".to_owned()));
            (
                "landfall rehearsal".to_owned(),
                "rehearsal@landfall.invalid".to_owned(),
            )
        }
    };
    let git = Git::new(&cx.world, &area.repository);
    for (key, value) in [("user.name", name), ("user.email", email)] {
        cx.world.run(&git.cmd(["config", key, &value]))?.success()?;
    }
    Ok(())
}

/// The same context, looking at the clone.
fn scratch(cx: &Cx, area: &Area, branch: String) -> Cx {
    let mut config = (*cx.config).clone();
    config.release.branch = Some(branch);
    config.forge = Some(Forge {
        kind: ForgeKind::Folder,
        path: "../forge".to_owned(),
    });
    // The clone's own name is "repository": the project keeps the one it has.
    config.project.name = Some(gates::project::name(&cx.world, &cx.root, &cx.config));
    let mut skip = cx.skip.clone();
    skip.extend(
        config
            .gates
            .unrehearsed_or_default()
            .into_iter()
            .map(|gate| gates::Skip {
                gate,
                why: "left out of a rehearsal, see gates.unrehearsed".to_owned(),
            }),
    );
    let mut memory = cx.memory.clone();
    if let Some(memory) = &mut memory {
        // A rehearsal does not touch the git directory.
        memory.folder = cx.build_dir.join("gates");
    }
    Cx {
        root: area.repository.clone(),
        config: Arc::new(config),
        memory,
        skip,
        ..cx.clone()
    }
}
