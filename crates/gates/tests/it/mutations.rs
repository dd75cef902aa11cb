//! One change to a tree that passes, and what a gate makes of it: for the gates that are spread over several files of
//! tests. Those with a table beside their own tests are named here, so that a gate without any is found.

mod cargo;
mod files;
mod versions;

use std::collections::BTreeMap;

use gates::{GATES, Report, Verdict};
use testkit::Repo;

use crate::fixture::{ask, candidate, cx_where, cx_with};
use crate::{
    audit, benchmarks, coverage, deps, doc, infra, licenses, links, msrv, publishable, secrets,
    security, semver, staging, tracker, workflows,
};

/// Real programs and fakes: all there are.
type Programs = Option<(
    &'static [&'static str],
    &'static [(&'static str, &'static str)],
)>;

struct Mutation {
    gate: &'static str,
    what: &'static str,
    change: fn(&Repo),
    settings: &'static str,
    /// `None`: those of this machine.
    programs: Programs,
    /// Asked in a release of 1.0.0-mvp.
    release: bool,
    verdict: Verdict,
    /// In a finding, or in the reason.
    words: &'static str,
}

/// Changes nothing yet.
const fn row(
    gate: &'static str,
    what: &'static str,
    verdict: Verdict,
    words: &'static str,
) -> Mutation {
    Mutation {
        gate,
        what,
        change: |_| {},
        settings: "",
        programs: None,
        release: false,
        verdict,
        words,
    }
}

/// A gate that has its table elsewhere, and how many rows that has.
pub(crate) type Table = (&'static str, fn() -> usize);

const ELSEWHERE: &[Table] = &[
    audit::MUTATED,
    benchmarks::MUTATED,
    coverage::MUTATED,
    deps::MUTATED,
    doc::MUTATED,
    infra::MUTATED,
    licenses::MUTATED,
    links::MUTATED,
    msrv::MUTATED,
    publishable::MUTATED,
    secrets::MUTATED,
    security::MUTATED,
    semver::MUTATED,
    staging::MUTATED,
    tracker::MUTATED,
    workflows::MUTATED,
];

/// Fewer are no table.
const LEAST: usize = 3;

fn replace(repo: &Repo, path: &str, from: &str, to: &str) {
    let text = repo.read(path);
    assert!(text.contains(from), "{path} does not hold {from}");
    repo.write(path, text.replacen(from, to, 1));
}

fn link(repo: &Repo, to: &str, path: &str) {
    std::os::unix::fs::symlink(to, repo.root().join(path)).unwrap();
}

/// The tree that passes: the first row of every gate changes nothing and says so.
fn start(gate: &str) -> Repo {
    match gate {
        "tools" => Repo::pnpm(),
        "git" => Repo::cargo_single().with_remote(),
        "version" => Repo::cargo_workspace(),
        _ => Repo::cargo_single(),
    }
}

fn answer(mutation: &Mutation) -> Report {
    let repo = start(mutation.gate);
    (mutation.change)(&repo);
    let mut cx = cx_with(&repo, mutation.settings);
    if let Some((real, fake)) = mutation.programs {
        cx.world = cx_where(&repo, real, fake).world;
    }
    if mutation.release {
        cx = candidate(cx, "1.0.0-mvp", &[]);
    }
    ask(&cx, mutation.gate)
}

/// What is wrong with the answer, if anything.
fn flaw(mutation: &Mutation) -> Option<String> {
    let report = answer(mutation);
    let said = report
        .findings
        .iter()
        .map(|finding| finding.message.as_str());
    let heard = said
        .chain(report.reason.as_deref())
        .any(|said| said.contains(mutation.words));
    let right = report.verdict == mutation.verdict && (heard || mutation.words.is_empty());
    println!(
        "{} | {} | {}",
        mutation.gate,
        mutation.what,
        report.verdict.name()
    );
    (!right).then(|| {
        format!(
            "{}, {}: expected {} and `{}`, got {report:#?}",
            mutation.gate,
            mutation.what,
            mutation.verdict.name(),
            mutation.words
        )
    })
}

fn all() -> BTreeMap<&'static str, Vec<&'static Mutation>> {
    let mut all: BTreeMap<_, Vec<_>> = BTreeMap::new();
    let tables = [files::MUTATIONS, versions::MUTATIONS, cargo::MUTATIONS];
    for mutation in tables.into_iter().flatten() {
        all.entry(mutation.gate).or_default().push(mutation);
    }
    all
}

#[test]
fn every_change_turns_its_gate_and_nothing_else_does() {
    let all = all();
    let flaws: Vec<String> = std::thread::scope(|scope| {
        let gates: Vec<_> = all
            .values()
            .map(|rows| scope.spawn(|| rows.iter().filter_map(|row| flaw(row)).collect::<Vec<_>>()))
            .collect();
        gates
            .into_iter()
            .flat_map(|gate| gate.join().unwrap())
            .collect()
    });
    assert!(
        flaws.is_empty(),
        "{} answered otherwise:\n{}",
        flaws.len(),
        flaws.join("\n")
    );
}

#[test]
fn no_gate_is_without_a_table_of_mutations() {
    let here = all().into_iter().map(|(gate, rows)| {
        let passes = rows[0].verdict == Verdict::Pass && rows[0].what == "nothing";
        assert!(passes, "{gate}: the first row is the tree that passes");
        let mute = |row: &&&Mutation| row.verdict != Verdict::Pass && row.words.is_empty();
        let mute: Vec<&str> = rows.iter().filter(mute).map(|row| row.what).collect();
        assert!(
            mute.is_empty(),
            "{gate}: a verdict without its words: {mute:?}"
        );
        // Only what changes a verdict is a mutation; the others are the borders.
        let red = rows.iter().filter(|row| row.verdict != Verdict::Pass);
        (gate, red.count())
    });
    let elsewhere = ELSEWHERE.iter().map(|(gate, rows)| (*gate, rows()));
    let mut tables: Vec<(&str, usize)> = here.chain(elsewhere).collect();
    tables.sort_unstable();
    for (gate, rows) in &tables {
        assert!(*rows >= LEAST, "{gate}: {rows} mutations");
    }
    let tables: Vec<&str> = tables.iter().map(|(gate, _)| *gate).collect();
    let mut gates: Vec<&str> = GATES.iter().map(|gate| gate.name).collect();
    gates.sort_unstable();
    assert_eq!(tables, gates, "left: tables of mutations, right: gates");
}
