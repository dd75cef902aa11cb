//! `licenses`: every dependency is under a licence that the project can live with.

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::json;

use crate::advisories::database::interrupted;
use crate::licences::{Known, Rules, cargo, node};
use crate::{Applies, Cost, Cx, Findings, Gate, Inputs, project};

pub(crate) const GATE: Gate = Gate {
    name: "licenses",
    about: "is every dependency under a licence that is allowed",
    cost: Cost::Slow,
    needs: &[],
    inputs,
    applies: |cx| {
        let project = project::detect(&cx.root);
        Ok(match project.cargo || project.node.is_some() {
            true => Applies::Yes,
            false => Applies::No("neither Cargo.toml nor package.json at the root".to_owned()),
        })
    },
    check,
};

#[expect(clippy::unnecessary_wraps, reason = "the shape of `Gate::inputs`")]
fn inputs(cx: &Cx) -> Result<Inputs> {
    if project::detect(&cx.root).node.is_some() {
        return Ok(Inputs::Live("reads what is installed, which git ignores"));
    }
    Ok(Inputs::files([
        "**/Cargo.toml",
        "Cargo.lock",
        ".cargo/**",
        "rust-toolchain*",
        "**/src/lib.rs",
        "**/src/main.rs",
        "**/src/bin/**",
    ])
    .tool("cargo")
    .env(&["CARGO_HOME", "RUSTUP_TOOLCHAIN"]))
}

fn check(cx: &Cx, findings: &mut Findings) -> Result<()> {
    let settings = &cx.config.gates.licenses;
    let mut rules = Rules::new(settings, findings);
    let project = project::detect(&cx.root);
    let mut parts: Vec<Result<Known>> = Vec::new();
    if project.cargo {
        parts.push(cargo::packages(cx, settings.dev));
    }
    if let Some(manager) = project.node {
        parts.push(node::packages(cx, manager, settings.dev));
    }
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    let mut complete = true;
    // What one kind of package cannot tell says nothing about the other.
    for part in parts {
        let known = match part {
            Ok(known) => known,
            Err(error) if interrupted(&error) => return Err(error),
            Err(error) => {
                findings.unknown(format!("{error:#}"));
                complete = false;
                continue;
            }
        };
        // The manifest itself is one thing to look at: there may be no dependency.
        findings.examined(1 + known.packages.len());
        for package in &known.packages {
            let says = package.license.as_deref().unwrap_or("none");
            *counts.entry(says.to_owned()).or_default() += 1;
            rules.judge(package, findings);
        }
        let mut others = known.other_platforms;
        others.retain(|(name, _)| !rules.waved(name));
        let others: Vec<String> = others
            .iter()
            .map(|(name, version)| format!("{name} {version}"))
            .collect();
        if !others.is_empty() {
            findings
                .warning(format!(
                    "{} packages are not for this system, so that their licences are not seen here: {}",
                    others.len(),
                    others.join(", ")
                ))
                .help("run the gate on the systems they are for, or read their licences and name them in [[gates.licenses.exceptions]]");
        }
        if let Some(reason) = known.unseen {
            findings.unknown(reason);
            complete = false;
        }
    }
    findings.evidence("packages", counts.values().sum::<u64>());
    findings.evidence("licenses", json!(counts));
    rules.finish(complete, findings);
    Ok(())
}
