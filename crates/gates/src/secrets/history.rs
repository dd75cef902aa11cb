//! The lines that commits have added, read from git in portions that fit into memory.

use std::ops::Range;
use std::time::Duration;

use anyhow::{Result, bail};
use world::git::Git;

use super::{Secret, scan, shapes};

/// So many commits are asked for at once; fewer where their changes are too large.
const PORTION: usize = 5000;

/// A history that takes longer is a matter for a program of its own.
const PATIENCE: Duration = Duration::from_secs(600);

/// A secret that a commit has added.
pub(crate) struct Added {
    pub(crate) commit: String,
    pub(crate) secret: Secret,
}

/// What was looked at.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) added: Vec<Added>,
    pub(crate) commits: usize,
    /// There were more than we may look at.
    pub(crate) left: usize,
    /// Commits whose changes are too large to be read.
    pub(crate) unread: Vec<String>,
}

/// Looks at the newest `most` commits of a range, the oldest of them first.
pub(crate) fn look(git: &Git, range: &str, most: usize) -> Result<Seen> {
    let text = git.text(&["rev-list", "--end-of-options", range])?;
    let mut commits: Vec<&str> = text.lines().collect();
    let left = commits.len().saturating_sub(most);
    commits.truncate(most);
    commits.reverse();
    let mut seen = Seen {
        commits: commits.len(),
        left,
        ..Seen::default()
    };
    for portion in commits.chunks(PORTION) {
        read(git, portion, &mut seen)?;
    }
    Ok(seen)
}

fn read(git: &Git, commits: &[&str], seen: &mut Seen) -> Result<()> {
    let pattern = format!("-G{}", shapes::pattern());
    let cmd = git
        .cmd(["-c", "core.quotePath=false"])
        .args([
            "-c",
            "diff.noprefix=false",
            "-c",
            "diff.mnemonicPrefix=false",
        ])
        .args(["log", "--no-walk=unsorted", "--stdin", "--format=%x00%H"])
        .args([
            "--patch",
            "--unified=0",
            "--no-color",
            "--no-ext-diff",
            "--no-textconv",
        ])
        .args(["--no-renames", "--diff-merges=dense-combined", &pattern])
        .timeout(PATIENCE)
        .stdin_bytes(format!("{}\n", commits.join("\n")).into_bytes());
    let output = git.world.ask(&cmd)?.success()?;
    if output.truncated {
        let middle = commits.len() / 2;
        if middle == 0 {
            let commits = commits.iter().map(|commit| (*commit).to_owned());
            seen.unread.extend(commits);
            return Ok(());
        }
        read(git, &commits[..middle], seen)?;
        return read(git, &commits[middle..], seen);
    }
    let text = String::from_utf8_lossy(&output.stdout);
    // A byte 0 stands in no patch of a text: git calls such a file binary.
    let mut parts = text.split('\0');
    if parts.next() != Some("") {
        bail!("`git log` answered something that is no list of commits");
    }
    for part in parts {
        let (commit, patch) = part.split_once('\n').unwrap_or((part, ""));
        if !commits.contains(&commit) {
            bail!("`git log` told of a commit `{commit}` that it was not asked for");
        }
        for (path, first, lines) in hunks(patch) {
            for secret in scan(path, &lines, first) {
                seen.added.push(Added {
                    commit: commit.to_owned(),
                    secret,
                });
            }
        }
    }
    Ok(())
}

/// Each block of added lines: its path, the number of its first line, the lines.
fn hunks(patch: &str) -> Vec<(&str, usize, String)> {
    let mut found = Vec::new();
    let mut path = "";
    let mut rest = patch.lines();
    while let Some(line) = rest.next() {
        if let Some(name) = line.strip_prefix("+++ ") {
            path = name
                .strip_prefix("b/")
                .unwrap_or(name)
                .trim_end_matches('\t')
                .trim_matches('"');
        } else if let Some(head) = Hunk::read(line) {
            let mut text = String::new();
            let (mut old, mut new) = (head.old, head.new.len());
            while old > 0 || new > 0 {
                let Some(line) = rest.next() else { break };
                let (marks, body) = line.split_at_checked(head.parents).unwrap_or((line, ""));
                if line.starts_with('\\') {
                    continue;
                }
                if marks.contains('-') {
                    old = old.saturating_sub(1);
                } else {
                    new = new.saturating_sub(1);
                    text.push_str(body);
                    text.push('\n');
                }
            }
            if !text.is_empty() {
                found.push((path, head.new.start, text));
            }
        }
    }
    found
}

/// `@@ -1,2 +3,4 @@`; a merge has one `@` and one range more for each further parent.
struct Hunk {
    parents: usize,
    /// Removed lines; of a merge, those of all parents.
    old: usize,
    /// Lines of the result.
    new: Range<usize>,
}

impl Hunk {
    fn read(line: &str) -> Option<Hunk> {
        let marks = line.bytes().take_while(|byte| *byte == b'@').count();
        let (ranges, _) = line.get(marks..)?.split_once(&line[..marks])?;
        let range = |text: &str, sign: char| {
            let (start, count) = text
                .strip_prefix(sign)
                .map(|text| text.split_once(',').unwrap_or((text, "1")))?;
            Some((start.parse::<usize>().ok()?, count.parse::<usize>().ok()?))
        };
        let mut words = ranges.split_whitespace().collect::<Vec<&str>>();
        let (start, count) = range(words.pop()?, '+')?;
        let old = words
            .iter()
            .map(|word| Some(range(word, '-')?.1))
            .sum::<Option<usize>>()?;
        let parents = marks
            .checked_sub(1)
            .filter(|parents| *parents == words.len() && *parents > 0)?;
        Some(Hunk {
            parents,
            old: if parents == 1 { old } else { 0 },
            new: start..start.saturating_add(count),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::hunks;

    #[test]
    fn added_lines_are_found_with_their_numbers_whatever_they_hold() {
        let patch = "diff --git a/x b/x\nindex 1..2 100644\n--- a/x\n+++ b/x\n@@ -3 +3,2 @@ fn x\n-old\n+new\n+++ b/y\n@@ -9,2 +10,0 @@\n-a\n-b\n\\ No newline at end of file\ndiff --git a/z b/z\nnew file mode 100644\n--- /dev/null\n+++ b/z z\t\n@@ -0,0 +1 @@\n+@@ -1 +1 @@\n\\ No newline at end of file\n";
        let found = hunks(patch);
        let expected = [
            ("x", 3, "new\n++ b/y\n".to_owned()),
            ("z z", 1, "@@ -1 +1 @@\n".to_owned()),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_merge_shows_what_is_in_no_parent() {
        let patch = "diff --cc x\nindex 1,2..3\n--- a/x\n+++ b/x\n@@@ -1,1 -1,1 +1,2 @@@\n- one\n -two\n++evil\n++more\n";
        assert_eq!(hunks(patch), [("x", 1, "evil\nmore\n".to_owned())]);
    }
}
