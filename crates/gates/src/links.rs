//! Links: what Markdown documents link to, what there is to link to, and whether the two meet.

pub(crate) mod follow;
mod html;
pub(crate) mod page;
pub(crate) mod slug;
pub(crate) mod tree;

#[cfg(test)]
mod tests;

/// The characters that a percent-encoded text stands for; `None`: it is not well encoded.
pub(crate) fn decode(text: &str) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let digit = |at: usize| {
            let digit = char::from(*after.get(at)?).to_digit(16)?;
            u8::try_from(digit).ok()
        };
        bytes.push(digit(0)? << 4 | digit(1)?);
        rest = after.get(2..)?;
    }
    String::from_utf8(bytes).ok()
}
