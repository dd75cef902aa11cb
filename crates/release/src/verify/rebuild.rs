//! Whether the tag still gives these files: everything built again, in a scratch worktree.

use anyhow::Result;

use super::{Check, Item, Subject, Verdict, Way};
use crate::artifacts::rebuild::{self, Rebuilt};

pub(super) const CHECK: Check = Check {
    name: "rebuild",
    asks: "does a build of today from the tag give the same files",
    proves: "the files are what the tag gives when it is built",
    ways: &[&NO_TAG, &DIFFERS, &MISSING, &RECOMPRESSED, &NOT_REBUILT],
    look,
};

static NO_TAG: Way = Way {
    name: "rebuild-no-tag",
    verdict: Verdict::Unknown,
    says: "{why}",
    help: "verify in a clone of the repository, and name the tag with --tag",
};
static DIFFERS: Way = Way {
    name: "rebuild-differs",
    verdict: Verdict::Fail,
    says: "{said}",
    help: "the file was not made from that tag, or its build is not reproducible: docs/artifacts.md names the usual causes",
};
static MISSING: Way = Way {
    name: "rebuild-missing",
    verdict: Verdict::Fail,
    says: "{said}",
    help: "release.toml of the tag declares it: it was left out of the release, or of the download",
};
static RECOMPRESSED: Way = Way {
    name: "rebuild-recompressed",
    verdict: Verdict::Warn,
    says: "{said}",
    help: "another version of the compressor made it; what is in it is the same to the last byte",
};
static NOT_REBUILT: Way = Way {
    name: "rebuild-unknown",
    verdict: Verdict::Unknown,
    says: "{said}",
    help: "mend what the message names (a tool, a toolchain, a network) and verify again",
};

fn look(subject: &Subject<'_>) -> Result<Vec<Item>> {
    if !subject.asked.rebuild {
        let reason = "nobody asked to build it again: --rebuild";
        return Ok(vec![Item::idle("build", reason)]);
    }
    let Some(cx) = &subject.cx else {
        let why = "there is no repository here to build from";
        return Ok(vec![Item::wrong(&NO_TAG, "build", &[("why", why)])]);
    };
    let tag = match &subject.facts.tag {
        Some(tag) => tag.clone(),
        None => match rebuild::tag_of(cx, &subject.dir) {
            Ok(tag) => tag,
            Err(error) => {
                let why = format!("{error:#}");
                return Ok(vec![Item::wrong(&NO_TAG, "build", &[("why", &why)])]);
            }
        },
    };
    let rebuilt = rebuild::rebuild(cx, &tag, &subject.dir)?;
    Ok(rebuilt.iter().map(item).collect())
}

fn item(rebuilt: &Rebuilt) -> Item {
    let (name, said) = (rebuilt.name.as_str(), rebuilt.verdict.said());
    let way = match rebuilt.verdict {
        rebuild::Verdict::Same => return Item::pass(name, said),
        rebuild::Verdict::Statement => return Item::idle(name, said),
        rebuild::Verdict::Recompressed(_) => &RECOMPRESSED,
        rebuild::Verdict::Differs(_) => &DIFFERS,
        rebuild::Verdict::Missing => &MISSING,
        rebuild::Verdict::Unknown(_) => &NOT_REBUILT,
    };
    Item::wrong(way, name, &[("said", &said)])
}
