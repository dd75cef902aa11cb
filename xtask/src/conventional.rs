//! `conventional`: the commits since the release before are written for the changelog, which is made from them.

use anyhow::{Context as _, Result};
use landfall::gates::{Applies, Cost, Cx, Findings, Gate, Inputs, tags::Tags};
use landfall::world::git::Git;

pub(crate) const GATE: Gate = Gate {
    name: "conventional",
    about: "are the commits since the last release conventional commits",
    cost: Cost::Instant,
    needs: &[],
    inputs: |_| Ok(Inputs::Live("reads the history of the branch")),
    applies: |_| Ok(Applies::Yes),
    check,
};

const TYPES: &[&str] = &[
    "build", "chore", "ci", "docs", "feat", "fix", "perf", "refactor", "revert", "style", "test",
];

/// Lists of commits cut what is longer.
const LENGTH: usize = 110;

fn check(cx: &Cx, findings: &mut Findings) -> Result<()> {
    let git = Git::new(&cx.world, &cx.root);
    let before = Tags::of(&cx.world, &cx.root, &cx.config)?.nearest(&git, "HEAD", None)?;
    let range = match &before {
        Some((tag, _)) => format!("{tag}..HEAD"),
        None => "HEAD".to_owned(),
    };
    let log = git.text(&["log", "--no-merges", "--format=%h %s", &range])?;
    for line in log.lines() {
        let (id, subject) = line
            .split_once(' ')
            .with_context(|| format!("git log said something else: {line}"))?;
        findings.examined(1);
        if let Some(flaw) = flaw(subject) {
            findings
                .error(format!("{id} `{subject}` {flaw}"))
                .help("reword it before it is pushed: git rebase --interactive");
        }
    }
    if log.is_empty() {
        findings.examined(1);
        findings.note(format!("no commit in {range}"));
    }
    Ok(())
}

/// What is wrong with a subject.
fn flaw(subject: &str) -> Option<String> {
    let Some((head, text)) = subject.split_once(": ") else {
        return Some("has no type: write `fix: …` or `feat(scope): …`".to_owned());
    };
    let head = head.strip_suffix('!').unwrap_or(head);
    let (kind, scope) = match head.split_once('(') {
        Some((kind, scope)) => (kind, scope.strip_suffix(')')),
        None => (head, Some("none")),
    };
    if scope.is_none_or(str::is_empty) {
        return Some("has a scope that is empty or not closed".to_owned());
    }
    if !TYPES.contains(&kind) {
        return Some(format!(
            "has the type `{kind}`; types are {}",
            TYPES.join(", ")
        ));
    }
    if text.trim().is_empty() {
        return Some("says nothing after its type".to_owned());
    }
    (subject.chars().count() > LENGTH)
        .then(|| format!("is longer than {LENGTH} characters: put the rest into the body"))
}

#[cfg(test)]
mod tests {
    use super::flaw;

    #[test]
    fn subjects() {
        for good in [
            "feat: a",
            "fix(gates): b",
            "refactor(release)!: c",
            "chore(release): 1.0.0",
        ] {
            assert_eq!(flaw(good), None, "{good}");
        }
        let long = format!("fix: {}", "x".repeat(110));
        for (bad, said) in [
            ("fixed it", "no type"),
            ("fix:it", "no type"),
            ("Fix: it", "the type `Fix`"),
            ("fix(: it", "scope"),
            ("fix(): it", "scope"),
            ("fix:  ", "nothing"),
            (&long, "longer"),
        ] {
            assert!(flaw(bad).unwrap().contains(said), "{bad}");
        }
    }
}
