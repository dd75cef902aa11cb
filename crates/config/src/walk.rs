//! The walk: the text's tree beside the schema. What does not fit becomes a problem with its place and is left out;
//! what fits is handed on, together with the place of every value.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};
use toml::value::Datetime;

use crate::error::{Problem, visible};
use crate::{Date, Percent};

/// What came of a walk.
pub(crate) struct Walked {
    /// The well-typed part of the text.
    pub(crate) value: Value,
    pub(crate) places: Places,
    pub(crate) problems: Vec<Problem>,
}

/// Where each value stands: byte offsets by path, `version.text[0].path`.
#[derive(Debug, Default)]
pub(crate) struct Places {
    offsets: BTreeMap<String, usize>,
    /// Values which stand in the text and have been left out of [`Walked::value`].
    refused: BTreeSet<String>,
}

impl Places {
    /// The offset of the value at this path; for a default, which stands nowhere, that of the table it would stand in.
    pub(crate) fn offset(&self, path: &str) -> usize {
        let mut path = path;
        loop {
            if let Some(offset) = self.offsets.get(path) {
                return *offset;
            }
            match path.rfind(['.', '[']) {
                Some(end) => path = &path[..end],
                None => return 0,
            }
        }
    }

    /// Whether the value at this path stands in the text.
    pub(crate) fn stands(&self, path: &str) -> bool {
        self.offsets.contains_key(path)
    }

    /// Whether the value at this path has been complained about already, so that what is seen is a default.
    pub(crate) fn refused(&self, path: &str) -> bool {
        self.refused.contains(path)
    }

    fn forget(&mut self, prefix: &str) {
        self.offsets.retain(|path, _| !path.starts_with(prefix));
        self.refused.retain(|path| !path.starts_with(prefix));
    }
}

/// Walks `table`, the root of a text, along `schema`, the root of the schema.
/// `gates` may be named where a gate is asked for, besides those of the table and of the text itself.
pub(crate) fn walk(schema: &Value, table: &DeTable<'_>, gates: &[&str]) -> Walked {
    let mut walk = Walk {
        root: schema,
        own_gates: own_gates(table).map(|mut own| {
            own.extend(gates.iter().map(|name| (*name).to_owned()));
            own
        }),
        places: Places::default(),
        problems: Vec::new(),
    };
    // The root has no required key, so there always is something to hand on.
    let value = walk
        .table(schema, table, 0, "")
        .unwrap_or_else(|| Map::new().into());
    Walked {
        value,
        places: walk.places,
        problems: walk.problems,
    }
}

/// The names that `[[gate]]` gives, also where the rest of such a table is not sound; `None` when one cannot be read,
/// which may be any.
fn own_gates(table: &DeTable<'_>) -> Option<Vec<String>> {
    let Some(gates) = table.get("gate") else {
        return Some(Vec::new());
    };
    let name = |node: &Spanned<DeValue<'_>>| {
        let name = node.get_ref().as_table()?.get("name")?;
        name.get_ref().as_str().map(str::to_owned)
    };
    gates.get_ref().as_array()?.iter().map(name).collect()
}

struct Walk<'s> {
    root: &'s Value,
    /// What may be named where a schema asks for a gate, besides its examples.
    own_gates: Option<Vec<String>>,
    places: Places,
    problems: Vec<Problem>,
}

impl Walk<'_> {
    fn report(&mut self, offset: usize, path: &str, message: &str) {
        self.problems.push(Problem::new(
            offset,
            format!("{}: {message}", describe(path)),
        ));
    }

    fn value(&mut self, schema: &Value, node: &Spanned<DeValue<'_>>, path: &str) -> Option<Value> {
        let offset = node.span().start;
        self.places.offsets.insert(path.to_owned(), offset);
        let value = match (kind(schema), node.get_ref()) {
            ("object", DeValue::Table(table)) => self.table(schema, table, offset, path),
            ("array", DeValue::Array(array)) => self.array(schema, array, offset, path),
            ("string", DeValue::String(text)) => self.string(schema, text, offset, path),
            ("string", DeValue::Datetime(datetime)) if is_date(schema) => {
                self.datetime(datetime, offset, path)
            }
            ("string", DeValue::Integer(integer)) if is_percent(schema) => {
                let number = u64::from_str_radix(integer.as_str(), integer.radix()).ok();
                let text = number.map_or_else(|| integer.to_string(), |number| number.to_string());
                self.string(schema, &text, offset, path)
            }
            ("boolean", DeValue::Boolean(boolean)) => Some((*boolean).into()),
            ("integer", DeValue::Integer(integer)) => {
                let number = i64::from_str_radix(integer.as_str(), integer.radix()).ok();
                self.integer(schema, number, offset, path)
            }
            (_, found) => {
                self.mismatch(schema, found, offset, path);
                None
            }
        };
        if value.is_none() {
            self.places.refused.insert(path.to_owned());
        }
        value
    }

    fn table(
        &mut self,
        schema: &Value,
        table: &DeTable<'_>,
        offset: usize,
        path: &str,
    ) -> Option<Value> {
        let properties = schema.get("properties").and_then(Value::as_object)?;
        let mut walked = Map::new();
        let mut seen = Vec::new();
        for (key, node) in table {
            let name = key.get_ref().as_ref();
            let Some(schema) = properties.get(name) else {
                let problem = self.unknown_key(name, properties, path);
                self.problems.push(Problem {
                    offset: key.span().start,
                    ..problem
                });
                continue;
            };
            seen.push(name);
            if let Some(value) = self.value(schema, node, &join(path, name)) {
                walked.insert(name.to_owned(), value);
            }
        }
        let required = schema
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str);
        let mut complete = true;
        for name in required {
            complete &= walked.contains_key(name);
            if !seen.contains(&name) {
                self.problems.push(Problem::new(
                    offset,
                    format!("missing key `{name}` in {}", header(path)),
                ));
            }
        }
        complete.then(|| walked.into())
    }

    fn array(
        &mut self,
        schema: &Value,
        array: &DeArray<'_>,
        offset: usize,
        path: &str,
    ) -> Option<Value> {
        let mut walked = Vec::new();
        for node in array {
            // Counted as they are handed on: what is left out takes no index.
            let path = format!("{path}[{}]", walked.len());
            match schema
                .get("items")
                .and_then(|items| self.value(items, node, &path))
            {
                Some(value) => walked.push(value),
                None => self.places.forget(&path),
            }
        }
        let least = schema.get("minItems").and_then(Value::as_u64).unwrap_or(0);
        if (array.len() as u64) < least {
            self.report(offset, path, "must not be empty");
            return None;
        }
        // What has lost an element is no longer what was meant; of a list of tables each stands for itself.
        let whole = walked.len() == array.len()
            || schema
                .get("items")
                .is_some_and(|items| kind(items) == "object");
        whole.then(|| walked.into())
    }

    fn string(&mut self, schema: &Value, text: &str, offset: usize, path: &str) -> Option<Value> {
        let mut choices = choices(schema);
        // Open to editors, which cannot know the names of this file.
        if schema.get("title").is_some_and(|title| title == "gate")
            && let Some(own) = &self.own_gates
        {
            choices.extend(strings(schema, "examples"));
            choices.extend(own.iter().map(String::as_str));
        }
        if !choices.is_empty() && !choices.contains(&text) {
            let noun = schema
                .get("title")
                .and_then(Value::as_str)
                .unwrap_or("value");
            let problem = Problem::new(
                offset,
                format!("{}: unknown {noun} `{}`", describe(path), visible(text)),
            );
            self.problems
                .push(problem.help(suggest(text, choices.into_iter())));
            return None;
        }
        if schema.get("minLength").is_some() && text.trim().is_empty() {
            self.report(offset, path, "must not be empty");
            return None;
        }
        if is_date(schema)
            && let Err(flaw) = text.parse::<Date>()
        {
            self.report(offset, path, &flaw);
            return None;
        }
        if is_percent(schema)
            && let Err(flaw) = text.parse::<Percent>()
        {
            self.report(offset, path, &flaw);
            return None;
        }
        Some(text.into())
    }

    fn datetime(&mut self, datetime: &Datetime, offset: usize, path: &str) -> Option<Value> {
        let Datetime {
            date: Some(date),
            time: None,
            offset: None,
        } = datetime
        else {
            self.report(offset, path, "expected a date without a time, YYYY-MM-DD");
            return None;
        };
        match Date::new(date.year, date.month, date.day) {
            Ok(date) => Some(date.to_string().into()),
            Err(flaw) => {
                self.report(offset, path, &flaw);
                None
            }
        }
    }

    fn integer(
        &mut self,
        schema: &Value,
        number: Option<i64>,
        offset: usize,
        path: &str,
    ) -> Option<Value> {
        let least = schema
            .get("minimum")
            .and_then(Value::as_i64)
            .unwrap_or(i64::MIN);
        match number {
            Some(number) if number >= least => Some(number.into()),
            Some(number) => {
                self.report(
                    offset,
                    path,
                    &format!("expected {least} or more, found {number}"),
                );
                None
            }
            None => {
                self.report(
                    offset,
                    path,
                    &format!("expected a number of at most {}", i64::MAX),
                );
                None
            }
        }
    }

    fn mismatch(&mut self, schema: &Value, found: &DeValue<'_>, offset: usize, path: &str) {
        let message = format!(
            "{}: expected {}, found {}",
            describe(path),
            expected(schema),
            article(found)
        );
        let problem = Problem::new(offset, message);
        let of_tables = schema
            .get("items")
            .is_some_and(|items| kind(items) == "object");
        self.problems.push(match found {
            DeValue::Table(_) if of_tables => problem.help(format!("write `[[{}]]`", bare(path))),
            DeValue::Array(_) if kind(schema) == "object" => {
                problem.help(format!("write `[{}]`, once", bare(path)))
            }
            DeValue::Float(float) if is_percent(schema) => {
                problem.help(format!("write `\"{}\"`, in quotes", float.as_str()))
            }
            _ => problem,
        });
    }

    /// A problem whose offset is yet to be set.
    fn unknown_key(&self, name: &str, properties: &Map<String, Value>, path: &str) -> Problem {
        let place = if path.is_empty() {
            "at the top level".to_owned()
        } else {
            format!("in {}", header(path))
        };
        let problem = Problem::new(0, format!("unknown key `{}` {place}", visible(name)));
        let known = || properties.keys().map(String::as_str);
        if nearest(name, known()).is_some() {
            return problem.help(suggest(name, known()));
        }
        let mut homes = Vec::new();
        homes_of(name, self.root, "", &mut homes);
        if homes.is_empty() {
            problem.help(suggest(name, known()))
        } else {
            problem.help(format!("`{name}` belongs in {}", homes.join(" or ")))
        }
    }
}

/// The JSON type a schema asks for.
fn kind(schema: &Value) -> &str {
    // An enum whose variants are described is a `oneOf` of strings.
    schema
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or("string")
}

fn is_date(schema: &Value) -> bool {
    schema.get("format").is_some_and(|format| format == "date")
}

fn is_percent(schema: &Value) -> bool {
    schema
        .get("format")
        .is_some_and(|format| format == "percent")
}

/// The strings a schema allows; empty when it allows all.
fn choices(schema: &Value) -> Vec<&str> {
    let variants = schema.get("oneOf").and_then(Value::as_array);
    let constants = variants
        .into_iter()
        .flatten()
        .filter_map(|variant| variant.get("const")?.as_str());
    strings(schema, "enum").chain(constants).collect()
}

fn strings<'s>(schema: &'s Value, key: &str) -> impl Iterator<Item = &'s str> {
    let list = schema.get(key).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str)
}

fn expected(schema: &Value) -> &'static str {
    match kind(schema) {
        "object" => "a table",
        "array"
            if schema
                .get("items")
                .is_some_and(|items| kind(items) == "object") =>
        {
            "an array of tables"
        }
        "array" => "an array",
        "boolean" => "a boolean",
        "integer" => "an integer",
        _ if is_date(schema) => "a date",
        _ if is_percent(schema) => "a percentage",
        _ => "a string",
    }
}

fn article(found: &DeValue<'_>) -> &'static str {
    match found {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() {
        key.to_owned()
    } else {
        format!("{path}.{key}")
    }
}

/// The path without its indices, as a table header holds it.
fn bare(path: &str) -> String {
    path.split('.')
        .map(|key| key.split('[').next().unwrap_or(key))
        .collect::<Vec<_>>()
        .join(".")
}

/// The header of the table at this path, as it is typed.
fn header(path: &str) -> String {
    if path.ends_with(']') {
        format!("[[{}]]", bare(path))
    } else {
        format!("[{}]", bare(path))
    }
}

/// The value at this path, for the beginning of a message: `` `branch` in [release] ``.
pub(crate) fn describe(path: &str) -> String {
    match path.rsplit_once('.') {
        Some((table, key)) => format!("`{}` in {}", bare(key), header(table)),
        None => format!("`{}`", bare(path)),
    }
}

/// Near enough to be meant: three letters of five.
const NEAR: f64 = 0.6;

fn nearest<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let scored = known.map(|key| (strsim::normalized_damerau_levenshtein(name, key), key));
    scored
        .filter(|(score, _)| *score >= NEAR)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, key)| key)
}

fn suggest<'k>(name: &str, known: impl Iterator<Item = &'k str> + Clone) -> String {
    match nearest(name, known.clone()) {
        Some(key) => format!("did you mean `{key}`?"),
        None => format!("known are {}", known.collect::<Vec<_>>().join(", ")),
    }
}

/// The headers of all tables which have a key of this name.
fn homes_of(name: &str, schema: &Value, path: &str, homes: &mut Vec<String>) {
    for (key, schema) in schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        let path = join(path, key);
        let (schema, path) = match schema.get("items") {
            Some(items) => (items, format!("{path}[]")),
            None => (schema, path),
        };
        if schema
            .get("properties")
            .is_some_and(|properties| properties.get(name).is_some())
        {
            homes.push(header(&path));
        }
        homes_of(name, schema, &path, homes);
    }
}
