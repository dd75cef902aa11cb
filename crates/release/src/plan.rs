//! What a release would do, in order, with the point of no return. Touches nothing and needs no credentials.
//!
//! The commands are the ones the driver runs: they come from the same steps, with names in place of what is known only
//! once a candidate is made.

use std::collections::BTreeMap;

use anyhow::Result;
use gates::places;
use semver::Version;
use serde::Serialize;

use crate::candidate::SCHEMA;
use crate::signing::UNSIGNED;
use crate::steps::{STEPS, StepCx};
use crate::{Artifact, Candidate, Cx, Inputs, Paths, Reversal, Stage, artifacts, prepare, signing};

/// Stands for the release commit in a planned command.
const COMMIT: &str = "00000000000000000000000000000000000c0331";
/// Stands for the tag object.
const TAG_OBJECT: &str = "000000000000000000000000000000000007a6ff";

#[derive(Debug, Clone, Serialize)]
pub struct Plan {
    pub inputs: Inputs,
    pub current: Option<Version>,
    /// Paths that the release commit would change, besides the changelog.
    pub files: Vec<String>,
    /// What preparing does, as commands.
    pub prepare: Vec<String>,
    pub steps: Vec<Planned>,
    /// A candidate is there: commits and digests below are the real ones.
    pub prepared: bool,
    /// What follows a command so that it means the same group.
    #[serde(skip)]
    group_flag: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct Planned {
    pub name: &'static str,
    pub about: &'static str,
    pub stage: Stage,
    pub reversal: Reversal,
    pub commands: Vec<String>,
}

pub fn plan(cx: &Cx, version: &Version) -> Result<Plan> {
    let tag = crate::inputs::tag_name(cx, version)?;
    let paths = Paths::new(&cx.root, &tag);
    let known = Candidate::load(&cx.world, &paths)?;
    let prepared = known.is_some();
    let candidate = match known {
        Some(candidate) => candidate,
        None => imagined(cx, version)?,
    };
    let places = places::discover(&cx.world, &cx.root, &cx.config)?;
    prepare::refuse_downgrade(cx, &places, version)?;
    let changes = places::changes(&cx.world, &cx.root, &cx.config, &places, version)?;
    let files = changes
        .iter()
        .filter(|change| change.kind != places::ChangeKind::Same)
        .map(|change| change.path.clone())
        .collect();
    let step_cx = StepCx {
        cx,
        candidate: &candidate,
        paths: &paths,
    };
    let steps = STEPS
        .iter()
        .map(|step| {
            let commands = (step.plan)(&step_cx)?
                .iter()
                .map(|cmd| named(&cx.world.redact(&cmd.to_string())))
                .collect();
            Ok(Planned {
                name: step.name,
                about: step.about,
                stage: step.stage,
                reversal: step.reversal,
                commands,
            })
        })
        .collect::<Result<_>>()?;
    let prepare = preparing(cx, &candidate.inputs, &paths)?;
    Ok(Plan {
        inputs: candidate.inputs,
        current: places.current,
        files,
        prepare,
        steps,
        prepared,
        group_flag: cx.config.group_flag(),
    })
}

/// The candidate as far as it can be known without making it.
fn imagined(cx: &Cx, version: &Version) -> Result<Candidate> {
    let inputs = Inputs::pin(cx, version)?;
    let paths = Paths::new(&cx.root, &inputs.tag);
    let planned = artifacts::planned(cx, &paths, &inputs, COMMIT)?;
    let signature = match &cx.config.signing {
        Some(signing) => Some(signing::name(signing)?),
        None => None,
    };
    let bills = artifacts::bills(cx, &paths, &inputs, COMMIT)?;
    let about = artifacts::attest::names(&cx.config)
        .into_iter()
        .chain([artifacts::SUMS])
        .map(str::to_owned);
    let mut artifacts: Vec<Artifact> = planned
        .into_iter()
        .flat_map(|planned| planned.names)
        .chain(bills)
        .chain(about)
        .chain(signature)
        .map(|name| Artifact {
            name,
            size: 0,
            sha256: String::new(),
            tar_sha256: None,
        })
        .collect();
    // In the order of a real candidate, which is the order of the upload.
    artifacts.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(Candidate {
        schema: SCHEMA,
        inputs,
        commit: COMMIT.to_owned(),
        tag_object: TAG_OBJECT.to_owned(),
        files: Vec::new(),
        built: crate::Built::of(cx),
        artifacts,
        signer: None,
        release_sha256: String::new(),
        notes_sha256: String::new(),
        gates: BTreeMap::new(),
    })
}

fn named(command: &str) -> String {
    command
        .replace(COMMIT, "${COMMIT}")
        .replace(TAG_OBJECT, "${TAG_OBJECT}")
}

/// Preparing, as a person would do it by hand.
fn preparing(cx: &Cx, inputs: &Inputs, paths: &Paths) -> Result<Vec<String>> {
    let tree = paths.shown(&paths.tree());
    let tree = world::quote(&tree.to_string_lossy());
    let (version, flag) = (&inputs.version, cx.config.group_flag());
    let mut lines = vec![
        format!("git worktree add --detach {tree} {}", inputs.base),
        format!("cargo xtask -C {tree} version set {version}{flag}"),
        format!("cargo xtask -C {tree} changelog write {version} --final{flag}"),
        format!("cargo xtask -C {tree} preflight{flag}"),
        format!(
            "git -C {tree} commit --file {}",
            world::quote(&paths.shown(&paths.commit_message()).to_string_lossy())
        ),
    ];
    for planned in artifacts::planned(cx, paths, inputs, COMMIT)? {
        for cmd in planned.commands {
            let cmd = named(&cx.world.redact(&cmd.to_string()));
            lines.push(format!("(cd {tree} && {cmd})"));
        }
        for name in planned.names {
            let path = paths.shown(&paths.artifacts().join(name));
            lines.push(format!("# build {}", path.display()));
        }
    }
    if cx.config.release.build_twice {
        let again = paths.shown(&paths.again_tree());
        lines.push(format!(
            "# build them again in {}, and compare",
            again.display()
        ));
    }
    lines.push(match &cx.config.signing {
        Some(signing) => format!(
            "# sign {} with {}; trusted are the keys in {}",
            artifacts::SUMS,
            signing.method.name(),
            signing.signers
        ),
        None => format!("# {UNSIGNED}"),
    });
    lines.push(format!(
        "git mktag < {}",
        world::quote(&paths.shown(&paths.tag_object()).to_string_lossy())
    ));
    Ok(lines)
}

impl Plan {
    /// The plan as a POSIX shell script, to be run at the root of the repository.
    pub fn script(&self) -> String {
        let Inputs { version, tag, .. } = &self.inputs;
        let flag = &self.group_flag;
        let mut out = format!(
            "#!/bin/sh\n# release {tag}; run at the root of the repository\nset -eu\n\n# prepare: nothing is visible to others\ncargo xtask artifacts build {version}{flag}\nTAG_OBJECT=$(git rev-parse refs/landfall/{tag})\nCOMMIT=$(git rev-parse 'refs/landfall/{tag}^{{commit}}')\n"
        );
        let mut stage = None;
        for step in &self.steps {
            if stage != Some(step.stage) {
                out.push_str(&format!("\n# stage: {}\n", step.stage));
                if step.stage == Stage::Public {
                    out.push_str(
                        "# ---- point of no return: what follows is seen by others ----\n",
                    );
                }
                stage = Some(step.stage);
            }
            out.push_str(&format!(
                "# {}: {} ({})\n",
                step.name, step.about, step.reversal
            ));
            for command in &step.commands {
                out.push_str(command);
                out.push('\n');
            }
        }
        out.push_str(&format!("\ngit update-ref -d refs/landfall/{tag}\n"));
        out
    }
}
