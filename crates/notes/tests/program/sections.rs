//! Commits in, section out.

use serde_json::{Value, json};

use crate::ask::{REPOSITORY, ask, body, id, left_out, request};

#[test]
fn a_whole_release() {
    let mut request = request(&[
        "chore(release): 1.0.0-mvp",
        "feat(cli): print the plan as a script",
        "fix!: refuse a tag that moved\n\nBREAKING CHANGE: scripts that move tags\nmust use `abort` first.\n\nMore about it.",
        "fix: read CRLF files",
        "docs: say why",
        "Merge branch 'topic'",
        "security: hash with SHA-256",
        "remove: the old wizard",
        "deprecate(api): the v0 calls",
        "perf: read once",
        "feat: first",
    ]);
    request["repository"] = json!(REPOSITORY);
    request["previous"] = json!("v0.9.0");
    let answer = ask(&request);
    let link =
        |number: usize| format!("[{}]({REPOSITORY}/commit/{})", &id(number)[..7], id(number));
    let want = format!(
        "## [1.0.0-mvp] - 2026-11-22\n\n\
         ### Added\n\n- cli: print the plan as a script ({})\n- first ({})\n\n\
         ### Changed\n\n- read once ({})\n\n\
         ### Deprecated\n\n- api: the v0 calls ({})\n\n\
         ### Removed\n\n- the old wizard ({})\n\n\
         ### Fixed\n\n- **breaking** refuse a tag that moved ({})\n  - scripts that move tags must use `abort` first.\n- read CRLF files ({})\n\n\
         ### Security\n\n- hash with SHA-256 ({})\n",
        link(10),
        link(1),
        link(2),
        link(3),
        link(4),
        link(9),
        link(8),
        link(5)
    );
    assert_eq!(answer["section"], want);
    assert_eq!(
        answer["groups"],
        json!({"Added":2,"Changed":1,"Deprecated":1,"Removed":1,"Fixed":2,"Security":1})
    );
    assert_eq!(
        (&answer["schema"], &answer["breaking"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(
        (&answer["plain"], &answer["empty"]),
        (&json!(false), &json!(false))
    );
    let want = [
        (11, "the commit of a release"),
        (7, "type `docs` is left out"),
        (6, "merge commit"),
    ];
    assert_eq!(
        left_out(&answer),
        want.map(|(number, reason)| (id(number), reason.to_owned()))
    );
}

#[test]
fn one_message_one_line() {
    let table = [
        ("feat: x", "Added", "- x (0000001)"),
        ("Feat(UI): x", "Added", "- UI: x (0000001)"),
        ("FIX: x", "Fixed", "- x (0000001)"),
        ("fix(Security): x", "Security", "- Security: x (0000001)"),
        ("feat(security): x", "Added", "- security: x (0000001)"),
        (
            "feat(deprecated): x",
            "Deprecated",
            "- deprecated: x (0000001)",
        ),
        ("removed: x", "Removed", "- x (0000001)"),
        (
            "refactor(core)!: x",
            "Changed",
            "- **breaking** core: x (0000001)",
        ),
        ("chore!: x", "Changed", "- **breaking** x (0000001)"),
        (
            "chore: x\n\nbody\n\nBREAKING CHANGE: y",
            "Changed",
            "- **breaking** x (0000001)\n  - y",
        ),
        (
            "docs: x\n\nBREAKING-CHANGE: y\nSigned-off-by: dev <dev@example.com>",
            "Changed",
            "- **breaking** x (0000001)\n  - y",
        ),
        (
            "feat: x\nbody without a blank line",
            "Added",
            "- x (0000001)",
        ),
        (
            "feat: x\r\n\r\nBREAKING CHANGE: y\r\n",
            "Added",
            "- **breaking** x (0000001)\n  - y",
        ),
    ];
    check_table(&table);
}

#[test]
fn text_of_any_kind_stays_one_line() {
    let long = format!("feat: {}", "pasted log ".repeat(46));
    let cut = format!(
        "- {}\u{2026} (0000001)",
        "pasted log ".repeat(18).trim_end()
    );
    let table = [
        ("\n\nfeat:   x  \n", "Added", "- x (0000001)"),
        ("feat: x\r## [9.9.9] - 2026-01-01", "Added", "- x (0000001)"),
        ("feat: x\u{2028}## y", "Added", "- x ## y (0000001)"),
        ("feat: # x", "Added", "- \\# x (0000001)"),
        (
            "fix: <script>alert(1)</script>",
            "Fixed",
            "- &lt;script>alert(1)&lt;/script> (0000001)",
        ),
        (
            "fix: [click](https://evil.example) `a_b` *c*",
            "Fixed",
            "- \\[click\\](https://evil.example) `a_b` \\*c\\* (0000001)",
        ),
        (
            "fix({{ version }}): {% raw %}",
            "Fixed",
            "- {{ version }}: {% raw %} (0000001)",
        ),
        (
            "feat: x\n\nBREAKING CHANGE: ## y\n```\n<b>",
            "Added",
            "- **breaking** x (0000001)\n  - \\## y \\`\\`\\` &lt;b>",
        ),
        (&long, "Added", &cut),
    ];
    check_table(&table);
    assert!((130..=200).contains(&(cut.chars().count() - 12)), "{cut}");
}

/// `(message, group, line)`: the message alone gives this section.
fn check_table(table: &[(&str, &str, &str)]) {
    for (message, group, line) in table {
        assert_eq!(
            body(&[message]),
            format!("### {group}\n\n{line}\n"),
            "{message:?}"
        );
    }
}

#[test]
fn left_out_with_reasons() {
    for kind in ["docs", "test", "chore", "ci", "build", "style", "Docs"] {
        let answer = ask(&request(&["feat: x", &format!("{kind}: y")]));
        let reason = format!("type `{}` is left out", kind.to_lowercase());
        assert_eq!(left_out(&answer), [(id(1), reason)]);
    }
    let table = [
        ("Merge pull request #7 from a/b", "merge commit"),
        ("Merge remote-tracking branch 'origin/main'", "merge commit"),
        ("parser: y", "type `parser` is in no group"),
        ("just words", "not a conventional commit"),
        ("fix(): y", "not a conventional commit"),
        ("", "not a conventional commit"),
        ("feat: x", "the same change as 0000002"),
    ];
    for (message, reason) in table {
        let answer = ask(&request(&["feat: x", message]));
        assert_eq!(
            left_out(&answer),
            [(id(1), reason.to_owned())],
            "{message:?}"
        );
        assert_eq!(
            answer["section"],
            "## [1.0.0-mvp] - 2026-11-22\n\n### Added\n\n- x (0000002)\n"
        );
    }
}

#[test]
fn twins_are_listed_once_and_breaking_wins() {
    let messages = [
        "feat: x",
        "feat(a): x",
        "fix: x",
        "feat!: x\n\nBREAKING CHANGE: y",
    ];
    let want = "### Added\n\n- **breaking** x (0000004, 0000001)\n  - y\n- a: x (0000003)\n\n### Fixed\n\n- x (0000002)\n";
    assert_eq!(body(&messages), want);
}

#[test]
fn breaking_without_a_type_is_not_lost() {
    let messages = [
        "feat: x",
        "Rework the store\n\nBREAKING CHANGE: old files are refused",
    ];
    let want = "### Added\n\n- x (0000002)\n\n### Changed\n\n- **breaking** Rework the store (0000001)\n  - old files are refused\n";
    assert_eq!(body(&messages), want);
}

#[test]
fn breaking_of_an_unknown_type_is_not_lost() {
    let messages = ["feat: x", "wip(a)!: y"];
    let want = "### Added\n\n- x (0000002)\n\n### Changed\n\n- **breaking** a: y (0000001)\n";
    assert_eq!(body(&messages), want);
}

#[test]
fn what_was_reverted_is_not_claimed() {
    let revert = format!("Revert \"feat: y\"\n\nThis reverts commit {}.", id(1));
    let answer = ask(&request(&["feat: x", &revert, "feat: y"]));
    assert_eq!(answer["groups"], json!({"Added":1}));
    let want = [
        (2, "takes back 0000001, which is of the same release"),
        (1, "reverted by 0000002"),
    ];
    assert_eq!(
        left_out(&answer),
        want.map(|(number, reason)| (id(number), reason.to_owned()))
    );
    let again = format!("revert: take it back\n\nThis reverts commit {}.", id(2));
    let answer = ask(&request(&[&again, &revert, "feat: y"]));
    assert_eq!(
        answer["section"],
        "## [1.0.0-mvp] - 2026-11-22\n\n### Added\n\n- y (0000001)\n"
    );
}

#[test]
fn without_convention_all_are_listed() {
    let messages = [
        "parser: handle tabs",
        "Merge branch 'x'",
        "Fix the thing\n\nbody",
        "parser: handle tabs",
        "1) first",
    ];
    let answer = ask(&request(&messages));
    let want = "## [1.0.0-mvp] - 2026-11-22\n\n### Changed\n\n- parser: handle tabs (0000005)\n- Fix the thing (0000003)\n- 1\\) first (0000001)\n";
    assert_eq!(answer["section"], want);
    assert_eq!(
        (&answer["plain"], &answer["empty"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(left_out(&answer).len(), 2);
}

#[test]
fn nothing_is_said_honestly() {
    let sentence = |messages: &[&str], previous: Value| {
        let mut request = request(messages);
        request["previous"] = previous;
        let answer = ask(&request);
        assert_eq!(
            (&answer["empty"], &answer["plain"]),
            (&json!(true), &json!(false))
        );
        answer["section"]
            .as_str()
            .unwrap()
            .lines()
            .last()
            .unwrap()
            .to_owned()
    };
    assert_eq!(sentence(&[], json!(null)), "No changes.");
    assert_eq!(sentence(&[], json!("v0.9.0")), "No changes since v0.9.0.");
    assert_eq!(
        sentence(&["docs: x"], json!("v0.9.0")),
        "No notable changes since v0.9.0 (1 commit left out)."
    );
    assert_eq!(
        sentence(&["docs: x", "ci: y"], json!(null)),
        "No notable changes (2 commits left out)."
    );
    assert_eq!(
        sentence(&["Merge branch 'x'"], json!(null)),
        "No notable changes (1 commit left out)."
    );
}

#[test]
fn every_commit_is_listed_or_left_out() {
    let kinds = [
        "feat: a",
        "fix!: b",
        "docs: c",
        "words",
        "Merge tag 'v1'",
        "wip: d",
        "FIX(x): e\n\nBREAKING CHANGE: f",
    ];
    let messages: Vec<String> = (0..500)
        .map(|n| format!("{} {}", kinds[n % kinds.len()], n / (2 * kinds.len())))
        .collect();
    let messages: Vec<&str> = messages.iter().map(String::as_str).collect();
    let answer = ask(&request(&messages));
    let listed: u64 = answer["groups"]
        .as_object()
        .unwrap()
        .values()
        .map(|count| count.as_u64().unwrap())
        .sum();
    assert_eq!(listed as usize + left_out(&answer).len(), messages.len());
    assert!(listed > 0 && answer["breaking"].as_u64().unwrap() > 0);
}
