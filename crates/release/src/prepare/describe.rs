//! What the forge is told of the release.

use anyhow::Result;
use serde_json::json;

use crate::{Artifact, Cx, Inputs, Paths};

/// What the forge is told. Title and flags are settings, never guessed from the version.
pub(super) fn describe(
    cx: &Cx,
    paths: &Paths,
    inputs: &Inputs,
    commit: &str,
    artifacts: &[Artifact],
) -> Result<()> {
    let release = &cx.config.release;
    let description = json!({
        "schema": 1,
        "tag": inputs.tag,
        "version": inputs.version.to_string(),
        "title": inputs.expand(&release.title)?,
        "prerelease": release.prerelease,
        "latest": release.latest,
        "date": inputs.date,
        "commit": commit,
        "previous": inputs.previous,
        "body": super::commit::notes_body(cx, paths)?,
        "assets": artifacts,
    });
    cx.world.write_file(
        &paths.release(),
        format!("{}\n", serde_json::to_string_pretty(&description)?).as_bytes(),
    )
}
