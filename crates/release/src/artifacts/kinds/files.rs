//! `kind = "files"`: files of the checkout, built first when a command is declared.

use anyhow::Result;
use config::ArtifactKind;

use super::{Job, Maker};
use crate::Artifact;
use crate::artifacts::checkout::Checkout;
use crate::artifacts::contents::Contents;
use crate::artifacts::licences;

pub(super) const MAKER: Maker = Maker {
    kind: ArtifactKind::Files,
    names: |job| Ok(vec![job.name()?]),
    contents: |declared| match &declared.folder {
        Some(folder) => format!("{} of {folder}", declared.files.join(", ")),
        None => declared.files.join(", "),
    },
    commands: |job| Ok(job.build_cmd().into_iter().collect()),
    make,
};

/// A missing required file leaves no archive.
fn make(job: &Job<'_>) -> Result<Vec<Artifact>> {
    let (place, declared) = (job.place()?, job.declared);
    job.built()?;
    let checkout = Checkout::of(job)?;
    let folder = declared.folder.as_deref();
    let mut contents = Contents::default();
    contents.extend(checkout.select(folder, &declared.files, &declared.exclude)?);
    contents.require(&declared.required, checkout.rule())?;
    let folders = [folder.unwrap_or_default(), ""];
    licences::add(job.build, &mut contents, &folders)?;
    Ok(vec![contents.pack(job.build, place)?])
}
