//! `landfall-notes`: commits as JSON on stdin, the changelog section of a release as JSON on stdout.
//!
//! A program of its own because git-cliff-core brings two hundred crates: everybody who builds an
//! xtask would pay for them, and only a release needs them. It looks at no repository, no
//! configuration file and no environment; what it needs is in the request.
//!
//! Exit codes: 0 answered, 2 the request could not be read or answered, 64 usage.

mod history;
mod markdown;
mod message;
mod milestone;
mod people;
mod range;
mod render;
mod request;
mod rules;
mod select;

use std::io::{self, Read, Write};
use std::process::ExitCode;

use anyhow::{Context, Result};

/// Rendering makes and frees small values all the time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const HELP: &str = "\
landfall-notes: the changelog section of a release, from its commits

usage: landfall-notes < request.json > answer.json
       landfall-notes rulings < commits.json > rulings.json

request  {\"schema\":2,\"version\":\"1.0.0\",\"tag\":\"v1.0.0\",\"date\":\"2026-11-22\",\"previous\":\"v0.9.0\",
          \"repository\":\"https://…\",\"rules\":{\"bots\":\"list\",\"split_squashes\":false,
          \"types\":[{\"type\":\"docs\",\"group\":\"Changed\"}]},
          \"commits\":[{\"id\":\"<40 hex>\",\"message\":\"feat: …\",\"parents\":[\"<40 hex>\"],
          \"author\":{\"name\":\"…\",\"email\":\"…\",\"time\":1700000000},\"co_authors\":[\"…\"]}]}
         commits newest first; previous and repository may be null; rules, parents and co_authors may be left out
         milestone: what the twelve parts of a milestone are made from, see src/milestone/facts.rs
answer   {\"schema\":2,\"section\":\"## [1.0.0] - 2026-11-22\\n…\",\"groups\":{\"Added\":1},\"breaking\":0,
          \"left_out\":[{\"id\":\"…\",\"reason\":\"…\"}],\"rulings\":[{\"id\":\"…\",\"subject\":\"…\",\"type\":\"feat\",
          \"scope\":null,\"breaking\":false,\"group\":\"Added\",\"listed\":true,\"conventional\":true,\"unknown\":false,
          \"reason\":null,\"bot\":false}],\"contributors\":[{\"name\":\"…\",\"commits\":1,\"bot\":false}],\"plain\":false,
          \"empty\":false}
commits  {\"schema\":2,\"rules\":{…},\"commits\":[…]}, answered by rulings, contributors and plain alone

       landfall-notes history plan < request.json
       git log … | landfall-notes history write request.json
         the changelog of a history as its cliff.toml says; landfall asks both
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args_os()
        .skip(1)
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect();
    let done = match arguments
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .as_slice()
    {
        [] => answer(|text| render::answer(&request::parse(text)?)),
        ["rulings"] => answer(|text| Ok(render::rulings(&request::parse(text)?))),
        ["history", "plan"] => plan(),
        ["history", "write", request] => write(request),
        ["-h" | "--help"] => say(HELP),
        ["-V" | "--version"] => say(concat!("landfall-notes ", env!("CARGO_PKG_VERSION"), "\n")),
        _ => {
            complain("no such arguments are taken; see `landfall-notes --help`");
            return ExitCode::from(64);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("{error:#}"));
            ExitCode::from(2)
        }
    }
}

fn answer<T: serde::Serialize>(of: impl Fn(&[u8]) -> Result<T>) -> Result<()> {
    let mut text = Vec::new();
    io::stdin()
        .lock()
        .read_to_end(&mut text)
        .context("could not read the request from stdin")?;
    let answer = of(&text)?;
    let mut json = serde_json::to_string(&answer).context("could not write the answer as JSON")?;
    json.push('\n');
    say(&json)
}

/// What a history needs to be asked for.
fn plan() -> Result<()> {
    let mut text = Vec::new();
    io::stdin()
        .lock()
        .read_to_end(&mut text)
        .context("could not read the request from stdin")?;
    say(&history::plan(&text)?)
}

/// A whole changelog: the request from a file, since the commits come on stdin.
fn write(request: &str) -> Result<()> {
    let text = std::fs::read(request).with_context(|| format!("could not read {request}"))?;
    say(&history::write(&text, io::stdin().lock())?)
}

fn say(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .context("could not write to stdout")
}

/// To stderr; where even that is closed, the exit code has to do.
fn complain(message: &str) {
    drop(writeln!(io::stderr(), "landfall-notes: {message}"));
}
