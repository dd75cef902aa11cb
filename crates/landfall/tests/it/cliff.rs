//! A repository's `cliff.toml`: the same bytes as git-cliff's own program, or an error that says what is not supported.

use std::path::Path;
use std::process::Command;

use testkit::{History, Repo};

use crate::run::{Call, landfall};

/// Configurations of our own, each for another part of git-cliff.
const OURS: [(&str, &str); 11] = [
    ("exclude", include_str!("cliff/exclude.toml")),
    ("formatted", include_str!("cliff/formatted.toml")),
    ("limits", include_str!("cliff/limits.toml")),
    ("parsers", include_str!("cliff/parsers.toml")),
    ("paths", include_str!("cliff/paths.toml")),
    ("processors", include_str!("cliff/processors.toml")),
    ("scopes", include_str!("cliff/scopes.toml")),
    ("split", include_str!("cliff/split.toml")),
    ("statistics", include_str!("cliff/statistics.toml")),
    ("tags", include_str!("cliff/tags.toml")),
    ("topology", include_str!("cliff/topology.toml")),
];

/// Those that git-cliff's program can write itself.
const BUILT_IN: [&str; 9] = [
    "cocogitto",
    "detailed",
    "keepachangelog",
    "minimal",
    "scoped",
    "scopesorted",
    "statistics",
    "unconventional",
    "",
];

/// Branches and merges, clocks that go backwards, tags of every kind, packed and loose, on side branches and in pairs;
/// a message that is not UTF-8, a commit that is to be left out, a remote.
fn tangled() -> Repo {
    let repo = Repo::with_history(History {
        commits: 170,
        tags: 20,
        seed: 2,
        ties: true,
        files: true,
    });
    repo.git(&["pack-refs", "--all"]);
    repo.git(&["tag", "v0.0.0-rc.1", "main~3"]);
    repo.git(&[
        "tag",
        "--annotate",
        "v9.0.0",
        "--message",
        "loose\n\nand annotated",
        "main~2",
    ]);
    // One that says that it is not UTF-8 and is, and one that is not.
    let file = repo.outside().join("message");
    for message in ["feat: na\u{ef}ve".as_bytes(), b"feat: na\xefve"] {
        std::fs::write(&file, message).expect("write a message");
        let file = file.display().to_string();
        let latin = "i18n.commitEncoding=ISO-8859-1";
        repo.git(&[
            "-c",
            latin,
            "commit",
            "--quiet",
            "--allow-empty",
            "--file",
            &file,
        ]);
    }
    repo.write(
        ".cliffignore",
        format!("# not this one\n{}\n", repo.git(&["rev-parse", "main~5"])),
    );
    repo.git(&[
        "remote",
        "add",
        "origin",
        "git@forge.example:owner/name.git",
    ]);
    repo.git(&["config", "branch.main.remote", "origin"]);
    repo
}

/// What git-cliff's program prints, `None` when it refuses.
fn theirs(program: &Path, repo: &Repo, args: &[&str]) -> Option<String> {
    let output = Command::new(program)
        .args(args)
        .arg("--offline")
        .current_dir(repo.root())
        .env_clear()
        .envs(repo.env())
        .output()
        .expect("git-cliff starts");
    let text = String::from_utf8(output.stdout).expect("git-cliff prints UTF-8");
    output.status.success().then_some(text)
}

/// The clock of this machine, since git-cliff's program cannot be told another.
fn ours(repo: &Repo, args: &[&str]) -> Option<String> {
    let now = Command::new("date")
        .arg("+%s")
        .output()
        .expect("date runs")
        .stdout;
    let now = String::from_utf8(now).expect("digits").trim().to_owned();
    let run = Call::new(repo, args).env("SOURCE_DATE_EPOCH", now).run();
    assert!(!run.stderr.contains("panicked"), "{run}");
    (run.code == Some(0)).then_some(run.stdout)
}

fn same(program: &Path, repo: &Repo, name: &str, asks: usize) {
    let asks = [
        (&["changelog", "show", "--all"] as &[&str], &[] as &[&str]),
        (
            &["changelog", "show", "99.0.0"],
            &["--unreleased", "--tag", "v99.0.0", "--strip", "all"],
        ),
    ]
    .into_iter()
    .take(asks);
    for (our_args, their_args) in asks {
        let theirs = theirs(program, repo, their_args);
        assert!(
            theirs.as_ref().is_none_or(|text| text.len() > 80),
            "{name}: an empty text shows nothing"
        );
        pretty(name, theirs.as_deref(), ours(repo, our_args).as_deref());
    }
}

/// The first line that differs.
fn pretty(name: &str, theirs: Option<&str>, ours: Option<&str>) {
    if theirs == ours {
        return;
    }
    let (theirs, ours) = (theirs.unwrap_or("refused"), ours.unwrap_or("refused"));
    let line = theirs
        .lines()
        .zip(ours.lines())
        .position(|(one, other)| one != other);
    panic!(
        "{name}: from line {line:?} on git-cliff has {:?}, landfall {:?}",
        line.and_then(|at| theirs.lines().nth(at)),
        line.and_then(|at| ours.lines().nth(at)),
    );
}

#[test]
fn real_git_cliff_prints_the_same_with_configurations_of_ours() {
    let Some(program) = testkit::real_program("git-cliff") else {
        return;
    };
    let repo = tangled();
    for (name, text) in OURS {
        repo.write("cliff.toml", text);
        same(&program, &repo, name, 2);
    }
    // Refused by both: a commit that is not conventional.
    repo.write("cliff.toml", "[git]\nrequire_conventional = true\n");
    assert_eq!(theirs(&program, &repo, &[]), None);
    let refused = landfall(&repo, &["changelog", "show", "--all"]);
    assert_ne!(refused.code, Some(0));
    assert!(
        refused.stderr.contains("unconventional commits"),
        "{refused}"
    );
}

#[test]
fn real_git_cliff_prints_the_same_with_configurations_of_its_own() {
    let Some(program) = testkit::real_program("git-cliff") else {
        return;
    };
    let repo = Repo::with_history(History {
        commits: 120,
        tags: 12,
        seed: 5,
        ties: false,
        files: false,
    });
    for name in BUILT_IN {
        let path = repo.root().join("cliff.toml");
        if path.exists() {
            std::fs::remove_file(&path).expect("remove a file");
        }
        let init: &[&str] = if name.is_empty() {
            &["--init"]
        } else {
            &["--init", name]
        };
        theirs(&program, &repo, init).expect("git-cliff writes a configuration");
        same(&program, &repo, name, 1);
    }
}

#[test]
fn real_git_cliff_prints_the_same_of_small_histories() {
    let Some(program) = testkit::real_program("git-cliff") else {
        return;
    };
    let repo = Repo::empty();
    repo.commit("feat: a beginning without any tag, which is long enough to be compared with");
    repo.commit(
        "fix: another of the same second, with a body\n\nthat is not shown, and long as well",
    );
    // In a manifest, and with files of a first commit.
    repo.write("Cargo.toml", "[package]\nname = \"x\"\n\n[package.metadata.git-cliff.git]\ncommit_parsers = [{ message = \"^feat\", group = \"From the manifest of this crate\" }]\n");
    same(&program, &repo, "manifest", 2);
    repo.remove("Cargo.toml").write(".config/cliff.toml", "[changelog]\nheader = \"in a folder of configurations, which is looked at as well\"\nbody = \"{{ version }}{{ commits | length }}{{ previous.version }}{% for c in commits %}{{ c.id }}{% endfor %}\"\n");
    same(&program, &repo, "folder", 1);
    repo.git(&["tag", "v1.0.0"]);
    repo.git(&[
        "tag",
        "--annotate",
        "one",
        "--message",
        "another name of it",
    ]);
    repo.git(&["tag", "tree", "HEAD^{tree}"]);
    same(&program, &repo, "tags of one commit", 1);
}

#[test]
fn what_is_not_supported_is_named_and_nothing_is_written() {
    let repo = Repo::cargo_single();
    repo.commit("feat: more");
    repo.write("cliff.toml", "[git]\nrecurse_submodules = true\n");
    let state = || {
        (
            repo.read("CHANGELOG.md"),
            repo.git(&["status", "--porcelain"]),
        )
    };
    let before = state();
    for args in [
        &["changelog", "show", "--all"] as &[&str],
        &["changelog", "show", "1.0.0"],
        &["changelog", "write", "1.0.0"],
    ] {
        let run = landfall(&repo, args);
        assert_ne!(run.code, Some(0), "{run}");
        assert!(
            run.stderr
                .contains("cliff.toml: git.recurse_submodules is not supported"),
            "{run}"
        );
    }
    assert_eq!(before, state());
    repo.write("cliff.toml", "[git\n");
    let run = landfall(&repo, &["changelog", "show", "--all"]);
    assert!(
        run.code != Some(0) && run.stderr.contains("could not read cliff.toml"),
        "{run}"
    );
}

#[test]
fn a_section_of_cliff_toml_goes_into_the_changelog() {
    let repo = Repo::cargo_single();
    repo.commit("feat: more of it");
    repo.write("cliff.toml", "[changelog]\nheader = \"# Not this\"\nbody = \"\\n\\n## [{{ version }}] - {{ timestamp | date }}\\n\\n{% for c in commits %}* {{ c.message }}\\n{% endfor %}\\n\"\n");
    let written = landfall(&repo, &["changelog", "write", "1.0.0"]);
    assert_eq!(written.code, Some(0), "{written}");
    let text = repo.read("CHANGELOG.md");
    assert!(
        text.contains("## [v1.0.0] - 2026-02-03\n\n* more of it\n\n"),
        "{text}"
    );
    assert!(!text.contains("Not this"), "{text}");
    let again = landfall(&repo, &["changelog", "write", "1.0.0"]);
    assert_eq!(
        (again.code, repo.read("CHANGELOG.md")),
        (Some(0), text.clone())
    );
    // No heading, no place.
    repo.write("cliff.toml", "[changelog]\nbody = \"{{ version }}\"\n");
    let refused = landfall(&repo, &["changelog", "write", "2.0.0"]);
    assert_ne!(refused.code, Some(0), "{refused}");
    assert!(
        refused
            .stderr
            .contains("must begin with a heading of the version"),
        "{refused}"
    );
    assert_eq!(repo.read("CHANGELOG.md"), text);
    // Chosen otherwise, it is left alone.
    repo.write(
        "release.toml",
        "[changelog]\ntemplate = \"keep-a-changelog\"\n",
    );
    let kept = landfall(&repo, &["changelog", "show", "2.0.0"]);
    assert!(kept.stdout.contains("### Added"), "{kept}");
}
