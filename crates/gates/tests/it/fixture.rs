//! What the tests share: a context for a fixture repository, and one gate asked.

use std::ffi::OsString;
use std::sync::Arc;

use gates::{Cx, Report, Request, Severity, Subject, Verdict};
use testkit::Repo;
use world::{Setup, World};

/// 2026-11-22.
pub(crate) const NOW_S: u64 = 1_795_305_600;

pub(crate) fn world(env: Vec<(OsString, OsString)>) -> World {
    World::new(Setup {
        env,
        now_s: NOW_S,
        ..Setup::default()
    })
}

pub(crate) fn cx(repo: &Repo) -> Cx {
    cx_with(repo, "")
}

pub(crate) fn cx_with(repo: &Repo, config: &str) -> Cx {
    let config = Arc::new(config::parse(config).unwrap());
    Cx::tree(world(repo.env()), repo.root().to_owned(), config)
}

/// With these real programs and these fakes alone.
pub(crate) fn cx_where(repo: &Repo, real: &[&str], fake: &[(&str, &str)]) -> Cx {
    Cx {
        world: world(repo.env_with(real, fake)),
        ..cx(repo)
    }
}

/// With this program's folder first on the search path, and these variables.
pub(crate) fn cx_beside(
    repo: &Repo,
    config: &str,
    program: &std::path::Path,
    more: &[(&str, &str)],
) -> Cx {
    let mut env = repo.env();
    let folders = std::iter::once(program.parent().unwrap().to_owned())
        .chain(std::env::split_paths(&env[0].1))
        .collect::<Vec<_>>();
    env[0].1 = std::env::join_paths(folders).unwrap();
    env.extend(more.iter().map(|(key, value)| (key.into(), value.into())));
    Cx {
        world: world(env),
        ..cx_with(repo, config)
    }
}

pub(crate) fn candidate(cx: Cx, version: &str, planned: &[&str]) -> Cx {
    let base = world::git::Git::new(&cx.world, &cx.root).head().unwrap();
    let subject = Subject::Candidate {
        base,
        version: version.parse().unwrap(),
        tag: format!("v{version}"),
        planned: planned.iter().map(|path| (*path).to_owned()).collect(),
    };
    Cx { subject, ..cx }
}

pub(crate) fn ask(cx: &Cx, gate: &str) -> Report {
    let request = Request {
        names: vec![gate.to_owned()],
        ..Request::default()
    };
    let mut summary = gates::run(cx, &request, &|_| {}).unwrap();
    assert_eq!(summary.reports.len(), 1);
    summary.reports.remove(0)
}

/// Messages of one severity.
pub(crate) fn said(report: &Report, severity: Severity) -> Vec<&str> {
    report
        .findings
        .iter()
        .filter(|finding| finding.severity == severity)
        .map(|finding| finding.message.as_str())
        .collect()
}

pub(crate) fn errors(report: &Report) -> Vec<&str> {
    said(report, Severity::Error)
}

/// A verdict, with all of the report where it is another one.
#[track_caller]
pub(crate) fn expect(report: &Report, verdict: Verdict) {
    assert_eq!(report.verdict, verdict, "{report:#?}");
}

/// Unknown, and the reason says this.
#[track_caller]
pub(crate) fn unknown(report: &Report, reason: &str) {
    expect(report, Verdict::Unknown);
    let given = report.reason.as_deref().unwrap_or_default();
    assert!(given.contains(reason), "{given}");
}
