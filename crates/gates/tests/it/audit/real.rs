//! The real npm and pnpm against a registry on loopback, and the real RustSec database where a copy of it is at hand.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use gates::{Cx, Report, Verdict};
use testkit::{Repo, real_program};

use super::endpoint::Endpoint;
use super::node::{NPM_LOCK, OLDER_NONE, PNPM_LOCK, older, package};
use super::{counts, helpers, with};
use crate::fixture::{ask, cx_with, errors, expect, unknown, world};

/// The answer of the registry to npm 7 and later.
const BULK: &str = r#"{"lefty":[{"id":7,"url":"https://advisories.example/GHSA-aaaa-bbbb","title":"reads too much","severity":"high","vulnerable_versions":"<1.5.0","cwe":["CWE-1"],"cvss":{"score":7.5,"vectorString":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"}}]}"#;

/// With the folder of a real program first on the search path.
fn reached(repo: &Repo, program: &Path, endpoint: &Endpoint, settings: &str) -> Report {
    repo.write(
        ".npmrc",
        format!("registry={}\nfetch-retries=0\n", endpoint.url()),
    );
    let mut env = repo.env();
    let path = env.iter_mut().find(|(key, _)| key == "PATH").unwrap();
    let folders = std::iter::once(program.parent().unwrap().to_owned())
        .chain(std::env::split_paths(&path.1).collect::<Vec<_>>());
    path.1 = std::env::join_paths(folders).unwrap();
    let before = repo.fingerprint();
    let cx = Cx {
        world: world(env),
        ..cx_with(repo, settings)
    };
    let report = ask(&cx, "audit");
    assert_eq!(before.difference(&repo.fingerprint()), Vec::<String>::new());
    report
}

/// What is no report, whoever asks.
fn refusals(repo: &Repo, program: &Path) {
    for (status, body, reason) in [
        (405, "{\"error\":\"method not allowed\"}", "405"),
        (500, "oops", "500"),
        (200, "<html>log in</html>", "not valid JSON"),
        (200, "", "Unexpected end of JSON input"),
    ] {
        let endpoint = Endpoint::new(status, body);
        let report = reached(repo, program, &endpoint, "");
        unknown(&report, reason);
        assert!(!endpoint.asked().is_empty());
    }
    let slow = Endpoint::slow(200, "{}", Duration::from_secs(60));
    let report = reached(repo, program, &slow, "[gates.audit]\ntimeout_s = 3");
    unknown(&report, "gave no answer within 3 s");
}

#[test]
fn real_npm_audit() {
    let Some(npm) = real_program("npm") else {
        return;
    };
    let repo = package("package-lock.json", NPM_LOCK);
    let endpoint = Endpoint::new(200, BULK);
    // The fixture's environment says `offline`, with which npm would ask nobody and answer "none".
    let report = reached(&repo, &npm, &endpoint, "");
    expect(&report, Verdict::Fail);
    assert_eq!(
        errors(&report),
        ["GHSA-aaaa-bbbb in lefty: reads too much (high, CVSS 7.5)"]
    );
    assert_eq!(counts(&report), [0, 1, 0, 0]);
    assert_eq!(
        endpoint.asked(),
        ["/-/npm/v1/security/advisories/bulk"],
        "npm asks for all packages at once"
    );
    // Another id: npm remembers what it was told of one.
    let low = BULK
        .replace("\"high\"", "\"low\"")
        .replace("\"id\":7", "\"id\":8");
    let report = reached(&repo, &npm, &Endpoint::new(200, &low), "");
    expect(&report, Verdict::Warn);
    let report = reached(&repo, &npm, &Endpoint::new(200, "{}"), "");
    expect(&report, Verdict::Pass);
    refusals(&repo, &npm);
}

#[test]
fn real_pnpm_audit() {
    let Some(pnpm) = real_program("pnpm") else {
        return;
    };
    let repo = package("pnpm-lock.yaml", PNPM_LOCK);
    let endpoint = Endpoint::new(200, &older("high"));
    let report = reached(&repo, &pnpm, &endpoint, "");
    expect(&report, Verdict::Fail);
    assert_eq!(
        errors(&report),
        ["GHSA-aaaa-bbbb in lefty 1.2.0: reads too much (high)"]
    );
    assert_eq!(endpoint.asked().len(), 1);
    let report = reached(&repo, &pnpm, &Endpoint::new(200, &older("low")), "");
    expect(&report, Verdict::Warn);
    let report = reached(&repo, &pnpm, &Endpoint::new(200, OLDER_NONE), "");
    expect(&report, Verdict::Pass);
    // What npm takes for "none" is no answer to pnpm, which says so in its own way.
    let report = reached(&repo, &pnpm, &Endpoint::new(200, "{}"), "");
    unknown(&report, "gave no report");
    refusals(&repo, &pnpm);
}

/// A copy of the real database cannot be installed by name: without one this is a line, and no failure.
fn snapshot(into: &Path) -> Option<PathBuf> {
    #[expect(
        clippy::disallowed_methods,
        reason = "which database the tests are given"
    )]
    let given = std::env::var_os("LANDFALL_ADVISORY_DB");
    if let Some(folder) = given {
        return Some(folder.into());
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let root = root.canonicalize().unwrap();
    let archive = root
        .ancestors()
        .skip(1)
        .map(|folder| folder.join("shared/advisory-db.tar.xz"))
        .find(|path| path.is_file())?;
    #[expect(clippy::disallowed_methods, reason = "a fixture")]
    let status = Command::new("tar")
        .arg("-xJf")
        .arg(archive)
        .current_dir(into)
        .status()
        .unwrap();
    assert!(status.success());
    Some(into.join("advisory-db"))
}

#[test]
fn real_rustsec() {
    // `bincode` 2.0.1 is unmaintained, `time` 0.2.22 has an advisory with a score, and `smallvec` 1.6.0 one of the worst.
    let repo = with(&[
        ("bincode", "2.0.1"),
        ("smallvec", "1.6.0"),
        ("time", "0.2.22"),
    ]);
    let Some(database) = snapshot(&repo.outside()) else {
        let line = "not covered: the real advisory database (LANDFALL_ADVISORY_DB)\n";
        std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes()).unwrap();
        return;
    };
    let config = format!(
        "[gates.audit]\nmax_age_days = 100000\ndatabase = {:?}",
        database.display().to_string()
    );
    let cx = Cx {
        helpers: helpers(),
        ..cx_with(&repo, &config)
    };
    let report = ask(&cx, "audit");
    expect(&report, Verdict::Fail);
    let all = report.event().to_string();
    for id in [
        "RUSTSEC-2021-0003",
        "RUSTSEC-2020-0071",
        "RUSTSEC-2025-0141",
    ] {
        assert!(all.contains(id), "{id}: {all}");
    }
    assert_eq!(counts(&report), [1, 0, 1, 0]);
    let database = &report.evidence["cargo"]["database"];
    assert!(database["advisories"].as_u64().unwrap() > 1000);
}
