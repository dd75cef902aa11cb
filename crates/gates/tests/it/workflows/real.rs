//! `workflows` with the real zizmor and the real check-jsonschema: what all accept, and who sees which mistake.

use std::collections::BTreeSet;
use std::path::Path;

use gates::{Cx, Verdict};
use serde_json::Value;
use testkit::{Repo, real_program};
use world::Cmd;

use super::mutations::{MUTATIONS, Mutation};
use super::{ACTION_PATH, CALLED, CALLED_PATH, CI, CI_PATH, alone, good, loud, place};
use crate::fixture::{ask, expect};

/// The gate with this real program beside git.
fn with_real(repo: &Repo, program: &Path) -> Cx {
    let env = repo.env_with(&["git"], &[]);
    let link = Path::new(&env[0].1).join(program.file_name().unwrap());
    std::os::unix::fs::symlink(program, link).unwrap();
    let world = crate::fixture::world(env);
    Cx {
        world,
        ..alone(repo, "")
    }
}

/// A repository with the good workflows and each mutated one, and the names of the latter.
fn all_mutated() -> (Repo, Vec<(String, &'static Mutation)>) {
    let repo = Repo::empty();
    repo.write(CI_PATH, CI).write(CALLED_PATH, CALLED);
    let workflows = MUTATIONS
        .iter()
        .filter(|mutation| mutation.path != ACTION_PATH);
    let named: Vec<(String, &Mutation)> = workflows
        .enumerate()
        .map(|(number, mutation)| (format!(".github/workflows/m{number:02}.yml"), mutation))
        .collect();
    for (path, mutation) in &named {
        let text = if mutation.path == CI_PATH { CI } else { CALLED };
        repo.write(path, text.replacen(mutation.from, mutation.to, 1));
    }
    (repo, named)
}

/// Holds the column `seen` of the table to what a program says.
fn held(letter: char, named: &[(String, &Mutation)], sees: impl Fn(&str, &Mutation) -> bool) {
    let wrong: Vec<String> = named
        .iter()
        .filter(|(path, mutation)| sees(path, mutation) != mutation.seen.contains(letter))
        .map(|(_, mutation)| format!("{letter}: {} (listed: {})", mutation.what, mutation.seen))
        .collect();
    assert_eq!(wrong, [] as [&str; 0]);
    let seen = named
        .iter()
        .filter(|(_, mutation)| mutation.seen.contains(letter))
        .count();
    assert!(0 < seen && seen < named.len(), "{letter}: {seen}");
}

#[test]
fn real_zizmor() {
    let Some(program) = real_program("zizmor") else {
        return;
    };
    let report = ask(&with_real(&good(), &program), "workflows");
    expect(&report, Verdict::Pass);
    assert!(
        report.evidence["tools"]["zizmor"]
            .as_str()
            .unwrap()
            .contains('.')
    );
    // What it alone sees comes with its place.
    let repo = good();
    repo.write(
        CI_PATH,
        CI.replace(
            "secrets:\n      token: ${{ secrets.TOKEN }}",
            "secrets: inherit",
        ),
    );
    let report = ask(&with_real(&repo, &program), "workflows");
    let heard = loud(&report);
    assert_eq!(heard.len(), 1, "{report:#?}");
    assert!(heard[0].message.contains("(zizmor: secrets-inherit)"));
    assert_eq!(place(heard[0]), (CI_PATH, 55));
    // What both see is listed once.
    let repo = good();
    repo.write(
        CI_PATH,
        CI.replace("run: make", "run: make ${{ github.head_ref }}"),
    );
    let report = ask(&with_real(&repo, &program), "workflows");
    assert_eq!(loud(&report).len(), 1, "{report:#?}");

    let (repo, named) = all_mutated();
    let world = crate::fixture::world(repo.env());
    let zizmor = |paths: &mut dyn Iterator<Item = &str>| {
        let cmd = Cmd::new(repo.root(), &program)
            .args(["--offline", "--no-progress", "--format", "json"])
            .args(paths);
        world.ask(&cmd).unwrap()
    };
    // Some end it, and with it all that it would say of the others.
    let (ends, named): (Vec<_>, Vec<_>) = named
        .into_iter()
        .partition(|(_, mutation)| mutation.seen.contains('x'));
    assert_eq!(ends.len(), 3);
    for (path, mutation) in &ends {
        let output = zizmor(&mut [path.as_str()].into_iter());
        assert_eq!(
            output.code,
            Some(1),
            "{}: {}",
            mutation.what,
            output.errors()
        );
    }
    let all = named.iter().map(|(path, _)| path.as_str());
    let output = zizmor(&mut [CI_PATH, CALLED_PATH].into_iter().chain(all));
    let list: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let log = output.errors();
    let rules = |path: &str| -> BTreeSet<&str> {
        list.iter()
            .filter(|finding| {
                finding["locations"][0]["symbolic"]["key"]["Local"]["verbatim_path"] == path
            })
            .map(|finding| finding["ident"].as_str().unwrap())
            .filter(|rule| *rule != "self-repository")
            .collect()
    };
    assert!(rules(CI_PATH).is_empty() && rules(CALLED_PATH).is_empty());
    held('z', &named, |path, _| {
        !log.contains(&format!("completed {path}")) || !rules(path).is_empty()
    });
}

#[test]
fn real_check_jsonschema() {
    let Some(program) = real_program("check-jsonschema") else {
        return;
    };
    let report = ask(&with_real(&good(), &program), "workflows");
    expect(&report, Verdict::Pass);
    assert!(
        report.evidence["tools"]["check-jsonschema"]
            .as_str()
            .unwrap()
            .contains('.')
    );
    // What it alone sees comes with its place.
    let repo = good();
    repo.write(
        CI_PATH,
        CI.replace("branches: [main]", "branches: { main: x }"),
    );
    let report = ask(&with_real(&repo, &program), "workflows");
    let heard = loud(&report);
    assert_eq!(heard.len(), 1, "{report:#?}");
    assert!(heard[0].message.contains("(check-jsonschema)"));
    assert_eq!(place(heard[0]), (CI_PATH, 4));
    // What both see is listed once.
    let repo = good();
    repo.write(CI_PATH, CI.replace("      - name: get", "      - nam: get"));
    let report = ask(&with_real(&repo, &program), "workflows");
    assert_eq!(loud(&report).len(), 1, "{report:#?}");

    let (repo, named) = all_mutated();
    let world = crate::fixture::world(repo.env());
    let cmd = Cmd::new(repo.root(), &program)
        .args([
            "--builtin-schema",
            "vendor.github-workflows",
            "--output-format",
            "json",
        ])
        .args([CI_PATH, CALLED_PATH])
        .args(named.iter().map(|(path, _)| path));
    let output = world.ask(&cmd).unwrap();
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    let refused = |path: &str| {
        ["errors", "parse_errors"].iter().any(|list| {
            answer[*list]
                .as_array()
                .unwrap()
                .iter()
                .any(|error| error["filename"] == path)
        })
    };
    assert!(!refused(CI_PATH) && !refused(CALLED_PATH));
    held('s', &named, |path, _| refused(path));
}
