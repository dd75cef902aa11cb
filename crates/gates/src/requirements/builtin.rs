//! Requirements that every repository can be asked: few, and such that a finding is no matter of opinion.

use std::collections::BTreeSet;

use anyhow::Result;
use config::SecurityRule;
use serde_json::Value;

use super::{Broken, File, Seen, modes};
use crate::{Cx, Severity};

/// One requirement: its name, and what sees it.
pub(crate) struct Rule {
    pub(crate) rule: SecurityRule,
    pub(crate) name: &'static str,
    pub(crate) look: fn(&Cx, &[File]) -> Result<Seen>,
}

pub(crate) const RULES: &[Rule] = &[
    Rule {
        rule: SecurityRule::Policy,
        name: "a security policy",
        look: policy,
    },
    Rule {
        rule: SecurityRule::Lockfiles,
        name: "lock files are committed",
        look: lockfiles,
    },
    Rule {
        rule: SecurityRule::EnvFiles,
        name: "no .env file is committed",
        look: env_files,
    },
    Rule {
        rule: SecurityRule::Modes,
        name: "modes of committed files",
        look: committed_modes,
    },
    Rule {
        rule: SecurityRule::Shebangs,
        name: "executable scripts say what runs them",
        look: shebangs,
    },
    Rule {
        rule: SecurityRule::Images,
        name: "images are built on a version",
        look: images,
    },
];

fn judged(broken: Vec<Broken>, held: String) -> Seen {
    match broken.is_empty() {
        true => Seen::Held(held),
        false => Seen::Broken(broken),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the shape of `Rule::look`")]
fn policy(_: &Cx, files: &[File]) -> Result<Seen> {
    // Where forges look for it.
    let places = ["SECURITY.md", ".github/SECURITY.md", "docs/SECURITY.md"];
    let found = files.iter().find(|file| {
        places
            .iter()
            .any(|place| place.eq_ignore_ascii_case(&file.path))
    });
    Ok(match found {
        Some(file) => Seen::Held(file.path.clone()),
        None => Seen::Broken(vec![Broken {
            severity: Severity::Note,
            message: "there is no SECURITY.md".to_owned(),
            path: None,
            line: None,
            help: "write how a weakness is reported, and which versions are mended".to_owned(),
        }]),
    })
}

fn lockfiles(cx: &Cx, files: &[File]) -> Result<Seen> {
    let tracked = |path: &str| {
        files
            .iter()
            .any(|file| file.is_tracked() && file.path == path)
    };
    let mut broken = Vec::new();
    let mut held = Vec::new();
    let mut judge = |manifest: &str, locks: &[&str], make: &str| {
        if let Some(lock) = locks.iter().find(|lock| tracked(lock)) {
            held.push((*lock).to_owned());
            return;
        }
        let there = locks.iter().find(|lock| cx.path(lock).is_file());
        let message = match there {
            Some(lock) => format!("{lock} is there and not committed"),
            None => format!("{manifest} has no lock file"),
        };
        broken.push(Broken {
            severity: Severity::Warning,
            message,
            path: Some(manifest.to_owned()),
            line: None,
            help: format!(
                "run `{make}`, take the lock file out of .gitignore if it is there, and commit it"
            ),
        });
    };
    // A repository that says so leaves it out on purpose.
    if tracked("Cargo.toml") && cx.config.gates.deps.lockfile {
        judge("Cargo.toml", &["Cargo.lock"], "cargo generate-lockfile");
    }
    if tracked("package.json") && has_dependencies(cx)? {
        let locks = [
            "package-lock.json",
            "npm-shrinkwrap.json",
            "pnpm-lock.yaml",
            "yarn.lock",
            "bun.lock",
            "bun.lockb",
        ];
        let manager = crate::project::detect(&cx.root)
            .node
            .map_or("npm", crate::project::NodeManager::program);
        judge("package.json", &locks, &format!("{manager} install"));
    }
    Ok(judged(
        broken,
        match held.is_empty() {
            true => "nothing to lock".to_owned(),
            false => held.join(", "),
        },
    ))
}

fn has_dependencies(cx: &Cx) -> Result<bool> {
    let text = cx.world.read_text(&cx.path("package.json"))?;
    let package: Value = serde_json::from_str(text.trim_start_matches('\u{feff}'))?;
    let has = |key: &str| {
        package
            .get(key)
            .and_then(Value::as_object)
            .is_some_and(|list| !list.is_empty())
    };
    Ok(["dependencies", "devDependencies", "optionalDependencies"]
        .iter()
        .any(|key| has(key)))
}

#[expect(clippy::unnecessary_wraps, reason = "the shape of `Rule::look`")]
fn env_files(_: &Cx, files: &[File]) -> Result<Seen> {
    let broken = files
        .iter()
        .filter(|file| file.is_tracked() && is_env(file.name()))
        .map(|file| Broken {
            severity: Severity::Error,
            message: format!("{} is committed", file.path),
            path: Some(file.path.clone()),
            line: None,
            help: format!(
                "change every secret in it, then run `git rm --cached {}` and ignore it; an example is called .env.example",
                file.path
            ),
        })
        .collect();
    Ok(judged(broken, "none".to_owned()))
}

/// The files which tools read secrets from: `.env`, `.env.local`, `.env.production.local`. Others, such as
/// `.env.development`, are committed by convention.
fn is_env(name: &str) -> bool {
    name == ".env"
        || name
            .strip_prefix(".env.")
            .is_some_and(|rest| rest == "local" || rest.ends_with(".local"))
}

fn committed_modes(cx: &Cx, _: &[File]) -> Result<Seen> {
    let (found, count) = modes::bad(cx)?;
    let broken = found
        .into_iter()
        .map(|(path, mode)| Broken {
            severity: Severity::Error,
            message: format!("{path} has the mode {mode}"),
            path: Some(path),
            line: None,
            help: "stage and commit the file again with a current git: it writes 100644 or 100755"
                .to_owned(),
        })
        .collect();
    Ok(judged(broken, format!("{count} looked at")))
}

/// Enough for a first line, and to see that a file is no text.
const BEGINNING: usize = 512;

fn shebangs(cx: &Cx, files: &[File]) -> Result<Seen> {
    let (mut broken, mut count) = (Vec::new(), 0);
    for file in files {
        if file.mode.as_deref() != Some("100755") || !may_be_script(file.name()) {
            continue;
        }
        let full = cx.path(&file.path);
        // Deleted in the working tree: the gate `git` says so.
        if !full.is_file() {
            continue;
        }
        let bytes = cx.world.read(&full)?;
        let start = &bytes[..bytes.len().min(BEGINNING)];
        if start.is_empty() || start.contains(&0) {
            continue;
        }
        count += 1;
        if !start.starts_with(b"#!") {
            broken.push(Broken {
                severity: Severity::Warning,
                message: format!("{} is executable and does not say what runs it", file.path),
                path: Some(file.path.clone()),
                line: Some(1),
                help: format!(
                    "begin it with a line such as `#!/bin/sh`, or run `git update-index --chmod=-x {}`",
                    file.path
                ),
            });
        }
    }
    Ok(judged(broken, format!("{count} looked at")))
}

/// By its name: a source file that is executable by accident is no script.
fn may_be_script(name: &str) -> bool {
    match name.trim_start_matches('.').rsplit_once('.') {
        None => true,
        Some((_, end)) => ["sh", "bash", "zsh", "ksh", "py", "pl", "rb"].contains(&end),
    }
}

fn images(cx: &Cx, files: &[File]) -> Result<Seen> {
    let (mut broken, mut count) = (Vec::new(), 0);
    for file in files.iter().filter(|file| is_dockerfile(file.name())) {
        let full = cx.path(&file.path);
        if !full.is_file() {
            continue;
        }
        let bytes = cx.world.read(&full)?;
        count += 1;
        for (line, image) in moving(&String::from_utf8_lossy(&bytes)) {
            broken.push(Broken {
                severity: Severity::Warning,
                message: format!("the image {image} may be another one tomorrow"),
                path: Some(file.path.clone()),
                line: Some(line),
                help: "name a version, better a digest: `image:1.2.3@sha256:…`".to_owned(),
            });
        }
    }
    Ok(judged(broken, format!("{count} looked at")))
}

fn is_dockerfile(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["dockerfile", "containerfile"].iter().any(|kind| {
        name == *kind
            || name.starts_with(&format!("{kind}."))
            || name.ends_with(&format!(".{kind}"))
    })
}

/// Lines (from 1) with `FROM image`, where the image is `latest`, said or by default.
fn moving(text: &str) -> Vec<(usize, String)> {
    let mut stages = BTreeSet::new();
    let mut found = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let mut words = line.split_whitespace();
        if !words
            .next()
            .is_some_and(|word| word.eq_ignore_ascii_case("FROM"))
        {
            continue;
        }
        let mut words = words.skip_while(|word| word.starts_with("--"));
        let Some(image) = words.next() else { continue };
        let known = stages.contains(&image.to_ascii_lowercase());
        if words
            .next()
            .is_some_and(|word| word.eq_ignore_ascii_case("AS"))
            && let Some(stage) = words.next()
        {
            stages.insert(stage.to_ascii_lowercase());
        }
        // A variable is whatever the build is given.
        if known || image == "scratch" || image.contains(['$', '@']) {
            continue;
        }
        // A colon before the last slash is a port.
        let name = image.rsplit('/').next().unwrap_or(image);
        let tag = name.split_once(':').map(|(_, tag)| tag);
        if tag.is_none_or(|tag| tag == "latest") {
            found.push((index + 1, image.to_owned()));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{is_dockerfile, is_env, may_be_script, moving};

    #[test]
    fn images_without_a_version() {
        let text = "# FROM a\nFROM a:latest AS build\nfrom --platform=linux/amd64 host:5000/b\nFROM build\nFROM scratch\nFROM c:1\nFROM d@sha256:1\nFROM $E\nFROM host:5000/f:1.2\nRUN echo FROM x\n";
        let found = moving(text);
        let found: Vec<_> = found
            .iter()
            .map(|(line, image)| (*line, image.as_str()))
            .collect();
        assert_eq!(found, [(2, "a:latest"), (3, "host:5000/b")]);
    }

    #[test]
    fn files_are_known_by_their_names() {
        for (name, is) in [
            ("Dockerfile", true),
            ("Dockerfile.dev", true),
            ("api.dockerfile", true),
            ("Dockerfiles.md", false),
        ] {
            assert_eq!(is_dockerfile(name), is, "{name}");
        }
        for (name, is) in [
            (".env", true),
            (".env.local", true),
            (".env.production.local", true),
            (".env.example", false),
            (".envrc", false),
            ("x.env", false),
        ] {
            assert_eq!(is_env(name), is, "{name}");
        }
        for (name, is) in [
            ("run", true),
            (".hook", true),
            ("a.sh", true),
            ("lib.rs", false),
            ("a.md", false),
        ] {
            assert_eq!(may_be_script(name), is, "{name}");
        }
    }
}
