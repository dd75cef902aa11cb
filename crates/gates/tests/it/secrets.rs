//! `secrets`: in the tree, in the history, allowed, and where it cannot look. No secret is written out here: this
//! repository is looked at by its own gate.

use gates::{Cx, Finding, Report, Severity, Verdict};
use testkit::Repo;
use world::Cmd;

use self::kinds::{secrets, token};
use crate::fixture::{ask, candidate, cx_where, errors, expect, said, unknown};

/// See `mutations.rs`.
pub(crate) const MUTATED: crate::mutations::Table = ("secrets", || secrets().len());

mod kinds;
mod outside;

fn cx(repo: &Repo, config: &str) -> Cx {
    let mut cx = cx_where(repo, &["git"], &[]);
    cx.config = std::sync::Arc::new(config::parse(config).unwrap());
    cx
}

fn gate(repo: &Repo, config: &str) -> Report {
    ask(&cx(repo, config), "secrets")
}

fn place(finding: &Finding) -> (&str, Option<usize>) {
    let at = finding.at.as_ref().unwrap();
    (&at.path, at.line)
}

/// The first sixteen digits of the finding's fingerprint.
fn fingerprint(report: &Report) -> String {
    let (_, print) = report.findings[0]
        .message
        .split_once("fingerprint ")
        .unwrap();
    print.to_owned()
}

#[test]
fn a_tree_without_secrets_passes_and_is_counted() {
    let repo = Repo::cargo_single();
    repo.write("more.txt", "x\n").commit("feat: more");
    let report = gate(&repo, "");
    expect(&report, Verdict::Pass);
    assert_eq!(report.findings, []);
    assert_eq!(report.evidence["commits"], 1);
    assert_eq!(report.evidence["since"], "v0.9.0");
    let files = report.evidence["files"].as_u64().unwrap();
    assert_eq!(report.examined, files + 1);
}

#[test]
fn each_kind_of_secret_is_found_in_the_tree_and_in_the_history() {
    for (what, line, severity, words) in secrets() {
        let repo = Repo::cargo_single();
        repo.write("deep/down.txt", format!("first\nsecond ü\n{line}\nlast\n"));
        let tree = gate(&repo, "");
        repo.commit("feat: oops");
        repo.write("deep/down.txt", "first\nsecond ü\nlast\n")
            .commit("fix: oops");
        let history = gate(&repo, "");
        for (report, place_words) in [
            (&tree, words),
            (&history, "in the history, added by commit "),
        ] {
            let [finding] = report.findings.as_slice() else {
                panic!("{what}: {report:#?}")
            };
            assert_eq!(
                (finding.severity, place(finding)),
                (severity, ("deep/down.txt", Some(3))),
                "{what}"
            );
            assert!(
                finding.message.contains(words) && finding.message.contains(place_words),
                "{what}: {finding:#?}"
            );
            assert!(finding.help.as_ref().unwrap().contains("revoke"));
            // Nothing of it but the first four characters.
            let shown = serde_json::to_string(&report.event()).unwrap();
            let all = line.as_bytes().windows(12).map(String::from_utf8_lossy);
            let told: Vec<_> = all
                .filter(|part| {
                    part.bytes().filter(u8::is_ascii_digit).count() > 1 && shown.contains(&**part)
                })
                .collect();
            assert_eq!(told, [] as [&str; 0], "{what}");
        }
        assert_eq!(fingerprint(&tree), fingerprint(&history), "{what}");
        let verdict = if severity == Severity::Error {
            Verdict::Fail
        } else {
            Verdict::Warn
        };
        expect(&tree, verdict);
    }
}

#[test]
fn one_character_less_is_no_token() {
    for (what, line, severity, words) in secrets() {
        let fixed = [
            "aws key",
            "google",
            "npm",
            "cargo",
            "sendgrid",
            "hugging face",
            "docker",
            "age",
            "aws secret",
        ];
        if severity == Severity::Error && fixed.contains(&what) {
            let repo = Repo::cargo_single();
            let cut = line.trim_end_matches('"');
            repo.write("x.txt", format!("{}\"\n", &cut[..cut.len() - 1]));
            assert_eq!(errors(&gate(&repo, "")), [] as [&str; 0], "{what} {words}");
        }
    }
}

#[test]
fn only_what_came_after_the_last_release_is_looked_at() {
    let repo = Repo::cargo_single();
    repo.write("x.txt", token()).commit("feat: oops");
    repo.write("x.txt", "none").commit("fix: oops");
    expect(&gate(&repo, ""), Verdict::Fail);
    expect(
        &gate(&repo, "[gates.secrets]\nhistory = false"),
        Verdict::Pass,
    );
    repo.git(&["tag", "v1.0.0"]);
    expect(&gate(&repo, ""), Verdict::Pass);
    // The tag of the release itself is not the one before.
    let report = ask(&candidate(cx(&repo, ""), "1.0.0", &[]), "secrets");
    expect(&report, Verdict::Fail);
    assert_eq!(report.evidence["since"], "v0.9.0");
}

#[test]
fn without_a_release_all_commits_are_looked_at_up_to_a_bound_that_is_told() {
    let repo = Repo::empty();
    repo.write("x.txt", token()).commit("feat: oops");
    repo.write("x.txt", "none").commit("fix: oops");
    repo.write("y.txt", "y").commit("feat: more");
    let report = gate(&repo, "");
    expect(&report, Verdict::Fail);
    assert_eq!(report.evidence["commits"], 3);
    let report = gate(&repo, "[gates.secrets]\nmax_commits = 2");
    expect(&report, Verdict::Pass);
    assert_eq!(
        said(&report, Severity::Note),
        ["1 older commits were not looked at, only the newest 2"]
    );
}

#[test]
fn a_merge_that_adds_what_no_parent_has_is_seen() {
    let repo = Repo::cargo_single();
    repo.git(&["checkout", "-q", "-b", "side"]);
    repo.write("a.txt", "side\n").commit("feat: side");
    repo.git(&["checkout", "-q", "main"]);
    repo.write("b.txt", "main\n").commit("feat: main");
    repo.git(&["merge", "-q", "--no-ff", "--no-commit", "side"]);
    repo.write("a.txt", format!("side\n{}\n", token()))
        .commit("chore: merge");
    repo.write("a.txt", "side\n").commit("fix: oops");
    let report = gate(&repo, "");
    assert_eq!(errors(&report).len(), 1, "{report:#?}");
    assert_eq!(place(&report.findings[0]), ("a.txt", Some(2)));
}

#[test]
fn a_secret_is_told_once_for_a_path() {
    let repo = Repo::cargo_single();
    repo.write("x.txt", token()).commit("feat: oops");
    repo.write("x.txt", format!("\n{}", token()))
        .commit("feat: moved");
    assert_eq!(
        errors(&gate(&repo, "")).len(),
        1,
        "the tree speaks for the history"
    );
    repo.write("y.txt", token());
    assert_eq!(errors(&gate(&repo, "")).len(), 2);
}

#[test]
fn what_is_none_is_allowed_by_path_by_fingerprint_or_by_a_comment() {
    let repo = Repo::cargo_single();
    repo.write("tests/key.txt", token());
    let report = gate(&repo, "");
    expect(&report, Verdict::Fail);
    let print = fingerprint(&report);
    let allow = |keys: &str| {
        gate(
            &repo,
            &format!("[[gates.secrets.allow]]\n{keys}\nreason = \"made for the tests\""),
        )
    };
    for keys in [
        "path = \"tests/**\"".to_owned(),
        format!("fingerprint = \"{print}\""),
        format!("path = \"tests/*\"\nfingerprint = \"{print}\""),
    ] {
        let report = allow(&keys);
        expect(&report, Verdict::Pass);
        assert_eq!(report.evidence["allowed"], 1);
    }
    for keys in [
        "path = \"test/**\"",
        "fingerprint = \"0123456789abcdef\"",
        "path = \"tests/*\"\nfingerprint = \"0123456789abcdef\"",
    ] {
        let report = allow(keys);
        expect(&report, Verdict::Fail);
        assert!(
            said(&report, Severity::Note)[0].contains("allows nothing that is there"),
            "{report:#?}"
        );
    }
    for text in [
        format!("{} # pragma: allowlist secret", token()),
        format!("// gitleaks:allow {}", token()),
        format!("x\n# pragma: allowlist nextline secret\n{}\n", token()),
    ] {
        repo.write("tests/key.txt", &text);
        expect(&gate(&repo, ""), Verdict::Pass);
        repo.commit("test: a key");
        expect(&gate(&repo, ""), Verdict::Pass);
    }
}

#[test]
fn files_are_told_by_their_names() {
    for (path, verdict) in [
        ("deploy/id_rsa", Verdict::Fail),
        (".netrc", Verdict::Fail),
        (".env", Verdict::Warn),
        (".env.production", Verdict::Warn),
        ("store.p12", Verdict::Warn),
        (".env.example", Verdict::Pass),
        ("id_rsa.pub", Verdict::Pass),
    ] {
        let repo = Repo::cargo_single();
        repo.write(path, "x\n");
        let report = gate(&repo, "");
        assert_eq!(report.verdict, verdict, "{path}");
        for finding in &report.findings {
            assert_eq!(place(finding), (path, None));
        }
        // What git ignores is nobody's to see.
        let ignore = repo.read(".gitignore");
        repo.write(".gitignore", format!("{ignore}\n{path}\n"));
        expect(&gate(&repo, ""), Verdict::Pass);
    }
}

#[test]
fn bytes_that_are_no_text_long_lines_and_odd_names_are_looked_at() {
    let repo = Repo::cargo_single();
    let mut bytes = b"\x00\x01\xff\n".to_vec();
    bytes.extend(token().into_bytes());
    bytes.extend(b"\x00\n");
    repo.write("a.bin", bytes);
    repo.write(
        "min.js",
        format!(
            "{};k=\"{}\";{}",
            "var a=1;".repeat(50_000),
            token(),
            "b()".repeat(50_000)
        ),
    );
    repo.write("a b\"ü:1:.txt", format!("\r\n{}\r\n", token()));
    repo.git(&["config", "grep.column", "true"]);
    repo.git(&["config", "grep.patternType", "fixed"]);
    repo.git(&["config", "color.grep", "always"]);
    let report = gate(&repo, "");
    let mut places: Vec<_> = report.findings.iter().map(place).collect();
    places.sort_unstable();
    assert_eq!(
        places,
        [
            ("a b\"ü:1:.txt", Some(2)),
            ("a.bin", Some(2)),
            ("min.js", Some(1))
        ]
    );
}

#[test]
fn a_git_that_gives_no_usable_answer_is_unknown() {
    let repo = Repo::cargo_single();
    repo.write("x.txt", "x").commit("feat: x");
    let real = Cmd::new(repo.root(), "sh").args(["-c", "command -v git"]);
    let real = crate::fixture::world(repo.env()).answer(&real).unwrap();
    let real = real.trim();
    for (what, when, then, words) in [
        (
            "grep crashes",
            "*' grep '*",
            "echo broken >&2; exit 128",
            "broken",
        ),
        (
            "grep answers rubbish",
            "*' grep '*",
            "echo all is well",
            "a line without its number",
        ),
        (
            "log crashes",
            "*' log '*",
            "echo broken >&2; exit 128",
            "broken",
        ),
        (
            "log answers rubbish",
            "*' log '*",
            "echo all is well",
            "no list of commits",
        ),
        (
            "log tells of another",
            "*' log '*",
            "printf '\\0abc\\n'",
            "was not asked for",
        ),
    ] {
        let script = format!("case \" $* \" in {when}) {then};; *) exec {real} \"$@\";; esac");
        let script = script.replace(";;; ", ";; ");
        let report = ask(&cx_where(&repo, &[], &[("git", &script)]), "secrets");
        let reason = report.reason.clone().unwrap_or_default();
        assert!(reason.contains(words), "{what}: {report:#?}");
        expect(&report, Verdict::Unknown);
    }
    unknown(
        &ask(&cx_where(&repo, &[], &[]), "secrets"),
        "program not found",
    );
    unknown(&gate(&Repo::empty(), ""), "has no commit yet");
}

#[test]
fn a_shallow_clone_without_a_release_is_warned_of() {
    let repo = Repo::empty().with_remote_of_two();
    let report = gate(&repo, "");
    expect(&report, Verdict::Warn);
    assert!(said(&report, Severity::Warning)[0].contains("shallow"));
}

trait Shallow {
    fn with_remote_of_two(self) -> Repo;
}

impl Shallow for Repo {
    /// Only the newest of two commits is here.
    fn with_remote_of_two(self) -> Repo {
        self.write("a.txt", "a").commit("feat: a");
        self.write("b.txt", "b").commit("feat: b");
        let head = self.git(&["rev-parse", "HEAD"]);
        self.write(".git/shallow", format!("{head}\n"));
        self
    }
}
