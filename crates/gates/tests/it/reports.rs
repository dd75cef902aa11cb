//! Reports for other programs: what stands in them, and that they hold whatever a gate may say.

mod real;

use gates::reports::{annotations, junit, sarif, step_summary};
use gates::{GATES, Report, Summary};
use serde_json::{Value, json};

use super::fixture::NOW_S;

/// What tries the escaping of every format at once.
const NASTY: &str = "a<b>&\"c' ]]> % %0A ::error::x,y|`*_[z](u)\\ \u{1b}[1m\u{0}\u{ffff}\u{fffe}\u{b} 😀 \u{85}é\r\nnext\tline\n\n--\u{202e}";

fn gate(event: &Value) -> Report {
    let mut whole = json!({
        "name": "docs", "verdict": "pass", "examined": 1, "took_ms": 1, "waived": false, "findings": [],
        "evidence": {},
    });
    for (key, value) in event.as_object().unwrap() {
        whole[key] = value.clone();
    }
    whole["waived"] = json!(whole.get("waiver").is_some());
    Report::from_event(&whole).unwrap()
}

/// Every verdict, waived and not, findings with and without a place, and nasty text wherever there is text.
fn every_kind() -> Summary {
    let findings = json!([
        {"severity": "error", "message": "the first", "path": "docs/a b%ä:#?.md", "line": 3, "column": 7, "help": "mend it"},
        {"severity": "error", "message": NASTY, "path": "src/x.rs", "line": 12, "help": NASTY},
        {"severity": "error", "message": "the whole file", "path": "Cargo.toml"},
        {"severity": "error", "message": "no place 1"},
        {"severity": "error", "message": "no place 2"},
        {"severity": "warning", "message": "look here", "path": "src/x.rs"},
        {"severity": "note", "message": "by the way"},
    ]);
    let reports = [
        json!({"name": "tools", "took_ms": 61_234, "evidence": {"programs": 4, NASTY: NASTY}}),
        json!({"name": "git", "verdict": "warn", "findings": [{"severity": "warning", "message": "ahead"}]}),
        json!({"name": "docs", "verdict": "fail", "findings": findings, "reason": "and one file is unreadable"}),
        json!({"name": "test", "verdict": "fail", "findings": findings, "waiver": format!("known {NASTY} (dev@example.com, until 2027-01-01)")}),
        json!({"name": "audit", "verdict": "unknown", "examined": 0, "reason": NASTY}),
        json!({"name": "links", "verdict": "unknown", "reason": "no network", "waiver": "later (dev@example.com, until 2027-01-01)"}),
        json!({"name": "infra", "verdict": "skipped", "examined": 0, "reason": format!("no Terraform {NASTY}")}),
        json!({"name": "a-gate-of-its-own"}),
    ];
    Summary {
        reports: reports.iter().map(gate).collect(),
    }
}

fn log(summary: &Summary) -> Value {
    serde_json::from_str(&sarif(summary, GATES, "release.toml")).unwrap()
}

#[test]
fn junit_says_each_verdict_in_its_own_element() {
    let text = junit(&every_kind(), NOW_S + 3_723);
    let xml = roxmltree::Document::parse(&text).unwrap();
    let suite = xml
        .descendants()
        .find(|node| node.has_tag_name("testsuite"))
        .unwrap();
    let of = |name: &str| suite.attribute(name).unwrap();
    assert_eq!(of("name"), "preflight");
    assert_eq!(
        [of("tests"), of("failures"), of("errors"), of("skipped")],
        ["8", "1", "1", "3"]
    );
    assert_eq!(
        (of("time"), of("timestamp")),
        ("61.241", "2026-11-22T01:02:03")
    );
    let case = |name: &str| {
        suite
            .children()
            .find(|node| node.attribute("name") == Some(name))
            .unwrap()
    };
    let child = |name: &str| case(name).children().find(roxmltree::Node::is_element);
    let tag = |name: &str| child(name).map(|node| node.tag_name().name().to_owned());
    assert_eq!(tag("tools"), None);
    assert_eq!(case("tools").attribute("time"), Some("61.234"));
    assert_eq!(tag("git").as_deref(), Some("system-out"));
    assert_eq!(child("git").unwrap().text(), Some("warning: ahead"));
    assert_eq!(tag("docs").as_deref(), Some("failure"));
    let failure = child("docs").unwrap();
    assert_eq!(failure.attribute("message"), Some("the first (and 4 more)"));
    let said = failure.text().unwrap();
    for part in [
        "docs/a b%ä:#?.md:3:7: error: the first\n  help: mend it\n",
        "a<b>&\"c' ]]> % %0A ::error::x",
        "[1m 😀 \u{85}é\r\nnext\tline",
        "error: no place 1\n",
        "could not look: and one file is unreadable",
    ] {
        assert!(said.contains(part), "{part:?} in {said:?}");
    }
    assert_eq!(tag("audit").as_deref(), Some("error"));
    let message = child("audit").unwrap().attribute("message").unwrap();
    assert!(message.contains("é\r\nnext\tline"), "{message:?}");
    assert_eq!(tag("test").as_deref(), Some("skipped"));
    let why = child("test").unwrap().attribute("message").unwrap();
    assert!(why.starts_with("fail, waived: known a<b>"), "{why}");
    assert!(
        case("test")
            .children()
            .any(|node| node.has_tag_name("system-out"))
    );
    assert_eq!(
        child("links").unwrap().attribute("message"),
        Some("unknown, waived: later (dev@example.com, until 2027-01-01)")
    );
    assert_eq!(tag("infra").as_deref(), Some("skipped"));
}

#[test]
fn sarif_has_a_rule_a_gate_and_a_place_a_result() {
    let summary = every_kind();
    let log = log(&summary);
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(rules.len(), summary.reports.len());
    let about = "Gate docs: are the required documents there and not empty.";
    assert_eq!(rules[2]["shortDescription"]["text"], about);
    let results = run["results"].as_array().unwrap();
    let findings: usize = summary
        .reports
        .iter()
        .map(|report| report.findings.len())
        .sum();
    assert_eq!(results.len(), findings);
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(result["ruleId"], rules[index]["id"]);
        assert!(
            result["locations"][0]["physicalLocation"]["region"]["startLine"].as_u64() > Some(0)
        );
    }
    let docs: Vec<&Value> = results
        .iter()
        .filter(|result| result["ruleId"] == "docs")
        .collect();
    let place = &docs[0]["locations"][0]["physicalLocation"];
    assert_eq!(
        place["artifactLocation"],
        json!({"uri": "docs/a%20b%25%C3%A4%3A%23%3F.md", "uriBaseId": "%SRCROOT%"})
    );
    assert_eq!(place["region"], json!({"startLine": 3, "startColumn": 7}));
    assert_eq!(docs[0]["message"]["text"], "the first\nhelp: mend it");
    assert_eq!(
        docs[3]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
        "release.toml"
    );
}

#[test]
fn sarif_tells_waived_from_failed_and_failed_from_unseen() {
    let log = log(&every_kind());
    let run = &log["runs"][0];
    let results = run["results"].as_array().unwrap();
    let docs: Vec<&Value> = results
        .iter()
        .filter(|result| result["ruleId"] == "docs")
        .collect();
    let levels: Vec<&str> = docs
        .iter()
        .map(|result| result["level"].as_str().unwrap())
        .collect();
    assert_eq!(
        levels,
        [
            "error", "error", "error", "error", "error", "warning", "note"
        ]
    );
    assert!(
        docs.iter()
            .all(|result| result.get("suppressions").is_none())
    );
    let suppressed = results
        .iter()
        .filter(|result| result.get("suppressions").is_some());
    let suppressed: Vec<&Value> = suppressed.collect();
    assert_eq!(suppressed.len(), 5, "the errors of `test`");
    assert!(suppressed.iter().all(|result| {
        result["ruleId"] == "test"
            && result["suppressions"][0]["justification"]
                .as_str()
                .unwrap()
                .contains("known")
    }));
    let invocation = &run["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    let told = invocation["toolExecutionNotifications"].as_array().unwrap();
    let told: Vec<(&str, &str)> = told
        .iter()
        .map(|told| {
            (
                told["associatedRule"]["id"].as_str().unwrap(),
                told["level"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("docs", "error"),
            ("audit", "error"),
            ("links", "warning"),
            ("infra", "note")
        ]
    );
}

#[test]
fn a_fingerprint_outlives_moved_lines_and_changed_figures_and_is_unique() {
    let prints = |message: &str, path: &str, line: u64| {
        let finding = json!({"severity": "error", "message": message, "path": path, "line": line});
        let report = gate(&json!({"verdict": "fail", "findings": [finding, finding]}));
        let log = log(&Summary {
            reports: vec![report],
        });
        let print = |index: usize| {
            let print =
                &log["runs"][0]["results"][index]["partialFingerprints"]["landfallFinding/v1"];
            print.as_str().unwrap().to_owned()
        };
        assert_ne!(print(0), print(1), "two findings");
        print(0)
    };
    let base = prints("79.5 % covered", "src/a.rs", 3);
    assert_eq!(base, prints("79.11 % covered", "src/a.rs", 300));
    assert_ne!(base, prints("79.5 % covered", "src/b.rs", 3));
    assert_ne!(base, prints("none covered", "src/a.rs", 3));
}

#[test]
fn a_waived_or_skipped_gate_leaves_the_execution_successful() {
    let reports = every_kind().reports.into_iter();
    let summary = Summary {
        reports: reports.filter(|report| report.name != "audit").collect(),
    };
    assert_eq!(
        log(&summary)["runs"][0]["invocations"][0]["executionSuccessful"],
        true
    );
}

#[test]
fn annotations_are_one_line_each_and_cannot_be_broken_out_of() {
    let lines = annotations(&every_kind());
    for line in &lines {
        assert!(!line.contains(['\n', '\r']), "{line:?}");
        assert!(line.matches("::").count() >= 2, "{line}");
        let levels = ["::error ", "::warning ", "::notice "];
        assert!(levels.iter().any(|level| line.starts_with(level)), "{line}");
    }
    assert_eq!(
        lines[0],
        "::error file=docs/a b%25ä%3A#?.md,line=3,col=7,title=docs::the first%0Ahelp: mend it"
    );
    assert!(lines[1].starts_with(
        "::error file=src/x.rs,line=12,title=docs::a<b>&\"c' ]]> %25 %250A ::error::x,y"
    ));
    assert!(lines[1].contains("%0D%0Anext"), "{}", lines[1]);
    assert!(
        lines
            .iter()
            .any(|line| line.starts_with("::error title=audit%2C unknown::could not look: a<b>")),
        "{lines:#?}"
    );
    // What is waived is no error, and says who let it through.
    let waived = lines
        .iter()
        .find(|line| line.contains("title=test%2C waived%3A known"))
        .unwrap();
    assert!(waived.starts_with("::warning file=docs/a b%25"), "{waived}");
    assert!(
        lines.iter().all(|line| !line.contains("no Terraform")),
        "nothing is said of what is skipped"
    );
}

#[test]
fn of_each_level_ten_are_told_and_the_rest_is_counted() {
    let many = |severity: &str, count: usize| -> Vec<Value> {
        (0..count)
            .map(|n| json!({"severity": severity, "message": format!("{severity} {n}")}))
            .collect()
    };
    let told = |count: usize| {
        let findings = [
            many("error", count),
            many("warning", count),
            many("note", count),
        ]
        .concat();
        let report = gate(&json!({"verdict": "fail", "findings": findings}));
        let blind = gate(&json!({"name": "audit", "verdict": "unknown", "reason": "no network"}));
        annotations(&Summary {
            reports: vec![blind, report],
        })
    };
    let of =
        |lines: &[String], level: &str| lines.iter().filter(|line| line.starts_with(level)).count();
    let ten = told(9);
    assert_eq!((ten.len(), of(&ten, "::error ")), (28, 10));
    assert!(ten.iter().all(|line| !line.contains("more of this level")));
    let more = told(10);
    assert_eq!(
        [
            of(&more, "::error "),
            of(&more, "::warning "),
            of(&more, "::notice ")
        ],
        [10, 10, 10]
    );
    assert!(
        more[0].contains("error 0"),
        "what failed comes before what could not look: {}",
        more[0]
    );
    assert_eq!(
        more[9],
        "::error title=preflight::and 2 more of this level: see the summary of the step"
    );
    let most = told(500);
    assert!(most[9].contains("and 492 more"), "{}", most[9]);
}

/// The cells of every table row, as a Markdown parser reads them.
fn cells(markdown: &str) -> Vec<Vec<String>> {
    use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut cell: Option<String> = None;
    for event in Parser::new_ext(
        markdown,
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH,
    ) {
        match event {
            Event::Start(Tag::TableRow) => rows.push(Vec::new()),
            Event::Start(Tag::TableCell) => cell = Some(String::new()),
            Event::End(TagEnd::TableCell) => {
                if let (Some(row), Some(cell)) = (rows.last_mut(), cell.take()) {
                    row.push(cell);
                }
            }
            Event::Text(text) => {
                if let Some(cell) = &mut cell {
                    cell.push_str(&text);
                }
            }
            Event::InlineHtml(html) => {
                assert_eq!(&*html, "<br>", "nothing else is HTML");
                if let Some(cell) = &mut cell {
                    cell.push('\n');
                }
            }
            Event::Html(html) => panic!("a block of HTML: {html}"),
            Event::Start(
                tag @ (Tag::Link { .. } | Tag::Image { .. } | Tag::CodeBlock(_) | Tag::Emphasis),
            ) => {
                panic!("{tag:?} came of a text")
            }
            _ => {}
        }
    }
    rows
}

#[test]
fn the_step_summary_shows_text_as_it_is() {
    let summary = every_kind();
    let markdown = step_summary(&summary);
    assert!(
        markdown
            .starts_with("## Preflight: fail\n\n2 pass, 1 warn, 2 fail, 2 unknown, 1 skipped\n"),
        "{markdown}"
    );
    let rows = cells(&markdown);
    // A heading, then eight gates; two waivers; two figures.
    assert_eq!(rows.len(), 8 + 2 + 2, "{rows:#?}");
    assert_eq!(rows[0], ["tools", "pass", "1", "61.2 s", ""]);
    assert_eq!(rows[2][..2], ["docs", "fail"]);
    assert_eq!(rows[2][4], "the first (of 7 findings)");
    assert_eq!(rows[3][1], "fail, waived");
    assert_eq!(
        rows[4][4],
        "a<b>&\"c' ]]> % %0A ::error::x,y|`*_[z](u)\\ [1m\u{ffff}\u{fffe} 😀 é"
    );
    let figures: Vec<&Vec<String>> = rows[10..].iter().collect();
    assert!(
        figures
            .iter()
            .any(|row| row[..] == ["tools", "programs", "4"]),
        "{figures:#?}"
    );
    assert!(markdown.contains(
        "### What blocks\n\n- **docs** fail\n  - could not look: and one file is unreadable\n"
    ));
    assert!(
        markdown.contains("  - docs/a b%ä:\\#?.md:3:7: error: the first<br>  help: mend it\n"),
        "{markdown}"
    );
}

#[test]
fn a_step_summary_is_never_larger_than_github_takes() {
    let findings: Vec<Value> = (0..60)
        .map(|n| json!({"severity": "error", "message": format!("{n} {}", "x".repeat(1000))}))
        .collect();
    let report = gate(&json!({"verdict": "fail", "findings": findings}));
    let small = step_summary(&Summary {
        reports: vec![report.clone()],
    });
    assert!(
        small.contains("  - and 10 more\n"),
        "fifty of a gate are listed"
    );
    let large = step_summary(&Summary {
        reports: vec![report; 40],
    });
    assert!(large.len() < 1 << 20, "{}", large.len());
    assert!(large.ends_with("There is more than a step summary can hold.\n"));
}
