//! What kind of repository it is, what it is called, and where its releases come from.

use std::path::Path;

use anyhow::{Result, bail};
use config::Config;
use serde_json::Value;
use world::World;
use world::git::Git;

/// What the files at the root say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// There is a `Cargo.toml`.
    pub cargo: bool,
    /// There is a `package.json`, and this program manages it.
    pub node: Option<NodeManager>,
}

/// The program that installs and runs what `package.json` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodeManager {
    Npm,
    Pnpm,
    Yarn,
}

impl NodeManager {
    pub fn program(self) -> &'static str {
        match self {
            NodeManager::Npm => "npm",
            NodeManager::Pnpm => "pnpm",
            NodeManager::Yarn => "yarn",
        }
    }

    /// The command that installs exactly what the lock file says.
    pub fn install(self) -> &'static str {
        match self {
            NodeManager::Npm => "npm ci",
            NodeManager::Pnpm => "pnpm install --frozen-lockfile",
            NodeManager::Yarn => "yarn install --immutable",
        }
    }
}

/// Looks at the root. The field `packageManager` decides, else the lock file does, else it is npm.
pub fn detect(root: &Path) -> Project {
    let has = |name: &str| root.join(name).is_file();
    let node = has("package.json").then(|| {
        let declared = declared_manager(root).unwrap_or_default();
        match declared.split('@').next() {
            Some("pnpm") => NodeManager::Pnpm,
            Some("yarn") => NodeManager::Yarn,
            Some("npm") => NodeManager::Npm,
            _ if has("pnpm-lock.yaml") || has("pnpm-workspace.yaml") => NodeManager::Pnpm,
            _ if has("yarn.lock") && !has("package-lock.json") => NodeManager::Yarn,
            _ => NodeManager::Npm,
        }
    });
    Project {
        cargo: has("Cargo.toml"),
        node,
    }
}

/// `pnpm@9.15.0` of `"packageManager": "pnpm@9.15.0+sha512…"`.
pub(crate) fn declared_manager(root: &Path) -> Option<String> {
    let package = json(root, "package.json")?;
    let declared = package.get("packageManager")?.as_str()?;
    Some(declared.split('+').next().unwrap_or(declared).to_owned())
}

fn json(root: &Path, path: &str) -> Option<Value> {
    let bytes = std::fs::read(root.join(path)).ok()?;
    serde_json::from_slice(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes)).ok()
}

/// The branch that releases are made from: the configured one, else the default of the remote, else `main` or `master`
/// where there is one here or on the remote as last seen, else the current one.
///
/// # Errors
/// When git cannot be asked, or there is no branch at all (detached, and none of the above).
pub fn default_branch(git: &Git, config: &Config) -> Result<String> {
    if let Some(branch) = &config.release.branch {
        return Ok(branch.clone());
    }
    let remote = &config.release.remote;
    let head = format!("refs/remotes/{remote}/HEAD");
    let output = git.ask(&["symbolic-ref", "--quiet", &head])?;
    let prefix = format!("refs/remotes/{remote}/");
    if let Some(branch) = output.text().strip_prefix(&prefix).filter(|_| output.ok()) {
        return Ok(branch.to_owned());
    }
    for branch in ["main", "master"] {
        for full in [format!("refs/heads/{branch}"), format!("{prefix}{branch}")] {
            if git.resolve(&full)?.is_some() {
                return Ok(branch.to_owned());
            }
        }
    }
    match git.branch()? {
        Some(branch) => Ok(branch),
        None => bail!(
            "cannot tell which branch releases are made from; set release.branch in the configuration"
        ),
    }
}

/// What the project is called: as configured, else as the manifest at the root says, else as the remote's repository,
/// else as the folder.
pub fn name(world: &World, root: &Path, config: &Config) -> String {
    config
        .project
        .name
        .clone()
        .or_else(|| cargo_name(root))
        .or_else(|| node_name(root))
        .or_else(|| remote_name(world, root, &config.release.remote))
        .or_else(|| folder_name(root))
        .unwrap_or_else(|| "project".to_owned())
}

fn cargo_name(root: &Path) -> Option<String> {
    let text = std::fs::read_to_string(root.join("Cargo.toml")).ok()?;
    let manifest = manifest::cargo_toml::inspect(&text).ok()?;
    Some(manifest.package?.name)
}

/// `@scope/name` is `name`.
fn node_name(root: &Path) -> Option<String> {
    let package = json(root, "package.json")?;
    let name = package.get("name")?.as_str()?;
    let name = name.rsplit('/').next().unwrap_or(name);
    (!name.is_empty()).then(|| name.to_owned())
}

fn remote_name(world: &World, root: &Path, remote: &str) -> Option<String> {
    let url = Git::new(world, root)
        .text(&["remote", "get-url", remote])
        .ok()?;
    let name = url
        .trim_end_matches('/')
        .rsplit(['/', ':'])
        .next()?
        .trim_end_matches(".git");
    (!name.is_empty()).then(|| name.to_owned())
}

fn folder_name(root: &Path) -> Option<String> {
    let root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    Some(root.file_name()?.to_string_lossy().into_owned())
}
