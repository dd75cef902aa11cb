//! Laws of the selection over histories of any shape.

use std::collections::HashSet;

use proptest::collection::vec;
use proptest::prelude::{
    Just, ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, proptest,
};
use proptest::{prop_oneof, sample};

use crate::request::{Commit, parse};
use crate::rules::{Bots, Rules};
use crate::select::select;

/// Messages that people and programs write, with references to commits by number: `@3`.
fn message() -> impl Strategy<Value = String> {
    let kind = sample::select(vec![
        "feat",
        "fix",
        "Fix",
        "docs",
        "chore",
        "revert",
        "area",
        "release",
        ":bug: fix",
    ]);
    let rest = sample::select(vec![": a", "(s): b", "!: c", " : d", " e", ":"]);
    let target = 0..30_usize;
    let line = prop_oneof![
        4 => (kind, rest).prop_map(|(kind, rest)| format!("{kind}{rest}")),
        1 => target.clone().prop_map(|at| format!("Revert \"feat: a\"\n\nThis reverts commit @{at}.")),
        1 => target.clone().prop_map(|at| format!("revert: x\n\nRefs: @{at}")),
        1 => target.prop_map(|at| format!("fix: picked\n\n(cherry picked from commit @{at})")),
        1 => Just("Revert \"Revert \"feat: a\"\"".to_owned()),
        1 => Just("Merge pull request #7 from a/b\n\nfeat: title".to_owned()),
        1 => Just("Merge #8\n\n8: words r=a a=b".to_owned()),
        1 => Just("Squash\n\n* feat: a\n* fix!: b\n* wip".to_owned()),
        1 => "\\PC{0,40}(\n\\PC{0,20}){0,3}",
    ];
    (
        line,
        prop_oneof![3 => Just(""), 1 => Just("\n\nBREAKING CHANGE: y")],
    )
        .prop_map(|(line, more)| format!("{line}{more}"))
}

/// Histories newest first; a parent is an older commit, most often the next.
fn history() -> impl Strategy<Value = Vec<Commit>> {
    let commit = (message(), vec(1..4_usize, 0..3), 0..3_i64, any::<bool>());
    vec(commit, 0..30).prop_map(|commits| {
        let id = |at: usize| format!("{:07x}{}", at * 7919, "0".repeat(33));
        let last = commits.len();
        let json: Vec<serde_json::Value> = commits
            .into_iter()
            .enumerate()
            .map(|(at, (message, steps, time, bot))| {
                let message = (0..30)
                    .rev()
                    .fold(message, |text, at| text.replace(&format!("@{at}"), &id(at)));
                let parents: Vec<String> = steps
                    .iter()
                    .map(|step| at + step)
                    .filter(|at| *at < last)
                    .map(id)
                    .collect();
                let name = if bot { "dependabot[bot]" } else { "dev" };
                serde_json::json!({
                    "id": id(at), "message": message, "parents": parents, "co_authors": ["other"],
                    "author": {"name": name, "email": "dev@example.com", "time": time},
                })
            })
            .collect();
        let text = serde_json::json!({"schema": 2, "commits": json}).to_string();
        parse::<crate::request::Rulings>(text.as_bytes())
            .expect("a request")
            .commits
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    /// Nothing is lost, nothing is claimed twice, and what is left out has a reason.
    #[test]
    fn every_commit_is_listed_or_left_out(commits in history(), leave_out in any::<bool>(), split_squashes in any::<bool>()) {
        let bots = if leave_out { Bots::LeaveOut } else { Bots::List };
        let selection = select(&commits, &Rules { bots, split_squashes, types: Vec::new() });
        prop_assert_eq!(selection.rulings.len(), commits.len());
        let listed: HashSet<&str> = selection.listed.iter().flat_map(|line| line.ids.iter().map(String::as_str)).collect();
        for (commit, ruling) in commits.iter().zip(&selection.rulings) {
            prop_assert_eq!(&ruling.id, &commit.id.0);
            prop_assert_eq!(ruling.listed, ruling.group.is_some());
            prop_assert!(ruling.listed != ruling.reason.is_some(), "{ruling:?}");
            prop_assert_eq!(ruling.listed, listed.contains(ruling.id.as_str()), "{:?}", ruling);
        }
        for line in &selection.listed {
            let ids: HashSet<&String> = line.ids.iter().collect();
            prop_assert_eq!(ids.len(), line.ids.len());
        }
        let keys: HashSet<_> = selection.listed.iter().map(|line| (line.group, &line.scope, &line.subject)).collect();
        prop_assert_eq!(keys.len(), selection.listed.len());
        prop_assert!(selection.listed.is_sorted_by_key(|line| !line.breaking));
    }

    /// A breaking change is left out only with what took it back, with its twin, or where nothing else came of a merge.
    #[test]
    fn what_breaks_is_not_lost(commits in history()) {
        let selection = select(&commits, &Rules::default());
        for ruling in selection.rulings.iter().filter(|ruling| ruling.breaking && !ruling.listed) {
            let reason = ruling.reason.as_deref().unwrap_or_default();
            let allowed = ["reverted by", "the same change as", "merge commit", "meant to be folded"];
            prop_assert!(allowed.iter().any(|start| reason.starts_with(start)), "{ruling:?}");
        }
    }
}
