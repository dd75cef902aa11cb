//! The packages of a repository that may be published, whatever tool makes them.

use std::path::Path;

use anyhow::Result;

use crate::Cx;
use crate::project::{self, NodeManager};
use crate::publishable::{crates, npm};

/// A package that may be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    pub name: String,
    pub version: String,
    /// From the root of the repository; empty: the root itself.
    pub folder: String,
    /// The program that manages it; `None`: cargo.
    pub node: Option<NodeManager>,
}

/// All of them: crates first, each kind by its name.
///
/// # Errors
/// When cargo cannot be asked, or a manifest cannot be read.
pub fn publishable(cx: &Cx) -> Result<Vec<Package>> {
    let project = project::detect(&cx.root);
    let root = cx.root.canonicalize().unwrap_or_else(|_| cx.root.clone());
    let mut packages = Vec::new();
    if project.cargo {
        packages.extend(crates::publishable(cx)?.into_iter().map(|package| {
            let folder = package.manifest_path.as_std_path().parent();
            let folder = folder.and_then(|folder| folder.strip_prefix(&root).ok());
            Package {
                name: package.name.to_string(),
                version: package.version.to_string(),
                folder: folder
                    .unwrap_or(Path::new(""))
                    .to_string_lossy()
                    .into_owned(),
                node: None,
            }
        }));
    }
    if let Some(manager) = project.node {
        packages.extend(npm::publishable(cx)?.into_iter().map(|package| Package {
            name: package.text("name").unwrap_or_default().to_owned(),
            version: package.text("version").unwrap_or_default().to_owned(),
            folder: package.folder().to_owned(),
            node: Some(manager),
        }));
    }
    packages.sort_by(|a, b| (a.node.is_some(), &a.name).cmp(&(b.node.is_some(), &b.name)));
    Ok(packages)
}
