//! Span replacement: the only way in which this crate changes a text, and the only place that counts lines.

use std::ops::Range;

use crate::{Edited, Found, Place};

/// A value to replace: the byte span of its content (inside the quotes), its path, the new content.
#[derive(Debug)]
pub(crate) struct Spot {
    pub(crate) span: Range<usize>,
    pub(crate) what: String,
    pub(crate) new: String,
}

/// Replaces the spots, which must not overlap. A spot that already reads as wanted is no place.
pub(crate) fn apply(text: &str, mut spots: Vec<Spot>) -> Edited {
    spots.sort_by_key(|spot| spot.span.start);
    let mut edited = Edited {
        text: String::with_capacity(text.len() + 16 * spots.len()),
        places: Vec::new(),
    };
    let mut locator = Locator::new(text);
    let mut copied = 0;
    for Spot { span, what, new } in spots {
        let old = &text[span.clone()];
        if old == new {
            continue;
        }
        let (line, column) = locator.at(span.start);
        edited.text.push_str(&text[copied..span.start]);
        edited.text.push_str(&new);
        copied = span.end;
        edited.places.push(Place {
            line,
            column,
            what,
            old: old.to_owned(),
            new,
        });
    }
    edited.text.push_str(&text[copied..]);
    edited
}

impl Edited {
    /// The same edit with some of its places only. `before` is the text that was edited.
    #[must_use]
    pub fn keep(self, before: &str, wanted: impl Fn(&Place) -> bool) -> Edited {
        if self.places.iter().all(&wanted) {
            return self;
        }
        let starts: Vec<usize> = std::iter::once(0)
            .chain(before.match_indices('\n').map(|(at, _)| at + 1))
            .collect();
        let spot = |place: Place| {
            let line = *starts.get(place.line - 1)?;
            let mark = usize::from(line == 0 && before.starts_with('\u{feff}'));
            let (at, _) = before
                .get(line..)?
                .char_indices()
                .nth(place.column - 1 + mark)?;
            Some(Spot {
                span: line + at..line + at + place.old.len(),
                what: place.what,
                new: place.new,
            })
        };
        let kept = self.places.into_iter().filter(|place| wanted(place));
        apply(before, kept.filter_map(spot).collect())
    }
}

/// A version found at a byte offset, not yet turned into line and column.
pub(crate) struct Sighting {
    pub(crate) offset: usize,
    pub(crate) what: String,
    pub(crate) version: String,
}

/// Gives sightings their line and column, in the order of the text.
pub(crate) fn found(text: &str, mut sightings: Vec<Sighting>) -> Vec<Found> {
    sightings.sort_by_key(|sighting| sighting.offset);
    let mut locator = Locator::new(text);
    let place = |Sighting {
                     offset,
                     what,
                     version,
                 }| {
        let (line, column) = locator.at(offset);
        Found {
            what,
            version,
            line,
            column,
        }
    };
    sightings.into_iter().map(place).collect()
}

/// Turns byte offsets into line and column. It walks on from the offset before, so that asking for
/// ascending offsets costs one pass over the text, also where the text is one single line.
pub(crate) struct Locator<'a> {
    text: &'a str,
    offset: usize,
    line: usize,
    column: usize,
}

impl<'a> Locator<'a> {
    pub(crate) fn new(text: &'a str) -> Locator<'a> {
        Locator {
            text,
            offset: 0,
            line: 1,
            column: 1,
        }
    }

    /// Line and column (from 1, in characters) of a byte offset; one past the end or inside a character is rounded down.
    pub(crate) fn at(&mut self, offset: usize) -> (usize, usize) {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        if offset < self.offset {
            *self = Locator::new(self.text);
        }
        for (index, character) in self.text[self.offset..offset].char_indices() {
            match character {
                '\n' => (self.line, self.column) = (self.line + 1, 1),
                '\u{feff}' if self.offset + index == 0 => {}
                _ => self.column += 1,
            }
        }
        self.offset = offset;
        (self.line, self.column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_can_be_kept_in_part() {
        let text = "\u{feff}ä=1 b=1\r\nc=1";
        let spot = |at: usize| Spot {
            span: at..at + 1,
            what: at.to_string(),
            new: "22".to_owned(),
        };
        let all: Vec<usize> = text.match_indices('1').map(|(at, _)| at).collect();
        let edit = || apply(text, all.iter().map(|at| spot(*at)).collect());
        assert_eq!(edit().keep(text, |_| true), edit());
        for kept in &all {
            let part = edit().keep(text, |place| place.what == kept.to_string());
            assert_eq!(part, apply(text, vec![spot(*kept)]));
        }
        assert_eq!(edit().keep(text, |_| false).text, text);
    }

    #[test]
    fn positions_count_characters_and_not_the_byte_order_mark() {
        let text = "\u{feff}aü\r\nb\n";
        let mut locator = Locator::new(text);
        assert_eq!(locator.at(3), (1, 1));
        assert_eq!(locator.at(6), (1, 3));
        assert_eq!(locator.at(8), (2, 1));
        assert_eq!(locator.at(3), (1, 1), "going back starts again");
        assert_eq!(locator.at(999), (3, 1), "past the end is the end");
    }
}
