//! YAML as a tree that knows where everything stands and keeps what is written twice, for gates that talk about lines.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

/// Deeper than anybody nests by hand; a tree is walked by recursion.
const DEEPEST: usize = 64;

/// Aliases of aliases can unfold a few lines to gigabytes.
const MOST_NODES: usize = 200_000;

/// Where something begins, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Place {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) at: Place,
    /// The last line that belongs to it.
    pub(crate) end: usize,
    pub(crate) kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `plain`: without quotes and no block, so that `true` and `1` are no texts. A block stands where its text begins.
    Scalar {
        text: String,
        plain: bool,
    },
    Sequence(Vec<Node>),
    /// In the order of the text, duplicates included.
    Mapping(Vec<(Node, Node)>),
}

/// Why a text is no tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Flaw {
    pub(crate) at: Place,
    pub(crate) message: String,
}

impl Node {
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    pub(crate) fn sequence(&self) -> Option<&[Node]> {
        match &self.kind {
            Kind::Sequence(items) => Some(items),
            _ => None,
        }
    }

    pub(crate) fn mapping(&self) -> Option<&[(Node, Node)]> {
        match &self.kind {
            Kind::Mapping(entries) => Some(entries),
            _ => None,
        }
    }

    /// The value of a key of a mapping.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        Some(self.entry(key)?.1)
    }

    /// A key of a mapping with its value.
    pub(crate) fn entry(&self, key: &str) -> Option<(&Node, &Node)> {
        self.mapping()?
            .iter()
            .find(|(name, _)| name.text() == Some(key))
            .map(|(name, value)| (name, value))
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(&self.kind, Kind::Scalar { text, plain: true } if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    /// As the core schema of YAML 1.2 reads it.
    pub(crate) fn is_bool(&self) -> bool {
        matches!(&self.kind, Kind::Scalar { text, plain: true } if matches!(text.as_str(), "true" | "false" | "True" | "False" | "TRUE" | "FALSE"))
    }

    pub(crate) fn is_number(&self) -> bool {
        matches!(&self.kind, Kind::Scalar { text, plain: true } if text.parse::<f64>().is_ok())
    }

    /// The line in which a line of its text stands, counted from 0.
    pub(crate) fn line(&self, index: usize) -> usize {
        (self.at.line + index).min(self.end)
    }

    /// What it is, for messages.
    pub(crate) fn what(&self) -> &'static str {
        match &self.kind {
            Kind::Sequence(_) => "a list",
            Kind::Mapping(_) => "a mapping",
            Kind::Scalar { .. } if self.is_null() => "empty",
            Kind::Scalar { .. } if self.is_bool() => "a boolean",
            Kind::Scalar { .. } if self.is_number() => "a number",
            Kind::Scalar { .. } => "a text",
        }
    }

    /// Calls for this node and for all below it, keys of mappings included.
    pub(crate) fn walk<'n>(&'n self, see: &mut dyn FnMut(&'n Node)) {
        see(self);
        match &self.kind {
            Kind::Scalar { .. } => {}
            Kind::Sequence(items) => items.iter().for_each(|item| item.walk(see)),
            Kind::Mapping(entries) => {
                for (key, value) in entries {
                    key.walk(see);
                    value.walk(see);
                }
            }
        }
    }

    /// Keys that stand more than once in a mapping, here and below, each with the place of the first.
    pub(crate) fn duplicates(&self) -> Vec<(&Node, Place)> {
        let mut found = Vec::new();
        self.walk(&mut |node| {
            let mut seen: HashMap<&str, Place> = HashMap::new();
            for (key, _) in node.mapping().unwrap_or_default() {
                let Some(text) = key.text() else { continue };
                match seen.get(text) {
                    Some(first) => found.push((key, *first)),
                    None => {
                        seen.insert(text, key.at);
                    }
                }
            }
        });
        // An alias shows its anchor's keys again.
        found.sort_by_key(|(key, _)| key.at);
        found.dedup_by_key(|(key, _)| key.at);
        found
    }
}

/// The one document of a text; `None`: there is nothing but comments.
///
/// # Errors
/// When it is not YAML, or holds more than one document.
pub(crate) fn parse(text: &str) -> Result<Option<Node>, Flaw> {
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text.trim_start_matches('\u{feff}')) {
        let (event, span) = event.map_err(|error| Flaw {
            at: Place {
                line: error.marker().line(),
                column: error.marker().col() + 1,
            },
            message: error.info().to_owned(),
        })?;
        builder.take(event, span)?;
    }
    Ok(builder.root)
}

#[derive(Default)]
struct Builder {
    root: Option<Node>,
    /// Collections that are still open; the key of a mapping waits beside them for its value.
    open: Vec<(Node, usize, Option<Node>)>,
    anchors: HashMap<usize, Node>,
    count: usize,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Flaw> {
        let at = place(span);
        match event {
            Event::DocumentStart(_) if self.root.is_some() => {
                return Err(flaw(at, "a second document begins here"));
            }
            Event::Scalar(text, style, anchor, _) => {
                let plain = style == ScalarStyle::Plain;
                let text = text.into_owned();
                let end = end_of_scalar(&span, &text, style);
                let kind = Kind::Scalar { text, plain };
                self.add(Node { at, end, kind }, anchor)?;
            }
            Event::SequenceStart(anchor, _) => {
                self.begin(at, Kind::Sequence(Vec::new()), anchor)?;
            }
            Event::MappingStart(anchor, _) => self.begin(at, Kind::Mapping(Vec::new()), anchor)?,
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some((mut node, anchor, _)) = self.open.pop() {
                    node.end = last_line(&node, span.end.line());
                    self.add(node, anchor)?;
                }
            }
            Event::Alias(anchor) => {
                let Some(node) = self.anchors.get(&anchor).cloned() else {
                    return Err(flaw(at, "an alias inside of what it names"));
                };
                let mut size = 0;
                node.walk(&mut |_| size += 1);
                self.count += size;
                self.add(node, 0)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn begin(&mut self, at: Place, kind: Kind, anchor: usize) -> Result<(), Flaw> {
        if self.open.len() >= DEEPEST {
            return Err(flaw(at, &format!("nested more than {DEEPEST} deep")));
        }
        let end = at.line;
        self.open.push((Node { at, end, kind }, anchor, None));
        Ok(())
    }

    fn add(&mut self, node: Node, anchor: usize) -> Result<(), Flaw> {
        self.count += 1;
        if self.count > MOST_NODES {
            let message = format!("more than {MOST_NODES} values, with what aliases repeat");
            return Err(flaw(node.at, &message));
        }
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some((parent, _, waiting)) => match &mut parent.kind {
                Kind::Sequence(items) => items.push(node),
                Kind::Mapping(entries) => match waiting.take() {
                    Some(key) => entries.push((key, node)),
                    None => *waiting = Some(node),
                },
                Kind::Scalar { .. } => {}
            },
        }
        Ok(())
    }
}

fn place(span: Span) -> Place {
    Place {
        line: span.start.line(),
        column: span.start.col() + 1,
    }
}

fn flaw(at: Place, message: &str) -> Flaw {
    Flaw {
        at,
        message: message.to_owned(),
    }
}

/// The parser ends a block where the next thing begins.
fn end_of_scalar(span: &Span, text: &str, style: ScalarStyle) -> usize {
    match style {
        ScalarStyle::Literal => span.start.line() + text.lines().count().saturating_sub(1),
        ScalarStyle::Folded => span.end.line().saturating_sub(1).max(span.start.line()),
        _ => span.end.line(),
    }
}

/// The end of a block collection is reported where the next thing begins, that of a flow collection at its bracket.
fn last_line(node: &Node, reported: usize) -> usize {
    let below = match &node.kind {
        Kind::Sequence(items) => items.last().map(|item| item.end),
        Kind::Mapping(entries) => entries.last().map(|(_, value)| value.end),
        Kind::Scalar { .. } => None,
    };
    below.unwrap_or(reported).max(node.at.line)
}

#[cfg(test)]
mod tests {
    use super::{Node, Place, parse};

    fn tree(text: &str) -> Node {
        parse(text).unwrap().unwrap()
    }

    #[test]
    fn everything_knows_its_place() {
        let text = "\u{feff}# first\non: push\njobs:\n  a:\n    steps:\n      - run: |\n          one\n\n          two\n      - { run: 'x' }\n  b: 1\n";
        let root = tree(text);
        let (key, on) = root.entry("on").unwrap();
        assert_eq!((key.at.line, key.at.column), (2, 1));
        assert_eq!((on.at.line, on.at.column), (2, 5));
        let steps = root
            .get("jobs")
            .unwrap()
            .get("a")
            .unwrap()
            .get("steps")
            .unwrap();
        let steps = steps.sequence().unwrap();
        let run = steps[0].get("run").unwrap();
        assert_eq!((run.at.line, run.end), (7, 9));
        assert_eq!(run.text(), Some("one\n\ntwo\n"));
        assert_eq!(
            steps[1].get("run").unwrap().at,
            Place {
                line: 10,
                column: 16
            }
        );
        let (_, a) = root.get("jobs").unwrap().entry("a").unwrap();
        assert_eq!((a.at.line, a.end), (5, 10));
        assert_eq!(root.end, 11);
    }

    #[test]
    fn kinds_follow_the_core_schema() {
        let root = tree("a: true\nb: 'true'\nc: on\nd: 1.5\ne:\nf: [x]\ng: yes\n");
        let kinds: Vec<&str> = root
            .mapping()
            .unwrap()
            .iter()
            .map(|(_, value)| value.what())
            .collect();
        assert_eq!(
            kinds,
            [
                "a boolean",
                "a text",
                "a text",
                "a number",
                "empty",
                "a list",
                "a text"
            ]
        );
    }

    #[test]
    fn what_is_written_twice_is_kept_and_told() {
        let root = tree("a: &x\n  b: 1\n  b: 2\nc: *x\na: 3\n");
        let lines: Vec<(usize, usize)> = root
            .duplicates()
            .iter()
            .map(|(key, first)| (key.at.line, first.line))
            .collect();
        assert_eq!(lines, [(3, 2), (5, 1)]);
        assert_eq!(root.get("c").unwrap().get("b").unwrap().text(), Some("1"));
    }

    #[test]
    fn bad_texts_have_a_place_and_hostile_ones_an_end() {
        for (text, line, words) in [
            ("a: [1\nb: 2\n", 2, ""),
            ("a: 1\n---\nb: 2\n", 2, "second document"),
            ("a: &x [*x]\n", 1, ""),
        ] {
            let flaw = parse(text).unwrap_err();
            assert_eq!(flaw.at.line, line, "{text}: {flaw:?}");
            assert!(flaw.message.contains(words), "{flaw:?}");
        }
        assert_eq!(parse("# nothing\n"), Ok(None));
        let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
        assert!(parse(&deep).unwrap_err().message.contains("deep"));
        parse(&"[".repeat(100_000)).unwrap_err();
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..9 {
            let before = level - 1;
            let line = format!(
                "a{level}: &a{level} [{}]\n",
                vec![format!("*a{before}"); 9].join(", ")
            );
            bomb.push_str(&line);
        }
        assert!(parse(&bomb).unwrap_err().message.contains("aliases"));
    }
}
