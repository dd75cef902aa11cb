//! Figures in JSON: criterion's estimates, a list of entries, or whatever a pointer finds.

use config::{Quantity, Statistic};
use serde_json::Value;

use super::{Figure, leading_date};

/// Criterion writes no unit: its estimates are in nanoseconds.
const CRITERION_UNIT: &str = "ns";

pub(super) fn figure(
    text: &str,
    select: &str,
    unit: Option<&str>,
    statistic: Statistic,
) -> Result<Figure, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let json: Value =
        serde_json::from_str(text).map_err(|error| format!("it is not JSON: {error}"))?;
    let mut figure = if select.starts_with('/') {
        pointed(&json, select, unit)?
    } else if let Some(list) = json
        .as_array()
        .or_else(|| json.get("benchmarks")?.as_array())
    {
        listed(list, select, unit)?
    } else if json.pointer("/mean/point_estimate").is_some() {
        criterion(&json, statistic)?
    } else {
        return Err("it is neither an estimate of criterion nor a list of entries; point into it with `select = \"/…\"`".to_owned());
    };
    figure.date = figure.date.or_else(|| date(&json));
    figure.machine = figure
        .machine
        .or_else(|| said(&json, &["machine", "host", "cpu"]));
    figure.commit = figure
        .commit
        .or_else(|| said(&json, &["commit", "revision", "sha"]));
    Ok(figure)
}

fn criterion(json: &Value, statistic: Statistic) -> Result<Figure, String> {
    let key = match statistic {
        Statistic::Mean => "mean",
        Statistic::Median => "median",
    };
    let number = json
        .pointer(&format!("/{key}/point_estimate"))
        .and_then(Value::as_f64)
        .ok_or_else(|| format!("the estimates of criterion have no {key}"))?;
    quantity(&number.into(), Some(CRITERION_UNIT))
}

/// `[{"name": "…", "value": 4.2, "unit": "ms"}]`.
fn listed(list: &[Value], select: &str, unit: Option<&str>) -> Result<Figure, String> {
    let is_it = |entry: &&Value| entry.get("name").and_then(Value::as_str) == Some(select);
    let mut found = list.iter().filter(is_it);
    let entry = match (found.next(), found.next()) {
        (Some(entry), None) => entry,
        (Some(_), Some(_)) => return Err(format!("it has more than one entry `{select}`")),
        (None, _) => {
            let names = list.iter().filter_map(|entry| entry.get("name")?.as_str());
            return Err(format!(
                "it has no entry `{select}`; {}",
                crate::near::help(select, names)
            ));
        }
    };
    let value = entry
        .get("value")
        .ok_or_else(|| format!("its entry `{select}` has no value"))?;
    let mut figure = quantity(value, entry.get("unit").and_then(Value::as_str).or(unit))?;
    figure.date = date(entry);
    figure.machine = said(entry, &["machine", "host", "cpu"]);
    figure.commit = said(entry, &["commit", "revision", "sha"]);
    Ok(figure)
}

fn pointed(json: &Value, pointer: &str, unit: Option<&str>) -> Result<Figure, String> {
    let value = json
        .pointer(pointer)
        .ok_or_else(|| format!("it has nothing at `{pointer}`"))?;
    // A unit may stand beside the value that is pointed at.
    let beside = pointer
        .rsplit_once('/')
        .and_then(|(parent, _)| json.pointer(parent)?.get("unit")?.as_str());
    quantity(value, beside.or(unit))
}

/// A number with its unit apart, or a text that holds both.
fn quantity(value: &Value, unit: Option<&str>) -> Result<Figure, String> {
    let text = match (value, unit) {
        (Value::String(text), _) => return config::quantity(text).map(Figure::of),
        (Value::Number(number), None) => {
            return Err(format!(
                "its figure {number} has no unit; write it beside it, or set `unit`"
            ));
        }
        (Value::Number(_), Some(unit)) => unit,
        (other, _) => return Err(format!("`{other}` is no figure")),
    };
    let number = value.as_f64().filter(|number| number.is_finite());
    match (number, config::unit(text)) {
        (Some(number), Some(unit)) if number >= 0.0 => Ok(Figure::of(Quantity { number, unit })),
        (Some(number), Some(_)) => Err(format!("its figure {number} is negative")),
        (None, _) => Err(format!("`{value}` is no figure")),
        (_, None) => Err(format!("its unit `{text}` is none that is known")),
    }
}

fn date(json: &Value) -> Option<String> {
    let text = said(
        json,
        &["date", "timestamp", "measured_at", "generated_at", "time"],
    )?;
    leading_date(&text)
}

fn said(json: &Value, keys: &[&str]) -> Option<String> {
    keys.iter()
        .find_map(|key| json.get(key)?.as_str())
        .map(str::to_owned)
}
