//! TOML with positions: toml_edit parses, and the spans of its values lead back into the text.

use std::ops::Range;

use toml_edit::{Document, Item, TableLike};

use crate::Error;

/// A string value: what it says, and the span of its characters inside the quotes.
pub(crate) struct Text<'a> {
    pub(crate) text: &'a str,
    pub(crate) span: Range<usize>,
}

/// Parses a document.
///
/// # Errors
/// Where the text is not TOML.
pub(crate) fn parse(text: &str) -> Result<Document<&str>, Error> {
    Document::parse(text).map_err(|error| {
        let message = format!("this is not TOML: {}", error.message().replace('\n', ", "));
        match error.span() {
            Some(span) => Error::at(text, span.start, message).conflict(text, span.start),
            None => Error::new(message),
        }
    })
}

/// The string under a key, `None` where there is no such key.
///
/// # Errors
/// When the value is not a string.
pub(crate) fn string<'a>(
    text: &str,
    table: &'a dyn TableLike,
    key: &str,
) -> Result<Option<Text<'a>>, Error> {
    let Some(item) = table.get(key) else {
        return Ok(None);
    };
    match string_of(text, item) {
        Some(string) => Ok(Some(string)),
        None => Err(not(text, table, key, "a string")),
    }
}

/// An item that is a string.
pub(crate) fn string_of<'a>(text: &str, item: &'a Item) -> Option<Text<'a>> {
    let value = item.as_value()?;
    of_value(text, value)
}

/// A value that is a string.
pub(crate) fn of_value<'a>(text: &str, value: &'a toml_edit::Value) -> Option<Text<'a>> {
    Some(Text {
        text: value.as_str()?,
        span: content(text, value.span()?)?,
    })
}

/// An error at a value that is not what it should be, or at its key where the value has no place of its own.
pub(crate) fn not(text: &str, table: &dyn TableLike, key: &str, wanted: &str) -> Error {
    let message = format!("`{key}` is not {wanted}");
    let value = table.get(key).and_then(Item::span);
    match value.or_else(|| table.key(key).and_then(toml_edit::Key::span)) {
        Some(span) => Error::at(text, span.start, message),
        None => Error::new(message),
    }
}

/// The part of a string literal between its quotes, for all four kinds (TOML 1.0, "String").
fn content(text: &str, span: Range<usize>) -> Option<Range<usize>> {
    let literal = text.get(span.clone())?;
    let long = literal.len() >= 6 && (literal.starts_with("\"\"\"") || literal.starts_with("'''"));
    if !long {
        return (literal.len() >= 2).then_some(span.start + 1..span.end - 1);
    }
    let inside = &literal[3..literal.len() - 3];
    // A line end right behind the opening quotes is not part of the string.
    let skipped = if inside.starts_with("\r\n") {
        2
    } else {
        usize::from(inside.starts_with('\n'))
    };
    Some(span.start + 3 + skipped..span.end - 3)
}

/// A dotted path of keys; a key that is more than a word stands in quotes.
pub(crate) fn path(keys: &[&str]) -> String {
    keys.iter()
        .map(|key| quoted(key))
        .collect::<Vec<_>>()
        .join(".")
}

fn quoted(key: &str) -> String {
    let word =
        |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_');
    if !key.is_empty() && key.chars().all(word) {
        key.to_owned()
    } else if !key.contains('\'') && !key.contains(char::is_control) {
        format!("'{key}'")
    } else {
        format!("{key:?}")
    }
}
