//! The real AWS command line against a real server: a good deployment, and what must be said of each flaw.

use std::path::Path;

use gates::{Cx, Severity, Verdict};
use serde_json::Value;
use testkit::{Moto, Repo};

use super::{HEALTHY, server};
use crate::fixture::{ask, cx_beside, expect};

/// Everything that the checks ask for.
fn deploy(moto: &Moto, repo: &Repo, url: &str) {
    moto.path("POST", "/moto-api/reset", "");
    let table = r#"{"TableName":"pm-fp-staging","AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"}],"KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],"BillingMode":"PAY_PER_REQUEST"}"#;
    moto.json("dynamodb", "DynamoDB_20120810.CreateTable", table);
    recovery(moto, true);
    for (name, kind) in [
        ("/pm/staging/url", "String"),
        ("/pm/staging/nonce", "SecureString"),
    ] {
        let body = format!(r#"{{"Name":"{name}","Value":"hidden-{kind}","Type":"{kind}"}}"#);
        moto.json("ssm", "AmazonSSM.PutParameter", &body);
    }
    moto.path("PUT", "/pm-staging", "");
    versioning(moto, "Enabled");
    block(moto, "true");
    let key = moto.json("kms", "TrentService.CreateKey", "{}");
    let key: Value = serde_json::from_str(&key).unwrap();
    let key = key["KeyMetadata"]["KeyId"].as_str().unwrap().to_owned();
    rotation(moto, &key, "Enable");
    let alias = format!(r#"{{"AliasName":"alias/pm-staging","TargetKeyId":"{key}"}}"#);
    moto.json("kms", "TrentService.CreateAlias", &alias);
    moto.form("monitoring", "Action=PutDashboard&Version=2010-08-01&DashboardName=pm-staging&DashboardBody=%7B%22widgets%22%3A%5B%5D%7D");
    moto.form(
        "sns",
        "Action=CreateTopic&Version=2010-03-31&Name=pm-alarms",
    );
    subscribe(moto, 0);
    let outputs = format!(
        r#"{{"table_names":{{"sensitive":false,"type":["list","string"],"value":["pm-fp-staging"]}},"key_id":{{"sensitive":false,"type":"string","value":"{key}"}},"topic_arn":{{"sensitive":false,"type":"string","value":"{TOPIC}"}},"api_url":{{"sensitive":false,"type":"string","value":"{url}"}}}}"#
    );
    repo.write("infra/staging.json", outputs);
}

const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:pm-alarms";

fn recovery(moto: &Moto, on: bool) {
    let body = format!(
        r#"{{"TableName":"pm-fp-staging","PointInTimeRecoverySpecification":{{"PointInTimeRecoveryEnabled":{on}}}}}"#
    );
    moto.json(
        "dynamodb",
        "DynamoDB_20120810.UpdateContinuousBackups",
        &body,
    );
}

fn versioning(moto: &Moto, status: &str) {
    let body = format!(
        "<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Status>{status}</Status></VersioningConfiguration>"
    );
    moto.path("PUT", "/pm-staging?versioning", &body);
}

fn block(moto: &Moto, policy: &str) {
    let body = format!(
        "<PublicAccessBlockConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls><BlockPublicPolicy>{policy}</BlockPublicPolicy><RestrictPublicBuckets>true</RestrictPublicBuckets></PublicAccessBlockConfiguration>"
    );
    moto.path("PUT", "/pm-staging?publicAccessBlock", &body);
}

fn rotation(moto: &Moto, key: &str, verb: &str) {
    let target = format!("TrentService.{verb}KeyRotation");
    moto.json("kms", &target, &format!(r#"{{"KeyId":"{key}"}}"#));
}

/// The id of the key, as the outputs have it.
fn key(repo: &Repo) -> String {
    let outputs: Value = serde_json::from_str(&repo.read("infra/staging.json")).unwrap();
    outputs["key_id"]["value"].as_str().unwrap().to_owned()
}

const OUTPUTS: &str = "outputs = \"infra/{environment}.json\"\n";

const TABLES: &str = "tables = [\"{output.table_names}\"]";
const PARAMETERS: &str =
    "parameters = [\"/pm/{environment}/url\"]\nsecure_parameters = [\"/pm/{environment}/nonce\"]";
const BUCKETS: &str = "buckets = [\"pm-{environment}\"]";
const KEYS: &str = "keys = [\"{output.key_id}\"]";
const ALIAS: &str = "keys = [\"{output.key_id}\", \"alias/pm-{environment}\"]";
const DASHBOARDS: &str = "dashboards = [\"pm-{environment}\"]";
const TOPICS: &str = "topics = [\"{output.topic_arn}\"]";
const HTTP: &str = "[[gates.staging.http]]\nurl = \"{output.api_url}/health\"\ncontains = \"up\"";

fn config(parts: &[&str]) -> String {
    format!("[gates.staging]\n{OUTPUTS}{}\n", parts.join("\n"))
}

fn cloud(repo: &Repo, aws: &Path, moto: &Moto, config: &str) -> Cx {
    let env = moto.env();
    let env: Vec<(&str, &str)> = env
        .iter()
        .map(|(key, value)| (key.as_str(), value.as_str()))
        .collect();
    cx_beside(repo, config, aws, &env)
}

/// One change to a good deployment, and what must be said of it.
struct Mutation {
    what: &'static str,
    change: fn(&Moto, &Repo),
    severity: Severity,
    says: &'static str,
}

/// What is asked, and changes that have nothing to do with each other: exactly as many findings have to come, each of
/// its change. Alone each would cost two seconds of the AWS command line more.
const ROUNDS: &[(&[&str], &[Mutation])] = &[
    (
        &[TABLES, PARAMETERS, BUCKETS, KEYS, DASHBOARDS, TOPICS],
        &[
            Mutation {
                what: "a table without point-in-time recovery",
                change: |moto, _| recovery(moto, false),
                severity: Severity::Error,
                says: "table pm-fp-staging has point-in-time recovery DISABLED",
            },
            Mutation {
                what: "a parameter is missing",
                change: |moto, _| {
                    let body = r#"{"Name":"/pm/staging/url"}"#;
                    moto.json("ssm", "AmazonSSM.DeleteParameter", body);
                },
                severity: Severity::Error,
                says: "parameter /pm/staging/url is not there",
            },
            Mutation {
                what: "a bucket is not versioned",
                change: |moto, _| versioning(moto, "Suspended"),
                severity: Severity::Error,
                says: "bucket pm-staging has versioning Suspended",
            },
            Mutation {
                what: "a key without rotation",
                change: |moto, repo| rotation(moto, &key(repo), "Disable"),
                severity: Severity::Error,
                says: "is not rotated",
            },
            Mutation {
                what: "the dashboard is gone, another has a longer name",
                change: |moto, _| {
                    moto.form("monitoring", "Action=PutDashboard&Version=2010-08-01&DashboardName=pm-staging-2&DashboardBody=%7B%7D");
                    moto.form(
                "monitoring",
                "Action=DeleteDashboards&Version=2010-08-01&DashboardNames.member.1=pm-staging",
            );
                },
                severity: Severity::Error,
                says: "dashboard pm-staging is not there",
            },
            Mutation {
                what: "the topic is gone",
                change: |moto, _| {
                    moto.form(
                        "sns",
                        &format!("Action=DeleteTopic&Version=2010-03-31&TopicArn={TOPIC}"),
                    );
                },
                severity: Severity::Error,
                says: "topic arn:aws:sns:us-east-1:123456789012:pm-alarms is not there",
            },
        ],
    ),
    (
        &[TABLES, PARAMETERS, BUCKETS, KEYS, TOPICS],
        &[
            Mutation {
                what: "a table is gone",
                change: |moto, _| {
                    let body = r#"{"TableName":"pm-fp-staging"}"#;
                    moto.json("dynamodb", "DynamoDB_20120810.DeleteTable", body);
                },
                severity: Severity::Error,
                says: "table pm-fp-staging is not there",
            },
            Mutation {
                what: "a secret is no SecureString",
                change: |moto, _| {
                    let body = r#"{"Name":"/pm/staging/nonce"}"#;
                    moto.json("ssm", "AmazonSSM.DeleteParameter", body);
                    let body = r#"{"Name":"/pm/staging/nonce","Value":"hidden","Type":"String"}"#;
                    moto.json("ssm", "AmazonSSM.PutParameter", body);
                },
                severity: Severity::Error,
                says: "parameter /pm/staging/nonce is a String, not a SecureString",
            },
            Mutation {
                what: "a bucket lets one way in",
                change: |moto, _| block(moto, "false"),
                severity: Severity::Error,
                says: "bucket pm-staging does not block public access: BlockPublicPolicy is off",
            },
            Mutation {
                what: "a key is disabled",
                change: |moto, repo| {
                    let body = format!(r#"{{"KeyId":"{}"}}"#, key(repo));
                    moto.json("kms", "TrentService.DisableKey", &body);
                },
                severity: Severity::Error,
                says: "is Disabled, not Enabled",
            },
            Mutation {
                what: "nobody listens to the topic",
                change: |moto, _| {
                    moto.form(
                        "sns",
                        &format!("Action=DeleteTopic&Version=2010-03-31&TopicArn={TOPIC}"),
                    );
                    moto.form(
                        "sns",
                        "Action=CreateTopic&Version=2010-03-31&Name=pm-alarms",
                    );
                },
                severity: Severity::Warning,
                says: "has no confirmed subscription",
            },
        ],
    ),
    (
        &["buckets = [\"pm-{environment}\", \"bare\"]", TABLES],
        &[
            Mutation {
                what: "a bucket was never versioned",
                change: |moto, _| {
                    moto.path("PUT", "/bare", "");
                },
                severity: Severity::Error,
                says: "bucket bare has versioning off",
            },
            Mutation {
                what: "a bucket blocks nothing",
                change: |moto, _| {
                    moto.path("DELETE", "/pm-staging?publicAccessBlock", "");
                },
                severity: Severity::Error,
                says: "bucket pm-staging does not block public access",
            },
            Mutation {
                what: "an output is gone",
                change: |_, repo| {
                    let text = repo.read("infra/staging.json");
                    repo.write("infra/staging.json", text.replace("table_names", "tables"));
                },
                severity: Severity::Error,
                says: "there is no output `table_names` in infra/staging.json",
            },
        ],
    ),
    (
        &["account = \"210987654321\"", BUCKETS],
        &[Mutation {
            what: "the credentials are for another account",
            change: |_, _| (),
            severity: Severity::Error,
            says: "the AWS credentials are for account 123456789012, not for 210987654321",
        }],
    ),
];

#[test]
fn real_moto_passes_and_turns_red_for_each_flaw() {
    let (Some(aws), Some(moto)) = (testkit::real_program("aws"), Moto::start()) else {
        return;
    };
    let repo = Repo::empty();
    deploy(&moto, &repo, &server(HEALTHY));
    let all = config(&[
        "account = \"123456789012\"",
        TABLES,
        PARAMETERS,
        BUCKETS,
        ALIAS,
        DASHBOARDS,
        TOPICS,
        HTTP,
    ]);
    let cx = cloud(&repo, &aws, &moto, &all);
    let report = ask(&cx, "staging");
    expect(&report, Verdict::Pass);
    assert_eq!(report.examined, 9);
    assert_eq!(report.evidence["account"], "123456789012");
    assert_eq!(report.evidence["environment"], "staging");
    let lines: Vec<String> = report.evidence["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| {
            format!(
                "{}: {}",
                line["check"].as_str().unwrap(),
                line["seen"].as_str().unwrap()
            )
        })
        .collect();
    assert!(
        lines.contains(&"table pm-fp-staging: ACTIVE, point-in-time recovery ENABLED".to_owned()),
        "{lines:?}"
    );
    assert!(
        lines.contains(&"parameter /pm/staging/nonce: SecureString".to_owned()),
        "{lines:?}"
    );
    assert!(
        !report.event().to_string().contains("hidden"),
        "values are not read"
    );
    for (asked, mutations) in ROUNDS {
        deploy(&moto, &repo, "http://unused.example");
        for mutation in *mutations {
            (mutation.change)(&moto, &repo);
        }
        let report = ask(&cloud(&repo, &aws, &moto, &config(asked)), "staging");
        expect(&report, Verdict::Fail);
        for mutation in *mutations {
            let found = report
                .findings
                .iter()
                .find(|finding| finding.message.contains(mutation.says))
                .unwrap_or_else(|| panic!("{}: {report:#?}", mutation.what));
            assert_eq!(found.severity, mutation.severity, "{}", mutation.what);
            assert!(found.help.is_some(), "{}", mutation.what);
        }
        assert_eq!(report.findings.len(), mutations.len(), "{report:#?}");
    }
    pages(&moto, &repo, &aws);
}

/// More than one page of an answer, and more names than one question takes.
fn pages(moto: &Moto, repo: &Repo, aws: &Path) {
    moto.path("POST", "/moto-api/reset", "");
    let names: Vec<String> = (0..60).map(|n| format!("\"/pm/{n:02}\"")).collect();
    for name in &names {
        let body = format!(r#"{{"Name":{name},"Value":"1","Type":"String"}}"#);
        moto.json("ssm", "AmazonSSM.PutParameter", &body);
    }
    moto.form(
        "sns",
        "Action=CreateTopic&Version=2010-03-31&Name=pm-alarms",
    );
    for n in 0..101 {
        subscribe(moto, n);
    }
    let many = format!(
        "[gates.staging]\nparameters = [{}]\ntopics = [\"{TOPIC}\"]\n",
        names.join(", ")
    );
    let report = ask(&cloud(repo, aws, moto, &many), "staging");
    expect(&report, Verdict::Pass);
    assert_eq!(report.examined, 61);
    let topic = &report.evidence["checks"][0]["seen"];
    assert_eq!(topic, "101 confirmed subscriptions, 0 others");
}

fn subscribe(moto: &Moto, n: usize) {
    let body = format!(
        "Action=Subscribe&Version=2010-03-31&TopicArn={TOPIC}&Protocol=sqs&Endpoint=arn%3Aaws%3Asqs%3Aus-east-1%3A123456789012%3Ax{n}"
    );
    moto.form("sns", &body);
}
