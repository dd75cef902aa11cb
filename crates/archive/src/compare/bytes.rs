//! Two streams side by side, up to the first byte that differs.

use std::fmt;
use std::io::{self, Read};

use anyhow::{Context as _, Result};

const CHUNK: usize = 64 * 1024;
/// What is shown of a line before and after the place.
const SHOWN: usize = 40;

/// The first difference of two contents.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Content {
    /// Counted from 0.
    pub offset: u64,
    /// The byte of the first there; `None`: it ends before.
    pub first: Option<u8>,
    /// The byte of the second there; `None`: it ends before.
    pub second: Option<u8>,
    /// The line around the place in both, where it is text.
    pub text: Option<(String, String)>,
    /// Of what, where it is not an entry or the file: the uncompressed tar.
    pub of: &'static str,
}

impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let byte = |byte: Option<u8>| match byte {
            Some(byte) => format!("0x{byte:02x}"),
            None => "the end".to_owned(),
        };
        let (first, second) = (byte(self.first), byte(self.second));
        write!(
            f,
            "differs at byte {}{}: {first} and {second}",
            self.offset, self.of
        )?;
        match &self.text {
            Some((first, second)) => write!(f, "; `{first}` and `{second}`"),
            None => Ok(()),
        }
    }
}

/// `None`: the same to their ends.
///
/// # Errors
/// What either refuses.
pub(super) fn compare(mut first: impl Read, mut second: impl Read) -> Result<Option<Content>> {
    let (mut one, mut two) = (vec![0; CHUNK], vec![0; CHUNK]);
    let mut before: Vec<u8> = Vec::new();
    let mut offset = 0_u64;
    loop {
        let ours = fill(&mut first, &mut one).context("read the first")?;
        let theirs = fill(&mut second, &mut two).context("read the second")?;
        let same = ours.iter().zip(theirs).take_while(|(a, b)| a == b).count();
        let (shared, ours_rest) = ours.split_at(same);
        before.extend(shared.iter().rev().take(SHOWN).rev());
        before.drain(..before.len().saturating_sub(SHOWN));
        offset += same as u64;
        let theirs_rest = theirs.get(same..).unwrap_or_default();
        if !(ours_rest.is_empty() && theirs_rest.is_empty()) {
            return Ok(Some(Content {
                offset,
                first: ours_rest.first().copied(),
                second: theirs_rest.first().copied(),
                text: line(&before, ours_rest).zip(line(&before, theirs_rest)),
                of: "",
            }));
        }
        if ours.is_empty() {
            return Ok(None);
        }
    }
}

/// As much as there is, up to the length of the buffer.
fn fill<'b>(from: &mut impl Read, buffer: &'b mut [u8]) -> io::Result<&'b [u8]> {
    let mut got = 0;
    while let Some(room) = buffer.get_mut(got..).filter(|room| !room.is_empty()) {
        match from.read(room) {
            Ok(0) => break,
            Ok(read) => got += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(buffer.get(..got).unwrap_or_default())
}

/// The part of a line around a place: `None` when it is no text.
fn line(before: &[u8], after: &[u8]) -> Option<String> {
    let begins = before
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |at| at + 1);
    let mut bytes = before.get(begins..)?.to_vec();
    let rest = after.iter().take(SHOWN).take_while(|byte| **byte != b'\n');
    bytes.extend(rest);
    let text = String::from_utf8_lossy(&bytes);
    // A character that is cut at either end is no sign of anything.
    let text = text.trim_matches(char::REPLACEMENT_CHARACTER);
    let odd =
        |c: char| c == char::REPLACEMENT_CHARACTER || (c.is_control() && c != '\t' && c != '\r');
    (!text.contains(odd)).then(|| text.escape_debug().to_string())
}
