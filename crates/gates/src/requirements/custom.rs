//! A requirement of the repository itself: about its files, or about what a command says.

use std::time::Duration;

use anyhow::{Context as _, Result};
use config::{CheckSeverity, SecurityCheck};
use regex_lite::{Regex, RegexBuilder};
use world::{Cmd, CmdError, Failure, Output};

use super::{Broken, File, Seen};
use crate::{Cx, Severity, runner};

/// So many places of one requirement are listed; the rest is a number.
const MOST_PLACES: usize = 20;

/// What came of running something.
pub(super) enum Ran {
    Ended(Output),
    Unknown(String),
}

/// Runs a command of the repository. One that could not be started, was ended by a signal or by its deadline, or whose
/// shell says so (126, 127), is unknown. An error is an interrupt.
pub(super) fn run(cx: &Cx, command: &[String], timeout: Duration) -> Result<Ran> {
    let (program, args) = command
        .split_first()
        .context("the configured command is empty; name a program")?;
    let cmd = Cmd::new(&cx.root, program)
        .args(args)
        .timeout(timeout)
        .stream();
    let output = match cx.world.run(&cmd) {
        Ok(output) => output,
        Err(error) => {
            return match error.downcast_ref::<CmdError>().map(|error| &error.failure) {
                Some(Failure::Interrupted) => Err(error),
                Some(Failure::Missing) => Ok(Ran::Unknown(format!(
                    "`{program}` is not there; mend the path, or install it"
                ))),
                _ => Ok(Ran::Unknown(format!(
                    "{error:#}; run it by hand (a script needs its `#!` line and the right to be run)"
                ))),
            };
        }
    };
    Ok(match output.code {
        None | Some(126 | 127) => Ran::Unknown(format!(
            "{}; it did not come to an end of its own, or could not run something",
            output.error()
        )),
        Some(_) if output.truncated => Ran::Unknown(format!(
            "`{}` said so much that its beginning was lost; make it say less",
            output.command
        )),
        Some(_) => Ran::Ended(output),
    })
}

pub(crate) fn look(
    cx: &Cx,
    check: &SecurityCheck,
    files: &[File],
    timeout: Duration,
) -> Result<Seen> {
    let judge = Judge(check);
    if let Some(command) = &check.command {
        return Ok(match run(cx, command, timeout)? {
            Ran::Unknown(why) => Seen::Unknown(why),
            Ran::Ended(output) => judge.command(&output),
        });
    }
    let Some(glob) = &check.file else {
        return Ok(Seen::Unknown(
            "it names neither a file nor a command; mend the configuration".to_owned(),
        ));
    };
    let files: Vec<&File> = files
        .iter()
        .filter(|file| fast_glob::glob_match(glob, &file.path) && cx.path(&file.path).is_file())
        .collect();
    judge.files(cx, glob, &files)
}

struct Judge<'c>(&'c SecurityCheck);

impl Judge<'_> {
    fn broken(&self, what: &str, place: Option<(&str, Option<usize>)>) -> Broken {
        let check = self.0;
        let help = match (&check.reason, &check.help) {
            (None, None) => {
                "mend it, or change the requirement in [[gates.security.check]]".to_owned()
            }
            (Some(one), None) | (None, Some(one)) => one.clone(),
            (Some(reason), Some(help)) => format!("{help} ({reason})"),
        };
        Broken {
            severity: match check.severity {
                CheckSeverity::Error => Severity::Error,
                CheckSeverity::Warning => Severity::Warning,
                CheckSeverity::Note => Severity::Note,
            },
            message: format!("{}: {what}", check.name),
            path: place.map(|(path, _)| path.to_owned()),
            line: place.and_then(|(_, line)| line),
            help,
        }
    }

    fn command(&self, output: &Output) -> Seen {
        let said = runner::tail(output);
        let shown = match said.is_empty() {
            true => " and said nothing".to_owned(),
            false => format!("\n{said}"),
        };
        let code = output.code.unwrap_or_default();
        let wanted = self.0.exit.unwrap_or(0);
        if u64::try_from(code) != Ok(wanted) {
            let what = format!(
                "`{}` ended with exit status {code}, not {wanted}{shown}",
                output.command
            );
            return Seen::Broken(vec![self.broken(&what, None)]);
        }
        let Some(pattern) = &self.0.pattern else {
            return Seen::Held(format!("exit status {code}"));
        };
        let regex = match regex(pattern) {
            Ok(regex) => regex,
            Err(why) => return Seen::Unknown(why),
        };
        // All of it, not only what is shown.
        let all = [&output.stdout, &output.stderr]
            .map(|bytes| runner::plain(&String::from_utf8_lossy(bytes)));
        match all.iter().find_map(|text| regex.find(text)) {
            Some(found) => Seen::Held(format!("exit status {code}, `{}`", short(found.as_str()))),
            None => {
                let what = format!("`{}` does not say `{pattern}`{shown}", output.command);
                Seen::Broken(vec![self.broken(&what, None)])
            }
        }
    }

    fn files(&self, cx: &Cx, glob: &str, files: &[&File]) -> Result<Seen> {
        if files.is_empty() {
            // Nothing was looked at: what must not be found was not looked for.
            if self.0.absent.is_some() && self.0.contains.is_none() {
                return Ok(Seen::Unknown(format!(
                    "no file is called `{glob}`, so nothing was looked at; mend the glob"
                )));
            }
            let what = format!("no file is called `{glob}`");
            return Ok(Seen::Broken(vec![self.broken(&what, None)]));
        }
        let compiled = |pattern: &Option<String>| pattern.as_deref().map(regex).transpose();
        let (contains, absent) = match (compiled(&self.0.contains), compiled(&self.0.absent)) {
            (Ok(contains), Ok(absent)) => (contains, absent),
            (Err(why), _) | (_, Err(why)) => return Ok(Seen::Unknown(why)),
        };
        let (mut broken, mut more) = (Vec::new(), 0);
        for file in files {
            if contains.is_none() && absent.is_none() {
                break;
            }
            let bytes = match cx.world.read(&cx.path(&file.path)) {
                Ok(bytes) => bytes,
                Err(error) => return Ok(Seen::Unknown(format!("{error:#}"))),
            };
            let text = String::from_utf8_lossy(&bytes);
            if let Some(contains) = &contains
                && !contains.is_match(&text)
            {
                let what = format!("{} holds no `{contains}`", file.path);
                broken.push(self.broken(&what, Some((&file.path, None))));
            }
            for found in absent.iter().flat_map(|absent| absent.find_iter(&text)) {
                if broken.len() >= MOST_PLACES {
                    more += 1;
                    continue;
                }
                let line = text[..found.start()].matches('\n').count() + 1;
                let what = format!("{} holds `{}`", file.path, short(found.as_str()));
                broken.push(self.broken(&what, Some((&file.path, Some(line)))));
            }
        }
        if more > 0 {
            broken.push(self.broken(&format!("and {more} more places"), None));
        }
        Ok(match broken.is_empty() {
            true => Seen::Held(format!("{} looked at", files.len())),
            false => Seen::Broken(broken),
        })
    }
}

/// `^` and `$` are the ends of a line: requirements are about lines.
fn regex(pattern: &str) -> Result<Regex, String> {
    RegexBuilder::new(pattern)
        .multi_line(true)
        .build()
        .map_err(|error| format!("`{pattern}` is no regular expression: {error}"))
}

/// The beginning of the first line of what was found.
fn short(text: &str) -> String {
    let line = text.trim().lines().next().unwrap_or_default();
    match line.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}
