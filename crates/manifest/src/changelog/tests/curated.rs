//! What a person does with a draft, and what the next generation makes of it.

use crate::changelog::{Standing, Tally, Writing, Written, published, section, standing, write};

const HEAD: &str = "# Changelog\n\n";
const TAIL: &str = "## [1.0.0] - 2026-01-02\n\n- the first\n";

/// A section of 1.1.0 from groups and their entries.
fn fresh(groups: &[(&str, &[&str])]) -> String {
    let mut text = "## [1.1.0] - 2026-11-22\n".to_owned();
    for (group, entries) in groups {
        text.push_str(&format!("\n### {group}\n\n"));
        entries
            .iter()
            .for_each(|entry| text.push_str(&format!("- {entry}\n")));
    }
    text
}

fn written(text: &str, fresh: &str, draft: bool) -> Written {
    let writing = Writing {
        version: "1.1.0",
        fresh,
        draft,
        replace: false,
    };
    write(text, &writing).unwrap()
}

/// The draft of `one` as a person left it, written again from `two`: the section, and what was said.
fn again(one: &str, edit: impl Fn(&str) -> String, two: &str) -> (String, Tally) {
    let first = written(&format!("{HEAD}{TAIL}"), one, true);
    let edited = edit(&first.text);
    let second = written(&edited, two, true);
    assert_eq!(
        written(&second.text, two, true).text,
        second.text,
        "a second time changes nothing"
    );
    assert!(
        second.text.starts_with(HEAD) && second.text.ends_with(TAIL),
        "{}",
        second.text
    );
    let last = written(&edited, two, false);
    assert!(
        !last.text.contains("landfall"),
        "a release carries no trace: {}",
        last.text
    );
    let own = |text: &str| published(section(text, "1.1.0").unwrap().text);
    assert_eq!(own(&second.text), own(&last.text));
    (own(&second.text), second.tally.unwrap())
}

const ONE: [(&str, &[&str]); 2] = [
    ("Added", &["b (bbbbbb1)", "a (aaaaaa1)"]),
    ("Fixed", &["f (ffffff1)"]),
];

#[test]
fn without_an_edit_it_is_the_fresh_generation() {
    let two = fresh(&[
        ("Changed", &["c (cccccc1)"]),
        ("Added", &["d (dddddd1)", "a (aaaaaa1)"]),
    ]);
    let two = two.replace("11-22", "11-23");
    let (section, tally) = again(&fresh(&ONE), str::to_owned, &two);
    assert_eq!(section.trim_end(), two.trim_end());
    assert_eq!(
        tally,
        Tally {
            added: 2,
            dropped: 2,
            ..Tally::default()
        }
    );
}

#[test]
fn a_draft_ends_in_one_line_that_shows_nothing() {
    let text = written(&format!("{HEAD}{TAIL}"), &fresh(&ONE), true).text;
    let marks: Vec<&str> = text
        .lines()
        .filter(|line| line.contains("landfall"))
        .collect();
    let [mark] = marks.as_slice() else {
        panic!("{text}")
    };
    assert!(
        mark.starts_with("<!-- landfall: draft ") && mark.ends_with(" -->"),
        "{mark}"
    );
    assert_eq!(
        mark.split(' ').count(),
        3 + 6 + 1,
        "heading, two groups, three entries: {mark}"
    );
    assert_eq!(standing(&text, "1.1.0"), Standing::Draft);
    assert_eq!(standing(&text, "1.0.0"), Standing::Kept);
    assert_eq!(standing(&text, "1.2.0"), Standing::Absent);
}

/// What a person does, what stands there after the next generation, how many entries were added, are a
/// person's, and stay out.
type Case = (
    &'static str,
    fn(&str) -> String,
    &'static str,
    (usize, usize, usize),
);

fn hold(table: &[Case]) {
    let two = fresh(&[
        ("Added", &["n (1a11111)", "b (bbbbbb1)", "a (aaaaaa1)"]),
        ("Fixed", &["f (ffffff1)"]),
    ]);
    for (what, edit, want, (added, yours, stay_out)) in table {
        let (section, tally) = again(&fresh(&ONE), edit, &two);
        assert!(section.contains(want), "{what}: {section}");
        let want = Tally {
            added: *added,
            yours: *yours,
            stay_out: *stay_out,
            twice: tally.twice,
            ..Tally::default()
        };
        assert_eq!(tally, want, "{what}: {section}");
    }
}

#[test]
fn entries_that_a_person_changed_stay_so() {
    hold(&[
        (
            "a reworded entry, with a line nested in it",
            |text| {
                text.replace(
                    "- a (aaaaaa1)",
                    "- A, **at last** (aaaaaa1)\n\n      code of theirs",
                )
            },
            "- n (1a11111)\n- b (bbbbbb1)\n- A, **at last** (aaaaaa1)\n\n      code of theirs\n",
            (1, 1, 1),
        ),
        (
            "a deleted entry",
            |text| text.replace("- b (bbbbbb1)\n", ""),
            "### Added\n\n- n (1a11111)\n- a (aaaaaa1)\n\n###",
            (1, 0, 1),
        ),
        (
            "a group of their own, first",
            |text| text.replace("### Added", "### Highlights\n\nIt flies.\n\n### Added"),
            "2026-11-22\n\n### Highlights\n\nIt flies.\n\n### Added\n\n- n (1a11111)\n- b",
            (1, 1, 0),
        ),
        (
            "an entry carried to another group",
            |text| {
                text.replace("- b (bbbbbb1)\n", "")
                    .replace("- f (ffffff1)", "- b (bbbbbb1)\n- f (ffffff1)")
            },
            "- n (1a11111)\n- a (aaaaaa1)\n\n### Fixed\n\n- b (bbbbbb1)\n- f (ffffff1)\n",
            (1, 0, 0),
        ),
    ]);
}

#[test]
fn groups_that_a_person_changed_stay_so() {
    hold(&[
        (
            "groups in another order",
            |text| {
                text.replace(
                    "### Added\n\n- b (bbbbbb1)\n- a (aaaaaa1)\n\n### Fixed\n\n- f (ffffff1)",
                    "### Fixed\n\n- f (ffffff1)\n\n### Added\n\n- b (bbbbbb1)\n- a (aaaaaa1)",
                )
            },
            "### Fixed\n\n- f (ffffff1)\n\n### Added\n\n- n (1a11111)\n- b (bbbbbb1)\n- a (aaaaaa1)\n",
            (1, 0, 0),
        ),
        (
            "a renamed group",
            |text| text.replace("### Added", "### New things"),
            "2026-11-22\n\n### New things\n\n- n (1a11111)\n- b (bbbbbb1)\n- a (aaaaaa1)\n\n### Fixed",
            (1, 0, 0),
        ),
        (
            "a codename in the heading, text at the end",
            |text| {
                text.replace("2026-11-22", "2026-11-22 \"Tern\"")
                    .replace("\n<!--", "\nThanks to all.\n\n<!--")
            },
            "## [1.1.0] - 2026-11-22 \"Tern\"\n\n### Added",
            (1, 1, 0),
        ),
        (
            "the commit told in their own words before it was made",
            |text| text.replace("- a (aaaaaa1)", "- a (aaaaaa1)\n- N, see 1a11111abc"),
            "### Added\n\n- b (bbbbbb1)\n- a (aaaaaa1)\n- N, see 1a11111abc\n",
            (0, 1, 0),
        ),
    ]);
}

#[test]
fn a_group_goes_with_its_last_entry_unless_something_of_a_person_is_in_it() {
    let two = fresh(&[("Added", &["b (bbbbbb1)", "a (aaaaaa1)"])]);
    let (section, _) = again(&fresh(&ONE), str::to_owned, &two);
    assert!(!section.contains("Fixed"), "{section}");
    let (section, _) = again(
        &fresh(&ONE),
        |text| text.replace("- f", "- theirs\n- f"),
        &two,
    );
    assert!(
        section.contains("### Fixed\n\n- theirs\n") && !section.contains("- f"),
        "{section}"
    );
    let whole = |text: &str| text.replace("\n### Fixed\n\n- f (ffffff1)\n", "");
    let three = fresh(&[ONE[0], ("Fixed", &["g (1a11111)", "f (ffffff1)"])]);
    let (section, _) = again(&fresh(&ONE), whole, &three);
    assert!(
        section.ends_with("- a (aaaaaa1)\n\n### Fixed\n\n- g (1a11111)\n\n"),
        "it comes back with a new entry: {section:?}"
    );
    let emptied = |text: &str| text.replace("- f (ffffff1)\n", "");
    let (section, _) = again(&fresh(&ONE), emptied, &fresh(&ONE));
    assert!(
        section.ends_with("### Fixed\n\n"),
        "a person left it: {section:?}"
    );
}

#[test]
fn a_section_without_the_line_is_a_persons() {
    let text = format!("{HEAD}## [1.1.0]\n\n- by hand\n\n{TAIL}");
    for draft in [true, false] {
        assert_eq!(
            written(&text, &fresh(&ONE), draft),
            Written {
                text: text.clone(),
                tally: None
            }
        );
    }
    let anew = Writing {
        version: "1.1.0",
        fresh: &fresh(&ONE),
        draft: false,
        replace: true,
    };
    assert_eq!(
        write(&text, &anew).unwrap().text,
        format!("{HEAD}{}\n{TAIL}", fresh(&ONE))
    );
}

#[test]
fn a_broken_line_is_named_and_loses_nothing() {
    let draft = written(&format!("{HEAD}{TAIL}"), &fresh(&ONE), true).text;
    let at = draft
        .lines()
        .position(|line| line.contains("landfall"))
        .unwrap()
        + 1;
    for (from, to) in [
        (" -->", ""),
        ("draft ", "draft x"),
        ("draft ", "draft\n"),
        ("draft ", "draft: "),
    ] {
        let broken = draft.replacen(from, to, 1);
        if broken.contains("-->") {
            assert_eq!(
                standing(&broken, "1.1.0"),
                Standing::Mangled(at),
                "{broken}"
            );
        }
        let Ok(again) = write(
            &broken,
            &Writing {
                version: "1.1.0",
                fresh: &fresh(&ONE),
                draft: true,
                replace: false,
            },
        ) else {
            panic!("{broken}")
        };
        assert_eq!(
            again,
            Written {
                text: broken.clone(),
                tally: None
            }
        );
    }
    let cut = draft.replacen("draft ", "draft x", 1);
    let last = written(&cut, &fresh(&ONE), false).text;
    assert_eq!(
        last,
        format!("{HEAD}{}\n{TAIL}", fresh(&ONE)),
        "a release carries no trace"
    );
}

#[test]
fn generated_headings_take_the_level_of_the_file() {
    let text = "# 1.0.0\n\n## Added\n\n- a\n";
    let out = written(text, &fresh(&ONE), false).text;
    assert!(
        out.starts_with("# [1.1.0] - 2026-11-22\n\n## Added\n\n- b") && out.ends_with(text),
        "{out}"
    );
    let draft = written(text, &fresh(&ONE), true).text;
    assert_eq!(written(&draft, &fresh(&ONE), true).text, draft);
    let lower = "# 1.0.0\n\n### Added\n\n- a\n";
    let out = written(lower, &fresh(&ONE), false).text;
    assert!(
        out.starts_with("# [1.1.0] - 2026-11-22\n\n### Added\n\n- b"),
        "{out}"
    );
}

fn rotated(text: &str, crlf: bool) -> Written {
    let text = if crlf {
        text.replace('\n', "\r\n")
    } else {
        text.to_owned()
    };
    let done = written(&text, &fresh(&ONE), true);
    assert_eq!(
        written(&done.text, &fresh(&ONE), true).text,
        done.text,
        "a second time changes nothing"
    );
    let lf = done.text.replace("\r\n", "\n");
    let same_ends = match crlf {
        true => lf.replace('\n', "\r\n") == done.text,
        false => lf == done.text,
    };
    assert!(same_ends, "{:?}", done.text);
    Written {
        text: published_all(&lf),
        ..done
    }
}

/// Without the draft lines.
fn published_all(text: &str) -> String {
    let own = section(text, "1.1.0").unwrap().text;
    text.replace(own, &published(own))
}

#[test]
fn unreleased_becomes_part_of_the_section_wherever_it_stands() {
    let theirs = "\n\nIn short: it flies.\n\n### Fixed\n\n- theirs\n\n### Dependencies\n\n* x\n";
    let want = "## [1.1.0] - 2026-11-22\n\nIn short: it flies.\n\n### Added\n\n- b (bbbbbb1)\n- a (aaaaaa1)\n\n### Fixed\n\n- theirs\n- f (ffffff1)\n\n### Dependencies\n\n* x\n\n";
    let headings = [
        "## [Unreleased]",
        "## Unreleased",
        "## [UNRELEASED](https://git.example/a)",
        "## [unreleased] - ReleaseDate",
    ];
    for heading in headings {
        for crlf in [false, true] {
            let top = rotated(&format!("{HEAD}{heading}{theirs}\n{TAIL}"), crlf);
            assert_eq!(top.text, format!("{HEAD}{heading}\n\n{want}{TAIL}"));
            let tally = top.tally.unwrap();
            assert_eq!((tally.rotated, tally.added, tally.yours), (3, 3, 0));
            let bottom = rotated(&format!("{HEAD}{TAIL}\n{heading}{theirs}"), crlf);
            assert_eq!(bottom.text, format!("{HEAD}{want}{TAIL}\n{heading}\n"));
        }
    }
}

#[test]
fn what_is_a_form_to_fill_in_stays_in_unreleased() {
    for form in [
        "",
        "<!-- write here -->\n\n",
        "### Added\n\n### Fixed\n\n",
        "[x]: https://git.example/x\n\n",
        "### Added\n<!-- none -->\n\n",
    ] {
        let text = format!("{HEAD}## [Unreleased]\n\n{form}{TAIL}");
        let done = rotated(&text, false);
        assert_eq!(
            done.text,
            format!("{HEAD}## [Unreleased]\n\n{form}{}\n{TAIL}", fresh(&ONE))
        );
    }
    let mixed = "## [Unreleased]\n<!-- next -->\n\n### Added\n- new [x]\n<!-- by hand -->\n\n[x]: https://git.example/x\n\n### Removed\n\n[y]: https://git.example/y\n\n";
    let done = rotated(&format!("{HEAD}{mixed}{TAIL}"), false).text;
    let left = "## [Unreleased]\n<!-- next -->\n\n### Removed\n\n[y]: https://git.example/y\n\n## [1.1.0] - 2026-11-22\n\n### Added\n- new [x]\n<!-- by hand -->\n\n- b (bbbbbb1)\n- a (aaaaaa1)\n\n### Fixed\n\n- f (ffffff1)\n\n[x]: https://git.example/x\n\n## [1.0.0]";
    assert!(done.starts_with(&format!("{HEAD}{left}")), "{done}");
}

#[test]
fn an_entry_that_tells_of_the_same_is_listed_once() {
    let groups: [(&str, &[&str]); 1] = [(
        "Added",
        &[
            "b (#12) (bbbbbb1)",
            "a, see #13 (aaaaaa1)",
            "c ([#14](https://git.example/a/b/pull/14))",
        ],
    )];
    for (theirs, want) in [
        ("- B, by hand (#12)", 2),
        ("- B, by hand, [pull](https://git.example/a/b/pull/12)", 2),
        ("- A, by hand: aaaaaa1f0f", 2),
        ("- another thing, #13", 3),
        ("- C, #14", 2),
        ("- #123, #1, x12", 3),
    ] {
        let text = format!("{HEAD}## [Unreleased]\n\n{theirs}\n\n{TAIL}");
        let tally = written(&text, &fresh(&groups), true).tally.unwrap();
        assert_eq!((tally.added, tally.twice), (want, 3 - want), "{theirs}");
    }
}

#[test]
fn a_draft_takes_over_what_came_to_unreleased_later() {
    let draft = written(
        &format!("{HEAD}## [Unreleased]\n\n{TAIL}"),
        &fresh(&ONE),
        true,
    )
    .text;
    let later = draft.replace(
        "## [Unreleased]\n",
        "## [Unreleased]\n\n### Added\n\n- later\n",
    );
    let again = written(&later, &fresh(&ONE), true);
    assert!(
        again
            .text
            .contains("### Added\n\n- later\n- b (bbbbbb1)\n- a"),
        "{}",
        again.text
    );
    assert!(
        again
            .text
            .starts_with(&format!("{HEAD}## [Unreleased]\n\n## [1.1.0]")),
        "{}",
        again.text
    );
    assert_eq!(
        again.tally.unwrap(),
        Tally {
            rotated: 1,
            ..Tally::default()
        }
    );
    let kept = format!("{HEAD}## [Unreleased]\n\n- a\n- b\n\n## [1.1.0]\n\n- by hand\n");
    assert_eq!(written(&kept, &fresh(&ONE), false).text, kept);
    assert_eq!(crate::changelog::waiting(&kept), 2);
}
