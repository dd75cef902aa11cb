//! `security`: what every repository is asked, requirements of its own, and its own script.

use gates::{Cx, Report, Severity, Verdict};
use testkit::Repo;

use crate::fixture::{ask, cx, cx_with, errors, expect, said, unknown};

/// A repository that holds to everything it is asked.
fn good() -> Repo {
    let repo = Repo::cargo_single();
    repo.write("SECURITY.md", "Write to security@example.com.\n")
        .write(".env.example", "TOKEN=\n")
        .write(".env.development", "PORT=1\n")
        .write("Dockerfile", "FROM debian:12.5 AS base\nFROM base\n")
        .write("docs/model.md", "# Threat model\n\nSigned-off: yes\n")
        .write("src/more.rs", "// nothing\n");
    testkit::programs(&repo.root().join("scripts"), &[("run.sh", "echo run")]);
    repo.commit("feat: security");
    repo
}

const CHECKS: &str = r#"
[[gates.security.check]]
name = "the threat model is signed off"
file = "docs/model.md"
contains = "^Signed-off: yes$"
reason = "the auditors ask for it"
help = "ask the security team"

[[gates.security.check]]
name = "no unsafe code"
file = "src/**/*.rs"
absent = '\bunsafe\b'
severity = "warning"

[[gates.security.check]]
name = "the run says what it is"
command = ["sh", "scripts/run.sh"]
pattern = "^run$"
"#;

#[test]
fn what_holds_passes_with_one_line_of_evidence_each() {
    let repo = good();
    let before = repo.fingerprint();
    let report = ask(&cx_with(&repo, CHECKS), "security");
    expect(&report, Verdict::Pass);
    assert!(report.findings.is_empty(), "{report:#?}");
    assert_eq!(report.examined, 9);
    let lines: Vec<String> = report.evidence["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| {
            let text = |key: &str| line[key].as_str().unwrap().to_owned();
            format!("{} {}: {}", text("verdict"), text("check"), text("seen"))
        })
        .collect();
    assert_eq!(
        lines,
        [
            "pass a security policy: SECURITY.md",
            "pass lock files are committed: Cargo.lock",
            "pass no .env file is committed: none",
            "pass modes of committed files: 14 looked at",
            "pass executable scripts say what runs them: 1 looked at",
            "pass images are built on a version: 1 looked at",
            "pass the threat model is signed off: 1 looked at",
            "pass no unsafe code: 2 looked at",
            "pass the run says what it is: exit status 0, `run`",
        ]
    );
    assert_eq!(repo.fingerprint(), before);
}

struct Mutation {
    what: &'static str,
    change: fn(&Repo),
    verdict: Verdict,
    message: &'static str,
    at: Option<(&'static str, Option<usize>)>,
}

const MUTATIONS: &[Mutation] = &[
    Mutation {
        what: "no policy",
        change: |repo| {
            repo.remove("SECURITY.md");
        },
        verdict: Verdict::Pass,
        message: "there is no SECURITY.md",
        at: None,
    },
    Mutation {
        what: "the lock file is ignored",
        change: |repo| {
            repo.git(&["rm", "--quiet", "--cached", "Cargo.lock"]);
            repo.write(".gitignore", "/target/\nCargo.lock\n");
        },
        verdict: Verdict::Warn,
        message: "Cargo.lock is there and not committed",
        at: Some(("Cargo.toml", None)),
    },
    Mutation {
        what: "dependencies without a lock file",
        change: |repo| {
            repo.write("package.json", r#"{"devDependencies":{"x":"1"}}"#);
        },
        verdict: Verdict::Warn,
        message: "package.json has no lock file",
        at: Some(("package.json", None)),
    },
    Mutation {
        what: "an environment file is committed",
        change: |repo| {
            repo.write("app/.env", "TOKEN=1\n");
        },
        verdict: Verdict::Fail,
        message: "app/.env is committed",
        at: Some(("app/.env", None)),
    },
    Mutation {
        what: "a local environment file is committed",
        change: |repo| {
            repo.write(".env.production.local", "TOKEN=1\n");
        },
        verdict: Verdict::Fail,
        message: ".env.production.local is committed",
        at: Some((".env.production.local", None)),
    },
    Mutation {
        what: "a script without its first line",
        change: |repo| {
            repo.write("scripts/run.sh", "echo run\n");
        },
        verdict: Verdict::Warn,
        message: "scripts/run.sh is executable and does not say what runs it",
        at: Some(("scripts/run.sh", Some(1))),
    },
    Mutation {
        what: "an image of latest",
        change: |repo| {
            repo.write(
                "Dockerfile",
                "FROM debian:12.5 AS base\nFROM debian:latest\n",
            );
        },
        verdict: Verdict::Warn,
        message: "the image debian:latest may be another one tomorrow",
        at: Some(("Dockerfile", Some(2))),
    },
    Mutation {
        what: "an image without a version",
        change: |repo| {
            repo.write(
                "api/Dockerfile.prod",
                "# x\n\nFROM forge.example:5000/a/b\n",
            );
        },
        verdict: Verdict::Warn,
        message: "the image forge.example:5000/a/b may be another one tomorrow",
        at: Some(("api/Dockerfile.prod", Some(3))),
    },
    Mutation {
        what: "a required text is gone",
        change: |repo| {
            repo.write(
                "docs/model.md",
                "# Threat model\n\nSigned-off: yes, nearly\n",
            );
        },
        verdict: Verdict::Fail,
        message: "the threat model is signed off: docs/model.md holds no `^Signed-off: yes$`",
        at: Some(("docs/model.md", None)),
    },
    Mutation {
        what: "a required file is gone",
        change: |repo| {
            repo.remove("docs/model.md");
        },
        verdict: Verdict::Fail,
        message: "the threat model is signed off: no file is called `docs/model.md`",
        at: None,
    },
    Mutation {
        what: "a forbidden text is there",
        change: |repo| {
            repo.write("src/deep/er.rs", "// safe\nfn f() { unsafe {} }\n");
        },
        verdict: Verdict::Warn,
        message: "no unsafe code: src/deep/er.rs holds `unsafe`",
        at: Some(("src/deep/er.rs", Some(2))),
    },
    Mutation {
        what: "a command says something else",
        change: |repo| {
            repo.write("scripts/run.sh", "#!/bin/sh\necho running\n");
        },
        verdict: Verdict::Fail,
        message: "the run says what it is: `sh scripts/run.sh` does not say `^run$`\nrunning",
        at: None,
    },
    Mutation {
        what: "a command says the right thing and fails",
        change: |repo| {
            repo.write("scripts/run.sh", "#!/bin/sh\necho run\nexit 3\n");
        },
        verdict: Verdict::Fail,
        message: "the run says what it is: `sh scripts/run.sh` ended with exit status 3, not 0\nrun",
        at: None,
    },
];

/// See `mutations.rs`.
pub(crate) const MUTATED: crate::mutations::Table = ("security", || MUTATIONS.len());

#[test]
fn each_requirement_turns_red_for_its_flaw_alone() {
    for mutation in MUTATIONS {
        let repo = good();
        (mutation.change)(&repo);
        repo.commit("fix: nothing");
        let report = ask(&cx_with(&repo, CHECKS), "security");
        assert_eq!(
            report.verdict, mutation.verdict,
            "{}: {report:#?}",
            mutation.what
        );
        assert_eq!(report.findings.len(), 1, "{}: {report:#?}", mutation.what);
        let found = &report.findings[0];
        assert_eq!(found.message, mutation.message, "{}", mutation.what);
        let at = found.at.as_ref().map(|at| (at.path.as_str(), at.line));
        assert_eq!(at, mutation.at, "{}", mutation.what);
        assert!(found.help.is_some(), "{}", mutation.what);
    }
}

#[test]
fn reason_and_help_of_a_requirement_are_shown() {
    let repo = good();
    repo.remove("docs/model.md");
    let report = ask(&cx_with(&repo, CHECKS), "security");
    assert_eq!(
        report.findings[0].help.as_deref(),
        Some("ask the security team (the auditors ask for it)")
    );
}

/// Git itself writes no such mode any more, but the histories of others hold them.
#[test]
fn a_mode_that_git_does_not_show_is_found_in_the_tree_itself() {
    for (mode, verdict) in [
        ("100666", Verdict::Fail),
        ("104755", Verdict::Fail),
        ("100664", Verdict::Pass),
    ] {
        let repo = good();
        let blob = repo.git(&["rev-parse", "HEAD:README.md"]);
        let bytes: Vec<u8> = (0..blob.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&blob[at..at + 2], 16).unwrap())
            .collect();
        let mut tree = format!("{mode} odd.md\0").into_bytes();
        tree.extend(bytes);
        repo.write("../tree", tree);
        let path = repo.outside().join("tree").display().to_string();
        let inner = repo.git(&["hash-object", "-t", "tree", "-w", "--literally", &path]);
        repo.git(&["read-tree", "--prefix=in/", &inner]);
        let mut root: Vec<String> = repo
            .git(&["ls-tree", "HEAD"])
            .lines()
            .map(str::to_owned)
            .collect();
        root.push(format!("040000 tree {inner}\tin"));
        repo.write("../list", root.join("\n") + "\n");
        let script = "git mktree < ../list";
        let cx = cx(&repo);
        let made = cx
            .world
            .ask(&world::Cmd::new(repo.root(), "sh").args(["-c", script]))
            .unwrap()
            .success()
            .unwrap()
            .text();
        let commit = repo.git(&["commit-tree", &made, "-p", "HEAD", "-m", "feat: odd"]);
        repo.git(&["reset", "--quiet", "--hard", &commit]);
        assert!(!repo.git(&["ls-tree", "-r", "HEAD"]).contains(mode) || mode == "100664");
        let report = ask(&cx, "security");
        expect(&report, verdict);
        if verdict == Verdict::Fail {
            assert_eq!(errors(&report), [format!("in/odd.md has the mode {mode}")]);
        }
    }
}

#[test]
fn a_rule_that_is_left_out_is_not_asked_and_nothing_at_all_is_skipped() {
    let repo = good();
    repo.write(".env", "TOKEN=1\n").commit("fix: nothing");
    expect(&ask(&cx(&repo), "security"), Verdict::Fail);
    let report = ask(
        &cx_with(&repo, "[gates.security]\nskip = [\"env-files\"]"),
        "security",
    );
    expect(&report, Verdict::Pass);
    assert_eq!(report.examined, 5);
    let all = "[gates.security]\nskip = [\"policy\", \"lockfiles\", \"env-files\", \"modes\", \"shebangs\", \"images\"]";
    let report = ask(&cx_with(&repo, all), "security");
    expect(&report, Verdict::Skipped);
    assert_eq!(
        report.reason.as_deref(),
        Some("nothing is asked for in [gates.security]")
    );
    // An environment file that git does not know is where it belongs.
    let repo = good();
    repo.write(".env", "TOKEN=1\n");
    expect(&ask(&cx(&repo), "security"), Verdict::Pass);
}

#[test]
fn a_requirement_that_cannot_be_seen_is_unknown_by_its_name() {
    let repo = good();
    repo.write("broken.sh", "exit 127\n")
        .write("no-line", "echo x\n");
    let check = |text: &str| {
        format!(
            "[gates.security]\ntimeout_s = 1\n[[gates.security.check]]\nname = \"mine\"\n{text}\n"
        )
    };
    for (text, reason) in [
        (
            "command = [\"no-such-program\"]",
            "not seen: mine: `no-such-program` is not there",
        ),
        ("command = [\"sh\", \"broken.sh\"]", "exit status 127"),
        (
            "command = [\"sh\", \"-c\", \"exit 126\"]",
            "exit status 126",
        ),
        (
            "command = [\"sh\", \"-c\", \"kill -9 $$\"]",
            "was ended by a signal",
        ),
        (
            "command = [\"sh\", \"-c\", \"sleep 300\"]",
            "gave no answer within 1 s",
        ),
        ("command = [\"./no-line\"]", "could not start `./no-line`"),
        (
            "file = \"no/such/*\"\nabsent = \"x\"",
            "no file is called `no/such/*`, so nothing was looked at",
        ),
    ] {
        let report = ask(&cx_with(&repo, &check(text)), "security");
        unknown(&report, reason);
        unknown(&report, "not seen: mine: ");
        // The others were.
        assert_eq!(report.examined, 6, "{text}");
    }
}

#[test]
fn what_cannot_be_read_or_asked_of_git_is_unknown() {
    let repo = good();
    repo.write("package.json", "{").commit("fix: nothing");
    unknown(
        &ask(&cx(&repo), "security"),
        "not seen: lock files are committed:",
    );
    let repo = good();
    let fakes = [("git", "echo fatal: broken >&2; exit 128")];
    unknown(
        &ask(&crate::fixture::cx_where(&repo, &[], &fakes), "security"),
        "fatal: broken",
    );
    unknown(
        &ask(&crate::fixture::cx_where(&repo, &[], &[]), "security"),
        "program not found",
    );
    // The trees come back cut.
    let script = "case $1 in cat-file) echo rubbish;; *) PATH=/usr/bin:/bin:/usr/local/bin exec git \"$@\";; esac";
    unknown(
        &ask(
            &crate::fixture::cx_where(&repo, &[], &[("git", script)]),
            "security",
        ),
        "not seen: modes of committed files:",
    );
}

fn script(text: &str) -> Report {
    let repo = good();
    repo.write("scripts/audit.sh", text);
    let config = "[gates.security]\nscript = [\"sh\", \"scripts/audit.sh\"]\n";
    ask(&cx_with(&repo, config), "security")
}

#[test]
fn a_script_speaks_for_itself() {
    let report = script(
        "echo 'PASS: keys'; printf '\\033[32m[PASS]\\033[0m logs\\n'; echo 'Checked 2, FAIL: 0'; echo 'FAILED: 0'",
    );
    expect(&report, Verdict::Pass);
    assert!(report.findings.is_empty(), "{report:#?}");
    let counts =
        ["passed", "warned", "failed", "exit"].map(|key| report.evidence["script"][key].as_u64());
    assert_eq!(counts, [Some(2), Some(0), Some(0), Some(0)]);

    let report = script("echo '✓ keys'; echo '⚠ old key'");
    expect(&report, Verdict::Warn);
    assert_eq!(said(&report, Severity::Warning), ["old key"]);

    let report =
        script("echo 'PASS: keys'; echo 'FAIL: logs are public' >&2; echo '✗ no owner'; exit 1");
    expect(&report, Verdict::Fail);
    assert_eq!(errors(&report), ["no owner", "logs are public"]);
}

#[test]
fn a_script_that_contradicts_its_exit_status_fails() {
    let report = script("echo 'PASS: keys'; echo '[FAIL] logs'; exit 0");
    expect(&report, Verdict::Fail);
    assert_eq!(errors(&report), ["logs"]);
    assert!(said(&report, Severity::Note)[0].contains("ends with exit status 0"));
    let report = script("echo 'PASS: keys'; echo done; exit 2");
    expect(&report, Verdict::Fail);
    assert_eq!(
        errors(&report),
        ["`sh scripts/audit.sh` ended with exit status 2\nPASS: keys\ndone"]
    );
    let report = script("echo 'PASS: keys'; echo 'FAILED: 2'");
    expect(&report, Verdict::Fail);
    assert!(errors(&report)[0].contains("counts 2 failures"));
}

#[test]
fn a_script_without_readable_words_goes_by_its_exit_status_and_says_so() {
    let report = script("echo all is well");
    expect(&report, Verdict::Pass);
    assert!(said(&report, Severity::Note)[0].contains("goes by its exit status alone"));
    let report = script("echo something is wrong; exit 1");
    expect(&report, Verdict::Fail);
    assert!(errors(&report)[0].ends_with("exit status 1\nsomething is wrong"));
    for (text, reason) in [
        ("exit 126", "126"),
        ("no-such-tool", "127"),
        ("kill -9 $$", "signal"),
    ] {
        unknown(&script(text), reason);
    }
    let repo = good();
    let config = "[gates.security]\nscript = [\"scripts/gone.sh\"]\n";
    let cx: Cx = cx_with(&repo, config);
    unknown(
        &ask(&cx, "security"),
        "not seen: script scripts/gone.sh: `scripts/gone.sh` is not there",
    );
}

#[test]
fn a_lock_file_that_is_left_out_on_purpose_is_not_missed() {
    let repo = good();
    repo.git(&["rm", "--quiet", "--cached", "Cargo.lock"]);
    repo.write(".gitignore", "/target/\nCargo.lock\n");
    let settings = format!("{CHECKS}\n[gates.deps]\nlockfile = false\n");
    let report = ask(&cx_with(&repo, &settings), "security");
    expect(&report, Verdict::Pass);
    assert!(report.findings.is_empty(), "{report:#?}");
}
