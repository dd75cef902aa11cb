//! Base64 (RFC 4648, section 4), read strictly: one text for one value.
//!
//! Tools that read it take spaces, missing padding and bits behind the end of the value. A signature may have none of
//! that, for then two files would be the same signature.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The text of `bytes`, with padding and without line ends.
pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let mut group = [0_u8; 4];
        group[1..=chunk.len()].copy_from_slice(chunk);
        let bits = u32::from_be_bytes(group);
        for at in 0..4 {
            let digit = usize::try_from(bits >> (18 - 6 * at) & 63).unwrap_or_default();
            text.push(if at <= chunk.len() {
                char::from(ALPHABET[digit])
            } else {
                '='
            });
        }
    }
    text
}

/// The bytes of a text; `None` where [`encode`] would not have written it so.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let digits = text.trim_end_matches('=');
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut held) = (0_u32, 0);
    for digit in digits.bytes() {
        let value = ALPHABET.iter().position(|known| *known == digit)?;
        bits = bits << 6 | u32::try_from(value).ok()?;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from(bits >> held & 0xff).ok()?);
        }
    }
    (encode(&bytes) == text).then_some(bytes)
}

/// [`encode`] in lines of so many characters, each with its end.
pub(crate) fn lines(bytes: &[u8], width: usize) -> String {
    let text = encode(bytes);
    let mut out = String::with_capacity(text.len() + text.len() / width + 1);
    for line in text.as_bytes().chunks(width) {
        out.push_str(&String::from_utf8_lossy(line));
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{decode, encode, lines};

    /// The test vectors of RFC 4648, section 10.
    const VECTORS: &[(&str, &str)] = &[
        ("", ""),
        ("f", "Zg=="),
        ("fo", "Zm8="),
        ("foo", "Zm9v"),
        ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ];

    #[test]
    fn is_that_of_the_standard() {
        for (plain, text) in VECTORS {
            assert_eq!(encode(plain.as_bytes()), *text);
            assert_eq!(decode(text).unwrap(), plain.as_bytes());
        }
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(decode(&encode(&all)).unwrap(), all);
        assert_eq!(lines(b"foobar", 3), "Zm9\nvYm\nFy\n");
    }

    #[test]
    fn another_text_of_the_same_value_is_refused() {
        // Bits behind the end, padding too little and too much, spaces, the other alphabet.
        for text in [
            "Zh==",
            "Zg",
            "Zg=",
            "Zg===",
            "Zm9v=",
            "Zm9v Yg==",
            "Zm9v\n",
            "Zm-_",
            "Z",
            "=",
            "Zm=v",
        ] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
