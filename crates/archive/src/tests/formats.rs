//! One hash a format, held beside what it means: the same bytes on every machine and in every year.

use super::fixtures::{file, generated, packed, small, threads};
use crate::{Entry, Format, Written};

const FORMATS: [Format; 3] = [Format::Tar, Format::TarGz, Format::Zip];

fn hashes<'a>(entries: impl Fn() -> Vec<Entry<'a>>) -> [Written; 3] {
    FORMATS.map(|format| packed(format, entries(), &threads(2)).1)
}

/// What each format says, and that only a compressor, its level or the size of blocks may have changed it.
fn hold(written: &[Written; 3], want: [&str; 3]) {
    let got = written.each_ref().map(|written| written.sha256.as_str());
    assert_eq!(got, want, "see flate2 in the root Cargo.toml");
    let [tar, gz, zip] = written;
    assert_eq!(tar.tar_sha256.as_deref(), Some(tar.sha256.as_str()));
    assert_eq!(gz.tar_sha256, tar.tar_sha256);
    assert_eq!(gz.read, tar.size);
    assert_eq!(zip.tar_sha256, None);
    assert!(written.iter().all(|one| one.entries == tar.entries));
}

#[test]
fn a_small_tree_is_golden() {
    let written = hashes(small);
    hold(
        &written,
        [
            "20c0b068b1d2de26ff389838bc6d38ef2c8357ccef5caf2add7b33794e6d4dc8",
            "53b361e0834b35bd82799020fb49bb8dd4402310475e51951b8ab2ff1b2c14c8",
            "25f64b0fd0e353d24a8fe7a835d070714248975a6cb2e1598d2a3e9e340458c1",
        ],
    );
    assert_eq!(written[0].entries, 7);
    assert_eq!(written[2].read, 66, "data and targets of links alone");
    let (bytes, _) = packed(Format::TarGz, small(), &threads(1));
    let header = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    assert_eq!(bytes[..10], header, "gzip header of RFC 1952");
}

#[test]
fn large_data_is_golden() {
    let data = generated(6 << 20);
    let written = hashes(|| {
        vec![
            file("data.bin", false, &data),
            file("z", true, &data[..70_001]),
        ]
    });
    hold(
        &written,
        [
            "aa72914eef51c94fbc90a2a08ff108b5ed00da3202a96b46a0f13b93f063288d",
            "b47f5715d893f9af6a3c27486c4e2ac03945a1dc378d21f2f011ec856c5ee4d9",
            "1daa6ca3a6cc284450ef55e2f8d0d10fabbbe58969d931ea0323e63e3b905384",
        ],
    );
}
