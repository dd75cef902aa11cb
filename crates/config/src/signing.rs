//! `[signing]`: who vouches for a release, and how.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who vouches for a release, and how. No network is needed, neither to sign nor to verify.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Signing {
    /// The program that signs.
    pub method: SigningMethod,

    /// The key. `ssh`: path of the key (its public half will do where an agent has the secret one), or the public key
    /// itself behind `key::`; default: git's `user.signingkey` where `gpg.format` is `ssh`. `minisign`: path of a secret
    /// key without a password. `gpg`: the whole fingerprint of a key of the keyring. A path is absolute, begins with
    /// `~/`, or begins at the root of the repository.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub key: Option<String>,

    /// Name of the environment variable which holds the secret key itself, for CI: `ssh` and `minisign`. Where it is set
    /// it takes the place of `key`. The value is handed to the program that signs and to no other, never written to a
    /// file, and blotted out of every log.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub key_env: Option<String>,

    /// Who signs, as `signers` names them: a principal for `ssh`, the address of a user id for `gpg`.
    /// Default: anybody in `signers`.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub identity: Option<String>,

    /// Path of the file which says who may sign, from the root of the repository: allowed signers for `ssh` (for the
    /// namespaces `landfall` and `git`), public keys for `minisign`, exported public keys for `gpg`.
    #[schemars(length(min = 1))]
    pub signers: String,

    /// Path of a file of keys which are trusted no more, from the root of the repository: public keys, one a line, or for
    /// `ssh` a key revocation list. For `gpg` the revocation is part of the exported key. Default: none.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub revoked: Option<String>,

    /// Path of a private key in PEM, Ed25519 or RSA, which signs the statements about a release through openssl: for
    /// `minisign` and `gpg`, which cannot, and for keys of `ssh` of another kind. Default: the key of `ssh`.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub attestation_key: Option<String>,
}

/// A program that signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SigningMethod {
    /// `ssh-keygen`, with the keys that people push with.
    Ssh,
    /// `minisign`. It cannot sign tags.
    Minisign,
    /// GnuPG.
    Gpg,
}

impl SigningMethod {
    /// As it is written in the file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            SigningMethod::Ssh => "ssh",
            SigningMethod::Minisign => "minisign",
            SigningMethod::Gpg => "gpg",
        }
    }
}
