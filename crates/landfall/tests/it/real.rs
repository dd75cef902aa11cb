//! Releases with the real npm and pnpm, build and tests included; without them a line says what is not covered.
//! `.ci/run` installs them. The packages need nothing from a registry.

use std::path::{Path, PathBuf};

use testkit::{Repo, not_covered};

use crate::run::{Call, TAG, VERSION, assert_released, mine, path_with, ready};

const CONFIG: &str = "[forge]\nkind = \"folder\"\npath = \"../forge\"\n";

/// The folder of a program on the search path of whoever runs the tests.
fn folder_of(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).find(|folder| folder.join(program).is_file())
}

/// Releases with every gate on; the packages carry the version and the tests were really run.
#[track_caller]
fn released(repo: &Repo, tools: &Path) {
    let (base, before) = (repo.git(&["rev-parse", "HEAD"]), mine(repo));
    let args = ["release", VERSION, "--yes", "--format", "json"];
    let run = Call::new(repo, &args)
        .env("PATH", path_with(repo, tools))
        .run();
    run.exits(0);
    assert_released(repo, &base);
    assert_eq!(mine(repo), before);
    let gates = run.named("gate");
    for name in ["build", "test"] {
        let gate = gates.iter().find(|gate| gate["name"] == name);
        let gate = gate.unwrap_or_else(|| panic!("no gate {name}\n{run}"));
        assert_eq!(gate["verdict"], "pass", "{gate}");
        assert!(gate["examined"].as_u64().unwrap() > 0, "{gate}");
    }
    for package in ["one", "two"] {
        let path = format!("{TAG}:packages/{package}/package.json");
        let text = repo.git_in(&repo.remote(), &["show", &path]);
        let package: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(package["version"], VERSION);
    }
}

#[test]
fn real_npm() {
    let (Some(tools), Some(_)) = (folder_of("npm"), folder_of("node")) else {
        return not_covered("npm with node");
    };
    released(&ready(Repo::npm(), CONFIG), &tools);
}

#[test]
fn real_pnpm() {
    let (Some(tools), Some(_)) = (folder_of("pnpm"), folder_of("node")) else {
        return not_covered("pnpm with node");
    };
    let repo = Repo::pnpm();
    // No pinned package manager: pnpm would fetch that very version.
    repo.write(
        "package.json",
        "{\n  \"name\": \"root\",\n  \"private\": true\n}\n",
    );
    repo.write(
        "packages/one/package.json",
        "{\n  \"name\": \"one\",\n  \"version\": \"0.9.0\",\n  \"scripts\": {\n    \"build\": \"node --check index.js\",\n    \"test\": \"node --test\"\n  }\n}\n",
    );
    repo.write(
        "packages/one/index.js",
        "exports.twice = (number) => number * 2;\n",
    );
    repo.write(
        "packages/one/one.test.js",
        "const test = require('node:test');\ntest('one', () => {});\n",
    );
    released(&ready(repo, CONFIG), &tools);
}
