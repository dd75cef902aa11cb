//! The types of `release.toml`, all but `[gates]`.
//!
//! The comments on the fields are the descriptions in the JSON schema: they are written for the person who edits
//! the file. `name` in quotes or brackets is a key as it is typed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Date;
use crate::artifacts::Artifact;
use crate::attestations::Attestations;
use crate::changelog::Changelog;
use crate::gates::{GATES, Gates, OwnGate};
use crate::groups::{Dependents, Group, View};
use crate::sbom::Sbom;
use crate::signing::Signing;

/// How this repository is released. Every key has a default; an empty file is valid.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// What is released.
    ///
    /// ```toml
    /// [project]
    /// name = "parser"
    /// repository = "https://forge.example.com/team/parser"
    /// ```
    pub project: Project,

    /// Branch, tag, commit and title of a release.
    ///
    /// ```toml
    /// [release]
    /// branch = "main"
    /// tag = "v{version}"
    /// title = "{tag} - {project}"
    /// prerelease = false
    /// latest = true
    /// ```
    pub release: Release,

    /// Where the version is written, besides the manifests which are found without being told.
    ///
    /// ```toml
    /// [version]
    /// create_file = true
    /// exclude = ["fixtures/**"]
    ///
    /// [[version.text]]
    /// path = "README.md"
    ///
    /// [[version.text]]
    /// path = "docs/install.md"
    /// pattern = 'parser@(?<version>\S+)'
    /// max = 3
    /// ```
    pub version: VersionPlaces,

    /// Packages with a version, a tag and a changelog of their own. None at all: one version for the whole repository,
    /// unless `version.independent` makes every public package a group of its own.
    ///
    /// ```toml
    /// [[group]]
    /// name = "parser"
    /// packages = ["crates/parser*"]
    ///
    /// [[group]]
    /// name = "site"
    /// packages = ["@acme/site"]
    /// tag = "site/{version}"
    /// changelog = "docs/site.md"
    /// ```
    #[serde(rename = "group")]
    pub groups: Vec<Group>,

    /// The changelog.
    ///
    /// ```toml
    /// [changelog]
    /// path = "docs/CHANGELOG.md"
    /// template = "milestone"
    /// ```
    pub changelog: Changelog,

    /// The files attached to a release. None at all: one source archive, `{project}-{version}-source.tar.gz`.
    ///
    /// ```toml
    /// [[artifact]]
    /// name = "source-{tag}.tar.gz"
    /// kind = "source"
    ///
    /// [[artifact]]
    /// name = "parser-{tag}.tar.gz"
    /// kind = "files"
    /// build = ["pnpm", "run", "build"]
    /// files = ["dist/**", "package.json"]
    /// required = ["dist/index.js"]
    /// ```
    #[serde(rename = "artifact")]
    pub artifacts: Vec<Artifact>,

    /// What a release states about its own files: how they were made, and which gates the commit passed. Both are stated
    /// unless they are left out.
    ///
    /// ```toml
    /// [attestations]
    /// test_result = false
    /// ```
    pub attestations: Attestations,

    /// Bills of materials, which say what the packages of a release are made of.
    ///
    /// ```toml
    /// [sbom]
    /// per = "project"
    /// ```
    pub sbom: Sbom,

    /// Who vouches for a release. Absent: nobody, which is said at every release and every verification.
    ///
    /// ```toml
    /// [signing]
    /// method = "ssh"
    /// identity = "dev@example.com"
    /// signers = ".allowed_signers"
    /// key_env = "RELEASE_SIGNING_KEY"
    /// ```
    pub signing: Option<Signing>,

    /// Where releases are published. Absent: tag and branch are pushed and nothing else.
    ///
    /// ```toml
    /// [forge]
    /// kind = "folder"
    /// path = "../releases"
    /// ```
    pub forge: Option<Forge>,

    /// The checks before a release.
    ///
    /// ```toml
    /// [gates]
    /// skip = ["benchmarks"]
    ///
    /// [gates.test]
    /// command = ["pnpm", "test"]
    /// timeout_s = 600
    ///
    /// [gates.git]
    /// untracked = "warn"
    /// ```
    pub gates: Gates,

    /// Gates which this repository brings itself: each a command, and how its answer is read.
    ///
    /// ```toml
    /// [[gate]]
    /// name = "spelling"
    /// about = "is every word of the documents known"
    /// command = ["scripts/spelling", "--json"]
    /// inputs = ["docs/**/*.md", "scripts/spelling"]
    /// result = "json"
    ///
    /// [[gate]]
    /// name = "contract"
    /// about = "does the service answer as its contract says"
    /// command = ["pnpm", "run", "contract"]
    /// folder = "service"
    /// cost = "network"
    /// timeout_s = 120
    /// result = "junit"
    /// report = "service/out/contract.xml"
    /// ```
    #[serde(rename = "gate")]
    pub own_gates: Vec<OwnGate>,

    /// Gates which may fail for now: who says so, why, and until when.
    ///
    /// ```toml
    /// [[waiver]]
    /// gate = "audit"
    /// reason = "the advisory is about a feature which is off"
    /// owner = "dev@example.com"
    /// until = 2026-12-31
    /// ```
    #[serde(rename = "waiver")]
    pub waivers: Vec<Waiver>,

    /// Names of the environment variables which hold secrets. Their values are blotted out of every log, journal
    /// and report; the values themselves never stand in this file.
    ///
    /// ```toml
    /// secrets = ["FORGE_TOKEN"]
    /// ```
    pub secrets: Vec<String>,

    /// Not of the file: which group is looked at; none: the whole repository.
    #[serde(skip)]
    pub view: Option<View>,
}

/// What is released.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Project {
    /// Name of the project, `{project}` in templates. Default: found in the repository.
    #[schemars(length(min = 1))]
    pub name: Option<String>,

    /// Web address of the repository, for links in notes and changelog. Default: found from the remote.
    #[schemars(length(min = 1))]
    pub repository: Option<String>,
}

/// Branch, tag, commit and title of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Release {
    /// The branch releases are made from. Default: the remote's default branch.
    #[schemars(length(min = 1))]
    pub branch: Option<String>,

    /// Name of the git remote which is pushed to.
    #[schemars(length(min = 1))]
    pub remote: String,

    /// Template of the tag's name: `{version}`, which has to be in it, and `{project}`.
    #[schemars(length(min = 1))]
    pub tag: String,

    /// Template of the release's title, one line: `{version}`, `{tag}`, `{project}`.
    #[schemars(length(min = 1))]
    pub title: String,

    /// Whether the forge shows the release as a pre-release. Never guessed from the version.
    pub prerelease: bool,

    /// Whether the release becomes the latest one of the forge. Never guessed from the version.
    pub latest: bool,

    /// Template of the release commit's message: `{version}`, `{tag}`, `{project}`.
    #[schemars(length(min = 1))]
    pub commit_message: String,

    /// Template of the annotated tag's message: `{version}`, `{tag}`, `{project}` and `{notes}`, the release notes.
    /// Default: `{project} {version}`, an empty line, `{notes}`.
    #[schemars(length(min = 1))]
    pub tag_message: Option<String>,

    /// Template of the branch on which a release waits for approval: `{version}`, `{tag}`, `{project}`.
    #[schemars(length(min = 1))]
    pub staging_branch: String,

    /// Whether the artifacts are built a second time, in another checkout with other surroundings, and compared: the
    /// release stops where they differ. When false each release says that it was not compared.
    pub build_twice: bool,
}

impl Release {
    /// The template of the tag's message.
    #[must_use]
    pub fn tag_message_or_default(&self) -> &str {
        self.tag_message
            .as_deref()
            .unwrap_or("{project} {version}\n\n{notes}")
    }
}

impl Default for Release {
    fn default() -> Self {
        Self {
            branch: None,
            remote: "origin".to_owned(),
            tag: "v{version}".to_owned(),
            title: "{tag}".to_owned(),
            prerelease: false,
            latest: true,
            commit_message: "chore(release): {version}".to_owned(),
            tag_message: None,
            staging_branch: "landfall/{tag}".to_owned(),
            build_twice: true,
        }
    }
}

/// Where the version is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct VersionPlaces {
    /// Path of the file which holds the version and nothing else, from the root of the repository.
    #[schemars(length(min = 1))]
    pub file: String,

    /// Whether `file` is made where there is none. When false it is written only if it exists.
    pub create_file: bool,

    /// The version all releases belong to, three numbers: family `1.0.0` holds `1.0.0` and `1.0.0-mvp`.
    /// Default: any version.
    #[schemars(length(min = 1))]
    pub family: Option<String>,

    /// Globs of manifests to leave alone, from the root of the repository. `**` is any number of folders.
    #[schemars(inner(length(min = 1)))]
    pub exclude: Vec<String>,

    /// Texts which carry the version. One in the folder of a group's package carries the version of that group.
    pub text: Vec<TextPlace>,

    /// Whether every public package is a group of its own, named like the package: see `[[group]]`. Packages which
    /// inherit the version of the workspace stay together under it.
    pub independent: bool,

    /// How far a package is raised when its requirement does not take the new version of a package of another group:
    /// `patch`, or `breaking` where what a package offers is made of what it needs.
    pub dependents: Dependents,

    /// Why the next version may be lower than the current one. Default: it may not.
    #[schemars(length(min = 1))]
    pub allow_downgrade: Option<String>,
}

impl Default for VersionPlaces {
    fn default() -> Self {
        Self {
            file: "VERSION".to_owned(),
            create_file: false,
            family: None,
            exclude: Vec::new(),
            text: Vec::new(),
            independent: false,
            dependents: Dependents::Patch,
            allow_downgrade: None,
        }
    }
}

/// A text which carries the version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TextPlace {
    /// Path of the text, from the root of the repository.
    #[schemars(length(min = 1))]
    pub path: String,

    /// Regular expression (syntax of Rust's `regex`) whose group `version` is the version: `parser@(?<version>\S+)`.
    /// Default: a line `Version: 1.2.3`.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub pattern: Option<String>,

    /// What kind of text it is, in place of `pattern`: the version then stands behind names in its grammar.
    /// Default: a text for `pattern`.
    #[serde(default)]
    pub format: Option<TextFormat>,

    /// The names which carry the version, for `format`. Default: the usual ones of the format; `action-refs` has none.
    #[serde(default)]
    #[schemars(inner(length(min = 1)))]
    pub names: Vec<String>,

    /// The least number of matches. 0: the text may carry no version.
    #[serde(default = "one")]
    pub min: usize,

    /// The greatest number of matches. Default: no limit.
    #[serde(default)]
    pub max: Option<usize>,
}

/// A kind of text in which the version stands behind names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TextFormat {
    /// `uses: owner/name@v1` in Markdown and workflows. Names: the repository of the action, `owner/name`.
    ActionRefs,
    /// A Dockerfile. Names: labels, `ARG` and `ENV`; usually `org.opencontainers.image.version`,
    /// `org.label-schema.version` and `version`, as labels.
    Dockerfile,
    /// A chart's `Chart.yaml`. Names: `version` and `appVersion`, usually both.
    HelmChart,
    /// A constant of a Rust, TypeScript, JavaScript, Python or Go source. Names: the constants; usually `VERSION`,
    /// `__version__`, `Version`, as the language has it.
    SourceConstant,
    /// Terraform. Names: variables, local values and assignments of a `tfvars` file, parts of an object behind a dot;
    /// usually `version` and `app_version`.
    Terraform,
}

impl TextFormat {
    /// All of them.
    pub const ALL: [TextFormat; 5] = [
        TextFormat::ActionRefs,
        TextFormat::Dockerfile,
        TextFormat::HelmChart,
        TextFormat::SourceConstant,
        TextFormat::Terraform,
    ];

    /// The name of its source file among the formats.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            TextFormat::ActionRefs => "action_refs",
            TextFormat::Dockerfile => "dockerfile",
            TextFormat::HelmChart => "helm_chart",
            TextFormat::SourceConstant => "source_constant",
            TextFormat::Terraform => "terraform",
        }
    }
}

fn one() -> usize {
    1
}

/// Where releases are published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Forge {
    /// What kind of forge it is.
    pub kind: ForgeKind,

    /// The folder which stands for the forge, absolute or from the root of the repository.
    #[schemars(length(min = 1))]
    pub path: String,
}

/// A kind of forge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ForgeKind {
    /// A folder: each release is a folder in it.
    Folder,
}

/// Leave for one gate to fail, for a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Waiver {
    /// Name of the gate; also one of `[[gate]]`.
    #[schemars(length(min = 1), extend("title" = "gate", "examples" = GATES))]
    pub gate: String,

    /// Why the release may go on without it.
    #[schemars(length(min = 1))]
    pub reason: String,

    /// Who answers for it.
    #[schemars(length(min = 1))]
    pub owner: String,

    /// The last day on which it holds, `YYYY-MM-DD`, in quotes or without.
    pub until: Date,
}
