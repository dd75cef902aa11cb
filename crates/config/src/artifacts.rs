//! `[[artifact]]`: what is attached to a release.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Config;

/// Endings that say how an archive is written.
pub const EXTENSIONS: &[&str] = &[".tar.gz", ".tgz", ".tar.zst", ".zip"];

impl Config {
    /// The artifacts to build: those of the file, or where it names none the one source archive.
    #[must_use]
    pub fn artifacts_or_default(&self) -> Vec<Artifact> {
        if !self.artifacts.is_empty() {
            return self.artifacts.clone();
        }
        vec![Artifact {
            name: Some("{project}-{version}-source.tar.gz".to_owned()),
            top: Some("{project}-{version}".to_owned()),
            ..Artifact::of(ArtifactKind::Source)
        }]
    }
}

/// One file attached to a release, or several which are made in the same way.
///
/// What is archived is the checkout of the release commit: files of the commit, and from the first `build` on also what
/// the builds have made. `.git` is never taken, `node_modules` only where a glob names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Artifact {
    /// Template of the file's name: `{version}`, `{tag}`, `{project}`; for kind `binaries` also `{target}`, `{os}`,
    /// `{arch}`. Letters, digits, `.`, `_`, `+` and `-` only: forges rename everything else. An archive ends with
    /// `.tar.gz`, `.tgz`, `.tar.zst` or `.zip`; binaries without such an ending become `.zip` for Windows and `.tar.gz`
    /// elsewhere. Not for kind `package`, whose files keep the names that their tool gives them.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub name: Option<String>,

    /// What is in it.
    pub kind: ArtifactKind,

    /// Template of the one folder at the top of the archive, with the placeholders of `name`.
    /// Default: `name` without its ending.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub top: Option<String>,

    /// The folder whose contents are archived, from the root of the repository; `files`, `exclude` and `required` are
    /// counted from it. For kinds `files`, `binaries` with a `build`, `docs` and `terraform`; in `binaries`, `{target}`
    /// stands for the target. Default: the root.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub folder: Option<String>,

    /// Globs of the files, for kinds `files`, `binaries` and `terraform`. `**` is any number of folders. One that matches
    /// nothing is an error. For `binaries` and `terraform` they are taken in addition to what the kind takes by itself.
    #[serde(default)]
    #[schemars(inner(length(min = 1)))]
    pub files: Vec<String>,

    /// Globs of files which are left out.
    #[serde(default)]
    #[schemars(inner(length(min = 1)))]
    pub exclude: Vec<String>,

    /// Paths which have to be in the archive, below its top folder. A folder without a file in it and a link that leads
    /// nowhere count as missing; where one is missing no archive is made.
    #[serde(default)]
    #[schemars(inner(length(min = 1)))]
    pub required: Vec<String>,

    /// The one file that is attached as it is, from the root of the repository, for kind `file`.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub path: Option<String>,

    /// Command run at the root of the repository before the files are collected, program and arguments apart;
    /// no shell. In `binaries` it is run once a target in place of cargo, and `{target}` stands for it. Default: none.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub build: Option<Vec<String>>,

    /// Name of the package, for kinds `package`, `binaries` and `docs`. Default: all that may be published, for
    /// `package`; what cargo builds without being told, for `binaries`; every library, for `docs`.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub package: Option<String>,

    /// Targets to build for, as rustc calls them, for kind `binaries`. Default: the machine that builds.
    #[serde(default)]
    #[schemars(inner(length(min = 1)))]
    pub targets: Vec<String>,

    /// Names of the binaries, for kind `binaries`. Default: all.
    #[serde(default)]
    #[schemars(inner(length(min = 1)))]
    pub bins: Vec<String>,

    /// Features of cargo, for kind `binaries`. Default: the default ones.
    #[serde(default)]
    #[schemars(inner(length(min = 1)))]
    pub features: Vec<String>,

    /// What makes the site, for kind `docs`; in place of a `build` of one's own. Default: none.
    #[serde(default)]
    pub tool: Option<DocsTool>,
}

impl Artifact {
    /// An artifact of which nothing but the kind is said.
    #[must_use]
    pub fn of(kind: ArtifactKind) -> Artifact {
        Artifact {
            name: None,
            kind,
            top: None,
            folder: None,
            files: Vec::new(),
            exclude: Vec::new(),
            required: Vec::new(),
            path: None,
            build: None,
            package: None,
            targets: Vec::new(),
            bins: Vec::new(),
            features: Vec::new(),
            tool: None,
        }
    }

    /// The template of the name; empty for a kind that has none.
    #[must_use]
    pub fn name_or_default(&self) -> &str {
        self.name.as_deref().unwrap_or_default()
    }

    /// The template of the one folder at the top of the archive.
    #[must_use]
    pub fn top_or_default(&self) -> &str {
        let name = self.name_or_default();
        self.top.as_deref().unwrap_or_else(|| {
            extension(name).map_or(name, |ending| &name[..name.len() - ending.len()])
        })
    }
}

impl Artifact {
    /// The ending that binaries get whose name has none: `None` where the name ends with another one, or the kind is
    /// another.
    #[must_use]
    pub fn binaries_ending(&self, target: &str) -> Option<&'static str> {
        let literal = self.name_or_default().rsplit('}').next()?;
        let plain = self.kind == ArtifactKind::Binaries && !literal.contains('.');
        let windows = of_target(target).contains(&("os", "windows"));
        plain.then_some(if windows { ".zip" } else { ".tar.gz" })
    }
}

/// `{target}`, `{os}` and `{arch}` of a target triple: `aarch64-apple-darwin` is `macos` on `aarch64`.
#[must_use]
pub fn of_target(target: &str) -> [(&'static str, &str); 3] {
    const SYSTEMS: &[(&str, &str)] = &[
        ("windows", "windows"),
        ("darwin", "macos"),
        ("android", "android"),
        ("linux", "linux"),
        ("freebsd", "freebsd"),
        ("netbsd", "netbsd"),
        ("openbsd", "openbsd"),
        ("wasi", "wasi"),
    ];
    let arch = target.split('-').next().unwrap_or(target);
    let os = SYSTEMS
        .iter()
        .find(|(part, _)| target.contains(part))
        .map_or_else(|| target.rsplit('-').next().unwrap_or(target), |(_, os)| os);
    [("target", target), ("os", os), ("arch", arch)]
}

/// The ending of an archive's name that says how it is written.
#[must_use]
pub fn extension(name: &str) -> Option<&'static str> {
    EXTENSIONS
        .iter()
        .copied()
        .find(|ending| name.ends_with(ending))
}

/// What is in an artifact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ArtifactKind {
    /// All files of the tagged commit, as an archive.
    Source,
    /// The files which `files` names, as an archive.
    Files,
    /// One file as it is.
    File,
    /// Packages as `cargo package`, `npm pack` or `pnpm pack` make them.
    Package,
    /// Programs, an archive for each target.
    Binaries,
    /// A site of documentation, as an archive.
    Docs,
    /// A Terraform configuration without its state and its secrets, as an archive.
    Terraform,
}

impl ArtifactKind {
    /// As it is written in `release.toml`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            ArtifactKind::Source => "source",
            ArtifactKind::Files => "files",
            ArtifactKind::File => "file",
            ArtifactKind::Package => "package",
            ArtifactKind::Binaries => "binaries",
            ArtifactKind::Docs => "docs",
            ArtifactKind::Terraform => "terraform",
        }
    }

    /// Whether its files are archives of ours.
    #[must_use]
    pub fn is_archive(self) -> bool {
        !matches!(self, ArtifactKind::File | ArtifactKind::Package)
    }
}

/// What makes a site of documentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DocsTool {
    /// `cargo doc --no-deps` of every library, or of that of `package`.
    Rustdoc,
    /// `mdbook build` of the book in `folder`.
    Mdbook,
}
