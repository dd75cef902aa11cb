//! Whether somebody who may sign vouches for the sums, and thereby for every file.

use anyhow::Result;
use config::Signing;

use super::{Check, Item, Subject, Verdict, Way};
use crate::artifacts::SUMS;
use crate::signing::{self, Checked};

pub(super) const CHECK: Check = Check {
    name: "signature",
    asks: "did somebody who may sign vouch for SHA256SUMS.txt",
    proves: "the signer vouches for these files",
    ways: &[
        &UNSIGNED,
        &ABSENT,
        &NO_SIGNERS,
        &METHOD,
        &MALFORMED,
        &ALTERED,
        &STRANGER,
        &ELSEWHERE,
        &OUT_OF_TIME,
        &REVOKED,
    ],
    look,
};

static UNSIGNED: Way = Way {
    name: "signature-unsigned",
    verdict: Verdict::Warn,
    says: "UNSIGNED: nobody signed these bytes",
    help: "whoever can replace the files can replace their sums: compare the source archive with the tag, or ask for a signature",
};
static ABSENT: Way = Way {
    name: "signature-absent",
    verdict: Verdict::Fail,
    says: "there is no signature, and {signers} says who has to sign",
    help: "it was removed, or not downloaded: download it; a release from before anybody signed is verified outside of the repository",
};
static NO_SIGNERS: Way = Way {
    name: "signature-no-signers",
    verdict: Verdict::Unknown,
    says: "it is signed, and nothing says who may sign",
    help: "name the file of signers with --signers: from a clone that you had before, or from the person, and not from the download",
};
static METHOD: Way = Way {
    name: "signature-method",
    verdict: Verdict::Fail,
    says: "it is a signature of {found}, and releases are signed with {said}",
    help: "another program signed than release.toml says: do not trust it before you know who and why",
};
static MALFORMED: Way = Way {
    name: "signature-malformed",
    verdict: Verdict::Fail,
    says: "{problem}",
    help: "it was damaged or edited: download it again, as bytes and not as text",
};
static ALTERED: Way = Way {
    name: "signature-altered",
    verdict: Verdict::Fail,
    says: "{problem}",
    help: "the sums were changed after they were signed, or the signature is of another release: do not use the files",
};
static STRANGER: Way = Way {
    name: "signature-stranger",
    verdict: Verdict::Fail,
    says: "{problem}",
    help: "do not trust it; if the key is new, get the new file of signers from where you got the old one",
};
static ELSEWHERE: Way = Way {
    name: "signature-elsewhere",
    verdict: Verdict::Fail,
    says: "{problem}",
    help: "the signature was made for something else and put here, or the file of signers lacks the namespace landfall",
};
static OUT_OF_TIME: Way = Way {
    name: "signature-time",
    verdict: Verdict::Fail,
    says: "{problem}",
    help: "the key was not valid then: an old key that came into other hands signs so",
};
static REVOKED: Way = Way {
    name: "signature-revoked",
    verdict: Verdict::Fail,
    says: "{problem}",
    help: "the key is trusted no more: ask for the release to be signed with another",
};

fn look(subject: &Subject<'_>) -> Result<Vec<Item>> {
    let found: Vec<&str> = subject
        .files
        .iter()
        .map(|found| found.name.as_str())
        .filter(|name| subject.is_signature(name))
        .collect();
    if found.is_empty() {
        return Ok(vec![match subject.signing(None) {
            Some(signing) => Item::wrong(&ABSENT, SUMS, &[("signers", &signing.signers)]),
            None => Item::wrong(&UNSIGNED, SUMS, &[]),
        }]);
    }
    if !matches!(subject.sums, Some(Ok(_))) {
        return Ok(vec![Item::idle(
            SUMS,
            "there are no sums that could be signed",
        )]);
    }
    found.into_iter().map(|name| one(subject, name)).collect()
}

fn one(subject: &Subject<'_>, name: &str) -> Result<Item> {
    let made = signing::method_of(name);
    let Some((signing, made)) = subject.signing(made).zip(made) else {
        return Ok(Item::wrong(&NO_SIGNERS, name, &[]));
    };
    if signing.method != made {
        let seen = [("found", made.name()), ("said", signing.method.name())];
        return Ok(Item::wrong(&METHOD, name, &seen));
    }
    let (sums, signature) = (subject.dir.join(SUMS), subject.dir.join(name));
    let time_s = subject.time_s()?;
    let seen = signing::check(
        subject.world,
        &subject.dir,
        &signing,
        &sums,
        &signature,
        time_s,
    )?;
    Ok(told(name, &signing, &seen))
}

fn told(name: &str, signing: &Signing, seen: &Checked) -> Item {
    let way = match seen {
        Checked::Good(signer) => return Item::pass(name, format!("signed by {signer}")),
        Checked::NotSigned => {
            return Item::wrong(&ABSENT, name, &[("signers", &signing.signers)]);
        }
        Checked::Malformed(_) => &MALFORMED,
        Checked::Altered => &ALTERED,
        Checked::Stranger { .. } => &STRANGER,
        Checked::Elsewhere { .. } => &ELSEWHERE,
        Checked::OutOfTime { .. } => &OUT_OF_TIME,
        Checked::Revoked { .. } => &REVOKED,
    };
    let problem = seen.problem().unwrap_or_default();
    Item::wrong(way, name, &[("problem", &problem)])
}
