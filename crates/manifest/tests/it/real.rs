//! The package managers' own word on what is set: a lock file that npm leaves as it is, and that uv finds up to date.
//! Both also refuse the repository half set, or the test would hold nothing.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};

use landfall_manifest::{Change, Version, format_of};
use testkit::{Repo, real_program};

/// Sets the version in all files but one, as a release does.
fn set(repo: &Repo, files: &[&str], version: &str, left_out: &str) {
    let version = Version::parse(version).unwrap();
    let packages = BTreeSet::from(["app", "core", "web"].map(str::to_owned));
    let change = Change {
        version: &version,
        packages: &packages,
    };
    for path in files.iter().filter(|path| **path != left_out) {
        let format = format_of(Path::new(path)).unwrap();
        let edited = (format.set)(&repo.read(path), &change).unwrap();
        repo.write(path, edited.text);
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the package managers judge what was written"
)]
fn run(repo: &Repo, program: &Path, args: &[&str]) -> Output {
    let cache = repo.outside().join("cache");
    // The interpreter of the environment that uv is installed in, since the fixture has no home.
    let python = program.with_file_name("python3");
    let python = if python.is_file() {
        python
    } else {
        "python3".into()
    };
    Command::new(program)
        .args(args)
        .current_dir(repo.root())
        .envs(repo.env())
        .env("npm_config_cache", &cache)
        .env("UV_CACHE_DIR", &cache)
        .env("UV_PYTHON", python)
        .env("UV_PYTHON_DOWNLOADS", "never")
        .env("UV_NO_CONFIG", "1")
        .output()
        .unwrap()
}

const NPM_LOCK: &str = r#"{
  "name": "app",
  "version": "0.9.0",
  "lockfileVersion": 3,
  "requires": true,
  "packages": {
    "": {
      "name": "app",
      "version": "0.9.0",
      "workspaces": [
        "packages/*"
      ],
      "devDependencies": {
        "core": "^0.9.0"
      }
    },
    "node_modules/core": {
      "resolved": "packages/c",
      "link": true
    },
    "node_modules/web": {
      "resolved": "packages/web",
      "link": true
    },
    "packages/c": {
      "name": "core",
      "version": "0.9.0"
    },
    "packages/web": {
      "version": "0.9.0",
      "dependencies": {
        "core": "0.9.0"
      },
      "peerDependencies": {
        "core": ">=0.5 <1"
      }
    }
  }
}
"#;

#[test]
fn real_npm_leaves_a_lock_file_that_is_set_as_it_is() {
    let Some(npm) = real_program("npm") else {
        return;
    };
    for lock in ["package-lock.json", "npm-shrinkwrap.json"] {
        let repo = Repo::empty();
        repo.write(lock, NPM_LOCK)
            .write(
                "package.json",
                r#"{"name":"app","version":"0.9.0","workspaces":["packages/*"],"devDependencies":{"core":"^0.9.0"}}"#,
            )
            .write("packages/c/package.json", r#"{"name":"core","version":"0.9.0"}"#)
            .write(
                "packages/web/package.json",
                r#"{"name":"web","version":"0.9.0","dependencies":{"core":"0.9.0"},"peerDependencies":{"core":">=0.5 <1"}}"#,
            );
        let files = [
            "package.json",
            "packages/c/package.json",
            "packages/web/package.json",
            lock,
        ];
        let args = [
            "install",
            "--package-lock-only",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
        ];
        set(&repo, &files, "1.0.0-mvp+b.5", "");
        let written = repo.read(lock);
        let output = run(&repo, &npm, &args);
        assert!(output.status.success(), "{output:?}");
        assert_eq!(repo.read(lock), written);
        if lock == "package-lock.json" {
            set(&repo, &files, "1.0.0", lock);
            assert!(run(&repo, &npm, &args).status.success());
            assert_ne!(repo.read(lock), written, "npm mends a stale lock file");
        }
    }
}

const UV_LOCK: &str = r#"version = 1
revision = 3
requires-python = ">=3.8"

[manifest]
members = [
    "app",
    "core",
]

[[package]]
name = "app"
version = "0.9.0"
source = { virtual = "." }
dependencies = [
    { name = "core" },
]

[package.dev-dependencies]
dev = [
    { name = "core" },
]

[package.metadata]
requires-dist = [{ name = "core", editable = "packages/core" }]

[package.metadata.requires-dev]
dev = [{ name = "core", editable = "packages/core" }]

[[package]]
name = "core"
version = "0.9.0"
source = { editable = "packages/core" }
"#;

#[test]
fn real_uv_finds_a_lock_file_that_is_set_up_to_date() {
    let Some(uv) = real_program("uv") else {
        return;
    };
    let repo = Repo::empty();
    repo.write("uv.lock", UV_LOCK)
        .write(
            "pyproject.toml",
            "[project]\nname = \"app\"\nversion = \"0.9.0\"\nrequires-python = \">=3.8\"\ndependencies = [\"core>=0.9,<1\"]\n\
             [dependency-groups]\ndev = [\"Core==0.9.*\"]\n\
             [tool.uv.sources]\ncore = { workspace = true }\n[tool.uv.workspace]\nmembers = [\"packages/*\"]\n",
        )
        .write(
            "packages/core/pyproject.toml",
            "[project]\nname = \"core\"\nversion = \"0.9.0\"\nrequires-python = \">=3.8\"\n",
        );
    let files = ["pyproject.toml", "packages/core/pyproject.toml", "uv.lock"];
    let check = || run(&repo, &uv, &["lock", "--check", "--offline"]);
    // `-rc1` is no normal form: uv compares the versions and not their spelling.
    for version in [
        "0.9.0",
        "1.0.0-rc.1",
        "1.0.0-rc1",
        "1.0.0-dev.3",
        "1.0.0",
        "1.2.3+b.1",
    ] {
        set(&repo, &files, version, "");
        let output = check();
        assert!(output.status.success(), "{version}: {output:?}");
    }
    set(&repo, &files, "2.0.0", "uv.lock");
    assert!(!check().status.success(), "uv refuses a stale lock file");
}
