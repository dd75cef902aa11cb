//! Documents as parts of others: the text by table, and what a reader of Markdown sees before and after.

use std::sync::Arc;

use proptest::prelude::{ProptestConfig, prop_assert, prop_assert_eq};
use proptest::test_runner::{TestCaseError, TestRunner};
use pulldown_cmark::{Event, HeadingLevel, Parser, Tag, TagEnd};
use testkit::Repo;
use world::{Setup, World};

use super::{Documents, Lead, inline};
use crate::Cx;

fn repo() -> Repo {
    let repo = Repo::empty();
    repo.write(
        "docs/guide.md",
        "Guide\n=====\n\n## Use `it`\n\n## Use it\n",
    );
    repo.write("docs/plain.md", "no heading\n");
    repo.write("docs/a b.md", "# A b\n");
    repo.write("docs/release/part.md", "# Part\n\n## Inner\n");
    repo.write("img/x.png", "x");
    repo.commit("docs: write");
    repo.write("docs/new.md", "# New\n");
    repo
}

fn cx(repo: &Repo) -> Cx {
    let world = World::new(Setup {
        env: repo.env(),
        ..Setup::default()
    });
    Cx::tree(
        world,
        repo.root().to_owned(),
        Arc::new(config::Config::default()),
    )
}

/// Written from the root.
fn write(lead: &Lead, image: bool) -> String {
    match lead {
        Lead::To {
            path,
            folder,
            fragment,
        } => {
            let kind = if *folder {
                "tree"
            } else if image {
                "raw"
            } else {
                "blob"
            };
            let fragment = fragment.as_ref().map(|fragment| format!("#{fragment}"));
            format!("/{kind}/{path}{}", fragment.unwrap_or_default())
        }
        other => panic!("{other:?} is not written anew"),
    }
}

fn made(repo: &Repo, text: &str) -> Result<String, Vec<String>> {
    let documents = Documents::read(&cx(repo)).unwrap();
    let made = inline(
        &mut documents.follow(),
        "docs/release/part.md",
        text,
        4,
        &write,
    )
    .unwrap();
    made.map_err(|flaws| {
        let shown = |flaw: &super::Flaw| {
            format!(
                "{}:{}: {}; {}",
                flaw.line, flaw.column, flaw.message, flaw.help
            )
        };
        flaws.iter().map(shown).collect()
    })
}

#[test]
fn texts_keep_every_other_byte() {
    let repo = repo();
    for (text, want) in [
        ("# Title\n\ntext\n", "text\n"),
        ("Title\n=====\n\ntext\n", "text\n"),
        ("\u{feff}# Title\r\n\r\na\r\n\r\n\r\nb\r\n", "a\n\n\nb\n"),
        ("---\nx: 1\n---\n\n# Title\n\ntext\n", "text\n"),
        (
            "<!-- who -->\n\n# Title\n\ntext <!-- why --> more\n",
            "text  more\n",
        ),
        ("<!--\nlong\n\n# no title\n-->\ntext\n", "text\n"),
        (
            "a\n\n# One\n\n### Three\n\n##### Five\n\n###### Six\n",
            "a\n\n#### One\n\n###### Three\n\n###### Five\n\n###### Six\n",
        ),
        (
            "# T\n\n## Two ##\n\n   ### Three\n",
            "#### Two ##\n\n   ##### Three\n",
        ),
        (
            "# T\n\nTwo [g](../guide.md)\nlines\n---\ntext\n",
            "#### Two [g](/blob/docs/guide.md) lines\ntext\n",
        ),
        ("# T\n\n> ## Two\n", "> #### Two\n"),
        (
            "# T\n\n```mermaid\n# no heading\n[x](nowhere.md) <!-- kept -->\n```\n",
            "```mermaid\n# no heading\n[x](nowhere.md) <!-- kept -->\n```\n",
        ),
        (
            "# T\n\n    [x](nowhere.md)\n\na\n",
            "    [x](nowhere.md)\n\na\n",
        ),
        (
            "[a](../guide.md#use-it \"t\\\"t\") [b](<../a b.md>) [c](https://x.example/y)\n",
            "[a](/blob/docs/guide.md#use-it \"t\\\"t\") [b](</blob/docs/a b.md>) [c](https://x.example/y)\n",
        ),
        (
            "[**a** `]` b](../guide.md) ![p](../../img/x.png) [![q](/img/x.png)](../../docs/)\n",
            "[**a** `]` b](/blob/docs/guide.md) ![p](/raw/img/x.png) [![q](/raw/img/x.png)](/tree/docs)\n",
        ),
        (
            "[a][g] [G] [g][] [w]\n\n[g]: ../guide.md 'T'\n[w]: https://x.example\n",
            "[a](/blob/docs/guide.md \"T\") [G](/blob/docs/guide.md \"T\") [g](/blob/docs/guide.md \"T\") [w](https://x.example)\n",
        ),
        (
            "[own](#inner) <https://x.example> <dev@example.com> [](../guide.md)\n",
            "[own](/blob/docs/release/part.md#inner) <https://x.example> <dev@example.com> [](/blob/docs/guide.md)\n",
        ),
        (
            "- [ ] todo\n  1. [x](../guide.md)\n\n| a |\n|---|\n| [x](../guide.md) |\n",
            "- [ ] todo\n  1. [x](/blob/docs/guide.md)\n\n| a |\n|---|\n| [x](/blob/docs/guide.md) |\n",
        ),
    ] {
        assert_eq!(made(&repo, text).as_deref(), Ok(want), "{text}");
    }
}

#[test]
fn flaws_have_a_place() {
    let repo = repo();
    for (text, want) in [
        (
            "",
            "1:1: there is nothing to print in it; write the text, or remove the file",
        ),
        (
            "# Title\n\n<!-- later -->\n",
            "1:1: there is nothing to print in it",
        ),
        (
            "# T\n\n- ä [x](guide.md)\n",
            "3:5: `guide.md` is not there: the repository has no docs/release/guide.md; did you mean `../guide.md`?",
        ),
        (
            "[x](../guide.md#nope)\n",
            "1:1: `../guide.md#nope`: docs/guide.md has no anchor `#nope`",
        ),
        (
            "[x](../new.md)\n",
            "1:1: `../new.md` is here and git does not know it",
        ),
        ("![x](../../../x.png)\n", "leaves the repository"),
        ("a\n\n[x]: nowhere.md\n", "3:1: `nowhere.md` is not there"),
        (
            "[x](../../../../issues)\n",
            "1:1: `../../../../issues` leads to a page of the forge",
        ),
        (
            "[x]({{site}}/x)\n",
            "is filled in later: from elsewhere it would lead elsewhere; write the full web address",
        ),
        ("[x][nope]\n", "1:1: the label `nope` has no definition"),
        (
            "a <img src=\"../../img/x.png\">\n",
            "1:3: `../../img/x.png` stands in HTML, where it cannot be written anew",
        ),
        ("a\n\n~~~\ncode\n", "3:1: what is opened here never ends"),
        ("a\n\n<!-- comment\n", "3:1: what is opened here never ends"),
        (
            "a\n\n<pre>\nb\n\nc\n",
            "3:1: what is opened here never ends",
        ),
    ] {
        let flaws = made(&repo, text).unwrap_err();
        assert!(
            flaws.len() == 1 && flaws[0].contains(want),
            "{text}: {flaws:?}"
        );
    }
}

#[test]
fn titles_are_those_of_the_headings() {
    let repo = repo();
    let documents = Documents::read(&cx(&repo)).unwrap();
    let follow = documents.follow();
    let title = |path: &str, fragment| follow.title(path, fragment).unwrap();
    assert_eq!(title("docs/guide.md", None).as_deref(), Some("Guide"));
    assert_eq!(
        title("docs/guide.md", Some("use-it")).as_deref(),
        Some("Use it")
    );
    assert_eq!(title("docs/plain.md", None), None);
}

/// What a reader sees: every event, without levels of headings, targets that were relative, remarks, and the title.
fn shown(text: &str) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    let mut in_title = false;
    for event in Parser::new_ext(text, crate::markdown::options()) {
        let shown = match event {
            Event::Start(Tag::Heading { level, .. }) => {
                in_title = seen.is_empty() && level == HeadingLevel::H1;
                "heading".to_owned()
            }
            Event::End(TagEnd::Heading(_)) if std::mem::take(&mut in_title) => continue,
            Event::End(TagEnd::Heading(_)) => "end of heading".to_owned(),
            // An underlined heading of several lines becomes one line, and neighbouring texts are cut elsewhere.
            Event::SoftBreak => "text  ".to_owned(),
            Event::Text(text) => format!("text {text}"),
            Event::Start(
                Tag::Link {
                    dest_url, title, ..
                }
                | Tag::Image {
                    dest_url, title, ..
                },
            ) => {
                let web = dest_url.starts_with("https:");
                format!("link {} {title}", if web { &dest_url } else { "inside" })
            }
            event => format!("{event:?}"),
        };
        match (shown.strip_prefix("text "), seen.last_mut()) {
            _ if in_title => {}
            (Some(text), Some(before)) if before.starts_with("text ") => before.push_str(text),
            _ => seen.push(shown),
        }
    }
    seen
}

#[test]
fn a_reader_sees_the_same_text() {
    const PIECES: &[&str] = &[
        "## Two\n\n",
        "###### Six\n\n",
        "Under *line*\n---\n\n",
        "Two\nlines\n===\n\n",
        "plain text\nover lines\n\n",
        "[a](../guide.md) and ![b](../../img/x.png \"t\")\n\n",
        "[**x** `y`](<../a b.md>) [w](https://x.example)\n\n",
        "[g] and [g][] and [t][g]\n\n",
        "- item\n  - [i](../guide.md#use-it)\n\n",
        "> quoted [q](../guide.md)\n> ## In\n\n",
        "```sh\n# [no](link.md)\n```\n\n",
        "    code [no](../guide.md)\n\n",
        "| a | b |\n|---|---|\n| [c](../guide.md) | `x` |\n\n",
        "***\n\n",
        "a\\[b\\](c) \\# no\n\n",
        "1. one\n\n   two\n\n",
    ];
    let repo = repo();
    let documents = Documents::read(&cx(&repo)).unwrap();
    let strategy = proptest::collection::vec(proptest::sample::select(PIECES), 1..8);
    let mut runner = TestRunner::new(ProptestConfig {
        cases: 512,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let law = |pieces: Vec<&str>| {
        // The definition stands at the end: between two lists it would keep them apart, and it goes.
        let text = format!("first\n\n{}[g]: ../guide.md 'T'\n", pieces.concat());
        let made = inline(
            &mut documents.follow(),
            "docs/release/part.md",
            &text,
            4,
            &write,
        )
        .unwrap();
        let made = made.map_err(|flaws| TestCaseError::fail(format!("{flaws:?} in {text:?}")))?;
        prop_assert_eq!(shown(&made), shown(&text), "{:?} became {:?}", text, made);
        for event in Parser::new_ext(&made, crate::markdown::options()) {
            if let Event::Start(Tag::Heading { level, .. }) = event {
                prop_assert!(level >= HeadingLevel::H4, "{:?}", made);
            }
        }
        Ok(())
    };
    runner.run(&strategy, law).unwrap();
}
