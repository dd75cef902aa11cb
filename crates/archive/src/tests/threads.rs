//! The same bytes with any number of threads, and however the input was cut.

use std::io::Read;

use flate2::read::{GzDecoder, MultiGzDecoder};

use super::fixtures::{Drip, MTIME, TOP, file, generated, packed, small, threads};
use crate::blocks::BLOCK;
use crate::{Entry, Format, Kind, write};

/// Small files, files of several blocks, and ones that end where a block ends.
fn tree(data: &[u8]) -> Vec<Entry<'_>> {
    let mut entries = small();
    // With the headers before it, the tar stream is cut where this file ends: 7 + 1 headers, 5 small blocks.
    for (name, len) in [
        ("d/one", BLOCK),
        ("d/less", BLOCK - 1),
        ("d/more", BLOCK + 1),
        ("d/many", 9 * BLOCK + 77),
        ("d/three", 3 * BLOCK),
        ("d/z", 5),
    ] {
        entries.push(file(name, false, &data[..len]));
    }
    entries
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    let data = generated(10 * BLOCK);
    for format in [Format::Tar, Format::TarGz, Format::Zip] {
        let want = packed(format, tree(&data), &threads(1));
        for number in [0, 2, 3, 8, 1000] {
            let got = packed(format, tree(&data), &threads(number));
            assert!(got == want, "{format:?} with {number} threads");
        }
    }
}

#[test]
fn the_sizes_of_the_reads_change_no_byte() {
    let data = generated(3 * BLOCK);
    let dripping = |path: &str, len: usize| Entry {
        path: path.to_owned(),
        kind: Kind::File {
            executable: false,
            len: len as u64,
            data: Box::new(Drip(&data[..len])),
        },
    };
    for format in [Format::Tar, Format::TarGz, Format::Zip] {
        let whole = vec![file("a", false, &data), file("b", false, &data[..BLOCK])];
        let want = packed(format, whole, &threads(1));
        let drip = || vec![dripping("a", data.len()), dripping("b", BLOCK)];
        assert!(packed(format, drip(), &threads(3)) == want, "{format:?}");
        let mut bytes = Vec::new();
        let out = Drip(&mut bytes);
        write(format, out, TOP, MTIME, drip(), &threads(2)).unwrap();
        assert!(bytes == want.0, "{format:?}, written in drips");
    }
}

/// A tar stream of exactly so many bytes: one file, its header before it and the end behind it.
fn tar_of(len: usize, data: &[u8]) -> Vec<Entry<'_>> {
    vec![file("x", false, &data[..len - 3 * 512])]
}

#[test]
fn a_stream_that_ends_with_a_block_is_one_whole_stream() {
    let data = generated(3 * BLOCK);
    for len in [BLOCK - 512, BLOCK, BLOCK + 512, 2 * BLOCK, 2 * BLOCK + 512] {
        for number in [1, 3] {
            let (bytes, written) = packed(Format::TarGz, tar_of(len, &data), &threads(number));
            assert_eq!(written.read, len as u64);
            let mut single = GzDecoder::new(bytes.as_slice());
            let mut tar = Vec::new();
            single.read_to_end(&mut tar).unwrap();
            assert_eq!(tar.len(), len);
            assert!(tar[512..].starts_with(&data[..len - 3 * 512]));
            let mut all = Vec::new();
            let mut members = MultiGzDecoder::new(bytes.as_slice());
            members.read_to_end(&mut all).unwrap();
            assert_eq!(all.len(), len, "one member, and nothing behind it");
        }
    }
}

#[test]
fn a_dictionary_reaches_over_the_end_of_a_block() {
    // Noise that repeats every 20 KB: only who looks back over the cut finds it.
    let mut noise = generated(20_000);
    let mut state = 7u64;
    for byte in &mut noise {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        *byte = (state >> 56) as u8;
    }
    let data = noise.repeat(20 * BLOCK / noise.len());
    let (bytes, _) = packed(Format::TarGz, vec![file("x", false, &data)], &threads(2));
    let without = noise.len() * (data.len() / BLOCK);
    assert!(bytes.len() < without / 4, "{} of {without}", bytes.len());
}

#[test]
fn progress_counts_what_came_in() {
    let data = generated(4 * BLOCK);
    for format in [Format::Tar, Format::TarGz, Format::Zip] {
        let seen = std::cell::RefCell::new(Vec::new());
        let how = crate::How {
            threads: 2,
            progress: &|bytes| seen.borrow_mut().push(bytes),
        };
        let (_, written) = packed(format, vec![file("x", false, &data)], &how);
        let seen = seen.into_inner();
        assert!(seen.is_sorted() && seen.len() >= 4, "{seen:?}");
        assert_eq!(seen.last(), Some(&written.read));
    }
}
