//! The bytes that are uploaded, and their sums.
//!
//! ```text
//! [[artifact]] ─kinds─▶ assets ─twice─▶ the same assets ─attest─▶ statements about them ─▶ sums over all of it ─signing─▶ signature
//! ```

pub mod attest;
mod attributes;
mod checkout;
mod contents;
mod kinds;
mod licences;
mod pack;
pub mod rebuild;
mod rustflags;
mod sbom;
mod twice;
mod variation;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use world::Cmd;

pub(crate) use kinds::{Job, git_archive};

use crate::{Artifact, Cx, Inputs, Paths, signing};
use variation::Variation;

/// The name of the file of sums.
pub const SUMS: &str = "SHA256SUMS.txt";

/// A build command of a large project on a slow machine.
const BUILD_TIMEOUT: Duration = Duration::from_secs(3600);

/// One build of the artifacts: what it is made of, and the folders that belong to it alone.
pub(crate) struct Build<'a> {
    pub(crate) cx: &'a Cx,
    pub(crate) inputs: &'a Inputs,
    /// The release commit.
    pub(crate) commit: &'a str,
    /// A checkout of exactly that commit, in which build commands may run.
    pub(crate) tree: PathBuf,
    /// Where cargo builds.
    pub(crate) target: PathBuf,
    /// For what package managers and tools write on the way.
    pub(crate) scratch: PathBuf,
    /// Where the assets go.
    pub(crate) out: PathBuf,
    /// What is different for the commands of a second build.
    pub(crate) variation: Option<Variation>,
}

impl<'a> Build<'a> {
    /// The build of a candidate, in its own folders.
    fn new(cx: &'a Cx, paths: &Paths, inputs: &'a Inputs, commit: &'a str) -> Build<'a> {
        Build {
            cx,
            inputs,
            commit,
            tree: paths.tree(),
            target: cx.build_dir.clone(),
            scratch: paths.dir(),
            out: paths.artifacts(),
            variation: None,
        }
    }

    /// Everything that can be made again from the commit, sorted by name.
    pub(crate) fn assets(&self) -> Result<Vec<Artifact>> {
        let declared = self.cx.config.artifacts_or_default();
        let jobs = Job::all(self, &declared, &self.tree);
        kinds::names(&jobs)?;
        licences::note(self, &jobs)?;
        self.cx.world.create_dir_all(&self.out)?;
        let mut assets = Vec::new();
        for job in &jobs {
            assets.extend(kinds::make(job)?);
        }
        assets.extend(sbom::make(self)?);
        assets.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(assets)
    }

    /// The same one by one, for who wants to know of each: what is declared, and its assets.
    pub(crate) fn each(&self) -> Result<Vec<(String, Result<Vec<Artifact>>)>> {
        self.cx.world.create_dir_all(&self.out)?;
        let declared = self.cx.config.artifacts_or_default();
        let jobs = Job::all(self, &declared, &self.tree);
        let mut each: Vec<_> = jobs
            .iter()
            .map(|job| (kinds::called(job), kinds::make(job)))
            .collect();
        each.push(("the bills of materials".to_owned(), sbom::make(self)));
        Ok(each)
    }

    /// A build command at the root of the checkout, in surroundings that are the same everywhere; those of a second build are others.
    pub(crate) fn cmd(&self, program: &str, args: &[String]) -> Cmd {
        let cmd = Cmd::new(&self.tree, program)
            .args(args)
            .env("CARGO_TARGET_DIR", self.target.to_string_lossy())
            .env("LC_ALL", "C")
            .env("SOURCE_DATE_EPOCH", self.inputs.time_s.to_string())
            .env("TZ", "UTC")
            .umask(0o022)
            .timeout(BUILD_TIMEOUT);
        match &self.variation {
            Some(variation) => variation.apply(cmd),
            None => cmd,
        }
    }

    /// Runs such a command; its standard output.
    pub(crate) fn run(&self, cmd: &Cmd) -> Result<Vec<u8>> {
        Ok(self.cx.world.run(cmd)?.success()?.stdout)
    }
}

/// Builds everything that is declared, then the statements about it and the sums over all. Sorted by name.
pub(crate) fn build(
    cx: &Cx,
    paths: &Paths,
    inputs: &Inputs,
    commit: &str,
    told: &attest::Told<'_>,
) -> Result<Vec<Artifact>> {
    cx.tell(&crate::Event::Phase("artifacts"));
    let build = Build::new(cx, paths, inputs, commit);
    let watch = cx.world.stopwatch();
    let mut artifacts = build.assets()?;
    twice::prove(&build, paths, &artifacts, watch)?;
    artifacts.extend(attest::write(&build, told, &artifacts)?);
    artifacts.push(sums(&build, &artifacts)?);
    artifacts.extend(signature(&build)?);
    artifacts.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(artifacts)
}

/// The names of what is declared, and the commands that make it, as far as the user's own tree can say.
pub(crate) fn planned(
    cx: &Cx,
    paths: &Paths,
    inputs: &Inputs,
    commit: &str,
) -> Result<Vec<Planned>> {
    let build = Build::new(cx, paths, inputs, commit);
    let declared = cx.config.artifacts_or_default();
    let jobs = Job::all(&build, &declared, &cx.root);
    kinds::names(&jobs)?;
    jobs.iter().map(kinds::planned).collect()
}

/// The names of the bills of materials, as far as the user's own tree can say.
pub(crate) fn bills(cx: &Cx, paths: &Paths, inputs: &Inputs, commit: &str) -> Result<Vec<String>> {
    let mut build = Build::new(cx, paths, inputs, commit);
    build.tree.clone_from(&cx.root);
    sbom::names(&build)
}

/// What one `[[artifact]]` gives.
pub(crate) struct Planned {
    pub(crate) names: Vec<String>,
    /// What it is, for people.
    pub(crate) contents: String,
    /// What makes it, before it is archived by us. To be run at the root of the checkout.
    pub(crate) commands: Vec<Cmd>,
}

/// The signature over the sums; the one asset that they cannot name.
fn signature(build: &Build<'_>) -> Result<Option<Artifact>> {
    let path = build.out.join(SUMS);
    match signing::sums(build.cx, build.inputs, &path)? {
        Some(signature) => {
            let asset = build.write(&signature.name, &signature.bytes)?;
            signing::assure(build.cx, build.inputs, &path, &build.out.join(&asset.name))?;
            Ok(Some(asset))
        }
        // Said with the candidate, wherever it is shown.
        None => Ok(None),
    }
}

fn sums(build: &Build<'_>, assets: &[Artifact]) -> Result<Artifact> {
    let pairs: Vec<(String, String)> = assets
        .iter()
        .map(|asset| (asset.name.clone(), asset.sha256.clone()))
        .collect();
    let text = archive::sums::write(&pairs)?;
    build.write(SUMS, text.as_bytes())
}

impl Build<'_> {
    /// Writes an asset that is at hand as bytes.
    fn write(&self, name: &str, bytes: &[u8]) -> Result<Artifact> {
        self.cx.world.write_file(&self.out.join(name), bytes)?;
        Ok(Artifact {
            name: name.to_owned(),
            size: u64::try_from(bytes.len())?,
            sha256: archive::sha256_hex(bytes),
            tar_sha256: None,
        })
    }
}
