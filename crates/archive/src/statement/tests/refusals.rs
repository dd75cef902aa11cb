//! Texts that differ from what landfall writes, and what is said about each.

use super::{Statement, provenance, test_result};

/// Each text is refused, and the refusal says what is in the way.
#[track_caller]
fn refused(table: &[(String, &str)]) {
    let sound = [
        provenance().write().unwrap(),
        test_result().write().unwrap(),
    ];
    for (text, want) in table {
        assert!(!sound.contains(text), "nothing was changed for: {want}");
        let error = Statement::read(text.as_bytes()).expect_err(want);
        let error = format!("{error:#}");
        assert!(
            error.contains(want),
            "{text}\n  {error}\n  expected: {want}"
        );
    }
}

#[test]
fn subjects_that_are_none() {
    let p = provenance().write().unwrap();
    let t = test_result().write().unwrap();
    let a = "a".repeat(64);
    let first = format!(r#"{{"name":"app.tar.gz","digest":{{"sha256":"{a}"}}}},"#);
    let second = format!(
        r#",{{"name":"b.zip","digest":{{"sha256":"{}"}}}}"#,
        "b".repeat(64)
    );
    refused(&[
        (p.replace("Statement/v1", "Statement/v0.1"), "`_type` is"),
        (
            p.replace("provenance/v1", "provenance/v0.2"),
            "`predicateType` is",
        ),
        (
            t.replace("test-result/v0.1", "vsa/v1"),
            "`predicateType` is",
        ),
        (
            p.replace(&first, "").replace(&second[1..], ""),
            "no subjects",
        ),
        (
            p.replace(&first, &first.repeat(2)),
            "the subject `app.tar.gz` is there twice",
        ),
        (
            p.replace(
                &first,
                &format!("{first}{}", first.replace(&a, &"c".repeat(64))),
            ),
            "the subject `app.tar.gz` is there twice",
        ),
        (
            p.replace("\"b.zip\"", "\"a.zip\""),
            "not sorted: `a.zip` stands behind `app.tar.gz`",
        ),
        (
            p.replace(&a, &a.to_uppercase()),
            "the SHA-256 of the subject `app.tar.gz`: expected [64] lower-case",
        ),
        (
            p.replace(&a, &a[1..]),
            "the SHA-256 of the subject `app.tar.gz`: expected [64] lower-case",
        ),
        (
            p.replace("app.tar.gz", "../app.tar.gz"),
            "the asset name `../app.tar.gz` holds `/`",
        ),
        (p.replace("app.tar.gz", ".app"), "begins with `.`"),
        (p.replace("app.tar.gz", "a b"), "holds ` `"),
        (
            p.replace(
                &format!("{{\"sha256\":\"{a}\"}}"),
                &format!("{{\"sha256\":\"{a}\",\"sha512\":\"{a}\"}}"),
            ),
            "unknown field `sha512`",
        ),
        (
            p.replace(
                &format!("{{\"sha256\":\"{a}\"}}"),
                &format!("{{\"sha256\":\"{a}\",\"sha256\":\"{a}\"}}"),
            ),
            "duplicate field `sha256`",
        ),
    ]);
}

#[test]
fn another_form() {
    let p = provenance().write().unwrap();
    refused(&[
        (p.replace("\"_type\"", "\"_Type\""), "missing field `_type`"),
        (
            p.replace("{\"_type\"", "{\"extra\":1,\"_type\""),
            "unknown field `extra`",
        ),
        (
            p.replace("\"builtTwice\"", "\"cache\":0,\"builtTwice\""),
            "unknown field `cache`",
        ),
        (p.replace("\"git\":", "\"git\":\"1\",\"git\":"), "at byte"),
        (
            p.replace(
                "\"tag\":\"v1.0.0-mvp\"",
                "\"tag\":\"v1\",\"tag\":\"v1.0.0-mvp\"",
            ),
            "duplicate field `tag`",
        ),
        (format!("{p}\n"), "at byte"),
        (format!("{p}{p}"), "trailing characters"),
        (format!("{p}x"), "trailing characters"),
        (p.replace(":{", ": {"), "at byte"),
        (p.replace("app.tar.gz", "app.t\\u0061r.gz"), "at byte"),
    ]);
}

#[test]
fn predicates_that_contradict_themselves() {
    let p = provenance().write().unwrap();
    let t = test_result().write().unwrap();
    refused(&[
        (
            p.replace("LEVEL_1", "LEVEL_3"),
            "never vouches for more than SLSA_BUILD_LEVEL_1",
        ),
        (p.replace("release:v1", "release:v2"), "the build type is"),
        (
            p.replace("\"commit\":\"0", "\"commit\":\"1"),
            "not the source with the commit 1",
        ),
        (
            p.replace("\"commit\":\"0", "\"commit\":\"F"),
            "the commit: expected",
        ),
        (
            p.replace("\"source\":\"git+https", "\"source\":\"git+http"),
            "not the one that was used",
        ),
        (
            p.replace("T04:05:06Z", "T04:05:06+00:00"),
            "the time `2026-02-03T04:05:06+00:00`",
        ),
        (p.replace("\"gitBlob\"", "\"md5\""), "has a digest `md5`"),
        (
            t.replace("FAILED", "PASSED"),
            "are not what the answers of the gates give",
        ),
        (t.replace("FAILED", "passed"), "unknown variant `passed`"),
        (
            t.replace(
                "\"passedTests\":[\"build\"",
                "\"passedTests\":[\"build\",\"coverage\"",
            ),
            "are not what",
        ),
        (
            t.replace("\"verdict\":\"unknown\"", "\"verdict\":\"pass\""),
            "are not what",
        ),
        (
            t.replace("\"name\":\"links\"", "\"name\":\"build\""),
            "the gate `build` is there twice",
        ),
        (String::new(), "this is no in-toto statement"),
        ("{}".to_owned(), "missing field `_type`"),
    ]);
}

#[test]
fn what_is_no_text() {
    let broken = [provenance().write().unwrap().as_bytes(), b"\xff"].concat();
    let error = Statement::read(&broken).unwrap_err().to_string();
    assert!(error.contains("no UTF-8"), "{error}");
}
