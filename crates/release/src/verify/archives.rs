//! Whether every archive can be unpacked by a stranger: whole, into one folder, harming nothing, with its licence.

use anyhow::Result;
use archive::listing::What;

use super::files::side_by_side;
use super::listed::{Listed, listed};
use super::{Check, Item, Subject, Verdict, Way};

pub(super) const CHECK: Check = Check {
    name: "archives",
    asks: "does every archive open to its end, into one folder, without harm, with its licence",
    proves: "every archive unpacks whole and harmlessly",
    ways: &[
        &UNREAD, &BROKEN, &TOP, &PATH, &LINK, &KIND, &TWINS, &LICENCE,
    ],
    look,
};

static UNREAD: Way = Way {
    name: "archive-unread",
    verdict: Verdict::Warn,
    says: "only its sum was looked at: there is no zstd here to open it",
    help: "install zstd and verify again",
};
static BROKEN: Way = Way {
    name: "archive-broken",
    verdict: Verdict::Fail,
    says: "{error}",
    help: "it is cut or damaged, or something was appended: download it again",
};
static TOP: Way = Way {
    name: "archive-top",
    verdict: Verdict::Warn,
    says: "it does not unpack into one folder: {found}",
    help: "unpack it in an empty folder of its own",
};
static PATH: Way = Way {
    name: "archive-path",
    verdict: Verdict::Fail,
    says: "{found}",
    help: "do not unpack it: an entry would be written elsewhere, or cannot be written everywhere",
};
static LINK: Way = Way {
    name: "archive-link",
    verdict: Verdict::Fail,
    says: "{found}",
    help: "do not unpack it: a link leads out of its folder, or something is written through one",
};
static KIND: Way = Way {
    name: "archive-kind",
    verdict: Verdict::Fail,
    says: "{found}, neither file nor folder nor link",
    help: "do not unpack it: no release needs devices or pipes",
};
static TWINS: Way = Way {
    name: "archive-twins",
    verdict: Verdict::Fail,
    says: "{found}",
    help: "one overwrites the other: what is unpacked depends on the tool and the file system",
};
static LICENCE: Way = Way {
    name: "archive-licence",
    verdict: Verdict::Warn,
    says: "no licence file at its top",
    help: "ask whoever published it under which terms you may use it",
};

fn look(subject: &Subject<'_>) -> Result<Vec<Item>> {
    let names: Vec<&str> = subject.files.iter().map(|file| &*file.name).collect();
    let items: Vec<Item> = side_by_side(&names, |name| one(subject, name))
        .into_iter()
        .flatten()
        .collect();
    if items.is_empty() {
        return Ok(vec![Item::idle(
            "archives",
            "there is no archive among the files",
        )]);
    }
    Ok(items)
}

fn one(subject: &Subject<'_>, name: &str) -> Vec<Item> {
    let listing = match listed(subject, name) {
        None => return Vec::new(),
        Some(Listed::Whole(listing)) => listing,
        Some(Listed::Broken(error)) => {
            return vec![Item::wrong(&BROKEN, name, &[("error", &error)])];
        }
        Some(Listed::Unread) => return vec![Item::wrong(&UNREAD, name, &[])],
    };
    let mut items: Vec<Item> = listing
        .problems()
        .iter()
        .map(|problem| {
            let way = match problem.what {
                What::Top => &TOP,
                What::Path => &PATH,
                What::Link => &LINK,
                What::Kind => &KIND,
                What::Twins => &TWINS,
            };
            Item::wrong(way, name, &[("found", &problem.text)])
        })
        .collect();
    if listing.licences().next().is_none() {
        items.push(Item::wrong(&LICENCE, name, &[]));
    }
    if items.is_empty() {
        let top = listing.top().unwrap_or_default();
        let count = listing.members.len();
        items.push(Item::pass(name, format!("{count} entries in {top}/")));
    }
    items
}
