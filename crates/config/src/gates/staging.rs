//! `[gates.staging]`: the deployment which a release is tried on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The deployment which a release is tried on: what has to be there, asked with the `aws` program and with `curl`.
/// Names are templates: `{environment}` is the environment, `{output.name}` an output of the infrastructure; an output
/// which is a list stands for each of its elements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct StagingGate {
    /// Name of the environment.
    #[schemars(length(min = 1))]
    pub environment: String,

    /// Template of a path from the root of the repository: a file which holds what `terraform output -json` has
    /// written, or a folder in which it is run. Default: there are no outputs.
    #[schemars(length(min = 1))]
    pub outputs: Option<String>,

    /// Template of the Terraform workspace, where `outputs` is a folder.
    #[schemars(length(min = 1))]
    pub workspace: String,

    /// The AWS account in which all this has to be, twelve digits. Default: whichever the credentials are for.
    #[schemars(length(min = 1))]
    pub account: Option<String>,

    /// The AWS region. Default: as the environment and the configuration of `aws` say.
    #[schemars(length(min = 1))]
    pub region: Option<String>,

    /// DynamoDB tables which have to be active, with point-in-time recovery.
    #[schemars(inner(length(min = 1)))]
    pub tables: Vec<String>,

    /// SSM parameters which have to be there. Their values are not read.
    #[schemars(inner(length(min = 1)))]
    pub parameters: Vec<String>,

    /// SSM parameters which have to be there as `SecureString`.
    #[schemars(inner(length(min = 1)))]
    pub secure_parameters: Vec<String>,

    /// S3 buckets which have to be versioned and to block public access.
    #[schemars(inner(length(min = 1)))]
    pub buckets: Vec<String>,

    /// KMS keys (id, ARN or alias) which have to be enabled and rotated.
    #[schemars(inner(length(min = 1)))]
    pub keys: Vec<String>,

    /// CloudWatch dashboards which have to be there.
    #[schemars(inner(length(min = 1)))]
    pub dashboards: Vec<String>,

    /// ARNs of SNS topics which have to be there, and should have a confirmed subscription.
    #[schemars(inner(length(min = 1)))]
    pub topics: Vec<String>,

    /// Web addresses which have to answer.
    pub http: Vec<HttpCheck>,
}

impl Default for StagingGate {
    fn default() -> Self {
        Self {
            environment: "staging".to_owned(),
            outputs: None,
            workspace: "{environment}".to_owned(),
            account: None,
            region: None,
            tables: Vec::new(),
            parameters: Vec::new(),
            secure_parameters: Vec::new(),
            buckets: Vec::new(),
            keys: Vec::new(),
            dashboards: Vec::new(),
            topics: Vec::new(),
            http: Vec::new(),
        }
    }
}

/// A web address which has to answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HttpCheck {
    /// Template of the address: `{output.api_url}/health`. Redirections are answers, and are not followed.
    #[schemars(length(min = 1))]
    pub url: String,

    /// The status it has to answer with.
    #[serde(default = "ok")]
    #[schemars(range(min = 100))]
    pub status: u64,

    /// A text which has to be in the answer. Default: any answer.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub contains: Option<String>,

    /// Seconds within which the whole answer has to be there.
    #[serde(default = "ten")]
    #[schemars(range(min = 1))]
    pub timeout_s: u64,
}

fn ok() -> u64 {
    200
}

fn ten() -> u64 {
    10
}
