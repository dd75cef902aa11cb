//! A command as data: it is printed, stored, compared and run from the same value.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A command that a person could paste: program, arguments, folder, extra environment, input file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cmd {
    pub(crate) program: OsString,
    pub(crate) args: Vec<OsString>,
    pub(crate) cwd: PathBuf,
    pub(crate) env: Vec<(String, String)>,
    pub(crate) stdin: Option<Stdin>,
    pub(crate) timeout: Duration,
    pub(crate) stream: bool,
    pub(crate) keep: usize,
    pub(crate) umask: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stdin {
    File(PathBuf),
    Bytes(Vec<u8>),
}

/// Long enough for a slow network, short enough that nothing hangs over night.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(600);
/// What a stream may hold in memory; beyond it the oldest half is dropped.
const KEEP_BYTES: usize = 64 << 20;

impl Cmd {
    /// `program` looked up on the PATH of the world, run in `cwd`.
    pub fn new(cwd: impl Into<PathBuf>, program: impl AsRef<OsStr>) -> Cmd {
        Cmd {
            program: program.as_ref().to_owned(),
            args: Vec::new(),
            cwd: cwd.into(),
            env: Vec::new(),
            stdin: None,
            timeout: DEFAULT_TIMEOUT,
            stream: false,
            keep: KEEP_BYTES,
            umask: None,
        }
    }

    #[doc(hidden)]
    pub fn from_xshell(cwd: impl Into<PathBuf>, cmd: xshell::Cmd<'_>) -> Cmd {
        let command = std::process::Command::from(cmd);
        let mut ours = Cmd::new(cwd, command.get_program());
        ours.args = command.get_args().map(OsStr::to_owned).collect();
        ours
    }

    #[must_use]
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Cmd {
        self.args.push(arg.as_ref().to_owned());
        self
    }

    #[must_use]
    pub fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Cmd {
        self.args
            .extend(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self
    }

    #[must_use]
    pub fn env(mut self, key: &str, value: impl Into<String>) -> Cmd {
        self.env.push((key.to_owned(), value.into()));
        self
    }

    /// Standard input from a file (`< file`). Without one it is empty, never the terminal.
    #[must_use]
    pub fn stdin_file(mut self, path: impl Into<PathBuf>) -> Cmd {
        self.stdin = Some(Stdin::File(path.into()));
        self
    }

    /// Standard input from memory, for questions; an effect takes a file, so that it can be pasted.
    #[must_use]
    pub fn stdin_bytes(mut self, bytes: Vec<u8>) -> Cmd {
        self.stdin = Some(Stdin::Bytes(bytes));
        self
    }

    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Cmd {
        self.timeout = timeout;
        self
    }

    /// How many bytes of each stream are held in memory; beyond them the oldest half is dropped.
    #[must_use]
    pub fn keep(mut self, bytes: usize) -> Cmd {
        self.keep = bytes;
        self
    }

    /// Modes that files made by the command do not get, as `umask` of a shell; without it those of the user.
    #[must_use]
    pub fn umask(mut self, umask: u32) -> Cmd {
        self.umask = Some(umask);
        self
    }

    pub(crate) fn stdin_missing(&self) -> bool {
        matches!(&self.stdin, Some(Stdin::File(path)) if !self.cwd.join(path).exists())
    }

    /// Every line of output is also shown while the command runs.
    #[must_use]
    pub fn stream(mut self) -> Cmd {
        self.stream = true;
        self
    }

    /// The name of the program, for messages.
    pub fn program(&self) -> String {
        self.program.to_string_lossy().into_owned()
    }
}

/// The command as it can be pasted into a POSIX shell, without the folder it runs in.
impl fmt::Display for Cmd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(umask) = self.umask {
            write!(f, "(umask {umask:03o} && ")?;
        }
        for (key, value) in &self.env {
            write!(f, "{key}={} ", quote(value))?;
        }
        write!(f, "{}", quote(&self.program.to_string_lossy()))?;
        for arg in &self.args {
            write!(f, " {}", quote(&arg.to_string_lossy()))?;
        }
        if let Some(Stdin::File(path)) = &self.stdin {
            write!(f, " < {}", quote(&path.to_string_lossy()))?;
        }
        if self.umask.is_some() {
            f.write_str(")")?;
        }
        Ok(())
    }
}

/// Quotes one word for a POSIX shell; a word that needs no quotes gets none.
pub fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,^".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// What a finished command left behind. Not yet judged: see [`Output::success`].
#[derive(Debug, Clone)]
pub struct Output {
    /// The command, for messages; already redacted.
    pub command: String,
    /// Exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
    /// Older output was dropped because there was too much.
    pub truncated: bool,
    pub took: Duration,
}

impl Output {
    pub fn ok(&self) -> bool {
        self.code == Some(0)
    }

    /// Standard output without the final line end; invalid UTF-8 is replaced.
    pub fn text(&self) -> String {
        let text = String::from_utf8_lossy(&self.stdout);
        text.trim_end_matches(['\n', '\r']).to_owned()
    }

    pub fn errors(&self) -> String {
        String::from_utf8_lossy(&self.stderr).trim().to_owned()
    }

    /// The output if the exit status is 0, else an error that shows the command and what it said.
    pub fn success(self) -> Result<Output, CmdError> {
        if self.ok() {
            return Ok(self);
        }
        Err(self.error())
    }

    /// The error that this output is.
    pub fn error(&self) -> CmdError {
        let failure = match self.code {
            Some(code) => Failure::Status(code),
            None => Failure::Signal,
        };
        CmdError {
            command: self.command.clone(),
            failure,
            said: tail(self),
        }
    }
}

/// The last lines of what the command said: stderr, or stdout when it said nothing there.
fn tail(output: &Output) -> String {
    let stderr = output.errors();
    let text = if stderr.is_empty() {
        output.text()
    } else {
        stderr
    };
    // A backtrace of somebody else's program says nothing to who reads this.
    let lines: Vec<&str> = text
        .lines()
        .take_while(|line| line.trim() != "Stack backtrace:")
        .collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}

/// Why a command gave no usable answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The program is not on the PATH.
    Missing,
    /// The program could not be started.
    Spawn(String),
    /// It ended with this exit status.
    Status(i32),
    /// A signal ended it.
    Signal,
    /// It was ended after this long.
    TimedOut(Duration),
    /// Ctrl-C or SIGTERM.
    Interrupted,
}

/// A command that failed: what was tried, what was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CmdError {
    pub command: String,
    pub failure: Failure,
    pub said: String,
}

impl CmdError {
    pub(crate) fn interrupted() -> CmdError {
        CmdError {
            command: String::new(),
            failure: Failure::Interrupted,
            said: String::new(),
        }
    }
}

impl fmt::Display for CmdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let command = &self.command;
        match &self.failure {
            Failure::Missing => write!(f, "program not found: `{command}`")?,
            Failure::Spawn(why) => write!(f, "could not start `{command}`: {why}")?,
            Failure::Status(code) => write!(f, "`{command}` ended with exit status {code}")?,
            Failure::Signal => write!(f, "`{command}` was ended by a signal")?,
            Failure::TimedOut(limit) => write!(
                f,
                "`{command}` gave no answer within {} s and was ended",
                limit.as_secs()
            )?,
            Failure::Interrupted => write!(f, "interrupted")?,
        }
        if !self.said.is_empty() {
            write!(f, "\n{}", self.said)?;
        }
        Ok(())
    }
}

impl std::error::Error for CmdError {}

/// A [`Cmd`] written as it is typed, with interpolation that cannot inject: `cmd!(root, "git push {remote}")`.
#[macro_export]
macro_rules! cmd {
    ($cwd:expr, $text:literal) => {
        $crate::with_shell(|shell| {
            $crate::Cmd::from_xshell($cwd, $crate::xshell::cmd!(shell, $text))
        })
    };
}

/// xshell builds its commands from a shell; the folder of ours is always given, so any shell will do.
#[doc(hidden)]
pub fn with_shell(build: impl FnOnce(&xshell::Shell) -> Cmd) -> Cmd {
    thread_local! {
        static SHELL: Option<xshell::Shell> = xshell::Shell::new().ok();
    }
    SHELL.with(|shell| match shell {
        Some(shell) => build(shell),
        // The current folder is gone: nothing can be spawned there, and the error comes from the spawn.
        None => Cmd::new(Path::new(""), "false"),
    })
}

#[cfg(test)]
mod tests {
    use super::{Cmd, quote};

    #[test]
    fn words_survive_a_shell() {
        for (word, quoted) in [
            ("plain", "plain"),
            ("refs/tags/v1.0.0-mvp^{}", "'refs/tags/v1.0.0-mvp^{}'"),
            ("it's", r"'it'\''s'"),
            ("", "''"),
            ("a b\nc", "'a b\nc'"),
            ("$(reboot)", "'$(reboot)'"),
            ("$HOME", "'$HOME'"),
            ("~/x", "'~/x'"),
            ("—", "'—'"),
        ] {
            assert_eq!(quote(word), quoted);
        }
    }

    #[test]
    fn a_command_shows_what_can_be_pasted() {
        let message = "two words";
        let cmd = crate::cmd!("/", "git commit -m {message}")
            .env("GIT_AUTHOR_DATE", "1 +0000")
            .stdin_file("a b");
        assert_eq!(
            cmd.to_string(),
            "GIT_AUTHOR_DATE='1 +0000' git commit -m 'two words' < 'a b'"
        );
    }

    #[test]
    fn a_mask_is_that_of_the_command_alone() {
        let cmd = crate::cmd!("/", "npm pack").env("TZ", "UTC").umask(0o022);
        assert_eq!(cmd.to_string(), "(umask 022 && TZ=UTC npm pack)");
    }

    #[test]
    fn interpolation_is_one_argument() {
        let hostile = "x; touch /tmp/y";
        let cmd: Cmd = crate::cmd!("/", "git tag {hostile}");
        assert_eq!(cmd.args.len(), 2);
    }
}
