//! `SHA256SUMS.txt`, as `sha256sum -c --strict` of GNU coreutils reads it, and lists of other tools.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::{Context, Result, bail};

use crate::check_asset_name;

mod windows;

const HEX_LEN: usize = 64;

/// One line `"<hex>  <name>\n"` for each `(name, hex)`, sorted by name.
///
/// # Errors
/// No sums at all, a name that [`check_asset_name`] refuses, that is given twice or differs from another in case only,
/// a digest that is not 64 hex digits.
pub fn write(sums: &[(String, String)]) -> Result<String> {
    if sums.is_empty() {
        bail!("no sums to write: `sha256sum -c` refuses an empty list");
    }
    let mut lines = BTreeMap::new();
    let mut folded = BTreeMap::new();
    for (name, hex) in sums {
        check_asset_name(name)?;
        let hex = digest(hex)
            .map_err(anyhow::Error::msg)
            .with_context(|| format!("the digest of `{name}` cannot be right"))?;
        if lines.insert(name, hex).is_some() {
            bail!("`{name}` is given twice; every asset has one sum");
        }
        if let Some(other) = folded.insert(name.to_ascii_lowercase(), name) {
            bail!("`{other}` and `{name}` differ in case only; rename one");
        }
    }
    Ok(lines
        .into_iter()
        .map(|(name, hex)| format!("{hex}  {name}\n"))
        .collect())
}

/// Why a list of sums is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// Counted from 1; 0 when it is about the whole.
    pub line: usize,
    pub why: Why,
    pub text: String,
}

/// The kinds of [`Wrong`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// Neither UTF-8 nor UTF-16 with a byte order mark.
    Encoding,
    /// Names nothing.
    Empty,
    /// A line of a form that no tool writes.
    Form,
    /// A digest that is not 64 hex digits.
    Digest,
    /// A name that leads elsewhere or that no forge keeps.
    Name,
    /// One name on two lines.
    Twice,
    /// Two names that are one where case is folded.
    Twins,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => f.write_str(&self.text),
            line => write!(f, "line {line} of the sums: {}", self.text),
        }
    }
}

impl std::error::Error for Wrong {}

/// [`parse`] of bytes as tools leave them: UTF-8 with or without a byte order mark, or UTF-16 with one, as redirected
/// output of PowerShell has it.
///
/// # Errors
/// Those of [`parse`], and bytes in neither encoding.
pub fn read(bytes: &[u8]) -> Result<Vec<(String, String)>, Wrong> {
    let wide = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let (units, rest) = bytes.as_chunks::<2>();
        let units: Vec<u16> = units.iter().copied().map(unit).collect();
        String::from_utf16(&units).ok().filter(|_| rest.is_empty())
    };
    let text = match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8(rest.to_vec()).ok(),
        _ => String::from_utf8(bytes.to_vec()).ok(),
    };
    match text {
        Some(text) => parse(&text),
        None => Err(Wrong {
            line: 0,
            why: Why::Encoding,
            text: "the sums are neither UTF-8 nor UTF-16 with a byte order mark".to_owned(),
        }),
    }
}

/// The `(name, hex)` pairs in the order of the text, digests in lower case. Takes what [`write()`] writes, and:
/// `hex *name` (binary mode of GNU), `hex name` (`sha256 -r` of BSD), `\hex  name` with escapes (GNU),
/// `SHA256 (name) = hex` (BSD, `--tag` of GNU), `SHA2-256(name)= hex` (OpenSSL), what `Get-FileHash` and
/// `certutil -hashfile` print on Windows, CRLF line ends, empty lines, and comment lines beginning with `#`.
///
/// # Errors
/// With the line number: a line of another form, a name that [`check_asset_name`] refuses (a sum
/// is looked up in a folder, so `../x` must not pass), a name given twice or twins; and a text without sums.
pub fn parse(text: &str) -> Result<Vec<(String, String)>, Wrong> {
    let lines: Vec<&str> = text.lines().collect();
    let mut sums: Vec<(String, String)> = Vec::new();
    let mut folded = BTreeMap::new();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let wrong = |(why, text)| Wrong {
            line: at + 1,
            why,
            text,
        };
        let (taken, found) = match windows::sum(lines.get(at..).unwrap_or_default()) {
            Some((taken, name, hex)) => (taken, Some((name, hex))),
            None if line.is_empty() || line.starts_with('#') => (1, None),
            None => (1, Some(unix(line).map_err(wrong)?)),
        };
        if let Some((name, hex)) = found {
            check_asset_name(&name).map_err(|error| wrong((Why::Name, error.to_string())))?;
            let hex = digest(&hex).map_err(|text| wrong((Why::Digest, text)))?;
            match folded.insert(name.to_ascii_lowercase(), name.clone()) {
                Some(other) if other == name => {
                    return Err(wrong((Why::Twice, format!("`{name}` stands there twice"))));
                }
                Some(other) => {
                    let text = format!("`{other}` and `{name}` differ in case only");
                    return Err(wrong((Why::Twins, text)));
                }
                None => sums.push((name, hex)),
            }
        }
        at += taken;
    }
    if sums.is_empty() {
        return Err(Wrong {
            line: 0,
            why: Why::Empty,
            text: "the sums are empty: expected lines such as `<64 hex digits>  app.tar.gz`"
                .to_owned(),
        });
    }
    Ok(sums)
}

/// Name and digest of a line as GNU, BSD and OpenSSL write it.
fn unix(line: &str) -> Result<(String, String), (Why, String)> {
    let tagged = || {
        let rest = ["SHA256 (", "SHA256(", "SHA2-256("]
            .iter()
            .find_map(|begin| line.strip_prefix(begin))?;
        rest.split_once(") = ").or_else(|| rest.split_once(")= "))
    };
    let plain = || {
        let (hex, name) = line.split_once(' ')?;
        let digits = hex.bytes().all(|byte| byte.is_ascii_hexdigit());
        digits.then(|| (name.strip_prefix([' ', '*']).unwrap_or(name), hex))
    };
    let (escaped, pair) = match line.strip_prefix('\\') {
        // GNU writes the digest behind the mark; the name holds `\\`, `\n` or `\r`.
        Some(rest) => {
            let pair = rest
                .split_once(' ')
                .and_then(|(hex, name)| Some((name.strip_prefix([' ', '*'])?, hex)));
            (true, pair)
        }
        None => (false, tagged().or_else(plain)),
    };
    let Some((name, hex)) = pair else {
        let shown = line.escape_debug();
        return Err((
            Why::Form,
            format!("expected `<64 hex digits>  <name>`, found `{shown}`"),
        ));
    };
    let name = if escaped {
        name.replace("\\n", "\n")
            .replace("\\r", "\r")
            .replace("\\\\", "\\")
    } else {
        name.to_owned()
    };
    Ok((name, hex.to_owned()))
}

fn digest(hex: &str) -> Result<String, String> {
    if hex.len() != HEX_LEN || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let shown = hex.escape_debug();
        return Err(format!("expected {HEX_LEN} hex digits, found `{shown}`"));
    }
    Ok(hex.to_ascii_lowercase())
}

#[cfg(test)]
mod tests;
