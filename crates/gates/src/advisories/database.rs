//! The RustSec advisory database: a folder, or a clone that is kept in the git directory and refreshed once a day.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use config::AuditGate;
use world::git::Git;
use world::{Cmd, CmdError, Failure, Lock, LockHeld};

use crate::Cx;

/// Names a folder, whatever the configuration says.
pub(crate) const VARIABLE: &str = "LANDFALL_ADVISORY_DB";

const DAY_S: u64 = 86_400;
/// A clone is asked for news when it is older.
const FRESH_S: u64 = DAY_S;
/// Holds the time of the last fetch; inside the clone's git directory, so that a removed clone takes it along.
const STAMP: &str = "landfall-fetched";
/// So long a second preflight waits while a first one fetches.
const PATIENCE: Duration = Duration::from_secs(120);

/// A database that can be read.
#[derive(Debug)]
pub(crate) struct Database {
    pub(crate) folder: PathBuf,
    /// Where it came from, for people.
    pub(crate) source: String,
    pub(crate) commit: Option<String>,
    /// Since when it has not been brought up to date, in seconds; `None`: it does not say.
    pub(crate) age_s: Option<u64>,
    /// Why it could not be refreshed, where that was tried.
    pub(crate) stale: Option<String>,
    /// Kept while it is read: nobody fetches into it meanwhile.
    _lock: Option<Lock>,
}

/// The database as the environment or the configuration names it.
///
/// # Errors
/// When there is none to look into; with what to do.
pub(crate) fn obtain(cx: &Cx, settings: &AuditGate) -> Result<Database> {
    if let Some(folder) = cx.world.env(VARIABLE).filter(|value| !value.is_empty()) {
        return folder_at(cx, &cx.root.join(folder), VARIABLE);
    }
    if !is_url(&settings.database) {
        let folder = cx.root.join(&settings.database);
        return folder_at(cx, &folder, "gates.audit.database");
    }
    clone_of(cx, settings)
}

/// Whole days.
pub(crate) fn days(age_s: u64) -> u64 {
    age_s / DAY_S
}

/// `https://…`, `file://…`, `git@host:path`; everything else is a folder.
fn is_url(text: &str) -> bool {
    text.contains("://")
        || text
            .split_once(':')
            .is_some_and(|(host, _)| host.contains('@') && !host.contains('/'))
}

fn folder_at(cx: &Cx, folder: &Path, named_by: &str) -> Result<Database> {
    if !folder.join("crates").is_dir() {
        bail!(
            "no advisory database in {} (named by {named_by}): there is no folder `crates` in it; unpack or clone the RustSec advisory database there",
            folder.display()
        );
    }
    let (mut commit, mut age_s) = (None, None);
    // Only its own: a folder inside of another repository has that one's history.
    if folder.join(".git").exists() {
        let text = Git::new(&cx.world, folder).text(&["log", "-1", "--format=%H %ct"])?;
        if let Some((id, time)) = text.split_once(' ') {
            commit = Some(id.to_owned());
            age_s = time
                .parse()
                .ok()
                .map(|time: u64| cx.world.now_s().saturating_sub(time));
        }
    }
    Ok(Database {
        folder: folder.to_owned(),
        source: folder.display().to_string(),
        commit,
        age_s,
        stale: None,
        _lock: None,
    })
}

fn clone_of(cx: &Cx, settings: &AuditGate) -> Result<Database> {
    let state = cx.git().common_dir()?.join("landfall");
    let folder = state.join("advisory-db");
    let lock = wait_for(cx, &state.join("advisory-db.lock"))?;
    let url = &settings.database;
    let timeout = Duration::from_secs(settings.timeout_s);
    let mut stale = None;
    if usable(cx, &folder, url)? {
        if fetched(cx, &folder).is_none_or(|time| too_old(cx, time)) {
            stale = refresh(cx, &folder, timeout)?;
        }
    } else {
        clone(cx, &folder, url, timeout)?;
    }
    let git = Git::new(&cx.world, &folder);
    Ok(Database {
        commit: Some(git.head()?),
        source: url.clone(),
        age_s: fetched(cx, &folder).map(|time| cx.world.now_s().saturating_sub(time)),
        folder,
        stale,
        _lock: Some(lock),
    })
}

fn wait_for(cx: &Cx, path: &Path) -> Result<Lock> {
    let watch = cx.world.stopwatch();
    loop {
        match cx.world.lock(path, "audit: the advisory database") {
            Err(error)
                if error.downcast_ref::<LockHeld>().is_some() && watch.elapsed() < PATIENCE =>
            {
                cx.world.check_interrupt()?;
                std::thread::sleep(Duration::from_millis(100));
            }
            done => return done.context("the advisory database is in use"),
        }
    }
}

/// A whole clone of this very repository: one that a kill cut short has no commit.
fn usable(cx: &Cx, folder: &Path, url: &str) -> Result<bool> {
    if !folder.join(".git").is_dir() || !folder.join("crates").is_dir() {
        return Ok(false);
    }
    let git = Git::new(&cx.world, folder);
    let origin = git.ask(&["config", "--get", "remote.origin.url"])?;
    Ok(origin.ok() && origin.text() == url && git.resolve("HEAD^{commit}")?.is_some())
}

fn fetched(cx: &Cx, folder: &Path) -> Option<u64> {
    let text = cx
        .world
        .read_if_exists(&folder.join(".git").join(STAMP))
        .ok()??;
    text.trim().parse().ok()
}

/// A time in the future is one of another clock, and says nothing.
fn too_old(cx: &Cx, time: u64) -> bool {
    let now = cx.world.now_s();
    time > now || now - time > FRESH_S
}

fn stamp(cx: &Cx, folder: &Path) -> Result<()> {
    let now = format!("{}\n", cx.world.now_s());
    cx.world
        .write_file(&folder.join(".git").join(STAMP), now.as_bytes())
}

/// The reason why the clone stays as old as it is; `None`: it is new.
fn refresh(cx: &Cx, folder: &Path, timeout: Duration) -> Result<Option<String>> {
    let git = |args: &[&str]| {
        Cmd::new(folder, "git")
            .args(["-c", "gc.auto=0"])
            .args(args)
            .timeout(timeout)
    };
    let steps = [
        git(&[
            "fetch",
            "--quiet",
            "--depth=1",
            "--no-tags",
            "origin",
            "HEAD",
        ]),
        git(&["reset", "--quiet", "--hard", "FETCH_HEAD"]),
    ];
    for cmd in steps {
        if let Err(error) = cx.world.run(&cmd).and_then(|output| Ok(output.success()?)) {
            if interrupted(&error) {
                return Err(error);
            }
            return Ok(Some(format!("{error:#}")));
        }
    }
    stamp(cx, folder)?;
    Ok(None)
}

fn clone(cx: &Cx, folder: &Path, url: &str, timeout: Duration) -> Result<()> {
    cx.world.remove_dir_all(folder)?;
    let cmd = Cmd::new(&cx.root, "git")
        .args(["clone", "--quiet", "--depth=1", "--no-tags", "--", url])
        .arg(folder)
        .timeout(timeout);
    cx.world
        .run(&cmd)?
        .success()
        .with_context(|| format!("there is no advisory database yet, and it could not be cloned from {url}; mend the network, or name a folder that holds one in gates.audit.database or {VARIABLE}"))?;
    if !folder.join("crates").is_dir() {
        bail!(
            "{url} is no advisory database: there is no folder `crates` in it; mend gates.audit.database"
        );
    }
    stamp(cx, folder)
}

pub(crate) fn interrupted(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<CmdError>()
        .is_some_and(|error| error.failure == Failure::Interrupted)
}

#[cfg(test)]
mod tests {
    use super::is_url;

    #[test]
    fn addresses_and_folders_are_told_apart() {
        for (text, expected) in [
            ("https://git.example/advisory-db.git", true),
            ("file:///srv/advisory-db", true),
            ("git@git.example:team/advisory-db", true),
            ("../advisory-db", false),
            ("/srv/advisory-db", false),
            ("advisory-db", false),
            ("a/b@c:d", false),
        ] {
            assert_eq!(is_url(text), expected, "{text}");
        }
    }
}
