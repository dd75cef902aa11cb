//! YAML with the bytes of every scalar, so that an edit can replace one and no more.
//!
//! `saphyr-parser` finds the scalars; it counts characters, and what it says is compared with what stands there before
//! anything is replaced. Aliases are not followed: what an alias says is set where its anchor stands.

use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use crate::Error;

/// Deeper than anybody nests by hand.
const DEEPEST: usize = 64;

#[derive(Debug)]
pub(crate) struct Node {
    /// In bytes; of a quoted scalar the part between the quotes.
    pub(crate) span: Range<usize>,
    pub(crate) kind: Kind,
}

#[derive(Debug)]
pub(crate) enum Kind {
    /// On one line, as it is written or in quotes.
    Scalar {
        text: String,
        plain: bool,
    },
    /// `|`, `>`, or over several lines.
    Block,
    Alias,
    Sequence(Vec<Node>),
    /// In the order of the text, duplicates included.
    Mapping(Vec<(Node, Node)>),
}

impl Node {
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    pub(crate) fn sequence(&self) -> &[Node] {
        match &self.kind {
            Kind::Sequence(items) => items,
            _ => &[],
        }
    }

    pub(crate) fn mapping(&self) -> &[(Node, Node)] {
        match &self.kind {
            Kind::Mapping(entries) => entries,
            _ => &[],
        }
    }

    /// The value of a key of a mapping.
    ///
    /// # Errors
    /// When it stands there twice: readers disagree on which one counts.
    pub(crate) fn get(&self, text: &str, key: &str) -> Result<Option<&Node>, Error> {
        let mut all = self
            .mapping()
            .iter()
            .filter(|(name, _)| name.text() == Some(key));
        let first = all.next();
        if let Some((second, _)) = all.next() {
            let message = format!("the key `{key}` stands here a second time");
            return Err(Error::at(text, second.span.start, message)
                .help("remove one of the two: programs disagree on which one counts"));
        }
        Ok(first.map(|(_, value)| value))
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(&self.kind, Kind::Scalar { text, plain: true } if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }
}

/// The one document of a text; `None`: there is nothing but comments.
///
/// # Errors
/// Where it is not YAML, holds a second document, or is nested too deep.
pub(crate) fn parse(text: &str) -> Result<Option<Node>, Error> {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let skipped = text.len() - body.len();
    let mut offsets: Vec<usize> = body.char_indices().map(|(at, _)| skipped + at).collect();
    offsets.push(text.len());
    let mut builder = Builder {
        text,
        offsets,
        root: None,
        open: Vec::new(),
    };
    for event in Parser::new_from_str(body) {
        let (event, span) = event.map_err(|error| {
            let at = builder.offset(error.marker().index());
            Error::at(text, at, format!("this is not YAML: {}", error.info()))
        })?;
        builder.take(event, span)?;
    }
    Ok(builder.root)
}

struct Builder<'t> {
    text: &'t str,
    /// Where each character begins.
    offsets: Vec<usize>,
    root: Option<Node>,
    /// Collections that are still open; the key of a mapping waits beside them for its value.
    open: Vec<(Node, Option<Node>)>,
}

impl Builder<'_> {
    fn offset(&self, index: usize) -> usize {
        self.offsets.get(index).copied().unwrap_or(self.text.len())
    }

    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Error> {
        let span = self.offset(span.start.index())..self.offset(span.end.index());
        match event {
            Event::DocumentStart(_) if self.root.is_some() => {
                return Err(Error::at(
                    self.text,
                    span.start,
                    "a second document begins here",
                ));
            }
            Event::Scalar(value, style, ..) => {
                let node = self.scalar(&value, style, span)?;
                self.add(node);
            }
            Event::SequenceStart(..) => self.begin(span, Kind::Sequence(Vec::new()))?,
            Event::MappingStart(..) => self.begin(span, Kind::Mapping(Vec::new()))?,
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some((node, _)) = self.open.pop() {
                    self.add(node);
                }
            }
            Event::Alias(_) => self.add(Node {
                span,
                kind: Kind::Alias,
            }),
            _ => {}
        }
        Ok(())
    }

    fn begin(&mut self, span: Range<usize>, kind: Kind) -> Result<(), Error> {
        if self.open.len() >= DEEPEST {
            let message = format!("nested more than {DEEPEST} deep");
            return Err(Error::at(self.text, span.start, message));
        }
        self.open.push((Node { span, kind }, None));
        Ok(())
    }

    fn add(&mut self, node: Node) {
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some((parent, waiting)) => match &mut parent.kind {
                Kind::Sequence(items) => items.push(node),
                Kind::Mapping(entries) => match waiting.take() {
                    Some(key) => entries.push((key, node)),
                    None => *waiting = Some(node),
                },
                _ => {}
            },
        }
    }

    fn scalar(&self, value: &str, style: ScalarStyle, span: Range<usize>) -> Result<Node, Error> {
        let rest = &self.text[span.start..];
        let inner = match style {
            ScalarStyle::SingleQuoted => quoted(rest, '\''),
            ScalarStyle::DoubleQuoted => quoted(rest, '"'),
            // An empty value has a place and no characters.
            ScalarStyle::Plain if rest.starts_with(value) => Some(value),
            ScalarStyle::Plain if value == "~" => Some(""),
            _ => None,
        };
        let Some(inner) = inner.filter(|inner| !inner.contains('\n')) else {
            return Ok(Node {
                span,
                kind: Kind::Block,
            });
        };
        let plain = style == ScalarStyle::Plain;
        let start = span.start + usize::from(!plain);
        let escaped = inner.contains('\\') || inner.contains("''");
        if !plain && !escaped && inner != value {
            let message = format!("cannot tell where the characters of `{value}` stand");
            return Err(Error::at(self.text, start, message));
        }
        let text = value.to_owned();
        Ok(Node {
            span: start..start + inner.len(),
            kind: Kind::Scalar { text, plain },
        })
    }
}

/// What stands between the quotes with which a text begins, as it is written. The parser's own span takes what is behind
/// the second quote along.
fn quoted(text: &str, quote: char) -> Option<&str> {
    let inside = text.strip_prefix(quote)?;
    let mut characters = inside.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let skips = match quote {
            '"' => character == '\\',
            _ => character == quote && characters.peek().is_some_and(|(_, next)| *next == quote),
        };
        if skips {
            characters.next();
        } else if character == quote {
            return inside.get(..at);
        }
    }
    None
}
