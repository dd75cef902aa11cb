//! `landfall-advisories`: a lock file against an unpacked RustSec database, as JSON on stdout.
//!
//! A program of its own because rustsec brings a date library, a URL library and the tables of Unicode: everybody who
//! builds an xtask would pay for them, and only the gate `audit` needs them. It asks no network and reads two paths.
//! It judges nothing: what blocks a release is the gate's to say.
//!
//! Exit codes: 0 answered, whatever was found; 2 one of the paths could not be read; 64 usage.

mod answer;

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};

const HELP: &str = "\
landfall-advisories: which advisories of a RustSec database are about the packages of a Cargo.lock

usage: landfall-advisories LOCKFILE DATABASE > answer.json

DATABASE  the unpacked database: a folder with `crates/NAME/ID.md`
answer    {\"schema\":1,
           \"packages\":{\"total\":9,\"examined\":7,\"elsewhere\":[\"name 1.0.0\"]},
           \"database\":{\"advisories\":900,\"newest\":\"2026-08-20\"},
           \"vulnerabilities\":[{\"package\":\"name\",\"version\":\"1.0.0\",\"id\":\"RUSTSEC-2026-0001\",
             \"title\":\"…\",\"date\":\"2026-01-02\",\"kind\":null,\"cvss\":\"CVSS:3.1/…\",\"score\":7.5,
             \"severity\":\"high\",\"patched\":[\">= 1.0.1\"],\"aliases\":[\"CVE-…\"],\"url\":\"https://…\"}],
           \"warnings\":[the same, kind is `unmaintained`, `unsound`, `notice` or another word]}
          cvss, score and severity are null where the advisory carries no score
";

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let shown: Vec<_> = arguments
        .iter()
        .map(|argument| argument.to_string_lossy())
        .collect();
    let shown: Vec<&str> = shown.iter().map(AsRef::as_ref).collect();
    let done = match (shown.as_slice(), arguments.as_slice()) {
        (["-h" | "--help"], _) => say(HELP),
        (["-V" | "--version"], _) => say(concat!(
            "landfall-advisories ",
            env!("CARGO_PKG_VERSION"),
            "\n"
        )),
        (_, [lockfile, database]) => answer(Path::new(lockfile), Path::new(database)),
        _ => {
            complain(
                "two arguments are taken, a lock file and a folder; see `landfall-advisories --help`",
            );
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

fn answer(lockfile: &Path, database: &Path) -> Result<()> {
    let answer = answer::answer(lockfile, database)?;
    let mut json = serde_json::to_string(&answer).context("could not write the answer as JSON")?;
    json.push('\n');
    say(&json)
}

fn say(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .context("could not write to stdout")
}

/// To stderr; where even that is closed, the exit code has to do.
fn complain(message: &str) {
    drop(writeln!(io::stderr(), "landfall-advisories: {message}"));
}
