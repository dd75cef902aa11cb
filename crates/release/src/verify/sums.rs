//! Whether the folder holds what its `SHA256SUMS.txt` names, and nothing else.

use anyhow::Result;
use archive::sums::{Why, Wrong};

use super::files::Content;
use super::{Check, Item, Subject, Verdict, Way};
use crate::artifacts::SUMS;

pub(super) const CHECK: Check = Check {
    name: "sums",
    asks: "is every file what SHA256SUMS.txt says, is none missing and none too many",
    proves: "the files are those that SHA256SUMS.txt names",
    ways: &[
        &ABSENT,
        &UNREADABLE,
        &ENCODING,
        &EMPTY,
        &FORM,
        &DIGEST,
        &NAME,
        &TWICE,
        &TWINS,
        &OTHER_FORM,
        &CHANGED,
        &FILE_MISSING,
        &FILE_DIFFERS,
        &FILE_EXTRA,
        &FILE_ODD,
        &FILE_UNREADABLE,
    ],
    look,
};

static ABSENT: Way = Way {
    name: "sums-absent",
    verdict: Verdict::Unknown,
    says: "no SHA256SUMS.txt in {folder}",
    help: "download it with the other files of the release, or name the folder that holds it",
};
static UNREADABLE: Way = Way {
    name: "sums-unreadable",
    verdict: Verdict::Unknown,
    says: "it cannot be read: {error}",
    help: "mend its permissions or the disk, and verify again",
};
static ENCODING: Way = Way {
    name: "sums-encoding",
    verdict: Verdict::Fail,
    says: "{error}",
    help: "it is damaged, or another file: download it again",
};
static EMPTY: Way = Way {
    name: "sums-empty",
    verdict: Verdict::Fail,
    says: "{error}",
    help: "the list was cut or emptied: download it again",
};
static FORM: Way = Way {
    name: "sums-line",
    verdict: Verdict::Fail,
    says: "{error}",
    help: "the list was damaged or edited: download it again",
};
static DIGEST: Way = Way {
    name: "sums-digest",
    verdict: Verdict::Fail,
    says: "{error}",
    help: "a digest was damaged or cut: download the list again",
};
static NAME: Way = Way {
    name: "sums-name",
    verdict: Verdict::Fail,
    says: "{error}",
    help: "no release has an asset of that name; somebody made the list to be looked up elsewhere, or damaged it",
};
static TWICE: Way = Way {
    name: "sums-twice",
    verdict: Verdict::Fail,
    says: "{error}",
    help: "two sums for one file are one too many: the list was edited, or lists were joined",
};
static TWINS: Way = Way {
    name: "sums-twins",
    verdict: Verdict::Fail,
    says: "{error}",
    help: "where case is folded one of them overwrites the other: the list was edited",
};
static OTHER_FORM: Way = Way {
    name: "sums-other-form",
    verdict: Verdict::Warn,
    says: "it was read, and it is not in the form that a release has",
    help: "another tool wrote the list: it says what these files are, and not what was released",
};
static CHANGED: Way = Way {
    name: "sums-changed",
    verdict: Verdict::Fail,
    says: "it was edited: a signature or statement stands beside it, and it is not in the form that a release has",
    help: "order, spaces or line ends differ from what was signed: download it again, as bytes and not as text",
};
static FILE_MISSING: Way = Way {
    name: "file-missing",
    verdict: Verdict::Fail,
    says: "missing",
    help: "the list names it: download it too, or check the files that you have with sha256sum --ignore-missing",
};
static FILE_DIFFERS: Way = Way {
    name: "file-differs",
    verdict: Verdict::Fail,
    says: "SHA-256 is {found}, SHA256SUMS.txt says {said}",
    help: "do not use it; download it again, and if it differs again tell whoever published it",
};
static FILE_EXTRA: Way = Way {
    name: "file-extra",
    verdict: Verdict::Fail,
    says: "not named in SHA256SUMS.txt",
    help: "nobody vouches for it: it is not of this release, or was put there; move it away",
};
static FILE_ODD: Way = Way {
    name: "file-odd",
    verdict: Verdict::Fail,
    says: "it is {what}, and no file",
    help: "a release has files only: move it away",
};
static FILE_UNREADABLE: Way = Way {
    name: "file-unreadable",
    verdict: Verdict::Unknown,
    says: "it cannot be read: {error}",
    help: "mend the permissions of the file or the disk, and verify again",
};

fn look(subject: &Subject<'_>) -> Result<Vec<Item>> {
    let bytes = match &subject.sums {
        Some(Ok(bytes)) => bytes,
        Some(Err(error)) => return Ok(vec![Item::wrong(&UNREADABLE, SUMS, &[("error", error)])]),
        None => {
            let folder = subject.dir.display().to_string();
            return Ok(vec![Item::wrong(&ABSENT, SUMS, &[("folder", &folder)])]);
        }
    };
    let sums = match archive::sums::read(bytes) {
        Ok(sums) => sums,
        Err(wrong) => return Ok(vec![refused(&wrong)]),
    };
    let mut items: Vec<Item> = sums
        .iter()
        .map(|(name, said)| named(subject, name, said))
        .collect();
    for found in &subject.files {
        if found.name != SUMS
            && !subject.is_signature(&found.name)
            && !sums.iter().any(|(name, _)| *name == found.name)
        {
            items.push(match &found.content {
                Content::Odd(what) => Item::wrong(&FILE_ODD, &found.name, &[("what", what)]),
                _ => Item::wrong(&FILE_EXTRA, &found.name, &[]),
            });
        }
    }
    items.sort_by(|a, b| a.name.cmp(&b.name));
    items.insert(0, form(subject, bytes, &sums));
    Ok(items)
}

fn refused(wrong: &Wrong) -> Item {
    let way = match wrong.why {
        Why::Encoding => &ENCODING,
        Why::Empty => &EMPTY,
        Why::Form => &FORM,
        Why::Digest => &DIGEST,
        Why::Name => &NAME,
        Why::Twice => &TWICE,
        Why::Twins => &TWINS,
    };
    Item::wrong(way, SUMS, &[("error", &wrong.to_string())])
}

/// A list of ours has one form. What vouches for it stands beside it; without that, anybody's tool may have written it.
fn form(subject: &Subject<'_>, bytes: &[u8], sums: &[(String, String)]) -> Item {
    let ours = archive::sums::write(sums).is_ok_and(|text| text.as_bytes() == bytes);
    if ours {
        return Item::pass(SUMS, format!("names {} files", sums.len()));
    }
    let vouched = subject
        .files
        .iter()
        .any(|found| subject.is_signature(&found.name) || found.name.ends_with(".intoto.jsonl"));
    Item::wrong(if vouched { &CHANGED } else { &OTHER_FORM }, SUMS, &[])
}

fn named(subject: &Subject<'_>, name: &str, said: &str) -> Item {
    match subject.files.iter().find(|found| found.name == name) {
        None => Item::wrong(&FILE_MISSING, name, &[]),
        Some(found) => match &found.content {
            Content::File { sha256, .. } if sha256 == said => Item::pass(name, "OK"),
            Content::File { sha256, .. } => {
                Item::wrong(&FILE_DIFFERS, name, &[("found", sha256), ("said", said)])
            }
            Content::Odd(what) => Item::wrong(&FILE_ODD, name, &[("what", what)]),
            Content::Unreadable(error) => Item::wrong(&FILE_UNREADABLE, name, &[("error", error)]),
        },
    }
}
