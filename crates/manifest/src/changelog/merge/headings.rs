//! The headings of a merge: where groups begin and end, which are made and which go.

use super::super::blocks::{Block, Kind};
use super::super::rows::{NONE, get, set};
use super::Merge;

impl<'m, 'a> Merge<'m, 'a> {
    /// Headings first, so that each group ends where the next one begins: those a person wrote under
    /// the same titles, and new ones above what stands there already.
    pub(super) fn find_headings(&mut self) {
        let missing = |merge: &Self, at: usize| {
            get(&merge.node, at, 0) == NONE
                && merge
                    .fresh
                    .get(at)
                    .is_some_and(|block| block.level().is_some())
        };
        for at in 1..self.fresh.len() {
            if missing(self, at)
                && let Some(node) = self.of_the_same_path(at)
            {
                set(&mut self.node, at, node);
            }
        }
        for at in 1..self.fresh.len() {
            let may_enter = !get(&self.known, at, false) || get(&self.moved, at, false);
            if !missing(self, at) || !may_enter {
                continue;
            }
            let level = self.fresh.get(at).and_then(Block::level);
            let below = |other: &usize| {
                self.fresh
                    .get(*other)
                    .is_some_and(|block| block.level().is_none() || block.level() > level)
            };
            let child = (at + 1..self.fresh.len())
                .take_while(below)
                .find_map(|other| self.at_home(other));
            if let Some(child) = child {
                let node = self.mine.len() + at;
                self.link_before(child, node);
                set(&mut self.node, at, node);
            }
        }
    }

    /// The node of a heading of `fresh`, made where it is missing.
    pub(super) fn heading(&mut self, at: usize) -> usize {
        let there = get(&self.node, at, NONE);
        if there != NONE {
            return there;
        }
        let level = self.fresh.get(at).and_then(Block::level).unwrap_or(1);
        let above = |other: &usize| {
            self.fresh
                .get(*other)
                .and_then(Block::level)
                .is_some_and(|found| found < level)
        };
        let parent = (0..at).rev().find(above).unwrap_or(0);
        let parent_node = if parent == at {
            0
        } else {
            self.heading(parent)
        };
        // What stands between the heading above and the one that ends it; the section ends nowhere.
        let is_heading = |other: &usize| {
            self.fresh
                .get(*other)
                .is_some_and(|block| block.level().is_some())
        };
        let parent_level = self.fresh.get(parent).and_then(Block::level);
        let inside = |other: &usize| {
            parent == 0
                || self
                    .fresh
                    .get(*other)
                    .and_then(Block::level)
                    .is_none_or(|found| Some(found) > parent_level)
        };
        let placed = |other: usize| Some(get(&self.node, other, NONE)).filter(|node| *node != NONE);
        let before = (parent + 1..at).rev().filter(is_heading).find_map(placed);
        let after = || {
            (at + 1..self.fresh.len())
                .take_while(inside)
                .filter(is_heading)
                .find_map(placed)
        };
        let node = self.mine.len() + at;
        match before
            .map(|other| (other, true))
            .or_else(|| after().map(|other| (other, false)))
        {
            Some((other, true)) => self.link_after(self.last_below(other), node),
            Some((other, false)) => self.link_before(other, node),
            None => self.link_after(self.last_below(parent_node), node),
        }
        set(&mut self.node, at, node);
        node
    }

    /// A heading of a person with the same title below the same titles.
    fn of_the_same_path(&self, at: usize) -> Option<usize> {
        let Some(Kind::Heading(_, path)) = self.fresh.get(at).map(|block| &block.kind) else {
            return None;
        };
        let mut node = get(&self.next, 0, NONE);
        while node != NONE {
            if let Some(Kind::Heading(_, other)) = self.block(node).map(|block| &block.kind)
                && other == path
                && get(&self.same, node, 0) == NONE
                && !self.node.contains(&node)
            {
                return Some(node);
            }
            node = get(&self.next, node, NONE);
        }
        None
    }

    /// The last block below a heading and above the next heading of any level.
    pub(super) fn last_direct(&self, head: usize) -> usize {
        self.last_while(head, |level| level.is_none())
    }

    /// The last block of everything below a heading.
    fn last_below(&self, head: usize) -> usize {
        let own = self.level(head).unwrap_or(1);
        // Under the heading of a section stands everything, also a heading of its own level.
        self.last_while(head, |level| {
            head == 0 || level.is_none_or(|level| level > own)
        })
    }

    fn last_while(&self, head: usize, belongs: impl Fn(Option<usize>) -> bool) -> usize {
        let mut last = head;
        let mut node = get(&self.next, head, NONE);
        while node != NONE && belongs(self.level(node)) {
            last = node;
            node = get(&self.next, node, NONE);
        }
        // Link definitions close what they are in.
        while last != head
            && self
                .block(last)
                .is_some_and(|block| block.kind == Kind::Definitions)
        {
            last = get(&self.previous, last, head);
        }
        last
    }

    /// A generated heading goes with the last block below it. One that had none stays.
    pub(super) fn unlink_empty_headings(&mut self) {
        let mut all = vec![0];
        while let Some(next) = all
            .last()
            .map(|node| get(&self.next, *node, NONE))
            .filter(|node| *node != NONE)
        {
            all.push(next);
        }
        for node in all.into_iter().skip(1).rev() {
            let Some(own) = self.level(node) else {
                continue;
            };
            let next = get(&self.next, node, NONE);
            let is_empty = next == NONE || self.level(next).is_some_and(|level| level <= own);
            let leaf = |row: &[Block<'_>], at: usize| {
                let next = row.get(at.saturating_add(1)).map(Block::level);
                at < row.len() && next.is_none_or(|next| next.is_some_and(|level| level <= own))
            };
            let at = match node.checked_sub(self.mine.len()) {
                Some(at) => at,
                None => get(&self.same, node, NONE),
            };
            let was_empty = leaf(self.mine, node) || leaf(self.fresh, at);
            let is_ours = node >= self.mine.len() || get(&self.ours, node, false);
            if is_empty && is_ours && !was_empty {
                self.unlink(node);
            }
        }
    }
}

/// For each heading whether a block of a person stands somewhere below it.
pub(super) fn pinned(mine: &[Block<'_>], is_theirs: impl Fn(usize) -> bool) -> Vec<bool> {
    let mut pinned = vec![false; mine.len()];
    let mut above: Vec<(usize, usize)> = Vec::new();
    for (at, block) in mine.iter().enumerate().skip(1) {
        if let Some(level) = block.level() {
            above.retain(|(other, _)| *other < level);
        }
        if is_theirs(at) {
            above
                .iter()
                .for_each(|(_, heading)| set(&mut pinned, *heading, true));
        }
        if let Some(level) = block.level() {
            above.push((level, at));
        }
    }
    pinned
}
