//! Golden bytes beside semantic checks: a hash alone would also freeze a mistake.

use std::io::{self, Cursor, Read};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use proptest::prelude::{ProptestConfig, any, prop_assert_eq, proptest};

use super::{Entry, Kind, Written, gzip, sha256_hex, sha256_of, sums, tar_gz};

mod refusals;
mod sbom;

/// 2026-11-22 00:00:00 UTC
const MTIME: u64 = 1_795_305_600;
const TOP: &str = "app-v1.0.0-mvp";

fn file<'a>(path: &str, executable: bool, data: &'a [u8]) -> Entry<'a> {
    let kind = Kind::File {
        executable,
        len: data.len() as u64,
        data: Box::new(data),
    };
    Entry {
        path: path.to_owned(),
        kind,
    }
}

fn link<'a>(path: &str, target: &str) -> Entry<'a> {
    Entry {
        path: path.to_owned(),
        kind: Kind::Symlink {
            target: target.to_owned(),
        },
    }
}

fn written(entries: Vec<Entry<'_>>) -> (Vec<u8>, Written) {
    let mut bytes = Vec::new();
    let written = tar_gz(&mut bytes, TOP, MTIME, entries).unwrap();
    assert_eq!(written.size, bytes.len() as u64);
    assert_eq!(written.sha256, sha256_hex(&bytes));
    (bytes, written)
}

fn small() -> Vec<Entry<'static>> {
    // Out of order, and `a-b` against `a/b`: `-` sorts before `/` in raw bytes only.
    vec![
        file("src/main.rs", false, b"fn main() {}\n"),
        file("run.sh", true, b"#!/bin/sh\nexit 0\n"),
        file("a/b", false, b""),
        file("a-b", false, b"x"),
        file("\u{e4}.txt", false, "\u{e4}\n".as_bytes()),
        link("bin/run", "../run.sh"),
        file("B", false, b"upper case sorts first\n"),
    ]
}

/// Data that compresses somewhat, the same on every machine: a linear congruential generator
/// (constants of Knuth's MMIX) that picks words.
fn generated(len: usize) -> Vec<u8> {
    let words = [
        "release ",
        "gate ",
        "tag ",
        "draft\n",
        "0123456789",
        "\t{\"a\":1}",
        "\u{e9}",
        "zz",
    ];
    let mut state = 1u64;
    let mut data = Vec::with_capacity(len + 16);
    while data.len() < len {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        data.extend_from_slice(words[(state >> 61) as usize].as_bytes());
        data.push((state >> 40) as u8);
    }
    data.truncate(len);
    data
}

fn unzipped(bytes: &[u8]) -> Vec<u8> {
    let mut tar = Vec::new();
    flate2::read::GzDecoder::new(bytes)
        .read_to_end(&mut tar)
        .unwrap();
    tar
}

#[test]
fn small_tree_is_golden() {
    let (bytes, written) = written(small());
    assert_eq!(
        written.tar_sha256,
        "20c0b068b1d2de26ff389838bc6d38ef2c8357ccef5caf2add7b33794e6d4dc8"
    );
    assert_eq!(
        written.sha256,
        "5e9f96b45113ac030fa04f34a963a542241349f91413af2d888d68beeae06521"
    );
    assert_eq!((written.entries, written.size), (7, 298));
    assert_eq!(
        bytes[..10],
        [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255],
        "gzip header of RFC 1952"
    );
}

#[test]
fn big_data_is_golden() {
    let data = generated(6 << 20);
    let (_, written) = written(vec![
        file("data.bin", false, &data),
        file("z", true, &data[..70_001]),
    ]);
    assert_eq!(
        written.tar_sha256,
        "aa72914eef51c94fbc90a2a08ff108b5ed00da3202a96b46a0f13b93f063288d"
    );
    assert_eq!(
        written.sha256, "62da670a555e396e4e2e8caa211426b27107ac92282fe6d6d5f943196198249f",
        "another compressor, level or chunking? see flate2 in the root Cargo.toml"
    );
}

#[test]
fn small_tree_reads_back() {
    let (bytes, _) = written(small());
    let tar = unzipped(&bytes);
    assert_eq!(tar.len() % 512, 0);
    let mut seen = Vec::new();
    for entry in tar::Archive::new(tar.as_slice()).entries().unwrap() {
        let mut entry = entry.unwrap();
        let header = entry.header().clone();
        assert_eq!((header.uid().unwrap(), header.gid().unwrap()), (0, 0));
        assert_eq!(
            (header.username().unwrap(), header.groupname().unwrap()),
            (Some(""), Some(""))
        );
        assert_eq!(header.mtime().unwrap(), MTIME);
        assert!(header.as_ustar().is_some() && header.as_gnu().is_none());
        let mut data = String::new();
        entry.read_to_string(&mut data).unwrap();
        let target = entry
            .link_name()
            .unwrap()
            .map(|target| target.to_str().unwrap().to_owned());
        let path = entry.path().unwrap().to_str().unwrap().to_owned();
        seen.push((path, header.mode().unwrap(), target, data));
    }
    let want = [
        ("B", 0o644, None, "upper case sorts first\n"),
        ("a-b", 0o644, None, "x"),
        ("a/b", 0o644, None, ""),
        ("bin/run", 0o777, Some("../run.sh"), ""),
        ("run.sh", 0o755, None, "#!/bin/sh\nexit 0\n"),
        ("src/main.rs", 0o644, None, "fn main() {}\n"),
        ("\u{e4}.txt", 0o644, None, "\u{e4}\n"),
    ];
    let want = want.map(|(path, mode, target, data)| {
        (
            format!("{TOP}/{path}"),
            mode,
            target.map(str::to_owned),
            data.to_owned(),
        )
    });
    assert_eq!(seen, want);
}

/// Runs a tool of the system, or says that it is missing: these checks are second opinions.
pub(crate) fn tool(name: &str, args: &[&str], folder: &Path, input: &[u8]) -> Option<Output> {
    #[expect(
        clippy::disallowed_methods,
        reason = "a leaf crate has no door; this asks a second opinion in a test"
    )]
    let mut command = Command::new(name);
    command
        .args(args)
        .current_dir(folder)
        .env("LC_ALL", "C.UTF-8")
        .env("TZ", "UTC");
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => {
            println!("no second opinion from `{name}`: {error}");
            return None;
        }
    };
    let mut stdin = child.stdin.take().unwrap();
    // A tool that has read enough closes the pipe; its output tells the rest.
    if let Err(error) = io::Write::write_all(&mut stdin, input) {
        println!("`{name}` stopped reading: {error}");
    }
    drop(stdin);
    Some(child.wait_with_output().unwrap())
}

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

#[test]
fn long_paths_and_targets_survive() {
    let split = format!("{}/{}", "a".repeat(130), "b".repeat(100));
    let name_101 = "c".repeat(101);
    let deep = vec!["d".repeat(90); 5].join("/");
    let accents = "\u{e9}".repeat(120);
    let target = format!("{deep}/x");
    let entries = vec![
        file(&split, false, b"1"),
        file(&name_101, false, b"2"),
        file(&deep, true, b"3"),
        file(&accents, false, b"4"),
        link("short", &target),
    ];
    let (bytes, written) = written(entries);
    assert_eq!(written.entries, 5);
    let tar = unzipped(&bytes);
    let mut found = Vec::new();
    for entry in tar::Archive::new(tar.as_slice()).entries().unwrap() {
        let mut entry = entry.unwrap();
        let pax = entry.pax_extensions().unwrap().map_or(0, Iterator::count);
        let path = String::from_utf8(entry.path_bytes().into_owned()).unwrap();
        let link = entry
            .link_name_bytes()
            .map(|link| String::from_utf8(link.into_owned()).unwrap());
        found.push((path, link, pax));
    }
    let want = [
        (split, None, 0),
        (name_101, None, 1),
        (deep, None, 1),
        ("short".to_owned(), Some(target), 1),
        (accents, None, 1),
    ];
    assert_eq!(
        found,
        want.map(|(path, link, pax)| (format!("{TOP}/{path}"), link, pax))
    );
}

#[test]
fn ustar_boundaries() {
    for (len, pax) in [(100, 0), (101, 1)] {
        let (bytes, _) = written(vec![file(&"n".repeat(len), false, b"")]);
        assert_eq!(
            unzipped(&bytes).len(),
            512 * (3 + 2 * pax),
            "a name of {len} bytes"
        );
    }
    let (bytes, _) = written(vec![file(
        &format!("{}/{}", "p".repeat(140), "n".repeat(100)),
        false,
        b"",
    )]);
    assert_eq!(unzipped(&bytes).len(), 512 * 3, "155 + 1 + 100 bytes fit");
    let (bytes, _) = written(vec![file(
        &format!("{}/{}", "p".repeat(141), "n".repeat(100)),
        false,
        b"",
    )]);
    assert_eq!(
        unzipped(&bytes).len(),
        512 * 5,
        "a prefix of 156 bytes does not"
    );
}

/// A reader or writer that passes one byte at a time.
struct Drip<T>(T);

impl<T: Read> Read for Drip<T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = buffer.len().min(1);
        self.0.read(&mut buffer[..len])
    }
}

impl<T: io::Write> io::Write for Drip<T> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.0.write(&data[..data.len().min(1)])
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[test]
fn gzip_of_the_tar_is_the_same_archive() {
    let data = generated(300_000);
    let mut entries = small();
    entries.push(file("data", false, &data));
    let (bytes, want) = written(entries);
    let tar = unzipped(&bytes);
    let mut again = Vec::new();
    assert_eq!(gzip(tar.as_slice(), &mut again).unwrap(), want);
    assert_eq!(again, bytes);
    let mut dripped = Vec::new();
    assert_eq!(
        gzip(Drip(tar.as_slice()), Drip(&mut dripped)).unwrap(),
        want
    );
    assert_eq!(dripped, bytes);
}

#[test]
fn gzip_refuses_what_is_no_whole_tar() {
    let (bytes, _) = written(small());
    let tar = unzipped(&bytes);
    for len in (0..tar.len()).step_by(256).chain([tar.len() - 1]) {
        gzip(&tar[..len], io::sink()).expect_err("a tar that was cut off");
    }
    let zeros = unzipped(&written(vec![file("zeros", false, &[0; 4096])]).0);
    gzip(&zeros[..zeros.len() - 1024], io::sink()).expect_err("zeros of a file are no end");
    let followed = [tar.as_slice(), &[0; 511], b"x"].concat();
    gzip(followed.as_slice(), io::sink()).expect_err("something follows");
    let error = gzip(&b"fatal: not a valid object name\n"[..], io::sink()).unwrap_err();
    assert!(
        format!("{error:#}").contains("could not read the tar stream"),
        "{error:#}"
    );
    let error = gzip(&[7u8; 2048][..], io::sink()).unwrap_err();
    assert!(
        format!("{error:#}").contains("could not read the tar stream"),
        "{error:#}"
    );
    let padded: Vec<u8> = [tar.as_slice(), &[0; 8192]].concat();
    assert_eq!(
        gzip(padded.as_slice(), io::sink()).unwrap().entries,
        7,
        "padding to a record is fine"
    );
}

/// Takes some bytes, then fails as a full disk does.
struct Full(usize);

impl io::Write for Full {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.0 = self
            .0
            .checked_sub(data.len())
            .ok_or(io::ErrorKind::StorageFull)?;
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_full_disk_is_an_error_wherever_it_strikes() {
    let data = generated(200_000);
    let size = written(vec![file("d", false, &data)]).1.size as usize;
    for room in [0, 5, 100, size / 2, size - 1] {
        tar_gz(Full(room), TOP, MTIME, vec![file("d", false, &data)]).expect_err("no room");
    }
    tar_gz(Full(size), TOP, MTIME, vec![file("d", false, &data)]).unwrap();
}

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

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn order_of_the_entries_does_not_matter(names in proptest::collection::btree_set("[a-z]{1,4}(/[0-9]{1,4}){0,3}", 1..12), seed in any::<usize>()) {
        let folders: Vec<&str> = names.iter().flat_map(|name| name.match_indices('/').map(|(at, _)| &name[..at])).collect();
        let names: Vec<&String> = names.iter().filter(|name| !folders.contains(&name.as_str())).collect();
        let entries = |shift: usize| -> Vec<Entry<'_>> {
            let (head, tail) = names.split_at(shift % names.len());
            tail.iter().chain(head).map(|name| file(name, false, name.as_bytes())).collect()
        };
        prop_assert_eq!(written(entries(0)), written(entries(seed)));
    }
}
