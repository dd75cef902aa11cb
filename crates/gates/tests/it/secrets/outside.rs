//! `secrets` with detect-secrets and gitleaks: what they say is added, and what cannot be used is unknown.

use gates::{Cx, Report, Severity, Verdict};
use testkit::{Repo, real_program};
use world::Cmd;

use super::kinds::secrets;
use super::{cx, gate, place};
use crate::fixture::{ask, cx_where, errors, expect, said, unknown};

const REPORT: &str = r#"{"results":{"x.txt":[{"type":"AWS Access Key","filename":"x.txt","hashed_secret":"aa","line_number":2},
    {"type":"Secret Keyword","filename":"x.txt","hashed_secret":"bb","line_number":3}]}}"#;

fn with_tool(repo: &Repo, tool: &str, script: &str) -> Report {
    let mut cx = cx_where(repo, &["git", "cat"], &[(tool, script)]);
    let config = format!("[gates.secrets]\ntools = [\"{tool}\"]\ntimeout_s = 20");
    cx.config = std::sync::Arc::new(config::parse(&config).unwrap());
    ask(&cx, "secrets")
}

#[test]
fn what_detect_secrets_says_is_added_less_what_its_baseline_knows() {
    let repo = Repo::cargo_single();
    repo.write("x.txt", "one\ntwo\nthree\n").commit("feat: x");
    let script = format!("cat <<'END'\n{REPORT}\nEND");
    let report = with_tool(&repo, "detect-secrets", &script);
    expect(&report, Verdict::Fail);
    assert_eq!(errors(&report), ["AWS Access Key (detect-secrets)"]);
    assert_eq!(place(&report.findings[0]), ("x.txt", Some(2)));
    assert_eq!(
        said(&report, Severity::Warning),
        ["Secret Keyword (detect-secrets)"]
    );
    repo.write(".secrets.baseline", REPORT);
    expect(&with_tool(&repo, "detect-secrets", &script), Verdict::Pass);
    repo.write(".secrets.baseline", "none");
    unknown(
        &with_tool(&repo, "detect-secrets", &script),
        ".secrets.baseline is no report",
    );
}

#[test]
fn what_gitleaks_says_is_added() {
    let repo = Repo::cargo_single();
    repo.write("x.txt", "x").commit("feat: x");
    let leak = r#"[{"RuleID":"some-key","Description":"Some key","File":"gone.txt","StartLine":7,"Commit":"0123456789abcdef"}]"#;
    let report = with_tool(
        &repo,
        "gitleaks",
        &format!("cat <<'END'\n{leak}\nEND\nexit 1"),
    );
    assert_eq!(
        errors(&report),
        ["Some key in commit 0123456789ab (gitleaks: some-key)"]
    );
    assert_eq!(place(&report.findings[0]), ("gone.txt", Some(7)));
    expect(
        &with_tool(
            &repo,
            "gitleaks",
            "case \"$*\" in *refs/tags/v0.9.0..*) echo '[]';; esac",
        ),
        Verdict::Pass,
    );
}

#[test]
fn a_program_that_is_named_must_give_a_usable_answer() {
    let repo = Repo::cargo_single();
    for (tool, script, words) in [
        ("detect-secrets", "echo Traceback >&2; exit 1", "Traceback"),
        (
            "detect-secrets",
            "echo all is well",
            "no report that can be read",
        ),
        (
            "detect-secrets",
            "echo '{\"results\":{\"x\":[{}]}}'",
            "no report that can be read",
        ),
        ("gitleaks", "echo broken >&2; exit 1", "broken"),
        (
            "gitleaks",
            "echo '[]'; exit 1",
            "no report that can be read",
        ),
        (
            "gitleaks",
            "echo '[{}]'; exit 1",
            "no report that can be read",
        ),
    ] {
        unknown(&with_tool(&repo, tool, script), words);
    }
    let config = "[gates.secrets]\ntools = [\"gitleaks\", \"detect-secrets\"]";
    let report = gate(&repo, config);
    unknown(&report, "`gitleaks` is not on the search path");
    unknown(&report, "`detect-secrets` is not on the search path");
    let mut slow = cx_where(&repo, &["git", "sleep"], &[("gitleaks", "sleep 30")]);
    slow.config = std::sync::Arc::new(
        config::parse("[gates.secrets]\ntools = [\"gitleaks\"]\ntimeout_s = 1").unwrap(),
    );
    unknown(&ask(&slow, "secrets"), "gave no answer within 1 s");
}

#[test]
fn real_detect_secrets() {
    let Some(program) = real_program("detect-secrets") else {
        return;
    };
    let repo = Repo::cargo_single();
    let mut text = String::new();
    let all = secrets();
    for (what, line, ..) in &all {
        text.push_str(&format!("# {what}\n{line}\n"));
    }
    repo.write("all.txt", text).commit("feat: all of them");
    let world = crate::fixture::world(repo.env());
    let cmd = Cmd::new(repo.root(), &program).args(["scan", "--no-verify"]);
    let answer: serde_json::Value = serde_json::from_str(&world.answer(&cmd).unwrap()).unwrap();
    let theirs: Vec<u64> = answer["results"]["all.txt"]
        .as_array()
        .unwrap()
        .iter()
        .map(|found| found["line_number"].as_u64().unwrap())
        .collect();
    let ours = gate(&repo, "");
    let lines: Vec<usize> = ours
        .findings
        .iter()
        .filter_map(|finding| place(finding).1)
        .collect();
    assert_eq!(lines.len(), all.len(), "{ours:#?}");
    // What it knows by its shape, we know as well.
    assert!(theirs.len() >= 12, "{theirs:?}");
    let missed: Vec<&u64> = theirs
        .iter()
        .filter(|line| !lines.contains(&(**line as usize)))
        .collect();
    assert_eq!(missed, [] as [&u64; 0]);

    let env = repo.env_with(&["git"], &[]);
    let link = std::path::Path::new(&env[0].1).join("detect-secrets");
    std::os::unix::fs::symlink(&program, link).unwrap();
    let config = "[gates.secrets]\ntools = [\"detect-secrets\"]";
    let cx = Cx {
        world: crate::fixture::world(env),
        ..cx(&repo, config)
    };
    let both = ask(&cx, "secrets");
    assert_eq!(
        both.findings.len(),
        ours.findings.len(),
        "nothing is told twice: {both:#?}"
    );
    // What it alone takes for a secret is a warning, and its own mark is respected by both.
    repo.write("all.txt", "password = \"correcthorsebattery\"\n")
        .commit("fix: gone");
    let config = "[gates.secrets]\nhistory = false\ntools = [\"detect-secrets\"]";
    let config = std::sync::Arc::new(config::parse(config).unwrap());
    let cx = Cx { config, ..cx };
    let report = ask(&cx, "secrets");
    assert_eq!(
        said(&report, Severity::Warning),
        ["Secret Keyword (detect-secrets)"]
    );
    repo.write(
        "all.txt",
        "password = \"correcthorsebattery\" # pragma: allowlist secret\n",
    )
    .commit("fix: marked");
    expect(&ask(&cx, "secrets"), Verdict::Pass);
}
