//! Programs of ours that are built on their own: found beside the running program, else built when first needed.
//!
//! What brings hundreds of crates is a program of its own, so that nobody compiles it who only wants an xtask.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::{Cmd, World};

/// A cold build on a slow machine.
const BUILD_TIMEOUT: Duration = Duration::from_secs(1800);

/// Where to look for such a program, in this order.
#[derive(Debug, Clone, Default)]
pub struct Helpers {
    /// The folder of the running program.
    pub beside: Option<PathBuf>,
    /// The workspace that landfall was built from, to build it there.
    pub source: Option<PathBuf>,
    /// The target folder for that build.
    pub build_dir: PathBuf,
}

/// One of them.
#[derive(Debug, Clone, Copy)]
pub struct Helper {
    /// Of the package, and of the program.
    pub name: &'static str,
    /// The folder of the package in the workspace.
    pub folder: &'static str,
    /// Why its build takes a while.
    pub weight: &'static str,
}

impl Helpers {
    /// The program, if it is already there.
    pub fn find(&self, helper: &Helper) -> Option<PathBuf> {
        let built = self.build_dir.join("debug").join(helper.name);
        self.beside
            .iter()
            .map(|dir| dir.join(helper.name))
            .chain([built])
            .find(|path| path.is_file())
    }

    /// The workspace to build it in, where there is one.
    pub fn source(&self, helper: &Helper) -> Option<&PathBuf> {
        let manifest = PathBuf::from(helper.folder).join("Cargo.toml");
        self.source
            .as_ref()
            .filter(|source| source.join(manifest).is_file())
    }

    /// The program, built first when it is not there; `say` is told of a build.
    ///
    /// # Errors
    /// When it is neither there nor can it be built.
    pub fn ensure(&self, helper: &Helper, world: &World, say: &dyn Fn(String)) -> Result<PathBuf> {
        if let Some(path) = self.find(helper) {
            return Ok(path);
        }
        let name = helper.name;
        let Some(source) = self.source(helper) else {
            bail!(
                "{name} is neither beside the running program nor can it be built here; install it beside landfall: cargo install {name}"
            );
        };
        say(format!("building {name} (once; {})", helper.weight));
        let cmd = Cmd::new(source, "cargo")
            .args([
                "build",
                "--quiet",
                "--locked",
                "--package",
                name,
                "--target-dir",
            ])
            .arg(&self.build_dir)
            .timeout(BUILD_TIMEOUT);
        world
            .run(&cmd)?
            .success()
            .with_context(|| format!("build {name}"))?;
        self.find(helper).with_context(|| {
            format!(
                "cargo built {name} but it is not in {}",
                self.build_dir.display()
            )
        })
    }
}
