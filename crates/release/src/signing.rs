//! Signatures: who says that these bytes are the release. None of it needs the network.
//!
//! Signing and checking are apart. Whoever checks looks at the file of signers and at nothing else that is on the machine,
//! and reads a signature strictly: only the one form in which it is written counts, since all of the formats have places
//! that no signature covers.

mod methods;
mod openssl;
mod rehearsal;
mod tag;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result};
use config::{Signing, SigningMethod};
use serde::{Deserialize, Serialize};
use world::{Cmd, World};

use crate::{Cx, Inputs, Kind, Refusal};

use methods::Method;
pub(crate) use rehearsal::stand_in;
pub use tag::check_tag;
pub(crate) use tag::{assure_tag, tag};

/// What a signature over the file of sums is made for; `ssh-keygen -Y` keeps purposes apart by it.
const NAMESPACE: &str = "landfall";

/// What is said of a release that nobody vouches for.
pub const UNSIGNED: &str = "UNSIGNED: nobody vouches for it; see [signing] in release.toml";

/// Somebody may have to touch a token, or to type into a window.
const PATIENCE: Duration = Duration::from_secs(120);

/// A detached signature over the file of sums, as an asset.
pub(crate) struct Detached {
    /// Of the asset: `SHA256SUMS.txt` and what the method adds.
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

/// A signature over bytes as they are, for an envelope that openssl can verify: Ed25519 (RFC 8032), or RSA with PKCS #1
/// v1.5 and SHA-512 (RFC 8017, section 8.2).
pub struct Raw {
    /// The fingerprint of the key.
    pub key_id: String,
    pub bytes: Vec<u8>,
}

/// Whose signature it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signer {
    /// `ssh`, `minisign`, `gpg`.
    pub method: String,
    /// As the file of signers names them; for minisign, which knows no names, the id of the key.
    pub who: String,
    /// The kind of key: `ED25519`, `RSA`.
    pub key: String,
    /// `SHA256:…` for ssh, hexadecimal digits for the others.
    pub fingerprint: String,
}

/// `dev@example.com (ssh ED25519 SHA256:…)`.
impl fmt::Display for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} ({} {} {})",
            self.who, self.method, self.key, self.fingerprint
        )
    }
}

/// What was seen of a signature. That it could not be looked at is an error beside it, and never one of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Checked {
    Good(Signer),
    /// There is no signature.
    NotSigned,
    /// Not a signature in the one form that is written.
    Malformed(String),
    /// A signature of other bytes.
    Altered,
    /// Of a key that the file of signers does not have.
    Stranger {
        fingerprint: String,
    },
    /// Of a key that is trusted, but for something else.
    Elsewhere {
        fingerprint: String,
        why: String,
    },
    /// Of a key that was not valid yet, or no longer.
    OutOfTime {
        fingerprint: String,
        why: String,
    },
    /// Of a key that is trusted no more.
    Revoked {
        fingerprint: String,
    },
}

impl Checked {
    /// What is wrong; `None` where nothing is.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        Some(match self {
            Checked::Good(_) => return None,
            Checked::NotSigned => "not signed".to_owned(),
            Checked::Malformed(why) => format!("not a signature as it is written: {why}"),
            Checked::Altered => "the signature does not fit these bytes".to_owned(),
            Checked::Stranger { fingerprint } => {
                format!("signed by a key that nobody is trusted with: {fingerprint}")
            }
            Checked::Elsewhere { fingerprint, why } => {
                format!(
                    "signed by the key {fingerprint}, which is trusted for something else: {why}"
                )
            }
            Checked::OutOfTime { fingerprint, why } => {
                format!("signed by the key {fingerprint} outside of its time: {why}")
            }
            Checked::Revoked { fingerprint } => {
                format!("signed by the key {fingerprint}, which is revoked")
            }
        })
    }
}

/// What a method is given to sign.
struct SignCx<'a> {
    world: &'a World,
    /// Where paths begin.
    root: &'a Path,
    signing: &'a Signing,
    /// The time that a signature carries, where it carries one.
    time_s: u64,
    /// A line that is signed with the bytes, where there is room for one.
    comment: String,
}

impl<'a> SignCx<'a> {
    fn new(cx: &'a Cx, signing: &'a Signing, inputs: &Inputs) -> SignCx<'a> {
        SignCx {
            world: &cx.world,
            root: &cx.root,
            signing,
            time_s: inputs.time_s,
            comment: format!("{} {} ({})", inputs.project, inputs.version, inputs.tag),
        }
    }

    /// The value of `key_env`, where it is set: the variable's name and the key, with the line end that tools ask for.
    fn key_of_environment(&self) -> Option<(&'a str, Vec<u8>)> {
        let name = self.signing.key_env.as_deref()?;
        let value = self.world.env(name)?.to_string_lossy();
        let text = value.trim();
        (!text.is_empty()).then(|| (name, format!("{text}\n").into_bytes()))
    }

    fn path(&self, written: &str) -> PathBuf {
        path(self.world, self.root, written)
    }
}

/// A path of the configuration: absolute, at home, or from the root of the repository.
fn path(world: &World, root: &Path, written: &str) -> PathBuf {
    match (written.strip_prefix("~/"), world.env("HOME")) {
        (Some(rest), Some(home)) => Path::new(home).join(rest),
        _ => root.join(written),
    }
}

/// What a method is given to look at.
struct CheckCx<'a> {
    world: &'a World,
    root: &'a Path,
    signing: &'a Signing,
    /// When the signature counts: keys have to be valid then.
    time_s: u64,
}

impl CheckCx<'_> {
    fn signers(&self) -> Result<PathBuf> {
        let path = self.root.join(&self.signing.signers);
        if path.is_file() {
            return Ok(path);
        }
        Err(unusable(
            format!("no file {} that says who may sign", path.display()),
            "write it and commit it, or mend `signers` in [signing] of release.toml",
        ))
    }

    fn revoked(&self) -> Result<Option<PathBuf>> {
        let Some(revoked) = &self.signing.revoked else {
            return Ok(None);
        };
        let path = self.root.join(revoked);
        if path.is_file() {
            return Ok(Some(path));
        }
        Err(unusable(
            format!("no file {} of revoked keys", path.display()),
            "write it, an empty one will do, or take `revoked` out of [signing] of release.toml",
        ))
    }
}

/// What was signed, and the signature as text and as a file.
struct Subject<'a> {
    /// The file, or the tag object less its signature.
    bytes: &'a [u8],
    /// The same as a file; a tag has none.
    file: Option<&'a Path>,
    text: &'a str,
    signature: &'a Path,
    namespace: &'a str,
}

fn unusable(message: impl Into<String>, help: impl Into<String>) -> anyhow::Error {
    Refusal::new(Kind::CannotAct, message, help).into()
}

fn method(signing: &Signing) -> Result<&'static Method> {
    methods::METHODS
        .iter()
        .find(|method| method.method == signing.method)
        .with_context(|| format!("no method {}", signing.method.name()))
}

/// The name of the signature over the file of sums: `SHA256SUMS.txt.sig`, `.minisig`, `.asc`.
pub fn name(signing: &Signing) -> Result<String> {
    Ok(format!(
        "{}{}",
        crate::artifacts::SUMS,
        method(signing)?.suffix
    ))
}

/// Signs the file of sums. `None`: no signature is asked for.
pub(crate) fn sums(cx: &Cx, inputs: &Inputs, sums: &Path) -> Result<Option<Detached>> {
    let Some(signing) = &cx.config.signing else {
        return Ok(None);
    };
    let bytes = (method(signing)?.sign)(&SignCx::new(cx, signing, inputs), sums)
        .context("sign the file of sums")?;
    Ok(Some(Detached {
        name: name(signing)?,
        bytes,
    }))
}

/// Holds our own signature against the file of signers: one that nobody can verify is none.
pub(crate) fn assure(cx: &Cx, inputs: &Inputs, file: &Path, signature: &Path) -> Result<()> {
    let Some(signing) = &cx.config.signing else {
        return Ok(());
    };
    let seen = check(&cx.world, &cx.root, signing, file, signature, inputs.time_s)
        .context("verify our own signature")?;
    refuse(signing, &seen).map(|_| ())
}

/// The signer, or a refusal that says why the release cannot be signed so.
fn refuse(signing: &Signing, seen: &Checked) -> Result<Signer> {
    if let Checked::Good(signer) = seen {
        return Ok(signer.clone());
    }
    Err(unusable(
        format!(
            "a signature made here would not be trusted by {}: {}",
            signing.signers,
            seen.problem().unwrap_or_default()
        ),
        format!(
            "add the key to {} and commit it, or sign with a key that is in it ([signing] of release.toml)",
            signing.signers
        ),
    ))
}

/// Looks at a signature over `file`, as somebody would who has nothing but these files.
///
/// # Errors
/// Where it could not be looked at: no file of signers, no program. That is neither good nor bad.
pub fn check(
    world: &World,
    root: &Path,
    signing: &Signing,
    file: &Path,
    signature: &Path,
    time_s: u64,
) -> Result<Checked> {
    if signature.symlink_metadata().is_err() {
        return Ok(Checked::NotSigned);
    }
    let Ok(text) = String::from_utf8(world.read(signature)?) else {
        return Ok(Checked::Malformed("it is not text".to_owned()));
    };
    let cx = CheckCx {
        world,
        root,
        signing,
        time_s,
    };
    let subject = Subject {
        bytes: &world.read(file)?,
        file: Some(file),
        text: &text,
        signature,
        namespace: NAMESPACE,
    };
    (method(signing)?.check)(&cx, &subject)
}

/// Signs bytes as they are. `None`: no signature is asked for, or no key at hand can make one of this kind, which
/// [`ready`] says.
pub fn raw(cx: &Cx, inputs: &Inputs, bytes: &[u8]) -> Result<Option<Raw>> {
    let Some(signing) = &cx.config.signing else {
        return Ok(None);
    };
    let sign = SignCx::new(cx, signing, inputs);
    let made = match (&signing.attestation_key, method(signing)?.raw) {
        (Some(key), _) => openssl::sign(&sign, &sign.path(key), bytes).map(Some),
        (None, Some(raw)) => raw(&sign, bytes),
        (None, None) => Ok(None),
    };
    made.context("sign a statement about the release")
}

/// What was found out about signing before anything slow is done.
#[derive(Debug, Clone)]
pub struct Ready {
    pub signer: Signer,
    /// What stays unsigned all the same.
    pub notes: Vec<String>,
}

/// Signs something small and holds it against the file of signers. `None`: no signature is asked for.
///
/// # Errors
/// Why a release could not be signed: no key, no program, a passphrase that nobody is there to type, a key that the file
/// of signers does not have.
pub fn ready(cx: &Cx) -> Result<Option<Ready>> {
    let Some(signing) = &cx.config.signing else {
        return Ok(None);
    };
    let method = method(signing)?;
    let sign = SignCx {
        world: &cx.world,
        root: &cx.root,
        signing,
        time_s: cx.world.now_s(),
        comment: "a test".to_owned(),
    };
    let scratch = cx.world.scratch("a test signature")?;
    let (file, signature) = (
        scratch.path().join("test"),
        scratch.path().join("signature"),
    );
    cx.world.write_file(&file, b"may this key sign?\n")?;
    cx.world
        .write_file(&signature, &(method.sign)(&sign, &file)?)?;
    let seen = check(&cx.world, &cx.root, signing, &file, &signature, sign.time_s)?;
    let signer = refuse(signing, &seen)?;
    let mut notes = Vec::new();
    match method.tag {
        Some(tag) => (tag.permitted)(&sign)?,
        None => notes.push(format!(
            "UNSIGNED TAG: {} cannot sign tags; only the artifacts are signed",
            signing.method.name()
        )),
    }
    let unattested = match (&signing.attestation_key, method.unattested) {
        (Some(key), _) => openssl::unusable_key(&sign, &sign.path(key))?,
        (None, unattested) => unattested(&sign)?,
    };
    notes.extend(unattested.map(|why| {
        format!("UNSIGNED STATEMENTS: {why}; `attestation_key` in [signing] can sign them")
    }));
    Ok(Some(Ready { signer, notes }))
}

/// The answer of a program that has to be there.
fn tool(world: &World, cmd: &Cmd) -> Result<world::Output> {
    world
        .ask(cmd)
        .with_context(|| format!("signatures of this repository need `{}`", cmd.program()))
}

/// How a method is told from the text of a signature.
#[must_use]
pub fn method_of(name: &str) -> Option<SigningMethod> {
    methods::METHODS
        .iter()
        .find(|method| name.ends_with(method.suffix))
        .map(|method| method.method)
}
