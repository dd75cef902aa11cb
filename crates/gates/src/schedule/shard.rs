//! One preflight on several machines: each asks its part of the gates.
//!
//! Every machine works the parts out for itself, so they follow from what all of them have: the table, the repository, and
//! the same file of durations, if one is given. What only one machine remembers counts for nothing.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::board;
use crate::reports::LEFT_TO_SHARD;
use crate::{Gate, Lane};

/// Which part: `2/3`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shard {
    /// From 1.
    pub index: usize,
    pub of: usize,
    /// How long gates took in an earlier run, by name.
    pub durations: Durations,
}

/// How long gates took.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Durations(BTreeMap<String, Duration>);

impl FromStr for Shard {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Shard> {
        let wrong = || format!("`{text}` is no part; write for example 2/3: the second of three");
        let (index, of) = text.split_once('/').with_context(wrong)?;
        let (index, of): (usize, usize) = (
            index.parse().with_context(wrong)?,
            of.parse().with_context(wrong)?,
        );
        ensure!((1..=of).contains(&index), "{}", wrong());
        Ok(Shard {
            index,
            of,
            durations: Durations::default(),
        })
    }
}

impl Durations {
    /// From the output of `preflight --format json`; cached and skipped gates say nothing about durations.
    ///
    /// # Errors
    /// With the line that is no JSON.
    pub fn parse(text: &str) -> Result<Durations> {
        let mut durations = BTreeMap::new();
        for (n, line) in text.lines().enumerate() {
            let event: Value = serde_json::from_str(line)
                .with_context(|| format!("line {} is no JSON event", n + 1))?;
            let looked = event["event"] == "gate"
                && event["cached"] == false
                && event["verdict"] != "skipped";
            if let (true, Some(name), Some(ms)) =
                (looked, event["name"].as_str(), event["took_ms"].as_u64())
            {
                durations.insert(name.to_owned(), Duration::from_millis(ms));
            }
        }
        Ok(Durations(durations))
    }

    fn of(&self, gate: &Gate<'_>) -> Duration {
        self.0
            .get(gate.name)
            .copied()
            .unwrap_or_else(|| board::guess(gate.cost))
    }
}

impl Shard {
    /// The gates that other machines ask, each with the reason why it is skipped here. The longest gate goes to the
    /// machine that has least to do, and so on. Gates of the build lane share what they build, so they stay together
    /// unless there are durations that say otherwise.
    pub(super) fn elsewhere(&self, table: &[Gate<'_>], asked: &[usize]) -> BTreeMap<usize, String> {
        let mut order: Vec<usize> = asked.to_vec();
        order.sort_by_key(|index| std::cmp::Reverse(self.durations.of(&table[*index])));
        let mut loads = vec![Duration::ZERO; self.of];
        let mut elsewhere = BTreeMap::new();
        for index in order {
            let gate = &table[index];
            let together = self.durations.0.is_empty() && gate.needs.contains(&Lane::CargoBuild);
            let least = loads.iter().enumerate().min_by_key(|(_, load)| **load);
            let at = match least {
                Some((at, _)) if !together => at,
                _ => 0,
            };
            loads[at] += self.durations.of(gate);
            if at + 1 != self.index {
                elsewhere.insert(index, format!("{LEFT_TO_SHARD}{}/{}", at + 1, self.of));
            }
        }
        elsewhere
    }
}

#[cfg(test)]
mod tests {
    use super::{Durations, Shard};
    use crate::GATES;

    fn parts(of: usize, durations: &Durations) -> Vec<Vec<usize>> {
        let all: Vec<usize> = (0..GATES.len()).collect();
        (1..=of)
            .map(|index| {
                let durations = durations.clone();
                let shard = Shard {
                    index,
                    of,
                    durations,
                };
                let elsewhere = shard.elsewhere(GATES, &all);
                all.iter()
                    .copied()
                    .filter(|index| !elsewhere.contains_key(index))
                    .collect()
            })
            .collect()
    }

    #[test]
    fn every_gate_is_in_exactly_one_part() {
        let known = r#"{"event":"gate","name":"test","verdict":"pass","cached":false,"took_ms":90000}
            {"event":"gate","name":"clippy","verdict":"pass","cached":false,"took_ms":50000}
            {"event":"preflight"}"#;
        for durations in [Durations::default(), Durations::parse(known).unwrap()] {
            for of in 1..=GATES.len() + 2 {
                let mut all = parts(of, &durations).concat();
                all.sort_unstable();
                assert_eq!(all, (0..GATES.len()).collect::<Vec<_>>(), "{of}");
            }
        }
    }

    #[test]
    fn what_takes_longest_is_spread() {
        let known = r#"{"event":"gate","name":"test","verdict":"pass","cached":false,"took_ms":90000}
            {"event":"gate","name":"clippy","verdict":"pass","cached":false,"took_ms":80000}"#;
        let place = |name| GATES.iter().position(|gate| gate.name == name).unwrap();
        let parts = parts(2, &Durations::parse(known).unwrap());
        let of = |name| parts.iter().position(|part| part.contains(&place(name)));
        assert_ne!(of("test"), of("clippy"));
    }

    #[test]
    fn a_part_is_read_as_it_is_written() {
        let shard: Shard = "2/3".parse().unwrap();
        assert_eq!((shard.index, shard.of), (2, 3));
        for wrong in ["0/3", "4/3", "2", "a/b", "1/0", "-1/2", "1/2/3"] {
            let error = wrong.parse::<Shard>().unwrap_err();
            assert!(error.to_string().contains("2/3"), "{wrong}");
        }
        let error = Durations::parse("{}\nrubbish").unwrap_err();
        assert_eq!(error.to_string(), "line 2 is no JSON event");
    }
}
