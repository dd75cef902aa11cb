//! What the program was started with: read once, here, and handed on.

#![expect(
    clippy::disallowed_methods,
    reason = "the one place that reads arguments, environment, clock and current folder"
)]

use std::ffi::OsString;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

pub(crate) struct Surroundings {
    /// How a person calls the program.
    pub(crate) program: &'static str,
    /// Gates that the workspace brings in its own xtask.
    pub(crate) own_gates: &'static [gates::Gate<'static>],
    /// Tells this build of the program from another one: length and time of its file.
    pub(crate) build: Option<String>,
    pub(crate) args: Vec<OsString>,
    pub(crate) env: Vec<(OsString, OsString)>,
    /// Seconds since the epoch; `SOURCE_DATE_EPOCH` when it is set, as for every reproducible build.
    pub(crate) now_s: u64,
    pub(crate) cwd: Option<PathBuf>,
    /// The folder of the running program.
    pub(crate) beside: Option<PathBuf>,
    pub(crate) stdin_terminal: bool,
    pub(crate) stdout_terminal: bool,
    pub(crate) stderr_terminal: bool,
}

impl Surroundings {
    pub(crate) fn read(
        program: &'static str,
        own_gates: &'static [gates::Gate<'static>],
    ) -> Surroundings {
        let env: Vec<(OsString, OsString)> = std::env::vars_os().collect();
        let pinned = std::env::var("SOURCE_DATE_EPOCH")
            .ok()
            .and_then(|text| text.parse().ok());
        let clock = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs());
        Surroundings {
            program,
            own_gates,
            build: std::env::current_exe().ok().and_then(|exe| build(&exe)),
            args: std::env::args_os().collect(),
            env,
            now_s: pinned.unwrap_or(clock),
            cwd: std::env::current_dir().ok(),
            beside: std::env::current_exe()
                .ok()
                .and_then(|exe| exe.parent().map(std::path::Path::to_owned)),
            stdin_terminal: std::io::stdin().is_terminal(),
            stdout_terminal: std::io::stdout().is_terminal(),
            stderr_terminal: std::io::stderr().is_terminal(),
        }
    }

    pub(crate) fn var(&self, name: &str) -> Option<String> {
        self.env
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.to_string_lossy().into_owned())
    }
}

fn build(program: &std::path::Path) -> Option<String> {
    let meta = program.metadata().ok()?;
    let changed = meta.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(format!("{}-{}", meta.len(), changed.as_nanos()))
}

/// Everything that is wrong with the configuration, each with its place.
#[derive(Debug)]
pub(crate) struct ConfigErrors {
    pub(crate) path: String,
    pub(crate) errors: config::Errors,
}

impl ConfigErrors {
    pub(crate) fn events(&self) -> Vec<serde_json::Value> {
        let event = |error: &config::Error| {
            serde_json::json!({
                "event": "error", "message": error.message, "help": error.help,
                "path": self.path, "line": error.line, "column": error.column,
            })
        };
        self.errors.0.iter().map(event).collect()
    }
}

impl std::fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (n, error) in self.errors.0.iter().enumerate() {
            let start = if n == 0 { "" } else { "\n" };
            write!(
                f,
                "{start}{}:{}:{}: {}",
                self.path, error.line, error.column, error.message
            )?;
            if let Some(help) = &error.help {
                write!(f, "\n  help: {help}")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}
