//! `security`: the requirements that every repository can be asked, the repository's own, and its own script.

use std::time::Duration;

use anyhow::Result;

use crate::requirements::{self, Seen, Table, builtin, custom, script};
use crate::{Applies, Cost, Cx, Findings, Gate, Inputs};

pub(crate) const GATE: Gate = Gate {
    name: "security",
    about: "does the repository hold to its own security requirements",
    // A script may take its time.
    cost: Cost::Slow,
    needs: &[],
    inputs: |_| {
        Ok(Inputs::Live(
            "looks at the last commit, and runs what it is told to",
        ))
    },
    applies,
    check,
};

#[expect(clippy::unnecessary_wraps, reason = "the shape of `Gate::applies`")]
fn applies(cx: &Cx) -> Result<Applies> {
    let settings = &cx.config.gates.security;
    let asked = builtin::RULES
        .iter()
        .any(|rule| !settings.skip.contains(&rule.rule));
    Ok(
        match asked || settings.script.is_some() || !settings.checks.is_empty() {
            true => Applies::Yes,
            false => Applies::No("nothing is asked for in [gates.security]".to_owned()),
        },
    )
}

fn check(cx: &Cx, findings: &mut Findings) -> Result<()> {
    let settings = &cx.config.gates.security;
    let timeout = Duration::from_secs(settings.timeout_s);
    let files = requirements::files(cx)?;
    let mut table = Table::default();
    for rule in builtin::RULES {
        if settings.skip.contains(&rule.rule) {
            continue;
        }
        let seen =
            (rule.look)(cx, &files).unwrap_or_else(|error| Seen::Unknown(format!("{error:#}")));
        table.add(rule.name, seen, findings);
    }
    for check in &settings.checks {
        let seen = custom::look(cx, check, &files, timeout)?;
        table.add(&check.name, seen, findings);
    }
    if let Some(command) = &settings.script {
        let name = format!("script {}", command.join(" "));
        let seen = script::look(cx, command, timeout, findings)?;
        table.add(&name, seen, findings);
    }
    findings.evidence("checks", table.into_value());
    Ok(())
}
