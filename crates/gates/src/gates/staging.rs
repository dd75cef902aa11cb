//! `staging`: the deployment that a release is tried on is there, protected and answering.

use anyhow::Result;

use crate::{Applies, Cost, Cx, Findings, Gate, Inputs, deployment};

pub(crate) const GATE: Gate = Gate {
    name: "staging",
    about: "is the staging deployment there, protected and answering",
    cost: Cost::Network,
    needs: &[],
    inputs: |_| {
        Ok(Inputs::Live(
            "asks a deployment with somebody's credentials",
        ))
    },
    applies: |cx| {
        Ok(match deployment::is_configured(&cx.config.gates.staging) {
            true => Applies::Yes,
            false => Applies::No("nothing is configured in [gates.staging]".to_owned()),
        })
    },
    check,
};

fn check(cx: &Cx, findings: &mut Findings) -> Result<()> {
    let settings = &cx.config.gates.staging;
    deployment::examine(cx, settings, &settings.environment, findings)
}
