//! Laws over generated trees.

use proptest::prelude::{ProptestConfig, any, prop_assert_eq, proptest};

use super::fixtures::{file, written};
use crate::Entry;

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn order_of_the_entries_does_not_matter(names in proptest::collection::btree_set("[a-z]{1,4}(/[0-9]{1,4}){0,3}", 1..12), seed in any::<usize>()) {
        let folders: Vec<&str> = names.iter().flat_map(|name| name.match_indices('/').map(|(at, _)| &name[..at])).collect();
        let names: Vec<&String> = names.iter().filter(|name| !folders.contains(&name.as_str())).collect();
        let entries = |shift: usize| -> Vec<Entry<'_>> {
            let (head, tail) = names.split_at(shift % names.len());
            tail.iter().chain(head).map(|name| file(name, false, name.as_bytes())).collect()
        };
        prop_assert_eq!(written(entries(0)), written(entries(seed)));
    }
}
