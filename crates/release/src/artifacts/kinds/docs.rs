//! `kind = "docs"`: a site of documentation, made by rustdoc, by mdBook or by a command of one's own.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use config::{ArtifactKind, DocsTool};
use serde_json::Value;
use world::Cmd;

use super::{Job, Maker, refused};
use crate::Artifact;
use crate::artifacts::checkout::{Checkout, walk};
use crate::artifacts::contents::Contents;
use crate::artifacts::licences;

pub(super) const MAKER: Maker = Maker {
    kind: ArtifactKind::Docs,
    names: |job| Ok(vec![job.name()?]),
    contents: |_| "documentation".to_owned(),
    commands,
    make,
};

fn commands(job: &Job<'_>) -> Result<Vec<Cmd>> {
    match job.declared.tool {
        None => Ok(job.build_cmd().into_iter().collect()),
        Some(DocsTool::Mdbook) => {
            let folder = job.declared.folder.as_deref().unwrap_or(".");
            let args = ["build", folder, "--dest-dir"].map(str::to_owned);
            Ok(vec![job.build.cmd("mdbook", &args).arg(site(job))])
        }
        // One after the other: pages that all crates share name the one that was documented last.
        Some(DocsTool::Rustdoc) => {
            let locked = job.locked()?;
            let command = |package: &String| {
                let mut args = ["doc", "--no-deps", "--lib", "--package", package]
                    .map(str::to_owned)
                    .to_vec();
                args.extend(locked.clone());
                job.build.cmd("cargo", &args)
            };
            Ok(libraries(job)?.iter().map(command).collect())
        }
    }
}

/// Where a tool puts the site.
fn site(job: &Job<'_>) -> PathBuf {
    match job.declared.tool {
        Some(DocsTool::Rustdoc) => job.build.target.join("doc"),
        _ => job.build.scratch.join("book"),
    }
}

/// Names of the packages with a library that is documented, sorted.
fn libraries(job: &Job<'_>) -> Result<Vec<String>> {
    let args = ["metadata", "--no-deps", "--format-version=1", "--offline"];
    let cmd = Cmd::new(job.root, "cargo").args(args);
    let answer = job.build.cx.world.answer(&cmd)?;
    let answer: Value = serde_json::from_str(&answer)
        .with_context(|| format!("understand the answer of `{cmd}`"))?;
    let is_library = |target: &Value| {
        let kinds = target["kind"].as_array().into_iter().flatten();
        let library = kinds
            .filter_map(Value::as_str)
            .any(|kind| kind.ends_with("lib") || kind == "proc-macro");
        library && target["doc"] != false
    };
    let mut names: Vec<String> = answer["packages"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|package| {
            package["targets"]
                .as_array()
                .is_some_and(|targets| targets.iter().any(is_library))
        })
        .filter_map(|package| package["name"].as_str().map(str::to_owned))
        .filter(|name| {
            job.declared
                .package
                .as_ref()
                .is_none_or(|wanted| wanted == name)
        })
        .collect();
    names.sort();
    if names.is_empty() {
        let whose = match &job.declared.package {
            Some(package) => format!("the package {package} has no library, or is not there"),
            None => "no package of the workspace has a library".to_owned(),
        };
        return Err(refused(
            format!("{whose}, so that rustdoc has nothing to document"),
            "mend `package` of that [[artifact]], or name a command by `build`",
        ));
    }
    Ok(names)
}

fn make(job: &Job<'_>) -> Result<Vec<Artifact>> {
    let (place, declared, world) = (job.place()?, job.declared, &job.build.cx.world);
    let mut contents = Contents::default();
    let rule = "it holds what is made, less what `exclude` names";
    match declared.tool {
        None => {
            job.built()?;
            let all = ["**".to_owned()];
            let checkout = Checkout::of(job)?;
            contents.extend(checkout.select(
                declared.folder.as_deref(),
                &all,
                &declared.exclude,
            )?);
        }
        Some(tool) => {
            let site = site(job);
            // Pages of what was documented before are not of this site.
            world.remove_dir_all(&site)?;
            for cmd in commands(job)? {
                job.build.run(&cmd)?;
            }
            let mut exclude = declared.exclude.clone();
            exclude.push(".lock".to_owned());
            let found = match site.is_dir() {
                true => walk(&site, &["**".to_owned()], &exclude)?,
                false => Vec::new(),
            };
            if found.is_empty() {
                return Err(refused(
                    format!("{tool:?} ended well and left no site in {}", site.display())
                        .to_lowercase(),
                    "run its command by hand; `plan` shows it",
                ));
            }
            contents.extend(found);
        }
    }
    contents.require(&declared.required, rule)?;
    licences::add(job.build, &mut contents, &[""])?;
    let asset = contents.pack(job.build, place)?;
    if declared.tool == Some(DocsTool::Mdbook) {
        world.remove_dir_all(&site(job))?;
    }
    Ok(vec![asset])
}
