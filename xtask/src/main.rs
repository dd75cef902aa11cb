//! `cargo xtask`: the landfall command line, built from this repository.

use std::process::ExitCode;

fn main() -> ExitCode {
    landfall::main("cargo xtask")
}
