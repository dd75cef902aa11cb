//! The program as it is called: bytes in, bytes out.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "functions of a test program that are no tests themselves"
)]

use std::io::{Read, Write};
use std::process::{Command, Output, Stdio};
use std::thread;

/// Runs a program with so much on its standard input, a piece at a time.
fn run(program: &str, args: &[&str], input: &[u8], piece: usize) -> Option<Output> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the program under test, and a second opinion on what it writes"
    )]
    let mut command = Command::new(program);
    command.args(args);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => {
            println!("no second opinion from `{program}`: {error}");
            return None;
        }
    };
    let mut stdin = child.stdin.take().unwrap();
    thread::scope(|scope| {
        scope.spawn(move || {
            for piece in input.chunks(piece) {
                if stdin.write_all(piece).is_err() {
                    // It reads no more; what it says is looked at.
                    return;
                }
            }
        });
        Some(child.wait_with_output().unwrap())
    })
}

fn ours(args: &[&str], input: &[u8], piece: usize) -> Output {
    run(env!("CARGO_BIN_EXE_landfall-zst"), args, input, piece).unwrap()
}

/// Words in an order that is the same on every machine: a linear congruential generator (Knuth's MMIX) picks them.
fn generated(len: usize) -> Vec<u8> {
    let mut state = 1u64;
    let mut data = Vec::with_capacity(len + 8);
    while data.len() < len {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        data.extend_from_slice(
            ["gate ", "tag ", "draft\n", "\u{e9}"][(state >> 62) as usize].as_bytes(),
        );
        data.push((state >> 40) as u8);
    }
    data.truncate(len);
    data
}

fn unpacked(bytes: &[u8]) -> Vec<u8> {
    let mut data = Vec::new();
    let mut reader = zstd::stream::read::Decoder::new(bytes).unwrap();
    reader.read_to_end(&mut data).unwrap();
    data
}

#[test]
fn the_bytes_depend_on_the_input_alone() {
    // Two jobs, and a little of the second.
    let data = generated((8 << 20) + 123_456);
    let want = ours(&[], &data, 1 << 20);
    assert!(want.status.success() && want.stderr.is_empty(), "{want:?}");
    assert_eq!(
        want.stdout[..4],
        [0x28, 0xb5, 0x2f, 0xfd],
        "magic of RFC 8878"
    );
    assert_eq!(want.stdout[4] & 4, 4, "a checksum is at the end");
    assert!(want.stdout.len() < data.len());
    assert!(unpacked(&want.stdout) == data);
    for (threads, piece) in [("2", 100_001), ("99", 777_777)] {
        let got = ours(&[threads], &data, piece);
        assert!(
            got.status.success() && got.stdout == want.stdout,
            "{threads} threads"
        );
    }
    if let Some(output) = run("zstd", &["-t", "-q"], &want.stdout, 1 << 20) {
        assert!(
            output.status.success() && output.stderr.is_empty(),
            "{output:?}"
        );
    }
}

#[test]
fn every_length_comes_back() {
    for len in [0, 1, (128 << 10) - 1, 128 << 10, (128 << 10) + 1] {
        let data = generated(len);
        assert!(
            unpacked(&ours(&["2"], &data, 65_536).stdout) == data,
            "{len}"
        );
    }
}

#[test]
fn arguments_are_checked() {
    let version = ours(&["--version"], b"", 1);
    let want = format!("landfall-zst {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(String::from_utf8(version.stdout).unwrap(), want);
    let help = String::from_utf8(ours(&["--help"], b"", 1).stdout).unwrap();
    assert!(help.contains("usage: landfall-zst"), "{help}");
    for args in [&["two"][..], &["1", "2"], &["-1"]] {
        let output = ours(args, b"data", 1);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && output.stdout.is_empty());
        assert!(said.contains("landfall-zst --help"), "{said}");
    }
}
