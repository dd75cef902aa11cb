//! The text of one document as part of another: without its title, its headings below one of the other's, its links
//! leading where they led.
//!
//! Nothing is parsed and printed again: what has to change is changed in place, every other byte stays.

use std::collections::BTreeSet;
use std::ops::Range;

use anyhow::Result;
use pulldown_cmark::{CowStr, Event, HeadingLevel, LinkType, Parser, Tag, TagEnd};

use super::{Follow, Lead};
use crate::markdown::{self, Lines};

/// A heading that stands behind the text shows whether anything in it is still open.
const PROBE: &str = "\n\n# the end of the text\n";

/// Why a document cannot be part of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// From 1, in characters.
    pub line: usize,
    pub column: usize,
    pub message: String,
    pub help: String,
}

/// A target and whether it is that of a picture, as it is to be written.
pub type Write<'w> = &'w dyn Fn(&Lead, bool) -> String;

/// The text of the document `path`, with LF line ends: a title at its front goes, headings are lowered so that the
/// highest is of the level `top`, comments go, links to places inside of the repository are written anew, and those by
/// label have their target inline.
///
/// The inner error has the flaws: links that are broken or cannot be written anew, something that never ends, nothing
/// to print.
///
/// # Errors
/// When a document that is linked to cannot be read.
pub fn inline(
    follow: &mut Follow<'_>,
    path: &str,
    text: &str,
    top: usize,
    write: Write<'_>,
) -> Result<Result<String, Vec<Flaw>>> {
    let text = markdown::body(text).replace("\r\n", "\n");
    let mut seen = Seen::default();
    let parser = Parser::new_ext(&text, markdown::options());
    for (_, definition) in parser.reference_definitions().iter() {
        seen.definition(definition.span.clone(), &text);
    }
    for (event, range) in parser.into_offset_iter() {
        seen.read(event, range, &text);
    }
    let mut flaws = flaws(follow, path, &text, &seen.places)?;
    seen.lower(top);
    for link in std::mem::take(&mut seen.links) {
        let lead = follow.lead(path, &link.target)?;
        let target = match &lead {
            Lead::Elsewhere | Lead::Broken { .. } => link.target.clone(),
            Lead::To { .. } => write(&lead, link.image),
        };
        let tail = format!("]({}{})", shown(&target), link.title);
        seen.edits.push((link.tail, tail));
    }
    let made = seen.apply(&text);
    if made.trim().is_empty() && flaws.is_empty() {
        flaws.push(Flaw {
            line: 1,
            column: 1,
            message: "there is nothing to print in it".to_owned(),
            help: "write the text, or remove the file".to_owned(),
        });
    }
    flaws.sort_by_key(|flaw| (flaw.line, flaw.column));
    Ok(match flaws.is_empty() {
        true => Ok(format!("{}\n", made.trim_matches('\n').trim_end())),
        false => Err(flaws),
    })
}

/// `written_anew`: where the links begin which can be.
fn flaws(
    follow: &mut Follow<'_>,
    path: &str,
    text: &str,
    written_anew: &[usize],
) -> Result<Vec<Flaw>> {
    let lines = Lines::of(text);
    let mut flaws = Vec::new();
    if let Some(offset) = open_block(text) {
        let (line, column) = lines.place(offset);
        flaws.push(Flaw {
            line,
            column,
            message: "what is opened here never ends, and would hide what follows".to_owned(),
            help: "close it".to_owned(),
        });
    }
    let places: BTreeSet<(usize, usize)> = written_anew
        .iter()
        .map(|offset| lines.place(*offset))
        .collect();
    let page = Follow::page(text);
    let undefined = page.undefined.iter().map(|link| Flaw {
        line: link.line,
        column: link.column,
        message: format!(
            "the label `{}` has no definition, so this is no link",
            link.target
        ),
        help: "define it, or write the brackets as `\\[`".to_owned(),
    });
    flaws.extend(undefined);
    for link in &page.links {
        let (message, help) = match follow.lead(path, &link.target)? {
            Lead::Broken { message, help } => (message, help),
            Lead::To { .. } if !places.contains(&(link.line, link.column)) => (
                format!(
                    "`{}` stands in HTML, where it cannot be written anew",
                    link.target
                ),
                "write the link in Markdown, or the full web address".to_owned(),
            ),
            _ => continue,
        };
        flaws.push(Flaw {
            line: link.line,
            column: link.column,
            message,
            help,
        });
    }
    Ok(flaws)
}

/// A link whose end, from the bracket after its text, is written anew.
struct Link {
    tail: Range<usize>,
    target: String,
    /// With a space before it, or nothing.
    title: String,
    image: bool,
    /// `[text][]`, whose last two brackets the parser leaves out.
    collapsed: bool,
}

/// A heading: its marks, and the levels.
struct Heading {
    level: HeadingLevel,
    /// `##`, or an empty range before the text of one that is underlined.
    mark: Range<usize>,
}

/// What is being read and has not ended.
struct Open {
    start: usize,
    /// Where the last thing in it ended.
    inner_end: usize,
    inner_start: Option<usize>,
}

#[derive(Default)]
struct Seen {
    edits: Vec<(Range<usize>, String)>,
    links: Vec<Link>,
    headings: Vec<Heading>,
    /// Where links and definitions begin that are written anew.
    places: Vec<usize>,
    open: Vec<Open>,
    /// Something other than the title has been seen.
    begun: bool,
    in_title: bool,
}

impl Seen {
    /// Its uses carry the target from now on.
    fn definition(&mut self, span: Range<usize>, text: &str) {
        self.places.push(span.start);
        let rest = text.get(span.end..).unwrap_or_default();
        let end = span.end + usize::from(rest.starts_with('\n'));
        self.edits.push((span.start..end, String::new()));
    }

    fn read(&mut self, event: Event<'_>, range: Range<usize>, text: &str) {
        match event {
            Event::Start(tag) => self.start(&tag, range, text),
            Event::End(tag) => self.end(&tag, range, text),
            Event::InlineHtml(_) => {
                self.comments(range.clone(), text);
                self.inner(&range);
            }
            _ => self.inner(&range),
        }
    }

    fn inner(&mut self, range: &Range<usize>) {
        for open in &mut self.open {
            open.inner_start.get_or_insert(range.start);
            open.inner_end = open.inner_end.max(range.end);
        }
    }

    fn start(&mut self, tag: &Tag<'_>, range: Range<usize>, text: &str) {
        let first = !std::mem::replace(&mut self.begun, true);
        match tag {
            Tag::MetadataBlock(_) => {
                self.edits.push((range, String::new()));
                self.begun = !first;
                return;
            }
            Tag::HtmlBlock => {
                self.comments(range.clone(), text);
                // A remark before the title is no text.
                let piece = text.get(range.clone()).unwrap_or_default().trim();
                self.begun = !(first && piece.starts_with("<!--") && piece.ends_with("-->"));
            }
            Tag::Heading { level, .. } if first && *level == HeadingLevel::H1 => {
                self.edits.push((range.clone(), String::new()));
                self.in_title = true;
            }
            _ => {}
        }
        let is_link = matches!(tag, Tag::Link { .. } | Tag::Image { .. });
        if is_link || matches!(tag, Tag::Heading { .. }) {
            if is_link {
                self.inner(&(range.start..range.start));
            }
            let mark = if matches!(tag, Tag::Image { .. }) {
                2
            } else {
                1
            };
            self.open.push(Open {
                start: range.start,
                inner_end: range.start + mark,
                inner_start: None,
            });
            match tag {
                Tag::Link {
                    link_type,
                    dest_url,
                    title,
                    ..
                } => self.link(*link_type, dest_url, title, false),
                Tag::Image {
                    link_type,
                    dest_url,
                    title,
                    ..
                } => self.link(*link_type, dest_url, title, true),
                _ => {}
            }
        }
    }

    /// Its tail is known at its end.
    fn link(&mut self, kind: LinkType, target: &CowStr<'_>, title: &CowStr<'_>, image: bool) {
        if matches!(kind, LinkType::Autolink | LinkType::Email) {
            return;
        }
        let start = self.open.last().map_or(0, |open| open.start);
        let title = match title.is_empty() {
            true => String::new(),
            false => format!(" \"{}\"", title.replace('\\', "\\\\").replace('"', "\\\"")),
        };
        self.places.push(start);
        self.links.push(Link {
            // Marks the one that is still open.
            tail: start..start,
            target: target.to_string(),
            title,
            image,
            collapsed: kind == LinkType::Collapsed,
        });
    }

    fn end(&mut self, tag: &TagEnd, range: Range<usize>, text: &str) {
        match tag {
            TagEnd::Link | TagEnd::Image => {
                let Some(open) = self.open.pop() else { return };
                let end = text.get(open.inner_end..range.end).unwrap_or_default();
                let bracket = end.find(']').map_or(range.end, |at| open.inner_end + at);
                let link = self
                    .links
                    .iter_mut()
                    .rev()
                    .find(|link| link.tail == (open.start..open.start));
                if let Some(link) = link {
                    let rest = text.get(range.end..).unwrap_or_default();
                    let more = if link.collapsed && rest.starts_with("[]") {
                        2
                    } else {
                        0
                    };
                    link.tail = bracket..range.end + more;
                }
            }
            TagEnd::Heading(level) => {
                let Some(open) = self.open.pop() else { return };
                if std::mem::take(&mut self.in_title) {
                    return;
                }
                self.heading(*level, &open, range.clone(), text);
            }
            _ => {}
        }
        self.inner(&range);
    }

    fn heading(&mut self, level: HeadingLevel, open: &Open, range: Range<usize>, text: &str) {
        let written = text.get(range.clone()).unwrap_or_default();
        let indent = written.len() - written.trim_start().len();
        let marks = written
            .trim_start()
            .chars()
            .take_while(|found| *found == '#')
            .count();
        let from = range.start + indent;
        if marks > 0 {
            let mark = from..from + marks;
            self.headings.push(Heading { level, mark });
            return;
        }
        // Underlined: the line below goes, and its text becomes one line.
        let start = open.inner_start.unwrap_or(from);
        let inner = text.get(start..open.inner_end).unwrap_or_default();
        for (at, _) in inner.match_indices('\n') {
            let rest = inner.get(at..).unwrap_or_default();
            let gap = rest.len() - rest.trim_start_matches(['\n', ' ', '\t', '>']).len();
            self.edits
                .push((start + at..start + at + gap, " ".to_owned()));
        }
        self.edits
            .push((open.inner_end..range.end, "\n".to_owned()));
        self.headings.push(Heading {
            level,
            mark: start..start,
        });
    }

    fn comments(&mut self, range: Range<usize>, text: &str) {
        let mut from = range.start;
        while let Some(rest) = text.get(from..range.end)
            && let Some(start) = rest.find("<!--")
        {
            let end = rest.get(start..).and_then(|rest| rest.find("-->"));
            let end = end.map_or(rest.len(), |end| start + end + 3);
            self.edits.push((from + start..from + end, String::new()));
            from += end;
        }
    }

    /// The highest heading comes to `top`, the others stay as far below it as they were; there are six levels.
    fn lower(&mut self, top: usize) {
        let highest = self
            .headings
            .iter()
            .map(|heading| heading.level as usize)
            .min();
        let Some(highest) = highest else { return };
        for heading in std::mem::take(&mut self.headings) {
            let level = (heading.level as usize - highest + top).min(6);
            let space = if heading.mark.is_empty() { " " } else { "" };
            self.edits
                .push((heading.mark, format!("{}{space}", "#".repeat(level))));
        }
    }

    fn apply(mut self, text: &str) -> String {
        self.edits
            .sort_by_key(|(range, _)| (range.start, range.end));
        let mut made = String::with_capacity(text.len());
        let mut at = 0;
        for (range, new) in self.edits {
            // In something that goes as a whole.
            if range.start < at {
                continue;
            }
            made.push_str(text.get(at..range.start).unwrap_or_default());
            made.push_str(&new);
            at = range.end;
        }
        made.push_str(text.get(at..).unwrap_or_default());
        made
    }
}

/// A target as it can stand between parentheses.
fn shown(target: &str) -> String {
    let plain = !target.is_empty() && !target.contains([' ', '(', ')', '<', '>', '\n']);
    match plain {
        true => target.to_owned(),
        false => format!(
            "<{}>",
            target
                .replace('<', "%3C")
                .replace('>', "%3E")
                .replace('\n', " ")
        ),
    }
}

/// Where the last block begins, when it swallows what follows it.
fn open_block(text: &str) -> Option<usize> {
    let probed = format!("{text}{PROBE}");
    let parser = Parser::new_ext(&probed, markdown::options()).into_offset_iter();
    let mut last = (0, false);
    let mut depth = 0_usize;
    for (event, range) in parser {
        match event {
            Event::Start(tag) => {
                if depth == 0 {
                    let ends = range.start > text.len() && matches!(tag, Tag::Heading { .. });
                    last = (range.start, ends);
                }
                depth += 1;
            }
            Event::End(_) => depth -= 1,
            _ => {}
        }
    }
    (!last.1).then_some(last.0)
}
