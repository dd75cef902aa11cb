//! What `check` says, and what it leaves alone because people write it so.

use crate::changelog::{HEADER, Severity, Writing, check, write};

use Severity::{Error, Note, Warning};

fn problems(text: &str) -> Vec<(usize, Severity, String)> {
    check(text, Some("2026-11-22"))
        .into_iter()
        .map(|problem| (problem.line, problem.severity, problem.message))
        .collect()
}

/// Texts in which exactly one thing is found.
fn hold(table: &[Row]) {
    for (text, line, severity, want) in table {
        let problems = problems(text);
        let [(at, how, message)] = problems.as_slice() else {
            panic!("{text:?}: {problems:?}")
        };
        let right = at == line && how == severity && message.contains(want);
        assert!(right, "{text:?}: {problems:?}");
    }
}

#[test]
fn what_is_well_formed_passes() {
    for good in [
        "",
        HEADER,
        "# C\n## [Unreleased]\n### Added\n## [1.0.1] - 2026-11-22\n## 1.1.0 (2026-11-21) [YANKED]\n## 1.0.0\n## 1.0.0-mvp - 2024-02-29\n",
        "## 1.0.1 - 2026-11-23\n## 1.0.0 - 2026-11-22 \"tomorrow is today elsewhere\"\n",
        "## 2.0.0 - Unreleased\n\n## 1.0.0 - Codename - 2026-01-01\n",
        "## 6.0.7\n\n## 7.0.0-next.0\n\n## 6.0.6\n",
        "## 1.1.0 - 2026-01-01\n## 1.2.0 - 2026-01-01\n",
        "## a 1.0.0 - 2026-01-01\n## b 2.0.0 - 2026-01-01\n## a 0.9.0\n## b 1.0.0\n",
        "# 1.x\n\n### 1.0.1 (2026-11-02)\n\n### 1.0.0 (2026-11-01)\n\n# 0.x\n\n### 0.1.0 (2026-01-01)\n",
        "## [1.0.0](https://git.example/compare/v0.8.0...v1.0.0)\n\n## [0.9.0](https://git.example/tags/v0.9.0)\n",
    ] {
        assert_eq!(problems(good), [], "{good}");
    }
    let fresh = "## [1.1.0] - 2026-11-22\n\n### Added\n\n- a\n";
    let own = Writing {
        version: "1.1.0",
        fresh,
        draft: false,
        replace: false,
    };
    assert_eq!(problems(&write("", &own).unwrap().text), []);
}

type Row = (&'static str, usize, Severity, &'static str);

const VERSIONS: &[Row] = &[
    (
        "## 1.0.0\n## v1.0.0\n",
        2,
        Error,
        "`1.0.0` has a section on line 1 already",
    ),
    (
        "## [Unreleased]\n\n## Unreleased\n",
        3,
        Error,
        "`unreleased` has a section on line 1 already",
    ),
    (
        "## 1.1.0\n## 1.0\n## 0.9.0\n",
        2,
        Warning,
        "`1.0` is not a SemVer version",
    ),
    ("## 1.0\n", 1, Note, "`1.0` is not a SemVer version"),
    (
        "## 1.1.0\n## 1.01.0\n## 0.9.0\n",
        2,
        Error,
        "`1.01.0` is not a SemVer version",
    ),
    (
        "## 2.0.0\n## [l.0.0] - 2026-11-22\n",
        2,
        Error,
        "`l.0.0` is not a SemVer version",
    ),
    (
        "## 26.04\n## 25.10.1\n## 25.10\n## 25.07\n",
        1,
        Note,
        "3 of 4 sections have such a version",
    ),
];

const DATES_AND_ORDER: &[Row] = &[
    (
        "## 1.0.0 - 2026-13-01\n",
        1,
        Error,
        "`2026-13-01` is not a date",
    ),
    (
        "## 1.0.0 - 2026-02-29\n",
        1,
        Error,
        "`2026-02-29` is not a date",
    ),
    (
        "## 1.0.0 - February 30th, 2026\n",
        1,
        Error,
        "`February 30th, 2026` is not a date",
    ),
    ("## 1.0.0 - 2026-11-24\n", 1, Warning, "still to come"),
    (
        "## 1.1.0 - 2026-11-02\n## 1.0.0 (22.10.2026)\n",
        2,
        Warning,
        "`22.10.2026` is a date in another form",
    ),
    (
        "## 1.1.0 (2026-11-2)\n## 1.0.0 - 2026-11-01\n",
        1,
        Warning,
        "`2026-11-2` is a date in another form",
    ),
    (
        "# 1.1.0 (July 8th, 2026)\n# 1.0.0 (June 18th, 2026)\n",
        1,
        Note,
        "2 dates have a form of their own, such as `July 8th, 2026`",
    ),
    (
        "## 1.0.0-mvp\n## 1.0.0-rc.1\n## 0.1.0\n",
        2,
        Error,
        "1.0.0-rc.1 stands below 1.0.0-mvp",
    ),
    (
        "## 1.0.0 - 2026-01-01\n## 1.0.1 - 2026-01-01\n",
        2,
        Error,
        "1.0.1 stands below 1.0.0",
    ),
    (
        "## 0.1.0\n## 0.2.0\n## 0.3.0\n## 0.4.0\n",
        2,
        Warning,
        "3 sections stand so",
    ),
    (
        "## 1.0.1 - 2026-01-04\n## 1.0.0 - 2026-01-05\n",
        2,
        Warning,
        "1.0.0 is dated later than 1.0.1",
    ),
    (
        "## 1.0.0\n~~~\n",
        2,
        Error,
        "the code block opened here never ends",
    ),
    (
        "## 1.0.0\n<!--\n",
        2,
        Error,
        "the comment opened here never ends",
    ),
];

#[test]
fn versions() {
    hold(VERSIONS);
}

#[test]
fn dates_and_order() {
    hold(DATES_AND_ORDER);
}

#[test]
fn groups_and_drafts() {
    hold(&[
        (
            "## 1.0.0\n\n### Added\n\n### Fixed\n\n- f\n",
            3,
            Warning,
            "the group `Added` is empty",
        ),
        (
            "## 1.0.0\n\n### Fixed\n- f\n\n### fixed\n- g\n",
            6,
            Warning,
            "the group `fixed` stands in this section twice, first on line 3",
        ),
        (
            "## 1.0.0\n\n### Added\n- f\n\n### Fixed\n- f\n\n### Bug fixes\n- g\n",
            9,
            Note,
            "does not know the groups `bug fixes`",
        ),
        (
            "## 1.0.0\n\n- a\n\n<!-- landfall: draft 12 -->\n",
            5,
            Warning,
            "cannot be read any more",
        ),
        (
            "## 1.0.0\n\n- a\n\n<!-- landfall: draft 12345678 -->\n",
            1,
            Note,
            "a draft",
        ),
    ]);
    let many: String = (0..9).map(|at| format!("### Group {at}\n\n")).collect();
    let problems = problems(&format!("## 1.0.0\n\n{many}"));
    assert_eq!(problems.len(), 5, "{problems:?}");
    assert!(
        problems[4].2.ends_with("(and 4 more like it)"),
        "{problems:?}"
    );
}

#[test]
fn link_definitions() {
    let body = "## [Unreleased]\n\n## [1.1.0]\n\n- b\n\n## [1.0.0]\n\n- a\n\n## [0.9.0]\n\n";
    let good = "[Unreleased]: https://git.example/compare/v1.1.0...HEAD\n[1.1.0]: https://git.example/compare/v1.0.0...v1.1.0\n[1.0.0]: https://git.example/compare/v0.9.0...v1.0.0\n[0.9.0]: https://git.example/tags/v0.9.0\n";
    assert_eq!(problems(&format!("{body}{good}")), []);
    assert_eq!(
        problems(body),
        [],
        "a file without definitions has its reasons"
    );
    let table = [
        (
            "compare/v1.0.0...v1.1.0",
            "compare/v0.9.0...v1.1.0",
            14,
            "the link of 1.1.0 compares with 0.9.0, and 1.0.0 lies between",
        ),
        (
            "compare/v1.1.0...HEAD",
            "compare/v1.0.0...HEAD",
            13,
            "the link of what is unreleased compares with 1.0.0, and 1.1.0 lies between",
        ),
        (
            "v0.9.0...v1.0.0",
            "v0.9.0...v1.1.0",
            15,
            "the link of 1.0.0 compares up to `v1.1.0`",
        ),
        (
            "[1.0.0]: ",
            "[other]: ",
            7,
            "`[1.0.0]` has no link definition",
        ),
        (
            "[0.9.0]: ",
            "[0.9.0]: https://git.example/0.9.0\n[0.8.0]: ",
            17,
            "`[0.8.0]` is defined and has no section",
        ),
    ];
    for (from, to, line, want) in table {
        let text = format!("{body}{}", good.replace(from, to));
        let problems = problems(&text);
        let found = matches!(problems.as_slice(), [(at, Warning, message)] if *at == line && message.contains(want));
        assert!(found, "{text}: {problems:?}");
    }
    let inline = "## [1.1.0](https://git.example/compare/v0.9.0...v1.0.0)\n\n## [1.0.0](https://git.example/compare/v0.9.0...v1.0.0)\n";
    assert!(
        matches!(problems(inline).as_slice(), [(1, Warning, message)] if message.contains("compares up to")),
        "{:?}",
        problems(inline)
    );
}
