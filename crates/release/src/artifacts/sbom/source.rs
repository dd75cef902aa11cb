//! Where packages come from, as lock files write it, in the words of package URLs. No path of this machine and nobody's
//! password goes on from here.

use archive::sbom::{Hash, License, Link, Purl};

/// A package in a repository of git: `url` with or without `git+`, and the commit. A repository that is a path of somebody's
/// machine is not named.
pub(super) fn of_git(
    kind: &'static str,
    name: &str,
    version: &str,
    url: &str,
    commit: &str,
) -> Purl {
    let url = url.strip_prefix("git+").unwrap_or(url);
    match remote(url) {
        Some(url) => Purl::new(kind, name, version).with("vcs_url", &format!("git+{url}@{commit}")),
        None => Purl::new("generic", name, version).with("commit", commit),
    }
}

/// An archive by its address; one that is a path is a package of no registry.
pub(super) fn of_archive(kind: &'static str, name: &str, version: &str, url: &str) -> Purl {
    match remote(url) {
        Some(url) => Purl::new(kind, name, version).with("download_url", &url),
        None => Purl::new("generic", name, version),
    }
}

/// The address of another machine, without a user's password; `None`: it is none.
pub(super) fn remote(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    if !["https", "http", "ssh", "git"].contains(&scheme) {
        return None;
    }
    let sound = |char: char| char.is_ascii_graphic() && !"\"<>\\^`{|}[]".contains(char);
    if !url.chars().all(sound) {
        return None;
    }
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = match authority.rsplit_once('@') {
        None => authority.to_owned(),
        // The user of ssh is part of the address, that of the others is somebody who may come in.
        Some((user, host)) if scheme == "ssh" => {
            format!("{}@{host}", user.split(':').next().unwrap_or(user))
        }
        Some((_, host)) => host.to_owned(),
    };
    (!host.is_empty()).then(|| format!("{scheme}://{host}{path}"))
}

/// A link, where the text is an address that a person can open.
pub(super) fn link(kind: &'static str, text: &str) -> Option<Link> {
    let text = text.strip_prefix("git+").unwrap_or(text);
    let url = remote(text.trim())?;
    Some(Link { kind, url })
}

/// What a package says of its licence. `UNLICENSED` and the like are no licence of SPDX, and are what it says.
pub(super) fn license(text: &str) -> License {
    match gates::licences::expression(text) {
        Some(expression) => License::Expression(expression),
        None => License::Named(text.trim().to_owned()),
    }
}

/// The digests of an `integrity`: `sha512-BASE64`, several of them with spaces between (W3C, "Subresource Integrity").
/// What is no digest of a known kind is left out.
pub(super) fn hashes(integrity: &str) -> Vec<Hash> {
    integrity
        .split_ascii_whitespace()
        .filter_map(|one| {
            let (name, rest) = one.split_once('-')?;
            let (algorithm, bytes) = match name {
                "sha1" => ("SHA-1", 20),
                "sha256" => ("SHA-256", 32),
                "sha384" => ("SHA-384", 48),
                "sha512" => ("SHA-512", 64),
                _ => return None,
            };
            let digest = base64(rest.split('?').next().unwrap_or(rest))?;
            (digest.len() == bytes).then(|| Hash {
                algorithm,
                hex: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
            })
        })
        .collect()
}

/// RFC 4648, section 4.
fn base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut held) = (0_u32, 0_u32);
    for byte in text.trim_end_matches('=').bytes() {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(six);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held & 0xff) as u8);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::{hashes, license, of_archive, of_git, remote};
    use archive::sbom::License;

    #[test]
    fn digests_are_hex() {
        // SHA-1 and SHA-256 of nothing.
        let all = hashes(
            "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk= sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=?x sha512-AAAA md5-AAAA x",
        );
        let all: Vec<(&str, &str)> = all.iter().map(|one| (one.algorithm, &*one.hex)).collect();
        assert_eq!(
            all,
            [
                ("SHA-1", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
                (
                    "SHA-256",
                    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
                )
            ]
        );
    }

    #[test]
    fn nobody_s_password_and_no_path_goes_on() {
        for (url, goes_on) in [
            (
                "https://forge.example/x.git",
                Some("https://forge.example/x.git"),
            ),
            (
                "https://me:secret@forge.example/x",
                Some("https://forge.example/x"),
            ),
            ("https://token@forge.example", Some("https://forge.example")),
            (
                "ssh://git@forge.example/x",
                Some("ssh://git@forge.example/x"),
            ),
            (
                "ssh://git:secret@forge.example/x",
                Some("ssh://git@forge.example/x"),
            ),
            ("file:///somewhere/x", None),
            ("/somewhere/x", None),
            ("https:///x", None),
            ("https://forge.example/a b", None),
            ("forge:team/x", None),
        ] {
            assert_eq!(remote(url).as_deref(), goes_on, "{url}");
        }
        let purl = of_git("cargo", "x", "1.0.0", "git+file:///somewhere/x", "0123");
        assert_eq!(purl.to_string(), "pkg:generic/x@1.0.0?commit=0123");
        let purl = of_git(
            "npm",
            "x",
            "1.0.0",
            "git+ssh://git@forge.example/x.git",
            "0123",
        );
        assert_eq!(
            purl.to_string(),
            "pkg:npm/x@1.0.0?vcs_url=git%2Bssh://git%40forge.example/x.git%400123"
        );
        let purl = of_archive("npm", "x", "1.0.0", "file:/somewhere/x.tgz");
        assert_eq!(purl.to_string(), "pkg:generic/x@1.0.0");
    }

    #[test]
    fn licences_are_expressions_where_they_can_be() {
        let expression = |text: &str| License::Expression(text.to_owned());
        assert_eq!(license("MIT"), expression("MIT"));
        assert_eq!(license("MIT/Apache-2.0"), expression("MIT OR Apache-2.0"));
        assert_eq!(license("(MIT OR CC0-1.0)"), expression("(MIT OR CC0-1.0)"));
        for text in ["UNLICENSED", "SEE LICENSE IN x/y.md", "BSD", "Apache 2.0"] {
            assert_eq!(license(text), License::Named(text.to_owned()));
        }
    }
}
