//! Rows for what names versions: `version`, `changelog`.

use gates::Verdict;

use super::{Mutation, replace, row};

pub(super) const MUTATIONS: &[Mutation] = &[
    row("version", "nothing", Verdict::Pass, ""),
    Mutation {
        change: |repo| {
            repo.write("VERSION", "0.9.1\n");
        },
        ..row(
            "version",
            "one place is another patch",
            Verdict::Fail,
            "0.9.0, not 0.9.1",
        )
    },
    Mutation {
        change: |repo| {
            repo.write("VERSION", "0.9.0");
        },
        ..row(
            "version",
            "one place has no last line end",
            Verdict::Pass,
            "",
        )
    },
    Mutation {
        change: |repo| {
            replace(
                repo,
                "Cargo.lock",
                "name = \"app\"\nversion = \"0.9.0\"",
                "name = \"app\"\nversion = \"0.8.9\"",
            );
        },
        ..row(
            "version",
            "the lock file is behind",
            Verdict::Fail,
            "0.8.9, not 0.9.0",
        )
    },
    Mutation {
        change: |repo| {
            repo.write("VERSION", "0.09.0\n");
        },
        ..row(
            "version",
            "a leading zero",
            Verdict::Fail,
            "`0.09.0` is not a version: a number begins with a zero",
        )
    },
    Mutation {
        change: |repo| {
            repo.write("VERSION", "0.9.0-rc.1\n");
        },
        ..row("version", "a pre-release of it", Verdict::Fail, "not 0.9.0")
    },
    Mutation {
        settings: "[version]\nfamily = \"0.9.1\"",
        ..row(
            "version",
            "another family",
            Verdict::Fail,
            "0.9.0 is not of the family 0.9.1",
        )
    },
    Mutation {
        settings: "[version]\nfamily = \"0.9.0\"",
        ..row("version", "its family", Verdict::Pass, "")
    },
    Mutation {
        change: |repo| {
            repo.write("README.md", "# Workspace\n");
        },
        settings: "[[version.text]]\npath = \"README.md\"\nmin = 1",
        ..row(
            "version",
            "a text lost it",
            Verdict::Fail,
            "matches nothing",
        )
    },
    Mutation {
        programs: Some((&["git"], &[("cargo", "echo rubbish")])),
        ..row(
            "version",
            "cargo says rubbish",
            Verdict::Unknown,
            "understand the answer of `cargo metadata",
        )
    },
    row("changelog", "nothing", Verdict::Pass, ""),
    Mutation {
        change: |repo| {
            replace(
                repo,
                "CHANGELOG.md",
                "## [0.9.0]",
                "## [0.9.0] - 2026-01-02\n\n- a\n\n## [0.9.0]",
            );
        },
        ..row(
            "changelog",
            "a section twice",
            Verdict::Fail,
            "`0.9.0` has a section on line 5 already",
        )
    },
    Mutation {
        change: |repo| replace(repo, "CHANGELOG.md", "2026-01-02", "2026-13-02"),
        ..row("changelog", "no date", Verdict::Fail, "is not a date")
    },
    Mutation {
        change: |repo| replace(repo, "CHANGELOG.md", "[0.9.0]", "[0.09.0]"),
        ..row(
            "changelog",
            "no version",
            Verdict::Fail,
            "is not a SemVer version",
        )
    },
    Mutation {
        change: |repo| {
            replace(
                repo,
                "CHANGELOG.md",
                "- the beginning",
                "- the beginning\n\n## [0.9.1] - 2026-01-03\n\n- a",
            );
        },
        ..row(
            "changelog",
            "the newer one below",
            Verdict::Fail,
            "0.9.1 stands below 0.9.0",
        )
    },
    Mutation {
        change: |repo| {
            replace(
                repo,
                "CHANGELOG.md",
                "## [0.9.0]",
                "## [1.0.0] - 2026-01-03\n\n- a\n\n## [0.9.0]",
            );
        },
        ..row(
            "changelog",
            "one more that is being made",
            Verdict::Pass,
            "",
        )
    },
    Mutation {
        change: |repo| {
            replace(
                repo,
                "CHANGELOG.md",
                "## [0.9.0]",
                "## [1.0.0] - 2026-01-03\n\n- a\n\n## [0.9.1] - 2026-01-03\n\n- a\n\n## [0.9.0]",
            );
        },
        ..row(
            "changelog",
            "one without a tag between two",
            Verdict::Warn,
            "0.9.1 has a section and no tag",
        )
    },
    Mutation {
        change: |repo| {
            repo.git(&["tag", "v0.9.1"]);
        },
        ..row(
            "changelog",
            "a tag without a section",
            Verdict::Warn,
            "the tag v0.9.1 has no section",
        )
    },
    Mutation {
        change: |repo| {
            repo.git(&["tag", "v1.0.0-rc.1"]);
            replace(
                repo,
                "CHANGELOG.md",
                "## [0.9.0]",
                "## [1.0.0-rc1] - 2026-01-03\n\n- a\n\n## [0.9.0]",
            );
        },
        ..row(
            "changelog",
            "a tag that is written otherwise",
            Verdict::Fail,
            "one release, written in two ways",
        )
    },
    Mutation {
        change: |repo| {
            replace(
                repo,
                "CHANGELOG.md",
                "- the beginning",
                "- the [beginning](docs/gone.md)",
            );
        },

        ..row(
            "changelog",
            "a link that leads nowhere",
            Verdict::Fail,
            "docs/gone.md",
        )
    },
    Mutation {
        change: |repo| replace(repo, "CHANGELOG.md", "2026-01-02", "2096-01-02"),

        ..row(
            "changelog",
            "a date to come",
            Verdict::Warn,
            "the date is still to come",
        )
    },
    Mutation {
        change: |repo| replace(repo, "CHANGELOG.md", "### Added", "### Fixed\n\n### Added"),

        ..row(
            "changelog",
            "a group without an entry",
            Verdict::Warn,
            "the group `Fixed` is empty",
        )
    },
    Mutation {
        change: |repo| {
            replace(
                repo,
                "CHANGELOG.md",
                "- the beginning",
                "- the beginning\n\n<!-- landfall: draft 12345678 -->",
            );
        },

        ..row("changelog", "a draft", Verdict::Pass, "")
    },
    Mutation {
        change: |repo| {
            replace(
                repo,
                "CHANGELOG.md",
                "## [0.9.0]",
                "## [1.0.0-mvp] - Unreleased\n\n- a\n\n## [0.9.0]",
            );
        },
        release: true,
        ..row(
            "changelog",
            "a release that says it is none",
            Verdict::Fail,
            "says that it is not released",
        )
    },
    Mutation {
        release: true,
        ..row(
            "changelog",
            "no section for the release",
            Verdict::Fail,
            "there is no section for 1.0.0-mvp",
        )
    },
    Mutation {
        change: |repo| {
            replace(
                repo,
                "CHANGELOG.md",
                "## [0.9.0]",
                "## [1.0.0-mvp] - 2026-01-03\n\n### Added\n\n## [0.9.0]",
            );
        },
        release: true,
        ..row(
            "changelog",
            "a section with headings alone for the release",
            Verdict::Fail,
            "the section for 1.0.0-mvp is empty",
        )
    },
    Mutation {
        change: |repo| {
            replace(
                repo,
                "CHANGELOG.md",
                "## [0.9.0]",
                "## [1.0.0-mvp] - 2026-01-03\n\n- a\n\n## [0.9.0]",
            );
        },
        release: true,
        ..row(
            "changelog",
            "a section with one line for the release",
            Verdict::Pass,
            "",
        )
    },
    Mutation {
        change: |repo| {
            repo.write("CHANGELOG.md", b"# Changelog\n\xff\n");
        },
        ..row(
            "changelog",
            "it is not UTF-8",
            Verdict::Unknown,
            "CHANGELOG.md:2: not UTF-8",
        )
    },
];
