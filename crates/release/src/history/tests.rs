//! History as real git tells it, of repositories and configurations as they are in the wild.

use config::Changelog;
use testkit::Repo;
use world::git::Git;
use world::{Setup, World};

use super::{Commit, commits};

fn git(repo: &Repo) -> Git {
    let world = World::new(Setup {
        env: repo.env(),
        ..Setup::default()
    });
    Git::new(&world, repo.root())
}

fn read(repo: &Repo, only: &Changelog) -> Vec<Commit> {
    commits(&git(repo), only, None, "HEAD").expect("git tells its history")
}

fn all(repo: &Repo) -> Vec<Commit> {
    read(repo, &Changelog::default())
}

fn subjects(commits: &[Commit]) -> Vec<&str> {
    let first =
        |commit: &'_ Commit| -> usize { commit.message.find('\n').unwrap_or(commit.message.len()) };
    commits
        .iter()
        .map(|commit| &commit.message[..first(commit)])
        .collect()
}

/// Makes a commit on HEAD from the bytes of its object, less tree and parent, and moves HEAD to it.
fn raw(repo: &Repo, rest: &[u8]) {
    let (tree, parent) = (
        repo.git(&["rev-parse", "HEAD^{tree}"]),
        repo.git(&["rev-parse", "HEAD"]),
    );
    let mut object = format!("tree {tree}\nparent {parent}\n").into_bytes();
    object.extend(rest);
    let file = repo.outside().join("object");
    repo.write("../object", object);
    let id = repo.git(&[
        "hash-object",
        "-t",
        "commit",
        "-w",
        "--literally",
        file.to_str().expect("a path"),
    ]);
    repo.git(&["update-ref", "HEAD", &id]);
}

fn person(name: &[u8], message: &[u8], header: &str) -> Vec<u8> {
    let by = [name, b" <dev@example.com> 1700000000 +0000\n"].concat();
    [
        b"author ",
        by.as_slice(),
        b"committer ",
        by.as_slice(),
        header.as_bytes(),
        b"\n",
        message,
    ]
    .concat()
}

#[test]
fn text_in_any_encoding_is_kept() {
    let repo = Repo::empty();
    repo.commit("feat: first");
    raw(
        &repo,
        &person(b"dev", b"fix: caf\xe9\n", "encoding ISO-8859-1\n"),
    );
    raw(
        &repo,
        &person(
            b"d\xe9v",
            b"fix: na\xefve\n\nbody \x1f with \x1e marks\n",
            "",
        ),
    );
    raw(
        &repo,
        &person(b"dev", "fix: \u{65e5}\u{672c}\n".as_bytes(), ""),
    );
    raw(
        &repo,
        &person(b"dev", b"fix: \x93\xfa\x96\x7b\n", "encoding Shift_JIS\n"),
    );
    raw(
        &repo,
        &person(b"dev", b"fix: odd\n", "encoding no-such-thing\n"),
    );
    raw(&repo, &person(b"dev", b"", ""));
    let commits = all(&repo);
    assert_eq!(
        subjects(&commits),
        [
            "",
            "fix: odd",
            "fix: \u{65e5}\u{672c}",
            "fix: \u{65e5}\u{672c}",
            "fix: na\u{ef}ve",
            "fix: caf\u{e9}",
            "feat: first"
        ]
    );
    let guessed: Vec<bool> = commits.iter().map(|commit| commit.guessed).collect();
    assert_eq!(guessed, [false, false, false, false, true, false, false]);
    assert_eq!(commits[4].author.name, "d\u{e9}v");
    assert!(
        commits[4].message.contains("body \u{1f} with \u{1e} marks"),
        "{:?}",
        commits[4]
    );
}

#[test]
fn a_configuration_of_somebody_changes_nothing() {
    let repo = Repo::empty();
    repo.write("a", "1").commit("feat: a");
    repo.write(".mailmap", "Proper Name <dev@example.com>\n")
        .commit("fix: b");
    repo.git(&["checkout", "--quiet", "-b", "side"]);
    repo.write("c", "1").commit("fix: c");
    repo.git(&["checkout", "--quiet", "main"]);
    repo.write("d", "1").commit("fix: d");
    repo.git(&[
        "merge",
        "--quiet",
        "--no-ff",
        "--message",
        "Merge branch 'side'",
        "side",
    ]);
    let before = all(&repo);
    assert_eq!(before.len(), 5);
    assert!(
        before
            .iter()
            .all(|commit| commit.author.name == "Proper Name"),
        "{before:?}"
    );
    assert_eq!(before[0].parents.len(), 2);

    let other = repo.outside().join("other-mailmap");
    repo.write("../other-mailmap", "Somebody Else <dev@example.com>\n");
    for (key, value) in [
        ("log.showSignature", "true"),
        ("log.mailmap", "false"),
        ("log.follow", "true"),
        ("log.decorate", "full"),
        ("log.diffMerges", "separate"),
        ("log.date", "relative"),
        ("log.abbrevCommit", "true"),
        ("format.pretty", "fuller"),
        ("i18n.logOutputEncoding", "UTF-16"),
        ("color.ui", "always"),
        ("core.quotePath", "true"),
        ("core.pager", "false"),
        ("diff.ignoreSubmodules", "none"),
        ("diff.external", "false"),
        ("mailmap.file", other.to_str().expect("a path")),
    ] {
        repo.git(&["config", key, value]);
    }
    assert_eq!(all(&repo), before);

    // Replaced objects and grafts are of this clone alone.
    let orphan = repo.git(&["commit-tree", "HEAD^{tree}", "-m", "fix: replaced"]);
    repo.git(&["replace", &before[0].id, &orphan]);
    repo.write(".git/info/grafts", format!("{}\n", before[0].id));
    assert_eq!(all(&repo), before);
}

#[test]
fn those_who_wrote_with_others_are_mapped_too() {
    let repo = Repo::empty();
    repo.write(
        ".mailmap",
        "Proper Name <proper@example.com> <old@example.com>\n",
    );
    repo.commit(
        "feat: a\n\nCo-authored-by: old <old@example.com>\n\nmore\nco-authored-BY:  other <other@example.com>\nCo-authored-by: nobody\nCo-authored-by: <x@example.com>\nCo-authored-by: empty <>",
    );
    let [commit] = all(&repo).try_into().expect("one commit");
    assert_eq!(commit.co_authors, ["Proper Name", "other", "empty"]);
}

#[test]
fn only_what_touches_the_paths() {
    let repo = Repo::empty();
    repo.write("one/a", "1")
        .write("two/a", "1")
        .write("two/fixtures/a", "1")
        .commit("feat: both");
    repo.write("one/b", "1").commit("feat: one");
    repo.write("two/b", "1").commit("feat: two");
    repo.write("two/fixtures/b", "1").commit("test: fixture");
    repo.git(&["mv", "one/b", "away"]);
    repo.commit("refactor: move one out");
    // What a branch did and undid is hidden where git simplifies history.
    repo.git(&["checkout", "--quiet", "-b", "side"]);
    repo.write("one/c", "1").commit("feat: c of one");
    repo.remove("one/c").commit("fix: c again");
    repo.git(&["checkout", "--quiet", "main"]);
    repo.write("two/c", "1").commit("feat: c of two");
    repo.git(&[
        "merge",
        "--quiet",
        "--no-ff",
        "--message",
        "Merge branch 'side'",
        "side",
    ]);
    let only = |include: &[&str], exclude: &[&str]| {
        let list = |paths: &[&str]| paths.iter().map(|path| (*path).to_owned()).collect();
        let changelog = Changelog {
            include: list(include),
            exclude: list(exclude),
            ..Changelog::default()
        };
        let mut found: Vec<String> = subjects(&read(&repo, &changelog))
            .iter()
            .map(|subject| (*subject).to_owned())
            .collect();
        found.retain(|subject| !subject.starts_with("Merge "));
        found.sort();
        found
    };
    let one = [
        "feat: both",
        "feat: c of one",
        "feat: one",
        "fix: c again",
        "refactor: move one out",
    ];
    assert_eq!(only(&["one"], &[]), one);
    assert_eq!(only(&["one/**"], &[]), one);
    assert_eq!(only(&["one/c"], &[]), ["feat: c of one", "fix: c again"]);
    assert_eq!(
        only(&["two"], &["two/fixtures"]),
        ["feat: both", "feat: c of two", "feat: two"]
    );
    assert_eq!(only(&["*"], &[]), ["refactor: move one out"]);
    assert_eq!(
        only(&[], &["one", "two/fixtures/**"]),
        [
            "feat: both",
            "feat: c of two",
            "feat: two",
            "refactor: move one out"
        ]
    );
    assert_eq!(only(&["three"], &[]), Vec::<String>::new());
    // The merge still holds together what it brought.
    let found = read(
        &repo,
        &Changelog {
            include: vec!["one".to_owned()],
            ..Changelog::default()
        },
    );
    let merge = found
        .iter()
        .find(|commit| commit.parents.len() > 1)
        .expect("the merge");
    let side = found
        .iter()
        .find(|commit| commit.message.starts_with("fix: c again"))
        .expect("the side");
    assert!(merge.parents.contains(&side.id), "{merge:?}");
}

#[test]
fn a_range_begins_behind_its_tag() {
    let repo = Repo::cargo_single();
    repo.commit("fix: after");
    let found =
        commits(&git(&repo), &Changelog::default(), Some("v0.9.0"), "HEAD").expect("a history");
    assert_eq!(subjects(&found), ["fix: after"]);
    assert_eq!(subjects(&all(&repo)), ["fix: after", "feat: the beginning"]);
    commits(&git(&repo), &Changelog::default(), Some("v9"), "HEAD").expect_err("no such tag");
}
