//! Secrets never leave: their values are replaced in everything that is shown, recorded or raised.

/// Values to hide, each with the name it is known by.
#[derive(Debug, Clone, Default)]
pub struct Secrets(Vec<(String, String)>);

/// A shorter value would blot out ordinary text, and is no secret worth the name.
const SHORTEST: usize = 6;

impl Secrets {
    /// Pairs of name and value; values too short to be secret are left out. Of a value of several lines, as keys have
    /// them, each line is hidden too: what is streamed is seen line by line.
    pub fn new(values: impl IntoIterator<Item = (String, String)>) -> Secrets {
        let lines = |(name, value): (String, String)| {
            let lines: Vec<String> = value.lines().map(|line| line.trim().to_owned()).collect();
            std::iter::once(value)
                .chain(lines)
                .map(move |value| (name.clone(), value))
        };
        let mut values: Vec<_> = values
            .into_iter()
            .flat_map(lines)
            .filter(|(_, value)| value.len() >= SHORTEST)
            .collect();
        // Longest first: one secret may contain another.
        values.sort_by_key(|(_, value)| std::cmp::Reverse(value.len()));
        Secrets(values)
    }

    /// Replaces values by `<NAME>` and the user part of URLs by `***`.
    pub fn redact(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (name, value) in &self.0 {
            if text.contains(value.as_str()) {
                text = text.replace(value.as_str(), &format!("<{name}>"));
            }
        }
        redact_urls(&text)
    }
}

fn redact_urls(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        out.push_str(before);
        let authority = after
            .find(|c: char| c == '/' || c.is_whitespace() || "'\"<>".contains(c))
            .unwrap_or(after.len());
        match after[..authority].rfind('@') {
            // `git@host` names a login, not a secret.
            Some(user) if after[..user].contains(':') || user >= 16 => {
                out.push_str("***");
                rest = &after[user..];
            }
            _ => rest = after,
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::Secrets;

    #[test]
    fn hides_values_and_url_credentials() {
        let secrets = Secrets::new([
            ("TOKEN".into(), "s3cr3t-value".into()),
            ("SHORT".into(), "a".into()),
        ]);
        assert_eq!(
            secrets.redact("push s3cr3t-value as a user"),
            "push <TOKEN> as a user"
        );
        assert_eq!(
            secrets.redact("https://me:pw@host/x and ssh://git@host/y"),
            "https://***@host/x and ssh://git@host/y"
        );
        assert_eq!(
            secrets.redact("https://abcdefghijklmnopqrstuvwxyz@host"),
            "https://***@host"
        );
        assert_eq!(secrets.redact("no url :// here"), "no url :// here");
    }

    #[test]
    fn hides_every_line_of_a_key() {
        let secrets = Secrets::new([("KEY".into(), "-----BEGIN-----\nabcdefgh\r\nij\n".into())]);
        assert_eq!(secrets.redact("| abcdefgh |"), "| <KEY> |");
        assert_eq!(
            secrets.redact("it is -----BEGIN-----\nabcdefgh\r\nij\n"),
            "it is <KEY>"
        );
    }
}
