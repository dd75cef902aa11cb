//! A unified diff that `git apply` and `patch` take: what `version set --print` shows.
//!
//! Format: POSIX `diff -u`, names quoted as git quotes them (git-config(1), `core.quotePath`).

use std::fmt::Write as _;
use std::ops::Range;

/// Unchanged lines around a change.
const CONTEXT: usize = 3;

/// Old and new lines that stand for each other.
type Block = (Range<usize>, Range<usize>);

/// The change of one file, `path` relative to the root; `None`: the file is new. Empty when nothing changes.
pub(crate) fn unified(path: &str, old: Option<&str>, new: &str) -> String {
    let before: Vec<&str> = old.unwrap_or_default().split_inclusive('\n').collect();
    let after: Vec<&str> = new.split_inclusive('\n').collect();
    let blocks = blocks(&before, &after);
    let mut out = String::new();
    if blocks.is_empty() && old.is_some() {
        return out;
    }
    let from = match old {
        Some(_) => name("a", path),
        None => "/dev/null".to_owned(),
    };
    out.push_str(&format!("--- {from}\n+++ {}\n", name("b", path)));
    let mut rest = blocks.as_slice();
    while !rest.is_empty() {
        // Changes so near to each other that their context would touch stand in one hunk.
        let near = |pair: &[Block]| pair[1].0.start - pair[0].0.end <= 2 * CONTEXT;
        let count = 1 + rest.windows(2).take_while(|pair| near(pair)).count();
        hunk(&mut out, &before, &after, &rest[..count]);
        rest = &rest[count..];
    }
    out
}

/// An edit of a version moves no line: line by line. Should one move, what differs is one block.
fn blocks(before: &[&str], after: &[&str]) -> Vec<Block> {
    if before.len() == after.len() {
        let differs = |at: &usize| before[*at] != after[*at];
        let one = |at| (at..at + 1, at..at + 1);
        return (0..before.len()).filter(differs).map(one).collect();
    }
    let same = |(a, b): &(&&str, &&str)| a == b;
    let head = before.iter().zip(after).take_while(same).count();
    let (a, b) = (&before[head..], &after[head..]);
    let tail = a.iter().rev().zip(b.iter().rev()).take_while(same).count();
    vec![(head..before.len() - tail, head..after.len() - tail)]
}

fn hunk(out: &mut String, before: &[&str], after: &[&str], blocks: &[Block]) {
    let (Some(first), Some(last)) = (blocks.first(), blocks.last()) else {
        return;
    };
    let lead = first.0.start.min(CONTEXT);
    let trail = (before.len() - last.0.end).min(CONTEXT);
    let old = first.0.start - lead..last.0.end + trail;
    let new = first.1.start - lead..last.1.end + trail;
    out.push_str(&format!("@@ -{} +{} @@\n", span(&old), span(&new)));
    let mut at = old.start;
    for (gone, come) in blocks {
        lines(out, ' ', &before[at..gone.start]);
        lines(out, '-', &before[gone.clone()]);
        lines(out, '+', &after[come.clone()]);
        at = gone.end;
    }
    lines(out, ' ', &before[at..old.end]);
}

/// First line and count; an empty range names the line before it.
fn span(range: &Range<usize>) -> String {
    let start = range.start + usize::from(!range.is_empty());
    format!("{start},{}", range.len())
}

fn lines(out: &mut String, sign: char, lines: &[&str]) {
    for line in lines {
        out.push(sign);
        out.push_str(line);
        if !line.ends_with('\n') {
            out.push_str("\n\\ No newline at end of file\n");
        }
    }
}

/// A name that holds a quote, a backslash or a control character is written in quotes; a tab ends one with a space.
fn name(side: &str, path: &str) -> String {
    let odd = |c: char| c.is_control() || c == '"' || c == '\\';
    if !path.contains(odd) {
        let end = if path.contains(' ') { "\t" } else { "" };
        return format!("{side}/{path}{end}");
    }
    let mut quoted = format!("\"{side}/");
    for c in path.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => {
                let mut bytes = [0; 4];
                for byte in c.encode_utf8(&mut bytes).bytes() {
                    // Writing to a string cannot fail.
                    write!(quoted, "\\{byte:03o}").ok();
                }
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::unified;

    #[test]
    fn near_changes_share_a_hunk_and_far_ones_do_not() {
        let old: String = (1..=30).map(|n| format!("{n}\n")).collect();
        let new = old
            .replace("5\n6\n", "five\n6\n")
            .replace("\n12\n", "\ntwelve\n")
            .replace("\n29\n", "\nx\n");
        let diff = unified("a b", Some(&old), &new);
        assert!(
            diff.starts_with("--- a/a b\t\n+++ b/a b\t\n@@ -2,14 +2,14 @@\n 2\n"),
            "{diff}"
        );
        assert!(
            diff.ends_with("@@ -26,5 +26,5 @@\n 26\n 27\n 28\n-29\n+x\n 30\n"),
            "{diff}"
        );
    }

    #[test]
    fn a_new_file_no_change_a_moved_line_and_a_missing_line_end() {
        assert_eq!(
            unified("V", None, "1\n"),
            "--- /dev/null\n+++ b/V\n@@ -0,0 +1,1 @@\n+1\n"
        );
        assert_eq!(unified("V", Some("1\n"), "1\n"), "");
        assert_eq!(
            unified("V", Some("a\nb\n"), "a\nx\nb\n"),
            "--- a/V\n+++ b/V\n@@ -1,2 +1,3 @@\n a\n+x\n b\n"
        );
        let end = "\\ No newline at end of file\n";
        assert_eq!(
            unified("V", Some("1"), "2"),
            format!("--- a/V\n+++ b/V\n@@ -1,1 +1,1 @@\n-1\n{end}+2\n{end}")
        );
    }

    #[test]
    fn odd_names_are_quoted() {
        let diff = unified("a\"\n\\—", Some("1\n"), "2\n");
        assert!(diff.starts_with("--- \"a/a\\\"\\012\\\\—\"\n"), "{diff}");
    }
}
