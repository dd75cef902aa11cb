//! A command whose input or output is too large to be held: it is written and read while it runs.

use std::io::{Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};

use crate::process::{Collector, end_group};
use crate::{Cmd, CmdError, Failure, Stopwatch, World};

impl World {
    /// Asks a question and reads the answer while it comes. The command must not change anything, here or elsewhere. It
    /// is ended by an interrupt, after its time, or when `take` fails.
    ///
    /// # Errors
    /// When it could not be started, gave no answer or failed: half of an answer is none, whatever `take` made of it.
    pub fn ask_stream<T>(
        &self,
        cmd: &Cmd,
        take: impl FnOnce(&mut dyn Read) -> Result<T>,
    ) -> Result<T> {
        self.attended(cmd, Stdio::null(), |_, stdout| {
            take(&mut stdout.context("a child has no standard output; this is a bug")?)
        })
    }

    /// Asks a question that `feed` writes while `take` reads the answer on a thread of its own; otherwise as
    /// [`World::ask_stream`].
    ///
    /// # Errors
    /// As [`World::ask_stream`]; and what `feed` fails with.
    pub fn ask_through<A, B: Send>(
        &self,
        cmd: &Cmd,
        feed: impl FnOnce(&mut dyn Write) -> Result<A>,
        take: impl FnOnce(&mut dyn Read) -> Result<B> + Send,
    ) -> Result<(A, B)> {
        let mut refused = None;
        let done = self.attended(cmd, Stdio::piped(), |stdin, stdout| {
            const BUG: &str = "a child has no standard streams; this is a bug";
            let (mut stdin, mut stdout) = (stdin.context(BUG)?, stdout.context(BUG)?);
            thread::scope(|scope| {
                // Closed when `take` is done, so that nobody writes on to who reads no more.
                let taker = scope.spawn(move || take(&mut stdout));
                let fed = feed(&mut stdin);
                // The end of the question, or what ends a half of one.
                drop(stdin);
                let taken = taker.join();
                let taken = taken.unwrap_or_else(|_| Err(anyhow!("a thread that reads panicked")));
                let taken = taken.map_err(|error| refused = Some(error));
                Ok((fed?, taken.ok()))
            })
        });
        // Where nothing can be put, the command fails as well, and knows less about it.
        if let Some(error) = refused {
            return Err(error);
        }
        let (fed, taken) = done?;
        Ok((fed, taken.context("nothing was read; this is a bug")?))
    }

    fn attended<T>(
        &self,
        cmd: &Cmd,
        stdin: Stdio,
        work: impl FnOnce(Option<ChildStdin>, Option<ChildStdout>) -> Result<T>,
    ) -> Result<T> {
        self.check_interrupt()?;
        let shown = self.redact(&cmd.to_string());
        let watch = self.stopwatch();
        let mut child = self.start(cmd, &shown, Some(stdin))?;
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let collector = Collector::start(self, cmd, &shown, &mut child);
        let stop = AtomicBool::new(false);
        let (done, ended) = thread::scope(|scope| {
            let waiter = scope.spawn(|| self.wait_or_stop(cmd, &mut child, watch, &stop));
            let done = work(stdin, stdout);
            stop.store(done.is_err(), Ordering::Relaxed);
            (done, waiter.join())
        });
        let said = self.redact(String::from_utf8_lossy(&collector.finish().1).trim());
        let fail = |failure| CmdError {
            command: shown.clone(),
            failure,
            said: said.clone(),
        };
        let ended =
            ended.unwrap_or_else(|_| Err(Failure::Spawn("nobody waited for it".to_owned())));
        let status = ended.map_err(fail)?;
        match (status.code(), done) {
            // Who stops with a reason of its own says it; the other side only sees that it stopped.
            (Some(code), _) if code != 0 => Err(fail(Failure::Status(code)).into()),
            (_, Err(error)) => Err(error),
            (None, Ok(_)) => Err(fail(Failure::Spawn(format!("it was ended: {status}"))).into()),
            (Some(_), Ok(value)) => Ok(value),
        }
    }

    fn wait_or_stop(
        &self,
        cmd: &Cmd,
        child: &mut Child,
        watch: Stopwatch,
        stop: &AtomicBool,
    ) -> Result<ExitStatus, Failure> {
        let timeout = self.patience(cmd.timeout);
        let mut nap = Duration::from_micros(200);
        loop {
            match child.try_wait() {
                Ok(Some(status)) => return Ok(status),
                Ok(None) => {}
                Err(error) => return Err(Failure::Spawn(error.to_string())),
            }
            let failure = if self.interrupted() {
                Some(Failure::Interrupted)
            } else {
                (watch.elapsed() >= timeout).then_some(Failure::TimedOut(timeout))
            };
            if failure.is_some() || stop.load(Ordering::Relaxed) {
                end_group(child);
            }
            if let Some(failure) = failure {
                return Err(failure);
            }
            thread::sleep(nap);
            nap = (nap * 2).min(Duration::from_millis(20));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Read, Write};
    use std::time::Duration;

    use anyhow::{Result, bail};

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

    fn count(stream: &mut dyn Read) -> Result<u64> {
        Ok(io::copy(stream, &mut io::sink())?)
    }

    #[test]
    fn an_answer_is_read_while_it_comes() {
        let bytes = world()
            .ask_stream(&sh("head -c 9000000 /dev/zero; echo why >&2"), count)
            .unwrap();
        assert_eq!(bytes, 9_000_000);
    }

    #[test]
    fn half_an_answer_is_none() {
        let half = sh("echo half; echo why >&2; exit 7");
        let errors = [
            world().ask_stream(&half, count).unwrap_err(),
            world()
                .ask_stream(&half, |_| -> Result<()> { bail!("cut off") })
                .unwrap_err(),
            world().ask_through(&half, |_| Ok(()), count).unwrap_err(),
        ];
        // The second one may be ended before it has said anything.
        for error in [&errors[0], &errors[2]] {
            let error = error.downcast_ref::<CmdError>().unwrap();
            assert_eq!(
                (&error.failure, error.said.as_str()),
                (&Failure::Status(7), "why")
            );
        }
        let killed = world().ask_stream(&sh("echo half; kill -9 $$"), count);
        assert!(killed.unwrap_err().to_string().contains("ended"));
    }

    #[test]
    fn a_question_is_written_while_the_answer_is_read() {
        let piece = vec![b'x'; 1 << 20];
        let feed = |stdin: &mut dyn Write| -> Result<u32> {
            for _ in 0..9 {
                stdin.write_all(&piece)?;
            }
            Ok(9)
        };
        let (fed, taken) = world().ask_through(&sh("cat"), feed, count).unwrap();
        assert_eq!((fed, taken), (9, 9 << 20));
    }

    #[test]
    fn who_fails_ends_the_other_and_is_heard() {
        let endless = |stdin: &mut dyn Write| -> Result<()> {
            Ok(io::copy(&mut io::repeat(7), stdin).map(|_| ())?)
        };
        let full = |_: &mut dyn Read| -> Result<()> { bail!("the disk is full") };
        let error = world().ask_through(&sh("cat"), endless, full).unwrap_err();
        assert_eq!(error.to_string(), "the disk is full");
        let broken = |_: &mut dyn Write| -> Result<()> { bail!("the file is gone") };
        let error = world().ask_through(&sh("cat"), broken, count).unwrap_err();
        assert_eq!(error.to_string(), "the file is gone");
        let slow = sh("sleep 300");
        let error = world().ask_stream(&slow, |_| -> Result<()> { bail!("enough") });
        assert_eq!(error.unwrap_err().to_string(), "enough");
    }

    #[test]
    fn time_and_missing_programs_are_told() {
        let slow = sh("sleep 300").timeout(Duration::from_millis(200));
        let error = world().ask_stream(&slow, count).unwrap_err();
        let failure = &error.downcast_ref::<CmdError>().unwrap().failure;
        assert!(matches!(failure, Failure::TimedOut(_)), "{error}");
        let missing = Cmd::new("/", "no-such-program-here");
        let error = world()
            .ask_through(&missing, |_| Ok(()), count)
            .unwrap_err();
        assert!(
            error.to_string().contains("no-such-program-here"),
            "{error}"
        );
    }
}
