//! `deps`: manifests and lock files are there and in step, and everybody's package manager reads them.

use std::time::Duration;

use anyhow::Result;
use serde_json::json;

use crate::advisories::database::interrupted;
use crate::deps::{cargo, node, node_locks, pins};
use crate::{Applies, Cost, Cx, Findings, Gate, Inputs, project};

pub(crate) const GATE: Gate = Gate {
    name: "deps",
    about: "are manifests and lock files in step, and readable for the pinned package managers",
    cost: Cost::Slow,
    needs: &[],
    inputs,
    applies,
    check,
};

fn applies(cx: &Cx) -> Result<Applies> {
    let project = project::detect(&cx.root);
    let lock = cx.path("Cargo.lock").is_file() || !node_locks(cx).is_empty();
    Ok(match project.cargo || project.node.is_some() || lock {
        true => Applies::Yes,
        false => Applies::No("neither Cargo.toml nor package.json at the root".to_owned()),
    })
}

#[expect(clippy::unnecessary_wraps, reason = "the shape of `Gate::inputs`")]
fn inputs(cx: &Cx) -> Result<Inputs> {
    let mut inputs = Inputs::files([
        "**/Cargo.toml",
        "Cargo.lock",
        ".cargo/**",
        "rust-toolchain*",
        // Which targets a crate has is told by its files.
        "**/src/lib.rs",
        "**/src/main.rs",
        "**/src/bin/**",
        "**/package.json",
        "package-lock.json",
        "npm-shrinkwrap.json",
        "pnpm-lock.yaml",
        "pnpm-workspace.yaml",
        "yarn.lock",
        "bun.lock*",
        ".npmrc",
        ".pnpmfile.cjs",
        "**/*.patch",
        ".gitignore",
        ".github/workflows/*",
    ])
    .env(&["CARGO_HOME", "RUSTUP_TOOLCHAIN", "NODE_ENV"]);
    let project = project::detect(&cx.root);
    if project.cargo {
        inputs = inputs.tool("cargo");
    }
    if let Some(manager) = project.node {
        inputs = inputs.tool("node").tool(manager.program());
    }
    Ok(inputs)
}

fn check(cx: &Cx, findings: &mut Findings) -> Result<()> {
    let settings = &cx.config.gates.deps;
    let timeout = Duration::from_secs(settings.timeout_s);
    let project = project::detect(&cx.root);
    let mut parts: Vec<Result<()>> = Vec::new();
    if project.cargo {
        parts.push(cargo::check(cx, timeout, findings));
    } else if cx.path("Cargo.lock").is_file() {
        orphan("Cargo.lock", "Cargo.toml", findings);
    }
    match project.node {
        Some(manager) => {
            parts.push(node::check(cx, manager, timeout, findings));
            if settings.workflows {
                parts.push(pins::check(cx, manager, findings));
            }
        }
        None => {
            for (lock, _) in node_locks(cx) {
                orphan(lock, "package.json", findings);
            }
        }
    }
    let locks: Vec<&str> = node_locks(cx).into_iter().map(|(name, _)| name).collect();
    findings.evidence("node_locks", json!(locks));
    // What one part cannot tell says nothing about the others.
    for part in parts {
        match part {
            Err(error) if interrupted(&error) => return Err(error),
            Err(error) => findings.unknown(format!("{error:#}")),
            Ok(()) => {}
        }
    }
    Ok(())
}

fn orphan(lock: &str, manifest: &str, findings: &mut Findings) {
    findings.examined(1);
    findings
        .error(format!(
            "{lock} is there, and its manifest {manifest} is not"
        ))
        .at(lock)
        .help(format!("bring {manifest} back, or remove {lock}"));
}
