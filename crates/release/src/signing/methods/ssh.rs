//! `ssh`: signatures of `ssh-keygen -Y` (OpenSSH's PROTOCOL.sshsig), with the keys that people push with.
//!
//! A key on the disk is used by ssh-keygen, which asks the user's agent first. A key that only an agent holds, and one that
//! comes from the environment and must not touch the disk, sign through the agent: the form around the signature is then
//! made here.

mod form;
mod key;
mod signers;

use anyhow::{Context as _, Result, bail};
use config::SigningMethod;
use world::{Cmd, agent};

use super::{Method, Tag};
use crate::signing::{
    CheckCx, Checked, NAMESPACE, PATIENCE, Raw, SignCx, Signer, Subject, tool, unusable,
};
use key::Key;

pub(super) const METHOD: Method = Method {
    method: SigningMethod::Ssh,
    suffix: ".sig",
    sign: |cx, file| signed(cx, NAMESPACE, &cx.world.read(file)?).map(String::into_bytes),
    check,
    tag: Some(Tag {
        begin: form::BEGIN,
        sign: |cx, text| signed(cx, TAGS, text.as_bytes()),
        permitted,
    }),
    raw: Some(raw),
    unattested,
};

/// The purpose for which git looks at signatures.
const TAGS: &str = "git";

fn signed(cx: &SignCx<'_>, namespace: &str, bytes: &[u8]) -> Result<String> {
    match key::find(cx)? {
        Key::File(path) => {
            let cmd = Cmd::new(cx.root, "ssh-keygen")
                .args(["-Y", "sign", "-n", namespace, "-f"])
                .arg(&path)
                .stdin_bytes(bytes.to_vec())
                .timeout(PATIENCE);
            let output = tool(cx.world, &cmd)?;
            if !output.ok() {
                return Err(key::refused(&path, &output));
            }
            // Older versions break lines elsewhere.
            Ok(form::armor(&form::read_any(&output.text())?))
        }
        held @ (Key::Held(_) | Key::Environment(_)) => {
            let (holder, blob) = key::holder(cx, held)?;
            let signature = agent::sign(
                holder.socket(),
                &blob,
                &form::to_sign(namespace, bytes),
                flags(&blob),
            )?;
            Ok(form::armor(&form::write(&blob, namespace, &signature)))
        }
    }
}

fn flags(blob: &[u8]) -> u32 {
    match form::kind(blob).as_str() {
        "ssh-rsa" => agent::RSA_SHA2_512,
        _ => 0,
    }
}

/// Only these two sign bytes as openssl verifies them: ECDSA has another encoding, and a token signs a counter with them.
fn plain(kind: &str) -> bool {
    matches!(kind, "ssh-ed25519" | "ssh-rsa")
}

fn raw(cx: &SignCx<'_>, bytes: &[u8]) -> Result<Option<Raw>> {
    let found = key::find(cx)?;
    let (holder, blob) = key::holder(cx, found)?;
    if !plain(&form::kind(&blob)) {
        return Ok(None);
    }
    let (algorithm, signature) =
        form::parts(&agent::sign(holder.socket(), &blob, bytes, flags(&blob))?)?;
    if !matches!(algorithm.as_str(), "ssh-ed25519" | "rsa-sha2-512") {
        bail!("the ssh-agent signed with {algorithm}, where SHA-512 was asked for");
    }
    Ok(Some(Raw {
        key_id: form::fingerprint(&blob),
        bytes: signature,
    }))
}

fn unattested(cx: &SignCx<'_>) -> Result<Option<String>> {
    let kind = form::kind(&key::public(cx, &key::find(cx)?)?);
    Ok((!plain(&kind))
        .then(|| format!("a key of kind {kind} makes no signature that openssl verifies")))
}

/// The file of signers may have the key for some purposes only.
fn permitted(cx: &SignCx<'_>) -> Result<()> {
    let blob = key::public(cx, &key::find(cx)?)?;
    let text = cx.world.read_text(&cx.root.join(&cx.signing.signers))?;
    let lines = signers::lines_of(&text, &blob);
    if lines.is_empty() || lines.iter().any(|line| line.permits(TAGS)) {
        return Ok(());
    }
    Err(unusable(
        format!(
            "{} has the key {} for the namespace {NAMESPACE}, but not for {TAGS}, and the tag could not be verified",
            cx.signing.signers,
            form::fingerprint(&blob)
        ),
        format!("write namespaces=\"{NAMESPACE},{TAGS}\" there, or leave `namespaces` out"),
    ))
}

fn check(cx: &CheckCx<'_>, subject: &Subject<'_>) -> Result<Checked> {
    let form = match form::read(subject.text) {
        Ok(form) => form,
        Err(why) => return Ok(Checked::Malformed(why)),
    };
    let fingerprint = form::fingerprint(&form.key);
    if form.namespace != subject.namespace {
        let why = format!(
            "the signature was made for the namespace `{}`, here it is `{}`",
            form.namespace, subject.namespace
        );
        return Ok(Checked::Elsewhere { fingerprint, why });
    }
    let question = Question {
        cx,
        subject,
        signers: cx.signers()?.to_string_lossy().into_owned(),
        revoked: cx
            .revoked()?
            .map(|path| path.to_string_lossy().into_owned()),
        at: format!("-Overify-time={}", moment(cx.time_s)?),
    };
    if !question.ask(&["check-novalidate", "-n", subject.namespace])? {
        return Ok(Checked::Altered);
    }
    let text = cx.world.read_text(question.signers.as_ref())?;
    let lines = signers::lines_of(&text, &form.key);
    let Some(who) = question.who(&lines)? else {
        return Ok(Checked::Stranger { fingerprint });
    };
    if question.verify(&who, true)? {
        return Ok(Checked::Good(Signer {
            method: "ssh".to_owned(),
            who,
            key: form::kind_shown(&form.key),
            fingerprint,
        }));
    }
    if question.revoked.is_some() && question.verify(&who, false)? {
        return Ok(Checked::Revoked { fingerprint });
    }
    Ok(signers::reason(
        &lines,
        &who,
        subject.namespace,
        fingerprint,
    ))
}

/// A signature that ssh-keygen is asked about.
struct Question<'a> {
    cx: &'a CheckCx<'a>,
    subject: &'a Subject<'a>,
    signers: String,
    revoked: Option<String>,
    /// When the signature counts.
    at: String,
}

impl Question<'_> {
    fn command(&self, args: &[&str]) -> Cmd {
        Cmd::new(self.cx.root, "ssh-keygen")
            .arg("-Y")
            .args(args)
            .arg("-s")
            .arg(self.subject.signature)
            // A time without a zone, here and in the file of signers, is the same everywhere.
            .env("TZ", "UTC")
            .env("LC_ALL", "C")
            .stdin_bytes(self.subject.bytes.to_vec())
            .timeout(PATIENCE)
    }

    fn ask(&self, args: &[&str]) -> Result<bool> {
        Ok(tool(self.cx.world, &self.command(args))?.ok())
    }

    fn verify(&self, who: &str, revocation: bool) -> Result<bool> {
        let namespace = self.subject.namespace;
        let mut args = vec![
            "verify",
            "-f",
            &self.signers,
            "-n",
            namespace,
            "-I",
            who,
            &self.at,
        ];
        if let Some(revoked) = self.revoked.as_ref().filter(|_| revocation) {
            args.extend(["-r", revoked.as_str()]);
        }
        self.ask(&args)
    }

    /// Who is asked for: the configured one, else whom the key belongs to.
    fn who(&self, lines: &[signers::Line]) -> Result<Option<String>> {
        if let Some(identity) = &self.cx.signing.identity {
            return Ok(Some(identity.clone()));
        }
        let find = self.command(&["find-principals", "-f", &self.signers, &self.at]);
        let found = tool(self.cx.world, &find)?.text();
        let first = found.lines().next().map(signers::first_name);
        Ok(first.or_else(|| Some(signers::first_name(&lines.first()?.principals))))
    }
}

/// As ssh-keygen reads a time, in UTC.
fn moment(time_s: u64) -> Result<String> {
    let of_day = time_s % 86_400;
    let date = world::date_of(time_s).context("say when the signature counts")?;
    Ok(format!(
        "{}{:02}{:02}{:02}",
        date.replace('-', ""),
        of_day / 3600,
        of_day / 60 % 60,
        of_day % 60
    ))
}
