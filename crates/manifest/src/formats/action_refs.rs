//! References to this repository's own GitHub Action in READMEs, docs and example workflows: `uses: owner/name/path@v1`.
//!
//! The precision stays: `@v1` goes to the new major, `@v1.2` to the new minor, a version in full to the one in full. What
//! is no version (a commit, a branch) was meant to stay where it is, and is told.

use regex_lite::{Captures, Regex};
use semver::Version;

use crate::Error;
use crate::declared::{Declared, Kind, Seen, Wanted, one_line};

pub(super) const DECLARED: Declared = Declared {
    name: "action_refs",
    about: "Markdown and workflows: `uses: owner/name@v1` of our own action (names: `owner/name`, to be given)",
    subject: "`uses:`",
    read,
};

fn read(text: &str, wanted: &Wanted) -> Result<Vec<Seen>, Error> {
    if wanted.names.is_empty() {
        return Err(Error::new("`names` does not say whose references follow")
            .help("give the repository of the action, such as `names = [\"owner/name\"]`"));
    }
    let mut seen = Vec::new();
    for name in wanted.names {
        for captures in reference(name)?.captures_iter(text) {
            seen.extend(judge(text, &captures));
        }
    }
    Ok(seen)
}

/// GitHub does not tell capitals of owners and names apart.
fn reference(name: &str) -> Result<Regex, Error> {
    let part = |text: &str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        !text.is_empty() && text.bytes().all(plain)
    };
    if !name
        .split_once('/')
        .is_some_and(|(owner, name)| part(owner) && part(name))
    {
        let error = Error::new(format!("`{name}` is no repository"));
        return Err(error.help("write `owner/name`, without a path and a version"));
    }
    let regex = format!(
        r#"(?i)(?:^|[^\w.-])uses["']?[ \t]*:[ \t]*["']?(?P<action>{}(?:/[\w./-]*)?)@(?P<ref>[^\s"'`<>|]*)"#,
        regex_lite::escape(name)
    );
    Regex::new(&regex).map_err(|error| Error::new(format!("`{name}`: {error}")))
}

fn judge(text: &str, captures: &Captures) -> Option<Seen> {
    let (action, written) = (captures.name("action")?, captures.name("ref")?);
    let what = format!("uses: {}", action.as_str());
    // A sentence or a flow mapping goes on behind it.
    let inside = |last: char| last.is_ascii_alphanumeric() || matches!(last, '-' | '_');
    let value = match written.as_str().trim_end_matches(|last| !inside(last)) {
        "" => written.as_str(),
        value => value,
    };
    let span = written.start()..written.start() + value.len();
    let bare = value.strip_prefix(['v', 'V']).unwrap_or(value);
    let kind = if Version::parse(bare).is_ok() {
        Kind::Version
    } else if let Some(numbers) = numbers(bare)
        && (bare.len() < value.len() || bare.len() < SHORT_COMMIT)
    {
        Kind::Short(numbers)
    } else {
        let line = text[span.end..].lines().next().unwrap_or_default();
        return Some(Seen::left(span, what, reason(value, line)));
    };
    Some(Seen {
        span: span.end - bare.len()..span.end,
        what,
        kind,
    })
}

/// So many digits without a `v` may be a commit cut short, or a date.
const SHORT_COMMIT: usize = 7;

/// How many numbers a floating reference has: `1` or `1.2`.
fn numbers(text: &str) -> Option<usize> {
    let number = |part: &str| {
        part.bytes().all(|byte| byte.is_ascii_digit())
            && !part.is_empty()
            && (part == "0" || !part.starts_with('0'))
            && part.len() < 20
    };
    let count = text.split('.').count();
    (count < 3 && text.split('.').all(number)).then_some(count)
}

fn reason(value: &str, behind: &str) -> String {
    let commit =
        matches!(value.len(), 40 | 64) && value.bytes().all(|byte| byte.is_ascii_hexdigit());
    let comment = behind
        .trim_start_matches(['"', '\''])
        .trim()
        .strip_prefix('#')
        .and_then(|comment| comment.split_whitespace().next())
        .filter(|word| word.contains(|found: char| found.is_ascii_digit()));
    match (commit, comment) {
        (true, Some(comment)) => {
            format!(
                "it is pinned to a commit, said to be `{}`",
                one_line(comment)
            )
        }
        (true, None) => "it is pinned to a commit".to_owned(),
        (false, _) if value.is_empty() => "nothing stands behind `@`".to_owned(),
        (false, _) => format!(
            "`{}` is no version: a branch, or a tag of another form",
            one_line(value)
        ),
    }
}
