//! One secret of each kind, put together so that none is written out.

use gates::Severity;

/// Characters as chance gives them.
const MIXED: &str = concat!(
    "q7Xz", "P2mK9v", "Rt4Wb8", "Ls1Yd6", "Hn3Jc5", "Fg0QaZ", "xE"
);
const UPPER: &str = concat!("Q3EG", "RTTH", "SKHV", "J7QW");

pub(super) fn body(length: usize) -> String {
    MIXED.chars().cycle().take(length).collect()
}

pub(super) fn token() -> String {
    format!("gh{}{}", "p_", body(36))
}

/// What, the line that is put into a good file, severity, words of the message.
pub(super) fn secrets() -> Vec<(&'static str, String, Severity, &'static str)> {
    let (error, warning) = (Severity::Error, Severity::Warning);
    let tokens = tokens();
    let mut all: Vec<_> = tokens
        .into_iter()
        .map(|(what, prefix, body, words)| (what, format!("x = \"{prefix}{body}\""), error, words))
        .collect();
    let key = concat!("-----BEGIN ", "PRIVATE KEY-----");
    all.push((
        "key in a line",
        format!("\"{key}\\n{}\\n\"", body(64)),
        error,
        "private key",
    ));
    all.push((
        "key in lines",
        format!("{key}\n{}\n{}", body(64), body(20)),
        error,
        "private key",
    ));
    all.push((
        "aws secret",
        format!("aws_secret_access_key = {}", body(40)),
        error,
        "secret key, as AWS makes them",
    ));
    all.push((
        "address",
        format!("url: postgres://app:{}@db.corp.net/x", body(14)),
        error,
        "address with a password",
    ));
    all.push((
        "address without a name",
        format!("redis://:{}@cache.corp.net", body(14)),
        error,
        "address with a password",
    ));
    all.push((
        "password",
        format!("password = \"{}\"", body(24)),
        warning,
        "looks like a secret",
    ));
    all.push((
        "web token",
        format!("{0}{1}.{0}{1}.{1}", "eyJ", body(24)),
        warning,
        "JSON web token",
    ));
    all
}

/// What, prefix, the rest, words of the message.
#[rustfmt::skip]
fn tokens() -> Vec<(&'static str, &'static str, String, &'static str)> {
    vec![
        ("aws key", "AKIA", UPPER.to_owned(), "access key of AWS"),
        ("github", "ghp_", body(36), "token of GitHub"),
        ("github app", "ghs_", body(36), "token of GitHub"),
        ("github fine-grained", "github_pat_", body(82), "token of GitHub"),
        ("gitlab", "glpat-", body(20), "token of GitLab"),
        ("slack", "xoxb-", body(40), "token of Slack"),
        ("slack webhook", "hooks.slack.com/services/", format!("T{}/B{}/{}", &UPPER[..8], &UPPER[4..12], body(24)), "webhook of Slack"),
        ("stripe", "sk_live_", body(24), "key of Stripe"),
        ("google", "AIza", body(35), "key of Google"),
        ("npm", "npm_", body(36), "token of npm"),
        ("pypi", "pypi-AgE", body(60), "token of PyPI"),
        ("cargo", "cio", body(32), "token of Cargo"),
        ("anthropic", "sk-ant-", body(95), "key of Anthropic"),
        ("openai", "sk-proj-", body(48), "key of OpenAI"),
        ("sendgrid", "SG.", format!("{}.{}", body(22), body(43)), "key of SendGrid"),
        ("digitalocean", "dop_v1_", "0a9f3c7be215d846".repeat(4), "token of DigitalOcean"),
        ("vault", "hvs.", body(30), "token of Vault"),
        ("hugging face", "hf_", body(34), "token of Hugging Face"),
        ("docker", "dckr_pat_", body(27), "token of Docker"),
        ("age", "AGE-SECRET-KEY-1", UPPER.repeat(4)[..58].to_owned(), "key of age"),
        ("azure", "AccountKey=", body(86), "key of Azure storage"),
        ("npmrc", "//registry.example/:_authToken=", body(20), "token of a package registry"),
    ]
}
