//! The one door to the outside: processes, files and the clock.
//!
//! Everything that changes something goes through [`World`], so that every effect is counted, recorded, redacted,
//! and can be made to fail or to kill the process for a test. Nothing else in the workspace spawns or writes
//! (held by `clippy.toml`), and this crate reads neither environment nor clock: it is told.

pub mod agent;
mod cmd;
mod environment;
mod files;
mod fuse;
pub mod git;
mod helpers;
mod interrupt;
mod lock;
mod pipe;
mod process;
mod redact;
mod scratch;
mod session;
mod stream;
mod transaction;

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use serde::Serialize;

#[doc(hidden)]
pub use crate::cmd::with_shell;
pub use crate::cmd::{Cmd, CmdError, Failure, Output, quote};
pub use crate::fuse::Fuse;
pub use crate::helpers::{Helper, Helpers};
pub use crate::interrupt::Interrupt;
pub use crate::lock::{Lock, LockHeld};
pub use crate::redact::Secrets;
pub use crate::scratch::Scratch;
pub use crate::transaction::{FileEdit, Recovered};

#[doc(hidden)]
pub use xshell;

/// What a world is made of. Filled once, by the command line or a test.
#[derive(Default)]
pub struct Setup {
    /// The environment that children inherit, less what would mislead them (see `environment::inherited`).
    pub env: Vec<(OsString, OsString)>,
    /// Names of variables that no child inherits: what they hold is for one program, which is given it by its input.
    pub withheld: Vec<String>,
    /// Seconds since 1970-01-01T00:00:00Z: the only reading of the clock.
    pub now_s: u64,
    /// Values that never appear in any output, record or error.
    pub secrets: Secrets,
    /// Blows at the n-th effect; for tests.
    pub fuse: Option<Fuse>,
    /// A file to which every effect is appended, one JSON object a line.
    pub effects_log: Option<PathBuf>,
    /// Raised by Ctrl-C and SIGTERM.
    pub interrupt: Interrupt,
    /// Told of every effect and every line of a streamed command, as it happens.
    pub observer: Option<Observer>,
}

/// Receives what happens, from any thread.
pub type Observer = Arc<dyn Fn(&Happening) + Send + Sync>;

/// Something a person may want to see while it happens. Already redacted.
#[derive(Debug, Clone)]
pub enum Happening {
    /// An effect is about to be carried out.
    Effect { n: u64, what: String },
    /// A line of a streamed command's output.
    Line { command: String, text: String },
}

/// One recorded effect.
#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
pub struct Effect {
    /// Counted from 1.
    pub n: u64,
    /// A command as it could be pasted, or a description of a change to files.
    pub what: String,
}

/// The door. Cheap to clone; all clones share counters, records and the fuse.
#[derive(Clone)]
pub struct World(
    Arc<Inner>,
    /// Whether an interrupt is listened to.
    bool,
    /// No command goes on after this.
    Option<Deadline>,
);

#[derive(Clone, Copy)]
struct Deadline {
    watch: Stopwatch,
    limit: Duration,
}

struct Inner {
    env: Vec<(OsString, OsString)>,
    withheld: Vec<String>,
    now_s: u64,
    secrets: Secrets,
    fuse: Option<Fuse>,
    effects_log: Option<PathBuf>,
    interrupt: Interrupt,
    observer: Option<Observer>,
    count: AtomicU64,
    record: Mutex<Vec<Effect>>,
}

impl World {
    pub fn new(setup: Setup) -> World {
        let inner = Inner {
            env: environment::inherited(setup.env),
            withheld: setup.withheld,
            now_s: setup.now_s,
            secrets: setup.secrets,
            fuse: setup.fuse,
            effects_log: setup.effects_log,
            interrupt: setup.interrupt,
            observer: setup.observer,
            count: AtomicU64::new(0),
            record: Mutex::new(Vec::new()),
        };
        World(Arc::new(inner), true, None)
    }

    /// The same door for tidying up: it works after an interrupt too, which would refuse every effect and so leave
    /// lying what has to go because of it. A second signal ends the process at once all the same.
    #[must_use]
    pub fn undeterred(&self) -> World {
        World(Arc::clone(&self.0), false, self.2)
    }

    /// The same door for work that may take so long in all: a command that would go on longer is ended, as by its own
    /// timeout.
    #[must_use]
    pub fn within(&self, limit: Duration) -> World {
        let deadline = Deadline {
            watch: self.stopwatch(),
            limit,
        };
        World(Arc::clone(&self.0), self.1, Some(deadline))
    }

    /// How long a command may take: its own timeout, or what is left of [`World::within`].
    pub(crate) fn patience(&self, own: Duration) -> Duration {
        self.2.map_or(own, |deadline| {
            own.min(deadline.limit.saturating_sub(deadline.watch.elapsed()))
        })
    }

    pub(crate) fn interrupted(&self) -> bool {
        self.1 && self.0.interrupt.raised()
    }

    /// Seconds since the epoch, read once when the program started.
    pub fn now_s(&self) -> u64 {
        self.0.now_s
    }

    /// The UTC date of [`World::now_s`], `YYYY-MM-DD`.
    pub fn today(&self) -> Result<String> {
        date_of(self.0.now_s)
    }

    /// Starts measuring a duration.
    pub fn stopwatch(&self) -> Stopwatch {
        #[expect(
            clippy::disallowed_methods,
            reason = "a duration, not a time of day; the one place that measures"
        )]
        Stopwatch(Instant::now())
    }

    /// A variable of the environment the program was started with.
    pub fn env(&self, name: &str) -> Option<&OsString> {
        self.0
            .env
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
    }

    /// Errs once Ctrl-C or SIGTERM has been seen.
    pub fn check_interrupt(&self) -> Result<()> {
        if self.interrupted() {
            return Err(CmdError::interrupted().into());
        }
        Ok(())
    }

    /// Hides the values of secrets and the user part of URLs.
    pub fn redact(&self, text: &str) -> String {
        self.0.secrets.redact(text)
    }

    /// Everything done so far, in order.
    pub fn effects(&self) -> Vec<Effect> {
        self.0
            .record
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clone()
    }

    /// Carries out one effect: counted, recorded, and subject to the fuse before and after.
    pub(crate) fn effect<T>(&self, what: &str, act: impl FnOnce() -> Result<T>) -> Result<T> {
        self.check_interrupt()?;
        let n = self.0.count.fetch_add(1, Ordering::SeqCst) + 1;
        let effect = Effect {
            n,
            what: self.redact(what),
        };
        if let Some(path) = &self.0.effects_log {
            let line = serde_json::to_string(&effect)?;
            files::append_raw(path, &line)
                .with_context(|| format!("record an effect in {}", path.display()))?;
        }
        if let Some(observer) = &self.0.observer {
            observer(&Happening::Effect {
                n,
                what: effect.what.clone(),
            });
        }
        self.0
            .record
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .push(effect);
        if let Some(fuse) = &self.0.fuse {
            fuse.before(n)?;
        }
        let result = act()?;
        if let Some(fuse) = &self.0.fuse {
            fuse.after(n)?;
        }
        Ok(result)
    }
}

/// A running measurement.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Time since the start.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// The UTC date of a Unix time, `YYYY-MM-DD`.
pub fn date_of(unix_s: u64) -> Result<String> {
    let time = time::OffsetDateTime::from_unix_timestamp(i64::try_from(unix_s)?)
        .with_context(|| format!("{unix_s} seconds since 1970 is no date"))?;
    let date = time.date();
    Ok(format!(
        "{:04}-{:02}-{:02}",
        date.year(),
        u8::from(date.month()),
        date.day()
    ))
}

#[cfg(test)]
mod tests {
    use super::date_of;

    #[test]
    fn dates_of_unix_times() {
        assert_eq!(date_of(0).unwrap(), "1970-01-01");
        assert_eq!(date_of(951_782_400).unwrap(), "2000-02-29");
        assert_eq!(date_of(1_795_305_599).unwrap(), "2026-11-21");
        assert_eq!(date_of(1_795_305_600).unwrap(), "2026-11-22");
    }
}
