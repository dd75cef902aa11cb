//! Sums as the tools of Windows print them: `Get-FileHash` as a table or a list, `certutil -hashfile`.
//!
//! They print the path of the file, often an absolute one; the name is its last part. What a tool cut short or put
//! into other words is no sum here, and is told as a line of an unknown form.

use super::HEX_LEN;

/// The sum that begins on the first of these lines: how many lines it takes, its name, its digest.
pub(super) fn sum(lines: &[&str]) -> Option<(usize, String, String)> {
    table(lines)
        .or_else(|| list(lines))
        .or_else(|| certutil(lines))
}

/// `SHA256  HEX  C:\folder\name` below a heading and a rule.
fn table(lines: &[&str]) -> Option<(usize, String, String)> {
    let line = lines.first()?;
    if let Some(row) = line.strip_prefix("SHA256 ") {
        let (hex, path) = row.trim_start().split_once(' ')?;
        return hexadecimal(hex).then(|| (1, last(path), hex.to_owned()));
    }
    // The heading belongs to the first row.
    let words: Vec<&str> = line.split_whitespace().collect();
    let mut rule = lines.get(1)?.split_whitespace();
    if words != ["Algorithm", "Hash", "Path"] || !rule.all(dashes) {
        return None;
    }
    let (taken, name, hex) = table(lines.get(2..)?)?;
    Some((taken + 2, name, hex))
}

/// Three lines `Algorithm : SHA256`, `Hash : HEX`, `Path : C:\folder\name`.
fn list(lines: &[&str]) -> Option<(usize, String, String)> {
    let value = |at: usize, key: &str| {
        let (found, value) = lines.get(at)?.split_once(':')?;
        (found.trim() == key).then(|| value.trim())
    };
    let hex = value(1, "Hash")?;
    (value(0, "Algorithm")? == "SHA256")
        .then(|| Some((3, last(value(2, "Path")?), hex.to_owned())))?
}

/// `SHA256 hash of name:`, in words that differ from language to language, the digest, and a line of success.
fn certutil(lines: &[&str]) -> Option<(usize, String, String)> {
    let title = lines.first()?.strip_prefix("SHA256")?.strip_suffix(':')?;
    let (_, path) = title.rsplit_once(' ')?;
    // Older ones write the digest in pairs.
    let hex: String = lines.get(1)?.split(' ').collect();
    let more = lines
        .get(2)
        .is_some_and(|line| line.starts_with("CertUtil: "));
    hexadecimal(&hex).then(|| (2 + usize::from(more), last(path), hex))
}

fn last(path: &str) -> String {
    path.trim()
        .rsplit(['\\', '/'])
        .next()
        .unwrap_or_default()
        .to_owned()
}

fn hexadecimal(text: &str) -> bool {
    text.len() == HEX_LEN && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn dashes(text: &str) -> bool {
    text.bytes().all(|byte| byte == b'-')
}
