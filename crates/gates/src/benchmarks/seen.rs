//! What is seen of one target: its figure, what it has to be, and how old it is.

use std::path::PathBuf;

use anyhow::{Result, anyhow};
use config::{BenchmarkTarget, Quantity};

use super::{Age, Figure, Place, age, figure, place, plain};
use crate::Cx;

/// What a figure has to be.
pub(crate) struct Bound {
    pub(crate) limit: Quantity,
    /// As configured.
    pub(crate) text: String,
    pub(crate) unit: String,
    pub(crate) lower_is_better: bool,
}

/// A figure that was found.
pub(crate) struct Seen {
    pub(crate) bound: Bound,
    pub(crate) figure: Figure,
    /// From the root.
    pub(crate) path: String,
    pub(crate) age: Age,
}

/// Looks for the figure of a target; the inner error is why there is none, one line.
pub(crate) fn look(cx: &Cx, target: &BenchmarkTarget) -> Result<Result<Seen, String>> {
    let bound = bound(target)?;
    let (path, full): (String, PathBuf) = match place(cx, target)? {
        Place::File(path, full) => (path, full),
        Place::None(why) => {
            return Ok(Err(format!(
                "no figure: {why}; measure it, or correct `source`"
            )));
        }
    };
    let text = cx.world.read_text(&full)?;
    match figure(&path, &text, target, cx.config.gates.benchmarks.criterion) {
        Ok(figure) if figure.quantity.comparable(bound.limit) => Ok(Ok(Seen {
            age: age(cx, &figure, &path, &full)?,
            bound,
            figure,
            path,
        })),
        Ok(_) => Ok(Err(format!(
            "the figure in {path} is of another kind than {}",
            bound.text
        ))),
        Err(why) => Ok(Err(format!("no figure in {path}: {why}"))),
    }
}

fn bound(target: &BenchmarkTarget) -> Result<Bound> {
    let (text, lower_is_better) = match (&target.max, &target.min) {
        (Some(max), _) => (max, true),
        (None, Some(min)) => (min, false),
        (None, None) => {
            return Err(anyhow!(
                "the target `{}` has neither `max` nor `min`",
                target.name
            ));
        }
    };
    let limit =
        config::quantity(text).map_err(|why| anyhow!("the target `{}`: {why}", target.name))?;
    let unit = text
        .trim_start_matches(|found: char| !(found.is_alphabetic() || found == '%' || found == '/'));
    Ok(Bound {
        limit,
        text: text.trim().to_owned(),
        unit: unit.trim().to_owned(),
        lower_is_better,
    })
}

impl Bound {
    /// `4.2 ms`, in the unit of the target.
    pub(crate) fn shown(&self, quantity: Quantity) -> String {
        format!("{} {}", plain(quantity.in_unit(self.limit.unit)), self.unit)
    }

    pub(crate) fn holds(&self, figure: Quantity) -> bool {
        match self.lower_is_better {
            true => figure.base() < self.limit.base(),
            false => figure.base() >= self.limit.base(),
        }
    }

    pub(crate) fn says(&self) -> String {
        match self.lower_is_better {
            true => format!("less than {}", self.text),
            false => format!("at least {}", self.text),
        }
    }
}
