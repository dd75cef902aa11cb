//! What Terraform and OpenTofu are asked, and how their answers are read.
//!
//! They write beside what they read, so they work on a copy; the tree stays as it was.

pub(crate) mod folders;
mod hcl;
pub(crate) mod said;

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail};
use config::TerraformProgram;
use serde_json::Value;
use world::{Cmd, CmdError, Failure, World};

use crate::Cx;

/// A program that says no version within this time does not work.
const PATIENCE: Duration = Duration::from_secs(30);

/// What of the environment changes an answer.
pub(crate) const ENV: &[&str] = &["TF_CLI_CONFIG_FILE", "TF_PLUGIN_CACHE_DIR", "TF_CLI_ARGS"];

/// The program that is there.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    pub(crate) name: &'static str,
    pub(crate) version: String,
}

/// The programs to try, the likelier one first.
pub(crate) fn names(program: TerraformProgram, files: &[String]) -> &'static [&'static str] {
    match program {
        TerraformProgram::Terraform => &["terraform"],
        TerraformProgram::Tofu => &["tofu"],
        // Only OpenTofu reads these.
        TerraformProgram::Auto
            if files
                .iter()
                .any(|path| path.ends_with(".tofu") || path.ends_with(".tofu.json")) =>
        {
            &["tofu", "terraform"]
        }
        TerraformProgram::Auto => &["terraform", "tofu"],
    }
}

impl Program {
    /// The first one of them that is on the search path; its answer must be a version.
    pub(crate) fn find(cx: &Cx, names: &[&'static str]) -> Result<Program> {
        for name in names {
            let cmd = cmd(&cx.root, name)
                .args(["version", "-json"])
                .timeout(PATIENCE);
            let output = match cx.world.ask(&cmd) {
                Err(error) if is_missing(&error) => continue,
                answer => answer?.success()?,
            };
            let version = serde_json::from_slice::<Value>(&output.stdout)
                .ok()
                .and_then(|said| Some(said.get("terraform_version")?.as_str()?.to_owned()));
            let Some(version) = version else {
                bail!(
                    "`{}` answered no version: {}; mend the installation of {name}",
                    output.command,
                    output.text().lines().next().unwrap_or("nothing")
                );
            };
            return Ok(Program { name, version });
        }
        bail!(
            "{} on the search path; install it, or set gates.infra.program",
            match names {
                [one] => format!("`{one}` is not"),
                _ => "neither `terraform` nor `tofu` is".to_owned(),
            }
        )
    }

    /// A question in a folder.
    pub(crate) fn cmd(&self, folder: &Path) -> Cmd {
        cmd(folder, self.name)
    }
}

fn cmd(folder: &Path, program: &str) -> Cmd {
    Cmd::new(folder, program)
        .env("TF_IN_AUTOMATION", "1")
        .env("TF_INPUT", "0")
        .env("CHECKPOINT_DISABLE", "1")
}

fn is_missing(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<CmdError>()
        .is_some_and(|error| error.failure == Failure::Missing)
}

/// The files that git does not ignore, tracked and untracked, those of submodules too; links to folders are named once.
pub(crate) fn files(cx: &Cx) -> Result<Vec<String>> {
    let git = cx.git();
    let mut files = git.list(&["ls-files", "-z", "--cached", "--recurse-submodules"])?;
    files.extend(git.list(&["ls-files", "-z", "--others", "--exclude-standard"])?);
    files.sort();
    files.dedup();
    Ok(files)
}

/// A folder that `terraform init` has filled before: providers from there need no network.
pub(crate) fn installed(world: &World, root: &Path) -> Option<std::path::PathBuf> {
    let data = world
        .env("TF_DATA_DIR")
        .map_or(".terraform".into(), std::path::PathBuf::from);
    let folder = root.join(data).join("providers");
    folder.is_dir().then_some(folder)
}
