//! Groups: which package is in which, what follows from a new version of one of them, and the release before.

use std::collections::BTreeSet;
use std::sync::Arc;

use gates::places::{Change, ChangeKind, Part, changes, survey};
use gates::tags::Tags;
use gates::{Cx, Severity, Verdict};
use testkit::Repo;

use crate::fixture::{ask, cx, cx_with, said, world};

pub(crate) const INDEPENDENT: &str = "[version]\nindependent = true";

fn parts(repo: &Repo, config: &str) -> Vec<Part> {
    let cx = cx_with(repo, config);
    let survey = survey(&cx.world, &cx.root, &cx.config).unwrap();
    survey.parts()
}

fn refused(repo: &Repo, config: &str) -> String {
    let cx = cx_with(repo, config);
    format!("{:#}", survey(&cx.world, &cx.root, &cx.config).unwrap_err())
}

/// What a new version of one group changes, with what is raised.
pub(crate) fn set(
    repo: &Repo,
    config: &str,
    group: &str,
    version: &str,
) -> (Vec<Change>, Vec<String>) {
    let cx = cx_with(repo, config);
    let places = survey(&cx.world, &cx.root, &cx.config)
        .unwrap()
        .places(group)
        .unwrap();
    let version = version.parse().unwrap();
    let changes = changes(&cx.world, &cx.root, &cx.config, &places, &version).unwrap();
    let raises = places.raises(&version);
    (changes, raises.iter().map(ToString::to_string).collect())
}

pub(crate) fn touched(changes: &[Change]) -> BTreeSet<&str> {
    let changed = changes
        .iter()
        .filter(|change| change.kind != ChangeKind::Same);
    changed.map(|change| change.path.as_str()).collect()
}

pub(crate) fn apply(repo: &Repo, changes: &[Change]) {
    for change in changes {
        repo.write(&change.path, &change.contents);
    }
}

pub(crate) fn krate(repo: &Repo, name: &str, version: &str, rest: &str) {
    let text = format!(
        "[package]\nname = \"{name}\"\nversion = \"{version}\"\nedition = \"2024\"\n{rest}"
    );
    repo.write(&format!("crates/{name}/Cargo.toml"), text);
    repo.write(&format!("crates/{name}/src/lib.rs"), "");
}

/// `core` ← `parser` ← `app`, and `tool`, which takes any `core`; all at 1.0.0.
fn chain() -> Repo {
    let repo = Repo::empty();
    repo.write(
        "Cargo.toml",
        "[workspace]\nresolver = \"3\"\nmembers = [\"crates/*\"]\n",
    );
    repo.write(".gitignore", "target\n");
    krate(&repo, "core-part", "1.0.0", "");
    let needs = |name: &str, requirement: &str| {
        format!(
            "\n[dependencies]\n{name} = {{ path = \"../{name}\", version = \"{requirement}\" }}\n"
        )
    };
    krate(&repo, "parser", "1.0.0", &needs("core-part", "1"));
    krate(&repo, "app", "1.0.0", &needs("parser", "=1.0.0"));
    krate(&repo, "tool", "1.0.0", &needs("core-part", ">=1, <9"));
    lock(&repo);
    repo.commit("feat: the beginning");
    repo
}

pub(crate) fn lock(repo: &Repo) {
    let cmd = world::cmd!(repo.root(), "cargo generate-lockfile --offline --quiet");
    world(repo.env()).answer(&cmd).unwrap();
}

pub(crate) fn cargo_accepts(repo: &Repo) {
    let cmd = world::cmd!(
        repo.root(),
        "cargo metadata --locked --offline --format-version=1"
    );
    world(repo.env()).answer(&cmd).unwrap();
}

#[test]
fn a_dependent_follows_when_its_requirement_no_longer_matches() {
    let repo = chain();
    let names: Vec<String> = parts(&repo, INDEPENDENT)
        .into_iter()
        .map(|part| part.name)
        .collect();
    assert_eq!(names, ["app", "core-part", "parser", "tool"]);
    let (quiet, raises) = set(&repo, INDEPENDENT, "core-part", "1.1.0");
    assert_eq!(raises, Vec::<String>::new());
    assert_eq!(
        touched(&quiet),
        BTreeSet::from(["Cargo.lock", "crates/core-part/Cargo.toml"]),
        "every requirement takes it, so nothing else changes"
    );
    let (loud, raises) = set(&repo, INDEPENDENT, "core-part", "2.0.0");
    assert_eq!(
        raises,
        [
            "app 1.0.0 → 1.0.1: app needs parser `=1.0.0`, which does not take 1.0.1",
            "parser 1.0.0 → 1.0.1: parser needs core-part `1`, which does not take 2.0.0",
        ]
    );
    assert_eq!(
        touched(&loud),
        BTreeSet::from([
            "Cargo.lock",
            "crates/app/Cargo.toml",
            "crates/core-part/Cargo.toml",
            "crates/parser/Cargo.toml"
        ])
    );
    apply(&repo, &loud);
    assert!(
        repo.read("crates/parser/Cargo.toml")
            .contains("version = \"2\" }")
    );
    assert!(
        repo.read("crates/app/Cargo.toml")
            .contains("version = \"=1.0.1\" }")
    );
    assert!(repo.read("crates/tool/Cargo.toml").contains(">=1, <9"));
    cargo_accepts(&repo);
    let (again, raises) = set(&repo, INDEPENDENT, "core-part", "2.0.0");
    assert_eq!((touched(&again), raises), (BTreeSet::new(), Vec::new()));
    let breaking = format!("{INDEPENDENT}\ndependents = \"breaking\"");
    let (_, raises) = set(&repo, &breaking, "core-part", "3.0.0");
    assert!(
        raises
            .iter()
            .any(|raise| raise.starts_with("parser 1.0.1 → 2.0.0")),
        "{raises:?}"
    );
}

#[test]
fn a_group_goes_together_and_the_rest_has_the_version_of_the_workspace() {
    let repo = Repo::cargo_workspace();
    let config = "[[group]]\nname = \"tools\"\npackages = [\"crates/to*\"]\nversion_file = \"crates/tool/VERSION\"\n";
    let parts = parts(&repo, config);
    let seen: Vec<(&str, String, Vec<&String>)> = parts
        .iter()
        .map(|part| {
            let version = part.version.as_ref().unwrap().to_string();
            (part.name.as_str(), version, part.packages.iter().collect())
        })
        .collect();
    let (core, app, tool) = ("core-part".to_owned(), "app".to_owned(), "tool".to_owned());
    assert_eq!(
        seen,
        [
            ("", "0.9.0".to_owned(), vec![&app, &core]),
            ("tools", "0.3.1".to_owned(), vec![&tool])
        ]
    );
    assert_eq!(parts[0].config.changelog.exclude, ["crates/tool/**"]);
    assert_eq!(parts[1].config.changelog.include, ["crates/tool/**"]);
    assert_eq!(parts[1].config.changelog.path, "crates/tool/CHANGELOG.md");
    let (changes, raises) = set(&repo, config, "", "0.10.0");
    assert_eq!(
        raises,
        ["tools 0.3.1 → 0.3.2: tool needs core-part `0.9`, which does not take 0.10.0"]
    );
    apply(&repo, &changes);
    assert_eq!(repo.read("crates/tool/VERSION"), "0.3.2\n");
    assert_eq!(repo.read("VERSION"), "0.10.0\n");
    cargo_accepts(&repo);
    let report = ask(&cx_with(&repo, config), "version");
    assert_eq!(report.verdict, Verdict::Pass, "{:?}", report.findings);
    let versions = serde_json::json!({"(in no group)": "0.10.0", "tools": "0.3.2"});
    assert_eq!(report.evidence.get("groups"), Some(&versions));
    repo.write("crates/tool/VERSION", "0.4.0\n");
    let report = ask(&cx_with(&repo, config), "version");
    assert_eq!(report.verdict, Verdict::Fail);
    assert_eq!(
        said(&report, Severity::Error),
        [
            "package.version is 0.3.2, not 0.4.0",
            "package.tool.version is 0.3.2, not 0.4.0"
        ]
        .into_iter()
        .rev()
        .collect::<Vec<_>>()
    );
    let help = report
        .findings
        .iter()
        .find_map(|finding| finding.help.clone());
    assert_eq!(
        help.as_deref(),
        Some("run `cargo xtask version set 0.4.0 --group tools`")
    );
}

#[test]
fn packages_of_npm_follow_as_they_are_published() {
    let repo = Repo::pnpm();
    let package = |name: &str, more: &str| {
        let text = format!("{{\n  \"name\": \"{name}\",\n  \"version\": \"1.0.0\"{more}\n}}\n");
        repo.write(&format!("packages/{name}/package.json"), text);
    };
    package("one", "");
    package("two", ",\n  \"dependencies\": { \"one\": \"workspace:^\" }");
    package(
        "three",
        ",\n  \"peerDependencies\": { \"one\": \"^1.0.0\" }",
    );
    package("four", ",\n  \"devDependencies\": { \"one\": \"^1.0.0\" }");
    package(
        "five",
        ",\n  \"private\": true,\n  \"dependencies\": { \"one\": \"^1.0.0\" }",
    );
    package(
        "six",
        ",\n  \"dependencies\": { \"one\": \"^1.0.0 || ^2.0.0\" }",
    );
    repo.commit("feat: more");
    let names: Vec<String> = parts(&repo, INDEPENDENT)
        .into_iter()
        .map(|part| part.name)
        .collect();
    assert_eq!(
        names,
        ["four", "one", "six", "three", "two"],
        "the private one is nobody's release"
    );
    let (changes, raises) = set(&repo, INDEPENDENT, "one", "2.0.0");
    assert_eq!(
        raises,
        [
            "three 1.0.0 → 2.0.0: three needs one `^1.0.0`, which does not take 2.0.0",
            "two 1.0.0 → 1.0.1: two needs one `workspace:^`, which does not take 2.0.0",
        ]
    );
    apply(&repo, &changes);
    assert!(
        repo.read("packages/two/package.json")
            .contains("workspace:^\"")
    );
    assert!(
        repo.read("packages/four/package.json")
            .contains("\"version\": \"1.0.0\"")
    );
    assert!(
        repo.read("packages/four/package.json")
            .contains("\"one\": \"^2.0.0\"")
    );
    assert!(
        repo.read("packages/five/package.json")
            .contains("\"version\": \"1.0.0\"")
    );
    assert!(
        repo.read("packages/five/package.json")
            .contains("\"one\": \"^2.0.0\"")
    );
    assert!(
        repo.read("packages/six/package.json")
            .contains("^1.0.0 || ^2.0.0")
    );
    let (again, raises) = set(&repo, INDEPENDENT, "one", "2.0.0");
    assert_eq!((touched(&again), raises), (BTreeSet::new(), Vec::new()));
}

#[test]
fn the_lock_file_of_pnpm_says_what_the_manifests_say() {
    let repo = Repo::pnpm();
    let mut importers = String::new();
    for (name, range) in [("one", ""), ("two", "workspace:^0.9.0"), ("six", ">=0.9.0")] {
        let needs = match range {
            "" => String::new(),
            _ => format!(",\n  \"dependencies\": {{ \"one\": \"{range}\" }}"),
        };
        let text = format!("{{\n  \"name\": \"{name}\",\n  \"version\": \"0.9.0\"{needs}\n}}\n");
        repo.write(&format!("packages/{name}/package.json"), text);
        if !range.is_empty() {
            importers.push_str(&format!("  packages/{name}:\n    dependencies:\n      one:\n        specifier: '{range}'\n        version: link:../one\n"));
        }
    }
    repo.write(
        "pnpm-lock.yaml",
        format!("lockfileVersion: '9.0'\nimporters:\n  .: {{}}\n{importers}"),
    );
    repo.commit("feat: ranges");
    for (version, two) in [
        ("0.9.7", "^0.9.0"),
        ("0.10.0", "^0.10.0"),
        ("0.11.0", "^0.11.0"),
    ] {
        let (changes, _) = set(&repo, INDEPENDENT, "one", version);
        apply(&repo, &changes);
        let package: serde_json::Value =
            serde_json::from_str(&repo.read("packages/two/package.json")).unwrap();
        let range = format!("workspace:{two}");
        assert_eq!(package["dependencies"]["one"], range.as_str(), "{version}");
        let lock = repo.read("pnpm-lock.yaml");
        assert!(
            lock.contains(&format!("specifier: '{range}'\n")),
            "{version}: {lock}"
        );
        assert!(lock.contains("specifier: '>=0.9.0'\n"), "{version}: {lock}");
        let six = repo.read("packages/six/package.json");
        assert!(six.contains("\">=0.9.0\""), "{version}: {six}");
    }
}

#[test]
fn the_lock_file_of_npm_says_what_the_manifests_say() {
    let repo = Repo::npm();
    let (changes, raises) = set(&repo, INDEPENDENT, "@fixture/one", "0.10.0");
    assert_eq!(
        raises,
        [
            "@fixture/two 0.9.0 → 0.9.1: @fixture/two needs @fixture/one `^0.9.0`, which does not take 0.10.0"
        ]
    );
    apply(&repo, &changes);
    let lock: serde_json::Value = serde_json::from_str(&repo.read("package-lock.json")).unwrap();
    let packages = &lock["packages"];
    assert_eq!(packages["packages/one"]["version"], "0.10.0");
    assert_eq!(packages["packages/two"]["version"], "0.9.1");
    assert_eq!(
        packages["packages/two"]["dependencies"]["@fixture/one"],
        "^0.10.0"
    );
    assert_eq!(
        (&packages[""]["version"], &lock["version"]),
        (&"0.9.0".into(), &"0.9.0".into())
    );
    let (same, raises) = set(&repo, INDEPENDENT, "@fixture/one", "0.10.1");
    assert_eq!(raises, Vec::<String>::new());
    apply(&repo, &same);
    let lock: serde_json::Value = serde_json::from_str(&repo.read("package-lock.json")).unwrap();
    let two = &lock["packages"]["packages/two"];
    assert_eq!(
        two["dependencies"]["@fixture/one"], "^0.10.0",
        "as its manifest says"
    );
}

#[test]
fn groups_that_cannot_be_are_refused_with_the_reason() {
    let repo = Repo::cargo_workspace();
    for (config, reason) in [
        (
            "[[group]]\nname = \"x\"\npackages = [\"crates/tols\"]",
            "`crates/tols` of the group x names no package and no folder of one; packages are app, core-part, tool",
        ),
        (
            "[[group]]\nname = \"x\"\npackages = [\"tool\"]\n[[group]]\nname = \"y\"\npackages = [\"crates/*\"]",
            "crates/tool/Cargo.toml is in two groups, x and y",
        ),
        (
            "[[group]]\nname = \"x\"\npackages = [\"app\"]",
            "inherit one version, that of [workspace.package]",
        ),
    ] {
        let said = refused(&repo, config);
        assert!(said.contains(reason), "{said}");
    }
}

fn of_group(repo: &Repo, config: &str, group: &str) -> Cx {
    let part = parts(repo, config)
        .into_iter()
        .find(|part| part.name == group)
        .unwrap();
    Cx {
        config: Arc::new(part.config),
        ..cx(repo)
    }
}

/// The release before HEAD.
fn before(repo: &Repo, config: &str, group: &str) -> Option<String> {
    let cx = of_group(repo, config, group);
    let git = world::git::Git::new(&cx.world, &cx.root);
    let tags = Tags::of(&cx.world, &cx.root, &cx.config).unwrap();
    let nearest = tags.nearest(&git, "HEAD", None).unwrap();
    nearest.map(|(tag, _)| tag)
}

#[test]
fn a_tag_belongs_to_one_group_and_old_ones_to_those_who_were_part_of_it() {
    let repo = chain();
    assert_eq!(before(&repo, INDEPENDENT, "parser"), None);
    // The days of one version; `tool` did not take part.
    repo.git(&["tag", "-a", "v1.0.0", "-m", "v1.0.0"]);
    krate(&repo, "tool", "0.2.0", "");
    repo.commit("chore: another version");
    repo.git(&["tag", "--force", "-a", "v1.0.0", "-m", "v1.0.0"]);
    assert_eq!(
        before(&repo, INDEPENDENT, "parser").as_deref(),
        Some("v1.0.0")
    );
    assert_eq!(before(&repo, INDEPENDENT, "tool"), None);
    krate(&repo, "parser-core", "1.0.0", "");
    repo.commit("feat: a namesake");
    assert_eq!(
        before(&repo, INDEPENDENT, "parser-core"),
        None,
        "it was not there"
    );
    repo.git(&["tag", "-a", "parser-core-v1.0.0", "-m", "one"]);
    assert_eq!(
        before(&repo, INDEPENDENT, "parser").as_deref(),
        Some("v1.0.0")
    );
    assert_eq!(
        before(&repo, INDEPENDENT, "parser-core").as_deref(),
        Some("parser-core-v1.0.0")
    );
    repo.git(&["tag", "-a", "parser-v1.0.1", "-m", "one"]);
    assert_eq!(
        before(&repo, INDEPENDENT, "parser").as_deref(),
        Some("parser-v1.0.1")
    );
    let inherits = Repo::cargo_workspace();
    let config = "[[group]]\nname = \"all\"\npackages = [\"app\", \"core-part\"]";
    assert_eq!(before(&inherits, config, "all").as_deref(), Some("v0.9.0"));
}
