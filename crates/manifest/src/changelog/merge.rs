//! The three-way merge of a section: what a person made of the last generation, and the next one.
//!
//! Three rows of blocks: `mine` as it stands there, `base` as it was generated last (known by the
//! digests of the draft line alone), `fresh` as it is generated now. The text that stands there is the
//! skeleton, since its order is a person's to choose; what the generation no longer has leaves it, what
//! the generation has anew enters it beside its neighbours, and what a person took out stays out.

mod headings;

use std::collections::HashSet;

use super::blocks::{Block, Digest, Kind};
use super::rows::{NONE, get, heads, matched, out_of_order, set};
use super::subject::{self, Subject};

/// What a merge did, in blocks; headings are not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Entered: the generation has them anew.
    pub added: usize,
    /// Left: the generation no longer has them.
    pub dropped: usize,
    /// A person's, kept byte for byte.
    pub yours: usize,
    /// Generated, and taken out or reworded by a person: they stay out.
    pub stay_out: usize,
    /// Generated anew and left out, for a person's block names the same commit or pull request.
    pub twice: usize,
    /// Taken over from `[Unreleased]`.
    pub rotated: usize,
}

/// The merged row, and what the next draft line names.
pub(super) struct Merged<'a> {
    pub(super) blocks: Vec<Placed<'a>>,
    /// The generation.
    pub(super) names: Vec<Digest>,
    /// What a person took out, and the generation no longer has.
    pub(super) out: Vec<Digest>,
    pub(super) tally: Tally,
}

/// A block of the result with the white space before it.
pub(super) struct Placed<'a> {
    pub(super) lead: Lead<'a>,
    pub(super) text: &'a str,
}

pub(super) enum Lead<'a> {
    /// As it stands in one of the texts.
    AsIs(&'a str),
    /// A line end.
    Tight,
    /// A blank line.
    Loose,
}

/// Both rows begin with the heading of the section.
pub(super) fn merge<'a>(mine: &[Block<'a>], base: &[Digest], fresh: &[Block<'a>]) -> Merged<'a> {
    let mut merge = Merge::new(mine, base, fresh);
    merge.unlink_what_is_gone();
    merge.find_headings();
    for at in 1..fresh.len() {
        merge.enter(at);
    }
    merge.unlink_empty_headings();
    merge.result()
}

/// The result as a linked list; a node is an index into `mine`, then `fresh`.
struct Merge<'m, 'a> {
    mine: &'m [Block<'a>],
    fresh: &'m [Block<'a>],
    base: &'m [Digest],
    /// Whether a block of `mine` is in `base`.
    ours: Vec<bool>,
    /// For each of `mine`: the same in `fresh`.
    same: Vec<usize>,
    /// Headings of `mine` with something of a person below them: they stay where they are.
    pinned: Vec<bool>,
    /// For each of `fresh`: whether it was generated before.
    known: Vec<bool>,
    /// Of `mine`: generated, and carried elsewhere by a person.
    carried: Vec<bool>,
    /// Of `fresh`: stands in `mine`, and the generation has moved it.
    moved: Vec<bool>,
    /// For each of `fresh`: its node in the result.
    node: Vec<usize>,
    next: Vec<usize>,
    previous: Vec<usize>,
    /// The heading above each of `fresh`.
    heads: Vec<usize>,
    curated: Vec<Subject<'a>>,
    tally: Tally,
}

impl<'m, 'a> Merge<'m, 'a> {
    fn new(mine: &'m [Block<'a>], base: &'m [Digest], fresh: &'m [Block<'a>]) -> Self {
        let digests =
            |blocks: &[Block<'_>]| blocks.iter().map(|block| block.digest).collect::<Vec<_>>();
        let (mine_d, fresh_d) = (digests(mine), digests(fresh));
        let (in_base, base_in_mine) = matched(&mine_d, base);
        let (mut same, mut inverse) = matched(&mine_d, &fresh_d);
        let (known, base_in_fresh) = matched(&fresh_d, base);
        // The heading of the section is itself, whatever it says.
        set(&mut same, 0, 0);
        set(&mut inverse, 0, 0);
        let mut carried = vec![false; mine.len()];
        out_of_order(&base_in_mine, |at| set(&mut carried, at, true));
        let mut moved = vec![false; fresh.len()];
        out_of_order(&base_in_fresh, |at| {
            let place = get(&inverse, at, NONE);
            let stays = get(&carried, place, true);
            set(&mut moved, at, place != NONE && at > 0 && !stays);
        });
        let ours: Vec<bool> = in_base.iter().map(|at| *at != NONE).collect();
        let pinned = headings::pinned(mine, |at| {
            !get(&ours, at, false) || get(&carried, at, false)
        });
        for (at, _) in pinned.iter().enumerate().filter(|(_, pinned)| **pinned) {
            set(&mut moved, get(&same, at, NONE), false);
        }
        let curated = mine
            .iter()
            .zip(&ours)
            .filter(|(block, ours)| !**ours && block.says_something())
            .map(|(block, _)| subject::of(block.text))
            .collect();
        let nodes = mine.len() + fresh.len();
        Self {
            node: inverse,
            heads: heads(fresh),
            known: known.iter().map(|at| *at != NONE).collect(),
            next: (0..nodes)
                .map(|node| {
                    if node + 1 < mine.len() {
                        node + 1
                    } else {
                        NONE
                    }
                })
                .collect(),
            previous: (0..nodes)
                .map(|node| {
                    if node < mine.len() && node > 0 {
                        node - 1
                    } else {
                        NONE
                    }
                })
                .collect(),
            mine,
            fresh,
            base,
            ours,
            same,
            pinned,
            carried,
            moved,
            curated,
            tally: Tally::default(),
        }
    }

    fn block(&self, node: usize) -> Option<&'m Block<'a>> {
        self.mine
            .get(node)
            .or_else(|| self.fresh.get(node.checked_sub(self.mine.len())?))
    }

    fn level(&self, node: usize) -> Option<usize> {
        self.block(node)?.level()
    }

    /// What the generation no longer has, and what it has elsewhere now.
    fn unlink_what_is_gone(&mut self) {
        for at in 1..self.mine.len() {
            let Some(block) = self.mine.get(at) else {
                continue;
            };
            let (to, ours) = (get(&self.same, at, NONE), get(&self.ours, at, false));
            if ours && to == NONE && !get(&self.pinned, at, false) {
                self.tally.dropped += usize::from(block.says_something());
                self.unlink(at);
            } else if get(&self.moved, to, false) {
                self.unlink(at);
                set(&mut self.node, to, NONE);
            } else if !ours && to == NONE {
                self.tally.yours += usize::from(block.says_something());
            }
        }
    }

    /// The node of a block of the generation, unless it is not there or a person carried it elsewhere.
    fn at_home(&self, at: usize) -> Option<usize> {
        let node = get(&self.node, at, NONE);
        (node != NONE && !get(&self.carried, node, false)).then_some(node)
    }

    /// Puts a block of the generation into the result, unless it is there or a person took it out.
    fn enter(&mut self, at: usize) {
        let Some(block) = self.fresh.get(at) else {
            return;
        };
        if get(&self.node, at, NONE) != NONE {
            return;
        }
        let is_moved = get(&self.moved, at, false);
        if get(&self.known, at, false) && !is_moved {
            self.tally.stay_out += usize::from(block.says_something());
            return;
        }
        if block.level().is_some() {
            // A heading comes with the first block below it; one that has none comes alone.
            let is_leaf = self
                .fresh
                .get(at + 1)
                .is_none_or(|next| next.level() <= block.level() && next.level().is_some());
            if is_leaf {
                self.heading(at);
            }
            return;
        }
        if !is_moved {
            let subject = subject::of(block.text);
            if self.curated.iter().any(|curated| curated.covers(&subject)) {
                self.tally.twice += usize::from(block.says_something());
                return;
            }
            self.tally.added += usize::from(block.says_something());
        }
        let node = self.mine.len() + at;
        match self.sibling(at) {
            Some((other, true)) => self.link_after(other, node),
            Some((other, false)) => self.link_before(other, node),
            None => {
                let head = self.heading(get(&self.heads, at, 0));
                let last = self.last_direct(head);
                self.link_after(last, node);
            }
        }
        set(&mut self.node, at, node);
    }

    /// The nearest block of the same group that stands where the generation has it, and whether it
    /// comes before.
    fn sibling(&self, at: usize) -> Option<(usize, bool)> {
        let head = get(&self.heads, at, 0);
        let group = |other: &usize| {
            self.fresh
                .get(*other)
                .is_some_and(|block| block.level().is_none())
        };
        let before = (head + 1..at).rev().find_map(|other| self.at_home(other));
        let after = || {
            (at + 1..self.fresh.len())
                .take_while(group)
                .find_map(|other| self.at_home(other))
        };
        before
            .map(|node| (node, true))
            .or_else(|| after().map(|node| (node, false)))
    }

    fn result(self) -> Merged<'a> {
        let mut blocks = Vec::new();
        let (mut node, mut above) = (0, NONE);
        while let Some(block) = self.block(node) {
            let text = match self.fresh.first() {
                Some(fresh) if node == 0 && get(&self.ours, 0, false) => fresh.text,
                _ => block.text,
            };
            blocks.push(Placed {
                lead: self.lead(above, node),
                text,
            });
            above = node;
            node = get(&self.next, node, NONE);
        }
        let names: Vec<Digest> = self.fresh.iter().map(|block| block.digest).collect();
        let known: HashSet<Digest> = self
            .mine
            .iter()
            .map(|block| block.digest)
            .chain(names.iter().copied())
            .collect();
        let out = self
            .base
            .iter()
            .skip(1)
            .filter(|digest| !known.contains(*digest))
            .copied()
            .collect();
        Merged {
            blocks,
            names,
            out,
            tally: self.tally,
        }
    }

    /// As it stands in the text, as it was generated, or as it has to be for two blocks that meet anew.
    fn lead(&self, above: usize, node: usize) -> Lead<'a> {
        let (Some(block), Some(other)) = (self.block(node), self.block(above)) else {
            return Lead::AsIs(self.block(node).map_or("", |block| block.lead));
        };
        let count = self.mine.len();
        if node < count && above < count && above + 1 == node {
            return Lead::AsIs(block.lead);
        }
        let in_fresh = |node: usize| {
            if node < count {
                get(&self.same, node, NONE)
            } else {
                node - count
            }
        };
        let (one, two) = (in_fresh(above), in_fresh(node));
        if one != NONE && two != NONE && one + 1 == two {
            return self
                .fresh
                .get(two)
                .map_or(Lead::Loose, |block| Lead::AsIs(block.lead));
        }
        match (&other.kind, &block.kind) {
            (Kind::Item(one), Kind::Item(two)) if one == two => Lead::Tight,
            _ => Lead::Loose,
        }
    }

    fn link_after(&mut self, other: usize, node: usize) {
        let next = get(&self.next, other, NONE);
        set(&mut self.next, other, node);
        set(&mut self.previous, node, other);
        set(&mut self.next, node, next);
        set(&mut self.previous, next, node);
    }

    fn link_before(&mut self, other: usize, node: usize) {
        let previous = get(&self.previous, other, NONE);
        self.link_after(previous, node);
    }

    fn unlink(&mut self, node: usize) {
        let (previous, next) = (get(&self.previous, node, NONE), get(&self.next, node, NONE));
        set(&mut self.next, previous, next);
        set(&mut self.previous, next, previous);
    }
}
