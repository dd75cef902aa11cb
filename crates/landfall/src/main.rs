//! `landfall`: the same command line as `cargo xtask`, for repositories without Rust.

use std::process::ExitCode;

fn main() -> ExitCode {
    landfall::main("landfall")
}
