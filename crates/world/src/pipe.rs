//! Two commands, the output of the first being the input of the second: for what is too large to be held between them.

use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::process::{Collector, end_group};
use crate::{Cmd, CmdError, Failure, Output, Stopwatch, World};

/// What a reader that stops early does to who writes to it.
const SIGPIPE: i32 = 13;

impl World {
    /// Asks a question of `first | second`; neither may change anything, here or elsewhere. Both are ended together,
    /// after the time of the second or by an interrupt. The answer is that of the second, with what both said on
    /// standard error; an answer longer than the second may keep is an error.
    ///
    /// # Errors
    /// When one of them could not be started or gave no answer, or when the first failed: an answer that was made from
    /// half of its input is none.
    pub fn ask_piped(&self, first: &Cmd, second: &Cmd) -> Result<Output> {
        self.check_interrupt()?;
        let shown = [first, second].map(|cmd| self.redact(&cmd.to_string()));
        let watch = self.stopwatch();
        let mut writer = self.start(first, &shown[0], None)?;
        let pipe = writer.stdout.take().map(Stdio::from);
        let mut reader = match self.start(second, &shown[1], pipe) {
            Ok(reader) => reader,
            Err(error) => {
                end_group(&mut writer);
                return Err(error.into());
            }
        };
        let collectors = [
            Collector::start(self, first, &shown[0], &mut writer),
            Collector::start(self, second, &shown[1], &mut reader),
        ];
        let ended = self.wait_both(second, [&mut writer, &mut reader], watch);
        let [(_, said, _), (stdout, stderr, truncated)] = collectors.map(Collector::finish);
        let command = shown.join(" | ");
        let [writer, reader] = ended.map_err(|failure| CmdError {
            command: command.clone(),
            failure,
            said: self.redact(String::from_utf8_lossy(&stderr).trim()),
        })?;
        let output = |command: &str, status: ExitStatus, stdout, stderr| Output {
            command: command.to_owned(),
            code: status.code().filter(|_| status.signal().is_none()),
            stdout,
            stderr,
            truncated,
            took: watch.elapsed(),
        };
        // Who reads no more has its reason, and says it.
        let unread = writer.signal() == Some(SIGPIPE) && !reader.success();
        if !writer.success() && !unread {
            return Err(output(&shown[0], writer, Vec::new(), said).error().into());
        }
        if truncated {
            bail!("`{command}` answered more than can be held");
        }
        Ok(output(&command, reader, stdout, [said, stderr].concat()))
    }

    pub(crate) fn start(
        &self,
        cmd: &Cmd,
        shown: &str,
        stdin: Option<Stdio>,
    ) -> Result<Child, CmdError> {
        self.command(cmd, true)
            .and_then(|mut command| {
                if let Some(stdin) = stdin {
                    command.stdin(stdin);
                }
                command.spawn()
            })
            .map_err(|error| CmdError {
                command: shown.to_owned(),
                failure: match error.kind() {
                    std::io::ErrorKind::NotFound if cmd.cwd.is_dir() => Failure::Missing,
                    _ => Failure::Spawn(error.to_string()),
                },
                said: String::new(),
            })
    }

    fn wait_both(
        &self,
        cmd: &Cmd,
        children: [&mut Child; 2],
        watch: Stopwatch,
    ) -> Result<[ExitStatus; 2], Failure> {
        let [writer, reader] = children;
        let timeout = self.patience(cmd.timeout);
        let mut nap = Duration::from_micros(200);
        loop {
            let failure = match (writer.try_wait(), reader.try_wait()) {
                (Ok(Some(first)), Ok(Some(second))) => return Ok([first, second]),
                (Err(error), _) | (_, Err(error)) => Some(Failure::Spawn(error.to_string())),
                _ if self.interrupted() => Some(Failure::Interrupted),
                _ if watch.elapsed() >= timeout => Some(Failure::TimedOut(timeout)),
                _ => None,
            };
            if let Some(failure) = failure {
                end_group(writer);
                end_group(reader);
                return Err(failure);
            }
            thread::sleep(nap);
            nap = (nap * 2).min(Duration::from_millis(20));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::{Cmd, CmdError, Failure, Setup, World};

    fn world() -> World {
        World::new(Setup {
            env: vec![("PATH".into(), "/usr/local/bin:/usr/bin:/bin".into())],
            ..Setup::default()
        })
    }

    fn sh(script: &str) -> Cmd {
        Cmd::new("/", "sh").args(["-c", script])
    }

    #[test]
    fn what_the_first_writes_the_second_reads() {
        let output = world()
            .ask_piped(
                &sh("head -c 3000000 /dev/zero; echo first >&2"),
                &sh("wc -c; echo second >&2; exit 3"),
            )
            .unwrap();
        assert_eq!(output.text().trim(), "3000000");
        assert_eq!(
            (output.errors().as_str(), output.code),
            ("first\nsecond", Some(3))
        );
        assert!(output.command.contains(" | "), "{}", output.command);
    }

    #[test]
    fn half_an_input_gives_no_answer() {
        let error = world()
            .ask_piped(&sh("echo half; echo why >&2; exit 7"), &sh("cat"))
            .unwrap_err();
        let error = error.downcast::<CmdError>().unwrap();
        assert_eq!(
            (error.failure, error.said.as_str()),
            (Failure::Status(7), "why")
        );
    }

    #[test]
    fn who_stops_reading_says_why() {
        let output = world()
            .ask_piped(&Cmd::new("/", "yes"), &sh("echo not that >&2; exit 2"))
            .unwrap();
        assert_eq!(
            (output.errors().as_str(), output.code),
            ("not that", Some(2))
        );
    }

    #[test]
    fn more_than_can_be_held_is_no_answer() {
        let error = world()
            .ask_piped(&sh("yes | head -c 100000"), &sh("cat").keep(1000))
            .unwrap_err();
        assert!(
            error.to_string().contains("more than can be held"),
            "{error}"
        );
    }

    #[test]
    fn both_end_together_and_a_missing_one_is_named() {
        let slow = sh("sleep 300").timeout(Duration::from_millis(200));
        let error = world().ask_piped(&sh("sleep 300"), &slow).unwrap_err();
        let failure = &error.downcast_ref::<CmdError>().unwrap().failure;
        assert!(matches!(failure, Failure::TimedOut(_)), "{error}");
        let missing = Cmd::new("/", "no-such-program-here");
        let error = world().ask_piped(&sh("sleep 300"), &missing).unwrap_err();
        assert!(
            error.to_string().contains("no-such-program-here"),
            "{error}"
        );
    }
}
