//! `infra` with programs that only look like Terraform: broken ones, old ones, and OpenTofu.

use gates::{Finding, Inputs, Report, Severity, Verdict};
use testkit::Repo;

use crate::fixture::{ask, cx, cx_beside, cx_where, cx_with, errors, expect, said, unknown, world};
use crate::infra::{clean, place, terraform};

const VERSION: &str = r#"case $1 in version) echo '{"terraform_version":"1.11.4"}';; esac"#;

/// A program that answers its version, and else by these lines of `case`.
fn fake(cases: &str) -> String {
    format!(
        "case $1 in version) echo '{{\"terraform_version\":\"1.11.4\"}}';; {cases} *) echo unexpected: \"$@\" >&2; exit 64;; esac"
    )
}

const VALID: &str = r#"validate) echo '{"valid":true,"error_count":0,"diagnostics":[]}';;"#;

fn ask_fake(repo: &Repo, program: &str, cases: &str) -> Report {
    let script = fake(cases);
    ask(&cx_where(repo, &["git"], &[(program, &script)]), "infra")
}

#[test]
fn opentofu_is_asked_where_terraform_is_not() {
    let repo = terraform();
    let good = format!("fmt|init) ;; {VALID}");
    let report = ask_fake(&repo, "tofu", &good);
    expect(&report, Verdict::Pass);
    assert_eq!(report.evidence["program"], "tofu");
    // Both are there, and a file that only one of them reads decides.
    let script = fake(&good);
    let both = [("tofu", script.as_str()), ("terraform", &script)];
    let report = ask(&cx_where(&repo, &["git"], &both), "infra");
    assert_eq!(report.evidence["program"], "terraform");
    repo.write("infra/terraform/more.tofu", "");
    let report = ask(&cx_where(&repo, &["git"], &both), "infra");
    assert_eq!(report.evidence["program"], "tofu");
    // A program that is asked for is not replaced by another one.
    let config = cx_with(&repo, "[gates.infra]\nprogram = \"terraform\"").config;
    let only = gates::Cx {
        config,
        ..cx_where(&repo, &["git"], &both[..1])
    };
    unknown(
        &ask(&only, "infra"),
        "`terraform` is not on the search path",
    );
}

#[test]
fn what_cannot_be_asked_is_unknown() {
    let repo = terraform();
    unknown(
        &ask(&cx_where(&repo, &["git"], &[]), "infra"),
        "neither `terraform` nor `tofu` is on the search path; install it",
    );
    for (what, script, reason) in [
        (
            "rubbish",
            "echo all is well".to_owned(),
            "answered no version: all is well",
        ),
        ("a crash", "kill -9 $$".to_owned(), "was ended by a signal"),
        (
            "fmt crashes",
            fake(&format!("fmt) echo panic >&2; exit 2;; init) ;; {VALID}")),
            "do not agree",
        ),
        (
            "fmt names no file and says that there is one",
            fake(&format!("fmt) exit 3;; init) ;; {VALID}")),
            "do not agree",
        ),
        (
            "init fails",
            fake(&format!(
                "fmt) ;; init) echo no route >&2; exit 1;; {VALID}"
            )),
            "no route",
        ),
        (
            "validate answers rubbish",
            fake("fmt|init) ;; validate) echo fine;;"),
            "read the answer of `validate -json`",
        ),
        (
            "validate answers nothing",
            fake("fmt|init) ;; validate) exit 0;;"),
            "read the answer of `validate -json`",
        ),
        (
            "validate contradicts its exit status",
            fake(
                "fmt|init) ;; validate) echo '{\"valid\":true,\"error_count\":0,\"diagnostics\":[]}'; exit 1;;",
            ),
            "do not agree",
        ),
        (
            "validate contradicts itself",
            fake(
                "fmt|init) ;; validate) echo '{\"valid\":true,\"error_count\":1,\"diagnostics\":[]}';;",
            ),
            "contradicts itself",
        ),
    ] {
        let report = ask(
            &cx_where(&repo, &["git"], &[("terraform", &script)]),
            "infra",
        );
        assert_eq!(report.verdict, Verdict::Unknown, "{what}: {report:#?}");
        unknown(&report, reason);
    }
}

#[test]
fn a_command_that_hangs_is_ended_and_unknown() {
    let repo = terraform();
    let script = fake(&format!("fmt) ;; init) sleep 300;; {VALID}"));
    let cx = gates::Cx {
        config: cx_with(&repo, "[gates.infra]\ntimeout_s = 1").config,
        ..cx_where(&repo, &["git", "sleep"], &[("terraform", &script)])
    };
    unknown(&ask(&cx, "infra"), "gave no answer within 1 s");
}

#[test]
fn the_environment_asks_for_no_input_and_no_news() {
    let repo = terraform();
    let log = repo.outside().join("log");
    let script = format!(
        "echo \"$1 $TF_IN_AUTOMATION $CHECKPOINT_DISABLE $TF_INPUT\" >> {}\n{}",
        log.display(),
        fake(&format!("fmt|init) ;; {VALID}"))
    );
    let cx = cx_where(&repo, &["git"], &[("terraform", &script)]);
    expect(&ask(&cx, "infra"), Verdict::Pass);
    assert_eq!(
        std::fs::read_to_string(log).unwrap(),
        "version 1 1 0\nfmt 1 1 0\ninit 1 1 0\nvalidate 1 1 0\n"
    );
}

#[test]
fn nothing_of_terraform_is_skipped_and_a_named_folder_has_to_be_there() {
    let repo = Repo::cargo_single();
    let report = ask(&cx(&repo), "infra");
    expect(&report, Verdict::Skipped);
    assert_eq!(report.reason.as_deref(), Some("no Terraform files"));
    let config = "[gates.infra]\nroots = [\"infra\"]";
    let fakes = [("terraform", VERSION)];
    let cx = gates::Cx {
        config: cx_with(&repo, config).config,
        ..cx_where(&repo, &["git"], &fakes)
    };
    let report = ask(&cx, "infra");
    expect(&report, Verdict::Fail);
    assert_eq!(errors(&report), ["infra holds no Terraform files"]);
}
