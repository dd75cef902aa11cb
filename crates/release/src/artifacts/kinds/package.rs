//! `kind = "package"`: packages as their own tools make them, under the names that these give them.
//!
//! Crates are packed all at once, also those that are not asked for: `cargo package` finds one that is not published yet
//! beside those that need it, and so needs no registry.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use config::ArtifactKind;
use gates::packages::{self, Package};
use gates::places;
use gates::project::NodeManager;
use world::{Cmd, Failure};

use super::{Job, Maker, refused};
use crate::{Artifact, Event};

pub(super) const MAKER: Maker = Maker {
    kind: ArtifactKind::Package,
    names: |job| {
        Ok(survey(job)?
            .chosen
            .iter()
            .map(|one| asset(job, one))
            .collect())
    },
    contents: |declared| match &declared.package {
        Some(package) => format!("the package {package}"),
        None => "the packages".to_owned(),
    },
    commands: |job| commands(job, &survey(job)?),
    make,
};

struct Survey {
    /// What is attached.
    chosen: Vec<Package>,
    /// All crates that may be published.
    crates: Vec<Package>,
    /// Packages with a version of their own.
    others: Vec<Package>,
}

fn survey(job: &Job<'_>) -> Result<Survey> {
    let cx = job.build.cx;
    let gates = gates::Cx {
        root: job.root.to_owned(),
        ..cx.gates()
    };
    let all = packages::publishable(&gates)?;
    let ours = places::discover(&cx.world, job.root, &cx.config)?.packages;
    let crates = all.iter().filter(|one| one.node.is_none()).cloned();
    let crates = crates.collect();
    let wanted = |one: &Package| {
        job.declared
            .package
            .as_ref()
            .is_none_or(|name| *name == one.name)
    };
    let (chosen, others): (Vec<Package>, Vec<Package>) = all
        .iter()
        .filter(|one| wanted(one))
        .cloned()
        .partition(|one| ours.contains(&one.name));
    let version = &job.build.inputs.version;
    if chosen.is_empty() {
        let known: Vec<&str> = all.iter().map(|one| one.name.as_str()).collect();
        let (message, help) = match (others.first(), &job.declared.package) {
            (Some(other), Some(_)) => (
                format!(
                    "the package {} has a version of its own, {}, and {version} is released",
                    other.name, other.version
                ),
                "release it in a [[group]] of its own, or leave this [[artifact]] out".to_owned(),
            ),
            (_, Some(name)) => (
                format!("there is no package {name} that may be published"),
                format!("that may be: {}", known.join(", ")),
            ),
            (_, None) => (
                format!("no package that may be published has the version {version}"),
                "name files by `kind = \"files\"` instead".to_owned(),
            ),
        };
        return Err(refused(message, help));
    }
    Ok(Survey {
        chosen,
        crates,
        others,
    })
}

/// The name that the tool gives its file.
fn asset(job: &Job<'_>, package: &Package) -> String {
    let (name, version) = (&package.name, &job.build.inputs.version);
    match package.node {
        None => format!("{name}-{version}.crate"),
        Some(_) => format!(
            "{}-{version}.tgz",
            name.trim_start_matches('@').replace('/', "-")
        ),
    }
}

/// Where the tools put what they make.
fn folder(job: &Job<'_>) -> PathBuf {
    job.build.scratch.join("packing")
}

fn commands(job: &Job<'_>, survey: &Survey) -> Result<Vec<Cmd>> {
    let mut commands: Vec<Cmd> = job.build_cmd().into_iter().collect();
    let folder = folder(job);
    if survey.chosen.iter().any(|one| one.node.is_none()) {
        let mut args: Vec<String> = ["package", "--no-verify"].map(str::to_owned).to_vec();
        args.extend(job.locked()?);
        if job.declared.build.is_some() {
            // What the command has made may be in it.
            args.push("--allow-dirty".to_owned());
        }
        for one in &survey.crates {
            args.extend(["--package".to_owned(), one.name.clone()]);
        }
        let cmd = job.build.cmd("cargo", &args);
        commands.push(cmd.arg("--target-dir").arg(&folder));
    }
    for one in &survey.chosen {
        let cmd = match one.node {
            None => continue,
            Some(NodeManager::Npm) => {
                let from = format!("./{}", one.folder);
                job.build.cmd("npm", &["pack".to_owned(), from])
            }
            Some(NodeManager::Pnpm) => {
                let from = if one.folder.is_empty() {
                    "."
                } else {
                    &one.folder
                };
                let args = ["--dir", from, "pack"].map(str::to_owned);
                job.build.cmd("pnpm", &args)
            }
            Some(NodeManager::Yarn) => {
                return Err(refused(
                    format!(
                        "{} is managed by yarn, which is not asked to pack",
                        one.name
                    ),
                    "pack it by `build` of an [[artifact]] of kind `file`",
                ));
            }
        };
        commands.push(cmd.arg("--pack-destination").arg(&folder));
    }
    Ok(commands)
}

fn make(job: &Job<'_>) -> Result<Vec<Artifact>> {
    let (build, survey) = (job.build, survey(job)?);
    let (world, version) = (&build.cx.world, build.inputs.version.to_string());
    if let Some(other) = survey.chosen.iter().find(|one| one.version != version) {
        return Err(refused(
            format!(
                "the package {} is of version {:?}, and {version} is released",
                other.name, other.version
            ),
            "let its manifest carry the version of the release",
        ));
    }
    if !survey.others.is_empty() {
        let names: Vec<String> = survey
            .others
            .iter()
            .map(|one| format!("{} {}", one.name, one.version))
            .collect();
        build.cx.tell(&Event::Note(format!(
            "packages with a version of their own are not attached: {}",
            names.join(", ")
        )));
    }
    let folder = folder(job);
    world.remove_dir_all(&folder)?;
    world.create_dir_all(&folder)?;
    for cmd in commands(job, &survey)? {
        let output = world.run(&cmd)?;
        output.success().map_err(|error| {
            let unpublished = matches!(error.failure, Failure::Status(_))
                && error.said.contains("no matching package named");
            let error = anyhow::Error::from(error);
            match unpublished {
                true => error.context("this cargo may be too old to pack crates that need each other before they are published; 1.90 and later can"),
                false => error,
            }
        })?;
    }
    let mut assets = Vec::new();
    for one in &survey.chosen {
        let name = asset(job, one);
        let made = match one.node {
            None => folder.join("package").join(&name),
            Some(_) => folder.join(&name),
        };
        let made = made.is_file().then_some(made);
        let made = made.with_context(|| {
            format!(
                "the package manager ended well and left no {name} for {}",
                one.name
            )
        })?;
        assets.push(job.copy(name, &made)?);
    }
    world.remove_dir_all(&folder)?;
    Ok(assets)
}
