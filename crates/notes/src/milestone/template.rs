//! Templates of parts: ours, or the repository's own in their place.
//!
//! They see the value of their part and what every part may print, and nothing else: neither clock
//! nor environment, so that the same request gives the same section.

use std::collections::HashMap;
use std::error::Error;

use anyhow::{Context as _, Result, anyhow, bail};
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag};
use serde_json::Value;
use tera::{Context, Tera};

use super::facts::Facts;
use super::part::Part;
use crate::markdown::{escape, one_line};

pub(crate) struct Templates<'a> {
    tera: Tera,
    facts: &'a Facts,
}

impl<'a> Templates<'a> {
    /// Reads the templates of all parts that are asked for, so that a mistake in one is found
    /// also where its part has no data.
    pub(crate) fn new(facts: &'a Facts) -> Result<Templates<'a>> {
        let mut tera = Tera::default();
        tera.register_filter("line", |value: &Value, _: &HashMap<String, Value>| {
            text(value, |text| escape(&one_line(text)))
        });
        tera.register_filter("cell", |value: &Value, _: &HashMap<String, Value>| {
            text(value, cell)
        });
        tera.register_filter("code", |value: &Value, _: &HashMap<String, Value>| {
            text(value, |text| one_line(text).replace(['`', '|'], "?"))
        });
        for name in ["get_env", "now", "get_random"] {
            let refuse = move |_: &HashMap<String, Value>| -> tera::Result<Value> {
                Err(tera::Error::msg(format!(
                    "`{name}` is not given to these templates: the same commits would give another section"
                )))
            };
            tera.register_function(name, refuse);
        }
        let mut templates = Templates { tera, facts };
        for part in std::iter::once(Part::Header).chain(facts.parts.iter().copied()) {
            let text = templates.source(part).replace("\r\n", "\n");
            if let Err(error) = templates.tera.add_raw_template(&key(part), &text) {
                return Err(templates.explain(part, &error));
            }
        }
        Ok(templates)
    }

    /// The part, without blank lines around it.
    pub(crate) fn render(&self, part: Part, release: &Value, value: &Value) -> Result<String> {
        let mut context = Context::new();
        context.insert("release", release);
        context.insert("part", value);
        let text = self
            .tera
            .render(&key(part), &context)
            .map_err(|error| self.explain(part, &error))?;
        let text = text.trim_matches(['\n', ' ']).to_owned();
        headings(part, &text)
            .with_context(|| format!("the template {} writes another shape", self.name(part)))?;
        Ok(text)
    }

    fn source(&self, part: Part) -> &str {
        let own = self.facts.templates.get(&part);
        own.map_or(part.template(), |own| &own.text)
    }

    fn name(&self, part: Part) -> String {
        match self.facts.templates.get(&part) {
            Some(own) => own.path.clone(),
            None => format!("of the part {} built in", label(part)),
        }
    }

    /// `path:line:column: what is wrong`, as far as it is known.
    fn explain(&self, part: Part, error: &tera::Error) -> anyhow::Error {
        let mut said = vec![error.to_string()];
        let mut cause: Option<&(dyn Error + 'static)> = error.source();
        while let Some(error) = cause {
            said.push(error.to_string());
            cause = error.source();
        }
        let whole = said.join(": ");
        let last = said.last().map_or(whole.as_str(), String::as_str);
        let (place, what) = match parse_place(&whole) {
            Some((line, column)) => (format!(":{line}:{column}"), expected(&whole)),
            None => {
                let named = quoted(last).and_then(|name| self.line_of(part, name));
                let place = named.map(|line| format!(":{line}")).unwrap_or_default();
                (place, one_line(last))
            }
        };
        anyhow!("{}{place}: {what}", self.name(part))
    }

    /// The first line of a template that holds a name.
    fn line_of(&self, part: Part, name: &str) -> Option<usize> {
        let source = self.source(part);
        let at = source.lines().position(|line| line.contains(name))?;
        Some(at + 1)
    }
}

/// As in the configuration.
fn label(part: Part) -> String {
    let name = serde_json::to_value(part).ok();
    let name = name.as_ref().and_then(Value::as_str).unwrap_or_default();
    name.to_owned()
}

/// The ending keeps tera from escaping for HTML.
fn key(part: Part) -> String {
    format!("{}.md", label(part))
}

fn text(value: &Value, change: impl Fn(&str) -> String) -> tera::Result<Value> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        other => {
            return Err(tera::Error::msg(format!(
                "a text is wanted here, this is {other}"
            )));
        }
    };
    Ok(Value::String(change(&text)))
}

/// One cell of a table.
fn cell(text: &str) -> String {
    let line = escape(&one_line(text));
    let mut cell = String::with_capacity(line.len());
    let mut before = ' ';
    for found in line.chars() {
        // A bar would end the cell, also in a code span; `escape` has marked one at the beginning.
        if found == '|' && before != '\\' {
            cell.push('\\');
        }
        cell.push(found);
        before = found;
    }
    cell
}

/// `--> 3:5` in what the parser of templates says.
fn parse_place(said: &str) -> Option<(usize, usize)> {
    let (_, rest) = said.split_once("--> ")?;
    let place = rest.lines().next()?.trim();
    let (line, column) = place.split_once(':')?;
    Some((line.parse().ok()?, column.parse().ok()?))
}

/// `= expected …` in the same.
fn expected(said: &str) -> String {
    let line = said
        .lines()
        .rev()
        .find_map(|line| line.trim().strip_prefix("= "));
    one_line(line.unwrap_or("it cannot be parsed"))
}

/// The first name in backticks or quotes.
fn quoted(said: &str) -> Option<&str> {
    ['`', '\''].into_iter().find_map(|mark| {
        let (_, rest) = said.split_once(mark)?;
        let (name, _) = rest.split_once(mark)?;
        (!name.is_empty()).then_some(name)
    })
}

/// The header is the one heading of level 2; every other part begins with one of level 3.
fn headings(part: Part, text: &str) -> Result<()> {
    let (mark, wanted) = match part {
        Part::Header => ("## ", HeadingLevel::H2),
        _ => ("### ", HeadingLevel::H3),
    };
    if !text.starts_with(mark) {
        let first = text.lines().next().unwrap_or_default();
        bail!("it begins with `{first}`, and not with a heading `{mark}…`");
    }
    for (event, range) in Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter() {
        if let Event::Start(Tag::Heading { level, .. }) = event
            && (level < wanted || level < HeadingLevel::H3 && range.start > 0)
        {
            let line = text.get(range).unwrap_or_default();
            let line = line.lines().next().unwrap_or_default();
            bail!("its heading `{line}` is of a higher level than its own");
        }
    }
    Ok(())
}
