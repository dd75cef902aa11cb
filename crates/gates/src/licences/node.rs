//! What the packages of npm and pnpm say: the lock file where it repeats it, else the manifest that is installed.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::{Known, Package};
use crate::lockfile::{self, Locked};
use crate::project::NodeManager;
use crate::{Cx, node};

/// So many names are enough to see what is missing.
const NAMES: usize = 5;

pub(crate) fn packages(cx: &Cx, manager: NodeManager, dev: bool) -> Result<Known> {
    let program = manager.program();
    let Some(lock) = lockfile::of(cx, manager) else {
        let ours = node::packages(&cx.world, &cx.root)?;
        if ours.iter().all(|package| !package.has_dependencies()) {
            return Ok(Known::default());
        }
        bail!(
            "there is no {}, which names the packages whose licences are asked for; run `{program} install` and commit it",
            lockfile::names(manager)[0]
        );
    };
    let text = cx.world.read_text(&cx.path(lock))?;
    let Some(locked) = lockfile::packages(lock, &text).with_context(|| format!("read {lock}"))?
    else {
        bail!(
            "the licences of the packages in {lock} are not read; add a gate of your own for them, or a waiver"
        );
    };
    let installed = Installed::new(cx, manager);
    let (mut known, mut unseen) = (Known::default(), Vec::new());
    for one in locked {
        if !dev && one.dev == Some(true) {
            continue;
        }
        let (license, file) = match &one.license {
            Some(license) => (Some(license.clone()), None),
            None => match installed.manifest(cx, &one)? {
                Some(manifest) => says(&manifest),
                None if one.restricted => {
                    known.other_platforms.push((one.name, one.version));
                    continue;
                }
                None => {
                    unseen.push(format!("{} {}", one.name, one.version));
                    continue;
                }
            },
        };
        known.packages.push(Package {
            place: (
                lock.to_owned(),
                lockfile::line(lock, &text, &one.name, Some(&one.version)),
            ),
            why: format!("{program} why {}", one.name),
            license,
            file,
            name: one.name,
            version: one.version,
        });
    }
    if !unseen.is_empty() {
        let count = unseen.len();
        let more = if count > NAMES { " and more" } else { "" };
        unseen.truncate(NAMES);
        known.unseen = Some(format!(
            "the licences of {count} packages of {lock} cannot be seen, for they are not installed: {}{more}; run `{}` first",
            unseen.join(", "),
            manager.install()
        ));
    }
    Ok(known)
}

/// The licence, or a file that is named instead: `SEE LICENSE IN LICENSE.md`.
fn says(manifest: &Value) -> (Option<String>, Option<String>) {
    let license = ["license", "licenses"]
        .iter()
        .find_map(|key| lockfile::license(manifest.get(key)?));
    match license {
        Some(text) => match text.strip_prefix("SEE LICENSE IN ") {
            Some(file) => (None, Some(file.trim().to_owned())),
            None => (Some(text), None),
        },
        None => (None, None),
    }
}

/// Where a manager puts packages.
struct Installed {
    /// pnpm's folders, by name: `@scope+name@1.0.0_peer@2.0.0`.
    store: BTreeMap<String, PathBuf>,
}

impl Installed {
    fn new(cx: &Cx, manager: NodeManager) -> Installed {
        let folder = cx.path("node_modules/.pnpm");
        let entries = match manager {
            // Not there: nothing is installed, which is told by the packages that are not found.
            NodeManager::Pnpm => std::fs::read_dir(folder).ok(),
            NodeManager::Npm | NodeManager::Yarn => None,
        };
        let store = entries
            .into_iter()
            .flatten()
            .filter_map(Result::ok)
            .map(|entry| {
                let name = entry.file_name().to_string_lossy().into_owned();
                (name, entry.path())
            })
            .collect();
        Installed { store }
    }

    /// The manifest of this very version.
    fn manifest(&self, cx: &Cx, one: &Locked) -> Result<Option<Value>> {
        let folder = match &one.folder {
            Some(folder) => Some(cx.path(folder)),
            None => self
                .pnpm(one)
                .map(|store| store.join("node_modules").join(&one.name)),
        };
        let Some(path) = folder.map(|folder| folder.join("package.json")) else {
            return Ok(None);
        };
        let Some(text) = cx.world.read_if_exists(&path)? else {
            return Ok(None);
        };
        let manifest: Value = serde_json::from_str(text.trim_start_matches('\u{feff}'))
            .with_context(|| format!("{} is not JSON", path.display()))?;
        let version = manifest.get("version").and_then(Value::as_str);
        Ok((version == Some(one.version.as_str())).then_some(manifest))
    }

    fn pnpm(&self, one: &Locked) -> Option<&PathBuf> {
        let start = format!("{}@{}", one.name.replace('/', "+"), one.version);
        self.store
            .range(start.clone()..)
            .take_while(|(name, _)| name.starts_with(&start))
            .find(|(name, _)| {
                name.len() == start.len() || name[start.len()..].starts_with(['_', '('])
            })
            .map(|(_, path)| path)
    }
}
