//! Digests and the file of sums, against the standard and against `sha256sum`.

use std::io::Cursor;

use super::fixtures::{Drip, tool};
use crate::{sha256_hex, sha256_of, sums};

#[test]
fn digests_of_the_standard() {
    // FIPS 180-4 examples.
    assert_eq!(
        sha256_hex(b"abc"),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
    let (len, hex) = sha256_of(Cursor::new(b"")).unwrap();
    assert_eq!(
        (len, hex.as_str()),
        (
            0,
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        )
    );
    assert_eq!(
        sha256_of(Drip(&b"abc"[..])).unwrap(),
        (3, sha256_hex(b"abc"))
    );
}

#[test]
fn sha256sum_accepts_the_sums() {
    let folder = tempfile::tempdir().unwrap();
    let names = ["app-v1.0.0.tar.gz", "notes_1+2.md", "Z"];
    let mut list = Vec::new();
    for name in names {
        #[expect(
            clippy::disallowed_methods,
            reason = "a leaf crate has no door; the folder is the test's own"
        )]
        std::fs::write(folder.path().join(name), name).unwrap();
        list.push((name.to_owned(), sha256_hex(name.as_bytes())));
    }
    let text = sums::write(&list).unwrap();
    let Some(output) = tool(
        "sha256sum",
        &["-c", "--strict", "-"],
        folder.path(),
        text.as_bytes(),
    ) else {
        return;
    };
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{output:?}"
    );
    let want = "Z: OK\napp-v1.0.0.tar.gz: OK\nnotes_1+2.md: OK\n";
    assert_eq!(String::from_utf8(output.stdout).unwrap(), want);
    for args in [&["-b", "Z"][..], &["--tag", "Z"], &["Z"]] {
        let output = tool("sha256sum", args, folder.path(), b"").unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(
            sums::parse(&text).unwrap(),
            [("Z".to_owned(), sha256_hex(b"Z"))],
            "{text}"
        );
    }
}
