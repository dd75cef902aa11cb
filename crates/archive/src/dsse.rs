//! DSSE envelopes: bytes, what they are, and who signed both (Dead Simple Signing Envelope 1.0.2).
//!
//! Written and read here is the JSON form with one signer's or no signature, one envelope on one line. The standard asks
//! a general reader to ignore what it does not know and to take every spelling of base64. This one reads what landfall
//! wrote and nothing else: a file of a release has one form, and every other one is a change that somebody made.

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};

use crate::base64;

/// The type of a payload that is an in-toto statement in JSON.
pub const IN_TOTO: &str = "application/vnd.in-toto+json";

/// What is signed: the pre-authentication encoding of type and payload, so that neither can be taken for a part of the
/// other (DSSE protocol, "Signature Definition").
#[must_use]
pub fn pae(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let mut bytes = format!(
        "DSSEv1 {} {payload_type} {} ",
        payload_type.len(),
        payload.len()
    )
    .into_bytes();
    bytes.extend_from_slice(payload);
    bytes
}

/// A payload with its type and its signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// What the payload is, see [`IN_TOTO`].
    pub payload_type: String,
    /// The bytes that were signed.
    pub payload: Vec<u8>,
    /// None at all: nobody vouches for it.
    pub signatures: Vec<Signature>,
}

/// A signature over [`Envelope::pae`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// A hint which key to try, and no more: it is not signed. May be empty.
    pub key_id: String,
    /// As the algorithm gives it.
    pub bytes: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Wire {
    payload: String,
    payload_type: String,
    signatures: Vec<WireSignature>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireSignature {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    keyid: String,
    sig: String,
}

impl Envelope {
    /// What is, or has to be, signed.
    #[must_use]
    pub fn pae(&self) -> Vec<u8> {
        pae(&self.payload_type, &self.payload)
    }

    /// One line of JSON with its line end.
    ///
    /// # Errors
    /// None that can happen: every string can be written.
    pub fn write(&self) -> Result<String> {
        let signatures = self.signatures.iter().map(|signature| WireSignature {
            keyid: signature.key_id.clone(),
            sig: base64::encode(&signature.bytes),
        });
        let wire = Wire {
            payload: base64::encode(&self.payload),
            payload_type: self.payload_type.clone(),
            signatures: signatures.collect(),
        };
        Ok(serde_json::to_string(&wire)? + "\n")
    }

    /// Reads what [`Envelope::write`] wrote.
    ///
    /// # Errors
    /// Says what is in the way: another shape, a key that is unknown, missing or there twice, base64 that
    /// [`base64::decode`] refuses, anything behind the first line, white space, another order of the keys.
    pub fn read(text: &str) -> Result<Envelope> {
        let Some(line) = text.strip_suffix('\n') else {
            bail!("the envelope has no line end; is its end cut off");
        };
        if line.contains(['\n', '\r']) {
            bail!("an envelope is one line, and there is more than one");
        }
        let wire: Wire = serde_json::from_str(line).context("this is no DSSE envelope")?;
        let mut signatures = Vec::new();
        for (index, signature) in wire.signatures.iter().enumerate() {
            let number = index + 1;
            let bytes = base64::decode(&signature.sig)
                .with_context(|| format!("the signature {number} of the envelope"))?;
            if bytes.is_empty() {
                bail!("the signature {number} of the envelope is empty");
            }
            signatures.push(Signature {
                key_id: signature.keyid.clone(),
                bytes,
            });
        }
        let envelope = Envelope {
            payload_type: wire.payload_type,
            payload: base64::decode(&wire.payload).context("the payload of the envelope")?,
            signatures,
        };
        crate::one_form::check("the envelope", text, &envelope.write()?)?;
        Ok(envelope)
    }
}

#[cfg(test)]
mod tests;
