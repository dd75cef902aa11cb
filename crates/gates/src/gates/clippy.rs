//! `clippy`: the linter has nothing to say: clippy for Rust, the script `lint` for npm, pnpm and yarn.

use crate::runner::{Runner, by_status};
use crate::{Cost, Gate, Lane, cargo};

pub(crate) const GATE: Gate = Gate {
    name: "clippy",
    about: "has the linter (clippy, script `lint`) nothing to say",
    cost: Cost::Slow,
    needs: &[Lane::CargoBuild],
    inputs: |cx| RUNNER.inputs(cx),
    applies: |cx| RUNNER.applies(cx),
    check: |cx, findings| RUNNER.check(cx, findings),
};

const RUNNER: Runner = Runner {
    scripts: &["lint"],
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
    node: by_status,
};
