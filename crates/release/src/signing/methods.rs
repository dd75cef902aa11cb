//! The table of methods. Another one is a file beside the others, and a line here.

mod gpg;
mod minisign;
mod ssh;

#[cfg(test)]
pub(super) use gpg::{armored, unarmored};

use std::path::Path;

use anyhow::Result;
use config::SigningMethod;

use super::{CheckCx, Checked, Raw, SignCx, Subject};

/// A program that signs.
pub(super) struct Method {
    pub(super) method: SigningMethod,
    /// What the name of a signature has behind that of the file.
    pub(super) suffix: &'static str,
    /// The signature over a file, in the one form that is accepted later.
    pub(super) sign: fn(&SignCx<'_>, &Path) -> Result<Vec<u8>>,
    pub(super) check: fn(&CheckCx<'_>, &Subject<'_>) -> Result<Checked>,
    /// How it signs tags, if it can.
    pub(super) tag: Option<Tag>,
    /// A signature over bytes as they are; `None` where the key is not of a kind that makes one.
    pub(super) raw: Option<SignRaw>,
    /// Why there will be no signature over bytes as they are, if so.
    pub(super) unattested: fn(&SignCx<'_>) -> Result<Option<String>>,
}

type SignRaw = fn(&SignCx<'_>, &[u8]) -> Result<Option<Raw>>;

/// How tags are signed.
#[derive(Clone, Copy)]
pub(super) struct Tag {
    /// What the signature begins with, at the beginning of a line.
    pub(super) begin: &'static str,
    /// The signature to append to the text of a tag object.
    pub(super) sign: fn(&SignCx<'_>, &str) -> Result<String>,
    /// Refuses where the file of signers has the key, but not for tags.
    pub(super) permitted: fn(&SignCx<'_>) -> Result<()>,
}

pub(super) const METHODS: &[Method] = &[gpg::METHOD, minisign::METHOD, ssh::METHOD];

#[cfg(test)]
mod tests {
    use super::METHODS;

    #[test]
    fn the_table_has_every_file_of_the_folder_and_no_other() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/signing/methods");
        let mut files: Vec<String> = folder
            .read_dir()
            .unwrap()
            .filter_map(|entry| entry.unwrap().file_name().into_string().ok())
            .filter_map(|name| Some(name.strip_suffix(".rs")?.to_owned()))
            .collect();
        files.sort();
        let table: Vec<&str> = METHODS.iter().map(|method| method.method.name()).collect();
        assert_eq!(table, files);
        let suffixes: std::collections::BTreeSet<&str> =
            METHODS.iter().map(|method| method.suffix).collect();
        assert_eq!(suffixes.len(), METHODS.len());
    }
}
