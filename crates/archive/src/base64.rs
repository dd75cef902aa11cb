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
mod tests;
