//! `tools`: the programs that this repository and its release need are there, and work.

use std::time::Duration;

use anyhow::Result;
use world::{Cmd, CmdError, Failure};

use crate::project::NodeManager;
use crate::{Applies, Cost, Cx, Findings, Gate, Inputs, project};

pub(crate) const GATE: Gate = Gate {
    name: "tools",
    about: "are the needed programs there, in a version that works",
    cost: Cost::Instant,
    needs: &[],
    inputs: |_| Ok(Inputs::Live("asks the programs of this machine")),
    applies: |_| Ok(Applies::Yes),
    check,
};

/// A program that says no version within this time does not work.
const PATIENCE: Duration = Duration::from_secs(20);

struct Tool {
    name: String,
    /// The oldest version that does what we ask of it.
    least: Option<&'static str>,
    /// A version the repository itself asks for.
    pinned: Option<String>,
    help: &'static str,
}

fn check(cx: &Cx, findings: &mut Findings) -> Result<()> {
    for tool in tools(cx) {
        findings.examined(1);
        look(cx, &tool, findings)?;
    }
    Ok(())
}

fn tools(cx: &Cx) -> Vec<Tool> {
    let tool = |name: &str, least, help| Tool {
        name: name.to_owned(),
        least,
        pinned: None,
        help,
    };
    let project = project::detect(&cx.root);
    let mut tools = vec![tool(
        "git",
        // `rev-parse --path-format`, `push --atomic` and worktrees as we use them.
        Some("2.31"),
        "install git 2.31 or later with the system's package manager",
    )];
    if project.cargo {
        let help = "install Rust with rustup, or with the system's package manager";
        tools.push(tool("cargo", None, help));
    }
    if let Some(manager) = project.node {
        tools.push(tool("node", None, "install Node.js, which brings npm"));
        let help = match manager {
            NodeManager::Npm => "install Node.js, which brings npm",
            NodeManager::Pnpm => "run `corepack enable pnpm`, or `npm install --global pnpm`",
            NodeManager::Yarn => "run `corepack enable yarn`",
        };
        let mut program = tool(manager.program(), None, help);
        program.pinned = project::declared_manager(&cx.root)
            .and_then(|declared| Some(declared.split_once('@')?.1.to_owned()));
        tools.push(program);
    }
    for name in &cx.config.gates.tools.require {
        if !tools.iter().any(|tool| tool.name == *name) {
            let help = "install it, or take it out of gates.tools.require";
            tools.push(tool(name, None, help));
        }
    }
    tools
}

fn look(cx: &Cx, tool: &Tool, findings: &mut Findings) -> Result<()> {
    let name = &tool.name;
    let cmd = Cmd::new(&cx.root, name).arg("--version").timeout(PATIENCE);
    let output = match cx.world.ask(&cmd) {
        Ok(output) => output,
        Err(error) => {
            match error.downcast_ref::<CmdError>().map(|error| &error.failure) {
                Some(Failure::Missing) => {
                    findings
                        .error(format!("`{name}` is not on the search path"))
                        .help(tool.help);
                }
                Some(Failure::Interrupted) => return Err(error),
                _ => findings.unknown(format!("{error:#}")),
            }
            return Ok(());
        }
    };
    let text = output.text();
    let Some(version) = version_in(&text).filter(|_| output.ok()) else {
        let said = if output.ok() {
            format!("answered `{}`", text.lines().next().unwrap_or_default())
        } else {
            output.error().to_string()
        };
        findings.unknown(format!(
            "`{name} --version` gives no version: {said}; {}",
            tool.help
        ));
        return Ok(());
    };
    findings.evidence(name, version);
    if let Some(least) = tool.least.filter(|least| older(version, least)) {
        findings
            .error(format!("{name} {version} is older than {least}"))
            .help(tool.help);
    }
    if let Some(pinned) = tool.pinned.as_ref().filter(|pinned| *pinned != version) {
        findings
            .warning(format!(
                "{name} {version} is here, package.json asks for {pinned}"
            ))
            .at("package.json")
            .help(format!("run `corepack use {name}@{pinned}`"));
    }
    Ok(())
}

/// The first word of the text that is a dotted number, with what may stand before it: `v20.1.0`, `jq-1.7`.
fn version_in(text: &str) -> Option<&str> {
    let dotted = |word: &&str| {
        let mut parts = word.split('.');
        let numbers = parts
            .by_ref()
            .take(2)
            .filter(|part| part.parse::<u64>().is_ok());
        numbers.count() == 2
    };
    text.split(|char: char| char.is_whitespace() || "/(),-".contains(char))
        .map(|word| word.trim_start_matches('v').trim_end_matches('.'))
        .find(dotted)
}

fn older(version: &str, least: &str) -> bool {
    let numbers = |text: &str| -> Vec<u64> {
        text.split('.')
            .map_while(|part| part.parse().ok())
            .collect()
    };
    numbers(version) < numbers(least)
}

#[cfg(test)]
mod tests {
    use super::{older, version_in};

    #[test]
    fn versions_are_found_in_what_tools_say() {
        for (text, version) in [
            ("git version 2.47.3", Some("2.47.3")),
            ("git version 2.39.2 (Apple Git-143)", Some("2.39.2")),
            ("git version 2.31.0.windows.1", Some("2.31.0.windows.1")),
            ("cargo 1.95.0 (f2d3ce0bd 2026-03-21)", Some("1.95.0")),
            ("v20.1.0", Some("20.1.0")),
            ("jq-1.7.1", Some("1.7.1")),
            ("aws-cli/2.15.30 Python/3.11.8", Some("2.15.30")),
            ("Terraform v1.9.0\non linux_amd64", Some("1.9.0")),
            ("segmentation fault", None),
            ("version two", None),
            ("", None),
        ] {
            assert_eq!(version_in(text), version, "{text}");
        }
    }

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(older("2.9.5", "2.31"));
        assert!(!older("2.31", "2.31"));
        assert!(!older("2.31.0.windows.1", "2.31"));
        assert!(!older("3.0", "2.31"));
    }
}
