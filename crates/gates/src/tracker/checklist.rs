//! Lists of `- [x]` and `- [ ]`: how many there are below a heading, and how many are done.

use pulldown_cmark::{Event, Tag, TagEnd};

use crate::markdown::{self, Lines};

/// One item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) line: usize,
    pub(crate) done: bool,
    pub(crate) text: String,
}

/// A heading and the items below it, those of deeper headings too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Section {
    pub(crate) title: String,
    pub(crate) line: usize,
    level: u8,
    pub(crate) items: Vec<Item>,
}

/// All sections; the first one is the whole document, without a title.
pub(crate) fn sections(text: &str) -> Vec<Section> {
    let text = markdown::body(text);
    let lines = Lines::of(text);
    let mut sections = vec![Section {
        title: String::new(),
        line: 1,
        level: 0,
        items: Vec::new(),
    }];
    // Which sections the current place is in, outermost first.
    let mut inside = vec![0];
    let mut heading = false;
    for (event, range) in markdown::parser(text).into_offset_iter() {
        let line = lines.line(range.start);
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                let level = level as u8;
                inside.retain(|at: &usize| sections[*at].level < level);
                inside.push(sections.len());
                sections.push(Section {
                    title: String::new(),
                    line,
                    level,
                    items: Vec::new(),
                });
                heading = true;
            }
            Event::End(TagEnd::Heading(_)) => heading = false,
            Event::Text(text) | Event::Code(text) if heading => {
                if let Some(section) = sections.last_mut() {
                    section.title.push_str(&text);
                }
            }
            Event::Start(Tag::Item) => {
                if let Some(item) = text.get(range).and_then(|source| item(source, line)) {
                    for at in &inside {
                        sections[*at].items.push(item.clone());
                    }
                }
            }
            _ => {}
        }
    }
    sections
}

/// From the source, and not from the parser's own marker: `- [~]` is no item of a task list to it, and whoever wrote
/// it did not mean that it is done.
fn item(source: &str, line: usize) -> Option<Item> {
    let first = source.lines().next()?;
    let bullet = first.trim_start();
    let rest = bullet
        .trim_start_matches(|found: char| found.is_ascii_digit())
        .strip_prefix(['-', '*', '+', '.', ')'])?
        .trim_start();
    let mut chars = rest.strip_prefix('[')?.chars();
    let mark = chars.next()?;
    let text = chars.as_str().strip_prefix(']')?;
    let is_box = text.is_empty() || text.starts_with([' ', '\t']);
    let done = matches!(mark, 'x' | 'X');
    (is_box && (done || !mark.is_alphanumeric())).then(|| Item {
        line,
        done,
        text: text.trim().to_owned(),
    })
}
