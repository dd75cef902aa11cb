//! Running the commands of `build`, `test`, `fmt` and `clippy`: the configured one, or the one that fits the repository.

use std::time::Duration;

use anyhow::{Context as _, Result};
use config::CommandGate;
use world::{Cmd, Output};

use crate::{Applies, Cx, Findings, Inputs, project};

/// So many lines of what a command said are shown when it fails.
const TAIL_LINES: usize = 30;

/// What changes the result of a build without being in a file of the repository.
const BUILD_ENV: &[&str] = &[
    "RUSTFLAGS",
    "RUSTDOCFLAGS",
    "RUSTUP_TOOLCHAIN",
    "CARGO_BUILD_TARGET",
    "CARGO_ENCODED_RUSTFLAGS",
    "NODE_ENV",
    "NODE_OPTIONS",
];

/// What a gate runs when nothing is configured.
pub(crate) struct Runner {
    /// The scripts of package.json that ask the same question; the first one there is runs.
    pub(crate) scripts: &'static [&'static str],
    pub(crate) settings: fn(&config::Gates) -> Settings<'_>,
    pub(crate) cargo: fn(&Cx, Duration, &mut Findings) -> Result<()>,
    /// Runs the script of this name.
    pub(crate) node: fn(&Cx, &str, Duration, &mut Findings) -> Result<()>,
}

/// What every one of these gates can be told.
pub(crate) struct Settings<'a> {
    pub(crate) command: Option<&'a [String]>,
    pub(crate) timeout_s: u64,
}

impl<'a> From<&'a CommandGate> for Settings<'a> {
    fn from(gate: &'a CommandGate) -> Settings<'a> {
        Settings {
            command: gate.command.as_deref(),
            timeout_s: gate.timeout_s,
        }
    }
}

impl Runner {
    pub(crate) fn applies(&self, cx: &Cx) -> Result<Applies> {
        let project = project::detect(&cx.root);
        if (self.settings)(&cx.config.gates).command.is_some() || project.cargo {
            return Ok(Applies::Yes);
        }
        Ok(match (project.node, script(cx, self.scripts)?) {
            (Some(_), Some(_)) => Applies::Yes,
            (Some(_), None) => no_script(self.scripts),
            (None, _) => Applies::No("neither Cargo.toml nor package.json at the root".to_owned()),
        })
    }

    #[expect(clippy::unnecessary_wraps, reason = "the shape of `Gate::inputs`")]
    pub(crate) fn inputs(&self, cx: &Cx) -> Result<Inputs> {
        let command = (self.settings)(&cx.config.gates).command;
        Ok(build_inputs(cx, command))
    }

    pub(crate) fn check(&self, cx: &Cx, findings: &mut Findings) -> Result<()> {
        let settings = (self.settings)(&cx.config.gates);
        let timeout = Duration::from_secs(settings.timeout_s);
        if let Some(command) = settings.command {
            return custom(cx, command, timeout, findings);
        }
        let project = project::detect(&cx.root);
        if project.cargo {
            (self.cargo)(cx, timeout, findings)?;
        }
        // In a repository of both kinds both must hold.
        if let Some(script) = script(cx, self.scripts)? {
            (self.node)(cx, script, timeout, findings)?;
        }
        Ok(())
    }
}

/// The script that is run, where there is one.
pub(crate) fn script(cx: &Cx, names: &[&'static str]) -> Result<Option<&'static str>> {
    if project::detect(&cx.root).node.is_none() {
        return Ok(None);
    }
    for name in names {
        if !crate::node::scripts(cx, name)?.is_empty() {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

pub(crate) fn no_script(names: &[&str]) -> Applies {
    Applies::No(format!(
        "package.json has no script `{}`",
        names.join("`, `")
    ))
}

/// A script whose exit status is its answer.
pub(crate) fn by_status(
    cx: &Cx,
    script: &str,
    timeout: Duration,
    findings: &mut Findings,
) -> Result<()> {
    if let Some((output, packages)) = crate::node::run(cx, script, timeout, findings)? {
        findings.examined(packages);
        findings.evidence("packages", packages);
        if !output.ok() {
            failed(findings, &output);
        }
    }
    Ok(())
}

/// A build or a test may read any file of the repository.
pub(crate) fn build_inputs(cx: &Cx, command: Option<&[String]>) -> Inputs {
    let mut inputs = Inputs::all_files().env(BUILD_ENV);
    let project = project::detect(&cx.root);
    if project.cargo {
        inputs = inputs.tool("rustc");
    }
    if let Some(manager) = project.node {
        inputs = inputs.tool("node").tool(manager.program());
    }
    match command.and_then(<[String]>::first) {
        Some(program) => inputs.tool(program),
        None => inputs,
    }
}

/// The command of the repository's own.
pub(crate) fn custom(
    cx: &Cx,
    command: &[String],
    timeout: Duration,
    findings: &mut Findings,
) -> Result<()> {
    let (program, args) = command
        .split_first()
        .context("the configured command is empty; name a program")?;
    let mut cmd = Cmd::new(&cx.root, program)
        .args(args)
        .timeout(timeout)
        .stream();
    if let Some(folder) = &cx.target_dir {
        cmd = cmd.env("CARGO_TARGET_DIR", folder.to_string_lossy());
    }
    let output = cx.world.run(&cmd)?;
    findings.examined(1);
    findings.evidence("command", output.command.clone());
    if !output.ok() {
        failed(findings, &output);
    }
    Ok(())
}

/// The command ended badly: its last lines are the finding. One that a signal ended has said nothing.
pub(crate) fn failed(findings: &mut Findings, output: &Output) {
    let Some(code) = output.code else {
        findings.unknown(output.error().to_string());
        return;
    };
    let how = format!("ended with exit status {code}");
    let said = tail(output);
    let said = if said.is_empty() {
        " and said nothing".to_owned()
    } else {
        format!("\n{said}")
    };
    findings
        .error(format!("`{}` {how}{said}", output.command))
        .help("run the command by hand to see all of it");
}

/// The last lines of both streams: test runners speak on the one, tools on the other.
pub(crate) fn tail(output: &Output) -> String {
    let out = plain(&String::from_utf8_lossy(&output.stdout));
    let err = plain(&String::from_utf8_lossy(&output.stderr));
    [out, err]
        .iter()
        .map(|text| last_lines(text, TAIL_LINES))
        .filter(|text| !text.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}

fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.trim().lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

/// Text without terminal colours (ECMA-48 control sequences).
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(char) = rest.next() {
        if char != '\u{1b}' {
            out.push(char);
        } else if rest.next() == Some('[') {
            // Parameters, then one final byte.
            for char in rest.by_ref() {
                if ('\u{40}'..='\u{7e}').contains(&char) {
                    break;
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{last_lines, plain};

    #[test]
    fn colours_go_and_text_stays() {
        assert_eq!(plain("\u{1b}[1;32mok\u{1b}[0m — 3"), "ok — 3");
        assert_eq!(plain("cut \u{1b}["), "cut ");
    }

    #[test]
    fn the_end_of_a_text() {
        assert_eq!(last_lines("a\nb\nc\n\n", 2), "b\nc");
        assert_eq!(last_lines("", 2), "");
    }
}
