//! `coverage` with the real cargo-llvm-cov and the real node.

use gates::{Cx, Report, Severity, Verdict};
use testkit::Repo;

use crate::coverage::LIB;
use crate::fixture::{ask, cx_with, expect, said, unknown, world};

/// The real cargo-llvm-cov with the system's LLVM.
fn real(repo: &Repo, config: &str) -> Option<Report> {
    let tool = testkit::real_program("cargo-llvm-cov")?;
    let mut env = repo.env();
    let path = std::env::split_paths(&env[0].1).collect::<Vec<_>>();
    let folder = tool.parent().unwrap().to_owned();
    env[0].1 = std::env::join_paths(path.into_iter().chain([folder])).unwrap();
    let cx = Cx {
        world: world(env),
        ..cx_with(repo, config)
    };
    let report = ask(&cx, "coverage");
    let reason = report.reason.as_deref().unwrap_or_default();
    if reason.contains("cargo-llvm-cov needs LLVM's tools") {
        testkit::not_covered("llvm-cov and llvm-profdata of the compiler's LLVM");
        return None;
    }
    Some(report)
}

#[test]
fn real_cargo_llvm_cov_measures_a_workspace() {
    let repo = Repo::cargo_workspace();
    let members = repo.read("Cargo.toml");
    let members = members.replace("\"crates/*\"", "\"crates/core\", \"crates/tool\"");
    repo.write("Cargo.toml", members);
    let lock = repo.read("Cargo.lock");
    let app = "[[package]]\nname = \"app\"\nversion = \"0.9.0\"\ndependencies = [\n \"core-part\",\n]\n\n";
    assert!(lock.contains(app));
    repo.write("Cargo.lock", lock.replace(app, ""));
    repo.commit("refactor: leave the program out");
    // Three lines of `twice` and three of its test.
    let Some(report) = real(&repo, "") else {
        return;
    };
    expect(&report, Verdict::Pass);
    let all = report.evidence["total"].as_u64().unwrap();
    assert_eq!(report.evidence["covered"], all);
    assert_eq!(report.evidence["lines_pct"], 100.0);
    assert_eq!(repo.git(&["status", "--porcelain"]), "");
    assert_eq!(
        repo.git(&["status", "--porcelain", "--ignored"]),
        "!! target/",
        "as every cargo command leaves it"
    );
    // The second run builds what changed; a function that nothing calls is three lines more and none run.
    let more = "\npub fn idle() -> u32 {\n    let x = 1;\n    x\n}\n";
    repo.write(LIB, repo.read(LIB) + more);
    let report = real(&repo, "[gates.coverage]\nrequired = 90").unwrap();
    expect(&report, Verdict::Fail);
    let evidence = |key: &str| report.evidence[key].as_u64().unwrap();
    assert_eq!((evidence("covered"), evidence("total")), (all, all + 4));
    assert_eq!(
        said(&report, Severity::Note),
        [format!("4 of {} lines are run by no test", all + 4)]
    );
    // And gone again: nothing of the second run is left in the third.
    repo.git(&["checkout", "--quiet", "."]);
    let report = real(&repo, "").unwrap();
    assert_eq!(report.evidence["total"], all);
    // A test that fails measures nothing.
    repo.write(LIB, repo.read(LIB).replace("twice(1), 2)", "twice(1), 3)"));
    let report = real(&repo, "").unwrap();
    unknown(&report, "the tests failed under the coverage tool");
    assert!(!report.evidence.contains_key("lines_pct"));
}

#[test]
fn real_node_prints_lcov() {
    let Some(_) = testkit::real_program("node") else {
        return;
    };
    let repo = Repo::npm();
    let script = "node --test --experimental-test-coverage --test-reporter=lcov packages/";
    let package = repo.read("package.json");
    repo.write(
        "package.json",
        package.replace(
            "\"test\":",
            &format!("\"coverage\": \"{script}\",\n    \"test\":"),
        ),
    )
    .write("node_modules/.keep", "")
    .commit("test: measure");
    let config = "[gates.coverage]\nexclude = [\"**/*.test.js\"]";
    let report = ask(&cx_with(&repo, config), "coverage");
    expect(&report, Verdict::Pass);
    assert_eq!(
        (&report.evidence["covered"], &report.evidence["total"]),
        (&1.into(), &1.into())
    );
    repo.write(
        "packages/one/index.js",
        "exports.twice = (number) => number * 2;\nexports.idle = () => {\n  return 1;\n};\n",
    );
    let report = ask(&cx_with(&repo, config), "coverage");
    expect(&report, Verdict::Fail);
    assert_eq!(
        report.findings.last().unwrap().at.as_ref().unwrap().path,
        "packages/one/index.js"
    );
    assert_eq!(
        repo.git(&["status", "--porcelain"]),
        " M packages/one/index.js"
    );
}
