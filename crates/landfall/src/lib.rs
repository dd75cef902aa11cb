//! The landfall command line as a library: what a workspace's own `xtask` calls from its `main`.
//!
//! The only crate that prints, parses arguments, and reads environment, clock and current folder:
//! parse → build the [`world::World`] → call → render → exit code.

mod cli;
mod commands;
mod diff;
mod exit;
mod render;
mod render_archives;
mod render_auto;
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

/// What a gate of a workspace's own is written with: see [`main_with`].
pub use gates;
/// Processes and files, for gates of a workspace's own.
pub use world;

/// Runs the command line. `program` is how a person calls it, for help and hints: `cargo xtask`.
pub fn main(program: &'static str) -> ExitCode {
    main_with(program, &[])
}

/// Runs the command line with gates that the workspace brings itself, besides those of the table. They are run, remembered,
/// waived and reported as all others are.
/// An example is in `docs/preflight.md`.
pub fn main_with(program: &'static str, own: &'static [gates::Gate<'static>]) -> ExitCode {
    let surroundings = Surroundings::read(program, own);
    let command = Cli::command().bin_name(program);
    let parsed = command
        .try_get_matches_from(&surroundings.args)
        .and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => return exit::usage(&error, program),
    };
    let mut ui = Ui::new(&cli.global, &surroundings);
    ui.explain = matches!(cli.command, cli::Command::Preflight { explain: true, .. });
    let ui = Arc::new(ui);
    match commands::dispatch(&cli, &surroundings, &ui) {
        Ok(exit) => exit.into(),
        Err(error) => {
            let exit = Exit::of(&error);
            ui.error(&error, exit);
            exit.into()
        }
    }
}

/// The Rust example of the documentation, compiled with the tests.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/preflight.md")]
struct Preflight;
