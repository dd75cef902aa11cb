//! `build`: everything in the repository builds.

use crate::runner::{Runner, by_status};
use crate::{Cost, Gate, Lane, cargo};

pub(crate) const GATE: Gate = Gate {
    name: "build",
    about: "does everything build",
    cost: Cost::Slow,
    needs: &[Lane::CargoBuild],
    inputs: |cx| RUNNER.inputs(cx),
    applies: |cx| RUNNER.applies(cx),
    check: |cx, findings| RUNNER.check(cx, findings),
};

const RUNNER: Runner = Runner {
    scripts: &["build"],
    settings: |gates| (&gates.build).into(),
    cargo: |cx, timeout, findings| {
        // Tests and examples too: what only they use must build as well, and the test gate finds it built.
        let args = [
            "build",
            "--workspace",
            "--all-targets",
            "--message-format=json",
        ];
        cargo::compile(cx, &cargo::cmd(cx, timeout, &args)?, findings)
    },
    node: by_status,
};
