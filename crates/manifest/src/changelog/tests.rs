//! Tables for what is seen in changelogs, laws for what must hold for any text.

use proptest::prelude::{
    Just, ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest,
};

use super::{HEADER, check, section, sections, splice, trimmed};

mod curated;
mod curated_laws;
mod findings;
mod references;
mod shapes;

const NEW: &str = "## [1.1.0] - 2026-11-22\n\n### Added\n\n- a thing\n";

/// `(version or "-", line)` of each section.
fn found(text: &str) -> Vec<(&str, usize)> {
    sections(text)
        .iter()
        .map(|section| (section.version.unwrap_or("-"), section.line))
        .collect()
}

#[test]
fn headings_that_open_a_section() {
    let table = [
        ("## [1.0.0-mvp] - 2026-11-22", "1.0.0-mvp"),
        ("## 1.0.0", "1.0.0"),
        ("## v1.0.0 (2026-11-22)", "1.0.0"),
        ("# 1.0.0", "1.0.0"),
        ("# 1.0.0 / 2026-11-22", "1.0.0"),
        (
            "## [1.0.0](https://git.example/a/b/compare/v0.9.0...v1.0.0) (2026-11-22)",
            "1.0.0",
        ),
        ("### [1.0.1] - 2026-11-22", "1.0.1"),
        ("## 1.0.0 ##", "1.0.0"),
        ("## 1.0.0: the first", "1.0.0"),
        ("## 1.0.0:", "1.0.0"),
        (
            "##\t[1.0.0+build.7] \u{2014} 2026-11-22 [YANKED]",
            "1.0.0+build.7",
        ),
        ("## Version 1.0.0", "1.0.0"),
        ("## 1.0", "1.0"),
        ("## [1.o.0] - 2026-11-22", "1.o.0"),
        ("## [l.0.0] - 2026-11-22", "l.0.0"),
        ("## [Unreleased]", "-"),
        ("## unreleased", "-"),
        ("\u{feff}## 1.0.0\r", "1.0.0"),
    ];
    for (line, want) in table {
        assert_eq!(found(line), [(want, 1)], "{line}");
    }
}

#[test]
fn headings_that_do_not() {
    let table = [
        "# Changelog",
        "## Added",
        "## 3 things to know",
        "## 1.0 is near",
        "## [link](https://git.example)",
        "### Added in 1.0.0",
        "### 1.0 and its friends",
        "### 1.0.0 - compatibility",
        "#### 1.0.0",
        "##1.0.0",
        " ## 1.0.0",
        "    ## 1.0.0",
        "- ## 1.0.0",
        "> ## 1.0.0",
        "\\## 1.0.0",
        "1.0.0",
        "####### 1.0.0",
        "",
    ];
    for line in table {
        assert_eq!(found(line), [], "{line}");
    }
}

#[test]
fn code_and_comments_hide_headings() {
    let table = [
        "```\n## 1.0.0\n```\n",
        "~~~sh\n## 1.0.0\n```\n~~~\n",
        "````\n```\n## 1.0.0\n````\n",
        "<!--\n## 1.0.0\n-->\n",
        "<!-- a\n\n## 1.0.0 -->\n",
        "- ```sh\n  ## 1.0.0\n\n  ## 1.0.0\n  ```\n",
        "1. > ```\n   > ## 1.0.0\n",
        "   ```\n## 1.0.0\n   ```\n",
        "```\n## 1.0.0\n",
    ];
    for hidden in table {
        assert_eq!(found(hidden), [], "{hidden}");
        let after = format!("{}\n## 2.0.0\n", hidden.trim_end());
        let closed = !hidden.ends_with("0\n") || hidden.contains('>');
        assert_eq!(found(&after).len(), usize::from(closed), "{after}");
    }
    let open = [
        "`` ` `` and `<!--`\n## 1.0.0\n",
        "a <!-- b\n## 1.0.0\n",
        "``` a ` b\n## 1.0.0\n",
        "- ```\n  code\n## 1.0.0\n",
        "    ```\n## 1.0.0\n",
        "> ```\n## 1.0.0\n",
    ];
    for text in open {
        assert_eq!(found(text).len(), 1, "{text}");
    }
}

#[test]
fn a_section_ends_where_the_next_one_begins() {
    let text = "# Changelog\n\nintro\n\n## [Unreleased]\n\n- u\n\n## 1.1.0\n\n### Added\n- a\n\n## Upgrading\nmore\n\n### 1.0.1\n- p\n# Older\n- o\n## 1.0.0\n- z\n\n[1.1.0]: https://git.example/1\n\n<!-- made by hand -->\n[1.0.0]: <https://git.example/2>\n";
    let texts: Vec<&str> = sections(text).iter().map(|section| section.text).collect();
    let want = [
        "## [Unreleased]\n\n- u\n\n",
        "## 1.1.0\n\n### Added\n- a\n\n## Upgrading\nmore\n\n",
        "### 1.0.1\n- p\n",
        "## 1.0.0\n- z\n\n",
    ];
    assert_eq!(texts, want);
    assert_eq!(section(text, "v1.0.1").unwrap().line, 17);
    assert_eq!(section(text, "1.0.0").unwrap().heading, "1.0.0");
    assert_eq!(section(text, "1.0"), None);
    let inner = "## 1.0.0\n[a]: https://git.example\n\nsee [a][^1]\n\n[^1]: a footnote\n";
    assert_eq!(
        section(inner, "1.0.0").unwrap().text,
        inner,
        "definitions in the middle, a footnote at the end"
    );
}

#[test]
fn a_new_section_finds_its_place() {
    let table = [
        // before, after
        ("", format!("{HEADER}@")),
        (" \n", format!("{HEADER}@")),
        ("\u{feff}", format!("\u{feff}{HEADER}@")),
        ("# Changelog", "# Changelog\n\n@".to_owned()),
        (
            "# Changelog\n\n[a]: b\n",
            "# Changelog\n\n@\n[a]: b\n".to_owned(),
        ),
        (
            "# C\n\n## [Unreleased]\n\n## 1.0.0\n",
            "# C\n\n## [Unreleased]\n\n@\n## 1.0.0\n".to_owned(),
        ),
        (
            "## [Unreleased]\n- u\n## 1.0.0\n",
            "## [Unreleased]\n- u\n\n@\n## 1.0.0\n".to_owned(),
        ),
        (
            "# C\n## 1.0.0\n- z\n## [Unreleased]\n- u\n",
            "# C\n\n@\n## 1.0.0\n- z\n## [Unreleased]\n- u\n".to_owned(),
        ),
        (
            "## [Unreleased]\n- u",
            "## [Unreleased]\n- u\n\n@".to_owned(),
        ),
        (
            "## [Unreleased]\n- u\n\n[u]: x\n",
            "## [Unreleased]\n- u\n\n@\n[u]: x\n".to_owned(),
        ),
        ("## 1.0.0", "@\n## 1.0.0".to_owned()),
        ("\u{feff}## 1.0.0\n", "\u{feff}@\n## 1.0.0\n".to_owned()),
        (
            "text\n\n```\n## 0.1.0\n```\n",
            "text\n\n```\n## 0.1.0\n```\n\n@".to_owned(),
        ),
    ];
    for (before, after) in table {
        let want = after.replace('@', NEW);
        assert_eq!(
            splice(before, "1.1.0", NEW, false).unwrap(),
            want,
            "{before:?}"
        );
        assert_eq!(
            splice(&want, "v1.1.0", NEW, true).unwrap(),
            want,
            "twice, {before:?}"
        );
        let crlf = before.replace('\n', "\r\n");
        if crlf != before {
            assert_eq!(
                splice(&crlf, "1.1.0", NEW, false).unwrap(),
                want.replace('\n', "\r\n")
            );
        }
    }
}

#[test]
fn hand_edited_text_survives_unless_replaced() {
    let text = "# C\n\n## 1.1.0\n\nby hand\n\n\n## 1.0.0\n- z";
    assert_eq!(splice(text, "1.1.0", NEW, false).unwrap(), text);
    let want = format!("# C\n\n{NEW}\n\n## 1.0.0\n- z");
    assert_eq!(splice(text, "1.1.0", NEW, true).unwrap(), want);
    let last = splice(text, "1.0.0", "\n\n## 1.0.0\r\n- y  \n\n\n", true).unwrap();
    assert_eq!(last, "# C\n\n## 1.1.0\n\nby hand\n\n\n## 1.0.0\n- y\n");
}

#[test]
fn what_would_not_read_back_is_refused() {
    let table = [
        ("", "- a", "does not begin with a heading"),
        ("", "intro\n## 1.1.0\n", "does not begin with a heading"),
        (
            "",
            "## 1.2.0\n",
            "has the heading `1.2.0`, not one of 1.1.0",
        ),
        ("", "## [Unreleased]\n", "has the heading `[Unreleased]`"),
        (
            "",
            "## 1.1.0\n## 1.0.0\n- z\n",
            "second release heading, `1.0.0`, on its line 2",
        ),
        ("", "## 1.1.0\n# Part\n", "heading of a higher level"),
        (
            "",
            "## 1.1.0\n```\ncode\n",
            "code block or comment that never ends",
        ),
        (
            "",
            "## 1.1.0\n<!-- x\n",
            "code block or comment that never ends",
        ),
        ("", "## 1.1.0\n\n[a]: b\n", "ends in link definitions"),
        (
            "## 1.1.0\n## 1.0.0\n## 1.1.0\n",
            NEW,
            "two sections of 1.1.0, on lines 1 and 3",
        ),
        (
            "# C\n\n```\ncode\n",
            NEW,
            "the code block opened on line 3 never ends",
        ),
        (
            "# C\n<!-- x\n",
            NEW,
            "the comment opened on line 2 never ends",
        ),
    ];
    for (text, new, want) in table {
        let error = format!("{:#}", splice(text, "1.1.0", new, true).unwrap_err());
        assert!(error.contains(want), "{new:?} into {text:?}: {error}");
    }
}

/// Blocks as changelogs have them, in any order.
fn block() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("# Changelog\n".to_owned()),
        Just("## [Unreleased]\n".to_owned()),
        (0..3u8, 0..3u8).prop_map(|(major, minor)| format!(
            "## [{major}.{minor}.0] - 2026-0{}-01\n",
            major + 1
        )),
        (0..3u8).prop_map(|minor| format!("# v1.{minor}.0\n")),
        (0..3u8).prop_map(|patch| format!("### 1.0.{patch}\n")),
        Just("### Added\n- a\n  more\n".to_owned()),
        Just("## Upgrading\n\ntext\n".to_owned()),
        Just("```md\n## 1.1.0\n```\n".to_owned()),
        Just("<!--\n## 1.1.0\n-->\n".to_owned()),
        Just("- ```\n  ## 1.1.0\n".to_owned()),
        Just("[1.0.0]: https://git.example\n".to_owned()),
        Just("\n".to_owned()),
        Just("   \n".to_owned()),
        "[ -~\u{e9}]{0,20}\n",
    ]
}

fn changelog() -> impl Strategy<Value = String> {
    let blocks = proptest::collection::vec(block(), 0..12);
    (blocks, any::<bool>(), any::<bool>(), any::<bool>()).prop_map(|(blocks, crlf, bom, cut)| {
        let mut text = blocks.concat();
        if cut {
            text.truncate(trimmed(&text).len());
        }
        if crlf {
            text = text.replace('\n', "\r\n");
        }
        if bom { format!("\u{feff}{text}") } else { text }
    })
}

/// A section of 1.1.0, mostly acceptable.
fn new_section() -> impl Strategy<Value = String> {
    let heading = prop_oneof![
        Just("## [1.1.0] - 2026-11-22"),
        Just("# v1.1.0"),
        Just("### 1.1.0")
    ];
    let body = proptest::collection::vec(
        prop_oneof![
            Just("\n".to_owned()),
            "- [ -~]{0,12}\n",
            "[a-z `~<!\\-#]{0,12}\r?\n"
        ],
        0..8,
    );
    (heading, body).prop_map(|(heading, body)| format!("{heading}\n{}", body.concat()))
}

/// The bytes of `text` are those of `result` without one inserted piece.
fn is_insertion(text: &str, result: &str) -> bool {
    let same = |(a, b): &(u8, u8)| a == b;
    let head = text.bytes().zip(result.bytes()).take_while(same).count();
    let tail = text
        .bytes()
        .rev()
        .zip(result.bytes().rev())
        .take_while(same)
        .count();
    head + tail >= text.len() && result.len() >= text.len()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn splicing_keeps_the_rest(text in changelog(), new in new_section(), replace in any::<bool>()) {
        if let Ok(result) = splice(&text, "1.1.0", &new, replace) {
            match section(&text, "1.1.0") {
                Some(_) if !replace => prop_assert_eq!(&result, &text),
                Some(old) => {
                    let start = old.text.as_ptr() as usize - text.as_ptr() as usize;
                    prop_assert!(result.starts_with(&text[..start]));
                    prop_assert!(result.ends_with(&text[start + old.text.len()..]));
                }
                None if text.trim_start_matches('\u{feff}').trim().is_empty() => prop_assert!(result.contains("Keep a Changelog")),
                None => prop_assert!(is_insertion(&text, &result), "{text:?} {result:?}"),
            }
        }
    }

    #[test]
    fn splicing_twice_is_splicing_once(text in changelog(), new in new_section(), replace in any::<bool>(), again in any::<bool>()) {
        if let Ok(once) = splice(&text, "1.1.0", &new, replace) {
            prop_assert_eq!(&splice(&once, "1.1.0", &new, replace).unwrap(), &once);
            if replace || section(&text, "1.1.0").is_none() {
                prop_assert_eq!(splice(&once, "1.1.0", &new, again).unwrap(), once);
            }
        }
    }

    #[test]
    fn what_was_spliced_is_read_back(text in changelog(), new in new_section()) {
        if let Ok(result) = splice(&text, "1.1.0", &new, true) {
            let back = section(&result, "1.1.0").unwrap();
            let want = new.replace("\r\n", "\n");
            prop_assert_eq!(trimmed(back.text).replace("\r\n", "\n"), trimmed(&want));
            let (before, after) = (sections(&text), sections(&result));
            let others = |all: &[super::Section<'_>]| -> Vec<String> {
                all.iter().filter(|one| one.version != Some("1.1.0")).map(|one| trimmed(one.text).to_owned()).collect()
            };
            prop_assert_eq!(others(&before), others(&after));
        }
    }

    #[test]
    fn most_changelogs_take_a_section(text in changelog()) {
        let twice = sections(&text).iter().filter(|one| one.version == Some("1.1.0")).count() > 1;
        let open = check(&text, None).iter().any(|problem| problem.message.contains("never ends"));
        let taken = splice(&text, "1.1.0", NEW, true).is_ok();
        // What is open at the end does no harm to a section above it.
        prop_assert!(taken != twice || open);
        prop_assert!(!(taken && twice));
    }

    #[test]
    fn sections_are_ranges_in_order(text in changelog()) {
        let mut end = 0;
        for section in sections(&text) {
            let start = section.text.as_ptr() as usize - text.as_ptr() as usize;
            prop_assert!(start >= end && section.text.starts_with(|c: char| !c.is_whitespace()));
            prop_assert_eq!(text[..start].matches('\n').count() + 1, section.line);
            end = start + section.text.len();
        }
    }

    #[test]
    fn garbage_does_not_panic(text in "(?s)[#\\[\\]v10.\\-() \t\r\n`~<!>*\u{feff}\u{e9}:U]{0,80}", new in "(?s).{0,40}", replace in any::<bool>()) {
        let found = sections(&text);
        prop_assert!(check(&text, None).iter().all(|problem| problem.line <= text.matches('\n').count() + 1));
        for version in ["1.1.0", "", "v", "1"] {
            if let Ok(result) = splice(&text, version, &new, replace) {
                prop_assert!(!result.is_empty());
            }
            if let Ok(result) = splice(&text, "1.1.0", NEW, replace) {
                prop_assert!(sections(&result).len() >= found.len());
            }
        }
    }
}
