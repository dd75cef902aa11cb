//! `minisign`: small signatures of Ed25519 over BLAKE2b, in a file of four lines.
//!
//! Its format: an untrusted comment, `ED` with the id of the key and the signature, a trusted comment, and a signature over
//! both. Nothing covers the first line, so it is always the same.

use std::path::Path;

use anyhow::{Context as _, Result};
use config::SigningMethod;
use world::Cmd;

use super::Method;
use crate::signing::{CheckCx, Checked, PATIENCE, SignCx, Signer, Subject, tool, unusable};
use archive::base64;

pub(super) const METHOD: Method = Method {
    method: SigningMethod::Minisign,
    suffix: ".minisig",
    sign,
    check,
    tag: None,
    raw: None,
    unattested: |_| {
        Ok(Some(
            "minisign signs files in its own format only".to_owned(),
        ))
    },
};

const UNTRUSTED: &str = "untrusted comment: ";
const COMMENT: &str = "signature of a landfall release";
const TRUSTED: &str = "trusted comment: ";
/// Ed25519 over the BLAKE2b-512 digest of the file.
const HASHED: &[u8] = b"ED";
/// The same key, as a public key says it.
const PUBLIC: &[u8] = b"Ed";

fn sign(cx: &SignCx<'_>, file: &Path) -> Result<Vec<u8>> {
    let mut cmd = Cmd::new(cx.root, "minisign").args(["-S", "-x", "/dev/stdout", "-c", COMMENT]);
    cmd = cmd.arg("-t").arg(&cx.comment).arg("-m").arg(file);
    cmd = match (cx.key_of_environment(), &cx.signing.key) {
        (Some((_, text)), _) => cmd.args(["-s", "/dev/stdin"]).stdin_bytes(text),
        (None, Some(key)) => {
            let path = cx.path(key);
            if !path.is_file() {
                return Err(unusable(
                    format!(
                        "no key at {}, which is `key` in [signing] of release.toml",
                        path.display()
                    ),
                    "mend the path, or make a key without a password: minisign -G -W -s FILE -p FILE.pub",
                ));
            }
            cmd.arg("-s").arg(path)
        }
        (None, None) => {
            let name = cx.signing.key_env.as_deref().unwrap_or_default();
            return Err(unusable(
                format!(
                    "no key to sign with: {name} is not set, and [signing] of release.toml has no `key`"
                ),
                "export it, or write the path of a secret key as `key`",
            ));
        }
    };
    let output = tool(cx.world, &cmd.timeout(PATIENCE))?;
    let said = output.text();
    if !output.ok() && format!("{said}{}", output.errors()).contains("assword") {
        return Err(unusable(
            "the minisign key has a password, and there is no terminal to ask for it",
            "sign with a key without one, which CI needs too: minisign -C -W -s FILE takes it off",
        ));
    }
    if !output.ok() {
        return Err(output.error().into());
    }
    let text = said
        .find(UNTRUSTED)
        .map(|at| format!("{}\n", &said[at..]))
        .with_context(|| format!("minisign wrote no signature, but: {said}"))?;
    read(&text)
        .map_err(anyhow::Error::msg)
        .context("read what minisign wrote")?;
    Ok(text.into_bytes())
}

/// The id of the key, of a text in the one form that is written here.
fn read(text: &str) -> Result<[u8; 8], String> {
    let lines: Vec<&str> = text.split('\n').collect();
    let [untrusted, signature, trusted, global, ""] = lines[..] else {
        return Err("it has not four lines, each with its end".to_owned());
    };
    if untrusted.strip_prefix(UNTRUSTED) != Some(COMMENT) {
        return Err(format!(
            "its first line, which nothing vouches for, is not `{UNTRUSTED}{COMMENT}`"
        ));
    }
    if !trusted.starts_with(TRUSTED) {
        return Err(format!("its third line does not begin with `{TRUSTED}`"));
    }
    if base64::decode(global).map_or(true, |bytes| bytes.len() != 64) {
        return Err("its fourth line is no signature".to_owned());
    }
    let bytes = base64::decode(signature).unwrap_or_default();
    match bytes
        .strip_prefix(HASHED)
        .and_then(|rest| rest.split_first_chunk::<8>())
    {
        Some((id, signature)) if signature.len() == 64 => Ok(*id),
        _ => Err("its second line is no signature over a digest of the file".to_owned()),
    }
}

/// As minisign shows it: the number that the bytes are, the least one first.
fn shown(id: [u8; 8]) -> String {
    format!("{:016X}", u64::from_le_bytes(id))
}

/// The public keys of a file, as they are written: each a line, comments between them.
fn keys(text: &str) -> Vec<([u8; 8], &str)> {
    let key = |line: &str| {
        let bytes = base64::decode(line).ok()?;
        let (id, key) = bytes.strip_prefix(PUBLIC)?.split_first_chunk::<8>()?;
        (key.len() == 32).then_some(*id)
    };
    text.lines()
        .map(str::trim)
        .filter_map(|line| Some((key(line)?, line)))
        .collect()
}

fn check(cx: &CheckCx<'_>, subject: &Subject<'_>) -> Result<Checked> {
    let id = match read(subject.text) {
        Ok(id) => id,
        Err(why) => return Ok(Checked::Malformed(why)),
    };
    let fingerprint = shown(id);
    let path = cx.signers()?;
    let text = cx.world.read_text(&path)?;
    let trusted = keys(&text);
    if trusted.is_empty() {
        return Err(unusable(
            format!("{} has no public key of minisign", path.display()),
            "write the lines of the .pub file into it",
        ));
    }
    let Some((_, key)) = trusted.iter().find(|(known, _)| *known == id) else {
        return Ok(Checked::Stranger { fingerprint });
    };
    let file = subject.file.context("minisign verifies files only")?;
    let cmd = Cmd::new(cx.root, "minisign")
        .args(["-V", "-q", "-P", key, "-x"])
        .arg(subject.signature)
        .arg("-m")
        .arg(file)
        .timeout(PATIENCE);
    if !tool(cx.world, &cmd)?.ok() {
        return Ok(Checked::Altered);
    }
    if let Some(revoked) = cx.revoked()?
        && keys(&cx.world.read_text(&revoked)?)
            .iter()
            .any(|(_, gone)| gone == key)
    {
        return Ok(Checked::Revoked { fingerprint });
    }
    Ok(Checked::Good(Signer {
        method: "minisign".to_owned(),
        who: "minisign key".to_owned(),
        key: "ED25519".to_owned(),
        fingerprint,
    }))
}
