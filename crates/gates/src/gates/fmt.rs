//! `fmt`: the sources are formatted: as rustfmt would, or as the script `format:check` or `fmt:check` says.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::Result;
use world::Cmd;

use crate::runner::{Runner, by_status};
use crate::{Cost, Cx, Findings, Gate, cargo};

pub(crate) const GATE: Gate = Gate {
    name: "fmt",
    about: "are the sources formatted (rustfmt, script `format:check`)",
    // Half a second for a workspace of ten crates: too long for `--quick`.
    cost: Cost::Slow,
    needs: &[],
    inputs: |cx| RUNNER.inputs(cx),
    applies: |cx| RUNNER.applies(cx),
    check: |cx, findings| RUNNER.check(cx, findings),
};

const RUNNER: Runner = Runner {
    // Those without `check` in their names are wont to write.
    scripts: &["format:check", "fmt:check", "check:format"],
    settings: |gates| (&gates.fmt).into(),
    cargo: rustfmt,
    node: by_status,
};

fn rustfmt(cx: &Cx, timeout: Duration, findings: &mut Findings) -> Result<()> {
    let cmd = Cmd::new(&cx.root, "cargo")
        .args(["fmt", "--all", "--check", "--", "--color", "never"])
        .timeout(timeout);
    let output = cx.world.ask(&cmd)?;
    let sources = cx.git().list(&["ls-files", "-z", "--", "*.rs"])?;
    findings.examined(sources.len());
    let root = cx.root.canonicalize().unwrap_or_else(|_| cx.root.clone());
    let text = output.text();
    let mut seen = BTreeSet::new();
    for (path, line) in text.lines().filter_map(difference) {
        let path = path
            .strip_prefix(&*root.to_string_lossy())
            .map_or(path, |rest| rest.trim_start_matches('/'));
        // One finding a file, at its first difference.
        if seen.insert(path.to_owned()) {
            findings
                .error("not formatted")
                .at(path)
                .line(Some(line), None)
                .help("run `cargo fmt --all`");
        }
    }
    findings.evidence("unformatted", seen.len());
    if !output.ok() && seen.is_empty() {
        cargo::broke(findings, &output);
    }
    Ok(())
}

/// `Diff in /path/to/lib.rs:12:` (rustfmt 1.8; before that ` at line 12:`).
fn difference(line: &str) -> Option<(&str, usize)> {
    let rest = line.strip_prefix("Diff in ")?.strip_suffix(':')?;
    let (path, line) = rest
        .rsplit_once(" at line ")
        .or_else(|| rest.rsplit_once(':'))?;
    Some((path, line.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::difference;

    #[test]
    fn both_ways_rustfmt_names_a_place() {
        assert_eq!(difference("Diff in /a b/c.rs:12:"), Some(("/a b/c.rs", 12)));
        assert_eq!(
            difference("Diff in /a/c.rs at line 3:"),
            Some(("/a/c.rs", 3))
        );
        assert_eq!(difference("-    let x = 1;"), None);
    }
}
