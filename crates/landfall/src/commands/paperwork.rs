//! `completions` and `man`: made from the command line's own table.

use anyhow::{Context as _, Result};
use clap::CommandFactory as _;

use super::session::usage;
use crate::cli::Cli;
use crate::exit::Exit;
use crate::render::Ui;

pub(super) fn completions(shell: clap_complete::Shell, ui: &Ui) -> Result<Exit> {
    let mut bytes = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "landfall", &mut bytes);
    ui.raw(&String::from_utf8(bytes).context("completions are not UTF-8")?);
    Ok(Exit::Done)
}

pub(super) fn man(command: Option<&str>, ui: &Ui) -> Result<Exit> {
    let mut whole = Cli::command();
    whole.build();
    let page = match command {
        None => whole,
        Some(name) => match whole.find_subcommand(name) {
            Some(found) => found.clone(),
            None => {
                return Err(usage(
                    &format!("no command `{name}`"),
                    "see cargo xtask help",
                ));
            }
        },
    };
    let mut bytes = Vec::new();
    clap_mangen::Man::new(page)
        .render(&mut bytes)
        .context("write the man page")?;
    ui.raw(&String::from_utf8(bytes).context("the man page is not UTF-8")?);
    Ok(Exit::Done)
}
