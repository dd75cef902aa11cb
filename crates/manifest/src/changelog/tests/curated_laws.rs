//! Laws of writing a section again, whatever was generated and whatever a person did in between.

use proptest::prelude::{
    Just, ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest,
};

use crate::changelog::{Standing, Writing, published, section, standing, write};

const GROUPS: [&str; 5] = [
    "### Added",
    "### Changed",
    "#### For users",
    "### Fixed",
    "## Parts",
];

/// A generation: groups in any order with any entries, some with nested lines; a table, a code block.
fn generation() -> impl Strategy<Value = String> {
    let entry = (0..9_u32, 0..4_u8).prop_map(|(id, form)| match form {
        0 => format!("- entry {id} (abc{id}def)\n  - of consequence\n"),
        _ => format!("- entry {id} (abc{id}def)\n"),
    });
    let body = prop_oneof![
        6 => proptest::collection::vec(entry, 0..5).prop_map(|entries| entries.concat()),
        1 => Just("| a | b |\n|---|---|\n| 1 | 2 |\n".to_owned()),
        1 => Just("```text\n# no heading\n\n- no item\n```\n".to_owned()),
        1 => Just("No changes.\n".to_owned()),
    ];
    let groups = proptest::collection::vec(
        (proptest::option::weighted(0.9, 0..GROUPS.len()), body),
        0..5,
    );
    (groups, 1..29_u8).prop_map(|(groups, day)| {
        let mut text = format!("## [1.1.0] - 2026-11-{day:02}\n");
        for (index, (group, body)) in groups.into_iter().enumerate() {
            // One spacing: two lists that meet would be one, and a person's spacing of it is kept.
            let Some(group) = group.map(Some).or((index == 0).then_some(None)) else {
                continue;
            };
            for part in [
                group
                    .and_then(|group| GROUPS.get(group))
                    .copied()
                    .unwrap_or(""),
                &body,
            ] {
                if !part.is_empty() {
                    text.push_str(&format!("\n{}\n", part.trim_end()));
                }
            }
        }
        text
    })
}

/// What a person does to the lines of a draft.
#[derive(Debug, Clone)]
enum Edit {
    Insert(usize, String),
    Change(usize),
    Delete(usize),
    Move(usize, usize),
    Indent(usize, usize),
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let theirs = prop_oneof![
        Just("- mine"),
        Just("* mine"),
        Just("  mine, nested or lazy"),
        Just("mine"),
        Just("### mine"),
        Just("#### Mine"),
        Just("## mine 2.0.0 is another"),
        Just("## 9.9.9 mine"),
        Just("## 9.9.9 - 2026-01-01 mine"),
        Just("> mine"),
        Just("    mine"),
        Just("1. mine"),
        Just("7) mine"),
        Just("[mine]: https://git.example/x"),
        Just("<!-- mine -->"),
        Just("<!-- mine\n\n-->"),
        Just("<details> mine"),
        Just("```mine\n# x\n```"),
        Just("```mine"),
        Just("| mine | x |"),
        Just("mine\n==="),
        Just("---"),
        Just(""),
        Just("\n\n"),
        Just("### Added"),
        Just("- entry 3 (abc3def)"),
        Just("- mine (abc4def)"),
    ];
    let at = 0..40_usize;
    let edit = prop_oneof![
        (at.clone(), theirs).prop_map(|(at, text)| Edit::Insert(at, text.to_owned())),
        at.clone().prop_map(Edit::Change),
        at.clone().prop_map(Edit::Delete),
        (at.clone(), at.clone()).prop_map(|(from, to)| Edit::Move(from, to)),
        (at, 0..5_usize).prop_map(|(at, by)| Edit::Indent(at, by)),
    ];
    proptest::collection::vec(edit, 0..6)
}

/// The section with the edits in it; the heading keeps its beginning and the draft line stays whole.
fn edited(section: &str, edits: &[Edit], crlf: bool) -> String {
    let mut lines: Vec<String> = section.lines().map(str::to_owned).collect();
    let mark = lines
        .iter()
        .position(|line| line.contains("landfall"))
        .map(|at| lines.split_off(at));
    for (index, edit) in edits.iter().enumerate() {
        let count = lines.len();
        let place = |at: usize| 1 + at % count.max(1);
        match edit {
            Edit::Insert(at, text) => {
                let text = text.replace("mine", &format!("mine{index}"));
                lines.insert(place(*at).min(count), text);
            }
            Edit::Change(at) => lines[at % count].push_str(&format!(" mine{index}")),
            Edit::Delete(at) if count > 1 => drop(lines.remove(place(*at).min(count - 1))),
            Edit::Move(from, to) if count > 2 => {
                let line = lines.remove(place(*from).min(count - 1));
                lines.insert(place(*to).min(count - 1), line);
            }
            Edit::Indent(at, by) if count > 1 => {
                lines[place(*at).min(count - 1)].insert_str(0, &" ".repeat(*by));
            }
            _ => {}
        }
    }
    lines.extend(mark.into_iter().flatten());
    let text = lines.join("\n") + "\n\n";
    if crlf {
        text.replace('\n', "\r\n")
    } else {
        text
    }
}

fn writing(fresh: &str, draft: bool) -> Writing<'_> {
    Writing {
        version: "1.1.0",
        fresh,
        draft,
        replace: false,
    }
}

const HEAD: &str = "# Changelog\n\nintro\n\n";
const TAIL: &str = "## [1.0.0] - 2026-01-02\n\n- the first\n\n[1.0.0]: https://git.example/a/b/releases/tag/v1.0.0\n";

/// Each line of a person in `before` stands in `after`, as often.
fn missing(before: &str, after: &str) -> Vec<String> {
    let count = |text: &str, line: &str| text.lines().filter(|other| *other == line).count();
    before
        .lines()
        .filter(|line| line.contains("mine") && count(after, line) < count(before, line))
        .map(str::to_owned)
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn without_an_edit_it_is_the_fresh_generation(one in generation(), two in generation(), crlf in any::<bool>()) {
        let host = format!("{HEAD}{TAIL}");
        let host = if crlf { host.replace('\n', "\r\n") } else { host };
        let first = write(&host, &writing(&one, true)).unwrap();
        let again = write(&first.text, &writing(&two, true)).unwrap();
        prop_assert_eq!(&again.text, &write(&host, &writing(&two, true)).unwrap().text);
        prop_assert_eq!(&write(&first.text, &writing(&one, true)).unwrap().text, &first.text, "nothing new");
        prop_assert_eq!(write(&first.text, &writing(&two, false)).unwrap().text, write(&host, &writing(&two, false)).unwrap().text);
    }

    #[test]
    fn what_a_person_wrote_survives(one in generation(), edits in edits(), two in generation(), crlf in any::<bool>(), host_crlf in any::<bool>()) {
        let (head, tail) = if host_crlf { (HEAD.replace('\n', "\r\n"), TAIL.replace('\n', "\r\n")) } else { (HEAD.to_owned(), TAIL.to_owned()) };
        let first = write(&format!("{head}{tail}"), &writing(&one, true)).unwrap().text;
        let end = first.len() - tail.len();
        // The new definition stands in the tail; the section is what lies between.
        let at = section(&first, "1.1.0").unwrap();
        let start = at.text.as_ptr() as usize - first.as_ptr() as usize;
        let after = &first[start + at.text.len()..];
        prop_assert!(end >= start);
        let before = format!("{head}{}{after}", edited(at.text, &edits, crlf));
        for draft in [true, false] {
            let Ok(again) = write(&before, &writing(&two, draft)) else {
                // What cannot be read back is refused, and nothing is written.
                continue;
            };
            prop_assert_eq!(missing(&before, &again.text), Vec::<String>::new(), "{}\n=====\n{}", before, again.text);
            prop_assert!(again.text.starts_with(&head) && again.text.ends_with(after), "{}", again.text);
            if draft {
                prop_assert_eq!(&write(&again.text, &writing(&two, true)).unwrap().text, &again.text, "idempotent, from {}", before);
                let last = write(&before, &writing(&two, false)).unwrap().text;
                let own = |text: &str| published(section(text, "1.1.0").unwrap().text);
                prop_assert_eq!(own(&again.text), own(&last));
            } else if standing(&before, "1.1.0") == Standing::Draft {
                prop_assert!(!section(&again.text, "1.1.0").unwrap().text.contains("landfall"), "{}", again.text);
            }
        }
    }

    #[test]
    fn what_stood_in_unreleased_survives(one in generation(), edits in edits(), theirs in generation(), bottom in any::<bool>(), crlf in any::<bool>()) {
        let body = theirs.split_once('\n').map_or("", |(_, body)| body);
        let unreleased = edited(&format!("## [Unreleased]\n{body}"), &edits, false);
        let before = if bottom { format!("{HEAD}## [1.0.0] - 2026-01-02\n\n- the first\n\n{unreleased}") } else { format!("{HEAD}{unreleased}{TAIL}") };
        let before = if crlf { before.replace('\n', "\r\n") } else { before };
        if let Ok(done) = write(&before, &writing(&one, true)) {
            prop_assert_eq!(missing(&before, &done.text), Vec::<String>::new(), "{}\n=====\n{}", before, done.text);
            prop_assert!(done.text.contains("- the first"));
            prop_assert_eq!(&write(&done.text, &writing(&one, true)).unwrap().text, &done.text, "idempotent, from {}", before);
        }
    }
}
