//! What is a secret and what only looks like one.

use super::{entropy, find};
use crate::Severity;

// Never written out, so that no scanner, ours included, takes them for secrets.
const MIXED: &str = concat!(
    "q7Xz", "P2mK9v", "Rt4Wb8", "Ls1Yd6", "Hn3Jc5", "Fg0QaZ", "xE"
);

fn seen(text: &str) -> Option<(Severity, &'static str, String)> {
    let hits = find(text);
    assert!(hits.len() < 2, "{hits:?}");
    hits.first()
        .map(|hit| (hit.severity, hit.what, hit.secret.to_owned()))
}

/// `length` characters that look like chance.
fn body(length: usize) -> String {
    MIXED.chars().cycle().take(length).collect()
}

#[test]
fn tokens_are_known_by_their_prefix_and_length() {
    for (prefix, length, what) in [
        ("ghp_", 36, "GitHub"),
        ("github_pat_", 82, "GitHub"),
        ("glpat-", 20, "GitLab"),
        ("xoxb-", 40, "Slack"),
        ("sk_live_", 24, "Stripe"),
        ("AIza", 35, "Google"),
        ("npm_", 36, "npm"),
        ("sk-ant-", 95, "Anthropic"),
        ("hf_", 34, "Hugging Face"),
    ] {
        let secret = format!("{prefix}{}", body(length));
        for text in [
            format!("x = \"{secret}\"\n"),
            secret.clone(),
            format!("ü {secret}, y"),
        ] {
            let (severity, said, found) = seen(&text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((severity, found), (Severity::Error, secret.clone()));
            assert!(said.contains(what), "{said}");
        }
        for text in [
            format!("{prefix}{}", body(length - 8).replace(char::is_numeric, "")),
            format!("{prefix}{}", "x".repeat(length)),
            format!("some{secret}"),
        ] {
            assert_eq!(seen(&text), None, "{text}");
        }
    }
    let key = concat!("AKIA", "Q3EGRTTHSKHVJ7QW");
    assert_eq!(seen(key).unwrap().1, "an access key of AWS");
    assert_eq!(seen(concat!("AKIA", "IOSFODNN7EXAMPLE")), None);
    assert_eq!(seen(&key[..19]), None);
}

#[test]
fn private_keys_need_more_than_their_first_line() {
    let head = concat!("-----BEGIN RSA ", "PRIVATE KEY-----");
    let key = format!("{head}\n{}\n{}\n", body(64), body(30));
    let (severity, what, secret) = seen(&key).unwrap();
    assert_eq!(
        (severity, what, secret),
        (Severity::Error, "a private key", body(64))
    );
    assert!(seen(&format!("key: \"{head}\\n{}\\n\"", body(64))).is_some());
    assert_eq!(seen(&format!("starts_with(\"{head}\")")), None);
    assert_eq!(seen(&format!("{head}\n…\n")), None);
    let locked = format!("{head}\nProc-Type: 4,ENCRYPTED\n\n{}\n", body(64));
    assert_eq!(seen(&locked), None);
    assert_eq!(seen(&key.replace("PRIVATE", "PUBLIC")), None);
}

#[test]
fn addresses_count_where_the_host_can_be_reached() {
    let password = &body(12);
    let address = |host: &str| format!("postgres://app:{password}@{host}/db");
    let (severity, _, secret) = seen(&address("db.corp.net:5432")).unwrap();
    assert_eq!((severity, &secret), (Severity::Error, password));
    for host in ["localhost", "127.0.0.1:5432", "db", "db.example.com"] {
        assert_eq!(seen(&address(host)), None, "{host}");
    }
    assert!(seen(&format!("redis://:{password}@cache.corp.net")).is_some());
    let weak = "correcthorse";
    let (severity, ..) = seen(&format!("https://me:{weak}@db.corp.net")).unwrap();
    assert_eq!(severity, Severity::Warning);
    for text in [
        "https://user:password@db.corp.net",
        "https://0a1b2c:x-oauth-basic@host.net/x.git",
        "https://${U}:${P}@db.corp.net",
        "git@host.net:a/b",
        "https://a.net/x:y@z",
        "https://app:app@db.corp.net",
    ] {
        assert_eq!(seen(text), None, "{text}");
    }
}

#[test]
fn assigned_values_are_warned_of_where_chance_made_them() {
    let value = &body(24);
    for text in [
        format!("password = \"{value}\""),
        format!("\"api_key\": '{value}'"),
        format!("DB_PASSWORD_V2 := \"{value}\""),
        format!("secret => '{value}'"),
    ] {
        let (severity, _, secret) = seen(&text).unwrap_or_else(|| panic!("{text}"));
        assert_eq!((severity, &secret), (Severity::Warning, value), "{text}");
    }
    for text in [
        format!("password = {value}"),
        "password = \"correct horse battery\"".to_owned(),
        "password: \"hunter2hunter2\"".to_owned(),
        "token = \"${{ secrets.GITHUB_TOKEN }}\"".to_owned(),
        "secret = \"your-secret-here-123456\"".to_owned(),
        "password = \"aaaaaaaaaaaaaaaa\"".to_owned(),
        format!("checksum = \"{value}\""),
    ] {
        assert_eq!(seen(&text), None, "{text}");
    }
    let aws = format!("aws_secret_access_key = {}", body(40));
    assert_eq!(seen(&aws).unwrap().0, Severity::Error);
    assert_eq!(seen(&aws[..aws.len() - 1]), None);
}

#[test]
fn a_web_token_has_three_parts() {
    let part = &body(24);
    let token = format!("{}{part}.{}{part}.{part}", "eyJ", "eyJ");
    assert_eq!(seen(&token).unwrap().1, "a JSON web token");
    assert_eq!(seen(&token[..token.rfind('.').unwrap()]), None);
}

#[test]
fn one_secret_is_one_hit() {
    let token = format!("password = \"ghp_{}\"", body(36));
    assert_eq!(seen(&token).unwrap().0, Severity::Error);
    let registry = format!("//registry.example/:_authToken={}", body(20));
    assert_eq!(seen(&registry).unwrap().1, "a token of a package registry");
    for value in ["${NPM_TOKEN}", "my-token-123", "0123[hidden]"] {
        let text = format!("//registry.example/:_authToken={value}");
        assert_eq!(seen(&text), None, "{text}");
    }
}

#[test]
fn entropy_in_bits() {
    assert!(entropy("aaaa") < f64::EPSILON);
    assert!((entropy("abcd") - 2.0).abs() < f64::EPSILON);
}
