//! Examples for package.json and package-lock.json, the latter as npm writes it for a workspace.

use landfall_manifest::{Change, Edited, Error, Version, package_json, package_lock};

use crate::generate::packages;

type Set = fn(&str, &Change) -> Result<Edited, Error>;

fn places(set: Set, text: &str) -> Vec<String> {
    let version = Version::parse("1.0.0-mvp").unwrap();
    let edited = set(
        text,
        &Change {
            version: &version,
            packages: &packages(),
        },
    )
    .unwrap();
    edited
        .places
        .iter()
        .map(|place| {
            format!(
                "{}:{} {} {} → {}",
                place.line, place.column, place.what, place.old, place.new
            )
        })
        .collect()
}

const LOCK: &str = r#"{
  "name": "root",
  "version": "0.9.0",
  "lockfileVersion": 2,
  "requires": true,
  "packages": {
    "": {
      "name": "root",
      "version": "0.9.0",
      "workspaces": ["packages/*"],
      "dependencies": { "alpha": "^0.9.0" }
    },
    "node_modules/@acme/web": {
      "resolved": "packages/w",
      "link": true
    },
    "node_modules/alpha": {
      "resolved": "packages/alpha",
      "link": true
    },
    "node_modules/beta-core": {
      "version": "0.9.0",
      "dependencies": { "alpha": "^0.9.0" }
    },
    "packages/alpha": {
      "version": "0.9.0"
    },
    "packages/gamma": {
      "version": "0.9.0",
      "peerDependencies": { "alpha": ">=0.9.0 <2" }
    },
    "packages/w": {
      "version": "0.9.0",
      "dependencies": {
        "alpha": "*",
        "beta-core": "~0.9.0"
      }
    },
    "packages/w/node_modules/alpha": {
      "version": "0.9.0"
    }
  },
  "dependencies": {
    "@acme/web": {
      "version": "file:packages/w",
      "requires": {
        "alpha": "*",
        "beta-core": "~0.9.0"
      }
    },
    "beta-core": {
      "version": "0.9.0",
      "requires": { "alpha": "^0.9.0" }
    }
  }
}
"#;

#[test]
fn a_lock_sets_the_root_and_the_workspace_packages() {
    let workspace = [
        "11:35 packages.\"\".dependencies.alpha ^0.9.0 → ^1.0.0-mvp",
        "26:19 packages.\"packages/alpha\".version 0.9.0 → 1.0.0-mvp",
        "30:39 packages.\"packages/gamma\".peerDependencies.alpha >=0.9.0 <2 → ^1.0.0-mvp",
        "33:19 packages.\"packages/w\".version 0.9.0 → 1.0.0-mvp",
        "36:23 packages.\"packages/w\".dependencies.beta-core ~0.9.0 → ~1.0.0-mvp",
        "48:23 dependencies.\"@acme/web\".requires.beta-core ~0.9.0 → ~1.0.0-mvp",
    ];
    let root = [
        "3:15 version 0.9.0 → 1.0.0-mvp",
        "9:19 packages.\"\".version 0.9.0 → 1.0.0-mvp",
    ];
    assert_eq!(
        places(package_lock::set, LOCK),
        [&root[..], &workspace[..]].concat()
    );
    assert_eq!(places(package_lock::follow, LOCK), workspace);
}

#[test]
fn a_workspace_package_is_known_by_name_link_or_folder() {
    let cases = [
        (
            r#"{"packages": {"x/y": {"name": "alpha", "version": "0.9.0"}}}"#,
            true,
        ),
        (r#"{"packages": {"x/alpha": {"version": "0.9.0"}}}"#, true),
        (r#"{"packages": {"@acme/web": {"version": "0.9.0"}}}"#, true),
        (r#"{"packages": {"x/web": {"version": "0.9.0"}}}"#, false),
        (
            r#"{"packages": {"x/alpha": {"name": "gamma", "version": "0.9.0"}}}"#,
            false,
        ),
        (
            r#"{"packages": {"node_modules/gamma": {"resolved": "x/alpha", "link": true}, "x/alpha": {"version": "0.9.0"}}}"#,
            false,
        ),
        (
            r#"{"packages": {"node_modules/alpha": {"version": "0.9.0"}}}"#,
            false,
        ),
    ];
    for (text, changes) in cases {
        assert_eq!(
            places(package_lock::set, text).len(),
            usize::from(changes),
            "{text}"
        );
    }
}

#[test]
fn a_package_changes_its_own_version_and_its_siblings() {
    let text = "\u{feff}{\r\n\t\"config\": {\"version\": \"0.9.0\"}, \"name\": \"alpha\",\r\n\t\"version\" : \"\\u0030.9.0\",\r\n\t\"description\": \"\\\"version\\\": \\\"0.9.0\\\"\",\r\n\t\"dependencies\": {\"beta-core\": \"workspace:^0.9.0\", \"@acme/web\": \"workspace:*\", \"gamma\": \"^0.9.0\", \"alpha\": \"0.9.0\"}\r\n}";
    let expected = [
        "3:15 version \\u0030.9.0 → 1.0.0-mvp",
        "5:33 dependencies.beta-core workspace:^0.9.0 → workspace:^1.0.0-mvp",
        "5:109 dependencies.alpha 0.9.0 → 1.0.0-mvp",
    ];
    assert_eq!(places(package_json::set, text), expected);
    assert_eq!(places(package_json::follow, text), expected[1..]);
    assert_eq!(package_json::name(text).unwrap().as_deref(), Some("alpha"));
    assert!(
        places(package_json::set, "{\"private\": true}").is_empty(),
        "a package without a version gets none"
    );
}

#[test]
fn what_is_wrong_in_a_package_has_its_place() {
    let cases = [
        (
            "{\"version\": \"1.0.0\",\n \"version\": \"1.0.0\"}",
            (2, 2),
            "`version` stands here a second time",
        ),
        (
            "{\"version\": \"1.0.0\",\n \"\\u0076ersion\": \"1.0.0\"}",
            (2, 2),
            "`version` stands here a second time",
        ),
        ("{\"version\": 1}", (1, 13), "`version` is not a string"),
        (
            "{\"version\": \"1\",}",
            (1, 17),
            "this is not JSON: trailing comma",
        ),
        ("// no\n{}", (1, 1), "this is not JSON"),
        ("[]", (1, 1), "is not an object"),
    ];
    for (text, place, message) in cases {
        for read in [package_json::read, package_lock::read] {
            let error = read(text).unwrap_err();
            assert!(error.message.contains(message), "{text:?}: {error}");
            assert_eq!(
                (error.line.unwrap(), error.column.unwrap()),
                place,
                "{error}"
            );
        }
    }
    let twice = "{\"dependencies\": {}, \"dependencies\": {}}";
    assert!(
        package_json::set(
            twice,
            &Change {
                version: &Version::new(1, 0, 0),
                packages: &packages()
            }
        )
        .is_err()
    );
}

#[test]
fn what_a_package_forces_on_others_follows() {
    let text = r#"{
  "version": "0.9.0",
  "dependencies": {"alpha": "catalog:", "c": "catalog:next"},
  "bundleDependencies": ["alpha"],
  "overrides": {
    "alpha": "$alpha",
    "beta-core": {".": "0.9.0", "left": "0.9.0", "alpha": "^0.9.0"},
    "alpha@^0.8": "0.8.0"
  },
  "resolutions": {"**/@acme/web": "0.9.0", "left/alpha": "workspace:^0.9.0", "alpha@npm:^0.8": "0.8.0"},
  "pnpm": {"overrides": {"left>alpha": "~0.9.0", "gamma": "0.9.0", "beta-core": "-"}, "alpha": "0.9.0"},
  "workspaces": {"packages": ["a"], "catalog": {"alpha": "^0.9.0"}, "catalogs": {"next": {"@acme/web": "0.9.x"}}}
}"#;
    let expected = [
        "2:15 version 0.9.0 → 1.0.0-mvp",
        "7:25 overrides.beta-core.\".\" 0.9.0 → 1.0.0-mvp",
        "7:60 overrides.beta-core.alpha ^0.9.0 → ^1.0.0-mvp",
        "10:36 resolutions.\"**/@acme/web\" 0.9.0 → 1.0.0-mvp",
        "10:59 resolutions.\"left/alpha\" workspace:^0.9.0 → workspace:^1.0.0-mvp",
        "11:41 pnpm.overrides.\"left>alpha\" ~0.9.0 → ~1.0.0-mvp",
        "12:59 workspaces.catalog.alpha ^0.9.0 → ^1.0.0-mvp",
        "12:105 workspaces.catalogs.next.\"@acme/web\" 0.9.x → 1.0.0-mvp",
    ];
    assert_eq!(places(package_json::set, text), expected);
    assert_eq!(places(package_json::follow, text), expected[1..]);
}

#[test]
fn a_lock_with_two_entries_of_one_folder_is_refused() {
    let version = Version::new(1, 0, 0);
    let change = Change {
        version: &version,
        packages: &packages(),
    };
    for key in ["", "packages/alpha", "packages/other"] {
        let text = format!(
            r#"{{"packages": {{"{key}": {{"version": "0.9.0"}},
 "{key}": {{"version": "0.8.0"}}}}}}"#
        );
        let error = package_lock::set(&text, &change).unwrap_err();
        assert_eq!((error.line, error.column), (Some(2), Some(2)), "{error}");
    }
}
