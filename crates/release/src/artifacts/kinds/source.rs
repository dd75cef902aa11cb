//! `kind = "source"`: all files of the tagged commit.

use anyhow::Result;
use config::ArtifactKind;
use world::git::Git;

use super::Maker;
use crate::Artifact;
use crate::artifacts::{Build, Place, pack};

pub(super) const MAKER: Maker = Maker {
    kind: ArtifactKind::Source,
    make,
};

/// `git archive` of the release commit with the user's configuration neutralised; git never compresses.
fn make(build: &Build<'_>, declared: &config::Artifact) -> Result<Vec<Artifact>> {
    let Place { name, path, top } = build.place(declared)?;
    let (cx, commit) = (build.cx, build.commit);
    let git = Git::new(&cx.world, &cx.root);
    let cmd = git
        .cmd([
            "-c",
            "core.autocrlf=false",
            "-c",
            "core.eol=lf",
            "-c",
            "core.attributesFile=/dev/null",
            "-c",
            "tar.umask=0022",
        ])
        .args(["archive", "--format=tar"])
        .arg(format!("--prefix={top}/"))
        .arg(commit)
        .env("GIT_ATTR_NOSYSTEM", "1")
        .env("GIT_NO_REPLACE_OBJECTS", "1");
    Ok(vec![pack::convert(build, &name, &path, cmd)?])
}
