//! `links`: what Markdown documents link to inside of the repository is there, for everybody who has the repository.

use std::collections::{BTreeMap, HashMap, HashSet};

use anyhow::Result;
use config::LinksGate;
use world::Cmd;

use crate::links::follow::{self, Flaw, Follower, NotAsked, Outcome};
use crate::links::page::Link;
use crate::links::tree::Tree;
use crate::{Applies, Cost, Cx, Findings, Gate, Inputs};

pub(crate) const GATE: Gate = Gate {
    name: "links",
    about: "do the relative links and anchors of documents lead somewhere",
    cost: Cost::Instant,
    needs: &[],
    // A file that leaves the index while it stays in the tree breaks every link to it.
    inputs: |_| Ok(Inputs::Live("asks git which files it knows")),
    applies,
    check,
};

fn matches(globs: &[String], path: &str) -> bool {
    globs.iter().any(|glob| fast_glob::glob_match(glob, path))
}

fn documents<'t>(settings: &LinksGate, paths: impl Iterator<Item = &'t String>) -> Vec<&'t String> {
    paths
        .filter(|path| matches(&settings.files, path) && !matches(&settings.exclude, path))
        .collect()
}

fn applies(cx: &Cx) -> Result<Applies> {
    let settings = &cx.config.gates.links;
    // Whoever names documents means that there are some.
    if settings.files != LinksGate::default().files {
        return Ok(Applies::Yes);
    }
    let tracked = cx.git().list(&["ls-files", "-z"])?;
    Ok(match documents(settings, tracked.iter()).is_empty() {
        true => Applies::No("git knows no Markdown document".to_owned()),
        false => Applies::Yes,
    })
}

fn check(cx: &Cx, findings: &mut Findings) -> Result<()> {
    let settings = &cx.config.gates.links;
    let tree = Tree::read(cx)?;
    let documents = documents(settings, tree.files.iter());
    if documents.is_empty() {
        findings
            .error("gates.links.files matches no document that git knows")
            .help("correct the globs, or leave them out");
        return Ok(());
    }
    let mut pages = HashMap::new();
    for path in &documents {
        pages.insert((*path).clone(), follow::read(cx, path)?);
    }
    let mut follower = Follower::new(cx, &tree, pages);
    let (mut followed, mut ignored) = (0_usize, 0_usize);
    let mut not_asked: BTreeMap<NotAsked, usize> = BTreeMap::new();
    let mut flaws: Vec<(&str, Link, Flaw)> = Vec::new();
    for path in &documents {
        let (links, undefined) = follower.links(path);
        for link in undefined {
            undefined_label(path, &link, findings);
        }
        for link in links {
            if matches(&settings.ignore, &link.target) {
                ignored += 1;
                continue;
            }
            match follower.follow(path, &link.target)? {
                Outcome::NotAsked(why) => *not_asked.entry(why).or_default() += 1,
                Outcome::Good => followed += 1,
                Outcome::Bad(flaw) => {
                    followed += 1;
                    flaws.push((path, link, flaw));
                }
            }
        }
    }
    findings.examined(documents.len());
    findings.evidence("documents", documents.len());
    findings.evidence("links", followed);
    findings.evidence(
        "broken",
        flaws.iter().filter(|(.., flaw)| !flaw.mild).count(),
    );
    for (why, key) in [
        (NotAsked::Web, "web_not_asked"),
        (NotAsked::Forge, "forge_not_asked"),
        (NotAsked::Template, "templates_not_asked"),
        (NotAsked::Inside, "inside_not_asked"),
    ] {
        if let Some(count) = not_asked.get(&why) {
            findings.evidence(key, *count);
        }
    }
    if ignored > 0 {
        findings.evidence("ignored", ignored);
    }
    report(cx, flaws, findings)
}

fn undefined_label(path: &str, link: &Link, findings: &mut Findings) {
    findings
        .warning(format!(
            "the label `{}` has no definition, so this is no link",
            link.target
        ))
        .at(path)
        .line(Some(link.line), Some(link.column))
        .help(format!(
            "add a line `[{}]: …`, or write the brackets as `\\[`",
            link.target
        ));
}

/// What is missing from git may be here all the same: then it works for one person alone.
fn report(cx: &Cx, flaws: Vec<(&str, Link, Flaw)>, findings: &mut Findings) -> Result<()> {
    let here: Vec<String> = flaws
        .iter()
        .filter_map(|(.., flaw)| flaw.missing.clone())
        .filter(|path| cx.path(path).exists())
        .collect();
    let ignored = ignored(cx, &here)?;
    for (path, link, flaw) in flaws {
        let Flaw {
            mut message,
            mut help,
            mild,
            missing,
        } = flaw;
        if let Some(missing) = missing.filter(|missing| here.contains(missing)) {
            let target = &link.target;
            (message, help) = match ignored.contains(&missing) {
                true => (
                    format!("`{target}` is here and ignored by git, so nobody else has it"),
                    "link to something that is committed".to_owned(),
                ),
                false => (
                    format!("`{target}` is here and git does not know it, so nobody else has it"),
                    format!("run `git add {}`", world::quote(&missing)),
                ),
            };
        }
        let finding = match mild {
            true => findings.warning(message),
            false => findings.error(message),
        };
        finding
            .at(path)
            .line(Some(link.line), Some(link.column))
            .help(help);
    }
    Ok(())
}

/// Which of these paths git ignores.
fn ignored(cx: &Cx, paths: &[String]) -> Result<HashSet<String>> {
    if paths.is_empty() {
        return Ok(HashSet::new());
    }
    let cmd = Cmd::new(&cx.root, "git")
        .args(["check-ignore", "-z", "--stdin"])
        .stdin_bytes(paths.join("\0").into_bytes());
    let output = cx.world.ask(&cmd)?;
    // 1: none of them.
    if !matches!(output.code, Some(0 | 1)) {
        return Err(output.error().into());
    }
    let paths = output.stdout.split(|byte| *byte == 0);
    Ok(paths
        .map(|path| String::from_utf8_lossy(path).into_owned())
        .collect())
}
