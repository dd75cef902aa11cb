//! `workflows`: a good set of workflows, each rule broken in turn, and the programs that are asked beside ours.

use gates::{Cx, Finding, Report, Severity, Verdict};
use testkit::Repo;

use self::mutations::{MUTATIONS, Mutation};
use crate::fixture::{ask, cx_where, errors, expect, said, unknown};

/// See `mutations.rs`.
pub(crate) const MUTATED: crate::mutations::Table = ("workflows", || MUTATIONS.len());

mod mutations;
mod outside;
mod real;

const CI: &str = include_str!("workflows/ci.yml");
const CALLED: &str = include_str!("workflows/called.yml");
const ACTION: &str = include_str!("workflows/action.yml");

const CI_PATH: &str = ".github/workflows/ci.yml";
const CALLED_PATH: &str = ".github/workflows/called.yml";
const ACTION_PATH: &str = ".github/actions/greet/action.yml";

/// The good set: a workflow, one that it calls, an action of its own.
fn good() -> Repo {
    let repo = Repo::empty();
    repo.write(CI_PATH, CI)
        .write(CALLED_PATH, CALLED)
        .write(ACTION_PATH, ACTION);
    repo
}

/// Our rules alone.
fn alone(repo: &Repo, config: &str) -> Cx {
    let mut cx = cx_where(repo, &["git"], &[]);
    cx.config = std::sync::Arc::new(config::parse(config).unwrap());
    cx
}

fn ours(repo: &Repo) -> Report {
    ask(&alone(repo, ""), "workflows")
}

fn place(finding: &Finding) -> (&str, usize) {
    let at = finding.at.as_ref().unwrap();
    (&at.path, at.line.unwrap())
}

#[test]
fn good_workflows_pass_and_are_counted() {
    let report = ours(&good());
    expect(&report, Verdict::Pass);
    assert_eq!(report.examined, 3);
    assert_eq!(report.evidence["files"], 3);
    assert_eq!(report.evidence["jobs"], 4);
    assert_eq!(report.evidence["steps"], 10);
    assert_eq!(report.evidence["tools"], serde_json::json!({}));
    // Two programs were not there, and it is said.
    assert_eq!(report.findings.len(), 2, "{:#?}", report.findings);
    assert_eq!(said(&report, Severity::Note).len(), 2);
}

#[test]
fn a_repository_without_workflows_is_skipped() {
    let repo = Repo::empty();
    repo.write(ACTION_PATH, ACTION)
        .write(".github/workflows/below/ci.yml", "is not read by GitHub");
    expect(&ours(&repo), Verdict::Skipped);
}

fn mutated(mutation: &Mutation) -> Repo {
    let repo = good();
    let text = repo.read(mutation.path);
    let (what, from) = (mutation.what, mutation.from);
    assert_eq!(text.matches(from).count(), 1, "{what}: {from}");
    repo.write(mutation.path, text.replacen(from, mutation.to, 1));
    repo
}

fn loud(report: &Report) -> Vec<&Finding> {
    let all = report.findings.iter();
    all.filter(|finding| finding.severity > Severity::Note)
        .collect()
}

#[test]
fn each_rule_sees_the_one_change_that_breaks_it() {
    let mut wrong = Vec::new();
    for mutation in MUTATIONS {
        let what = mutation.what;
        let report = ours(&mutated(mutation));
        let loud = loud(&report);
        let expected = (mutation.severity, (mutation.path, mutation.line));
        let found = loud.iter().find(|finding| {
            (finding.severity, place(finding)) == expected
                && finding.message.contains(mutation.words)
        });
        // One change may have one consequence besides.
        let Some(found) = found.filter(|_| loud.len() <= 2) else {
            wrong.push(format!("{what}: {loud:#?}"));
            continue;
        };
        assert!(found.help.as_ref().is_some_and(|help| !help.is_empty()));
        assert!(found.at.as_ref().unwrap().column.is_some());
        let fails = loud
            .iter()
            .any(|finding| finding.severity == Severity::Error);
        expect(&report, if fails { Verdict::Fail } else { Verdict::Warn });
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(MUTATIONS.len() > 70, "{}", MUTATIONS.len());
}

#[test]
fn the_code_of_a_stranger_is_not_run_with_our_rights() {
    let checkout = "          persist-credentials: false\n";
    let with = |event: &str, more: &str| {
        let repo = good();
        let text = CI.replace("  pull_request:\n", event);
        repo.write(
            CI_PATH,
            text.replacen(checkout, &format!("{checkout}{more}"), 1),
        );
        ours(&repo)
    };
    let target = "  pull_request_target:\n";
    let head = "          ref: ${{ github.event.pull_request.head.sha }}\n";
    expect(&with(target, ""), Verdict::Pass);
    expect(&with("  pull_request:\n", head), Verdict::Pass);
    for more in [
        head,
        "          ref: refs/pull/${{ github.event.number }}/merge\n",
        "          ref: ${{ github.head_ref || github.ref }}\n",
        "          repository: ${{ github.event.pull_request.head.repo.full_name }}\n",
        "      - run: |\n          true\n          gh pr checkout 1\n",
    ] {
        let report = with(target, more);
        assert_eq!(errors(&report).len(), 1, "{more}: {report:#?}");
        assert!(errors(&report)[0].contains("with the rights of this repository"));
        let line = if more.contains("gh pr") { 39 } else { 37 };
        assert_eq!(place(&report.findings[0]), (CI_PATH, line), "{more}");
    }
    let run = "  workflow_run:\n    workflows: [x]\n";
    let report = with(
        run,
        "          ref: ${{ github.event.workflow_run.head_sha }}\n",
    );
    expect(&report, Verdict::Warn);
}

#[test]
fn versions_that_are_gone_are_told_from_those_that_work() {
    let pinned = "actions/upload-artifact@2222222222222222222222222222222222222222";
    for (uses, verdict) in [
        ("actions/upload-artifact@v3", Verdict::Fail),
        ("actions/upload-artifact@v3.2.1", Verdict::Fail),
        ("actions/upload-artifact@v4", Verdict::Pass),
        ("actions/download-artifact@v2", Verdict::Fail),
        ("actions/cache@v2", Verdict::Fail),
        ("actions/cache@v3", Verdict::Pass),
        ("actions/cache@v3.3.9", Verdict::Fail),
        ("actions/cache@v3.4.0", Verdict::Pass),
        ("actions/cache/save@v4.1.2", Verdict::Fail),
        ("actions/cache@v4.2.0", Verdict::Pass),
        ("actions/checkout@v1", Verdict::Warn),
        ("actions/checkout@v3", Verdict::Warn),
        ("actions/checkout@v4", Verdict::Pass),
        ("actions/checkout@main", Verdict::Pass),
    ] {
        let repo = good();
        repo.write(
            CI_PATH,
            CI.replace(
                &format!("{pinned}\n        with:\n"),
                &format!("{uses}\n        with:\n          key: x\n"),
            ),
        );
        let report = ask(
            &alone(&repo, "[gates.workflows]\ntrusted = [\"actions\"]"),
            "workflows",
        );
        assert_eq!(report.verdict, verdict, "{uses}: {report:#?}");
    }
}

#[test]
fn what_only_looks_like_a_mistake_is_left_alone() {
    for (what, from, to) in [
        (
            "compared, not put in",
            "run: make",
            "run: echo ${{ github.head_ref == 'main' }}",
        ),
        (
            "a matrix made by an expression",
            "os: [ubuntu-latest, macos-15]",
            "${{ fromJSON(inputs.level) }}: [1]",
        ),
        (
            "labels of one's own",
            "runs-on: ${{ matrix.os }}",
            "runs-on: [self-hosted, ubuntu-20.04]",
        ),
        (
            "an event without filters",
            "  pull_request:\n",
            "  pull_request: {}\n",
        ),
        (
            "an expression where a number belongs",
            "timeout-minutes: 10",
            "timeout-minutes: ${{ fromJSON('10') }}",
        ),
        (
            "a docker image by its digest",
            "uses: ./.github/actions/greet\n        with:\n          name: world",
            "uses: docker://image.example/tool@sha256:0000",
        ),
        (
            "an anchor and its alias",
            "env:\n      LEVEL: debug",
            "env: &env\n      LEVEL: debug\n    container:\n      image: x\n      env: *env",
        ),
        (
            "an `if` without braces",
            "if: ${{ github.ref == 'refs/heads/main' }}",
            "if: github.ref == 'refs/heads/main' && !cancelled()",
        ),
        (
            "an action brought by a step",
            "uses: ./.github/actions/greet\n        with:\n          name: world",
            "uses: $/.github/actions/greet\n        with: { NAME: world }",
        ),
    ] {
        let repo = good();
        let text = repo.read(CI_PATH);
        assert_eq!(text.matches(from).count(), 1, "{what}");
        repo.write(CI_PATH, text.replacen(from, to, 1));
        let report = ours(&repo);
        assert_eq!(report.verdict, Verdict::Pass, "{what}: {report:#?}");
    }
}

#[test]
fn whether_an_unpinned_action_blocks_is_a_setting() {
    let repo = good();
    let sha = "1111111111111111111111111111111111111111";
    repo.write(
        CI_PATH,
        CI.replace(&format!("actions/checkout@{sha}"), "actions/checkout@v9"),
    );
    let verdict = |config: &str| ask(&alone(&repo, config), "workflows").verdict;
    assert_eq!(verdict(""), Verdict::Warn);
    assert_eq!(
        verdict("[gates.workflows]\nunpinned = \"error\""),
        Verdict::Fail
    );
    assert_eq!(
        verdict("[gates.workflows]\nunpinned = \"allow\""),
        Verdict::Pass
    );
    assert_eq!(
        verdict("[gates.workflows]\nunpinned = \"error\"\ntrusted = [\"actions\"]"),
        Verdict::Pass
    );
    assert_eq!(
        verdict("[gates.workflows]\nunpinned = \"error\"\ntrusted = [\"actions/checkout\"]"),
        Verdict::Pass
    );
    assert_eq!(
        verdict("[gates.workflows]\nunpinned = \"error\"\ntrusted = [\"action\"]"),
        Verdict::Fail
    );
    // 39 digits are no commit.
    repo.write(CI_PATH, CI.replace(sha, &sha[1..]));
    assert_eq!(verdict(""), Verdict::Warn);
}

#[test]
fn a_comment_in_the_file_says_that_it_is_known() {
    let repo = good();
    let run = "run: make";
    repo.write(
        CI_PATH,
        CI.replace(
            run,
            "run: echo ${{ github.head_ref }} # zizmor: ignore[template-injection]",
        ),
    );
    // In a plain text the comment is none of the text.
    expect(&ours(&repo), Verdict::Pass);
    repo.write(CI_PATH, CI.replace(run, "run: | # zizmor: ignore[template-injection] checked\n          echo ${{ github.head_ref }}"));
    expect(&ours(&repo), Verdict::Pass);
    repo.write(
        CI_PATH,
        CI.replace(
            run,
            "run: | # zizmor: ignore[unpinned-uses]\n          echo ${{ github.head_ref }}",
        ),
    );
    expect(&ours(&repo), Verdict::Fail);
}

#[test]
fn a_text_that_is_no_utf8_is_unknown_and_a_removed_file_is_none() {
    let repo = good();
    repo.write(".github/workflows/bad.yml", b"on: push\n# \xff\n");
    unknown(&ours(&repo), "bad.yml:2: not UTF-8");
    let repo = good();
    repo.commit("feat: workflows");
    repo.remove(CALLED_PATH);
    let report = ours(&repo);
    assert_eq!(
        errors(&report),
        ["there is no workflow `.github/workflows/called.yml`"]
    );
    assert_eq!(report.examined, 2);
}

#[test]
fn hostile_texts_end_in_findings() {
    for text in [
        format!("on: push\njobs: {}", "[".repeat(50_000)),
        format!(
            "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: '${{{{ {} }}}}'\n",
            "(".repeat(50_000)
        ),
        "on: push\njobs: &a\n  x: *a\n".to_owned(),
        "- on\n- jobs\n".to_owned(),
        "on: push\njobs:\n  1: 2\n  [a, b]: {c: d}\n".to_owned(),
        "? {on: push}\n: jobs\n".to_owned(),
        "\u{feff}on: push\r\njobs:\r\n".to_owned(),
    ] {
        let repo = Repo::empty();
        repo.write(CI_PATH, &text);
        expect(&ours(&repo), Verdict::Fail);
    }
}
