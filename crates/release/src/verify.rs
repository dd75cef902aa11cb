//! Whether a folder of artifacts is what its `SHA256SUMS.txt` says, and nothing else.

use std::path::Path;

use anyhow::{Context as _, Result};
use world::World;

use crate::artifacts::SUMS;
use crate::candidate::digest_of;
use crate::{Kind, Refusal};

/// One file of the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    pub name: String,
    /// `None`: as it should be.
    pub problem: Option<String>,
}

pub fn folder(world: &World, dir: &Path) -> Result<Vec<Checked>> {
    let path = dir.join(SUMS);
    let Some(text) = world.read_if_exists(&path)? else {
        return Err(Refusal::new(
            Kind::CannotAct,
            format!("no {SUMS} in {}", dir.display()),
            "name the folder that holds the artifacts, or a version that was prepared here",
        )
        .into());
    };
    let sums = archive::sums::parse(&text).with_context(|| format!("read {}", path.display()))?;
    let mut checked = Vec::new();
    for (name, sha256) in &sums {
        let problem = match digest_of(&dir.join(name))? {
            Some(found) if found == *sha256 => None,
            Some(found) => Some(format!("SHA-256 is {found}, {SUMS} says {sha256}")),
            None => Some("missing".to_owned()),
        };
        checked.push(Checked {
            name: name.clone(),
            problem,
        });
    }
    for entry in std::fs::read_dir(dir).with_context(|| format!("look at {}", dir.display()))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name != SUMS && !sums.iter().any(|(known, _)| *known == name) {
            checked.push(Checked {
                name,
                problem: Some(format!("not named in {SUMS}")),
            });
        }
    }
    checked.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(checked)
}

/// The files of a folder against the digests that the candidate fixed; only what differs is told.
pub fn against(candidate: &crate::Candidate, dir: &Path) -> Result<Vec<Checked>> {
    let mut differing = Vec::new();
    for artifact in &candidate.artifacts {
        let found = digest_of(&dir.join(&artifact.name))?;
        if found.as_ref() != Some(&artifact.sha256) {
            let found = found.unwrap_or_else(|| "missing".to_owned());
            let problem = format!("SHA-256 is {found}, the candidate says {}", artifact.sha256);
            differing.push(Checked {
                name: artifact.name.clone(),
                problem: Some(problem),
            });
        }
    }
    Ok(differing)
}
