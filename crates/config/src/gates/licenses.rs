//! `[gates.licenses]`: the licences that dependencies may be under.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Every dependency is under a licence which the project can live with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LicensesGate {
    /// SPDX identifiers of licences which are allowed. One with an exception is another licence, and is named with it:
    /// `Apache-2.0 WITH LLVM-exception`.
    #[schemars(inner(length(min = 1)))]
    pub allow: Vec<String>,

    /// Packages which are allowed under other licences.
    pub exceptions: Vec<LicenseException>,

    /// Whether packages which are only used while developing count: development dependencies of Cargo and npm.
    pub dev: bool,
}

impl Default for LicensesGate {
    fn default() -> Self {
        let allow = [
            "0BSD",
            "Apache-2.0",
            "Apache-2.0 WITH LLVM-exception",
            "BSD-2-Clause",
            "BSD-3-Clause",
            "BSL-1.0",
            "BlueOak-1.0.0",
            "CC0-1.0",
            "ISC",
            "MIT",
            "MIT-0",
            "MPL-2.0",
            "Python-2.0",
            "Unicode-3.0",
            "Unicode-DFS-2016",
            "Unlicense",
            "WTFPL",
            "Zlib",
        ];
        Self {
            allow: allow.map(str::to_owned).to_vec(),
            exceptions: Vec::new(),
            dev: true,
        }
    }
}

/// A package which is allowed under licences of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LicenseException {
    /// Its name.
    #[schemars(length(min = 1))]
    pub package: String,

    /// The only version it holds for. Default: every version.
    #[schemars(length(min = 1))]
    pub version: Option<String>,

    /// SPDX identifiers which are allowed for it besides. Default: whatever it says, and also when it says nothing.
    #[serde(default)]
    #[schemars(inner(length(min = 1)))]
    pub allow: Vec<String>,

    /// Why.
    #[schemars(length(min = 1))]
    pub reason: String,
}
