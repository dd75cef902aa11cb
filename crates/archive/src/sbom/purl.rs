//! Package URLs: `pkg:npm/%40scope/name@1.0.0?vcs_url=…`, in the one form that the specification calls canonical.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

/// Names a package over all registries.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Purl {
    /// `cargo`, `npm`, `generic`.
    pub kind: &'static str,
    /// With its scope where it has one: `@scope/name`.
    pub name: String,
    /// Empty: none is written.
    pub version: String,
    /// Where it comes from when that is not the registry of its kind: `repository_url`, `vcs_url`, `download_url`.
    pub qualifiers: BTreeMap<&'static str, String>,
}

impl Purl {
    /// Of the registry of its kind.
    #[must_use]
    pub fn new(kind: &'static str, name: &str, version: &str) -> Purl {
        Purl {
            kind,
            name: name.to_owned(),
            version: version.to_owned(),
            qualifiers: BTreeMap::new(),
        }
    }

    /// With one more qualifier; an empty one is none.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: &str) -> Purl {
        if !value.is_empty() {
            self.qualifiers.insert(key, value.to_owned());
        }
        self
    }
}

impl fmt::Display for Purl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pkg:{}/{}", self.kind, Encoded(&self.name, "/"))?;
        if !self.version.is_empty() {
            write!(f, "@{}", Encoded(&self.version, ""))?;
        }
        let mut separator = '?';
        for (key, value) in &self.qualifiers {
            write!(f, "{separator}{key}={}", Encoded(value, "/"))?;
            separator = '&';
        }
        Ok(())
    }
}

/// A text percent-encoded, less letters, digits, `.-_~:` and what else may stand.
struct Encoded<'a>(&'a str, &'static str);

impl fmt::Display for Encoded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0.bytes() {
            let char = char::from(byte);
            if byte.is_ascii_alphanumeric() || ".-_~:".contains(char) || self.1.contains(char) {
                f.write_char(char)?;
            } else {
                write!(f, "%{byte:02X}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Purl;

    #[test]
    fn every_part_is_encoded_as_the_specification_has_it() {
        let plain = Purl::new("cargo", "rand", "0.7.2");
        assert_eq!(plain.to_string(), "pkg:cargo/rand@0.7.2");
        let scoped = Purl::new("npm", "@angular/animation", "12.3.1+b.1");
        assert_eq!(
            scoped.to_string(),
            "pkg:npm/%40angular/animation@12.3.1%2Bb.1"
        );
        let of_git = Purl::new("generic", "a b", "")
            .with("vcs_url", "git+https://forge.example/x.git@0123?a=b&c")
            .with("download_url", "")
            .with("checksum", "sha256:00");
        assert_eq!(
            of_git.to_string(),
            "pkg:generic/a%20b?checksum=sha256:00&vcs_url=git%2Bhttps://forge.example/x.git%400123%3Fa%3Db%26c"
        );
        assert_eq!(
            Purl::new("npm", "grüße", "1").to_string(),
            "pkg:npm/gr%C3%BC%C3%9Fe@1"
        );
    }
}
