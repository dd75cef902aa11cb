//! Trackers: what a Markdown document says of the days of a plan, and which items of a list are done.

pub(crate) mod checklist;
mod days;
mod status;

use std::collections::BTreeMap;

use pulldown_cmark::{Event, Tag, TagEnd};

use crate::markdown::{self, Lines};
use days::Heading;
pub(crate) use status::Status;

/// A heading that names days, and what is said of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mention {
    pub(crate) days: Vec<u32>,
    pub(crate) line: usize,
    /// None: nothing that is a status stands in the heading or below it.
    pub(crate) status: Option<Status>,
    /// Statuses that contradict each other, with their lines; the worse one counts.
    pub(crate) torn: Option<(usize, usize)>,
    /// A line that was meant as a status and cannot be read as one.
    pub(crate) unread: Option<(usize, String)>,
    /// It stands below the heading of another day, on this line: it adds no day.
    pub(crate) below: Option<usize>,
}

/// What stands in a tracker.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Tracker {
    pub(crate) mentions: Vec<Mention>,
    /// Headings that look like days and are none: line and why.
    pub(crate) odd: Vec<(usize, String)>,
}

/// A part of the text that may say something: headings, and paragraphs that stand in no list, quotation or table.
enum Block {
    Heading {
        level: u8,
        text: String,
        line: usize,
    },
    Paragraph {
        lines: Vec<(usize, String)>,
    },
}

/// Reads the days of a tracker.
pub(crate) fn read(text: &str) -> Tracker {
    let mut tracker = Tracker::default();
    // The headings that the current place stands below: level, and which mention it is, if it is of days.
    let mut above: Vec<(u8, Option<usize>)> = Vec::new();
    for block in blocks(markdown::body(text)) {
        match block {
            Block::Heading { level, text, line } => {
                above.retain(|(other, _)| *other < level);
                let parent = above.iter().rev().find_map(|(_, mention)| *mention);
                let mut mention = None;
                match days::heading(&text) {
                    Heading::Days { days, title } => {
                        mention = Some(tracker.mentions.len());
                        let below = parent.map(|parent| tracker.mentions[parent].line);
                        tracker.mentions.push(Mention {
                            days,
                            line,
                            status: status::of_heading(&title),
                            torn: None,
                            unread: None,
                            below,
                        });
                    }
                    Heading::Odd(why) => tracker.odd.push((line, why)),
                    Heading::Other => {}
                }
                above.push((level, mention));
            }
            Block::Paragraph { lines } => {
                // What stands below a heading inside of a day is said of that heading.
                if let Some((_, Some(mention))) = above.last() {
                    listen(&mut tracker.mentions[*mention], &lines);
                }
            }
        }
    }
    tracker
}

/// Takes what a paragraph says of the status.
fn listen(mention: &mut Mention, lines: &[(usize, String)]) {
    for (line, text) in lines {
        let said = match status::of_line(text, lines.len() == 1) {
            status::Said::Nothing => continue,
            status::Said::Unreadable => {
                mention.unread.get_or_insert((*line, text.clone()));
                continue;
            }
            status::Said::Status(said) => said,
        };
        match mention.status {
            Some(known) if known != said => {
                mention.torn = Some((mention.line, *line));
                mention.status = Some(known.min(said));
            }
            _ => mention.status = Some(said),
        }
    }
}

/// Headings and paragraphs of the top level, in order.
fn blocks(text: &str) -> Vec<Block> {
    let lines = Lines::of(text);
    let mut blocks: Vec<Block> = Vec::new();
    // How deep the current place is in lists, quotations, tables; and in what is struck out or is a picture.
    let (mut inside, mut silent) = (0_usize, 0_usize);
    let mut open = false;
    for (event, range) in markdown::parser(text).into_offset_iter() {
        let line = lines.line(range.start);
        match event {
            Event::Start(Tag::Heading { level, .. }) if inside == 0 => {
                let level = level as u8;
                blocks.push(Block::Heading {
                    level,
                    text: String::new(),
                    line,
                });
                open = true;
            }
            Event::Start(Tag::Paragraph) if inside == 0 => {
                blocks.push(Block::Paragraph {
                    lines: vec![(line, String::new())],
                });
                open = true;
            }
            Event::End(TagEnd::Heading(_) | TagEnd::Paragraph) => open = false,
            Event::Start(Tag::Strikethrough | Tag::Image { .. }) => silent += 1,
            Event::End(TagEnd::Strikethrough | TagEnd::Image) => silent -= 1,
            Event::Start(Tag::Emphasis | Tag::Strong | Tag::Link { .. })
            | Event::End(TagEnd::Emphasis | TagEnd::Strong | TagEnd::Link) => {}
            Event::Start(Tag::Heading { .. } | Tag::Paragraph) => {}
            Event::Start(_) => inside += 1,
            Event::End(_) => inside -= 1,
            Event::Text(text) | Event::Code(text) if open && silent == 0 => say(&mut blocks, &text),
            Event::TaskListMarker(_) => {}
            Event::SoftBreak | Event::HardBreak if open => next_line(&mut blocks, line + 1),
            Event::InlineHtml(tag) if open && tag.to_ascii_lowercase().starts_with("<br") => {
                next_line(&mut blocks, line);
            }
            _ => {}
        }
    }
    blocks
}

fn say(blocks: &mut [Block], said: &str) {
    match blocks.last_mut() {
        Some(Block::Heading { text, .. }) => text.push_str(said),
        Some(Block::Paragraph { lines }) => {
            if let Some((_, text)) = lines.last_mut() {
                text.push_str(said);
            }
        }
        None => {}
    }
}

fn next_line(blocks: &mut [Block], line: usize) {
    match blocks.last_mut() {
        Some(Block::Heading { text, .. }) => text.push(' '),
        Some(Block::Paragraph { lines }) => lines.push((line, String::new())),
        None => {}
    }
}

/// What is known of one day, from all of its headings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Day {
    pub(crate) line: usize,
    pub(crate) status: Option<Status>,
    /// Two headings which say different things: the lines of both.
    pub(crate) disagree: Option<(usize, usize)>,
    /// Headings that say nothing while another one does.
    pub(crate) silent: Vec<usize>,
}

/// Every day once, the worse status where its headings disagree.
pub(crate) fn days(tracker: &Tracker) -> BTreeMap<u32, Day> {
    let mut days: BTreeMap<u32, Day> = BTreeMap::new();
    let tops = tracker
        .mentions
        .iter()
        .filter(|mention| mention.below.is_none());
    for mention in tops {
        for number in &mention.days {
            let day = days.entry(*number).or_insert(Day {
                line: mention.line,
                status: None,
                disagree: None,
                silent: Vec::new(),
            });
            merge(day, mention);
        }
    }
    // A heading below that of its day repeats it: it adds nothing, but it may contradict.
    for mention in tracker
        .mentions
        .iter()
        .filter(|mention| mention.below.is_some())
    {
        for number in &mention.days {
            if let Some(day) = days.get_mut(number)
                && day.status.is_some()
                && mention.status.is_some()
            {
                merge(day, mention);
            }
        }
    }
    days
}

fn merge(day: &mut Day, mention: &Mention) {
    let line = mention.line;
    match (day.status, mention.status) {
        (Some(known), Some(said)) if known != said => {
            day.disagree = Some((day.line, line));
            if said < known {
                day.status = Some(said);
            }
        }
        (None, Some(_)) => {
            if line != day.line {
                day.silent.push(day.line);
            }
            (day.status, day.line) = (mention.status, line);
        }
        (_, None) if line != day.line => day.silent.push(line),
        _ => {}
    }
}

#[cfg(test)]
mod tests;
