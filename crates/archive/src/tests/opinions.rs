//! What programs that we did not write say of our archives.

use std::path::Path;

use super::fixtures::{TOP, file, generated, packed, small, threads, tool, written};
use crate::Format;
use crate::blocks::BLOCK;

fn is_gnu_tar(folder: &Path) -> bool {
    tool("tar", &["--version"], folder, b"")
        .is_some_and(|output| String::from_utf8_lossy(&output.stdout).contains("GNU tar"))
}

#[test]
fn gnu_tar_agrees() {
    let folder = tempfile::tempdir().unwrap();
    if !is_gnu_tar(folder.path()) {
        return;
    }
    let long = format!("{}/{}", "d".repeat(120), "n".repeat(130));
    let mut entries = small();
    entries.push(file(&long, false, b"long\n"));
    let (bytes, _) = written(entries);
    let args = [
        "-tvzf",
        "-",
        "--full-time",
        "--quoting-style=literal",
        "--numeric-owner",
    ];
    let output = tool("tar", &args, folder.path(), &bytes).unwrap();
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{output:?}"
    );
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<String> = text
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    let day = "2026-11-22 00:00:00";
    let want = [
        format!("-rw-r--r-- 0/0 23 {day} {TOP}/B"),
        format!("-rw-r--r-- 0/0 1 {day} {TOP}/a-b"),
        format!("-rw-r--r-- 0/0 0 {day} {TOP}/a/b"),
        format!("lrwxrwxrwx 0/0 0 {day} {TOP}/bin/run -> ../run.sh"),
        format!("-rw-r--r-- 0/0 5 {day} {TOP}/{long}"),
        format!("-rwxr-xr-x 0/0 17 {day} {TOP}/run.sh"),
        format!("-rw-r--r-- 0/0 13 {day} {TOP}/src/main.rs"),
        format!("-rw-r--r-- 0/0 3 {day} {TOP}/\u{e4}.txt"),
    ];
    assert_eq!(lines, want);
}

#[expect(
    clippy::disallowed_methods,
    reason = "a leaf crate has no door; the folder is the test's own"
)]
fn keep(folder: &Path, name: &str, bytes: &[u8]) {
    std::fs::write(folder.join(name), bytes).unwrap();
}

/// What a tool said, after it ended well and complained of nothing; `None` where it is not installed.
fn said(folder: &Path, words: &[&str]) -> Option<String> {
    let (name, args) = words.split_first().unwrap();
    let output = tool(name, args, folder, b"")?;
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{words:?}: {output:?}"
    );
    Some(String::from_utf8(output.stdout).unwrap())
}

/// unzip, zipinfo, bsdtar and Python's zipfile: the entries, and that each is whole.
pub(super) fn zip_readers_agree(folder: &Path, bytes: &[u8], names: &[&str]) {
    keep(folder, "it.zip", bytes);
    if let Some(text) = said(folder, &["unzip", "-tq", "it.zip"]) {
        assert!(text.contains("No errors detected"), "{text}");
    }
    let python = "import zipfile; z = zipfile.ZipFile('it.zip'); print(z.testzip()); print(*z.namelist(), sep='\\n')";
    if let Some(text) = said(folder, &["python3", "-c", python]) {
        assert_eq!(text, format!("None\n{}\n", names.join("\n")));
    }
    for words in [
        &["zipinfo", "-1", "it.zip"][..],
        &["bsdtar", "-tf", "it.zip"],
    ] {
        if let Some(text) = said(folder, words) {
            assert_eq!(text.lines().collect::<Vec<_>>(), names, "{words:?}");
        }
    }
}

/// All files below a folder, as a person would compare them: path, mode, target of a link or content.
fn unpacked(folder: &Path) -> Vec<(String, u32, Vec<u8>)> {
    use std::os::unix::fs::PermissionsExt as _;
    let mut found = Vec::new();
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name() {
        let entry = entry.unwrap();
        if entry.file_type().is_dir() {
            continue;
        }
        let path = entry.path().strip_prefix(folder).unwrap();
        let (mode, data) = if entry.path_is_symlink() {
            let target = std::fs::read_link(entry.path()).unwrap();
            (0o777, target.into_os_string().into_encoded_bytes())
        } else {
            let mode = entry.metadata().unwrap().permissions().mode();
            (mode & 0o7777, std::fs::read(entry.path()).unwrap())
        };
        found.push((path.to_str().unwrap().to_owned(), mode, data));
    }
    found.sort();
    found
}

#[test]
fn every_unpacker_gives_the_tree() {
    let data = generated(3 * BLOCK);
    let tree = || {
        let mut entries = small();
        entries.push(file("large", true, &data));
        entries.push(file("folder/empty", false, b""));
        entries
    };
    let mut want: Vec<(String, u32, Vec<u8>)> = [
        ("B", 0o644, &b"upper case sorts first\n"[..]),
        ("a-b", 0o644, b"x"),
        ("a/b", 0o644, b""),
        ("bin/run", 0o777, b"../run.sh"),
        ("folder/empty", 0o644, b""),
        ("large", 0o755, &data),
        ("run.sh", 0o755, b"#!/bin/sh\nexit 0\n"),
        ("src/main.rs", 0o644, b"fn main() {}\n"),
        ("\u{e4}.txt", 0o644, "\u{e4}\n".as_bytes()),
    ]
    .map(|(path, mode, data)| (format!("{TOP}/{path}"), mode, data.to_vec()))
    .into();
    want.sort();
    let python_tar = "import tarfile; tarfile.open('it').extractall('.', filter='tar')";
    let ways: [(Format, &[&str]); 6] = [
        (Format::Tar, &["tar", "-xpf", "it"]),
        (Format::TarGz, &["tar", "-xpzf", "it"]),
        (Format::TarGz, &["bsdtar", "-xpf", "it"]),
        (Format::TarGz, &["python3", "-c", python_tar]),
        (Format::Zip, &["unzip", "-q", "it"]),
        (Format::Zip, &["bsdtar", "-xpf", "it"]),
    ];
    for (format, words) in ways {
        let folder = tempfile::tempdir().unwrap();
        let (bytes, _) = packed(format, tree(), &threads(2));
        keep(folder.path(), "it", &bytes);
        if said(folder.path(), words).is_some() {
            let mut found = unpacked(folder.path());
            found.retain(|(path, ..)| path != "it");
            assert!(found == want, "{words:?}: {found:?}");
        }
    }
    let folder = tempfile::tempdir().unwrap();
    keep(folder.path(), "it.gz", &written(tree()).0);
    said(folder.path(), &["gzip", "-t", "it.gz"]);
    said(folder.path(), &["pigz", "-t", "it.gz"]);
}

#[test]
fn the_listing_of_a_zip_is_what_is_promised() {
    let folder = tempfile::tempdir().unwrap();
    let (bytes, _) = packed(Format::Zip, small(), &threads(1));
    keep(folder.path(), "it.zip", &bytes);
    let Some(text) = said(folder.path(), &["zipinfo", "-T", "--h-t", "it.zip"]) else {
        return;
    };
    let lines: Vec<String> = text
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    let day = "20261122.000000";
    let want = [
        format!("-rw-r--r-- 2.0 unx 23 b- stor {day} {TOP}/B"),
        format!("-rw-r--r-- 2.0 unx 1 b- stor {day} {TOP}/a-b"),
        format!("-rw-r--r-- 2.0 unx 0 b- stor {day} {TOP}/a/b"),
        format!("lrwxrwxrwx 2.0 unx 9 b- stor {day} {TOP}/bin/run"),
        format!("-rwxr-xr-x 2.0 unx 17 b- stor {day} {TOP}/run.sh"),
        format!("-rw-r--r-- 2.0 unx 13 b- stor {day} {TOP}/src/main.rs"),
        format!("-rw-r--r-- 2.0 unx 3 b- stor {day} {TOP}/\u{e4}.txt"),
    ];
    assert_eq!(lines, want);
}
