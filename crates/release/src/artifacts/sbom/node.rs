//! npm and pnpm: the packages of the repository, and what their lock files have in common.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, bail};
use archive::sbom::{Author, Component, Link, Purl};
use gates::node::Package;
use gates::project::NodeManager;
use gates::{lockfile, node};
use serde_json::Value;

use super::{Build, Known, cargo, npm, pnpm, source};

/// What a reader of lock files is given.
pub(super) struct Lock<'a> {
    pub(super) text: &'a str,
    pub(super) registries: Registries,
    /// bom-ref of each package of the repository, by its folder from the root.
    pub(super) own: BTreeMap<String, String>,
}

pub(super) fn read(build: &Build<'_>, manager: NodeManager, known: &mut Known) -> Result<()> {
    let world = &build.cx.world;
    let packages = node::packages(world, &build.tree)?;
    let mut lock = None;
    for name in lockfile::names(manager) {
        if let Some(text) = world.read_if_exists(&build.tree.join(name))? {
            lock = Some((*name, text));
            break;
        }
    }
    if lock.is_none() && packages.iter().any(Package::has_dependencies) {
        known.unread.push(format!(
            "{} is not part of the repository, so nobody knows what the packages need",
            lockfile::names(manager)[0]
        ));
        return Ok(());
    }
    let mut own = BTreeMap::new();
    for package in &packages {
        let component = component(build, package);
        let version = component.version.clone();
        let reference = known.graph.add(component);
        own.insert(package.folder().to_owned(), reference.clone());
        known.own.insert(package.path.clone(), (reference, version));
    }
    let Some((name, text)) = lock else {
        return Ok(());
    };
    let settings = world.read_if_exists(&build.tree.join(".npmrc"))?;
    let lock = Lock {
        text: &text,
        registries: Registries::of(&settings.unwrap_or_default()),
        own,
    };
    let read = match manager {
        NodeManager::Pnpm => pnpm::read(&lock, known),
        NodeManager::Npm | NodeManager::Yarn => npm::read(&lock, known),
    };
    read.with_context(|| format!("read {name}"))
}

fn component(build: &Build<'_>, package: &Package) -> Component {
    let folder = package.folder().rsplit('/').next().unwrap_or_default();
    let name = match (package.text("name"), folder) {
        (Some(name), _) => name,
        (None, "") => &build.inputs.project,
        (None, folder) => folder,
    };
    let version = package.text("version").unwrap_or_default();
    let public = package.json.get("private") != Some(&Value::Bool(true))
        && package.text("name").is_some()
        && !version.is_empty();
    Component {
        application: !public,
        name: name.to_owned(),
        version: version.to_owned(),
        purl: Purl::new(if public { "npm" } else { "generic" }, name, version),
        hashes: Vec::new(),
        license: package
            .json
            .get("license")
            .and_then(lockfile::license)
            .map(|text| source::license(&text)),
        authors: author(&package.json).into_iter().collect(),
        links: links(&package.json),
        properties: BTreeMap::new(),
    }
}

/// `"NAME <EMAIL> (URL)"`, or a table of the three.
fn author(manifest: &Value) -> Option<Author> {
    let author = manifest.get("author")?;
    let found = match author.as_str() {
        Some(text) => cargo::author(text),
        None => {
            let text = |key: &str| Some(author.get(key)?.as_str()?.to_owned());
            Author {
                name: text("name"),
                email: text("email").filter(|email| email.contains('@')),
            }
        }
    };
    (found.name.is_some() || found.email.is_some()).then_some(found)
}

fn links(manifest: &Value) -> Vec<Link> {
    let text = |key: &str| {
        let value = manifest.get(key)?;
        value.get("url").unwrap_or(value).as_str()
    };
    [("vcs", "repository"), ("website", "homepage")]
        .into_iter()
        .filter_map(|(kind, key)| source::link(kind, text(key)?))
        .collect()
}

/// Where packages come from by the settings of the repository. The default registry has no name here.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Registries(BTreeMap<String, String>);

impl Registries {
    /// The lines `registry=` and `@scope:registry=` of a `.npmrc`.
    fn of(settings: &str) -> Registries {
        let lines = settings.lines().filter_map(|line| {
            let (key, value) = line.split_once('=')?;
            let scope = key.trim().strip_suffix("registry")?;
            let scope = match scope.strip_suffix(':') {
                Some(scope) if scope.starts_with('@') => scope,
                None if scope.is_empty() => "",
                _ => return None,
            };
            let value = value.trim().trim_matches('"');
            // `${NAME}` is filled from somebody's environment.
            let url = source::remote(value).filter(|_| !value.contains('$'))?;
            Some((scope.to_owned(), url.trim_end_matches('/').to_owned()))
        });
        Registries(lines.collect())
    }

    /// A package of a registry. `resolved`: where its archive is, as far as the lock file says.
    pub(super) fn purl(&self, name: &str, version: &str, resolved: Option<&str>) -> Purl {
        let purl = Purl::new("npm", name, version);
        let scope = name.split_once('/').map_or("", |(scope, _)| scope);
        let registry = self.0.get(scope).or_else(|| self.0.get(""));
        match registry.filter(|url| resolved.is_none_or(|at| at.starts_with(url.as_str()))) {
            Some(url) => purl.with("repository_url", url),
            None => purl,
        }
    }
}

/// Whether an address is that of an archive of a registry: `…/NAME/-/NAME-VERSION.tgz`.
pub(super) fn is_of_registry(url: &str, name: &str, version: &str) -> bool {
    let short = name.rsplit('/').next().unwrap_or(name);
    let url = url.replace("%2f", "/").replace("%2F", "/");
    url.ends_with(&format!("/{name}/-/{short}-{version}.tgz"))
}

/// The names in a table of a lock file.
pub(super) fn names<'a>(
    entry: &'a Value,
    table: &str,
) -> impl Iterator<Item = (&'a str, &'a Value)> {
    let table = entry.get(table).and_then(Value::as_object);
    table
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.as_str(), value))
}

/// Every package of the repository has to be in the lock file.
pub(super) fn check_own(lock: &Lock<'_>, folders: &BTreeSet<&str>, install: &str) -> Result<()> {
    for folder in lock.own.keys() {
        if !folders.contains(folder.as_str()) {
            let place = if folder.is_empty() { "." } else { folder };
            bail!("it does not know the package in `{place}`; run `{install}` and commit it");
        }
    }
    Ok(())
}

/// The number of a lock file's form, checked to be one that is read here.
pub(super) fn check_version(found: Option<&str>, read: &[&str], help: &str) -> Result<()> {
    let Some(found) = found else {
        bail!("it has no lockfileVersion; {help}");
    };
    let major = found.split('.').next().unwrap_or(found);
    if !read.contains(&major) {
        bail!(
            "lockfileVersion {found} is not read here, only {}; {help}, or write `per = \"none\"` in [sbom] of release.toml",
            read.join(" and ")
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Registries, is_of_registry};

    #[test]
    fn registries_of_the_settings_are_named() {
        let settings = "registry = https://registry.example/npm/\n@acme:registry=https://me:secret@acme.example\n\
            @env:registry=https://${HOST}/x\n//acme.example/:_authToken=secret\nstrict-peer=true\n";
        let registries = Registries::of(settings);
        for (name, resolved, purl) in [
            (
                "x",
                None,
                "pkg:npm/x@1?repository_url=https://registry.example/npm",
            ),
            (
                "x",
                Some("https://other.example/x/-/x-1.tgz"),
                "pkg:npm/x@1",
            ),
            (
                "@acme/x",
                Some("https://acme.example/@acme/x/-/x-1.tgz"),
                "pkg:npm/%40acme/x@1?repository_url=https://acme.example",
            ),
        ] {
            assert_eq!(registries.purl(name, "1", resolved).to_string(), purl);
        }
        assert_eq!(
            Registries::default().purl("x", "1", None).to_string(),
            "pkg:npm/x@1"
        );
    }

    #[test]
    fn archives_of_registries_have_a_form() {
        let at = "https://registry.example/@acme/x/-/x-1.0.0.tgz";
        assert!(is_of_registry(at, "@acme/x", "1.0.0"));
        assert!(is_of_registry(
            &at.replace("acme/", "acme%2f"),
            "@acme/x",
            "1.0.0"
        ));
        assert!(!is_of_registry(at, "@acme/x", "1.0.1"));
        assert!(!is_of_registry(
            "https://files.example/x-1.0.0.tgz",
            "x",
            "1.0.0"
        ));
    }
}
