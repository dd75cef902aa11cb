//! Every form that a tool writes is read, and what could lead elsewhere is not; tools of others are asked for both.

use proptest::prelude::{ProptestConfig, any, prop_assert, prop_assert_eq, proptest};

use super::{Why, parse, read, write};
use crate::tests::fixtures::tool;

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
        ("\n", "the sums are empty"),
        (
            "0000  a\n",
            "line 1 of the sums: expected 64 hex digits, found `0000`",
        ),
        (
            "ZERO\n",
            "line 1 of the sums: expected `<64 hex digits>  <name>`",
        ),
        ("ZERO   a\n", "holds ` `"),
        (
            "ZERO  App\nZERO  app\n",
            "line 2 of the sums: `App` and `app` differ in case only",
        ),
        (
            "ZERO  a\nZERO  a\n",
            "line 2 of the sums: `a` stands there twice",
        ),
        (
            "ZERO  a\nZERO  ../b\n",
            "line 2 of the sums: the asset name `../b` holds `/`",
        ),
        (
            "\\ZERO  a\\nb\n",
            "line 1 of the sums: the asset name `a\\nb` holds `\\n`",
        ),
        ("\\ZERO  a\\\\b\n", "holds `\\\\`"),
        ("SHA256          ZERO  C:\\a\\\n", "empty name"),
        (
            "SHA256          ZERO...  C:\\a\n",
            "line 1 of the sums: expected",
        ),
        ("SHA256 hash of C:\\x y\\..:\nZERO\n", "begins with `.`"),
        ("SHA256 hash of a:\n00\n", "line 1 of the sums: expected"),
        (
            "Algorithm : SHA256\nHash : 00\nPath : C:\\a\n",
            "line 1 of the sums: expected 64 hex digits, found `00`",
        ),
        ("ZERO  a b\n", "holds ` `"),
        (
            "SHA256 (a) = 00\n",
            "line 1 of the sums: expected 64 hex digits, found `00`",
        ),
        ("SHA512 (a) = ZERO\n", "line 1 of the sums: expected"),
        ("SHA256 (../a) = ZERO\n", "holds `/`"),
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

#[test]
fn what_windows_prints_is_read() {
    let upper = "AB".repeat(32);
    let pairs = "ab ".repeat(32);
    let table = [
        format!(
            "\r\nAlgorithm       Hash                                                                   Path\r\n---------       ----                                                                   ----\r\nSHA256          {upper}       C:\\Users\\a b\\app.zip\r\n\r\n\r\n"
        ),
        format!("Algorithm : SHA256\nHash      : {upper}\nPath      : C:\\app.zip\n"),
        format!(
            "SHA256 hash of app.zip:\r\n{}\r\nCertUtil: -hashfile command completed successfully.\r\n",
            upper.to_lowercase()
        ),
        format!(
            "SHA256-Hash von C:\\a b\\app.zip:\n{}\nCertUtil: -hashfile-Befehl wurde erfolgreich ausgef\u{fc}hrt.\n",
            pairs.trim_end()
        ),
        format!("SHA2-256(app.zip)= {upper}\n"),
    ];
    for text in table {
        let want = [pair("app.zip", &"ab".repeat(32))];
        assert_eq!(parse(&text).unwrap(), want, "{text}");
        let with_mark = format!("\u{feff}{text}");
        assert_eq!(read(with_mark.as_bytes()).unwrap(), want);
        let units =
            |unit: fn(u16) -> [u8; 2]| with_mark.encode_utf16().flat_map(unit).collect::<Vec<u8>>();
        assert_eq!(read(&units(u16::to_le_bytes)).unwrap(), want);
        assert_eq!(read(&units(u16::to_be_bytes)).unwrap(), want);
        let mut odd = units(u16::to_le_bytes);
        odd.push(0);
        assert_eq!(read(&odd).unwrap_err().why, Why::Encoding);
    }
    assert_eq!(read(b"\xff\xfe\x00\xd8").unwrap_err().why, Why::Encoding);
    assert_eq!(read(b"\x80").unwrap_err().why, Why::Encoding);
}

/// Programs that write sums, with the arguments before the names. OpenSSL 1 and 3 name the algorithm differently.
const WRITERS: &[(&str, &[&str])] = &[
    ("sha256sum", &[]),
    ("sha256sum", &["-b"]),
    ("sha256sum", &["--tag"]),
    ("shasum", &["-a", "256"]),
    ("shasum", &["-a", "256", "-b"]),
    ("shasum", &["-a", "256", "--tag"]),
    ("openssl", &["dgst", "-sha256"]),
    ("openssl", &["dgst", "-sha256", "-r"]),
    (
        "python3",
        &[
            "-c",
            "import hashlib,sys\nfor n in sys.argv[1:]: print(hashlib.sha256(open(n,'rb').read()).hexdigest().upper(), n)",
        ],
    ),
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 3, failure_persistence: None, ..ProptestConfig::default() })]

#[test]
fn tools_and_we_read_each_other(files in proptest::collection::btree_map("[a-z0-9][A-Za-z0-9._+-]{0,30}[a-z]", proptest::collection::vec(any::<u8>(), 0..200), 1..12)) {
    let folder = tempfile::tempdir().unwrap();
    let mut sums = Vec::new();
    for (name, bytes) in &files {
        // Where case is folded two names are one file.
        if sums.iter().any(|(other, _): &(String, String)| other.eq_ignore_ascii_case(name)) {
            continue;
        }
        #[expect(clippy::disallowed_methods, reason = "a leaf crate has no door; the folder is the test's own")]
        std::fs::write(folder.path().join(name), bytes).unwrap();
        sums.push((name.clone(), crate::sha256_hex(bytes)));
    }
    for (program, args) in WRITERS {
        let args: Vec<&str> = args.iter().copied().chain(sums.iter().map(|(name, _)| name.as_str())).collect();
        let Some(output) = tool(program, &args, folder.path(), b"") else { continue };
        prop_assert_eq!(&read(&output.stdout).unwrap(), &sums, "{} {:?}", program, args);
    }
    let text = write(&sums).unwrap();
    for (program, args) in [("sha256sum", &["-c", "--strict", "-"][..]), ("shasum", &["-a", "256", "-c", "--strict", "-"])] {
        let Some(output) = tool(program, args, folder.path(), text.as_bytes()) else { continue };
        prop_assert!(output.status.success() && output.stderr.is_empty(), "{:?}", output);
    }
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
