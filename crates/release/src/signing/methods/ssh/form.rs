//! The form around a signature: `SSHSIG`, its armor, and the fields of the ssh wire format (RFC 4251, section 5).

use anyhow::{Result, bail};
use sha2::{Digest as _, Sha256, Sha512};
use world::agent::Fields;

use archive::base64;

pub(super) const BEGIN: &str = "-----BEGIN SSH SIGNATURE-----";
const END: &str = "-----END SSH SIGNATURE-----";
/// Where ssh-keygen breaks lines.
const WIDTH: usize = 70;
const MAGIC: &[u8] = b"SSHSIG";
const VERSION: u32 = 1;
const HASH: &str = "sha512";

/// What a signature says about itself.
pub(super) struct Form {
    /// The public key blob.
    pub(super) key: Vec<u8>,
    pub(super) namespace: String,
}

/// The bytes between the armor's lines, put down as ssh-keygen does.
pub(super) fn armor(blob: &[u8]) -> String {
    format!("{BEGIN}\n{}{END}\n", base64::lines(blob, WIDTH))
}

/// The bytes of an armored text, wherever its lines break.
pub(super) fn read_any(text: &str) -> Result<Vec<u8>> {
    let inner = text
        .trim()
        .strip_prefix(BEGIN)
        .and_then(|rest| rest.strip_suffix(END));
    let joined: Option<String> = inner.map(|inner| inner.split_whitespace().collect());
    match joined.and_then(|joined| base64::decode(&joined).ok()) {
        Some(blob) => Ok(blob),
        None => bail!("ssh-keygen wrote no signature, but: {text}"),
    }
}

/// Reads a signature in the one form that is written here: what else ssh-keygen would take is refused.
pub(super) fn read(text: &str) -> Result<Form, String> {
    if !text.starts_with(BEGIN) {
        return Err(format!("it does not begin with `{BEGIN}`"));
    }
    let blob = read_any(text).map_err(|_| "its base64 or its last line is broken".to_owned())?;
    if armor(&blob) != text {
        return Err(
            "its lines are not those that ssh-keygen writes, so that it could be changed unnoticed"
                .to_owned(),
        );
    }
    blob_form(&blob).map_err(|error| format!("{error:#}"))
}

fn blob_form(blob: &[u8]) -> Result<Form> {
    let Some(rest) = blob.strip_prefix(MAGIC) else {
        bail!("it does not begin with SSHSIG");
    };
    let mut fields = Fields(rest);
    let version = fields.number()?;
    if version != VERSION {
        bail!("it has version {version}, known is {VERSION}");
    }
    let key = fields.string()?.to_vec();
    let namespace = String::from_utf8_lossy(fields.string()?).into_owned();
    if !fields.string()?.is_empty() {
        bail!("its reserved field is not empty");
    }
    let hash = fields.string()?;
    if hash != HASH.as_bytes() {
        bail!(
            "its hash is `{}`, known is {HASH}",
            String::from_utf8_lossy(hash)
        );
    }
    fields.string()?;
    if !fields.0.is_empty() {
        bail!("something stands behind its end");
    }
    Ok(Form { key, namespace })
}

/// What is given to the key in place of `bytes`.
pub(super) fn to_sign(namespace: &str, bytes: &[u8]) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    for field in [
        namespace.as_bytes(),
        b"",
        HASH.as_bytes(),
        &Sha512::digest(bytes),
    ] {
        push(&mut out, field);
    }
    out
}

/// The whole form, from a key, a purpose and a signature of the ssh wire format.
pub(super) fn write(key: &[u8], namespace: &str, signature: &[u8]) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    out.extend(VERSION.to_be_bytes());
    for field in [key, namespace.as_bytes(), b"", HASH.as_bytes(), signature] {
        push(&mut out, field);
    }
    out
}

fn push(out: &mut Vec<u8>, field: &[u8]) {
    let length = u32::try_from(field.len()).unwrap_or(u32::MAX);
    out.extend(length.to_be_bytes());
    out.extend(field);
}

/// The algorithm and the bytes of a signature of the ssh wire format.
pub(super) fn parts(signature: &[u8]) -> Result<(String, Vec<u8>)> {
    let mut fields = Fields(signature);
    let algorithm = String::from_utf8_lossy(fields.string()?).into_owned();
    Ok((algorithm, fields.string()?.to_vec()))
}

/// The kind of a public key blob: `ssh-ed25519`.
pub(super) fn kind(key: &[u8]) -> String {
    let kind = Fields(key).string().unwrap_or_default();
    String::from_utf8_lossy(kind).into_owned()
}

/// The kind as ssh-keygen shows it: `ED25519`.
pub(super) fn kind_shown(key: &[u8]) -> String {
    match kind(key).as_str() {
        "ssh-ed25519" => "ED25519".to_owned(),
        "ssh-rsa" => "RSA".to_owned(),
        other if other.starts_with("ecdsa-") => "ECDSA".to_owned(),
        other => other.to_owned(),
    }
}

/// `SHA256:…` as ssh-keygen shows it.
pub(super) fn fingerprint(key: &[u8]) -> String {
    let text = base64::encode(&Sha256::digest(key));
    format!("SHA256:{}", text.trim_end_matches('='))
}
