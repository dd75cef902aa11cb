//! Whether the tag is what was released: annotated, of that commit, and the same wherever it is looked at.

use anyhow::{Context as _, Result};
use config::SigningMethod;
use world::git::Git;

use super::{Check, Item, Subject, Verdict, Way};
use crate::signing::{self, Checked};

pub(super) const CHECK: Check = Check {
    name: "tag",
    asks: "is the tag annotated, signed, of the released commit, and the same here and on the remote",
    proves: "the tag is annotated and of the released commit",
    ways: &[
        &ABSENT,
        &LIGHTWEIGHT,
        &ODD,
        &NAMED,
        &COMMIT,
        &MOVED,
        &NOT_REMOTE,
        &REMOTE,
        &UNSIGNED,
        &NOT_SIGNED,
        &SIGNATURE,
    ],
    look,
};

static ABSENT: Way = Way {
    name: "tag-absent",
    verdict: Verdict::Unknown,
    says: "this repository has no such tag",
    help: "git fetch --tags; or name another with --tag; or verify outside of any repository",
};
static LIGHTWEIGHT: Way = Way {
    name: "tag-lightweight",
    verdict: Verdict::Fail,
    says: "it is a bare name of the commit {found}, and not annotated",
    help: "nothing in it says who released what: a release has an annotated tag, so another tag has its name",
};
static ODD: Way = Way {
    name: "tag-odd",
    verdict: Verdict::Fail,
    says: "it is a tag of a {found}, and not of a commit",
    help: "a release is a commit: look at it with git cat-file -p",
};
static NAMED: Way = Way {
    name: "tag-named",
    verdict: Verdict::Fail,
    says: "the tag object says that it is {found}",
    help: "the object of another tag was given this name: an older release is passed off as this one",
};
static COMMIT: Way = Way {
    name: "tag-commit",
    verdict: Verdict::Fail,
    says: "it is of the commit {found}, {who} says {said}",
    help: "the files and the tag are of two commits: one of them was changed after the release",
};
static MOVED: Way = Way {
    name: "tag-moved",
    verdict: Verdict::Fail,
    says: "the tag object is {found} here, and was {said} when it was prepared",
    help: "somebody moved or made the tag anew: do not trust it before you know who and why",
};
static NOT_REMOTE: Way = Way {
    name: "tag-not-remote",
    verdict: Verdict::Fail,
    says: "{remote} has no such tag",
    help: "it was not released yet, or the tag was deleted there",
};
static REMOTE: Way = Way {
    name: "tag-remote",
    verdict: Verdict::Fail,
    says: "the tag object is {found} on {remote}, and {said} here",
    help: "one of them was moved: ask whoever released which it was, and compare the signatures of both",
};

static UNSIGNED: Way = Way {
    name: "tag-unsigned",
    verdict: Verdict::Warn,
    says: "nothing says who may sign it, so nobody vouches for it",
    help: "a tag can be moved by whoever can push: compare it with what others have, or name the signers with --signers",
};
static NOT_SIGNED: Way = Way {
    name: "tag-not-signed",
    verdict: Verdict::Fail,
    says: "it is not signed, and {signers} says who has to sign",
    help: "it was made anew without the key, or before anybody signed: compare it with what others have",
};
static SIGNATURE: Way = Way {
    name: "tag-signature",
    verdict: Verdict::Fail,
    says: "{problem}",
    help: "the tag was changed after it was signed, or a key that is not trusted for tags signed it",
};

fn look(subject: &Subject<'_>) -> Result<Vec<Item>> {
    let Some(git) = subject.git() else {
        return Ok(vec![Item::idle("tag", "no repository here")]);
    };
    let Some(tag) = &subject.facts.tag else {
        let reason = "the files do not say of which tag they are; name it with --tag";
        return Ok(vec![Item::idle("tag", reason)]);
    };
    let Some(id) = object(subject, &git, tag)? else {
        return Ok(vec![Item::wrong(&ABSENT, tag, &[])]);
    };
    let mut items = here(subject, &git, tag, &id)?;
    items.push(signed(subject, &git, tag, &id)?);
    if subject.asked.remote {
        items.push(there(subject, &git, tag, &id)?);
    }
    Ok(items)
}

/// What the tag is here. Before the release it is an object that a ref of ours keeps.
fn object(subject: &Subject<'_>, git: &Git, tag: &str) -> Result<Option<String>> {
    let public = git.resolve(&format!("refs/tags/{tag}"))?;
    match (&public, &subject.candidate) {
        // After it, until it is fetched, nothing but the candidate names it.
        (None, Some(candidate)) => git.resolve(&format!("{}^{{object}}", candidate.tag_object)),
        _ => Ok(public),
    }
}

fn here(subject: &Subject<'_>, git: &Git, tag: &str, id: &str) -> Result<Vec<Item>> {
    if git.text(&["cat-file", "-t", id])? != "tag" {
        return Ok(vec![Item::wrong(&LIGHTWEIGHT, tag, &[("found", id)])]);
    }
    let object = git.text(&["cat-file", "tag", id])?;
    let header = |key: &str| {
        let mut lines = object.lines().take_while(|line| !line.is_empty());
        lines.find_map(|line| line.strip_prefix(key)?.strip_prefix(' '))
    };
    let missing = || format!("the tag object {id} cannot be read");
    let (kind, of) = (
        header("type").with_context(missing)?,
        header("object").with_context(missing)?,
    );
    let name = header("tag").with_context(missing)?;
    let mut items = Vec::new();
    if kind != "commit" {
        items.push(Item::wrong(&ODD, tag, &[("found", kind)]));
    }
    if name != tag {
        items.push(Item::wrong(&NAMED, tag, &[("found", name)]));
    }
    if let Some((commit, who)) = &subject.facts.commit
        && commit != of
    {
        let seen = [("found", of), ("who", who), ("said", commit)];
        items.push(Item::wrong(&COMMIT, tag, &seen));
    }
    if let Some(made) = subject.facts.tag_object.as_ref().filter(|made| *made != id) {
        items.push(Item::wrong(&MOVED, tag, &[("found", id), ("said", made)]));
    }
    if items.is_empty() {
        items.push(Item::pass(tag, format!("annotated, of the commit {of}")));
    }
    Ok(items)
}

fn signed(subject: &Subject<'_>, git: &Git, tag: &str, id: &str) -> Result<Item> {
    let Some(signing) = subject.signing(None) else {
        return Ok(Item::wrong(&UNSIGNED, tag, &[]));
    };
    if signing.method == SigningMethod::Minisign {
        return Ok(Item::idle(
            tag,
            "minisign cannot sign tags; the sums are signed",
        ));
    }
    if git.text(&["cat-file", "-t", id])? != "tag" {
        return Ok(Item::idle(tag, "a bare name cannot be signed"));
    }
    let seen = signing::check_tag(subject.world, &git.dir, &signing, id, subject.time_s()?)?;
    Ok(match &seen {
        Checked::Good(signer) => Item::pass(tag, format!("signed by {signer}")),
        Checked::NotSigned => Item::wrong(&NOT_SIGNED, tag, &[("signers", &signing.signers)]),
        _ => {
            let problem = seen.problem().unwrap_or_default();
            Item::wrong(&SIGNATURE, tag, &[("problem", &problem)])
        }
    })
}

fn there(subject: &Subject<'_>, git: &Git, tag: &str, id: &str) -> Result<Item> {
    let remote = subject
        .cx
        .as_ref()
        .map_or("origin", |cx| cx.config.release.remote.as_str());
    let refs = git.remote_refs(remote, &[&format!("refs/tags/{tag}")])?;
    Ok(match refs.first() {
        None => Item::wrong(&NOT_REMOTE, tag, &[("remote", remote)]),
        Some((found, _)) if found == id => Item::pass(tag, format!("the same object on {remote}")),
        Some((found, _)) => {
            let seen = [("found", &**found), ("remote", remote), ("said", id)];
            Item::wrong(&REMOTE, tag, &seen)
        }
    })
}
