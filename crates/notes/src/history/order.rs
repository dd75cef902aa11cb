//! The order in which libgit2 walks a history, which is the order of git-cliff's lists.
//!
//! It first lists all commits, newest first, those of one second in the order in which they were met; then it sorts
//! that list either topologically, through a stack, or by time, through a heap. The heap is not stable, so its very
//! swaps are done again here: otherwise commits of one second would stand in another order.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::stream::Commits;

/// Places of all commits, newest first.
pub(crate) fn walk(commits: &Commits, topological: bool) -> Vec<u32> {
    let met = by_date(commits);
    if topological {
        children_first(commits, &met)
    } else {
        heap_sorted(commits, met)
    }
}

/// Newest first; of one second, first come, first served.
fn by_date(commits: &Commits) -> Vec<u32> {
    let mut seen = vec![false; commits.len()];
    let mut queue = BinaryHeap::new();
    let mut count = 0_u32;
    let mut met = Vec::with_capacity(commits.len());
    let push = |queue: &mut BinaryHeap<_>, seen: &mut Vec<bool>, at: u32, count: &mut u32| {
        if let Some(seen) = seen.get_mut(at as usize)
            && !*seen
        {
            *seen = true;
            queue.push((commits.time(at), Reverse(*count), at));
            *count += 1;
        }
    };
    if commits.len() > 0 {
        push(&mut queue, &mut seen, commits.tip(), &mut count);
    }
    while let Some((_, _, at)) = queue.pop() {
        met.push(at);
        for parent in commits.parents(at) {
            push(&mut queue, &mut seen, *parent, &mut count);
        }
    }
    met
}

/// Every commit after all its children; of several that could come next, the one that was freed last.
pub(crate) fn children_first(commits: &Commits, met: &[u32]) -> Vec<u32> {
    let mut waiting = vec![0_u32; commits.len()];
    for at in met {
        for parent in commits.parents(*at) {
            if let Some(count) = waiting.get_mut(*parent as usize) {
                *count += 1;
            }
        }
    }
    let free = |waiting: &[u32], at: u32| waiting.get(at as usize) == Some(&0);
    let mut stack: Vec<u32> = met
        .iter()
        .rev()
        .copied()
        .filter(|at| free(&waiting, *at))
        .collect();
    let mut order = Vec::with_capacity(met.len());
    while let Some(at) = stack.pop() {
        order.push(at);
        for parent in commits.parents(at) {
            if let Some(count) = waiting.get_mut(*parent as usize) {
                *count -= 1;
                if *count == 0 {
                    stack.push(*parent);
                }
            }
        }
    }
    order
}

/// What a binary heap by time gives back, swap by swap.
fn heap_sorted(commits: &Commits, met: Vec<u32>) -> Vec<u32> {
    let mut heap: Vec<(i64, u32)> = Vec::with_capacity(met.len());
    for at in met {
        heap.push((commits.time(at), at));
        rise(&mut heap);
    }
    let mut order = Vec::with_capacity(heap.len());
    while !heap.is_empty() {
        let (_, newest) = heap.swap_remove(0);
        order.push(newest);
        sink(&mut heap);
    }
    order
}

fn rise(heap: &mut [(i64, u32)]) {
    let mut at = heap.len().saturating_sub(1);
    while at > 0 {
        let above = (at - 1) / 2;
        match (heap.get(above), heap.get(at)) {
            (Some(parent), Some(kid)) if parent.0 < kid.0 => heap.swap(above, at),
            _ => break,
        }
        at = above;
    }
}

fn sink(heap: &mut [(i64, u32)]) {
    let mut at = 0;
    loop {
        let (left, right) = (2 * at + 1, 2 * at + 2);
        let Some(kid) = heap.get(left) else { break };
        let kid = match heap.get(right) {
            Some(other) if kid.0 < other.0 => right,
            _ => left,
        };
        match (heap.get(at), heap.get(kid)) {
            (Some(parent), Some(child)) if parent.0 < child.0 => heap.swap(at, kid),
            _ => break,
        }
        at = kid;
    }
}
