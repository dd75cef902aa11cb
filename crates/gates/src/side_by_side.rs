//! A few things at a time: for questions that mostly wait.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// `ask` for each item, at most `limit` at a time; the answers in the order of the items.
pub(crate) fn side_by_side<T: Sync, R: Send>(
    items: &[T],
    limit: usize,
    ask: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let answers = Mutex::new(Vec::with_capacity(items.len()));
    std::thread::scope(|scope| {
        for _ in 0..limit.min(items.len()) {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::SeqCst);
                    let Some(item) = items.get(index) else {
                        return;
                    };
                    let answer = ask(item);
                    answers
                        .lock()
                        .unwrap_or_else(std::sync::PoisonError::into_inner)
                        .push((index, answer));
                }
            });
        }
    });
    let mut answers = answers
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    answers.sort_by_key(|(index, _)| *index);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Condvar;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::side_by_side;

    #[test]
    fn answers_come_in_order_and_never_more_than_the_limit_at_once() {
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let items: Vec<usize> = (0..50).collect();
        let answers = side_by_side(&items, 3, |item| {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            std::thread::yield_now();
            now.fetch_sub(1, Ordering::SeqCst);
            item * 2
        });
        assert_eq!(
            answers,
            items.iter().map(|item| item * 2).collect::<Vec<_>>()
        );
        assert!(most.load(Ordering::SeqCst) <= 3);
        assert!(side_by_side(&[(); 0], 3, |()| ()).is_empty());
    }

    #[test]
    fn they_do_run_at_once() {
        // Each waits for the other: one after another they would wait for ever.
        let (met, both) = (Mutex::new(0), Condvar::new());
        side_by_side(&[1, 2], 2, |_| {
            let mut met = met.lock().unwrap();
            *met += 1;
            both.notify_all();
            while *met < 2 {
                met = both.wait(met).unwrap();
            }
        });
        assert_eq!(*met.lock().unwrap(), 2);
    }
}
