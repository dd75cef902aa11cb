//! `landfall-zst`: a stream on stdin, the same in Zstandard (RFC 8878) on stdout.
//!
//! A program of its own, for the compressor is a library in C that nobody has to compile who wants no `.tar.zst`. It is
//! the reference one; those in Rust are young, and what cannot be unpacked in ten years is no release. The version is
//! pinned in Cargo.lock, for another may write other bytes.

use std::io::{self, Read, Write};
use std::process::ExitCode;

use zstd::stream::write::Encoder;
use zstd::zstd_safe::CParameter;

const USAGE: &str = "\
landfall-zst: stdin to stdout in Zstandard, the same bytes with any number of threads

usage: landfall-zst [THREADS] < archive.tar > archive.tar.zst
";

/// Half way between quick and small.
const LEVEL: i32 = 9;
/// What a thread compresses at a time. The cuts are a mark in the bytes, so neither the threads nor the library choose.
const JOB: u32 = 8 << 20;
/// What a job sees of the one before: all that a window holds.
const OVERLAP_LOG: u32 = 9;
/// More threads than that need more memory than they bring speed.
const MOST_THREADS: u32 = 8;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args_os()
        .skip(1)
        .map(|arg| arg.to_string_lossy().into_owned())
        .collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match args.as_slice() {
        ["-h" | "--help"] => io::stdout().write_all(USAGE.as_bytes()),
        ["-V" | "--version"] => io::stdout()
            .write_all(concat!("landfall-zst ", env!("CARGO_PKG_VERSION"), "\n").as_bytes()),
        [] => compress(1),
        [threads] => match threads.parse() {
            Ok(threads) => compress(threads),
            Err(_) => Err(io::Error::other(format!(
                "`{threads}` is not a number of threads; see `landfall-zst --help`"
            ))),
        },
        _ => Err(io::Error::other(
            "one argument at most is taken; see `landfall-zst --help`",
        )),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            drop(writeln!(io::stderr(), "landfall-zst: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn compress(threads: u32) -> io::Result<()> {
    let mut out = Encoder::new(io::stdout().lock(), LEVEL)?;
    // At least one: without any the library takes another way, which cuts elsewhere.
    out.multithread(threads.clamp(1, MOST_THREADS))?;
    out.set_parameter(CParameter::JobSize(JOB))?;
    out.set_parameter(CParameter::OverlapSizeLog(OVERLAP_LOG))?;
    out.include_checksum(true)?;
    let mut input = io::stdin().lock();
    // Always so much at once: the library may cut where a write ends.
    let mut chunk = vec![0; 128 << 10];
    loop {
        let got = fill(&mut input, &mut chunk)?;
        out.write_all(chunk.get(..got).unwrap_or_default())?;
        if got < chunk.len() {
            break;
        }
    }
    out.finish()?.flush()
}

/// Fills the whole chunk, unless the input ends.
fn fill(input: &mut impl Read, chunk: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = chunk.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match input.read(rest) {
            Ok(0) => break,
            Ok(got) => filled += got,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
