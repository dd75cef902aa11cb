//! The vectors of the standard, and a second opinion.

use std::io::Write as _;
use std::process::{Command, Stdio};

use proptest::prelude::{ProptestConfig, any, prop_assert, prop_assert_eq, proptest};

use super::{decode, encode};

/// RFC 4648, section 10.
const VECTORS: [(&str, &str); 7] = [
    ("", ""),
    ("f", "Zg=="),
    ("fo", "Zm8="),
    ("foo", "Zm9v"),
    ("foob", "Zm9vYg=="),
    ("fooba", "Zm9vYmE="),
    ("foobar", "Zm9vYmFy"),
];

#[test]
fn long_ones_are_cut_into_lines() {
    assert_eq!(super::lines(b"foobar", 3), "Zm9\nvYm\nFy\n");
    assert_eq!(super::lines(b"", 3), "");
}

#[test]
fn the_vectors_of_the_standard() {
    for (plain, text) in VECTORS {
        assert_eq!(encode(plain.as_bytes()), text);
        assert_eq!(decode(text).unwrap(), plain.as_bytes());
    }
}

#[test]
fn another_spelling_is_refused() {
    for (text, want) in [
        ("Zg=", "these are 3"),
        ("Zg", "these are 2"),
        ("Zm9v\n", "these are 5"),
        ("Zg==\n\n\n\n", "character 3"),
        ("Zg==Zg==", "character 3"),
        ("Zg=v", "character 3"),
        ("====", "character 1"),
        ("Z===", "character 2"),
        ("Zm9-", "character 4"),
        ("Zm9_", "character 4"),
        ("Z m9", "character 2"),
        ("Zh==", "bits behind its last byte"),
        ("Zm9=", "bits behind its last byte"),
        ("Zm9ö", "these are 5"),
        ("Zö=", "character 2"),
    ] {
        let error = decode(text).expect_err(text).to_string();
        assert!(error.contains(want), "{text:?}: {error}");
    }
}

fn coreutils(args: &[&str], input: &[u8]) -> Vec<u8> {
    #[expect(
        clippy::disallowed_methods,
        reason = "a leaf crate has no door; this asks a second opinion in a test"
    )]
    let mut child = Command::new("base64")
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = child.stdin.take().unwrap();
    pipe.write_all(input).unwrap();
    drop(pipe);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    output.stdout
}

#[test]
fn coreutils_writes_and_reads_the_same() {
    // Every byte at every place of a group, and every length of the last group.
    let mut bytes: Vec<u8> = (0..=255).cycle().take(767).collect();
    bytes.extend((0..=255).rev());
    for cut in 0..4 {
        let part = &bytes[cut..];
        let theirs = coreutils(&["--wrap=0"], part);
        assert_eq!(encode(part).as_bytes(), theirs);
        assert_eq!(coreutils(&["--decode"], encode(part).as_bytes()), part);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

#[test]
fn bytes_survive(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
    prop_assert_eq!(decode(&encode(&bytes)).unwrap(), bytes);
}

#[test]
fn what_is_read_has_one_spelling(text in "[A-Za-f+/=\n_-]{0,12}") {
    if let Ok(bytes) = decode(&text) {
        prop_assert_eq!(encode(&bytes), text);
    }
}

#[test]
fn a_changed_character_changes_the_bytes(bytes in proptest::collection::vec(any::<u8>(), 1..40), at in any::<usize>(), bit in 0..7_u32) {
    let text = encode(&bytes);
    let mut flipped = text.into_bytes();
    let at = at % flipped.len();
    flipped[at] ^= 1 << bit;
    let flipped = String::from_utf8(flipped).unwrap();
    if let Ok(read) = decode(&flipped) {
        prop_assert!(read != bytes);
    }
}
}
