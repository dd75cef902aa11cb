//! Whether each SBOM is about this release.

use anyhow::Result;

use super::{Check, Item, Subject, Verdict, Way};

/// What the name of a CycloneDX document ends with.
const EXTENSION: &str = ".cdx.json";

pub(super) const CHECK: Check = Check {
    name: "sbom",
    asks: "is each SBOM a CycloneDX document about the package and version in its name",
    proves: "each SBOM is about this release",
    ways: &[&ROOT, &NAMED, &VERSION],
    look,
};

static ROOT: Way = Way {
    name: "sbom-root",
    verdict: Verdict::Fail,
    says: "{error}",
    help: "it is damaged, or another file was put in its place: download it again",
};
static NAMED: Way = Way {
    name: "sbom-named",
    verdict: Verdict::Fail,
    says: "it describes {found}, and its name says otherwise",
    help: "it is the SBOM of another package or version under this name",
};
static VERSION: Way = Way {
    name: "sbom-version",
    verdict: Verdict::Fail,
    says: "it describes {found}, and this is the release {version}",
    help: "it is the SBOM of another release",
};

fn look(subject: &Subject<'_>) -> Result<Vec<Item>> {
    let names = subject.files.iter().map(|found| found.name.as_str());
    let items: Vec<Item> = names
        .filter(|name| name.ends_with(EXTENSION))
        .map(|name| one(subject, name))
        .collect();
    if items.is_empty() {
        return Ok(vec![Item::idle("sbom", "the release has no SBOM")]);
    }
    Ok(items)
}

fn one(subject: &Subject<'_>, name: &str) -> Item {
    let read = subject
        .world
        .read(&subject.dir.join(name))
        .and_then(|bytes| archive::sbom::root(&bytes));
    let (package, version, _) = match read {
        Ok(root) => root,
        Err(error) => return Item::wrong(&ROOT, name, &[("error", &format!("{error:#}"))]),
    };
    let found = format!("{package} {version}");
    let file = package.trim_start_matches('@').replace('/', "-");
    if name != format!("{file}-{version}{EXTENSION}") {
        return Item::wrong(&NAMED, name, &[("found", &found)]);
    }
    match &subject.facts.version {
        Some(released) if released.to_string() != version => {
            let seen = [("found", &*found), ("version", &released.to_string())];
            Item::wrong(&VERSION, name, &seen)
        }
        _ => Item::pass(name, format!("describes {found}")),
    }
}
