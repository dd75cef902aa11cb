//! Cargo, with packages from everywhere, and without a network.

use testkit::Repo;
use world::{Cmd, Setup, World};

use super::{Made, made, names, short};

/// A crate `main` that needs one from git, one from a path outside of the workspace under another name, one to build and one
/// to test; and a private sibling.
fn repo() -> Repo {
    let repo = Repo::empty();
    let other = repo.outside().join("other");
    repo.write("../other/Cargo.toml", "[package]\nname = \"of-git\"\nversion = \"2.0.0\"\nedition = \"2021\"\nlicense = \"MIT/Apache-2.0\"\n")
        .write("../other/src/lib.rs", "");
    repo.git_in(&other, &["init", "--quiet", "--initial-branch=main"]);
    repo.git_in(&other, &["add", "--all"]);
    repo.git_in(&other, &["commit", "--quiet", "--message", "feat: x"]);
    let package = |name: &str, more: &str| {
        format!("[package]\nname = \"{name}\"\nversion = \"0.9.0\"\nedition = \"2021\"\n{more}")
    };
    let main = format!(
        "license = \"MIT\"\nauthors = [\"dev <dev@example.com>\"]\nrepository = \"https://forge.example/team/main\"\n\n[dependencies]\nof-git = {{ git = \"file://{}\" }}\nanother = {{ package = \"by-path\", path = \"../vendor/by-path\" }}\n\n\
         [target.'cfg(windows)'.dependencies]\nsibling = {{ path = \"../sibling\" }}\n\n[build-dependencies]\nbuilds = {{ path = \"../vendor/builds\" }}\n\n[dev-dependencies]\ntests = {{ path = \"../vendor/tests\" }}\n",
        other.display()
    );
    repo.write("Cargo.toml", "[workspace]\nresolver = \"2\"\nmembers = [\"main\", \"sibling\"]\nexclude = [\"vendor\"]\n")
        .write("main/Cargo.toml", package("main", &main))
        .write("main/src/main.rs", "fn main() {}\n")
        .write("sibling/Cargo.toml", package("sibling", "publish = false\nlicense-file = \"../TERMS\"\n"))
        .write("sibling/src/lib.rs", "");
    for name in ["by-path", "builds", "tests"] {
        repo.write(&format!("vendor/{name}/Cargo.toml"), package(name, ""))
            .write(&format!("vendor/{name}/src/lib.rs"), "");
    }
    cargo(&repo, &["fetch"]);
    repo.commit("feat: the beginning");
    repo
}

fn cargo(repo: &Repo, args: &[&str]) -> String {
    let world = World::new(Setup {
        env: repo.env(),
        ..Setup::default()
    });
    // To cargo a repository beside it is network too.
    let cmd = Cmd::new(repo.root(), "cargo")
        .args(args)
        .env("CARGO_NET_OFFLINE", "false");
    world.ask(&cmd).unwrap().success().unwrap().text()
}

fn one(repo: &Repo) -> Made {
    made(repo, "0.9.0", "").unwrap()
}

#[test]
fn packages_from_everywhere_are_named_and_no_path_of_the_machine() {
    let repo = repo();
    let made = one(&repo);
    assert_eq!(names(&made), ["main-0.9.0.cdx.json"].into());
    let document = &made.documents["main-0.9.0.cdx.json"];
    let commit = repo.git_in(&repo.outside().join("other"), &["rev-parse", "HEAD"]);
    assert_eq!(
        short(document),
        [
            "pkg:cargo/main@0.9.0 - - MIT".to_owned(),
            "pkg:cargo/builds@0.9.0 excluded - -".to_owned(),
            "pkg:cargo/by-path@0.9.0 required - -".to_owned(),
            format!("pkg:generic/of-git@2.0.0?commit={commit} required - MIT OR Apache-2.0"),
            "pkg:generic/sibling@0.9.0 required - see TERMS".to_owned(),
        ]
    );
    assert_eq!(document["metadata"]["component"]["type"], "application");
    assert_eq!(
        document["metadata"]["component"]["authors"][0]["email"],
        "dev@example.com"
    );
    assert_eq!(
        document["components"][1]["properties"][0]["value"],
        "vendor/by-path"
    );
    assert_eq!(document["metadata"]["timestamp"], "2026-02-03T04:05:06Z");
    for text in made.texts.values() {
        for private in [repo.outside().to_str().unwrap(), "/home", "file:"] {
            assert!(!text.contains(private), "{private} in {text}");
        }
    }
    // What cargo itself lists, less what is for tests alone.
    let tree = cargo(
        &repo,
        &[
            "tree",
            "-p",
            "main",
            "-e",
            "normal,build",
            "--target",
            "all",
            "--prefix",
            "none",
            "--offline",
            "--format",
            "{p}",
        ],
    );
    let listed: std::collections::BTreeSet<&str> = tree
        .lines()
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert_eq!(
        listed,
        ["main", "builds", "by-path", "of-git", "sibling"].into()
    );
    assert_eq!(
        archive::sbom::root(made.texts["main-0.9.0.cdx.json"].as_bytes())
            .unwrap()
            .1,
        "0.9.0"
    );
}

#[test]
fn another_folder_and_another_order_of_members_give_the_same_bytes() {
    let (first, second) = (Repo::cargo_workspace(), Repo::cargo_workspace());
    let text = second.read("Cargo.toml");
    second.write(
        "Cargo.toml",
        text.replace(
            "[\"crates/*\"]",
            "[\"crates/tool\", \"crates/core\", \"crates/app\"]",
        ),
    );
    let home = second.outside().join("another-cargo-home");
    let out = second.outside().join("out");
    let mut env = second.env();
    env.retain(|(key, _)| key != "CARGO_HOME");
    env.push(("CARGO_HOME".into(), home.into()));
    let other = super::make(env, second.root(), &out, "0.9.0", "").unwrap();
    let first = one(&first);
    // `tool` has its own version, and is not released.
    assert_eq!(
        names(&first),
        ["app-0.9.0.cdx.json", "core-part-0.9.0.cdx.json"].into()
    );
    assert_eq!(first.texts, other.texts);
    let project = made(&second, "0.9.0", "[sbom]\nper = \"project\"").unwrap();
    assert_eq!(
        short(&project.documents["the-project-0.9.0.cdx.json"]),
        [
            "pkg:generic/the-project@0.9.0 - - -",
            "pkg:cargo/app@0.9.0 required - MIT",
            "pkg:cargo/core-part@0.9.0 required - MIT",
            "pkg:cargo/tool@0.3.1 required - MIT",
        ]
    );
    assert!(
        made(&second, "0.9.0", "[sbom]\nper = \"none\"")
            .unwrap()
            .assets
            .is_empty()
    );
}

#[test]
fn what_cannot_be_looked_at_is_an_error_with_help_or_is_said() {
    let error = |repo: &Repo| format!("{:#}", made(repo, "0.9.0", "").err().expect("an error"));
    let repo = Repo::cargo_single();
    repo.write("Cargo.lock", "version = 4\n\n[[package]]\nname = 1\n");
    let text = error(&repo);
    assert!(text.contains("Cargo.lock, line 4, column 8"), "{text}");
    repo.write(
        "Cargo.lock",
        "version = 4\n\n[[package]]\nname = \"other\"\nversion = \"1.0.0\"\n",
    );
    let text = error(&repo);
    assert!(text.contains("cargo update --workspace"), "{text}");
    // Not the version of the release.
    let text = format!(
        "{:#}",
        made(&Repo::cargo_single(), "1.0.0", "").err().unwrap()
    );
    assert!(text.contains("Cargo.toml says 0.9.0"), "{text}");
    // No cargo at all.
    let repo = Repo::cargo_single();
    let out = repo.outside();
    let env = repo.env_with(&["git"], &[]);
    let text = super::make(env, repo.root(), &out, "0.9.0", "")
        .err()
        .unwrap();
    let text = format!("{text:#}");
    assert!(
        text.contains("per = \"none\"") && text.contains("cargo"),
        "{text}"
    );
    // No lock file: nothing is invented, and that is said.
    repo.remove("Cargo.lock");
    let without = one(&repo);
    assert!(without.assets.is_empty());
    assert!(
        without.notes[0].contains("no SBOM: Cargo.lock is not part"),
        "{:?}",
        without.notes
    );
    let empty = one(&Repo::empty());
    assert!(
        empty.assets.is_empty() && empty.notes[0].contains("neither"),
        "{:?}",
        empty.notes
    );
}
