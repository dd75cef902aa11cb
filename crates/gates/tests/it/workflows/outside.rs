//! `workflows` with programs that only pretend: what they say is taken, and what cannot be used is unknown.

use gates::{Report, Verdict};
use testkit::Repo;

use super::{ACTION_PATH, CALLED_PATH, CI, CI_PATH, alone, good, place};
use crate::fixture::{ask, cx_where, expect, unknown};

/// A fake zizmor: its answer, its log (that it saw all files) and its exit status.
fn zizmor(answer: &str, status: i32) -> String {
    format!(
        "if [ \"$1\" = --version ]; then echo zizmor 9.8.7; exit; fi\n\
         for path in {CALLED_PATH} {ACTION_PATH} {CI_PATH}; do echo \"INFO completed $path\" >&2; done\n\
         cat <<'END'\n{answer}\nEND\nexit {status}"
    )
}

fn jsonschema(answer: &str, status: i32) -> String {
    format!(
        "if [ \"$1\" = --version ]; then echo check-jsonschema, version 6.5.4; exit; fi\n\
         cat <<'END'\n{answer}\nEND\nexit {status}"
    )
}

const FIT: &str = r#"{"status":"ok","errors":[]}"#;

fn heard(repo: &Repo, zizmor: &str, jsonschema: &str) -> Report {
    let fakes = [("zizmor", zizmor), ("check-jsonschema", jsonschema)];
    ask(&cx_where(repo, &["git", "cat"], &fakes), "workflows")
}

fn finding(ident: &str, row: usize, ignored: bool) -> String {
    format!(
        r#"{{"ident":"{ident}","desc":"a flaw","url":"https://docs.example/{ident}","ignored":{ignored},
        "determinations":{{"confidence":"High","severity":"High"}},
        "locations":[{{"symbolic":{{"kind":"Primary","annotation":"here","key":{{"Local":{{"verbatim_path":"{CI_PATH}"}}}}}},
        "concrete":{{"location":{{"start_point":{{"row":{row},"column":4}},"end_point":{{"row":{row},"column":9}}}}}}}}]}}"#
    )
}

#[test]
fn what_the_programs_say_is_added_with_its_place() {
    let repo = good();
    let report = heard(&repo, &zizmor("[]", 0), &jsonschema(FIT, 0));
    expect(&report, Verdict::Pass);
    assert_eq!(report.findings, []);
    assert_eq!(report.evidence["tools"]["zizmor"], "9.8.7");
    assert_eq!(report.evidence["tools"]["check-jsonschema"], "6.5.4");
    let list = format!(
        "[{},{}]",
        finding("artipacked", 11, false),
        finding("other", 3, true)
    );
    let schema = format!(
        r#"{{"status":"fail","parse_errors":[],"errors":[{{"filename":"{CI_PATH}","path":"$.jobs.build","message":"long",
        "best_deep_match":{{"path":"$.jobs.build.steps[0].name","message":"too bold"}}}}]}}"#
    );
    let report = heard(&repo, &zizmor(&list, 14), &jsonschema(&schema, 1));
    expect(&report, Verdict::Fail);
    let [first, second] = report.findings.as_slice() else {
        panic!("{report:#?}")
    };
    assert!(first.message.contains("a flaw: here (zizmor: artipacked)"));
    assert_eq!(place(first), (CI_PATH, 12));
    assert!(second.message.contains("too bold (check-jsonschema)"));
    let line = CI
        .lines()
        .position(|line| line.contains("name: get"))
        .unwrap()
        + 1;
    assert_eq!(place(second), (CI_PATH, line));
}

#[test]
fn where_the_schema_is_stricter_than_github_it_only_warns() {
    let repo = good();
    let said = |path: &str, message: &str| {
        let schema = format!(
            r#"{{"status":"fail","parse_errors":[],"errors":[{{"filename":"{CI_PATH}","path":"{path}","message":"{message}"}}]}}"#
        );
        heard(&repo, &zizmor("[]", 0), &jsonschema(&schema, 1))
    };
    let lone = "'main' is not of type 'array'";
    for path in [
        "$.on.pull_request.branches",
        "$.on.push.tags",
        "$.on.push.paths-ignore",
    ] {
        let report = said(path, lone);
        expect(&report, Verdict::Warn);
        assert!(report.findings[0].help.as_deref().unwrap().contains("list"));
    }
    for (path, message) in [
        ("$.on.push.branches", "7 is not of type 'array'"),
        ("$.on.push.branches[0]", lone),
        ("$.jobs.build.steps", lone),
        ("$.on.push.branches", "'main' is too short"),
    ] {
        expect(&said(path, message), Verdict::Fail);
    }
}

#[test]
fn what_we_have_said_is_not_listed_twice() {
    let repo = good();
    repo.write(
        CI_PATH,
        CI.replace(
            "run: make",
            "run: echo ${{ github.head_ref }}\n        frob: 1",
        ),
    );
    let line = CI
        .lines()
        .position(|line| line.contains("run: make"))
        .unwrap();
    let list = format!("[{}]", finding("template-injection", line, false));
    let schema = format!(
        r#"{{"status":"fail","parse_errors":[],"errors":[{{"filename":"{CI_PATH}","path":"$.jobs.build","message":"frob"}}]}}"#
    );
    let report = heard(&repo, &zizmor(&list, 14), &jsonschema(&schema, 1));
    assert_eq!(report.findings.len(), 2, "{report:#?}");
    let elsewhere = format!("[{}]", finding("template-injection", 0, false));
    let report = heard(&repo, &zizmor(&elsewhere, 14), &jsonschema(&schema, 1));
    assert_eq!(report.findings.len(), 3, "{report:#?}");
}

#[test]
fn a_zizmor_that_gives_no_usable_answer_is_unknown() {
    let fits = jsonschema(FIT, 0);
    let one = format!("[{}]", finding("artipacked", 1, false));
    let killed = format!("{}kill -9 $$", zizmor("[]", 0).replace("exit 0", ""));
    let blind = zizmor("[]", 0).replace(&format!(" {CALLED_PATH}"), "");
    for (what, zizmor, words) in [
        ("crash", "echo boom >&2; exit 101", "boom"),
        (
            "crash after the version",
            &zizmor("", 101),
            "exit status 101",
        ),
        ("killed", &killed, "ended by a signal"),
        (
            "rubbish",
            &zizmor("all is well", 0),
            "answered `all is well`",
        ),
        (
            "a finding and exit 0",
            &zizmor(&one, 0),
            "gave no list of findings",
        ),
        ("none and exit 14", &zizmor("[]", 14), "exit status 14"),
        (
            "other JSON",
            &zizmor("[{}]", 14),
            "gave no list of findings",
        ),
        (
            "a file not looked at",
            &blind,
            "did not look at .github/workflows/called.yml",
        ),
    ] {
        unclear(what, zizmor, &fits, words);
    }
}

#[test]
fn a_check_jsonschema_that_gives_no_usable_answer_is_unknown() {
    let fine = zizmor("[]", 0);
    let nothing = r#"{"status":"fail","errors":[],"parse_errors":[]}"#;
    let unread =
        format!(r#"{{"status":"fail","errors":[],"parse_errors":[{{"filename":"{CI_PATH}"}}]}}"#);
    for (what, jsonschema, words) in [
        ("crash", "echo Traceback >&2; exit 1", "Traceback"),
        ("rubbish", &jsonschema("ok", 0), "answered `ok`"),
        ("exit 1 and ok", &jsonschema(FIT, 1), "gave no result"),
        ("exit 0 and fail", &jsonschema(nothing, 0), "gave no result"),
        (
            "unread",
            &jsonschema(&unread, 1),
            "cannot read .github/workflows/ci.yml",
        ),
    ] {
        unclear(what, &fine, jsonschema, words);
    }
}

fn unclear(what: &str, zizmor: &str, jsonschema: &str, words: &str) {
    let report = heard(&good(), zizmor, jsonschema);
    let reason = report.reason.clone().unwrap_or_default();
    assert!(reason.contains(words), "{what}: {report:#?}");
    expect(&report, Verdict::Unknown);
}

#[test]
fn one_broken_file_does_not_silence_what_is_said_of_the_others() {
    let repo = good();
    let path = ".github/workflows/broken.yml";
    repo.write(path, "on: push\n");
    let list = format!("[{}]", finding("artipacked", 1, false));
    let fake = zizmor(&list, 14);
    let picky = fake.replace(
        "cat <<",
        &format!("case \"$*\" in *{path}*) exit 1;; esac\ncat <<"),
    );
    let report = heard(&repo, &picky, &jsonschema(FIT, 0));
    expect(&report, Verdict::Fail);
    assert_eq!(report.reason, None);
    assert!(
        report
            .findings
            .iter()
            .any(|finding| finding.message.contains("artipacked")),
        "{report:#?}"
    );
}

#[test]
fn a_program_that_is_wanted_must_be_there_and_answer_in_time() {
    let repo = good();
    let wanted = "[gates.workflows]\ntools = [\"zizmor\"]\ntimeout_s = 1";
    unknown(
        &ask(&alone(&repo, wanted), "workflows"),
        "`zizmor` is not on the search path",
    );
    let fakes = [("zizmor", "sleep 30")];
    let mut cx = cx_where(&repo, &["git", "sleep"], &fakes);
    cx.config = std::sync::Arc::new(config::parse(wanted).unwrap());
    unknown(&ask(&cx, "workflows"), "gave no answer within 1 s");
}
