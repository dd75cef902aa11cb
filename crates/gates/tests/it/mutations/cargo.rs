//! Rows for what cargo is asked: `build`, `test`, `fmt`, `clippy`. Every tree begins as `Repo::cargo_single`.

use gates::Verdict;

use super::{Mutation, replace, row};

pub(super) const MUTATIONS: &[Mutation] = &[
    row("build", "nothing", Verdict::Pass, ""),
    Mutation {
        change: |repo| replace(repo, "src/lib.rs", "number * 2", "missing()"),
        ..row(
            "build",
            "a function is not there",
            Verdict::Fail,
            "cannot find function `missing`",
        )
    },
    Mutation {
        change: |repo| {
            repo.write("examples/shown.rs", "fn main() {\n    missing()\n}\n");
        },
        ..row(
            "build",
            "an example alone is broken",
            Verdict::Fail,
            "cannot find function `missing`",
        )
    },
    Mutation {
        change: |repo| replace(repo, "src/lib.rs", "super::twice(1)", "super::missing(1)"),
        ..row(
            "build",
            "the test alone is broken",
            Verdict::Fail,
            "cannot find function `missing`",
        )
    },
    Mutation {
        change: |repo| {
            replace(
                repo,
                "src/lib.rs",
                "    number * 2",
                "    let unused = 1;\n    number * 2",
            );
        },
        ..row(
            "build",
            "something is unused",
            Verdict::Warn,
            "unused variable",
        )
    },
    Mutation {
        change: |repo| replace(repo, "Cargo.toml", "0.9.0", "0.9.1"),
        ..row(
            "build",
            "the lock file is of another version",
            Verdict::Fail,
            "--locked",
        )
    },
    Mutation {
        settings: "[gates.build]\ncommand = [\"sh\", \"-c\", \"exit 3\"]",
        ..row(
            "build",
            "a command of its own fails",
            Verdict::Fail,
            "exit status 3",
        )
    },
    Mutation {
        settings: "[gates.build]\ncommand = [\"no-such-program\"]",
        ..row(
            "build",
            "a command of its own is not there",
            Verdict::Unknown,
            "program not found",
        )
    },
    Mutation {
        programs: Some((&["git"], &[("cargo", "echo all is well")])),
        ..row(
            "build",
            "cargo does nothing and is content",
            Verdict::Unknown,
            "examined nothing",
        )
    },
    row("test", "nothing", Verdict::Pass, ""),
    Mutation {
        change: |repo| replace(repo, "src/lib.rs", "twice(1), 2", "twice(1), 3"),
        ..row(
            "test",
            "a test fails",
            Verdict::Fail,
            "test `tests::two_is_twice_one` failed",
        )
    },
    Mutation {
        change: |repo| {
            replace(
                repo,
                "src/lib.rs",
                "#[test]",
                concat!("#[test]\n    #[ig", "nore]"),
            );
        },
        ..row(
            "test",
            "the only test is left out",
            Verdict::Unknown,
            "no test was executed: 1 ignored",
        )
    },
    Mutation {
        change: |repo| {
            replace(
                repo,
                "src/lib.rs",
                "    #[test]",
                concat!(
                    "    #[test]\n    #[ig",
                    "nore]\n    fn later() {}\n\n    #[test]"
                ),
            );
        },
        ..row("test", "one of two tests is left out", Verdict::Pass, "")
    },
    Mutation {
        change: |repo| {
            repo.write("src/lib.rs", "//! Nothing here.\n");
        },
        ..row(
            "test",
            "there is no test",
            Verdict::Unknown,
            "no test was executed",
        )
    },
    Mutation {
        change: |repo| {
            replace(
                repo,
                "src/lib.rs",
                "#[test]",
                "#[test]\n    #[should_panic]",
            );
        },
        ..row(
            "test",
            "a test should panic and does not",
            Verdict::Fail,
            "test `tests::two_is_twice_one` failed",
        )
    },
    Mutation {
        change: |repo| {
            replace(
                repo,
                "src/lib.rs",
                "/// Twice as much.",
                "/// ```\n/// assert_eq!(single::twice(1), 3);\n/// ```",
            );
        },
        ..row(
            "test",
            "an example in the documentation is wrong",
            Verdict::Fail,
            "test `src/lib.rs - twice (line 1)` failed",
        )
    },
    Mutation {
        change: |repo| {
            repo.write(
                "tests/crash.rs",
                "#[test]\nfn ends_it() {\n    std::process::abort();\n}\n",
            );
        },
        ..row(
            "test",
            "a test program is ended by a signal",
            Verdict::Fail,
            "ended by signal 6",
        )
    },
    Mutation {
        change: |repo| replace(repo, "src/lib.rs", "number * 2", "missing()"),
        ..row(
            "test",
            "the code does not compile",
            Verdict::Fail,
            "cannot find function `missing`",
        )
    },
    row("fmt", "nothing", Verdict::Pass, ""),
    Mutation {
        change: |repo| replace(repo, "src/lib.rs", "number * 2", "number  * 2"),
        ..row("fmt", "one space too many", Verdict::Fail, "not formatted")
    },
    Mutation {
        change: |repo| replace(repo, "src/lib.rs", "#[cfg(test)]", "\n#[cfg(test)]"),
        ..row(
            "fmt",
            "one empty line too many",
            Verdict::Fail,
            "not formatted",
        )
    },
    Mutation {
        change: |repo| replace(repo, "src/lib.rs", "    }\n}\n", "    }\n}"),
        ..row("fmt", "no last line end", Verdict::Fail, "not formatted")
    },
    Mutation {
        change: |repo| {
            repo.write("tests/more.rs", "#[test]\nfn more( ) {}\n");
        },
        ..row("fmt", "a test beside it", Verdict::Fail, "not formatted")
    },
    Mutation {
        change: |repo| {
            replace(
                repo,
                "src/lib.rs",
                "/// Twice as much.\npub fn twice(number: u32) -> u32 {\n    number * 2",
                "#[rustfmt::skip]\npub fn twice(number: u32) -> u32 {\n    number  * 2",
            );
        },
        ..row("fmt", "what the author keeps as it is", Verdict::Pass, "")
    },
    Mutation {
        change: |repo| {
            repo.write("rustfmt.toml", "hard_tabs = true\n");
        },
        ..row(
            "fmt",
            "another style is asked for",
            Verdict::Fail,
            "not formatted",
        )
    },
    Mutation {
        change: |repo| replace(repo, "src/lib.rs", "pub fn twice(", "pub fn twice({"),
        ..row(
            "fmt",
            "no Rust any more",
            Verdict::Fail,
            "mismatched closing delimiter",
        )
    },
    Mutation {
        programs: Some((&["git"], &[])),
        ..row(
            "fmt",
            "cargo is gone",
            Verdict::Unknown,
            "program not found: `cargo",
        )
    },
    row("clippy", "nothing", Verdict::Pass, ""),
    Mutation {
        change: |repo| {
            replace(
                repo,
                "src/lib.rs",
                "/// Twice",
                "pub fn none(list: &[u8]) -> bool {\n    list.len() == 0\n}\n\n/// Twice",
            );
        },
        ..row(
            "clippy",
            "a lint that warns",
            Verdict::Warn,
            "length comparison to zero",
        )
    },
    Mutation {
        change: |repo| {
            replace(
                repo,
                "src/lib.rs",
                "/// Twice",
                "#[deny(clippy::len_zero)]\npub fn none(list: &[u8]) -> bool {\n    list.len() == 0\n}\n\n/// Twice",
            );
        },
        ..row(
            "clippy",
            "a lint that is denied",
            Verdict::Fail,
            "length comparison to zero",
        )
    },
    Mutation {
        change: |repo| {
            replace(
                repo,
                "src/lib.rs",
                "/// Twice",
                "#[expect(clippy::len_zero)]\npub fn none(list: &[u8]) -> bool {\n    list.len() == 0\n}\n\n/// Twice",
            );
        },
        ..row("clippy", "a lint that is allowed", Verdict::Pass, "")
    },
    Mutation {
        change: |repo| {
            replace(
                repo,
                "src/lib.rs",
                "super::twice(1), 2);",
                "super::twice(1), 2);\n        let list = [0_u8; 4];\n        assert!(!(list[..].len() == 0));",
            );
        },
        ..row(
            "clippy",
            "a lint in a test",
            Verdict::Warn,
            "length comparison to zero",
        )
    },
    Mutation {
        change: |repo| {
            replace(
                repo,
                "src/lib.rs",
                "/// Twice",
                "pub fn none(list: &[u8]) -> bool {\n    list.len() == 0\n}\n\n/// Twice",
            );
            replace(
                repo,
                "Cargo.toml",
                "[package]",
                "[lints.clippy]\nlen_zero = \"deny\"\n\n[package]",
            );
        },
        ..row(
            "clippy",
            "a denial in the manifest",
            Verdict::Fail,
            "length comparison to zero",
        )
    },
    Mutation {
        change: |repo| replace(repo, "src/lib.rs", "number * 2", "missing()"),
        ..row(
            "clippy",
            "the code does not compile",
            Verdict::Fail,
            "cannot find function `missing`",
        )
    },
    Mutation {
        programs: Some((
            &["git"],
            &[(
                "cargo",
                "echo 'error: no such command: `clippy`' >&2; exit 101",
            )],
        )),
        ..row(
            "clippy",
            "there is no clippy",
            Verdict::Unknown,
            "no such command",
        )
    },
    Mutation {
        settings: "[gates.clippy]\ncommand = [\"sh\", \"-c\", \"exit 1\"]",
        ..row(
            "clippy",
            "a command of its own fails",
            Verdict::Fail,
            "exit status 1",
        )
    },
];
