//! `[signing]`: keys of the configuration that do not belong together, and secrets that stand in the file.

use super::Rules;
use crate::error::visible;
use crate::{Signing, SigningMethod, names};

impl Rules<'_> {
    pub(super) fn signing(&mut self) {
        let Some(signing) = &self.config.signing else {
            return;
        };
        self.clean("signing.signers", names::path(&signing.signers));
        if let Some(revoked) = &signing.revoked {
            self.clean("signing.revoked", names::path(revoked));
        }
        if let Some(name) = &signing.key_env
            && !names::is_variable(name)
        {
            // Not repeated: it may be the secret.
            let message = "expected the name of an environment variable, not its value";
            self.advise(
                "signing.key_env",
                message,
                "write for example `RELEASE_SIGNING_KEY`",
            );
        }
        for (path, value) in [
            ("signing.key", &signing.key),
            ("signing.attestation_key", &signing.attestation_key),
        ] {
            if let Some(value) = value {
                self.key_text(path, value);
            }
        }
        self.identity(signing);
        self.method(signing);
    }

    /// A path or a name; a secret key has no place in a file that everybody can read, and is not repeated.
    fn key_text(&mut self, path: &str, value: &str) {
        if value.contains("PRIVATE KEY") || value.contains("secret key") {
            self.advise(
                path,
                "this is a secret key itself, where its path is expected",
                "make another key: this one has been seen; write the new one's path, or name a variable with `key_env`",
            );
        } else if value.contains(char::is_control) {
            self.report(path, "holds a line end or another control character");
        }
    }

    fn identity(&mut self, signing: &Signing) {
        let path = "signing.identity";
        let Some(identity) = &signing.identity else {
            return;
        };
        if signing.method == SigningMethod::Minisign {
            self.advise(
                path,
                "minisign knows keys and no names",
                "leave `identity` out: who has a key in `signers` may sign",
            );
        } else if let Some(found) = identity.chars().find(|found| {
            found.is_whitespace() || found.is_control() || "*?!,\"<>".contains(*found)
        }) {
            let message = format!("is one name, and holds `{}`", visible(&found.to_string()));
            self.advise(path, &message, "write for example `dev@example.com`");
        } else if identity.starts_with('-') {
            self.report(path, "begins with `-`, as options do");
        }
    }

    fn method(&mut self, signing: &Signing) {
        match signing.method {
            SigningMethod::Ssh => {}
            SigningMethod::Minisign => {
                if signing.key.is_none() && signing.key_env.is_none() {
                    let message = "neither `key` nor `key_env`, and minisign has no key of its own";
                    self.advise(
                        "signing",
                        message,
                        "write the path of the secret key as `key`",
                    );
                }
            }
            SigningMethod::Gpg => self.gpg(signing),
        }
    }

    fn gpg(&mut self, signing: &Signing) {
        if signing.key_env.is_some() {
            self.advise(
                "signing.key_env",
                "gpg keeps its keys on the disk, and takes none from a variable",
                "let CI run `gpg --batch --import` before, and name the fingerprint as `key`",
            );
        }
        if signing.revoked.is_some() {
            self.advise(
                "signing.revoked",
                "a revoked key of gpg says so itself",
                "leave `revoked` out, and export the revoked key into `signers` again",
            );
        }
        match &signing.key {
            None if !self.places.refused("signing.key") => self.advise(
                "signing",
                "no `key`, and which key of the keyring is meant is never guessed",
                "write the fingerprint that `gpg --list-secret-keys` shows as `key`",
            ),
            Some(key)
                if !matches!(key.len(), 40 | 64)
                    || !key.chars().all(|digit| digit.is_ascii_hexdigit()) =>
            {
                self.advise(
                    "signing.key",
                    "is no whole fingerprint: 40 or 64 hexadecimal digits without spaces",
                    "write the one that `gpg --list-secret-keys --with-colons` shows behind `fpr`",
                );
            }
            _ => {}
        }
    }
}
