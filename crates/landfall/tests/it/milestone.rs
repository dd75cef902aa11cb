//! The section of a milestone, on a repository of the layout of Phase Mirror: twelve parts from what is in the tree, each
//! gone and named when its evidence is, and every broken link an end with a place.

mod evidence;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use serde_json::Value;
use testkit::Repo;

use crate::run::{FAST, Run, VERSION, assert_released, files, landfall, mine, ready};

const ADDRESS: &str = "https://forge.example/phase-mirror/Phase-Mirror/";

/// The headings of the parts after the header.
const PARTS: [&str; 11] = [
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

/// `examples/phase-mirror` of this repository.
fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/phase-mirror")
}

/// What asks somebody outside is left out; everything else is as the example has it.
fn config() -> String {
    let text = std::fs::read_to_string(example().join("release.toml")).unwrap();
    format!("{text}\n[gates]\nskip = [\"audit\"]\n")
}

/// The fixture with a release and the commits after it.
fn phase_mirror() -> Repo {
    let repo = Repo::empty();
    for (path, bytes) in files(&example().join("fixture")) {
        repo.write(&path, bytes);
    }
    repo.write("release.toml", config());
    repo.commit("feat: the beginning");
    repo.git(&["tag", "-a", "v0.9.0", "-m", "v0.9.0"]);
    let module = "packages/mirror-dissonance/src";
    let commits = [
        (
            format!("{module}/fp-store/index.ts"),
            "feat(fp): remember what was no drift",
        ),
        (
            format!("{module}/redaction/index.ts"),
            "fix: redact a nonce at the end of a line",
        ),
        (
            format!("{module}/block-counter/index.ts"),
            "feat(breaker)!: open after ten blocks an hour\n\nBREAKING CHANGE: set `BLOCKS_PER_HOUR` where more are usual.",
        ),
        (
            format!("{module}/drift/index.ts"),
            "feat(drift): compare with a baseline\n\nCo-authored-by: second <second@example.com>",
        ),
        (
            format!("{module}/consent/index.ts"),
            "feat: ask an organisation for its consent",
        ),
        (
            "infra/monitoring.json".to_owned(),
            "feat(monitoring): raise an alarm on errors",
        ),
        ("docs/notes.md".to_owned(), "docs: write notes"),
        ("index.ts".to_owned(), "perf: start in half the time"),
    ];
    for (path, message) in commits {
        repo.write(&path, "// changed\n");
        repo.commit(message);
    }
    repo
}

fn show(repo: &Repo) -> Run {
    landfall(repo, &["changelog", "show", VERSION])
}

/// The section without commit ids, which are those of git's objects.
fn without_ids(section: &str) -> String {
    let mut out = String::new();
    let mut hex = String::new();
    for found in section.chars().chain(['\0']) {
        if found.is_ascii_digit() || ('a'..='f').contains(&found) {
            hex.push(found);
            continue;
        }
        match hex.len() {
            7 | 40 if hex.contains(|found: char| found.is_ascii_digit()) => {
                out.push_str(&"0".repeat(hex.len()));
            }
            _ => out.push_str(&hex),
        }
        hex.clear();
        out.push(found);
    }
    out.trim_end_matches('\0').to_owned()
}

/// What a reader of Markdown sees of a section.
#[derive(Default)]
struct Seen {
    releases: Vec<String>,
    parts: Vec<String>,
    rows: Vec<Vec<String>>,
    links: Vec<String>,
}

fn seen(section: &str) -> Seen {
    let mut seen = Seen::default();
    let mut text = String::new();
    for event in Parser::new_ext(section, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Heading { .. } | Tag::TableCell) => text.clear(),
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                seen.links.push(dest_url.to_string());
            }
            Event::Text(piece) | Event::Code(piece) => text.push_str(&piece),
            Event::Start(Tag::TableRow | Tag::TableHead) => seen.rows.push(Vec::new()),
            Event::End(TagEnd::TableCell) => seen.rows.last_mut().unwrap().push(text.clone()),
            Event::End(TagEnd::Heading(HeadingLevel::H2)) => seen.releases.push(text.clone()),
            Event::End(TagEnd::Heading(HeadingLevel::H3)) => seen.parts.push(text.clone()),
            _ => {}
        }
    }
    seen
}

#[test]
fn phase_mirror_has_its_twelve_parts() {
    let repo = phase_mirror();
    let before = mine(&repo);
    let run = show(&repo);
    run.exits(0);
    assert_eq!(mine(&repo), before, "showing changes nothing");
    let golden = std::fs::read_to_string(example().join("section.md")).unwrap();
    assert_eq!(without_ids(&run.stdout), golden);

    let seen = seen(&run.stdout);
    assert_eq!(seen.releases, ["[1.0.0-mvp] - 2026-02-03"]);
    assert_eq!(seen.parts, PARTS);
    let json: Value = serde_json::from_str(&repo.read("docs/benchmarks/results.json")).unwrap();
    for figure in json["benchmarks"].as_array().unwrap() {
        let name = figure["name"].as_str().unwrap();
        let row = seen.rows.iter().find(|row| row[0] == name).unwrap();
        let value = format!("{} {}", figure["value"], figure["unit"].as_str().unwrap());
        assert_eq!(row[1], value);
        assert!(
            row[4].contains("docs/benchmarks/results.json, 2026-01-28"),
            "{row:?}"
        );
    }
    assert!(!run.stdout.contains("@example.com"));
    for link in &seen.links {
        let path = link
            .strip_prefix(ADDRESS)
            .unwrap_or_else(|| panic!("{link}"));
        let (kind, rest) = path.split_once('/').unwrap();
        match kind {
            "commit" => drop(repo.git(&["cat-file", "-e", &format!("{rest}^{{commit}}")])),
            "compare" => assert_eq!(rest, "v0.9.0...v1.0.0-mvp"),
            "blob" => {
                let file = rest.strip_prefix("v1.0.0-mvp/").unwrap();
                let file = file.split('#').next().unwrap();
                assert!(repo.root().join(file).is_file(), "{link}");
            }
            other => panic!("{other}: {link}"),
        }
    }
    // Once each, and the breaking one under migration again.
    let commits: Vec<&String> = seen
        .links
        .iter()
        .filter(|link| link.contains("/commit/"))
        .collect();
    let different: BTreeSet<&&String> = commits.iter().collect();
    assert_eq!((commits.len(), different.len()), (8, 7));
}

#[test]
fn templates_of_ones_own_and_texts_of_one_version_are_taken_first() {
    let repo = phase_mirror();
    let config = repo.read("release.toml");
    repo.write(
        "release.toml",
        config.replacen(
            "kind = \"MVP\"",
            "templates = \"docs/release/templates\"\nparts = [\"known-issues\", \"description\"]",
            1,
        ),
    );
    let template = "docs/release/templates/known-issues.md";
    repo.write(
        template,
        "### Bugs of {{ release.tag }}\n\n{{ part.text }}\n",
    );
    repo.write(
        "docs/release/1.0.0-mvp/description.md",
        "Only for this one: ![x](../../../README.md)\n",
    );
    let run = show(&repo);
    run.exits(0);
    assert_eq!(
        run.stdout,
        format!(
            "## [1.0.0-mvp] - 2026-02-03\n\n**Type:** pre-release · **Changes since:** [v0.9.0]({ADDRESS}compare/v0.9.0...v1.0.0-mvp)\n\n### Bugs of v1.0.0-mvp\n\n- A baseline of more than 5 MB is compared slowly.\n\n### Description\n\nOnly for this one: ![x]({ADDRESS}raw/v1.0.0-mvp/README.md)\n"
        )
    );
    repo.write(template, "### Bugs\n\n{{ part.txt }}\n");
    show(&repo)
        .exits(2)
        .says("docs/release/templates/known-issues.md:3: Variable `part.txt` not found");
    repo.write("docs/release/templates/know-issues.md", "### Bugs\n");
    show(&repo)
        .exits(1)
        .says("docs/release/templates/know-issues.md is the template of no part");
}

/// Gates of the repository's own: what has looked is told as it is, what could not look is not.
#[test]
fn verdicts_are_told_as_they_are() {
    let repo = phase_mirror();
    let config = repo.read("release.toml");
    let names = ["good", "bad", "borne", "blind"];
    let gates = names.map(|name| {
        format!("[[gate]]\nname = \"{name}\"\nabout = \"is it {name}\"\ncommand = [\"./{name}\"]\nresult = \"status\"\n\n")
    });
    let waiver = "[[waiver]]\ngate = \"borne\"\nreason = \"known\"\nowner = \"dev@example.com\"\nuntil = 2026-03-01\n";
    let config = config.replace(
        "\"audit\", \"secrets\", \"security\", \"workflows\"",
        "\"good\", \"bad\", \"borne\", \"blind\"",
    );
    repo.write(
        "release.toml",
        format!("{config}\n{}{waiver}", gates.concat()),
    );
    for (name, code) in [("good", 0), ("bad", 1), ("borne", 1)] {
        let path = repo.root().join(name);
        std::fs::write(&path, format!("#!/bin/sh\nexit {code}\n")).unwrap();
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755))
            .unwrap();
    }
    let run = show(&repo);
    run.exits(0)
        .says("the verdict of the gate `blind`: unknown");
    let rows = seen(&run.stdout).rows;
    let verdicts: Vec<(&str, &str)> = rows
        .iter()
        .filter(|row| names.contains(&row[0].as_str()))
        .map(|row| (row[0].as_str(), row[2].as_str()))
        .collect();
    let waived = "failed, waived: known (dev@example.com, until 2026-03-01)";
    assert_eq!(
        verdicts,
        [("good", "passed"), ("bad", "failed"), ("borne", waived)]
    );
}

#[test]
fn a_release_holds_the_milestone_of_its_own_tree() {
    let config = format!(
        "{FAST}\n[changelog]\ntemplate = \"milestone\"\n\n[changelog.milestone]\nsecurity = [\"secrets\"]\ndocs = [\"README.md\"]\n\n[[gates.benchmarks.target]]\nname = \"start\"\nmax = \"5 ms\"\nsource = \"bench.json\"\n"
    );
    let repo = Repo::cargo_single();
    repo.write(
        "bench.json",
        r#"[{"name":"start","value":2.5,"unit":"ms","date":"2026-02-01"}]"#,
    );
    repo.write(
        "docs/release/description.md",
        "# What it is\n\nA [crate](../../Cargo.toml).\n",
    );
    let repo = ready(repo, &config);
    let base = repo.git(&["rev-parse", "HEAD"]);
    let run = landfall(&repo, &["release", VERSION, "--yes"]);
    run.exits(0)
        .says("the part architecture: docs/release/architecture.md is not there");
    assert_released(&repo, &base);
    let log = repo.git_in(&repo.remote(), &["show", "v1.0.0-mvp:CHANGELOG.md"]);
    assert!(log.contains("| start | 2.5 ms | less than 5 ms | yes | `bench.json`, 2026-02-01 by its recorded date |\n"), "{log}");
    assert!(
        log.contains("### Description\n\nA [crate](Cargo.toml).\n"),
        "{log}"
    );
    assert!(
        log.contains("- [") && log.contains("](README.md)\n"),
        "{log}"
    );
    assert!(log.contains("| secrets | are there no secrets"), "{log}");
    assert!(log.contains("- `single` 1.0.0-mvp\n"), "{log}");
    // What the release made is what is shown: nothing in it is of the candidate's folder.
    assert!(!log.contains("release-candidates"), "{log}");
}
