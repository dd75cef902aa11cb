//! Examples for Cargo.toml and Cargo.lock: every table and form by name, and what is left alone.

use landfall_manifest::cargo_toml::{Declared, Package};
use landfall_manifest::{Change, Version, cargo_lock, cargo_toml};

use crate::generate::packages;

const BEFORE: &str = r#"# version = "0.9.0"
[package]
name = "alpha" # "0.9.0"
version	=	'0.9.0'   # the version

[workspace.package]
version = "0.9.0"

[workspace.dependencies]
alpha = { path = ".", version = "0.9" }
beta = { package = "beta-core", version = "=0.9.0", path = "beta" }
published = { package = "alpha", version = "0.9" }
gamma = { path = "gamma", version = "0.9" }

[dependencies]
alpha = "0.9"
beta-core = { path = "beta", version = "^0.9.0", features = ["0.9.0"] }
inherited.workspace = true
dotted.version = "~0.9"
dotted.path = "beta"
dotted.package = 'beta-core'

[dev-dependencies.beta-core]
version = """0.9"""
path = "../beta"

[build-dependencies]
beta-core = { version = "0.9.0, <2", path = "beta" }

[target.'cfg(unix)'.dependencies]
alpha = { path = "a", version = "0.9" }
[target.x86_64-unknown-linux-gnu.build_dependencies]
alpha = { path = "a", version = "*" }

[patch.published]
alpha = { path = "a", version = "0.9.0" }
[replace]
"alpha:0.9.0" = { path = "a" }
[package.metadata]
version = "0.9.0""#;

fn set(text: &str, version: &str) -> landfall_manifest::Edited {
    let version = Version::parse(version).unwrap();
    cargo_toml::set(
        text,
        &Change {
            version: &version,
            packages: &packages(),
        },
    )
    .unwrap()
}

#[test]
fn every_table_and_form_follows_and_the_rest_stays() {
    let edited = set(BEFORE, "1.0.0-mvp");
    let places: Vec<_> = edited
        .places
        .iter()
        .map(|place| {
            (
                place.line,
                place.column,
                place.what.as_str(),
                place.old.as_str(),
                place.new.as_str(),
            )
        })
        .collect();
    assert_eq!(
        places,
        [
            (4, 12, "package.version", "0.9.0", "1.0.0-mvp"),
            (7, 12, "workspace.package.version", "0.9.0", "1.0.0-mvp"),
            (10, 34, "workspace.dependencies.alpha", "0.9", "1.0.0-mvp"),
            (
                11,
                44,
                "workspace.dependencies.beta",
                "=0.9.0",
                "=1.0.0-mvp"
            ),
            (17, 41, "dependencies.beta-core", "^0.9.0", "^1.0.0-mvp"),
            (19, 19, "dependencies.dotted", "~0.9", "~1.0.0-mvp"),
            (24, 14, "dev-dependencies.beta-core", "0.9", "1.0.0-mvp"),
            (
                28,
                26,
                "build-dependencies.beta-core",
                "0.9.0, <2",
                "1.0.0-mvp"
            ),
            (
                31,
                34,
                "target.'cfg(unix)'.dependencies.alpha",
                "0.9",
                "1.0.0-mvp"
            ),
            (
                33,
                34,
                "target.x86_64-unknown-linux-gnu.build_dependencies.alpha",
                "*",
                "1.0.0-mvp"
            ),
        ]
    );
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let changed = lines(BEFORE)
        .iter()
        .zip(lines(&edited.text))
        .filter(|(before, after)| *before != after)
        .count();
    assert_eq!(changed, 10);
}

#[test]
fn a_package_that_keeps_its_version_still_follows() {
    let version = Version::new(0, 10, 0);
    let text = "[package]\nname = \"gamma\"\nversion = \"3.0.0\"\n[dependencies]\nalpha = { path = \"..\", version = \"0.9\" }\n";
    let edited = cargo_toml::follow(
        text,
        &Change {
            version: &version,
            packages: &packages(),
        },
    )
    .unwrap();
    assert_eq!(edited.text, text.replace("\"0.9\"", "\"0.10\""));
}

#[test]
fn an_inherited_version_is_never_overwritten() {
    for text in [
        "[package]\nname = \"alpha\"\nversion.workspace = true\n",
        "[package]\nname = \"alpha\"\nversion = { workspace = true }\n",
        "package.name = \"alpha\"\npackage.version.workspace = true",
        "package = { name = \"alpha\", version = { workspace = true } }",
        "[package]\nname = \"alpha\"\n[package.version]\nworkspace = true",
        "[package]\nname = \"alpha\"\n",
    ] {
        let edited = set(text, "1.0.0");
        assert_eq!((edited.text.as_str(), edited.places.len()), (text, 0));
        assert_eq!(cargo_toml::read(text).unwrap(), []);
        let version = if text.contains("workspace") {
            Declared::Inherited
        } else {
            Declared::Absent
        };
        assert_eq!(
            cargo_toml::inspect(text).unwrap().package,
            Some(Package {
                name: "alpha".to_owned(),
                version,
                private: Some(false),
            })
        );
    }
}

#[test]
fn a_manifest_is_inspected() {
    let manifest = cargo_toml::inspect(BEFORE).unwrap();
    let version = Version::new(0, 9, 0);
    assert_eq!(
        manifest.package,
        Some(Package {
            name: "alpha".to_owned(),
            version: Declared::Own(version.clone()),
            private: Some(false),
        })
    );
    assert_eq!(manifest.workspace_version, Some(version));
    assert!(manifest.is_workspace);
    let seen: Vec<_> = manifest
        .dependencies
        .iter()
        .map(|one| {
            let requirement = one.requirement.as_deref().unwrap_or("-");
            format!(
                "{}:{} {}.{} is {} {requirement} {}",
                one.line,
                one.column,
                one.table,
                one.key,
                one.package,
                one.path.as_deref().unwrap_or("-")
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            "10:34 workspace.dependencies.alpha is alpha 0.9 .",
            "11:44 workspace.dependencies.beta is beta-core =0.9.0 beta",
            "12:45 workspace.dependencies.published is alpha 0.9 -",
            "13:38 workspace.dependencies.gamma is gamma 0.9 gamma",
            "16:10 dependencies.alpha is alpha 0.9 -",
            "17:41 dependencies.beta-core is beta-core ^0.9.0 beta",
            "18:1 dependencies.inherited is inherited - -",
            "19:19 dependencies.dotted is beta-core ~0.9 beta",
            "24:14 dev-dependencies.beta-core is beta-core 0.9 ../beta",
            "28:26 build-dependencies.beta-core is beta-core 0.9.0, <2 beta",
            "31:34 target.'cfg(unix)'.dependencies.alpha is alpha 0.9 a",
            "33:34 target.x86_64-unknown-linux-gnu.build_dependencies.alpha is alpha * a",
        ]
    );
    assert_eq!(
        manifest
            .dependencies
            .iter()
            .filter(|one| one.inherited)
            .count(),
        1
    );
}

#[test]
fn what_is_wrong_in_a_manifest_has_its_place() {
    let cases = [
        (
            "[package]\nname = \"a\"\nversion = 1\n",
            (3, 11),
            "`version` is not a string",
        ),
        (
            "[package]\nname = \"a\"\nversion = { workspace = false }\n",
            (3, 11),
            "`{ workspace = true }`",
        ),
        (
            "[package]\nname = \"a\"\nversion = \"1.0\"\n",
            (3, 12),
            "package.version: `1.0` is not a version: it needs three numbers",
        ),
        (
            "[package]\nname = \"a\"\nname = \"b\"\n",
            (3, 1),
            "this is not TOML: duplicate key",
        ),
        (
            "[dependencies]\n\talpha = 1\n",
            (2, 10),
            "`alpha` is not a requirement or a table",
        ),
        (
            "[dependencies]\nalpha = { version = \"one\", path = \"a\" }\n",
            (2, 22),
            "dependencies.alpha: `one` is not a requirement",
        ),
        ("\u{feff}[workspace", (1, 11), "this is not TOML"),
    ];
    for (text, place, message) in cases {
        let error = cargo_toml::inspect(text).unwrap_err();
        assert!(error.message.contains(message), "{text:?}: {error}");
        assert_eq!(
            (error.line.unwrap(), error.column.unwrap()),
            place,
            "{error}"
        );
    }
    let version = Version::new(1, 0, 0);
    let text = "[dependencies]\nalpha = { version = \"one\", path = \"a\" }\n";
    let error = cargo_toml::set(
        text,
        &Change {
            version: &version,
            packages: &packages(),
        },
    )
    .unwrap_err();
    assert!(
        error.message.contains("cannot follow to 1.0.0")
            && error.line == Some(2)
            && error.help.is_some(),
        "{error}"
    );
}

fn lock(alpha: &str, published: &str, user: &str, beta: &str) -> String {
    format!(
        "version = 4\n\n[[package]]\nname = \"alpha\"\nversion = \"{alpha}\"\n\n[[package]]\nname = \"alpha\"\nversion = \"{published}\"\nsource = \"registry+x\"\n\n\
         [[package]]\nname = \"gamma\"\nversion = \"0.9.0\"\ndependencies = [\n \"alpha {beta}\",\n \"user\",\n]\n\n\
         [[package]]\nname = \"user\"\nversion = \"0.9.0\"\nsource = \"registry+x\"\ndependencies = [\n \"alpha {user}\",\n]\n"
    )
}

#[test]
fn a_lock_tells_the_own_package_from_the_published_one() {
    let cases = [
        // published, how it is named before and after, the new version
        ("0.8.0", "0.8.0", "0.8.0", "1.0.0"),
        ("0.9.0", "0.9.0 (registry+x)", "0.9.0", "1.0.0"),
        ("1.0.0", "1.0.0", "1.0.0 (registry+x)", "1.0.0"),
    ];
    for (published, before, after, version) in cases {
        let text = lock("0.9.0", published, before, "0.9.0");
        let new = Version::parse(version).unwrap();
        let edited = cargo_lock::set(
            &text,
            &Change {
                version: &new,
                packages: &packages(),
            },
        )
        .unwrap();
        assert_eq!(
            edited.text,
            lock(version, published, after, version),
            "published {published}"
        );
        let places: Vec<&str> = edited
            .places
            .iter()
            .map(|place| place.what.as_str())
            .collect();
        assert_eq!(
            places[..2],
            ["package.alpha.version", "package.gamma.dependencies.alpha"]
        );
    }
}

#[test]
fn two_own_packages_of_one_name_are_refused() {
    let text = "[[package]]\nname = \"alpha\"\nversion = \"0.9.0\"\n[[package]]\nname = \"alpha\"\nversion = \"0.8.0\"\n";
    let error = cargo_lock::set(
        text,
        &Change {
            version: &Version::new(1, 0, 0),
            packages: &packages(),
        },
    )
    .unwrap_err();
    assert_eq!((error.line, error.column), (Some(6), Some(12)), "{error}");
}

#[test]
fn a_lock_of_old_has_its_root_apart() {
    let text = "[root]\nname = \"alpha\"\nversion = \"0.9.0\"\ndependencies = [\n \"beta-core 0.9.0\",\n]\n\n[[package]]\nname = \"beta-core\"\nversion = \"0.9.0\"\n";
    let version = Version::new(1, 0, 0);
    let change = Change {
        version: &version,
        packages: &packages(),
    };
    let edited = cargo_lock::set(text, &change).unwrap();
    assert_eq!(edited.text, text.replace("0.9.0", "1.0.0"));
    assert_eq!(cargo_lock::read(text).unwrap().len(), 2);
}

#[test]
fn a_lock_names_a_source_of_git_without_its_commit() {
    let entry = |version: &str, source: &str| {
        format!("[[package]]\nname = \"alpha\"\nversion = \"{version}\"\n{source}\n")
    };
    let text = |own: &str, names: &str| {
        let git = entry("1.0.0", "source = \"git+x?rev=ef9f#ef9f93\"");
        let user = format!(
            "[[package]]\nname = \"user\"\nversion = \"0.1.0\"\ndependencies = [{names}]\n"
        );
        format!("version = 4\n{}{git}{user}", entry(own, ""))
    };
    let version = Version::new(1, 0, 0);
    let change = Change {
        version: &version,
        packages: &packages(),
    };
    let edited =
        cargo_lock::set(&text("0.9.0", "\"alpha 0.9.0\", \"alpha 1.0.0\""), &change).unwrap();
    let named = "\"alpha 1.0.0\", \"alpha 1.0.0 (git+x?rev=ef9f)\"";
    assert_eq!(edited.text, text("1.0.0", named));
}

#[test]
fn a_lock_file_gives_the_checksums_of_registries() {
    let new = "version = 4\n\n[[package]]\nname = \"ours\"\nversion = \"0.1.0\"\n\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"registry+x\"\nchecksum = \"aa\"\n\n\
        [[package]]\nname = \"of-git\"\nversion = \"1.0.0\"\nsource = \"git+y#0123\"\n";
    let old = "[root]\nname = \"ours\"\nversion = \"0.1.0\"\n\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"registry+x\"\n\n\
        [metadata]\n\"checksum a 1.0.0 (registry+x)\" = \"aa\"\n\"checksum of-git 1.0.0 (git+y#0123)\" = \"<none>\"\nother = \"bb\"\n";
    let a = ["a", "1.0.0", "registry+x"].map(str::to_owned);
    for text in [new, old] {
        let all = cargo_lock::checksums(text).unwrap();
        assert_eq!(all.len(), 1, "{all:?}");
        assert_eq!(all[&a.clone().into()], "aa");
    }
    let error = cargo_lock::checksums("version = 4\n\n[[package]]\nname = 1\n").unwrap_err();
    assert_eq!(
        error.to_string(),
        "line 4, column 8: `name` is not a string"
    );
}
