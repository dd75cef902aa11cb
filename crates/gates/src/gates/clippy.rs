//! `clippy`: the linter has nothing to say about the Rust code.

use anyhow::Result;

use crate::runner::Runner;
use crate::{Cost, Gate, Lane, cargo};

pub(crate) const GATE: Gate = Gate {
    name: "clippy",
    about: "has the linter nothing to say about the Rust code",
    cost: Cost::Slow,
    needs: &[Lane::CargoBuild],
    inputs: |cx| RUNNER.inputs(cx),
    applies: |cx| RUNNER.applies(cx),
    check: |cx, findings| RUNNER.check(cx, findings),
};

const RUNNER: Runner = Runner {
    script: None,
    settings: |gates| (&gates.clippy).into(),
    cargo: |cx, timeout, findings| {
        let args = [
            "clippy",
            "--workspace",
            "--all-targets",
            "--message-format=json",
        ];
        let cmd = cargo::cmd(cx, timeout, &args)?;
        // Its own severities: a lint that a newer toolchain brings must not stop a release by itself. Who wants that
        // sets `command` in [gates.clippy], with `-- --deny warnings`, or denies in the lint table.
        cargo::compile(cx, &cmd, findings)
    },
    node: |_, _, _| -> Result<()> { Ok(()) },
};
