//! Rules for `[[version.text]]`: how often a text carries the version, and by what it is found.

use regex_lite::Regex;

use super::Rules;
use crate::error::visible;
use crate::{TextFormat, TextPlace};

impl Rules<'_> {
    pub(super) fn text(&mut self, place: &TextPlace, path: &str) {
        let min = format!("{path}.min");
        if let Some(max) = place.max.filter(|max| *max < place.min)
            && !self.places.refused(&min)
        {
            let given = if self.places.stands(&min) {
                ""
            } else {
                ", by default,"
            };
            self.report(
                &format!("{path}.max"),
                &format!(
                    "at most {max} matches, but `min`{given} asks for {}",
                    place.min
                ),
            );
        }
        self.names_of_text(place, path);
        let Some(pattern) = &place.pattern else {
            return;
        };
        let path = format!("{path}.pattern");
        match Regex::new(pattern) {
            Err(error) => self.report(
                &path,
                &format!("not a regular expression: {}", visible(&error.to_string())),
            ),
            Ok(regex)
                if regex
                    .capture_names()
                    .flatten()
                    .all(|name| name != "version") =>
            {
                self.advise(
                    &path,
                    "no group named `version` in it",
                    r"write for example `parser@(?<version>\S+)`",
                );
            }
            Ok(_) => {}
        }
    }

    /// A format has names, a pattern has none, and a place has one of the two.
    fn names_of_text(&mut self, place: &TextPlace, path: &str) {
        let names = format!("{path}.names");
        let Some(format) = place.format else {
            let refused = self.places.refused(&format!("{path}.format"));
            if !place.names.is_empty() && !refused {
                let message = "names are looked for in a `format`, and none is given";
                self.advise(
                    &names,
                    message,
                    "give `format`, or find the version by `pattern`",
                );
            }
            return;
        };
        if place.pattern.is_some() {
            self.advise(
                &format!("{path}.pattern"),
                "a text is searched by its `format` or by a `pattern`, not by both",
                "remove one of the two",
            );
        }
        if format != TextFormat::ActionRefs {
            return;
        }
        if place.names.is_empty() && !self.places.refused(&names) {
            self.advise(
                &format!("{path}.format"),
                "`names` has to give the repository of the action",
                "write for example `names = [\"owner/name\"]`",
            );
        }
        for name in place.names.iter().filter(|name| !is_repository(name)) {
            self.advise(
                &names,
                &format!("`{}` is no repository", visible(name)),
                "write `owner/name`, without a path and a version",
            );
        }
    }
}

fn is_repository(name: &str) -> bool {
    let part = |text: &str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        !text.is_empty() && text.bytes().all(plain)
    };
    name.split_once('/')
        .is_some_and(|(owner, name)| part(owner) && part(name))
}
