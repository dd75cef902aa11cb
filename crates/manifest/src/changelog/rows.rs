//! Rows of blocks side by side: which is which, what has changed its place.

use std::collections::{HashMap, HashSet};

use super::blocks::{Block, Digest};

/// No place.
pub(super) const NONE: usize = usize::MAX;

pub(super) fn get<T: Copy>(all: &[T], at: usize, other: T) -> T {
    all.get(at).copied().unwrap_or(other)
}

pub(super) fn set<T>(all: &mut [T], at: usize, value: T) {
    if let Some(place) = all.get_mut(at) {
        *place = value;
    }
}

/// The n-th of a digest in one row is the n-th of it in the other: both ways, `NONE` without a match.
pub(super) fn matched(one: &[Digest], two: &[Digest]) -> (Vec<usize>, Vec<usize>) {
    let mut places: HashMap<Digest, Vec<usize>> = HashMap::new();
    for (at, digest) in two.iter().enumerate().rev() {
        places.entry(*digest).or_default().push(at);
    }
    let mut back = vec![NONE; two.len()];
    let there = one
        .iter()
        .enumerate()
        .map(|(at, digest)| {
            let place = places.get_mut(digest).and_then(Vec::pop).unwrap_or(NONE);
            set(&mut back, place, at);
            place
        })
        .collect();
    (there, back)
}

/// Tells the members of a row that do not belong to its longest rising part (patience sorting).
pub(super) fn out_of_order(row: &[usize], mut tell: impl FnMut(usize)) {
    let mut tops: Vec<usize> = Vec::new();
    let mut below: Vec<usize> = vec![NONE; row.len()];
    for (at, value) in row.iter().enumerate().filter(|(_, value)| **value != NONE) {
        let pile = tops.partition_point(|top| get(row, *top, NONE) < *value);
        if let Some(under) = pile.checked_sub(1) {
            set(&mut below, at, get(&tops, under, NONE));
        }
        match tops.get_mut(pile) {
            Some(top) => *top = at,
            None => tops.push(at),
        }
    }
    let mut rising = HashSet::new();
    let mut at = tops.last().copied().unwrap_or(NONE);
    while at != NONE {
        rising.insert(at);
        at = get(&below, at, NONE);
    }
    for (at, value) in row.iter().enumerate() {
        if *value != NONE && !rising.contains(&at) {
            tell(*value);
        }
    }
}

/// For each block the nearest heading above it.
pub(super) fn heads(blocks: &[Block<'_>]) -> Vec<usize> {
    let mut head = 0;
    let above = |(at, block): (usize, &Block<'_>)| {
        let above = head;
        if block.level().is_some() {
            head = at;
        }
        above
    };
    blocks.iter().enumerate().map(above).collect()
}
