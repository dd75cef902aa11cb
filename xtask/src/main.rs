//! `cargo xtask`: the landfall command line, built from this repository, and the one gate that is ours alone.

mod conventional;

use std::process::ExitCode;

fn main() -> ExitCode {
    landfall::main_with("cargo xtask", &[conventional::GATE])
}
