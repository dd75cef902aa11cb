//! Measured figures: where they stand, what they are, how old they are, and what they were at the last release.

mod age;
mod json;
mod measured;
mod place;
mod seen;
mod table;

#[cfg(test)]
mod tests;

use config::{BenchmarkTarget, Quantity, Statistic};

pub(crate) use age::{Age, age};
pub use measured::{Measured, measured};
pub(crate) use place::{Place, place};
pub(crate) use seen::{Bound, Seen, look};

/// One figure, with what its source says of it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Figure {
    pub(crate) quantity: Quantity,
    pub(crate) line: Option<usize>,
    /// `~5 ms`.
    pub(crate) rough: bool,
    /// `YYYY-MM-DD`, as recorded in the source.
    pub(crate) date: Option<String>,
    pub(crate) machine: Option<String>,
    pub(crate) commit: Option<String>,
}

impl Figure {
    fn of(quantity: Quantity) -> Figure {
        Figure {
            quantity,
            line: None,
            rough: false,
            date: None,
            machine: None,
            commit: None,
        }
    }
}

/// The figure of a target in the text of its source.
///
/// # Errors
/// Why there is none: one line.
pub(crate) fn figure(
    path: &str,
    text: &str,
    target: &BenchmarkTarget,
    statistic: Statistic,
) -> Result<Figure, String> {
    let select = target.select.as_deref().unwrap_or(&target.name);
    let ending = path
        .rsplit_once('.')
        .map(|(_, ending)| ending.to_ascii_lowercase());
    match ending.as_deref() {
        Some("json") => json::figure(text, select, target.unit.as_deref(), statistic),
        Some("md" | "markdown") => table::figure(text, select),
        _ => Err("only .json and .md can be read".to_owned()),
    }
}

/// A number as people write it: three decimals at most.
pub(crate) fn plain(number: f64) -> String {
    let text = format!("{number:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The `YYYY-MM-DD` that a text begins with, if it is a day of the calendar.
fn leading_date(text: &str) -> Option<String> {
    let date = text.trim().get(..10)?;
    let date: config::Date = date.parse().ok()?;
    Some(date.to_string())
}
