//! The kinds of artifacts: one file each, one line in the table.

mod binaries;
mod docs;
mod file;
mod files;
mod package;
mod source;
mod terraform;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use config::ArtifactKind;
use world::Cmd;
use world::git::Git;

pub(crate) use source::git_archive;

use super::{Build, Planned};
use crate::{Artifact, Kind, Refusal};

const MAKERS: &[Maker] = &[
    binaries::MAKER,
    docs::MAKER,
    file::MAKER,
    files::MAKER,
    package::MAKER,
    source::MAKER,
    terraform::MAKER,
];

/// How one kind of artifact is made.
struct Maker {
    kind: ArtifactKind,
    /// What is made, without making it.
    names: fn(&Job<'_>) -> Result<Vec<String>>,
    /// What it is, for people.
    contents: fn(&config::Artifact) -> String,
    /// The commands that are run for it, in order.
    commands: fn(&Job<'_>) -> Result<Vec<Cmd>>,
    /// Writes what is declared below `out`. An error leaves no asset behind.
    make: fn(&Job<'_>) -> Result<Vec<Artifact>>,
}

/// One `[[artifact]]` and what it is made in.
pub(crate) struct Job<'a> {
    pub(crate) build: &'a Build<'a>,
    pub(crate) declared: &'a config::Artifact,
    /// Where manifests are looked at: the checkout, or the user's own tree as long as there is none.
    pub(crate) root: &'a Path,
    /// Whether a build command has run by the time the files are collected, so that what is not of the commit has been
    /// made by one.
    pub(crate) built: bool,
}

/// Where one asset goes.
pub(crate) struct Place {
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    /// The one folder at the top of an archive.
    pub(crate) top: String,
}

impl<'a> Job<'a> {
    pub(crate) fn all(
        build: &'a Build<'a>,
        declared: &'a [config::Artifact],
        root: &'a Path,
    ) -> Vec<Job<'a>> {
        let mut built = false;
        let job = |declared: &'a config::Artifact| {
            built |= declared.build.is_some();
            Job {
                build,
                declared,
                root,
                built,
            }
        };
        declared.iter().map(job).collect()
    }

    pub(crate) fn is_archive(&self) -> bool {
        self.declared.kind.is_archive()
    }

    /// The name of the one asset.
    fn name(&self) -> Result<String> {
        self.build.inputs.expand(self.declared.name_or_default())
    }

    /// Its name, and where it goes.
    fn place(&self) -> Result<Place> {
        let top = self.build.inputs.expand(self.declared.top_or_default())?;
        Ok(self.at(self.name()?, top))
    }

    fn at(&self, name: String, top: String) -> Place {
        let path = self.build.out.join(&name);
        Place { name, path, top }
    }

    /// The build command, where there is one.
    fn build_cmd(&self) -> Option<Cmd> {
        let (program, args) = self.declared.build.as_ref()?.split_first()?;
        Some(self.build.cmd(program, args))
    }

    /// `--locked` where the lock file is of the commit.
    fn locked(&self) -> Result<Option<String>> {
        let git = Git::new(&self.build.cx.world, self.root);
        let tracked = git.list(&["ls-files", "-z", "--", "Cargo.lock"])?;
        Ok((!tracked.is_empty()).then(|| "--locked".to_owned()))
    }

    /// A folder of the checkout, from its root; `None` for one that is elsewhere.
    fn below(&self, folder: &Path) -> Option<String> {
        let tree = self.build.tree.canonicalize().ok()?;
        let folder = folder.canonicalize().ok()?;
        let below = folder.strip_prefix(tree).ok()?;
        Some(below.to_string_lossy().into_owned())
    }

    /// Attaches a file as it is.
    fn copy(&self, name: String, from: &Path) -> Result<Artifact> {
        let Place { name, path, .. } = self.at(name, String::new());
        let (size, sha256) = self.build.cx.world.write_stream(&path, |out| {
            let input = File::open(from).with_context(|| format!("open {}", from.display()))?;
            archive::sha256_of(Copied { input, out })
                .with_context(|| format!("copy {}", from.display()))
        })?;
        Ok(Artifact {
            name,
            size,
            sha256,
            tar_sha256: None,
        })
    }

    /// Runs it.
    fn built(&self) -> Result<()> {
        if let Some(cmd) = self.build_cmd() {
            self.build.run(&cmd)?;
        }
        Ok(())
    }
}

/// What is read is also written.
struct Copied<'a> {
    input: File,
    out: &'a mut dyn Write,
}

impl Read for Copied<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.input.read(buffer)?;
        self.out
            .write_all(buffer.get(..count).unwrap_or_default())?;
        Ok(count)
    }
}

/// A declaration that the repository does not fulfil.
pub(super) fn refused(message: impl Into<String>, help: impl Into<String>) -> anyhow::Error {
    Refusal::new(Kind::Findings, message, help).into()
}

fn maker(job: &Job<'_>) -> Result<&'static Maker> {
    let kind = job.declared.kind;
    MAKERS
        .iter()
        .find(|maker| maker.kind == kind)
        .with_context(|| format!("nothing makes an artifact of kind {}", kind.name()))
}

/// How an `[[artifact]]` is called in messages.
pub(super) fn called(job: &Job<'_>) -> String {
    let kind = job.declared.kind.name();
    match (&job.declared.name, &job.declared.package) {
        (Some(name), _) => job
            .build
            .inputs
            .expand(name)
            .unwrap_or_else(|_| name.clone()),
        (None, Some(package)) => format!("{kind} {package}"),
        (None, None) => kind.to_owned(),
    }
}

/// The assets of one `[[artifact]]`.
pub(super) fn make(job: &Job<'_>) -> Result<Vec<Artifact>> {
    (maker(job)?.make)(job).with_context(|| format!("build the artifact {}", called(job)))
}

/// The names of all that will be made: each one that forges keep, and no two that are one on some machine.
pub(super) fn names(jobs: &[Job<'_>]) -> Result<Vec<String>> {
    let mut seen: BTreeMap<String, (String, String)> = BTreeMap::new();
    for job in jobs {
        let what = called(job);
        let names = (maker(job)?.names)(job)
            .with_context(|| format!("find out the names of the artifact {what}"))?;
        for name in names {
            archive::check_asset_name(&name)?;
            if let Some(flaw) = config::asset_flaw(&name) {
                return Err(refused(
                    flaw,
                    format!("rename what the artifact {what} gives"),
                ));
            }
            let before = seen.insert(name.to_lowercase(), (name.clone(), what.clone()));
            if let Some((other, whose)) = before {
                return Err(refused(
                    format!(
                        "two assets are called `{name}`: that of the artifact {what}, and `{other}` of the artifact {whose}"
                    ),
                    "change `name` of one [[artifact]] in release.toml, or leave one out",
                ));
            }
        }
    }
    Ok(seen.into_values().map(|(name, _)| name).collect())
}

pub(super) fn planned(job: &Job<'_>) -> Result<Planned> {
    let maker = maker(job)?;
    Ok(Planned {
        names: (maker.names)(job)?,
        contents: (maker.contents)(job.declared),
        commands: (maker.commands)(job)?,
    })
}

#[cfg(test)]
mod tests {
    use super::MAKERS;

    #[test]
    fn the_table_equals_the_folder() {
        let mut named: Vec<String> = MAKERS
            .iter()
            .map(|maker| format!("{}.rs", maker.kind.name()))
            .collect();
        named.sort();
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/artifacts/kinds");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        assert_eq!(named, files);
    }
}
