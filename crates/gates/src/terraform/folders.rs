//! Which folders hold Terraform files, which of them are modules of others, and which have to be validated.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use super::hcl::{self, Block};
use crate::Cx;

/// A folder with Terraform files.
#[derive(Debug, Default)]
pub(crate) struct Folder {
    /// From the root of the repository.
    pub(crate) files: Vec<String>,
    pub(crate) calls: Vec<Call>,
    /// A resource, a requirement or a setting of a provider which has to be installed.
    provider: bool,
    /// Only a configuration of its own says where its state is kept.
    state: bool,
}

/// `module "m" { source = "…" }`.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) name: String,
    pub(crate) file: String,
    pub(crate) line: Option<usize>,
    pub(crate) source: String,
    /// The folder of a source such as `../m`, from the root of the repository; `None` for one from elsewhere, and for
    /// one that leaves the repository.
    pub(crate) folder: Option<String>,
}

impl Call {
    pub(crate) fn is_local(&self) -> bool {
        self.source.starts_with("./") || self.source.starts_with("../")
    }
}

/// By their path, `.` for the root of the repository.
pub(crate) type Folders = BTreeMap<String, Folder>;

/// Whether Terraform or OpenTofu reads it as configuration.
pub(crate) fn is_configuration(path: &str) -> bool {
    [".tf", ".tf.json", ".tofu", ".tofu.json"]
        .iter()
        .any(|end| path.ends_with(end))
}

/// Reads the outline of every configuration file of the list.
pub(crate) fn read(cx: &Cx, files: &[String]) -> Result<Folders> {
    let mut folders = Folders::new();
    for path in files.iter().filter(|path| is_configuration(path)) {
        let full = cx.path(path);
        // A link whose target is not there, or a file that is tracked and gone.
        if !full.is_file() {
            continue;
        }
        let bytes = cx.world.read(&full)?;
        let text = String::from_utf8_lossy(&bytes);
        let outline = match path.ends_with(".json") {
            true => hcl::json_outline(&text),
            false => hcl::outline(&text),
        };
        let name = folder_of(path);
        let folder = folders.entry(name.clone()).or_default();
        folder.files.push(path.clone());
        fill(folder, &name, path, &outline);
    }
    Ok(folders)
}

pub(crate) fn folder_of(path: &str) -> String {
    path.rsplit_once('/')
        .map_or(".".to_owned(), |(folder, _)| folder.to_owned())
}

fn fill(folder: &mut Folder, name: &str, path: &str, outline: &Block) {
    for terraform in outline.of("terraform") {
        folder.state |= ["backend", "cloud"]
            .iter()
            .any(|kind| terraform.of(kind).next().is_some());
        for required in terraform.of("required_providers") {
            let builtin = |block: &Block| {
                block
                    .text("source")
                    .is_some_and(|source| source.starts_with("terraform.io/builtin/"))
            };
            folder.provider |=
                !required.texts.is_empty() || required.blocks.iter().any(|block| !builtin(block));
        }
    }
    for kind in ["resource", "data", "provider"] {
        folder.provider |= outline.of(kind).any(|block| {
            block
                .labels
                .first()
                .is_some_and(|label| label.split('_').next() != Some("terraform"))
        });
    }
    for module in outline.of("module") {
        let Some(source) = module.text("source") else {
            continue;
        };
        folder.calls.push(Call {
            name: module.labels.first().cloned().unwrap_or_default(),
            file: path.to_owned(),
            line: module.line,
            source: source.to_owned(),
            folder: (source.starts_with("./") || source.starts_with("../"))
                .then(|| resolve(name, source))
                .flatten(),
        });
    }
}

/// `infra/prod` and `../m` give `infra/m`; `None` outside of the repository.
pub(crate) fn resolve(folder: &str, relative: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(relative.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(match parts.is_empty() {
        true => ".".to_owned(),
        false => parts.join("/"),
    })
}

/// The folders to validate: those which no other one uses as a module, and those which keep a state or a lock file of
/// their own although another one uses them.
pub(crate) fn roots(folders: &Folders, files: &[String]) -> Vec<String> {
    let used: BTreeSet<&str> = folders
        .iter()
        .flat_map(|(name, folder)| folder.calls.iter().map(move |call| (name, call)))
        .filter_map(|(name, call)| call.folder.as_deref().filter(|used| used != name))
        .collect();
    folders
        .iter()
        .filter(|(name, folder)| {
            !used.contains(name.as_str()) || folder.state || files.contains(&lock_file(name))
        })
        .map(|(name, _)| name.clone())
        .collect()
}

pub(crate) fn lock_file(folder: &str) -> String {
    inside(folder, ".terraform.lock.hcl")
}

/// A path from the root of the repository.
pub(crate) fn inside(folder: &str, name: &str) -> String {
    match folder {
        "." => name.to_owned(),
        folder => format!("{folder}/{name}"),
    }
}

/// The folder and all local modules below it.
pub(crate) fn with_modules<'f>(folders: &'f Folders, root: &'f str) -> BTreeSet<&'f str> {
    let mut seen = BTreeSet::new();
    let mut next = vec![root];
    while let Some(name) = next.pop() {
        if let Some(folder) = folders.get(name).filter(|_| seen.insert(name)) {
            next.extend(
                folder
                    .calls
                    .iter()
                    .filter_map(|call| call.folder.as_deref()),
            );
        }
    }
    seen
}

/// Whether a root needs a provider that is not built in, as far as its own files and local modules say.
pub(crate) fn needs_provider(folders: &Folders, root: &str) -> bool {
    with_modules(folders, root)
        .iter()
        .any(|name| folders.get(*name).is_some_and(|folder| folder.provider))
}

#[cfg(test)]
mod tests {
    use super::resolve;

    #[test]
    fn sources_are_resolved_inside_of_the_repository() {
        for (folder, source, found) in [
            ("infra/prod", "../m", Some("infra/m")),
            (".", "./m", Some("m")),
            ("m", "../", Some(".")),
            ("infra", "../../m", None),
        ] {
            assert_eq!(resolve(folder, source).as_deref(), found, "{source}");
        }
    }
}
