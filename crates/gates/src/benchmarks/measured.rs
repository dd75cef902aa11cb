//! The figures of all targets, for whoever prints them: each with its evidence, or why there is none.

use anyhow::Result;

use super::{Age, Seen, look};
use crate::Cx;

/// Seconds of a day.
const DAY_S: u64 = 86_400;

/// A figure that may be printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measured {
    /// Of the target.
    pub name: String,
    /// In the unit of its target: `2.1 ms`.
    pub value: String,
    /// `~2 ms` in its source.
    pub rough: bool,
    /// `less than 5 ms`.
    pub target: String,
    pub met: bool,
    /// The file it was read from, from the root.
    pub source: String,
    /// The day it was measured, `YYYY-MM-DD`, and by what that is known.
    pub date: Option<(String, &'static str)>,
    pub machine: Option<String>,
    pub commit: Option<String>,
}

/// Name of the target, and its figure or why there is none that may be printed: no file, nothing in it that can be
/// read, or too old. In the order of `[[gates.benchmarks.target]]`.
///
/// # Errors
/// When Ctrl-C ended the run.
pub fn measured(cx: &Cx) -> Result<Vec<(String, Result<Measured, String>)>> {
    let settings = &cx.config.gates.benchmarks;
    let mut all = Vec::new();
    for target in &settings.target {
        let seen = match look(cx, target) {
            Ok(seen) => seen,
            // An unreadable file is no evidence.
            Err(error) => {
                cx.world.check_interrupt()?;
                Err(format!("{error:#}"))
            }
        };
        let figure = seen.and_then(|seen| fresh(seen, settings.max_age_days));
        let figure = figure.and_then(|seen| of(cx, &target.name, seen));
        all.push((target.name.clone(), figure));
    }
    Ok(all)
}

fn fresh(seen: Seen, most: Option<u64>) -> Result<Seen, String> {
    let Some(most) = most else { return Ok(seen) };
    match &seen.age {
        Age::Days(days, witness) if *days > most => Err(format!(
            "it was measured {days} days ago by {witness}, at most {most} are allowed ({})",
            seen.path
        )),
        Age::Days(..) => Ok(seen),
        Age::Unknown(why) => Err(format!("its age is not known: {why}")),
    }
}

fn of(cx: &Cx, name: &str, seen: Seen) -> Result<Measured, String> {
    let Seen {
        bound,
        figure,
        path,
        age,
    } = seen;
    let date = match (&figure.date, age) {
        (Some(date), _) => Some((date.clone(), "its recorded date")),
        (None, Age::Days(days, witness)) => {
            let day = cx.world.now_s().saturating_sub(days * DAY_S);
            let date = world::date_of(day).map_err(|error| format!("{error:#}"))?;
            Some((date, witness))
        }
        (None, Age::Unknown(_)) => None,
    };
    Ok(Measured {
        name: name.to_owned(),
        value: bound.shown(figure.quantity),
        rough: figure.rough,
        target: bound.says(),
        met: bound.holds(figure.quantity),
        source: path,
        date,
        machine: figure.machine,
        commit: figure.commit,
    })
}
