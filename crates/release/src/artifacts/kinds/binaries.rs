//! `kind = "binaries"`: programs, an archive for each target, built by cargo or by a command of one's own.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use config::ArtifactKind;
use serde_json::Value;
use world::Cmd;

use super::{Job, Maker, Place, refused};
use crate::artifacts::checkout::Checkout;
use crate::artifacts::contents::Contents;
use crate::artifacts::{licences, rustflags};
use crate::{Artifact, Kind, Refusal};

pub(super) const MAKER: Maker = Maker {
    kind: ArtifactKind::Binaries,
    names: |job| {
        let place = |target: &String| Ok(place(job, target)?.name);
        targets(job)?.iter().map(place).collect()
    },
    contents: |declared| match declared.bins.as_slice() {
        [] => "programs".to_owned(),
        bins => format!("the programs {}", bins.join(", ")),
    },
    commands: |job| {
        let command = |target: &String| command(job, target);
        targets(job)?.iter().map(command).collect()
    },
    make,
};

/// Those that are declared, or the one of this machine.
fn targets(job: &Job<'_>) -> Result<Vec<String>> {
    if !job.declared.targets.is_empty() {
        return Ok(job.declared.targets.clone());
    }
    let cmd = Cmd::new(job.root, "rustc").arg("-vV");
    let answer = job.build.cx.world.answer(&cmd)?;
    let host = answer.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(vec![
        host.with_context(|| format!("`{cmd}` names no host"))?
            .to_owned(),
    ])
}

fn place(job: &Job<'_>, target: &str) -> Result<Place> {
    let (declared, inputs) = (job.declared, job.build.inputs);
    let values = config::of_target(target);
    let mut name = inputs.expand_with(declared.name_or_default(), &values)?;
    if config::extension(&name).is_none()
        && let Some(ending) = declared.binaries_ending(target)
    {
        name.push_str(ending);
    }
    let top = match &declared.top {
        Some(top) => inputs.expand_with(top, &values)?,
        None => {
            let ending = config::extension(&name).unwrap_or_default();
            name.trim_end_matches(ending).to_owned()
        }
    };
    Ok(job.at(name, top))
}

/// `{target}` is replaced and nothing else: other braces are those of a shell.
fn filled(text: &str, target: &str) -> String {
    text.replace("{target}", target)
}

fn command(job: &Job<'_>, target: &str) -> Result<Cmd> {
    let declared = job.declared;
    if let Some((program, args)) = declared.build.as_ref().and_then(|argv| argv.split_first()) {
        let args: Vec<String> = args.iter().map(|arg| filled(arg, target)).collect();
        return Ok(job.build.cmd(program, &args));
    }
    let mut args = ["build", "--release", "--locked", "--target", target]
        .map(str::to_owned)
        .to_vec();
    if let Some(package) = &declared.package {
        args.extend(["--package".to_owned(), package.clone()]);
    }
    if declared.bins.is_empty() {
        args.push("--bins".to_owned());
    }
    for bin in &declared.bins {
        args.extend(["--bin".to_owned(), bin.clone()]);
    }
    if !declared.features.is_empty() {
        args.extend(["--features".to_owned(), declared.features.join(",")]);
    }
    args.push("--message-format=json-render-diagnostics".to_owned());
    let cmd = job.build.cmd("cargo", &args);
    rustflags::remapped(job, target, cmd)
}

fn make(job: &Job<'_>) -> Result<Vec<Artifact>> {
    let targets = targets(job)?;
    if job.declared.build.is_none() {
        // Before the first is built, which may take long.
        for target in &targets {
            installed(job, target)?;
        }
    }
    let one = |target: &String| {
        one(job, target).with_context(|| format!("build for the target {target}"))
    };
    targets.iter().map(one).collect()
}

fn one(job: &Job<'_>, target: &str) -> Result<Artifact> {
    let (declared, place) = (job.declared, place(job, target)?);
    let output = job.build.run(&command(job, target)?)?;
    let mut contents = Contents::default();
    let mut folders = Vec::new();
    if declared.build.is_none() {
        for made in made(&output)? {
            let name = made.path.file_name().map(|name| name.to_string_lossy());
            let name = name.context("a program without a name")?.into_owned();
            if contents.has(&name) {
                return Err(refused(
                    format!("two packages make a program `{name}`"),
                    "say which by `package` of that [[artifact]]",
                ));
            }
            contents.add(name, made.path);
            let folder = made.manifest.parent().map(Path::to_owned);
            folders.extend(folder.and_then(|folder| job.below(&folder)));
        }
        if folders.is_empty() {
            return Err(refused(
                "cargo built no program",
                "mend `package`, `bins` and `features` of that [[artifact]] in release.toml",
            ));
        }
    }
    let checkout = Checkout::of(job)?;
    if !declared.files.is_empty() {
        let folder = declared.folder.as_ref().map(|text| filled(text, target));
        let globs: Vec<String> = declared
            .files
            .iter()
            .map(|text| filled(text, target))
            .collect();
        contents.extend(checkout.select(folder.as_deref(), &globs, &declared.exclude)?);
    }
    contents.require(&declared.required, checkout.rule())?;
    folders.push(String::new());
    let folders: Vec<&str> = folders.iter().map(String::as_str).collect();
    licences::add(job.build, &mut contents, &folders)?;
    contents.pack(job.build, place)
}

/// A program, and the manifest of its package.
struct Made {
    path: PathBuf,
    manifest: PathBuf,
}

/// The programs that cargo says it has made.
fn made(output: &[u8]) -> Result<Vec<Made>> {
    let mut made = Vec::new();
    for line in output
        .split(|byte| *byte == b'\n')
        .filter(|line| line.starts_with(b"{"))
    {
        let message: Value =
            serde_json::from_slice(line).context("understand a message of cargo")?;
        let is_program = message["target"]["kind"]
            .as_array()
            .is_some_and(|kinds| kinds.iter().any(|kind| kind == "bin"));
        if message["reason"] != "compiler-artifact" || !is_program {
            continue;
        }
        if let (Some(path), Some(manifest)) = (
            message["executable"].as_str(),
            message["manifest_path"].as_str(),
        ) {
            made.push(Made {
                path: path.into(),
                manifest: manifest.into(),
            });
        }
    }
    Ok(made)
}

/// Whether the standard library of the target is there.
fn installed(job: &Job<'_>, target: &str) -> Result<()> {
    let cmd =
        Cmd::new(&job.build.tree, "rustc").args(["--print", "target-libdir", "--target", target]);
    let output = job.build.cx.world.ask(&cmd)?;
    let (message, help) = if !output.ok() {
        (
            output.error().to_string(),
            "`rustc --print target-list` knows all targets".to_owned(),
        )
    } else if Path::new(&output.text()).is_dir() {
        return Ok(());
    } else {
        (
            format!(
                "the target {target} is not installed: there is no {}",
                output.text()
            ),
            format!("rustup target add {target}"),
        )
    };
    Err(Refusal::new(Kind::CannotAct, message, help).into())
}
