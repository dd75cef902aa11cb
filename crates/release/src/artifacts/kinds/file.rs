//! `kind = "file"`: one file of the checkout as it is, built first when a command is declared.

use anyhow::{Context as _, Result};
use config::ArtifactKind;

use super::{Job, Maker, refused};
use crate::Artifact;
use crate::artifacts::checkout::Checkout;

pub(super) const MAKER: Maker = Maker {
    kind: ArtifactKind::File,
    names: |job| Ok(vec![job.name()?]),
    contents: |declared| declared.path.clone().unwrap_or_default(),
    commands: |job| Ok(job.build_cmd().into_iter().collect()),
    make,
};

fn make(job: &Job<'_>) -> Result<Vec<Artifact>> {
    let path = job.declared.path.as_deref().context("`path` is missing")?;
    job.built()?;
    let checkout = Checkout::of(job)?;
    let Some(file) = checkout.file(path)? else {
        return Err(refused(
            format!("{path} is not there, or is no file; {}", checkout.rule()),
            "mend `path` of that [[artifact]] in release.toml",
        ));
    };
    Ok(vec![job.copy(job.name()?, &file)?])
}
