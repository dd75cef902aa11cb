//! A disk that is full, a file that changes, a thread that panics: an error, and never half an archive that looks whole.

use std::io::{self, Read, Write};
use std::sync::Arc;

use anyhow::Result;

use super::fixtures::{Full, MTIME, TOP, file, generated, packed, threads};
use crate::blocks::{BLOCK, Block, Cutter, Deflated, Pool, Sink, deflate};
use crate::{Entry, Format, How, Kind, Written, write};

const FORMATS: [Format; 3] = [Format::Tar, Format::TarGz, Format::Zip];

fn pack(
    format: Format,
    out: impl Write,
    entries: Vec<Entry<'_>>,
    how: &How<'_>,
) -> Result<Written> {
    write(format, out, TOP, MTIME, entries, how)
}

#[test]
fn a_full_disk_is_an_error_wherever_it_strikes() {
    let data = generated(4 * BLOCK);
    let entries = || vec![file("d", false, &data), file("e", false, &data[..100])];
    for format in FORMATS {
        let size = packed(format, entries(), &threads(1)).1.size as usize;
        for number in [1, 3] {
            let how = threads(number);
            for room in [0, 5, 100, size / 3, size / 2, size - 300, size - 1] {
                let error = pack(format, Full(room), entries(), &how).unwrap_err();
                let cause = error.root_cause().downcast_ref::<io::Error>().unwrap();
                assert_eq!(cause.kind(), io::ErrorKind::StorageFull, "{error:#}");
            }
            pack(format, Full(size), entries(), &how).unwrap();
        }
    }
}

#[test]
fn every_byte_of_a_small_archive_counts() {
    for format in FORMATS {
        let entries = || vec![file("d", false, b"data"), file("e", true, b"")];
        let size = packed(format, entries(), &threads(1)).1.size as usize;
        for room in 0..size {
            pack(format, Full(room), entries(), &threads(2)).expect_err("no room");
        }
    }
}

/// A file that breaks after some bytes.
struct Broken(usize);

impl Read for Broken {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.0 == 0 {
            return Err(io::Error::other("input/output error of a disk"));
        }
        let len = buffer.len().min(self.0);
        buffer[..len].fill(b'x');
        self.0 -= len;
        Ok(len)
    }
}

#[test]
fn data_that_breaks_or_is_of_another_length_is_refused_by_name() {
    let large = 5 * BLOCK;
    for format in FORMATS {
        for number in [1, 3] {
            for (data, len, want) in [
                (
                    Box::new(Broken(large)) as Box<dyn Read>,
                    large + 1,
                    "input/output error",
                ),
                (
                    Box::new(io::repeat(1).take(large as u64)),
                    large + 1,
                    "were announced and 655360 came",
                ),
                (
                    Box::new(io::repeat(1)),
                    large,
                    "were announced and more came",
                ),
                (
                    Box::new(io::repeat(1)),
                    0,
                    "0 bytes were announced and more came",
                ),
                (
                    Box::new(io::empty()),
                    1,
                    "1 bytes were announced and 0 came",
                ),
            ] {
                let kind = Kind::File {
                    executable: false,
                    len: len as u64,
                    data,
                };
                let path = "f".to_owned();
                let entries = vec![file("a", false, b"ok"), Entry { path, kind }];
                let error = pack(format, Vec::new(), entries, &threads(number)).unwrap_err();
                let message = format!("{error:#}");
                assert!(
                    message.contains(want) && message.contains("`f`"),
                    "{message}"
                );
            }
        }
    }
}

struct Count(usize);

impl Sink for Count {
    type Ticket = usize;

    fn put(&mut self, ticket: usize, _: &Block, _: Deflated) -> Result<()> {
        assert_eq!(ticket, self.0, "in the order in which they were given");
        self.0 += 1;
        Ok(())
    }
}

fn fill(work: fn(&Block) -> Result<Deflated>, blocks: usize) -> Result<usize> {
    let mut pool = Pool::with_work(3, Count(0), work);
    let mut cutter = Cutter::default();
    for ticket in 0..blocks {
        assert_eq!(cutter.take(&vec![ticket as u8; BLOCK]), BLOCK);
        pool.give(ticket, Arc::new(cutter.cut()))?;
    }
    Ok(pool.finish()?.0)
}

#[test]
fn a_thread_that_panics_is_an_error() {
    assert_eq!(fill(deflate, 40).unwrap(), 40);
    let error = fill(
        |block| {
            assert!(block.data()[0] != 20, "block 20 is too much");
            deflate(block)
        },
        40,
    )
    .unwrap_err();
    assert!(
        error.to_string().contains("panicked: block 20 is too much"),
        "{error:#}"
    );
    let error = fill(
        |block| match block.data()[0] {
            0 => deflate(block),
            _ => anyhow::bail!("no block is good enough"),
        },
        40,
    )
    .unwrap_err();
    assert!(error.to_string().contains("good enough"), "{error:#}");
}
