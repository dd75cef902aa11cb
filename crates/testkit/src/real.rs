//! Real parts of the outside world: programs that tests run against, where they are installed.
//!
//! `.ci/run` installs them below `target/real-parts`, or wherever `LANDFALL_REAL_PARTS` says. Without one its tests say
//! what they do not cover, and under `CI=true` they fail.

use std::path::{Path, PathBuf};

/// Says that a real part is not there: a line, and a failure where `CI=true` promises that everything is.
///
/// # Panics
/// Under `CI=true`.
pub fn not_covered(what: &str) {
    say(what);
    assert!(
        std::env::var("CI").as_deref() != Ok("true"),
        "not covered: {what}"
    );
}

/// Where `.ci/run` puts what it installs.
pub fn real_parts() -> PathBuf {
    match std::env::var_os("LANDFALL_REAL_PARTS") {
        Some(folder) if !folder.is_empty() => folder.into(),
        _ => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/real-parts"),
    }
}

/// A program among the real parts, else on the search path; `None` after having said that it is not covered.
pub fn real_program(name: &str) -> Option<PathBuf> {
    let found = find(name);
    if found.is_none() {
        not_covered(name);
    }
    found
}

/// [`real_program`] for what no registry has, or what takes an hour to build: nowhere a failure when it is missing.
pub fn installed_by_hand(name: &str) -> Option<PathBuf> {
    let found = find(name);
    if found.is_none() {
        say(name);
    }
    found
}

fn find(name: &str) -> Option<PathBuf> {
    let parts = real_parts();
    let path = std::env::var_os("PATH").unwrap_or_default();
    ["bin", "venv/bin", "node_modules/.bin"]
        .iter()
        .map(|folder| parts.join(folder))
        .chain(std::env::split_paths(&path))
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
}

fn say(what: &str) {
    // Not by `println`: the harness keeps that to itself when a test passes.
    let line = format!("not covered: {what}\n");
    std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes()).unwrap();
}
