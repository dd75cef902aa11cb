//! JSON with positions: where every key and every string stands, so that an edit can replace one string and no more.
//!
//! `serde_json` judges the text first (RFC 8259, and it limits the depth to 128), so the scan after it only has to find
//! its way through a text that is known to be well formed.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::Error;

/// A value with its byte span in the text.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) span: Range<usize>,
    pub(crate) value: Value,
}

#[derive(Debug)]
pub(crate) enum Value {
    Object(Object),
    /// The string with its escapes resolved; the span of the node includes the quotes.
    Text(String),
    /// Arrays, numbers, `true`, `false`, `null`: nothing in them is a version.
    Other,
}

#[derive(Debug, Default)]
pub(crate) struct Object {
    pub(crate) members: Vec<Member>,
}

#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) key: String,
    pub(crate) key_at: usize,
    pub(crate) node: Node,
}

/// A string with the span of its characters, inside the quotes.
pub(crate) struct Text<'a> {
    pub(crate) text: &'a str,
    pub(crate) span: Range<usize>,
}

impl Node {
    pub(crate) fn object(&self) -> Option<&Object> {
        if let Value::Object(object) = &self.value {
            Some(object)
        } else {
            None
        }
    }

    pub(crate) fn text(&self) -> Option<Text<'_>> {
        let Value::Text(text) = &self.value else {
            return None;
        };
        Some(Text {
            text,
            span: self.span.start + 1..self.span.end - 1,
        })
    }
}

impl Member {
    fn twice(&self, text: &str) -> Error {
        let key = if self.key.is_empty() {
            "\"\""
        } else {
            &self.key
        };
        let message = format!("the key `{key}` stands here a second time");
        Error::at(text, self.key_at, message)
            .help("remove one of the two: npm takes the last, other programs the first")
    }
}

impl Object {
    /// The member of that name.
    ///
    /// # Errors
    /// When it stands there twice: readers disagree on which one counts, so neither is edited.
    pub(crate) fn get(&self, text: &str, key: &str) -> Result<Option<&Node>, Error> {
        let mut members = self.members.iter().filter(|member| member.key == key);
        let first = members.next();
        match members.next() {
            Some(second) => Err(second.twice(text)),
            None => Ok(first.map(|member| &member.node)),
        }
    }

    /// Holds that no key stands there twice, where all members are edited.
    ///
    /// # Errors
    /// As [`Object::get`].
    pub(crate) fn unique(&self, text: &str) -> Result<(), Error> {
        let mut seen = BTreeSet::new();
        for member in &self.members {
            if !seen.insert(member.key.as_str()) {
                return Err(member.twice(text));
            }
        }
        Ok(())
    }

    /// The member of that name, which must be a string.
    pub(crate) fn text(&self, text: &str, key: &str) -> Result<Option<Text<'_>>, Error> {
        let Some(node) = self.get(text, key)? else {
            return Ok(None);
        };
        let not_text = || Error::at(text, node.span.start, format!("`{key}` is not a string"));
        node.text().map(Some).ok_or_else(not_text)
    }

    /// The member of that name, where it is an object.
    pub(crate) fn object(&self, text: &str, key: &str) -> Result<Option<&Object>, Error> {
        Ok(self.get(text, key)?.and_then(Node::object))
    }
}

/// Reads a text whose top is an object. A byte order mark in front is passed over, as npm does.
///
/// # Errors
/// Where the text is not JSON, or its top is something else.
pub(crate) fn parse(text: &str) -> Result<Object, Error> {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let skipped = text.len() - body.len();
    if let Err(error) = serde_json::from_str::<serde_json::Value>(body) {
        let line_start = body
            .split_inclusive('\n')
            .take(error.line().saturating_sub(1))
            .map(str::len)
            .sum::<usize>();
        let offset = skipped + line_start + error.column().saturating_sub(1);
        let full = error.to_string();
        let message = full.split(" at line ").next().unwrap_or(&full);
        let error = Error::at(text, offset, format!("this is not JSON: {message}"));
        return Err(error.conflict(text, offset));
    }
    let mut scan = Scan { text, at: skipped };
    match scan.value() {
        Some(Node {
            value: Value::Object(object),
            ..
        }) => Ok(object),
        _ => Err(Error::at(
            text,
            skipped,
            "the top of this file is not an object: it should begin with `{`",
        )),
    }
}

struct Scan<'a> {
    text: &'a str,
    at: usize,
}

/// Every function leaves `at` behind what it read; `None` cannot happen on well-formed text.
impl Scan<'_> {
    fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while matches!(bytes.get(self.at), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
        bytes.get(self.at).copied()
    }

    fn value(&mut self) -> Option<Node> {
        let first = self.peek()?;
        let start = self.at;
        let value = match first {
            b'{' => Value::Object(self.object()?),
            b'[' => self.array()?,
            b'"' => Value::Text(self.string()?),
            _ => self.scalar(),
        };
        Some(Node {
            span: start..self.at,
            value,
        })
    }

    fn object(&mut self) -> Option<Object> {
        let mut object = Object::default();
        self.at += 1;
        while self.peek()? != b'}' {
            let key_at = self.at;
            let key = self.string()?;
            self.peek()?;
            self.at += 1; // the colon
            let node = self.value()?;
            object.members.push(Member { key, key_at, node });
            if self.peek()? == b',' {
                self.at += 1;
            }
        }
        self.at += 1;
        Some(object)
    }

    fn array(&mut self) -> Option<Value> {
        self.at += 1;
        while self.peek()? != b']' {
            self.value()?;
            if self.peek()? == b',' {
                self.at += 1;
            }
        }
        self.at += 1;
        Some(Value::Other)
    }

    fn string(&mut self) -> Option<String> {
        let start = self.at;
        let bytes = self.text.as_bytes();
        self.at += 1;
        let mut escaped = false;
        loop {
            match bytes.get(self.at)? {
                b'"' => break,
                b'\\' => {
                    escaped = true;
                    self.at += 2;
                }
                _ => self.at += 1,
            }
        }
        self.at += 1;
        let quoted = self.text.get(start..self.at)?;
        if escaped {
            serde_json::from_str(quoted).ok()
        } else {
            Some(quoted[1..quoted.len() - 1].to_owned())
        }
    }

    fn scalar(&mut self) -> Value {
        let rest = &self.text[self.at..];
        let end = rest
            .find(|character: char| ",]}".contains(character) || character.is_ascii_whitespace());
        self.at += end.unwrap_or(rest.len()).max(1);
        Value::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_found_where_they_stand() {
        let text = "\u{feff}{ \"a\\u0062\" : [1, {\"version\": \"x\"}, -2e3],\r\n\t\"version\":\"1\\u002e0\" }";
        let object = parse(text).unwrap();
        let keys: Vec<&str> = object
            .members
            .iter()
            .map(|member| member.key.as_str())
            .collect();
        assert_eq!(keys, ["ab", "version"]);
        let version = object.text(text, "version").unwrap().unwrap();
        assert_eq!(version.text, "1.0");
        assert_eq!(&text[version.span], "1\\u002e0");
    }

    #[test]
    fn an_error_has_its_place() {
        let cases = [
            ("{\"a\": 1,}", (1, 9)),
            ("\u{feff}{\n  \"ü\": nux\n}", (2, 10)),
            ("[]", (1, 1)),
            ("", (1, 1)),
        ];
        for (text, place) in cases {
            let error = parse(text).unwrap_err();
            assert_eq!(
                (error.line.unwrap(), error.column.unwrap()),
                place,
                "{text:?}: {error}"
            );
        }
        assert!(parse(&"[".repeat(100_000)).is_err(), "depth is limited");
    }
}
