//! Whether the forge serves these files, byte for byte, and says of them what is so.

use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Deserialize;

use super::files::{self, Content, Found};
use super::{Check, Item, Subject, Verdict, Way};
use crate::candidate::digest_of;
use crate::{Artifact, changelog};

pub(super) const CHECK: Check = Check {
    name: "remote",
    asks: "does the forge serve these files and no others, as a published release",
    proves: "the forge serves these files, byte for byte",
    ways: &[
        &NO_FORGE,
        &ABSENT,
        &DRAFT,
        &DESCRIPTION,
        &OTHER,
        &MISSING,
        &DIFFERS,
        &EXTRA,
        &LISTED,
        &NOTES,
        &UNREADABLE,
    ],
    look,
};

/// The file in which a release describes itself on the forge.
const RELEASE: &str = "release.json";

static NO_FORGE: Way = Way {
    name: "remote-no-forge",
    verdict: Verdict::Unknown,
    says: "no [forge] in release.toml says where the release is served",
    help: "leave --remote out, or download the files and verify their folder",
};
static ABSENT: Way = Way {
    name: "remote-absent",
    verdict: Verdict::Fail,
    says: "there is no {folder}",
    help: "it was not released yet, or was removed: cargo xtask status says how far it is",
};
static DRAFT: Way = Way {
    name: "remote-draft",
    verdict: Verdict::Fail,
    says: "it is a draft still: {folder}",
    help: "nobody can see it yet: go on with the release",
};
static DESCRIPTION: Way = Way {
    name: "remote-description",
    verdict: Verdict::Fail,
    says: "release.json on the forge cannot be read: {error}",
    help: "it was damaged or removed there: put the one of the candidate back",
};
static OTHER: Way = Way {
    name: "remote-other",
    verdict: Verdict::Fail,
    says: "release.json on the forge is {found}, and {said} was released",
    help: "it was edited there, or is of another release: put the one of the candidate back",
};
static MISSING: Way = Way {
    name: "remote-missing",
    verdict: Verdict::Fail,
    says: "the forge does not serve it",
    help: "the upload was cut, or somebody removed it there",
};
static DIFFERS: Way = Way {
    name: "remote-differs",
    verdict: Verdict::Fail,
    says: "SHA-256 is {found} on the forge, and {said} here",
    help: "one of them was changed after the release: compare both with the signed sums",
};
static EXTRA: Way = Way {
    name: "remote-extra",
    verdict: Verdict::Fail,
    says: "the forge serves it, and it is not of this release",
    help: "somebody added it there: nobody vouches for it; remove it",
};
static LISTED: Way = Way {
    name: "remote-listed",
    verdict: Verdict::Fail,
    says: "release.json on the forge says {said}, and the file there is {found}",
    help: "file or description was changed there after the release",
};
static NOTES: Way = Way {
    name: "remote-notes",
    verdict: Verdict::Fail,
    says: "the notes on the forge are not those of the release: {found}",
    help: "they were edited there: put those of the candidate back, or say so in them",
};
static UNREADABLE: Way = Way {
    name: "remote-unreadable",
    verdict: Verdict::Unknown,
    says: "it cannot be read on the forge: {error}",
    help: "mend permissions or connection, and verify again",
};

/// What [`crate::prepare`] tells the forge, as far as it is compared.
#[derive(Deserialize)]
struct Described {
    tag: String,
    commit: String,
    body: String,
    assets: Vec<Artifact>,
}

fn look(subject: &Subject<'_>) -> Result<Vec<Item>> {
    let forge = "the forge";
    if !subject.asked.remote {
        return Ok(vec![Item::idle(forge, "nobody asked; --remote looks")]);
    }
    let Some(base) = &subject.forge else {
        return Ok(vec![Item::wrong(&NO_FORGE, forge, &[])]);
    };
    let Some(tag) = &subject.facts.tag else {
        let reason = "the files do not say of which tag they are; name it with --tag";
        return Ok(vec![Item::idle(forge, reason)]);
    };
    let name = tag.replace('/', "-");
    let (published, draft) = (base.join(&name), base.join(".drafts").join(&name));
    let shown = |path: &Path| path.display().to_string();
    if !published.is_dir() {
        return Ok(vec![if draft.is_dir() {
            Item::wrong(&DRAFT, tag, &[("folder", &shown(&draft))])
        } else {
            Item::wrong(&ABSENT, tag, &[("folder", &shown(&published))])
        }]);
    }
    let served = files::hash(&published.join("assets"))?;
    let mut items = assets(subject, &served);
    items.extend(description(subject, &published, tag, &served)?);
    Ok(items)
}

/// What is served against what is here.
fn assets(subject: &Subject<'_>, served: &[Found]) -> Vec<Item> {
    let mut items = Vec::new();
    for here in &subject.files {
        let there = served.iter().find(|there| there.name == here.name);
        let item = match (&here.content, there.map(|there| &there.content)) {
            // What is wrong here is told by the sums.
            (Content::Odd(_) | Content::Unreadable(_), _) => continue,
            (_, None | Some(Content::Odd(_))) => Item::wrong(&MISSING, &here.name, &[]),
            (_, Some(Content::Unreadable(error))) => {
                Item::wrong(&UNREADABLE, &here.name, &[("error", error)])
            }
            (Content::File { sha256: ours, .. }, Some(Content::File { sha256: theirs, .. })) => {
                if ours == theirs {
                    Item::pass(&here.name, "the same on the forge")
                } else {
                    Item::wrong(&DIFFERS, &here.name, &[("found", theirs), ("said", ours)])
                }
            }
        };
        items.push(item);
    }
    for there in served {
        if !subject.files.iter().any(|here| here.name == there.name) {
            items.push(Item::wrong(&EXTRA, &there.name, &[]));
        }
    }
    items
}

/// What the forge says of the release against what it serves, and what was released.
fn description(
    subject: &Subject<'_>,
    published: &Path,
    tag: &str,
    served: &[Found],
) -> Result<Vec<Item>> {
    let read = subject
        .world
        .read(&published.join(RELEASE))
        .and_then(|bytes| Ok(serde_json::from_slice::<Described>(&bytes)?));
    let described = match read {
        Ok(described) => described,
        Err(error) => {
            let error = format!("{error:#}");
            return Ok(vec![Item::wrong(
                &DESCRIPTION,
                RELEASE,
                &[("error", &error)],
            )]);
        }
    };
    let mut items = Vec::new();
    if described.tag != tag {
        let seen = [("found", &*described.tag), ("said", tag)];
        items.push(Item::wrong(&OTHER, RELEASE, &seen));
    }
    if let Some(commit) = subject
        .commit()?
        .filter(|commit| *commit != described.commit)
    {
        let seen = [("found", &*described.commit), ("said", &commit)];
        items.push(Item::wrong(&OTHER, RELEASE, &seen));
    }
    if let Some(candidate) = &subject.candidate {
        let found = digest_of(&published.join(RELEASE))?.unwrap_or_default();
        if found != candidate.release_sha256 {
            let seen = [("found", &*found), ("said", &candidate.release_sha256)];
            items.push(Item::wrong(&OTHER, RELEASE, &seen));
        }
    }
    items.extend(listed(&described, served));
    items.extend(notes(subject, published, &described)?);
    if items.is_empty() {
        items.push(Item::pass(
            RELEASE,
            "published, and describes what is served",
        ));
    }
    Ok(items)
}

fn listed(described: &Described, served: &[Found]) -> Vec<Item> {
    let mut items = Vec::new();
    for asset in &described.assets {
        let there = served.iter().find(|there| there.name == asset.name);
        let found = match there.map(|there| &there.content) {
            Some(Content::File { size, sha256 }) => format!("{size} bytes, {sha256}"),
            _ => "not there".to_owned(),
        };
        let said = format!("{} bytes, {}", asset.size, asset.sha256);
        if found != said {
            items.push(Item::wrong(
                &LISTED,
                &asset.name,
                &[("found", &found), ("said", &said)],
            ));
        }
    }
    let unlisted = served.iter().filter(|there| {
        !described
            .assets
            .iter()
            .any(|asset| asset.name == there.name)
    });
    items.extend(unlisted.map(|there| {
        Item::wrong(
            &LISTED,
            &there.name,
            &[("found", "there"), ("said", "nothing of it")],
        )
    }));
    items
}

fn notes(subject: &Subject<'_>, published: &Path, described: &Described) -> Result<Option<Item>> {
    let path = published.join("notes.md");
    let text = subject
        .world
        .read_if_exists(&path)
        .context("read the notes")?;
    let found = match (&text, &subject.candidate) {
        (None, _) => "there are none".to_owned(),
        (Some(text), Some(candidate)) => {
            let found = archive::sha256_hex(text.as_bytes());
            if found == candidate.notes_sha256 {
                return Ok(None);
            }
            format!(
                "SHA-256 is {found}, the candidate says {}",
                candidate.notes_sha256
            )
        }
        (Some(text), None) => {
            if changelog::body(&format!("\n{text}")) == described.body {
                return Ok(None);
            }
            "they are not the body that release.json has".to_owned()
        }
    };
    Ok(Some(Item::wrong(&NOTES, "notes.md", &[("found", &found)])))
}
