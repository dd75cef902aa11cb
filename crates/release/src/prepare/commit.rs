//! The release commit and the annotated tag, as objects: no branch and no tag of the user's moves.

use anyhow::{Context as _, Result};
use world::git::Git;

use super::tree::NEUTRAL;
use crate::{Cx, Inputs, Kind, Paths, Refusal, changelog, signing};

/// Commits exactly the planned files. Without any the release commit is the base itself.
pub(super) fn commit(
    cx: &Cx,
    paths: &Paths,
    inputs: &Inputs,
    planned: &[String],
) -> Result<String> {
    if planned.is_empty() {
        return Ok(inputs.base.clone());
    }
    let git = Git::new(&cx.world, &paths.tree());
    let message = format!(
        "{}\n",
        inputs.expand(&cx.config.release.commit_message)?.trim_end()
    );
    cx.world
        .write_file(&paths.commit_message(), message.as_bytes())?;
    // `--force`: a planned file may be ignored and tracked all the same. Literal: a name is no pattern.
    let add = git
        .cmd(NEUTRAL)
        .args(["--literal-pathspecs", "add", "--force", "--"])
        .args(planned)
        .env("GIT_ATTR_NOSYSTEM", "1");
    cx.world
        .run(&add)?
        .success()
        .context("stage the release commit")?;
    let cmd = git
        .cmd(NEUTRAL)
        .args([
            "commit",
            "--quiet",
            "--no-verify",
            "--cleanup=verbatim",
            "--file",
        ])
        .arg(paths.commit_message())
        .env("GIT_AUTHOR_DATE", inputs.git_date())
        .env("GIT_COMMITTER_DATE", inputs.git_date());
    cx.world
        .run(&cmd)?
        .success()
        .context("make the release commit")?;
    let commit = git.head()?;
    let mut seen = git.list(&[
        "diff-tree",
        "-r",
        "-z",
        "--name-only",
        "--no-renames",
        &inputs.base,
        &commit,
    ])?;
    seen.sort();
    if seen != planned {
        return Err(Refusal::new(
            Kind::CannotAct,
            format!("the release commit would change {seen:?}, planned was {planned:?}"),
            "look for line-end or filter attributes (.gitattributes) that change these files when they are added",
        )
        .into());
    }
    Ok(commit)
}

/// An annotated tag whose message keeps every line, `###` headings too; kept by a ref that no clone sees.
pub(super) fn tag(cx: &Cx, paths: &Paths, inputs: &Inputs, commit: &str) -> Result<String> {
    let git = cx.git();
    let who = cx
        .world
        .answer(
            &git.cmd(["var", "GIT_COMMITTER_IDENT"])
                .env("GIT_COMMITTER_DATE", inputs.git_date()),
        )
        .context("find out who releases")?;
    let mut object = format!(
        "object {commit}\ntype commit\ntag {}\ntagger {}\n\n{}",
        inputs.tag,
        who.trim_end(),
        message(cx, paths, inputs)?
    );
    let signature = signing::tag(cx, inputs, &object)?;
    object.push_str(signature.as_deref().unwrap_or_default());
    cx.world
        .write_file(&paths.tag_object(), object.as_bytes())?;
    let made = cx
        .world
        .run(
            &git.cmd(["mktag"])
                .stdin_file(paths.shown(&paths.tag_object())),
        )?
        .success();
    let id = made.context("make the tag object")?.text();
    let keep = git.cmd(["update-ref", &inputs.keep_ref(), &id]);
    cx.world
        .run(&keep)?
        .success()
        .context("keep the candidate from being collected")?;
    if signature.is_some() {
        signing::assure_tag(cx, inputs, &id)?;
    }
    Ok(id)
}

fn message(cx: &Cx, paths: &Paths, inputs: &Inputs) -> Result<String> {
    let notes = cx.world.read_text(&paths.notes())?;
    let version = inputs.version.to_string();
    let text = match &cx.config.release.tag_message {
        Some(template) => {
            let values = [
                ("version", version.as_str()),
                ("tag", &inputs.tag),
                ("project", &inputs.project),
                ("notes", notes.trim_end()),
            ];
            config::expand(template, &values)
                .map_err(anyhow::Error::msg)
                .context("fill tag_message")?
        }
        None => format!("{} {version}\n\n{}", inputs.project, notes.trim_end()),
    };
    Ok(format!("{}\n", text.trim_end()))
}

/// The title and body that the forge shows.
pub(super) fn notes_body(cx: &Cx, paths: &Paths) -> Result<String> {
    Ok(changelog::body(&format!("\n{}", cx.world.read_text(&paths.notes())?)).to_owned())
}
