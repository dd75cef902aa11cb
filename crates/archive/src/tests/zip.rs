//! Zip archives, read back field by field and by programs that we did not write.

use super::fixtures::{MTIME, TOP, file, generated, link, packed, small, threads};
use crate::blocks::BLOCK;
use crate::zip::{Limits, Zip, dos_time};
use crate::{Format, How, Kind};

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(bytes[at..at + 2].try_into().unwrap())
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}

/// Name, flags, method and attributes of each entry in the central directory, which is found from the end.
fn directory(bytes: &[u8]) -> Vec<(String, u16, u16, u32)> {
    let end = bytes.len() - 22;
    assert_eq!(u32_at(bytes, end), 0x0605_4b50);
    let mut at = u32_at(bytes, end + 16) as usize;
    let mut entries = Vec::new();
    for _ in 0..u16_at(bytes, end + 10) {
        assert_eq!(u32_at(bytes, at), 0x0201_4b50);
        assert_eq!(u16_at(bytes, at + 4) >> 8, 3, "made on Unix");
        assert_eq!(u16_at(bytes, at + 30), 0, "no extra field");
        let len = usize::from(u16_at(bytes, at + 28));
        let name = String::from_utf8(bytes[at + 46..at + 46 + len].to_vec()).unwrap();
        let local = u32_at(bytes, at + 42) as usize;
        assert_eq!(bytes[local + 30..local + 30 + len], *name.as_bytes());
        assert_eq!(u32_at(bytes, local + 10), u32_at(bytes, at + 12), "time");
        entries.push((
            name,
            u16_at(bytes, at + 8),
            u16_at(bytes, at + 10),
            u32_at(bytes, at + 38),
        ));
        at += 46 + len;
    }
    assert_eq!(at, end, "nothing between directory and end");
    entries
}

#[test]
fn the_fields_are_what_is_promised() {
    let data = generated(2 * BLOCK);
    let mut entries = small();
    entries.push(file("large", true, &data));
    let (bytes, written) = packed(Format::Zip, entries, &threads(2));
    assert_eq!((written.entries, written.tar_sha256), (8, None));
    let mode = |mode: u32| mode << 16;
    let want = [
        ("B", 0x800, 0, mode(0o100_644)),
        ("a-b", 0x800, 0, mode(0o100_644)),
        ("a/b", 0x800, 0, mode(0o100_644)),
        ("bin/run", 0x800, 0, mode(0o120_777)),
        ("large", 0x808, 8, mode(0o100_755)),
        ("run.sh", 0x800, 0, mode(0o100_755)),
        ("src/main.rs", 0x800, 0, mode(0o100_644)),
        ("\u{e4}.txt", 0x800, 0, mode(0o100_644)),
    ];
    let want =
        want.map(|(name, flags, method, mode)| (format!("{}/{name}", TOP), flags, method, mode));
    assert_eq!(directory(&bytes), want);
}

#[test]
fn times_are_those_of_dos_in_utc() {
    let fields = |mtime| {
        let time = dos_time(mtime).unwrap();
        let (date, time) = (time >> 16, time & 0xffff);
        (
            (1980 + (date >> 9), date >> 5 & 15, date & 31),
            (time >> 11, time >> 5 & 63, (time & 31) * 2),
        )
    };
    assert_eq!(fields(MTIME + 45_296), ((2026, 11, 22), (12, 34, 56)));
    assert_eq!(fields(MTIME + 45_297), ((2026, 11, 22), (12, 34, 56)));
    for early in [0, 315_532_799] {
        assert_eq!(fields(early), ((1980, 1, 1), (0, 0, 0)));
    }
    assert_eq!(fields(951_782_400), ((2000, 2, 29), (0, 0, 0)));
    assert_eq!(fields(4_354_819_199), ((2107, 12, 31), (23, 59, 58)));
    let late = dos_time(4_354_819_200).unwrap_err().to_string();
    assert!(late.contains("before 2108"), "{late}");
}

/// A small archive with the fields of a very large one.
fn zip64(limits: Limits) -> Vec<u8> {
    let data = generated(2 * BLOCK);
    let how = How::default();
    let mut bytes = Vec::new();
    let mut zip = Zip::new(&mut bytes, &how, limits);
    for (path, len) in [("t/a", data.len()), ("t/b", 100), ("t/c", data.len())] {
        let kind = Kind::File {
            executable: false,
            len: len as u64,
            data: Box::new(&data[..len]),
        };
        zip.append(path, MTIME, kind).unwrap();
    }
    let target = "a".to_owned();
    zip.append("t/l", MTIME, Kind::Symlink { target }).unwrap();
    assert_eq!(zip.finish().unwrap().entries, 4);
    bytes
}

#[test]
fn what_is_too_large_for_32_bits_is_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let all = Limits {
        bytes: 2000,
        entries: 3,
    };
    let some = Limits {
        bytes: 200_000,
        entries: 100,
    };
    for (limits, locator) in [(all, true), (some, false)] {
        let bytes = zip64(limits);
        let found = u32_at(&bytes, bytes.len() - 42) == 0x0706_4b50;
        assert_eq!(found, locator, "a locator of zip64");
        assert!(
            bytes.windows(4).any(|field| field == [1, 0, 16, 0]),
            "sizes of 64 bits"
        );
        super::opinions::zip_readers_agree(folder.path(), &bytes, &["t/a", "t/b", "t/c", "t/l"]);
    }
}

#[test]
fn an_entry_that_does_not_shrink_is_stored() {
    let mut noise = vec![0; 5000];
    let mut state = 7u64;
    for byte in &mut noise {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        *byte = (state >> 56) as u8;
    }
    let (bytes, _) = packed(
        Format::Zip,
        vec![
            file("noise", false, &noise),
            file("text", false, &[b'x'; 5000]),
            link("to", "text"),
        ],
        &threads(1),
    );
    let methods: Vec<u16> = directory(&bytes).iter().map(|entry| entry.2).collect();
    assert_eq!(methods, [0, 8, 0]);
    assert!(bytes.windows(noise.len()).any(|window| window == noise));
}
