//! Gates of a repository's own, as it would write them: small scripts, each form of an answer, and what must not be
//! taken for one.

use std::sync::Arc;

use serde_json::json;
use testkit::Repo;
use world::{Setup, World};

use super::gates;
use crate::schedule::{Request, run_table};
use crate::{Cost, Cx, Inputs, Lane, Report, Verdict};

fn cx(repo: &Repo, config: &str) -> Cx {
    let world = World::new(Setup {
        env: repo.env(),
        now_s: 1_795_305_600,
        ..Setup::default()
    });
    let config = config::parse(config).unwrap_or_else(|errors| panic!("{errors}\n{config}"));
    Cx::tree(world, repo.root().to_owned(), Arc::new(config))
}

const HEAD: &str = "[[gate]]\nname = \"own\"\nabout = \"does it hold\"\n";

fn ask_cx(cx: &Cx) -> Report {
    let table = gates(&cx.config);
    let mut summary = run_table(cx, &table, &Request::default(), &|_| {}).unwrap();
    assert_eq!(summary.reports.len(), 1);
    summary.reports.remove(0)
}

/// The gate whose command is this script, with more settings.
fn ask(repo: &Repo, settings: &str, script: &str) -> Report {
    repo.write("gate.sh", script);
    let command = match settings.contains("folder") {
        true => "command = [\"sh\", \"../gate.sh\"]",
        false => "command = [\"sh\", \"gate.sh\"]",
    };
    ask_cx(&cx(repo, &format!("{HEAD}{command}\n{settings}\n")))
}

/// The cases of a file: `==== what`, `#: more settings` where there are any, a script, `---- verdict | words`.
fn all_hold(result: &str, cases: &str, least: usize) {
    let mut count = 0;
    for case in cases.split("==== ").skip(1) {
        let (script, expected) = case
            .split_once("---- ")
            .expect("a script and what comes of it");
        let (what, script) = script.split_once('\n').expect("what it is");
        let (verdict, words) = expected
            .trim_end()
            .split_once(" | ")
            .unwrap_or((expected.trim_end(), ""));
        let more = script
            .lines()
            .next()
            .and_then(|line| line.strip_prefix("#: "));
        let settings = format!("result = \"{result}\"\n{}", more.unwrap_or_default());
        let lines: Vec<String> = script.lines().map(line).collect();
        let report = ask(&Repo::empty(), &settings, &lines.join("\n"));
        let all = format!("{what}: {report:#?}");
        assert_eq!(report.verdict.name(), verdict, "{all}");
        let words = words.replace("\\n", "\n");
        let mut said: Vec<&str> = report.reason.iter().map(String::as_str).collect();
        said.extend(
            report
                .findings
                .iter()
                .map(|finding| finding.message.as_str()),
        );
        let is_said = said.iter().any(|said| said.contains(&words));
        assert!(words.is_empty() || is_said, "{words}: {all}");
        count += 1;
    }
    assert!(count >= least, "only {count} cases were found");
}

/// `LOG…`: prints a log of one run with this beside its tool. `RESULT…`: one with a result that also has this.
fn line(line: &str) -> String {
    if let Some(more) = line.strip_prefix("LOG") {
        return log(more);
    }
    match line.strip_prefix("RESULT") {
        Some(more) => log(&format!(
            r#","results":[{{"ruleId":"R1","message":{{"text":"it is bad"}}{more}}}]"#
        )),
        None => line.to_owned(),
    }
}

const JSON: &str = "result = \"json\"";
const JUNIT: &str = "result = \"junit\"";
const SARIF: &str = "result = \"sarif\"";

#[test]
fn every_form_of_an_answer_is_read_and_nothing_else_is_one() {
    all_hold("status", include_str!("answers/status.txt"), 9);
    all_hold("json", include_str!("answers/json.txt"), 28);
    all_hold("junit", include_str!("answers/junit.txt"), 14);
    all_hold("sarif", include_str!("answers/sarif.txt"), 22);
}

#[test]
fn a_missing_program_is_unknown_with_what_to_do() {
    let repo = Repo::empty();
    let report = ask_cx(&cx(
        &repo,
        &format!("{HEAD}command = [\"no-such-program\"]"),
    ));
    assert_eq!(report.verdict, Verdict::Unknown);
    let reason = report.reason.unwrap();
    assert_eq!(
        reason,
        "program not found: `no-such-program`; install it, or leave the gate out by gates.skip"
    );
}

#[test]
fn tests_have_their_place_and_are_counted() {
    let repo = Repo::empty();
    let script = "echo '<testsuite file=\"src/s.rs\"><testcase name=\"a\" file=\"src/t.rs\" line=\"7\"><failure>x</failure></testcase><testcase name=\"b\"><failure>y</failure></testcase><testcase name=\"c\"><skipped/></testcase></testsuite>'; exit 1";
    let report = ask(&repo, JUNIT, script);
    let place = |index: usize| {
        let at = report.findings[index].at.clone().unwrap();
        (at.path, at.line)
    };
    assert_eq!(place(0), ("src/t.rs".to_owned(), Some(7)));
    assert_eq!(place(1), ("src/s.rs".to_owned(), None));
    assert_eq!(report.examined, 2);
    for (key, value) in [("tests", 2), ("failed", 2), ("skipped", 1)] {
        assert_eq!(report.evidence[key], json!(value), "{key}");
    }
}

/// A log of one run with this beside its tool.
fn log(run: &str) -> String {
    format!(
        r#"echo '{{"version":"2.1.0","runs":[{{"tool":{{"driver":{{"name":"lint","rules":[{{"id":"R1","helpUri":"https://example.com/R1","messageStrings":{{"m":{{"text":"{{0}} is bad"}}}},"defaultConfiguration":{{"level":"error"}}}}]}}}}{run}}}]}}'"#
    )
}

#[test]
fn places_of_sarif_are_paths_of_the_repository() {
    let repo = Repo::empty();
    repo.write("web/src/a b.ts", "x").write("README.md", "x");
    let root = repo.root().display().to_string();
    let place = |artifact: &str, more: &str| {
        let result = format!(
            r#"{more},"results":[{{"ruleId":"R1","message":{{"text":"x"}},"locations":[{{"physicalLocation":{{"artifactLocation":{artifact},"region":{{"startLine":3,"startColumn":5}}}}}}]}}]"#
        );
        let report = ask(
            &repo,
            &format!("{SARIF}\nfolder = \"web\""),
            &format!("{}\nexit 1", log(&result)),
        );
        let at = report.findings[0].at.clone().unwrap();
        assert_eq!((at.line, at.column), (Some(3), Some(5)));
        assert_eq!(
            report.findings[0].help.as_deref(),
            Some("https://example.com/R1")
        );
        at.path
    };
    let inner = "web/src/a b.ts";
    assert_eq!(
        place(r#"{"uri":"src/a%20b.ts"}"#, ""),
        inner,
        "from the folder of the command"
    );
    assert_eq!(place(r#"{"uri":"./src/a%20b.ts"}"#, ""), inner);
    assert_eq!(
        place(r#"{"uri":"web/src/a%20b.ts","uriBaseId":"%SRCROOT%"}"#, ""),
        inner,
        "from the root"
    );
    assert_eq!(place(r#"{"uri":"README.md"}"#, ""), "README.md");
    assert_eq!(
        place(
            &format!(r#"{{"uri":"file://{root}/web/src/a%20b.ts"}}"#),
            ""
        ),
        inner
    );
    let bases = format!(
        r#","originalUriBaseIds":{{"TOP":{{"uri":"file://{root}/"}},"WEB":{{"uri":"web/","uriBaseId":"TOP"}}}}"#
    );
    assert_eq!(
        place(r#"{"uri":"src/a%20b.ts","uriBaseId":"WEB"}"#, &bases),
        inner
    );
    let circle = r#","originalUriBaseIds":{"A":{"uriBaseId":"A"}}"#;
    assert_eq!(
        place(r#"{"uri":"README.md","uriBaseId":"A"}"#, circle),
        "README.md"
    );
    let listed = r#","artifacts":[{"location":{"uri":"README.md"}}]"#;
    assert_eq!(place(r#"{"index":0}"#, listed), "README.md");
    assert_eq!(place(r#"{"uri":"gone.ts"}"#, ""), "web/gone.ts");
}

#[test]
fn only_a_report_that_the_command_has_written_just_now_is_read() {
    let settings = format!("{JSON}\nreport = \"out/r.json\"");
    let good = r#"{"verdict":"pass","examined":3}"#;
    let writes = format!("mkdir -p out; echo '{good}' > out/r.json");
    let repo = Repo::empty();
    let report = ask(&repo, &settings, &writes);
    assert_eq!(
        (report.verdict, report.examined),
        (Verdict::Pass, 3),
        "{report:#?}"
    );
    let report = ask(&repo, &settings, "exit 0");
    assert_eq!(report.verdict, Verdict::Unknown);
    let reason = report.reason.unwrap();
    assert!(
        reason.contains("the report out/r.json is of an earlier run: the command wrote none"),
        "{reason}"
    );
    // The same content, written again.
    assert_eq!(ask(&repo, &settings, &writes).verdict, Verdict::Pass);
    let renamed = format!("echo '{good}' > out/new; mv out/new out/r.json");
    assert_eq!(ask(&repo, &settings, &renamed).verdict, Verdict::Pass);
    let report = ask(&repo, &settings, "rm out/r.json; exit 1");
    let reason = report.reason.unwrap();
    assert_eq!(report.verdict, Verdict::Unknown);
    assert!(
        reason.contains("ended with exit status 1, and the report out/r.json is not there"),
        "{reason}"
    );
    let report = ask(&repo, &settings, "mkdir -p out/r.json");
    assert_eq!(report.verdict, Verdict::Unknown, "a folder: {report:?}");
    // What it prints beside its report is no answer.
    let other = Repo::empty();
    let report = ask(&other, &settings, &format!("echo '{good}'"));
    assert_eq!(report.verdict, Verdict::Unknown, "{report:?}");
}

#[test]
fn a_gate_is_what_its_settings_say() {
    let repo = Repo::empty();
    let config = format!(
        "{HEAD}command = [\"./check.sh\", \"-x\"]\nfolder = \"web\"\ninputs = [\"web/**\"]\nenv = [\"LEVEL\"]\ncost = \"network\"\n\
         [[gate]]\nname = \"other\"\nabout = \"x\"\ncommand = [\"cargo\", \"x\"]\ninputs = [\"**\"]\ncost = \"instant\"\n\
         [[gate]]\nname = \"third\"\nabout = \"x\"\ncommand = [\"true\"]\n"
    );
    let cx = cx(&repo, &config);
    let table = gates(&cx.config);
    let told: Vec<_> = table
        .iter()
        .map(|gate| (gate.name, gate.about, gate.cost, gate.needs))
        .collect();
    let none: &[Lane] = &[];
    assert_eq!(
        told,
        [
            ("own", "does it hold", Cost::Network, none),
            ("other", "x", Cost::Instant, &[Lane::CargoBuild][..]),
            ("third", "x", Cost::Slow, none),
        ]
    );
    let inputs = |gate: &str| {
        let cx = Cx {
            gate: gate.to_owned(),
            ..cx.clone()
        };
        (table[0].inputs)(&cx)
    };
    let Inputs::Same(own) = inputs("own").unwrap() else {
        panic!("it names its inputs")
    };
    assert_eq!(
        (own.files, own.tools.len()),
        (vec!["web/**".to_owned(), "web/check.sh".to_owned()], 0)
    );
    assert_eq!(own.env, ["LEVEL"]);
    assert_eq!(own.settings[0]["command"], json!(["./check.sh", "-x"]));
    let Inputs::Same(other) = inputs("other").unwrap() else {
        panic!("it names its inputs")
    };
    assert_eq!(
        (other.files, other.tools),
        (vec!["**".to_owned()], vec!["cargo".to_owned()])
    );
    assert!(matches!(inputs("third").unwrap(), Inputs::Live(_)));
    assert!(
        inputs("fourth")
            .unwrap_err()
            .to_string()
            .contains("no [[gate]] `fourth`")
    );
}

#[test]
fn waivers_and_skip_know_the_gates_of_the_repository() {
    let repo = Repo::empty();
    let waiver = "[[waiver]]\ngate = \"own\"\nreason = \"known\"\nowner = \"dev@example.com\"\nuntil = 2027-01-01\n";
    let waived = ask(&repo, waiver, "exit 1");
    assert_eq!((waived.verdict, waived.blocks()), (Verdict::Fail, false));
    let skipped = ask(&repo, "[gates]\nskip = [\"own\"]", "exit 1");
    assert_eq!(skipped.verdict, Verdict::Skipped);
}

/// With this program of somebody else beside those of the system.
fn ask_real(repo: &Repo, program: &std::path::Path, args: &str, result: &str) -> Report {
    let program = program.display();
    ask_cx(&cx(
        repo,
        &format!("{HEAD}command = [\"{program}\", {args}]\nresult = \"{result}\"\n"),
    ))
}

#[test]
fn real_zizmor_sarif() {
    let Some(zizmor) = testkit::real_program("zizmor") else {
        return;
    };
    let repo = Repo::empty();
    let path = ".github/workflows/ci.yml";
    let workflow = |run: &str| {
        format!(
            "on: issues\npermissions: {{}}\njobs:\n  a:\n    name: a\n    runs-on: ubuntu-latest\n    steps:\n      - run: {run}\n"
        )
    };
    let args = "\"--offline\", \"--format\", \"sarif\", \".\"";
    repo.write(path, workflow("echo ${{ github.event.issue.title }}"));
    let report = ask_real(&repo, &zizmor, args, "sarif");
    assert_eq!(report.verdict, Verdict::Fail, "{report:#?}");
    let found = report
        .findings
        .iter()
        .find(|finding| finding.message.contains("template-injection"))
        .expect("the injection");
    let at = found.at.as_ref().unwrap();
    assert_eq!((at.path.as_str(), at.line.is_some()), (path, true));
    repo.write(path, workflow("echo fine"));
    let report = ask_real(&repo, &zizmor, args, "sarif");
    assert_ne!(report.verdict, Verdict::Fail, "{report:#?}");
    assert_ne!(report.verdict, Verdict::Unknown, "{report:#?}");
}

#[test]
fn real_node_junit() {
    let Some(node) = testkit::real_program("node") else {
        return;
    };
    let repo = Repo::empty();
    let test = |holds: bool| {
        format!(
            "const test = require('node:test'), assert = require('node:assert');\ntest('adds', () => assert.ok(true));\ntest('holds', () => assert.ok({holds}, 'it does not'));\ntest('later', {{ skip: true }}, () => {{}});\n"
        )
    };
    let args = "\"--test\", \"--test-reporter=junit\", \"a.test.js\"";
    repo.write("a.test.js", test(true));
    let report = ask_real(&repo, &node, args, "junit");
    assert_eq!(
        (report.verdict, report.examined),
        (Verdict::Pass, 2),
        "{report:#?}"
    );
    repo.write("a.test.js", test(false));
    let report = ask_real(&repo, &node, args, "junit");
    assert_eq!(report.verdict, Verdict::Fail, "{report:#?}");
    assert_eq!(report.evidence["failed"], json!(1));
    let said = report.findings[0].message.as_str();
    assert!(
        said.starts_with("test holds failed: ") && said.contains("it does not"),
        "{said}"
    );
}
