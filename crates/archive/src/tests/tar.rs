//! The tar inside: what is promised of each entry, and where PAX headers begin.

use std::io::Read;

use super::fixtures::{MTIME, TOP, file, link, small, unzipped, written};

#[test]
fn small_tree_reads_back() {
    let (bytes, _) = written(small());
    let tar = unzipped(&bytes);
    assert_eq!(tar.len() % 512, 0);
    let mut seen = Vec::new();
    for entry in ::tar::Archive::new(tar.as_slice()).entries().unwrap() {
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
    for entry in ::tar::Archive::new(tar.as_slice()).entries().unwrap() {
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
