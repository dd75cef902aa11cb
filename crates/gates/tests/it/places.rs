//! Discovery of version places, and what a new version changes; also what a project is called and where it is released.

use gates::places::{Change, ChangeKind, Outcome, Places, changes, discover, prove};
use gates::project;
use testkit::{Repo, real_program};
use world::git::Git;

use crate::fixture::{cx, cx_beside, cx_with, world};

fn found(repo: &Repo, config: &str) -> Places {
    let cx = cx_with(repo, config);
    discover(&cx.world, &cx.root, &cx.config).unwrap()
}

fn refused(repo: &Repo, config: &str) -> String {
    let cx = cx_with(repo, config);
    format!(
        "{:#}",
        discover(&cx.world, &cx.root, &cx.config).unwrap_err()
    )
}

fn set(repo: &Repo, config: &str, version: &str) -> anyhow::Result<Vec<Change>> {
    let cx = cx_with(repo, config);
    let places = discover(&cx.world, &cx.root, &cx.config)?;
    changes(&cx.world, &cx.root, &cx.config, &places, &version.parse()?)
}

/// Paths that would change, with how many places.
fn touched(changes: &[Change]) -> Vec<(&str, usize)> {
    changes
        .iter()
        .filter(|change| change.kind != ChangeKind::Same)
        .map(|change| (change.path.as_str(), change.places.len()))
        .collect()
}

fn text<'a>(changes: &'a [Change], path: &str) -> &'a str {
    let change = changes.iter().find(|change| change.path == path).unwrap();
    std::str::from_utf8(&change.contents).unwrap()
}

#[test]
fn a_cargo_workspace_keeps_what_has_its_own_version_and_lets_it_follow() {
    let repo = Repo::cargo_workspace();
    let before = repo.fingerprint();
    let places = found(&repo, "");
    assert_eq!(places.current, Some("0.9.0".parse().unwrap()));
    assert_eq!(
        places.packages.iter().collect::<Vec<_>>(),
        ["app", "core-part"]
    );
    assert_eq!(
        places.left_alone,
        [(
            "crates/tool/Cargo.toml".to_owned(),
            "has its own version 0.3.1".to_owned()
        )]
    );
    let changes = set(&repo, "", "1.0.0-mvp").unwrap();
    assert_eq!(
        touched(&changes),
        [
            ("Cargo.lock", 2),
            ("Cargo.toml", 2),
            ("VERSION", 1),
            ("crates/tool/Cargo.toml", 1)
        ]
    );
    let tool = text(&changes, "crates/tool/Cargo.toml");
    assert!(tool.contains("version = \"0.3.1\""), "{tool}");
    assert!(tool.contains("version = \"1.0.0-mvp\" }"), "{tool}");
    assert_eq!(
        before.difference(&repo.fingerprint()),
        Vec::<String>::new(),
        "nothing is written"
    );
}

#[test]
fn cargo_agrees_with_what_was_set_and_a_second_time_changes_nothing() {
    let repo = Repo::cargo_workspace();
    for change in set(&repo, "", "1.0.0-mvp").unwrap() {
        repo.write(&change.path, &change.contents);
    }
    let cmd = world::cmd!(
        repo.root(),
        "cargo metadata --locked --offline --format-version=1"
    );
    world(repo.env()).answer(&cmd).unwrap();
    assert_eq!(touched(&set(&repo, "", "1.0.0-mvp").unwrap()), []);
}

#[test]
fn texts_and_a_new_version_file_are_part_of_it() {
    let repo = Repo::cargo_single();
    repo.remove("VERSION");
    assert_eq!(
        touched(&set(&repo, "", "0.9.1").unwrap()),
        [("Cargo.lock", 1), ("Cargo.toml", 1)]
    );
    let config = "[version]\ncreate_file = true\n[[version.text]]\npath = \"README.md\"";
    let changes = set(&repo, config, "0.9.1").unwrap();
    assert_eq!(
        touched(&changes),
        [
            ("Cargo.lock", 1),
            ("Cargo.toml", 1),
            ("README.md", 1),
            ("VERSION", 1)
        ]
    );
    assert_eq!(text(&changes, "VERSION"), "0.9.1\n");
    assert_eq!(text(&changes, "README.md"), "# Single\n\nVersion: 0.9.1\n");
    let kind = |path: &str| {
        changes
            .iter()
            .find(|change| change.path == path)
            .unwrap()
            .kind
    };
    assert_eq!(kind("VERSION"), ChangeKind::Create);
}

#[test]
fn a_text_without_its_version_is_an_error_that_names_it() {
    let repo = Repo::cargo_single();
    repo.write("README.md", "nothing here\n");
    let error = set(&repo, "[[version.text]]\npath = \"README.md\"", "1.0.0").unwrap_err();
    let error = format!("{error:#}");
    assert!(
        error.contains("README.md: the pattern") && error.contains("matches nothing"),
        "{error}"
    );
    let error = set(&repo, "[[version.text]]\npath = \"GONE.md\"", "1.0.0").unwrap_err();
    assert!(error.to_string().contains("there is no GONE.md"), "{error}");
    let places = found(&repo, "[[version.text]]\npath = \"GONE.md\"\nmin = 0");
    assert_eq!(places.left_alone[0].0, "GONE.md");
}

#[test]
fn a_file_that_is_manifest_and_text_is_changed_once() {
    let repo = Repo::cargo_single();
    let manifest = repo.read("Cargo.toml") + "# badge 0.9.0\n";
    repo.write("Cargo.toml", manifest);
    let config = "[[version.text]]\npath = \"Cargo.toml\"\npattern = 'badge (?<version>\\S+)'";
    let changes = set(&repo, config, "1.0.0").unwrap();
    let new = text(&changes, "Cargo.toml");
    assert!(
        new.contains("version = \"1.0.0\"") && new.contains("# badge 1.0.0"),
        "{new}"
    );
    assert_eq!(
        changes
            .iter()
            .filter(|change| change.path == "Cargo.toml")
            .count(),
        1
    );
}

#[test]
fn npm_and_pnpm_workspaces_are_found_as_their_files_say() {
    let places = found(&Repo::npm(), "");
    assert_eq!(
        places.packages.iter().collect::<Vec<_>>(),
        ["@fixture/one", "@fixture/root", "@fixture/two"]
    );
    let changes = set(&Repo::npm(), "", "1.0.0-mvp").unwrap();
    assert_eq!(
        touched(&changes)
            .iter()
            .map(|(path, _)| *path)
            .collect::<Vec<_>>(),
        [
            "package-lock.json",
            "package.json",
            "packages/one/package.json",
            "packages/two/package.json"
        ]
    );
    let lock = text(&changes, "package-lock.json");
    assert!(!lock.contains("0.9.0"), "{lock}");
    let places = found(&Repo::pnpm(), "");
    assert_eq!(places.packages.iter().collect::<Vec<_>>(), ["one", "two"]);
    assert_eq!(places.current, Some("0.9.0".parse().unwrap()));
}

/// A range of the workspace, a plain one of a linked package, an override, and a stranger.
fn with_ranges() -> Repo {
    let repo = Repo::pnpm();
    let root = "{\n  \"name\": \"root\",\n  \"private\": true,\n  \"pnpm\": { \"overrides\": { \"two>three\": \"workspace:^0.9.0\" } }\n}\n";
    let package = |name: &str, needs: &str| {
        let text = format!(
            "{{\n  \"name\": \"{name}\",\n  \"version\": \"0.9.0\",\n  \"dependencies\": {{ {needs} }}\n}}\n"
        );
        repo.write(&format!("packages/{name}/package.json"), text);
    };
    package("two", "\"one\": \"workspace:^0.9.0\"");
    package(
        "three",
        "\"one\": \"^0.9.0\", \"uno\": \"workspace:one@~0.9.0\"",
    );
    let lock = "lockfileVersion: '9.0'\n\nsettings:\n  autoInstallPeers: true\n  excludeLinksFromLockfile: false\n\noverrides:\n  two>three: workspace:^0.9.0\n\nimporters:\n\n  .: {}\n\n  packages/one: {}\n\n  packages/three:\n    dependencies:\n      one:\n        specifier: ^0.9.0\n        version: link:../one\n      uno:\n        specifier: workspace:one@~0.9.0\n        version: link:../one\n\n  packages/two:\n    dependencies:\n      one:\n        specifier: workspace:^0.9.0\n        version: link:../one\n";
    repo.write("package.json", root)
        .write(".npmrc", "link-workspace-packages=true\n")
        .write("pnpm-lock.yaml", lock)
        .commit("feat: ranges");
    repo
}

#[test]
fn real_pnpm_takes_a_lock_file_that_followed() {
    let Some(pnpm) = real_program("pnpm") else {
        return;
    };
    let repo = with_ranges();
    let cx = cx_beside(&repo, "", &pnpm, &[]);
    let places = || discover(&cx.world, &cx.root, &cx.config).unwrap();
    let of_pnpm = |version: &str| {
        let version = version.parse().unwrap();
        let proofs = prove(&cx.world, &cx.root, &cx.config, &places(), &version).unwrap();
        let about_lock = |what: &str| what.contains("pnpm-lock.yaml");
        let mut proofs = proofs.into_iter().filter(|proof| about_lock(&proof.what));
        proofs.next().unwrap().outcome
    };
    assert_eq!(of_pnpm("0.9.0"), Outcome::Held, "so it is before");
    let old = repo.read("pnpm-lock.yaml");
    let changes = set(&repo, "", "1.0.0-mvp").unwrap();
    for change in &changes {
        repo.write(&change.path, &change.contents);
    }
    let new = repo.read("pnpm-lock.yaml");
    assert_eq!(new, old.replace("0.9.0", "1.0.0-mvp"));
    assert_eq!(of_pnpm("1.0.0-mvp"), Outcome::Held);
    // With any of the places as it was, it is refused.
    let lock = changes
        .iter()
        .find(|change| change.path == "pnpm-lock.yaml");
    assert_eq!(lock.unwrap().places.len(), 4);
    for (index, (was, is)) in old.lines().zip(new.lines()).enumerate() {
        if was != is {
            let mut lines: Vec<&str> = new.lines().collect();
            lines[index] = was;
            repo.write("pnpm-lock.yaml", lines.join("\n") + "\n");
            let outcome = of_pnpm("1.0.0-mvp");
            assert!(
                matches!(&outcome, Outcome::Broken(why) if why.contains("ERR_PNPM")),
                "{was}: {outcome:?}"
            );
        }
    }
}

#[test]
fn a_lock_file_of_pnpm_that_git_does_not_know_is_left_alone() {
    let repo = with_ranges();
    repo.git(&["rm", "--quiet", "--cached", "pnpm-lock.yaml"]);
    let changes = set(&repo, "", "1.0.0-mvp").unwrap();
    assert!(changes.iter().all(|change| change.path != "pnpm-lock.yaml"));
}

#[test]
fn excluded_packages_keep_their_version() {
    let places = found(&Repo::pnpm(), "[version]\nexclude = [\"packages/t*\"]");
    assert_eq!(places.packages.iter().collect::<Vec<_>>(), ["one"]);
    assert_eq!(places.left_alone[0].1, "left out by version.exclude");
}

#[test]
fn packages_that_agree_on_nothing_are_listed() {
    let repo = Repo::pnpm();
    repo.write(
        "packages/two/package.json",
        "{\"name\": \"two\", \"version\": \"0.8.0\"}",
    );
    let error = refused(&repo, "");
    assert!(
        error.contains("0.8.0 in packages/two/package.json; 0.9.0 in packages/one/package.json"),
        "{error}"
    );
    let places = found(&repo, "[version]\nexclude = [\"packages/two\"]");
    assert_eq!(places.current, Some("0.9.0".parse().unwrap()));
}

#[test]
fn a_member_outside_of_the_repository_is_refused() {
    let repo = Repo::cargo_workspace();
    let outside = repo.outside().join("stranger");
    let text = "[package]\nname = \"stranger\"\nversion = \"0.9.0\"\nworkspace = \"../repo\"\n";
    repo.write("../stranger/Cargo.toml", text);
    repo.write("../stranger/src/lib.rs", "");
    let manifest = repo
        .read("Cargo.toml")
        .replace("\"crates/*\"", "\"crates/*\", \"../stranger\"");
    repo.write("Cargo.toml", manifest);
    let error = refused(&repo, "");
    assert!(
        error.contains("stranger") && error.contains("outside of the repository"),
        "{error}"
    );
    assert!(outside.is_dir());
}

#[test]
fn an_untracked_lock_file_is_left_alone() {
    let repo = Repo::cargo_single();
    repo.git(&["rm", "--quiet", "--cached", "Cargo.lock"]);
    assert!(
        !found(&repo, "")
            .files
            .iter()
            .any(|file| file.path == "Cargo.lock")
    );
}

#[test]
fn the_release_branch_is_configured_or_the_remotes_or_found() {
    let branch = |repo: &Repo, config: &str| {
        let cx = cx_with(repo, config);
        project::default_branch(&Git::new(&cx.world, &cx.root), &cx.config).unwrap()
    };
    let repo = Repo::cargo_single().with_remote();
    repo.git(&["switch", "--quiet", "--create", "topic"]);
    assert_eq!(branch(&repo, "[release]\nbranch = \"stable\""), "stable");
    assert_eq!(branch(&repo, ""), "main");
    repo.git(&["branch", "--quiet", "--move", "main", "trunk"]);
    repo.git(&["update-ref", "-d", "refs/remotes/origin/main"]);
    assert_eq!(branch(&repo, ""), "topic");
    repo.git(&["branch", "master"]);
    assert_eq!(branch(&repo, ""), "master");
    repo.git(&[
        "symbolic-ref",
        "refs/remotes/origin/HEAD",
        "refs/remotes/origin/develop",
    ]);
    assert_eq!(branch(&repo, ""), "develop");
}

#[test]
fn the_name_is_configured_or_the_manifests_or_the_remotes_or_the_folders() {
    let name = |repo: &Repo, config: &str| {
        let cx = cx_with(repo, config);
        project::name(&cx.world, &cx.root, &cx.config)
    };
    let single = Repo::cargo_single();
    assert_eq!(name(&single, "[project]\nname = \"other\""), "other");
    assert_eq!(name(&single, ""), "single");
    assert_eq!(name(&Repo::npm(), ""), "root");
    let workspace = Repo::cargo_workspace();
    assert_eq!(name(&workspace, ""), "repo");
    assert_eq!(name(&workspace.with_remote(), ""), "remote");
    assert_eq!(cx(&single).config.release.remote, "origin");
}

#[test]
fn the_manager_is_declared_or_told_by_its_lock_file() {
    use project::NodeManager::{Npm, Pnpm, Yarn};
    let repo = Repo::empty();
    assert_eq!(project::detect(repo.root()).node, None);
    repo.write("package.json", "{}");
    assert_eq!(project::detect(repo.root()).node, Some(Npm));
    repo.write("yarn.lock", "");
    assert_eq!(project::detect(repo.root()).node, Some(Yarn));
    repo.write("pnpm-lock.yaml", "");
    assert_eq!(project::detect(repo.root()).node, Some(Pnpm));
    repo.write(
        "package.json",
        "{\"packageManager\": \"npm@10.0.0+sha512.abc\"}",
    );
    assert_eq!(project::detect(repo.root()).node, Some(Npm));
}

#[test]
fn charts_and_projects_of_python_carry_the_version_that_they_have_already() {
    let repo = Repo::cargo_workspace();
    let chart = |version: &str| format!("apiVersion: v2\nname: app\nversion: {version}\n");
    repo.write("charts/app/Chart.yaml", chart("0.9.0"));
    repo.write("charts/other/Chart.yaml", chart("4.1.0"));
    repo.write("charts/template/Chart.yaml", "version: {{ version }\n");
    let project =
        |version: &str| format!("[project]\nname = \"bindings\"\nversion = \"{version}\"\n");
    repo.write("python/pyproject.toml", project("0.9.0"));
    repo.write("fixtures/pyproject.toml", project("0.9.0"));
    repo.write("tools/pyproject.toml", "[tool.ruff]\n");
    repo.commit("feat: packages for others");
    repo.write("untracked/pyproject.toml", project("0.9.0"));
    let config = "[version]\nexclude = [\"fixtures/**\"]";
    let places = found(&repo, config);
    let left: Vec<(&str, &str)> = places
        .left_alone
        .iter()
        .map(|(path, reason)| (path.as_str(), reason.as_str()))
        .collect();
    assert_eq!(left.len(), 4, "{left:?}");
    assert!(left.contains(&("charts/other/Chart.yaml", "has its own version 4.1.0")));
    assert!(left.contains(&("fixtures/pyproject.toml", "left out by version.exclude")));
    assert!(
        left.iter()
            .any(|(path, reason)| *path == "charts/template/Chart.yaml"
                && reason.starts_with("cannot be read: "))
    );
    let changes = set(&repo, config, "0.10.0").unwrap();
    assert_eq!(text(&changes, "charts/app/Chart.yaml"), chart("0.10.0"));
    assert_eq!(text(&changes, "python/pyproject.toml"), project("0.10.0"));
    assert!(
        !changes
            .iter()
            .any(|change| change.path.starts_with("untracked"))
    );
    let alone = Repo::empty();
    alone.write("pyproject.toml", project("1.2.0"));
    alone.commit("feat: nothing but Python");
    assert_eq!(found(&alone, "").current, Some("1.2.0".parse().unwrap()));
    assert_eq!(
        touched(&set(&alone, "", "1.3.0").unwrap()),
        [("pyproject.toml", 1)]
    );
}
