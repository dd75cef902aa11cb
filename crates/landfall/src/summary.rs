//! The last page of a release: what happened, where it is, how to check it, what comes next.

use release::artifacts::attest;
use release::rehearse::Area;
use release::signing::UNSIGNED;
use release::{Candidate, Paths};

use crate::render::{Ui, YELLOW, size};

/// What a person wants to know when it is over.
pub(crate) fn released(
    ui: &Ui,
    candidate: &Candidate,
    paths: &Paths,
    forge: Option<&str>,
    before: bool,
) {
    let inputs = &candidate.inputs;
    let again = if before {
        " — was released before, this run changed nothing"
    } else {
        ""
    };
    ui.out(&ui.bold(&format!(
        "\nRELEASED {} {}{again}",
        inputs.project, inputs.version
    )));
    facts(ui, candidate, &here(paths), forge);
    ui.out("  next       git pull --ff-only    (brings the release commit to this checkout)");
}

pub(crate) fn rehearsed(
    ui: &Ui,
    candidate: &Candidate,
    paths: &Paths,
    area: &Area,
    root: &std::path::Path,
) {
    let inputs = &candidate.inputs;
    let shown = |path: &std::path::Path| {
        path.strip_prefix(root)
            .unwrap_or(path)
            .display()
            .to_string()
    };
    ui.out(&ui.bold(&format!(
        "\nREHEARSED {} {} — nothing outside of target/ was changed; it is all in {}",
        inputs.project,
        inputs.version,
        shown(&area.dir)
    )));
    let artifacts = shown(&paths.artifacts());
    facts(ui, candidate, &artifacts, Some(&shown(&area.forge)));
    ui.out(&format!(
        "  look at    git -C {} log --stat -1 {}",
        shown(&area.remote),
        inputs.tag
    ));
    ui.out(&format!(
        "             git -C {} cat-file tag {}",
        shown(&area.remote),
        inputs.tag
    ));
    ui.out(&format!(
        "  check      (cd {} && sha256sum -c SHA256SUMS.txt)",
        shown(&paths.artifacts())
    ));
    ui.out(&ui.hint(&format!(
        "  for real   cargo xtask release {}",
        inputs.version
    )));
}

/// What there is to approve: shown before the question, too.
pub(crate) fn staged(ui: &Ui, candidate: &Candidate, paths: &Paths, digest: &str) {
    let inputs = &candidate.inputs;
    ui.out(&ui.bold(&format!(
        "\nSTAGED {} {} — nothing is public",
        inputs.project, inputs.version
    )));
    facts(ui, candidate, &here(paths), None);
    ui.out(&format!("  digest     {digest}"));
}

/// How to go on with what is staged, for whoever asked to stop there.
pub(crate) fn staged_next(ui: &Ui, candidate: &Candidate, digest: &str) {
    let inputs = &candidate.inputs;
    ui.out(&ui.hint(&format!(
        "  next       cargo xtask release {} --approve {digest}",
        inputs.version
    )));
    ui.out(&ui.hint(&format!(
        "  or         cargo xtask abort {}",
        inputs.version
    )));
}

/// The folder of artifacts, as it is typed at the root of the repository.
fn here(paths: &Paths) -> String {
    paths.shown(&paths.artifacts()).display().to_string()
}

fn facts(ui: &Ui, candidate: &Candidate, artifacts: &str, forge: Option<&str>) {
    let inputs = &candidate.inputs;
    let files = match candidate.files.len() {
        0 => "no file had to be changed".to_owned(),
        1 => "1 file changed".to_owned(),
        count => format!("{count} files changed"),
    };
    ui.out(&format!(
        "  commit     {} on {} ({files})",
        candidate.commit, inputs.branch
    ));
    ui.out(&format!(
        "  tag        {} (annotated), after {}",
        inputs.tag,
        inputs
            .previous
            .as_deref()
            .unwrap_or("none: the first release")
    ));
    if let Some(dir) = artifacts.strip_suffix("/artifacts") {
        ui.out(&format!("  notes      {dir}/notes.md"));
    }
    ui.out(&format!("  artifacts  {artifacts}"));
    for artifact in &candidate.artifacts {
        ui.out(&format!(
            "             {}  {}  sha256 {}",
            artifact.name,
            size(artifact.size),
            artifact.sha256
        ));
    }
    ui.out(&format!("  built      {}", candidate.built.said()));
    match &candidate.signer {
        Some(signer) => ui.out(&format!("  signed by  {signer}")),
        None => ui.out(&format!("  {}", ui.paint(YELLOW, UNSIGNED))),
    }
    if candidate
        .artifacts
        .iter()
        .any(|artifact| artifact.name == attest::PROVENANCE)
    {
        ui.out(
            "  provenance claims SLSA Build Level 1 and no more: the build itself has written it",
        );
    }
    if let Some(forge) = forge {
        ui.out(&format!("  forge      {forge}/{}", inputs.tag));
    }
    for (word, meaning) in [
        ("warn", "passed with warnings"),
        ("waived", "let through"),
        ("skipped", "not checked"),
    ] {
        let named = candidate
            .gates
            .iter()
            .filter(|(_, verdict)| verdict.contains(word));
        let names: Vec<&str> = named.map(|(name, _)| name.as_str()).collect();
        if !names.is_empty() {
            ui.out(&format!("  {word:<9}  {} — {meaning}", names.join(", ")));
        }
    }
}
