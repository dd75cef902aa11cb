//! From pinned inputs to a candidate, worked out for real in a scratch worktree.
//!
//! Nothing of the user's tree, index or branches is touched, and nothing half-made stays: an error removes the folder,
//! and what a kill leaves is removed or gone on with by the next run.

mod commit;
mod describe;
mod tree;

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use gates::places;
use semver::Version;
use world::FileEdit;

use crate::artifacts::attest;
use crate::candidate::{Built, Candidate, SCHEMA, digest_of};
use crate::signing::Signer;
use crate::{Cx, Event, Inputs, Kind, Paths, Refusal, changelog, paths, signing};

pub(crate) use tree::{add_at, add_otherwise, discard as discard_tree, forget as forget_trees};

/// The candidate of `version`: the one on disk, or a new one. Gates are run for a new one only.
pub fn prepare(cx: &Cx, version: &Version) -> Result<(Candidate, Paths)> {
    let tag = crate::inputs::tag_name(cx, version)?;
    let paths = Paths::new(&cx.root, &tag);
    if let Some(candidate) = Candidate::load(&cx.world, &paths)? {
        candidate.check_files(&paths)?;
        return Ok((candidate, paths));
    }
    gates::check_names(&cx.gates(), &cx.skip)?;
    let signer = signer(cx)?;
    // Before the gates: what a kill left of an earlier run must not look like somebody's untracked file.
    cx.world.private_dir(&Paths::candidates(&cx.root))?;
    gates_of_the_tree(cx)?;
    let made = from_scratch(cx, version, &paths, signer);
    if made.is_err() {
        // Interrupted or refused: the next run starts anew. The error that counts is the first.
        let cx = Cx {
            world: cx.world.undeterred(),
            ..cx.clone()
        };
        drop(tree::discard(&cx, &paths).and_then(|()| cx.world.remove_dir_all(&paths.dir())));
    }
    Ok((made?, paths))
}

/// Who will sign, tried before anything slow is done.
fn signer(cx: &Cx) -> Result<Option<Signer>> {
    let Some(ready) = signing::ready(cx)? else {
        return Ok(None);
    };
    for note in ready.notes {
        cx.tell(&Event::Note(note));
    }
    Ok(Some(ready.signer))
}

fn from_scratch(
    cx: &Cx,
    version: &Version,
    paths: &Paths,
    signer: Option<Signer>,
) -> Result<Candidate> {
    let inputs = pinned(cx, version, paths)?;
    cx.tell(&Event::Phase("prepare"));
    tree::add(cx, paths, &inputs)?;
    let mut planned = edit(cx, paths, &inputs)?;
    planned.sort();
    let gates = gates_of_the_candidate(cx, paths, &inputs, &planned)?;
    let commit = commit::commit(cx, paths, &inputs, &planned)?;
    let told = attest::Told {
        gates: &gates,
        built_twice: Built::of(cx) == Built::Twice,
    };
    let artifacts = crate::artifacts::build(cx, paths, &inputs, &commit, &told)?;
    describe::describe(cx, paths, &inputs, &commit, &artifacts)?;
    let tag_object = commit::tag(cx, paths, &inputs, &commit)?;
    let digest = |path: &std::path::Path| {
        digest_of(path)?
            .with_context(|| format!("{} vanished while the candidate was made", path.display()))
    };
    let candidate = Candidate {
        schema: SCHEMA,
        release_sha256: digest(&paths.release())?,
        notes_sha256: digest(&paths.notes())?,
        inputs,
        commit,
        tag_object,
        files: planned,
        built: Built::of(cx),
        artifacts,
        signer,
        gates: verdicts(&gates),
    };
    let mut text = serde_json::to_string_pretty(&candidate)?;
    text.push('\n');
    // Last of all: where there is a candidate, there is nothing half-made beside it.
    tree::discard(cx, paths)?;
    cx.world.write_file(&paths.candidate(), text.as_bytes())?;
    Ok(candidate)
}

/// The inputs of a run that was killed today on the same commit, else new ones.
fn pinned(cx: &Cx, version: &Version, paths: &Paths) -> Result<Inputs> {
    let fresh = Inputs::pin(cx, version)?;
    let held = cx.world.read_if_exists(&paths.inputs())?;
    if let Some(held) = held.and_then(|text| serde_json::from_str::<Inputs>(&text).ok())
        && held
            == (Inputs {
                time_s: held.time_s,
                ..fresh.clone()
            })
    {
        return Ok(held);
    }
    cx.world.remove_dir_all(&paths.dir())?;
    cx.world.create_dir_all(&paths.dir())?;
    cx.world
        .write_file(&paths.inputs(), &serde_json::to_vec_pretty(&fresh)?)?;
    Ok(fresh)
}

/// What can be known before anything is built, asked of the user's own tree.
fn gates_of_the_tree(cx: &Cx) -> Result<()> {
    cx.tell(&Event::Phase("gates of the working tree"));
    let names = gates::table(&cx.gates())
        .iter()
        .filter(|gate| gate.cost != gates::Cost::Slow)
        .map(|gate| gate.name.to_owned())
        .collect();
    let subject = gates::Subject::Tree;
    run_gates(cx, cx.root.clone(), subject, names).map(|_| ())
}

/// All gates, on exactly what would be released.
fn gates_of_the_candidate(
    cx: &Cx,
    paths: &Paths,
    inputs: &Inputs,
    planned: &[String],
) -> Result<gates::Summary> {
    cx.tell(&Event::Phase("gates of the candidate"));
    let names = gates::table(&cx.gates())
        .iter()
        .filter(|gate| gate.name != "tools")
        .map(|gate| gate.name.to_owned())
        .collect();
    let subject = gates::Subject::Candidate {
        base: inputs.base.clone(),
        version: inputs.version.clone(),
        tag: inputs.tag.clone(),
        planned: planned.to_vec(),
    };
    run_gates(cx, paths.tree(), subject, names)
}

fn run_gates(
    cx: &Cx,
    root: std::path::PathBuf,
    subject: gates::Subject,
    names: Vec<String>,
) -> Result<gates::Summary> {
    let target_dir =
        matches!(subject, gates::Subject::Candidate { .. }).then(|| cx.build_dir.clone());
    let mut gate_cx = gates::Cx {
        subject,
        target_dir,
        root,
        ..cx.gates()
    };
    // Beside what is built for candidates: a release may reuse what its rehearsal has seen of the same tree.
    if let (Some(memory), Some(folder)) = (&mut gate_cx.memory, &gate_cx.target_dir) {
        memory.folder = folder.join("gates");
    }
    let request = gates::Request {
        names,
        skip: cx.skip.clone(),
        jobs: cx.jobs,
        ..gates::Request::default()
    };
    let summary = gates::run(&gate_cx, &request, &|progress| {
        cx.tell(&Event::Gate(progress));
    })?;
    cx.tell(&Event::Gates(&summary));
    let blockers = summary.blockers();
    if !blockers.is_empty() {
        let named: Vec<&str> = blockers.iter().map(|report| report.name.as_str()).collect();
        let failed = blockers
            .iter()
            .any(|report| report.verdict == gates::Verdict::Fail);
        let kind = if failed {
            Kind::Findings
        } else {
            Kind::CannotAct
        };
        return Err(Refusal::new(
            kind,
            format!("blocked by {}; nothing was published", named.join(", ")),
            "mend what the findings above say, or record a waiver in release.toml ([[waiver]]: gate, reason, owner, until)",
        )
        .into());
    }
    Ok(summary)
}

/// What the candidate keeps of the gates that let it pass.
fn verdicts(summary: &gates::Summary) -> BTreeMap<String, String> {
    summary
        .reports
        .iter()
        .map(|report| {
            let verdict = match &report.waived {
                Some(waiver) => format!("{} (waived: {waiver})", report.verdict.name()),
                None => report.verdict.name().to_owned(),
            };
            (report.name.clone(), verdict)
        })
        .collect()
}

/// Version and changelog, in the scratch tree; the paths that changed.
fn edit(cx: &Cx, paths: &Paths, inputs: &Inputs) -> Result<Vec<String>> {
    let tree = paths.tree();
    let places =
        places::discover(&cx.world, &tree, &cx.config).context("find the places of the version")?;
    refuse_downgrade(cx, &places, &inputs.version)?;
    let changes = places::changes(&cx.world, &tree, &cx.config, &places, &inputs.version)?;
    cx.tell(&Event::Edits(&changes));
    for raise in places.raises(&inputs.version) {
        cx.tell(&Event::Note(raise.to_string()));
    }
    let mut edits: Vec<FileEdit> = changes
        .iter()
        .filter(|change| change.kind != places::ChangeKind::Same)
        .map(|change| FileEdit {
            path: tree.join(&change.path),
            contents: change.contents.clone(),
        })
        .collect();
    let mut planned: Vec<String> = changes
        .iter()
        .filter(|change| change.kind != places::ChangeKind::Same)
        .map(|change| change.path.clone())
        .collect();
    let log = changelog::with_section(cx, &tree, inputs, changelog::Mode::Final, false)?;
    cx.tell(&Event::Note(match &log.tally {
        Some(tally) => format!("{}: {}", log.name, changelog::said(tally)),
        None => format!(
            "{} has a section for {} already; it is kept as it is",
            log.name, inputs.version
        ),
    }));
    for note in &log.notes {
        cx.tell(&Event::Note(note.clone()));
    }
    if log.changed() {
        edits.push(FileEdit {
            path: log.path.clone(),
            contents: log.new.clone().into_bytes(),
        });
        planned.push(log.name.clone());
    }
    cx.world
        .write_files(&paths::state_dir(&cx.world, &tree)?, &edits)?;
    cx.world.write_file(
        &paths.notes(),
        format!("{}\n", changelog::body(&log.section)).as_bytes(),
    )?;
    Ok(planned)
}

/// A lower version than the present one is refused unless the configuration gives a reason.
pub fn refuse_downgrade(cx: &Cx, places: &places::Places, version: &Version) -> Result<()> {
    let Some(current) = &places.current else {
        return Ok(());
    };
    if version >= current {
        return Ok(());
    }
    match &cx.config.version.allow_downgrade {
        Some(reason) => {
            cx.tell(&Event::Note(format!("{current} → {version} is a downgrade, allowed: {reason}")));
            Ok(())
        }
        None => Err(Refusal::new(
            Kind::Findings,
            format!("{version} sorts before the current version {current} (SemVer 2.0.0, section 11)"),
            "choose a higher version, or set `allow_downgrade = \"why\"` in [version] of release.toml",
        )
        .into()),
    }
}
