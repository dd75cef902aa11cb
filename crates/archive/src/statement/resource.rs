//! Something that a statement points to (in-toto v1, `ResourceDescriptor`).

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};

/// A file, a commit, a place: by name, by address, by digest.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resource {
    /// A path from the root of the repository, or a word that tells it from the others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where it is to be had, as SPDX writes it: `git+https://forge.example/team/app@refs/tags/v1.0.0#Cargo.lock`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// Algorithm and lower-case hex: `sha256` of the bytes, `gitCommit` and `gitBlob` for objects of git.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub digest: BTreeMap<String, String>,
}

impl Resource {
    pub(super) fn check(&self) -> Result<()> {
        let shown = self.name.as_deref().or(self.uri.as_deref());
        let shown = shown.unwrap_or("without a name").escape_debug();
        if self.uri.is_none() && self.digest.is_empty() {
            bail!("the resource `{shown}` has neither an address nor a digest");
        }
        for (algorithm, value) in &self.digest {
            let lengths: &[usize] = match algorithm.as_str() {
                "sha256" => &[64],
                // Git has SHA-1 repositories and SHA-256 ones.
                "gitCommit" | "gitBlob" => &[40, 64],
                other => bail!(
                    "the resource `{shown}` has a digest `{}`, and sha256, gitCommit and gitBlob are the known ones",
                    other.escape_debug()
                ),
            };
            hex(value, lengths).with_context(|| format!("the {algorithm} of `{shown}`"))?;
        }
        Ok(())
    }
}

/// Lower-case hex digits, as many as one of the lengths says.
pub(super) fn hex(text: &str, lengths: &[usize]) -> Result<()> {
    let lower = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if !lengths.contains(&text.len()) || !text.bytes().all(lower) {
        bail!(
            "expected {lengths:?} lower-case hex digits, found `{}`",
            text.escape_debug()
        );
    }
    Ok(())
}
