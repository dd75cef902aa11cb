//! What is taken away is not claimed any more and named; what is broken ends the generation.

use super::{phase_mirror, show};
use crate::run::{VERSION, landfall, mine};

/// A file that is changed or (`None`) removed, a text of the section that goes with it, and what is said of it.
type Mutation = (
    &'static str,
    Option<(&'static str, &'static str)>,
    &'static str,
    &'static str,
);

const RESULTS: &str = "docs/benchmarks/results.json";

const MUTATIONS: &[Mutation] = &[
    (
        RESULTS,
        None,
        "### Performance",
        "the figure `throughput`: no figure: looked for docs/benchmarks/results.json, which is not there",
    ),
    (
        RESULTS,
        Some(("{", "[")),
        "### Performance",
        "the figure `redaction`: no figure in docs/benchmarks/results.json: it is not JSON",
    ),
    (
        RESULTS,
        Some(("2026-01-28", "2025-01-28")),
        "### Performance",
        "the figure `datastore`: it was measured 371 days ago by its recorded date, at most 30 are allowed",
    ),
    (
        RESULTS,
        Some(("\"throughput\"", "\"other\"")),
        "18.2",
        "the figure `throughput`: no figure in docs/benchmarks/results.json",
    ),
    (
        RESULTS,
        Some(("ops/s", "MB")),
        "18.2",
        "the figure `throughput`: the figure in docs/benchmarks/results.json is of another kind",
    ),
    (
        "docs/release/description.md",
        None,
        "### Description",
        "the part description: docs/release/description.md is not there",
    ),
    (
        "docs/release/architecture.md",
        None,
        "### Architecture",
        "the part architecture: docs/release/architecture.md is not there",
    ),
    (
        "docs/release/deployment.md",
        None,
        "### Deployment",
        "the part deployment: docs/release/deployment.md is not there",
    ),
    (
        "docs/release/known-issues.md",
        None,
        "### Known issues",
        "the part known-issues: docs/release/known-issues.md is not there",
    ),
    (
        "release.toml",
        Some(("\"secrets\", \"security\", \"workflows\"", "")),
        "### Security\n\nWhat the gates",
        "the verdict of the gate `audit`: skipped",
    ),
    (
        "release.toml",
        Some((
            "[gates]\nskip = [\"audit\"]",
            "[gates]\nskip = [\"audit\", \"workflows\"]",
        )),
        "| workflows |",
        "the verdict of the gate `workflows`: skipped",
    ),
];

#[test]
fn what_has_no_evidence_is_not_claimed_and_said_to_be_left_out() {
    let repo = phase_mirror();
    let whole = show(&repo).stdout;
    for (path, change, claim, says) in MUTATIONS {
        let old = repo.read(path);
        match change {
            None => drop(repo.remove(path)),
            Some((from, to)) => {
                assert!(old.contains(from), "{from} is not in {path}");
                repo.write(path, old.replacen(from, to, 1));
            }
        }
        let run = show(&repo);
        run.exits(0);
        assert!(
            whole.contains(claim) && !run.stdout.contains(claim),
            "{path}: {claim}\n{run}"
        );
        let note = format!("left out of the section of {VERSION}: {says}");
        assert!(
            run.stderr.replace("\n   ", " ").contains(&note),
            "{note}\n{run}"
        );
        repo.write(path, old);
    }
    assert_eq!(show(&repo).stdout, whole);
}

/// A file that is written, or changed at the first such text, and what ends the generation.
const BREAKAGES: &[(&str, &str, &str, &str)] = &[
    (
        "docs/PRE_PRODUCTION_CHECKLIST.md",
        "# Before",
        "# After",
        "",
    ),
    (
        "docs/release/description.md",
        "README.md#usage",
        "README.md#use",
        "docs/release/description.md:7:1: `../../packages/mirror-dissonance/README.md#use`: packages/mirror-dissonance/README.md has no anchor `#use`; did you mean `#usage`?",
    ),
    (
        "docs/release/deployment.md",
        "../PRE",
        "PRE",
        "docs/release/deployment.md:6:1: `PRE_PRODUCTION_CHECKLIST.md` is not there",
    ),
    (
        "release.toml",
        "docs/PRE_PRODUCTION_CHECKLIST.md\",\n]",
        "docs/PRE.md\",\n]",
        "release.toml:40: `docs` in [changelog.milestone]: `docs/PRE.md` is not there",
    ),
    (
        "release.toml",
        "README.md#usage",
        "README.md#use",
        "release.toml:39: `docs` in [changelog.milestone]: `packages/mirror-dissonance/README.md#use`: packages/mirror-dissonance/README.md has no anchor `#use`",
    ),
    (
        "docs/release/known-issues.md",
        "- A baseline of more than 5 MB is compared slowly.",
        "<!-- later -->",
        "docs/release/known-issues.md:1:1: there is nothing to print in it",
    ),
    (
        "docs/release/architecture.md",
        "\n```\n",
        "\n",
        "docs/release/architecture.md:3:1: what is opened here never ends",
    ),
    (
        "docs/release/performance.md",
        "",
        "Very fast.\n",
        "docs/release/performance.md:1:1: figures are printed from what [gates.benchmarks] measures, and a text is no evidence",
    ),
    (
        "release.toml",
        "kind = \"MVP\"",
        "templates = \"docs/nowhere\"",
        "docs/nowhere, the folder of changelog.milestone.templates",
    ),
    (
        "release.toml",
        "\"secrets\", \"security\"",
        "\"secret\", \"security\"",
        "there is no gate `secret`; did you mean `secrets`?",
    ),
];

#[test]
fn what_is_broken_ends_the_generation_with_its_place() {
    let repo = phase_mirror();
    repo.write("CHANGELOG.md", "# Changelog\n");
    let before = mine(&repo);
    for (path, from, to, says) in BREAKAGES {
        let old = std::fs::read_to_string(repo.root().join(path)).ok();
        let text = old.clone().unwrap_or_default();
        assert!(text.contains(from), "{from} is not in {path}");
        repo.write(path, text.replacen(from, to, 1));
        let run = landfall(&repo, &["changelog", "write", VERSION]);
        match says.is_empty() {
            // Its title is another one, and it can be linked to all the same.
            true => drop(run.exits(0).says("section 1.0.0-mvp written")),
            false => {
                assert!(matches!(run.code, Some(1 | 2 | 64)), "{run}");
                let said = run.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
                assert!(said.contains(says), "{says}\n{run}");
                assert_eq!(repo.read("CHANGELOG.md"), "# Changelog\n", "{path}");
            }
        }
        match old {
            Some(old) => drop(repo.write(path, old)),
            None => drop(repo.remove(path)),
        }
        repo.write("CHANGELOG.md", "# Changelog\n");
    }
    assert_eq!(mine(&repo), before);
}
