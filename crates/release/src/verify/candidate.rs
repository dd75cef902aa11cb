//! Whether the files are those that were approved here: sums that were rewritten agree with themselves.

use anyhow::Result;

use super::files::Content;
use super::{Check, Item, Subject, Verdict, Way};

pub(super) const CHECK: Check = Check {
    name: "candidate",
    asks: "are these the bytes that were prepared and approved here",
    proves: "these are the bytes of the candidate that was prepared here",
    ways: &[&DIFFERS, &SIZE, &MISSING, &EXTRA],
    look,
};

static DIFFERS: Way = Way {
    name: "candidate-differs",
    verdict: Verdict::Fail,
    says: "SHA-256 is {found}, the candidate says {said}",
    help: "the file was changed after it was prepared: abort the release and prepare it again",
};
static SIZE: Way = Way {
    name: "candidate-size",
    verdict: Verdict::Fail,
    says: "it has {found} bytes, the candidate says {said}",
    help: "candidate.json was edited: digest and size contradict each other",
};
static MISSING: Way = Way {
    name: "candidate-missing",
    verdict: Verdict::Fail,
    says: "the candidate has it, and it is not there",
    help: "the file was removed after it was prepared: abort the release and prepare it again",
};
static EXTRA: Way = Way {
    name: "candidate-extra",
    verdict: Verdict::Fail,
    says: "the candidate has no such file",
    help: "somebody put it there after the candidate was prepared: move it away",
};

fn look(subject: &Subject<'_>) -> Result<Vec<Item>> {
    let Some(candidate) = &subject.candidate else {
        return Ok(vec![Item::idle(
            "candidate.json",
            "no candidate of this release here",
        )]);
    };
    let mut items = Vec::new();
    for artifact in &candidate.artifacts {
        let found = subject
            .files
            .iter()
            .find(|found| found.name == artifact.name);
        items.push(match found.map(|found| &found.content) {
            Some(Content::File { sha256, size }) if *sha256 == artifact.sha256 => {
                if *size == artifact.size {
                    Item::pass(&artifact.name, "as prepared")
                } else {
                    let seen = [
                        ("found", &*size.to_string()),
                        ("said", &artifact.size.to_string()),
                    ];
                    Item::wrong(&SIZE, &artifact.name, &seen)
                }
            }
            Some(Content::File { sha256, .. }) => {
                let seen = [("found", &**sha256), ("said", &artifact.sha256)];
                Item::wrong(&DIFFERS, &artifact.name, &seen)
            }
            Some(Content::Odd(_) | Content::Unreadable(_)) | None => {
                Item::wrong(&MISSING, &artifact.name, &[])
            }
        });
    }
    for found in &subject.files {
        if !candidate
            .artifacts
            .iter()
            .any(|artifact| artifact.name == found.name)
        {
            items.push(Item::wrong(&EXTRA, &found.name, &[]));
        }
    }
    Ok(items)
}
