//! The twelve parts: all of them from full facts, and each of them gone when its facts are.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use serde_json::{Value, json};

use crate::ask::{REPOSITORY, id, request, run};

const PARTS: [&str; 12] = [
    "header",
    "description",
    "features",
    "architecture",
    "performance",
    "security",
    "deliverables",
    "deployment",
    "documentation",
    "migration",
    "known-issues",
    "acknowledgments",
];

/// The headings of the parts after the header.
const HEADINGS: [&str; 11] = [
    "Description",
    "Features",
    "Architecture",
    "Performance",
    "Security",
    "Deliverables",
    "Deployment",
    "Documentation",
    "Migration",
    "Known issues",
    "Acknowledgments",
];

fn facts() -> Value {
    let fragment =
        |name: &str, text: &str| json!({ "path": format!("docs/release/{name}.md"), "text": text });
    json!({
        "parts": PARTS,
        "kind": "MVP",
        "themes": [
            { "name": "Drift detection", "scopes": ["drift"] },
            { "name": "Consent | management", "scopes": ["consent"] },
        ],
        "by_path": { id(2): 1, id(4): 0 },
        "fragments": {
            "description": fragment("description", "A guard.\n\n#### Why\n\nBecause."),
            "architecture": fragment("architecture", "```mermaid\ngraph TD\n\n\n  a --> b\n```"),
            "deployment": fragment("deployment", "1. apply"),
            "known-issues": fragment("known-issues", "- slow on Sundays"),
        },
        "figures": [{
            "name": "redaction", "value": "2.1 ms", "rough": false, "target": "less than 5 ms", "met": true,
            "source": "bench/results.json", "date": "2026-11-20", "dated_by": "its recorded date",
            "machine": "runner|4", "commit": null,
        }, {
            "name": "end to end", "value": "623 ms", "rough": true, "target": "less than 500 ms", "met": false,
            "source": "bench/results.json", "date": null, "dated_by": null, "machine": null, "commit": null,
        }],
        "checks": [{ "gate": "secrets", "about": "are there no secrets", "verdict": "passed", "examined": 42 }],
        "artifacts": [{ "name": "app-v1.0.0-mvp.tar.gz", "contents": "dist/**" }],
        "packages": [{ "name": "@acme/app", "version": "1.0.0-mvp" }],
        "documents": [{ "title": "Guide *for* all", "link": "docs/guide.md" }],
    })
}

fn full() -> Value {
    let mut request = request(&[
        "docs: say why",
        "feat(drift)!: count twice\n\nBREAKING CHANGE: counters of before\nhave to be removed.",
        "fix!: read CRLF files",
        "feat(other): by its path",
        "fix(consent,ui): ask once",
        "feat: by its path too",
        "perf: read once",
    ]);
    request["repository"] = json!(REPOSITORY);
    request["previous"] = json!("v0.9.0");
    request["commits"][1]["co_authors"] = json!(["second", "helper[bot]"]);
    request["milestone"] = facts();
    request
}

fn answer(request: &Value) -> Value {
    let output = run(&[], request.to_string().as_bytes());
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{output:?}"
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

fn complaint(request: &Value) -> String {
    let output = run(&[], request.to_string().as_bytes());
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(output.stdout.is_empty(), "nothing half-written");
    String::from_utf8(output.stderr).unwrap()
}

/// What a reader of Markdown sees: headings by level, and the cells of all tables by row.
#[derive(Debug, Default)]
struct Seen {
    releases: Vec<String>,
    parts: Vec<String>,
    themes: Vec<String>,
    rows: Vec<Vec<String>>,
    links: Vec<String>,
}

fn seen(section: &str) -> Seen {
    assert!(section.ends_with('\n') && !section.ends_with("\n\n"));
    let mut seen = Seen::default();
    let mut text = String::new();
    for event in Parser::new_ext(section, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Heading { .. } | Tag::TableCell) => text.clear(),
            Event::Start(Tag::Link { dest_url, .. }) => seen.links.push(dest_url.to_string()),
            Event::Text(piece) | Event::Code(piece) => text.push_str(&piece),
            Event::Start(Tag::TableRow | Tag::TableHead) => seen.rows.push(Vec::new()),
            Event::End(TagEnd::TableCell) => seen.rows.last_mut().unwrap().push(text.clone()),
            Event::End(TagEnd::Heading(HeadingLevel::H2)) => seen.releases.push(text.clone()),
            Event::End(TagEnd::Heading(HeadingLevel::H3)) => seen.parts.push(text.clone()),
            Event::End(TagEnd::Heading(HeadingLevel::H4)) => seen.themes.push(text.clone()),
            Event::End(TagEnd::Heading(level)) => panic!("a heading of level {level}"),
            _ => {}
        }
    }
    seen
}

#[test]
fn twelve_parts_in_their_order() {
    let answer = answer(&full());
    let section = answer["section"].as_str().unwrap();
    assert_eq!(section, include_str!("milestone.txt"));
    assert_eq!(answer["parts"], json!(PARTS));
    assert_eq!(answer["left_out_parts"], Value::Null);
    let seen = seen(section);
    assert_eq!(seen.releases, ["[1.0.0-mvp] - 2026-11-22"]);
    assert_eq!(seen.parts, HEADINGS);
    assert_eq!(
        seen.themes,
        [
            "Why",
            "Drift detection",
            "Consent | management",
            "Changed",
            "Fixed"
        ]
    );
    let row = |cells: &[&str]| {
        cells
            .iter()
            .map(|cell| (*cell).to_owned())
            .collect::<Vec<_>>()
    };
    for wanted in [
        row(&[
            "redaction",
            "2.1 ms",
            "less than 5 ms",
            "yes",
            "bench/results.json, 2026-11-20 by its recorded date, on runner|4",
        ]),
        row(&[
            "end to end",
            "about 623 ms",
            "less than 500 ms",
            "no",
            "bench/results.json",
        ]),
        row(&["secrets", "are there no secrets", "passed", "42"]),
        row(&["app-v1.0.0-mvp.tar.gz", "dist/**"]),
    ] {
        assert!(seen.rows.contains(&wanted), "{wanted:?}: {:?}", seen.rows);
    }
    // A theme by scope, by path, and the rest by group: every commit that is listed is there once.
    for number in 1..=6 {
        let link = format!("{REPOSITORY}/commit/{}", id(number));
        let times = seen.links.iter().filter(|found| **found == link).count();
        assert_eq!(times, if number > 4 { 2 } else { 1 }, "{number}");
    }
    assert!(
        section.contains("graph TD\n\n\n  a --> b"),
        "code stays as it is"
    );
    assert!(
        !section.contains("@example.com"),
        "addresses are nobody's business"
    );
}

/// The part, its heading, the fact that is taken away, and why the part is said to be left out.
const MUTATIONS: [(&str, &str, &str, &str); 11] = [
    (
        "description",
        "Description",
        "/fragments/description",
        "nobody has written it",
    ),
    ("features", "Features", "", "no commit is listed"),
    (
        "architecture",
        "Architecture",
        "/fragments/architecture",
        "nobody has written it",
    ),
    (
        "performance",
        "Performance",
        "/figures",
        "no figure has evidence",
    ),
    ("security", "Security", "/checks", "no gate has answered"),
    (
        "deliverables",
        "Deliverables",
        "/artifacts /packages",
        "nothing is built",
    ),
    (
        "deployment",
        "Deployment",
        "/fragments/deployment",
        "nobody has written it",
    ),
    (
        "documentation",
        "Documentation",
        "/documents",
        "no document is named",
    ),
    (
        "migration",
        "Migration",
        "",
        "no commit announces a breaking change",
    ),
    (
        "known-issues",
        "Known issues",
        "/fragments/known-issues",
        "nobody has written it",
    ),
    (
        "acknowledgments",
        "Acknowledgments",
        "",
        "no commit has an author",
    ),
];

#[test]
fn a_part_goes_with_its_facts() {
    for (part, heading, facts, reason) in MUTATIONS {
        let mut request = full();
        for fact in facts.split_whitespace() {
            let (list, key) = fact.rsplit_once('/').unwrap();
            let list = request["milestone"].pointer_mut(list).unwrap();
            list.as_object_mut().unwrap().remove(key).unwrap();
        }
        let commits = request["commits"].as_array_mut().unwrap();
        match part {
            "features" | "acknowledgments" => commits.clear(),
            "migration" => {
                commits.retain(|commit| !commit["message"].as_str().unwrap().contains('!'));
            }
            _ => {}
        }
        let given = answer(&request);
        let section = given["section"].as_str().unwrap();
        assert!(!section.contains(&format!("### {heading}\n")), "{section}");
        let left_out = given["left_out_parts"].as_array().unwrap();
        assert!(
            left_out.contains(&json!({ "part": part, "reason": reason })),
            "{left_out:?}"
        );
        assert_eq!(seen(section).parts.len() + left_out.len(), 11);
        // The caller may know the reason better.
        request["milestone"]["missing"] = json!({ part: "docs/x.md is not there" });
        let left_out = answer(&request)["left_out_parts"].to_string();
        assert!(left_out.contains("docs/x.md is not there"), "{left_out}");
    }
}

#[test]
fn parts_are_chosen_and_ordered_and_the_header_is_always_first() {
    let mut request = full();
    request["milestone"]["parts"] = json!(["performance", "description"]);
    let answer = answer(&request);
    assert_eq!(
        answer["parts"],
        json!(["header", "performance", "description"])
    );
    let seen = seen(answer["section"].as_str().unwrap());
    assert_eq!(seen.parts, ["Performance", "Description"]);
    assert_eq!(seen.releases.len(), 1);
}

#[test]
fn a_template_of_ones_own_takes_the_place_of_ours() {
    let mut request = full();
    let own =
        |text: &str| json!({ "known-issues": { "path": "docs/t/known-issues.md", "text": text } });
    request["milestone"]["templates"] =
        own("### Bugs of {{ release.tag }}\r\n\r\n{{ part.text }}\r\n");
    let section = answer(&request)["section"].as_str().unwrap().to_owned();
    assert!(
        section.contains("### Bugs of v1.0.0-mvp\n\n- slow on Sundays\n"),
        "{section}"
    );
    for (text, want) in [
        (
            "### X\n\n{% for x in part.text %}\n",
            "docs/t/known-issues.md:4:1: expected",
        ),
        (
            "### X\n\n{{ part.txt }}\n",
            "docs/t/known-issues.md:3: Variable `part.txt` not found",
        ),
        (
            "### X\n\n{{ part.text | shout }}\n",
            "docs/t/known-issues.md:3: Filter 'shout' not found",
        ),
        (
            "### X\n{{ get_env(name=\"PATH\") }}\n",
            "`get_env` is not given to these templates",
        ),
        (
            "### X\n{{ now() }}\n",
            "`now` is not given to these templates",
        ),
        (
            "text\n",
            "docs/t/known-issues.md writes another shape: it begins with `text`",
        ),
        (
            "### X\n\n## [2.0.0]\n",
            "its heading `## [2.0.0]` is of a higher level",
        ),
        (
            "### X\n\nTitle\n=====\n",
            "its heading `Title` is of a higher level",
        ),
    ] {
        request["milestone"]["templates"] = own(text);
        let complaint = complaint(&request);
        assert!(complaint.contains(want), "{text}: {complaint}");
    }
}

#[test]
fn facts_are_read_strictly() {
    let mut request = full();
    request["milestone"]["parts"] = json!(["perfromance"]);
    assert!(complaint(&request).contains("unknown variant `perfromance`"));
    let mut request = full();
    request["milestone"]["figure"] = json!([]);
    assert!(complaint(&request).contains("unknown field `figure`"));
}
