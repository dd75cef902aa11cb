//! Rows for what is read or asked of git: `tools`, `git`, `docs`.

use gates::Verdict;

use super::{Mutation, link, replace, row};

pub(super) const MUTATIONS: &[Mutation] = &[
    Mutation {
        programs: Some((
            &[],
            &[
                ("git", "echo git version 2.47.0"),
                ("node", "echo v22.1.0"),
                ("pnpm", "echo 9.15.0"),
            ],
        )),
        ..row("tools", "nothing", Verdict::Pass, "")
    },
    Mutation {
        programs: Some((&[], &[("node", "echo v22.1.0"), ("pnpm", "echo 9.15.0")])),
        ..row(
            "tools",
            "git is gone",
            Verdict::Fail,
            "`git` is not on the search path",
        )
    },
    Mutation {
        programs: Some((
            &[],
            &[
                ("git", "echo git version 2.30.9"),
                ("node", "echo v22.1.0"),
                ("pnpm", "echo 9.15.0"),
            ],
        )),
        ..row(
            "tools",
            "git is just too old",
            Verdict::Fail,
            "git 2.30.9 is older than 2.31",
        )
    },
    Mutation {
        programs: Some((
            &[],
            &[
                ("git", "echo git version 2.31"),
                ("node", "echo v22.1.0"),
                ("pnpm", "echo 9.15.0"),
            ],
        )),
        ..row("tools", "git is just new enough", Verdict::Pass, "")
    },
    Mutation {
        programs: Some((
            &[],
            &[
                ("git", "echo git version 2.47.0"),
                ("node", "echo v22.1.0"),
                ("pnpm", "echo 9.14.9"),
            ],
        )),
        ..row(
            "tools",
            "another pnpm than the pinned one",
            Verdict::Warn,
            "pnpm 9.14.9 is here, package.json asks for 9.15.0",
        )
    },
    Mutation {
        change: |repo| replace(repo, "package.json", "9.15.0", "9.15.1"),
        programs: Some((
            &[],
            &[
                ("git", "echo git version 2.47.0"),
                ("node", "echo v22.1.0"),
                ("pnpm", "echo 9.15.0"),
            ],
        )),
        ..row(
            "tools",
            "another pin",
            Verdict::Warn,
            "package.json asks for 9.15.1",
        )
    },
    Mutation {
        settings: "[gates.tools]\nrequire = [\"no-such-tool\"]",
        programs: Some((
            &[],
            &[
                ("git", "echo git version 2.47.0"),
                ("node", "echo v22.1.0"),
                ("pnpm", "echo 9.15.0"),
            ],
        )),
        ..row(
            "tools",
            "a required tool is not there",
            Verdict::Fail,
            "`no-such-tool` is not on the search path",
        )
    },
    Mutation {
        programs: Some((
            &[],
            &[
                ("git", "echo git version 2.47.0"),
                ("node", "echo all is well"),
                ("pnpm", "echo 9.15.0"),
            ],
        )),
        ..row(
            "tools",
            "node says rubbish",
            Verdict::Unknown,
            "answered `all is well`",
        )
    },
    Mutation {
        programs: Some((
            &[],
            &[
                ("git", "echo git version 2.47.0"),
                ("node", "echo v22.1.0; exit 70"),
                ("pnpm", "echo 9.15.0"),
            ],
        )),
        ..row(
            "tools",
            "node says its version and crashes",
            Verdict::Unknown,
            "exit status 70",
        )
    },
    row("git", "nothing", Verdict::Pass, ""),
    Mutation {
        change: |repo| {
            repo.write("README.md", "other");
        },
        ..row(
            "git",
            "a file is changed",
            Verdict::Fail,
            "README.md: changed and not committed",
        )
    },
    Mutation {
        change: |repo| {
            repo.remove("VERSION");
        },
        ..row(
            "git",
            "a file is deleted",
            Verdict::Fail,
            "VERSION: deleted and not committed",
        )
    },
    Mutation {
        change: |repo| {
            repo.write("notes.txt", "x");
        },
        ..row(
            "git",
            "a file is untracked",
            Verdict::Fail,
            "notes.txt: untracked",
        )
    },
    Mutation {
        change: |repo| {
            repo.write("notes.txt", "x");
        },
        settings: "[gates.git]\nuntracked = \"warn\"",
        ..row(
            "git",
            "an untracked file is allowed",
            Verdict::Warn,
            "notes.txt: untracked",
        )
    },
    Mutation {
        change: |repo| {
            repo.write("target/x", "x");
        },
        ..row("git", "an ignored file is there", Verdict::Pass, "")
    },
    Mutation {
        change: |repo| {
            repo.commit("feat: mine");
        },
        ..row(
            "git",
            "a commit is not pushed",
            Verdict::Fail,
            "ahead of origin/main by 1 commit",
        )
    },
    Mutation {
        change: |repo| {
            repo.others_commit("fix: theirs");
        },
        ..row(
            "git",
            "somebody else pushed",
            Verdict::Fail,
            "behind origin/main by 1 commit",
        )
    },
    Mutation {
        change: |repo| {
            repo.git(&["switch", "--quiet", "--create", "topic"]);
        },
        ..row(
            "git",
            "another branch",
            Verdict::Fail,
            "on branch `topic`, and releases are made from `main`",
        )
    },
    Mutation {
        change: |repo| {
            let head = repo.git(&["rev-parse", "HEAD"]);
            repo.write(".git/MERGE_HEAD", head + "\n");
        },
        ..row(
            "git",
            "a merge is in progress",
            Verdict::Fail,
            "a merge is in progress",
        )
    },
    Mutation {
        change: |repo| {
            repo.git(&["remote", "set-url", "origin", "../gone.git"]);
        },
        ..row(
            "git",
            "the remote is gone",
            Verdict::Unknown,
            "cannot be reached",
        )
    },
    row("docs", "nothing", Verdict::Pass, ""),
    Mutation {
        change: |repo| {
            repo.remove("README.md");
        },
        ..row(
            "docs",
            "it is not there",
            Verdict::Fail,
            "README.md is missing",
        )
    },
    Mutation {
        change: |repo| {
            repo.write("README.md", "﻿ \r\n	\n");
        },
        ..row("docs", "it is blank", Verdict::Fail, "README.md is empty")
    },
    Mutation {
        change: |repo| {
            repo.write("README.md", "x");
        },
        ..row("docs", "it holds one letter", Verdict::Pass, "")
    },
    Mutation {
        change: |repo| {
            repo.remove("README.md").write("README.md/x", "x");
        },
        ..row(
            "docs",
            "it is a folder",
            Verdict::Fail,
            "README.md is a folder, not a document",
        )
    },
    Mutation {
        change: |repo| {
            repo.remove("README.md");
            link(repo, "nowhere.md", "README.md");
        },
        ..row(
            "docs",
            "it is a link to nothing",
            Verdict::Fail,
            "README.md is a link to something that is not there",
        )
    },
    Mutation {
        change: |repo| {
            repo.remove("README.md");
            link(repo, "CHANGELOG.md", "README.md");
        },
        ..row(
            "docs",
            "it is a link to another document",
            Verdict::Pass,
            "",
        )
    },
    Mutation {
        change: |repo| {
            repo.remove("README.md");
            link(repo, "README.md", "README.md");
        },
        ..row(
            "docs",
            "it is a link to itself",
            Verdict::Unknown,
            "look at README.md",
        )
    },
    Mutation {
        settings: "[gates.docs]\nrequired = [\"README.md\", \"docs/more.md\"]",
        ..row(
            "docs",
            "one more is required",
            Verdict::Fail,
            "docs/more.md is missing",
        )
    },
    Mutation {
        settings: "[gates.docs]\nrequired = []",
        ..row(
            "docs",
            "none is required",
            Verdict::Skipped,
            "gates.docs.required is empty",
        )
    },
];
