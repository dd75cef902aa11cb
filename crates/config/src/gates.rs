//! `[gates]`: which checks run before a release, and how. A file for each gate that has settings of its own.

mod audit;
mod benchmarks;
mod command;
mod coverage;
mod deps;
mod doc;
mod infra;
mod licenses;
mod limit;
mod links;
mod msrv;
mod publishable;
mod secrets;
mod security;
mod semver;
mod staging;
mod test;
mod tracker;
mod version;
mod workflows;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

pub use audit::*;
pub use benchmarks::*;
pub use command::*;
pub use coverage::*;
pub use deps::*;
pub use doc::*;
pub use infra::*;
pub use licenses::*;
pub use limit::*;
pub use links::*;
pub use msrv::*;
pub use publishable::*;
pub use secrets::*;
pub use security::*;
pub use semver::*;
pub use staging::*;
pub use test::*;
pub use tracker::*;
pub use version::*;
pub use workflows::*;

/// The names of all gates, as they are typed: `cargo xtask preflight docs`. Sorted as the interface lists them.
pub const GATES: &[&str] = &[
    "tools",
    "git",
    "build",
    "test",
    "docs",
    "version",
    "changelog",
    "fmt",
    "clippy",
    "deps",
    "audit",
    "coverage",
    "security",
    "secrets",
    "licenses",
    "links",
    "infra",
    "workflows",
    "tracker",
    "benchmarks",
    "staging",
    "doc",
    "semver",
    "publishable",
    "msrv",
];

/// The checks before a release.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Gates {
    /// Gates which do not run; also those of `[[gate]]`.
    #[schemars(extend("items" = json!({ "type": "string", "title": "gate", "examples": GATES })))]
    pub skip: Vec<String>,

    /// Gates which a rehearsal leaves out. Default: `audit` and `staging`, which ask somebody outside whom it does not
    /// stand in for.
    #[schemars(extend("items" = json!({ "type": "string", "title": "gate", "examples": GATES })))]
    pub unrehearsed: Option<Vec<String>>,

    /// How long gates may take, and whether they are asked again when they fail.
    ///
    /// ```toml
    /// [[gates.limit]]
    /// gate = "test"
    /// slow_s = 300
    /// timeout_s = 1200
    /// retries = 1
    /// ```
    #[serde(rename = "limit")]
    pub limits: Vec<Limit>,

    /// What a gate is that failed and passed when it was asked again.
    pub flaky: Flaky,

    /// Gate `tools`: the programs a release needs.
    pub tools: ToolsGate,

    /// Gate `git`: branch, tree and remote are ready.
    pub git: GitGate,

    /// Gate `deps`: the lock files.
    pub deps: DepsGate,

    /// Gate `audit`: known vulnerabilities.
    pub audit: AuditGate,

    /// Gate `build`: the project builds.
    pub build: CommandGate,

    /// Gate `test`: the tests pass.
    pub test: TestGate,

    /// Gate `coverage`: the tests run enough of the code.
    pub coverage: CoverageGate,

    /// Gate `security`: the repository holds to its own security requirements.
    pub security: SecurityGate,

    /// Gate `secrets`: there is no secret in the tree, nor in the history since the release before.
    pub secrets: SecretsGate,

    /// Gate `licenses`: the licences of the dependencies.
    pub licenses: LicensesGate,

    /// Gate `docs`: the documents are there.
    pub docs: DocsGate,

    /// Gate `links`: what documents link to is there.
    pub links: LinksGate,

    /// Gate `infra`: the Terraform or OpenTofu files are formatted and valid.
    pub infra: InfraGate,

    /// Gate `workflows`: the workflows of GitHub Actions are sound.
    pub workflows: WorkflowsGate,

    /// Gate `version`: no place is left behind.
    pub version: VersionGate,

    /// Gate `tracker`: the work is done.
    pub tracker: TrackerGate,

    /// Gate `benchmarks`: what was measured is good enough.
    pub benchmarks: BenchmarksGate,

    /// Gate `staging`: the deployment which a release is tried on is there, protected and answering.
    pub staging: StagingGate,

    /// Gate `fmt`: the sources are formatted.
    pub fmt: CommandGate,

    /// Gate `clippy`: the linter has nothing to say.
    pub clippy: CommandGate,

    /// Gate `doc`: the API documentation builds without warnings.
    pub doc: DocGate,

    /// Gate `semver`: the version fits the changes of the interface.
    pub semver: SemverGate,

    /// Gate `publishable`: the registries will take the packages.
    pub publishable: PublishableGate,

    /// Gate `msrv`: the packages build with the oldest Rust they promise.
    pub msrv: MsrvGate,
}

impl Gates {
    /// The gates which a rehearsal leaves out.
    #[must_use]
    pub fn unrehearsed_or_default(&self) -> Vec<String> {
        self.unrehearsed
            .clone()
            .unwrap_or_else(|| ["audit", "staging"].map(str::to_owned).to_vec())
    }
}

/// The programs a release needs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ToolsGate {
    /// Names of programs which have to be on the search path, besides those which the kind of repository asks for.
    #[schemars(inner(length(min = 1)))]
    pub require: Vec<String>,
}

/// A gate which is a command: it passes when the command exits with 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CommandGate {
    /// The command, program and arguments apart; no shell. Default: by the kind of repository.
    #[schemars(length(min = 1))]
    pub command: Option<Vec<String>>,

    /// Seconds after which the command is stopped and the gate is unknown.
    #[schemars(range(min = 1))]
    pub timeout_s: u64,
}

impl Default for CommandGate {
    fn default() -> Self {
        Self {
            command: None,
            timeout_s: 1800,
        }
    }
}

/// The documents a release needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DocsGate {
    /// Paths of documents which have to be there and not be empty, from the root of the repository.
    #[schemars(inner(length(min = 1)))]
    pub required: Vec<String>,
}

impl Default for DocsGate {
    fn default() -> Self {
        Self {
            required: vec!["README.md".to_owned()],
        }
    }
}

/// Branch, tree and remote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct GitGate {
    /// Whether the remote is fetched before the branch is compared with it.
    pub fetch: bool,

    /// What an untracked file is.
    pub untracked: Untracked,
}

impl Default for GitGate {
    fn default() -> Self {
        Self {
            fetch: true,
            untracked: Untracked::Deny,
        }
    }
}

/// What an untracked file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Untracked {
    /// A failure.
    #[default]
    Deny,
    /// A warning.
    Warn,
}
