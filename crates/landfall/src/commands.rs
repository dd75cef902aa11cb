//! One function a command: build the context, call, render, exit code.

mod artifacts;
mod changelog;
mod paperwork;
mod preflight;
mod release_;
mod session;
mod version;
mod waive;

use std::sync::Arc;

use anyhow::Result;

use crate::cli::{ArtifactsCommand, Cli, Command, Format};
use crate::exit::Exit;
use crate::render::Ui;
use crate::surroundings::Surroundings;
use session::Session;

pub(crate) fn dispatch(cli: &Cli, surroundings: &Surroundings, ui: &Arc<Ui>) -> Result<Exit> {
    if cli.global.format == Format::Sh && !matches!(cli.command, Command::Plan { .. }) {
        return Err(session::usage(
            "--format sh is for `plan` only",
            "use --format human or json",
        ));
    }
    if let Some(done) = outside_of_any_repository(cli, surroundings, ui) {
        return done;
    }
    let mut session = Session::open(cli, surroundings, ui)?;
    session.choose_group(cli)?;
    match &cli.command {
        Command::Doctor { offline } => preflight::doctor(&session, *offline),
        Command::Preflight {
            gates,
            skip,
            quick,
            no_cache,
            explain: _,
            base,
            shard,
            durations,
            jobs,
            reports,
        } => {
            let request = gates::Request {
                names: gates.clone(),
                skip: skip.iter().map(|gate| gates::Skip::asked(gate)).collect(),
                quick: *quick,
                jobs: jobs.unwrap_or_else(session::default_jobs),
                no_cache: *no_cache,
                base: base.clone(),
                shard: shard.clone(),
            };
            preflight::preflight(&session, request, durations.as_deref(), reports)
        }
        Command::Merge { files, reports } => preflight::merge(&session, files, reports),
        Command::Gates => preflight::gates(&session),
        Command::Version(command) => version::version(&session, command),
        Command::Changelog(command) => changelog::changelog(&session, command),
        Command::Artifacts(command) => artifacts::artifacts(&session, command),
        Command::Plan { version } => release_::plan(&session, version),
        Command::Release {
            version,
            rehearse,
            yes,
            approve,
            until,
            skip,
            jobs,
        } => {
            let asked = release_::Asked {
                rehearse: *rehearse,
                yes: *yes,
                approve: approve.as_deref(),
                until: *until,
                skip,
                jobs: *jobs,
            };
            release_::release(&session, version, &asked)
        }
        Command::Status { version } => release_::status(&session, version),
        Command::Abort { version } => release_::abort(&session, version),
        Command::Waive(asked) => waive::waive(&session, &cli.global.config, asked),
        Command::Completions { .. } | Command::Man { .. } | Command::Schema => Ok(Exit::Done),
    }
}

/// What looks at no repository, and works without one.
fn outside_of_any_repository(
    cli: &Cli,
    surroundings: &Surroundings,
    ui: &Arc<Ui>,
) -> Option<Result<Exit>> {
    match &cli.command {
        Command::Completions { shell } => Some(paperwork::completions(*shell, ui)),
        Command::Man { command } => Some(paperwork::man(command.as_deref(), ui)),
        Command::Schema => {
            ui.raw(&config::schema());
            Some(Ok(Exit::Done))
        }
        Command::Artifacts(ArtifactsCommand::Verify(asked)) => {
            artifacts::outside(cli, surroundings, ui, asked).transpose()
        }
        _ => None,
    }
}
