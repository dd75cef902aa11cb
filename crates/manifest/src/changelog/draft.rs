//! The draft line: which blocks of a section were generated.
//!
//! `<!-- landfall: draft 5f3a9c01 0b1c22d4 -->` closes a section that is not released yet. It shows
//! nothing, and names each block that came from the generation, in its order. Whatever is not named
//! is a person's, so a line that is cut or changed costs a regeneration and never a text.

use super::blocks::Digest;

const BEGIN: &str = "<!-- landfall: draft";

/// It begins as a draft line and is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mangled;

/// What a comment names, if it is a draft line or was one.
pub(super) fn read(comment: &str) -> Option<Result<Vec<Digest>, Mangled>> {
    let rest = comment.trim().strip_prefix(BEGIN)?;
    let names = rest
        .strip_suffix("-->")
        .filter(|_| comment.trim().lines().count() == 1);
    let digest = |word: &str| {
        let is_ours = word.len() == 8
            && word
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        is_ours
            .then(|| u32::from_str_radix(word, 16).ok().map(Digest))
            .flatten()
    };
    let read = names.and_then(|names| names.split_whitespace().map(digest).collect());
    Some(read.ok_or(Mangled))
}

/// The line, without its line end.
pub(super) fn line(digests: &[Digest]) -> String {
    let names: String = digests.iter().map(|digest| format!("{digest} ")).collect();
    format!("{BEGIN} {names}-->")
}
