//! Running a command: captured and streamed output, a deadline, and an end for everything it started.

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::cmd::Stdin;
use crate::{Cmd, CmdError, Failure, Happening, Output, Stopwatch, World};

/// Between a polite end and a hard one.
const GRACE: Duration = Duration::from_secs(2);

impl World {
    /// Asks a question. The command must not change anything, here or elsewhere.
    /// Any exit status is an answer; an error means that there was none.
    pub fn ask(&self, cmd: &Cmd) -> Result<Output> {
        self.check_interrupt()?;
        Ok(self.execute(cmd, true)?)
    }

    /// Carries out an effect. Any exit status is an answer, see [`Output::success`].
    pub fn run(&self, cmd: &Cmd) -> Result<Output> {
        self.effect(&cmd.to_string(), || Ok(self.execute(cmd, false)?))
    }

    fn execute(&self, cmd: &Cmd, asking: bool) -> Result<Output, CmdError> {
        let shown = self.redact(&cmd.to_string());
        let fail = |failure| CmdError {
            command: shown.clone(),
            failure,
            said: String::new(),
        };
        let watch = self.stopwatch();
        let mut child = self
            .command(cmd, asking)
            .and_then(|mut command| command.spawn())
            .map_err(|error| {
                fail(match error.kind() {
                    std::io::ErrorKind::NotFound if cmd.stdin_missing() => {
                        Failure::Spawn("no such file for its standard input".to_owned())
                    }
                    std::io::ErrorKind::NotFound if cmd.cwd.is_dir() => Failure::Missing,
                    std::io::ErrorKind::NotFound => {
                        Failure::Spawn(format!("no folder {}", cmd.cwd.display()))
                    }
                    _ => Failure::Spawn(error.to_string()),
                })
            })?;
        self.feed(cmd, &mut child);
        let collector = Collector::start(self, cmd, &shown, &mut child);
        let ended = self.wait(cmd, &mut child, watch);
        let (stdout, stderr, truncated) = collector.finish();
        match ended {
            Ok(status) => Ok(Output {
                command: shown,
                code: status.code().filter(|_| status.signal().is_none()),
                stdout,
                stderr,
                truncated,
                took: watch.elapsed(),
            }),
            Err(failure) => {
                let said = self.redact(String::from_utf8_lossy(&stderr).trim());
                Err(CmdError {
                    command: shown,
                    failure,
                    said,
                })
            }
        }
    }

    pub(crate) fn command(&self, cmd: &Cmd, asking: bool) -> std::io::Result<Command> {
        #[expect(clippy::disallowed_methods, reason = "this is the door")]
        let mut command = Command::new(&cmd.program);
        command
            .args(&cmd.args)
            .current_dir(&cmd.cwd)
            .env_clear()
            .envs(self.handed_on());
        if cmd.program == "git" {
            // Parsed output is not translated, nothing asks on the terminal, and a question takes no lock.
            command
                .env("LC_ALL", "C")
                .env("GIT_TERMINAL_PROMPT", "0")
                .env("GIT_EDITOR", "true");
            if asking {
                command.env("GIT_OPTIONAL_LOCKS", "0");
            }
        }
        command.envs(cmd.env.iter().map(|(k, v)| (k, v)));
        command.stdin(match &cmd.stdin {
            None => Stdio::null(),
            Some(Stdin::Bytes(_)) => Stdio::piped(),
            Some(Stdin::File(path)) => std::fs::File::open(cmd.cwd.join(path))?.into(),
        });
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        crate::session::own(&mut command, cmd.umask);
        Ok(command)
    }

    fn feed(&self, cmd: &Cmd, child: &mut Child) {
        if let (Some(Stdin::Bytes(bytes)), Some(mut pipe)) = (&cmd.stdin, child.stdin.take()) {
            let bytes = bytes.clone();
            // A child that does not read its input answers with its exit status; a broken pipe adds nothing.
            thread::spawn(move || pipe.write_all(&bytes).ok());
        }
    }

    fn wait(&self, cmd: &Cmd, child: &mut Child, watch: Stopwatch) -> Result<ExitStatus, Failure> {
        let mut nap = Duration::from_micros(200);
        let timeout = self.patience(cmd.timeout);
        loop {
            match child.try_wait() {
                Ok(Some(status)) => return Ok(status),
                Ok(None) => {}
                Err(error) => return Err(Failure::Spawn(error.to_string())),
            }
            if self.interrupted() {
                end_group(child);
                return Err(Failure::Interrupted);
            }
            if watch.elapsed() >= timeout {
                end_group(child);
                return Err(Failure::TimedOut(timeout));
            }
            thread::sleep(nap);
            nap = (nap * 2).min(Duration::from_millis(20));
        }
    }
}

/// Ends the child and everything it started: politely first.
pub(crate) fn end_group(child: &mut Child) {
    let Some(group) = i32::try_from(child.id())
        .ok()
        .and_then(rustix::process::Pid::from_raw)
    else {
        return;
    };
    for (signal, patience) in [
        (rustix::process::Signal::TERM, GRACE),
        (rustix::process::Signal::KILL, GRACE),
    ] {
        // An error means that the group is gone, which is what was wanted.
        rustix::process::kill_process_group(group, signal).ok();
        let mut waited = Duration::ZERO;
        let step = Duration::from_millis(10);
        while waited < patience {
            let reaped = !matches!(child.try_wait(), Ok(None));
            if reaped && rustix::process::test_kill_process_group(group).is_err() {
                return;
            }
            thread::sleep(step);
            waited += step;
        }
    }
}

type Shared = Arc<Mutex<(Vec<u8>, bool)>>;

/// Reads both streams on threads of their own, so that neither fills up and blocks the child.
pub(crate) struct Collector {
    streams: [Shared; 2],
    done: mpsc::Receiver<()>,
}

impl Collector {
    pub(crate) fn start(world: &World, cmd: &Cmd, shown: &str, child: &mut Child) -> Collector {
        let (sender, done) = mpsc::channel();
        let out = child
            .stdout
            .take()
            .map(|pipe| Box::new(pipe) as Box<dyn Read + Send>);
        let err = child
            .stderr
            .take()
            .map(|pipe| Box::new(pipe) as Box<dyn Read + Send>);
        let streams = [out, err].map(|pipe| {
            let shared = Shared::default();
            if let Some(pipe) = pipe {
                let (shared, sender) = (Arc::clone(&shared), sender.clone());
                let watcher = cmd.stream.then(|| (world.clone(), shown.to_owned()));
                let keep = cmd.keep;
                thread::spawn(move || {
                    collect(pipe, &shared, keep, watcher.as_ref());
                    // The receiver may have stopped waiting.
                    sender.send(()).ok();
                });
            }
            shared
        });
        Collector { streams, done }
    }

    /// Takes what was read. A grandchild that keeps a pipe open is not waited for longer than [`GRACE`].
    pub(crate) fn finish(self) -> (Vec<u8>, Vec<u8>, bool) {
        for _ in &self.streams {
            if self.done.recv_timeout(GRACE).is_err() {
                break;
            }
        }
        let [out, err] = self.streams.map(|stream| {
            std::mem::take(&mut *stream.lock().unwrap_or_else(PoisonError::into_inner))
        });
        (out.0, err.0, out.1 || err.1)
    }
}

fn collect(
    pipe: Box<dyn Read + Send>,
    shared: &Shared,
    keep: usize,
    watcher: Option<&(World, String)>,
) {
    let mut reader = BufReader::with_capacity(64 << 10, pipe);
    let mut chunk = Vec::new();
    loop {
        chunk.clear();
        let read = if watcher.is_some() {
            reader.read_until(b'\n', &mut chunk)
        } else {
            reader.fill_buf().map(|bytes| {
                chunk.extend_from_slice(bytes);
                bytes.len()
            })
        };
        let Ok(count) = read else { return };
        if count == 0 {
            return;
        }
        if let Some((world, command)) = watcher {
            let text = world.redact(String::from_utf8_lossy(&chunk).trim_end());
            if let Some(observer) = &world.0.observer {
                observer(&Happening::Line {
                    command: command.clone(),
                    text,
                });
            }
        } else {
            reader.consume(count);
        }
        let mut held = shared.lock().unwrap_or_else(PoisonError::into_inner);
        held.0.extend_from_slice(&chunk);
        if held.0.len() > keep {
            held.0.drain(..keep / 2);
            held.1 = true;
        }
    }
}

impl World {
    /// Standard output of a question that must be answered with exit status 0.
    pub fn answer(&self, cmd: &Cmd) -> Result<String> {
        let output = self.ask(cmd)?.success()?;
        String::from_utf8(output.stdout)
            .with_context(|| format!("`{}` answered something that is not UTF-8", output.command))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::{Cmd, CmdError, Failure, Fuse, Interrupt, Secrets, Setup, World};

    fn world() -> World {
        World::new(Setup {
            env: vec![("PATH".into(), "/usr/local/bin:/usr/bin:/bin".into())],
            ..Setup::default()
        })
    }

    fn sh(script: &str) -> Cmd {
        Cmd::new("/", "sh").args(["-c", script])
    }

    fn failure(error: &anyhow::Error) -> &Failure {
        &error.downcast_ref::<CmdError>().unwrap().failure
    }

    #[test]
    fn captures_both_streams_and_the_status() {
        let output = world().ask(&sh("echo out; echo err >&2; exit 3")).unwrap();
        assert_eq!(
            (
                output.text().as_str(),
                output.errors().as_str(),
                output.code
            ),
            ("out", "err", Some(3))
        );
        assert!(
            output
                .success()
                .unwrap_err()
                .to_string()
                .ends_with("exit status 3\nerr")
        );
    }

    #[test]
    fn large_output_on_both_streams_does_not_block() {
        let output = world()
            .ask(&sh(
                "head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2",
            ))
            .unwrap();
        assert_eq!(
            (output.stdout.len(), output.stderr.len()),
            (3_000_000, 3_000_000)
        );
    }

    #[test]
    fn a_missing_program_and_a_missing_folder_are_told_apart() {
        let missing = world()
            .ask(&Cmd::new("/", "no-such-program-here"))
            .unwrap_err();
        assert_eq!(failure(&missing), &Failure::Missing);
        let folder = world().ask(&Cmd::new("/no/such/folder", "sh")).unwrap_err();
        assert!(matches!(failure(&folder), Failure::Spawn(why) if why.contains("/no/such/folder")));
    }

    #[test]
    fn what_is_left_of_the_whole_time_ends_a_command_too() {
        let brief = world().within(Duration::from_millis(100));
        let error = brief.ask(&sh("sleep 300")).unwrap_err();
        assert!(matches!(failure(&error), Failure::TimedOut(_)));
        let error = brief.ask(&sh("sleep 300")).unwrap_err();
        assert!(matches!(failure(&error), Failure::TimedOut(left) if left.is_zero()));
    }

    #[test]
    fn a_deadline_ends_the_whole_group() {
        let dir = tempfile::tempdir().unwrap();
        let pid = dir.path().join("pid");
        let script = format!("sleep 300 & echo $! > {}; wait", pid.display());
        let error = world()
            .ask(&sh(&script).timeout(Duration::from_millis(300)))
            .unwrap_err();
        assert!(matches!(failure(&error), Failure::TimedOut(_)));
        let grandchild = std::fs::read_to_string(&pid).unwrap();
        let state = std::fs::read_to_string(format!("/proc/{}/stat", grandchild.trim()))
            .unwrap_or_default();
        assert!(
            state.is_empty() || state.contains(") Z "),
            "the grandchild lives: {state}"
        );
    }

    #[test]
    fn an_interrupt_ends_the_child_and_refuses_the_next() {
        let interrupt = Interrupt::default();
        let world = World::new(Setup {
            env: vec![("PATH".into(), "/usr/bin:/bin".into())],
            interrupt: interrupt.clone(),
            ..Setup::default()
        });
        let raiser = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(100));
            interrupt.raise();
        });
        assert_eq!(
            failure(&world.ask(&sh("sleep 300")).unwrap_err()),
            &Failure::Interrupted
        );
        raiser.join().unwrap();
        assert_eq!(
            failure(&world.run(&sh("true")).unwrap_err()),
            &Failure::Interrupted
        );
        assert!(world.effects().is_empty());
        // Tidying up goes through.
        world.undeterred().run(&sh("true")).unwrap();
        assert_eq!(world.effects().len(), 1);
    }

    #[test]
    fn a_child_reads_nothing_from_the_terminal() {
        assert_eq!(
            world()
                .ask(&sh("cat; ( : < /dev/tty ) 2>/dev/null || echo no terminal"))
                .unwrap()
                .text(),
            "no terminal"
        );
    }

    #[test]
    fn a_grandchild_that_keeps_the_pipe_is_not_waited_for() {
        let output = world()
            .ask(&sh("echo said; sleep 300 & echo $! >&2"))
            .unwrap();
        assert_eq!(output.text(), "said");
        world()
            .ask(&sh(&format!("kill {}", output.errors())))
            .unwrap();
    }

    #[test]
    fn effects_are_counted_redacted_and_fused() {
        let dir = tempfile::tempdir().unwrap();
        let log = dir.path().join("effects");
        let world = World::new(Setup {
            env: vec![("PATH".into(), "/usr/bin:/bin".into())],
            secrets: Secrets::new([("TOKEN".into(), "hunter22".into())]),
            fuse: Some(Fuse::parse("fail-after:2").unwrap()),
            effects_log: Some(log.clone()),
            ..Setup::default()
        });
        world.run(&sh("true hunter22")).unwrap();
        let touched = dir.path().join("touched");
        let error = world
            .run(&Cmd::new("/", "touch").arg(&touched))
            .unwrap_err();
        assert!(error.to_string().contains("after effect 2"));
        assert!(touched.exists());
        assert_eq!(world.effects()[0].what, "sh -c 'true <TOKEN>'");
        assert_eq!(std::fs::read_to_string(log).unwrap().lines().count(), 2);
    }

    #[test]
    fn variables_of_a_calling_hook_do_not_reach_children() {
        let env = [
            ("PATH", "/usr/bin:/bin"),
            ("GIT_DIR", "/elsewhere"),
            ("CARGO_PKG_NAME", "x"),
            ("SIGNING_KEY", "secret"),
            ("KEPT", "yes"),
        ];
        let world = World::new(Setup {
            env: env.map(|(k, v)| (k.into(), v.into())).into(),
            withheld: vec!["SIGNING_KEY".to_owned()],
            ..Setup::default()
        });
        assert_eq!(
            world
                .answer(&sh("echo $GIT_DIR$CARGO_PKG_NAME$SIGNING_KEY$KEPT"))
                .unwrap(),
            "yes\n"
        );
        assert_eq!(world.env("SIGNING_KEY").unwrap(), "secret");
    }
}
