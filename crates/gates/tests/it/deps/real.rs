//! The real npm and pnpm, offline.

use std::path::Path;

use gates::{Cx, Verdict};
use testkit::{Repo, real_program};

use super::{LEFTY, LEFTY_LOCK, first};
use crate::fixture::{ask, cx, expect, world};

/// With the folder of a real program first on the search path.
fn with_real(repo: &Repo, program: &Path) -> Cx {
    let mut env = repo.env();
    let path = env.iter_mut().find(|(key, _)| key == "PATH").unwrap();
    let folders = std::iter::once(program.parent().unwrap().to_owned())
        .chain(std::env::split_paths(&path.1).collect::<Vec<_>>());
    path.1 = std::env::join_paths(folders).unwrap();
    Cx {
        world: world(env),
        ..cx(repo)
    }
}

#[test]
fn real_npm_takes_a_lock_file_or_says_why_not() {
    let Some(npm) = real_program("npm") else {
        return;
    };
    let repo = Repo::npm();
    expect(&ask(&with_real(&repo, &npm), "deps"), Verdict::Pass);
    repo.write("package.json", LEFTY)
        .write("package-lock.json", LEFTY_LOCK.replace("0.1.0", "1.2.0"));
    let before = repo.fingerprint();
    let report = ask(&with_real(&repo, &npm), "deps");
    expect(&report, Verdict::Pass);
    // Only our own lock stays, in the git directory.
    assert_eq!(
        before.difference(&repo.fingerprint()),
        ["new: .git/landfall", "new: .git/landfall/deps.lock"]
    );
    // In step by what both say, but what is locked is not what is asked for.
    repo.write("package.json", LEFTY)
        .write("package-lock.json", LEFTY_LOCK);
    let report = ask(&with_real(&repo, &npm), "deps");
    expect(&report, Verdict::Unknown);
    assert!(report.reason.unwrap().contains("ENOTCACHED"));
    let lock = LEFTY_LOCK.replace("0.1.0", "1.2.0");
    repo.write("package-lock.json", lock);
    expect(&ask(&with_real(&repo, &npm), "deps"), Verdict::Pass);
}

#[test]
fn real_pnpm_takes_a_lock_file_or_says_why_not() {
    let Some(pnpm) = real_program("pnpm") else {
        return;
    };
    let repo = Repo::pnpm();
    let report = ask(&with_real(&repo, &pnpm), "deps");
    expect(&report, Verdict::Pass);
    assert_eq!(repo.git(&["status", "--porcelain", "--ignored"]), "");
    let manifest = repo.read("packages/two/package.json");
    repo.write(
        "packages/two/package.json",
        manifest.replace("workspace:^", "workspace:*"),
    );
    let report = ask(&with_real(&repo, &pnpm), "deps");
    let (said, path, line) = first(&report);
    assert_eq!(
        said,
        "`one` is asked for as `workspace:*`, and pnpm-lock.yaml has `workspace:^`"
    );
    assert_eq!((path, line), ("packages/two/package.json", Some(5)));
    repo.write("packages/two/package.json", manifest);
    let lock = repo.read("pnpm-lock.yaml");
    repo.write("pnpm-lock.yaml", lock.replace("'9.0'", "5.4"));
    let report = ask(&with_real(&repo, &pnpm), "deps");
    let said = first(&report).0;
    assert!(
        said.contains("cannot read pnpm-lock.yaml, which is of form 5.4"),
        "{said}"
    );
    repo.write(
        "pnpm-lock.yaml",
        lock.replace("importers:", "overrides:\n  deep: 1.0.0\n\nimporters:"),
    );
    let report = ask(&with_real(&repo, &pnpm), "deps");
    assert!(first(&report).0.contains("overrides"), "{report:#?}");
}
