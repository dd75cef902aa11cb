//! The anchors that GitHub gives to headings, and those of sites.

use std::collections::HashMap;

/// Headings that have been given an anchor, so that the next one of the same name gets another.
#[derive(Default)]
pub(crate) struct Slugs(HashMap<String, usize>);

impl Slugs {
    /// The anchor of the next heading: lower case, without punctuation, a hyphen for each space, numbered when it
    /// comes again.
    pub(crate) fn next(&mut self, text: &str) -> String {
        self.numbered(of(text))
    }

    /// The same for a page of a site, see [`of_site`].
    pub(super) fn next_of_site(&mut self, text: &str) -> String {
        self.numbered(of_site(text))
    }

    fn numbered(&mut self, slug: String) -> String {
        let count = self.0.entry(slug.clone()).or_default();
        *count += 1;
        match *count {
            1 => slug,
            count => format!("{slug}-{}", count - 1),
        }
    }
}

fn of(text: &str) -> String {
    text.to_lowercase()
        .chars()
        .filter(|found| found.is_alphanumeric() || matches!(found, '-' | '_' | ' '))
        .map(|found| if found == ' ' { '-' } else { found })
        .collect()
}

/// The anchor that VitePress gives to a heading, and makes of what stands behind the `#` of a link: one hyphen for
/// each run of punctuation and space, none at the ends.
pub(super) fn of_site(text: &str) -> String {
    let parts: Vec<&str> = text
        .split(|found: char| {
            found.is_whitespace() || found.is_ascii_punctuation() || "“”‘’".contains(found)
        })
        .filter(|part| !part.is_empty())
        .collect();
    let slug = parts.join("-").to_lowercase();
    match slug.starts_with(|first: char| first.is_ascii_digit()) {
        true => format!("_{slug}"),
        false => slug,
    }
}

/// The anchor that a heading names itself, as generators of sites read it: `## Title {#anchor}`, where VitePress may be
/// told to want `%{#anchor}%`.
pub(super) fn named(text: &str) -> Option<&str> {
    let trimmed = text.trim_end();
    let inner = trimmed
        .strip_suffix("}%")
        .or_else(|| trimmed.strip_suffix('}'))?;
    let (_, anchor) = inner.rsplit_once("{#")?;
    (!anchor.is_empty() && !anchor.contains([' ', '{', '}'])).then_some(anchor)
}

/// An anchor as it is compared: whether a sign that is neither letter nor digit stays in an anchor (the second half of
/// an emoji, an accent of its own) differs between renderers, and no two headings differ in it alone.
pub(super) fn normal(anchor: &str) -> String {
    anchor
        .chars()
        .filter(|found| found.is_ascii() || found.is_alphanumeric())
        .collect()
}
