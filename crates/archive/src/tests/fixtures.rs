//! What the tests share: small trees, data, tools of the system, and readers and writers that misbehave.

use std::io::{self, Read};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::{Entry, Format, How, Kind, Written, sha256_hex, write};

/// 2026-11-22 00:00:00 UTC
pub(super) const MTIME: u64 = 1_795_305_600;
pub(super) const TOP: &str = "app-v1.0.0-mvp";

pub(super) fn file<'a>(path: &str, executable: bool, data: &'a [u8]) -> Entry<'a> {
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

pub(super) fn link<'a>(path: &str, target: &str) -> Entry<'a> {
    Entry {
        path: path.to_owned(),
        kind: Kind::Symlink {
            target: target.to_owned(),
        },
    }
}

/// With so many threads.
pub(super) fn threads(threads: usize) -> How<'static> {
    How {
        threads,
        ..How::default()
    }
}

pub(super) fn packed(format: Format, entries: Vec<Entry<'_>>, how: &How<'_>) -> (Vec<u8>, Written) {
    let mut bytes = Vec::new();
    let written = write(format, &mut bytes, TOP, MTIME, entries, how).unwrap();
    assert_eq!(written.size, bytes.len() as u64);
    assert_eq!(written.sha256, sha256_hex(&bytes));
    (bytes, written)
}

/// A `.tar.gz`, by one thread.
pub(super) fn written(entries: Vec<Entry<'_>>) -> (Vec<u8>, Written) {
    packed(Format::TarGz, entries, &How::default())
}

pub(super) fn small() -> Vec<Entry<'static>> {
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
pub(super) fn generated(len: usize) -> Vec<u8> {
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

pub(super) fn unzipped(bytes: &[u8]) -> Vec<u8> {
    let mut tar = Vec::new();
    flate2::read::GzDecoder::new(bytes)
        .read_to_end(&mut tar)
        .unwrap();
    tar
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

/// A reader or writer that passes one byte at a time.
pub(super) struct Drip<T>(pub(super) T);

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

/// Takes some bytes, then fails as a full disk does.
pub(super) struct Full(pub(super) usize);

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
