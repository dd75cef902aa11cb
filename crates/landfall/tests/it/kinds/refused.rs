//! What is declared and cannot be made: said with its place, and nothing is left behind.

use testkit::Repo;

use super::ungated;
use crate::run::{FAST, VERSION, candidate, landfall, mine, ready};

#[test]
fn names_that_collide_are_refused_before_anything_is_built() {
    let repo = Repo::cargo_workspace();
    let clash = "[[artifact]]\nkind = \"package\"\n[[artifact]]\nname = \"APP-{version}.crate\"\nkind = \"file\"\npath = \"README.md\"\n";
    let repo = ready(repo, &format!("{FAST}{clash}"));
    landfall(&repo, &["plan", VERSION])
        .exits(1)
        .says("two assets are called `APP-1.0.0-mvp.crate`");
    let own = "[[artifact]]\nkind = \"package\"\npackage = \"tool\"\n";
    repo.write("release.toml", format!("{FAST}{own}"));
    landfall(&repo, &["plan", VERSION])
        .exits(1)
        .says("the package tool has a version of its own, 0.3.1, and 1.0.0-mvp is released");
    let unknown = "[[artifact]]\nkind = \"package\"\npackage = \"nothing\"\n";
    repo.write("release.toml", format!("{FAST}{unknown}"));
    landfall(&repo, &["plan", VERSION])
        .exits(1)
        .says("that may be: app, core-part, tool");
}

/// What is declared, what is put into the repository for it, the exit code and what is said.
type Refused = (&'static str, Files, i32, &'static [&'static str]);

type Files = &'static [(&'static str, &'static str)];

const REFUSED: &[Refused] = &[
    (
        "name = \"a.tgz\"\nkind = \"files\"\nfiles = [\"**\"]\nbuild = [\"mkdir\", \"-p\", \"empty\"]\nrequired = [\"empty\", \"broken\", \"src/lib.rs\"]\n",
        &[],
        1,
        &["empty, broken are required and are not there"],
    ),
    (
        "name = \"a.tgz\"\nkind = \"files\"\nfiles = [\"src/**\", \"outside\"]\n",
        &[],
        2,
        &["`outside` points to `../../..`, out of the archive"],
    ),
    (
        "name = \"a.txt\"\nkind = \"file\"\npath = \"made.txt\"\n",
        &[],
        1,
        &["made.txt is not there", "no `build` has run"],
    ),
    (
        "name = \"a.tgz\"\nkind = \"terraform\"\nfolder = \"infra\"\n",
        &[
            ("infra/main.tf", "# nothing\n"),
            ("infra/terraform.tfstate", "{}\n"),
            ("infra/prod.tfvars", "a = 1\n"),
            (
                "infra/scripts/x.txt",
                "-----BEGIN OPENSSH PRIVATE KEY-----\n",
            ),
        ],
        1,
        &[
            "infra/terraform.tfstate: a state",
            "infra/prod.tfvars: values",
            "infra/scripts/x.txt: it holds a private key",
        ],
    ),
    (
        "name = \"a.tgz\"\nkind = \"source\"\n",
        &[
            (".gitattributes", "src/version.txt export-subst\n"),
            (
                "src/version.txt",
                "commit $Format:%H$\nrefs = $Format:%d$\n",
            ),
        ],
        1,
        &["src/version.txt:2:16: `%d` of `export-subst`"],
    ),
    (
        "name = \"a.tgz\"\nkind = \"source\"\nrequired = [\"docs/x.md\"]\n",
        &[
            (".gitattributes", "docs export-ignore\n"),
            ("docs/x.md", "x\n"),
        ],
        1,
        &["docs/x.md is required, and docs is `export-ignore`"],
    ),
    (
        "name = \"a-{target}\"\nkind = \"binaries\"\ntargets = [\"aarch64-unknown-none-softfloat\"]\n",
        &[],
        2,
        &["rustup target add aarch64-unknown-none-softfloat"],
    ),
];

#[test]
fn what_a_repository_does_not_fulfil_is_said_and_leaves_nothing() {
    for (declared, put, exit, says) in REFUSED {
        let repo = Repo::cargo_single();
        for (path, text) in *put {
            repo.write(path, text);
        }
        for (link, to) in [("broken", "nowhere"), ("outside", "../../..")] {
            std::os::unix::fs::symlink(to, repo.root().join(link)).unwrap();
        }
        let repo = ready(repo, &ungated(&format!("[[artifact]]\n{declared}")));
        let before = mine(&repo);
        let run = landfall(&repo, &["artifacts", "build", VERSION]);
        run.exits(*exit);
        for text in *says {
            run.says(text);
        }
        assert_eq!(mine(&repo), before);
        assert!(!candidate(&repo).exists(), "{run}");
    }
}
