//! Base 64 with the standard alphabet and padding (RFC 4648, section 4), read strictly.
//!
//! A text has one spelling only: what is read here gives the same characters when it is written again. So nobody can
//! change a file that names bytes and leave the bytes as they are.

use anyhow::{Result, bail};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const PAD: char = '=';

/// The text of `bytes`, padded, on one line.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let joined = (0..3).fold(0_usize, |joined, at| {
            joined << 8 | usize::from(group.get(at).copied().unwrap_or(0))
        });
        for at in 0..4 {
            // One byte fills two characters, two bytes fill three.
            text.push(match at <= group.len() {
                true => char::from(ALPHABET[joined >> (18 - 6 * at) & 63]),
                false => PAD,
            });
        }
    }
    text
}

/// [`encode`] in lines of so many characters, each with its end.
#[must_use]
pub fn lines(bytes: &[u8], width: usize) -> String {
    let text = encode(bytes);
    let mut out = String::with_capacity(text.len() + text.len() / width + 1);
    for line in text.as_bytes().chunks(width) {
        out.push_str(&String::from_utf8_lossy(line));
        out.push('\n');
    }
    out
}

/// The bytes of `text`.
///
/// # Errors
/// With the place: a character outside of the alphabet (white space and the URL-safe `-` and `_` too), a length that is
/// no multiple of four, padding anywhere but at the end, and bits behind the last byte that are not 0.
pub fn decode(text: &str) -> Result<Vec<u8>> {
    if !text.len().is_multiple_of(4) {
        bail!(
            "base64 comes in groups of four characters, and these are {}; is the end cut off",
            text.len()
        );
    }
    let body = text.strip_suffix("==").or(text.strip_suffix(PAD));
    let body = body.unwrap_or(text);
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    for (index, group) in body.as_bytes().chunks(4).enumerate() {
        let mut joined = 0_u32;
        for (at, character) in group.iter().enumerate() {
            let Some(value) = value(*character) else {
                bail!(
                    "the character {} of the base64 is none of A-Z a-z 0-9 + /",
                    index * 4 + at + 1
                );
            };
            joined = joined << 6 | value;
        }
        let bits = 6 * group.len();
        let unused = bits % 8;
        if joined & ((1 << unused) - 1) != 0 {
            bail!("the base64 has bits behind its last byte; it was not written by an encoder");
        }
        joined >>= unused;
        for at in (0..bits / 8).rev() {
            bytes.push(u8::try_from(joined >> (8 * at) & 255)?);
        }
    }
    Ok(bytes)
}

fn value(character: u8) -> Option<u32> {
    let at = match character {
        b'A'..=b'Z' => character - b'A',
        b'a'..=b'z' => character - b'a' + 26,
        b'0'..=b'9' => character - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(u32::from(at))
}

#[cfg(test)]
mod tests {
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
}
