//! The audits of npm, pnpm and yarn: fakes that answer what the real ones do, and what a broken one may.

use gates::{Cx, Report, Verdict};
use testkit::Repo;

use super::{audited, counts, helpers, own_database};
use crate::fixture::{ask, cx_where, errors, expect, unknown};

pub(super) const NPM_LOCK: &str = r#"{
  "name": "x", "version": "1.0.0", "lockfileVersion": 3, "requires": true,
  "packages": {
    "": { "name": "x", "version": "1.0.0", "dependencies": { "lefty": "^1.0.0" } },
    "node_modules/lefty": {
      "version": "1.2.0", "resolved": "http://registry.example/lefty-1.2.0.tgz",
      "integrity": "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg=="
    }
  }
}
"#;

pub(super) const PNPM_LOCK: &str = "\
lockfileVersion: '9.0'

settings:
  autoInstallPeers: true
  excludeLinksFromLockfile: false

importers:

  .:
    dependencies:
      lefty:
        specifier: ^1.0.0
        version: 1.2.0

packages:

  lefty@1.2.0:
    resolution: {integrity: sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==}

snapshots:

  lefty@1.2.0: {}
";

const YARN_LOCK: &str = "# yarn lockfile v1\n\n\nlefty@^1.0.0:\n  version \"1.2.0\"\n";

pub(super) const MANIFEST: &str =
    r#"{ "name": "x", "version": "1.0.0", "dependencies": { "lefty": "^1.0.0" } }"#;

/// A package with one dependency, and this lock file.
pub(super) fn package(lock: &str, text: &str) -> Repo {
    let repo = Repo::empty();
    repo.write("package.json", MANIFEST)
        .write(lock, text)
        .write(".gitignore", ".npmrc\n")
        .commit("feat: x");
    repo
}

fn npm() -> Repo {
    package("package-lock.json", NPM_LOCK)
}

fn pnpm() -> Repo {
    package("pnpm-lock.yaml", PNPM_LOCK)
}

fn newer(severity: &str) -> String {
    format!(
        r#"{{"auditReportVersion":2,"vulnerabilities":{{"lefty":{{"name":"lefty","severity":"{severity}","via":[{{"source":7,"name":"lefty","title":"reads too much","url":"https://advisories.example/GHSA-aaaa-bbbb","severity":"{severity}","range":"<1.5.0"}}]}}}}}}"#
    )
}

pub(super) fn older(severity: &str) -> String {
    format!(
        r#"{{"actions":[],"muted":[],"advisories":{{"7":{{"id":7,"github_advisory_id":"GHSA-aaaa-bbbb","cves":["CVE-2026-1"],"module_name":"lefty","severity":"{severity}","title":"reads too much","url":"https://advisories.example/GHSA-aaaa-bbbb","patched_versions":">=1.5.0","vulnerable_versions":"<1.5.0","overview":"","recommendation":"","references":"","created":"2026-01-02T00:00:00.000Z","updated":"2026-01-02T00:00:00.000Z","found_by":null,"reported_by":null,"access":"public","cwe":["CWE-1"],"cvss":{{"score":0,"vectorString":null}},"metadata":null,"deleted":null,"npm_advisory_id":null,"findings":[{{"version":"1.2.0","paths":[".>lefty"]}}]}}}},"metadata":{{"vulnerabilities":{{"info":0,"low":0,"moderate":0,"high":1,"critical":0}},"dependencies":1,"devDependencies":0,"optionalDependencies":0,"totalDependencies":1}}}}"#
    )
}

pub(super) const OLDER_NONE: &str = r#"{"actions":[],"muted":[],"advisories":{},"metadata":{"vulnerabilities":{"info":0,"low":0,"moderate":0,"high":0,"critical":0},"dependencies":1,"devDependencies":0,"optionalDependencies":0,"totalDependencies":1}}"#;

const NONE: &str =
    r#"{"auditReportVersion":2,"vulnerabilities":{},"metadata":{"vulnerabilities":{"total":0}}}"#;

/// The gate's answer with a package manager that answers this.
fn answered(repo: &Repo, manager: &str, text: &str, status: i32) -> Report {
    let script = format!("cat <<'END'\n{text}\nEND\nexit {status}");
    ask(
        &cx_where(repo, &["git", "cat"], &[(manager, &script)]),
        "audit",
    )
}

#[test]
fn nothing_found_passes_with_the_packages_counted() {
    let report = answered(&npm(), "npm", NONE, 0);
    expect(&report, Verdict::Pass);
    assert_eq!((report.examined, counts(&report)), (2, [0; 4]));
    expect(&answered(&pnpm(), "pnpm", OLDER_NONE, 0), Verdict::Pass);
    let yarn = package("yarn.lock", YARN_LOCK);
    let summary = r#"{"type":"auditSummary","data":{"vulnerabilities":{"high":0}}}"#;
    expect(&answered(&yarn, "yarn", summary, 0), Verdict::Pass);
}

#[test]
fn findings_are_told_from_errors_although_both_end_with_one() {
    let report = answered(&npm(), "npm", &newer("high"), 1);
    expect(&report, Verdict::Fail);
    assert_eq!(
        errors(&report),
        ["GHSA-aaaa-bbbb in lefty: reads too much (high)"]
    );
    let at = report.findings[0].at.as_ref().unwrap();
    assert_eq!((at.path.as_str(), at.line), ("package-lock.json", Some(5)));
    let report = answered(&pnpm(), "pnpm", &older("critical"), 1);
    expect(&report, Verdict::Fail);
    assert_eq!(
        errors(&report),
        ["GHSA-aaaa-bbbb in lefty 1.2.0: reads too much (critical)"]
    );
    let at = report.findings[0].at.as_ref().unwrap();
    assert_eq!((at.path.as_str(), at.line), ("pnpm-lock.yaml", Some(17)));
    assert_eq!(counts(&report), [1, 0, 0, 0]);
    // yarn 1 adds up: 4 is moderate.
    let yarn = package("yarn.lock", YARN_LOCK);
    let text = "{\"type\":\"auditAdvisory\",\"data\":{\"advisory\":{\"id\":7,\"module_name\":\"lefty\",\"severity\":\"moderate\",\"title\":\"t\"}}}\n{\"type\":\"auditSummary\",\"data\":{\"vulnerabilities\":{\"moderate\":1}}}";
    let report = answered(&yarn, "yarn", text, 4);
    expect(&report, Verdict::Warn);
    assert_eq!(counts(&report), [0, 0, 1, 0]);
}

#[test]
fn one_low_advisory_does_not_fail_and_a_strange_severity_is_not_low() {
    expect(&answered(&npm(), "npm", &newer("low"), 1), Verdict::Warn);
    expect(&answered(&npm(), "npm", &newer("info"), 1), Verdict::Pass);
    expect(&answered(&npm(), "npm", &newer("odd"), 1), Verdict::Fail);
}

#[test]
fn whatever_is_no_report_is_unknown_and_never_zero() {
    let refused = r#"{"message":"405 Method Not Allowed","statusCode":405,"error":{"summary":"","detail":""}}"#;
    for (text, status, reason) in [
        ("", 0, "it answered nothing"),
        ("", 1, "it answered nothing"),
        ("<html>log in</html>", 0, "it answered no JSON"),
        ("{}", 0, "neither `vulnerabilities` nor `advisories`"),
        (refused, 1, "405 Method Not Allowed"),
        (refused, 0, "405 Method Not Allowed"),
        (
            r#"{"error":{"code":"ENOLOCK","summary":"s"}}"#,
            1,
            "ENOLOCK",
        ),
        (NONE, 1, "it names nothing, and ended with exit status 1"),
        (NONE, 127, "it ended with exit status 127"),
        (&newer("low"), 2, "it ended with exit status 2"),
    ] {
        let report = answered(&npm(), "npm", text, status);
        unknown(&report, reason);
        assert_eq!(report.examined, 0);
    }
    let refused =
        r#"{"error":{"code":"ERR_PNPM_AUDIT_BAD_RESPONSE","message":"responded with 500"}}"#;
    unknown(&answered(&pnpm(), "pnpm", refused, 1), "responded with 500");
    let yarn = package("yarn.lock", YARN_LOCK);
    unknown(&answered(&yarn, "yarn", "", 0), "without a summary");
}

#[test]
fn a_missing_manager_lock_file_or_answer_is_unknown() {
    let repo = npm();
    let without = cx_where(&repo, &["git"], &[]);
    unknown(&ask(&without, "audit"), "program not found: `npm");
    let mut slow = cx_where(&repo, &["git", "sleep"], &[("npm", "sleep 60")]);
    slow.config = config::parse("[gates.audit]\ntimeout_s = 1")
        .unwrap()
        .into();
    unknown(&ask(&slow, "audit"), "gave no answer within 1 s");
    repo.write("package-lock.json", "<html>");
    let report = answered(&repo, "npm", NONE, 0);
    unknown(&report, "package-lock.json cannot be read: it is not JSON");
    repo.remove("package-lock.json");
    let report = answered(&repo, "npm", NONE, 0);
    unknown(&report, "there is no package-lock.json");
}

#[test]
fn where_nothing_is_installed_nobody_is_asked() {
    let report = ask(&cx_where(&Repo::npm(), &["git"], &[]), "audit");
    expect(&report, Verdict::Pass);
    assert_eq!(report.examined, 1);
    expect(
        &ask(&cx_where(&Repo::pnpm(), &["git"], &[]), "audit"),
        Verdict::Pass,
    );
}

#[test]
fn in_a_repository_of_both_kinds_both_count_and_one_does_not_hide_the_other() {
    let repo = super::with(&[("lefty", "1.0.0")]);
    repo.write("package.json", MANIFEST)
        .write("package-lock.json", NPM_LOCK);
    let fake = |text: &str| {
        let script = format!("cat <<'END'\n{text}\nEND");
        Cx {
            world: cx_where(&repo, &["git", "cat"], &[("npm", &script)]).world,
            helpers: helpers(),
            ..audited(&repo, "")
        }
    };
    let report = ask(&fake(&newer("high")), "audit");
    expect(&report, Verdict::Fail);
    assert_eq!(counts(&report), [0, 2, 0, 0]);
    // The audit of npm fails; what RustSec says is said all the same, and so is that something is missing.
    let report = ask(&fake("oops"), "audit");
    expect(&report, Verdict::Fail);
    assert_eq!(counts(&report), [0, 1, 0, 0]);
    assert!(report.reason.unwrap().contains("no JSON"));
    assert!(own_database().is_dir());
}
