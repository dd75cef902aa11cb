//! Tar streams that come ready, as git prints them.

use std::io;

use super::fixtures::{Drip, file, generated, small, unzipped, written};
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
