//! Whether the statements are about exactly these files and this release, and what they say.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use archive::dsse::{Envelope, IN_TOTO};
use archive::statement::{Outcome, Predicate, Provenance, Statement, TestResult};
use config::SigningMethod;

use super::{Check, Item, Subject, Verdict, Way};

/// What the name of a statement ends with.
pub(super) const EXTENSION: &str = ".intoto.jsonl";
/// The statement that says what the files were made from.
pub(super) const PROVENANCE: &str = "provenance.intoto.jsonl";
const TEST_RESULT: &str = "test-result.intoto.jsonl";

/// A public key of Ed25519 in DER is these bytes before it (RFC 8410).
const ED25519: [u8; 12] = [0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0];
const ED25519_LEN: usize = 32;

pub(super) const CHECK: Check = Check {
    name: "statements",
    asks: "is each statement whole, signed, about exactly these files and this release, and what does it say",
    proves: "each statement is about exactly these files, and signed",
    ways: &[
        &BROKEN, &KIND, &SUBJECTS, &RELEASE, &UNSIGNED, &NO_KEY, &FORGED, &FAILED,
    ],
    look,
};

static BROKEN: Way = Way {
    name: "statement-broken",
    verdict: Verdict::Fail,
    says: "{error}",
    help: "it was damaged or edited: download it again",
};
static KIND: Way = Way {
    name: "statement-kind",
    verdict: Verdict::Fail,
    says: "it holds {found}, and its name says otherwise",
    help: "one statement was put in the place of another",
};
static SUBJECTS: Way = Way {
    name: "statement-subjects",
    verdict: Verdict::Fail,
    says: "it is not about exactly the files that SHA256SUMS.txt names: {found}",
    help: "it is of another release, or files were added, removed or replaced after it was made",
};
static RELEASE: Way = Way {
    name: "statement-release",
    verdict: Verdict::Fail,
    says: "it says {found}, and {said} is looked at",
    help: "it is the statement of another release, or the files are",
};
static UNSIGNED: Way = Way {
    name: "statement-unsigned",
    verdict: Verdict::Warn,
    says: "nobody signed it",
    help: "it is worth what the signature over the sums is worth, which name it",
};
static NO_KEY: Way = Way {
    name: "statement-no-key",
    verdict: Verdict::Warn,
    says: "it is signed, and no public key at hand can verify that",
    help: "the file of signers has no Ed25519 key of ssh: verify it with openssl and the public key of whoever signs",
};
static FORGED: Way = Way {
    name: "statement-forged",
    verdict: Verdict::Fail,
    says: "its signature is of none of the keys in {signers}, or of another statement",
    help: "do not believe what it says; if the key is new, get the new file of signers from where you got the old one",
};
static FAILED: Way = Way {
    name: "statement-failed-gates",
    verdict: Verdict::Warn,
    says: "it was released although gates had not passed: {found}",
    help: "that was decided, and is not hidden: read the reasons, and decide whether it will do for you",
};

fn look(subject: &Subject<'_>) -> Result<Vec<Item>> {
    let names = subject.files.iter().map(|found| found.name.as_str());
    let mut items = Vec::new();
    for name in names.filter(|name| name.ends_with(EXTENSION)) {
        items.extend(one(subject, name)?);
    }
    if items.is_empty() {
        items.push(Item::idle("statements", "the release has none"));
    }
    Ok(items)
}

/// Envelope and statement of a file.
pub(super) fn read(bytes: Vec<u8>) -> Result<(Envelope, Statement)> {
    let text = String::from_utf8(bytes).context("it is no text")?;
    let envelope = Envelope::read(&text)?;
    anyhow::ensure!(
        envelope.payload_type == IN_TOTO,
        "its payload is {}, and no in-toto statement",
        envelope.payload_type.escape_debug()
    );
    let statement = Statement::read(&envelope.payload)?;
    Ok((envelope, statement))
}

fn one(subject: &Subject<'_>, name: &str) -> Result<Vec<Item>> {
    let read = subject.world.read(&subject.dir.join(name)).and_then(read);
    let (envelope, statement) = match read {
        Ok(read) => read,
        Err(error) => {
            let error = format!("{error:#}");
            return Ok(vec![Item::wrong(&BROKEN, name, &[("error", &error)])]);
        }
    };
    let mut items = Vec::new();
    let wanted = match &statement.predicate {
        Predicate::Provenance(_) => PROVENANCE,
        Predicate::TestResult(_) => TEST_RESULT,
    };
    if name != wanted {
        items.push(Item::wrong(
            &KIND,
            name,
            &[("found", statement.predicate.kind())],
        ));
    }
    items.extend(subjects(subject, name, &statement));
    let says = match &statement.predicate {
        Predicate::Provenance(provenance) => {
            items.extend(released(subject, name, provenance)?);
            let from = &provenance.build_definition.external_parameters;
            let builder = &provenance.run_details.builder.id;
            format!("made of {} ({}) by {builder}", from.commit, from.tag)
        }
        Predicate::TestResult(result) => {
            items.extend(failed(name, result));
            format!("{} gates passed", result.passed_tests.len())
        }
    };
    items.extend(signed(subject, name, &envelope)?);
    if items.is_empty() {
        items.push(Item::pass(name, says));
    }
    Ok(items)
}

/// The subjects against the sums, less the statements: those cannot name themselves.
fn subjects(subject: &Subject<'_>, name: &str, statement: &Statement) -> Option<Item> {
    let Some(Ok(bytes)) = &subject.sums else {
        return Some(Item::idle(
            name,
            "there are no sums to compare its subjects with",
        ));
    };
    let sums: BTreeMap<String, String> = archive::sums::read(bytes)
        .unwrap_or_default()
        .into_iter()
        .filter(|(name, _)| !name.ends_with(EXTENSION))
        .collect();
    let said: BTreeMap<&String, &String> = statement
        .subjects
        .iter()
        .map(|subject| (&subject.name, &subject.sha256))
        .collect();
    let unsaid = sums.keys().filter(|name| !said.contains_key(name));
    let mut found: Vec<String> = unsaid.map(|name| format!("it lacks {name}")).collect();
    found.extend(
        said.iter()
            .filter_map(|(name, sha256)| match sums.get(*name) {
                None => Some(format!("{name} is not there")),
                Some(sum) if sum != *sha256 => Some(format!("{name} had another digest")),
                Some(_) => None,
            }),
    );
    let shown = found.get(..3).unwrap_or(&found).join(", ");
    (!found.is_empty()).then(|| Item::wrong(&SUBJECTS, name, &[("found", &shown)]))
}

fn released(subject: &Subject<'_>, name: &str, provenance: &Provenance) -> Result<Vec<Item>> {
    let from = &provenance.build_definition.external_parameters;
    let facts = &subject.facts;
    let version = facts.version.as_ref().map(ToString::to_string);
    let pairs = [
        ("the tag", &from.tag, facts.tag.clone()),
        ("the version", &from.version, version),
        ("the commit", &from.commit, subject.commit()?),
    ];
    let differing = pairs.iter().filter_map(|(what, found, said)| {
        let said = said.as_ref().filter(|said| said != found)?;
        let found = format!("{what} is {found}");
        Some(Item::wrong(
            &RELEASE,
            name,
            &[("found", &found), ("said", said)],
        ))
    });
    Ok(differing.collect())
}

fn failed(name: &str, result: &TestResult) -> Option<Item> {
    if result.result != Outcome::Failed && result.failed_tests.is_empty() {
        return None;
    }
    let why = |gate: &String| {
        let waived = result.gates.iter().find(|known| known.name == *gate);
        match waived.and_then(|known| known.waived.as_ref()) {
            Some(waiver) => format!("{gate} (waived: {waiver})"),
            None => gate.clone(),
        }
    };
    let gates: Vec<String> = result.failed_tests.iter().map(why).collect();
    Some(Item::wrong(&FAILED, name, &[("found", &gates.join(", "))]))
}

/// The signature of the envelope, through openssl: the key may be any of those who may sign.
fn signed(subject: &Subject<'_>, name: &str, envelope: &Envelope) -> Result<Option<Item>> {
    if envelope.signatures.is_empty() {
        return Ok(Some(Item::wrong(&UNSIGNED, name, &[])));
    }
    let signing = subject.signing(Some(SigningMethod::Ssh));
    let keys = match &signing {
        Some(signing) if signing.method == SigningMethod::Ssh => {
            keys(&subject.world.read_text(signing.signers.as_ref())?)
        }
        _ => Vec::new(),
    };
    let Some(signing) = signing.filter(|_| !keys.is_empty()) else {
        return Ok(Some(Item::wrong(&NO_KEY, name, &[])));
    };
    let scratch = subject.world.scratch("the signature of a statement")?;
    let at = |name: &str| scratch.path().join(name);
    subject.world.write_file(&at("pae"), &envelope.pae())?;
    for signature in &envelope.signatures {
        subject
            .world
            .write_file(&at("signature"), &signature.bytes)?;
        let mut fits = false;
        for key in &keys {
            subject.world.write_file(&at("key.der"), key)?;
            let cmd = world::Cmd::new(scratch.path(), "openssl").args([
                "pkeyutl",
                "-verify",
                "-pubin",
                "-keyform",
                "DER",
                "-inkey",
                "key.der",
                "-rawin",
                "-in",
                "pae",
                "-sigfile",
                "signature",
            ]);
            fits |= subject
                .world
                .ask(&cmd)
                .context("statements are verified with openssl")?
                .ok();
        }
        if !fits {
            return Ok(Some(Item::wrong(
                &FORGED,
                name,
                &[("signers", &signing.signers)],
            )));
        }
    }
    Ok(None)
}

/// The Ed25519 keys of a file of allowed signers, in DER. Other kinds cannot make the signatures that are verified here.
fn keys(signers: &str) -> Vec<Vec<u8>> {
    let lines = signers.lines().filter(|line| !line.starts_with('#'));
    let key = |line: &str| {
        let mut words = line
            .split_whitespace()
            .skip_while(|word| *word != "ssh-ed25519");
        let blob = archive::base64::decode(words.nth(1)?).ok()?;
        let key = blob.get(blob.len().checked_sub(ED25519_LEN)?..)?;
        Some([&ED25519[..], key].concat())
    };
    lines.filter_map(key).collect()
}
