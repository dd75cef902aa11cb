//! `gpg`: signatures of OpenPGP.
//!
//! A signature is checked with a home of its own that knows the exported keys of the file of signers and nothing else, so
//! that neither the keyring of the machine nor anybody's trust in it has a say.

mod packet;

use std::path::Path;

use anyhow::{Context as _, Result};
use config::SigningMethod;
use world::{Cmd, Output, Scratch};

#[cfg(test)]
pub(in crate::signing) use packet::{armor as armored, unarmored};

use super::{Method, Tag};
use crate::signing::{CheckCx, Checked, PATIENCE, SignCx, Signer, Subject, tool, unusable};

pub(super) const METHOD: Method = Method {
    method: SigningMethod::Gpg,
    suffix: ".asc",
    sign: |cx, file| signed(cx, cx.world.read(file)?).map(String::into_bytes),
    check,
    tag: Some(Tag {
        begin: packet::BEGIN,
        sign: |cx, text| signed(cx, text.as_bytes().to_vec()),
        permitted: |_| Ok(()),
    }),
    raw: None,
    unattested: |_| Ok(Some("gpg signs in its own format only".to_owned())),
};

fn signed(cx: &SignCx<'_>, bytes: Vec<u8>) -> Result<String> {
    let key = cx.signing.key.as_deref().unwrap_or_default();
    // The time is part of the signature: with the pinned one a release that is gone on with has the same bytes.
    let time = format!("{}!", cx.time_s);
    let cmd = Cmd::new(cx.root, "gpg")
        .args([
            "--batch",
            "--no-tty",
            "--quiet",
            "--yes",
            "--faked-system-time",
            &time,
        ])
        .args(["--digest-algo", "SHA512", "--no-armor", "--local-user", key])
        .args(["--detach-sign", "--output", "-"])
        .env("LC_ALL", "C")
        .stdin_bytes(bytes)
        .timeout(PATIENCE);
    let output = tool(cx.world, &cmd)?;
    if !output.ok() {
        return Err(unusable(
            format!("gpg does not sign with the key {key}\n{}", output.errors()),
            "look with `gpg --list-secret-keys`; a passphrase is asked for by gpg-agent, which needs a pinentry that works without a terminal, or has it already",
        ));
    }
    let packet = packet::canonical(&output.stdout)
        .map_err(anyhow::Error::msg)
        .context("read what gpg wrote")?;
    Ok(packet::armor(&packet))
}

/// A home with the keys of the file of signers, and of nobody else.
struct Home<'a> {
    cx: &'a CheckCx<'a>,
    folder: Scratch,
}

impl Home<'_> {
    fn new<'a>(cx: &'a CheckCx<'a>) -> Result<Home<'a>> {
        let signers = cx.signers()?;
        let folder = cx.world.scratch("the keys of those who may sign")?;
        let home = Home { cx, folder };
        let output = home.gpg(&["--import"], Some(&signers), Vec::new())?;
        if status(&output, "IMPORT_OK ").is_none() {
            return Err(unusable(
                format!(
                    "gpg finds no public key in {}\n{}",
                    signers.display(),
                    output.errors()
                ),
                "write it with `gpg --armor --export FINGERPRINT`",
            ));
        }
        Ok(home)
    }

    /// Whatever it changes is in the scratch folder.
    fn gpg(&self, args: &[&str], file: Option<&Path>, stdin: Vec<u8>) -> Result<Output> {
        let time = format!("{}!", self.cx.time_s);
        let mut cmd = Cmd::new(self.cx.root, "gpg")
            .arg("--homedir")
            .arg(self.folder.path())
            .args([
                "--no-options",
                "--batch",
                "--no-tty",
                "--no-autostart",
                "--status-fd",
                "1",
            ])
            .args(["--trust-model", "always", "--faked-system-time", &time])
            .args(args)
            .env("LC_ALL", "C")
            .stdin_bytes(stdin)
            .timeout(PATIENCE);
        if let Some(file) = file {
            cmd = cmd.arg(file);
        }
        if args.contains(&"--verify") {
            cmd = cmd.arg("-");
        }
        tool(self.cx.world, &cmd)
    }

    /// The user ids of a key that are not revoked.
    fn user_ids(&self, fingerprint: &str) -> Result<Vec<String>> {
        let output = self.gpg(
            &["--with-colons", "--list-keys", fingerprint],
            None,
            Vec::new(),
        )?;
        let ids = output.text();
        let id = |line: &str| {
            let fields: Vec<&str> = line.split(':').collect();
            let sound = fields.first() == Some(&"uid") && fields.get(1) != Some(&"r");
            sound.then(|| fields.get(9).map(|id| (*id).to_owned()))?
        };
        Ok(ids.lines().filter_map(id).collect())
    }
}

/// What stands behind a word of the status that gpg tells programs (doc/DETAILS of GnuPG).
fn status(output: &Output, word: &str) -> Option<Vec<String>> {
    let text = output.text();
    let rest = text
        .lines()
        .filter_map(|line| line.strip_prefix("[GNUPG:] "))
        .find_map(|line| line.strip_prefix(word))?;
    Some(rest.split_whitespace().map(str::to_owned).collect())
}

fn check(cx: &CheckCx<'_>, subject: &Subject<'_>) -> Result<Checked> {
    let packet = match packet::read(subject.text) {
        Ok(packet) => packet,
        Err(why) => return Ok(Checked::Malformed(why)),
    };
    if !packet.fits(subject.bytes) {
        return Ok(Checked::Altered);
    }
    let home = Home::new(cx)?;
    let output = home.gpg(
        &["--verify"],
        Some(subject.signature),
        subject.bytes.to_vec(),
    )?;
    let said = |word| status(&output, word);
    let primary = said("VALIDSIG ").and_then(|words| words.last().cloned());
    let fingerprint = primary.unwrap_or(packet.issuer);
    if said("BADSIG ").is_some() {
        return Ok(Checked::Altered);
    }
    if said("REVKEYSIG ").is_some() {
        return Ok(Checked::Revoked { fingerprint });
    }
    if said("EXPKEYSIG ").is_some() || said("EXPSIG ").is_some() {
        let why = "it expired before the release was made".to_owned();
        return Ok(Checked::OutOfTime { fingerprint, why });
    }
    if said("NO_PUBKEY ").is_some() {
        return Ok(Checked::Stranger { fingerprint });
    }
    if said("GOODSIG ").is_none() || said("VALIDSIG ").is_none() || !output.ok() {
        return Err(output.error()).context("gpg gave no answer about the signature");
    }
    let ids = home.user_ids(&fingerprint)?;
    let is = |id: &&String| match &cx.signing.identity {
        Some(wanted) => *id == wanted || id.ends_with(&format!("<{wanted}>")),
        None => true,
    };
    Ok(match ids.iter().find(is) {
        Some(who) => Checked::Good(Signer {
            method: "gpg".to_owned(),
            who: who.clone(),
            key: packet::algorithm(packet.algorithm),
            fingerprint,
        }),
        None => Checked::Elsewhere {
            fingerprint,
            why: format!(
                "it is {}'s, not {}'s",
                ids.join(" or "),
                cx.signing.identity.as_deref().unwrap_or_default()
            ),
        },
    })
}
