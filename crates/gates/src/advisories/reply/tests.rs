//! Replies as the real programs give them, and as a proxy, a login page or a cut connection would.

use super::{Severity, report, yarn_berry, yarn_classic};
use crate::advisories::Kind;
use config::Level;

const NEWER: &str = r#"{"auditReportVersion":2,"vulnerabilities":{
  "wide":{"name":"wide","severity":"high","via":["lefty"],"effects":[]},
  "lefty":{"name":"lefty","severity":"high","via":[
    {"source":7,"name":"lefty","title":"reads too much","url":"https://advisories.example/GHSA-aaaa","severity":"high","cvss":{"score":7.5},"range":"<1.5.0"},
    {"source":8,"name":"lefty","title":"spins","url":"https://advisories.example/GHSA-bbbb","severity":"low","cvss":{"score":0},"range":"<1.4.0"}]}},
  "metadata":{"vulnerabilities":{"info":0,"low":0,"moderate":0,"high":2,"critical":0,"total":2}}}"#;

const OLDER: &str = r#"{"actions":[],"advisories":{"7":{"id":7,"github_advisory_id":"GHSA-aaaa","cves":["CVE-2026-1"],
  "module_name":"lefty","severity":"moderate","title":"reads too much","url":"https://advisories.example/GHSA-aaaa",
  "patched_versions":">=1.5.0","vulnerable_versions":"<1.5.0","findings":[{"version":"1.2.0","paths":[".>lefty"]}]}},
  "metadata":{"vulnerabilities":{"info":0,"low":0,"moderate":1,"high":0,"critical":0}}}"#;

#[test]
fn both_forms_are_read() {
    let list = report(NEWER).unwrap();
    assert_eq!(list.len(), 2);
    assert_eq!(
        (list[0].id.as_str(), list[0].score),
        ("GHSA-aaaa", Some(7.5))
    );
    assert_eq!(
        (&list[1].kind, list[1].score),
        (&Kind::Vulnerability(Severity::Level(Level::Low)), None)
    );
    let list = report(OLDER).unwrap();
    assert_eq!(list.len(), 1);
    assert_eq!(
        (list[0].id.as_str(), list[0].version.as_deref()),
        ("GHSA-aaaa", Some("1.2.0"))
    );
    assert_eq!(list[0].aliases, ["CVE-2026-1", "7"]);
    assert_eq!(
        list[0].kind,
        Kind::Vulnerability(Severity::Level(Level::Moderate))
    );
    assert!(list[0].help.contains(">=1.5.0"));
}

#[test]
fn reports_of_nothing_are_reports() {
    for text in [
        r#"{"auditReportVersion":2,"vulnerabilities":{},"metadata":{"vulnerabilities":{"total":0}}}"#,
        r#"{"auditReportVersion":2,"vulnerabilities":{}}"#,
        r#"{"actions":[],"advisories":{},"metadata":{"vulnerabilities":{"low":0}}}"#,
    ] {
        assert_eq!(report(text), Ok(Vec::new()), "{text}");
    }
}

#[test]
fn everything_else_is_no_report_and_says_why() {
    for (text, why) in [
        ("", "it answered nothing"),
        ("  \n", "it answered nothing"),
        (
            "<html>please log in</html>",
            "no JSON: `<html>please log in</html>`",
        ),
        ("{}", "neither `vulnerabilities` nor `advisories`"),
        ("[]", "neither `vulnerabilities` nor `advisories`"),
        (r#"{"vulnerabilities":[]}"#, "neither `vulnerabilities` nor"),
        (
            r#"{"message":"405 Method Not Allowed","error":{"summary":"","detail":""}}"#,
            "an error: 405 Method Not Allowed",
        ),
        (
            r#"{"error":{"code":"ENOLOCK","summary":"needs a lockfile","detail":"x"}}"#,
            "an error: ENOLOCK: needs a lockfile",
        ),
        (
            r#"{"error":{"code":"ERR_PNPM_AUDIT_BAD_RESPONSE","message":"responded with 500"}}"#,
            "ERR_PNPM_AUDIT_BAD_RESPONSE: responded with 500",
        ),
        (r#"{"error":"no","vulnerabilities":{}}"#, "an error: no"),
        (
            r#"{"vulnerabilities":{"a":{"severity":"high","via":["b"]}}}"#,
            "names 1 packages and no advisory",
        ),
        (
            r#"{"advisories":{},"metadata":{"vulnerabilities":{"high":3}}}"#,
            "counts 3 vulnerabilities and names none",
        ),
        (&NEWER[..200], "no JSON"),
    ] {
        let reason = report(text).unwrap_err();
        assert!(reason.contains(why), "{text}: {reason}");
    }
}

#[test]
fn a_severity_that_is_missing_or_strange_is_no_score_and_not_low() {
    for change in ["", "\"severity\":\"terrible\",", "\"severity\":3,"] {
        let text = OLDER.replace("\"severity\":\"moderate\",", change);
        assert_eq!(
            report(&text).unwrap()[0].kind,
            Kind::Vulnerability(Severity::Unscored),
            "{change}"
        );
    }
}

#[test]
fn yarn_one_needs_its_summary() {
    let advisory = r#"{"type":"auditAdvisory","data":{"resolution":{"id":7},"advisory":{"id":7,"module_name":"lefty","severity":"critical","title":"t","url":"https://advisories.example/GHSA-aaaa","findings":[{"version":"1.2.0"}]}}}"#;
    let summary = r#"{"type":"auditSummary","data":{"vulnerabilities":{"critical":1}}}"#;
    let list = yarn_classic(&format!("{advisory}\n{advisory}\n{summary}\n")).unwrap();
    assert_eq!((list.len(), list[0].id.as_str()), (1, "GHSA-aaaa"));
    for (text, why) in [
        (advisory.to_owned(), "without a summary"),
        (String::new(), "without a summary"),
        (
            summary.to_owned(),
            "counts 1 vulnerabilities and names none",
        ),
        (
            r#"{"type":"error","data":"no lockfile"}"#.to_owned(),
            "an error: no lockfile",
        ),
        ("oops".to_owned(), "no JSON"),
    ] {
        let reason = yarn_classic(&text).unwrap_err();
        assert!(reason.contains(why), "{text}: {reason}");
    }
}

#[test]
fn later_yarns_answer_a_line_for_each_advisory() {
    let line = r#"{"value":"lefty","children":{"ID":7,"Issue":"reads too much","URL":"https://advisories.example/GHSA-aaaa","Severity":"high","Vulnerable Versions":"<1.5.0","Tree Versions":["1.2.0"]}}"#;
    let list = yarn_berry(line).unwrap();
    assert_eq!(
        (list[0].package.as_str(), list[0].version.as_deref()),
        ("lefty", Some("1.2.0"))
    );
    assert_eq!(
        list[0].kind,
        Kind::Vulnerability(Severity::Level(Level::High))
    );
    assert_eq!(yarn_berry("\n"), Ok(Vec::new()));
    let reason = yarn_berry(r#"{"type":"error","displayName":"YN0000","data":"no registry"}"#);
    assert!(reason.unwrap_err().contains("no registry"));
}
