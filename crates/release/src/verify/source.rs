//! Whether the source archive is the tagged commit: the one file in which a change is looked for by nobody.

use std::collections::BTreeMap;
use std::fs::File;

use anyhow::{Context as _, Result};
use archive::listing::{self, Format, Listing, Stored};
use config::{ArtifactKind, Config};
use world::git::Git;

use super::listed::{Listed, listed};
use super::{Check, Item, Subject, Verdict, Way};
use crate::Cx;

pub(super) const CHECK: Check = Check {
    name: "source",
    asks: "does the source archive hold exactly the files of the tagged commit",
    proves: "the source archive is the tagged commit",
    ways: &[&ABSENT, &UNREAD, &COMMIT, &DIFFERS, &BROKEN, &NO_COMMIT],
    look,
};

static ABSENT: Way = Way {
    name: "source-absent",
    verdict: Verdict::Fail,
    says: "release.toml declares it, and it is not there",
    help: "the release is not complete, or these are the files of another: download it too",
};
static UNREAD: Way = Way {
    name: "source-unread",
    verdict: Verdict::Unknown,
    says: "it could not be opened here, so nobody compared it with the commit",
    help: "install zstd and verify again",
};
static COMMIT: Way = Way {
    name: "source-commit",
    verdict: Verdict::Fail,
    says: "git noted the commit {found} in it, and {commit} was released",
    help: "it is the archive of another commit: do not use it",
};
static DIFFERS: Way = Way {
    name: "source-differs",
    verdict: Verdict::Fail,
    says: "it is not what the commit {commit} holds: {found}",
    help: "do not build it: something was put in, left out or changed that is in no commit",
};
static BROKEN: Way = Way {
    name: "source-broken",
    verdict: Verdict::Fail,
    says: "{error}",
    help: "it is cut or damaged: download it again",
};
static NO_COMMIT: Way = Way {
    name: "source-no-commit",
    verdict: Verdict::Unknown,
    says: "the commit of {tag} is not in this repository",
    help: "git fetch --tags; or verify outside of any repository",
};

fn look(subject: &Subject<'_>) -> Result<Vec<Item>> {
    let idle = |reason: &str| Ok(vec![Item::idle("source archive", reason)]);
    let Some(cx) = &subject.cx else {
        return idle("no repository to compare it with");
    };
    let Some(tag) = &subject.facts.tag else {
        return idle("the files do not say of which tag they are; name it with --tag");
    };
    let git = cx.git();
    let commit = match subject.commit()? {
        Some(commit) => git.resolve(&format!("{commit}^{{commit}}"))?,
        None => None,
    };
    let config = configured(cx, &git, commit.as_deref())?;
    let declared = declared(subject, cx, &config, tag)?;
    if declared.is_empty() {
        return idle("release.toml declares none");
    }
    let Some(commit) = commit else {
        return Ok(vec![Item::wrong(
            &NO_COMMIT,
            "source archive",
            &[("tag", tag)],
        )]);
    };
    declared
        .iter()
        .map(|(name, top)| one(subject, &git, &commit, name, top))
        .collect()
}

/// `release.toml` as the release had it: it may declare other files by now.
fn configured(cx: &Cx, git: &Git, commit: Option<&str>) -> Result<Config> {
    let ours = || (*cx.config).clone();
    // A group is a view of the file that is made elsewhere.
    let Some(commit) = commit.filter(|_| cx.config.view.is_none()) else {
        return Ok(ours());
    };
    let output = git.ask(&["show", &format!("{commit}:release.toml")])?;
    let own: Vec<&str> = cx.own_gates.iter().map(|gate| gate.name).collect();
    let then = output
        .ok()
        .then(|| config::parse_knowing(&output.text(), &own));
    // What is not there, or reads otherwise today, is taken as it is now.
    let Some(Ok(mut then)) = then else {
        return Ok(ours());
    };
    // Found by the name of a folder it would be that of the clone.
    then.project.name = then.project.name.or_else(|| cx.config.project.name.clone());
    Ok(then)
}

/// Names and top folders of the source archives of a release.
fn declared(
    subject: &Subject<'_>,
    cx: &Cx,
    config: &Config,
    tag: &str,
) -> Result<Vec<(String, String)>> {
    let Some(version) = &subject.facts.version else {
        return Ok(Vec::new());
    };
    let (version, project) = (
        version.to_string(),
        gates::project::name(&cx.world, &cx.root, config),
    );
    let values = [("version", &*version), ("tag", tag), ("project", &project)];
    let fill = |template: &str| config::expand(template, &values).map_err(anyhow::Error::msg);
    config
        .artifacts_or_default()
        .iter()
        .filter(|declared| declared.kind == ArtifactKind::Source)
        .map(|declared| {
            Ok((
                fill(declared.name_or_default())?,
                fill(declared.top_or_default())?,
            ))
        })
        .collect()
}

fn one(subject: &Subject<'_>, git: &Git, commit: &str, name: &str, top: &str) -> Result<Item> {
    if !subject.dir.join(name).is_file() {
        return Ok(Item::wrong(&ABSENT, name, &[]));
    }
    let found = match listed(subject, name) {
        Some(Listed::Whole(found)) => found,
        Some(Listed::Broken(error)) => return Ok(Item::wrong(&BROKEN, name, &[("error", &error)])),
        Some(Listed::Unread) | None => return Ok(Item::wrong(&UNREAD, name, &[])),
    };
    if let Some(noted) = found.commit.as_ref().filter(|noted| *noted != commit) {
        let seen = [("found", &**noted), ("commit", commit)];
        return Ok(Item::wrong(&COMMIT, name, &seen));
    }
    let ours = archived(subject, git, commit, top)?;
    if ours.tar_sha256 == found.tar_sha256 {
        let message = format!("its tar is byte for byte what git archive makes of {commit}");
        return Ok(Item::pass(name, message));
    }
    let differences = differences(&ours, &found);
    if differences.is_empty() {
        let message = format!("every entry is as git archive makes it of {commit}");
        return Ok(Item::pass(name, message));
    }
    let more = match differences.len().saturating_sub(3) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    let shown = differences.get(..3).unwrap_or(&differences).join("; ");
    let seen = [("commit", commit), ("found", &format!("{shown}{more}"))];
    Ok(Item::wrong(&DIFFERS, name, &seen))
}

/// What git makes of the commit here and now, with the attributes that the commit itself has (`export-ignore`,
/// `export-subst`).
fn archived(subject: &Subject<'_>, git: &Git, commit: &str, top: &str) -> Result<Listing> {
    let scratch = subject.world.scratch("an archive of the commit")?;
    let tar = scratch.path().join("source.tar");
    let to = format!("--output={}", tar.display());
    subject
        .world
        .ask(&crate::artifacts::git_archive(git, commit, top, &[], &[to]))?
        .success()?;
    let file = File::open(&tar).with_context(|| format!("open {}", tar.display()))?;
    listing::list(Format::Tar, file)
}

fn differences(ours: &Listing, found: &Listing) -> Vec<String> {
    let entries = |listing: &Listing| -> BTreeMap<String, Stored> {
        let members = listing.members.iter();
        members
            .filter(|member| member.stored != Stored::Folder)
            .map(|member| (member.path.clone(), member.stored.clone()))
            .collect()
    };
    let (ours, found) = (entries(ours), entries(found));
    let mut differences = Vec::new();
    for (path, stored) in &found {
        let path = path.escape_debug();
        match ours.get(&path.to_string()) {
            None => differences.push(format!("`{path}` is not in the commit")),
            Some(wanted) if wanted != stored => {
                differences.push(format!("`{path}` differs: {}", difference(wanted, stored)));
            }
            Some(_) => {}
        }
    }
    let missing = ours.keys().filter(|path| !found.contains_key(*path));
    differences.extend(missing.map(|path| format!("`{}` is missing", path.escape_debug())));
    differences
}

fn difference(wanted: &Stored, found: &Stored) -> &'static str {
    match (wanted, found) {
        (Stored::File { sha256: a, .. }, Stored::File { sha256: b, .. }) if a != b => "its content",
        (Stored::File { .. }, Stored::File { .. }) => "its mode",
        (Stored::Symlink(_), Stored::Symlink(_)) => "where it leads",
        _ => "what it is",
    }
}
