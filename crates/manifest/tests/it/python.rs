//! Examples for pyproject.toml and uv.lock: every table and form by name, and what is left alone.

use std::collections::BTreeSet;

use landfall_manifest::pyproject::{Declared, PyProject};
use landfall_manifest::{Change, Edited, Error, Version, pyproject, uv_lock};

type Set = fn(&str, &Change) -> Result<Edited, Error>;

fn set(set: Set, text: &str, version: &str) -> Result<Edited, Error> {
    let version = Version::parse(version).unwrap();
    let packages = BTreeSet::from(["acme-core".to_owned(), "Acme.Web".to_owned()]);
    let packages = &packages;
    set(
        text,
        &Change {
            version: &version,
            packages,
        },
    )
}

fn places(edited: &Edited) -> Vec<String> {
    let place = |one: &landfall_manifest::Place| {
        format!(
            "{}:{} {} {} → {}",
            one.line, one.column, one.what, one.old, one.new
        )
    };
    edited.places.iter().map(place).collect()
}

const PROJECT: &str = r#"[build-system]
requires = ["acme-core>=0.9"]
[project]
name = "Acme_App"
version = '0.9.0' # version = "0.9.0"
dependencies = [
  "acme-core", "Acme_Core>=0.9", # acme-core>=0.9
  "acme.core [cli,x] ( ~= 0.9.0 ) ; python_version >= \"3.9\"",
  "acme-core @ file:../core", 'acme-corelib>=0.9', "left>=0.9",
]
[project.optional-dependencies]
web = ["acme-web[all]==0.9.*; sys_platform=='win32'"]
[dependency-groups]
dev = [{ include-group = "test" }, "acme--web<1"]
[tool.uv]
dev-dependencies = ["acme-web===0.9.0"]
constraint-dependencies = ["acme-core>=0.5,!=0.9.1"]
override-dependencies = ["acme-web >=0.9, <0.10"]
[tool.pdm.dev-dependencies]
t = ["acme-web>0.1"]
[tool.poetry]
version = "0.9.0"
[tool.poetry.dependencies]
python = "^3.9"
acme-core = "^0.9"
acme_web = { version = "~0.9.0", extras = ["acme-core"] }
[tool.poetry.group.dev.dependencies]
acme-core = [{ version = "0.9.0", python = "<3.9" }, { path = "../core" }]
acme-web = { path = "../web", develop = true }
[tool.commitizen]
version = "0.9.0"
"#;

#[test]
fn every_table_and_form_of_a_project_follows() {
    let edited = set(pyproject::set, PROJECT, "1.0.0-rc.1").unwrap();
    let expected = [
        "5:12 project.version 0.9.0 → 1.0.0rc1",
        "7:26 project.dependencies.Acme_Core >=0.9 → >=1.0rc1",
        "8:24 project.dependencies.'acme.core' ~= 0.9.0 → ~= 1.0.0rc1",
        "12:22 project.optional-dependencies.web.acme-web ==0.9.* → ==1.0.0rc1",
        "14:46 dependency-groups.dev.acme--web <1 → >=1.0.0rc1,<2",
        "16:30 tool.uv.dev-dependencies.acme-web ===0.9.0 → ===1.0.0rc1",
        "17:38 tool.uv.constraint-dependencies.acme-core >=0.5,!=0.9.1 → >=1.0.0rc1,<2",
        "18:36 tool.uv.override-dependencies.acme-web >=0.9, <0.10 → >=1.0.0rc1, <2.0",
        "20:15 tool.pdm.dev-dependencies.t.acme-web >0.1 → >=1.0.0rc1,<2",
        "22:12 tool.poetry.version 0.9.0 → 1.0.0rc1",
        "25:14 tool.poetry.dependencies.acme-core ^0.9 → ^1.0rc1",
        "26:25 tool.poetry.dependencies.acme_web ~0.9.0 → ~1.0.0rc1",
        "28:27 tool.poetry.group.dev.dependencies.acme-core 0.9.0 → 1.0.0rc1",
    ];
    assert_eq!(places(&edited), expected);
    let followed = set(pyproject::follow, PROJECT, "1.0.0-rc.1").unwrap();
    let own = |place: &&str| !place.contains(".version ");
    assert_eq!(
        places(&followed),
        expected.iter().copied().filter(own).collect::<Vec<_>>()
    );
}

#[test]
fn a_project_is_inspected() {
    let own = |version: &str| Declared::Own(Version::parse(version).unwrap());
    let cases = [
        (
            "[project]\nname = \"a\"\nversion = \"1.0.0rc1\"",
            Some("a"),
            own("1.0.0-rc.1"),
        ),
        (
            "[project]\nname = \"a\"\nversion = \"1.0.0.dev3\"",
            Some("a"),
            own("1.0.0-dev.3"),
        ),
        (
            "project = { name = 'a', version = '''1.0.0''' }",
            Some("a"),
            own("1.0.0"),
        ),
        (
            "tool.poetry.name = \"a\"\ntool.poetry.version = \"1.0.0\"",
            Some("a"),
            own("1.0.0"),
        ),
        (
            "[project]\nname = \"a\"\ndynamic = [\"readme\", \"version\"]",
            Some("a"),
            Declared::Dynamic,
        ),
        (
            "[project]\nname = \"a\"\ndynamic = [\"version\"]\n[tool.poetry]\nversion = \"1.0.0\"",
            Some("a"),
            own("1.0.0"),
        ),
        (
            "[tool.poetry]\nname = \"a\"\nversion = \"0.0.0\"\n[tool.poetry-dynamic-versioning]\nenable = true",
            Some("a"),
            Declared::Dynamic,
        ),
        ("[tool.ruff]\nversion = \"1.0.0\"", None, Declared::Absent),
        (
            "[tool.poetry]\npackage-mode = false",
            None,
            Declared::Absent,
        ),
    ];
    for (text, name, version) in cases {
        let name = name.map(str::to_owned);
        let project = PyProject {
            name,
            version: version.clone(),
            dependencies: Vec::new(),
        };
        assert_eq!(pyproject::inspect(text), Ok(project), "{text}");
        let read = pyproject::read(text).unwrap();
        assert_eq!(
            read.len(),
            usize::from(matches!(version, Declared::Own(_))),
            "{text}"
        );
    }
}

#[test]
fn the_requirements_of_a_project_are_inspected() {
    let project = pyproject::inspect(PROJECT).unwrap();
    let version = Version::parse("0.9.5").unwrap();
    let seen: Vec<String> = project
        .dependencies
        .iter()
        .filter(|one| one.package.starts_with("acme"))
        .map(|one| {
            let takes = if one.takes(&version) {
                "takes"
            } else {
                "refuses"
            };
            format!(
                "{}:{} {}.{} {} {takes} it",
                one.line, one.column, one.table, one.package, one.requirement
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            "7:17 project.dependencies.acme-core >=0.9 takes it",
            "8:4 project.dependencies.acme-core ~= 0.9.0 takes it",
            "9:32 project.dependencies.acme-corelib >=0.9 takes it",
            "12:9 project.optional-dependencies.web.acme-web ==0.9.* takes it",
            "14:37 dependency-groups.dev.acme-web <1 takes it",
            "16:22 tool.uv.dev-dependencies.acme-web ===0.9.0 refuses it",
            "17:29 tool.uv.constraint-dependencies.acme-core >=0.5,!=0.9.1 takes it",
            "18:27 tool.uv.override-dependencies.acme-web >=0.9, <0.10 takes it",
            "20:7 tool.pdm.dev-dependencies.t.acme-web >0.1 takes it",
            "25:14 tool.poetry.dependencies.acme-core ^0.9 takes it",
            "26:25 tool.poetry.dependencies.acme-web ~0.9.0 takes it",
            "28:27 tool.poetry.group.dev.dependencies.acme-core 0.9.0 refuses it",
        ]
    );
    for (version, taken) in [("1.0.0-rc.1", 0), ("0.10.0", 4), ("1.0.0-mvp", 0)] {
        let version = Version::parse(version).unwrap();
        let takes = project
            .dependencies
            .iter()
            .filter(|one| one.package == "acme-core" && one.takes(&version));
        let web = project
            .dependencies
            .iter()
            .filter(|one| one.package == "acme-web" && one.takes(&version));
        assert_eq!(takes.count() + web.count(), taken, "{version}");
    }
}

#[test]
fn what_is_wrong_in_a_project_has_its_place() {
    let cases = [
        (
            "[project]\nversion = 1",
            (2, 11),
            "`version` is not a string",
        ),
        (
            "[project]\nversion = \"1.0\"",
            (2, 12),
            "project.version: `1.0` is not a version of SemVer",
        ),
        (
            "[project]\nversion = \"1.0.0.post1\"",
            (2, 12),
            "is not a version of SemVer",
        ),
        (
            "[project]\nversion = \"1.0.0\"\ndynamic = [\"version\"]",
            (2, 12),
            "in `dynamic` as well",
        ),
        (
            "[project]\nversion = \"1\"\nversion = \"1\"",
            (3, 1),
            "this is not TOML: duplicate key",
        ),
    ];
    for (text, place, message) in cases {
        let error = pyproject::inspect(text).unwrap_err();
        assert!(error.message.contains(message), "{text:?}: {error}");
        assert_eq!(
            (error.line, error.column),
            (Some(place.0), Some(place.1)),
            "{error}"
        );
    }
}

#[test]
fn what_cannot_follow_has_its_place() {
    let cases = [
        (
            "[project]\nversion = \"0.9.0\"",
            "1.0.0-mvp",
            (2, 12),
            "PEP 440 has no spelling for 1.0.0-mvp",
        ),
        (
            "[project]\nversion = \"0.9.0\"",
            "1.0.0-1",
            (2, 12),
            "the post-release 1.0.0.post1",
        ),
        (
            "[project]\ndependencies = [\"acme-core=>1\"]",
            "1.0.0",
            (2, 18),
            "cannot follow to 1.0.0",
        ),
        (
            "[project]\ndependencies = [\"acme\\u002Dcore>=1\"]",
            "2.0.0",
            (2, 18),
            "escapes stand in",
        ),
        (
            "[tool.poetry.dependencies]\nacme-core = \"one\"",
            "1.0.0",
            (2, 14),
            "`one` is not a version",
        ),
    ];
    for (text, version, place, message) in cases {
        let error = set(pyproject::set, text, version).unwrap_err();
        assert!(
            error.message.contains(message) && error.help.is_some(),
            "{text:?}: {error}"
        );
        assert_eq!(
            (error.line, error.column),
            (Some(place.0), Some(place.1)),
            "{error}"
        );
    }
}

const LOCK: &str = r#"version = 1
[[package]]
name = "acme-app"
version = "0.9.0"
source = { virtual = "." }
dependencies = [
    { name = "acme-core", version = "0.9.0", source = { editable = "core" } },
    { name = "acme-web", version = "0.9.0", source = { registry = "https://registry.example/simple" } },
]
[package.metadata]
requires-dist = [{ name = "acme-core", editable = "core" }, { name = "acme-web", specifier = ">=0.9,<1" }]
[package.metadata.requires-dev]
dev = [{ name = "acme-web", specifier = "==0.9.0" }]
[[package]]
name = "acme-core"
version = "0.9.0"
source = { editable = "core" }
[[package]]
name = "acme-dynamic"
source = { directory = "dynamic" }
[[package]]
name = "acme-web"
version = "0.9.0"
source = { registry = "https://registry.example/simple" }
dependencies = [{ name = "acme-core" }]
"#;

#[test]
fn a_lock_of_uv_sets_what_lies_in_the_repository() {
    let edited = set(uv_lock::set, LOCK, "1.0.0-rc.1").unwrap();
    assert_eq!(
        places(&edited),
        [
            "7:38 package.acme-app.dependencies.acme-core 0.9.0 → 1.0.0rc1",
            "11:95 package.acme-app.metadata.requires-dist.acme-web >=0.9,<1 → >=1.0.0rc1,<2",
            "13:42 package.acme-app.metadata.requires-dev.dev.acme-web ==0.9.0 → ==1.0.0rc1",
            "16:12 package.acme-core.version 0.9.0 → 1.0.0rc1",
        ]
    );
    let read = uv_lock::read(&edited.text).unwrap();
    let read: Vec<_> = read
        .iter()
        .map(|one| format!("{} {}", one.what, one.version))
        .collect();
    assert_eq!(
        read,
        [
            "package.acme-app.version 0.9.0",
            "package.acme-core.version 1.0.0-rc.1"
        ]
    );
    let error = set(uv_lock::set, LOCK, "1.0.0-mvp").unwrap_err();
    assert_eq!(error.line, Some(7), "{error}");
}
