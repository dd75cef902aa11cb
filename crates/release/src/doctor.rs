//! Everything that a release will need, probed before anything is changed.

use anyhow::Result;
use gates::{Severity, Verdict};

use crate::signing::UNSIGNED;
use crate::{Cx, NOTES, Refusal};

/// One probe and what it saw.
#[derive(Debug, Clone)]
pub struct Row {
    pub name: &'static str,
    pub verdict: Verdict,
    pub detail: String,
    pub help: Option<String>,
}

impl Row {
    fn pass(name: &'static str, detail: impl Into<String>) -> Row {
        Row {
            name,
            verdict: Verdict::Pass,
            detail: detail.into(),
            help: None,
        }
    }

    fn bad(name: &'static str, verdict: Verdict, detail: impl Into<String>, help: &str) -> Row {
        Row {
            name,
            verdict,
            detail: detail.into(),
            help: Some(help.to_owned()),
        }
    }

    fn skipped(name: &'static str, detail: &str) -> Row {
        Row {
            name,
            verdict: Verdict::Skipped,
            detail: detail.to_owned(),
            help: None,
        }
    }
}

/// Runs every probe. Offline, what needs the network is skipped and said.
pub fn doctor(cx: &Cx, offline: bool) -> Result<Vec<Row>> {
    let mut rows = tools(cx)?;
    rows.push(commit(cx)?);
    rows.push(identity(cx)?);
    if offline {
        rows.push(Row::skipped("remote", "--offline"));
        rows.push(Row::skipped("push", "--offline"));
    } else {
        rows.push(remote(cx)?);
        rows.push(push(cx)?);
    }
    rows.push(forge(cx));
    rows.push(notes(cx));
    rows.push(signing(cx));
    rows.extend(cx.config.secrets.iter().map(|name| secret(cx, name)));
    Ok(rows)
}

fn tools(cx: &Cx) -> Result<Vec<Row>> {
    let gate_cx = cx.gates();
    let request = gates::Request {
        names: vec!["tools".to_owned()],
        jobs: 1,
        ..gates::Request::default()
    };
    let summary = gates::run(&gate_cx, &request, &|_| {})?;
    let mut rows = Vec::new();
    for report in &summary.reports {
        let told: Vec<_> = report
            .findings
            .iter()
            .filter(|finding| finding.severity != Severity::Note)
            .collect();
        if told.is_empty() {
            let versions: Vec<String> = report
                .evidence
                .iter()
                .map(|(tool, version)| {
                    format!(
                        "{tool} {}",
                        version
                            .as_str()
                            .map_or_else(|| version.to_string(), str::to_owned)
                    )
                })
                .collect();
            let reason = report.reason.clone().unwrap_or_else(|| versions.join(", "));
            rows.push(Row {
                name: "tools",
                verdict: report.verdict,
                detail: reason,
                help: None,
            });
        }
        for finding in told {
            rows.push(Row {
                name: "tools",
                verdict: report.verdict,
                detail: finding.message.clone(),
                help: finding.help.clone(),
            });
        }
    }
    Ok(rows)
}

fn commit(cx: &Cx) -> Result<Row> {
    let git = cx.git();
    Ok(match git.resolve("HEAD^{commit}")? {
        Some(commit) => {
            let branch = git
                .branch()?
                .unwrap_or_else(|| "no branch (detached)".to_owned());
            Row::pass("commit", format!("{commit} on {branch}"))
        }
        None => Row::bad(
            "commit",
            Verdict::Fail,
            "the repository has no commit",
            "make the first commit",
        ),
    })
}

fn identity(cx: &Cx) -> Result<Row> {
    let output = cx.git().ask(&["var", "GIT_COMMITTER_IDENT"])?;
    Ok(if output.ok() {
        let ident = output.text();
        // The last two words are time and zone.
        let who = ident.rsplitn(3, ' ').last().unwrap_or_default().to_owned();
        Row::pass("identity", who)
    } else {
        let help = "git config user.name … and git config user.email …";
        Row::bad(
            "identity",
            Verdict::Fail,
            "git does not know who commits",
            help,
        )
    })
}

fn remote(cx: &Cx) -> Result<Row> {
    let (git, name) = (cx.git(), &cx.config.release.remote);
    let branch = gates::project::default_branch(&git, &cx.config)?;
    let reference = format!("refs/heads/{branch}");
    Ok(match git.remote_refs(name, &[&reference]) {
        Ok(refs) if refs.is_empty() => {
            let help = "push the branch first, or set `branch` in [release] of release.toml";
            Row::bad(
                "remote",
                Verdict::Fail,
                format!("{name} answers, but has no branch {branch}"),
                help,
            )
        }
        Ok(refs) => Row::pass("remote", format!("{name} has {branch} at {}", refs[0].0)),
        Err(error) => Row::bad(
            "remote",
            Verdict::Unknown,
            format!("{error:#}"),
            "check the address (git remote -v), the network and your key",
        ),
    })
}

/// A dry run asks the server for everything but its hooks and branch rules.
fn push(cx: &Cx) -> Result<Row> {
    let git = cx.git();
    let target = format!(
        "HEAD:refs/heads/{}",
        cx.config
            .release
            .staging_branch
            .replace("{tag}", "doctor")
            .replace("{version}", "doctor")
    );
    let output = git.ask(&[
        "push",
        "--dry-run",
        "--porcelain",
        "--no-verify",
        "--atomic",
        &cx.config.release.remote,
        &target,
    ])?;
    Ok(if output.ok() {
        Row::pass(
            "push",
            "a dry run of an atomic push is accepted (hooks and branch rules are asked only by a real one)",
        )
    } else {
        let help = "check that you may push to this remote";
        Row::bad("push", Verdict::Fail, output.error().to_string(), help)
    })
}

fn forge(cx: &Cx) -> Row {
    let Some(forge) = &cx.config.forge else {
        return Row::skipped(
            "forge",
            "no [forge] in release.toml: a release is branch and tag",
        );
    };
    let folder = cx.root.join(&forge.path);
    let nearest = folder.ancestors().find(|path| path.exists());
    match nearest {
        Some(path) if path.is_dir() && cx.world.writable(path) => {
            Row::pass("forge", format!("folder {}", folder.display()))
        }
        Some(path) => Row::bad(
            "forge",
            Verdict::Fail,
            format!("cannot write in {}", path.display()),
            "mount it, or mend `path` in [forge]",
        ),
        None => Row::bad(
            "forge",
            Verdict::Fail,
            format!("no folder {}", folder.display()),
            "mend `path` in [forge]",
        ),
    }
}

fn notes(cx: &Cx) -> Row {
    match (cx.helpers.find(&NOTES), cx.helpers.source(&NOTES)) {
        (Some(path), _) => Row::pass("notes", format!("{}", path.display())),
        (None, Some(_)) => Row::pass(
            "notes",
            "landfall-notes is not built yet; it will be when first needed (a minute or two)",
        ),
        _ => Row::bad(
            "notes",
            Verdict::Fail,
            "landfall-notes is not beside the program",
            "cargo install landfall-notes, beside landfall",
        ),
    }
}

/// The key signs something small, and the file of signers is asked about it.
fn signing(cx: &Cx) -> Row {
    match crate::signing::ready(cx) {
        Ok(Some(ready)) if ready.notes.is_empty() => Row::pass(
            "signing",
            format!("a test signature is good: {}", ready.signer),
        ),
        Ok(Some(ready)) => Row {
            name: "signing",
            verdict: Verdict::Warn,
            detail: format!("{}; {}", ready.signer, ready.notes.join("; ")),
            help: None,
        },
        Ok(None) => Row::skipped("signing", UNSIGNED),
        Err(error) => {
            let help = error.downcast_ref::<Refusal>().map_or(
                "mend it, or take [signing] out of release.toml",
                |refusal| refusal.help.as_str(),
            );
            Row::bad("signing", Verdict::Fail, format!("{error:#}"), help)
        }
    }
}

fn secret(cx: &Cx, name: &str) -> Row {
    if cx.world.env(name).is_some_and(|value| !value.is_empty()) {
        return Row::pass("secret", format!("{name} is set"));
    }
    Row::bad(
        "secret",
        Verdict::Fail,
        format!("{name} is not set"),
        "export it, or take it out of `secrets` in release.toml",
    )
}
