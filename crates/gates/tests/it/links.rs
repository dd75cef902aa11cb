//! `links`: relative links and anchors of tracked Markdown documents.

use gates::{Report, Severity, Verdict};
use testkit::Repo;

use crate::fixture::{ask, candidate, cx, cx_where, cx_with, errors, expect, said, unknown};

const README: &str = "\
# Name

See [the guide](docs/guide.md), [one part](docs/guide.md#second-part), [itself](#name), [the folder](docs/),
[a line](src/lib.rs#L2), [with space](docs/a%20b.md), [from the root](/docs/guide.md), [reference][ref].
![picture](docs/pic.png) <img src=\"docs/pic.png\"> <a href=\"docs/guide.md#own\">own</a>
[issues](../../issues) <https://site.example/nowhere> [mail](mailto:dev@example.com) [web](http://site.example/x#y)
[link](docs/current/part.md) [folder link](docs/current) [the readme of a folder](docs#docs)

[ref]: docs/guide.md#second-part-1 \"Title\"
";

const GUIDE: &str = "# Guide\n\n## Second part\n\n<a name=\"own\"></a>\n\n## Second part\n\n[back](../README.md#name)\n";

fn tree() -> Repo {
    let repo = Repo::empty();
    repo.write("README.md", README)
        .write("docs/guide.md", GUIDE)
        .write("docs/README.md", "# Docs\n")
        .write("docs/a b.md", "# A b\n")
        .write("docs/pic.png", "x")
        .write("docs/v1/part.md", "# Part\n\n[up](../guide.md)\n")
        .write("src/lib.rs", "//! One.\n//! Two.\n")
        .write(".gitignore", "/out/\n");
    std::os::unix::fs::symlink("v1", repo.root().join("docs/current")).unwrap();
    repo.commit("docs: all");
    repo
}

fn asked(repo: &Repo) -> Report {
    ask(&cx(repo), "links")
}

#[test]
fn links_that_lead_somewhere_pass_and_the_web_is_not_asked() {
    let report = asked(&tree());
    expect(&report, Verdict::Pass);
    assert!(report.findings.is_empty(), "{report:#?}");
    assert_eq!(report.examined, 5);
    assert_eq!(report.evidence["documents"], 5);
    assert_eq!(report.evidence["links"], 16);
    assert_eq!(report.evidence["web_not_asked"], 3);
    assert_eq!(report.evidence["forge_not_asked"], 1);
    assert_eq!(report.evidence["broken"], 0);
}

/// What is changed, the text of README.md before and after, what is said, on which line and column, and the help.
type Mutation = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    (usize, usize),
    &'static str,
);

const MUTATIONS: &[Mutation] = &[
    (
        "a file is misspelt",
        "docs/guide.md)",
        "docs/giude.md)",
        "`docs/giude.md` is not there",
        (3, 5),
        "did you mean `docs/guide.md`?",
    ),
    (
        "a file is elsewhere",
        "docs/guide.md)",
        "guide.md)",
        "`guide.md` is not there",
        (3, 5),
        "did you mean `docs/guide.md`?",
    ),
    (
        "the case differs",
        "docs/guide.md)",
        "docs/Guide.md)",
        "only the case of letters differs from docs/guide.md",
        (3, 5),
        "write `docs/guide.md`",
    ),
    (
        "an anchor is misspelt",
        "#second-part)",
        "#secondpart)",
        "docs/guide.md has no anchor `#secondpart`",
        (3, 33),
        "did you mean `#second-part`?",
    ),
    (
        "a heading does not come so often",
        "#second-part-1",
        "#second-part-2",
        "has no anchor `#second-part-2`",
        (9, 1),
        "did you mean `#second-part-1`?",
    ),
    (
        "an own anchor is misspelt",
        "#own\"",
        "#owl\"",
        "docs/guide.md has no anchor `#owl`",
        (5, 51),
        "did you mean `#own`?",
    ),
    (
        "an anchor of the document itself",
        "(#name)",
        "(#nam)",
        "README.md has no anchor `#nam`",
        (3, 72),
        "did you mean `#name`?",
    ),
    (
        "a folder is not there",
        "(docs/)",
        "(doc/)",
        "`doc/` is not there: the repository has no doc",
        (3, 89),
        "correct the link",
    ),
    (
        "a line beyond the end",
        "#L2",
        "#L3",
        "names line 3, and src/lib.rs has 2",
        (4, 1),
        "name a line that is there",
    ),
    (
        "bad percent-encoding",
        "a%20b.md",
        "a%2b%zz.md",
        "is not well percent-encoded",
        (4, 26),
        "as `%25`",
    ),
    (
        "an encoded name is misspelt",
        "a%20b.md",
        "a%20c.md",
        "the repository has no docs/a c.md",
        (4, 26),
        "did you mean `docs/a b.md`?",
    ),
    (
        "a path from the root is not there",
        "(/docs/guide.md)",
        "(/doc/guide.md)",
        "the repository has no doc/guide.md",
        (4, 55),
        "did you mean `docs/guide.md`?",
    ),
    (
        "a definition leads nowhere",
        "[ref]: docs/guide.md",
        "[ref]: docs/nothing.md",
        "the repository has no docs/nothing.md",
        (9, 1),
        "correct the link",
    ),
    (
        "a picture is not there",
        "![picture](docs/pic.png)",
        "![picture](docs/pick.png)",
        "`docs/pick.png` is not there",
        (5, 1),
        "did you mean `docs/pic.png`?",
    ),
    (
        "a picture in HTML is not there",
        "src=\"docs/pic.png\"",
        "src=\"docs/pick.png\"",
        "`docs/pick.png` is not there",
        (5, 26),
        "did you mean `docs/pic.png`?",
    ),
    (
        "it leaves the repository",
        "../../issues",
        "../other/x.md",
        "`../other/x.md` leaves the repository",
        (6, 1),
        "full web address",
    ),
    (
        "no page of a forge",
        "../../issues",
        "../../isues",
        "`../../isues` leaves the repository",
        (6, 1),
        "full web address",
    ),
    (
        "nothing is named",
        "(docs/)",
        "()",
        "a link names nothing",
        (3, 89),
        "write where it leads",
    ),
    (
        "behind a symbolic link there is no such file",
        "current/part.md",
        "current/port.md",
        "the repository has no docs/v1/port.md",
        (7, 1),
        "did you mean `docs/v1/part.md`?",
    ),
    (
        "a folder has no such anchor",
        "(docs#docs)",
        "(docs#dogs)",
        "docs/README.md has no anchor `#dogs`",
        (7, 58),
        "did you mean `#docs`?",
    ),
];

/// See `mutations.rs`.
pub(crate) const MUTATED: crate::mutations::Table = ("links", || MUTATIONS.len());

#[test]
fn every_change_of_the_rule_is_red() {
    let repo = tree();
    for (what, before, after, words, place, help) in MUTATIONS {
        assert!(README.contains(before), "{what}");
        repo.write("README.md", README.replacen(before, after, 1));
        let report = asked(&repo);
        assert_eq!(report.verdict, Verdict::Fail, "{what}: {report:#?}");
        assert_eq!(report.findings.len(), 1, "{what}: {report:#?}");
        let finding = &report.findings[0];
        assert!(
            finding.message.contains(words),
            "{what}: {}",
            finding.message
        );
        let at = finding.at.as_ref().unwrap();
        assert_eq!(at.path, "README.md", "{what}");
        assert_eq!(
            (at.line, at.column),
            (Some(place.0), Some(place.1)),
            "{what}"
        );
        assert!(
            finding.help.as_ref().unwrap().contains(help),
            "{what}: {finding:?}"
        );
    }
}

#[test]
fn what_git_does_not_have_is_missing_for_everybody_else() {
    let repo = tree();
    repo.write("README.md", "# Name\n\n[a](new.md) [b](out/x.md)\n")
        .write("new.md", "# New\n")
        .write("out/x.md", "# X\n");
    let report = asked(&repo);
    expect(&report, Verdict::Fail);
    assert_eq!(
        errors(&report),
        [
            "`new.md` is here and git does not know it, so nobody else has it",
            "`out/x.md` is here and ignored by git, so nobody else has it",
        ]
    );
    assert_eq!(
        report.findings[0].help.as_deref(),
        Some("run `git add new.md`")
    );
    // In a release the planned files are about to be committed.
    repo.write("README.md", "# Name\n\n[a](new.md)\n");
    let planned = candidate(cx(&repo), "1.0.0", &["new.md"]);
    expect(&ask(&planned, "links"), Verdict::Pass);
    // And a file that is gone from the tree is gone.
    repo.git(&["add", "new.md"]);
    expect(&asked(&repo), Verdict::Pass);
    repo.remove("new.md");
    assert_eq!(errors(&asked(&repo)), ["`new.md` is not there"]);
}

#[test]
fn symbolic_links_are_followed_as_far_as_the_repository_goes() {
    let repo = tree();
    let link = |target: &str, name: &str| {
        std::os::unix::fs::symlink(target, repo.root().join(name)).unwrap();
    };
    link("../elsewhere.md", "out.md");
    link("circle.md", "circle.md");
    link("docs/guide.md", "GUIDE.md");
    repo.write(
        "README.md",
        "# Name\n\n[a](out.md)\n[b](circle.md)\n[c](GUIDE.md#second-part)\n",
    )
    .commit("x");
    let report = asked(&repo);
    assert_eq!(
        errors(&report)[..2],
        [
            "`out.md` leaves the repository",
            "`circle.md` runs in a circle of symbolic links"
        ]
    );
    assert_eq!(errors(&report).len(), 2, "{report:#?}");
}

#[test]
fn pages_that_a_generator_makes_are_warnings_and_drafts_are_none() {
    let repo = tree();
    repo.write("docs/SUMMARY.md", "- [draft]()\n- [made](guide.html#guide)\n- [folder](./index.html)\n- [none](nothing.html)\n")
        .commit("x");
    let report = asked(&repo);
    assert_eq!(
        errors(&report),
        ["`nothing.html` is not there: the repository has no docs/nothing.html"]
    );
    assert_eq!(
        said(&report, Severity::Warning),
        [
            "`guide.html#guide` is not there; a site generator may make it from docs/guide.md",
            "`./index.html` is not there; a site generator may make it from docs/README.md",
        ]
    );
}

#[test]
fn the_case_of_an_anchor_and_a_label_without_definition_are_warnings() {
    let repo = tree();
    repo.write(
        "docs/guide.md",
        format!("{GUIDE}\n[x](#Second-Part) [the text][nowhere]\n"),
    );
    let report = asked(&repo);
    expect(&report, Verdict::Warn);
    assert_eq!(
        said(&report, Severity::Warning),
        [
            "the label `nowhere` has no definition, so this is no link",
            "the anchor of `#Second-Part` differs in its case from `#second-part`",
        ]
    );
}

#[test]
fn settings_choose_documents_and_targets() {
    let repo = tree();
    repo.write("docs/old/x.md", "[a](gone.md)\n")
        .write("docs/y.md", "[a](/api/b.html) [c]({{url}}/d)\n")
        .commit("x");
    expect(&asked(&repo), Verdict::Fail);
    let config = "[gates.links]\nexclude = [\"docs/old/**\"]\nignore = [\"/api/**\"]";
    let report = ask(&cx_with(&repo, config), "links");
    expect(&report, Verdict::Pass);
    assert_eq!(
        (
            &report.evidence["ignored"],
            &report.evidence["templates_not_asked"]
        ),
        (&1.into(), &1.into())
    );
    let report = ask(
        &cx_with(&repo, "[gates.links]\nfiles = [\"doc/*.md\"]"),
        "links",
    );
    expect(&report, Verdict::Fail);
    assert!(errors(&report)[0].contains("matches no document"));
}

#[test]
fn without_documents_it_is_skipped_and_without_git_unknown() {
    let repo = Repo::empty();
    repo.write("a.txt", "x").commit("x");
    expect(&asked(&repo), Verdict::Skipped);
    let repo = tree();
    unknown(
        &ask(&cx_where(&repo, &[], &[]), "links"),
        "program not found: `git",
    );
    unknown(
        &ask(&cx_where(&repo, &[], &[("git", "exit 70")]), "links"),
        "git ls-files",
    );
    let rubbish =
        "case \"$*\" in *stage*) echo rubbish;; *deleted*) ;; *) printf 'README.md\\0';; esac";
    unknown(
        &ask(&cx_where(&repo, &[], &[("git", rubbish)]), "links"),
        "no entry of an index",
    );
    // It is known and cannot be read.
    let locked = tree();
    locked.remove("docs/a b.md");
    locked.write("docs/a b.md/x", "a folder");
    unknown(&asked(&locked), "a b.md");
}

#[test]
fn pages_of_a_site_are_followed_as_its_generator_does() {
    let repo = Repo::empty();
    let target = "`/guide/start.md` [a](/guide/start.md) [b](/guide/start) [c](/guide/start.html) [d](/logo.png)\n\
                  [e](guide/#Two-Parts-3-x-4-x) [f](./guide/start#own) [g](guide/index.md#$third) [h](/guide/)\n";
    repo.write("site/.vitepress/config.ts", "export default {}\n")
        .write("site/index.md", target)
        .write("site/public/logo.png", "x")
        .write(
            "site/guide/index.md",
            "# Two Parts 3.x/4.x\n\n## $third\n\n## 4 %{#fourth}%\n\n[up](../index) [it](#fourth)\n",
        )
        .write("site/guide/start.md", "# A title of its own {#own}\n");
    repo.commit("docs: a site");
    let report = asked(&repo);
    expect(&report, Verdict::Pass);
    assert!(report.findings.is_empty(), "{report:#?}");
    assert_eq!(report.evidence["links"], 10);
    for (link, words) in [
        ("/guide/end", "`/guide/end` is not there"),
        (
            "/site/guide/start#title",
            "`/site/guide/start#title` is not there",
        ),
        ("guide/#two-parts", "has no anchor `#two-parts`"),
        (
            "guide/start#a-title-of-its-own",
            "has no anchor `#a-title-of-its-own`",
        ),
    ] {
        repo.write("site/index.md", format!("[x]({link})\n"));
        let report = asked(&repo);
        expect(&report, Verdict::Fail);
        assert!(errors(&report)[0].contains(words), "{report:#?}");
    }
    // Without the generator none of its ways leads anywhere.
    repo.write("site/index.md", target);
    repo.git(&["rm", "--quiet", "site/.vitepress/config.ts"]);
    let report = asked(&repo);
    expect(&report, Verdict::Fail);
    assert_eq!(report.evidence["broken"], 9, "{report:#?}");
}
