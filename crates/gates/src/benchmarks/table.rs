//! Figures in tables of Markdown: the row is named, the column too where more than one holds figures.

use config::Quantity;
use pulldown_cmark::{Event, Tag, TagEnd};

use super::{Figure, leading_date};
use crate::markdown::{self, Lines};

/// Words of headers whose column says what a figure should be, and not what it is.
const WISHES: &[&str] = &[
    "target",
    "goal",
    "limit",
    "budget",
    "threshold",
    "max",
    "maximum",
    "required",
    "sla",
    "slo",
    "expected",
    "allowed",
    "before",
    "previous",
    "baseline",
];

/// One row of a table.
#[derive(Debug)]
struct Row {
    headers: Vec<String>,
    cells: Vec<String>,
    line: usize,
}

pub(super) fn figure(text: &str, select: &str) -> Result<Figure, String> {
    let text = markdown::body(text);
    let (wanted, column) = match select.split_once('|') {
        Some((row, column)) => (row.trim(), Some(column.trim())),
        None => (select.trim(), None),
    };
    let rows = rows(text);
    let first = |row: &Row| row.cells.first().cloned().unwrap_or_default();
    let same = |row: &&Row| first(row).to_lowercase() == wanted.to_lowercase();
    let mut found = rows.iter().filter(same);
    let row = match (found.next(), found.next()) {
        (Some(row), None) => row,
        (Some(one), Some(other)) => {
            return Err(format!(
                "it has two rows `{wanted}`, on lines {} and {}",
                one.line, other.line
            ));
        }
        (None, _) => {
            let names: Vec<String> = rows.iter().map(first).collect();
            let names = names
                .iter()
                .map(String::as_str)
                .filter(|name| !name.is_empty());
            return Err(format!(
                "it has no row `{wanted}`; {}",
                crate::near::help(wanted, names)
            ));
        }
    };
    let mut figure = cell(row, column)?;
    figure.line = Some(row.line);
    figure.date = date(text);
    Ok(figure)
}

/// The figure of a row: of the column that is named, else of the only one that holds one.
fn cell(row: &Row, column: Option<&str>) -> Result<Figure, String> {
    let at = format!("line {}", row.line);
    let header = |index: usize| {
        row.headers
            .get(index)
            .map(String::as_str)
            .unwrap_or_default()
    };
    if let Some(column) = column {
        let index = (1..row.cells.len())
            .find(|index| header(*index).to_lowercase() == column.to_lowercase())
            .ok_or_else(|| format!("the table of {at} has no column `{column}`"))?;
        return measured(&row.cells[index], header(index)).map_err(|why| format!("{at}: {why}"));
    }
    let is_wish = |index: &usize| {
        let header = header(*index).to_lowercase();
        header
            .split(|found: char| !found.is_alphanumeric())
            .any(|word| WISHES.contains(&word))
    };
    let tried: Vec<(usize, Result<Figure, String>)> = (1..row.cells.len())
        .filter(|index| !is_wish(index))
        .map(|index| (index, measured(&row.cells[index], header(index))))
        .collect();
    let good: Vec<usize> = tried
        .iter()
        .filter(|(_, figure)| figure.is_ok())
        .map(|(index, _)| *index)
        .collect();
    if good.len() > 1 {
        let names: Vec<&str> = good.iter().map(|index| header(*index)).collect();
        return Err(format!(
            "{at}: the columns {} hold figures; name one with `select = \"{} | {}\"`",
            names.join(", "),
            row.cells[0],
            names[0]
        ));
    }
    // The complaint about a cell that has a digit is the one that helps.
    let mut complaint = None;
    for (index, figure) in tried {
        match figure {
            Ok(figure) => return Ok(figure),
            Err(why) if row.cells[index].contains(|found: char| found.is_ascii_digit()) => {
                complaint.get_or_insert(why);
            }
            Err(_) => {}
        }
    }
    let why = complaint.unwrap_or_else(|| "no cell holds a figure".to_owned());
    Err(format!("{at}: {why}"))
}

/// What a cell holds: `1,292 ns`, `~5ms`, `4.2 ms ± 0.3 ms`, or a number under `Mean (ms)`.
fn measured(cell: &str, header: &str) -> Result<Figure, String> {
    let text = cell.trim();
    if text.starts_with(['<', '>', '≤', '≥']) || text.to_lowercase().starts_with("under ") {
        return Err(format!("`{text}` is a target, and no measurement"));
    }
    let exact = text.trim_start_matches(['~', '≈']).trim_start();
    let rough = exact.len() < text.len();
    let exact = exact.split(['±', '(']).next().unwrap_or(exact).trim();
    let quantity = config::quantity(exact).or_else(|why| under_unit(exact, header).ok_or(why))?;
    Ok(Figure {
        rough,
        ..Figure::of(quantity)
    })
}

/// A number without a unit, in a column whose header has one.
fn under_unit(text: &str, header: &str) -> Option<Quantity> {
    let (_, unit) = header.rsplit_once(['(', '['])?;
    let unit = unit.trim_end_matches([')', ']', ' ']);
    config::unit(unit)?;
    config::quantity(&format!("{text} {unit}")).ok()
}

fn rows(text: &str) -> Vec<Row> {
    let lines = Lines::of(text);
    let mut rows: Vec<Row> = Vec::new();
    let (mut headers, mut cells): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    let mut open = false;
    for (event, range) in markdown::parser(text).into_offset_iter() {
        match event {
            Event::Start(Tag::TableCell) => {
                cells.push(String::new());
                open = true;
            }
            Event::End(TagEnd::TableCell) => {
                open = false;
                if let Some(cell) = cells.last_mut() {
                    *cell = cell.trim().to_owned();
                }
            }
            Event::End(TagEnd::TableHead) => headers = std::mem::take(&mut cells),
            Event::End(TagEnd::TableRow) => rows.push(Row {
                headers: headers.clone(),
                cells: std::mem::take(&mut cells),
                line: lines.line(range.start),
            }),
            Event::Text(text) | Event::Code(text) if open => {
                if let Some(cell) = cells.last_mut() {
                    cell.push_str(&text);
                }
            }
            _ => {}
        }
    }
    rows
}

/// The first line such as `Measured: 2026-01-05`, `**Date:** 2026-01-05`.
fn date(text: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let line = line.trim_start_matches([' ', '*', '_', '>', '-']);
        let (label, rest) = line.split_once(':')?;
        let label = label.trim_end_matches(['*', '_', ' ']).to_lowercase();
        let known = [
            "date",
            "measured",
            "measured on",
            "last measured",
            "updated",
            "last updated",
        ];
        known.contains(&label.as_str()).then_some(())?;
        leading_date(rest.trim_start_matches(['*', '_', ' ']))
    })
}
