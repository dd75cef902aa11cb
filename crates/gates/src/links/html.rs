//! The tags of a piece of HTML and their attributes; nothing more is needed of HTML in Markdown.

/// An opening or closing tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tag<'t> {
    /// In lower case.
    pub(super) name: String,
    pub(super) closing: bool,
    pub(super) attributes: Vec<Attribute<'t>>,
    /// Where it begins and ends in the text.
    pub(super) start: usize,
    pub(super) end: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Attribute<'t> {
    /// In lower case.
    pub(super) name: String,
    pub(super) value: &'t str,
}

impl Tag<'_> {
    pub(super) fn get(&self, name: &str) -> Option<String> {
        self.attributes
            .iter()
            .find(|attribute| attribute.name == name)
            .map(|attribute| attribute.value.trim().replace("&amp;", "&"))
    }
}

/// All tags; comments are passed over.
pub(super) fn tags(text: &str) -> Vec<Tag<'_>> {
    let mut tags = Vec::new();
    let mut at = 0;
    while let Some(start) = text
        .get(at..)
        .and_then(|rest| rest.find('<'))
        .map(|found| at + found)
    {
        let rest = &text[start..];
        if rest.starts_with("<!--") {
            at = rest.find("-->").map_or(text.len(), |end| start + end + 3);
            continue;
        }
        match tag(text, start) {
            Some(tag) => {
                at = tag.end;
                tags.push(tag);
            }
            None => at = start + 1,
        }
    }
    tags
}

fn tag(text: &str, start: usize) -> Option<Tag<'_>> {
    let mut at = start + 1;
    let closing = text[at..].starts_with('/');
    at += usize::from(closing);
    let name = word(text, at);
    if !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
        return None;
    }
    at += name.len();
    let mut tag = Tag {
        name: name.to_ascii_lowercase(),
        closing,
        attributes: Vec::new(),
        start,
        end: at,
    };
    loop {
        at += space(text, at);
        let rest = &text[at..];
        let first = rest.chars().next()?;
        if first == '>' {
            tag.end = at + 1;
            return Some(tag);
        }
        if first == '/' {
            at += 1;
            continue;
        }
        let name = word(text, at);
        if name.is_empty() {
            at += first.len_utf8();
            continue;
        }
        at += name.len();
        let equals = at + space(text, at);
        let mut value = "";
        if text[equals..].starts_with('=') {
            at = equals + 1;
            at += space(text, at);
            let rest = &text[at..];
            let quote = rest
                .chars()
                .next()
                .filter(|first| matches!(first, '"' | '\''));
            if let Some(quote) = quote {
                let end = rest[1..].find(quote)?;
                value = &rest[1..=end];
                at += end + 2;
            } else {
                let end = rest.find(|found: char| found.is_whitespace() || found == '>')?;
                value = &rest[..end];
                at += end;
            }
        }
        let name = name.to_ascii_lowercase();
        tag.attributes.push(Attribute { name, value });
    }
}

fn space(text: &str, at: usize) -> usize {
    text[at..].len() - text[at..].trim_start().len()
}

fn word(text: &str, at: usize) -> &str {
    let rest = &text[at..];
    let end = rest
        .find(|found: char| {
            found.is_whitespace() || matches!(found, '>' | '/' | '=' | '"' | '\'' | '<')
        })
        .unwrap_or(rest.len());
    &rest[..end]
}

/// The text between tags.
pub(super) fn inner(text: &str) -> String {
    let mut out = String::new();
    let mut at = 0;
    for tag in tags(text) {
        out.push_str(text.get(at..tag.start).unwrap_or_default());
        at = tag.end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out.trim().replace("&amp;", "&")
}
