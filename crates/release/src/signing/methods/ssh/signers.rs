//! The file of signers (ssh-keygen(1), ALLOWED SIGNERS), read to say why a key was not accepted.
//!
//! Whether it is accepted ssh-keygen says; this only finds words for a refusal.

use crate::signing::Checked;
use archive::base64;

/// A line that has the key.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// Patterns, with commas between them.
    pub(super) principals: String,
    options: String,
}

impl Line {
    pub(super) fn permits(&self, namespace: &str) -> bool {
        self.option("namespaces")
            .is_none_or(|allowed| allowed.split(',').any(|one| matches(one.trim(), namespace)))
    }

    fn option(&self, name: &str) -> Option<&str> {
        let rest = self.options.split_once(&format!("{name}=\""))?.1;
        Some(rest.split_once('"')?.0)
    }

    /// `valid-after="…",valid-before="…"`, where there is such a window.
    fn window(&self) -> Option<String> {
        let parts: Vec<String> = ["valid-after", "valid-before"]
            .iter()
            .filter_map(|name| Some(format!("{name}=\"{}\"", self.option(name)?)))
            .collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    }
}

/// The lines of a file that have this very key.
pub(super) fn lines_of(text: &str, key: &[u8]) -> Vec<Line> {
    let key = base64::encode(key);
    text.lines()
        .map(str::trim)
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let words = words(line);
            let at = words.iter().position(|word| *word == key)?;
            let options = words.get(1..at.checked_sub(1)?)?.join(" ");
            Some(Line {
                principals: words.first()?.trim_matches('"').to_owned(),
                options,
            })
        })
        .collect()
}

/// Words apart by spaces, but not by those in quotes.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (Vec::new(), String::new(), false);
    for char in line.chars() {
        if char == '"' {
            quoted = !quoted;
        }
        if char.is_whitespace() && !quoted {
            if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
        } else {
            word.push(char);
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// The first of a list of principals.
pub(super) fn first_name(principals: &str) -> String {
    principals
        .split(',')
        .find(|one| !one.starts_with('!'))
        .unwrap_or(principals)
        .to_owned()
}

/// A pattern of OpenSSH: `*` and `?`.
fn matches(pattern: &str, text: &str) -> bool {
    match (pattern.chars().next(), text.chars().next()) {
        (None, None) => true,
        (Some('*'), _) => {
            matches(&pattern[1..], text)
                || text
                    .chars()
                    .next()
                    .is_some_and(|first| matches(pattern, &text[first.len_utf8()..]))
        }
        (Some('?'), Some(second)) => matches(&pattern[1..], &text[second.len_utf8()..]),
        (Some(first), Some(second)) if first == second => {
            matches(&pattern[first.len_utf8()..], &text[second.len_utf8()..])
        }
        _ => false,
    }
}

/// Why ssh-keygen refused a signature that fits its bytes.
pub(super) fn reason(lines: &[Line], who: &str, namespace: &str, fingerprint: String) -> Checked {
    if lines.is_empty() {
        return Checked::Stranger { fingerprint };
    }
    let named = |line: &&Line| {
        line.principals
            .split(',')
            .any(|pattern| matches(pattern.trim(), who))
    };
    let of_name: Vec<&Line> = lines.iter().filter(named).collect();
    let Some(line) = of_name.first() else {
        let names: Vec<&str> = lines.iter().map(|line| line.principals.as_str()).collect();
        let why = format!("it is {}'s, not {who}'s", names.join(" or "));
        return Checked::Elsewhere { fingerprint, why };
    };
    let permitted: Vec<&&Line> = of_name
        .iter()
        .filter(|line| line.permits(namespace))
        .collect();
    if permitted.is_empty() {
        let allowed = line.option("namespaces").unwrap_or_default();
        let why = format!("it is for the namespaces `{allowed}`, here it is `{namespace}`");
        return Checked::Elsewhere { fingerprint, why };
    }
    match permitted.iter().find_map(|line| line.window()) {
        Some(why) => Checked::OutOfTime { fingerprint, why },
        None => Checked::Elsewhere {
            fingerprint,
            why: format!("ssh-keygen does not accept it for {who}"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::{Line, lines_of, matches, reason};
    use crate::signing::Checked;
    use archive::base64;

    #[test]
    fn lines_are_found_by_their_key() {
        let (key, other) = (base64::encode(b"key"), base64::encode(b"other"));
        let text = format!(
            "# a@x ssh-ed25519 {key}\na@x,b@x namespaces=\"landfall, git\",valid-before=\"2027\" ssh-ed25519 {key} a b\nc@x ssh-ed25519 {other}\n\"d@x\" ssh-ed25519 {key}\n"
        );
        let lines = lines_of(&text, b"key");
        assert_eq!(lines.len(), 2);
        assert!(lines[0].permits("git") && !lines[0].permits("file"));
        assert_eq!(lines[0].window().unwrap(), "valid-before=\"2027\"");
        assert_eq!(
            lines[1],
            Line {
                principals: "d@x".to_owned(),
                options: String::new()
            }
        );
        let seen = |who, namespace| reason(&lines[..1], who, namespace, "F".to_owned());
        assert!(
            matches!(seen("c@x", "git"), Checked::Elsewhere { why, .. } if why == "it is a@x,b@x's, not c@x's")
        );
        assert!(
            matches!(seen("a@x", "file"), Checked::Elsewhere { why, .. } if why.contains("namespaces"))
        );
        assert!(matches!(seen("b@x", "git"), Checked::OutOfTime { .. }));
        assert!(matches!(
            reason(&[], "a@x", "git", "F".to_owned()),
            Checked::Stranger { .. }
        ));
    }

    #[test]
    fn patterns_are_those_of_openssh() {
        for (pattern, text, is) in [
            ("*@example.com", "dev@example.com", true),
            ("d?v@*", "dev@example.com", true),
            ("dev", "dev@example.com", false),
            ("*", "", true),
            ("?", "", false),
        ] {
            assert_eq!(matches(pattern, text), is, "{pattern} {text}");
        }
    }
}
