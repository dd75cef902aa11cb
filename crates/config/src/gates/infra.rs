//! `[gates.infra]`: the Terraform or OpenTofu files.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The Terraform or OpenTofu files: formatted and valid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct InfraGate {
    /// The program which is asked.
    pub program: TerraformProgram,

    /// Folders to initialise and validate, from the root of the repository, which itself is `.`. Default: every folder
    /// with Terraform files which no other one uses as a module.
    #[schemars(inner(length(min = 1)))]
    pub roots: Vec<String>,

    /// Globs of files to leave alone, from the root of the repository: examples which are broken on purpose, other
    /// people's modules. `**` is any number of folders.
    #[schemars(inner(length(min = 1)))]
    pub exclude: Vec<String>,

    /// Globs of files which git ignores and the configuration reads all the same, for example
    /// `filebase64sha256("lambda.zip")`. Validation works on a copy of what git does not ignore, and of these.
    #[schemars(inner(length(min = 1)))]
    pub include: Vec<String>,

    /// Seconds after which one command is stopped and its folder is unknown.
    #[schemars(range(min = 1))]
    pub timeout_s: u64,
}

impl Default for InfraGate {
    fn default() -> Self {
        Self {
            program: TerraformProgram::Auto,
            roots: Vec::new(),
            exclude: Vec::new(),
            include: Vec::new(),
            timeout_s: 300,
        }
    }
}

/// The program which is asked about Terraform files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TerraformProgram {
    /// The one which is there; where both are, `tofu` for a repository with `.tofu` files, else `terraform`.
    #[default]
    Auto,
    /// Terraform.
    Terraform,
    /// OpenTofu.
    Tofu,
}
