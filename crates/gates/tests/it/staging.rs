//! `staging` against a real AWS command line talking to moto, a real curl talking to a small server, and broken ones.

mod moto;

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::PathBuf;

use gates::{Cx, Report, Severity, Verdict};
use testkit::Repo;

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

/// The configuration, what a fake `aws` answers, the first error; none: a warning.
type Mutation = (&'static str, &'static str, &'static str);

const MUTATIONS: &[Mutation] = &[
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
];

/// See `mutations.rs`.
pub(crate) const MUTATED: crate::mutations::Table = ("staging", || MUTATIONS.len());

#[test]
fn states_between_good_and_gone() {
    let repo = Repo::empty();
    for (config, cases, message) in MUTATIONS.iter().copied() {
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
    let Some(program) = testkit::installed_by_hand("terraform") else {
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
