//! Flags for rustc that keep the folders of the machine out of programs, beside the flags of the user.
//!
//! Cargo takes flags from one source only, the first of these that says anything: two variables of the environment, the
//! settings of the target, the settings of all builds. Flags given in one place would silence the next, so the ones that
//! count are found first, and all are given together.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use serde_json::Value;
use world::Cmd;

use super::Job;
use crate::Event;

/// The command with a prefix in place of each folder: the checkout, the folder of builds, that of cargo.
pub(super) fn remapped(job: &Job<'_>, target: &str, cmd: Cmd) -> Result<Cmd> {
    let world = &job.build.cx.world;
    let variable = |name: &str| {
        world
            .env(name)
            .map(|value| value.to_string_lossy().into_owned())
    };
    let encoded = variable("CARGO_ENCODED_RUSTFLAGS").filter(|flags| !flags.is_empty());
    let users = match (&encoded, variable("RUSTFLAGS")) {
        (Some(flags), _) => Some(flags.split('\x1f').map(str::to_owned).collect()),
        (None, Some(flags)) if !flags.trim().is_empty() => Some(words(&flags)),
        _ => configured(job, target)?,
    };
    let Some(mut flags) = users else {
        job.build.cx.tell(&Event::Note(format!(
            "cargo cannot say which rustflags count for {target}, so that none are added: the programs name the folders they were built in"
        )));
        return Ok(cmd);
    };
    for (folder, name) in folders(job) {
        flags.push(format!("--remap-path-prefix={}={name}", folder.display()));
    }
    // Where it can be pasted, as it is typed.
    let plain = !flags.iter().any(|flag| flag.contains(char::is_whitespace));
    Ok(match plain && encoded.is_none() {
        true => cmd.env("RUSTFLAGS", flags.join(" ")),
        false => cmd.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f")),
    })
}

/// The last one that fits is taken by rustc.
fn folders(job: &Job<'_>) -> Vec<(PathBuf, &'static str)> {
    let world = &job.build.cx.world;
    let home = world.env("CARGO_HOME").map(PathBuf::from).or_else(|| {
        let home = world.env("HOME")?;
        Some(PathBuf::from(home).join(".cargo"))
    });
    let mut folders = vec![
        (job.build.target.clone(), "/target"),
        (job.build.tree.clone(), "/source"),
    ];
    folders.extend(home.map(|home| (home, "/cargo")));
    let real: Vec<_> = folders
        .iter()
        .filter_map(|(folder, name)| Some((folder.canonicalize().ok()?, *name)))
        .filter(|pair| !folders.contains(pair))
        .collect();
    folders.extend(real);
    folders
}

fn words(flags: &str) -> Vec<String> {
    flags.split_whitespace().map(str::to_owned).collect()
}

/// What cargo's configuration says for the target; `None`: that cannot be told.
fn configured(job: &Job<'_>, target: &str) -> Result<Option<Vec<String>>> {
    let Some(of_target) = setting(job, &format!("target.{target}.rustflags"))? else {
        return Ok(None);
    };
    let Some(tables) = setting(job, "target")? else {
        return Ok(None);
    };
    // `[target.'cfg(unix)']`: whether it counts is for cargo to say.
    let conditional = tables.as_object().is_some_and(|tables| {
        tables
            .iter()
            .any(|(name, table)| name.starts_with("cfg(") && table.get("rustflags").is_some())
    });
    if conditional {
        return Ok(None);
    }
    if let Some(flags) = flags(&of_target) {
        return Ok(Some(flags));
    }
    let of_all = setting(job, "build.rustflags")?;
    Ok(of_all.map(|of_all| flags(&of_all).unwrap_or_default()))
}

/// A list, or a text with spaces.
fn flags(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::String(text) => Some(words(text)),
        Value::Array(list) => Some(
            list.iter()
                .filter_map(|flag| flag.as_str().map(str::to_owned))
                .collect(),
        ),
        _ => None,
    }
}

/// A setting of cargo, from its files and its environment; null where it is not set. `None`: cargo cannot be asked.
fn setting(job: &Job<'_>, key: &str) -> Result<Option<Value>> {
    // The question is unstable; its answer is only read, and nothing is built with it.
    let cmd = Cmd::new(job.root, "cargo")
        .args(["-Z", "unstable-options", "config", "get"])
        .args(["--format", "json-value", key])
        .env("RUSTC_BOOTSTRAP", "1");
    let output = job.build.cx.world.ask(&cmd)?;
    if !output.ok() {
        let unset = output.errors().contains("is not set");
        return Ok(unset.then_some(Value::Null));
    }
    let value = serde_json::from_slice(&output.stdout)
        .with_context(|| format!("understand the answer of `{cmd}`"))?;
    Ok(Some(value))
}
