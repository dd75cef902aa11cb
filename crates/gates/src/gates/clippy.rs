//! `clippy`: the linter has nothing to say about the Rust code.

use anyhow::Result;

use crate::runner::Runner;
use crate::{Cost, Gate, Lane, cargo};

pub(crate) const GATE: Gate = Gate {
    name: "clippy",
    about: "has the linter nothing to say about the Rust code",
    cost: Cost::Slow,
    needs: &[Lane::CargoBuild],
    applies: |cx| RUNNER.applies(cx),
    check: |cx, findings| RUNNER.check(cx, findings),
};

const RUNNER: Runner = Runner {
    script: None,
    settings: |gates| &gates.clippy,
    cargo: |cx, timeout, findings| {
        let args = [
            "clippy",
            "--workspace",
            "--all-targets",
            "--message-format=json",
        ];
        let cmd = cargo::cmd(cx, timeout, &args)?;
        // A warning that does not stop a release is never read again. What is meant is said with `expect` in the code.
        cargo::compile(cx, &cmd.args(["--", "--deny", "warnings"]), findings)
    },
    node: |_, _, _| -> Result<()> { Ok(()) },
};
