//! Headings as real changelogs have them, each file in one habit: the sections that are found, and
//! that the notes of a version are its own lines and no others.

use crate::changelog::{Severity, Writing, check, section, sections, write};

/// Heading, name, version. Two of each habit in a file of their own.
const SHAPES: &[(&str, &str, Option<&str>, &str)] = &[
    ("## 1.0.0 - Codename", "## 0.9.0 - Tern", None, "1.0.0"),
    (
        "## mdBook 1.0.0",
        "## mdBook 0.9.0",
        Some("mdBook"),
        "1.0.0",
    ),
    (
        "## [1.0.0](https://git.example/x) (2026-11-22)",
        "## [0.9.0](https://git.example/y) (2026-01-01)",
        None,
        "1.0.0",
    ),
    (
        "## [1.0.0](https://git.example/x) - (2026-11-22)",
        "## [0.9.0](https://git.example/y) (2026-01-01)",
        None,
        "1.0.0",
    ),
    (
        "## v1.0.0 / 2026-11-22",
        "## v0.9.0 / 2026-01-01",
        None,
        "1.0.0",
    ),
    (
        "## 1.0.0 \u{2014} 2026-11-22",
        "## 0.9.0 \u{2013} 2026-01-01",
        None,
        "1.0.0",
    ),
    (
        "### 1.0.0 / 2026.11.22",
        "### 0.9.0 / 2026.01.01",
        None,
        "1.0.0",
    ),
    (
        "1.0.0 / 2026-11-22\n==================",
        "0.9.0 / 2026-01-01\n==================",
        None,
        "1.0.0",
    ),
    (
        "1.0.0 (2026-11-22)\n------------------",
        "0.9.0 (2026-01-01)\n---",
        None,
        "1.0.0",
    ),
    (
        "## [1.0.0] - 2026-11-22 [YANKED]",
        "## [0.9.0] - 2026-01-01",
        None,
        "1.0.0",
    ),
    ("## Version 1.0.0", "## Version 0.9.0", None, "1.0.0"),
    (
        "# Release 1.0.0 (2026-11-22)",
        "# Release 0.9.0 (2026-01-01)",
        None,
        "1.0.0",
    ),
    ("## 1.0.0 (Unreleased)", "## 0.9.0", None, "1.0.0"),
    (
        "## [1.0.0] - Unreleased",
        "## [0.9.0] - 2026-01-01",
        None,
        "1.0.0",
    ),
    (
        "## 1.0.0 (November 22, 2026)",
        "## 0.9.0 (January 1st, 2026)",
        None,
        "1.0.0",
    ),
    (
        "## 1.0.0 - 22 November 2026",
        "## 0.9.0 - 1 Jan 2026",
        None,
        "1.0.0",
    ),
    (
        "## v1.0.0 2026 November 22",
        "## v0.9.0 2026 January 1",
        None,
        "1.0.0",
    ),
    (
        "## 1.0.0 - 2026/11/22",
        "## 0.9.0 - 2026/01/01",
        None,
        "1.0.0",
    ),
    (
        "## @scope/pkg@1.0.0",
        "## @scope/pkg@0.9.0",
        Some("@scope/pkg"),
        "1.0.0",
    ),
    (
        "## parser 1.0.0 (2026-11-22)",
        "## parser v0.9.0",
        Some("parser"),
        "1.0.0",
    ),
    (
        "## [parser-v1.0.0] - 2026-11-22",
        "## [parser-v0.9.0] - 2026-01-01",
        Some("parser"),
        "1.0.0",
    ),
    (
        "## [1.0] - 2026-11-22",
        "## [0.9] - 2026-01-01",
        None,
        "1.0",
    ),
    (
        "## 2026-11-22 Version 1.0.0, by dev",
        "## 2026-01-01 Version 0.9.0, by dev",
        None,
        "1.0.0",
    ),
    (
        "## **1.0.0** (2026-11-22)",
        "## **0.9.0** (2026-01-01)",
        None,
        "1.0.0",
    ),
    ("## `1.0.0`", "## `0.9.0`", None, "1.0.0"),
    (
        "# 1.0.0-beta.2 \"Tern\" #",
        "# 0.9.0 #",
        None,
        "1.0.0-beta.2",
    ),
    (
        "## [1.0.0][] - 2026-11-22",
        "## [0.9.0][older] - 2026-01-01",
        None,
        "1.0.0",
    ),
    (
        "## 1.0.0, 2026-11-22",
        "## 0.9.0/ 2026-01-01",
        None,
        "1.0.0",
    ),
];

#[test]
fn notes_are_the_lines_of_one_section_in_any_shape() {
    for (newer, older, name, version) in SHAPES {
        for eol in ["\n", "\r\n"] {
            let notes = format!(
                "{newer}\n\nIntro.\n\n- a thing\n\n```md\n## 0.8.0\n```\n\n#### Details\n\nText\n\n"
            );
            let text = format!("# Changes\n\nAll of them.\n\n{notes}{older}\n\n- before\n");
            let (text, notes) = (text.replace('\n', eol), notes.replace('\n', eol));
            let found = sections(&text);
            assert_eq!(found.len(), 2, "{newer}: {found:?}");
            assert_eq!(
                (found[0].name, found[0].version),
                (*name, Some(*version)),
                "{newer}"
            );
            let own = section(&text, version).map(|section| section.text);
            assert_eq!(own, Some(notes.as_str()), "{newer}");
            let errors: Vec<_> = check(&text, Some("2026-11-22"))
                .into_iter()
                .filter(|problem| problem.severity > Severity::Note)
                .collect();
            assert_eq!(errors, [], "{newer}");
        }
    }
}

#[test]
fn the_day_of_a_release_to_come_is_no_codename() {
    let pending = |heading: &str| sections(heading).first().map(|section| section.pending);
    for heading in [
        "## 1.0.0 (Unreleased)",
        "## [1.0.0] - TBD",
        "## 1.0.0 - 20XX-XX-XX",
        "## 1.0.0 - *unreleased*",
    ] {
        assert_eq!(pending(heading), Some(true), "{heading}");
    }
    for heading in [
        "## 1.0.0",
        "## 1.0.0 - 2026-11-22",
        "## 1.0.0 - The unreleasable",
    ] {
        assert_eq!(pending(heading), Some(false), "{heading}");
    }
}

#[test]
fn what_is_unreleased_has_many_names() {
    for heading in [
        "## Unreleased changes",
        "# Unreleased Changes",
        "## [Unreleased] - ReleaseDate",
        "## Unreleased - 2026-xx-xx",
        "## [Unreleased][main]",
        "TBD\n===",
        "dev\n---",
        "## Next release",
    ] {
        let text = format!("{heading}\n\n- a\n\n# 1.0.0\n\n- b\n");
        let found = sections(&text);
        assert!(
            found.len() == 2 && found[0].unreleased && !found[1].unreleased,
            "{heading}: {found:?}"
        );
    }
    // Below the releases these are chapters of another kind.
    for heading in ["## TBD", "dev\n---"] {
        assert_eq!(
            sections(&format!("# 1.0.0\n\n- b\n\n{heading}\n")).len(),
            1,
            "{heading}"
        );
    }
}

#[test]
fn what_names_a_version_and_is_none_is_left_alone() {
    for text in [
        "## 1.0.0\n\n## Upgrading 0.9.0\n",
        "## 1.0.0\n\n## Rust 1.70.0\n\nis needed\n",
        "## 1.x\n\n### 1.0.0 (2026-11-22)\n",
        "## 1.0.0\n\n## [Rust 0.10] - 2026-01-01\n",
        "## 1.0.0\n\n- item\n---\n\n> 0.9.0\n---\n",
        "## 1.0.0\n\ntext of a paragraph\n0.9.0\n---\n",
        "## 1.0.0\n\n| 0.9.0 | x |\n|---|---|\n",
    ] {
        assert_eq!(sections(text).len(), 1, "{text}");
    }
}

#[test]
fn releases_of_packages_in_one_file() {
    let text = "# C\n\n## parser 1.0.0\n\n- p\n\n## lexer 1.0.0\n\n- l\n\n## parser 0.9.0\n\n- o\n";
    assert_eq!(
        section(text, "lexer@1.0.0").map(|section| section.text),
        Some("## lexer 1.0.0\n\n- l\n\n")
    );
    assert_eq!(section(text, "1.0.0").map(|section| section.line), Some(3));
    assert_eq!(section(text, "other@1.0.0"), None);
    assert_eq!(check(text, None), []);
}

#[test]
fn a_section_is_written_into_a_file_of_named_releases() {
    let text = "# C\n\n## parser 1.0.0\n\n- p\n\n## parser 0.9.0\n\n- o\n";
    let fresh = "## [1.1.0] - 2026-11-22\n\n- a\n";
    let writing = Writing {
        version: "1.1.0",
        fresh,
        draft: false,
        replace: false,
    };
    let want = text.replace("# C\n\n", &format!("# C\n\n{fresh}\n"));
    assert_eq!(write(text, &writing).unwrap().text, want);
    assert_eq!(sections(&want).len(), 3);
}
