//! The assets built a second time, elsewhere and otherwise, and compared: what differs can be rebuilt by nobody.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use archive::compare::{Compared, compare};
use config::ArtifactKind;
use world::Stopwatch;

use super::Build;
use super::variation::Variation;
use crate::{Artifact, Event, Kind, Paths, Refusal, prepare};

/// A clock that is read to the second has moved on between the two builds.
const APART: Duration = Duration::from_millis(1100);

const HELP: &str = "usual causes: the time of the build (SOURCE_DATE_EPOCH is set for build commands), the path of the checkout, a random number, \
    the order of a hash map or of a folder's listing, umask, time zone, user, number of threads; \
    mend the build, or set build_twice = false in [release] of release.toml";

/// Builds everything again and stops where it comes out differently. `since`: the beginning of the first build.
pub(super) fn prove(
    first: &Build<'_>,
    paths: &Paths,
    assets: &[Artifact],
    since: Stopwatch,
) -> Result<()> {
    let cx = first.cx;
    if !cx.config.release.build_twice {
        cx.tell(&Event::Note(
            "built once: not compared, so nobody knows whether it can be built again; see build_twice in [release] of release.toml"
                .to_owned(),
        ));
        return Ok(());
    }
    let watch = cx.world.stopwatch();
    let again = paths.again();
    prepare::add_otherwise(cx, &paths.again_tree(), first.commit)?;
    let second = Build {
        tree: paths.again_tree(),
        target: again.join("target"),
        scratch: again.clone(),
        out: again.join("artifacts"),
        variation: Some(Variation::of(&cx.world, &again)?),
        ..*first
    };
    if first.tree.join("node_modules").is_dir() {
        install(&second)?;
    }
    if cx.config.artifacts_or_default().iter().any(runs_commands) {
        std::thread::sleep(APART.saturating_sub(since.elapsed()));
    }
    let theirs = second.assets().with_context(|| {
        let how = second.variation.as_ref().map(Variation::said);
        format!(
            "the second build failed where the first did not; it runs in a fresh checkout with {}",
            how.unwrap_or_default()
        )
    })?;
    let differing = differences(first, assets, &second, &theirs)?;
    if differing.is_empty() {
        let bytes: u64 = assets.iter().map(|asset| asset.size).sum();
        cx.tell(&Event::Note(format!(
            "built twice, in two folders: {} of {bytes} bytes in all are the same (the second build took {:.1} s)",
            counted(assets.len()),
            watch.elapsed().as_secs_f64()
        )));
        return Ok(());
    }
    let names: BTreeSet<&str> = differing.iter().map(|(name, _)| *name).collect();
    let lines: Vec<String> = differing
        .iter()
        .map(|(name, what)| format!("  {name}: {what}"))
        .collect();
    Err(Refusal::new(
        Kind::Findings,
        format!(
            "built twice, and {} differ{}; nothing was published\n{}",
            counted(names.len()),
            if names.len() == 1 { "s" } else { "" },
            lines.join("\n")
        ),
        HELP,
    )
    .into())
}

fn counted(assets: usize) -> String {
    match assets {
        1 => "1 asset".to_owned(),
        count => format!("{count} assets"),
    }
}

pub(super) fn runs_commands(declared: &config::Artifact) -> bool {
    declared.build.is_some()
        || !matches!(
            declared.kind,
            ArtifactKind::Source
                | ArtifactKind::Files
                | ArtifactKind::File
                | ArtifactKind::Terraform
        )
}

/// What the gates install in the first checkout, nobody has installed in this one.
pub(super) fn install(build: &Build<'_>) -> Result<()> {
    let inputs = build.inputs;
    let gates = gates::Cx {
        subject: gates::Subject::Candidate {
            base: inputs.base.clone(),
            version: inputs.version.clone(),
            tag: inputs.tag.clone(),
            planned: Vec::new(),
        },
        root: build.tree.clone(),
        ..build.cx.gates()
    };
    match gates::dependencies(&gates, super::BUILD_TIMEOUT)? {
        None => Ok(()),
        Some(reason) => Err(Refusal::new(
            Kind::CannotAct,
            format!("a second checkout of the release commit cannot be built: {reason}"),
            "make the package manager able to install from its store or the network",
        )
        .into()),
    }
}

/// Name of the asset and what is different, for every asset that is not the same.
fn differences<'a>(
    first: &Build<'_>,
    ours: &'a [Artifact],
    second: &Build<'_>,
    theirs: &'a [Artifact],
) -> Result<Vec<(&'a str, String)>> {
    let find = |among: &'a [Artifact], name: &str| among.iter().find(|asset| asset.name == name);
    let mut differing = Vec::new();
    for asset in ours {
        let name = asset.name.as_str();
        match find(theirs, name) {
            None => differing.push((name, "only in the first build".to_owned())),
            Some(other) if other.sha256 == asset.sha256 => {}
            Some(_) => {
                let compared = compare_files(&first.out.join(name), &second.out.join(name))?;
                differing.extend(lines(&compared).into_iter().map(|line| (name, line)));
            }
        }
    }
    let new = theirs
        .iter()
        .filter(|asset| find(ours, &asset.name).is_none());
    differing.extend(new.map(|asset| (asset.name.as_str(), "only in the second build".to_owned())));
    Ok(differing)
}

/// The differences of two files in words, a line each.
pub(super) fn lines(compared: &Compared) -> Vec<String> {
    match compared {
        Compared::Same => Vec::new(),
        Compared::Recompressed { what } => {
            vec![format!(
                "the {what} is the same, its compressed bytes are not"
            )]
        }
        Compared::Differs { first, more } => {
            let mut lines: Vec<String> = first.iter().map(ToString::to_string).collect();
            lines.extend((*more > 0).then(|| format!("and {more} more differences")));
            lines
        }
    }
}

pub(super) fn compare_files(first: &Path, second: &Path) -> Result<Compared> {
    let open = |path: &Path| File::open(path).with_context(|| format!("open {}", path.display()));
    compare(open(first)?, open(second)?)
        .with_context(|| format!("compare {} with {}", first.display(), second.display()))
}
