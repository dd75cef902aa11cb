//! `staging` against a real AWS command line talking to moto, a real curl talking to a small server, and broken ones.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use gates::{Cx, Report, Severity, Verdict};
use serde_json::Value;
use testkit::{Moto, Repo};

use crate::fixture::{ask, cx, cx_beside, cx_where, cx_with, errors, expect, said, unknown};

/// A server on loopback that answers every call with these bytes; with none it keeps the caller waiting.
fn server(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let mut kept = Vec::new();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = [0; 4096];
            // What is asked does not matter; that it was read does, else the answer may be thrown away.
            let count = stream.read(&mut request).unwrap_or(0);
            assert!(count > 0 || answer.is_empty());
            stream.write_all(answer.as_bytes()).ok();
            if answer.is_empty() {
                kept.push(stream);
            }
        }
    });
    url
}

const HEALTHY: &str =
    "HTTP/1.1 200 OK\r\nContent-Length: 15\r\nConnection: close\r\n\r\n{\"status\":\"up\"}";
const SICK: &str =
    "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\nConnection: close\r\n\r\ndown";

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

#[test]
fn real_aws_without_credentials_region_or_endpoint_is_unknown() {
    let Some(aws) = testkit::real_program("aws") else {
        return;
    };
    let repo = Repo::empty();
    let config = "[gates.staging]\ntables = [\"a\", \"b\"]\nbuckets = [\"c\"]\n";
    let signed = [
        ("AWS_ACCESS_KEY_ID", "testing"),
        ("AWS_SECRET_ACCESS_KEY", "testing"),
    ];
    // Nobody listens on a port that was free a moment ago.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let dead = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let endpoint = [
        ("AWS_ENDPOINT_URL", dead.as_str()),
        ("AWS_DEFAULT_REGION", "us-east-1"),
    ];
    for (env, reason) in [
        (endpoint.to_vec(), "there are no AWS credentials; sign in"),
        ([&signed[..], &endpoint].concat(), "AWS cannot be reached"),
        (
            [&endpoint[..], &[("AWS_PROFILE", "nobody")]].concat(),
            "the profile of AWS_PROFILE is not configured",
        ),
    ] {
        let report = ask(&cx_beside(&repo, config, &aws, &env), "staging");
        unknown(&report, reason);
        unknown(&report, "not seen: table a, table b, bucket c:");
        assert_eq!((report.examined, report.findings.len()), (0, 0));
    }
}

/// A fake `aws`: writes down how it is called, knows who we are, and answers one kind of call by these lines.
fn fake(repo: &Repo, cases: &str) -> (String, PathBuf) {
    let log = repo.outside().join("calls");
    let script = format!(
        "echo \"$AWS_EC2_METADATA_DISABLED $AWS_MAX_ATTEMPTS $AWS_RETRY_MODE $*\" >> {}\ncase $2 in {cases}\nget-caller-identity) echo '{{\"Account\":\"123456789012\"}}';;\n*) echo unexpected >&2; exit 64;; esac",
        log.display()
    );
    (script, log)
}

fn ask_fake(repo: &Repo, config: &str, cases: &str) -> Report {
    let (script, _) = fake(repo, cases);
    let cx = Cx {
        config: cx_with(repo, config).config,
        ..cx_where(repo, &["git", "sleep"], &[("aws", &script)])
    };
    ask(&cx, "staging")
}

#[test]
fn missing_credentials_are_one_short_call() {
    let repo = Repo::empty();
    let (script, log) = fake(
        &repo,
        "get-caller-identity) echo 'Unable to locate credentials. You can configure' >&2; exit 253;;",
    );
    let many = "[gates.staging]\ntables = [\"a\", \"b\", \"c\"]\nbuckets = [\"d\"]\nparameters = [\"e\"]\n";
    let cx = Cx {
        config: cx_with(&repo, many).config,
        ..cx_where(&repo, &["git"], &[("aws", &script)])
    };
    unknown(&ask(&cx, "staging"), "there are no AWS credentials");
    let calls = std::fs::read_to_string(log).unwrap();
    // Two attempts of two seconds to connect and four to answer: at most twelve, and the call is ended after ten.
    assert_eq!(
        calls,
        "true 2 standard sts get-caller-identity --output json --cli-connect-timeout 2 --cli-read-timeout 4\n"
    );
}

#[test]
fn whatever_keeps_us_from_seeing_is_unknown_by_name() {
    let repo = Repo::empty();
    let config = "[gates.staging]\ntables = [\"t\"]\n";
    let error = |code: &str| {
        format!(
            "describe-table) echo 'An error occurred ({code}) when calling the DescribeTable operation: no' >&2; exit 254;;"
        )
    };
    for (cases, reason) in [
        (error("AccessDeniedException"), "table t: AWS refuses `aws dynamodb describe-table` (AccessDeniedException); let this identity read it"),
        (error("ExpiredTokenException"), "(ExpiredTokenException); sign in again"),
        (error("ThrottlingException"), "failed (ThrottlingException)"),
        ("describe-table) echo 'You must specify a region.' >&2; exit 253;;".to_owned(), "there is no AWS region; set gates.staging.region"),
        ("describe-table) echo all is well;;".to_owned(), "answered something else"),
        ("describe-table) exit 0;;".to_owned(), "answered something else: null"),
        ("describe-table) echo '{\"Table\":{}}';;".to_owned(), "answered something else"),
        ("describe-table) kill -9 $$;;".to_owned(), "was ended by a signal"),
        ("describe-table) echo Traceback >&2; exit 255;;".to_owned(), "exit status 255"),
        ("describe-table) echo '{\"Table\":{\"TableStatus\":\"ACTIVE\"}}';; describe-continuous-backups) echo '{}';;".to_owned(), "answered something else"),
        ("get-caller-identity) echo '{}';;".to_owned(), "`aws sts get-caller-identity` answered something else"),
    ] {
        let report = ask_fake(&repo, config, &cases);
        unknown(&report, reason);
        assert!(report.findings.is_empty(), "{cases}");
    }
    // One thing that could not be seen does not hide another that is wrong.
    let both = "[gates.staging]\ntables = [\"t\"]\nkeys = [\"k\"]\n";
    let cases = format!(
        "{} describe-key) echo '{{\"KeyMetadata\":{{\"KeyState\":\"PendingDeletion\"}}}}';;",
        error("AccessDenied")
    );
    let report = ask_fake(&repo, both, &cases);
    expect(&report, Verdict::Fail);
    assert_eq!(errors(&report), ["key k is PendingDeletion, not Enabled"]);
    assert!(report.reason.unwrap().contains("not seen: table t"));
    let report = ask(
        &Cx {
            config: cx_with(&repo, config).config,
            ..cx_where(&repo, &["git"], &[])
        },
        "staging",
    );
    unknown(&report, "`aws` is not on the search path; install");
}

#[test]
fn a_page_of_an_answer_is_no_answer() {
    let repo = Repo::empty();
    let config = "[gates.staging]\ndashboards = [\"d\"]\n";
    let entries = |more: &str| {
        format!(
            "list-dashboards) echo '{{\"DashboardEntries\":[{{\"DashboardName\":\"d\"}}]{more}}}';;"
        )
    };
    expect(&ask_fake(&repo, config, &entries("")), Verdict::Pass);
    unknown(
        &ask_fake(&repo, config, &entries(",\"NextToken\":\"x\"")),
        "gave one page of its answer alone",
    );
}

#[test]
fn states_between_good_and_gone() {
    let repo = Repo::empty();
    for (config, cases, message) in [
        (
            "tables = [\"t\"]",
            "describe-table) echo '{\"Table\":{\"TableStatus\":\"CREATING\"}}';;",
            "table t is CREATING, not ACTIVE",
        ),
        (
            "topics = [\"t\"]",
            "list-subscriptions-by-topic) echo '{\"Subscriptions\":[{\"SubscriptionArn\":\"PendingConfirmation\"},{\"SubscriptionArn\":\"Deleted\"}]}';;",
            "",
        ),
        (
            "keys = [\"k\"]",
            "describe-key) echo '{\"KeyMetadata\":{\"KeyState\":\"Enabled\",\"KeyId\":\"1\"}}';; get-key-rotation-status) echo 'An error occurred (UnsupportedOperationException) when calling the X operation: no' >&2; exit 254;;",
            "key k is of a kind that AWS does not rotate",
        ),
    ] {
        let report = ask_fake(&repo, &format!("[gates.staging]\n{config}\n"), cases);
        if message.is_empty() {
            expect(&report, Verdict::Warn);
            let words = "topic t has no confirmed subscription, 2 others: nobody hears of an alarm";
            assert_eq!(said(&report, Severity::Warning), [words]);
        } else {
            expect(&report, Verdict::Fail);
            assert_eq!(errors(&report), [message]);
        }
    }
}

fn ask_web(url: &str, more: &str) -> Report {
    let repo = Repo::empty();
    let config = format!("[[gates.staging.http]]\nurl = \"{url}\"\n{more}\n");
    ask(&cx_with(&repo, &config), "staging")
}

#[test]
fn real_curl_takes_the_answer_that_was_asked_for_and_no_other() {
    if testkit::real_program("curl").is_none() {
        return;
    }
    let (healthy, sick, mute) = (server(HEALTHY), server(SICK), server(""));
    let report = ask_web(
        &format!("{healthy}/health"),
        "contains = '\"status\":\"up\"'",
    );
    expect(&report, Verdict::Pass);
    assert_eq!(
        report.evidence["checks"][0]["seen"],
        "200, with `\"status\":\"up\"`"
    );
    expect(&ask_web(&sick, "status = 503"), Verdict::Pass);
    for (url, more, message) in [
        (&sick, "", "answers 503, not 200"),
        (
            &healthy,
            "contains = \"down\"",
            "answers 200 without the text `down`",
        ),
        (&mute, "timeout_s = 1", "gave no whole answer within 1 s"),
        (
            &server("HTTP/1.1 200 OK\r\nContent-Length: 99\r\nConnection: close\r\n\r\ncut"),
            "",
            "does not answer properly",
        ),
        (
            &server("nothing of the kind\r\n\r\n"),
            "",
            "does not answer properly",
        ),
    ] {
        let report = ask_web(url, more);
        expect(&report, Verdict::Fail);
        assert!(errors(&report)[0].contains(message), "{report:#?}");
        assert!(report.findings[0].help.is_some());
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let dead = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let report = ask_web(&dead, "");
    expect(&report, Verdict::Fail);
    assert!(errors(&report)[0].contains("refuses the connection"));
    // `.invalid` never resolves: that says something about the name service here, and nothing about the deployment.
    unknown(
        &ask_web("http://health.invalid/", ""),
        "look at the network",
    );
}

#[test]
fn a_curl_that_is_missing_or_answers_rubbish_is_unknown() {
    let repo = Repo::empty();
    let config = cx_with(
        &repo,
        "[[gates.staging.http]]\nurl = \"http://127.0.0.1:9\"\n",
    )
    .config;
    for (fakes, reason) in [
        (&[][..], "`curl` is not on the search path"),
        (
            &[("curl", "echo all is well")][..],
            "answered something else",
        ),
        (&[("curl", "kill -9 $$")][..], "answered something else"),
        (
            &[("curl", "printf '\\n200 0.1'; kill -9 $$")][..],
            "was ended by a signal",
        ),
    ] {
        let cx = Cx {
            config: config.clone(),
            ..cx_where(&repo, &["git"], fakes)
        };
        unknown(&ask(&cx, "staging"), reason);
    }
}

#[test]
fn outputs_that_cannot_be_read_are_unknown_and_the_rest_is_asked() {
    let repo = Repo::empty();
    let config = "[gates.staging]\noutputs = \"infra/out.json\"\ntables = [\"{output.t}\"]\ndashboards = [\"d\"]\n";
    let cases = "list-dashboards) echo '{\"DashboardEntries\":[]}';;";
    for (text, reason) in [
        (None, "read "),
        (Some("{"), "infra/out.json is no JSON"),
        (Some("[]"), "infra/out.json holds no object"),
        (
            Some("{\"t\":\"plain\"}"),
            "`t` in infra/out.json has no `value`",
        ),
    ] {
        if let Some(text) = text {
            repo.write("infra/out.json", text);
        }
        let report = ask_fake(&repo, config, cases);
        expect(&report, Verdict::Fail);
        assert_eq!(errors(&report), ["dashboard d is not there"]);
        let why = report.reason.unwrap();
        assert!(why.contains(reason), "{why}");
        assert!(
            why.contains("table `{output.t}`: the outputs could not be read"),
            "{why}"
        );
    }
}

#[test]
fn real_terraform_gives_the_outputs_of_its_workspace() {
    let Some(program) = testkit::real_program("terraform") else {
        return;
    };
    let repo = Repo::empty();
    repo.write(".gitignore", ".terraform*\nterraform.tfstate*\n");
    repo.write(
        "infra/main.tf",
        "output \"url\" {\n  value = \"%URL%/${terraform.workspace}\"\n}\n",
    );
    let url = server(HEALTHY);
    let text = repo.read("infra/main.tf").replace("%URL%", &url);
    repo.write("infra/main.tf", text);
    let config = "[gates.staging]\noutputs = \"infra\"\nworkspace = \"pre-{environment}\"\n[[gates.staging.http]]\nurl = \"{output.url}\"\n";
    let cx = cx_beside(&repo, config, &program, &[]);
    // Nothing was initialised yet.
    unknown(
        &ask(&cx, "staging"),
        "there is no workspace `pre-staging` in infra, but default",
    );
    assert!(!repo.root().join("infra/terraform.tfstate.d").exists());
    for args in [
        &["init", "-input=false"][..],
        &["workspace", "new", "pre-staging"],
        &["apply", "-input=false", "-auto-approve"],
        &["workspace", "select", "default"],
    ] {
        let cmd = world::Cmd::new(repo.root().join("infra"), "terraform").args(args);
        cx.world.run(&cmd).unwrap().success().unwrap();
    }
    let report = ask(&cx, "staging");
    expect(&report, Verdict::Pass);
    assert_eq!(
        report.evidence["checks"][0]["check"],
        format!("{url}/pre-staging")
    );
}

#[test]
fn nothing_configured_is_skipped() {
    let report = ask(&cx(&Repo::empty()), "staging");
    expect(&report, Verdict::Skipped);
    assert_eq!(
        report.reason.as_deref(),
        Some("nothing is configured in [gates.staging]")
    );
    assert!(said(&report, Severity::Note).is_empty());
}
