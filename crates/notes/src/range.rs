//! How the commits of a range relate: which took back which, which is a copy of which, which came
//! in by which merge. Every walk here touches each commit a fixed number of times.

use std::collections::{BTreeMap, HashMap};

use crate::message::{Message, plain_title};
use crate::request::Commit;

/// What becomes of one commit because of another.
#[derive(Debug, Default, Clone)]
pub(crate) struct Fate {
    /// The later commit that took it back.
    pub(crate) reverted_by: Option<usize>,
    /// The newer commit that is the same change.
    pub(crate) twin_of: Option<usize>,
    /// Older commits of the range that it takes back.
    pub(crate) reverts: Vec<usize>,
    /// Of a merge into the main line: what it brought.
    pub(crate) brought: Vec<usize>,
}

/// The fate of each commit; places are those of `commits`, newest first.
pub(crate) fn fates(commits: &[Commit], messages: &[Message]) -> Vec<Fate> {
    let mut fates = vec![Fate::default(); commits.len()];
    let ids = Ids::new(commits);
    brought(commits, &ids, &mut fates);
    twins(commits, messages, &ids, &mut fates);
    reverts(messages, &ids, &mut fates);
    fates
}

/// Ids in order, so that a short one is found as well.
struct Ids<'a>(BTreeMap<&'a str, usize>);

impl<'a> Ids<'a> {
    fn new(commits: &'a [Commit]) -> Self {
        let pairs = commits.iter().enumerate();
        Self(
            pairs
                .map(|(at, commit)| (commit.id.0.as_str(), at))
                .collect(),
        )
    }

    /// `None` also when a short id fits more than one.
    fn find(&self, id: &str) -> Option<usize> {
        let mut fitting = self
            .0
            .range(id..)
            .take_while(|(full, _)| full.starts_with(id));
        match (fitting.next(), fitting.next()) {
            (Some((_, at)), None) => Some(*at),
            _ => None,
        }
    }
}

/// Gives what came in by a merge to the merge of the main line that brought it, the oldest first:
/// what an older merge brought is not a newer one's.
fn brought(commits: &[Commit], ids: &Ids<'_>, fates: &mut [Fate]) {
    let parents = |at: usize| {
        commits
            .get(at)
            .map_or(&[][..], |commit| commit.parents.as_slice())
    };
    let mut taken = vec![false; commits.len()];
    let mut main_line = Vec::new();
    let mut next = (!commits.is_empty()).then_some(0);
    while let Some(at) = next {
        main_line.push(at);
        if let Some(taken) = taken.get_mut(at) {
            *taken = true;
        }
        let first = parents(at).first().and_then(|id| ids.find(&id.0));
        // Never backwards, whatever a hand-written request says.
        next = first.filter(|first| *first > at);
    }
    for merge in main_line.into_iter().rev() {
        let find = |ids_of: &[crate::request::Id]| -> Vec<usize> {
            ids_of.iter().filter_map(|id| ids.find(&id.0)).collect()
        };
        let mut open = find(parents(merge).get(1..).unwrap_or_default());
        let mut found = Vec::new();
        while let Some(at) = open.pop() {
            match taken.get_mut(at) {
                Some(taken) if !*taken => *taken = true,
                _ => continue,
            }
            found.push(at);
            open.extend(find(parents(at)));
        }
        if let Some(fate) = fates.get_mut(merge) {
            fate.brought = found;
        }
    }
}

/// A rebase and a cherry-pick keep subject, author and the author's time; two commits that only
/// happen to be called the same do not share the last.
fn twins(commits: &[Commit], messages: &[Message], ids: &Ids<'_>, fates: &mut [Fate]) {
    let mut seen: HashMap<(&str, &str, &str, i64), usize> = HashMap::new();
    for (at, (commit, message)) in commits.iter().zip(messages).enumerate() {
        if message.subject.is_empty() || commit.parents.len() > 1 {
            continue;
        }
        let author = &commit.author;
        let key = (
            message.subject.as_str(),
            author.name.as_str(),
            author.email.as_str(),
            author.time,
        );
        let newest = *seen.entry(key).or_insert(at);
        if let Some(fate) = fates.get_mut(at).filter(|_| newest != at) {
            fate.twin_of = Some(newest);
        }
    }
    // `cherry-pick -x` names its source, also where the subject was changed on the way.
    for (at, message) in messages.iter().enumerate() {
        for source in message.picked.iter().filter_map(|id| ids.find(id)) {
            if let Some(fate) = fates.get_mut(source).filter(|_| source > at) {
                fate.twin_of.get_or_insert(at);
            }
        }
    }
}

/// From the newest on: a revert that was itself taken back takes nothing back.
fn reverts(messages: &[Message], ids: &Ids<'_>, fates: &mut [Fate]) {
    let mut titles: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, message) in messages.iter().enumerate() {
        titles
            .entry(plain_title(&message.subject))
            .or_default()
            .push(at);
    }
    // A copy that is older than the revert goes with the commit it is a copy of.
    let mut copies: HashMap<usize, Vec<usize>> = HashMap::new();
    for (at, fate) in fates.iter().enumerate() {
        if let Some(newest) = fate.twin_of {
            copies.entry(newest).or_default().push(at);
        }
    }
    for (at, message) in messages.iter().enumerate() {
        let mut targets: Vec<usize> = message
            .reverts
            .iter()
            .filter_map(|id| ids.find(id))
            .collect();
        if let Some(title) = message
            .reverted_title
            .as_deref()
            .filter(|_| message.reverts.is_empty())
        {
            let places = titles
                .get(plain_title(title))
                .map_or(&[][..], Vec::as_slice);
            let older = places.partition_point(|place| *place <= at);
            targets.extend(places.get(older));
        }
        targets.retain(|target| *target > at);
        let alive = fates.get(at).is_some_and(|fate| fate.reverted_by.is_none());
        if alive {
            for target in with_relatives(&targets, fates, &copies) {
                if let Some(fate) = fates.get_mut(target).filter(|_| target > at) {
                    fate.reverted_by.get_or_insert(at);
                }
            }
        }
        if let Some(fate) = fates.get_mut(at) {
            fate.reverts = targets;
        }
    }
}

/// The commits themselves, what they brought as merges, and all copies of these.
fn with_relatives(
    targets: &[usize],
    fates: &[Fate],
    copies: &HashMap<usize, Vec<usize>>,
) -> Vec<usize> {
    let fate = |at: usize| fates.get(at);
    let brought = targets
        .iter()
        .flat_map(|at| fate(*at).map_or(&[][..], |fate| fate.brought.as_slice()));
    let mut all: Vec<usize> = targets.iter().chain(brought).copied().collect();
    for at in all.clone() {
        let newest = fate(at).and_then(|fate| fate.twin_of).unwrap_or(at);
        all.push(newest);
        all.extend(copies.get(&newest).into_iter().flatten());
    }
    all
}
