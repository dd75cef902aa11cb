//! A repository's own configuration of git-cliff, honoured: found, handed to the notes program with what git knows,
//! and answered with the text that git-cliff's program would print.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use config::Template;
use serde::{Deserialize, Serialize};
use world::git::Git;
use world::{Cmd, World};

use crate::{Cx, Event, Kind, Refusal, notes};

/// Where git-cliff looks, in its order.
const FILES: [&str; 3] = ["cliff.toml", ".cliff.toml", ".config/cliff.toml"];
/// Manifests that may hold a configuration, and how the names of its tables begin there.
const MANIFESTS: [(&str, &[&str]); 2] = [
    (
        "Cargo.toml",
        &[
            "[workspace.metadata.git-cliff.",
            "[package.metadata.git-cliff.",
        ],
    ),
    ("pyproject.toml", &["[tool.git-cliff."]),
];
/// The changelog of a million commits, and twice that.
const KEEP_BYTES: usize = 512 << 20;
const TIMEOUT: Duration = Duration::from_secs(900);
/// Id, parents, author, committer, encoding, message: ended by NUL each, the last by `-z`.
const FORMAT: &str = "--format=%H%x00%P%x00%an%x00%ae%x00%at%x00%cn%x00%ce%x00%ct%x00%e%x00%B";

/// A configuration of git-cliff.
struct Source {
    name: String,
    text: String,
}

/// Which part of the history is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum What {
    /// Everything, with header and footer.
    All,
    /// The commits after the last tag, as the section of a release to be.
    Unreleased,
}

/// What is asked of the notes program.
#[derive(Serialize)]
struct Request<'a> {
    name: &'a str,
    config: &'a str,
    what: What,
    tag: Option<&'a str>,
    strip: bool,
    now: u64,
    root: String,
    remote: Option<String>,
    skip_commits: Vec<String>,
    ignore_revs: Vec<String>,
    tags: Vec<Tag>,
    branch_tags: Option<Vec<String>>,
}

#[derive(Serialize)]
struct Tag {
    name: String,
    commit: String,
    time: i64,
    annotation: Option<Annotation>,
    /// In a file of its own.
    #[serde(skip)]
    loose: bool,
}

#[derive(Serialize)]
struct Annotation {
    name: String,
    message: Option<String>,
}

#[derive(Deserialize)]
struct Plan {
    range: String,
    raw: bool,
    branch_tags: bool,
}

/// The template that is configured; where that is left open, `cliff` for a repository with a configuration of git-cliff.
pub fn template(cx: &Cx) -> Result<Template> {
    let configured = cx.config.changelog.template;
    if configured != Template::Auto {
        return Ok(configured);
    }
    let found = cx.config.changelog.cliff.is_some() || find(&cx.world, &cx.root)?.is_some();
    Ok(if found {
        Template::Cliff
    } else {
        Template::KeepAChangelog
    })
}

/// What git-cliff's program prints at the commit `base`: for [`What::Unreleased`] that of
/// `git cliff --unreleased --tag TAG --strip all`, for [`What::All`] that of `git cliff`.
pub(super) fn text(
    cx: &Cx,
    git: &Git,
    base: &str,
    what: What,
    tag: Option<&str>,
) -> Result<String> {
    let source = source(cx)?;
    cx.tell(&Event::Note(format!(
        "the changelog is made as {} says",
        source.name
    )));
    let program = cx.helpers.ensure(&notes::NOTES, &cx.world, &|text| {
        cx.tell(&Event::Note(text));
    })?;
    let mut request = Request {
        name: &source.name,
        config: &source.text,
        what,
        tag,
        strip: what != What::All,
        now: cx.world.now_s(),
        root: cx.root.display().to_string(),
        remote: remote(git)?,
        skip_commits: ids(&cx.world, &cx.root.join(".cliffignore"))?,
        ignore_revs: ids(&cx.world, &cx.root.join(".git-blame-ignore-revs"))?,
        tags: tags(git)?,
        branch_tags: None,
    };
    let ask = |request: &Request<'_>| -> Result<Plan> {
        let cmd = Cmd::new(&cx.root, &program)
            .args(["history", "plan"])
            .stdin_bytes(serde_json::to_vec(request)?);
        let text = cx.world.answer(&cmd)?;
        serde_json::from_str(&text).with_context(|| {
            format!(
                "read the answer of {}; remove it, it is built again",
                program.display()
            )
        })
    };
    let mut plan = ask(&request)?;
    if plan.branch_tags {
        let merged = format!("--merged={base}");
        request.branch_tags = Some(lines(&git.text(&[
            "for-each-ref",
            &merged,
            "--format=%(refname:strip=2)",
            "refs/tags",
        ])?));
        plan = ask(&request)?;
    }
    let scratch = cx.world.scratch("a request for notes")?;
    let file = scratch.path().join("request.json");
    cx.world.write_file(&file, &serde_json::to_vec(&request)?)?;
    let write = Cmd::new(&cx.root, &program)
        .args(["history", "write"])
        .arg(&file)
        .keep(KEEP_BYTES)
        .timeout(TIMEOUT);
    let output = cx
        .world
        .ask_piped(&log(git, &plan, base), &write)?
        .success()?;
    String::from_utf8(output.stdout).context("read the changelog of git-cliff")
}

/// The stream of commits. Objects that replace others are git's alone, and a flush for each commit is not needed.
fn log(git: &Git, plan: &Plan, base: &str) -> Cmd {
    let range = plan.range.replace("HEAD", base);
    let files: &[&str] = if plan.raw {
        &[
            "--raw",
            "--no-renames",
            "--no-abbrev",
            "--diff-merges=first-parent",
        ]
    } else {
        &["--no-patch"]
    };
    git.cmd([
        "--no-replace-objects",
        "-c",
        "log.showRoot=true",
        "log",
        "-z",
        "--no-color",
        "--no-show-signature",
        "--no-notes",
        "--encoding=UTF-8",
        FORMAT,
    ])
    .args(files)
    .args([range.as_str(), "--"])
    .env("GIT_FLUSH", "0")
    .timeout(TIMEOUT)
}

fn source(cx: &Cx) -> Result<Source> {
    if let Some(name) = &cx.config.changelog.cliff {
        let path = cx.root.join(name);
        return match cx.world.read_if_exists(&path)? {
            Some(text) => Ok(Source {
                name: name.clone(),
                text,
            }),
            None => bail!("changelog.cliff names {name}, which is not there"),
        };
    }
    find(&cx.world, &cx.root)?.ok_or_else(|| {
        Refusal::new(
            Kind::Findings,
            format!(
                "changelog.template is `cliff` and there is no configuration of git-cliff; looked for {}, and for its tables in Cargo.toml and pyproject.toml",
                FILES.join(", ")
            ),
            "name it in release.toml (changelog.cliff), or write one with `git cliff --init`",
        )
        .into()
    })
}

fn find(world: &World, root: &Path) -> Result<Option<Source>> {
    for name in FILES {
        if let Some(text) = world.read_if_exists(&root.join(name))? {
            let name = name.to_owned();
            return Ok(Some(Source { name, text }));
        }
    }
    for (name, tables) in MANIFESTS {
        let Some(text) = world.read_if_exists(&root.join(name))? else {
            continue;
        };
        if let Some(text) = within(&text, tables) {
            let name = name.to_owned();
            return Ok(Some(Source { name, text }));
        }
    }
    Ok(None)
}

/// A manifest with the tables of git-cliff under their own names; the others are none that it knows.
fn within(manifest: &str, tables: &[&str]) -> Option<String> {
    let mut found = false;
    let text: String = manifest
        .split_inclusive('\n')
        .map(
            |line| match tables.iter().find_map(|table| line.strip_prefix(table)) {
                Some(rest) => {
                    found = true;
                    format!("[{rest}")
                }
                None => line.to_owned(),
            },
        )
        .collect();
    found.then_some(text)
}

/// Ids of commits, one on a line, with `#` before a remark.
fn ids(world: &World, path: &Path) -> Result<Vec<String>> {
    let text = world.read_if_exists(path)?.unwrap_or_default();
    Ok(text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(str::to_owned)
        .collect())
}

/// The address of the remote that the current branch follows.
fn remote(git: &Git) -> Result<Option<String>> {
    let Some(branch) = git.branch()? else {
        return Ok(None);
    };
    let key = format!("branch.{branch}.remote");
    let named = git.ask(&["config", "--get", &key])?;
    if !named.ok() {
        return Ok(None);
    }
    let address = git.ask(&["remote", "get-url", &named.text()])?;
    Ok(address.ok().then(|| address.text()))
}

/// All tags that lead to commits, those in files of their own first: that is the order of libgit2, and where two tags
/// are of one second it counts.
fn tags(git: &Git) -> Result<Vec<Tag>> {
    const FIELDS: usize = 8;
    let format = "--format=%(refname:strip=2)%00%(objecttype)%00%(objectname)%00%(committerdate:unix)%00%(tag)%00%(*objectname)%00%(*committerdate:unix)%00%(contents)%00";
    let text = git
        .ask(&["for-each-ref", format, "refs/tags"])?
        .success()?
        .stdout;
    let folder = git.common_dir()?.join("refs/tags");
    let fields: Vec<&[u8]> = text.split(|byte| *byte == 0).collect();
    let mut tags = Vec::new();
    for fields in fields.chunks_exact(FIELDS) {
        let plain = |at: usize| {
            String::from_utf8_lossy(fields.get(at).copied().unwrap_or_default()).into_owned()
        };
        // Each tag ends a line.
        let name = plain(0).trim_start_matches('\n').to_owned();
        let annotated = plain(1) == "tag";
        let (commit, time) = if annotated {
            (plain(5), plain(6))
        } else {
            (plain(2), plain(3))
        };
        // A tag on a tree or a file leads to no commit, and has no time of one.
        let Ok(time) = time.parse() else { continue };
        let message = fields.get(7).copied().unwrap_or_default();
        tags.push(Tag {
            loose: folder.join(&name).is_file(),
            annotation: annotated.then(|| Annotation {
                name: plain(4),
                message: std::str::from_utf8(message).ok().map(str::to_owned),
            }),
            name,
            commit,
            time,
        });
    }
    tags.sort_by_key(|tag| !tag.loose);
    Ok(tags)
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::{MANIFESTS, within};

    #[test]
    fn a_manifest_may_hold_the_configuration() {
        let manifest =
            "[package]\nname = \"x\"\n[package.metadata.git-cliff.git]\nlimit_tags = 1\n";
        assert_eq!(
            within(manifest, MANIFESTS[0].1).unwrap(),
            "[package]\nname = \"x\"\n[git]\nlimit_tags = 1\n"
        );
        assert_eq!(
            within("[package.metadata.git-cliffs]\n", MANIFESTS[0].1),
            None
        );
        assert!(within("[tool.git-cliff.changelog]\n", MANIFESTS[1].1).is_some());
    }
}
