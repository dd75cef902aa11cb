//! The post-condition of a version edit, looked at in the tree after it: every place carries the new version, and the lock
//! file is taken by the tool that it belongs to. Nothing is asked of a network, and nothing in the tree is touched.
//!
//! A tool that is missing, or cannot answer without a network, proves nothing, and that is said: unknown is not held.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use config::Config;
use semver::Version;
use world::{Cmd, World};

use super::{ChangeKind, Places, changes};
use crate::cargo::could_not_look;
use crate::project::{self, NodeManager};

/// One thing that has to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// Who was asked what: `cargo metadata --locked takes Cargo.lock`.
    pub what: String,
    pub outcome: Outcome,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Held,
    /// In the words of who says so.
    Broken(String),
    /// Why nobody could tell.
    Unknown(String),
}

impl Outcome {
    /// As in JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Outcome::Held => "held",
            Outcome::Broken(_) => "broken",
            Outcome::Unknown(_) => "unknown",
        }
    }
}

/// Everything that has to hold once `version` is set.
///
/// # Errors
/// When a file of ours cannot be read, or the run is interrupted.
pub fn prove(
    world: &World,
    root: &Path,
    config: &Config,
    places: &Places,
    version: &Version,
) -> Result<Vec<Proof>> {
    let mut proofs = vec![Proof {
        what: format!("every place carries {version}"),
        outcome: everywhere(world, root, config, places, version)?,
    }];
    proofs.extend(locks(world, root, places)?);
    Ok(proofs)
}

/// Setting it once more, from what the files say now, would change nothing.
fn everywhere(
    world: &World,
    root: &Path,
    config: &Config,
    places: &Places,
    version: &Version,
) -> Result<Outcome> {
    let again = match changes(world, root, config, places, version) {
        Ok(again) => again,
        Err(error) => return Ok(Outcome::Broken(format!("{error:#}"))),
    };
    let mut wrong = Vec::new();
    for change in again
        .iter()
        .filter(|change| change.kind != ChangeKind::Same)
    {
        for place in &change.places {
            wrong.push(format!(
                "{}:{}:{}: {} is {}, not {}",
                change.path, place.line, place.column, place.what, place.old, place.new
            ));
        }
    }
    Ok(match wrong.is_empty() {
        true => Outcome::Held,
        false => Outcome::Broken(wrong.join("\n")),
    })
}

/// Whether the lock files of these places are taken by their tools.
///
/// # Errors
/// When the run is interrupted.
pub(crate) fn locks(world: &World, root: &Path, places: &Places) -> Result<Vec<Proof>> {
    let mut proofs = Vec::new();
    let has = |name: &str| places.files.iter().any(|file| file.path == name);
    if has("Cargo.lock") {
        let cmd = Cmd::new(root, "cargo").args([
            "metadata",
            "--locked",
            "--offline",
            "--format-version=1",
        ]);
        proofs.push(Proof {
            what: "cargo metadata --locked takes Cargo.lock".to_owned(),
            outcome: ask(world, &cmd, &could_not_look)?,
        });
    }
    let Some(manager) = project::detect(root).node else {
        return Ok(proofs);
    };
    let npm_lock = ["npm-shrinkwrap.json", "package-lock.json"]
        .into_iter()
        .find(|name| has(name));
    let is_there = |name: &str| root.join(name).is_file();
    proofs.extend(match (manager, npm_lock) {
        (NodeManager::Npm, Some(lock)) => Some(Proof {
            what: format!("npm ci takes {lock}"),
            outcome: ask(world, &npm(root), &npm_could_not_look)?,
        }),
        (NodeManager::Pnpm, _) if is_there("pnpm-lock.yaml") => Some(Proof {
            what: "pnpm install --frozen-lockfile takes pnpm-lock.yaml".to_owned(),
            outcome: ask(world, &pnpm(root), &pnpm_could_not_look)?,
        }),
        (NodeManager::Yarn, _) if is_there("yarn.lock") => Some(Proof {
            what: "yarn takes yarn.lock".to_owned(),
            outcome: Outcome::Unknown(
                "yarn has no command that compares without installing".to_owned(),
            ),
        }),
        _ => None,
    });
    Ok(proofs)
}

/// Compares what every package requires with what the lock file holds, and installs nothing.
fn npm(root: &Path) -> Cmd {
    Cmd::new(root, "npm")
        .args([
            "ci",
            "--dry-run",
            "--offline",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--loglevel=error",
            "--logs-max=0",
        ])
        .timeout(LONGEST)
}

/// With `--lockfile-only` no `node_modules` is touched, and a frozen lock file is compared and not written.
fn pnpm(root: &Path) -> Cmd {
    Cmd::new(root, "pnpm")
        .args([
            "install",
            "--frozen-lockfile",
            "--lockfile-only",
            "--offline",
            "--ignore-scripts",
        ])
        .timeout(LONGEST)
}

const LONGEST: Duration = Duration::from_secs(120);

fn npm_could_not_look(said: &str) -> bool {
    // EUSAGE is how it says that the two differ; whatever else it complains about, it did not come to compare them.
    !said.contains("EUSAGE") && !said.contains("ERESOLVE")
}

fn pnpm_could_not_look(said: &str) -> bool {
    !said.contains("ERR_PNPM_OUTDATED_LOCKFILE") && !said.contains("ERR_PNPM_LOCKFILE_CONFIG")
}

fn ask(world: &World, cmd: &Cmd, could_not_look: &dyn Fn(&str) -> bool) -> Result<Outcome> {
    let output = match world.run(cmd) {
        Ok(output) => output,
        Err(error) => {
            world.check_interrupt()?;
            return Ok(Outcome::Unknown(format!("{error:#}")));
        }
    };
    world.check_interrupt()?;
    if output.ok() {
        return Ok(Outcome::Held);
    }
    // pnpm tells what is wrong on its standard output.
    let said = format!("{}\n{}", output.errors(), output.text());
    let said = said.trim();
    Ok(match output.code.is_none() || could_not_look(said) {
        true => Outcome::Unknown(
            said.lines()
                .find(|line| !line.trim().is_empty())
                .unwrap_or("it said nothing")
                .to_owned(),
        ),
        false => Outcome::Broken(said.to_owned()),
    })
}
