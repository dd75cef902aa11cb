//! Bills of materials of repositories of every kind, and what other programs say of them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use testkit::Repo;

use world::{Helpers, Setup, World};

use crate::artifacts::Build;
use crate::{Artifact, Cx, Event, Inputs};

mod cargo;
mod locks;
mod real;

/// A bill of materials of a folder.
struct Made {
    assets: Vec<Artifact>,
    documents: BTreeMap<String, Value>,
    texts: BTreeMap<String, String>,
    notes: Vec<String>,
}

/// [`make`] in the tree of a repository, into a folder beside it.
fn made(repo: &Repo, version: &str, config: &str) -> anyhow::Result<Made> {
    let out = repo.outside().join("out");
    make(repo.env(), repo.root(), &out, version, config)
}

/// What a release of `version` attaches to the tree, with the environment of the repository.
fn make(
    env: Vec<(std::ffi::OsString, std::ffi::OsString)>,
    tree: &Path,
    out: &Path,
    version: &str,
    config: &str,
) -> anyhow::Result<Made> {
    let world = World::new(Setup {
        env,
        ..Setup::default()
    });
    world.create_dir_all(out)?;
    let notes = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&notes);
    let cx = Cx {
        world,
        root: tree.to_owned(),
        config: Arc::new(config::parse(config).unwrap()),
        helpers: Helpers::default(),
        build_dir: out.join("target"),
        own_gates: &[],
        memory: None,
        jobs: 1,
        skip: Vec::new(),
        observe: Arc::new(move |event| {
            if let Event::Note(note) = event {
                told.lock().unwrap().push(note.clone());
            }
        }),
    };
    let inputs = Inputs {
        version: version.parse().unwrap(),
        tag: format!("v{version}"),
        project: "the-project".to_owned(),
        base: String::new(),
        date: "2026-02-03".to_owned(),
        time_s: 1_770_091_506,
        previous: None,
        remote: "origin".to_owned(),
        branch: "main".to_owned(),
    };
    let build = Build {
        cx: &cx,
        inputs: &inputs,
        commit: "",
        tree: tree.to_owned(),
        target: out.join("target"),
        scratch: out.to_owned(),
        out: out.to_owned(),
        variation: None,
    };
    let assets = super::make(&build)?;
    let texts: BTreeMap<String, String> = assets
        .iter()
        .map(|asset| {
            let text = std::fs::read_to_string(out.join(&asset.name)).unwrap();
            (asset.name.clone(), text)
        })
        .collect();
    let documents = texts
        .iter()
        .map(|(name, text)| (name.clone(), serde_json::from_str(text).unwrap()))
        .collect();
    let notes = notes.lock().unwrap().clone();
    Ok(Made {
        assets,
        documents,
        texts,
        notes,
    })
}

/// What a bill of materials says, short: the root, then each component with scope, hashes and licence.
fn short(document: &Value) -> Vec<String> {
    let line = |one: &Value| {
        let text = |key: &str| one[key].as_str().unwrap_or("-").to_owned();
        let hashes: Vec<&str> = one["hashes"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|hash| hash["alg"].as_str().unwrap())
            .collect();
        let license = &one["licenses"][0];
        let license = license["expression"]
            .as_str()
            .or_else(|| license["license"]["name"].as_str());
        format!(
            "{} {} {} {}",
            text("purl"),
            text("scope"),
            hashes.join("+"),
            license.unwrap_or("-")
        )
        .replace("  ", " - ")
    };
    let components = document["components"].as_array().unwrap();
    std::iter::once(&document["metadata"]["component"])
        .chain(components)
        .map(line)
        .collect()
}

fn names(made: &Made) -> BTreeSet<&str> {
    made.assets.iter().map(|asset| &*asset.name).collect()
}
