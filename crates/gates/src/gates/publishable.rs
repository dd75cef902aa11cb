//! `publishable`: what the registries of packages will refuse, before anything is published.

use anyhow::Result;

use crate::publishable::{crates, npm};
use crate::{Applies, Cost, Cx, Findings, Gate, Inputs, Lane, project};

pub(crate) const GATE: Gate = Gate {
    name: "publishable",
    about: "will the registries take the packages",
    cost: Cost::Slow,
    // Behind `build`: packages of npm hold what it makes.
    needs: &[Lane::CargoBuild],
    inputs: |_| {
        Ok(Inputs::Live(
            "packs what is on the disk, built files included, and may ask a registry for its index",
        ))
    },
    applies,
    check,
};

fn applies(cx: &Cx) -> Result<Applies> {
    let project = project::detect(&cx.root);
    if !project.cargo && project.node.is_none() {
        return Ok(Applies::No(
            "neither Cargo.toml nor package.json at the root".to_owned(),
        ));
    }
    let cargo = project.cargo && !crates::publishable(cx)?.is_empty();
    let node = project.node.is_some() && !npm::publishable(cx)?.is_empty();
    Ok(match cargo || node {
        true => Applies::Yes,
        false => Applies::No(
            match (project.cargo, project.node) {
                (true, None) => "every package has `publish = false`",
                (false, _) => "every package.json is private",
                (true, Some(_)) => {
                    "every package has `publish = false`, every package.json is private"
                }
            }
            .to_owned(),
        ),
    })
}

fn check(cx: &Cx, findings: &mut Findings) -> Result<()> {
    let project = project::detect(&cx.root);
    if project.cargo
        && let Err(error) = crates::check(cx, findings)
    {
        // The packages of npm have their own say.
        findings.unknown(format!("{error:#}"));
        cx.world.check_interrupt()?;
    }
    match project.node {
        Some(manager) => npm::check(cx, manager, findings),
        None => Ok(()),
    }
}
