//! Commits as they are in the wild: what people and programs write, and what commits are to each other.

use serde_json::{Value, json};

use crate::ask::{ask, body, id, left_out, request, run};

/// `message` alone gives this group and line; ids are left away.
fn listed(message: &str) -> String {
    let section = body(&[message]);
    let mut lines = section.lines().filter(|line| !line.is_empty());
    let group = lines.next().unwrap_or_default().trim_start_matches("### ");
    let rest: Vec<&str> = lines.collect();
    format!(
        "{group}: {}",
        rest.join(" | ").replace(" (0000001)", "").replace("- ", "")
    )
}

#[test]
fn subjects_that_mean_the_convention() {
    let table = [
        ("Feat: x", "Added: x"),
        ("FIX : x", "Fixed: x"),
        ("feat (scope): x", "Added: scope: x"),
        ("feat( scope ):x", "Added: scope: x"),
        ("feat(scope) !: x", "Added: **breaking** scope: x"),
        ("feat!(scope): x", "Added: **breaking** scope: x"),
        ("feat\u{ff1a}x", "Added: x"),
        ("fix\u{ff08}ui\u{ff09}\u{ff1a} x", "Fixed: ui: x"),
        (":sparkles: feat: x", "Added: x"),
        ("\u{2728} feat(a): x", "Added: a: x"),
        ("\u{1f41b}\u{fe0f} fix: x", "Fixed: x"),
        ("feat: \u{2728} x", "Added: \u{2728} x"),
        ("ABC-123: feat: x", "Added: x (ABC-123)"),
        ("[ABC-123] fix(a): x", "Fixed: a: x (ABC-123)"),
        ("ABC-123 - fix: x", "Fixed: x (ABC-123)"),
        ("#12 fix: x", "Fixed: x (#12)"),
        ("(#12) fix: x (#12)", "Fixed: x (#12)"),
        ("Merged PR 12: feat: x", "Added: x (PR 12)"),
        ("[fix] x", "Fixed: x"),
        ("[Feat](a): x", "Added: a: x"),
        (
            "BREAKING CHANGE: x",
            "Changed: **breaking** BREAKING CHANGE: x |   x",
        ),
        ("breaking: x", "Changed: **breaking** x"),
        // No type that is known: whole, as typed.
        ("[scope] subject", "Changed: \\[scope\\] subject"),
        ("mm/slab: fix a leak", "Changed: mm/slab: fix a leak"),
        ("feat x", "Changed: feat x"),
        ("Note (to self): y", "Changed: Note (to self): y"),
        ("https://a.example/x", "Changed: https://a.example/x"),
        ("", "Changed: (no subject)"),
        ("\u{0}\u{1b}[31m", "Changed: \\[31m"),
    ];
    for (message, want) in table {
        assert_eq!(listed(message), want, "{message:?}");
    }
}

#[test]
fn announcements_are_found_wherever_they_stand() {
    let table = [
        (
            "chore: x\n\nBREAKING CHANGE: a\n\nBREAKING-CHANGE: b",
            "Changed: **breaking** x |   a |   b",
        ),
        (
            "fix: x\n\ntext\nBREAKING CHANGE: a\nover two lines\n\nsecond paragraph",
            "Fixed: **breaking** x |   a over two lines",
        ),
        (
            "fix: x\n\nBREAKING CHANGES:\n\nthe list below\n",
            "Fixed: **breaking** x |   the list below",
        ),
        (
            "fix: x\n\n**BREAKING CHANGE**: a\nRefs: #1",
            "Fixed: **breaking** x |   a",
        ),
        ("fix: x\n\nBREAKING CHANGE:\n", "Fixed: **breaking** x"),
        // A form that somebody left as it was, and prose.
        ("fix: x\n\nBREAKING CHANGE: none", "Fixed: x"),
        ("fix: x\n\nthis is no BREAKING CHANGE: really", "Fixed: x"),
        ("fix: x\n\nbreaking change: y", "Fixed: x"),
    ];
    for (message, want) in table {
        assert_eq!(listed(message), want, "{message:?}");
    }
}

#[test]
fn squashes() {
    let list = "\n\n* feat: a\n* fix(b): c\n* wip\n- chore: d";
    assert_eq!(listed(&format!("fix: x (#1){list}")), "Fixed: x (#1)");
    assert_eq!(
        listed(&format!("Some work (#1){list}")),
        "Added: a | ### Fixed | b: c"
    );
    let git = "Squashed commit of the following:\n\ncommit 0123\nAuthor: dev\n\n    feat: a\n\n    fix: b\n";
    assert_eq!(listed(git), "Added: a | ### Fixed | b");
    assert_eq!(
        listed("chore: x\n\n* feat!: a\n* fix: b"),
        "Added: **breaking** a | ### Changed | x"
    );
    let mut split = request(&[
        &format!("fix: x{list}"),
        &format!("chore: y{list}"),
        "fix: z\n\n* fix: z",
    ]);
    split["rules"] = json!({"split_squashes": true});
    let answer = ask(&split);
    let want = "### Added\n\n- a (0000003, 0000002)\n\n### Fixed\n\n- x (0000003)\n- b: c (0000003, 0000002)\n- z (0000001)\n";
    assert_eq!(
        answer["section"]
            .as_str()
            .unwrap()
            .split_once("\n\n")
            .unwrap()
            .1,
        want
    );
}

/// Commits with their own parents, authors and times: `(message, parents, author, time)`.
fn graph(commits: &[(&str, &[usize], &str, i64)]) -> Value {
    let messages: Vec<&str> = commits.iter().map(|commit| commit.0).collect();
    let mut request = request(&messages);
    for (commit, (_, parents, author, time)) in request["commits"]
        .as_array_mut()
        .unwrap()
        .iter_mut()
        .zip(commits)
    {
        commit["parents"] = parents.iter().map(|parent| id(*parent)).collect();
        commit["author"] = json!({"name": author, "email": "dev@example.com", "time": time});
    }
    request
}

fn lines(answer: &Value) -> Vec<&str> {
    let section = answer["section"].as_str().unwrap();
    section
        .lines()
        .filter_map(|line| line.strip_prefix("- "))
        .collect()
}

fn reasons(answer: &Value) -> Vec<(usize, String)> {
    let number = |id: &str| usize::from_str_radix(&id[..7], 16).unwrap();
    left_out(answer)
        .into_iter()
        .map(|(id, reason)| (number(&id), reason))
        .collect()
}

#[test]
fn one_change_under_two_ids_and_two_changes_of_one_name() {
    let picked = format!("fix: other words\n\n(cherry picked from commit {})", id(1));
    let answer = ask(&graph(&[
        ("fix: typo", &[5], "dev", 50),
        ("fix: typo", &[4], "dev", 40),
        ("fix: typo", &[3], "other", 40),
        (&picked, &[2], "dev", 30),
        ("fix: typo", &[1], "dev", 40),
        ("fix: words", &[], "dev", 10),
    ]));
    assert_eq!(
        lines(&answer),
        ["typo (0000006, 0000005, 0000004)", "other words (0000003)"]
    );
    assert_eq!(
        reasons(&answer),
        [
            (2, "the same change as 0000005".to_owned()),
            (1, "the same change as 0000003".to_owned())
        ]
    );
    assert_eq!(answer["groups"], json!({"Fixed": 2}));
}

#[test]
fn reverts_of_this_release_cancel() {
    let by = |text: &str| format!("Revert \"something\"\n\n{text}");
    let cases = [
        by(&format!("This reverts commit {}.", id(1))),
        by("This reverts commit 00000010.").replace("00000010", &id(1)[..9]),
        by(&format!("This reverts commits {} and\n{}.", id(1), id(2))),
        format!("revert: something\n\nRefs: {}", &id(1)[..12]),
        "Revert \"feat: a (#7)\" (#8)\n\nReverts acme/app#7".to_owned(),
        "revert: feat: a".to_owned(),
        "revert(a): \"feat: a\"".to_owned(),
    ];
    for revert in cases {
        let answer = ask(&graph(&[
            ("fix: kept", &[3], "dev", 4),
            (&revert, &[2], "dev", 3),
            ("feat: b", &[1], "dev", 2),
            ("feat: a (#7)", &[], "dev", 1),
        ]));
        assert!(
            !lines(&answer).iter().any(|line| line.starts_with('a')),
            "{revert}: {answer}"
        );
        assert!(
            reasons(&answer).contains(&(1, "reverted by 0000003".to_owned())),
            "{revert}: {answer}"
        );
        assert!(lines(&answer).contains(&"kept (0000004)"), "{answer}");
    }
}

#[test]
fn a_revert_of_a_revert_restores() {
    let reapply = "Reapply \"feat: a\"".to_owned();
    let again = format!(
        "Revert \"Revert \"feat: a\"\"\n\nThis reverts commit {}.",
        id(2)
    );
    for restore in [reapply, again] {
        let answer = ask(&graph(&[
            (&restore, &[2], "dev", 3),
            ("Revert \"feat: a\"", &[1], "dev", 2),
            ("feat: a", &[], "dev", 1),
        ]));
        assert_eq!(lines(&answer), ["a (0000001)"], "{restore}");
    }
    // The same change made again after it was taken back counts.
    let answer = ask(&graph(&[
        ("feat: a", &[2], "dev", 1),
        ("Revert \"feat: a\"", &[1], "dev", 2),
        ("feat: a", &[], "dev", 1),
    ]));
    assert_eq!(lines(&answer), ["a (0000003)"]);
}

#[test]
fn what_takes_back_an_earlier_release_is_listed_by_name() {
    let gone = "f".repeat(40);
    let table = [
        (
            "Revert \"feat: a\"",
            "Removed",
            "Revert \"feat: a\" (0000001)",
        ),
        (
            "Revert \"fix: a\"",
            "Changed",
            "Revert \"fix: a\" (0000001)",
        ),
        (
            "revert: feat(x): a",
            "Removed",
            "revert: feat(x): a (0000001)",
        ),
        (
            "Revert \"Update things\"",
            "Changed",
            "Revert \"Update things\" (0000001)",
        ),
    ];
    for (subject, group, line) in table {
        let answer = ask(&request(&[
            "fix: b",
            &format!("{subject}\n\nThis reverts commit {gone}."),
        ]));
        assert!(lines(&answer).contains(&line), "{subject}: {answer}");
        assert_eq!(answer["groups"][group], 1, "{subject}");
    }
    let answer = ask(&request(&["fix: b", "Revert \"docs: a\""]));
    assert_eq!(
        reasons(&answer),
        [(1, "takes back what would be left out itself".to_owned())]
    );
}

#[test]
fn merges_speak_for_what_does_not_speak() {
    let forge = "Merge pull request #12 from dev/topic\n\nfeat(ui): dark mode";
    let answer = ask(&graph(&[
        (forge, &[3, 2], "dev", 4),
        ("fix: other", &[1], "dev", 3),
        ("wip", &[1], "dev", 2),
        ("chore: start", &[], "dev", 1),
    ]));
    assert_eq!(
        lines(&answer),
        ["ui: dark mode (#12) (0000004)", "other (0000003)"]
    );
    assert_eq!(
        reasons(&answer),
        [
            (2, "part of 0000004".to_owned()),
            (1, "type `chore` is left out".to_owned())
        ]
    );
    // What speaks for itself is listed itself, through an octopus too.
    let answer = ask(&graph(&[
        ("Merge branches 'a' and 'b'", &[1, 2, 3], "dev", 4),
        ("fix: b", &[1], "dev", 3),
        ("feat: a", &[1], "dev", 2),
        ("chore: start", &[], "dev", 1),
    ]));
    assert_eq!(lines(&answer), ["a (0000002)", "b (0000003)"]);
    // The title alone says that something breaks.
    let answer = ask(&graph(&[
        (
            "Merge #7\n\n7: feat!: new format r=dev a=dev",
            &[1, 2],
            "dev",
            3,
        ),
        ("feat: format", &[1], "dev", 2),
        ("chore: start", &[], "dev", 1),
    ]));
    assert_eq!(
        lines(&answer),
        ["**breaking** new format (#7) (0000003)", "format (0000002)"]
    );
    // A merge taken back takes all with it that it brought.
    let revert = format!(
        "Revert \"Merge branch 'a'\"\n\nThis reverts commit {}, reversing\nchanges made to {}.",
        id(3),
        id(1)
    );
    let answer = ask(&graph(&[
        (&revert, &[3], "dev", 4),
        ("Merge branch 'a'", &[1, 2], "dev", 3),
        ("feat: a", &[1], "dev", 2),
        ("fix: start", &[], "dev", 1),
    ]));
    assert_eq!(lines(&answer), ["start (0000001)"]);
    // Without any convention the titles are the list.
    let answer = ask(&graph(&[
        (
            "Merge branch 'x' into 'main'\n\nFaster start\n\nSee merge request a/b!9",
            &[1, 2],
            "dev",
            3,
        ),
        ("more", &[1], "dev", 2),
        ("First light", &[], "dev", 1),
    ]));
    assert_eq!(
        lines(&answer),
        ["Faster start (!9) (0000003)", "First light (0000001)"]
    );
}

#[test]
fn programs() {
    let commits = [
        ("feat: x", &[][..], "dev", 3),
        ("fix(deps): update y", &[], "renovate[bot]", 2),
        ("Bump z from 1 to 2", &[], "dependabot[bot]", 1),
    ];
    let mut request = graph(&commits);
    request["commits"][0]["co_authors"] = json!(["other", "dependabot[bot]", "dev"]);
    let answer = ask(&request);
    assert_eq!(lines(&answer), ["x (0000003)", "deps: update y (0000002)"]);
    assert_eq!(
        reasons(&answer),
        [(1, "by the program dependabot\\[bot\\]".replace('\\', ""))]
    );
    assert_eq!(
        answer["contributors"],
        json!([
            {"name": "dependabot[bot]", "commits": 2, "bot": true}, {"name": "dev", "commits": 1, "bot": false},
            {"name": "other", "commits": 1, "bot": false}, {"name": "renovate[bot]", "commits": 1, "bot": true},
        ])
    );
    request["rules"] = json!({"bots": "leave-out"});
    assert_eq!(lines(&ask(&request)), ["x (0000003)"]);
}

#[test]
fn types_of_the_repository() {
    let mut request = request(&["docs: a", "refactor: b", "Dx(cli): c", "feat: d"]);
    request["rules"] = json!({"types": [
        {"type": "Docs", "group": "Changed"}, {"type": "refactor"}, {"type": "dx", "group": "Added"},
    ]});
    let answer = ask(&request);
    assert_eq!(answer["groups"], json!({"Added": 2, "Changed": 1}));
    assert_eq!(
        reasons(&answer),
        [(3, "type `refactor` is left out".to_owned())]
    );
}

#[test]
fn releases_and_folds_are_no_news() {
    for message in [
        "v1.2.3",
        "Release 1.2.3-rc.1",
        "chore: release v1.2.3",
        "release: v3.5.30",
        "chore(release): x",
        "chore: prepare tokio@1.2.3",
        "Bump 0.16.4 (#27937)",
    ] {
        let answer = ask(&request(&["just words", message]));
        assert_eq!(
            reasons(&answer),
            [(1, "the commit of a release".to_owned())],
            "{message}"
        );
    }
    for message in ["feat: support 1.2.3", "Fix the build of 1.2.3"] {
        assert_eq!(lines(&ask(&request(&[message]))).len(), 1, "{message}");
    }
    let answer = ask(&request(&["feat: x", "fixup! feat: x"]));
    assert_eq!(
        reasons(&answer),
        [(1, "meant to be folded into another commit".to_owned())]
    );
}

#[test]
fn the_habit_decides_what_is_unknown() {
    let mixed = ask(&request(&["fix: a", "net: b", "fs: c"]));
    assert_eq!((lines(&mixed).len(), &mixed["plain"]), (3, &json!(true)));
    let few = ask(&request(&["fix: a", "feat: d", "net: b", "docs: e"]));
    assert_eq!((lines(&few).len(), &few["plain"]), (2, &json!(false)));
    let unknown: Vec<bool> = few["rulings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|ruling| ruling["unknown"].as_bool().unwrap())
        .collect();
    assert_eq!(unknown, [false, false, true, false]);
}

#[test]
fn rulings_alone() {
    let mut request = request(&["feat(a)!: b", "docs: c"]);
    let object = request.as_object_mut().unwrap();
    for key in ["version", "tag", "date", "previous", "repository"] {
        object.remove(key);
    }
    let output = run(&["rulings"], request.to_string().as_bytes());
    assert!(output.status.success(), "{output:?}");
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        answer["rulings"],
        json!([
            {"id": id(2), "subject": "feat(a)!: b", "type": "feat", "scope": "a", "breaking": true, "group": "Added",
             "listed": true, "conventional": true, "unknown": false, "reason": null, "bot": false},
            {"id": id(1), "subject": "docs: c", "type": "docs", "scope": null, "breaking": false, "group": null,
             "listed": false, "conventional": true, "unknown": false, "reason": "type `docs` is left out", "bot": false},
        ])
    );
    assert_eq!(
        (&answer["schema"], answer.get("section")),
        (&json!(2), None)
    );
}
