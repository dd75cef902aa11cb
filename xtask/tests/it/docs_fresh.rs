//! Documents that are made from tables are fresh, and what the others say is so.

use std::path::Path;

use crate::repository::{files, read, root};

/// Compares a generated document with the file, and rewrites the file where it is stale.
fn fresh(path: &str, text: &str) {
    let full = root().join(path);
    let stale = match std::fs::read_to_string(&full) {
        Ok(found) => found != text,
        Err(error) => {
            assert_eq!(
                error.kind(),
                std::io::ErrorKind::NotFound,
                "{path}: {error}"
            );
            true
        }
    };
    if stale {
        #[expect(
            clippy::disallowed_methods,
            reason = "a stale document is mended by the test that finds it"
        )]
        std::fs::write(&full, text).unwrap();
        panic!("{path} was stale and is rewritten: run again and commit");
    }
}

#[test]
fn the_schema_is_fresh() {
    fresh("docs/release.schema.json", &config::schema());
}

#[test]
fn the_table_of_gates_is_fresh() {
    fresh("docs/gates.md", &gates_page());
}

fn gates_page() -> String {
    let mut page = "\
<!-- made from the table in crates/gates/src/gates.rs by `cargo test -p xtask`; change that -->
# Gates

A gate is a question that is answered before a release. `cargo xtask preflight` asks all of them, `cargo xtask preflight NAME`
asks one, `--quick` asks the instant ones. The answer is pass, warn, fail, unknown or skipped; fail and unknown block.

| gate | asks | cost |
|---|---|---|
"
    .to_owned();
    for gate in gates::GATES {
        let cost = format!("{:?}", gate.cost).to_lowercase();
        page.push_str(&format!("| `{}` | {} | {cost} |\n", gate.name, gate.about));
    }
    page.push_str(
        "
Instant: well under a second. Slow: builds or runs something. Network: waits for another machine.
Settings stand in `[gates]` of `release.toml`, see `docs/release.schema.json`.
",
    );
    page
}

/// The lines of the fenced blocks of a language, each block by itself.
fn blocks<'a>(markdown: &'a str, language: &str) -> Vec<Vec<&'a str>> {
    let fence = format!("```{language}");
    let mut blocks = Vec::new();
    let mut lines = markdown.lines();
    while lines.by_ref().any(|line| line == fence) {
        blocks.push(lines.by_ref().take_while(|line| *line != "```").collect());
    }
    blocks
}

/// The commands of `.ci/run`: what stands behind `part NAME `.
fn parts(script: &str) -> Vec<&str> {
    script
        .lines()
        .filter_map(|line| line.strip_prefix("part ")?.split_once(' '))
        .map(|(_, command)| command)
        .collect()
}

#[test]
fn the_two_commands_of_the_readme_are_the_ones_that_ci_runs() {
    let readme = read("README.md");
    let two = blocks(&readme, "sh").into_iter().next().unwrap();
    assert_eq!(
        two.len(),
        2,
        "the first block of README.md holds the two commands: {two:?}"
    );
    assert_eq!(two[0], "cargo xtask release 1.0.0-mvp --rehearse");
    let script = read(".ci/run");
    let parts = parts(&script);
    for command in two {
        // The gate that would run the second once more may be left out of the first.
        let runs = |part: &&str| part.strip_suffix(" --skip test").unwrap_or(part) == command;
        assert!(
            parts.iter().any(runs),
            ".ci/run has no part that runs `{command}`: {parts:?}"
        );
    }
}

#[test]
fn the_examples_of_the_readme_and_our_own_file_are_valid() {
    let readme = read("README.md");
    let mut texts = vec![("release.toml".to_owned(), read("release.toml"))];
    for block in blocks(&readme, "toml") {
        if block[0].starts_with("# release.toml") {
            texts.push((format!("README.md, {}", block[0]), block.join("\n")));
        }
    }
    assert_eq!(
        texts.len(),
        3,
        "README.md shows a minimal and a fuller release.toml"
    );
    for (name, text) in &texts {
        config::parse(text).unwrap_or_else(|errors| panic!("{name}: {errors:?}"));
    }
}

#[test]
fn what_our_own_release_requires_is_there() {
    let config = config::parse(&read("release.toml")).unwrap();
    let files = files();
    for path in &config.gates.docs.required {
        assert!(
            files.contains(path),
            "{path} of gates.docs.required is not there"
        );
    }
}

/// The words in backticks that are paths of this repository: with a slash or the end of a source file.
fn named_paths(markdown: &str) -> Vec<&str> {
    let ends = [".rs", ".toml", ".md", ".sh", ".json"];
    let is_path = |word: &&str| {
        !word.contains([' ', '{', '<', '*', '(', ':'])
            && !word.starts_with(['/', '-'])
            && (word.contains('/') || ends.iter().any(|end| word.ends_with(end)))
    };
    markdown
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(is_path)
        .collect()
}

#[test]
fn every_path_of_the_code_map_exists() {
    let architecture = read("docs/architecture.md");
    let map = architecture
        .split("\n## ")
        .find(|part| part.starts_with("Code map"))
        .unwrap();
    let paths = named_paths(map);
    assert!(paths.len() >= 20, "the code map names only {paths:?}");
    let missing: Vec<&&str> = paths
        .iter()
        .filter(|path| !root().join(path).exists())
        .collect();
    assert!(
        missing.is_empty(),
        "docs/architecture.md names what is not there: {missing:#?}"
    );
    for member in files().iter().filter(|path| path.ends_with("/Cargo.toml")) {
        let folder = Path::new(member).parent().unwrap().to_str().unwrap();
        assert!(
            paths
                .iter()
                .any(|path| path.trim_end_matches('/') == folder),
            "the code map has no line for {folder}"
        );
    }
}

#[test]
fn relative_links_lead_somewhere() {
    let mut dead = Vec::new();
    for path in files().iter().filter(|path| path.ends_with(".md")) {
        let folder = root().join(path).parent().unwrap().to_owned();
        for target in links(&read(path)) {
            if !folder.join(&target).exists() {
                dead.push(format!("{path}: {target}"));
            }
        }
    }
    assert!(dead.is_empty(), "dead links:\n{}", dead.join("\n"));
}

/// Targets of `[text](target)` that are files, less their anchors; what a template fills in is none.
fn links(markdown: &str) -> Vec<String> {
    markdown
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .map(|target| target.split('#').next().unwrap_or_default().to_owned())
        .filter(|target| !target.is_empty() && !target.contains("://") && !target.contains("{{"))
        .collect()
}

#[test]
fn documents_are_read_as_meant() {
    let text = "a `b/c.rs` and `cargo test`, `x.toml`, `--flag/x`, `a::b`\n```sh\none\ntwo\n```\n```toml\nthree\n```\n[a](b.md#c) [d](https://example.com/e) [f](#g) [h]({{ i }})\n";
    assert_eq!(blocks(text, "sh"), [["one", "two"]]);
    assert_eq!(blocks(text, "toml"), [["three"]]);
    assert_eq!(
        named_paths(text.split("```").next().unwrap()),
        ["b/c.rs", "x.toml"]
    );
    assert_eq!(links(text), ["b.md"]);
    assert_eq!(
        parts("part tests cargo test\n  part no\n# part x y\n"),
        ["cargo test"]
    );
}
