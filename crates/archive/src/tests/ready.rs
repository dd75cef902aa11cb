//! Tar streams that come ready, as git prints them.

use std::io;

use super::fixtures::{Drip, file, generated, packed, small, threads, unzipped, written};
use crate::{Format, How, convert};

#[test]
fn gzip_of_the_tar_is_the_same_archive() {
    let data = generated(300_000);
    let mut entries = small();
    entries.push(file("data", false, &data));
    let (bytes, want) = written(entries);
    let tar = unzipped(&bytes);
    let mut again = Vec::new();
    assert_eq!(targz(tar.as_slice(), &mut again).unwrap(), want);
    assert_eq!(again, bytes);
    let mut dripped = Vec::new();
    assert_eq!(
        targz(Drip(tar.as_slice()), Drip(&mut dripped)).unwrap(),
        want
    );
    assert_eq!(dripped, bytes);
}

#[test]
fn gzip_refuses_what_is_no_whole_tar() {
    let (bytes, _) = written(small());
    let tar = unzipped(&bytes);
    for len in (0..tar.len()).step_by(256).chain([tar.len() - 1]) {
        targz(&tar[..len], io::sink()).expect_err("a tar that was cut off");
    }
    let zeros = unzipped(&written(vec![file("zeros", false, &[0; 4096])]).0);
    targz(&zeros[..zeros.len() - 1024], io::sink()).expect_err("zeros of a file are no end");
    let followed = [tar.as_slice(), &[0; 511], b"x"].concat();
    targz(followed.as_slice(), io::sink()).expect_err("something follows");
    let error = targz(&b"fatal: not a valid object name\n"[..], io::sink()).unwrap_err();
    assert!(
        format!("{error:#}").contains("could not read the tar stream"),
        "{error:#}"
    );
    let error = targz(&[7u8; 2048][..], io::sink()).unwrap_err();
    assert!(
        format!("{error:#}").contains("could not read the tar stream"),
        "{error:#}"
    );
    let padded: Vec<u8> = [tar.as_slice(), &[0; 8192]].concat();
    assert_eq!(
        targz(padded.as_slice(), io::sink()).unwrap().entries,
        7,
        "padding to a record is fine"
    );
}

fn targz(tar: impl io::Read, out: impl io::Write) -> anyhow::Result<crate::Written> {
    convert(Format::TarGz, tar, out, &How::default())
}

/// A tar stream with one entry of any type.
fn single(kind: ::tar::EntryType, path: &str, target: &str) -> Vec<u8> {
    let mut builder = ::tar::Builder::new(Vec::new());
    let mut header = ::tar::Header::new_ustar();
    header.set_entry_type(kind);
    header.set_size(0);
    header.set_mode(0o644);
    header.set_mtime(0);
    let name = &mut header.as_ustar_mut().unwrap().name;
    name[..path.len()].copy_from_slice(path.as_bytes());
    if !target.is_empty() {
        header.set_link_name_literal(target).unwrap();
    }
    header.set_cksum();
    builder.append(&header, io::empty()).unwrap();
    builder.into_inner().unwrap()
}

#[test]
fn what_is_dangerous_in_a_stream_is_refused_by_name() {
    use ::tar::EntryType;
    let table = [
        (EntryType::Fifo, "t/pipe", "", "`t/pipe` is neither"),
        (EntryType::Char, "t/tty", "", "`t/tty` is neither"),
        (EntryType::Block, "t/disk", "", "`t/disk` is neither"),
        (EntryType::Link, "t/hard", "t/x", "`t/hard` is neither"),
        (EntryType::Regular, "t/../x", "", "`t/../x` holds `..`"),
        (EntryType::Regular, "/etc/x", "", "`/etc/x` is absolute"),
        (EntryType::Symlink, "t/l", "../x", "out of the archive"),
        (EntryType::Symlink, "t/l", "/etc", "absolute"),
    ];
    for (kind, path, target, want) in table {
        let tar = single(kind, path, target);
        for format in [Format::Tar, Format::TarGz, Format::Zip] {
            let error = convert(format, tar.as_slice(), io::sink(), &How::default()).unwrap_err();
            let message = format!("{error:#}");
            assert!(message.contains(want), "{message}");
        }
    }
    for (kind, path, target) in [
        (EntryType::Regular, "t/x", ""),
        (EntryType::Directory, "t/d/", ""),
        (EntryType::Symlink, "t/d/l", "../x"),
    ] {
        targz(single(kind, path, target).as_slice(), io::sink()).unwrap();
    }
}

#[test]
fn a_stream_becomes_the_zip_of_its_files() {
    let data = generated(300_000);
    let mut entries = small();
    entries.push(file("data", false, &data));
    let (tar, _) = packed(Format::Tar, entries, &threads(1));
    let mut entries = small();
    entries.push(file("data", false, &data));
    let (want, _) = packed(Format::Zip, entries, &threads(1));
    let mut zip = Vec::new();
    convert(Format::Zip, tar.as_slice(), &mut zip, &threads(2)).unwrap();
    assert!(zip == want, "the same entries are the same bytes");
    for len in [tar.len() - 1, tar.len() - 1024, 700] {
        convert(Format::Zip, &tar[..len], io::sink(), &threads(1)).expect_err("cut off");
    }
}
