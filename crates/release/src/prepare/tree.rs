//! The scratch worktree: there only while a candidate is being prepared.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use world::git::Git;

use crate::{Cx, Event, Inputs, Paths};

pub(super) fn add(cx: &Cx, paths: &Paths, inputs: &Inputs) -> Result<()> {
    discard(cx, paths)?;
    let git = cx.git();
    // A hook of the developer's must not run on a checkout that is not theirs.
    let cmd = git
        .cmd([
            "-c",
            "core.hooksPath=/dev/null",
            "worktree",
            "add",
            "--quiet",
            "--detach",
            "--force",
        ])
        .arg(paths.tree())
        .arg(&inputs.base);
    cx.world
        .run(&cmd)?
        .success()
        .context("make the scratch worktree")?;
    submodules(cx, paths)
}

/// Submodules come from the developer's own checkouts, without the network: what is checked out there is checked out
/// here, and what is not there is said.
fn submodules(cx: &Cx, paths: &Paths) -> Result<()> {
    let tree = Git::new(&cx.world, &paths.tree());
    let mut missing = Vec::new();
    for (name, path) in declared(&tree)? {
        let ours = cx.root.join(&path);
        if !ours.join(".git").exists() {
            missing.push(path);
            continue;
        }
        let url = format!("submodule.{name}.url={}", ours.display());
        let cmd = tree
            .cmd([
                "-c",
                "protocol.file.allow=always",
                "-c",
                &url,
                "submodule",
                "--quiet",
                "update",
                "--init",
                "--",
            ])
            .arg(&path);
        cx.world
            .run(&cmd)?
            .success()
            .with_context(|| format!("check the submodule {path} out in the scratch worktree"))?;
    }
    if !missing.is_empty() {
        cx.tell(&Event::Note(format!(
            "submodules that are not checked out here are not checked out for the candidate either: {}",
            missing.join(", ")
        )));
    }
    Ok(())
}

/// Names and paths of `.gitmodules`.
fn declared(tree: &Git) -> Result<Vec<(String, String)>> {
    if !tree.dir.join(".gitmodules").is_file() {
        return Ok(Vec::new());
    }
    let records = tree.list(&[
        "config",
        "--file",
        ".gitmodules",
        "-z",
        "--get-regexp",
        r"^submodule\..*\.path$",
    ])?;
    let pair = |record: &String| {
        let (key, path) = record.split_once('\n')?;
        let name = key.strip_prefix("submodule.")?.strip_suffix(".path")?;
        Some((name.to_owned(), path.to_owned()))
    };
    Ok(records.iter().filter_map(pair).collect())
}

/// Removes the scratch worktree and what git remembers of it.
pub(crate) fn discard(cx: &Cx, paths: &Paths) -> Result<()> {
    let tree: PathBuf = paths.tree();
    cx.world.remove_dir_all(&tree)?;
    // Not with `-z`, which git has since 2.36 only.
    let known = cx.git().text(&["worktree", "list", "--porcelain"])?;
    if format!("{known}\n").contains(&format!("worktree {}\n", tree.display())) {
        let cmd = cx.git().cmd(["worktree", "remove", "--force"]).arg(&tree);
        cx.world
            .run(&cmd)?
            .success()
            .context("forget the scratch worktree")?;
    }
    Ok(())
}
