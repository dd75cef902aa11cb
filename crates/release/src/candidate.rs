//! A candidate: everything that will be published, fixed by content.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};
use world::World;

use crate::signing::Signer;
use crate::{Inputs, Kind, Paths, Refusal};

/// Written once, atomically, when everything else of the candidate is on disk. Holds no progress.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// The shape of this file.
    pub schema: u32,
    pub inputs: Inputs,
    /// The release commit; the base itself when nothing had to be changed.
    pub commit: String,
    /// The annotated tag, an object.
    pub tag_object: String,
    /// Files changed by the release commit, relative to the root.
    pub files: Vec<String>,
    /// How often the artifacts were built.
    #[serde(default)]
    pub built: Built,
    /// What is uploaded, sorted by name. `SHA256SUMS.txt` names all others.
    pub artifacts: Vec<Artifact>,
    /// Whose signature is over the sums and, where the method signs tags, the tag. `None`: unsigned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signer: Option<Signer>,
    /// Digest of the description that the forge gets, [`Paths::release`].
    pub release_sha256: String,
    /// Digest of the notes, [`Paths::notes`].
    pub notes_sha256: String,
    /// The verdict of every gate that let this candidate pass; waived ones say so.
    pub gates: BTreeMap<String, String>,
}

/// How often the artifacts were built, and so whether anybody knows that they can be built again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Built {
    /// Not compared with anything.
    #[default]
    Once,
    /// In two checkouts with different surroundings, to the same bytes.
    Twice,
}

impl Built {
    /// As configured: a candidate whose two builds differ is never made.
    pub(crate) fn of(cx: &crate::Cx) -> Built {
        if cx.config.release.build_twice {
            Built::Twice
        } else {
            Built::Once
        }
    }

    /// In words, for a person.
    pub fn said(self) -> &'static str {
        match self {
            Built::Once => "once: not compared",
            Built::Twice => "twice, in two folders: the same bytes",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifact {
    pub name: String,
    /// In bytes.
    pub size: u64,
    /// Lower-case hexadecimal SHA-256 of the file.
    pub sha256: String,
    /// SHA-256 of the uncompressed archive: the same whatever compressor made the file.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tar_sha256: Option<String>,
}

impl Artifact {
    pub(crate) fn archive(name: String, written: archive::Written) -> Artifact {
        Artifact {
            name,
            size: written.size,
            sha256: written.sha256,
            tar_sha256: written.tar_sha256,
        }
    }
}

pub const SCHEMA: u32 = 1;

impl Candidate {
    /// What a person approves: SHA-256 over the canonical JSON (fixed order of keys, no white space).
    pub fn digest(&self) -> Result<String> {
        Ok(archive::sha256_hex(&serde_json::to_vec(self)?))
    }

    /// The candidate on disk, or `None`.
    pub fn load(world: &World, paths: &Paths) -> Result<Option<Candidate>> {
        let path = paths.candidate();
        let Some(text) = world.read_if_exists(&path)? else {
            return Ok(None);
        };
        let candidate: Candidate = serde_json::from_str(&text).with_context(|| {
            format!(
                "read {}; if a newer landfall wrote it use that one, else remove its folder",
                path.display()
            )
        })?;
        if candidate.schema != SCHEMA {
            return Err(Refusal::new(
                Kind::CannotAct,
                format!(
                    "{} has schema {}, this landfall reads {SCHEMA}",
                    path.display(),
                    candidate.schema
                ),
                "run the landfall that prepared it, or abort the release",
            )
            .into());
        }
        Ok(Some(candidate))
    }

    /// Whether the bytes on disk are still the ones of the candidate.
    pub fn check_files(&self, paths: &Paths) -> Result<()> {
        let mut wanted: Vec<(std::path::PathBuf, &str)> = self
            .artifacts
            .iter()
            .map(|artifact| {
                (
                    paths.artifacts().join(&artifact.name),
                    artifact.sha256.as_str(),
                )
            })
            .collect();
        wanted.push((paths.release(), &self.release_sha256));
        wanted.push((paths.notes(), &self.notes_sha256));
        for (path, sha256) in wanted {
            if digest_of(&path)?.as_deref() != Some(sha256) {
                return Err(Refusal::new(
                    Kind::Conflict,
                    format!("{} is not what the candidate was made of", path.display()),
                    format!(
                        "cargo xtask abort {} and release again",
                        self.inputs.version
                    ),
                )
                .into());
            }
        }
        Ok(())
    }
}

/// The SHA-256 of a file; `None` when there is no such file.
pub fn digest_of(path: &Path) -> Result<Option<String>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("open {}", path.display())),
    };
    let (_, sha256) =
        archive::sha256_of(file).with_context(|| format!("read {}", path.display()))?;
    Ok(Some(sha256))
}
