//! What secrets look like: tokens with a prefix of their own, private keys, addresses with a password, assignments.
//!
//! No regular expressions: each shape is a literal that is rare, found at the speed of a text search, and a few
//! comparisons around it. Only shapes that are hardly ever anything else are errors.

use crate::Severity;

use super::tokens::{Class, TOKENS, Token};

/// Something that looks like a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hit<'t> {
    pub(crate) severity: Severity,
    /// `a token of GitHub`.
    pub(crate) what: &'static str,
    pub(crate) secret: &'t str,
    /// Where the secret begins, in bytes.
    pub(crate) at: usize,
}

/// A pattern that every line with a secret matches, and few others: git looks for it, for git is compiled to be fast,
/// and we in a developer's repository are not.
pub(crate) fn pattern() -> String {
    // More of them would find no less, and take longer.
    const ENOUGH: usize = 16;
    let mut patterns: Vec<String> = TOKENS
        .iter()
        .map(|token| {
            let prefix = token.prefix.replace('.', "[.]");
            let count = token.least.min(ENOUGH);
            format!("{prefix}{}{{{count}}}", token.class.pattern())
        })
        .collect();
    patterns.extend(
        [
            "-----BEGIN [A-Z ]*PRIVATE KEY",
            r"eyJ[A-Za-z0-9_-]{12,}[.]eyJ",
            r#"://[^]/@:[:space:]"'<>{}$]*:[^]/@[:space:]"'<>{}$]+@"#,
        ]
        .map(str::to_owned),
    );
    let names = NAMES.join("|");
    patterns.push(format!(
        r#"({names})[A-Za-z0-9_-]{{0,20}}["']?[[:space:]]*(:=|=>|=|:)[[:space:]]*["'`]?[A-Za-z0-9/+=_-]{{12}}"#
    ));
    patterns.join("|")
}

/// Everything in a text that looks like a secret, in the order of the text.
pub(crate) fn find(text: &str) -> Vec<Hit<'_>> {
    let mut hits = Vec::new();
    for token in TOKENS {
        // `contains` is several times as fast as `match_indices`, and the answer is nearly always no.
        if text.contains(token.prefix) {
            tokens(text, token, &mut hits);
        }
    }
    if text.contains("PRIVATE KEY") {
        private_keys(text, &mut hits);
    }
    if text.contains("eyJ") {
        web_tokens(text, &mut hits);
    }
    if text.contains("://") && text.contains('@') {
        addresses(text, &mut hits);
    }
    assignments(text, &mut hits);
    hits.sort_by_key(|hit| (hit.at, std::cmp::Reverse(hit.severity)));
    // The better rule speaks: an assignment of a token is a token.
    let mut end = 0;
    hits.retain(|hit| {
        let first = hit.at >= end;
        end = end.max(hit.at + hit.secret.len());
        first
    });
    hits
}

/// How many bytes from the start are of the class.
fn run(text: &str, class: impl Fn(u8) -> bool) -> usize {
    text.bytes().take_while(|byte| class(*byte)).count()
}

fn tokens<'t>(text: &'t str, token: &Token, hits: &mut Vec<Hit<'t>>) {
    for (at, _) in text.match_indices(token.prefix) {
        let joined = text[..at]
            .bytes()
            .next_back()
            .is_some_and(|byte| Class::Alnum.has(byte) || byte == b'_');
        // A prefix that begins with a mark may follow anything: `//registry/:_authToken=`.
        if joined && token.prefix.as_bytes()[0].is_ascii_alphanumeric() {
            continue;
        }
        let body = &text[at + token.prefix.len()..];
        let length = run(body, |byte| token.class.has(byte));
        if !(token.least..=token.most).contains(&length) || placeholder(&body[..length]) {
            continue;
        }
        // A long name in the code has no digits.
        if !body[..length].bytes().any(|byte| byte.is_ascii_digit()) && length < 40 {
            continue;
        }
        hits.push(Hit {
            severity: Severity::Error,
            what: token.what,
            secret: &text[at..at + token.prefix.len() + length],
            at,
        });
    }
}

/// A key that is there, not only its first line, and not under a password.
fn private_keys<'t>(text: &'t str, hits: &mut Vec<Hit<'t>>) {
    const LOOK: usize = 400;
    const SHORTEST: usize = 40;
    for (at, head) in text.match_indices("-----BEGIN ") {
        let rest = &text[at + head.len()..];
        let Some((kind, after)) = rest.split_once("-----") else {
            continue;
        };
        let kind = kind.strip_suffix(" BLOCK").unwrap_or(kind);
        if kind.len() > 40 || !kind.ends_with("PRIVATE KEY") || kind.contains("ENCRYPTED") {
            continue;
        }
        let end = after
            .char_indices()
            .nth(LOOK)
            .map_or(after.len(), |(end, _)| end);
        let end = after[..end].find("-----").unwrap_or(end);
        if after[..end].contains("ENCRYPTED") {
            continue;
        }
        let body = after[..end]
            .split(|char: char| !char.is_ascii() || !Class::Base64.has(char as u8))
            .find(|part| part.len() >= SHORTEST && !placeholder(part));
        if let Some(body) = body {
            // The fingerprint is that of the key's first line.
            let start = body.as_ptr() as usize - text.as_ptr() as usize;
            hits.push(Hit {
                severity: Severity::Error,
                what: "a private key",
                secret: &text[start..start + body.len()],
                at,
            });
        }
    }
}

/// JSON web tokens: two parts that are JSON, and a signature. Many are samples, and most do not live long.
fn web_tokens<'t>(text: &'t str, hits: &mut Vec<Hit<'t>>) {
    for (at, _) in text.match_indices("eyJ") {
        if text[..at]
            .bytes()
            .next_back()
            .is_some_and(|byte| Class::Dotted.has(byte))
        {
            continue;
        }
        let secret = &text[at..at + run(&text[at..], |byte| Class::Dotted.has(byte))];
        let parts: Vec<&str> = secret.split('.').collect();
        if let [head, body, signature] = parts.as_slice()
            && head.len() > 15
            && body.starts_with("eyJ")
            && signature.len() >= 20
        {
            hits.push(Hit {
                severity: Severity::Warning,
                what: "a JSON web token",
                secret,
                at,
            });
        }
    }
}

/// `postgres://user:password@db.example.com/`: the host is one that others can reach.
fn addresses<'t>(text: &'t str, hits: &mut Vec<Hit<'t>>) {
    for (colon, _) in text.match_indices("://") {
        let start = colon + 3;
        let authority = &text[start
            ..start
                + run(&text[start..], |byte| {
                    Class::Value.has(byte)
                        && !matches!(byte, b'/' | b',' | b')' | b'(' | b'[' | b']' | b'|')
                })];
        let Some((user, host)) = authority.rsplit_once('@') else {
            continue;
        };
        let Some((name, secret)) = user.split_once(':') else {
            continue;
        };
        let host = host.split(':').next().unwrap_or_default();
        let local = !host.contains('.')
            || host.starts_with("127.")
            || host.starts_with("0.")
            || host.contains("example")
            || host.ends_with(".local")
            || host.ends_with(".invalid")
            || host.ends_with(".test");
        let known = secret.len() < 8
            || secret == name
            || placeholder(secret)
            || common(secret)
            || secret.contains(['*', '%', '#']);
        // A word may be somebody's password, and is more often that of a test.
        let letters = secret.bytes().filter(u8::is_ascii_alphabetic).count();
        let digits = secret.bytes().filter(u8::is_ascii_digit).count();
        let severity = match letters > 1 && digits > 1 && entropy(secret) > 2.8 {
            true => Severity::Error,
            false => Severity::Warning,
        };
        if !local && !known {
            hits.push(Hit {
                severity,
                what: "an address with a password",
                secret,
                at: start + name.len() + 1,
            });
        }
    }
}

const NAMES: &[&str] = &[
    "password",
    "passwd",
    "secret",
    "token",
    "api_key",
    "apikey",
    "access_key",
    "Password",
    "Secret",
    "Token",
    "ApiKey",
    "AccessKey",
    "PASSWORD",
    "PASSWD",
    "SECRET",
    "TOKEN",
    "API_KEY",
    "APIKEY",
    "ACCESS_KEY",
];

/// `password = "…"`, where the value looks as if a machine had made it.
fn assignments<'t>(text: &'t str, hits: &mut Vec<Hit<'t>>) {
    for name in NAMES {
        if !text.contains(name) {
            continue;
        }
        for (at, _) in text.match_indices(name) {
            let Some((quoted, secret)) = assigned(&text[at + name.len()..]) else {
                continue;
            };
            let start = secret.as_ptr() as usize - text.as_ptr() as usize;
            // The secret key of AWS has no prefix, but a length of its own.
            let line = text[..at].rsplit('\n').next().unwrap_or_default();
            let aws = line.len() < 200 && line.to_ascii_lowercase().contains("secret")
                || name.eq_ignore_ascii_case("secret");
            let aws = aws
                && secret.len() == 40
                && secret.bytes().all(|byte| Class::Base64.has(byte))
                && entropy(secret) > 4.2
                && secret.bytes().any(|byte| byte.is_ascii_uppercase())
                && secret.bytes().any(|byte| byte.is_ascii_lowercase());
            if placeholder(secret) || common(secret) {
                continue;
            }
            if aws {
                hits.push(Hit {
                    severity: Severity::Error,
                    what: "a secret key, as AWS makes them",
                    secret,
                    at: start,
                });
            } else if quoted && machine_made(secret) {
                hits.push(Hit {
                    severity: Severity::Warning,
                    what: "a value that looks like a secret",
                    secret,
                    at: start,
                });
            }
        }
    }
}

/// The value that follows a name: `_id: "x"`, `" => 'x'`, `=x`; and whether it is in quotes.
fn assigned(rest: &str) -> Option<(bool, &str)> {
    const LONGEST: usize = 20;
    let name = run(rest, |byte| Class::Word.has(byte));
    let rest = &rest[name..];
    if name > LONGEST {
        return None;
    }
    let rest = rest
        .strip_prefix(['"', '\''])
        .unwrap_or(rest)
        .trim_start_matches([' ', '\t']);
    let rest = [":=", "=>", "=", ":"]
        .iter()
        .find_map(|mark| rest.strip_prefix(mark))?;
    let rest = rest.trim_start_matches([' ', '\t']);
    let quote = rest
        .chars()
        .next()
        .filter(|char| matches!(char, '"' | '\'' | '`'));
    let body = match quote {
        Some(_) => &rest[1..],
        None => rest,
    };
    let secret = &body[..run(body, |byte| Class::Value.has(byte))];
    let closed = quote.is_none_or(|quote| body[secret.len()..].starts_with(quote));
    (closed && secret.len() >= 12).then_some((quote.is_some(), secret))
}

/// A text that nobody thinks up: letters and digits, no words, as mixed as chance makes them.
fn machine_made(secret: &str) -> bool {
    let letters = secret.bytes().filter(u8::is_ascii_alphabetic).count();
    let digits = secret.bytes().filter(u8::is_ascii_digit).count();
    let plain = secret.bytes().all(|byte| Class::Base64.has(byte))
        || secret.bytes().all(|byte| Class::Word.has(byte));
    plain
        && secret.len() >= 16
        && letters >= 4
        && digits >= 3
        && entropy(secret) >= 3.5
        && !secret.contains("--")
        && secret.matches('-').count() < 3
}

/// What stands where a secret would, so that readers know what to put there.
fn placeholder(secret: &str) -> bool {
    const WORDS: &[&str] = &[
        "example",
        "xxxx",
        "your",
        "placeholder",
        "changeme",
        "change-me",
        "dummy",
        "fake",
        "redacted",
        "0000000",
        "1234567",
        "abcdefg",
        "deadbeef",
    ];
    let lower = secret.to_ascii_lowercase();
    let bytes = lower.as_bytes();
    let next = bytes
        .windows(2)
        .filter(|pair| pair[1] == pair[0] + 1 || pair[1] == pair[0])
        .count();
    WORDS.iter().any(|word| lower.contains(word))
        || (bytes.len() > 8 && next * 2 > bytes.len())
        || (bytes.len() >= 16 && entropy(secret) < 2.5)
}

/// Passwords that are none.
fn common(secret: &str) -> bool {
    const WORDS: &[&str] = &[
        "password", "passwd", "secret", "postgres", "mysql", "token", "oauth", "x-access", "admin",
        "guest", "user", "test", "root",
    ];
    let lower = secret.to_ascii_lowercase();
    WORDS.iter().any(|word| lower.contains(word))
}

/// Bits for each byte, by Shannon.
#[expect(clippy::cast_precision_loss, reason = "a length of some hundred")]
fn entropy(text: &str) -> f64 {
    let mut counts = [0_usize; 256];
    text.bytes().for_each(|byte| counts[usize::from(byte)] += 1);
    let all = text.len() as f64;
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| *count as f64 / all)
        .map(|share| -share * share.log2())
        .sum()
}

#[cfg(test)]
mod tests;
