//! `doc`: the API documentation builds, and rustdoc has nothing to say about it.

use std::time::Duration;

use anyhow::Result;
use cargo_metadata::diagnostic::Diagnostic;
use config::{DocGate, DocWarnings};

use crate::cargo::Rules;
use crate::{Applies, Cost, Cx, Findings, Gate, Inputs, Lane, Severity, cargo, project, runner};

pub(crate) const GATE: Gate = Gate {
    name: "doc",
    about: "does the API documentation build without warnings",
    cost: Cost::Slow,
    needs: &[Lane::CargoBuild],
    inputs: |cx| Ok(inputs(cx)),
    applies,
    check,
};

/// What builds documentation by custom. `docs` alone is often a server that never ends, hence the order.
const SCRIPTS: &[&str] = &["docs:build", "docs", "doc"];

fn inputs(cx: &Cx) -> Inputs {
    runner::build_inputs(cx, settings(cx).command.as_deref())
}

fn applies(cx: &Cx) -> Result<Applies> {
    let project = project::detect(&cx.root);
    if settings(cx).command.is_some() || project.cargo {
        return Ok(Applies::Yes);
    }
    Ok(match (project.node, runner::script(cx, SCRIPTS)?) {
        (Some(_), Some(_)) => Applies::Yes,
        (Some(_), None) => runner::no_script(SCRIPTS),
        (None, _) => Applies::No("neither Cargo.toml nor package.json at the root".to_owned()),
    })
}

fn check(cx: &Cx, findings: &mut Findings) -> Result<()> {
    let settings = settings(cx);
    let timeout = Duration::from_secs(settings.timeout_s);
    if let Some(command) = &settings.command {
        return runner::custom(cx, command, timeout, findings);
    }
    if project::detect(&cx.root).cargo {
        rustdoc(cx, settings, timeout, findings)?;
    }
    // In a repository of both kinds both must hold.
    if let Some(script) = runner::script(cx, SCRIPTS)? {
        runner::by_status(cx, script, timeout, findings)?;
    }
    Ok(())
}

fn settings(cx: &Cx) -> &DocGate {
    &cx.config.gates.doc
}

fn rustdoc(cx: &Cx, settings: &DocGate, timeout: Duration, findings: &mut Findings) -> Result<()> {
    let mut args = vec!["doc", "--workspace", "--no-deps", "--message-format=json"];
    if settings.private_items {
        args.push("--document-private-items");
    }
    let rules = Rules {
        // A library that another one needs is compiled besides; only a page is documentation.
        counts: |artifact| {
            artifact
                .filenames
                .iter()
                .any(|file| file.extension() == Some("html"))
        },
        severity: match settings.warnings {
            DocWarnings::Error => |_| Severity::Error,
            DocWarnings::Warn => |_| Severity::Warning,
        },
        hears: of_rustdoc,
    };
    cargo::compile_by(cx, &cargo::cmd(cx, timeout, &args)?, &rules, findings)
}

/// Whether rustdoc says it: what the compiler says of a library that another one needs is for `build` and `clippy`.
fn of_rustdoc(said: &Diagnostic) -> bool {
    /// Lints of the compiler that rustdoc shows as well.
    const SHARED: &[&str] = &[
        "missing_docs",
        "invalid_doc_attributes",
        "renamed_and_removed_lints",
        "unknown_lints",
        "unexpected_cfgs",
        "unfulfilled_lint_expectations",
    ];
    said.code.as_ref().is_none_or(|code| {
        code.code.starts_with("rustdoc::") || SHARED.contains(&code.code.as_str())
    })
}
