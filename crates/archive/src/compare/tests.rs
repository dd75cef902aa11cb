//! One archive against another that differs in one thing, and the words for it.

use std::io::{Cursor, Write as _};

use flate2::Compression;
use flate2::write::GzEncoder;
use tar::{EntryType, Header};

use super::{Compared, compare};

/// An entry of a tar as a careless program writes it.
#[derive(Clone)]
struct Raw {
    name: &'static str,
    kind: EntryType,
    mode: u32,
    mtime: u64,
    uid: u64,
    link: &'static str,
    data: Vec<u8>,
}

fn file(name: &'static str, data: impl AsRef<[u8]>) -> Raw {
    Raw {
        name,
        kind: EntryType::Regular,
        mode: 0o644,
        mtime: 7,
        uid: 0,
        link: "",
        data: data.as_ref().to_vec(),
    }
}

fn tar(entries: &[Raw]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for raw in entries {
        let mut header = Header::new_ustar();
        header.set_path(raw.name).unwrap();
        header.set_entry_type(raw.kind);
        header.set_mode(raw.mode);
        header.set_mtime(raw.mtime);
        header.set_uid(raw.uid);
        header.set_gid(0);
        header.set_size(raw.data.len() as u64);
        if !raw.link.is_empty() {
            header.set_link_name(raw.link).unwrap();
        }
        header.set_cksum();
        builder.append(&header, raw.data.as_slice()).unwrap();
    }
    builder.into_inner().unwrap()
}

fn gz(bytes: &[u8], level: u32) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(level));
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A zip with stored entries: name, mode, content.
fn zip(entries: &[(&str, u32, &str)]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, mode, data) in entries {
        let at = u32::try_from(out.len()).unwrap();
        let (name_len, len) = (name.len() as u16, data.len() as u32);
        // Version, flags, method, time, date; the checksum is not looked at here.
        let mut shared = vec![20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0x50];
        shared.extend([0; 4]);
        shared.extend(len.to_le_bytes());
        shared.extend(len.to_le_bytes());
        shared.extend(name_len.to_le_bytes());
        shared.extend([0; 2]);
        out.extend(b"PK\x03\x04");
        out.extend(&shared);
        out.extend(name.bytes());
        out.extend(data.bytes());
        directory.extend(b"PK\x01\x02\x14\x03");
        directory.extend(&shared);
        directory.extend([0; 6]);
        directory.extend((mode << 16).to_le_bytes());
        directory.extend(at.to_le_bytes());
        directory.extend(name.bytes());
    }
    let at = u32::try_from(out.len()).unwrap();
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    let count = (entries.len() as u16).to_le_bytes();
    out.extend(count);
    out.extend(count);
    out.extend((directory.len() as u32).to_le_bytes());
    out.extend(at.to_le_bytes());
    out.extend([0; 2]);
    out
}

/// All that is said of two files, a line each.
#[track_caller]
fn said(first: &[u8], second: &[u8]) -> String {
    match compare(Cursor::new(first), Cursor::new(second)).unwrap() {
        Compared::Same => "same".to_owned(),
        Compared::Recompressed { what } => format!("same {what}"),
        Compared::Differs { first, more } => {
            let mut lines: Vec<String> = first.iter().map(ToString::to_string).collect();
            if more > 0 {
                lines.push(format!("and {more} more"));
            }
            lines.join("\n")
        }
    }
}

#[test]
fn every_way_to_differ_has_its_words() {
    let base = [file("t/a", "one\nbuilt at 10:00\n"), file("t/b", "b")];
    let with = |at: usize, change: &dyn Fn(&mut Raw)| {
        let mut entries = base.to_vec();
        change(&mut entries[at]);
        entries
    };
    let link = |link| Raw {
        kind: EntryType::Symlink,
        link,
        ..file("t/l", "")
    };
    let table = [
        (base.to_vec(), base.to_vec(), "same"),
        (
            base.to_vec(),
            with(0, &|raw| raw.data = b"one\nbuilt at 10:05\n".to_vec()),
            "t/a: differs at byte 17: 0x30 and 0x35; `built at 10:00` and `built at 10:05`",
        ),
        (
            base.to_vec(),
            with(1, &|raw| raw.data = b"b\0".to_vec()),
            "t/b: differs at byte 1: the end and 0x00",
        ),
        (
            base.to_vec(),
            with(1, &|raw| raw.mode = 0o600),
            "t/b: the mode differs: 0644 and 0600",
        ),
        (
            base.to_vec(),
            with(1, &|raw| raw.mtime = 8),
            "t/b: the time differs: 7 s and 8 s",
        ),
        (
            base.to_vec(),
            with(1, &|raw| raw.uid = 1000),
            "t/b: the owner differs: 0:0 (:) and 1000:0 (:)",
        ),
        (
            vec![link("a")],
            vec![link("b")],
            "t/l: the link target differs: `a` and `b`",
        ),
        (
            vec![link("a")],
            vec![file("t/l", "")],
            "t/l: the kind differs: symbolic link and file\nt/l: the link target differs: `a` and none",
        ),
        (base.to_vec(), base[..1].to_vec(), "t/b: only in the first"),
        (base[1..].to_vec(), base.to_vec(), "t/a: only in the second"),
        (
            base.to_vec(),
            vec![base[1].clone(), base[0].clone()],
            "the order of the entries differs: t/a stands where the second has t/b",
        ),
    ];
    for (first, second, want) in table {
        let (first, second) = (tar(&first), tar(&second));
        assert_eq!(said(&first, &second), want);
        assert_eq!(said(&gz(&first, 6), &gz(&second, 6)), want);
    }
}

#[test]
fn another_compression_is_said_to_be_only_that() {
    let bytes = tar(&[file("t/a", "abcabcabc".repeat(999))]);
    assert_eq!(said(&gz(&bytes, 1), &gz(&bytes, 9)), "same tar");
    let data = "abcabcabc".repeat(999);
    assert_eq!(
        said(&gz(data.as_bytes(), 1), &gz(data.as_bytes(), 9)),
        "same data"
    );
    let other = data.replacen("abc", "abd", 2);
    assert_eq!(
        said(&gz(data.as_bytes(), 6), &gz(other.as_bytes(), 6)),
        "differs at byte 2 of the uncompressed data: 0x63 and 0x64; `abcabcabcabcabcabcabcabcabcabcabcabcabcabc` and `abdabdabcabcabcabcabcabcabcabcabcabcabcabc`"
    );
}

#[test]
fn bytes_that_no_entry_shows_are_found_too() {
    let one = tar(&[file("t/a", "a")]);
    let mut two = one.clone();
    // The padding behind the content.
    two[512 + 300] = 1;
    assert_eq!(
        said(&one, &two),
        "differs at byte 812 of the tar, outside of what its entries say: 0x00 and 0x01"
    );
}

#[test]
fn a_zip_is_compared_by_entry() {
    let one = zip(&[("t/a", 0o100_644, "one"), ("t/b", 0o100_755, "two")]);
    assert_eq!(said(&one, &one), "same");
    let two = zip(&[("t/a", 0o100_644, "ons"), ("t/b", 0o100_644, "two")]);
    assert_eq!(
        said(&one, &two),
        "t/a: differs at byte 2: 0x65 and 0x73; `one` and `ons`\nt/b: the mode differs: 0755 and 0644"
    );
    let two = zip(&[("t/b", 0o100_755, "two"), ("t/a", 0o100_644, "one")]);
    assert_eq!(
        said(&one, &two),
        "the order of the entries differs: t/a stands where the second has t/b"
    );
}

#[test]
fn anything_else_is_compared_byte_by_byte() {
    let far = vec![b'x'; 200_000];
    let mut other = far.clone();
    other[150_000] = 0;
    assert_eq!(said(&far, &other), "differs at byte 150000: 0x78 and 0x00");
    assert_eq!(
        said(b"a\xffb", b"a\xffc"),
        "differs at byte 2: 0x62 and 0x63"
    );
    assert_eq!(
        said(b"", b"x"),
        "differs at byte 0: the end and 0x78; `` and `x`"
    );
    // Broken archives are told by their bytes, not by a failure to read them.
    let whole = gz(&tar(&[file("t/a", "abc".repeat(99))]), 6);
    let cut = &whole[..whole.len() / 2];
    assert!(
        said(&whole, cut).ends_with("and the end"),
        "{}",
        said(&whole, cut)
    );
    let zipped = zip(&[("a", 0o100_644, "a")]);
    assert!(said(&zipped, &zipped[..20]).ends_with("and the end"));
}

#[test]
fn no_more_is_told_than_a_person_reads() {
    let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"];
    let one: Vec<Raw> = names.iter().map(|name| file(name, "1")).collect();
    let two: Vec<Raw> = names.iter().map(|name| file(name, "2")).collect();
    let said = said(&tar(&one), &tar(&two));
    assert_eq!(said.lines().count(), 9, "{said}");
    assert!(said.ends_with("and 3 more"), "{said}");
}
