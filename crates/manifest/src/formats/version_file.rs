//! `VERSION`: a file that holds a version and nothing else.

use std::ops::Range;

use super::{Format, is_named};
use crate::edit::{Sighting, Spot, apply, found};
use crate::{Change, Edited, Error, Found};

pub(super) const FORMAT: Format = Format {
    name: "version_file",
    about: "VERSION: the version and nothing else",
    owns: |path| is_named(path, &["VERSION"]),
    read,
    set,
};

/// The version, without the white space around it.
///
/// # Errors
/// When the file is empty or holds more than one word.
pub fn read(text: &str) -> Result<Vec<Found>, Error> {
    let span = word(text)?;
    let version = text[span.clone()].to_owned();
    Ok(found(
        text,
        vec![Sighting {
            offset: span.start,
            what: "version".to_owned(),
            version,
        }],
    ))
}

/// Replaces the word; byte order mark, line ends and final newline stay as they are.
///
/// # Errors
/// As [`read`]: a file with more in it is no VERSION file, and nothing of it is thrown away.
pub fn set(text: &str, change: &Change) -> Result<Edited, Error> {
    let span = word(text)?;
    Ok(apply(
        text,
        vec![Spot {
            span,
            what: "version".to_owned(),
            new: change.version.to_string(),
        }],
    ))
}

fn word(text: &str) -> Result<Range<usize>, Error> {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let trimmed = body.trim();
    if trimmed.is_empty() {
        return Err(Error::at(text, 0, "the file holds no version")
            .help("write the version into it once, such as `0.1.0`"));
    }
    let start = text.len() - body.trim_start().len();
    if let Some(space) = trimmed.find(char::is_whitespace) {
        let error = Error::at(text, start + space, "the file holds more than a version");
        return Err(error
            .help("keep the version alone in it, or name the line with a text pattern instead"));
    }
    Ok(start..start + trimmed.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_a_version_is_refused() {
        for (text, place) in [
            ("", (1, 1)),
            ("\u{feff}\r\n", (1, 1)),
            ("\n1.0.0\nnotes\n", (2, 6)),
            ("\u{feff}1.0.0 beta", (1, 6)),
        ] {
            let error = read(text).unwrap_err();
            assert_eq!(
                (error.line.unwrap(), error.column.unwrap()),
                place,
                "{text:?}: {error}"
            );
        }
    }
}
