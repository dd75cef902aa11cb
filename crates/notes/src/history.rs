//! Whole histories: one stream of `git log` in, the changelog that git-cliff's program would print out.
//!
//! git-cliff asks libgit2 for every commit, walks the history once for each tag, and keeps every release whole, twice.
//! Here the history is read once, each commit finds its release in one pass over the graph, and each release is
//! rendered on its own, by git-cliff's own types, so that the bytes are its own.
//!
//! Two questions, since only this program understands a `cliff.toml`: `history plan` says which commits to ask git
//! for, `history write` reads them.

mod config;
mod keys;
mod order;
mod owners;
mod prune;
mod range;
mod releases;
mod render;
mod request;
mod stream;
mod tags;

use std::io::Read;

use anyhow::{Context, Result};

use request::{Plan, Request};

/// Answers `history plan`: the request on stdin, what to ask of git as JSON.
///
/// # Errors
/// When the request or its configuration cannot be read or asks for what is not supported.
pub(crate) fn plan(text: &[u8]) -> Result<String> {
    let request = request::parse(text)?;
    let config = config::read(&request)?;
    let plan = range::plan(&request, &config)?;
    to_line(&plan)
}

/// Answers `history write`: the request from a file, the commits of the plan from `stream`.
///
/// # Errors
/// As [`plan`], and when the stream is no stream of commits or git-cliff cannot render them.
pub(crate) fn write(text: &[u8], stream: impl Read) -> Result<String> {
    let request: Request = request::parse(text)?;
    let config = config::read(&request)?;
    let plan: Plan = range::plan(&request, &config)?;
    let commits = stream::read(stream, plan.raw)?;
    render::changelog(&request, &config, &commits)
}

fn to_line(value: &impl serde::Serialize) -> Result<String> {
    let mut json = serde_json::to_string(value).context("could not write the answer as JSON")?;
    json.push('\n');
    Ok(json)
}
