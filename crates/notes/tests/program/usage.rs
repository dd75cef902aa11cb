//! Requests that cannot be read, and arguments.

use serde_json::json;

use crate::ask::{request, run};

#[test]
fn bad_requests_exit_2() {
    let mut other_schema = request(&[]);
    other_schema["schema"] = json!(7);
    let mut bad_id = request(&["feat: x"]);
    bad_id["commits"][0]["id"] = json!("HEAD");
    let table = [
        (String::new(), "at line 1 column 0"),
        ("{\n\"schema\": 2,,}".to_owned(), "at line 2 column 13"),
        (
            other_schema.to_string(),
            "schema 7 is unknown, this program reads schema 2",
        ),
        (
            bad_id.to_string(),
            "the commit id `HEAD` is not 40 or 64 lower-case hex digits at line 1 column",
        ),
    ];
    for (input, want) in table {
        let output = run(&[], input.as_bytes());
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(
            (output.status.code(), output.stdout.len()),
            (Some(2), 0),
            "{stderr}"
        );
        assert!(
            stderr.starts_with("landfall-notes: could not read the request: ")
                && stderr.contains(want),
            "{stderr}"
        );
    }
    let not_utf8 = run(&[], b"{\"schema\":2,\"version\":\"\xff\"}");
    assert_eq!(not_utf8.status.code(), Some(2));
}

#[test]
fn arguments() {
    let help = run(&["--help"], b"");
    assert!(help.status.success() && help.stderr.is_empty());
    assert!(
        String::from_utf8(help.stdout)
            .unwrap()
            .contains("\"schema\":2")
    );
    let version = run(&["--version"], b"");
    assert_eq!(
        String::from_utf8(version.stdout).unwrap(),
        format!("landfall-notes {}\n", env!("CARGO_PKG_VERSION"))
    );
    let usage = run(&["--unknown"], b"");
    assert_eq!((usage.status.code(), usage.stdout.len()), (Some(64), 0));
}
