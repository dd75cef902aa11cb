//! What registries ask of packages: crates in `crates` and `rules`, packages of npm, pnpm and yarn in `npm` and `targets`.

pub(crate) mod crates;
pub(crate) mod npm;
mod rules;
mod targets;

use crate::{Cx, Findings};

/// A packed package against the limit of the settings. `size` in bytes.
fn weigh(cx: &Cx, findings: &mut Findings, path: &str, name: &str, size: u64) {
    let limit = cx.config.gates.publishable.max_mib;
    if size > limit.saturating_mul(1 << 20) {
        findings
            .error(format!(
                "`{name}` is packed {size} bytes long: more than {limit} MiB"
            ))
            .at(path)
            .help("leave out what users do not need, or set gates.publishable.max_mib to what the registry takes");
    }
}

/// Whether the text is an address that a registry will link to.
fn is_url(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        !host.is_empty() && !text.contains(|char: char| char.is_whitespace() || char.is_control())
    })
}

#[cfg(test)]
mod tests {
    use super::is_url;

    #[test]
    fn addresses() {
        for (text, good) in [
            ("https://forge.example.com/team/x", true),
            ("http://docs.example", true),
            ("forge.example.com/team/x", false),
            ("git@forge.example.com:team/x", false),
            ("https:///x", false),
            ("https://", false),
            ("https://a b", false),
            ("ftp://files.example", false),
            ("", false),
        ] {
            assert_eq!(is_url(text), good, "{text}");
        }
    }
}
