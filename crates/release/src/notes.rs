//! The program that turns commits into Markdown: found, built when first needed, and asked.
//!
//! git-cliff-core is a program of its own because it alone is twice the size of everything else.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};
use world::{Cmd, World};

use crate::history::Commit;

const PROGRAM: &str = "landfall-notes";
/// A cold build of git-cliff-core on a slow machine.
const BUILD_TIMEOUT: Duration = Duration::from_secs(1800);

/// Where to look for the program, in this order.
#[derive(Debug, Clone, Default)]
pub struct NotesProgram {
    /// The folder of the running program.
    pub beside: Option<PathBuf>,
    /// The workspace that landfall was built from, to build it there.
    pub source: Option<PathBuf>,
    /// The target folder for that build.
    pub build_dir: PathBuf,
}

#[derive(Serialize)]
pub(crate) struct Request<'a> {
    pub(crate) schema: u32,
    pub(crate) version: String,
    pub(crate) tag: &'a str,
    pub(crate) date: &'a str,
    pub(crate) previous: Option<&'a str>,
    pub(crate) repository: Option<&'a str>,
    pub(crate) commits: &'a [Commit],
}

/// What the program answers.
#[derive(Debug, Clone, Deserialize)]
pub struct Answer {
    schema: u32,
    /// The whole section, heading included.
    pub section: String,
    /// No commit was in conventional form: the section is a plain list.
    #[serde(default)]
    pub plain: bool,
    /// There was nothing to say.
    #[serde(default)]
    pub empty: bool,
    #[serde(default)]
    pub left_out: Vec<LeftOut>,
}

/// A commit that is not in the section, and why.
#[derive(Debug, Clone, Deserialize)]
pub struct LeftOut {
    pub id: String,
    pub reason: String,
}

pub(crate) const SCHEMA: u32 = 1;

impl NotesProgram {
    /// The program, if it is already there.
    pub fn find(&self) -> Option<PathBuf> {
        let built = self.build_dir.join("debug").join(PROGRAM);
        self.beside
            .iter()
            .map(|dir| dir.join(PROGRAM))
            .chain([built])
            .find(|path| path.is_file())
    }

    /// The program, built first when it is not there; `say` is told of a build.
    pub fn ensure(&self, world: &World, say: &dyn Fn(String)) -> Result<PathBuf> {
        if let Some(path) = self.find() {
            return Ok(path);
        }
        let Some(source) = self
            .source
            .as_ref()
            .filter(|source| source.join("crates/notes/Cargo.toml").is_file())
        else {
            bail!(
                "{PROGRAM} is neither beside the running program nor can it be built here; install it beside landfall: cargo install {PROGRAM}"
            );
        };
        say(format!(
            "building {PROGRAM} (once; git-cliff-core takes a minute or two)"
        ));
        let cmd = Cmd::new(source, "cargo")
            .args([
                "build",
                "--quiet",
                "--locked",
                "--package",
                PROGRAM,
                "--target-dir",
            ])
            .arg(&self.build_dir)
            .timeout(BUILD_TIMEOUT);
        world
            .run(&cmd)?
            .success()
            .with_context(|| format!("build {PROGRAM}"))?;
        self.find().with_context(|| {
            format!(
                "cargo built {PROGRAM} but it is not in {}",
                self.build_dir.display()
            )
        })
    }
}

/// Asks the program for one section.
pub(crate) fn ask(
    world: &World,
    program: &Path,
    root: &Path,
    request: &Request<'_>,
) -> Result<Answer> {
    let cmd = Cmd::new(root, program)
        .stdin_bytes(serde_json::to_vec(request)?)
        .timeout(Duration::from_secs(300));
    let text = world
        .answer(&cmd)
        .with_context(|| format!("write notes with {}", program.display()))?;
    let answer: Answer = serde_json::from_str(&text)
        .with_context(|| format!("read the answer of {}", program.display()))?;
    if answer.schema != SCHEMA {
        bail!(
            "{} speaks schema {}, this landfall {SCHEMA}; remove it, it is built again",
            program.display(),
            answer.schema
        );
    }
    Ok(answer)
}
