//! `[gates.secrets]`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Tokens, keys and passwords.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SecretsGate {
    /// Programs which are asked besides, and have to be there: `detect-secrets` for the tree, with what
    /// `.secrets.baseline` knows, and `gitleaks` for the history.
    #[schemars(extend("items" = json!({ "type": "string", "title": "program", "enum": SECRET_TOOLS })))]
    pub tools: Vec<String>,

    /// Whether the commits since the release before are looked at as well; before the first release, all commits.
    pub history: bool,

    /// The most commits which are looked at, the newest of them.
    #[schemars(range(min = 1))]
    pub max_commits: u64,

    /// Seconds after which such a program is stopped and the gate is unknown.
    #[schemars(range(min = 1))]
    pub timeout_s: u64,

    /// What looks like a secret and is none.
    pub allow: Vec<AllowedSecret>,
}

/// The programs which the gate `secrets` can ask.
pub const SECRET_TOOLS: &[&str] = &["detect-secrets", "gitleaks"];

impl Default for SecretsGate {
    fn default() -> Self {
        Self {
            tools: Vec::new(),
            history: true,
            max_commits: 5000,
            timeout_s: 300,
            allow: Vec::new(),
        }
    }
}

/// Something which looks like a secret and is none: named by path, by fingerprint, or by both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AllowedSecret {
    /// A glob over paths from the root of the repository.
    #[schemars(length(min = 1))]
    pub path: Option<String>,

    /// The fingerprint, as the finding shows it.
    #[schemars(length(min = 1))]
    pub fingerprint: Option<String>,

    /// Why it is none.
    #[schemars(length(min = 1))]
    pub reason: String,
}
