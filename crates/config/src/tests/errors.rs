//! What is refused, and with what words at which line and column. The cases are data: `malformed.txt` holds what does
//! not fit the schema, `contradictions.txt` and `contradictions_of_parts.txt` what is well typed and refused all the same.
//!
//! A case is `==== what it shows`, a `release.toml`, `----`, and all errors of that text as they are displayed.

use crate::parse;

const CASES: [&str; 3] = [
    include_str!("malformed.txt"),
    include_str!("contradictions.txt"),
    include_str!("contradictions_of_parts.txt"),
];

#[test]
fn each_text_is_refused_with_exactly_these_errors() {
    let cases = CASES.iter().flat_map(|file| file.split("==== ").skip(1));
    let mut count = 0;
    for case in cases {
        let (title, case) = case.split_once('\n').expect("a title");
        let (text, expected) = case.split_once("----\n").expect("a text and its errors");
        let errors = parse(text).expect_err(title);
        assert_eq!(errors.to_string(), expected.trim_end(), "{title}:\n{text}");
        count += 1;
    }
    assert!(count > 70, "only {count} cases were found");
}

#[test]
fn every_place_is_that_of_what_is_named() {
    // A golden file freezes a mistake as well. This holds the places to the text: an unknown key stands at its place,
    // and before the place of a value stand its `=` or what opens its list.
    for case in CASES.iter().flat_map(|file| file.split("==== ").skip(1)) {
        let (text, _) = case
            .split_once('\n')
            .and_then(|(_, case)| case.split_once("----\n"))
            .expect("a text");
        for error in parse(text).expect_err(case).0 {
            let line = text
                .lines()
                .nth(error.line - 1)
                .expect("a line of the text");
            let (before, after) = line.split_at(
                line.char_indices()
                    .nth(error.column - 1)
                    .map_or(line.len(), |(at, _)| at),
            );
            if let Some(key) = error
                .message
                .strip_prefix("unknown key `")
                .and_then(|rest| rest.split_once('`'))
            {
                assert!(
                    after
                        .trim_start_matches('"')
                        .replace("\\n", "\n")
                        .starts_with(&key.0.replace("\\n", "\n")),
                    "{error}\n{text}"
                );
            } else if error.message.starts_with('`') && !after.starts_with('[') {
                assert!(
                    before.ends_with("= ") || before.ends_with("[") || before.ends_with(", "),
                    "{error}\n{text}"
                );
            }
        }
    }
}

#[test]
fn lines_may_end_as_on_windows() {
    let errors = parse("\r\n[[waiver]]\r\nuntil = 2026-02-30\r\n").unwrap_err();
    assert_eq!(
        errors.to_string(),
        "line 3, column 9: invalid date, expected day between 01 and 28"
    );
}

#[test]
fn help_is_apart_from_the_message() {
    let errors = parse("\n brnch = 1\n[release]\nbrnch = 1").unwrap_err();
    assert_eq!(
        errors.0[0].to_string(),
        "line 2, column 2: unknown key `brnch` at the top level"
    );
    assert_eq!(errors.0[1].help.as_deref(), Some("did you mean `branch`?"));
    assert_eq!(
        errors.to_string().lines().last(),
        Some("  help: did you mean `branch`?")
    );
}
