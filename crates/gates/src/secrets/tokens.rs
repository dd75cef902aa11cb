//! Tokens that can be known by their prefix, and which characters they are made of.

/// A token: its prefix, what it is, the characters after the prefix, and how many of them.
pub(super) struct Token {
    pub(super) prefix: &'static str,
    pub(super) what: &'static str,
    pub(super) class: Class,
    pub(super) least: usize,
    pub(super) most: usize,
}

const fn token(
    prefix: &'static str,
    what: &'static str,
    class: Class,
    least: usize,
    most: usize,
) -> Token {
    Token {
        prefix,
        what,
        class,
        least,
        most,
    }
}

/// Which characters a secret is made of.
#[derive(Clone, Copy)]
pub(super) enum Class {
    Alnum,
    Word,
    Upper,
    Hex,
    Base64,
    Dotted,
    Path,
    /// What may stand in a value without quotes, and is no variable.
    Value,
}

impl Class {
    pub(super) fn has(self, byte: u8) -> bool {
        let alnum = byte.is_ascii_alphanumeric();
        match self {
            Class::Alnum => alnum,
            Class::Word => alnum || matches!(byte, b'_' | b'-'),
            Class::Upper => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Class::Hex => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
            Class::Base64 => alnum || matches!(byte, b'+' | b'/' | b'='),
            Class::Dotted => alnum || matches!(byte, b'_' | b'-' | b'.'),
            Class::Path => alnum || byte == b'/',
            Class::Value => {
                byte.is_ascii_graphic()
                    && !matches!(
                        byte,
                        b'"' | b'\''
                            | b'`'
                            | b'['
                            | b']'
                            | b'$'
                            | b'{'
                            | b'}'
                            | b'<'
                            | b'>'
                            | b'\\'
                    )
            }
        }
    }

    /// The same for git.
    pub(super) fn pattern(self) -> &'static str {
        match self {
            Class::Alnum => "[A-Za-z0-9]",
            Class::Word => "[A-Za-z0-9_-]",
            Class::Upper => "[A-Z0-9]",
            Class::Hex => "[0-9a-f]",
            Class::Base64 => "[A-Za-z0-9+/=]",
            Class::Dotted => "[A-Za-z0-9_.-]",
            Class::Path => "[A-Za-z0-9/]",
            Class::Value => r#"[^][:space:]["'`${}<>\]"#,
        }
    }
}

pub(super) const TOKENS: &[Token] = &[
    token("AKIA", "an access key of AWS", Class::Upper, 16, 16),
    token("ASIA", "an access key of AWS", Class::Upper, 16, 16),
    token("ghp_", "a token of GitHub", Class::Alnum, 36, 255),
    token("gho_", "a token of GitHub", Class::Alnum, 36, 255),
    token("ghu_", "a token of GitHub", Class::Alnum, 36, 255),
    token("ghs_", "a token of GitHub", Class::Alnum, 36, 255),
    token("ghr_", "a token of GitHub", Class::Alnum, 36, 255),
    token("github_pat_", "a token of GitHub", Class::Word, 82, 82),
    token("glpat-", "a token of GitLab", Class::Dotted, 20, 300),
    token("xoxb-", "a token of Slack", Class::Word, 24, 255),
    token("xoxp-", "a token of Slack", Class::Word, 24, 255),
    token("xoxa-", "a token of Slack", Class::Word, 24, 255),
    token("xoxr-", "a token of Slack", Class::Word, 24, 255),
    token("xoxs-", "a token of Slack", Class::Word, 24, 255),
    token("xapp-", "a token of Slack", Class::Word, 24, 255),
    token(
        "hooks.slack.com/services/",
        "a webhook of Slack",
        Class::Path,
        40,
        80,
    ),
    token("sk_live_", "a key of Stripe", Class::Alnum, 20, 255),
    token("rk_live_", "a key of Stripe", Class::Alnum, 20, 255),
    token("AIza", "a key of Google", Class::Word, 35, 35),
    token("npm_", "a token of npm", Class::Alnum, 36, 36),
    token("pypi-AgE", "a token of PyPI", Class::Word, 50, 500),
    token("cio", "a token of Cargo's registry", Class::Alnum, 32, 32),
    token("sk-ant-", "a key of Anthropic", Class::Word, 80, 200),
    token("sk-proj-", "a key of OpenAI", Class::Word, 40, 255),
    token("SG.", "a key of SendGrid", Class::Dotted, 66, 66),
    token("dop_v1_", "a token of DigitalOcean", Class::Hex, 64, 64),
    token("hvs.", "a token of Vault", Class::Word, 24, 255),
    token("hf_", "a token of Hugging Face", Class::Alnum, 34, 34),
    token("dckr_pat_", "a token of Docker", Class::Word, 27, 27),
    token("AGE-SECRET-KEY-1", "a key of age", Class::Upper, 58, 58),
    token(
        "AccountKey=",
        "a key of Azure storage",
        Class::Base64,
        86,
        88,
    ),
    token(
        "_authToken=",
        "a token of a package registry",
        Class::Value,
        16,
        255,
    ),
];
