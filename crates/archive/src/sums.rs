//! `SHA256SUMS.txt`, as `sha256sum -c --strict` of GNU coreutils reads it.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};

use crate::check_asset_name;

const HEX_LEN: usize = 64;

/// One line `"<hex>  <name>\n"` for each `(name, hex)`, sorted by name.
///
/// # Errors
/// No sums at all, a name that [`check_asset_name`] refuses or that is given twice, a digest that
/// is not 64 hex digits.
pub fn write(sums: &[(String, String)]) -> Result<String> {
    if sums.is_empty() {
        bail!("no sums to write: `sha256sum -c` refuses an empty list");
    }
    let mut lines = BTreeMap::new();
    for (name, hex) in sums {
        check_asset_name(name)?;
        let hex = digest(hex).with_context(|| format!("the digest of `{name}` cannot be right"))?;
        if lines.insert(name, hex).is_some() {
            bail!("`{name}` is given twice; every asset has one sum");
        }
    }
    Ok(lines
        .into_iter()
        .map(|(name, hex)| format!("{hex}  {name}\n"))
        .collect())
}

/// The `(name, hex)` pairs in the order of the text, digests in lower case. Takes what
/// [`write()`] writes, `*name` (binary mode), CRLF line ends, comment lines beginning with `#`, and
/// the BSD style `SHA256 (name) = hex`.
///
/// # Errors
/// With the line number: a line of another form, a name that [`check_asset_name`] refuses (a sum
/// is looked up in a folder, so `../x` must not pass), a name given twice; and a text without sums.
pub fn parse(text: &str) -> Result<Vec<(String, String)>> {
    let mut sums: Vec<(String, String)> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        if line.starts_with('#') {
            continue;
        }
        let (name, hex) = parse_line(line).with_context(|| format!("line {number} of the sums"))?;
        if sums.iter().any(|(other, _)| *other == name) {
            bail!("line {number} of the sums: `{name}` stands there twice");
        }
        sums.push((name, hex));
    }
    if sums.is_empty() {
        bail!("the sums are empty: expected lines such as `<64 hex digits>  app.tar.gz`");
    }
    Ok(sums)
}

fn parse_line(line: &str) -> Result<(String, String)> {
    let bsd = || line.strip_prefix("SHA256 (")?.split_once(") = ");
    let gnu = || {
        let (hex, name) = line.split_once(' ')?;
        Some((name.strip_prefix([' ', '*'])?, hex))
    };
    let Some((name, hex)) = bsd().or_else(gnu) else {
        bail!(
            "expected `<64 hex digits>  <name>`, found `{}`",
            line.escape_debug()
        );
    };
    check_asset_name(name)?;
    Ok((name.to_owned(), digest(hex)?))
}

fn digest(hex: &str) -> Result<String> {
    if hex.len() != HEX_LEN || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        bail!(
            "expected {HEX_LEN} hex digits, found `{}`",
            hex.escape_debug()
        );
    }
    Ok(hex.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, any, prop_assert_eq, proptest};

    use super::{parse, write};

    const ZERO: &str = "0000000000000000000000000000000000000000000000000000000000000000";

    fn pair(name: &str, hex: &str) -> (String, String) {
        (name.to_owned(), hex.to_owned())
    }

    #[test]
    fn every_form_is_read() {
        let upper = "AB".repeat(32);
        let text = format!("# made by hand\r\n{upper} *b.bin\r\nSHA256 (c) = {ZERO}\n{ZERO}  a");
        let want = [
            pair("b.bin", &"ab".repeat(32)),
            pair("c", ZERO),
            pair("a", ZERO),
        ];
        assert_eq!(parse(&text).unwrap(), want);
    }

    #[test]
    fn bad_lines_are_named() {
        let table = [
            ("", "the sums are empty"),
            ("# nothing\n", "the sums are empty"),
            ("\n", "line 1 of the sums: expected"),
            (
                "0000  a\n",
                "line 1 of the sums: expected 64 hex digits, found `0000`",
            ),
            (
                "ZERO a\n",
                "line 1 of the sums: expected `<64 hex digits>  <name>`",
            ),
            (
                "ZERO  a\nZERO  a\n",
                "line 2 of the sums: `a` stands there twice",
            ),
            (
                "ZERO  a\nZERO  ../b\n",
                "line 2 of the sums: the asset name `../b` holds `/`",
            ),
            ("\\ZERO  a\n", "line 1 of the sums: expected 64 hex digits"),
            ("ZERO  a b\n", "holds ` `"),
            (
                "SHA256 (a) = 00\n",
                "line 1 of the sums: expected 64 hex digits, found `00`",
            ),
            ("SHA512 (a) = ZERO\n", "line 1 of the sums: expected"),
        ];
        for (text, want) in table {
            let error = format!("{:#}", parse(&text.replace("ZERO", ZERO)).unwrap_err());
            assert!(error.contains(want), "{text:?}: {error}");
        }
    }

    #[test]
    fn only_what_can_be_read_is_written() {
        let table = [
            (vec![], "no sums"),
            (vec![pair("a b", ZERO)], "`a b` holds ` `"),
            (vec![pair("a", ZERO), pair("a", ZERO)], "`a` is given twice"),
            (
                vec![pair("a", "00")],
                "the digest of `a` cannot be right: expected 64",
            ),
            (vec![pair(".env", ZERO)], "begins with `.`"),
            (vec![pair("-rf", ZERO)], "begins with `.` or `-`"),
            (vec![pair("a.", ZERO)], "ends with `.`"),
            (vec![pair(&"a".repeat(256), ZERO)], "has 256 bytes"),
            (vec![pair("", ZERO)], "empty name"),
        ];
        for (sums, want) in table {
            let error = format!("{:#}", write(&sums).unwrap_err());
            assert!(error.contains(want), "{error}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sums_survive(list in proptest::collection::btree_map("[A-Za-z0-9_+][A-Za-z0-9._+-]{0,20}[a-z]", "[0-9a-f]{64}", 1..8), crlf in any::<bool>()) {
        let list: Vec<(String, String)> = list.into_iter().collect();
        let text = write(&list).unwrap();
        let text = if crlf { text.replace('\n', "\r\n") } else { text };
        prop_assert_eq!(parse(&text).unwrap(), list);
    }

    #[test]
    fn garbage_sums_do_not_panic(text in "(?s)[0-9a-f \\*()=\\\\SHA256\r\n.]{0,160}") {
        if let Ok(list) = parse(&text) {
            prop_assert_eq!(list.is_empty(), false);
        }
    }
    }
}
