//! The landfall command line as a library: what a workspace's own `xtask` calls from its `main`.
//!
//! The only crate that prints, parses arguments, and reads environment, clock and current folder:
//! parse → build the [`world::World`] → call → render → exit code.

mod cli;
mod commands;
mod diff;
mod exit;
mod render;
mod render_gates;
mod summary;
mod surroundings;

use std::process::ExitCode;
use std::sync::Arc;

use clap::{CommandFactory as _, FromArgMatches as _};

use crate::cli::Cli;
use crate::exit::Exit;
use crate::render::Ui;
use crate::surroundings::Surroundings;

/// Runs the command line. `program` is how a person calls it, for help and hints: `cargo xtask`.
pub fn main(program: &'static str) -> ExitCode {
    let surroundings = Surroundings::read(program);
    let command = Cli::command().bin_name(program);
    let parsed = command
        .try_get_matches_from(&surroundings.args)
        .and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => return exit::usage(&error, program),
    };
    let ui = Arc::new(Ui::new(&cli.global, &surroundings));
    match commands::dispatch(&cli, &surroundings, &ui) {
        Ok(exit) => exit.into(),
        Err(error) => {
            let exit = Exit::of(&error);
            ui.error(&error, exit);
            exit.into()
        }
    }
}
