//! The bytes that are uploaded, and their sums.
//!
//! ```text
//! [[artifact]] ─kinds─▶ assets ─twice─▶ the same assets ─attest─▶ statements about them ─▶ sums over all of it ─signing─▶ signature
//! ```

pub mod attest;
mod kinds;
mod pack;
pub mod rebuild;
mod sbom;
mod twice;
mod variation;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use world::Cmd;

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
    /// Where the assets go.
    pub(crate) out: PathBuf,
    /// What is different for the commands of a second build.
    pub(crate) variation: Option<Variation>,
}

/// Where one asset goes.
pub(crate) struct Place {
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    /// The one folder at the top of an archive.
    pub(crate) top: String,
}

impl Build<'_> {
    /// Everything that can be made again from the commit, sorted by name.
    pub(crate) fn assets(&self) -> Result<Vec<Artifact>> {
        self.cx.world.create_dir_all(&self.out)?;
        let mut assets = Vec::new();
        for declared in self.cx.config.artifacts_or_default() {
            assets.extend(kinds::make(self, &declared)?);
        }
        assets.extend(sbom::make(self)?);
        assets.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(assets)
    }

    /// The same one by one, for who wants to know of each: what is declared, and its assets.
    pub(crate) fn each(&self) -> Result<Vec<(String, Result<Vec<Artifact>>)>> {
        self.cx.world.create_dir_all(&self.out)?;
        let declared = self.cx.config.artifacts_or_default();
        Ok(declared
            .iter()
            .map(|declared| {
                let name = self.inputs.expand(&declared.name);
                let name = name.unwrap_or_else(|_| declared.name.clone());
                (name, kinds::make(self, declared))
            })
            .collect())
    }

    /// The name of a declared asset, checked, and where it goes.
    pub(crate) fn place(&self, declared: &config::Artifact) -> Result<Place> {
        let name = self.inputs.expand(&declared.name)?;
        archive::check_asset_name(&name)?;
        let top = match &declared.top {
            Some(top) => self.inputs.expand(top)?,
            None => pack::stem(&name).to_owned(),
        };
        let path = self.out.join(&name);
        Ok(Place { name, path, top })
    }

    /// Runs a build command at the root of the checkout.
    pub(crate) fn run(&self, program: &str, args: &[String]) -> Result<()> {
        self.cx.world.run(&self.command(program, args))?.success()?;
        Ok(())
    }

    /// A command at the root of the checkout, in the surroundings of this build.
    pub(crate) fn command(&self, program: &str, args: &[String]) -> Cmd {
        let cmd = match &self.variation {
            Some(variation) => variation.command(&self.tree, program),
            None => Cmd::new(&self.tree, program),
        };
        cmd.args(args)
            .env("CARGO_TARGET_DIR", self.target.to_string_lossy())
            .env("SOURCE_DATE_EPOCH", self.inputs.time_s.to_string())
            .timeout(BUILD_TIMEOUT)
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
    let build = Build {
        cx,
        inputs,
        commit,
        tree: paths.tree(),
        target: cx.build_dir.clone(),
        out: paths.artifacts(),
        variation: None,
    };
    let watch = cx.world.stopwatch();
    let mut artifacts = build.assets()?;
    twice::prove(&build, paths, &artifacts, watch)?;
    artifacts.extend(attest::write(&build, told, &artifacts)?);
    artifacts.push(sums(&build, &artifacts)?);
    artifacts.extend(signature(&build)?);
    artifacts.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(artifacts)
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
