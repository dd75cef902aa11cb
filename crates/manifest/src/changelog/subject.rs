//! What an entry is about, so that what a person wrote down already is not listed a second time.

/// The commits and pull requests that a block names.
#[derive(Debug, Clone, Default)]
pub(super) struct Subject<'a> {
    /// Seven or more hex digits, as they stand there.
    commits: Vec<&'a str>,
    /// The numbers after `#`, and those in the paths of links.
    numbers: Vec<&'a str>,
    /// The number in brackets at the end of the text, `(#12)`: what a forge adds to a squashed commit.
    merged: Option<&'a str>,
}

impl Subject<'_> {
    /// Whether what a person wrote tells of the generated entry: it names its commit or the pull
    /// request that brought it. Another issue that both name makes no twins of them.
    pub(super) fn covers(&self, generated: &Self) -> bool {
        let same = |one: &str, two: &str| one.starts_with(two) || two.starts_with(one);
        let commit = generated
            .commits
            .iter()
            .any(|one| self.commits.iter().any(|two| same(one, two)));
        commit
            || generated
                .merged
                .is_some_and(|number| self.numbers.contains(&number))
    }
}

pub(super) fn of(text: &str) -> Subject<'_> {
    let mut subject = Subject::default();
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let end = at
            + bytes
                .iter()
                .skip(at)
                .take_while(|byte| byte.is_ascii_alphanumeric())
                .count();
        let (Some(word), false) = (text.get(at..end), end == at) else {
            at += 1;
            // The rest of a character that is longer than a byte.
            while !text.is_char_boundary(at) {
                at += 1;
            }
            continue;
        };
        let before = text.get(..at).unwrap_or_default();
        let is_number = byte.is_ascii_digit() && word.bytes().all(|byte| byte.is_ascii_digit());
        if is_number
            && (before.ends_with('#')
                || before.ends_with("/pull/")
                || before.ends_with("/merge_requests/"))
        {
            subject.numbers.push(word);
            let rest = text.get(end..).unwrap_or_default();
            if before.ends_with("(#") && rest.starts_with(')')
                || before.ends_with("([#") && rest.starts_with("](")
            {
                subject.merged = Some(word);
            }
        } else if is_commit(word) && !before.ends_with('#') {
            subject.commits.push(word);
        }
        at = end;
    }
    subject
}

/// The beginning of an object id: lower-case hex, with a digit and a letter, for `defaced` is a word
/// and 20261122 a date.
fn is_commit(word: &str) -> bool {
    (7..=64).contains(&word.len())
        && word
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        && word.bytes().any(|byte| byte.is_ascii_digit())
        && word.bytes().any(|byte| byte.is_ascii_lowercase())
}
