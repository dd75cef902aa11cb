//! Anchors, tags and ways, each by itself.

use super::html;
use super::page::Page;
use super::tree::relative;

fn anchors(text: &str) -> Vec<String> {
    Page::markdown(text).anchors
}

#[test]
fn anchors_are_those_of_github() {
    for (heading, anchor) in [
        ("# Getting Started", "getting-started"),
        ("# What's new?", "whats-new"),
        ("# `cargo test` & more", "cargo-test--more"),
        ("# 1.0.0-rc.1", "100-rc1"),
        ("# [1.0.0] - 2026-01-02", "100---2026-01-02"),
        ("# snake_case", "snake_case"),
        ("# Über uns", "über-uns"),
        ("# 日本語 の 見出し", "日本語-の-見出し"),
        ("# 🚀 Launch", "-launch"),
        (":tada: Hello\n---", "tada-hello"),
        ("# A [link](x.md) and *emphasis*", "a-link-and-emphasis"),
        ("# C++ / C#", "c--c"),
        ("# Tail #", "tail"),
        (
            "<h2 align=\"center\">The <b>Big</b> One</h2>",
            "the-big-one",
        ),
        ("Text <a name=\"Own\"></a>", "Own"),
        ("<div id='x'>\n</div>", "x"),
    ] {
        assert_eq!(anchors(heading), [anchor], "{heading}");
    }
    assert_eq!(anchors("# A\n# a\n## A\n"), ["a", "a-1", "a-2"]);
    assert_eq!(
        anchors("```\n# no\n```\n<!-- <a id=\"no\"></a> -->\n"),
        Vec::<String>::new()
    );
    let page = Page::markdown("# ⚠️ Danger\n");
    assert!(page.has("️-danger") && page.has("-danger") && !page.has("danger"));
    assert!(Page::markdown("# ![logo](x.png) Name\n").has("name"));
}

#[test]
fn links_of_every_kind_are_found_with_their_place() {
    let text = "\u{feff}A [b](c.md) ![d](e.png \"t\") <https://x.example> <dev@example.com> [f] [g][f]\n\n\
        ä <img src=\"h.png\" srcset=\"i.png 1x, j.png 2x\"> <a href='k.md'>k</a>\n\n\
        `[no](no.md)` \\[no](no.md) [^1]\n\n    [no](no.md)\n\n[f]: l.md\n[unused]: m.md\n\n[^1]: note\n";
    let page = Page::markdown(text);
    let found: Vec<_> = page
        .links
        .iter()
        .map(|link| (link.line, link.column, link.target.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            (1, 3, "c.md"),
            (1, 13, "e.png"),
            (1, 29, "https://x.example"),
            (1, 49, "mailto:dev@example.com"),
            (3, 3, "h.png"),
            (3, 3, "i.png"),
            (3, 3, "j.png"),
            (3, 49, "k.md"),
            (9, 1, "l.md"),
            (10, 1, "m.md"),
        ]
    );
    assert!(page.undefined.is_empty(), "{:?}", page.undefined);
}

#[test]
fn a_label_without_a_definition_is_told_from_brackets() {
    let text =
        "See [the guide][guide] and [api][].\nA list[0][a], `x[a][b]`, [ ] and [todo], [1][2].\n";
    let labels: Vec<_> = Page::markdown(text)
        .undefined
        .iter()
        .map(|link| (link.line, link.column, link.target.clone()))
        .collect();
    assert_eq!(
        labels,
        [(1, 5, "guide".to_owned()), (1, 28, "api".to_owned())]
    );
}

#[test]
fn rubbish_in_tags_ends() {
    for text in [
        "<",
        "<a",
        "<a href",
        "<a href=",
        "<a href=\"x",
        "<a <b>",
        "<!--",
        "</",
        "<a href=x>",
        "<é>",
        "a < b > c",
    ] {
        let tags = html::tags(text);
        assert!(tags.len() <= 1, "{text}: {tags:?}");
    }
    assert_eq!(
        html::tags("<a href=x>")[0].get("href").as_deref(),
        Some("x")
    );
}

#[test]
fn ways_are_written_as_links_are() {
    for (folder, path, way) in [
        ("", "a.md", "a.md"),
        ("docs", "a.md", "../a.md"),
        ("docs", "docs/b.md", "b.md"),
        ("docs/x", "docs/y/c.md", "../y/c.md"),
    ] {
        assert_eq!(relative(folder, path), way);
    }
}

#[test]
fn percent_encoding_is_undone_or_refused() {
    assert_eq!(super::decode("a%20b%C3%A4"), Some("a bä".to_owned()));
    for broken in ["%", "%2", "%zz", "%ff", "%+1"] {
        assert_eq!(super::decode(broken), None, "{broken}");
    }
}
