//! What stands below the subject: announcements, reverts, copies, lists.

use crate::message::{Head, Title, front};
use crate::rules::Table;

/// Fewer digits are no id.
const ID_MIN: usize = 7;

/// The texts behind `BREAKING CHANGE:`, wherever a line begins with it; the first paragraph of each.
pub(super) fn breaking(body: &str) -> Vec<String> {
    let lines: Vec<&str> = body.lines().map(str::trim).collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some(first) = announcement(line) else {
            continue;
        };
        let mut text = first.to_owned();
        let rest = lines.get(at + 1..).unwrap_or_default();
        // An empty announcement is a heading of the paragraph below it.
        let skipped = rest
            .iter()
            .take_while(|line| text.is_empty() && line.is_empty())
            .count();
        for line in rest.iter().skip(skipped) {
            if line.is_empty() || is_footer(line) {
                break;
            }
            text.push(' ');
            text.push_str(line);
        }
        let text = text.trim().to_owned();
        // What a form left empty.
        let is_denied =
            ["none", "no", "n/a", "na", "nothing", "none."].contains(&text.to_lowercase().as_str());
        if !is_denied {
            found.push(text);
        }
    }
    found
}

fn announcement(line: &str) -> Option<&str> {
    let line = line.trim_start_matches(['*', '-', ' ']);
    let rest = line.strip_prefix("BREAKING")?.strip_prefix([' ', '-'])?;
    let rest = rest.strip_prefix("CHANGE")?;
    let rest = rest
        .strip_prefix('S')
        .unwrap_or(rest)
        .trim_start_matches(['*', ' ']);
    rest.strip_prefix([':', '\u{ff1a}'])
        .map(|text| text.trim_start_matches(['*', ' ']))
}

/// `Signed-off-by: …`, `Closes #12`.
fn is_footer(line: &str) -> bool {
    if announcement(line).is_some() {
        return true;
    }
    let end = line.find([':', ' ']).unwrap_or(line.len());
    let Some((token, rest)) = line.split_at_checked(end) else {
        return false;
    };
    let is_token = token.starts_with(|c: char| c.is_ascii_uppercase())
        && token.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    is_token
        && (rest.starts_with(" #")
            || (rest.starts_with(": ") && (token.contains('-') || is_known_token(token))))
}

fn is_known_token(token: &str) -> bool {
    [
        "Refs", "Ref", "Closes", "Fixes", "Resolves", "See", "Link", "Bug", "Issue", "Reviewed",
        "Cc",
    ]
    .contains(&token)
}

/// The conventional lines of a list that a squash pasted: `* feat: x`, or the indented subjects of
/// `git merge --squash`.
pub(super) fn pasted(subject: &str, body: &str, table: &Table<'_>) -> Vec<Head> {
    let is_git_squash = subject.starts_with("Squashed commit of the following");
    body.lines()
        .filter_map(|line| {
            let item = if is_git_squash {
                line.strip_prefix("    ")?
            } else {
                line.strip_prefix("* ")
                    .or_else(|| line.strip_prefix("- "))?
            };
            let head = front::head(item.trim(), table)?;
            table.of(&head.kind).map(|_| head)
        })
        .collect()
}

/// The title of a pull request in the body of its merge.
pub(super) fn merged_title(subject: &str, body: &str, table: &Table<'_>) -> Option<Title> {
    let number = front::merged_number(subject, body)?;
    let line = body.lines().map(str::trim).find(|line| !line.is_empty())?;
    let line = without_bors(line);
    let head = front::head(line, table).filter(|head| table.of(&head.kind).is_some());
    let number = number.as_deref().filter(|number| !line.contains(number));
    let keys: Vec<&str> = number.into_iter().collect();
    let text = match number {
        Some(number) => format!("{line} ({number})"),
        None => line.to_owned(),
    };
    Some(Title {
        text,
        head: head.map(|head| head.with_keys(&keys)),
    })
}

/// `123: feat: x r=a a=b` of bors.
fn without_bors(line: &str) -> &str {
    let Some((number, rest)) = line.split_once(": ") else {
        return line;
    };
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return line;
    }
    rest.rfind(" r=")
        .and_then(|at| rest.get(..at))
        .unwrap_or(rest)
}

/// The subject that a revert names: `Revert "x"`, `revert: x`.
pub(super) fn reverted_title(subject: &str, head: Option<&Head>) -> Option<String> {
    for (mark, prefix) in [("Revert \"", ""), ("Reapply \"", "Revert ")] {
        if let Some((title, _)) = subject
            .strip_prefix(mark)
            .and_then(|rest| rest.rsplit_once('"'))
        {
            return Some(if prefix.is_empty() {
                title.to_owned()
            } else {
                format!("{prefix}\"{title}\"")
            });
        }
    }
    let head = head.filter(|head| matches!(head.kind.as_str(), "revert" | "reverts"))?;
    let title = head.description.trim_matches(['"', '`', '\'']);
    Some(title.to_owned())
}

/// A subject less the number of its pull request, which a forge adds.
pub(crate) fn plain_title(subject: &str) -> &str {
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    match subject
        .trim_end()
        .strip_suffix(')')
        .and_then(|rest| rest.rsplit_once(" (#"))
    {
        Some((title, number)) if is_number(number) => title,
        _ => subject.trim_end(),
    }
}

/// The ids behind `This reverts commit`, and in the footers of a commit whose subject says so.
pub(super) fn reverts(body: &str, is_revert: bool) -> Vec<String> {
    let mut ids = Vec::new();
    for paragraph in body.split("\n\n") {
        let mut rest = paragraph;
        while let Some(at) = rest.find("his reverts commit") {
            rest = rest
                .get(at + "his reverts commit".len()..)
                .unwrap_or_default();
            ids.extend(listed_ids(rest));
        }
    }
    if is_revert {
        for line in body.lines() {
            let footer = ["Refs:", "Ref:", "Reverts:", "refs:", "reverts:"]
                .iter()
                .find_map(|mark| line.trim().strip_prefix(mark));
            ids.extend(footer.into_iter().flat_map(listed_ids));
        }
    }
    ids.dedup();
    ids
}

/// The ids at the beginning of a text, as in `s 1234567, 89abcde and f012345 since …`.
fn listed_ids(text: &str) -> Vec<String> {
    text.split(|c: char| c.is_whitespace() || ",;.&()[]`".contains(c))
        .filter(|word| !matches!(*word, "" | "s" | "and" | "commit" | "commits"))
        .map_while(id)
        .collect()
}

fn id(word: &str) -> Option<String> {
    let is_id =
        (ID_MIN..=64).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_id.then(|| word.to_lowercase())
}

/// The ids of `git cherry-pick -x`.
pub(super) fn picked(body: &str) -> Vec<String> {
    body.lines()
        .filter_map(|line| line.trim().strip_prefix("(cherry picked from commit "))
        .filter_map(|rest| id(rest.trim_end_matches(')')))
        .collect()
}
