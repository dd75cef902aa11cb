//! Software bills of materials: CycloneDX 1.6 (ECMA-424) as JSON, from a graph of packages.
//!
//! ```text
//! Graph ─reached from one root─▶ components with their scope ─sorted─▶ JSON ─its SHA-256─▶ serial number
//! ```
//!
//! A document is plain data: the crates that write it bring XML and schema machinery, which whoever adopts landfall would
//! compile. What is written here is held by the validator of the CycloneDX project, in a test.
//!
//! The serial number is a UUID of version 8 (RFC 9562) made from the SHA-256 of the document without it, so that the same
//! graph has the same number, and another graph another one. Version 5 says the same with SHA-1.

mod json;
mod purl;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

pub use purl::Purl;

/// A package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    /// Whether it is run by itself. `false`: a library.
    pub application: bool,
    /// With its scope where it has one: `@scope/name`.
    pub name: String,
    /// Empty: it has none, and none is written.
    pub version: String,
    /// What it is called in the document, too.
    pub purl: Purl,
    /// Of the archive that the package was taken from.
    pub hashes: Vec<Hash>,
    /// `None`: it is not known, and none is written.
    pub license: Option<License>,
    pub authors: Vec<Author>,
    /// Sorted when written.
    pub links: Vec<Link>,
    /// Facts for which CycloneDX has no field, by name.
    pub properties: BTreeMap<String, String>,
}

/// A digest of a package, as a lock file holds it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hash {
    /// As CycloneDX writes it: `SHA-256`.
    pub algorithm: &'static str,
    /// Lower-case hex.
    pub hex: String,
}

/// What a package says of its licence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum License {
    /// An SPDX expression.
    Expression(String),
    /// Other words.
    Named(String),
}

/// Who made a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    pub name: Option<String>,
    pub email: Option<String>,
}

/// A reference to something outside of the document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Link {
    /// As CycloneDX writes it: `vcs`, `website`, `documentation`, `distribution`.
    pub kind: &'static str,
    pub url: String,
}

/// What one package needs of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// It is there when the package runs.
    Required,
    /// It may be missing.
    Optional,
    /// It takes part in the build and is not there when the package runs.
    Build,
}

/// Packages and what they need, by bom-ref.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    components: BTreeMap<String, Component>,
    needs: BTreeMap<String, BTreeMap<String, Need>>,
    incomplete: BTreeSet<String>,
}

impl Graph {
    /// Adds a package and gives its bom-ref, which is its purl. The same package twice, as npm installs it, is one: what
    /// is known of either is kept.
    pub fn add(&mut self, component: Component) -> String {
        let reference = component.purl.to_string();
        match self.components.get_mut(&reference) {
            None => {
                self.components.insert(reference.clone(), component);
            }
            Some(known) => {
                known.hashes.extend(component.hashes);
                known.links.extend(component.links);
                known.license = known.license.take().or(component.license);
                known.properties.extend(component.properties);
            }
        }
        reference
    }

    /// One package needs another. The strongest of several needs counts; a package does not need itself.
    pub fn need(&mut self, from: &str, to: &str, need: Need) {
        if from == to {
            return;
        }
        let of = self.needs.entry(from.to_owned()).or_default();
        of.entry(to.to_owned())
            .and_modify(|known| *known = need.min(*known))
            .or_insert(need);
    }

    /// Not all that this package needs could be found.
    pub fn incomplete(&mut self, reference: &str) {
        self.incomplete.insert(reference.to_owned());
    }

    /// The document about one package: all that is reached from it, and nothing else. `time` is RFC 3339 in UTC.
    ///
    /// # Errors
    /// When the root or a package that is needed was never added.
    pub fn document(&self, root: &str, time: &str) -> Result<Vec<u8>> {
        let scopes = self.reached(root)?;
        json::write(self, root, &scopes, time)
    }

    fn component(&self, reference: &str) -> Result<&Component> {
        let found = self.components.get(reference);
        found.with_context(|| format!("`{reference}` is needed and not in the graph"))
    }

    /// The packages below the root, each with the best way to it: a package that is required over one way and optional
    /// over another is required.
    fn reached(&self, root: &str) -> Result<BTreeMap<&str, Need>> {
        let (root, _) = self
            .components
            .get_key_value(root)
            .with_context(|| format!("`{root}` is not in the graph"))?;
        let mut reached = BTreeMap::from([(root.as_str(), Need::Required)]);
        for limit in [Need::Required, Need::Optional, Need::Build] {
            let mut next: Vec<&str> = reached.keys().copied().collect();
            while let Some(from) = next.pop() {
                for (to, need) in self.needs.get(from).into_iter().flatten() {
                    if *need <= limit && !reached.contains_key(to.as_str()) {
                        self.component(to)?;
                        reached.insert(to, limit);
                        next.push(to);
                    }
                }
            }
        }
        Ok(reached)
    }
}

/// Name (with its scope), version and purl of the package that a document is about.
///
/// # Errors
/// When the bytes are no CycloneDX JSON, or the document does not say what it is about.
pub fn root(bytes: &[u8]) -> Result<(String, String, String)> {
    let document: Value = serde_json::from_slice(bytes).context("it is not JSON")?;
    if document.get("bomFormat").and_then(Value::as_str) != Some("CycloneDX") {
        bail!("it is no CycloneDX document: `bomFormat` does not say so");
    }
    let of = document.pointer("/metadata/component");
    let text = |key: &str| -> Result<&str> {
        of.and_then(|of| of.get(key)?.as_str()).with_context(|| {
            format!("it does not say what it is about: no metadata.component.{key}")
        })
    };
    let name = match text("group") {
        Ok(group) => format!("{group}/{}", text("name")?),
        Err(_) => text("name")?.to_owned(),
    };
    Ok((name, text("version")?.to_owned(), text("purl")?.to_owned()))
}
