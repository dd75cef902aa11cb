//! `kind = "source"`: all files of the tagged commit.
//!
//! `git archive` writes them, by the attributes of the commit alone. What would make other bytes of the same commit in
//! another clone is neutralised (line ends, masks, filters such as that of Git LFS, lengths of abbreviated ids) or refused
//! with its place (`export-subst` of refs, of notes or of the time of day; attributes that are in this clone only).

use anyhow::Result;
use config::ArtifactKind;
use world::Cmd;
use world::git::Git;

use super::{Job, Maker};
use crate::Artifact;
use crate::artifacts::{attributes, pack};

pub(super) const MAKER: Maker = Maker {
    kind: ArtifactKind::Source,
    names: |job| Ok(vec![job.name()?]),
    contents: |_| "all files of the tagged commit".to_owned(),
    commands: |job| Ok(vec![archive_cmd(job, &[])?]),
    make,
};

/// Git never compresses: its compressor is another one on another machine.
fn make(job: &Job<'_>) -> Result<Vec<Artifact>> {
    let place = job.place()?;
    let settings = attributes::look(job)?;
    let cmd = archive_cmd(job, &settings)?;
    Ok(vec![pack::convert(
        job.build,
        &place.name,
        &place.path,
        cmd,
    )?])
}

/// `git archive` of the release commit.
fn archive_cmd(job: &Job<'_>, settings: &[String]) -> Result<Cmd> {
    let (build, place) = (job.build, job.place()?);
    // At the root of the checkout, for the names of people come from the file `.mailmap` beside it.
    let git = Git::new(&build.cx.world, &build.tree);
    Ok(git_archive(&git, build.commit, &place.top, settings, &[]))
}

/// `git archive` of a commit into a tar with one top folder, the user's configuration neutralised.
pub(crate) fn git_archive(
    git: &Git,
    commit: &str,
    top: &str,
    settings: &[String],
    options: &[String],
) -> Cmd {
    git.cmd([
        "-c",
        "core.autocrlf=false",
        "-c",
        "core.eol=lf",
        "-c",
        "core.attributesFile=/dev/null",
        "-c",
        "tar.umask=0022",
    ])
    .args(settings.iter().flat_map(|setting| ["-c", setting.as_str()]))
    .args(["archive", "--format=tar"])
    .arg(format!("--prefix={top}/"))
    .args(options)
    .arg(commit)
    .env("GIT_ATTR_NOSYSTEM", "1")
    .env("GIT_NO_REPLACE_OBJECTS", "1")
}
