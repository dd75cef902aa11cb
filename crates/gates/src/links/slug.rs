//! The anchors that GitHub gives to headings.

use std::collections::HashMap;

/// Headings that have been given an anchor, so that the next one of the same name gets another.
#[derive(Default)]
pub(super) struct Slugs(HashMap<String, usize>);

impl Slugs {
    /// The anchor of the next heading: lower case, without punctuation, a hyphen for each space, numbered when it
    /// comes again.
    pub(super) fn next(&mut self, text: &str) -> String {
        let slug = of(text);
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

/// An anchor as it is compared: whether a sign that is neither letter nor digit stays in an anchor (the second half of
/// an emoji, an accent of its own) differs between renderers, and no two headings differ in it alone.
pub(super) fn normal(anchor: &str) -> String {
    anchor
        .chars()
        .filter(|found| found.is_ascii() || found.is_alphanumeric())
        .collect()
}
