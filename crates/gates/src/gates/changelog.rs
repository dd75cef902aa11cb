//! `changelog`: it is well formed, and in a release it has the section of the version.

use anyhow::Result;

use crate::{Applies, Cost, Cx, Findings, Gate, Inputs, Subject};

pub(crate) const GATE: Gate = Gate {
    name: "changelog",
    about: "is the changelog well formed",
    cost: Cost::Instant,
    needs: &[],
    inputs: |cx| {
        Ok(Inputs::files([&cx.config.changelog.path]).setting(cx.config.changelog.path.as_str()))
    },
    applies: |_| Ok(Applies::Yes),
    check,
};

fn check(cx: &Cx, findings: &mut Findings) -> Result<()> {
    let path = &cx.config.changelog.path;
    let text = cx.world.read_if_exists(&cx.path(path))?;
    let released = match &cx.subject {
        Subject::Tree => None,
        Subject::Candidate { version, .. } => Some(version.to_string()),
    };
    let Some(text) = text else {
        findings.examined(1);
        findings.evidence("sections", 0);
        match released {
            Some(version) => findings
                .error(format!(
                    "there is no {path}, and {version} needs a section in it"
                ))
                .help(format!("run `cargo xtask changelog write {version}`")),
            None => findings.note(format!("there is no {path} yet; the release makes it")),
        };
        return Ok(());
    };
    let sections = manifest::changelog::sections(&text);
    findings.examined(sections.len().max(1));
    findings.evidence("sections", sections.len());
    for problem in manifest::changelog::check(&text) {
        findings
            .error(problem.message)
            .at(path)
            .line(Some(problem.line), None);
    }
    if let Some(version) = released {
        let help = format!("run `cargo xtask changelog write {version}`");
        match manifest::changelog::section(&text, &version) {
            None => {
                findings
                    .error(format!("there is no section for {version}"))
                    .at(path)
                    .help(help);
            }
            Some(section) if says_nothing(section.text) => {
                findings
                    .error(format!("the section for {version} is empty"))
                    .at(path)
                    .line(Some(section.line), None)
                    .help(help);
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// Headings alone say nothing.
fn says_nothing(section: &str) -> bool {
    section
        .lines()
        .map(str::trim)
        .all(|line| line.is_empty() || line.starts_with('#'))
}
