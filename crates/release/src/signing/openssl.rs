//! Signatures over bytes as they are by a private key in PEM, through openssl: where the method has none of its own.

use std::path::Path;

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};
use world::Cmd;

use super::{PATIENCE, Raw, SignCx, tool, unusable};

/// `SubjectPublicKeyInfo` of Ed25519 (RFC 8410) up to the key.
const ED25519: &[u8] = b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00";
/// The object identifier `rsaEncryption` (RFC 8017, appendix A.1).
const RSA: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01";

enum Key {
    Ed25519,
    Rsa,
    Other,
}

/// The public half in DER, and its kind.
fn public(cx: &SignCx<'_>, key: &Path) -> Result<(Key, Vec<u8>)> {
    if !key.is_file() {
        return Err(unusable(
            format!(
                "no key at {}, which is `attestation_key` in [signing] of release.toml",
                key.display()
            ),
            "mend the path, or make a key: openssl genpkey -algorithm ed25519 -out FILE",
        ));
    }
    let cmd = Cmd::new(cx.root, "openssl")
        .args([
            "pkey", "-pubout", "-outform", "DER", "-passin", "pass:", "-in",
        ])
        .arg(key)
        .timeout(PATIENCE);
    let output = tool(cx.world, &cmd)?;
    if !output.ok() {
        return Err(unusable(
            format!(
                "openssl reads no private key from {}\n{}",
                key.display(),
                output.errors()
            ),
            "it has to be a private key in PEM without a passphrase",
        ));
    }
    let der = output.stdout;
    let rsa = der
        .get(..24)
        .is_some_and(|head| head.windows(RSA.len()).any(|oid| oid == RSA));
    let kind = match () {
        () if der.starts_with(ED25519) => Key::Ed25519,
        () if rsa => Key::Rsa,
        () => Key::Other,
    };
    Ok((kind, der))
}

/// Why the key signs no statements, if so.
pub(super) fn unusable_key(cx: &SignCx<'_>, key: &Path) -> Result<Option<String>> {
    match public(cx, key)?.0 {
        Key::Ed25519 | Key::Rsa => Ok(None),
        Key::Other => Err(other(key)),
    }
}

fn other(key: &Path) -> anyhow::Error {
    unusable(
        format!(
            "{} is neither an Ed25519 nor an RSA key, and signs no statements",
            key.display()
        ),
        "make one: openssl genpkey -algorithm ed25519 -out FILE",
    )
}

pub(super) fn sign(cx: &SignCx<'_>, key: &Path, bytes: &[u8]) -> Result<Raw> {
    let (kind, der) = public(cx, key)?;
    let base = Cmd::new(cx.root, "openssl").timeout(PATIENCE);
    let output = match kind {
        Key::Ed25519 => {
            // It wants to know the length beforehand, which a pipe does not tell.
            let scratch = cx.world.scratch("what openssl signs")?;
            let file = scratch.path().join("bytes");
            cx.world.write_file(&file, bytes)?;
            let cmd = base.args(["pkeyutl", "-sign", "-rawin", "-inkey"]).arg(key);
            tool(cx.world, &cmd.arg("-in").arg(&file))?
        }
        Key::Rsa => {
            let cmd = base.args(["dgst", "-sha512", "-sign"]).arg(key);
            tool(cx.world, &cmd.stdin_bytes(bytes.to_vec()))?
        }
        Key::Other => return Err(other(key)),
    };
    let bytes = output.success().context("sign with openssl")?.stdout;
    let digest = Sha256::digest(&der);
    Ok(Raw {
        key_id: format!(
            "SHA256:{}",
            archive::base64::encode(&digest).trim_end_matches('=')
        ),
        bytes,
    })
}
