//! `audit`: no dependency has a known vulnerability that is bad enough to stop a release.

use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};

use crate::advisories::database::{self, Database, days, interrupted};
use crate::advisories::{Judge, node, rustsec};
use crate::project::{self, NodeManager};
use crate::{Applies, Cost, Cx, Findings, Gate, Inputs};

pub(crate) const GATE: Gate = Gate {
    name: "audit",
    about: "are there known vulnerabilities in the dependencies",
    cost: Cost::Network,
    needs: &[],
    inputs: |_| {
        Ok(Inputs::Live(
            "advisories are published every day, and accepted ones expire",
        ))
    },
    applies: |cx| {
        let project = project::detect(&cx.root);
        Ok(match project.cargo || project.node.is_some() {
            true => Applies::Yes,
            false => Applies::No("neither Cargo.toml nor package.json at the root".to_owned()),
        })
    },
    check,
};

/// Reading a thousand files, on a slow machine.
const PATIENCE: Duration = Duration::from_secs(60);

fn check(cx: &Cx, findings: &mut Findings) -> Result<()> {
    let settings = &cx.config.gates.audit;
    let today = cx.world.today()?;
    let mut judge = Judge::new(settings, &today);
    let project = project::detect(&cx.root);
    let mut complete = true;
    // What one kind of package cannot tell says nothing about the other.
    if project.cargo {
        complete &= seen(cargo(cx, &mut judge, findings), findings)?;
    }
    if let Some(manager) = project.node {
        complete &= seen(npm(cx, manager, &mut judge, findings), findings)?;
    }
    judge.finish(complete, findings);
    Ok(())
}

fn seen(done: Result<bool>, findings: &mut Findings) -> Result<bool> {
    match done {
        Ok(seen) => Ok(seen),
        Err(error) if interrupted(&error) => Err(error),
        Err(error) => {
            findings.unknown(format!("{error:#}"));
            Ok(false)
        }
    }
}

/// Whether everything could be looked at.
fn cargo(cx: &Cx, judge: &mut Judge<'_>, findings: &mut Findings) -> Result<bool> {
    let path = cx.path("Cargo.lock");
    let Some(lock) = cx.world.read_if_exists(&path)? else {
        findings.unknown(
            "there is no Cargo.lock, which says what is built; run `cargo generate-lockfile`",
        );
        return Ok(false);
    };
    let named = |start: &str| lock.lines().filter(|line| line.starts_with(start)).count();
    if named("source = ") == 0 {
        // All of it is the repository's own: there is nothing that somebody else could have published about it.
        let packages = named("[[package]]");
        findings.examined(packages);
        findings.evidence("cargo", json!({ "packages": packages, "from_registry": 0 }));
        return Ok(true);
    }
    let settings = &cx.config.gates.audit;
    let database = database::obtain(cx, settings)?;
    let answer = rustsec::ask(cx, &path, &database.folder, PATIENCE)?;
    findings.examined(answer.packages.total);
    for advisory in answer.advisories(&lock) {
        judge.advisory(&advisory, findings);
    }
    let elsewhere = &answer.packages.elsewhere;
    if !elsewhere.is_empty() {
        findings
            .warning(format!(
                "{} packages come from git or from another registry, and no advisory is about them: {}",
                elsewhere.len(),
                elsewhere.join(", ")
            ))
            .at("Cargo.lock")
            .help("watch their sources for security fixes yourself");
    }
    let age = age_days(cx, &database, &answer.database.newest);
    findings.evidence(
        "cargo",
        json!({
            "packages": answer.packages.total,
            "from_registry": answer.packages.examined,
            "elsewhere": elsewhere,
            "database": {
                "source": database.source,
                "advisories": answer.database.advisories,
                "newest": answer.database.newest,
                "commit": database.commit,
                "age_days": age,
            },
        }),
    );
    Ok(fresh(&database, age, settings.max_age_days, findings))
}

/// Days since the database was brought up to date; a folder without history is as old as its newest advisory.
fn age_days(cx: &Cx, database: &Database, newest: &str) -> Option<u64> {
    if let Some(age) = database.age_s {
        return Some(days(age));
    }
    if database.stale.is_some() {
        return None;
    }
    let newest: config::Date = newest.parse().ok()?;
    let today: config::Date = cx.world.today().ok()?.parse().ok()?;
    Some(today.days_since(newest).unwrap_or(0))
}

/// Says what an old database means; false where it means that the answer is none.
fn fresh(database: &Database, age: Option<u64>, most: u32, findings: &mut Findings) -> bool {
    let source = &database.source;
    let why = match &database.stale {
        Some(error) => format!(", and could not be refreshed: {error}"),
        None => String::new(),
    };
    match age {
        Some(age) if age > u64::from(most) => {
            findings.unknown(format!(
                "the advisory database from {source} is {age} days old{why}; more than {most} days (gates.audit.max_age_days) are no answer: bring it up to date"
            ));
            false
        }
        None => {
            findings.unknown(format!(
                "it cannot be told how old the advisory database from {source} is{why}; bring it up to date"
            ));
            false
        }
        Some(age) => {
            if database.stale.is_some() {
                findings
                    .warning(format!(
                        "the advisory database from {source} is {age} days old{why}"
                    ))
                    .help(format!(
                        "mend the network; after {most} days (gates.audit.max_age_days) it is no answer any more"
                    ));
            }
            true
        }
    }
}

fn npm(
    cx: &Cx,
    manager: NodeManager,
    judge: &mut Judge<'_>,
    findings: &mut Findings,
) -> Result<bool> {
    let timeout = Duration::from_secs(cx.config.gates.audit.timeout_s);
    let audit = match node::audit(cx, manager, timeout)? {
        Ok(audit) => audit,
        Err(why) => {
            findings.unknown(why);
            return Ok(false);
        }
    };
    // The lock file itself is one thing to look at.
    findings.examined(1 + audit.packages.unwrap_or(0));
    for advisory in &audit.advisories {
        judge.advisory(advisory, findings);
    }
    findings.evidence(
        manager.program(),
        json!({ "packages": audit.packages.map_or(Value::Null, Value::from) }),
    );
    Ok(true)
}
