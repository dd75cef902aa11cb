//! One document: the anchors in it, and the links from it.

use std::collections::{BTreeSet, HashSet};

use pulldown_cmark::{BrokenLink, CowStr, Event, LinkType, Parser, Tag, TagEnd};

use super::html;
use super::slug::{self, Slugs, normal};
use crate::markdown::{self, Lines};

/// What can be linked to in a document, and what it links to.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// As people write them.
    pub(crate) anchors: Vec<String>,
    /// As they are compared.
    known: HashSet<String>,
    /// Those which the headings get on a site.
    of_site: HashSet<String>,
    pub(crate) links: Vec<Link>,
    /// `[text][label]` without a definition of the label.
    pub(crate) undefined: Vec<Link>,
    pub(crate) lines: usize,
}

/// A target as it is written, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Link {
    pub(crate) line: usize,
    pub(crate) column: usize,
    pub(crate) target: String,
}

impl Page {
    /// Of a Markdown document.
    pub(crate) fn markdown(text: &str) -> Page {
        let text = markdown::body(text);
        let mut reader = Reader::of(text);
        // The parser asks more than once for one place.
        let mut undefined: BTreeSet<(usize, String)> = BTreeSet::new();
        let mut note = |broken: BrokenLink<'_>| -> Option<(CowStr<'_>, CowStr<'_>)> {
            if is_reference(text, &broken) {
                undefined.insert((broken.span.start, broken.reference.to_string()));
            }
            None
        };
        let parser =
            Parser::new_with_broken_link_callback(text, markdown::options(), Some(&mut note));
        // A definition is one place, however often it is used.
        for (_, definition) in parser.reference_definitions().iter() {
            reader.link(&definition.dest, definition.span.start);
        }
        for (event, range) in parser.into_offset_iter() {
            reader.read(event, range);
        }
        for (offset, target) in undefined {
            let (line, column) = reader.lines.place(offset);
            reader.page.undefined.push(Link {
                line,
                column,
                target,
            });
        }
        reader.page.links.sort_unstable();
        reader.page
    }

    /// Of an HTML document: its anchors alone.
    pub(crate) fn html(text: &str) -> Page {
        let mut reader = Reader::of(text);
        reader.html(text, 0);
        reader.page.links.clear();
        reader.page
    }

    /// Of any text: it has lines.
    pub(crate) fn plain(text: &str) -> Page {
        Page {
            lines: text.lines().count(),
            ..Page::default()
        }
    }

    /// Whether there is such an anchor.
    pub(crate) fn has(&self, anchor: &str) -> bool {
        self.known.contains(&normal(anchor))
    }

    /// Whether there is such an anchor on the page that a site generator makes of this.
    pub(crate) fn has_on_site(&self, anchor: &str) -> bool {
        let slug = slug::of_site(anchor);
        self.of_site.contains(&slug) || self.has(&slug)
    }
}

/// Whether brackets were meant as a link: `array[0][1]` was not, and `[x]` alone hardly ever is.
fn is_reference(text: &str, broken: &BrokenLink<'_>) -> bool {
    let full = matches!(
        broken.link_type,
        LinkType::Reference
            | LinkType::ReferenceUnknown
            | LinkType::Collapsed
            | LinkType::CollapsedUnknown
    );
    let before = text
        .get(..broken.span.start)
        .and_then(|text| text.chars().next_back());
    let joined =
        before.is_some_and(|before| before.is_alphanumeric() || matches!(before, ']' | ')' | '_'));
    full && !joined && broken.reference.chars().any(char::is_alphabetic)
}

struct Reader<'t> {
    text: &'t str,
    lines: Lines<'t>,
    page: Page,
    slugs: Slugs,
    site_slugs: Slugs,
    /// The text of the heading that is being read.
    heading: Option<String>,
    /// In a picture, whose text is not part of the heading around it.
    silent: usize,
}

impl<'t> Reader<'t> {
    fn of(text: &'t str) -> Reader<'t> {
        Reader {
            text,
            lines: Lines::of(text),
            page: Page::plain(text),
            slugs: Slugs::default(),
            site_slugs: Slugs::default(),
            heading: None,
            silent: 0,
        }
    }

    fn read(&mut self, event: Event<'_>, range: std::ops::Range<usize>) {
        match event {
            Event::Start(Tag::Heading { .. }) => self.heading = Some(String::new()),
            Event::End(TagEnd::Heading(_)) => {
                if let Some(text) = self.heading.take() {
                    self.titled(&text);
                }
            }
            Event::Start(Tag::Link {
                link_type: LinkType::Inline,
                dest_url,
                ..
            }) => self.link(&dest_url, range.start),
            Event::Start(Tag::Link {
                link_type: LinkType::Autolink | LinkType::Email,
                dest_url,
                ..
            }) => self.link(&with_scheme(&dest_url), range.start),
            Event::Start(Tag::Image {
                link_type,
                dest_url,
                ..
            }) => {
                self.silent += 1;
                if link_type == LinkType::Inline {
                    self.link(&dest_url, range.start);
                }
            }
            Event::End(TagEnd::Image) => self.silent = self.silent.saturating_sub(1),
            Event::Text(text) | Event::Code(text) if self.silent == 0 => {
                if let Some(heading) = &mut self.heading {
                    heading.push_str(&text);
                }
            }
            Event::SoftBreak | Event::HardBreak => {
                if let Some(heading) = &mut self.heading {
                    heading.push(' ');
                }
            }
            Event::Start(Tag::HtmlBlock) | Event::InlineHtml(_) => {
                let text = self.text;
                let piece = text.get(range.clone()).unwrap_or_default();
                self.html(piece, range.start);
            }
            _ => {}
        }
    }

    fn link(&mut self, target: &str, offset: usize) {
        let (line, column) = self.lines.place(offset);
        let target = target.to_owned();
        self.page.links.push(Link {
            line,
            column,
            target,
        });
    }

    fn anchor(&mut self, anchor: String) {
        self.page.known.insert(normal(&anchor));
        self.page.anchors.push(anchor);
    }

    /// A heading that begins with a picture or an anchor of its own keeps the space behind it, or does not.
    fn titled(&mut self, text: &str) {
        match slug::named(text) {
            Some(anchor) => self.anchor(anchor.to_owned()),
            None => {
                let anchor = self.site_slugs.next_of_site(text);
                self.page.of_site.insert(anchor);
            }
        }
        let trimmed = text.trim();
        let slug = self.slugs.next(text);
        if trimmed.len() != text.len() {
            let other = self.slugs.next(trimmed);
            self.anchor(other);
        }
        self.anchor(slug);
    }

    fn html(&mut self, text: &str, offset: usize) {
        let mut open: Option<(String, usize)> = None;
        for tag in html::tags(text) {
            let is_heading = tag.name.len() == 2 && tag.name.starts_with('h') && tag.name != "hr";
            if is_heading && tag.closing {
                if let Some((name, start)) = open.take()
                    && name == tag.name
                {
                    let inner = html::inner(text.get(start..tag.start).unwrap_or_default());
                    self.titled(&inner);
                }
                continue;
            }
            if tag.closing {
                continue;
            }
            if is_heading {
                open = Some((tag.name.clone(), tag.end));
            }
            for key in ["id", "name"] {
                if let Some(anchor) = tag.get(key).filter(|anchor| !anchor.is_empty()) {
                    self.anchor(anchor);
                }
            }
            let place = offset + tag.start;
            if let Some(target) = tag.get("href").filter(|_| tag.name == "a") {
                self.link(&target, place);
            }
            if matches!(
                tag.name.as_str(),
                "img" | "source" | "video" | "audio" | "picture"
            ) {
                for key in ["src", "poster"] {
                    if let Some(target) = tag.get(key) {
                        self.link(&target, place);
                    }
                }
                for entry in tag.get("srcset").iter().flat_map(|set| set.split(", ")) {
                    if let Some(target) = entry.split_whitespace().next() {
                        self.link(target.trim_end_matches(','), place);
                    }
                }
            }
        }
    }
}

/// `<dev@example.com>` is mail.
fn with_scheme(target: &str) -> String {
    match target.contains(':') {
        true => target.to_owned(),
        false => format!("mailto:{target}"),
    }
}
