//! Rules for what is counted and measured: trackers and benchmarks.

use super::Rules;
use crate::error::visible;
use crate::{names, quantity, unit};

impl Rules<'_> {
    pub(super) fn tracker(&mut self) {
        let tracker = &self.config.gates.tracker;
        if let Some(path) = &tracker.path {
            self.clean("gates.tracker.path", names::path(path));
        }
        for (index, list) in tracker.checklist.iter().enumerate() {
            let path = format!("gates.tracker.checklist[{index}]");
            self.clean(&format!("{path}.path"), names::path(&list.path));
            if list.required_pct > 100 {
                self.report(
                    &format!("{path}.required_pct"),
                    "more than 100 of a hundred items cannot be done",
                );
            }
        }
    }

    pub(super) fn benchmarks(&mut self) {
        let targets = &self.config.gates.benchmarks.target;
        for (index, target) in targets.iter().enumerate() {
            let path = format!("gates.benchmarks.target[{index}]");
            self.clean(&format!("{path}.source"), names::path(&target.source));
            let bounds = [("max", &target.max), ("min", &target.min)];
            if bounds
                .iter()
                .all(|(key, _)| !self.places.stands(&format!("{path}.{key}")))
            {
                self.advise(
                    &path,
                    "neither `max` nor `min`, so any figure would do",
                    "write for example `max = \"5 ms\"`",
                );
            }
            if target.max.is_some() && target.min.is_some() {
                self.report(
                    &format!("{path}.min"),
                    "there is a `max` already, and only one of them can say which way is better",
                );
            }
            for (key, bound) in bounds {
                if let Some(Err(flaw)) = bound.as_deref().map(quantity) {
                    self.advise(&format!("{path}.{key}"), &flaw, "write for example `5 ms`");
                }
            }
            if let Some(symbol) = &target.unit
                && unit(symbol).is_none()
            {
                let message = format!("`{}` is no unit that is known", visible(symbol));
                self.advise(&format!("{path}.unit"), &message, "write for example `ms`");
            }
            if targets[..index]
                .iter()
                .any(|other| other.name == target.name)
            {
                let message = format!(
                    "`{}` is the name of another target already",
                    visible(&target.name)
                );
                self.report(&format!("{path}.name"), &message);
            }
        }
    }
}
