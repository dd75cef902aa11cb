//! The scratch worktrees: there only while a candidate is being prepared.

use std::path::Path;

use anyhow::{Context as _, Result};
use world::Cmd;
use world::git::Git;

use crate::{Cx, Event, Inputs, Paths};

/// What a developer's own settings would make of the files of a checkout, put out of force: line ends above all.
pub(crate) const NEUTRAL: [&str; 8] = [
    "-c",
    "core.autocrlf=false",
    "-c",
    "core.eol=lf",
    "-c",
    "core.attributesFile=/dev/null",
    // A hook of the developer's must not run on a checkout that is not theirs.
    "-c",
    "core.hooksPath=/dev/null",
];

pub(super) fn add(cx: &Cx, paths: &Paths, inputs: &Inputs) -> Result<()> {
    discard(cx, paths)?;
    add_at(cx, &paths.tree(), &inputs.base)
}

/// A worktree of a commit.
pub(crate) fn add_at(cx: &Cx, at: &Path, commit: &str) -> Result<()> {
    // What a package manager packs has the modes that are checked out here.
    let cmd = worktree_add(cx).arg(at).arg(commit).umask(0o022);
    cx.world
        .run(&cmd)?
        .success()
        .context("make the scratch worktree")?;
    submodules(cx, at)
}

fn worktree_add(cx: &Cx) -> Cmd {
    cx.git()
        .cmd(NEUTRAL)
        .args(["worktree", "add", "--quiet", "--detach", "--force"])
        .env("GIT_ATTR_NOSYSTEM", "1")
}

/// Writes the files of a commit last name first, and of another time than a checkout has. With the same mask: package
/// managers pack the modes that they find.
const OTHERWISE: &str = "set -e
umask 022
git \"$@\" read-tree HEAD
git ls-files -z | LC_ALL=C sort -rz | git \"$@\" checkout-index -z --stdin
find . -name .git -prune -o -exec touch -h -t 200102030405.06 {} +
git update-index -q --refresh";

/// A second worktree at `at`, whose files differ from the first's in all that is not their content.
pub(crate) fn add_otherwise(cx: &Cx, at: &Path, commit: &str) -> Result<()> {
    let cmd = worktree_add(cx).arg("--no-checkout").arg(at).arg(commit);
    cx.world
        .run(&cmd)?
        .success()
        .context("make the second worktree")?;
    let cmd = Cmd::new(at, "sh")
        .args(["-c", OTHERWISE, "sh"])
        .args(NEUTRAL)
        .env("GIT_ATTR_NOSYSTEM", "1");
    cx.world
        .run(&cmd)?
        .success()
        .context("check the release commit out a second time")?;
    submodules(cx, at)
}

/// Submodules come from the developer's own checkouts, without the network: what is checked out there is checked out
/// here, and what is not there is said.
fn submodules(cx: &Cx, at: &Path) -> Result<()> {
    let tree = Git::new(&cx.world, at);
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

/// Removes the scratch worktrees and what git remembers of them.
pub(crate) fn discard(cx: &Cx, paths: &Paths) -> Result<()> {
    cx.world.remove_dir_all(&paths.tree())?;
    cx.world.remove_dir_all(&paths.again())?;
    forget(cx, &[&paths.tree(), &paths.again_tree()])
}

/// Removes what git remembers of worktrees that are gone.
pub(crate) fn forget(cx: &Cx, trees: &[&Path]) -> Result<()> {
    // Not with `-z`, which git has since 2.36 only.
    let known = cx.git().text(&["worktree", "list", "--porcelain"])?;
    for tree in trees {
        if !format!("{known}\n").contains(&format!("worktree {}\n", tree.display())) {
            continue;
        }
        let cmd = cx.git().cmd(["worktree", "remove", "--force"]).arg(tree);
        cx.world
            .run(&cmd)?
            .success()
            .context("forget the scratch worktree")?;
    }
    Ok(())
}
