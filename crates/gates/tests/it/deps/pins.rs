//! What workflows, corepack and `packageManager` pin, against the lock file.

use gates::{Cx, Verdict};
use testkit::Repo;

use super::faked;
use crate::fixture::{ask, expect, unknown};

/// A workflow with this step, the lock file's form, `packageManager`, and what is said on which line.
type Pin = (
    &'static str,
    &'static str,
    &'static str,
    Verdict,
    &'static str,
    usize,
);

const PINS: &[Pin] = &[
    (
        "pnpm/action-setup@v4\n        with:\n          version: 9.15.0",
        "9.0",
        "pnpm@9.15.0",
        Verdict::Pass,
        "",
        0,
    ),
    (
        "pnpm/action-setup@v4",
        "9.0",
        "pnpm@9.15.0",
        Verdict::Pass,
        "",
        0,
    ),
    (
        "pnpm/action-setup@v4\n        with:\n          version: 8",
        "9.0",
        "pnpm@9.15.0",
        Verdict::Fail,
        "pnpm 8 cannot read pnpm-lock.yaml, which is of form 9.0",
        9,
    ),
    (
        "pnpm/action-setup@v4\n        with:\n          version: 10",
        "6.0",
        "pnpm@9.15.0",
        Verdict::Fail,
        "pnpm 10 cannot read",
        9,
    ),
    (
        "pnpm/action-setup@v4\n        with:\n          version: 10",
        "9.0",
        "pnpm@9.15.0",
        Verdict::Fail,
        "pnpm 10 is pinned here, and 9.15.0 in package.json",
        9,
    ),
    (
        "pnpm/action-setup@v4\n        with:\n          version: 9",
        "9.0",
        "pnpm@9.15.0",
        Verdict::Warn,
        "refuse two that differ",
        9,
    ),
    (
        "pnpm/action-setup@v4",
        "9.0",
        "",
        Verdict::Fail,
        "is told no version",
        7,
    ),
    (
        "actions/setup-node@v4\n        with:\n          node-version: 20",
        "9.0",
        "pnpm@9.15.0",
        Verdict::Pass,
        "",
        0,
    ),
    (
        "actions/setup-node@v4\n        with:\n          node-version: 16",
        "9.0",
        "pnpm@9.15.0",
        Verdict::Fail,
        "pnpm 9 of package.json needs 18",
        9,
    ),
    (
        "actions/setup-node@v4\n        with:\n          node-version: ${{ matrix.node }}",
        "9.0",
        "pnpm@9.15.0",
        Verdict::Fail,
        "node 17 is pinned here",
        5,
    ),
    (
        "x@v1\n      - run: corepack prepare pnpm@8.15.9 --activate",
        "9.0",
        "pnpm@9.15.0",
        Verdict::Fail,
        "pnpm 8 cannot read",
        8,
    ),
    (
        "x@v1\n      - run: npx pnpm@10 install",
        "9.0",
        "pnpm@9.15.0",
        Verdict::Fail,
        "pnpm 10 is pinned here",
        8,
    ),
    (
        "x@v1\n      - run: corepack enable",
        "9.0",
        "",
        Verdict::Warn,
        "corepack gives whatever pnpm is the latest",
        8,
    ),
    (
        "x@v1\n      - run: corepack enable",
        "9.0",
        "pnpm@8.15.9",
        Verdict::Fail,
        "`packageManager` names pnpm 8.15.9",
        4,
    ),
];

#[test]
fn what_workflows_pin_has_to_read_the_lock_file() {
    for (step, form, declared, verdict, words, line) in PINS {
        let repo = Repo::pnpm();
        let manager = format!("\"packageManager\": \"{declared}\"");
        let manager = if declared.is_empty() {
            "\"x\": 1"
        } else {
            &manager
        };
        repo.write(
            "package.json",
            format!("{{\n  \"name\": \"root\",\n  \"private\": true,\n  {manager}\n}}\n"),
        );
        let lock = repo.read("pnpm-lock.yaml").replace("9.0", form);
        repo.write("pnpm-lock.yaml", lock).write(
            ".github/workflows/ci.yml",
            format!("on: push\njobs:\n  a:\n    runs-on: x\n    strategy: {{ matrix: {{ node: [17] }} }}\n    steps:\n      - uses: {step}\n"),
        );
        let report = ask(&faked(&repo), "deps");
        assert_eq!(report.verdict, *verdict, "{step}: {report:#?}");
        if !words.is_empty() {
            let finding = &report.findings[0];
            assert!(finding.message.contains(words), "{step}: {finding:?}");
            assert_eq!(finding.at.as_ref().unwrap().line, Some(*line), "{step}");
        }
        let off = Cx {
            config: config::parse("[gates.deps]\nworkflows = false")
                .unwrap()
                .into(),
            ..faked(&repo)
        };
        expect(&ask(&off, "deps"), Verdict::Pass);
    }
}

#[test]
fn overrides_of_package_json_are_not_read_by_pnpm_eleven() {
    let repo = Repo::pnpm();
    let manifest = |major| {
        format!(
            "{{\"name\": \"root\", \"packageManager\": \"pnpm@{major}.0.0\", \"pnpm\": {{\"overrides\": {{\"deep\": \"1.0.0\"}}}}}}"
        )
    };
    let lock = repo.read("pnpm-lock.yaml");
    repo.write(
        "pnpm-lock.yaml",
        lock.replace("importers:", "overrides:\n  deep: 1.0.0\n\nimporters:"),
    );
    for (major, verdict) in [(10, Verdict::Pass), (11, Verdict::Fail)] {
        repo.write("package.json", manifest(major));
        expect(&ask(&faked(&repo), "deps"), verdict);
    }
    let workspace = repo.read("pnpm-workspace.yaml");
    repo.write(
        "pnpm-workspace.yaml",
        workspace + "overrides:\n  deep: 1.0.0\n",
    );
    expect(&ask(&faked(&repo), "deps"), Verdict::Pass);
}

#[test]
fn an_old_node_brings_an_npm_that_cannot_read_the_lock_file() {
    let repo = Repo::npm();
    let workflow = |node: &str| {
        format!(
            "on: push\njobs:\n  a:\n    steps:\n      - uses: actions/setup-node@v4\n        with:\n          node-version: {node}\n"
        )
    };
    for (node, verdict) in [
        ("14.x", Verdict::Fail),
        ("15", Verdict::Pass),
        ("lts/*", Verdict::Pass),
    ] {
        repo.write(".github/workflows/ci.yml", workflow(node));
        expect(&ask(&faked(&repo), "deps"), verdict);
    }
    repo.write(".github/workflows/ci.yml", "jobs: [");
    unknown(
        &ask(&faked(&repo), "deps"),
        ".github/workflows/ci.yml: it is not YAML",
    );
}
