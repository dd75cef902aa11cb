//! One thing, one text: what we read must be what we would have written.
//!
//! That alone refuses a key that is there twice, white space, another order, another spelling of a character, and
//! anything behind the end, without a rule for each.

use anyhow::{Result, bail};

/// Compares the text that was `read` with what it means when it is `written` again.
///
/// # Errors
/// With the first byte that differs, counted from 1, and what stands there.
pub(crate) fn check(what: &str, read: &str, written: &str) -> Result<()> {
    if read == written {
        return Ok(());
    }
    let same = |(read, written): &(u8, u8)| read == written;
    let at = read.bytes().zip(written.bytes()).take_while(same).count();
    let near = |text: &str| {
        let near: Vec<u8> = text.bytes().skip(at).take(24).collect();
        String::from_utf8_lossy(&near).escape_debug().to_string()
    };
    bail!(
        "{what} is not as landfall writes it: at byte {} stands `{}`, expected was `{}`",
        at + 1,
        near(read),
        near(written)
    )
}
