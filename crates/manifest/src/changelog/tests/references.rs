//! Link definitions of versions: the new one has the shape of those that are there.

use crate::changelog::{Writing, section, write};

const FRESH: &str = "## [1.1.0] - 2026-11-22\n\n### Added\n\n- a thing\n";

fn written(text: &str) -> String {
    let writing = Writing {
        version: "1.1.0",
        fresh: FRESH,
        draft: true,
        replace: false,
    };
    let done = write(text, &writing).unwrap().text;
    assert_eq!(
        write(&done, &writing).unwrap().text,
        done,
        "a second time changes nothing: {text}"
    );
    done
}

const BODY: &str = "# Changelog\n\n## [Unreleased]\n\n## [1.0.0] - 2026-01-02\n\n- b\n\n## [0.9.0] - 2026-01-01\n\n- a\n\n";

#[test]
fn definitions_are_moved_on_in_their_own_shape() {
    let table = [
        (
            "comparisons",
            "[Unreleased]: https://git.example/a/b/compare/v1.0.0...HEAD\n[1.0.0]: https://git.example/a/b/compare/v0.9.0...v1.0.0\n[0.9.0]: https://git.example/a/b/releases/tag/v0.9.0\n",
            "[Unreleased]: https://git.example/a/b/compare/v1.1.0...HEAD\n[1.1.0]: https://git.example/a/b/compare/v1.0.0...v1.1.0\n[1.0.0]: https://git.example/a/b/compare/v0.9.0...v1.0.0\n[0.9.0]: https://git.example/a/b/releases/tag/v0.9.0\n",
        ),
        (
            "pages of tags without a prefix, in angle brackets",
            "[1.0.0]:   <https://git.example/a/b/-/tags/1.0.0> \"first\"\n[0.9.0]: <https://git.example/a/b/-/tags/0.9.0>\n",
            "[1.1.0]:   <https://git.example/a/b/-/tags/1.1.0> \"first\"\n[1.0.0]:   <https://git.example/a/b/-/tags/1.0.0> \"first\"\n[0.9.0]: <https://git.example/a/b/-/tags/0.9.0>\n",
        ),
        (
            "two dots, a tag with a slash, another branch, lower case",
            "[unreleased]: https://git.example/a/b/compare/pkg/v1.0.0..main\n[1.0.0]: https://git.example/a/b/compare/pkg/v0.9.0..pkg/v1.0.0\n",
            "[unreleased]: https://git.example/a/b/compare/pkg/v1.1.0..main\n[1.1.0]: https://git.example/a/b/compare/pkg/v1.0.0..pkg/v1.1.0\n[1.0.0]: https://git.example/a/b/compare/pkg/v0.9.0..pkg/v1.0.0\n",
        ),
        (
            "that of Unreleased alone",
            "[Unreleased]: https://git.example/a/b/compare/v1.0.0...HEAD\n",
            "[Unreleased]: https://git.example/a/b/compare/v1.1.0...HEAD\n[1.1.0]: https://git.example/a/b/compare/v1.0.0...v1.1.0\n",
        ),
        (
            "the oldest first",
            "[0.9.0]: https://git.example/t/v0.9.0\n[1.0.0]: https://git.example/t/v1.0.0\n[x]: https://git.example/x\n",
            "[0.9.0]: https://git.example/t/v0.9.0\n[1.0.0]: https://git.example/t/v1.0.0\n[1.1.0]: https://git.example/t/v1.1.0\n[x]: https://git.example/x\n",
        ),
        (
            "one that a person wrote already stays",
            "[Unreleased]: https://git.example/compare/v1.1.0...HEAD\n[1.1.0]: https://git.example/mine\n[1.0.0]: https://git.example/compare/v0.9.0...v1.0.0\n",
            "[Unreleased]: https://git.example/compare/v1.1.0...HEAD\n[1.1.0]: https://git.example/mine\n[1.0.0]: https://git.example/compare/v0.9.0...v1.0.0\n",
        ),
        (
            "others are none of ours",
            "[#1]: https://git.example/1\n",
            "[#1]: https://git.example/1\n",
        ),
        ("none", "", ""),
    ];
    for (what, before, after) in table {
        for crlf in [false, true] {
            let ends = |text: &str| {
                if crlf {
                    text.replace('\n', "\r\n")
                } else {
                    text.to_owned()
                }
            };
            let done = written(&ends(&format!("{BODY}{before}")));
            assert!(
                done.ends_with(&ends(&format!("- a\n\n{after}"))),
                "{what}: {done}"
            );
        }
    }
}

#[test]
fn a_stale_definition_of_unreleased_is_brought_up() {
    let stale = "[Unreleased]: https://git.example/compare/v0.9.0...HEAD\n[1.0.0]: https://git.example/compare/v0.9.0...v1.0.0\n";
    let done = written(&format!("{BODY}{stale}"));
    let want = "[Unreleased]: https://git.example/compare/v1.1.0...HEAD\n[1.1.0]: https://git.example/compare/v1.0.0...v1.1.0\n";
    assert!(done.contains(want), "{done}");
}

#[test]
fn definitions_inside_of_sections_stay_and_ours_gets_one_inside() {
    let text = "# C\n\n## [1.0.0]\n\n- b\n\n[1.0.0]: https://git.example/compare/v0.9.0...v1.0.0\n\n## [0.9.0]\n\n- a\n\n[0.9.0]: https://git.example/tags/v0.9.0\n";
    let done = written(text);
    assert!(
        done.ends_with(text.strip_prefix("# C\n\n").unwrap()),
        "older sections stay: {done}"
    );
    let own = section(&done, "1.1.0").unwrap().text;
    assert!(
        own.contains(
            "- a thing\n\n[1.1.0]: https://git.example/compare/v1.0.0...v1.1.0\n\n<!-- landfall"
        ),
        "{own}"
    );
}

#[test]
fn a_definition_amid_unreleased_survives_the_rotation() {
    let text = "# C\n\n## [Unreleased]\n\n- see [x]\n\n[Unreleased]: https://git.example/compare/v1.0.0...HEAD\n[x]: https://git.example/x\n\n## [1.0.0]\n\n- b\n";
    let done = written(text);
    let want = "# C\n\n## [Unreleased]\n\n[Unreleased]: https://git.example/compare/v1.1.0...HEAD\n[1.1.0]: https://git.example/compare/v1.0.0...v1.1.0\n[x]: https://git.example/x\n\n## [1.1.0]";
    assert!(done.starts_with(want), "{done}");
    assert!(
        section(&done, "1.1.0").unwrap().text.contains("- see [x]"),
        "{done}"
    );
}

#[test]
fn a_heading_that_is_no_reference_needs_no_definition() {
    let text = "# C\n\n## [1.0.0]\n\n- b\n\n[1.0.0]: https://git.example/tags/v1.0.0\n";
    let fresh = FRESH.replace("[1.1.0]", "1.1.0");
    let done = write(
        text,
        &Writing {
            version: "1.1.0",
            fresh: &fresh,
            draft: false,
            replace: false,
        },
    )
    .unwrap()
    .text;
    assert!(!done.contains("[1.1.0]"), "{done}");
}
