//! Which release each commit belongs to: the first of the tags, in their order, from which it can be reached.
//!
//! git-cliff walks the history once for each tag. Going from children to parents once, and handing on the least number,
//! gives the same answer: a commit can be reached from a tag exactly when the tag is on it or on one of its descendants.

use super::stream::Commits;

/// Of a commit that no tag reaches.
pub(crate) const NONE: u32 = u32::MAX;

/// The number of the owner of each commit. `tagged` gives the number of the tag on a commit, [`NONE`] without one;
/// `children_first` is an order in which no commit stands before one of its children.
pub(crate) fn of(commits: &Commits, children_first: &[u32], tagged: Vec<u32>) -> Vec<u32> {
    let mut owner = tagged;
    for at in children_first {
        let Some(own) = owner.get(*at as usize).copied() else {
            continue;
        };
        if own == NONE {
            continue;
        }
        for parent in commits.parents(*at) {
            if let Some(theirs) = owner.get_mut(*parent as usize) {
                *theirs = own.min(*theirs);
            }
        }
    }
    owner
}
