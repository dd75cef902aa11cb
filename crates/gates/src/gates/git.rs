//! `git`: on the release branch, nothing uncommitted, in step with the remote as it is now.
//!
//! In a release it asks something else: that the scratch worktree stands on the commit we began with and differs from
//! it in the files we edited and in no other.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use config::Untracked;
use serde_json::Value;
use world::git::Git;
use world::{CmdError, Failure};

use crate::{Applies, Cost, Cx, Findings, Gate, Inputs, Lane, Subject, project};

pub(crate) const GATE: Gate = Gate {
    name: "git",
    about: "is the tree committed, on the release branch, in step with the remote",
    cost: Cost::Network,
    needs: &[Lane::Network],
    inputs: |_| Ok(Inputs::Live("asks git and the remote")),
    applies: |_| Ok(Applies::Yes),
    check: |cx, findings| match &cx.subject {
        Subject::Tree => tree(cx, findings),
        Subject::Candidate { base, planned, .. } => candidate(cx, base, planned, findings),
    },
};

fn tree(cx: &Cx, findings: &mut Findings) -> Result<()> {
    let git = cx.git();
    let status = status(&git)?;
    let tracked = git.list(&["ls-files", "-z"])?.len();
    findings.examined(tracked + status.untracked.len());
    local(cx, &status, findings);
    in_progress(&git, findings)?;
    if git.text(&["rev-parse", "--is-shallow-repository"])? == "true" {
        findings
            .note("the clone is shallow: its history is cut, and the previous tag may be out of sight")
            .help("run `git fetch --unshallow --tags`");
    }
    if status.commit.is_none() {
        findings
            .error("there is no commit yet")
            .help("make the first one");
        return Ok(());
    }
    let release = project::default_branch(&git, &cx.config)?;
    findings.evidence("branch", status.branch.clone());
    findings.evidence("release_branch", release.clone());
    let on_it = on_branch(&status, &release, findings);
    remote(cx, &git, &status, &release, on_it, findings)
}

/// Uncommitted and untracked files.
fn local(cx: &Cx, status: &Status, findings: &mut Findings) {
    for Changed { path, what } in &status.changed {
        let help = match what.starts_with("submodule") {
            true => {
                "commit inside of the submodule, then commit the new state here; or `git submodule update`"
            }
            false => "commit it, or take it back with `git restore`",
        };
        findings
            .error(format!("{}: {what}", path.escape_debug()))
            .at(path)
            .help(help);
    }
    for path in &status.untracked {
        let message = format!("{}: untracked", path.escape_debug());
        let finding = match cx.config.gates.git.untracked {
            Untracked::Deny => findings.error(message),
            Untracked::Warn => findings.warning(message),
        };
        finding
            .at(path)
            .help("commit it, ignore it in .gitignore, or remove it");
    }
    let changed: Vec<Value> = status
        .changed
        .iter()
        .map(|file| file.path.clone().into())
        .collect();
    findings.evidence("changed", changed);
    findings.evidence("untracked", status.untracked.clone());
}

/// Operations that somebody began and did not end: the file in git's folder, what it is, how to go on.
const OPERATIONS: &[(&str, &str, &str)] = &[
    (
        "MERGE_HEAD",
        "a merge",
        "git merge --continue` or `git merge --abort",
    ),
    (
        "rebase-merge",
        "a rebase",
        "git rebase --continue` or `git rebase --abort",
    ),
    (
        "rebase-apply",
        "a rebase",
        "git rebase --continue` or `git rebase --abort",
    ),
    (
        "CHERRY_PICK_HEAD",
        "a cherry-pick",
        "git cherry-pick --continue` or `git cherry-pick --abort",
    ),
    (
        "REVERT_HEAD",
        "a revert",
        "git revert --continue` or `git revert --abort",
    ),
    ("BISECT_LOG", "a bisect", "git bisect reset"),
];

fn in_progress(git: &Git, findings: &mut Findings) -> Result<()> {
    let folder = git.text(&["rev-parse", "--absolute-git-dir"])?;
    for (file, what, help) in OPERATIONS {
        if Path::new(&folder).join(file).exists() {
            findings
                .error(format!("{what} is in progress"))
                .help(format!("end it: `{help}`"));
        }
    }
    Ok(())
}

fn on_branch(status: &Status, release: &str, findings: &mut Findings) -> bool {
    match &status.branch {
        Some(branch) if branch == release => true,
        Some(branch) => {
            findings
                .error(format!(
                    "on branch `{branch}`, and releases are made from `{release}`"
                ))
                .help(format!(
                    "run `git switch {release}`, or set release.branch in the configuration"
                ));
            false
        }
        None => {
            findings
                .error(format!(
                    "HEAD is detached, and releases are made from `{release}`"
                ))
                .help(format!("run `git switch {release}`"));
            false
        }
    }
}

/// Ahead, behind, diverged: only after a fetch, for yesterday's remote says nothing about today's.
fn remote(
    cx: &Cx,
    git: &Git,
    status: &Status,
    release: &str,
    on_it: bool,
    findings: &mut Findings,
) -> Result<()> {
    let remote = &cx.config.release.remote;
    if !git.text(&["remote"])?.lines().any(|name| name == remote) {
        findings
            .error(format!("there is no remote `{remote}`"))
            .help(format!(
                "run `git remote add {remote} URL`, or set release.remote in the configuration"
            ));
        return Ok(());
    }
    let fetched = !cx.config.gates.git.fetch || fetch(cx, git, remote, release, findings)?;
    let theirs = format!("refs/remotes/{remote}/{release}");
    if !fetched {
        return Ok(());
    }
    if git.resolve(&theirs)?.is_none() {
        no_such_branch(remote, release, findings);
        return Ok(());
    }
    if !on_it {
        return Ok(());
    }
    upstream(status, remote, release, findings);
    let range = format!("HEAD...{theirs}");
    let counts = git.text(&["rev-list", "--left-right", "--count", &range])?;
    let (ahead, behind) = pair(&counts)
        .with_context(|| format!("`git rev-list --count` answered `{counts}`, not two numbers"))?;
    findings.evidence("ahead", ahead);
    findings.evidence("behind", behind);
    let place = format!("{remote}/{release}");
    match (ahead, behind) {
        (0, 0) => {}
        (ahead, 0) => {
            findings
                .error(format!("ahead of {place} by {}", commits(ahead)))
                .help(format!("run `git push {remote} {release}`"));
        }
        (0, behind) => {
            findings
                .error(format!("behind {place} by {}", commits(behind)))
                .help(format!("run `git pull --ff-only {remote} {release}`"));
        }
        (ahead, behind) => {
            findings
                .error(format!(
                    "diverged from {place}: {} only here, {} only there",
                    commits(ahead),
                    commits(behind)
                ))
                .help(format!("run `git rebase {place}`, test, and push"));
        }
    }
    Ok(())
}

/// A remote that is silent for so long is not reachable.
const FETCH_TIMEOUT: Duration = Duration::from_secs(180);

/// True when the remote was seen. `false`: said already, as unknown or as a finding.
fn fetch(cx: &Cx, git: &Git, remote: &str, branch: &str, findings: &mut Findings) -> Result<bool> {
    // The branch by name: a narrow refspec in the configuration must not hide it.
    let refspec = format!("+refs/heads/{branch}:refs/remotes/{remote}/{branch}");
    let cmd = git
        .cmd([
            "fetch",
            "--quiet",
            "--no-auto-maintenance",
            "--no-recurse-submodules",
            remote,
            &refspec,
        ])
        .timeout(FETCH_TIMEOUT);
    let output = match cx.world.run(&cmd) {
        Ok(output) => output,
        Err(error) => {
            let failure = error.downcast_ref::<CmdError>().map(|error| &error.failure);
            if failure == Some(&Failure::Interrupted) {
                return Err(error);
            }
            findings.unknown(format!(
                "the remote `{remote}` cannot be reached: {error:#}"
            ));
            return Ok(false);
        }
    };
    if output.ok() {
        return Ok(true);
    }
    if output.errors().contains("couldn't find remote ref") {
        no_such_branch(remote, branch, findings);
    } else {
        findings.unknown(format!(
            "the remote `{remote}` cannot be reached, so nobody knows whether this is its newest state: {}",
            output.error()
        ));
    }
    Ok(false)
}

fn no_such_branch(remote: &str, branch: &str, findings: &mut Findings) {
    findings
        .error(format!("the remote `{remote}` has no branch `{branch}`"))
        .help(format!("run `git push --set-upstream {remote} {branch}`"));
}

fn upstream(status: &Status, remote: &str, release: &str, findings: &mut Findings) {
    let place = format!("{remote}/{release}");
    let help = format!("run `git branch --set-upstream-to={place}`");
    match &status.upstream {
        Some(upstream) if *upstream == place => {}
        Some(upstream) => {
            findings
                .warning(format!(
                    "the upstream of `{release}` is {upstream}; compared with {place}"
                ))
                .help(help);
        }
        // Compared all the same; but after the release `git pull` would not know where from.
        None => {
            findings
                .error(format!(
                    "`{release}` has no upstream; compared with {place}"
                ))
                .help(help);
        }
    }
}

fn commits(count: u64) -> String {
    match count {
        1 => "1 commit".to_owned(),
        count => format!("{count} commits"),
    }
}

fn pair(text: &str) -> Option<(u64, u64)> {
    let (left, right) = text.split_once('\t')?;
    Some((left.parse().ok()?, right.parse().ok()?))
}

/// The scratch worktree of a release.
fn candidate(cx: &Cx, base: &str, planned: &[String], findings: &mut Findings) -> Result<()> {
    let git = cx.git();
    let head = git.head()?;
    if head != base {
        findings
            .error(format!(
                "the worktree stands on {head}, not on {base} where the release began"
            ))
            .help("run the release again");
    }
    let status = status(&git)?;
    let changed: BTreeSet<&str> = status
        .changed
        .iter()
        .map(|file| file.path.as_str())
        .chain(status.untracked.iter().map(String::as_str))
        .collect();
    let planned: BTreeSet<&str> = planned.iter().map(String::as_str).collect();
    // The commit itself is looked at too: a release with nothing left to edit is no empty question.
    findings.examined(1 + changed.union(&planned).count());
    for path in changed.difference(&planned) {
        findings
            .error(format!(
                "{}: changed, and not by the release",
                path.escape_debug()
            ))
            .at(*path)
            .help("a gate or a build changed the tree; let it write elsewhere, or ignore the file");
    }
    for path in planned.difference(&changed) {
        findings
            .error(format!(
                "{}: edited by the release, and unchanged",
                path.escape_debug()
            ))
            .at(*path)
            .help("look whether git ignores the file, or something took the edit back");
    }
    findings.evidence("branch", status.branch.clone());
    findings.evidence("base", base);
    findings.evidence(
        "changed",
        changed.into_iter().map(Value::from).collect::<Vec<_>>(),
    );
    findings.evidence("untracked", status.untracked.clone());
    Ok(())
}

/// What `git status` says.
#[derive(Debug, Default, PartialEq, Eq)]
struct Status {
    /// None before the first one.
    commit: Option<String>,
    /// None when detached.
    branch: Option<String>,
    /// `origin/main`.
    upstream: Option<String>,
    changed: Vec<Changed>,
    untracked: Vec<String>,
}

#[derive(Debug, PartialEq, Eq)]
struct Changed {
    path: String,
    what: String,
}

fn status(git: &Git) -> Result<Status> {
    // From the top folder, whatever the configuration says about untracked files, renames and submodules.
    let args = [
        "status",
        "--porcelain=v2",
        "-z",
        "--branch",
        "--untracked-files=all",
        "--no-renames",
        "--ignore-submodules=none",
    ];
    let records = git.list(&args)?;
    parse(&records).context("read the answer of `git status --porcelain=v2`")
}

/// The records of porcelain version 2 (git-status(1)), without renames.
fn parse(records: &[String]) -> Result<Status> {
    let mut status = Status::default();
    for record in records {
        let (kind, rest) = record
            .split_once(' ')
            .with_context(|| format!("`{record}` is no record"))?;
        match kind {
            "#" => header(&mut status, rest),
            "?" => status.untracked.push(rest.to_owned()),
            "1" | "u" => {
                let fields = if kind == "1" { 8 } else { 10 };
                let mut parts = rest.splitn(fields, ' ');
                let (Some(xy), Some(sub), Some(path)) =
                    (parts.next(), parts.next(), parts.nth(fields - 3))
                else {
                    anyhow::bail!("`{record}` is no record");
                };
                status.changed.push(Changed {
                    path: path.to_owned(),
                    what: change(kind, xy, sub).to_owned(),
                });
            }
            _ => anyhow::bail!("`{record}` is no record"),
        }
    }
    Ok(status)
}

fn header(status: &mut Status, text: &str) {
    let Some((key, value)) = text.split_once(' ') else {
        return;
    };
    let known = |none: &str| (value != none).then(|| value.to_owned());
    match key {
        "branch.oid" => status.commit = known("(initial)"),
        "branch.head" => status.branch = known("(detached)"),
        "branch.upstream" => status.upstream = Some(value.to_owned()),
        _ => {}
    }
}

fn change(kind: &str, xy: &str, sub: &str) -> &'static str {
    if sub.starts_with('S') {
        return match sub.as_bytes() {
            [_, b'C', ..] => "submodule at another commit than the one recorded",
            [_, _, b'M', ..] => "submodule with changes inside of it",
            [_, _, _, b'U'] => "submodule with untracked files inside of it",
            _ => "submodule changed and not committed",
        };
    }
    if kind == "u" {
        return "in conflict";
    }
    match xy.as_bytes() {
        [_, b'D'] => "deleted and not committed",
        [b'D', _] => "deleted, staged and not committed",
        [b'A', b'.'] => "new, staged and not committed",
        [_, b'.'] => "changed, staged and not committed",
        [_, b'T'] => "of another type than committed",
        _ => "changed and not committed",
    }
}

#[cfg(test)]
mod tests {
    use super::{Changed, parse};

    fn records(text: &[&str]) -> Vec<String> {
        text.iter().map(|record| (*record).to_owned()).collect()
    }

    #[test]
    fn porcelain_is_read() {
        let status = parse(&records(&[
            "# branch.oid 1234",
            "# branch.head topic/a b",
            "# branch.upstream origin/main",
            "# branch.ab +1 -0",
            "1 .M N... 100644 100644 100644 aaaa aaaa a — \"b\"\n c.txt",
            "1 .M S.M. 160000 160000 160000 aaaa aaaa sub module",
            "u UU N... 100644 100644 100644 100644 aaaa bbbb cccc both sides",
            "? new  file",
        ]))
        .unwrap();
        assert_eq!(status.branch.as_deref(), Some("topic/a b"));
        assert_eq!(status.untracked, ["new  file"]);
        let expected = [
            ("a — \"b\"\n c.txt", "changed and not committed"),
            ("sub module", "submodule with changes inside of it"),
            ("both sides", "in conflict"),
        ];
        let expected = expected.map(|(path, what)| Changed {
            path: path.to_owned(),
            what: what.to_owned(),
        });
        assert_eq!(status.changed, expected);
    }

    #[test]
    fn rubbish_is_an_error() {
        for rubbish in ["hello", "hello world", "1 .M N... 100644"] {
            assert!(parse(&records(&[rubbish])).is_err(), "{rubbish}");
        }
        let detached = parse(&records(&[
            "# branch.oid (initial)",
            "# branch.head (detached)",
        ]))
        .unwrap();
        assert_eq!((detached.commit, detached.branch), (None, None));
    }
}
