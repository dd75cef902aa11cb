//! in-toto's own protobufs and DSSE's own library, on what we write.
#![expect(
    clippy::disallowed_methods,
    reason = "a leaf crate has no door; the folder is the test's own"
)]

use std::path::Path;
use std::process::Command;

use testkit::{not_covered, real_parts};

use crate::dsse::{Envelope, IN_TOTO};
use crate::statement::tests::{provenance, test_result};

#[test]
fn real_libraries_of_in_toto_and_dsse_agree() {
    let python = real_parts().join("venv/bin/python");
    let there = Command::new(&python)
        .args([
            "-I",
            "-c",
            "import in_toto_attestation, securesystemslib, cryptography",
        ])
        .output();
    if !there.is_ok_and(|output| output.status.success()) {
        return not_covered("in-toto-attestation and securesystemslib[crypto]");
    }
    let folder = tempfile::tempdir().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tests/judges.py");
    let mut command = Command::new(python);
    command.args(["-I", "-B"]).arg(script);
    for (name, statement) in [("provenance", provenance()), ("test-result", test_result())] {
        let envelope = Envelope {
            payload_type: IN_TOTO.to_owned(),
            payload: statement.write().unwrap().into_bytes(),
            signatures: Vec::new(),
        };
        let (path, pae) = (
            folder.path().join(name),
            folder.path().join(name.to_owned() + ".pae"),
        );
        std::fs::write(&path, envelope.write().unwrap()).unwrap();
        std::fs::write(&pae, envelope.pae()).unwrap();
        command.arg(path).arg(pae);
    }
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{errors}");
    // What they have understood.
    for part in [
        r#""startedOn": "2026-02-03T04:05:06Z""#,
        r#""builtTwice": true"#,
        r#""id": "urn:landfall:builder:local:v1""#,
        r#""failedTests": ["audit", "links"]"#,
        r#""warnedTests": ["docs", "test"]"#,
    ] {
        assert!(said.contains(part), "{part} is not in\n{said}");
    }
}
