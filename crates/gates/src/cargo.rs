//! Cargo's own words turned into findings: compiler messages with their place, and what went wrong before that.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use cargo_metadata::diagnostic::{Diagnostic, DiagnosticLevel};
use cargo_metadata::{Artifact, Message, Metadata, MetadataCommand};
use world::{Cmd, Output};

use crate::{Cx, Findings, Severity, runner};

/// `cargo ARGS`; `--locked` where the lock file is part of the repository, so that a check never rewrites it.
pub(crate) fn cmd(cx: &Cx, timeout: Duration, args: &[&str]) -> Result<Cmd> {
    let mut cmd = Cmd::new(&cx.root, "cargo").args(args).timeout(timeout);
    if !cx
        .git()
        .list(&["ls-files", "-z", "--", "Cargo.lock"])?
        .is_empty()
    {
        cmd = cmd.arg("--locked");
    }
    if let Some(folder) = &cx.target_dir {
        cmd = cmd.env("CARGO_TARGET_DIR", folder.to_string_lossy());
    }
    Ok(cmd)
}

/// What cargo knows of the workspace; from the network it learns nothing more.
pub(crate) fn metadata(cx: &Cx, args: &[&str]) -> Result<Metadata> {
    let cmd = Cmd::new(&cx.root, "cargo")
        .args(["metadata", "--format-version=1", "--offline"])
        .args(args);
    let answer = cx.world.answer(&cmd)?;
    MetadataCommand::parse(&answer).context("cargo metadata answered something else than its JSON")
}

/// Whether cargo could not even begin, for want of something that is not the repository's fault.
pub(crate) fn could_not_look(errors: &str) -> bool {
    const SIGNS: &[&str] = &[
        "no such command:",
        "is not installed for the toolchain",
        "error: toolchain '",
        "--offline was specified",
        "failed to download",
        "failed to fetch",
        "download of config.json failed",
        "spurious network error",
        "Could not resolve host",
        "No space left on device",
    ];
    SIGNS.iter().any(|sign| errors.contains(sign))
}

/// Cargo failed and no compiler message says why: its own words, as unknown or as a finding.
pub(crate) fn broke(findings: &mut Findings, output: &Output) {
    // Ended by a signal: the machine had enough, the repository has said nothing.
    if output.code.is_none() || could_not_look(&output.errors()) {
        findings.unknown(output.error().to_string());
        return;
    }
    findings
        .error(format!(
            "`{}` failed\n{}",
            output.command,
            runner::tail(output)
        ))
        .at("Cargo.toml")
        .help("run the command by hand to see all of it");
}

/// Runs a command with `--message-format json` and lists what the compiler said. Examined = crates of the repository.
pub(crate) fn compile(cx: &Cx, cmd: &Cmd, findings: &mut Findings) -> Result<()> {
    let rules = Rules {
        counts: |_| true,
        severity: |said| said,
        hears: |_| true,
    };
    compile_by(cx, cmd, &rules, findings)
}

/// What a gate makes of the words of a compiler.
pub(crate) struct Rules {
    /// Whether what was made is what the gate asks for.
    pub(crate) counts: fn(&Artifact) -> bool,
    pub(crate) severity: fn(Severity) -> Severity,
    /// Whether the message belongs to the gate; that of a compiler that could not go on always does.
    pub(crate) hears: fn(&Diagnostic) -> bool,
}

/// The same by the rules of a gate.
pub(crate) fn compile_by(cx: &Cx, cmd: &Cmd, rules: &Rules, findings: &mut Findings) -> Result<()> {
    let output = cx.world.run(cmd)?;
    let root = cx.root.canonicalize().unwrap_or_else(|_| cx.root.clone());
    let mut crates = BTreeSet::new();
    let mut said = BTreeSet::new();
    let (mut errors, mut warnings) = (0_u64, 0_u64);
    for message in Message::parse_stream(output.stdout.as_slice()) {
        match message? {
            Message::CompilerArtifact(artifact)
                if artifact.manifest_path.as_std_path().starts_with(&root)
                    && (rules.counts)(&artifact) =>
            {
                crates.insert(artifact.manifest_path);
            }
            Message::CompilerMessage(message) => {
                match list(findings, &root, &message.message, rules, &mut said) {
                    Some(Severity::Error) => errors += 1,
                    Some(_) => warnings += 1,
                    None => {}
                }
            }
            _ => {}
        }
    }
    findings.examined(crates.len());
    findings.evidence("crates", crates.len());
    findings.evidence("errors", errors);
    findings.evidence("warnings", warnings);
    if !output.ok() && errors == 0 {
        broke(findings, &output);
    }
    Ok(())
}

/// One compiler message; the same one about library and test is listed once.
fn list(
    findings: &mut Findings,
    root: &Path,
    said: &Diagnostic,
    rules: &Rules,
    seen: &mut BTreeSet<(String, String, usize)>,
) -> Option<Severity> {
    let severity = match said.level {
        DiagnosticLevel::Error | DiagnosticLevel::Ice => Severity::Error,
        DiagnosticLevel::Warning if (rules.hears)(said) => (rules.severity)(Severity::Warning),
        _ => return None,
    };
    // "aborting due to 2 previous errors", "3 warnings emitted": sums, not findings.
    let sum = ["aborting due to", "could not compile"];
    if said.spans.is_empty()
        && (sum.iter().any(|sum| said.message.starts_with(sum))
            || said.message.ends_with(" emitted"))
    {
        return None;
    }
    let span = said.spans.iter().find(|span| span.is_primary);
    let path = span.map(|span| {
        let path = Path::new(&span.file_name);
        path.strip_prefix(root)
            .unwrap_or(path)
            .display()
            .to_string()
    });
    let line = span.map_or(0, |span| span.line_start);
    if !seen.insert((said.message.clone(), path.clone().unwrap_or_default(), line)) {
        return None;
    }
    let finding = match severity {
        Severity::Error => findings.error(said.message.clone()),
        _ => findings.warning(said.message.clone()),
    };
    if let (Some(path), Some(span)) = (path, span) {
        finding
            .at(path)
            .line(Some(span.line_start), Some(span.column_start));
    }
    let help = said
        .children
        .iter()
        .find(|child| child.level == DiagnosticLevel::Help);
    if let Some(help) = help {
        finding.help(help.message.clone());
    }
    Some(severity)
}
