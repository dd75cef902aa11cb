//! `docs`: the required documents are there and hold something.

use std::io::ErrorKind;

use anyhow::{Context as _, Result};

use crate::{Applies, Cost, Cx, Findings, Gate, Inputs};

pub(crate) const GATE: Gate = Gate {
    name: "docs",
    about: "are the required documents there and not empty",
    cost: Cost::Instant,
    needs: &[],
    inputs: |cx| Ok(Inputs::files(&cx.config.gates.docs.required)),
    applies: |cx| {
        Ok(match cx.config.gates.docs.required.is_empty() {
            true => Applies::No("gates.docs.required is empty".to_owned()),
            false => Applies::Yes,
        })
    },
    check,
};

fn check(cx: &Cx, findings: &mut Findings) -> Result<()> {
    let required = &cx.config.gates.docs.required;
    let mut good = 0;
    for path in required {
        findings.examined(1);
        match flaw(cx, path)? {
            Some((flaw, help)) => {
                findings.error(format!("{path} {flaw}")).at(path).help(help);
            }
            None => good += 1,
        }
    }
    findings.evidence("present", good);
    findings.evidence("required", required.len());
    Ok(())
}

/// What is wrong with a document, and what to do.
fn flaw(cx: &Cx, path: &str) -> Result<Option<(&'static str, &'static str)>> {
    let full = cx.path(path);
    let write = "write it, or take it out of gates.docs.required";
    let is_link = full.is_symlink();
    let meta = match full.metadata() {
        Ok(meta) => meta,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(Some(match is_link {
                true => ("is a link to something that is not there", "mend the link"),
                false => ("is missing", write),
            }));
        }
        Err(error) => return Err(error).with_context(|| format!("look at {path}")),
    };
    if meta.is_dir() {
        return Ok(Some((
            "is a folder, not a document",
            "name the document inside of it",
        )));
    }
    if !meta.is_file() {
        return Ok(Some(("is not a file", write)));
    }
    let bytes = cx.world.read(&full)?;
    let text = String::from_utf8_lossy(&bytes);
    let empty = text.trim_start_matches('\u{feff}').trim().is_empty();
    Ok(empty.then_some(("is empty", write)))
}
